package mapping

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"authseed/mapping/authmethod"
	"authseed/mapping/charset"
	"authseed/mapping/table"
)

// File is a mapping file of version 1: what [Parse] reads, [File.Text] writes
// and [Schema] describes. The parser takes its keys from the tags here, so that
// the three cannot disagree.
type File struct {
	Version    int        `json:"version" jsonschema:"version of this format: 1"`
	Name       string     `json:"name,omitempty" jsonschema:"what plans and reports call the mapping"`
	Source     *Source    `json:"source,omitempty" jsonschema:"how the file is read; what is left out is found out"`
	Match      []Match    `json:"match" jsonschema:"the first key with a value decides; it has to name exactly one person"`
	Where      []Cells    `json:"where,omitempty" jsonschema:"rows that count; all conditions have to hold"`
	Country    *CountryOf `json:"country,omitempty" jsonschema:"how a national number is read; without it numbers begin with a plus"`
	Department *ColumnOf  `json:"department,omitempty" jsonschema:"whose department a row says the person is in, for the review alone"`
	Methods    Methods    `json:"methods" jsonschema:"which columns hold what"`
	Policy     *Policies  `json:"policy,omitempty" jsonschema:"which registered values may be touched"`
	Examples   []Example  `json:"examples,omitempty" jsonschema:"rows and what is to come of them, run before any row of the file"`
}

// ColumnOf names one column.
type ColumnOf struct {
	Column string `json:"column" jsonschema:"a column of the file"`
}

// Source is how the file is read.
type Source struct {
	Format     string `json:"format,omitempty" jsonschema:"auto, csv, xlsx, json, jsonl or hdl"`
	Encoding   string `json:"encoding,omitempty" jsonschema:"auto or the name of an encoding, such as utf-8 or windows-1252"`
	Delimiter  string `json:"delimiter,omitempty" jsonschema:"auto or what stands between the cells"`
	Quote      string `json:"quote,omitempty" jsonschema:"auto, double or single"`
	HeaderRow  *Word  `json:"header_row,omitempty" jsonschema:"auto or the line of the header, counted from 1"`
	HeaderRows *Word  `json:"header_rows,omitempty" jsonschema:"auto, 1, or 2 where a second row of labels follows"`
	Sheet      string `json:"sheet,omitempty" jsonschema:"the sheet of a workbook"`
}

// Options are the same for the reader. Words that [Parse] would refuse count as
// auto.
func (s Source) Options() table.Options {
	o := table.Options{Format: table.Format(unlessAuto(s.Format)), Sheet: s.Sheet, Quote: quotes[s.Quote]}
	if encoding, err := charset.Parse(s.Encoding); err == nil {
		o.Encoding = encoding
	}
	switch d := unlessAuto(s.Delimiter); d {
	case "tab":
		o.Delimiter = '\t'
	case ",", ";", "|", "\t":
		o.Delimiter = rune(d[0])
	}
	o.HeaderLine, _ = strconv.Atoi(string(orZero(s.HeaderRow)))
	o.HeaderRows, _ = strconv.Atoi(string(orZero(s.HeaderRows)))
	return o
}

func unlessAuto(word string) string {
	if word == auto {
		return ""
	}
	return word
}

// Word is a scalar that may be written as a text or as a number.
type Word string

// Match names a person by one column.
type Match struct {
	Attribute authmethod.Attribute `json:"attribute" jsonschema:"property of the user that the column holds"`
	Column    string               `json:"column"`
	Domain    string               `json:"domain,omitempty" jsonschema:"put behind values without an @, as in contoso.com"`
}

// Cells is a condition: the column holds one of the values, letter case aside.
type Cells struct {
	Column string `json:"column"`
	In     []Word `json:"in"`
}

// CountryOf is where a row's country comes from: the column, then the person's
// usageLocation if from says so, then the default.
type CountryOf struct {
	Column  string `json:"column,omitempty" jsonschema:"holds a country's code or name"`
	From    string `json:"from,omitempty" jsonschema:"usageLocation: the person's own, where the column holds nothing"`
	Default string `json:"default,omitempty" jsonschema:"a country, where nothing else gives one"`
}

// Methods are the mapped methods.
type Methods struct {
	Mobile          *Method `json:"mobile,omitempty"`
	AlternateMobile *Method `json:"alternateMobile,omitempty"`
	Office          *Method `json:"office,omitempty"`
	Email           *Method `json:"email,omitempty"`
}

// of gives the place of one kind.
func (m *Methods) of(kind authmethod.Kind) **Method {
	return [authmethod.Count]**Method{&m.Mobile, &m.AlternateMobile, &m.Office, &m.Email}[kind]
}

// Method says which columns hold one method.
type Method struct {
	Columns     []string `json:"columns" jsonschema:"the first that holds a usable value"`
	When        *Cells   `json:"when,omitempty" jsonschema:"only in rows where this holds, as in files with one row a phone"`
	CountryCode string   `json:"country_code,omitempty" jsonschema:"column of the calling code, where a number is split over columns"`
	AreaCode    string   `json:"area_code,omitempty" jsonschema:"column of the area code, where a number is split over columns"`
	Extension   string   `json:"extension,omitempty" jsonschema:"column of an office phone's extension"`
	Separator   string   `json:"separator,omitempty" jsonschema:"what stands between several values in one cell; the first usable one counts"`
}

// Policies are the policies of the mapped methods; fill where none is given.
type Policies struct {
	Mobile          Policy `json:"mobile,omitempty"`
	AlternateMobile Policy `json:"alternateMobile,omitempty"`
	Office          Policy `json:"office,omitempty"`
	Email           Policy `json:"email,omitempty"`
}

// Example is a row and what is to come of it.
type Example struct {
	Row  map[string]Word `json:"row" jsonschema:"cells by column"`
	Want Wants           `json:"want" jsonschema:"a value, <clear>, the reason it is left out for, or null for nothing"`
}

// Wants is what is to come of an example, by method.
type Wants struct {
	Mobile          *Word `json:"mobile,omitempty"`
	AlternateMobile *Word `json:"alternateMobile,omitempty"`
	Office          *Word `json:"office,omitempty"`
	Email           *Word `json:"email,omitempty"`
}

// keys lists the keys of a block of the file, and those of them it cannot be
// without.
func keys[T any]() (known, required []string) {
	t := reflect.TypeFor[T]()
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		known = append(known, name)
		if !slices.Contains(strings.Split(options, ","), "omitempty") {
			required = append(required, name)
		}
	}
	return known, required
}

// Set maps one kind.
func (m *Methods) Set(kind authmethod.Kind, of *Method) { *m.of(kind) = of }

// Of gives how one kind is mapped, nil where it is not.
func (m *Methods) Of(kind authmethod.Kind) *Method { return *m.of(kind) }
