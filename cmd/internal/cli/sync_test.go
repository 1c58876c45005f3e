package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"authseed/importer/graph/graphsim"
	"authseed/importer/schedule"
)

// office is a folder with a configuration, and a process that runs it.
type office struct {
	*testing.T
	folder string
	env    map[string]string
}

func (o *office) write(name, text string) {
	o.Helper()
	if err := os.WriteFile(filepath.Join(o.folder, name), []byte(text), 0o600); err != nil {
		o.Fatal(err)
	}
}

// sync runs a night and gives its summary and what it said.
func (o *office) sync(args ...string) (status int, all schedule.Nights, said string) {
	o.Helper()
	var out, talk bytes.Buffer
	status = Run(o.Context(), Env{
		Version: "test", Stdin: strings.NewReader(""), Stdout: &out, Stderr: &talk, Getenv: func(name string) string { return o.env[name] },
		Args: append([]string{"sync", "--quiet", "--output", "json", "--state-dir", filepath.Join(o.folder, "state"), "--config", filepath.Join(o.folder, "sync.yaml")}, args...),
	})
	if out.Len() > 0 {
		if err := json.Unmarshal(out.Bytes(), &all); err != nil {
			o.Fatalf("%v\n%s", err, out.String())
		}
	}
	return status, all, talk.String()
}

// tenantID is that of the n-th tenant.
func tenantID(n int) string { return fmt.Sprintf("%08d-0000-4000-8000-000000000000", n) }

