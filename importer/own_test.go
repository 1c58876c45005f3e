package importer_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
	kept "authseed/importer/ledger"
	"authseed/importer/plan"
	"authseed/importer/sealed"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// nights is a tenant whose people are planned night after night under policy
// own, and what was said of the ledger.
type nights struct {
	*world
	place importer.LedgerPlace
	reads importer.Reads
	now   time.Time
	lost  []string // by plans
	not   []string // recorded by runs
}

func newNights(t *testing.T, reads importer.Reads) *nights {
	w := newWorld(t, graphsim.Options{Tenant: people()})
	return &nights{world: w, place: importer.LedgerPlace{Dir: filepath.Join(t.TempDir(), "ledger")}, reads: reads, now: today}
}

func (n *nights) plan(lines ...string) *plan.Plan {
	n.Helper()
	f := ledger(lines...)
	f.Mapping = parse(n, hrMapping+"policy: {mobile: own, office: own, email: fill}\n")
	return n.mustPlan(f, func(o *importer.PlanOptions) {
		o.Ledger, o.Reads, o.Now = n.place, n.reads, n.now
		o.NoLedger = func(err error) { n.lost = append(n.lost, err.Error()) }
	})
}

func (n *nights) options() importer.ApplyOptions {
	n.now = n.now.Add(24 * time.Hour)
	time.Sleep(24 * time.Hour)
	o := n.applyOptions(n.now, nil)
	o.Ledger, o.Unrecorded = n.place, func(err error) { n.not = append(n.not, err.Error()) }
	return o
}

func (n *nights) apply(p *plan.Plan) *journal.Run {
	n.Helper()
	o := n.options()
	o.Now = p.CreatedAt
	run, err := importer.Apply(n.Context(), n.client, p, o)
	if err != nil || run != nil && run.Counts.Done != run.Counts.Planned {
		n.Fatal(run, err)
	}
	return run
}

// moves is a plan in one line: what is written, what is held back, what is kept.
func moves(p *plan.Plan) string {
	var list []string
	for _, c := range p.Changes {
		text := fmt.Sprintf("%s %s %s", c.Action, c.User.DisplayName, c.Method)
		if c.HeldBack {
			text += " held back"
		}
		for _, h := range c.Hazards {
			text += " " + string(h)
		}
		if c.Note != "" {
			text += " " + c.Note
		}
		list = append(list, text)
	}
	for _, s := range p.Skipped {
		list = append(list, fmt.Sprintf("%s %s %s", s.Reason, s.User.DisplayName, s.Method))
	}
	return strings.Join(list, ", ")
}

func (n *nights) expect(p *plan.Plan, want string) {
	n.Helper()
	if got := moves(p); got != want {
		n.Errorf("the plan is %q, want %q", got, want)
	}
}

// registers has somebody register a mobile themselves.
func (n *nights) registers(name, number string) {
	n.Helper()
	err := n.sim.Drift(name+"@contoso.example", func(u *graphsim.User) {
		u.PhoneMethods = []graphsim.PhoneMethod{{PhoneType: "mobile", PhoneNumber: number}}
	})
	if err != nil {
		n.Fatal(err)
	}
}

func TestOwn(t *testing.T) {
	for _, reads := range importer.AllReads() {
		t.Run(string(reads), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newNights(t, reads)
				n.registers("chiara", "+1 2065550199")
				p := n.plan("1,,Active,m1,,", "2,,Active,m2,,", "3,,Active,12065550107,,")
				n.expect(p, "create ada mobile, create bram mobile, kept-existing chiara mobile")
				n.apply(p)
				// What changes in the file changes, what a person changed stays.
				n.registers("bram", "+1 2065550198")
				p = n.plan("1,,Active,12065550105,,", "2,,Active,12065550106,,", "3,,Active,12065550108,,")
				n.expect(p, "update ada mobile replaces-own, kept-existing bram mobile, kept-existing chiara mobile")
				n.apply(p)
				n.expect(n.plan("1,,Active,12065550105,,"), map[importer.Reads]string{importer.ReadsReport: "kept-existing ada mobile"}[reads])
				// Other hazards hold back as ever.
				p = n.plan("1,,Active,m1,,", "6,,Active,m1,,")
				n.expect(p, "update ada mobile held back shared-number replaces-own, create femi mobile held back shared-number")
				// What was removed by hand is not there, and is filled.
				if err := n.sim.Drift("ada@contoso.example", func(u *graphsim.User) { u.PhoneMethods = nil }); err != nil {
					t.Fatal(err)
				}
				time.Sleep(48 * time.Hour) // until the report tells
				n.expect(n.plan("1,,Active,12065550109,,"), "create ada mobile")
				if len(n.lost)+len(n.not) != 1 || !strings.Contains(n.lost[0], "there is no ledger") {
					t.Errorf("of the ledger is said: %q, %q", n.lost, n.not)
				}
			})
		})
	}
}

