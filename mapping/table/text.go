package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// text reads the cells of a text file.
type text struct {
	src        io.Reader
	delim      byte
	columns    []string
	headerLine int
	named      int // columns up to the last that has a name

	buf    []byte // buf[pos:] is read and not used yet
	pos    int
	line   int // physical line of buf[pos]
	eof    bool
	failed error // of src
	spans  []span
}

const startBuffer = 64 << 10

// openText reads as far as the header.
func openText(r io.Reader, o Options) (*text, error) {
	if err := checkDelimiter(o.Delimiter); err != nil {
		return nil, err
	}
	t := &text{src: r, buf: make([]byte, 0, startBuffer), line: 1}
	t.more()
	t.pos = len(t.buf) - len(bytes.TrimPrefix(t.buf, utf8BOM))
	if refusal := notATable(t.buf); refusal != nil {
		return nil, refusal
	}
	if err := t.seekHeader(o.HeaderLine); err != nil {
		return nil, err
	}
	if t.delim = byte(o.Delimiter); t.delim == 0 {
		t.delim = detect(t.buf[t.pos:], t.eof && t.failed == nil)
	}
	if err := t.readHeader(); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *text) about() About {
	return About{Format: CSV, Delimiter: rune(t.delim), HeaderLine: t.headerLine}
}

func (t *text) header() []string { return t.columns }

func (t *text) err() error {
	if t.failed == nil {
		return nil
	}
	return fmt.Errorf("reading line %d: %w", t.line, t.failed)
}

func (t *text) row() (Row, bool) {
	for {
		rec, source, ok := t.next(len(t.columns))
		if !ok {
			return Row{}, false
		}
		row := Row{Line: t.line}
		t.line += rec.lines
		if rec.broken != "" {
			row.Err = errors.New(rec.broken)
			return row, true
		}
		if len(bytes.TrimSpace(source)) == 0 {
			continue
		}
		if row.Err = t.fault(rec, source); row.Err == nil {
			row.Cells = texts(source, t.spans, make([]string, 0, len(t.columns)))
			row.Cells = row.Cells[:len(t.columns)]
		}
		return row, true
	}
}

// fault says why a record that ends well is no usable row.
func (t *text) fault(rec record, source []byte) error {
	switch {
	case rec.fault != "":
		return errors.New(rec.fault)
	case bytes.IndexByte(source, 0) >= 0:
		return errors.New("the row holds a NUL byte")
	case !utf8.Valid(source):
		return errors.New("the row is not UTF-8")
	case rec.filled > len(t.columns) || rec.cells < t.named:
		noun := "cells"
		if rec.cells == 1 {
			noun = "cell"
		}
		reason := fmt.Sprintf("%d %s where the header has %d", rec.cells, noun, len(t.columns))
		if rec.lines > 1 {
			reason += fmt.Sprintf("; the record ends in line %d", t.line-1)
		}
		return errors.New(reason)
	}
	return nil
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
		rec, t.spans = scan(window, t.delim, t.eof && t.failed == nil, keep, t.spans[:0])
		switch {
		case rec.broken != "":
			rec.lines = 1
			t.skipLine()
			return rec, nil, true
		case !rec.short:
			t.pos += rec.size
			return rec, window[:rec.size], true
		case t.more():
		case t.eof && t.failed == nil:
		case t.failed != nil:
			return record{}, nil, false
		default:
			t.skipLine()
			return record{broken: "the record is longer than 1 MiB; perhaps a quote is not closed", lines: 1}, nil, true
		}
	}
}

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
			idle = 0
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

// skipLine drops the rest of the physical line at pos and its line end, and
// reports whether there was a line to drop.
func (t *text) skipLine() bool {
	found := false
	for {
		window := t.buf[t.pos:]
		found = found || len(window) > 0
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
