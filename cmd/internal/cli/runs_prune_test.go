package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// endedRun makes a run of so many changes that it is worth packing.
func endedRun(t *testing.T, runs, id string) *journal.Run {
	t.Helper()
	in := plan.Input{About: plan.About{ID: "plan-1", Tenant: plan.Tenant{ID: tenantID(1), Name: "Contoso", Cloud: "global"}}}
	in.Policy.Rules[authmethod.Email] = plan.Fill
	for i := range 150 {
		var w authmethod.Wishes
		w[authmethod.Email].Value = authmethod.ValueOf("private@example.com")
		in.Desired = append(in.Desired, plan.Desired{User: authmethod.User{ID: tenantID(i)}, Wishes: w})
	}
	for _, h := range plan.Hazards() {
		in.Policy.Allow = append(in.Policy.Allow, h.Hazard)
	}
	p := plan.Build(in)
	j, err := journal.Create(runs, id, "test", p)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, c := range p.Pending() {
		ids = append(ids, c.ID)
	}
	err = j.Intend(ids)
	for _, id := range ids {
		err = errors.Join(err, j.Record(journal.Outcome{Change: id, Result: journal.Done, Status: 201, RequestID: tenantID(0)}))
	}
	if err := errors.Join(err, j.End(journal.Finished, journal.Counts{Planned: len(ids), Done: len(ids)})); err != nil {
		t.Fatal(err)
	}
	run, err := j.Read()
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// TestPruneInterrupted: it ends with 130, says what it has removed, and that it can
// be run again.
func TestPruneInterrupted(t *testing.T) {
	state := t.TempDir()
	endedRun(t, filepath.Join(state, "runs"), "20261105T090000.000-ab12")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for output, want := range map[string]string{"text": "Nothing to remove", "json": `"removed": []`} {
		var out, talk bytes.Buffer
		status := Run(ctx, Env{
			Version: "test", Args: []string{"runs", "prune", "--keep", "30d", "--state-dir", state, "--output", output},
			Getenv: func(string) string { return "" }, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &talk,
		})
		if status != 130 || !strings.Contains(out.String(), want) ||
			talk.String() != "authseed: error: interrupted\nauthseed: hint: what is told as removed is removed; run it again for the rest\n" {
			t.Errorf("%s: %d\n%s%s", output, status, out.String(), talk.String())
		}
	}
}

// TestCompressEnded packs a run after it was shown. Where that cannot be done one
// note says so, and nothing else is another.
func TestCompressEnded(t *testing.T) {
	for _, inTheWay := range []bool{false, true} {
		state := t.TempDir()
		runs := filepath.Join(state, "runs")
		run := endedRun(t, runs, "20261105T090000.000-ab12")
		packed := filepath.Join(runs, run.RunID, "journal.jsonl.gz")
		if inTheWay {
			if err := os.MkdirAll(filepath.Join(packed, "x"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		var out, talk bytes.Buffer
		a := &app{Env: Env{Stdout: &out, Stderr: &talk, Getenv: func(string) string { return "" }}, output: "text", stateDir: state}
		a.listen()
		s := &session{app: a}
		p, err := run.Plan(runs)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.ended(run, p, nil); err != nil {
			t.Errorf("ended: %v", err)
		}
		if !strings.Contains(out.String(), "150 planned, 150 done") {
			t.Errorf("shown: %s", out.String())
		}
		info, err := os.Stat(packed)
		if err != nil || info.IsDir() != inTheWay {
			t.Errorf("packed: %v", err)
		}
		const note = "authseed: note: the run is kept, and takes more room than it had to: compressing run 20261105T090000.000-ab12: "
		if said := talk.String(); inTheWay != strings.HasPrefix(said, note) || strings.Count(said, "\n") != map[bool]int{true: 1}[inTheWay] {
			t.Errorf("said %q", said)
		}
		if err := s.ended(nil, p, nil); err != nil {
			t.Errorf("a plan with nothing to do: %v", err)
		}
	}
}
