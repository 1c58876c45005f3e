package mapping

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"authseed/mapping/authmethod"
	"authseed/mapping/table"
)

// Entries is an export that is being read through a mapping.
type Entries struct {
	mapping *Mapping
	reader  *table.Reader
	records *table.Records[Record] // authseed's own columns
	places  []int                  // slot to position in the header, for every other mapping
	guarded bool                   // the cells are as [table.Guard] writes them
}

// Open reads the header of an export and finds the mapping's columns in it; see
// [Mapping.Bind]. A file that is no table is a [*table.Error].
func (m *Mapping) Open(r io.Reader) (*Entries, error) {
	reader, err := table.NewReader(r, m.source)
	if err != nil {
		return nil, err
	}
	return m.Bind(reader)
}

// Bind finds the mapping's columns in the header of a table. Columns that are
// missing or occur twice are a [*FileError] that lists them all at their place
// in the mapping file; where authseed's own columns are missing, it is a
// [*table.Error].
func (m *Mapping) Bind(reader *table.Reader) (*Entries, error) {
	e := &Entries{mapping: m, reader: reader}
	bind := e.bind
	if m.file == "" {
		bind = e.bindOwn
	}
	if err := bind(); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *Entries) bindOwn() error {
	records, err := table.Decode[Record](e.reader)
	var foreign *table.Error
	if errors.As(err, &foreign) {
		return &table.Error{What: foreign.What, Hint: foreign.Hint + "; or authseed inspect FILE says how to map another layout"}
	}
	if err != nil {
		return err
	}
	e.records = records
	e.guarded = written(e.reader.Header()) != nil
	for _, name := range ownColumns {
		e.places = append(e.places, slices.Index(e.reader.Header(), name))
	}
	for _, kind := range authmethod.Kinds() {
		if records.Has(kind.String()) {
			return nil
		}
	}
	return &table.Error{
		What: "no column of a method: none of mobile, alternateMobile, office and email",
		Hint: "rename the columns, or say in a mapping file which they are",
	}
}

func (e *Entries) bind() error {
	problems := &FileError{Name: e.mapping.file}
	h := newHeader(e.reader.Header())
	for _, c := range e.mapping.columns {
		if problems.full() {
			break
		}
		at := h.find(c.name)
		switch len(at) {
		case 1:
			e.places = append(e.places, at[0])
		case 0:
			what := fmt.Sprintf("unknown column `%s`", c.name)
			if meant, ok := table.Nearest(c.name, h.names); ok {
				what += fmt.Sprintf("; did you mean `%s`?", meant)
			}
			problems.add(c.at, what, fmt.Sprintf("line %d is taken as the header; set header_row if it is another", e.reader.About().HeaderLine))
		default:
			problems.add(c.at, fmt.Sprintf("column `%s` occurs more than once in the header", c.name), fmt.Sprintf("write `%s#1` for the first of them", c.name))
		}
	}
	return problems.orNil()
}

// header finds columns by their names.
type header struct{ names, plain []string }

func newHeader(names []string) header {
	var h header
	for _, name := range names {
		h.names = append(h.names, foldName(name))
		h.plain = append(h.plain, table.Plain(name))
	}
	return h
}

var numbered = regexp.MustCompile(`^(.+)#([1-9][0-9]?)$`)

// find gives the columns of a name: as it is written, else without the hints in
// brackets that some systems put behind it, else the n-th of the name.
func (h header) find(name string) []int {
	if at := positions(h.names, name); at != nil {
		return at
	}
	if at := positions(h.plain, name); at != nil {
		return at
	}
	if parts := numbered.FindStringSubmatch(name); parts != nil {
		n, _ := strconv.Atoi(parts[2]) // one or two digits
		for _, names := range [][]string{h.names, h.plain} {
			if at := positions(names, parts[1]); len(at) >= n {
				return at[n-1 : n]
			}
		}
	}
	return nil
}

