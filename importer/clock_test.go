package importer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/schedule"
	"authseed/mapping/authmethod"
)

// TestClockWrong: nights on a host whose clock ran a year ahead, or is half a year
// behind, and is right again the next time. No later night is refused for it, policy
// own goes on knowing its own values, the newest run is the newest, and a run that
// was cut off before the clock jumped is not lost.
func TestClockWrong(t *testing.T) {
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	all := schedule.Percent(100)
	state, inbox := t.TempDir(), t.TempDir()
	var n *nightly
	for at, night := range []struct {
		clock   time.Duration // since two years after the bubble's beginning
		dies    bool          // before the journal's end, and before the ledger is told
		changes []int         // rows of HR; the first two
		before  func()
		check   func(*testing.T, *schedule.Night)
	}{
		{clock: 0, before: func() {
			for range 20 {
				n.hire(n.number())
			}
		}},
		{clock: year},
		{clock: 1 * day},
		{clock: 2 * day},
		{clock: -year / 2},
		{clock: 3 * day},
		{clock: 4 * day, dies: true, changes: []int{2, 3}},
		{clock: 4*day + year, changes: []int{4, 5}, check: func(t *testing.T, night *schedule.Night) {
			if r := night.Resumed; r == nil || !strings.Contains(r.Problem, "the plan was valid until") {
				t.Errorf("the run that was cut off: %+v", r)
			}
		}},
		{clock: 5 * day, changes: []int{2, 3}}, // the ledger has been told of them
		{clock: 6 * day, before: func() { n.register(n.hr[1].upn) }},
		{clock: -year},
		{clock: 7 * day},
	} {
		var has *graphsim.Tenant
		if n != nil {
			has = n.sim.Tenant()
		}
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(2*year + night.clock)
			if n == nil {
				n = newNightly(t)
				n.rule, n.job.Limits.MaxChangePercent = plan.Own, &all
			} else {
				n.world = newWorld(t, graphsim.Options{Tenant: has, Fault: n.fault})
			}
			n.live(state, inbox)
			if night.before != nil {
				night.before()
			}
			changes := night.changes
			if changes == nil && at > 0 {
				changes = []int{0, 1}
			}
			for _, i := range changes {
				n.hr[i].mobile = n.number()
			}
			n.deliver(n.hr)
			before := n.copy(n.state)
			told, err := n.run(t.Context())
			n.settle(true)
			if err != nil || told.Outcome != schedule.Applied {
				t.Errorf("night %d: %+v, %v", at, told, err)
			}
			n.holds(at, true)
			last, err := journal.Read(n.runs, journal.Last)
			if err != nil || last.RunID != told.RunID {
				t.Errorf("night %d: the last run is %v, %v, want %s", at, last.RunID, err, told.RunID)
			}
			if night.check != nil {
				night.check(t, told)
			}
			if night.dies {
				n.crash(killedUntold, before)
				unended(t, n.runs, last.RunID)
			}
		})
		if t.Failed() {
			break
		}
	}
	if n.theirs[n.hr[1].upn] == n.has[n.hr[1].upn].Equal(authmethod.ValueOf(n.hr[1].mobile)) || n.updated < 16 || n.noLedger != 1 || n.notTold > 1 {
		t.Errorf("%d values followed HR, %d times no ledger, %d times not told", n.updated, n.noLedger, n.notTold)
	}
}

// unended takes the end from a journal, as if the process had died before it.
func unended(t *testing.T, runs, id string) {
	path := filepath.Join(runs, id, "journal.jsonl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	if end := lines[len(lines)-2]; !strings.Contains(end, `"end"`) {
		t.Fatalf("the journal ends with %s", end)
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines[:len(lines)-2], "")), 0o600); err != nil {
		t.Fatal(err)
	}
}
