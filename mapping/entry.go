package mapping

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"authseed/mapping/address"
	"authseed/mapping/authmethod"
	"authseed/mapping/country"
	"authseed/mapping/phone"
)

// Entry is what one row says.
type Entry struct {
	Line     int               // physical line of the source the row starts in
	Key      authmethod.Key    // the first key with a value; zero: none
	Wishes   authmethod.Wishes // indexed by kind; a zero wish asks nothing
	Problems []Problem         // values that were dropped
	Skip     *Skip             // why the whole row is left out; then nothing is wished

	// Cells is the row itself where a number in it has to be read again once
	// the person is known; see [Mapping.At]. Else nil.
	Cells []string
}

// Problem is a value that was dropped, and why.
type Problem struct {
	Column string
	Kind   authmethod.Kind
	Reason authmethod.Reason
	Detail string // in words, without the value
}

// Skip is why a whole row is left out.
type Skip struct {
	Reason authmethod.Reason
	Detail string
}

// entry reads one row, its cells in the order of the mapping's slots.
func (m *Mapping) entry(line int, cells []string) Entry {
	e := Entry{Line: line, Key: m.key(cells)}
	if e.Skip = m.skip(cells, e.Key); e.Skip == nil {
		e.read(m, cells, m.home(cells))
	}
	return e
}

// At reads an entry with Cells again, now that the person's usageLocation is
// known, or known to be empty.
func (m *Mapping) At(e Entry, usageLocation string) Entry {
	if e.Cells == nil {
		return e
	}
	again := Entry{Line: e.Line, Key: e.Key}
	again.read(m, e.Cells, m.lives(usageLocation))
	again.Cells = nil
	return again
}

func (e *Entry) read(m *Mapping, cells []string, home home) {
	for kind, method := range m.methods {
		if method.slots != nil && (method.when == nil || method.when.holds(cells[method.when.slot])) {
			e.wish(m, authmethod.Kind(kind), cells, home)
		}
	}
	if department := m.departmentOf(cells); department != "" {
		for kind := range e.Wishes {
			if w := &e.Wishes[kind]; !w.IsZero() {
				w.Department = department
			}
		}
	}
	if home.later && slices.ContainsFunc(e.Problems, func(p Problem) bool { return p.Reason == authmethod.CountryUnknown }) {
		e.Cells = make([]string, len(cells))
		for i, cell := range cells {
			e.Cells[i] = strings.Clone(cell)
		}
	}
}

// longestDepartment is as much of a department as a review has room for, in
// runes.
const longestDepartment = 64

// departmentOf is the row's department, a copy.
func (m *Mapping) departmentOf(cells []string) string {
	if m.department == none {
		return ""
	}
	text := strings.Join(strings.Fields(cells[m.department]), " ")
	if runes := []rune(text); len(runes) > longestDepartment {
		text = string(runes[:longestDepartment-1]) + "…"
	}
	return strings.Clone(text)
}

func (m *Mapping) key(cells []string) authmethod.Key {
	for _, k := range m.keys {
		value := cells[k.slot]
		switch {
		case value == "":
			continue
		case k.domain != "" && !strings.Contains(value, "@"):
			value += "@" + k.domain
		default:
			// A copy: the cell would keep its whole row in memory.
			value = strings.Clone(value)
		}
		return authmethod.Key{Attribute: k.attribute, Value: value}
	}
	return authmethod.Key{}
}

// skip says why a whole row is left out, nil if it counts.
func (m *Mapping) skip(cells []string, found authmethod.Key) *Skip {
	for _, f := range m.filters {
		if !f.holds(cells[f.slot]) {
			return &Skip{authmethod.OutOfScope, fmt.Sprintf("`%s` holds none of the values that count", m.columns[f.slot].name)}
		}
	}
	if about, value := m.says(cells); !about {
		return &Skip{authmethod.OutOfScope, "the row is about none of the mapped methods"}
	} else if !value {
		return &Skip{authmethod.OutOfScope, "no value in any mapped column"}
	}
	if found.Value == "" {
		names := make([]string, len(m.keys))
		for i, k := range m.keys {
			names[i] = "`" + m.columns[k.slot].name + "`"
		}
		return &Skip{authmethod.NoMatch, "no value in " + strings.Join(names, " or ") + " to find the person by"}
	}
	return nil
}

func (f filter) holds(cell string) bool {
	for _, value := range f.in {
		if strings.EqualFold(value, cell) {
			return true
		}
	}
	return false
}

// says reports whether the row is about a mapped method, and whether it holds a
// value of one.
func (m *Mapping) says(cells []string) (about, value bool) {
	for _, method := range m.methods {
		if method.slots == nil || method.when != nil && !method.when.holds(cells[method.when.slot]) {
			continue
		}
		about = true
		for _, slot := range method.slots {
			if cells[slot] != "" {
				return true, true
			}
		}
	}
	return about, false
}

// home is the country in which a row's national numbers are read.
type home struct {
	region  string // empty: unknown
	from    authmethod.CountrySource
	unknown string // why it is unknown
	later   bool   // it is the person's usageLocation, and the person is not known yet
}

// home never falls back from a country that it cannot read: the row says it is
// another one.
func (m *Mapping) home(cells []string) home {
	unknown := "the mapping names no country"
	if m.country.slot != none {
		cell, name := cells[m.country.slot], m.columns[m.country.slot].name
		if cell != "" {
			region, fault := readCountry(cell)
			if fault != "" {
				return home{unknown: fmt.Sprintf("the country in `%s` %s; it takes one such as GB or Germany", name, fault)}
			}
			return home{region: region, from: authmethod.CountryOfRow}
		}
		unknown = fmt.Sprintf("`%s` holds no country", name)
	}
	if m.country.usage {
		return home{unknown: "its country is the person's usageLocation, which only the tenant knows", later: true}
	}
	return m.otherwise(unknown)
}

