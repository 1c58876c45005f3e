package report_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/report"
)

func TestFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := thePlan()
		runs := theRun(t, p)
		var out, again bytes.Buffer
		if err := report.Failures(&out, runs[1], p); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(out.String(), "\n") - 1; n != runs[1].Counts.Open() {
			t.Errorf("%d rows, of %d changes that are not done", n, runs[1].Counts.Open())
		}
		golden(t, "failures.csv", out.Bytes())
		if err := report.Failures(&again, runs[1], p); err != nil || again.String() != out.String() {
			t.Errorf("not the same twice: %v", err)
		}
		again.Reset()
		if err := report.Failures(&again, runs[0], p); err != nil || strings.Count(again.String(), "pending: not written yet") != p.Summary.Pending() {
			t.Errorf("a run that wrote nothing: %v\n%s", err, &again)
		}
		if err := report.Failures(broken{}, runs[1], p); err == nil {
			t.Error("a full disk is no error")
		}
	})
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

// TestFailuresAreNoFormulas, whatever the service says, in a spreadsheet that
// separates by commas and in one that separates by semicolons.
func TestFailuresAreNoFormulas(t *testing.T) {
	const formula = "=HYPERLINK(1)"
	for _, o := range []journal.Outcome{
		{Message: formula, RequestID: formula},
		{Message: "no;" + formula, RequestID: "+1"},
		{Message: `no"; ` + formula, RequestID: "\t" + formula},
		{Message: "no\r\n" + formula, RequestID: "@SUM(1)"},
		{Code: formula, Message: ";;-1;+1;@x"},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := thePlan()
			run := runOf(t, p, o)
			var out bytes.Buffer
			if err := report.Failures(&out, run, p); err != nil {
				t.Fatal(err)
			}
			for _, separator := range ",;" {
				reader := csv.NewReader(bytes.NewReader(out.Bytes()))
				reader.Comma, reader.LazyQuotes, reader.FieldsPerRecord = separator, true, -1
				rows, err := reader.ReadAll()
				if err != nil {
					t.Fatal(err)
				}
				if len(rows) != 1+p.Summary.Pending() {
					t.Errorf("%d rows", len(rows))
				}
				for _, row := range rows {
					for _, cell := range row {
						if cell = strings.TrimSpace(cell); cell != "" && strings.ContainsAny(cell[:1], "=+-@") {
							t.Errorf("%q holds a formula for %q: %q", separator, o.Message, cell)
						}
					}
				}
			}
		})
	}
}

// runOf is a run whose first change had an outcome, failed.
func runOf(t *testing.T, p *plan.Plan, o journal.Outcome) *journal.Run {
	t.Helper()
	runs := filepath.Join(t.TempDir(), "runs")
	j, err := journal.Create(runs, "20261101T090500.000-1a2b", "0.0.0", p)
	if err != nil {
		t.Fatal(err)
	}
	o.Change, o.Result = p.Pending()[0].ID, journal.Failed
	if err := errors.Join(j.Intend([]string{o.Change, p.Pending()[1].ID}), j.Record(o), j.Abandon()); err != nil {
		t.Fatal(err)
	}
	run, err := journal.Read(runs, journal.Last)
	if err != nil {
		t.Fatal(err)
	}
	return run
}
