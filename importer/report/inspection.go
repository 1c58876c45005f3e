package report

import (
	"fmt"
	"slices"
	"strings"

	"authseed/mapping"
	"authseed/mapping/table"
)

// Inspection shows what a file is, column by column, and how it would be read.
func (v *textView) Inspection(in *mapping.Inspection) error {
	v.line("%s", v.paint(bold, clean(in.File)))
	for _, fact := range facts(in) {
		v.hanging(fmt.Sprintf("  %-10s ", fact[0]), clean(v.english.Sprintf("%s", fact[1])))
	}
	v.line("  %-10s %d", "rows", in.Rows)
	used, other := []mapping.ColumnFinding{}, []mapping.ColumnFinding{}
	for _, c := range in.Columns {
		if c.Use != "" {
			used = append(used, c)
		} else {
			other = append(other, c)
		}
	}
	if len(used) > 0 {
		v.line("")
		v.line("%s", v.paint(bold, "Columns"))
		v.findings(in, used)
	}
	if len(other) > 0 {
		v.line("")
		v.line("%s", v.paint(bold, "Columns that are not used, and never shown"))
		v.findings(in, other)
	}
	v.chosen(in)
	if len(in.Foreseen) > 0 {
		v.line("")
		v.line("%s", v.paint(bold, "What will come up"))
		for _, f := range in.Foreseen {
			text := f.What
			if f.Hint != "" {
				text += "; " + f.Hint
			}
			v.wrapped("  ", clean(text))
		}
	}
	return v.flush()
}

// facts are what the file itself turned out to be.
func facts(in *mapping.Inspection) [][2]string {
	about := in.About
	format := string(about.Format)
	if about.Gzip {
		format += ", compressed with gzip"
	}
	list := [][2]string{{"format", format}}
	add := func(name, value string) {
		if value != "" {
			list = append(list, [2]string{name, value})
		}
	}
	add("sheet", about.Sheet)
	add("encoding", encodingWords(about))
	if about.Format == table.CSV {
		add("delimiter", map[rune]string{',': "comma", ';': "semicolon", '\t': "tab", '|': "pipe"}[about.Delimiter])
		add("quotes", map[rune]string{'"': "double", '\'': "single"}[about.Quote])
	}
	header := fmt.Sprintf("line %d", about.HeaderLine)
	if about.HeaderRows > 1 {
		header += ", with a second row of labels"
	}
	if about.Preamble > 0 {
		header += fmt.Sprintf(", below %s", plural(about.Preamble, "other line"))
	}
	if about.Elements {
		add("lines", "count the elements of the array, because several share a line")
	}
	if about.HeaderLine > 0 {
		add("header", header)
	}
	return list
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func encodingWords(about table.About) string {
	words := about.Encoding.String()
	if words != "" && about.BOM {
		words += ", with a byte order mark"
	}
	return words
}

func (v *textView) findings(in *mapping.Inspection, list []mapping.ColumnFinding) {
	wide := 0
	for _, c := range in.Columns {
		wide = max(wide, columns(named(c)))
	}
	wide = min(wide, 30)
	for _, c := range list {
		share := 0
		if rows := in.Rows - in.Unusable; rows > 0 {
			share = 100 * c.Filled / rows
		}
		line := fmt.Sprintf("  %s %3d %%  %-8s", pad(fit(named(c), wide), wide), share, c.Looks)
		if c.Use != "" {
			line += "  " + c.Use
			if len(c.Samples) > 0 {
				line += ": " + clean(strings.Join(c.Samples, ", "))
			}
		}
		v.line("%s", fit(strings.TrimRight(line, " "), lineWidth))
	}
}

func named(c mapping.ColumnFinding) string {
	if c.Name == "" {
		return "(no name)"
	}
	return clean(c.Name)
}

func (v *textView) chosen(in *mapping.Inspection) {
	v.line("")
	title := "Mapping: none fits for certain"
	switch {
	case in.Preset == "" && in.Certain:
		title = "Mapping: authseed's own columns"
	case in.Certain:
		title = fmt.Sprintf("Mapping: preset %s, for certain", in.Preset)
	case in.Mapping != nil:
		title = fmt.Sprintf("Mapping: perhaps preset %s, but not for certain", in.Preset)
	}
	v.line("%s", v.paint(bold, title))
	for _, why := range in.Why {
		v.wrapped("  ", clean(why))
	}
	if in.Preset != "" && in.Mapping != nil {
		v.wrapped("  ", "--write-mapping FILE saves it, to look at and to change.")
	}
}

// inspectionDocument is an inspection as a JSON document.
type inspectionDocument struct {
	FormatVersion int               `json:"format_version"`
	File          string            `json:"file"`
	Format        table.Format      `json:"format"`
	Gzip          bool              `json:"gzip"`
	Sheet         string            `json:"sheet"`
	Sheets        []string          `json:"sheets"`
	Encoding      string            `json:"encoding"`
	BOM           bool              `json:"bom"`
	Delimiter     string            `json:"delimiter"`
	Quote         string            `json:"quote"`
	HeaderLine    int               `json:"header_line"`
	HeaderRows    int               `json:"header_rows"`
	Preamble      int               `json:"preamble"`
	Rows          int               `json:"rows"`
	Unusable      int               `json:"unusable"`
	Columns       []findingDocument `json:"columns"`
	Preset        string            `json:"preset"`
	Certain       bool              `json:"certain"`
	Why           []string          `json:"why"`
	Mapping       string            `json:"mapping"`
	Foreseen      []foreseen        `json:"foreseen"`
}

type findingDocument struct {
	Name    string   `json:"name"`
	Filled  int      `json:"filled"`
	Looks   string   `json:"looks"`
	Use     string   `json:"use"`
	Samples []string `json:"samples"`
}

type foreseen struct {
	What string `json:"what"`
	Hint string `json:"hint"`
}

func (v *jsonView) Inspection(in *mapping.Inspection) error {
	d := inspectionDocument{
		FormatVersion: FormatVersion, File: in.File, Format: in.About.Format, Gzip: in.About.Gzip,
		Sheet: in.About.Sheet, Sheets: orEmpty(in.About.Sheets), Encoding: in.About.Encoding.String(), BOM: in.About.BOM,
		HeaderLine: in.About.HeaderLine, HeaderRows: in.About.HeaderRows, Preamble: in.About.Preamble,
		Rows: in.Rows, Unusable: in.Unusable, Columns: []findingDocument{},
		Preset: in.Preset, Certain: in.Certain, Why: orEmpty(in.Why), Mapping: string(in.Mapping), Foreseen: []foreseen{},
	}
	if in.About.Delimiter != 0 {
		d.Delimiter, d.Quote = string(in.About.Delimiter), string(in.About.Quote)
	}
	for _, c := range in.Columns {
		d.Columns = append(d.Columns, findingDocument{c.Name, c.Filled, c.Looks, c.Use, orEmpty(slices.Clone(c.Samples))})
	}
	for _, f := range in.Foreseen {
		d.Foreseen = append(d.Foreseen, foreseen(f))
	}
	return v.write(d)
}