// Policy own for some methods leaves the others what they are.
func TestOwnBesideFill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNights(t, importer.ReadsFull)
		n.apply(n.plan("1,,Active,m1,o1,e1"))
		n.expect(n.plan("1,,Active,m2,12125550112,e2"), "update ada mobile replaces-own, update ada office replaces-own, kept-existing ada email")
	})
}

// Nobody's value is overwritten without a ledger, and it is said in the plan as
// well as to whoever made it.
func TestOwnWithoutLedger(t *testing.T) {
	for name, lose := range map[string]func(t *testing.T, n *nights){
		"removed": func(t *testing.T, n *nights) {
			if err := os.RemoveAll(n.place.Dir); err != nil {
				t.Fatal(err)
			}
		},
		"damaged": func(t *testing.T, n *nights) {
			files, err := filepath.Glob(filepath.Join(n.place.Dir, "*.db"))
			if err != nil || len(files) != 1 {
				t.Fatal(files, err)
			}
			if err := os.WriteFile(files[0], []byte("rubble"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"not kept": func(_ *testing.T, n *nights) { n.place = importer.LedgerPlace{} },
		"away": func(_ *testing.T, n *nights) {
			n.place = importer.LedgerPlace{URL: "postgres://nobody@127.0.0.1:1/nowhere?connect_timeout=1", Key: &kept.Key{}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNights(t, importer.ReadsFull)
			f := func(lines ...string) *plan.Plan { return n.plan(lines...) }
			o := n.applyOptions(today, nil)
			o.Ledger = n.place
			if _, err := importer.Apply(t.Context(), n.client, f("1,,Active,m1,,"), o); err != nil {
				t.Fatal(err)
			}
			n.lost = nil
			lose(t, n)
			p := f("1,,Active,m2,,", "2,,Active,m1,,")
			n.expect(p, "create bram mobile, kept-existing ada mobile")
			note := p.CheckNotes[string(authmethod.KeptExisting)]
			if len(n.lost) != 1 || !strings.Contains(note, n.lost[0]) || !slices.Contains(p.Unchecked, string(authmethod.KeptExisting)) {
				t.Errorf("said is %q, the plan's note %q, unchecked %q", n.lost, note, p.Unchecked)
			}
			if detail := p.Skipped[0].Detail; !strings.Contains(detail, "without its ledger") || strings.Contains(detail, "555010") {
				t.Errorf("the detail is %q", detail)
			}
		})
	}
}

// What a rollback gives back was there before authseed, and is nobody's to
// replace.
func TestRollbackDisowns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNights(t, importer.ReadsFull)
		n.registers("bram", "+1 2065550198")
		n.apply(n.plan("1,,Active,m1,,"))
		f := ledger("1,,Active,m2,,", "2,,Active,12065550107,,")
		f.Mapping = parse(t, hrMapping+"policy: {mobile: replace}\n")
		second := n.apply(n.mustPlan(f, allowing(plan.ReplacesRegistered), func(o *importer.PlanOptions) { o.Now = n.now }))
		back, err := importer.Rollback(t.Context(), n.client, n.runs, second.RunID, importer.PlanOptions{
			ToolVersion: "test", Now: n.now, ValidFor: time.Hour, Survey: survey.Options{Pacer: newPacer(), Concurrency: 8},
		})
		if err != nil {
			t.Fatal(err)
		}
		n.expect(back, "update ada mobile replaces-registered, update bram mobile replaces-registered")
		n.apply(back)
		n.expect(n.plan("1,,Active,12065550105,,", "2,,Active,12065550106,,"), "kept-existing ada mobile, kept-existing bram mobile")
		// Told once more, the run that was rolled back owns nothing again.
		if err := importer.Remember(t.Context(), n.place, n.runs, second.RunID, sealed.Identity{}); err != nil {
			t.Fatal(err)
		}
		n.expect(n.plan("1,,Active,12065550105,,", "2,,Active,12065550106,,"), "kept-existing ada mobile, kept-existing bram mobile")
	})
}

