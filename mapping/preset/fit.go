package preset

import (
	"fmt"
	"slices"
	"strings"

	"authseed/mapping"
	"authseed/mapping/authmethod"
	"authseed/mapping/table"
)

// header finds columns by what they are called.
type header struct {
	folded map[string][]int // positions by folded name
	hinted map[string][]int // positions by what stands in brackets
	called []string         // what a mapping file calls each column
	places map[string]int   // the first position of each of these
}

func newHeader(names []string) header {
	h := header{folded: map[string][]int{}, hinted: map[string][]int{}, places: map[string]int{}}
	plain := map[string]int{}
	for i, name := range names {
		if key := table.Fold(name); key != "" {
			h.folded[key] = append(h.folded[key], i)
		}
		if key := table.Fold(table.Hint(name)); key != "" {
			h.hinted[key] = append(h.hinted[key], i)
		}
		plain[table.Plain(name)]++
	}
	for i, name := range names {
		// Without its hint, where that leaves one column of the name.
		called := table.Plain(name)
		if called == "" || plain[called] > 1 {
			called = strings.Join(strings.Fields(name), " ")
		}
		h.called = append(h.called, called)
		if _, taken := h.places[called]; !taken {
			h.places[called] = i
		}
	}
	return h
}

// find gives the positions of the columns with a name, in any spelling.
func (h header) find(name string) []int {
	key := table.Fold(name)
	if at := h.folded[key]; at != nil {
		return at
	}
	return h.hinted[key]
}

// call is the name a mapping file calls a column by.
func (h header) call(at int) string { return h.called[at] }

// position is the column that a mapping file of this header calls by a name.
func (h header) position(called string) int { return h.places[called] }

// fit is a preset as it fits one header.
type fit struct {
	header  header
	strict  bool // no system is known
	file    mapping.File
	uses    map[int]string // what each column is used for
	missing []string       // what the mapping cannot be without
	unclear []string       // columns that are there more than once
}

// fit makes a mapping file of what the header has.
func (p *Preset) fit(h header, about table.About) *fit {
	f := &fit{header: h, strict: p.Name == generic, uses: map[int]string{}}
	f.file = mapping.File{Version: 1, Name: p.Title, Source: p.Source.mapping(sheetOf(about))}
	for _, m := range p.Match {
		if at, ok := f.first(m.Columns, string(m.Attribute)); ok {
			f.file.Match = append(f.file.Match, mapping.Match{Attribute: m.Attribute, Column: h.call(at)})
		}
	}
	for _, c := range p.Where {
		if condition := f.cells(&c, "which rows count"); condition != nil {
			f.file.Where = append(f.file.Where, *condition)
		}
	}
	if c := p.Country; c != nil {
		of := mapping.CountryOf{From: c.From}
		if at, ok := f.first(c.Columns, "country"); ok {
			of.Column = h.call(at)
		}
		if of != (mapping.CountryOf{}) {
			f.file.Country = &of
		}
	}
	if at, ok := f.only(p.Department); ok {
		f.use(at, "department")
		f.file.Department = &mapping.ColumnOf{Column: h.call(at)}
	}
	mapped := 0
	for _, kind := range authmethod.Kinds() {
		if m := f.method(p.Methods.of(kind), kind); m != nil {
			f.file.Methods.Set(kind, m)
			mapped++
		}
	}
	if len(f.file.Match) == 0 {
		f.missing = append(f.missing, "no column that names the people")
	}
	if mapped == 0 {
		f.missing = append(f.missing, "no column of a phone or a private e-mail address")
	}
	return f
}

// sheetOf names the sheet where there are others.
func sheetOf(about table.About) string {
	if len(about.Sheets) > 1 {
		return about.Sheet
	}
	return ""
}

// first gives the first of several names that is a column. Where no system is
// known, two columns of the same meaning are one too many.
func (f *fit) first(names []string, use string) (int, bool) {
	found := -1
	for _, name := range names {
		at := f.header.find(name)
		switch {
		case len(at) == 0 || at[0] == found:
		case len(at) > 1:
			f.twice(at[0], use)
			return 0, false
		case found < 0:
			found = at[0]
		case f.strict:
			f.unclear = append(f.unclear, fmt.Sprintf("`%s` and `%s` could both be the %s", f.header.call(found), f.header.call(at[0]), use))
			return 0, false
		}
		if found >= 0 && !f.strict {
			break
		}
	}
	if found < 0 {
		return 0, false
	}
	f.use(found, use)
	return found, true
}

// only gives the first of several names where it is exactly one column: what a
// mapping can be without is left out rather than asked about.
func (f *fit) only(c *columns) (int, bool) {
	if c == nil {
		return 0, false
	}
	for _, name := range c.Columns {
		if at := f.header.find(name); len(at) > 0 {
			return at[0], len(at) == 1
		}
	}
	return 0, false
}

func (f *fit) twice(at int, use string) {
	f.unclear = append(f.unclear, fmt.Sprintf("`%s`, for %s, is there more than once", f.header.call(at), use))
}

func (f *fit) use(at int, use string) {
	if f.uses[at] == "" {
		f.uses[at] = use
	} else if !strings.Contains(f.uses[at], use) {
		f.uses[at] += ", " + use
	}
}

func (f *fit) cells(c *cells, use string) *mapping.Cells {
	at, ok := f.first(c.Columns, use)
	if !ok {
		return nil
	}
	of := &mapping.Cells{Column: f.header.call(at)}
	for _, value := range c.In {
		of.In = append(of.In, mapping.Word(value))
	}
	return of
}

// method maps one method, nil where the header has no column of it.
func (f *fit) method(m *method, kind authmethod.Kind) *mapping.Method {
	if m == nil {
		return nil
	}
	of := &mapping.Method{Separator: m.Separator}
	for _, name := range m.Columns {
		at := f.header.find(name)
		switch {
		case len(at) > 1:
			f.twice(at[0], kind.String())
		case len(at) == 1 && !slices.Contains(of.Columns, f.header.call(at[0])):
			f.use(at[0], kind.String())
			of.Columns = append(of.Columns, f.header.call(at[0]))
		}
	}
	if len(of.Columns) == 0 {
		return nil
	}
	if m.When != nil {
		// Without the column that says what a row's number is, nobody knows.
		if of.When = f.cells(m.When, "which rows are about "+kind.String()); of.When == nil {
			return nil
		}
	}
	part := func(names []string, what string) string {
		if at, ok := f.first(names, what+" of "+kind.String()); ok {
			return f.header.call(at)
		}
		return ""
	}
	of.CountryCode, of.AreaCode = part(m.CountryCode, "country code"), part(m.AreaCode, "area code")
	of.Extension = part(m.Extension, "extension")
	return of
}

// recognized is the longest of the preset's lines that the header has in full,
// 0 for none.
func (p *Preset) recognized(h header) int {
	most := 0
	for _, line := range p.Recognize {
		if !slices.ContainsFunc(line, func(name string) bool { return len(h.find(name)) == 0 }) {
			most = max(most, len(line))
		}
	}
	return most
}
