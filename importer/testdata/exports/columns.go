package main

import (
	"log"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	utf "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/language"
)

// column is one column of an export.
type column struct {
	name string
	of   func(*person) string
}

// columns takes names and what stands below each: a text, the same for
// everybody, or a function.
func columns(spec ...any) []column {
	var all []column
	for i := 0; i < len(spec); i += 2 {
		c := column{name: spec[i].(string)}
		switch of := spec[i+1].(type) {
		case string:
			c.of = func(*person) string { return of }
		case func(*person) string:
			c.of = of
		}
		all = append(all, c)
	}
	return all
}

// What most systems have.
var (
	id        = func(p *person) string { return p.id }
	first     = func(p *person) string { return p.first }
	last      = func(p *person) string { return p.last }
	mobile    = func(p *person) string { return p.mobile }
	home      = func(p *person) string { return p.home }
	office    = func(p *person) string { return p.office }
	extension = func(p *person) string { return p.extension }
	email     = func(p *person) string { return p.email }
	iso       = func(p *person) string { return p.country }
	city      = func(p *person) string { return p.city }
)

func date(layout string) func(*person) string {
	return func(p *person) string { return p.date(layout) }
}
func left(layout, none string) func(*person) string {
	return func(p *person) string { return p.left(layout, none) }
}
func word(active, leave, left string) func(*person) string {
	return func(p *person) string { return p.word(active, leave, left) }
}
func nameOfCountry(tag language.Tag) func(*person) string {
	return func(p *person) string { return p.countryIn(tag) }
}

// export is one file.
type export struct {
	system, file, encoding string
	delimiter              string
	quote                  string // `"`, `'`, or "" for no quoting at all
	all                    bool   // every cell is quoted
	eol                    string
	above                  []string // lines above the header
	labels                 []string // the second header row
	columns                []column
	extra                  []string // lines below the people
	preset, odd            string
	body                   func([]*person) string // instead of all of this
}

var encodings = map[string]encoding.Encoding{
	"ascii": nil, "utf-8": encoding.Nop, "utf-8 (BOM)": utf.UTF8BOM, "utf-16le": utf.UTF16(utf.LittleEndian, utf.ExpectBOM),
	"windows-1252": charmap.Windows1252, "shift_jis": japanese.ShiftJIS, "cp949": korean.EUCKR,
}

func (e *export) bytes(all []*person) []byte {
	text := ""
	if e.body != nil {
		text = e.body(all)
	} else {
		text = e.table(all)
	}
	if e.encoding == "ascii" { // as Windows PowerShell does it
		return []byte(strings.Map(func(r rune) rune {
			if r > 126 {
				return '?'
			}
			return r
		}, text))
	}
	encoded, err := encodings[e.encoding].NewEncoder().Bytes([]byte(text))
	if err != nil {
		log.Fatalf("%s: %v", e.system, err)
	}
	return encoded
}

func (e *export) table(all []*person) string {
	var b strings.Builder
	for _, line := range e.above {
		b.WriteString(line + e.eol)
	}
	var names []string
	for _, c := range e.columns {
		names = append(names, c.name)
	}
	b.WriteString(e.line(names))
	if e.labels != nil {
		b.WriteString(e.line(e.labels))
	}
	for _, p := range all {
		p = e.writable(p)
		cells := make([]string, len(e.columns))
		for i, c := range e.columns {
			cells[i] = c.of(p)
		}
		b.WriteString(e.line(cells))
	}
	for _, line := range e.extra {
		b.WriteString(line + e.eol)
	}
	return b.String()
}

// writable gives the person in letters that the encoding has.
func (e *export) writable(p *person) *person {
	enc := encodings[e.encoding]
	if enc == nil {
		return p
	}
	q := *p
	if _, err := enc.NewEncoder().String(p.name() + p.city); err != nil {
		q.first, q.last, q.city = p.asciiFirst, p.asciiLast, map[string]string{"München": "Muenchen", "Zürich": "Zuerich", "東京": "Tokyo", "서울": "Seoul", "Kraków": "Krakow"}[p.city]
		if q.city == "" {
			q.city = p.city
		}
	}
	return &q
}

func (e *export) line(cells []string) string {
	quoted := slices.Clone(cells)
	for i, cell := range cells {
		if e.quote != "" && (e.all || strings.Contains(cell, e.delimiter) || strings.ContainsAny(cell, e.quote+"\r\n")) {
			quoted[i] = e.quote + strings.ReplaceAll(cell, e.quote, e.quote+e.quote) + e.quote
		}
	}
	return strings.Join(quoted, e.delimiter) + e.eol
}
