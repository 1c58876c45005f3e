package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// TextOptions say how the text view looks.
type TextOptions struct {
	Color bool
	Clear bool // show values in clear
	All   bool // list also what was left out for no fault of its row
}

// Text writes for people: it fits 80 columns, sums up first and shows what is
// held back before the rest.
func Text(w io.Writer, o TextOptions) Handler {
	return &textView{out: bufio.NewWriter(w), TextOptions: o, english: message.NewPrinter(language.English)}
}

type textView struct {
	TextOptions
	out     *bufio.Writer
	english *message.Printer
}

// lineWidth is what every line fits that has no longer word in it.
const lineWidth = 80

func (v *textView) line(format string, args ...any) {
	_, _ = v.english.Fprintf(v.out, format+"\n", args...)
}

func (v *textView) flush() error {
	if err := v.out.Flush(); err != nil {
		return fmt.Errorf("writing text: %w", err)
	}
	return nil
}

// The colours of the signs. Everything is readable without them.
const (
	green   = "32"
	yellow  = "33"
	red     = "31"
	magenta = "35"
	bold    = "1"
)

func (v *textView) paint(colour, text string) string {
	if !v.Color {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func (v *textView) Plan(p *plan.Plan) error {
	v.line("%s", v.paint(bold, fmt.Sprintf("Plan for %s", clean(tenantName(p.Tenant)))))
	if p.Undoes != "" {
		v.line("  undoes   run %s, %d changes", p.Undoes, p.Source.Rows)
	} else {
		v.line("  from     %s, %d rows", clean(p.Source.Name), p.Source.Rows)
	}
	v.line("  mapping  %s", clean(p.Mapping.Name))
	v.line("  valid    until %s", p.ValidUntil.Format("2006-01-02 15:04 MST"))
	v.line("  digest   %s", p.Digest)
	v.scope(p)
	v.line("")
	v.methods(p)
	v.held(p)
	v.changes(p)
	if p.Undoes == "" {
		v.rows(p.Summary.Rows)
	}
	v.leftOut(p.Skipped, v.All || p.Undoes != "")
	v.line("")
	v.line("%s", v.paint(bold, v.conclusion(p)))
	return v.flush()
}

// scope is whom the plan is for, and what nobody could check about them.
func (v *textView) scope(p *plan.Plan) {
	if b, a := p.Coverage.Before, p.Coverage.After; b.People > 0 {
		v.hanging("  coverage ", v.english.Sprintf("%d → %d of %d people with a method that resets, %d → %d with two",
			b.WithOne, a.WithOne, a.People, b.WithTwo, a.WithTwo))
	}
	if len(p.Unchecked) > 0 {
		v.hanging("  unchecked ", clean(strings.Join(p.Unchecked, ", ")))
	}
}

func tenantName(t plan.Tenant) string {
	if t.Name == "" {
		return t.ID
	}
	return t.Name
}

// methods is the plan in one small table.
func (v *textView) methods(p *plan.Plan) {
	type counts struct{ create, update, remove, held int }
	var of [authmethod.Count]counts
	for _, c := range p.Changes {
		n := &of[c.Method]
		switch {
		case c.HeldBack:
			n.held++
		case c.Action == plan.Create:
			n.create++
		case c.Action == plan.Update:
			n.update++
		default:
			n.remove++
		}
	}
	v.line("  %-16s%10s%10s%10s%12s%12s", "", "create", "update", "remove", "held back", "unchanged")
	for _, kind := range authmethod.Kinds() {
		if p.Policy.Rules[kind] == "" {
			continue
		}
		n := of[kind]
		v.line("  %-16s%10d%10d%10d%12d%12d", kind, n.create, n.update, n.remove, n.held, p.Unchanged[kind])
	}
}

func (v *textView) held(p *plan.Plan) {
	if p.Summary.HeldBack == 0 {
		return
	}
	v.line("")
	v.line("%s", v.paint(bold, v.english.Sprintf("Held back: %d changes with a hazard that was not allowed", p.Summary.HeldBack)))
	byHazard := map[plan.Hazard]int{}
	for _, c := range p.Changes {
		for _, h := range c.Hazards {
			if c.HeldBack && !p.Policy.Allows(h, c.User.ID) {
				byHazard[h]++
			}
		}
	}
	for _, m := range plan.Hazards() {
		if n := byHazard[m.Hazard]; n > 0 {
			v.wrapped("  ", v.english.Sprintf("%s (%d): %s. To apply all the same: --allow %s", m.Hazard, n, m.Meaning, m.Hazard))
		}
	}
	v.people(p, true)
}

func (v *textView) changes(p *plan.Plan) {
	if p.Summary.Pending() == 0 {
		return
	}
	v.line("")
	v.line("%s", v.paint(bold, v.english.Sprintf("Changes: %d for %d people", p.Summary.Pending(), p.Summary.People)))
	v.people(p, false)
}

// people lists the changes, those held back or the others, under their person.
func (v *textView) people(p *plan.Plan, held bool) {
	var head plan.Change // the one whose row stands beside the person
	for _, c := range p.Changes {
		if c.HeldBack != held {
			continue
		}
		if c.User.ID != head.User.ID {
			v.person(c)
			head = c
		}
		sign, colour := "+", green
		value := v.value(c.After)
		switch c.Action {
		case plan.Update:
			sign, colour = "~", yellow
			value = v.value(c.Before) + " → " + value
		case plan.Delete:
			sign, colour, value = "-", red, v.value(c.Before)
		}
		if held {
			sign, colour = "!", magenta
		}
		v.line("    %s %-16s%s%s", v.paint(colour, sign), c.Method, value, remarks(c, head.Origin))
		if c.Reading.Remark != "" {
			v.wrapped("      ", "note: "+clean(c.Reading.Remark))
		}
	}
}

func remarks(c plan.Change, head plan.Origin) string {
	words := make([]string, 0, len(c.Hazards)+1)
	for _, h := range c.Hazards {
		words = append(words, string(h))
	}
	if c.Note != "" {
		words = append(words, c.Note)
	}
	// What the row itself says needs no word; an assumption does.
	if from := c.Reading.CountryFrom; from == authmethod.CountryOfPerson || from == authmethod.CountryOfMapping {
		words = append(words, fmt.Sprintf("%s by %s", clean(c.Reading.Country), clean(string(from))))
	}
	if c.Origin != head {
		words = append(words, fmt.Sprintf("line %d", c.Origin.Line))
	}
	if len(words) == 0 {
		return ""
	}
	return "  (" + strings.Join(words, ", ") + ")"
}

// person heads a person's changes: name on the left, row on the right.
func (v *textView) person(c plan.Change) {
	origin := fmt.Sprintf("%s:%d", clean(c.Origin.File), c.Origin.Line)
	room := lineWidth - 2 - 2 - columns(origin)
	name := clean(c.User.UserPrincipalName)
	if display := clean(c.User.DisplayName); display != "" {
		name += "  " + display
	}
	v.line("  %s  %s", pad(fit(name, room), room), origin)
}

func (v *textView) value(value authmethod.Value) string {
	return fit(clean(shown(value, v.Clear)), 40)
}

// rows accounts for the rows.
func (v *textView) rows(rows plan.Rows) {
	v.line("")
	v.line("%s", v.paint(bold, v.english.Sprintf("Rows: %d", rows.Read)))
	v.line("  %8d  used", rows.Used)
	if rows.Merged > 0 {
		v.line("  %8d  merged: agree with another row of the same person", rows.Merged)
	}
	for _, m := range authmethod.Reasons() {
		if n := rows.LeftOut[m.Reason]; n > 0 {
			v.hanging(v.english.Sprintf("  %8d  ", n), fmt.Sprintf("%s: %s", m.Reason, m.Meaning))
		}
	}
}

// leftOut lists what was left out, the rows' own faults one by one, the rest if
// all of it is wanted.
func (v *textView) leftOut(skipped []plan.Skip, all bool) {
	for _, m := range authmethod.Reasons() {
		var of []plan.Skip
		for _, s := range skipped {
			if s.Reason == m.Reason {
				of = append(of, s)
			}
		}
		if len(of) == 0 {
			continue
		}
		v.line("")
		v.line("%s", v.paint(bold, v.english.Sprintf("Left out, %s: %d", m.Reason, len(of))))
		if !m.Reason.Unusable() && !all {
			v.line("  listed with --all")
			continue
		}
		for _, s := range of {
			v.wrapped("  ", fmt.Sprintf("%s:%d: %s", clean(s.Origin.File), s.Origin.Line, clean(s.Detail)))
		}
	}
}

func (v *textView) conclusion(p *plan.Plan) string {
	s := p.Summary
	rest := ""
	if s.HeldBack > 0 {
		rest = v.english.Sprintf(" %d held back.", s.HeldBack)
	}
	if s.Pending() == 0 {
		return "Nothing to change." + rest
	}
	return v.english.Sprintf("%d to create, %d to update, %d to remove.", s.Creates, s.Updates, s.Deletes) + rest
}

func (v *textView) Intake(in *plan.Intake) error {
	v.line("%s", v.paint(bold, "Check of "+clean(in.Source.Name)))
	v.line("  mapping  %s", clean(in.Mapping.Name))
	v.line("  people   %d named, %d with a usable value", in.Named, in.People)
	for _, kind := range authmethod.Kinds() {
		if in.Values[kind] > 0 {
			v.line("  %-16s %d usable", kind, in.Values[kind])
		}
	}
	if len(in.Remarks) > 0 {
		v.line("")
		v.line("%s", v.paint(bold, "Noted of usable values"))
	}
	for _, r := range in.Remarks {
		lines := make([]string, len(r.Lines))
		for i, line := range r.Lines {
			lines[i] = fmt.Sprint(line)
		}
		where := "line " + lines[0]
		if r.Count > 1 {
			where = "lines " + strings.Join(lines, ", ")
		}
		if more := r.Count - len(lines); more > 0 {
			where += v.english.Sprintf(" and %d more", more)
		}
		v.hanging(v.english.Sprintf("  %8d  ", r.Count), fmt.Sprintf("%s: %s (%s)", r.Method, clean(r.Text), where))
	}
	v.rows(in.Rows)
	v.leftOut(in.Skipped, v.All)
	return v.flush()
}

func (v *textView) Run(r *journal.Run, p *plan.Plan) error {
	if r == nil {
		v.line("Nothing to apply.")
		return v.flush()
	}
	v.line("%s", v.paint(bold, fmt.Sprintf("Run %s on %s: %s", r.RunID, clean(tenantName(r.Tenant)), r.State)))
	if r.Undoes != "" {
		v.line("  undoes run %s", r.Undoes)
	}
	v.line("  %s", v.counts(r.Counts))
	heading := false
	for _, c := range p.Pending() {
		result := r.Result(c.ID)
		if result == journal.Done || result == journal.Pending && !v.All {
			continue
		}
		if !heading {
			v.line("")
			v.line("%s", v.paint(bold, "Not as planned"))
			heading = true
		}
		v.line("  %-8s %-16s%s", result, c.Method, fit(clean(c.User.UserPrincipalName), lineWidth-28))
		if o, ok := r.Outcome(c.ID); ok {
			v.wrapped("           ", clean(why(o)))
		}
	}
	return v.flush()
}

// why tells what the service said.
func why(o journal.Outcome) string {
	var words []string
	if o.Status != 0 {
		words = append(words, fmt.Sprint(o.Status))
	}
	if o.Code != "" {
		words = append(words, o.Code)
	}
	text := strings.Join(slices.DeleteFunc([]string{strings.Join(words, " "), o.Message}, func(s string) bool { return s == "" }), ": ")
	if o.RequestID != "" {
		text += " (request " + o.RequestID + ")"
	}
	return text
}

func (v *textView) counts(c journal.Counts) string {
	text := v.english.Sprintf("%d planned, %d done", c.Planned, c.Done)
	for _, part := range []struct {
		n    int
		name journal.Result
	}{{c.Failed, journal.Failed}, {c.Stale, journal.Stale}, {c.Unknown, journal.Unknown}, {c.Pending, journal.Pending}} {
		if part.n > 0 {
			text += v.english.Sprintf(", %d %s", part.n, part.name)
		}
	}
	return text
}

func (v *textView) Runs(runs []*journal.Run) error {
	if len(runs) == 0 {
		v.line("No runs yet.")
		return v.flush()
	}
	v.line("%s", v.paint(bold, fmt.Sprintf("%-26s%-18s%-12s%15s  %s", "RUN", "STARTED (UTC)", "STATE", "DONE", "TENANT")))
	for _, r := range runs {
		done := v.english.Sprintf("%d/%d", r.Counts.Done, r.Counts.Planned)
		if r.Counts.Planned == 0 { // encrypted: nobody knows
			done = "?"
		}
		v.line("%-26s%-18s%-12s%15s  %s", r.RunID, r.At.UTC().Format("2006-01-02 15:04"), r.State, done, fit(clean(tenantName(r.Tenant)), 7))
	}
	return v.flush()
}
