package report

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/report/wording"
	"authseed/mapping"
	"authseed/mapping/authmethod"
)

// Markdown writes for a ticket or a pull request: short enough for GitHub, whose
// comments end at 65,536 characters, whatever the size of the plan. Text from
// outside stands in code spans, where no renderer looks for markup, links or the
// names of people to tell.
func Markdown(w io.Writer, words *wording.Words, reveal bool) Handler {
	return &markdownView{bufio.NewWriter(w), words, reveal}
}

type markdownView struct {
	out *bufio.Writer
	*wording.Words
	reveal bool
}

// How many entries of a list are written, and how long a text from outside may
// be, in columns.
const (
	markdownChanges = 40
	markdownSkips   = 5
	markdownText    = 80
	markdownBars    = 12
)

func (v *markdownView) Inspection(*mapping.Inspection) error {
	return &NoViewError{"markdown", "a file"}
}
func (v *markdownView) Intake(*plan.Intake) error { return &NoViewError{"markdown", "a check"} }
func (v *markdownView) Runs([]*journal.Run) error {
	return &NoViewError{"markdown", "a list of runs"}
}

func (v *markdownView) line(parts ...string) {
	_, _ = v.out.WriteString(strings.Join(parts, "") + "\n")
}

func (v *markdownView) flush() error {
	if err := v.out.Flush(); err != nil {
		return fmt.Errorf("writing Markdown: %w", err)
	}
	return nil
}

// code is text from outside, inert: a backquote would end the span, and a pipe
// or a backslash before one the cell of a table, so that they become characters
// that look like them.
func code(text string) string {
	text = strings.TrimSpace(clean(text))
	if text == "" {
		return ""
	}
	return "`" + fit(strings.NewReplacer("`", "\u02cb", "|", "\u2223", "\\", "\u2216").Replace(text), markdownText) + "`"
}

func (v *markdownView) row(cells ...string) { v.line("| ", strings.Join(cells, " | "), " |") }

func (v *markdownView) head(cells ...string) {
	v.line("")
	v.row(cells...)
	v.line(strings.Repeat("| --- ", len(cells)), "|")
}

func (v *markdownView) heading(text string) { v.line("\n### ", text) }

func (v *markdownView) Plan(p *plan.Plan) error {
	v.line("## ", v.Say("title-plan", code(tenantName(p.Tenant))))
	v.line("\n**", conclusion(v.Words, p), "**\n")
	switch {
	case p.Undoes != "":
		v.line("- ", v.Say("undoes", code(p.Undoes)))
	case p.Source.Name == plan.Directory:
		v.line("- ", v.Say("from-directory", p.Source.Rows))
	default:
		v.line("- ", v.Say("from-file", p.Source.Rows, code(p.Source.Name)))
	}
	v.line("- ", v.Say("mapping"), ": ", code(p.Mapping.Name))
	if !p.Scope.IsZero() {
		v.line("- ", v.Say("pilot"), ": ", code(pilot(p.Scope)))
	}
	v.line("- ", v.Say("valid-until", v.Moment(p.ValidUntil)))
	v.line("- ", v.Say("digest"), ": ", code(p.Digest))
	if b, a := p.Coverage.Before, p.Coverage.After; b.People > 0 {
		v.head(v.Say("picture"), v.Say("before"), v.Say("after"))
		v.row(v.Say("resets-one"), v.Say("of-people", b.WithOne, b.People), v.Say("of-people", a.WithOne, a.People))
		v.row(v.Say("resets-two"), v.Say("of-people", b.WithTwo, b.People), v.Say("of-people", a.WithTwo, a.People))
	}
	f := figuresOf(p)
	v.head(v.Say("method"), v.Say("create"), v.Say("update"), v.Say("delete"), v.Say("held-back"), v.Say("unchanged"))
	for _, kind := range authmethod.Kinds() {
		if n := f.methods[kind]; p.Policy.Rules[kind] != "" || n.of > 0 {
			v.row(v.Meaning("method", kind.String(), kind.String()), v.Number(n.creates), v.Number(n.updates), v.Number(n.deletes), v.Number(n.held), v.Number(n.unchanged))
		}
	}
	v.hazards(p, f)
	v.group(v.Say("held-back"), p, func(c plan.Change) bool { return c.HeldBack })
	for _, action := range []plan.Action{plan.Create, plan.Update, plan.Delete} {
		v.group(v.Say(string(action)), p, func(c plan.Change) bool { return !c.HeldBack && c.Action == action })
	}
	v.leftOut(p)
	v.heading(v.Say("approve"))
	v.line("\n", v.Say("approve-text"), "\n\n```\n", approveOpenSSH, "\n", approveOwn, "\n```")
	return v.flush()
}

func conclusion(w *wording.Words, p *plan.Plan) string {
	s := p.Summary
	words := w.Say("nothing")
	if s.Pending() > 0 {
		words = w.Say("conclusion", s.Pending(), s.People, s.Creates, s.Updates, s.Deletes)
	}
	if s.HeldBack > 0 {
		words += " " + w.Say("conclusion-held", s.HeldBack)
	}
	return words
}

