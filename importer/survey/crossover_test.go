package survey_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// cost is what a way to find people took.
type cost struct {
	requests, trips int64
	time            time.Duration
}

// slowPages adds to a round trip what a full page of 999 people takes longer;
// how long is unverified.
type slowPages struct{ *world }

func (s slowPages) Users(ctx context.Context, next string, scope graph.Scope, want graph.Wanted) ([]authmethod.User, string, error) {
	people, following, err := s.world.Users(ctx, next, scope, want)
	time.Sleep(time.Duration(len(people)) * 200 * time.Microsecond)
	return people, following, err
}

// TestCrossover measures both ways to find people, at 50 ms a round trip and
// 200 ms more for a full page, and that the one that is taken is never far
// dearer than the other would have been.
func TestCrossover(t *testing.T) {
	type way = func(context.Context, survey.Reader, []authmethod.Key, survey.Options) error
	chosen := func(ctx context.Context, r survey.Reader, keys []authmethod.Key, o survey.Options) error {
		_, err := survey.FindPeople(ctx, r, keys, nil, graph.Wanted{}, o)
		return err
	}
	for _, people := range []int{900, 5_000, 20_000} {
		tenant := graphsim.Generate(people, 1)
		for _, keys := range []int{100, 301, 1_500} {
			if keys > people {
				continue
			}
			measure := func(find way) (c cost) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, graphsim.Options{Tenant: tenant, Latency: 50 * time.Millisecond})
					start := time.Now()
					if err := find(t.Context(), slowPages{w}, employees(upTo(keys)...), w.options()); err != nil {
						t.Fatal(err)
					}
					s := w.sim.Stats()
					c = cost{s.Reads, s.RoundTrips, time.Since(start).Round(100 * time.Millisecond)}
				})
				return c
			}
			lookUp, page, taken := measure(survey.LookUp), measure(survey.Page), measure(chosen)
			t.Logf("%7d people, %6d keys: looked up %v, paged %v, taken %v", people, keys, lookUp, page, taken)
			// Whoever knew the size of the tenant would pay the smaller; who does
			// not pays at most twice that, and up to one round trip's worth more.
			if most := 2*min(lookUp.requests, page.requests) + graph.MaxBatch; taken.requests > most {
				t.Errorf("%d people, %d keys: %d requests, want at most %d", people, keys, taken.requests, most)
			}
		}
	}
}

func (c cost) String() string {
	return fmt.Sprintf("%d requests/%d trips/%v", c.requests, c.trips, c.time)
}
