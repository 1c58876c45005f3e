//go:build unix

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"authseed/importer/graph/graphsim"
	"authseed/importer/schedule"
)

var (
	tenants      = flag.Int("tenants", 0, "seed so many tenants side by side in one process, such as 50, in real time, and measure")
	tenantPeople = flag.Int("tenant-people", 2000, "with -tenants: so many people each")
)

// TestTenants runs a night of many tenants in a process of its own, each at a
// service that lets 20 requests a second through, by HTTP: within 10 % of the
// slowest of them alone. With -tenants 50 it takes some minutes.
func TestTenants(t *testing.T) {
	if *tenants == 0 {
		t.Skip("it takes minutes: give -tenants 50")
	}
	folder := t.TempDir()
	var rows, config strings.Builder
	rows.WriteString("userPrincipalName,email\n")
	fmt.Fprintf(&config, "version: 1\nparallel: %d\ndefaults:\n  tenant: {auth: token}\n  source: {file: hr.csv}\n  limits: {max_change_percent: 100}\ntenants:\n", *tenants)
	for i := range *tenantPeople {
		fmt.Fprintf(&rows, "person%06d@contoso.example,new%06d@home.example\n", i+1, i)
	}
	// The alone one is there twice: once it is seeded, there is nothing to do.
	names := []string{"alone"}
	for i := range *tenants {
		names = append(names, fmt.Sprintf("t%02d", i))
	}
	var sims []*graphsim.Server
	for i, name := range names {
		latency := 30 + time.Duration(i)
		if name == "alone" {
			latency = 30 + time.Duration(*tenants) // as the slowest
		}
		tenant := graphsim.Generate(*tenantPeople, 6)
		tenant.ID = fmt.Sprintf("%08d-0000-4000-8000-000000000000", i+1)
		for u := range tenant.Users {
			user := &tenant.Users[u]
			user.UserType, user.AccountEnabled, user.PhoneMethods, user.EmailMethods = "", nil, nil, nil
		}
		sim, err := graphsim.New(graphsim.Options{
			Tenant: tenant, Latency: latency * time.Millisecond, Levers: graphsim.Levers{Seed: uint64(i), Throttle: graphsim.Throttle{Rate: 20}},
		})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(sim)
		defer server.Close()
		sims = append(sims, sim)
		fmt.Fprintf(&config, "  - name: %s\n    tenant: {id: %s, graph_url: \"%s/v1.0\"}\n", name, tenant.ID, server.URL)
	}
	for name, text := range map[string]string{"hr.csv": rows.String(), "sync.yaml": config.String()} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	alone, _, _ := tenantsNight(t, folder, names[:1])
	together, computed, megabytes := tenantsNight(t, folder, names[1:])
	for i, sim := range sims {
		if stats := sim.Stats(); stats.Writes != int64(*tenantPeople) || stats.DuplicateCreates != 0 {
			t.Errorf("%s: %+v", names[i], stats)
		}
	}
	t.Logf("%d tenants of %d people: one alone %v, side by side %v, %+.1f %%, with %v of processor time and %.0f MB at most",
		*tenants, *tenantPeople, alone, together, 100*(together.Seconds()/alone.Seconds()-1), computed, megabytes)
	if together > alone+alone/10 {
		t.Errorf("side by side it took %v, one alone %v", together, alone)
	}
}

// tenantsNight seeds these tenants, and gives how long it took, how much of it the
// process computed and how much memory it had.
func tenantsNight(t *testing.T, folder string, names []string) (took, computed time.Duration, megabytes float64) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "sync", "--quiet", "--output", "json", "--config", filepath.Join(folder, "sync.yaml"), "--only", strings.Join(names, ","))
	cmd.Args[0] = "authseed" // what TestMain makes it
	cmd.Env = []string{"AUTHSEED_ACCESS_TOKEN=any", "AUTHSEED_STATE_DIR=" + filepath.Join(folder, "state")}
	cmd.Stderr = os.Stderr
	began := time.Now()
	out, err := cmd.Output()
	took = time.Since(began)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var all schedule.Nights
	if err := json.Unmarshal(out, &all); err != nil || len(all.Tenants) != len(names) {
		t.Fatalf("%v: %d nights of %d", err, len(all.Tenants), len(names))
	}
	for _, n := range all.Tenants {
		if n.Outcome != schedule.Applied || n.Counts.Done != *tenantPeople {
			t.Errorf("%s: %s %+v %s", n.Job, n.Outcome, n.Counts, n.Error)
		}
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		megabytes = float64(usage.Maxrss) * 1024 / 1e6 // in KiB, and in bytes on a Mac
		if runtime.GOOS == "darwin" {
			megabytes /= 1024
		}
	}
	return took, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), megabytes
}