func (v *markdownView) hazards(p *plan.Plan, f figures) {
	v.heading(v.Say("hazards"))
	if n := p.Known.Settled; n > 0 {
		v.line("\n", v.Say("settled", n))
	}
	if len(p.Unchecked) > 0 {
		v.line("\n**", v.Say("unchecked", code(strings.Join(p.Unchecked, ", "))), "**")
	}
	for i, check := range slices.Sorted(maps.Keys(p.CheckNotes)) {
		if i == 0 {
			v.line("")
		}
		v.line("- ", code(check+": "+p.CheckNotes[check]))
	}
	if len(f.hazards) == 0 {
		v.line("\n", v.Say("hazards-none"))
		return
	}
	v.line("\n", v.Say("hazards-text"))
	v.head(v.Say("hazard"), v.Say("meaning"), v.Say("changes-with"), v.Say("held-back"), v.Say("allowed"))
	for _, h := range f.hazards {
		v.row(code(string(h.Hazard)), v.Meaning("hazard", string(h.Hazard), h.Meaning), v.Number(h.changes), v.Number(h.held), v.Say(h.allowed))
	}
}

// group lists the changes that are wanted, the first of them one by one.
func (v *markdownView) group(title string, p *plan.Plan, wanted func(plan.Change) bool) {
	n := 0
	for _, c := range p.Changes {
		if !wanted(c) {
			continue
		}
		if n++; n > markdownChanges {
			continue
		}
		if n == 1 {
			v.heading(title)
			v.head(v.Say("person"), v.Say("method"), v.Say("before"), v.Say("after"), v.Say("hazard"), v.Say("source"))
		}
		var hazards []string
		for _, h := range c.Hazards {
			hazards = append(hazards, code(string(h)))
		}
		v.row(code(c.User.UserPrincipalName), v.Meaning("method", c.Method.String(), c.Method.String()),
			code(shown(c.Before, v.reveal)), code(shown(c.After, v.reveal)), strings.Join(hazards, " "), code(place(c.Origin, nil)))
	}
	if more := n - markdownChanges; more > 0 {
		v.line("\n", v.Say("more", more))
	}
}

func (v *markdownView) leftOut(p *plan.Plan) {
	if len(p.Skipped) == 0 {
		return
	}
	v.heading(v.Say("left-out"))
	v.line("")
	for _, m := range authmethod.Reasons() {
		skips := skipsOf(p, m.Reason)
		if len(skips) == 0 {
			continue
		}
		v.line("- ", v.Number(len(skips)), " ", code(string(m.Reason)), ": ", v.Meaning("reason", string(m.Reason), m.Meaning))
		if !m.Reason.Unusable() {
			continue
		}
		for _, s := range skips[:min(len(skips), markdownSkips)] {
			v.line("  - ", code(place(s.Origin, s.User)), " ", code(s.Detail))
		}
		if more := len(skips) - markdownSkips; more > 0 {
			v.line("  - ", v.Say("more", more))
		}
	}
}

// pace tells how the run went over time, in a table with bars of letters.
func (v *markdownView) pace(of rate) {
	words := paceWords(v.Words, of)
	if len(words) == 0 {
		return
	}
	v.heading(v.Say("pace"))
	v.line("\n", strings.Join(words, " "))
	if len(of.buckets) < 2 {
		return
	}
	const room = 20
	v.head(v.Say("time")+" (UTC)", v.Say("changes"), "")
	for _, b := range of.buckets {
		v.row(b.At.Format(of.layout()), v.Number(b.Done), code(strings.Repeat("#", (b.Done*room+of.top()-1)/of.top())))
	}
}

func (v *markdownView) Run(r *journal.Run, p *plan.Plan) error {
	if r == nil {
		v.line(v.Say("nothing-applied"))
		return v.flush()
	}
	v.line("## ", v.Say("title-run", code(r.RunID), code(tenantName(r.Tenant))))
	v.line("\n**", v.Meaning("run-state", string(r.State), string(r.State)), "**\n")
	v.line("- ", v.Say("started"), " ", v.Moment(r.At))
	if !r.EndedAt.IsZero() {
		v.line("- ", v.Say("ended"), " ", v.Moment(r.EndedAt))
	}
	if r.Undoes != "" {
		v.line("- ", v.Say("undoes", code(r.Undoes)))
	}
	v.line("- ", v.Say("digest"), ": ", code(r.PlanDigest))
	c := r.Counts
	v.head(v.Say("planned"), v.Say("done"), v.Say("failed"), v.Say("stale"), v.Say("unknown"), v.Say("pending"))
	v.row(v.Number(c.Planned), v.Number(c.Done), v.Number(c.Failed), v.Number(c.Stale), v.Number(c.Unknown), v.Number(c.Pending))
	v.pace(rateOf(r, p, markdownBars))
	v.heading(v.Say("open"))
	open := openOf(r, p)
	if len(open) == 0 {
		v.line("\n", v.Say("open-none"))
		return v.flush()
	}
	v.head(v.Say("person"), v.Say("method"), v.Say("result"), v.Say("reason"), v.Say("source"))
	for _, c := range open[:min(len(open), 2*markdownChanges)] {
		result := string(r.Result(c.ID))
		reason := v.Meaning("result", result, result)
		if o, ok := r.Outcome(c.ID); ok && why(o) != "" {
			reason = code(why(o))
		}
		v.row(code(c.User.UserPrincipalName), v.Meaning("method", c.Method.String(), c.Method.String()), v.Say(result), reason, code(place(c.Origin, nil)))
	}
	if more := len(open) - 2*markdownChanges; more > 0 {
		v.line("\n", v.Say("more", more))
	}
	return v.flush()
}
