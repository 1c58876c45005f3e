package apply_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// mixed is people with every kind of work: what they have and what is wanted.
func mixed(n int) (have, want, after []string) {
	kinds := []struct{ have, want, after string }{
		{"", "mobile=# office=#x12 email=p# alternateMobile=#", "mobile=# alternateMobile=# office=#x12 email=p#"},
		{"mobile=500 office=501 email=old", "mobile=# office=# email=p#", "mobile=# office=# email=p#"},
		{"mobile=500 alternateMobile=501 office=502 email=old", "mobile=clear alternateMobile=clear office=clear email=clear", ""},
		{"mobile=500 email=old", "mobile=clear office=# email=p#", "office=# email=p#"},
		{"mobile=500 alternateMobile=501", "alternateMobile=# office=#", "mobile=500 alternateMobile=# office=#"},
		{"mobile=#", "mobile=#", "mobile=#"},
		{"office=502x9", "", "office=502x9"},
	}
	for i := range n {
		k := kinds[i%len(kinds)]
		have = append(have, crowd(i+1, k.have)[i])
		want = append(want, crowd(i+1, k.want)[i])
		after = append(after, crowd(i+1, k.after)[i])
	}
	return have, want, after
}

func TestEveryKindOfChangeLands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		have, want, after := mixed(70)
		w := newWorld(t, have...)
		p := w.plan(want)
		if s := p.Summary; s.Creates == 0 || s.Updates == 0 || s.Deletes == 0 || s.HeldBack > 0 {
			t.Fatalf("the plan lacks something: %+v", s)
		}
		run := w.mustApply(p)
		if diff := cmp.Diff(after, w.shows()); diff != "" {
			t.Errorf("the tenant (-want +got)\n%s", diff)
		}
		if run.Counts.Done != run.Counts.Planned {
			t.Errorf("%+v", run.Counts)
		}
		if again := w.plan(want); again.Summary.Pending() != 0 {
			t.Errorf("a second plan still has %d changes", again.Summary.Pending())
		}
		if stats := w.sim.Stats(); w.writes() != run.Counts.Planned || stats.MaxWritesPerPerson != 1 || stats.DuplicateCreates != 0 || len(stats.Refused) != 0 {
			t.Errorf("%d changes, %+v", run.Counts.Planned, stats)
		}
		if diff := cmp.Diff(inOrder(p), w.written()); diff != "" {
			t.Errorf("a person's writes (-planned +sent)\n%s", diff)
		}
	})
}

// inOrder is what is to be written, by person; written what was sent.
func inOrder(p *plan.Plan) map[string][]string {
	order := map[string][]string{}
	for _, c := range p.Pending() {
		order[c.User.ID] = append(order[c.User.ID], fmt.Sprintf("%s %s", c.Action, c.Method))
	}
	return order
}

func (w *world) written() map[string][]string {
	names := map[graph.Op]plan.Action{graph.Create: plan.Create, graph.Update: plan.Update, graph.Delete: plan.Delete}
	order := map[string][]string{}
	for _, batch := range w.batches {
		for _, r := range batch {
			if r.Op.IsWrite() {
				order[r.User] = append(order[r.User], fmt.Sprintf("%s %s", names[r.Op], r.Kind))
			}
		}
	}
	return order
}

func TestHeldBackIsNeverSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "mobile=1", "email=a", "")
		p := w.plan([]string{"mobile=2 email=b", "email=clear office=3", "mobile=4"}, plan.ReplacesRegistered, plan.RemovesMethod)
		if p.Summary.HeldBack != 2 || p.Summary.Pending() != 3 {
			t.Fatalf("%+v", p.Summary)
		}
		w.mustApply(p)
		if diff := cmp.Diff([]string{"mobile=1 email=b", "office=3 email=a", "mobile=4"}, w.shows()); diff != "" {
			t.Errorf("the tenant (-want +got)\n%s", diff)
		}
		if n := w.sent(graph.Update) + w.sent(graph.Delete) + w.sent(graph.ReadPhones) + w.sent(graph.ReadEmails); n != 0 {
			t.Errorf("%d requests for what is held back", n)
		}
	})
}

