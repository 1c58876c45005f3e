package journal_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/sealed"
	"authseed/mapping/authmethod"
)

// aPlan has n creates.
func aPlan(n int) *plan.Plan { return aPlanUntil(n, time.Time{}) }

func aPlanUntil(n int, valid time.Time) *plan.Plan {
	in := plan.Input{About: plan.About{ToolVersion: "test", ID: "plan-1", ValidUntil: valid, Tenant: plan.Tenant{ID: "tenant-1", Name: "Contoso", Cloud: "global"}}}
	in.Policy.Rules[authmethod.Email] = plan.Fill
	for i := range n {
		var w authmethod.Wishes
		w[authmethod.Email].Value = authmethod.ValueOf(fmt.Sprintf("private%d@example.com", i))
		in.Desired = append(in.Desired, plan.Desired{
			User: authmethod.User{ID: fmt.Sprintf("id%d", i), UserPrincipalName: fmt.Sprintf("p%d@contoso.example", i)}, Wishes: w,
		})
	}
	return plan.Build(in)
}

// written makes a run with one change of every fate and leaves it as end says.
func written(t *testing.T, end journal.State, to ...sealed.Recipient) (runs string, p *plan.Plan) {
	t.Helper()
	runs, p = filepath.Join(t.TempDir(), "runs"), aPlan(6)
	id := func(i int) string { return p.Changes[i].ID }
	j, err := journal.Create(runs, "run-1", "test", p, to...)
	if err != nil {
		t.Fatal(err)
	}
	steps := []error{
		j.Intend([]string{id(0), id(1), id(2), id(3), id(4)}),
		j.Intend([]string{id(5)}),
		j.Withdraw([]string{id(5)}),
		j.Record(journal.Outcome{Change: id(0), Result: journal.Done, Status: 201, RequestID: "r-0"}),
		j.Record(journal.Outcome{Change: id(1), Result: journal.Failed, Status: 400, Code: "badRequest", Message: "no"}),
		j.Record(journal.Outcome{Change: id(2), Result: journal.Stale}),
		j.Record(journal.Outcome{Change: id(4), Result: journal.Unknown, Status: 503}),
	}
	if err := errors.Join(steps...); err != nil {
		t.Fatal(err)
	}
	counts := journal.Counts{Planned: 6, Done: 1, Failed: 1, Stale: 1, Unknown: 1, Pending: 2}
	if end == "" {
		err = j.Abandon()
	} else {
		err = j.End(end, counts)
	}
	if err != nil {
		t.Fatal(err)
	}
	return runs, p
}

func TestReplay(t *testing.T) {
	for _, tc := range []struct{ end, want journal.State }{
		{journal.Incomplete, journal.Incomplete}, {journal.Finished, journal.Finished}, {"", journal.Interrupted},
	} {
		runs, p := written(t, tc.end)
		run, err := journal.Read(runs, "run-1")
		if err != nil {
			t.Fatal(err)
		}
		if run.State != tc.want || run.EndedAt.IsZero() != (tc.end == "") {
			t.Errorf("state %s, ended %v, want %s", run.State, run.EndedAt, tc.want)
		}
		var results []journal.Result
		for _, c := range p.Changes {
			results = append(results, run.Result(c.ID))
		}
		want := []journal.Result{journal.Done, journal.Failed, journal.Stale, journal.Unknown, journal.Unknown, journal.Pending}
		if diff := cmp.Diff(want, results); diff != "" {
			t.Error(diff)
		}
		if o, ok := run.Outcome(p.Changes[0].ID); !ok || o.Status != 201 || o.RequestID != "r-0" || o.At.IsZero() {
			t.Errorf("outcome %+v, %t", o, ok)
		}
		back, err := run.Plan(runs)
		if err != nil || back.Digest != p.Digest {
			t.Errorf("the run's plan: %v", err)
		}
	}
}

// A process that dies leaves any prefix of its journal behind. Every one of
// them is read, and no change is ever better known than it was.
func TestEveryPrefixIsRead(t *testing.T) {
	runs, p := written(t, journal.Incomplete)
	path := filepath.Join(runs, "run-1", "journal.jsonl")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := bytes.IndexByte(whole, '\n') + 1
	for n := range len(whole) {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		run, err := journal.Read(runs, "run-1")
		if n < first {
			if err == nil {
				t.Fatalf("%d bytes without a whole first line were read", n)
			}
			continue
		}
		if err != nil {
			t.Fatalf("cut after %d bytes: %v", n, err)
		}
		c := run.Counts
		if c.Planned != c.Done+c.Failed+c.Stale+c.Unknown+c.Pending || c.Planned != len(p.Changes) {
			t.Fatalf("cut after %d bytes: %+v does not add up", n, c)
		}
		if run.State != journal.Interrupted {
			t.Fatalf("cut after %d bytes: %s", n, run.State)
		}
	}
}

