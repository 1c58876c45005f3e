// Package table reads CSV and its cousins (comma, semicolon, tab or pipe
// between the cells) into rows that know where they stand in the file, and
// typed records out of such rows.
//
// It promises: a row that cannot be used is a [Row] with its reason, never the
// end of the reading and never shifted cells; every row without a reason has
// exactly one cell for each column of the header; memory is bounded whatever
// the file holds; a file that is no table at all is refused with what it looks
// like and what to do. It never guesses a missing cell, never converts an
// encoding and never puts a cell's text into an error.
//
// It knows nothing of people, phones or mapping files; package mapping and the
// readers of authseed's own result files are its callers.
package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"unicode/utf8"
)

// Options say what the caller knows about a file. The zero Options know
// nothing and let the reader find out.
type Options struct {
	Delimiter  rune // between cells, an ASCII character; 0: detect among , ; tab and |
	HeaderLine int  // physical line of the header, 1-based; 0: the first that is not blank
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

// Reader reads one table.
type Reader struct {
	src        io.Reader
	delim      byte
	header     []string
	headerLine int
	named      int // columns up to the last that has a name

	buf   []byte // buf[pos:] is read and not used yet
	pos   int
	line  int // physical line of buf[pos]
	eof   bool
	err   error
	spans []span
}

const startBuffer = 64 << 10

// NewReader reads as far as the header. A file that is no table is refused
// with an [*Error]; an error of r is returned wrapped.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	if d := o.Delimiter; d != 0 && (d < 0 || d >= utf8.RuneSelf || d == '"' || d == '\n' || d == '\r') {
		return nil, &Error{What: fmt.Sprintf("%q cannot be a delimiter", d), Hint: "use a comma, a semicolon, a tab or a pipe"}
	}
	t := &Reader{src: r, buf: make([]byte, 0, startBuffer), line: 1}
	t.more()
	t.pos = len(t.buf) - len(bytes.TrimPrefix(t.buf, utf8BOM))
	if refusal := notATable(t.buf); refusal != nil {
		return nil, refusal
	}
	if err := t.seekHeader(o.HeaderLine); err != nil {
		return nil, err
	}
	if t.delim = byte(o.Delimiter); t.delim == 0 {
		t.delim = detect(t.buf[t.pos:], t.eof && t.err == nil)
	}
	if err := t.readHeader(); err != nil {
		return nil, err
	}
	return t, nil
}

// Header gives the names of the columns as they are written, without white
// space around them. A column may be without a name, and names may repeat.
func (r *Reader) Header() []string { return r.header }

// HeaderLine is the physical line the header starts in, 1-based.
func (r *Reader) HeaderLine() int { return r.headerLine }

// Delimiter is what stands between the cells, given or detected.
func (r *Reader) Delimiter() rune { return rune(r.delim) }

// Err is the error of the underlying reader that ended the rows, nil if the
// end of the file did. What was read of a last row before such an error is
// dropped: half a number may look like a whole one.
func (r *Reader) Err() error {
	if r.err == nil {
		return nil
	}
	return fmt.Errorf("reading line %d: %w", r.line, r.err)
}

// Rows yields the rows below the header as they are read. A second range goes
// on where the first stopped.
func (r *Reader) Rows() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for {
			row, ok := r.row()
			if !ok || !yield(row) {
				return
			}
		}
	}
}

func (r *Reader) row() (Row, bool) {
	for {
		rec, source, ok := r.next(len(r.header))
		if !ok {
			return Row{}, false
		}
		row := Row{Line: r.line}
		r.line += rec.lines
		if rec.broken != "" {
			row.Err = errors.New(rec.broken)
			return row, true
		}
		if len(bytes.TrimSpace(source)) == 0 {
			continue
		}
		if row.Err = r.fault(rec, source); row.Err == nil {
			row.Cells = texts(source, r.spans, make([]string, 0, len(r.header)))
			row.Cells = row.Cells[:len(r.header)]
		}
		return row, true
	}
}

// fault says why a record that ends well is no usable row.
func (r *Reader) fault(rec record, source []byte) error {
	switch {
	case rec.fault != "":
		return errors.New(rec.fault)
	case bytes.IndexByte(source, 0) >= 0:
		return errors.New("the row holds a NUL byte")
	case !utf8.Valid(source):
		return errors.New("the row is not UTF-8")
	case rec.filled > len(r.header) || rec.cells < r.named:
		noun := "cells"
		if rec.cells == 1 {
			noun = "cell"
		}
		reason := fmt.Sprintf("%d %s where the header has %d", rec.cells, noun, len(r.header))
		if rec.lines > 1 {
			reason += fmt.Sprintf("; the record ends in line %d", r.line-1)
		}
		return errors.New(reason)
	}
	return nil
}

// next takes the next record from the buffer, spans in r.spans. A broken
// record gives up its first physical line only: the next line is where a
// forgotten quote does no more harm.
func (r *Reader) next(keep int) (rec record, source []byte, ok bool) {
	for {
		window := r.buf[r.pos:]
		if len(window) == 0 && !r.more() {
			return record{}, nil, false
		}
		window = r.buf[r.pos:]
		rec, r.spans = scan(window, r.delim, r.eof && r.err == nil, keep, r.spans[:0])
		switch {
		case rec.broken != "":
			rec.lines = 1
			r.skipLine()
			return rec, nil, true
		case !rec.short:
			r.pos += rec.size
			return rec, window[:rec.size], true
		case r.more():
		case r.eof && r.err == nil:
		case r.err != nil:
			return record{}, nil, false
		default:
			r.skipLine()
			return record{broken: "the record is longer than 1 MiB; perhaps a quote is not closed", lines: 1}, nil, true
		}
	}
}

// more reads until the buffer is full and reports whether anything came or the
// end of the file was found. It grows the buffer up to the bound of a record.
func (r *Reader) more() bool {
	if r.eof {
		return false
	}
	if r.pos > 0 {
		r.buf = r.buf[:copy(r.buf, r.buf[r.pos:])]
		r.pos = 0
	}
	if len(r.buf) == cap(r.buf) {
		if cap(r.buf) >= maxRecord {
			return false
		}
		r.buf = append(make([]byte, 0, 2*cap(r.buf)), r.buf...)
	}
	for idle := 0; len(r.buf) < cap(r.buf) && !r.eof; {
		n, err := r.src.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		if n > 0 {
			idle = 0
		} else if idle++; err == nil && idle > 100 {
			err = io.ErrNoProgress
		}
		if err != nil {
			r.eof = true
			if !errors.Is(err, io.EOF) {
				r.err = err
			}
		}
	}
	return true
}

// skipLine drops the rest of the physical line at pos and its line end, and
// reports whether there was a line to drop.
func (r *Reader) skipLine() bool {
	found := false
	for {
		window := r.buf[r.pos:]
		found = found || len(window) > 0
		i := bytes.IndexAny(window, "\r\n")
		switch {
		case i < 0:
			r.pos = len(r.buf)
			if !r.more() {
				return found
			}
			continue
		case window[i] == '\r' && i+1 == len(window) && !r.eof:
			// The line feed of a CRLF may be the next byte.
			r.pos += i
			r.more()
			continue
		case window[i] == '\r' && i+1 < len(window) && window[i+1] == '\n':
			i++
		}
		r.pos += i + 1
		return true
	}
}
