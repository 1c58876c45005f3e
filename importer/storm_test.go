package importer_test

import (
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
)

// storm is the levers of a seed: one way to fail, or all of them, a fifth of
// the time; every second seed a limit and its refusals; answers in odd forms;
// reads that show what was; requests that take long.
func storm(seed uint64) graphsim.Levers {
	l := graphsim.Levers{
		Seed: seed, Faults: graphsim.Shares{},
		Slow:  graphsim.Slow{Share: 0.2, By: 3 * time.Second},
		Stale: time.Duration(seed%4) * 3 * time.Second,
		Form:  graphsim.Form{Shuffle: true, Case: graphsim.LetterCase(seed % 4), Numbers: seed%2 == 0},
	}
	mishaps := graphsim.Mishaps()
	switch one := int(seed) % (len(mishaps) + 1); one {
	case len(mishaps):
		for _, m := range mishaps {
			l.Faults[m.Name] = 0.2
		}
	default:
		l.Faults[mishaps[one].Name] = 0.2
	}
	if seed%2 == 1 {
		l.Throttle = graphsim.Throttle{
			Rate: 20, Burst: 10, RetryAfter: graphsim.RetryAfter(seed / 2 % 4), Whole: seed%3 == 0,
			PercentOnItems: seed%5 == 0, PercentOnResponse: seed%7 == 0,
		}
	}
	return l
}

// newStorm is the crash matrix's tenant in that weather.
func newStorm(t testing.TB, l graphsim.Levers) *crash {
	tenant := crashTenant()
	c := &crash{world: newWorld(t, graphsim.Options{Tenant: tenant, Latency: 20 * time.Millisecond, Levers: l})}
	c.before = setsOf(tenant)
	c.plan = crashPlan(c.before)
	return c
}

// calm ends the weather.
func (c *crash) calm() {
	runs := c.runs
	c.writes += c.sim.Stats().Writes
	c.world = newWorld(c.TB, graphsim.Options{Tenant: c.sim.Tenant(), Latency: 20 * time.Millisecond})
	c.runs = runs
}

// checkSoFar: what is called done is as planned, what is called anything but
// unknown is as it was, and every difference was written once.
func (c *crash) checkSoFar(run *journal.Run) {
	c.Helper()
	now := setsOf(c.sim.Tenant())
	different := 0
	for _, change := range c.plan.Pending() {
		have := now[change.User.ID][change.Method]
		before, after := have.Equal(change.Before), have.Equal(change.After)
		if after {
			different++
		}
		switch result := run.Result(change.ID); {
		case result == journal.Done && !after, result != journal.Done && result != journal.Unknown && !before, !before && !after:
			c.Errorf("%s %s of %s is %s, and the tenant has %s", change.Action, change.Method, change.User.UserPrincipalName, result, have)
		}
	}
	if stats := c.sim.Stats(); stats.Writes != int64(different) || stats.MaxWritesPerPerson > 1 {
		c.Errorf("%d writes for %d differences, at most %d at once for a person", stats.Writes, different, stats.MaxWritesPerPerson)
	}
}

// TestStorm applies the plan of the crash matrix in weather of every kind, and
// goes on with it as often as the weather ends it. In good weather the rest is
// written, everything compared, and rolled back. Without -matrix it is some of the
// weather.
func TestStorm(t *testing.T) {
	var parts, open int
	ended := map[journal.State]int{}
	seeds, least := uint64(60), 80
	if *matrix {
		seeds, least = 220, 300
	}
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			c := newStorm(t, storm(seed))
			run := c.weather(4, &parts)
			c.calm()
			if run == nil {
				run = c.weather(1, &parts)
			}
			ended[run.State]++
			open += run.Counts.Open()
			c.run, c.keep = run.RunID, !*matrix && seed%10 > 0
			c.checkWhole(c.resume(1))
		})
		if t.Failed() {
			t.Fatalf("with seed %d: %+v", seed, storm(seed))
		}
	}
	t.Logf("%d parts of runs; then %v, with %d changes open", parts, ended, open)
	if parts < least || ended[journal.Interrupted] == 0 || open == 0 {
		t.Error("the weather was too good to tell anything")
	}
}

// weather applies the plan, and goes on with the run up to so many times. It
// gives no run where not even the tenant's name could be had.
func (c *crash) weather(most int, parts *int) (run *journal.Run) {
	c.Helper()
	for range most {
		var err error
		before := run
		if run == nil {
			run, err = importer.Apply(c.Context(), c.client, c.plan, c.options())
		} else if run, _, err = importer.Resume(c.Context(), c.client, run.RunID, c.options()); run == nil {
			run = before
			continue
		}
		if run == nil {
			continue
		}
		*parts++
		c.checkSoFar(run)
		if err == nil && run.Resumable() == 0 {
			break
		}
	}
	return run
}
