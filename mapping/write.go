package mapping

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"authseed/mapping/authmethod"
)

// Text writes the file as YAML that [Parse] reads, a comment before each
// section. about, which may have several lines, becomes the comment at the top.
func (f *File) Text(about string) []byte {
	w := writer{}
	w.comment(about)
	w.line("version: 1")
	if f.Name != "" {
		w.line("name: " + scalar(f.Name))
	}
	w.source(f.Source)
	w.section("The first key with a value decides; it has to name exactly one person.")
	w.line("match:")
	for _, m := range f.Match {
		pairs := []string{"attribute: " + string(m.Attribute), "column: " + scalar(m.Column)}
		if m.Domain != "" {
			pairs = append(pairs, "domain: "+scalar(m.Domain))
		}
		w.line("  - {" + strings.Join(pairs, ", ") + "}")
	}
	if len(f.Where) > 0 {
		w.section("Rows that count. The others are left out and said so.")
		w.line("where:")
		for _, c := range f.Where {
			w.line("  - " + c.text())
		}
	}
	w.country(f.Country)
	if f.Department != nil {
		w.section("Whose department a row says the person is in: the review is sorted by it, nothing else.")
		w.line("department: {column: " + scalar(f.Department.Column) + "}")
	}
	w.section("The first column that holds a usable value. An empty cell asks nothing; <clear> removes.")
	w.line("methods:")
	for _, kind := range authmethod.Kinds() {
		if m := *f.Methods.of(kind); m != nil {
			w.line("  " + kind.String() + ": " + m.text())
		}
	}
	w.policy(f)
	w.examples(f.Examples)
	return []byte(w.String())
}

// writer collects the lines of a mapping file.
type writer struct{ strings.Builder }

func (w *writer) line(text string) {
	w.WriteString(text)
	w.WriteByte('\n')
}

func (w *writer) comment(text string) {
	for line := range strings.Lines(text) {
		w.line(strings.TrimSpace("# " + strings.TrimSpace(line)))
	}
}

func (w *writer) section(about string) {
	w.line("")
	w.comment(about)
}

func (w *writer) source(s *Source) {
	if s == nil {
		return
	}
	pairs := []string{}
	for _, pair := range []struct{ key, value string }{
		{"format", s.Format}, {"encoding", s.Encoding}, {"delimiter", s.Delimiter}, {"quote", s.Quote},
		{"header_row", string(orZero(s.HeaderRow))}, {"header_rows", string(orZero(s.HeaderRows))}, {"sheet", s.Sheet},
	} {
		if pair.value != "" {
			pairs = append(pairs, pair.key+": "+scalar(pair.value))
		}
	}
	w.section("How the file is read; what is left out here is found out.")
	w.line("source: {" + strings.Join(pairs, ", ") + "}")
}

func (w *writer) country(c *CountryOf) {
	if c == nil {
		w.section("No country: numbers have to begin with a plus. country: {column: Country} or\n{default: DE} says how national ones are read.")
		return
	}
	w.section("How a national number is read. A country that is not known is not guessed.")
	var pairs []string
	for _, pair := range []struct{ key, value string }{{"column", c.Column}, {"from", c.From}, {"default", c.Default}} {
		if pair.value != "" {
			pairs = append(pairs, pair.key+": "+scalar(pair.value))
		}
	}
	w.line("country: {" + strings.Join(pairs, ", ") + "}")
}

func (w *writer) policy(f *File) {
	w.section("fill writes only where nothing is registered; replace also changes what differs; own only what authseed itself wrote.")
	var pairs []string
	for _, kind := range authmethod.Kinds() {
		if *f.Methods.of(kind) == nil {
			continue
		}
		policy := Fill
		if f.Policy != nil {
			if given := [authmethod.Count]Policy{f.Policy.Mobile, f.Policy.AlternateMobile, f.Policy.Office, f.Policy.Email}[kind]; given != "" {
				policy = given
			}
		}
		pairs = append(pairs, kind.String()+": "+string(policy))
	}
	w.line("policy: {" + strings.Join(pairs, ", ") + "}")
}

func (w *writer) examples(examples []Example) {
	if len(examples) == 0 {
		return
	}
	w.section("Run by check before any row, to see that the mapping does what is meant.")
	w.line("examples:")
	for _, ex := range examples {
		var cells, wants []string
		for _, name := range sortedKeys(ex.Row) {
			cells = append(cells, scalar(name)+": "+quoted(string(ex.Row[name])))
		}
		for i, want := range []*Word{ex.Want.Mobile, ex.Want.AlternateMobile, ex.Want.Office, ex.Want.Email} {
			if want != nil {
				wants = append(wants, authmethod.Kinds()[i].String()+": "+quoted(string(*want)))
			}
		}
		w.line("  - row: {" + strings.Join(cells, ", ") + "}")
		w.line("    want: {" + strings.Join(wants, ", ") + "}")
	}
}

func (c Cells) text() string {
	var in []string
	for _, value := range c.In {
		in = append(in, scalar(string(value)))
	}
	return "{column: " + scalar(c.Column) + ", in: [" + strings.Join(in, ", ") + "]}"
}

func (m *Method) text() string {
	var columns []string
	for _, name := range m.Columns {
		columns = append(columns, scalar(name))
	}
	pairs := []string{"columns: [" + strings.Join(columns, ", ") + "]"}
	if m.When != nil {
		pairs = append(pairs, "when: "+m.When.text())
	}
	for _, pair := range []struct{ key, value string }{
		{"country_code", m.CountryCode}, {"area_code", m.AreaCode}, {"extension", m.Extension}, {"separator", m.Separator},
	} {
		if pair.value != "" {
			pairs = append(pairs, pair.key+": "+scalar(pair.value))
		}
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

var (
	bare     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./@-]*(?: [A-Za-z0-9_./@-]+)*$`)
	reserved = []string{"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
)

// scalar writes a text so that YAML gives it back, in quotes where it could be
// taken for something else.
func scalar(text string) string {
	if bare.MatchString(text) && !slices.Contains(reserved, strings.ToLower(text)) {
		return text
	}
	return quoted(text)
}

// quoted writes a text in double quotes; JSON's escapes are YAML's.
func quoted(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		panic(fmt.Sprintf("mapping: a text does not encode: %v", err)) // a string always does
	}
	return strings.TrimSpace(b.String())
}

func orZero[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

func sortedKeys(row map[string]Word) []string {
	names := make([]string, 0, len(row))
	for name := range row {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
