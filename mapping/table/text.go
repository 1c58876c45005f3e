package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"authseed/mapping/charset"
)

// text reads the cells of a text file.
type text struct {
	src io.Reader
	dialect
	columns    []string
	labels     []string // of a second header row
	headerLine int
	preamble   int
	named      int // columns up to the last that has a name

	buf  []byte // buf[pos:] is read and not used yet
	pos  int
	line int // physical line of buf[pos]
	eof  bool
	last byte // that src gave

	encoding charset.Encoding // of the file; src is UTF-8
	bom      bool             // the file began with a byte order mark
	failed   error            // of src
	spans    []span
	block    []string // cells of rows to come
}

const (
	startBuffer = 64 << 10
	blockCells  = 511 // with the allocator's header 8 KiB
)

// openText reads as far as the header.
func openText(r io.Reader, o Options) (*text, error) {
	if err := checkOptions(o); err != nil {
		return nil, err
	}
	decoded, encoding, bom, err := decode(r, o.Encoding)
	if err != nil {
		return nil, err
	}
	t := &text{src: decoded, encoding: encoding, bom: bom, buf: make([]byte, 0, startBuffer), line: 1}
	t.more()
	if refusal := notATable(t.buf); refusal != nil {
		return nil, refusal
	}
	t.dialect = dialect{delim: byte(o.Delimiter), quote: byte(o.Quote)}
	if err := t.seekHeader(o.HeaderLine); err != nil {
		return nil, err
	}
	if err := t.readHeader(); err != nil {
		return nil, err
	}
	if err := t.readLabels(o.HeaderRows); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *text) about() About {
	rows := 1
	if t.labels != nil {
		rows = 2
	}
	return About{
		Encoding: t.encoding, BOM: t.bom,
		Format: CSV, Delimiter: rune(t.delim), Quote: rune(t.quote),
		HeaderLine: t.headerLine, HeaderRows: rows, HeaderLabels: t.labels, Preamble: t.preamble,
	}
}

func (t *text) header() []string { return t.columns }

func (t *text) err() error {
	if t.failed == nil {
		return nil
	}
	return fmt.Errorf("reading line %d: %w", t.line, t.failed)
}

func (t *text) unterminated() bool {
	return t.final() && t.last != '\n' && t.last != '\r'
}

func (t *text) row() (Row, bool) {
	for {
		rec, source, ok := t.next(len(t.columns))
		if !ok {
			return Row{}, false
		}
		row := Row{Line: t.line}
		t.line += rec.lines
		if rec.broken == "" && len(bytes.TrimSpace(source)) == 0 {
			continue
		}
		if row.Err = t.fault(rec, source); row.Err != nil {
			return row, true
		}
		if rec.cells <= len(t.columns) && rec.cells >= t.named {
			row.Cells = texts(source, t.quote, t.spans, t.carve())[:len(t.columns)]
			return row, true
		}
		row.Err = t.ragged(rec)
		if closesTable(texts(source, t.quote, t.spans, nil), len(t.columns)) {
			row.Aside = summaryLine
		}
		return row, true
	}
}

// carve gives room for the cells of one row, a piece of an allocation for many.
func (t *text) carve() []string {
	n := len(t.columns)
	if len(t.block) < n {
		t.block = make([]string, n*max(1, blockCells/n))
	}
	room := t.block[:0:n]
	t.block = t.block[n:]
	return room
}

// fault says why the bytes of a record cannot be used.
func (t *text) fault(rec record, source []byte) error {
	switch {
	case rec.broken != "":
		return errors.New(rec.broken)
	case rec.fault != "":
		return errors.New(rec.fault)
	case bytes.IndexByte(source, 0) >= 0:
		return errors.New("the row holds a NUL byte")
	case !utf8.Valid(source):
		return fmt.Errorf("the row holds bytes that cannot be read as %s; source: {encoding: NAME} in a mapping file says what the file is in", t.encoding)
	}
	return nil
}