// tenant serves the n-th tenant, with 20 people, to whoever has its token.
func tenant(t *testing.T, n int) (*graphsim.Server, string) {
	of := &graphsim.Tenant{ID: tenantID(n), DisplayName: fmt.Sprint("Tenant ", n), VerifiedDomains: []string{"contoso.example"}}
	for i := range 20 {
		of.Users = append(of.Users, graphsim.User{ID: tenantID(1000*n + i), UserPrincipalName: fmt.Sprintf("p%02d@contoso.example", i), DisplayName: "Somebody"})
	}
	sim, err := graphsim.New(graphsim.Options{Tenant: of, Token: fmt.Sprint("token-", n)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	return sim, server.URL + "/v1.0"
}

func hrOf(people int) string {
	var b strings.Builder
	b.WriteString("userPrincipalName,mobile\n")
	for i := range people {
		fmt.Fprintf(&b, "p%02d@contoso.example,+1 20655501%02d\n", i, i)
	}
	return b.String()
}

// TestSyncManyTenants: each has its own sign-in, server and memory; one that is
// down, one whose token is another's and one that is refused do not touch the rest.
func TestSyncManyTenants(t *testing.T) {
	o := &office{t, t.TempDir(), map[string]string{}}
	var config strings.Builder
	config.WriteString("version: 1\nparallel: 3\ndefaults:\n  tenant: {auth: token}\n  source: {file: hr.csv}\n  limits: {max_change_percent: 100}\ntenants:\n")
	var sims []*graphsim.Server
	var urls []string
	for n := 1; n <= 6; n++ {
		sim, url := tenant(t, n)
		sims, urls = append(sims, sim), append(urls, url)
		o.env[fmt.Sprint("TOKEN_", n)] = fmt.Sprint("token-", n)
		fmt.Fprintf(&config, "  - name: t%d\n    tenant: {id: %s, graph_url: %q, access_token: {env: TOKEN_%d}}\n", n, tenantID(n), url, n)
	}
	o.write("hr.csv", hrOf(20))
	o.write("sync.yaml", strings.Replace(config.String(), "  - name: t2\n", "  - name: t2\n    limits: {max_changes: 3}\n", 1))
	o.env["TOKEN_3"] = "token-4"
	status, all, said := o.sync()
	want := []schedule.Outcome{schedule.Applied, schedule.Refused, schedule.Failed, schedule.Applied, schedule.Applied, schedule.Applied}
	codes := []int{0, 4, 5, 0, 0, 0}
	for i, n := range all.Tenants {
		if n.Outcome != want[i] || n.ExitStatus != codes[i] || n.Job != fmt.Sprint("t", i+1) {
			t.Errorf("%s: %s %d, want %s %d", n.Job, n.Outcome, n.ExitStatus, want[i], codes[i])
		}
		if writes := sims[i].Stats().Writes; (writes == 20) != (want[i] == schedule.Applied) || want[i] != schedule.Applied && writes > 0 {
			t.Errorf("%s: %d writes", n.Job, writes)
		}
	}
	if status != 5 || all.ExitStatus != 5 {
		t.Errorf("exit status %d, summary %d", status, all.ExitStatus)
	}
	for _, line := range strings.Split(strings.TrimSpace(said), "\n") {
		if !strings.HasPrefix(line, "authseed: t2: ") && !strings.HasPrefix(line, "authseed: t3: ") {
			t.Errorf("said %q", line)
		}
	}
	if strings.Contains(said, "token-") {
		t.Errorf("a token is shown: %s", said)
	}

	// What was refused is there to be applied by hand, as it is.
	kept := filepath.Join(all.Tenants[1].Reports, "plan.json")
	var out, talk bytes.Buffer
	apply := []string{"apply", kept, "--quiet", "--auth", "token", "--graph-url", urls[1], "--state-dir", filepath.Join(o.folder, "state")}
	o.env["AUTHSEED_ACCESS_TOKEN"] = "token-2"
	env := Env{Version: "test", Args: apply, Getenv: func(name string) string { return o.env[name] }, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &talk}
	if status := Run(t.Context(), env); status != 0 || sims[1].Stats().Writes != 20 {
		t.Errorf("by hand: %d, %d writes: %s", status, sims[1].Stats().Writes, talk.String())
	}

	// The next night, mended.
	o.env["TOKEN_3"] = "token-3"
	o.write("sync.yaml", config.String())
	trips := sims[0].Stats().RoundTrips
	status, all, said = o.sync()
	if status != 0 || all.Tenants[0].Outcome != schedule.Unchanged || all.Tenants[1].Outcome != schedule.NothingToDo || all.Tenants[2].Outcome != schedule.Applied || sims[0].Stats().RoundTrips != trips {
		t.Errorf("%d %+v %s", status, all.Tenants[0], said)
	}
}

// TestSyncURL: the export is fetched when its ETag is new, and an unchanged one
// costs the tenant nothing; whatever goes wrong, no download is left behind.
func TestSyncURL(t *testing.T) {
	o := &office{t, t.TempDir(), map[string]string{"HR": "Bearer hunter2"}}
	var fetched atomic.Int64
	text, tag := hrOf(20), `"one"`
	hr := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer hunter2" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") != tag {
			fetched.Add(1)
		}
		http.ServeContent(w, r, "hr.csv", time.Time{}, strings.NewReader(text))
	}))
	defer hr.Close()
	o.write("sync.yaml", fmt.Sprintf(`version: 1
tenants:
  - name: contoso
    tenant: {id: %s}
    source: {url: %s/hr.csv, authorization: {env: HR}, max_mib: 1}
    limits: {max_change_percent: 100}
`, tenantID(1), hr.URL))
	tenant := &graphsim.Tenant{ID: tenantID(1), VerifiedDomains: []string{"contoso.example"}}
	for i := range 20 {
		tenant.Users = append(tenant.Users, graphsim.User{ID: tenantID(100 + i), UserPrincipalName: fmt.Sprintf("p%02d@contoso.example", i)})
	}
	var saved bytes.Buffer
	if err := tenant.Save(&saved); err != nil {
		t.Fatal(err)
	}
	o.write("tenant.json", saved.String())
	sandbox := "--sandbox=" + filepath.Join(o.folder, "tenant.json")
	for at, night := range []struct {
		before  func()
		outcome schedule.Outcome
		fetched int64
	}{
		{func() {}, schedule.Applied, 1},
		{func() {}, schedule.Unchanged, 1},
		{func() { tag = `"two"` }, schedule.Unchanged, 2},
		{func() { text = hrOf(19); tag = `"three"` }, schedule.NothingToDo, 3},
		{func() { text = "" }, schedule.Unchanged, 3},
		{func() { tag = `"four"` }, schedule.Failed, 4},
		{func() { o.env["HR"] = "Bearer hunter3" }, schedule.Failed, 4},
		{func() { o.env["HR"] = "Bearer hunter2"; text = hrOf(20) + strings.Repeat("\n", 1<<20) }, schedule.Failed, 5},
		{func() { text = hrOf(5) }, schedule.Refused, 6},
		{func() { text = hrOf(20) }, schedule.NothingToDo, 7},
	} {
		night.before()
		_, all, said := o.sync(sandbox)
		if all.Tenants[0].Outcome != night.outcome || fetched.Load() != night.fetched {
			t.Errorf("night %d: %s, want %s; fetched %d times, want %d\n%s", at, all.Tenants[0].Outcome, night.outcome, fetched.Load(), night.fetched, said)
		}
		if strings.Contains(said, "hunter") {
			t.Errorf("night %d shows a secret: %s", at, said)
		}
		left, _ := filepath.Glob(filepath.Join(o.folder, "state", "sync-sandbox", "contoso", "download-*"))
		if len(left) > 0 {
			t.Errorf("night %d left %v", at, left)
		}
	}
}

// TestSyncBusy: a second run of a job says whose the lock is, and changes nothing.
func TestSyncBusy(t *testing.T) {
	o := &office{t, t.TempDir(), nil}
	o.write("hr.csv", hrOf(2))
	o.write("sync.yaml", "version: 1\ntenants:\n  - name: contoso\n    tenant: {id: "+tenantID(1)+"}\n    source: {file: hr.csv}\n")
	release, err := schedule.Acquire(t.Context(), filepath.Join(o.folder, "state", "sync-sandbox", "contoso"), "contoso", 0, schedule.Holder{PID: 4711, Host: "batch01"})
	if err != nil {
		t.Fatal(err)
	}
	status, _, said := o.sync("--sandbox")
	if status != 1 || !strings.Contains(said, "contoso: error: job contoso is running already, in process 4711 on batch01") || !strings.Contains(said, "--lock-wait") {
		t.Errorf("%d %s", status, said)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if status, _, said := o.sync("--sandbox", "--lock-wait", "1s"); status != 0 {
		t.Errorf("%d %s", status, said)
	}
}
