package importer_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer"
	"authseed/importer/apply"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
	"authseed/importer/pace"
	"authseed/importer/plan"
	"authseed/importer/survey"
)

// workforce is a tenant of so many people without guests and disabled accounts.
func workforce(people int) *graphsim.Tenant {
	tenant := graphsim.Generate(people, 6)
	for i := range tenant.Users {
		tenant.Users[i].UserType, tenant.Users[i].AccountEnabled = "", nil
	}
	return tenant
}

// unregistered takes everybody's methods away but those of every step-th.
func unregistered(tenant *graphsim.Tenant, share float64) *graphsim.Tenant {
	for i := range tenant.Users {
		u := &tenant.Users[i]
		u.PhoneMethods, u.EmailMethods = nil, nil
		if int(float64(i+1)*share) > int(float64(i)*share) {
			u.EmailMethods = []graphsim.EmailMethod{{EmailAddress: fmt.Sprintf("old%d@home.example", i)}}
		}
	}
	return tenant
}

// addresses is a file of the first so many employees and an address for each.
func addresses(t testing.TB, rows int, rule plan.Rule) importer.File {
	var b strings.Builder
	b.WriteString("Employee ID,Personal Email\n")
	for i := range rows {
		fmt.Fprintf(&b, "%06d,new%d@home.example\n", i+1, i)
	}
	return file(parse(t, addressMapping(rule)), b.String())
}

func addressMapping(rule plan.Rule) string {
	return fmt.Sprintf(`version: 1
name: Addresses
match:
  - {attribute: employeeId, column: Employee ID}
methods:
  email: {columns: [Personal Email]}
policy: {email: %s}
`, rule)
}

func newPacer() *pace.Pacer { return pace.NewPacer(pace.Limits{}) }

// requests is how many requests were made: those sent alone and the items of
// batches.
func requests(s graphsim.Stats, before graphsim.Stats) int64 {
	return s.Reads + s.Writes - before.Reads - before.Writes
}

// TestRequestsOfAPlan holds plans to what the product promises of them, in a
// tenant of 100,000.
func TestRequestsOfAPlan(t *testing.T) {
	const people = 100_000
	tenant := unregistered(workforce(people), 0.3)
	for _, test := range []struct {
		name            string
		rows            int
		rule            plan.Rule
		requests, trips int64 // at most
		read            int   // people
	}{
		{name: "fill, 20,000 rows", rows: 20_000, rule: plan.Fill, requests: 220, trips: 220},
		{name: "fill, 200 rows", rows: 200, rule: plan.Fill, requests: 220, trips: 25, read: 200},
		{name: "fill, 300 rows", rows: 300, rule: plan.Fill, requests: 330, trips: 30, read: 300},
		// A read for each of the 6,000 who are registered, in full batches.
		{name: "replace, 20,000 rows", rows: 20_000, rule: plan.Replace, requests: 220 + 6_000, trips: 220 + 6_000/20 + 15, read: 6_000},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, graphsim.Options{Tenant: tenant, Latency: 50 * time.Millisecond})
				start := time.Now()
				p := w.mustPlan(addresses(t, test.rows, test.rule), allowing(plan.ReplacesRegistered))
				took, stats := time.Since(start), w.sim.Stats()
				t.Logf("%d requests in %d round trips, %v at 50 ms each", requests(stats, graphsim.Stats{}), stats.RoundTrips, took)
				if n := requests(stats, graphsim.Stats{}); n > test.requests || stats.RoundTrips > test.trips {
					t.Errorf("%d requests in %d round trips, want at most %d in %d", n, stats.RoundTrips, test.requests, test.trips)
				}
				if p.Known.Read != test.read || p.Known.Read+p.Known.Report != test.rows {
					t.Errorf("known %+v", p.Known)
				}
				registered := test.rows * 3 / 10
				want := plan.Summary{Creates: test.rows - registered}
				if test.rule == plan.Replace {
					want.Updates = registered
				}
				if p.Summary.Creates != want.Creates || p.Summary.Updates != want.Updates || len(stats.Refused) > 0 {
					t.Errorf("%+v, refused %v", p.Summary, stats.Refused)
				}
			})
		})
	}
}

// TestRequestsOfAnImport: 10,000 creates where half a request a second is
// allowed, from the file to the end of the run.
func TestRequestsOfAnImport(t *testing.T) {
	const creates = 10_000
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{
			Tenant: unregistered(workforce(creates), 0), Latency: 50 * time.Millisecond,
			Levers: graphsim.Levers{Throttle: graphsim.Throttle{Rate: 0.5, Burst: 1, RetryAfter: graphsim.RetrySeconds}},
		})
		pacer, start := pace.NewPacer(pace.Limits{}), time.Now()
		p := w.mustPlan(addresses(t, creates, plan.Fill), func(o *importer.PlanOptions) {
			o.Survey = survey.Options{Pacer: pacer, Concurrency: 8}
		})
		planned, planning := w.sim.Stats(), time.Since(start)
		o := w.applyOptions(today, nil)
		o.Apply = apply.Options{Pacer: pacer, Concurrency: 8}
		run, err := importer.Apply(t.Context(), w.client, p, o)
		if err != nil || run.State != journal.Finished || run.Counts.Done != creates {
			t.Fatalf("%+v, %v", run, err)
		}
		stats := w.sim.Stats()
		all := stats.RoundTrips - planned.RoundTrips
		t.Logf("plan: %d answered, %d round trips, %v; apply: %d answered and %d refused in %d round trips, %v in all",
			requests(planned, graphsim.Stats{}), planned.RoundTrips, planning,
			requests(stats, planned), stats.ThrottledItems-planned.ThrottledItems, all, time.Since(start))
		if made := requests(stats, graphsim.Stats{}) + stats.ThrottledItems; made > creates*105/100 {
			t.Errorf("%d requests for %d creates", made, creates)
		}
	})
}
