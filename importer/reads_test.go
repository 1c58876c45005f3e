package importer_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer"
	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

func reading(way importer.Reads) func(*importer.PlanOptions) {
	return func(o *importer.PlanOptions) { o.Reads = way }
}

// TestReportThatIsLate plans by a report that is older than what people have
// done since: the plan is wrong, and what is written is not.
func TestReportThatIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const people = 40
		w := newWorld(t, graphsim.Options{
			Tenant: unregistered(workforce(people), 0), Latency: 20 * time.Millisecond,
			Levers: graphsim.Levers{ReportAge: 6 * time.Hour},
		})
		// Half of them get their method now, and one gets another.
		first := w.mustPlan(addresses(t, people/2, plan.Fill), reading(importer.ReadsReport))
		if run, err := w.apply(t.Context(), first, today); err != nil || run.Counts.Done != people/2 {
			t.Fatal(run, err)
		}
		other := file(parse(t, addressMapping(plan.Replace)), "Employee ID,Personal Email\n000001,somebody@home.example\n")
		change := w.mustPlan(other, reading(importer.ReadsFull), allowing(plan.ReplacesRegistered))
		if run, err := w.apply(t.Context(), change, today.Add(time.Minute)); err != nil || run.Counts.Done != 1 {
			t.Fatal(run, err)
		}
		// Whom runs are known to have written to is read, and nobody is planned twice.
		known := w.mustPlan(addresses(t, people, plan.Fill), reading(importer.ReadsReport), func(o *importer.PlanOptions) { o.Runs = w.runs })
		if known.Summary.Creates != people/2 || known.Known.Read != people/2 || known.Known.Report != people/2 {
			t.Errorf("with the runs: %+v, %+v", known.Summary, known.Known)
		}
		before := w.sim.Tenant()
		p := w.mustPlan(addresses(t, people, plan.Fill), reading(importer.ReadsReport))
		if p.Summary.Creates != people || p.Known.Report != people || !p.Known.ReportAt.Before(time.Now()) {
			t.Fatalf("%+v, %+v", p.Summary, p.Known)
		}
		run, err := w.apply(t.Context(), p, today.Add(2*time.Minute))
		if err != nil || run.State != journal.Incomplete || run.Counts.Done != people-1 || run.Counts.Stale != 1 {
			t.Fatalf("%+v, %v", run, err)
		}
		after := w.sim.Tenant()
		for i, u := range after.Users {
			if had := registered(before.Users[i]); i < people/2 && had != registered(u) {
				t.Errorf("user %d had %s and has %s", i, had[authmethod.Email], registered(u)[authmethod.Email])
			}
		}
		// Undoing the run leaves alone what others did.
		back, err := importer.Rollback(t.Context(), w.client, w.runs, run.RunID, importer.PlanOptions{
			Now: today, ValidFor: time.Hour, Survey: survey.Options{Pacer: newPacer(), Concurrency: 8},
		})
		if err != nil || back.Summary.Deletes != people/2 || back.Summary.Updates != 0 {
			t.Errorf("back: %v", err)
		}
		// The report is made anew in the end, and a further plan is empty.
		time.Sleep(7 * time.Hour)
		if again := w.mustPlan(addresses(t, people, plan.Fill), reading(importer.ReadsReport)); again.Summary.Pending() != 0 || again.Summary.Skipped[authmethod.KeptExisting] != people {
			t.Errorf("again: %+v", again.Summary)
		}
	})
}

// TestHiddenRun: where a run cannot be read nobody knows whom it wrote to since
// the report was made, and everybody is read, unless the report was asked for.
func TestHiddenRun(t *testing.T) {
	const people = 400 // so many that people are paged and the report pays
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: unregistered(workforce(people), 0), Levers: graphsim.Levers{ReportAge: 6 * time.Hour}})
		first := w.mustPlan(addresses(t, 10, plan.Fill), reading(importer.ReadsReport))
		run, err := w.apply(t.Context(), first, today)
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			name   string
			spoil  bool
			reads  importer.Reads
			hidden bool
			read   int
		}{
			{"whole", false, importer.ReadsAuto, false, 10},
			{"damaged", true, importer.ReadsAuto, true, people},
			{"damaged, and the report asked for", true, importer.ReadsReport, true, 0},
		} {
			if test.spoil {
				if err := os.WriteFile(filepath.Join(w.runs, run.RunID, "journal.jsonl"), []byte("rubble\n{}\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var hidden error
			p := w.mustPlan(addresses(t, people, plan.Fill), reading(test.reads), func(o *importer.PlanOptions) {
				o.Runs, o.Hidden = w.runs, func(err error) { hidden = err }
			})
			if (hidden != nil) != test.hidden || p.Known.Read != test.read {
				t.Errorf("%s: %v, %+v", test.name, hidden, p.Known)
			}
		}
	})
}

// TestNoReport: without licence or permission everybody is read, unless the
// report was asked for by name.
func TestNoReport(t *testing.T) {
	const people = 400 // so many that people are paged and the report pays
	permissions := []string{"User.Read.All", "UserAuthMethod-Phone.ReadWrite.All", "UserAuthMethod-Email.ReadWrite.All"}
	unlicensed := unregistered(workforce(people), 0.3)
	unlicensed.ServicePlans = []string{}
	for _, test := range []struct {
		name       string
		options    graphsim.Options
		unlicensed bool
	}{
		{"no permission", graphsim.Options{Tenant: unregistered(workforce(people), 0.3), Permissions: permissions}, false},
		{"no licence", graphsim.Options{Tenant: unlicensed}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, test.options)
				told := 0
				p := w.mustPlan(addresses(t, people, plan.Fill), func(o *importer.PlanOptions) {
					o.NoReport = func(none *survey.NoReportError) {
						if told++; none.Unlicensed != test.unlicensed {
							t.Errorf("told %v", none)
						}
					}
				})
				if told != 1 || p.Known.Read != people || p.Summary.Creates != people*7/10 {
					t.Errorf("told %d times, %+v, %+v", told, p.Known, p.Summary)
				}
				_, err := w.plan(addresses(t, people, plan.Fill), reading(importer.ReadsReport))
				var none *survey.NoReportError
				if !errors.As(err, &none) || none.Unlicensed != test.unlicensed || !test.unlicensed && !graph.IsSignIn(err) {
					t.Errorf("by the report: %v", err)
				}
			})
		})
	}
}