// Any change to a line that is not the torn last one is seen.
func TestEditsAreSeen(t *testing.T) {
	runs, _ := written(t, journal.Incomplete)
	path := filepath.Join(runs, "run-1", "journal.jsonl")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	edit := func(name string, text []byte) {
		t.Helper()
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		var corrupt *journal.CorruptError
		if _, err := journal.Read(runs, "run-1"); !errors.As(err, &corrupt) {
			t.Fatalf("%s: read with %v", name, err)
		}
	}
	for i := range whole[:len(whole)-1] { // but for the newline that makes the last line whole
		edited := bytes.Clone(whole)
		edited[i] ^= 1
		edit(fmt.Sprintf("byte %d", i), edited)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	edit("line dropped", bytes.Join(append(lines[:1:1], lines[2:]...), nil))
	edit("lines swapped", bytes.Join([][]byte{lines[0], lines[2], lines[1]}, nil))
	edit("line repeated", bytes.Join([][]byte{lines[0], lines[1], lines[1]}, nil))
	edit("line after the end", append(bytes.Clone(whole), lines[1]...))
}

// A journal that cannot be written says so, and goes on saying so.
func TestNothingAfterAFailedWrite(t *testing.T) {
	runs, p := filepath.Join(t.TempDir(), "runs"), aPlan(2)
	j, err := journal.Create(runs, "run-1", "test", p)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Abandon(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := j.Intend([]string{p.Changes[0].ID}); err == nil {
			t.Error("a closed journal took an intent")
		}
	}
	if _, err := journal.Create(filepath.Join(runs, "run-1", "plan.json"), "x", "test", p); err == nil {
		t.Error("a run was made below a file")
	}
	if _, err := journal.Create(runs, "run-1", "test", p); err == nil {
		t.Error("a run was made a second time")
	}
}

func TestRunningIsKnownByItsLock(t *testing.T) {
	runs := filepath.Join(t.TempDir(), "runs")
	j, err := journal.Create(runs, "run-1", "test", aPlan(1))
	if err != nil {
		t.Fatal(err)
	}
	state := func() journal.State {
		run, err := journal.Read(runs, journal.Last)
		if err != nil {
			t.Fatal(err)
		}
		return run.State
	}
	if got := state(); got != journal.Running {
		t.Errorf("while it is written: %s", got)
	}
	if err := j.Abandon(); err != nil {
		t.Fatal(err)
	}
	if got := state(); got != journal.Interrupted {
		t.Errorf("afterwards: %s", got)
	}
}

func TestList(t *testing.T) {
	runs := filepath.Join(t.TempDir(), "runs")
	if list, err := journal.List(runs); err != nil || len(list) != 0 {
		t.Errorf("no folder: %v, %v", list, err)
	}
	if _, err := journal.Read(runs, journal.Last); !errors.Is(err, journal.ErrNoRun) {
		t.Errorf("no run: %v", err)
	}
	for _, id := range []string{"20261101T090000Z-aa", "20261103T090000Z-bb", "20261102T090000Z-cc"} {
		j, err := journal.Create(runs, id, "test", aPlan(1))
		if err != nil {
			t.Fatal(err)
		}
		if err := j.End(journal.Finished, journal.Counts{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(runs, "20261102T090000Z-cc", "journal.jsonl"), []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := journal.List(runs)
	var names []string
	for _, r := range list {
		names = append(names, r.RunID)
	}
	if diff := cmp.Diff([]string{"20261103T090000Z-bb", "20261101T090000Z-aa"}, names); diff != "" {
		t.Error(diff)
	}
	if err == nil || !strings.Contains(err.Error(), "20261102T090000Z-cc") {
		t.Errorf("the damaged run is not named: %v", err)
	}
	for _, id := range []string{"nobody", "../runs", "..", ""} {
		if _, err := journal.Read(runs, id); !errors.Is(err, journal.ErrNoRun) {
			t.Errorf("run %q: %v", id, err)
		}
	}
}

// Clear values are in the plan, for its owner alone, and nowhere else.
func TestPrivacy(t *testing.T) {
	runs, _ := written(t, journal.Finished)
	for _, name := range []string{"plan.json", "journal.jsonl", "lock"} {
		path := filepath.Join(runs, "run-1", name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v", name, info.Mode())
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("private0")) != (name == "plan.json") {
			t.Errorf("%s: clear value where it should not be, or missing where it should", name)
		}
	}
	if info, err := os.Stat(filepath.Join(runs, "run-1")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v, %v", info.Mode(), err)
	}
}

func TestTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs, p := filepath.Join(t.TempDir(), "runs"), aPlan(1)
		begin := time.Now().UTC()
		j, err := journal.Create(runs, "run-1", "test", p)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if err := j.End(journal.Interrupted, journal.Counts{}); err != nil {
			t.Fatal(err)
		}
		run, err := journal.Read(runs, "run-1")
		if err != nil || !run.At.Equal(begin) || run.EndedAt.Sub(run.At) != time.Hour {
			t.Errorf("from %v to %v, %v", run.At, run.EndedAt, err)
		}
	})
}

func BenchmarkIntendAndRecord(b *testing.B) { benchmark(b) }

func BenchmarkSealed(b *testing.B) {
	to, _ := keys(b)
	benchmark(b, to...)
}

func benchmark(b *testing.B, to ...sealed.Recipient) {
	p := aPlan(20)
	j, err := journal.Create(filepath.Join(b.TempDir(), "runs"), "run-1", "test", p, to...)
	if err != nil {
		b.Fatal(err)
	}
	ids := make([]string, len(p.Changes))
	for i, c := range p.Changes {
		ids[i] = c.ID
	}
	for b.Loop() {
		if err := j.Intend(ids); err != nil {
			b.Fatal(err)
		}
		for _, id := range ids {
			if err := j.Record(journal.Outcome{Change: id, Result: journal.Done, Status: 201, RequestID: "8b9e0f2c-0000-4000-8000-000000000000"}); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N)*20/b.Elapsed().Seconds(), "changes/s")
}
