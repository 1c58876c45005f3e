// Package table reads the tables that people export (CSV and its cousins,
// workbooks, JSON and HDL) into rows that know where they stand in the file,
// and typed records out of such rows.
//
// It promises: a row that cannot be used is a [Row] with its reason, never the
// end of the reading and never shifted cells; every row without a reason has
// exactly one cell for each column of the header; memory is bounded whatever
// the file holds; a file that is no table at all is refused with what it looks
// like and what to do. It never guesses a missing cell, never replaces a byte it
// cannot read, and never puts a cell's text into an error.
//
// It knows nothing of people, phones or mapping files; package mapping and the
// readers of authseed's own result files are its callers.
package table

import (
	"fmt"
	"io"
	"iter"
	"unicode/utf8"

	"authseed/mapping/charset"
)

// Format is how a file holds its rows.
type Format string

// The formats.
const (
	CSV       Format = "csv"   // or another delimiter between the cells
	XLSX      Format = "xlsx"  // a workbook of Excel 2007 or later
	JSON      Format = "json"  // an array of objects, alone or in an object
	JSONLines Format = "jsonl" // an object in each line
	HDL       Format = "hdl"   // Oracle HCM Data Loader
)

// Formats lists every format.
func Formats() []Format { return []Format{CSV, XLSX, JSON, JSONLines, HDL} }

// Options say what the caller knows about a file. The zero Options know
// nothing and let the reader find out.
type Options struct {
	Format     Format           // empty: found by the content; gzip around it is always found
	Encoding   charset.Encoding // of a text; empty: detect, and refuse where that is not certain
	Delimiter  rune             // of CSV between cells, an ASCII character; 0: detect among , ; tab and |
	Quote      rune             // of CSV around cells, " or '; 0: detect, and ' only where it is certain
	HeaderLine int              // line of the header of CSV, row of that of a workbook, 1-based; 0: the first that is not blank and for certain no title
	HeaderRows int              // of CSV: 1, or 2 where labels stand below the header; 0: detect, and 2 only where it is certain
	Sheet      string           // of a workbook; empty: the first visible one that has rows
}

// About is what a file turned out to be.
type About struct {
	Format     Format
	Gzip       bool             // it was compressed
	Encoding   charset.Encoding // of a text
	BOM        bool             // the text begins with a byte order mark
	Delimiter  rune             // of CSV
	Quote      rune             // of CSV, " where it has none
	HeaderLine int              // line the header starts in, 1-based, as in Row; 0: the format has none
	HeaderRows int              // 1, or 2 where labels stand below the names
	// HeaderLabels are those labels, one for each column; nil with one header row.
	HeaderLabels []string
	Preamble     int      // lines above the header that are not blank
	Sheet        string   // of a workbook, the one that is read
	Sheets       []string // of a workbook, all that hold cells, hidden ones too
	Elements     bool     // of JSON: several objects share a line, so that Row.Line counts the elements of the array
}

// Row is one record of the table.
type Row struct {
	Line  int      // physical line the record starts in, of a workbook the row as Excel numbers it, 1-based; see About.Elements
	Cells []string // one for each column of the header, white space around them cut off; nil with Err or Aside
	Err   error    // why the row cannot be used
	Aside string   // why the row is no row of data, although nothing is wrong with it; mostly empty
}

// Error refuses a file as a whole.
type Error struct {
	What string // what is wrong, a sentence without a full stop
	Hint string // what to do about it; may be empty
}

// Error gives what is wrong.
func (e *Error) Error() string { return e.What }

// source is one format's way to the rows.
type source interface {
	about() About
	// header gives the names of the columns without white space around them.
	header() []string
	// row gives the next row, false after the last one. A row with both Err
	// and Aside is an error unless it turns out to be the last.
	row() (Row, bool)
	// err is what ended the rows before the end of the file, if anything did.
	err() error
}

// Reader reads one table.
type Reader struct {
	source source
	ahead  []Row // peeked at and not yielded yet
	held   []Row // at most one, read to see whether the row before it was the last
}

// NewReader reads as far as the header. A file that is no table is refused
// with an [*Error]; an error of r is returned wrapped.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	source, err := openSource(r, o)
	if err != nil {
		return nil, err
	}
	return &Reader{source: source}, nil
}

// About says what the file turned out to be.
func (r *Reader) About() About { return r.source.about() }

// Header gives the names of the columns as they are written, without white
// space around them. A column may be without a name, and names may repeat.
func (r *Reader) Header() []string { return r.source.header() }

// Err is what ended the rows before the end of the file: an error of the
// underlying reader, a damaged gzip stream or workbook, text that stops being
// JSON. It is nil if the end of the file did. What was read of a last row
// before such an error is dropped: half a number may look like a whole one.
func (r *Reader) Err() error { return r.source.err() }

// Peek gives up to n of the rows that come next, without using them up.
func (r *Reader) Peek(n int) []Row {
	for len(r.ahead) < n {
		row, ok := r.read()
		if !ok {
			break
		}
		r.ahead = append(r.ahead, row)
	}
	return r.ahead[:min(n, len(r.ahead))]
}

// Rows yields the rows below the header as they are read. A second range goes
// on where the first stopped.
func (r *Reader) Rows() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for {
			row, ok := r.next()
			if !ok || !yield(row) {
				return
			}
		}
	}
}

func (r *Reader) next() (Row, bool) {
	if len(r.ahead) > 0 {
		row := r.ahead[0]
		r.ahead = r.ahead[1:]
		return row, true
	}
	return r.read()
}

// Unterminated reports, after the rows, whether the last line of a text had no
// line end: the file may have been cut off there. Other formats have none.
func (r *Reader) Unterminated() bool {
	source, ok := r.source.(interface{ unterminated() bool })
	return ok && source.unterminated()
}

func checkOptions(o Options) error {
	d := o.Delimiter
	switch {
	case d < 0 || d >= utf8.RuneSelf || d == '"' || d == '\'' || d == '\n' || d == '\r':
		return &Error{What: fmt.Sprintf("%q cannot be a delimiter", d), Hint: "use a comma, a semicolon, a tab or a pipe"}
	case o.Quote != 0 && o.Quote != '"' && o.Quote != '\'':
		return &Error{What: fmt.Sprintf("%q cannot be a quote", o.Quote), Hint: "use \" or '"}
	case o.HeaderRows < 0 || o.HeaderRows > 2:
		return &Error{What: fmt.Sprintf("the header cannot have %d rows", o.HeaderRows), Hint: "use 1 or 2"}
	}
	return nil
}
