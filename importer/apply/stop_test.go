package apply_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
	"authseed/importer/plan"
)

// checkDone compares what the journal calls done with what the tenant shows.
func (w *world) checkDone(p *plan.Plan, run *journal.Run) {
	w.Helper()
	people := w.people()
	for _, c := range p.Pending() {
		result, have := run.Result(c.ID), people[c.User.ID][c.Method]
		switch {
		case result == journal.Done && !have.Equal(c.After):
			w.Errorf("%s %s is called done, and the tenant has %s", c.Action, c.Method, have)
		case (result == journal.Failed || result == journal.Pending) && !have.Equal(c.Before):
			w.Errorf("%s %s is %s, and the tenant has %s", c.Action, c.Method, result, have)
		}
	}
}

// TestCancelled interrupts a run at different places and lets a fresh plan
// finish the work.
func TestCancelled(t *testing.T) {
	for _, at := range []int{1, 2, 5, 9, 14} {
		t.Run(fmt.Sprint("at round trip ", at), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				have, want, after := mixed(210)
				w := newWorld(t, have...)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				trips, late := 0, 0
				var over time.Time
				w.fault = func(c graphsim.Call) *graphsim.Fault {
					if c.Batched {
						return nil
					}
					if !over.IsZero() && time.Now().After(over) {
						late++
					}
					if trips++; trips == at {
						over = time.Now()
						cancel()
					}
					return nil
				}
				p := w.plan(want)
				run, err := w.applied(ctx, p)
				if !errors.Is(err, context.Canceled) {
					t.Errorf("the run ended with %v", err)
				}
				if late > 0 {
					t.Errorf("%d round trips left after the interrupt", late)
				}
				// Every answer came; what was answered without showing is known
				// when somebody has looked.
				w.checkDone(p, run)
				unseen := 0
				for _, c := range p.Pending() {
					if run.Result(c.ID) == journal.Unknown && c.Action != plan.Create {
						unseen++
					}
				}
				if run.State != journal.Interrupted || run.Counts.Unknown != unseen || run.Counts.Done+unseen != w.writes() || run.Counts.Pending == 0 {
					t.Errorf("%s %+v, %d writes", run.State, run.Counts, w.writes())
				}
				w.fault, w.runs = nil, t.TempDir()
				if run := w.mustApply(w.plan(want)); run.State == "" || run.Counts.Done != run.Counts.Planned {
					t.Errorf("the rest: %+v", run.Counts)
				}
				if diff := cmp.Diff(after, w.shows()); diff != "" {
					t.Errorf("the tenant (-want +got)\n%s", diff)
				}
				if stats := w.sim.Stats(); stats.DuplicateCreates > 0 {
					t.Errorf("%d creates of what was there", stats.DuplicateCreates)
				}
			})
		})
	}
}

func TestCancelledBeforeItBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := w.applied(ctx, w.plan([]string{"mobile=1"})); !errors.Is(err, context.Canceled) || w.sim.Stats().RoundTrips != 0 {
			t.Errorf("%v, %d round trips", err, w.sim.Stats().RoundTrips)
		}
	})
}

// TestCancelledWhileWaiting interrupts a run that sits out a Retry-After.
func TestCancelledWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, crowd(30, "")...)
		w.fault = always(isWrite, graphsim.Fault{Status: 429, Header: map[string][]string{"Retry-After": {"600"}}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		run, err := w.applied(ctx, w.plan(crowd(30, "mobile=#")))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > time.Minute+time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		// What was turned away is known not to have been done.
		if w.writes() != 0 || run.Counts.Pending != 30 {
			t.Errorf("%d writes, %+v", w.writes(), run.Counts)
		}
	})
}

// brittle is the real journal until one of its methods breaks.
type brittle struct {
	*journal.Journal
	intends, records int // that still work; below 0 all do
	broken           bool
}

var errDisk = errors.New("no space left on device")

func (b *brittle) breaks(left *int) bool {
	if *left == 0 {
		b.broken = true
		return true
	}
	*left--
	return false
}

func (b *brittle) Intend(changes []string) error {
	if b.breaks(&b.intends) {
		return errDisk
	}
	return b.Journal.Intend(changes)
}

func (b *brittle) Record(o journal.Outcome) error {
	if b.breaks(&b.records) {
		return errDisk
	}
	return b.Journal.Record(o)
}

// TestJournalThatFails: a journal that cannot be written stops the run before
// the next write.
func TestJournalThatFails(t *testing.T) {
	for _, test := range []struct{ intends, records int }{
		{0, -1}, {1, -1}, {6, -1}, {-1, 0}, {-1, 1}, {-1, 50}, {6, 50},
	} {
		t.Run(fmt.Sprintf("after %d intents or %d outcomes", test.intends, test.records), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const people = 600
				w := newWorld(t, crowd(people, "")...)
				w.concurrency = 1 // asks no lock of brittle, and nothing is in flight
				p := w.plan(crowd(people, "mobile=# email=p#"))
				real, err := journal.Create(w.runs, run1, "test", p)
				if err != nil {
					t.Fatal(err)
				}
				defer real.Abandon()
				b := &brittle{Journal: real, intends: test.intends, records: test.records}
				late := 0
				w.fault = func(graphsim.Call) *graphsim.Fault {
					if b.broken {
						late++
					}
					return nil
				}
				counts, err := w.run(t.Context(), p, b)
				if !errors.Is(err, errDisk) || graph.IsSignIn(err) {
					t.Errorf("the run ended with %v", err)
				}
				if late > 0 {
					t.Errorf("%d requests came after the journal broke", late)
				}
				if counts.Pending == 0 || counts.Done > w.writes() {
					t.Errorf("%d writes, %+v", w.writes(), counts)
				}
				// Whatever was written was intended on disk.
				run, err := journal.Read(w.runs, run1)
				if err != nil {
					t.Fatal(err)
				}
				w.checkIntended(p, run)
			})
		})
	}
}

// checkIntended finds writes the journal knows nothing of.
func (w *world) checkIntended(p *plan.Plan, run *journal.Run) {
	w.Helper()
	people := w.people()
	for _, c := range p.Pending() {
		if changed := !people[c.User.ID][c.Method].Equal(c.Before); changed && run.Result(c.ID) == journal.Pending {
			w.Errorf("%s %s was written without an intent", c.Action, c.Method)
		}
	}
}
