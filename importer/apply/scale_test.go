package apply_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/pace"
	"authseed/importer/plan"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// tenThousand is 5,000 people, each of whom is to get two methods.
const tenThousand = 5000

// perTrip is how many requests a round trip carries at least, over a whole run,
// reads included. It would be graph.MaxBatch but for the gentle start and the
// ends of the lanes.
const perTrip = 18

// TestRoundTrips counts what large applies cost, and how long they take where a
// round trip is 50 ms and nothing is throttled.
func TestRoundTrips(t *testing.T) {
	for _, test := range []struct {
		name       string
		people     int
		have, want string
		reads      bool // planned by the same command
		within     time.Duration
	}{
		{name: "creates", people: tenThousand, want: "office=1 email=p#", within: 6 * time.Second},
		{name: "creates, read and planned", people: tenThousand, want: "office=1 email=p#", reads: true},
		{name: "updates and deletes", people: 1000, have: "office=1 email=p#", want: "office=2 email=clear"},
		{name: "a second phase", people: 2000, want: "mobile=1 alternateMobile=2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorldWith(t, graphsim.Options{Latency: 50 * time.Millisecond}, crowd(test.people, test.have)...)
				in := inputOf(w.people(), crowd(test.people, test.want))
				pacer, start := pace.NewPacer(pace.Limits{}), time.Now()
				p := plan.Build(in)
				if test.reads {
					var err error
					if p, err = readAndPlan(t.Context(), w.client, pacer, in); err != nil {
						t.Fatal(err)
					}
				}
				run, err := w.appliedWith(t.Context(), p, pacer)
				took, stats := time.Since(start), w.sim.Stats()
				t.Logf("%d changes, %d requests in %d round trips, %v", run.Counts.Done, stats.Items, stats.RoundTrips, took)
				if changes := 2 * test.people; err != nil || run.Counts.Done != changes || p.Summary.Pending() != changes {
					t.Fatalf("%v, %+v", err, run.Counts)
				}
				if most := stats.Items / perTrip; stats.RoundTrips > most {
					t.Errorf("%d round trips, want at most %d", stats.RoundTrips, most)
				}
				if test.within > 0 && took > test.within {
					t.Errorf("it took %v, want at most %v", took, test.within)
				}
			})
		})
	}
}

// concurrency is the program's default.
const concurrency = 8

// readAndPlan plans as the importer does: what people have is read through
// Graph.
func readAndPlan(ctx context.Context, c *graph.Client, pacer *pace.Pacer, in plan.Input) (*plan.Plan, error) {
	ids := make([]string, len(in.Desired))
	for i, d := range in.Desired {
		ids[i] = d.User.ID
	}
	have, err := survey.ReadMethods(ctx, c, ids, []authmethod.Kind{authmethod.Mobile, authmethod.Email},
		survey.Options{Pacer: pacer, Concurrency: concurrency})
	if err != nil {
		return nil, err
	}
	in.Current = have.Of
	return plan.Build(in), nil
}
