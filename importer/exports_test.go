package importer_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/mapping/preset"
)

// exportsFolder holds what each system exports of the same people, and the
// tenant they belong to.
var exportsFolder = filepath.Join("testdata", "exports")

// exportFiles lists the export of each system.
func exportFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	paths, err := filepath.Glob(filepath.Join(exportsFolder, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if system := filepath.Base(filepath.Dir(path)); filepath.Base(path) != "plan.txt" {
			files[system] = path
		}
	}
	if len(files) < 20 {
		t.Fatalf("%d exports", len(files))
	}
	return files
}

func exportTenant(t *testing.T) *graphsim.Tenant {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(exportsFolder, "tenant.json"))
	if err != nil {
		t.Fatal(err)
	}
	tenant, err := graphsim.Load(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return tenant
}

// TestExports plans the file of every system without a mapping, applies the
// plan and plans again.
func TestExports(t *testing.T) {
	for system, path := range exportFiles(t) {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(system, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, graphsim.Options{Tenant: exportTenant(t)})
				chosen := ""
				notice := func(o *importer.PlanOptions) {
					o.Chosen = func(c *preset.Choice) { chosen = c.Preset.Name }
				}
				file := func() importer.File {
					return importer.File{Name: filepath.Base(path), Content: bytes.NewReader(content)}
				}
				p := w.mustPlan(file(), notice)
				text := append([]byte("preset "+chosen+"\n"), masked(t, p, true)...)
				for _, secret := range []string{"Zauber!", ".77", ",77"} {
					if bytes.Contains(text, []byte(secret)) {
						t.Errorf("the plan shows a column that is not mapped: %q", secret)
					}
				}
				golden(t, filepath.Join("exports", system, "plan.txt"), text)
				run, err := w.apply(t.Context(), p, today)
				if err != nil {
					t.Fatal(err)
				}
				if run == nil || run.Counts.Done != p.Summary.Pending() || run.Counts.Done == 0 {
					t.Errorf("applied %+v of %d", run, p.Summary.Pending())
				}
				if again := w.mustPlan(file(), notice); again.Summary.Pending() != 0 {
					t.Errorf("a second plan: %+v", again.Summary)
				}
			})
		})
	}
}
