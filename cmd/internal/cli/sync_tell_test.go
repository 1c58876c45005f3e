package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// hook is an address that is posted to: the jobs it heard of, by event.
type hook struct {
	sync.Mutex
	*httptest.Server
	heard []string
}

func newHook(t *testing.T) *hook {
	h := &hook{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var told struct{ Job, Event, Type string }
		if err := json.NewDecoder(r.Body).Decode(&told); err != nil {
			t.Error(err)
		}
		h.Lock()
		defer h.Unlock()
		if told.Type != "" {
			told.Job, told.Event = "a card", r.URL.Path
		}
		h.heard = append(h.heard, told.Job+" "+told.Event)
	}))
	t.Cleanup(h.Close)
	return h
}

// hooked is an office of three tenants with an address each, and another address.
type hooked struct {
	*office
	hooks []*hook // the last is nobody's
}

func newHooked(t *testing.T) *hooked {
	o := &office{t, t.TempDir(), map[string]string{}}
	h := &hooked{o, []*hook{newHook(t), newHook(t), newHook(t), newHook(t)}}
	var config strings.Builder
	config.WriteString("version: 1\ndefaults:\n  tenant: {auth: token}\n  source: {file: hr.csv}\n  limits: {max_change_percent: 100}\n  notifications: {metrics_file: shared.prom}\ntenants:\n")
	for i, wants := range []string{"", ", on: [refusal, success]", ", on: [success], format: teams, metrics_file: own.prom"} {
		n := i + 1
		_, url := tenant(t, n)
		o.env[fmt.Sprint("TOKEN_", n)], o.env[fmt.Sprint("HOOK_", n)] = fmt.Sprint("token-", n), h.hooks[i].URL+"/hunter2"
		fmt.Fprintf(&config, "  - name: t%d\n    tenant: {id: %s, graph_url: %q, access_token: {env: TOKEN_%d}}\n    notifications: {url: {env: HOOK_%d}%s}\n", n, tenantID(n), url, n, n, wants)
	}
	o.write("hr.csv", hrOf(20))
	o.write("sync.yaml", config.String())
	return h
}

// heard wants what each address has heard since it was asked last.
func (h *hooked) heard(want ...[]string) {
	h.Helper()
	for i, at := range h.hooks {
		if slices.Sort(at.heard); !slices.Equal(at.heard, want[i]) {
			h.Errorf("address %d heard %q, want %q", i+1, at.heard, want[i])
		}
		at.heard = nil
	}
}

// TestSyncNotifications: each tenant's address hears of its own nights, of what it
// wants to hear; the flags go before all of them.
func TestSyncNotifications(t *testing.T) {
	o := newHooked(t)
	status, _, said := o.sync()
	if status != 0 || strings.Contains(said, "hunter2") {
		t.Fatalf("%d %s", status, said)
	}
	o.heard(nil, []string{"t2 success"}, []string{"a card /hunter2"}, nil)
	for name, jobs := range map[string]string{"shared.prom": "t1 t2", "own.prom": "t3"} {
		text, err := os.ReadFile(filepath.Join(o.folder, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, job := range []string{"t1", "t2", "t3"} {
			if got := strings.Contains(string(text), `job="`+job+`"`); got != strings.Contains(jobs, job) {
				t.Errorf("%s has %s: %v", name, job, got)
			}
		}
	}

	// A refused night.
	o.write("hr.csv", hrOf(3))
	if status, _, _ := o.sync(); status != 4 {
		t.Fatal(status)
	}
	o.heard([]string{"t1 refusal"}, []string{"t2 refusal"}, nil, nil)

	// What is to be told can be said for once, and so can whom.
	o.sync("--notify-on", "success")
	o.heard(nil, nil, nil, nil)
	o.sync("--notify", o.hooks[3].URL, "--metrics-file", filepath.Join(o.folder, "flag.prom"))
	o.heard(nil, nil, nil, []string{"t1 refusal", "t2 refusal", "t3 refusal"})
	if _, err := os.Stat(filepath.Join(o.folder, "flag.prom")); err != nil {
		t.Error(err)
	}
}

// TestSyncNotificationsWrong: what is wrong is told by the address that is there, and
// one that is not there is found out before anything is asked of a tenant.
func TestSyncNotificationsWrong(t *testing.T) {
	o := newHooked(t)
	delete(o.env, "TOKEN_1")
	o.sync("--only", "t1")
	o.heard([]string{"t1 failure"}, nil, nil, nil)

	// The simulator's nights are nobody's, and need no address.
	delete(o.env, "HOOK_1")
	if status, _, said := o.sync("--sandbox", "--only", "t1"); status == 1 {
		t.Errorf("%d %s", status, said)
	}
	o.heard(nil, nil, nil, nil)

	// One tenant's does not keep another from being told.
	o.env["TOKEN_1"], o.env["HOOK_2"] = "token-1", "ftp://hooks.example.com/hunter2"
	status, nights, said := o.sync()
	if status != 1 || nights.Tenants[0].Error == "" || !strings.Contains(nights.Tenants[1].Error, "notifications.url: a webhook's address begins with https://") || nights.Tenants[2].ExitStatus != 0 {
		t.Errorf("%d %+v", status, nights.Tenants)
	}
	if strings.Contains(said, "hunter2") || !strings.Contains(said, "HOOK_1") || !strings.Contains(said, "sync.yaml:13:27: notifications.url") {
		t.Errorf("said %s", said)
	}
	o.heard(nil, nil, []string{"a card /hunter2"}, nil)
}