func positions(names []string, name string) []int {
	var at []int
	for i, other := range names {
		if other == name {
			at = append(at, i)
		}
	}
	return at
}

// foldName makes one line of a column's name: some systems break their long
// names, and no mapping file should have to.
func foldName(name string) string { return strings.Join(strings.Fields(name), " ") }

// Row is one row of the export before it is mapped: where it stands and what it
// holds in the mapping's columns. It holds clear values of people.
type Row struct {
	line  int
	cells []string // by slot; nil with err and aside
	aside string   // why the row is none of the table's
	err   error    // why the row cannot be read
}

// All yields an entry for every row, in the order of the file. It may be
// ranged over once.
func (e *Entries) All() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for row := range e.Rows() {
			if !yield(e.Entry(row)) {
				return
			}
		}
	}
}

// Rows yields every row in the order of the file, for [Entries.Entry] to map.
// It may be ranged over once.
func (e *Entries) Rows() iter.Seq[Row] {
	if e.records != nil {
		return e.ownRows
	}
	return func(yield func(Row) bool) {
		var room slab
		for read := range e.reader.Rows() {
			if !yield(e.pick(read, &room)) {
				return
			}
		}
	}
}

// Pick takes the mapping's columns out of a row of the table.
func (e *Entries) Pick(read table.Row) Row {
	room := make(slab, len(e.places))
	return e.pick(read, &room)
}

func (e *Entries) pick(read table.Row, room *slab) Row {
	row := Row{line: read.Line, aside: read.Aside, err: read.Err}
	if row.err != nil || row.aside != "" {
		return row
	}
	row.cells = room.cells(len(e.places))
	for _, at := range e.places {
		cell := "" // a column of authseed's own that the file does not have
		if at >= 0 {
			cell = read.Cells[at]
		}
		row.cells = append(row.cells, cell)
	}
	return e.unguard(row)
}

// unguard takes off what keeps the cells of a failure list from a spreadsheet,
// so that nothing is said of it as of damage, and the key is who it was.
func (e *Entries) unguard(row Row) Row {
	if e.guarded {
		for i, cell := range row.cells {
			row.cells[i] = table.Unguard(cell)
		}
	}
	return row
}

func (e *Entries) ownRows(yield func(Row) bool) {
	var room slab
	for record := range e.records.All() {
		row := Row{line: record.Line, aside: record.Aside, err: record.Err}
		if row.err == nil && row.aside == "" {
			row.cells = record.Value.cells(room.cells(len(ownColumns)))
		}
		if !yield(e.unguard(row)) {
			return
		}
	}
}

// slab is room for the cells of many rows, of which each keeps its own.
type slab []string

// cells gives room for n cells.
func (s *slab) cells(n int) []string {
	const rows = 128
	if len(*s) < n {
		*s = make(slab, rows*n)
	}
	room := (*s)[:0:n]
	*s = (*s)[n:]
	return room
}

// Entry maps one row. It depends on the mapping and the row alone, so that rows
// may be mapped by several goroutines while others are read.
func (e *Entries) Entry(row Row) Entry {
	switch {
	case row.err != nil:
		return Entry{Line: row.line, Skip: &Skip{authmethod.SpreadsheetDamage, row.err.Error()}}
	case row.aside != "":
		return Entry{Line: row.line, Skip: &Skip{authmethod.OutOfScope, row.aside}}
	}
	return e.mapping.entry(row.line, row.cells)
}

// Err is the error that ended the rows before the end of the file, if one did.
func (e *Entries) Err() error { return e.reader.Err() }

// Unused gives the columns of a file in authseed's own layout that mean nothing
// to it; what a failure list or a view of a plan says of its rows is known. A
// mapping file chooses its columns, so there it gives none.
func (e *Entries) Unused() []string {
	if e.records == nil {
		return nil
	}
	known := slices.Concat(failureColumns, written(e.reader.Header()))
	return slices.DeleteFunc(slices.Clone(e.records.Unused()), func(name string) bool { return slices.Contains(known, name) })
}
