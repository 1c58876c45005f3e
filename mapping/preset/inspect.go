package preset

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"authseed/mapping"
	"authseed/mapping/authmethod"
	"authseed/mapping/table"
)

// Inspect reads a file to its end and says what it is, how the choice would
// read it and what will come up. c is nil for a file in authseed's own columns.
// The rows are used up.
func Inspect(name string, r *table.Reader, c *Choice) (*mapping.Inspection, error) {
	in := &inspecting{
		Inspection: &mapping.Inspection{File: name, About: r.About(), Certain: true, Why: []string{"the columns are authseed's own"}},
		looks:      make([]looks, len(r.Header())), samples: make([][]string, len(r.Header())),
		reasons: map[authmethod.Reason]int{}, keys: map[string]int{}, uses: map[int]string{},
	}
	entries, err := in.bind(r, c)
	if err != nil {
		return nil, err
	}
	for row := range r.Rows() {
		in.row(row, entries)
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	in.columns(r.Header())
	in.foresee(r, c)
	return in.Inspection, nil
}

// inspecting is a file that is being looked at.
type inspecting struct {
	*mapping.Inspection
	looks   []looks
	samples [][]string
	uses    map[int]string
	reasons map[authmethod.Reason]int // of rows and cells that would be left out
	keys    map[string]int            // rows by folded key
}

// bind makes the choice a mapping of the file, if it can be one.
func (in *inspecting) bind(r *table.Reader, c *Choice) (*mapping.Entries, error) {
	if c == nil {
		for i, name := range r.Header() {
			if slices.Contains(mapping.OwnColumns(), name) {
				in.uses[i] = name
			}
		}
		return mapping.Own().Bind(r)
	}
	in.Preset, in.Certain, in.Why = c.Preset.Name, c.Certain, c.Why
	said := c.Missing
	if c.possible() {
		in.uses = c.uses
		said = slices.Concat(said, c.Preset.Caveats)
	}
	for _, what := range said {
		in.Foreseen = append(in.Foreseen, mapping.Foresight{What: what})
	}
	if !c.possible() {
		return nil, nil
	}
	m, text, err := c.Mapping()
	if err != nil {
		return nil, err
	}
	in.Mapping = text
	entries, err := m.Bind(r)
	if err != nil {
		in.Certain = false
		in.Why = append(in.Why, err.Error())
		return nil, nil
	}
	return entries, nil
}

const (
	looksAt      = 10_000 // rows; the others are counted
	samplesShown = 3
	keysKept     = 2_000_000
)

func (in *inspecting) row(row table.Row, entries *mapping.Entries) {
	if row.Aside != "" {
		return
	}
	in.Rows++
	if row.Err != nil {
		in.Unusable++
		return
	}
	for i, cell := range row.Cells {
		if in.Rows <= looksAt {
			in.looks[i].see(cell)
		} else {
			in.looks[i].count(cell)
		}
		if in.uses[i] != "" && cell != "" && len(in.samples[i]) < samplesShown {
			if masked := in.mask(i, cell); !slices.Contains(in.samples[i], masked) {
				in.samples[i] = append(in.samples[i], masked)
			}
		}
	}
	if entries == nil {
		return
	}
	e := entries.Entry(entries.Pick(row))
	if e.Skip != nil {
		in.reasons[e.Skip.Reason]++
	}
	for _, p := range e.Problems {
		in.reasons[p.Reason]++
	}
	if e.Key.Value != "" && len(in.keys) < keysKept {
		in.keys[e.Key.Folded()]++
	}
}

// mask shows how a cell is written. Countries and states name nobody, nor does a
// department, unless its column holds something else.
func (in *inspecting) mask(at int, cell string) string {
	switch use := in.uses[at]; {
	case use == "country", strings.HasPrefix(use, "which rows"):
		return cell
	case strings.Count(cell, "@") == 1 && !strings.ContainsAny(cell, " \t\r\n,;<"):
		return authmethod.ValueOf(cell).String()
	case in.looks[at].phones > 0:
		return maskNumber(cell)
	case in.uses[at] == "department" && !strings.Contains(cell, "@"):
		return cell
	}
	runes := []rune(cell)
	return string(runes[:min(1, len(runes))]) + "***"
}

// maskNumber keeps whether a number is written with a plus, and its last two
// digits. A raw cell does not say where its country code ends.
func maskNumber(cell string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, cell)
	masked := "*** **"
	if strings.HasPrefix(strings.TrimLeft(cell, "='\"( "), "+") {
		masked = "+" + masked
	}
	if len(digits) > 4 {
		return masked + digits[len(digits)-2:]
	}
	return masked + "**"
}