// TestWhoIsRead: what the report does not cover is read, and nobody else.
func TestWhoIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant := unregistered(workforce(50), 0.2)
		disabled := false
		for i := range 5 {
			tenant.Users[i].AccountEnabled = &disabled
		}
		w := newWorld(t, graphsim.Options{Tenant: tenant})
		p := w.mustPlan(addresses(t, 50, plan.Fill), reading(importer.ReadsReport), including(authmethod.Disabled))
		if p.Known.Read != 5 || p.Known.Report != 45 || p.Summary.Creates != 40 || p.Summary.Skipped[authmethod.KeptExisting]+p.Unchanged[authmethod.Email] != 10 {
			t.Errorf("%+v, %+v", p.Known, p.Summary)
		}
		for _, c := range p.Changes {
			if want := (map[bool]plan.Known{true: plan.ByRead, false: plan.ByReport})[c.Origin.Line <= 6]; c.Known != want {
				t.Errorf("line %d: known by %q", c.Origin.Line, c.Known)
			}
		}
	})
}

// TestManyGuests: a tenant full of guests costs pages, not reads, and its
// guests are left out.
func TestManyGuests(t *testing.T) {
	guests, employees := 300_000, 400
	if testing.Short() {
		guests = 30_000
	}
	tenant := unregistered(workforce(guests+employees), 0)
	for i := range guests {
		u := &tenant.Users[employees+i]
		u.UserType, u.UserPrincipalName = "Guest", fmt.Sprintf("guest%d_fabrikam.example#EXT#@contoso.example", i)
	}
	for _, extra := range []int{0, 200} { // guests in the file
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, graphsim.Options{Tenant: tenant})
			p := w.mustPlan(addresses(t, employees+extra, plan.Fill))
			stats := w.sim.Stats()
			t.Logf("%d rows: %d requests in %d round trips", employees+extra, requests(stats, graphsim.Stats{}), stats.RoundTrips)
			if p.Summary.Creates != employees || p.Summary.Rows.LeftOut[authmethod.Guest] != extra {
				t.Errorf("%+v", p.Summary)
			}
			// Paging is given up for lookups, since nobody needs 300 pages for 600
			// rows.
			if n := requests(stats, graphsim.Stats{}); n > int64(employees+4*(employees+extra)/graph.MaxFindKeys) {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestTwoWithOneEmployeeID are nobody, whichever way they are found.
func TestTwoWithOneEmployeeID(t *testing.T) {
	for _, rows := range []int{10, 400} {
		synctest.Test(t, func(t *testing.T) {
			tenant := unregistered(workforce(500), 0)
			tenant.Users[499].EmployeeID = "000003"
			w := newWorld(t, graphsim.Options{Tenant: tenant, PageLimit: 50})
			p := w.mustPlan(addresses(t, rows, plan.Fill))
			if p.Summary.Creates != rows-1 || p.Summary.Rows.LeftOut[authmethod.AmbiguousMatch] != 1 {
				t.Errorf("%d rows: %+v", rows, p.Summary)
			}
			for _, s := range p.Skipped {
				if s.Origin.Line != 4 || !strings.Contains(s.Detail, "2 people in the tenant") {
					t.Errorf("%d: %s", s.Origin.Line, s.Detail)
				}
			}
		})
	}
}

// TestTenantThatMoves: people leave and join while their pages are read. Everybody
// who is still there is planned, once; who has left is no match, or is told by the
// service when it is their turn.
func TestTenantThatMoves(t *testing.T) {
	const people = 600
	for _, way := range []importer.Reads{importer.ReadsReport, importer.ReadsFull} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, graphsim.Options{
				Tenant: unregistered(workforce(people), 0), PageLimit: 50, Levers: graphsim.Levers{Seed: 3, Churn: 4},
			})
			p := w.mustPlan(addresses(t, people, plan.Fill), reading(way))
			checkRows(t, p.Summary.Rows)
			planned := map[string]int{}
			for _, c := range p.Changes {
				planned[c.User.ID]++
			}
			there := w.sim.Tenant().Users
			left := people - len(p.Changes)
			for _, u := range there {
				if n := planned[u.ID]; n > 1 || n == 0 && u.EmployeeID != "" && u.EmployeeID <= fmt.Sprintf("%06d", people) {
					t.Errorf("%s: somebody who is there is planned %d times", way, n)
				}
			}
			if left == 0 || p.Summary.Skipped[authmethod.NoMatch] != left {
				t.Errorf("%s: %d have left, %d are no match", way, left, p.Summary.Skipped[authmethod.NoMatch])
			}
			run, err := w.apply(t.Context(), p, today)
			if err != nil {
				t.Fatal(err)
			}
			gone := 0
			for id := range planned {
				if !slices.ContainsFunc(there, func(u graphsim.User) bool { return u.ID == id }) {
					gone++
				}
			}
			if run.Counts.Failed != gone || run.Counts.Done != len(p.Changes)-gone {
				t.Errorf("%s: %+v, of which %d were gone", way, run.Counts, gone)
			}
		})
	}
}