// TestPeopleWhoMoved changes the tenant between the plan and its apply.
func TestPeopleWhoMoved(t *testing.T) {
	for _, test := range []struct {
		name             string
		have, want       string
		op               graph.Op
		meanwhile        string
		told, after      string
		writes, attempts int // of the run
	}{
		{"create, the same is there", "", "mobile=1", graph.Create, "mobile=1", "1 create mobile: done", "mobile=1", 0, 1},
		{"create, another is there", "", "mobile=1", graph.Create, "mobile=2", "1 create mobile: stale 200", "mobile=2", 0, 1},
		{"create, the same address in capitals", "", "email=ada", graph.Create, "email=Ada", "1 create email: done", "email=Ada", 0, 1},
		{"update, moved", "mobile=1", "mobile=2", graph.Update, "mobile=3", "1 update mobile: stale 200", "mobile=3", 0, 0},
		{"update, so already", "email=a", "email=b", graph.Update, "email=b", "1 update email: done", "email=b", 0, 0},
		{"update, gone", "office=1", "office=2", graph.Delete, "office=", "1 update office: stale 200", "", 0, 0},
		{"delete, moved", "email=a", "email=clear", graph.Update, "email=b", "1 delete email: stale 200", "email=b", 0, 0},
		{"delete, gone", "mobile=1", "mobile=clear", graph.Delete, "mobile=", "1 delete mobile: done", "", 0, 0},
		{"delete, another method moved", "mobile=1 email=a", "mobile=clear", graph.Update, "email=b", "1 delete mobile: done", "email=b", 1, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, test.have)
				p := w.plan([]string{test.want})
				w.does(1, test.op, test.meanwhile)
				run := w.mustApply(p)
				if diff := cmp.Diff([]string{test.told}, told(run, p)); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				if diff := cmp.Diff([]string{test.after}, w.shows()); diff != "" {
					t.Errorf("the tenant (-want +got)\n%s", diff)
				}
				attempts := w.sent(graph.Create) + w.sent(graph.Update) + w.sent(graph.Delete)
				if w.writes() != test.writes || attempts != test.attempts {
					t.Errorf("%d of %d writes had an effect, want %d of %d", w.writes(), attempts, test.writes, test.attempts)
				}
			})
		})
	}
}

// TestPeopleWhoLeft applies a plan to a tenant from which some are gone.
func TestPeopleWhoLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		have := []string{"mobile=1", "", "mobile=2", "email=a"}
		w, fewer := newWorld(t, have...), newWorld(t, have[:1]...)
		p := w.plan([]string{"mobile=5", "mobile=6 alternateMobile=7", "mobile=8", "email=clear"})
		run := fewer.mustApply(p)
		if diff := cmp.Diff([]string{
			"1 update mobile: done",
			"2 create mobile: failed 404", "2 create alternateMobile: failed 424",
			"3 update mobile: failed 404", "4 delete email: failed 404",
		}, told(run, p)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// TestAlternateNeedsItsMobile has a mobile refused; what does not need it goes
// on.
func TestAlternateNeedsItsMobile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "", "", "mobile=9")
		// A person's first write is the mobile.
		refused := graphsim.Fault{Status: 400}
		w.fault = either(first(1, of(1, isWrite), refused), first(1, of(3, isWrite), refused))
		p := w.plan([]string{"mobile=1 alternateMobile=2 email=a", "mobile=3 alternateMobile=4", "mobile=5 alternateMobile=6"})
		run := w.mustApply(p)
		if diff := cmp.Diff([]string{
			"1 create mobile: failed 400", "1 create email: done", "1 create alternateMobile: failed 424",
			"2 create mobile: done", "2 create alternateMobile: done",
			// The third has a mobile all the same, only an old one.
			"3 update mobile: failed 400", "3 create alternateMobile: done",
		}, told(run, p)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		for _, batch := range w.batches {
			for _, r := range batch {
				if r.User == id(1) && r.Kind == authmethod.AlternateMobile {
					t.Error("the alternate of a person without a mobile was tried")
				}
			}
		}
		if o, _ := run.Outcome(p.Pending()[2].ID); o.Message == "" {
			t.Error("nothing says why the alternate was not tried")
		}
	})
}