// What somebody registered while the run was about to write the same is theirs.
func TestFoundDoneIsNotOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNights(t, importer.ReadsFull)
		p := n.plan("1,,Active,m1,,", "2,,Active,m2,,")
		n.registers("ada", "+1 2065550101")
		n.apply(p)
		n.expect(n.plan("1,,Active,12065550105,,", "2,,Active,12065550106,,"), "update bram mobile replaces-own, kept-existing ada mobile")
	})
}

// A ledger that cannot be written fails no run and is told; a resume of the run,
// which has nothing else to do, tells the ledger again.
func TestLedgerThatCannotBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNights(t, importer.ReadsFull)
		if err := os.WriteFile(n.place.Dir, []byte("in the way"), 0o600); err != nil {
			t.Fatal(err)
		}
		run := n.apply(n.plan("1,,Active,m1,,"))
		if run.State != journal.Finished || len(n.not) != 1 {
			t.Fatalf("the run is %s, of the ledger is said %q", run.State, n.not)
		}
		if err := os.Remove(n.place.Dir); err != nil {
			t.Fatal(err)
		}
		n.expect(n.plan("1,,Active,m2,,"), "kept-existing ada mobile")
		for range 2 {
			if _, _, err := importer.Resume(t.Context(), n.client, run.RunID, n.options()); err != nil {
				t.Fatal(err)
			}
		}
		n.expect(n.plan("1,,Active,m2,,"), "update ada mobile replaces-own")
	})
}

// A run that is cut off has told the ledger what it did, and its rest when it is
// taken up again.
func TestInterruptedRunIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNights(t, importer.ReadsFull)
		p := n.plan("1,,Active,m1,,", "2,,Active,m2,,", "3,,Active,12065550107,,")
		ctx, cancel := context.WithCancel(t.Context())
		o := n.options()
		o.Now, o.Apply.Concurrency = today, 1
		o.Apply.Progress = nil
		o.Started = func(string, int) { cancel() } // before anything has left
		run, err := importer.Apply(ctx, n.client, p, o)
		if err == nil || run == nil || run.State != journal.Interrupted {
			t.Fatal(run, err)
		}
		o = n.options()
		o.Now = today
		if run, _, err := importer.Resume(t.Context(), n.client, run.RunID, o); err != nil || run.Counts.Done != 3 {
			t.Fatal(run, err)
		}
		n.expect(n.plan("1,,Active,12065550105,,", "2,,Active,12065550106,,"), "update ada mobile replaces-own, update bram mobile replaces-own")
		if len(n.not) != 0 {
			t.Errorf("of the ledger is said %q", n.not)
		}
	})
}

// Unchanged rows cost no read: the report knows that they are there, and the
// ledger that authseed wrote what the file says.
func TestOwnReadsOnlyWhatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNights(t, importer.ReadsReport)
		n.apply(n.plan("1,,Active,m1,,", "2,,Active,m2,,"))
		time.Sleep(48 * time.Hour)
		p := n.plan("1,,Active,m1,,", "2,,Active,12065550106,,")
		if p.Known.Read != 1 || p.Known.Report != 1 {
			t.Errorf("known is %+v", p.Known)
		}
		n.expect(p, "update bram mobile replaces-own, kept-existing ada mobile")
	})
}
