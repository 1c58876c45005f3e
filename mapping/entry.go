package mapping

import (
	"errors"
	"fmt"
	"strings"

	"authseed/mapping/authmethod"
	"authseed/mapping/phone"
)

// Entry is what one row says.
type Entry struct {
	Line     int               // physical line of the source the row starts in
	Key      authmethod.Key    // the first key with a value; zero: none
	Wishes   authmethod.Wishes // indexed by kind; a zero wish asks nothing
	Problems []Problem         // values that were dropped
	Skip     *Skip             // why the whole row is left out; then nothing is wished
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
	if e.Skip = m.skip(cells, e.Key); e.Skip != nil {
		return e
	}
	home := m.region(cells)
	for kind := range m.methods {
		if m.methods[kind].slots != nil {
			e.wish(m, authmethod.Kind(kind), cells, home)
		}
	}
	return e
}

func (m *Mapping) key(cells []string) authmethod.Key {
	for _, k := range m.keys {
		if value := cells[k.slot]; value != "" {
			// A copy: the cell would keep its whole row in memory.
			return authmethod.Key{Attribute: k.attribute, Value: strings.Clone(value)}
		}
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
	if !m.anyValue(cells) {
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

func (m *Mapping) anyValue(cells []string) bool {
	for _, method := range m.methods {
		for _, slot := range method.slots {
			if cells[slot] != "" {
				return true
			}
		}
	}
	return false
}

// home is the country in which a row's national numbers are read.
type home struct {
	region  string // empty: unknown
	unknown string // why it is unknown
}

// region never falls back to the default from a country that it cannot read:
// the row says it is another one.
func (m *Mapping) region(cells []string) home {
	if m.country.slot == none {
		return home{m.country.fallback, "the mapping names no country"}
	}
	cell, name := cells[m.country.slot], m.columns[m.country.slot].name
	if cell == "" {
		return home{m.country.fallback, fmt.Sprintf("`%s` holds no country", name)}
	}
	region, ok := phone.Region(cell)
	if !ok {
		return home{"", fmt.Sprintf("the country in `%s` is not understood; it takes two letters such as GB", name)}
	}
	return home{region: region}
}

const clearMark = "<clear>"

// wish sets what the row wishes for one method: its first usable value. Values
// before that are problems, and so are all if none is usable.
func (e *Entry) wish(m *Mapping, kind authmethod.Kind, cells []string, home home) {
	method := m.methods[kind]
	extension := ""
	if method.extension != none {
		extension = cells[method.extension]
	}
	before := len(e.Problems)
	for _, slot := range method.slots {
		cell := cells[slot]
		if cell == "" {
			continue
		}
		if len(e.Problems) == before && strings.EqualFold(cell, clearMark) {
			e.Wishes[kind] = authmethod.Wish{Clear: true}
			return
		}
		wish, problem := read(kind, cell, extension, home)
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

// read reads one cell that holds something.
func read(kind authmethod.Kind, cell, extension string, home home) (authmethod.Wish, *Problem) {
	if strings.EqualFold(cell, clearMark) {
		return authmethod.Wish{}, &Problem{Reason: invalid(kind), Detail: "<clear> counts only in the first column that holds anything"}
	}
	if kind == authmethod.Email {
		address, fault := readAddress(cell)
		if fault != "" {
			return authmethod.Wish{}, &Problem{Reason: authmethod.InvalidEmail, Detail: fault}
		}
		return authmethod.Wish{Value: authmethod.ValueOf(address)}, nil
	}
	number, err := phone.Parse(cell, extension, home.region, use(kind))
	if err != nil {
		return authmethod.Wish{}, phoneProblem(err, home)
	}
	return authmethod.Wish{Value: authmethod.ValueOf(number.Text), Fixed: number.Line == phone.LineFixed}, nil
}

func invalid(kind authmethod.Kind) authmethod.Reason {
	if kind.IsPhone() {
		return authmethod.InvalidPhone
	}
	return authmethod.InvalidEmail
}

func phoneProblem(err error, home home) *Problem {
	var refusal *phone.Error
	if !errors.As(err, &refusal) {
		return &Problem{Reason: authmethod.InvalidPhone, Detail: "not a phone number"}
	}
	switch refusal.Problem {
	case phone.CountryUnknown:
		return &Problem{Reason: authmethod.CountryUnknown, Detail: "national number, and " + home.unknown + "; write it with a plus and its country code"}
	case phone.Damaged:
		return &Problem{Reason: authmethod.SpreadsheetDamage, Detail: refusal.Detail}
	}
	return &Problem{Reason: authmethod.InvalidPhone, Detail: refusal.Detail}
}
