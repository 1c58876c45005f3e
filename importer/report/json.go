package report

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// FormatVersion is the version of every JSON document but the plan's, which has
// its own.
const FormatVersion = 1

// JSON writes one document a result.
func JSON(w io.Writer, reveal bool) Handler { return &jsonView{w, reveal} }

type jsonView struct {
	w      io.Writer
	reveal bool
}

func (v *jsonView) write(document any) error {
	e := json.NewEncoder(v.w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(document); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}

func (v *jsonView) Intake(in *plan.Intake) error {
	values := map[string]int{}
	for _, kind := range authmethod.Kinds() {
		values[kind.String()] = in.Values[kind]
	}
	return v.write(struct {
		FormatVersion int            `json:"format_version"`
		Source        plan.Source    `json:"source"`
		Mapping       plan.Mapping   `json:"mapping"`
		Rows          plan.Rows      `json:"rows"`
		Named         int            `json:"named"`
		People        int            `json:"people"`
		Values        map[string]int `json:"values"`
		Remarks       []plan.Remark  `json:"remarks"`
		Skipped       []plan.Skip    `json:"skipped"`
	}{FormatVersion, in.Source, in.Mapping, in.Rows, in.Named, in.People, values, orEmpty(in.Remarks), orEmpty(in.Skipped)})
}

func (v *jsonView) Plan(p *plan.Plan) error {
	if v.reveal {
		return plan.Encode(v.w, p)
	}
	return plan.EncodeMasked(v.w, p)
}

// runDocument is a run as `runs` and `show` list it.
type runDocument struct {
	ID        string         `json:"id"`
	PlanID    string         `json:"plan_id"`
	Tenant    plan.Tenant    `json:"tenant"`
	StartedAt time.Time      `json:"started_at"`
	EndedAt   *time.Time     `json:"ended_at"`
	State     journal.State  `json:"state"`
	Counts    journal.Counts `json:"counts"`
}

func runOf(r *journal.Run) runDocument {
	d := runDocument{ID: r.RunID, PlanID: r.PlanID, Tenant: r.Tenant, StartedAt: r.At, State: r.State, Counts: r.Counts}
	if !r.EndedAt.IsZero() {
		d.EndedAt = &r.EndedAt
	}
	return d
}

// changeDocument is one change of a run with what became of it.
type changeDocument struct {
	ID        string          `json:"id"`
	User      plan.Person     `json:"user"`
	Method    authmethod.Kind `json:"method"`
	Action    plan.Action     `json:"action"`
	Before    *string         `json:"before"`
	After     *string         `json:"after"`
	Result    journal.Result  `json:"result"`
	Status    int             `json:"status,omitempty"`
	Code      string          `json:"code,omitempty"`
	Message   string          `json:"message,omitempty"`
	RequestID string          `json:"request_id,omitempty"`
}

func (v *jsonView) Run(r *journal.Run, p *plan.Plan) error {
	document := struct {
		FormatVersion int              `json:"format_version"`
		Run           *runDocument     `json:"run"`
		Changes       []changeDocument `json:"changes"`
	}{FormatVersion: FormatVersion, Changes: []changeDocument{}}
	if r == nil {
		return v.write(document)
	}
	run := runOf(r)
	document.Run = &run
	for _, c := range p.Pending() {
		d := changeDocument{
			ID: c.ID, User: c.User, Method: c.Method, Action: c.Action,
			Before: v.value(c.Before), After: v.value(c.After), Result: r.Result(c.ID),
		}
		if o, ok := r.Outcome(c.ID); ok {
			d.Status, d.Code, d.Message, d.RequestID = o.Status, o.Code, o.Message, o.RequestID
		}
		document.Changes = append(document.Changes, d)
	}
	return v.write(document)
}

func (v *jsonView) value(value authmethod.Value) *string {
	if value.IsZero() {
		return nil
	}
	text := shown(value, v.reveal)
	return &text
}

func (v *jsonView) Runs(runs []*journal.Run) error {
	list := []runDocument{}
	for _, r := range runs {
		list = append(list, runOf(r))
	}
	return v.write(struct {
		FormatVersion int           `json:"format_version"`
		Runs          []runDocument `json:"runs"`
	}{FormatVersion, list})
}

// shown is how a view writes a value.
func shown(v authmethod.Value, reveal bool) string {
	if reveal {
		return v.Reveal()
	}
	return v.String()
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