// lives is the home of a person whose usageLocation is known, or known to be
// empty.
func (m *Mapping) lives(usageLocation string) home {
	if region, ok := phone.Region(usageLocation); ok {
		return home{region: region, from: authmethod.CountryOfPerson}
	}
	return m.otherwise("the person has no usageLocation")
}

func (m *Mapping) otherwise(unknown string) home {
	if m.country.fallback == "" {
		return home{unknown: unknown}
	}
	return home{region: m.country.fallback, from: authmethod.CountryOfMapping}
}

// readCountry reads a country whose national numbers can be read, or says what
// is wrong with it. A few, Antarctica for one, have no numbering plan.
func readCountry(text string) (region, fault string) {
	code, ok := country.Find(text)
	if !ok {
		return "", "is not understood"
	}
	if region, ok = phone.Region(code); !ok {
		return "", "has no phone numbers of its own"
	}
	return region, ""
}

// ClearMark is the cell that asks for a removal.
const ClearMark = "<clear>"

// wish sets what the row wishes for one method: its first usable value. Values
// before that are problems, and so are all if none is usable.
func (e *Entry) wish(m *Mapping, kind authmethod.Kind, cells []string, home home) {
	method := m.methods[kind]
	before := len(e.Problems)
	for _, slot := range method.slots {
		for value := range values(cells[slot], method.separator) {
			if len(e.Problems) == before && strings.EqualFold(value, ClearMark) {
				e.Wishes[kind] = authmethod.Wish{Clear: true}
				return
			}
			wish, problem := m.read(kind, value, cells, home)
			if problem == nil {
				for i := before; i < len(e.Problems); i++ {
					e.Problems[i].Detail += fmt.Sprintf("; `%s` is used instead", m.columns[slot].name)
				}
				e.Wishes[kind] = wish
				return
			}
			problem.Column, problem.Kind = m.columns[slot].name, kind
			e.Problems = append(e.Problems, *problem)
		}
	}
}

// maxValues is how many values of one cell are looked at.
const maxValues = 20

// values yields what a cell holds: itself, or what stands between separators.
func values(cell, separator string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if separator == "" {
			_ = cell != "" && yield(cell)
			return
		}
		n := 0
		for part := range strings.SplitSeq(cell, separator) {
			if part = strings.TrimSpace(part); part == "" {
				continue
			}
			if n++; n > maxValues || !yield(part) {
				return
			}
		}
	}
}

// read reads one value, together with what other columns add to it.
func (m *Mapping) read(kind authmethod.Kind, value string, cells []string, home home) (authmethod.Wish, *Problem) {
	method := m.methods[kind]
	cell := func(slot int) string {
		if slot == none {
			return ""
		}
		return cells[slot]
	}
	switch {
	case strings.EqualFold(value, ClearMark):
		return authmethod.Wish{}, &Problem{Reason: invalid(kind), Detail: "<clear> counts only in the first column that holds anything"}
	case kind == authmethod.Email:
		return readAddress(value)
	case method.split():
		parts := phone.Parts{CountryCode: cell(method.code), AreaCode: cell(method.area), Number: value, Extension: cell(method.extension)}
		number, err := phone.Join(parts, home.region, use(kind))
		return phoneWish(number, err, home)
	}
	number, err := phone.Parse(value, cell(method.extension), home.region, use(kind))
	return phoneWish(number, err, home)
}

func readAddress(value string) (authmethod.Wish, *Problem) {
	read, err := address.Parse(value)
	if err != nil {
		return authmethod.Wish{}, addressProblem(err)
	}
	return authmethod.Wish{Value: authmethod.ValueOf(read.Text), Remark: read.Remark}, nil
}

func phoneWish(number phone.Number, err error, home home) (authmethod.Wish, *Problem) {
	if err != nil {
		return authmethod.Wish{}, phoneProblem(err, home)
	}
	wish := authmethod.Wish{
		Value: authmethod.ValueOf(number.Text), Fixed: number.Line == phone.LineFixed,
		Country: number.Country, CountryFrom: authmethod.CountryOfNumber, Remark: strings.Join(number.Repaired.Words(), "; "),
	}
	if number.National {
		wish.CountryFrom = home.from
	}
	return wish, nil
}

func invalid(kind authmethod.Kind) authmethod.Reason {
	if kind.IsPhone() {
		return authmethod.InvalidPhone
	}
	return authmethod.InvalidEmail
}

func addressProblem(err error) *Problem {
	var refusal *address.Error
	if errors.As(err, &refusal) && refusal.Damaged {
		return &Problem{Reason: authmethod.SpreadsheetDamage, Detail: refusal.Detail}
	}
	return &Problem{Reason: authmethod.InvalidEmail, Detail: err.Error()}
}

func phoneProblem(err error, home home) *Problem {
	var refusal *phone.Error
	if !errors.As(err, &refusal) {
		return &Problem{Reason: authmethod.InvalidPhone, Detail: "not a phone number"}
	}
	switch refusal.Problem {
	case phone.CountryUnknown:
		what := "national number, and " + home.unknown
		if refusal.LostPlus {
			what = "no plus, and " + home.unknown + "; it may begin with a country code that has lost its plus"
		}
		return &Problem{Reason: authmethod.CountryUnknown, Detail: what + "; write it with a plus and its country code"}
	case phone.Damaged:
		return &Problem{Reason: authmethod.SpreadsheetDamage, Detail: refusal.Detail}
	}
	return &Problem{Reason: authmethod.InvalidPhone, Detail: refusal.Detail}
}
