package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"authseed/importer/graph/graphsim"
	"authseed/mapping"
	"authseed/mapping/table"
	"authseed/samples"
)

func (a *app) sandboxCommand() *cobra.Command {
	var (
		listen  string
		tenant  string
		workers string
		latency time.Duration
		users   int
		seed    uint64
		broken  leverFlags
	)
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve the built-in Graph simulator on loopback",
		Long: `Sandbox serves a tenant that lives in memory and speaks Microsoft Graph: the
sample's, one from a file (saved back at the end), or one of --users people made
up from --seed. It takes every token. The first line of standard output is its
service root.

It throttles, fails and misbehaves as the service does, when asked to; the last
line it says tells what came of it.

` + faultNames(),
		Example: `  authseed sandbox --users 5000 --workers people.csv
  authseed sandbox --rate 5 --burst 20 --faults 503=0.02,trip-cut-after=0.01 --stale 3s
  AUTHSEED_ACCESS_TOKEN=any authseed plan --auth token --graph-url http://127.0.0.1:PORT/v1.0 people.csv`,
		Args: exactly(0, "argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			levers, err := broken.levers(cmd.Flags(), seed)
			if err != nil {
				return err
			}
			t, err := chooseTenant(cmd, tenant, users, seed)
			if err != nil {
				return err
			}
			if workers != "" {
				write := func(w io.Writer) error { return table.Encode(w, workersOf(t)) }
				if err := replaceFile(workers, write); err != nil {
					return err
				}
			}
			server, err := graphsim.New(graphsim.Options{Tenant: t, Latency: latency, Levers: levers})
			if err != nil {
				return fmt.Errorf("setting the sandbox up: %w", err)
			}
			err = a.serve(cmd.Context(), listen, server)
			switch {
			case tenant == "":
			case server.Stats().Drifted > 0: // which is no write of a caller's
				err = errors.Join(err, replaceFile(tenant, server.Tenant().Save))
			default:
				err = errors.Join(err, saveTenant(tenant, server))
			}
			return err
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "loopback address; port 0 takes a free one")
	cmd.Flags().StringVar(&tenant, "tenant", "", "tenant to load and save back (default: the sample's)")
	cmd.Flags().IntVar(&users, "users", 0, "make up a tenant of this many people")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "seed of the made-up tenant, and of what is left to chance")
	cmd.Flags().DurationVar(&latency, "latency", 0, "answer no sooner than this, as a network would")
	cmd.Flags().StringVar(&workers, "workers", "", "write a file to plan: a number and an address for everybody in the tenant")
	broken.add(cmd.Flags())
	return cmd
}

func chooseTenant(cmd *cobra.Command, file string, users int, seed uint64) (*graphsim.Tenant, error) {
	switch {
	case file != "" && cmd.Flags().Changed("users"):
		return nil, &usageError{errors.New("--tenant and --users are two different tenants"), "give one of them"}
	case users < 0 || users > 2_000_000:
		return nil, &usageError{fmt.Errorf("--users %d is not between 1 and 2,000,000", users), ""}
	case users > 0:
		return graphsim.Generate(users, seed), nil
	case file != "":
		return loadTenant(file)
	}
	return loadTenant(samples.Default)
}

// workersOf makes a file in authseed's own columns: a private address for
// everybody, and a number for as many as there are numbers kept for fiction.
func workersOf(t *graphsim.Tenant) []mapping.Record {
	records := make([]mapping.Record, 0, len(t.Users))
	for i, u := range t.Users {
		number, _ := samples.Number(i)
		records = append(records, mapping.Record{
			UserPrincipalName: u.UserPrincipalName, Mobile: number, Email: fmt.Sprintf("private%06d@example.org", i),
		})
	}
	return records
}

// serve answers until the context ends.
func (a *app) serve(ctx context.Context, address string, simulator *graphsim.Server) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return &usageError{fmt.Errorf("--listen %q is not host:port", address), "--listen 127.0.0.1:8080"}
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return &usageError{fmt.Errorf("--listen %s is not a loopback address", address), "the sandbox takes every token, so it serves this machine only: --listen 127.0.0.1:8080"}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return &hinted{fmt.Errorf("serving the sandbox: %w", err), "--listen 127.0.0.1:0 takes a free port"}
	}
	server := &http.Server{Handler: simulator, ReadHeaderTimeout: 10 * time.Second}
	root := "http://" + listener.Addr().String() + "/v1.0"
	fmt.Fprintln(a.Stdout, root)
	a.say("sandbox of %d people; set AUTHSEED_ACCESS_TOKEN to any text and use --auth token --graph-url %s", len(simulator.Tenant().Users), root)
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(last)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the sandbox: %w", err)
	}
	s := simulator.Stats()
	a.say("sandbox: %d round trips, %d requests, %d writes, at most %d at once for a person, %d creates of what existed, %d refused for pace, %d came early",
		s.RoundTrips, s.Items, s.Writes, s.MaxWritesPerPerson, s.DuplicateCreates, s.ThrottledItems, s.Early)
	return <-stopped
}
