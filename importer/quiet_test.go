package importer_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/pace"
	"authseed/importer/plan"
	"authseed/importer/schedule"
	"authseed/importer/survey"
)

var quiet = flag.Int("quiet", 2000, "rows of the night in which nothing has changed; 100000 measures what one may take")

// Figure 1 of what a night may take. Memory is the whole process's, the
// simulator's in it.
const (
	quietRequests = 250
	quietTime     = time.Minute
	quietMB       = 400
)

// TestQuietNight is a night in which nothing has changed but the order of the
// rows, and one that asks about everybody all the same.
func TestQuietNight(t *testing.T) {
	debug.SetGCPercent(50) // as main does
	defer debug.SetGCPercent(100)
	people := *quiet
	tenant := workforce(people)
	for i := range tenant.Users {
		u := &tenant.Users[i]
		u.PhoneMethods, u.EmailMethods = nil, []graphsim.EmailMethod{{EmailAddress: fmt.Sprintf("new%d@home.example", i)}}
	}
	id := tenant.ID
	w := newWorld(t, graphsim.Options{Tenant: tenant})
	tenant = nil
	debug.FreeOSMemory()
	simulator := memory(t, "VmRSS")
	rows := make([]string, people)
	for i := range rows {
		rows[i] = fmt.Sprintf("%06d,new%d@home.example\n", i+1, i)
	}
	m := parse(t, addressMapping(plan.Fill))
	folder, full := t.TempDir(), false
	night := func() (*schedule.Night, error) {
		return importer.Sync(t.Context(), w.client, importer.SyncOptions{
			Job: &schedule.Job{Name: "quiet"}, Tenant: id, Folder: folder, Full: full, Apply: w.applyOptions(time.Now(), nil),
			Plan: importer.PlanOptions{Now: time.Now(), ValidFor: time.Hour, Runs: w.runs, Survey: survey.Options{Pacer: pace.NewPacer(pace.Limits{}), Concurrency: 8}},
			Source: func(context.Context, string) (*importer.Arrival, error) {
				return &importer.Arrival{Export: schedule.Export{Name: "hr.csv"}, Open: func() (importer.File, func() error, error) {
					texts := []io.Reader{strings.NewReader("Employee ID,Personal Email\n")}
					for _, row := range rows {
						texts = append(texts, strings.NewReader(row))
					}
					f := file(m, "")
					f.Content = io.MultiReader(texts...)
					return f, func() error { return nil }, nil
				}}, nil
			},
			Keep: func(*plan.Plan, *schedule.Night) error { return nil },
		})
	}
	for _, at := range []struct {
		name            string
		change          func()
		outcome         schedule.Outcome
		settled         int
		atMost, atLeast int64 // requests
	}{
		{"the first", func() {}, schedule.NothingToDo, 0, quietRequests, 1},
		{"the same file", func() {}, schedule.Unchanged, 0, 0, 0},
		{"the same rows in another order", func() { slices.Reverse(rows) }, schedule.NothingToDo, people, 30, 1},
		{"everybody asked about", func() { full = true; slices.Reverse(rows) }, schedule.NothingToDo, 0, quietRequests, 1},
	} {
		at.change()
		before, start := w.sim.Stats(), time.Now()
		n, err := night()
		took, requests := time.Since(start), w.sim.Stats().Reads-before.Reads
		if err != nil || n.Outcome != at.outcome || n.Settled != at.settled || requests > at.atMost || requests < at.atLeast {
			t.Errorf("%s: %+v, %v, with %d requests", at.name, n, err, requests)
		}
		if took > quietTime {
			t.Errorf("%s took %v", at.name, took)
		}
		t.Logf("%s: %d requests, %v", at.name, requests, took.Round(time.Millisecond))
	}
	if w.sim.Stats().Writes != 0 {
		t.Errorf("%+v", w.sim.Stats())
	}
	peak := memory(t, "VmHWM")
	t.Logf("%d rows: the simulator holds %.0f MB, the peak of all since the process began is %.0f MB", people, simulator, peak)
	if people > 10_000 && peak > quietMB {
		t.Errorf("%.0f MB", peak)
	}
}
