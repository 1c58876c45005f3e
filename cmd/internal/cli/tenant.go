package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/pace"
	"authseed/importer/private"
	"authseed/samples"
)

// tenantFlags say which tenant to talk to, and how fast.
type tenantFlags struct {
	sandbox     string
	auth        string
	cloud       string
	url         string
	rate        float64
	concurrency int
	wait        bool
}

func (t *tenantFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&t.sandbox, "sandbox", "", "use the simulator inside the process instead of a tenant; with =TENANT.json it is loaded from the file and saved back")
	flags.Lookup("sandbox").NoOptDefVal = samples.Default
	flags.StringVar(&t.auth, "auth", "default", "sign-in: default, cli, managed-identity, workload-identity, certificate, secret, device-code, browser or token")
	flags.StringVar(&t.cloud, "cloud", "global", "global, usgov, dod or china")
	flags.StringVar(&t.url, "graph-url", "", "service root instead of the cloud's, such as http://127.0.0.1:8080/v1.0")
	flags.Float64Var(&t.rate, "rate", 0, "requests a second at most (default: as many as the service allows)")
	flags.IntVar(&t.concurrency, "concurrency", 8, "batches in flight at most")
	flags.BoolVar(&t.wait, "wait", false, "wait even when the service asks for more than an hour")
}

func (t *tenantFlags) check() error {
	switch {
	case t.rate < 0:
		return &usageError{errors.New("--rate is a number of requests a second, above 0"), ""}
	case !slices.Contains(graph.SignInModes(), t.auth):
		return &usageError{fmt.Errorf("--auth: there is no way to sign in called %q", t.auth), "--auth " + strings.Join(graph.SignInModes(), ", ")}
	case t.concurrency < 1 || t.concurrency > 64:
		return &usageError{fmt.Errorf("--concurrency %d is not between 1 and 64", t.concurrency), ""}
	case t.sandbox != "" && t.url != "":
		return &usageError{errors.New("--sandbox and --graph-url are two different tenants"), "give one of them"}
	}
	return graph.CheckURL(t.url)
}

func (t *tenantFlags) pacer() *pace.Pacer { return pace.NewPacer(pace.Limits{Rate: t.rate}) }

// longestWait is how long somebody may be kept waiting who has not said --wait.
const longestWait = time.Hour

// maxWait is the longest wait that is kept; 0 for every one.
func (t *tenantFlags) maxWait() time.Duration {
	if t.wait {
		return 0
	}
	return longestWait
}

// connect signs in, or sets the sandbox up. close keeps what a sandbox has
// become, where it came from a file.
func (a *app) connect(t tenantFlags) (client *graph.Client, close func() error, err error) {
	if err := t.check(); err != nil {
		return nil, nil, err
	}
	cloud, err := graph.ParseCloud(t.cloud)
	if err != nil {
		return nil, nil, &usageError{err, "--cloud global, usgov, dod or china"}
	}
	options := graph.Options{Cloud: cloud, URL: t.url, Version: a.Version}
	signIn := graph.SignInOptions{Mode: t.auth, Cloud: cloud, Getenv: a.Getenv, Prompt: a.talk()}
	close = func() error { return nil }
	if t.sandbox != "" {
		server, err := openSandbox(t.sandbox, cloud)
		if err != nil {
			return nil, nil, err
		}
		options.Transport = server.Transport()
		signIn = graph.SignInOptions{Mode: "token", Cloud: cloud, Getenv: func(string) string { return sandboxToken }}
		if t.sandbox != samples.Default {
			close = func() error { return saveTenant(t.sandbox, server) }
		}
	}
	if options.Credential, err = graph.SignIn(signIn); err != nil {
		return nil, nil, err
	}
	if client, err = graph.New(options); err != nil {
		return nil, nil, err
	}
	a.watch.connected(client.Requests)
	return client, close, nil
}

// sandboxToken is any text: the simulator takes every token.
const sandboxToken = "sandbox"

func openSandbox(name string, cloud graph.Cloud) (*graphsim.Server, error) {
	tenant, err := loadTenant(name)
	if err != nil {
		return nil, err
	}
	server, err := graphsim.New(graphsim.Options{Tenant: tenant, Cloud: string(cloud)})
	if err != nil {
		return nil, fmt.Errorf("setting the sandbox up: %w", err)
	}
	return server, nil
}

// loadTenant reads the sample's tenant or one from a file.
func loadTenant(name string) (*graphsim.Tenant, error) {
	var content io.Reader
	if name == samples.Default {
		sample, err := samples.Open(samples.Default)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(sample.Tenant)
	} else {
		file, err := os.Open(name)
		if err != nil {
			return nil, &hinted{fmt.Errorf("opening the sandbox's tenant: %w", err), "--sandbox alone uses the sample's tenant"}
		}
		defer file.Close()
		content = file
	}
	tenant, err := graphsim.Load(content)
	if err != nil {
		return nil, fmt.Errorf("reading the sandbox's tenant %s: %w", name, err)
	}
	return tenant, nil
}

// saveTenant keeps what a simulator's tenant has become, if anything was written
// to it.
func saveTenant(name string, server *graphsim.Server) error {
	if server.Stats().Writes == 0 {
		return nil
	}
	return replaceFile(name, server.Tenant().Save)
}

// replaceFile writes a file that only its owner may read, whole or not at all.
func replaceFile(name string, write func(io.Writer) error) error {
	err := private.Replace(name, write)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return &hinted{fmt.Errorf("saving %s: %w", name, cause(err)), "give a file in a folder that exists and that you may write to, and that no other program has open"}
	}
	return fmt.Errorf("saving %s: %w", name, cause(err))
}

// cause leaves out the name of a file that nobody asked for.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err
	}
	return err
}

// runs is the folder of the runs.
func (a *app) runs() (string, error) {
	if a.stateDir != "" {
		return filepath.Join(a.stateDir, "runs"), nil
	}
	dir, err := stateHome(a.Getenv)
	if err != nil {
		return "", &hinted{err, "say where with --state-dir"}
	}
	return filepath.Join(dir, "authseed", "runs"), nil
}
