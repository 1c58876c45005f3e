package importer_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/schedule"
)

// pack packs journal and plan of a run, whatever its state and size.
func pack(t testing.TB, runs, id string) {
	t.Helper()
	for _, name := range []string{"journal.jsonl", "plan.json"} {
		path := filepath.Join(runs, id, name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		zip := gzip.NewWriter(&b)
		_, err = zip.Write(text)
		if err := errors.Join(err, zip.Close(), os.WriteFile(path+".gz", b.Bytes(), 0o600), os.Remove(path)); err != nil {
			t.Fatal(err)
		}
	}
}

func isPacked(runs, id string) bool {
	_, plain := os.Stat(filepath.Join(runs, id, "journal.jsonl"))
	_, plainPlan := os.Stat(filepath.Join(runs, id, "plan.json"))
	return os.IsNotExist(plain) && os.IsNotExist(plainPlan)
}

// TestPackedRunGoesOn: a run that was killed and then packed is taken up again,
// packed when it is over, resumed once more, which does nothing, and undone.
func TestPackedRunGoesOn(t *testing.T) {
	for _, lines := range []int{1, 40, 100} {
		synctest.Test(t, func(t *testing.T) {
			c := newCrash(t, crashTenant())
			if !c.dies(lines, false) {
				t.Fatalf("a run is only %d lines", lines)
			}
			pack(t, c.runs, crashRun)
			c.keep = true
			c.checkWhole(c.resume(1))
			if err := journal.Compress(c.runs, crashRun); err != nil {
				t.Fatal(err)
			}
			if !isPacked(c.runs, crashRun) {
				t.Error("it is over, and not packed")
			}
			run, p, err := importer.Resume(t.Context(), c.client, journal.Last, c.options())
			if err != nil || run.State != journal.Finished || p.Digest != c.plan.Digest || !isPacked(c.runs, crashRun) {
				t.Errorf("%+v, %v", run, err)
			}
			c.rollBack()
			if err := journal.Compress(c.runs, journal.Last); err != nil {
				t.Fatal(err)
			}
			list, err := journal.List(c.runs)
			if err != nil || len(list) != 2 || !isPacked(c.runs, list[0].RunID) || list[0].Undoes != crashRun || list[1].State != journal.RolledBack {
				t.Errorf("%+v, %v", list, err)
			}
		})
	}
}

// TestPackedRunKeepsItsFailures: what the service said no to stays listed.
func TestPackedRunKeepsItsFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrash(t, crashTenant())
		c.breaks = func(call graphsim.Call) *graphsim.Fault {
			if call.Batched && call.Method != http.MethodGet && call.User == crashID(0) {
				return &graphsim.Fault{Status: http.StatusBadRequest}
			}
			return nil
		}
		run, err := importer.Apply(t.Context(), c.client, c.plan, c.options())
		if err != nil || run.State != journal.Incomplete || run.Resumable() != 0 {
			t.Fatalf("%+v, %v", run, err)
		}
		list, err := os.ReadFile(journal.FailuresPath(c.runs, run.RunID))
		if err != nil {
			t.Fatal(err)
		}
		if err := journal.Compress(c.runs, run.RunID); err != nil || !isPacked(c.runs, run.RunID) {
			t.Fatalf("packed %t, %v", isPacked(c.runs, run.RunID), err)
		}
		again, _, err := importer.Resume(t.Context(), c.client, run.RunID, c.options())
		if err != nil || again.Counts != run.Counts {
			t.Errorf("%+v, %v", again, err)
		}
		now, err := os.ReadFile(journal.FailuresPath(c.runs, run.RunID))
		if err != nil || !bytes.Equal(list, now) {
			t.Errorf("the list of failures is another: %v", err)
		}
	})
}

// TestPackedRunsAreKnownToPlanning: whom they wrote to is read, as with others, and
// that is so whatever was pruned.
func TestPackedRunsAreKnownToPlanning(t *testing.T) {
	const people = 400 // so many that people are paged and the report pays
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: unregistered(workforce(people), 0), Levers: graphsim.Levers{ReportAge: 6 * time.Hour}})
		first := w.mustPlan(addresses(t, 10, plan.Fill), reading(importer.ReadsReport))
		run, err := w.apply(t.Context(), first, today)
		if err != nil {
			t.Fatal(err)
		}
		pack(t, w.runs, run.RunID)
		pruned, err := importer.Prune(t.Context(), importer.PruneOptions{Runs: w.runs, Keep: journal.Keep{For: journal.LeastKept}, Now: time.Now().Add(71 * time.Hour)})
		if err != nil || pruned.Runs.Recent != 1 || len(pruned.Runs.Removed) != 0 {
			t.Errorf("%+v, %v", pruned.Runs, err)
		}
		var hidden error
		p := w.mustPlan(addresses(t, people, plan.Fill), reading(importer.ReadsAuto), func(o *importer.PlanOptions) {
			o.Runs, o.Hidden = w.runs, func(err error) { hidden = err }
		})
		if hidden != nil || p.Known.Read != 10 {
			t.Errorf("%v, %+v", hidden, p.Known)
		}
	})
}

// TestPruneRunsAndNights removes both, of several folders of jobs.
func TestPruneRunsAndNights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrash(t, crashTenant())
		run, err := importer.Apply(t.Context(), c.client, c.plan, c.options())
		if err != nil {
			t.Fatal(err)
		}
		state := filepath.Dir(c.runs)
		jobs := []string{filepath.Join(state, "sync"), filepath.Join(state, "sync-sandbox")}
		for _, of := range jobs {
			for _, age := range []time.Duration{0, 24 * time.Hour, 100 * 24 * time.Hour} {
				if err := os.MkdirAll(schedule.NightFolder(filepath.Join(of, "contoso"), today.Add(-age)), 0o700); err != nil {
					t.Fatal(err)
				}
			}
		}
		o := importer.PruneOptions{Runs: c.runs, Jobs: jobs, Keep: journal.Keep{For: 30 * 24 * time.Hour}, Now: today}
		p, err := importer.Prune(t.Context(), o)
		if err != nil || len(p.Runs.Removed) != 0 || len(p.Nights.Removed) != 2 || p.Nights.Kept != 4 {
			t.Errorf("%+v, %+v, %v", p.Runs, p.Nights, err)
		}
		o.Now = today.Add(31 * 24 * time.Hour)
		p, err = importer.Prune(t.Context(), o)
		if err != nil || len(p.Runs.Removed) != 1 || len(p.Nights.Removed) != 2 || p.Nights.Kept != 2 || p.Stuck() != 0 {
			t.Errorf("%+v, %+v, %v", p.Runs, p.Nights, err)
		}
		if diff := cmp.Diff(run.Counts, p.Runs.Removed[0].Counts); diff != "" {
			t.Error(diff)
		}
		if _, err := os.Stat(c.runs); err != nil {
			t.Errorf("the folder of the runs: %v", err)
		}
	})
}
