package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/mapping"
	"authseed/mapping/authmethod"
	"authseed/mapping/table"
)

// CSV writes one table a result, safe to open in a spreadsheet. Of a plan and of
// a run it has a row for each change, in authseed's own columns with what else
// is known of it behind them, so that a revealed one can be planned again; see
// [mapping.Planned] and [mapping.Ran].
func CSV(w io.Writer, reveal bool) Handler { return &csvView{w, reveal} }

type csvView struct {
	w      io.Writer
	reveal bool
}

func encodeRows[T any](w io.Writer, rows []T) error {
	if err := table.EncodeGuarded(w, rows); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

func (v *csvView) Plan(p *plan.Plan) error {
	rows := make([]mapping.Planned, 0, len(p.Changes))
	for _, c := range p.Changes {
		rows = append(rows, v.planned(c))
	}
	return encodeRows(v.w, rows)
}

func (v *csvView) Run(r *journal.Run, p *plan.Plan) error {
	rows := []mapping.Ran{}
	if r == nil {
		return encodeRows(v.w, rows)
	}
	for _, c := range p.Pending() {
		row := mapping.Ran{Planned: v.planned(c), Result: string(r.Result(c.ID))}
		if o, ok := r.Outcome(c.ID); ok {
			if o.Status != 0 {
				row.Status = strconv.Itoa(o.Status)
			}
			row.Code, row.Message, row.RequestID = cell(o.Code), cell(o.Message), cell(o.RequestID)
		}
		rows = append(rows, row)
	}
	return encodeRows(v.w, rows)
}

func (v *csvView) planned(c plan.Change) mapping.Planned {
	return mapping.Planned{
		Record: recordOf(c, v.value(c.After)),
		Action: string(c.Action), Method: c.Method.String(), Before: cell(v.value(c.Before)), Known: string(c.Known),
		Hazards: cell(hazardWords(c.Hazards)), HeldBack: c.HeldBack, File: cell(c.Origin.File), Line: c.Origin.Line,
		Note: cell(c.Note), Remark: cell(c.Reading.Remark),
	}
}

func hazardWords(hazards []plan.Hazard) string {
	words := make([]string, len(hazards))
	for i, h := range hazards {
		words[i] = string(h)
	}
	return strings.Join(words, " ")
}

func (v *csvView) value(value authmethod.Value) string { return shown(value, v.reveal) }

// cell is text from outside that nothing reads back: what could steer a terminal
// is taken out of it, and where a spreadsheet that separates by semicolons would
// begin a cell with a formula an apostrophe is put.
func cell(text string) string { return midway.ReplaceAllString(clean(text), "$1'$2") }

type runRow struct {
	ID        string `csv:"id"`
	PlanID    string `csv:"plan_id"`
	TenantID  string `csv:"tenant_id"`
	Tenant    string `csv:"tenant"`
	StartedAt string `csv:"started_at"`
	EndedAt   string `csv:"ended_at"`
	State     string `csv:"state"`
	Planned   int    `csv:"planned"`
	Done      int    `csv:"done"`
	Failed    int    `csv:"failed"`
	Stale     int    `csv:"stale"`
	Unknown   int    `csv:"unknown"`
	Pending   int    `csv:"pending"`
}

func (v *csvView) Runs(runs []*journal.Run) error {
	rows := []runRow{}
	for _, r := range runs {
		c := r.Counts
		row := runRow{
			ID: cell(r.RunID), PlanID: cell(r.PlanID), TenantID: cell(r.Tenant.ID), Tenant: cell(r.Tenant.Name),
			StartedAt: r.At.UTC().Format(time.RFC3339), State: string(r.State),
			Planned: c.Planned, Done: c.Done, Failed: c.Failed, Stale: c.Stale, Unknown: c.Unknown, Pending: c.Pending,
		}
		if !r.EndedAt.IsZero() {
			row.EndedAt = r.EndedAt.UTC().Format(time.RFC3339)
		}
		rows = append(rows, row)
	}
	return encodeRows(v.w, rows)
}

type skipRow struct {
	File   string `csv:"file"`
	Line   int    `csv:"line"`
	Method string `csv:"method"`
	Reason string `csv:"reason"`
	Detail string `csv:"detail"`
}

// Intake lists what is left out.
func (v *csvView) Intake(in *plan.Intake) error {
	rows := []skipRow{}
	for _, s := range in.Skipped {
		row := skipRow{File: cell(s.Origin.File), Line: s.Origin.Line, Reason: string(s.Reason), Detail: cell(s.Detail)}
		if s.Method != nil {
			row.Method = s.Method.String()
		}
		rows = append(rows, row)
	}
	return encodeRows(v.w, rows)
}

type columnRow struct {
	Name    string `csv:"name"`
	Filled  int    `csv:"filled"`
	Looks   string `csv:"looks"`
	Use     string `csv:"use"`
	Samples string `csv:"samples"`
}

// Inspection lists the columns.
func (v *csvView) Inspection(in *mapping.Inspection) error {
	rows := []columnRow{}
	for _, c := range in.Columns {
		rows = append(rows, columnRow{cell(c.Name), c.Filled, c.Looks, cell(c.Use), cell(strings.Join(c.Samples, ", "))})
	}
	return encodeRows(v.w, rows)
}
