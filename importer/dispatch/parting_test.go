package dispatch

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer/pace"
)

// TestParting: once the context is cancelled, what answers soon is waited for, and
// what hangs is given up; its lane is told whatever Failed makes of it.
func TestParting(t *testing.T) {
	for _, test := range []struct {
		name          string
		latency, took time.Duration
		answered      bool
	}{
		{"answers in time", 4*time.Second - 1, 4*time.Second - 1, true},
		{"hangs", 100 * time.Second, 4 * time.Second, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				why := errors.New("told to stop")
				time.AfterFunc(time.Second, func() { cancel(why) })
				lanes, pulled := lanesOf(1, 2)
				began := time.Now()
				err := Run(ctx, lanes, Options[int, answer]{
					Pacer: pace.NewPacer(pace.Limits{}), BatchSize: 20, Concurrency: 2, Judge: judge,
					Send: func(ctx context.Context, batch []int) ([]answer, error) {
						select {
						case <-ctx.Done():
							return nil, context.Cause(ctx)
						case <-time.After(test.latency):
							answers := make([]answer, len(batch))
							for i, q := range batch {
								answers[i] = answer{q, 200}
							}
							return answers, nil
						}
					},
					Failed: func(batch []int, err error) ([]answer, Verdict, error) {
						if !errors.Is(err, why) {
							t.Errorf("given up for %v", err)
						}
						return make([]answer, len(batch)), Verdict{}, nil
					},
				})
				if !errors.Is(err, why) || time.Since(began) != test.took {
					t.Errorf("%v after %v, want %v", err, time.Since(began), test.took)
				}
				for _, l := range *pulled {
					if len(l.taken) != 1 || (l.taken[0].status == 200) != test.answered {
						t.Errorf("a lane took %v", l.taken)
					}
				}
			})
		})
	}
}
