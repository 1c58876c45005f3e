package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/report"
	"authseed/importer/schedule"
)

func pruning(runs int) *report.Pruning {
	at := time.Date(2026, 8, 1, 3, 0, 0, 0, time.UTC)
	p := &report.Pruning{
		Keep: journal.Keep{For: 30 * 24 * time.Hour}, Before: time.Date(2026, 10, 28, 3, 0, 0, 0, time.UTC),
		Runs: &journal.Pruned{Recent: 12, Kept: map[journal.Hold]int{}}, Nights: &schedule.PrunedNights{Kept: 31},
	}
	for i := range runs {
		p.Runs.Removed = append(p.Runs.Removed, journal.Removed{Bytes: 1000, Run: &journal.Run{
			Head:  journal.Head{RunID: fmt.Sprintf("20260801T030000.000-%04d", i), PlanID: "plan-1", Tenant: plan.Tenant{ID: "tenant-1", Name: "Contoso"}, At: at},
			State: journal.Finished, EndedAt: at.Add(time.Hour), Counts: journal.Counts{Planned: 1376, Done: 1376},
		}})
		p.Runs.Bytes += 1000
	}
	return p
}

func TestPruned(t *testing.T) {
	full := pruning(1)
	full.Runs.Kept = map[journal.Hold]int{
		journal.HoldRunning: 1, journal.HoldInterrupted: 2, journal.HoldResumable: 3, journal.HoldEncrypted: 4, journal.HoldLinked: 5,
	}
	full.Runs.Stuck = []journal.Stuck{{ID: "20260802T030000.000-ab12", Err: errors.Join(errors.New("no\x1b[2J"), errors.New("way"))}}
	full.Runs.Remains = 2
	full.Nights.Removed, full.Nights.Bytes = []schedule.PrunedNight{{Job: "contoso", Night: "20260801T030000.000Z", Bytes: 234}}, 234
	full.Nights.Stuck = []schedule.StuckNight{{Job: "contoso", Night: "20260802T030000.000Z", Err: errors.New("busy")}}
	dry := pruning(1)
	dry.DryRun, dry.Keep = true, journal.Keep{Newest: 1000}
	for _, c := range []struct {
		name string
		p    *report.Pruning
		want string
	}{
		{"all there is", full, `RUN                       STARTED (UTC)     STATE                  DONE  TENANT
20260801T030000.000-0000  2026-08-01 03:00  done            1,376/1,376  Contoso

NIGHT                 JOB
20260801T030000.000Z  contoso

Removed 1 run and 1 night, from before 2026-10-28 03:00 UTC: 1,234 bytes.
Removed what was left of 2 runs that had been removed in part or never began.
Kept, as asked for: 12 runs and 31 nights.
Older, and kept all the same:
         1  running: being written, or written to a moment ago
         2  interrupted: cut off: authseed resume or rollback settles it
         3  resumable: authseed resume would still go on with it
         4  encrypted: nobody here can tell whether it has ended
         5  linked: undoes a run that is kept, or is undone by one
Could not be removed:
  20260802T030000.000-ab12: no�[2J; way
  contoso 20260802T030000.000Z: busy
`},
		{"nothing", pruning(0), `Nothing to remove from before 2026-10-28 03:00 UTC.
Kept, as asked for: 12 runs and 31 nights.
`},
		{"dry, by number", dry, `RUN                       STARTED (UTC)     STATE                  DONE  TENANT
20260801T030000.000-0000  2026-08-01 03:00  done            1,376/1,376  Contoso

Would remove 1 run and 0 nights, besides the newest 1,000 and those of the last
    three days: 1,000 bytes.
Kept, as asked for: 12 runs and 31 nights.
`},
	} {
		var b bytes.Buffer
		if err := report.Pruned(&b, c.p, report.TextOptions{}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, b.String()); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	var b bytes.Buffer
	if err := report.Pruned(&b, pruning(1000), report.TextOptions{}); err != nil || strings.Count(b.String(), "\n") > 210 || !strings.Contains(b.String(), "... and 800 more: --output json lists them") {
		t.Errorf("a long one: %v\n%s", err, b.String())
	}
	if full.Stuck() != 2 {
		t.Errorf("%d could not be removed", full.Stuck())
	}
}

func TestPrunedJSON(t *testing.T) {
	p := pruning(2)
	p.Runs.Kept[journal.HoldEncrypted] = 3
	p.Runs.Stuck = []journal.Stuck{{ID: "20260802T030000.000-ab12", Err: errors.New("no")}}
	p.Nights.Removed, p.Nights.Bytes = []schedule.PrunedNight{{Job: "contoso", Night: "20260801T030000.000Z", Bytes: 234}}, 234
	var b bytes.Buffer
	if err := report.PrunedJSON(&b, p); err != nil {
		t.Fatal(err)
	}
	var got, want any
	const text = `{"format_version": 1, "dry_run": false, "keep": "30d", "before": "2026-10-28T03:00:00Z", "freed_bytes": 2234,
"runs": {"kept": 12, "held": {"encrypted": 3}, "remains": 0, "failed": [{"id": "20260802T030000.000-ab12", "error": "no"}], "removed": [
{"id": "20260801T030000.000-0000", "plan_id": "plan-1", "tenant": {"id": "tenant-1", "name": "Contoso", "cloud": ""}, "started_at": "2026-08-01T03:00:00Z",
 "ended_at": "2026-08-01T04:00:00Z", "state": "done", "counts": {"planned": 1376, "done": 1376, "failed": 0, "stale": 0, "unknown": 0, "pending": 0}, "bytes": 1000},
{"id": "20260801T030000.000-0001", "plan_id": "plan-1", "tenant": {"id": "tenant-1", "name": "Contoso", "cloud": ""}, "started_at": "2026-08-01T03:00:00Z",
 "ended_at": "2026-08-01T04:00:00Z", "state": "done", "counts": {"planned": 1376, "done": 1376, "failed": 0, "stale": 0, "unknown": 0, "pending": 0}, "bytes": 1000}]},
"nights": {"kept": 31, "failed": [], "removed": [{"job": "contoso", "night": "20260801T030000.000Z", "bytes": 234}]}}`
	if err := errors.Join(json.Unmarshal(b.Bytes(), &got), json.Unmarshal([]byte(text), &want)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
