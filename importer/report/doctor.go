package report

import (
	"fmt"
	"slices"
	"strings"

	"authseed/importer/readiness"
)

// Examiner is a view that shows the checks of a tenant and of a sign-in too.
type Examiner interface {
	Diagnosis(*readiness.Diagnosis) error
}

// Diagnosis shows the checks on about one screen: those that are well in a line
// each, and below the others what it means and the next step.
func (v *textView) Diagnosis(d *readiness.Diagnosis) error {
	title := "cloud " + d.Cloud + ", for " + featureWords(d.Features)
	if label := d.Tenant.Label(); label != "" {
		title = fit(clean(label), max(20, lineWidth-len(", ")-len(title))) + ", " + title
	}
	v.line("%s", v.paint(bold, title))
	wide := 0
	for _, c := range d.Checks {
		wide = max(wide, len(c.Name))
	}
	var unasked []string
	for _, c := range d.Checks {
		if c.Unasked() {
			unasked = append(unasked, c.Name)
			continue
		}
		v.check(c, wide)
	}
	if len(unasked) > 0 {
		v.hanging("  not checked: ", strings.Join(unasked, ", "))
	}
	v.line("%s", v.paint(bold, clean(verdict(d))))
	return v.flush()
}

func (v *textView) check(c readiness.Check, wide int) {
	// The sign is padded before it is painted: a colour has no width.
	sign := v.paint(stateColour[c.State], pad(string(c.State), len("warning")))
	lines := strings.SplitAfterN(v.folded(c.Found, lineWidth-len("  warning  ")-wide-2), "\n", 2)
	v.line("  %s  %s  %s", sign, pad(c.Name, wide), strings.TrimSuffix(lines[0], "\n"))
	indent := strings.Repeat(" ", len("  warning  ")+wide+2)
	if len(lines) > 1 {
		for _, rest := range strings.Split(lines[1], "\n") {
			v.line("%s%s", indent, rest)
		}
	}
	if c.State == readiness.OK {
		return
	}
	if c.Means != "" {
		v.hanging(indent, clean(c.Means))
	}
	if c.Next != "" {
		v.hanging(indent+"→ ", clean(c.Next))
	}
}

// folded breaks text into lines of the width.
func (v *textView) folded(text string, width int) string {
	var b strings.Builder
	used := 0
	for word := range strings.FieldsSeq(clean(text)) {
		switch n := columns(word); {
		case used == 0:
			used = n
		case used+1+n > width:
			b.WriteByte('\n')
			used = n
		default:
			b.WriteByte(' ')
			used += 1 + n
		}
		b.WriteString(word)
	}
	return b.String()
}

var stateColour = map[readiness.State]string{
	readiness.OK: green, readiness.Warning: yellow, readiness.Failed: red, readiness.Unknown: magenta,
}

func featureWords(features []readiness.Feature) string {
	var words []string
	for _, f := range features {
		words = append(words, string(f))
	}
	return strings.Join(words, ", ")
}

// verdict is the last line: what somebody reads who reads one line.
func verdict(d *readiness.Diagnosis) string {
	counts := map[readiness.State]int{}
	for _, c := range d.Checks {
		counts[c.State]++
	}
	var parts []string
	for _, state := range []readiness.State{readiness.Failed, readiness.Warning, readiness.Unknown, readiness.OK} {
		if n := counts[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	return strings.Join(parts, ", ")
}

type checkDocument struct {
	Name  string          `json:"name" csv:"name"`
	State readiness.State `json:"state" csv:"state"`
	Found string          `json:"found" csv:"found"`
	Means string          `json:"means,omitempty" csv:"means"`
	Next  string          `json:"next,omitempty" csv:"next"`
}

type tenantDocument struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Cloud string `json:"cloud"`
}

// Diagnosis writes {format_version, tenant, for, state, checks}. The names of
// the checks and the states are fixed words, and every check is there every
// time; the rest is for people. state is the worst of the checks'.
func (v *jsonView) Diagnosis(d *readiness.Diagnosis) error {
	document := struct {
		FormatVersion int                 `json:"format_version"`
		Tenant        tenantDocument      `json:"tenant"`
		For           []readiness.Feature `json:"for"`
		State         readiness.State     `json:"state"`
		Checks        []checkDocument     `json:"checks"`
	}{FormatVersion, tenantDocument{d.Tenant.ID, d.Tenant.Name, d.Cloud}, orEmpty(slices.Clone(d.Features)), d.State(), []checkDocument{}}
	for _, c := range d.Checks {
		document.Checks = append(document.Checks, checkDocument(c))
	}
	return v.write(document)
}

// Diagnosis lists the checks, a row each.
func (v *csvView) Diagnosis(d *readiness.Diagnosis) error {
	rows := []checkDocument{}
	for _, c := range d.Checks {
		rows = append(rows, checkDocument{c.Name, c.State, cell(c.Found), cell(c.Means), cell(c.Next)})
	}
	return encodeRows(v.w, rows)
}