func (in *inspecting) columns(names []string) {
	for i, name := range names {
		in.Columns = append(in.Columns, mapping.ColumnFinding{
			Name: strings.Join(strings.Fields(name), " "), Filled: in.looks[i].filled, Looks: in.looks[i].word(), Use: in.uses[i], Samples: in.samples[i],
		})
	}
}

// foresee says what will come up when the file is planned.
func (in *inspecting) foresee(r *table.Reader, c *Choice) {
	say := func(what, hint string) { in.Foreseen = append(in.Foreseen, mapping.Foresight{What: what, Hint: hint}) }
	if in.Rows == 0 {
		say("the file has a header and no rows", "export it again")
	}
	if in.Unusable > 0 {
		say(fmt.Sprintf("%s cannot be used", count(in.Unusable, "row")), "authseed check lists them")
	}
	for _, reason := range slices.Sorted(maps.Keys(in.reasons)) {
		if reason == authmethod.SpreadsheetDamage && in.Unusable == in.reasons[reason] {
			continue
		}
		say(fmt.Sprintf("%s: %d", reason, in.reasons[reason]), hints[reason])
	}
	repeated := 0
	for _, n := range in.keys {
		if n > 1 {
			repeated++
		}
	}
	if repeated > 0 {
		say(fmt.Sprintf("%s named by more than one row", count2(repeated, "person is", "people are")), "rows that agree are one; rows that disagree are all left out")
	}
	in.foreseeAddresses(c, say)
	if sheets := in.About.Sheets; len(sheets) > 1 {
		say(fmt.Sprintf("the workbook has %d sheets, and `%s` is read", len(sheets), in.About.Sheet), "source: {sheet: NAME} in a mapping file chooses another")
	}
	if r.Unterminated() {
		say("the last line has no line end", "if the export was cut off, its last number may be short; compare the number of rows")
	}
}

// foreseeAddresses finds private addresses in the company's own domain.
func (in *inspecting) foreseeAddresses(c *Choice, say func(what, hint string)) {
	if c == nil || c.File.Methods.Email == nil {
		return
	}
	domains := map[string]bool{}
	for i := range in.looks {
		if in.usedFor(i, string(authmethod.UserPrincipalName)) || in.usedFor(i, string(authmethod.Mail)) {
			for domain := range in.looks[i].domains {
				domains[domain] = true
			}
		}
	}
	own := 0
	for i := range in.looks {
		if in.usedFor(i, authmethod.Email.String()) {
			for domain, n := range in.looks[i].domains {
				if domains[domain] {
					own += n
				}
			}
		}
	}
	if own > 0 {
		say(fmt.Sprintf("%s in the domain that people sign in with", count2(own, "private address is", "private addresses are")), "nobody can read such an address while locked out")
	}
}

func (in *inspecting) usedFor(at int, use string) bool {
	return slices.Contains(strings.Split(in.uses[at], ", "), use)
}

// hints say what to do about what will be left out.
var hints = map[authmethod.Reason]string{
	authmethod.CountryUnknown:    "a country column, or country: {default: DE} in a mapping file, says how national numbers are read",
	authmethod.SpreadsheetDamage: "format the columns of numbers as text and export again",
	authmethod.InvalidPhone:      "authseed check lists them with their lines",
	authmethod.InvalidEmail:      "authseed check lists them with their lines",
	authmethod.OutOfScope:        "rows that the mapping leaves out, and rows without any value",
	authmethod.NoMatch:           "rows that name nobody",
}

func count(n int, noun string) string { return count2(n, noun, noun+"s") }

func count2(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
