package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/transform"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// FormatVersion is the version of every JSON document but the plan's, which has
// its own.
const FormatVersion = 1

// JSON writes one document a result.
func JSON(w io.Writer, reveal bool) Handler { return newJSON(w, reveal) }

func newJSON(w io.Writer, reveal bool) *jsonView {
	return &jsonView{transform.NewWriter(w, escaping{}), reveal}
}

type jsonView struct {
	w      io.WriteCloser
	reveal bool
}

// escaping writes the characters as JSON escapes that encoding/json leaves as
// they are and that could steer a terminal or turn what is read. They stand in
// texts alone, so that the document says the same.
type escaping struct{ transform.NopResetter }

// Transform is [transform.Transformer]'s.
func (escaping) Transform(dst, src []byte, end bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		// Nearly all of it is ASCII, which encoding/json has seen to but for DEL.
		if n := plain(src[nSrc:]); n > 0 {
			copied := copy(dst[nDst:], src[nSrc:nSrc+n])
			nDst, nSrc = nDst+copied, nSrc+copied
			if copied < n {
				return nDst, nSrc, transform.ErrShortDst
			}
			continue
		}
		if !end && !utf8.FullRune(src[nSrc:]) {
			return nDst, nSrc, transform.ErrShortSrc
		}
		r, size := utf8.DecodeRune(src[nSrc:])
		out := src[nSrc : nSrc+size]
		if steers(r) {
			out = nil
			for _, unit := range utf16.AppendRune(nil, r) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		}
		if nDst+len(out) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += copy(dst[nDst:], out)
		nSrc += size
	}
	return nDst, nSrc, nil
}

// plain counts the bytes at the beginning that stay as they are.
func plain(text []byte) int {
	n := 0
	for n < len(text) && text[n] < 0x7f {
		n++
	}
	return n
}

func (v *jsonView) write(document any) error {
	e := json.NewEncoder(v.w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := errors.Join(e.Encode(document), v.w.Close()); err != nil {
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
	encode := plan.EncodeMasked
	if v.reveal {
		encode = plan.Encode
	}
	return errors.Join(encode(v.w, p), v.w.Close())
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

// Run writes run, changes and how it went over time: in each element of rate,
// done counts the changes that came to an end, well or not, in the rate_seconds
// from at on. There are 60 at most, those of a wait with 0.
func (v *jsonView) Run(r *journal.Run, p *plan.Plan) error {
	document := struct {
		FormatVersion int              `json:"format_version"`
		Run           *runDocument     `json:"run"`
		RateSeconds   int              `json:"rate_seconds"`
		Rate          []bucket         `json:"rate"`
		Changes       []changeDocument `json:"changes"`
	}{FormatVersion: FormatVersion, Rate: []bucket{}, Changes: []changeDocument{}}
	if r == nil {
		return v.write(document)
	}
	run := runOf(r)
	document.Run = &run
	over := rateOf(r, p, 60)
	document.Rate, document.RateSeconds = orEmpty(over.buckets), int(over.width/time.Second)
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
