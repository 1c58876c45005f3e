package mapping

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
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
}

// Open reads the header of an export and finds the mapping's columns in it.
// Columns that are missing or occur twice are a [*FileError] that lists them
// all at their place in the mapping file; a file that is no table, or in which
// authseed's own columns are missing, is a [*table.Error].
func (m *Mapping) Open(r io.Reader) (*Entries, error) {
	reader, err := table.NewReader(r, m.source)
	if err != nil {
		return nil, err
	}
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
		return &table.Error{What: foreign.What, Hint: foreign.Hint + "; or give a mapping file, which says which columns to read"}
	}
	if err != nil {
		return err
	}
	e.records = records
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
	header := e.reader.Header()
	folded := make([]string, len(header))
	for i, name := range header {
		folded[i] = foldName(name)
	}
	problems := &FileError{Name: e.mapping.file}
	for _, c := range e.mapping.columns {
		if problems.full() {
			break
		}
		at := slices.Index(folded, foldName(c.name))
		switch {
		case at < 0:
			what := fmt.Sprintf("unknown column `%s`", c.name)
			if meant, ok := table.Nearest(c.name, header); ok {
				what += fmt.Sprintf("; did you mean `%s`?", foldName(meant))
			}
			problems.add(c.at, what, fmt.Sprintf("line %d is taken as the header; set header_row if it is another", e.reader.About().HeaderLine))
		case slices.Contains(folded[at+1:], folded[at]):
			problems.add(c.at, fmt.Sprintf("column `%s` occurs more than once in the header", c.name), "rename one of them in the file")
		}
		e.places = append(e.places, at)
	}
	return problems.orNil()
}

// foldName makes one line of a column's name: some systems break their long
// names, and no mapping file should have to.
func foldName(name string) string { return strings.Join(strings.Fields(name), " ") }

// All yields an entry for every row, in the order of the file. It may be
// ranged over once.
func (e *Entries) All() iter.Seq[Entry] {
	if e.records != nil {
		return e.ownEntries
	}
	return func(yield func(Entry) bool) {
		cells := make([]string, len(e.places))
		for row := range e.reader.Rows() {
			if row.Err != nil {
				if !yield(unreadable(row.Line, row.Err)) {
					return
				}
				continue
			}
			for slot, at := range e.places {
				cells[slot] = row.Cells[at]
			}
			if !yield(e.mapping.entry(row.Line, cells)) {
				return
			}
		}
	}
}

func (e *Entries) ownEntries(yield func(Entry) bool) {
	var cells []string
	for record := range e.records.All() {
		if record.Err != nil {
			if !yield(unreadable(record.Line, record.Err)) {
				return
			}
			continue
		}
		cells = record.Value.cells(cells[:0])
		if !yield(e.mapping.entry(record.Line, cells)) {
			return
		}
	}
}

func unreadable(line int, err error) Entry {
	return Entry{Line: line, Skip: &Skip{authmethod.SpreadsheetDamage, err.Error()}}
}

// Err is the error that ended the rows before the end of the file, if one did.
func (e *Entries) Err() error { return e.reader.Err() }

// Unused gives the columns of a file in authseed's own layout that mean nothing
// to it. A mapping file chooses its columns, so there it gives none.
func (e *Entries) Unused() []string {
	if e.records == nil {
		return nil
	}
	return e.records.Unused()
}
