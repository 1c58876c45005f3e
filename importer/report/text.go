package report

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// TextOptions say how the text view looks.
type TextOptions struct {
	Color bool
	Clear bool // show values in clear
	All   bool // list also what was left out for no fault of its row, and long lists to their end
}

// Text writes for people: it fits 80 columns, sums up first and shows what is
// dangerous before the rest. Of a list it shows the first 200 and how many more
// there are.
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

// listed is how much of a list is shown unless all of it is wanted: nobody reads
// more, and a plan of 100,000 changes must not bury what is dangerous in it.
const listed = 200

func (v *textView) atMost(n int) int {
	if v.All {
		return n
	}
	return min(n, listed)
}

// more ends a list of n that was cut off, with what is in the rest of it.
func (v *textView) more(n int, rest string) {
	if more := n - v.atMost(n); more > 0 {
		v.wrapped("  ", v.english.Sprintf("... and %d more%s: --all lists them", more, rest))
	}
}

func (v *textView) count(n int, one, many string) string {
	if n == 1 {
		many = one
	}
	return v.english.Sprintf("%d %s", n, many)
}

// scope is whom the plan is for, and what nobody could check about them.
func (v *textView) scope(p *plan.Plan) {
	if !p.Scope.IsZero() {
		v.hanging("  pilot    ", clean(pilot(p.Scope)))
	}
	if b, a := p.Coverage.Before, p.Coverage.After; b.People > 0 {
		v.hanging("  coverage ", v.english.Sprintf("%d → %d of %d people with a method that resets, %d → %d with two",
			b.WithOne, a.WithOne, a.People, b.WithTwo, a.WithTwo))
	}
	if k := p.Known; k.Report > 0 {
		of := ""
		if !k.ReportAt.IsZero() {
			of = " of " + k.ReportAt.Format("2006-01-02 15:04")
		}
		v.hanging("  before-values ", v.english.Sprintf("%d read, %d by the registration report%s", k.Read, k.Report, of))
	}
	if p.Known.Settled > 0 {
		v.hanging("  settled   ", v.count(p.Known.Settled, "person", "people")+" not asked about: row as in the last good run, and not moved since")
	}
	if len(p.Unchecked) > 0 {
		v.hanging("  unchecked ", clean(strings.Join(p.Unchecked, ", ")))
	}
	for _, check := range slices.Sorted(maps.Keys(p.CheckNotes)) {
		v.hanging("  check     ", clean(check+": "+p.CheckNotes[check]))
	}
}

func tenantName(t plan.Tenant) string {
	if t.Name == "" {
		return t.ID
	}
	return t.Name
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
		for _, s := range of[:v.atMost(len(of))] {
			v.wrapped("  ", place(s.Origin, s.User)+": "+clean(s.Detail))
		}
		v.more(len(of), "")
	}
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