// ragged says how a record that was just read misses the width of the header.
func (t *text) ragged(rec record) error {
	noun := "cells"
	if rec.cells == 1 {
		noun = "cell"
	}
	reason := fmt.Sprintf("%d %s where the header has %d", rec.cells, noun, len(t.columns))
	if rec.lines > 1 {
		reason += fmt.Sprintf("; the record ends in line %d", t.line-1)
	}
	if rec.cells > len(t.columns) {
		// Also where the last cells are empty: then nobody knows whether a
		// delimiter stands at the end or inside a value, and the rest is shifted.
		reason += fmt.Sprintf("; perhaps %s inside a value is not in quotes", delimiterName(t.delim))
	}
	if rec.filled <= len(t.columns) && rec.cells > len(t.columns) {
		reason += fmt.Sprintf("; if every row ends in %s, the header has to as well", delimiterName(t.delim))
	}
	return errors.New(reason)
}

// next takes the next record from the buffer, spans in t.spans. A broken
// record gives up its first physical line only: the next line is where a
// forgotten quote does no more harm.
func (t *text) next(keep int) (rec record, source []byte, ok bool) {
	for {
		window := t.buf[t.pos:]
		if len(window) == 0 && !t.more() {
			return record{}, nil, false
		}
		window = t.buf[t.pos:]
		rec, t.spans = scan(window, t.dialect, t.final(), keep, t.spans[:0])
		switch {
		case rec.broken != "":
			rec.lines = 1
			t.skipLine()
			return rec, nil, true
		case !rec.short:
			t.pos += rec.size
			return rec, window[:rec.size], true
		case t.more():
		case t.final():
		case t.failed != nil:
			return record{}, nil, false
		default:
			t.skipLine()
			return record{broken: "the record is longer than 1 MiB; perhaps a quote is not closed", lines: 1}, nil, true
		}
	}
}

// final reports whether nothing follows what is in the buffer.
func (t *text) final() bool { return t.eof && t.failed == nil }

// more reads until the buffer is full and reports whether anything came or the
// end of the file was found. It grows the buffer up to the bound of a record.
func (t *text) more() bool {
	if t.eof {
		return false
	}
	if t.pos > 0 {
		t.buf = t.buf[:copy(t.buf, t.buf[t.pos:])]
		t.pos = 0
	}
	if len(t.buf) == cap(t.buf) {
		if cap(t.buf) >= maxRecord {
			return false
		}
		t.buf = append(make([]byte, 0, 2*cap(t.buf)), t.buf...)
	}
	for idle := 0; len(t.buf) < cap(t.buf) && !t.eof; {
		n, err := t.src.Read(t.buf[len(t.buf):cap(t.buf)])
		t.buf = t.buf[:len(t.buf)+n]
		if n > 0 {
			idle, t.last = 0, t.buf[len(t.buf)-1]
		} else if idle++; err == nil && idle > 100 {
			err = io.ErrNoProgress
		}
		if err != nil {
			t.eof = true
			if !errors.Is(err, io.EOF) {
				t.failed = err
			}
		}
	}
	return true
}

var errLongLine = &Error{
	What: fmt.Sprintf("a line is longer than %d MiB, which is no row of a table", maxLine>>20),
	Hint: "export it again; a quote may be open, or the file is of another kind",
}

// skipLine drops the rest of the physical line at pos and its line end, and
// reports whether there was a line to drop. A line beyond all bounds ends the
// file: what follows would take as long and be no better.
func (t *text) skipLine() bool {
	found := false
	for dropped := 0; ; {
		window := t.buf[t.pos:]
		found = found || len(window) > 0
		if dropped += len(window); dropped > maxLine {
			t.eof, t.failed = true, errLongLine
			t.pos = len(t.buf)
			return found
		}
		i := bytes.IndexAny(window, "\r\n")
		switch {
		case i < 0:
			t.pos = len(t.buf)
			if !t.more() {
				return found
			}
			continue
		case window[i] == '\r' && i+1 == len(window) && !t.eof:
			// The line feed of a CRLF may be the next byte.
			t.pos += i
			t.more()
			continue
		case window[i] == '\r' && i+1 < len(window) && window[i+1] == '\n':
			i++
		}
		t.pos += i + 1
		return true
	}
}
