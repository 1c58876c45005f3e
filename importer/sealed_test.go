package importer_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"filippo.io/age"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
	"authseed/importer/pace"
	"authseed/importer/sealed"
	"authseed/importer/survey"
)

// The crash matrix of a sealed run, thinned out: the same cuts, the same tenant
// and the same number of writes afterwards.

func sealedKeys(t testing.TB) ([]sealed.Recipient, sealed.Identity) {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key.txt")
	if err := os.WriteFile(path, []byte(key.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	to, err := sealed.ParseRecipients([]string{key.Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	id, err := sealed.ReadIdentity(path)
	if err != nil {
		t.Fatal(err)
	}
	return to, id
}

func newSealedCrash(t testing.TB, tenant *graphsim.Tenant, to []sealed.Recipient, id sealed.Identity) *crash {
	c := newCrash(t, tenant)
	c.to, c.identity = to, id
	return c
}

func TestSealedRunKilled(t *testing.T) {
	for place, lines := range []int{0, 1, 2, 3, 21, 60, 121, 150} {
		to, id := sealedKeys(t)
		synctest.Test(t, func(t *testing.T) {
			c := newSealedCrash(t, crashTenant(), to, id)
			c.inLimbo, c.keep = place%2 == 1, place%3 > 0
			c.dies(lines, false)
			if _, _, err := importer.Resume(c.Context(), c.client, c.run, c.applyOptions(today, nil)); !sealed.Locked(err) {
				t.Errorf("resumed without a key: %v", err)
			}
			c.checkWhole(c.resume(1))
		})
		if t.Failed() {
			t.Fatalf("killed after %d lines", lines)
		}
	}
}

// Without -matrix it is every tenth byte and the last ones.
func TestSealedJournalTornAtEveryByte(t *testing.T) {
	to, id := sealedKeys(t)
	files := map[string][]byte{"plan.json": nil, "key.age": nil, "journal.jsonl": nil}
	var tenant *graphsim.Tenant
	var writes int64
	synctest.Test(t, func(t *testing.T) {
		c := newSealedCrash(t, crashTenant(), to, id)
		if !c.dies(150, true) {
			t.Fatal("a run is only 150 lines")
		}
		tenant, writes = c.sim.Tenant(), c.sim.Stats().Writes
		for name := range files {
			var err error
			if files[name], err = os.ReadFile(filepath.Join(c.runs, crashRun, name)); err != nil {
				t.Fatal(err)
			}
		}
	})
	text := files["journal.jsonl"]
	for n := bytes.LastIndexByte(text[:len(text)-1], '\n') + 1; n <= len(text); n++ {
		// That every cut of a last line reads alike is tested in journal.
		if !*matrix && n%10 > 0 && n < len(text)-2 {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			c := newSealedCrash(t, tenant, to, id)
			c.before, c.writes = setsOf(crashTenant()), writes
			c.plan = crashPlan(c.before)
			c.keep = n%40 > 0
			files["journal.jsonl"] = text[:n]
			err := os.MkdirAll(filepath.Join(c.runs, crashRun), 0o700)
			for name, content := range files {
				err = errors.Join(err, os.WriteFile(filepath.Join(c.runs, crashRun, name), content, 0o600))
			}
			if err != nil {
				t.Fatal(err)
			}
			c.checkWhole(c.resume(1))
		})
		if t.Failed() {
			t.Fatalf("the journal torn after %d of %d bytes", n, len(text))
		}
	}
}

// A run that is sealed by somebody who cannot open it is shown by who wrote it,
// its list of failures is sealed as well, and a rollback needs the key.
func TestSealedRunOfAWriterWithoutTheKey(t *testing.T) {
	to, id := sealedKeys(t)
	synctest.Test(t, func(t *testing.T) {
		c := newCrash(t, crashTenant())
		c.breaks = func(call graphsim.Call) *graphsim.Fault {
			if !call.Batched || call.Method == "GET" {
				return nil
			}
			return &graphsim.Fault{Status: 400, Code: "badRequest"}
		}
		o := c.options()
		o.EncryptTo = to
		run, err := importer.Apply(c.Context(), c.client, c.plan, o)
		if err != nil || run.State != journal.Incomplete || run.Counts.Failed == 0 {
			t.Fatalf("%+v, %v", run, err)
		}
		list, err := os.ReadFile(journal.FailuresPath(c.runs, run.RunID))
		if err != nil || !sealed.Is(list) || bytes.Contains(list, []byte("example.com")) {
			t.Errorf("the list of failures is not sealed, %v", err)
		}
		undo := importer.PlanOptions{ToolVersion: "test", Now: today, ValidFor: time.Hour, Survey: survey.Options{Pacer: pace.NewPacer(pace.Limits{}), Concurrency: 3}}
		if _, err := importer.Rollback(c.Context(), c.client, c.runs, run.RunID, undo); !sealed.Locked(err) {
			t.Errorf("undone without a key: %v", err)
		}
		undo.Identity = id
		if _, err := importer.Rollback(c.Context(), c.client, c.runs, run.RunID, undo); err != nil {
			t.Error(err)
		}
	})
}
