package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"authseed/importer/graph/graphsim"
	"authseed/importer/schedule"
	"authseed/importer/telemetry"
)

// wire is a connection to the database of AUTHSEED_TEST_POSTGRES that can be cut.
type wire struct {
	address string
	mu      sync.Mutex
	cut     bool
	conns   []net.Conn
}

func newWire(t *testing.T) *wire {
	address := os.Getenv("AUTHSEED_TEST_POSTGRES")
	if address == "" {
		t.Skip("no PostgreSQL to test with: AUTHSEED_TEST_POSTGRES=postgres://... names one that may be written to")
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w, to := &wire{}, u.Host
	u.Host = listener.Addr().String()
	w.address = u.String()
	t.Cleanup(func() { _ = listener.Close(); w.set(true) })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			w.mu.Lock()
			if err != nil || w.cut {
				_ = near.Close()
			} else {
				w.conns = append(w.conns, near, far)
				go func() { _, _ = io.Copy(near, far); _ = near.Close() }()
				go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
			}
			w.mu.Unlock()
		}
	}()
	return w
}

// set cuts the wire, or mends it.
func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	if cut {
		for _, c := range w.conns {
			_ = c.Close()
		}
		w.conns = nil
	}
}

// TestSyncDatabaseGoesAway: at the beginning and before the first write nothing is
// written; later the night goes on without it, and the next one tells the ledger what
// it has missed.
func TestSyncDatabaseGoesAway(t *testing.T) {
	w := newWire(t)
	id := uuid.NewString()
	of := &graphsim.Tenant{ID: id, DisplayName: "Contoso", VerifiedDomains: []string{"contoso.example"}}
	for i := range 20 {
		of.Users = append(of.Users, graphsim.User{ID: tenantID(1000 + i), UserPrincipalName: fmt.Sprintf("p%02d@contoso.example", i), DisplayName: "Somebody"})
	}
	var cutAt func(graphsim.Call) bool
	var mu sync.Mutex
	sim, err := graphsim.New(graphsim.Options{Tenant: of, Fault: func(c graphsim.Call) *graphsim.Fault {
		mu.Lock()
		defer mu.Unlock()
		if cutAt != nil && cutAt(c) {
			cutAt = nil
			w.set(true)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	defer server.Close()
	o := &office{t, t.TempDir(), map[string]string{
		"AUTHSEED_ACCESS_TOKEN": "any", "AUTHSEED_STATE": w.address, "AUTHSEED_STATE_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
	}}
	o.write("map.yaml", "version: 1\nmatch:\n  - {attribute: userPrincipalName, column: userPrincipalName}\nmethods:\n  mobile: {columns: [mobile]}\npolicy: {mobile: own}\n")
	o.write("sync.yaml", fmt.Sprintf(`version: 1
tenants:
  - name: contoso
    tenant: {id: %s, auth: token, access_token: {env: AUTHSEED_ACCESS_TOKEN}, graph_url: "%s/v1.0"}
    source: {file: hr.csv}
    mapping: map.yaml
    limits: {max_change_percent: 100}
`, id, server.URL))
	isWrite := func(c graphsim.Call) bool { return c.Batched && c.Method != http.MethodGet }
	isRead := func(c graphsim.Call) bool { return strings.Contains(c.Path, "/authentication/") }
	numbers := func(area string) string { return strings.ReplaceAll(hrOf(20), "+1 206", "+1 "+area) }
	for at, night := range []struct {
		area    string
		before  bool // it is away at the beginning
		cutAt   func(graphsim.Call) bool
		status  int
		outcome schedule.Outcome
		writes  int64
		said    []string
	}{
		{"206", true, nil, 1, schedule.Failed, 0, []string{"error: locking tenant " + id, "hint: see that the database of AUTHSEED_STATE runs"}},
		{"206", false, isRead, 1, schedule.Failed, 0, []string{"error: the ledger in PostgreSQL cannot be used", "hint: see that the database of AUTHSEED_STATE runs"}},
		{"206", false, nil, 0, schedule.Applied, 20, nil},
		{"212", false, isWrite, 0, schedule.Applied, 20, []string{"warning: the ledger does not know yet what authseed wrote", "warning: the database went away during the night"}},
		{"212", false, nil, 0, schedule.Unchanged, 0, nil},
		{"303", false, isWrite, 0, schedule.Applied, 20, []string{"warning: the ledger does not know yet what authseed wrote"}},
		{"312", true, nil, 1, schedule.Failed, 0, []string{"error: locking tenant " + id}},
		{"312", false, nil, 0, schedule.Applied, 20, nil},
		{"404", false, nil, 0, schedule.Applied, 20, nil},
	} {
		mu.Lock()
		cutAt = night.cutAt
		mu.Unlock()
		w.set(night.before)
		o.write("hr.csv", numbers(night.area))
		before := sim.Stats().Writes
		status, all, said := o.sync()
		n := all.Tenants[0]
		if writes := sim.Stats().Writes - before; status != night.status || n.Outcome != night.outcome || writes != night.writes {
			t.Errorf("night %d: %d %s, %d writes; want %d %s, %d\n%s", at, status, n.Outcome, writes, night.status, night.outcome, night.writes, said)
		}
		for _, text := range night.said {
			if !strings.Contains(said, text) {
				t.Errorf("night %d does not say %q:\n%s", at, text, said)
			}
		}
		if night.said == nil && strings.Contains(said, "warning") && at != 2 { // no ledger yet
			t.Errorf("night %d says %s", at, said)
		}
		if strings.Contains(said, w.address) {
			t.Errorf("night %d shows the address of the database: %s", at, said)
		}
	}
	for _, u := range sim.Tenant().Users {
		if len(u.PhoneMethods) != 1 || !strings.HasPrefix(u.PhoneMethods[0].PhoneNumber, "+1 404") {
			t.Errorf("%s did not follow HR", u.UserPrincipalName)
		}
	}
}

type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestTellingHangs: a webhook that hangs holds the nights of fifty tenants up for a
// minute, and for two seconds once somebody wants the process gone. It is said once.
func TestTellingHangs(t *testing.T) {
	for name, test := range map[string]struct{ stopAfter, want time.Duration }{
		"nobody is in a hurry":  {0, time.Minute},
		"stopped meanwhile":     {10 * time.Second, 12 * time.Second},
		"stopped at the end of": {59500 * time.Millisecond, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				before := http.DefaultTransport
				http.DefaultTransport = silent{}
				defer func() { http.DefaultTransport = before }()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if test.stopAfter > 0 {
					time.AfterFunc(test.stopAfter, cancel)
				}
				hook, err := telemetry.NewWebhook("https://hooks.example.com/secret", telemetry.JSON)
				if err != nil {
					t.Fatal(err)
				}
				var said bytes.Buffer
				a := &app{Env: Env{Stderr: &said}}
				nights := make([]*telemetry.Summary, 50)
				for i := range nights {
					nights[i] = &telemetry.Summary{Command: "sync", Job: fmt.Sprint("t", i), Outcome: telemetry.Failed}
				}
				began := time.Now()
				a.publishAll(ctx, &telemetryFlags{on: []string{"failure"}, webhook: hook}, nights)
				if took := time.Since(began); took != test.want {
					t.Errorf("it took %v, want %v", took, test.want)
				}
				if lines := strings.Count(said.String(), "\n"); lines < 1 || lines > 2 || !strings.Contains(said.String(), "warning: notifying hooks.example.com: ") || strings.Contains(said.String(), "secret") {
					t.Errorf("it said %s", said.String())
				}
			})
		})
	}
}
