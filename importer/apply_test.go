package importer_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer"
	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
	"authseed/importer/plan"
)

// planned is a plan of four changes for the tenant of people.
func planned(t *testing.T) *plan.Plan {
	f := ledger("1,,Active,m1,o1,e1", "2,,Active,m2,,")
	f.Mapping = parse(t, hrMapping)
	p := newWorld(t, graphsim.Options{Tenant: people()}).mustPlan(f)
	if p.Summary.Pending() != 4 {
		t.Fatalf("%+v", p.Summary)
	}
	return p
}

func (w *world) checkUntouched() {
	w.Helper()
	if stats := w.sim.Stats(); stats.Writes != 0 || stats.Items != 0 {
		w.Errorf("%d writes and %d items", stats.Writes, stats.Items)
	}
	if _, err := os.Stat(w.runs); !errors.Is(err, fs.ErrNotExist) {
		w.Errorf("there is a folder of runs: %v", err)
	}
}

func TestApplyRefuses(t *testing.T) {
	another := people()
	another.ID = "decaf000-0000-4000-8000-000000000000"
	for _, test := range []struct {
		name   string
		tenant *graphsim.Tenant
		now    time.Time
		what   string
	}{
		{"another tenant", another, today, "the plan is for tenant c0ffee00-0000-4000-8000-000000000000, this sign-in is for decaf000-0000-4000-8000-000000000000"},
		{"an old plan", people(), today.Add(72*time.Hour + time.Second), "the plan was valid until 2026-11-08T09:00:00Z"},
		{"both", another, today.Add(100 * time.Hour), "the plan was valid until 2026-11-08T09:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, graphsim.Options{Tenant: test.tenant})
				run, err := w.apply(t.Context(), planned(t), test.now)
				var refused *importer.RefusedError
				if run != nil || !errors.As(err, &refused) || err.Error() != test.what || refused.Hint == "" {
					t.Errorf("%v, %v", run, err)
				}
				w.checkUntouched()
			})
		})
	}
}

func TestApplyAtTheLastMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: people()})
		if run, err := w.apply(t.Context(), planned(t), today.Add(72*time.Hour)); err != nil || run.Counts.Done != 4 {
			t.Errorf("%+v, %v", run, err)
		}
	})
}

// TestWhichTenant is the first request of everything.
func TestWhichTenant(t *testing.T) {
	isOrganization := func(c graphsim.Call) bool { return strings.HasPrefix(c.Path, "/organization") }
	for _, test := range []struct {
		name  string
		fault graphsim.Fault
		times int // -1 for always
		waits time.Duration
		ok    bool
		is    func(error) bool
	}{
		{"throttled, told", graphsim.Fault{Status: 429, Header: http.Header{"Retry-After": {"40"}}}, 3, 120 * time.Second, true, nil},
		{"busy", graphsim.Fault{Status: 503}, 2, 3 * time.Second, true, nil},
		{"down", graphsim.Fault{Status: 502, HTML: true}, -1, 15 * time.Second, false, func(err error) bool { return !graph.IsSignIn(err) }},
		{"not reached", graphsim.Fault{Cut: true}, -1, 0, false, func(err error) bool { return !graph.IsSignIn(err) }},
		{"not signed in", graphsim.Fault{Status: 401}, -1, 0, false, graph.IsSignIn},
		{"not allowed", graphsim.Fault{Status: 403}, -1, 0, false, graph.IsSignIn},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := planned(t)
				met := 0
				w := newWorld(t, graphsim.Options{Tenant: people(), Fault: func(c graphsim.Call) *graphsim.Fault {
					if !isOrganization(c) || met == test.times {
						return nil
					}
					met++
					return &test.fault
				}})
				f := ledger("1,,Active,m1,,")
				f.Mapping = parse(t, hrMapping)
				begun := time.Now()
				_, planErr := w.plan(f)
				took := time.Since(begun)
				met = 0
				_, applyErr := w.apply(t.Context(), p, today)
				for _, err := range []error{planErr, applyErr} {
					if test.ok != (err == nil) || !test.ok && !test.is(err) {
						t.Errorf("ended with %v", err)
					}
				}
				if took < test.waits || took > test.waits*3/2+time.Second {
					t.Errorf("it took %v, want a little more than %v", took, test.waits)
				}
				if !test.ok {
					w.checkUntouched()
				}
			})
		})
	}
}

// TestInterruptedApply gives the run as far as it came, together with the error.
func TestInterruptedApply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		trips := 0
		w := newWorld(t, graphsim.Options{Tenant: people(), Latency: time.Second, Fault: func(c graphsim.Call) *graphsim.Fault {
			if !c.Batched {
				if trips++; trips == 2 { // the organization, then the first batch
					cancel()
				}
			}
			return nil
		}})
		run, err := w.apply(ctx, planned(t), today)
		if !errors.Is(err, context.Canceled) || run == nil {
			t.Fatalf("%v, %v", run, err)
		}
		if c := run.Counts; run.State != journal.Interrupted || c.Done != int(w.sim.Stats().Writes) || c.Done == 0 || c.Pending != 4-c.Done {
			t.Errorf("%s %+v, %d writes", run.State, c, w.sim.Stats().Writes)
		}
	})
}

// TestIncompleteApply has somebody refused.
func TestIncompleteApply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: people(), Fault: func(c graphsim.Call) *graphsim.Fault {
			if c.Batched && strings.HasPrefix(c.User, "00000002") {
				return &graphsim.Fault{Status: 403}
			}
			return nil
		}})
		run, err := w.apply(t.Context(), planned(t), today)
		if err != nil || run.State != journal.Incomplete || run.Counts.Done != 3 || run.Counts.Failed != 1 || run.EndedAt.IsZero() {
			t.Errorf("%+v, %v", run, err)
		}
	})
}

func TestApplyWithoutAPlaceForRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: people()})
		if err := os.WriteFile(w.runs, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if run, err := w.apply(t.Context(), planned(t), today); err == nil || run != nil || w.sim.Stats().Writes != 0 {
			t.Errorf("%v, %v, %d writes", run, err, w.sim.Stats().Writes)
		}
	})
}
