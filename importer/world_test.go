package importer_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer"
	"authseed/importer/apply"
	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
	"authseed/importer/pace"
	"authseed/importer/plan"
	"authseed/importer/survey"
	"authseed/mapping"
	"authseed/mapping/authmethod"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata")

// world is a simulated tenant and a client signed in to it.
type world struct {
	testing.TB
	sim    *graphsim.Server
	client *graph.Client
	runs   string
}

func newWorld(t testing.TB, o graphsim.Options) *world {
	t.Helper()
	sim, err := graphsim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	credential, err := graph.SignIn(graph.SignInOptions{Mode: "token", Getenv: func(string) string { return "t0ken" }})
	if err != nil {
		t.Fatal(err)
	}
	client, err := graph.New(graph.Options{Cloud: graph.Cloud(o.Cloud), Credential: credential, Transport: sim.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	return &world{t, sim, client, filepath.Join(t.TempDir(), "runs")}
}

// today is when plans are made.
var today = time.Date(2026, 11, 5, 9, 0, 0, 0, time.UTC)

func (w *world) plan(f importer.File, more ...func(*importer.PlanOptions)) (*plan.Plan, error) {
	o := importer.PlanOptions{
		ToolVersion: "test", Now: today, ValidFor: 72 * time.Hour,
		Survey: survey.Options{Pacer: pace.NewPacer(pace.Limits{}), Concurrency: 8},
	}
	for _, change := range more {
		change(&o)
	}
	p, err := importer.Plan(w.Context(), w.client, f, o)
	if err == nil {
		checkRows(w, p.Summary.Rows)
	}
	return p, err
}

func (w *world) mustPlan(f importer.File, more ...func(*importer.PlanOptions)) *plan.Plan {
	w.Helper()
	p, err := w.plan(f, more...)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

func including(reasons ...authmethod.Reason) func(*importer.PlanOptions) {
	return func(o *importer.PlanOptions) { o.Include = reasons }
}

func allowing(hazards ...plan.Hazard) func(*importer.PlanOptions) {
	return func(o *importer.PlanOptions) { o.Allow = hazards }
}

func (w *world) applyOptions(now time.Time, started func(string, int)) importer.ApplyOptions {
	return importer.ApplyOptions{
		Runs: w.runs, ToolVersion: "test", Now: now, Started: started,
		Apply: apply.Options{Pacer: pace.NewPacer(pace.Limits{}), Concurrency: 8},
	}
}

func (w *world) apply(ctx context.Context, p *plan.Plan, now time.Time) (*journal.Run, error) {
	return importer.Apply(ctx, w.client, p, w.applyOptions(now, nil))
}

// checkRows: no row is lost and none counted twice.
func checkRows(t testing.TB, r plan.Rows) {
	t.Helper()
	sum := r.Used + r.Merged
	for _, n := range r.LeftOut {
		sum += n
	}
	if sum != r.Read {
		t.Errorf("%d rows are accounted for of %d: %+v", sum, r.Read, r)
	}
}

// rows is the account of a file's rows in one line.
func rows(r plan.Rows) string {
	line := fmt.Sprintf("%d read, %d used, %d merged", r.Read, r.Used, r.Merged)
	for _, reason := range slices.Sorted(maps.Keys(r.LeftOut)) {
		line += fmt.Sprintf(", %d %s", r.LeftOut[reason], reason)
	}
	return line
}

func parse(t testing.TB, text string) *mapping.Mapping {
	t.Helper()
	m, err := mapping.Parse("mapping.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func file(m *mapping.Mapping, content string) importer.File {
	return importer.File{Name: filepath.Join("some", "folder", "hr.csv"), Content: strings.NewReader(content), Mapping: m}
}

// golden compares with testdata/name, or rewrites it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s (-want +got), -update rewrites it\n%s", path, diff)
	}
}
