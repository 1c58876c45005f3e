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
)

// Format is how a file holds its rows.
type Format string

// The formats.
const (
	CSV Format = "csv" // or another delimiter between the cells
)

// Options say what the caller knows about a file. The zero Options know
// nothing and let the reader find out.
type Options struct {
	Delimiter  rune // between cells, an ASCII character; 0: detect among , ; tab and |
	HeaderLine int  // physical line of the header, 1-based; 0: the first that is not blank
}

// About is what a file turned out to be.
type About struct {
	Format     Format
	Delimiter  rune // of CSV
	HeaderLine int  // physical line the header starts in, 1-based
}

// Row is one record of the table.
type Row struct {
	Line  int      // physical line the record starts in, 1-based
	Cells []string // one for each column of the header, white space around them cut off; nil with Err
	Err   error    // why the row cannot be used
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
	// row gives the next row, false after the last one.
	row() (Row, bool)
	// err is what ended the rows before the end of the file, if anything did.
	err() error
}

// Reader reads one table.
type Reader struct {
	source source
	ahead  []Row // peeked at and not yielded yet
}

// NewReader reads as far as the header. A file that is no table is refused
// with an [*Error]; an error of r is returned wrapped.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	text, err := openText(r, o)
	if err != nil {
		return nil, err
	}
	return &Reader{source: text}, nil
}

// About says what the file turned out to be.
func (r *Reader) About() About { return r.source.about() }

// Header gives the names of the columns as they are written, without white
// space around them. A column may be without a name, and names may repeat.
func (r *Reader) Header() []string { return r.source.header() }

// Err is the error of the underlying reader that ended the rows, nil if the
// end of the file did. What was read of a last row before such an error is
// dropped: half a number may look like a whole one.
func (r *Reader) Err() error { return r.source.err() }

// Peek gives up to n of the rows that come next, without using them up.
func (r *Reader) Peek(n int) []Row {
	for len(r.ahead) < n {
		row, ok := r.source.row()
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
	return r.source.row()
}

func checkDelimiter(d rune) error {
	if d != 0 && (d < 0 || d >= utf8.RuneSelf || d == '"' || d == '\n' || d == '\r') {
		return &Error{What: fmt.Sprintf("%q cannot be a delimiter", d), Hint: "use a comma, a semicolon, a tab or a pipe"}
	}
	return nil
}
