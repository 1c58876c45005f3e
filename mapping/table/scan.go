package table

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of one record. An HR export's longest cells are notes and addresses;
// what is longer is a quote that somebody forgot to close.
const (
	maxRecord  = 1 << 20
	maxLine    = 64 << 20 // of a physical line that is no row
	maxCell    = 64 << 10
	maxBreaks  = 100
	maxColumns = 16384 // what a spreadsheet can hold
)

// span is one cell in the bytes of its record, white space around it cut off.
type span struct {
	from, to int
	quoted   bool
	doubled  bool // holds doubled quotes
}

// dialect is how a text holds its cells; a zero byte is not known yet.
type dialect struct {
	delim byte // between cells
	quote byte // around a cell, doubled inside it
}

// record is what scan found at the start of a window.
type record struct {
	short  bool   // the window ends before the record does
	broken string // the quotes make no sense; where the record ends is unknown
	fault  string // the record ends well but passes a bound
	size   int    // bytes, line end included
	lines  int    // physical lines
	cells  int    // cells found
	filled int    // cells up to the last that is not empty
}

// scanner finds the cells of one record.
type scanner struct {
	dialect
	window []byte
	final  bool // nothing follows the window
	at     int
	rec    record
}

// scan finds the record that the window begins with. The spans of its first
// keep cells are appended to spans.
func scan(window []byte, d dialect, final bool, keep int, spans []span) (record, []span) {
	s := scanner{dialect: d, window: window, final: final}
	for {
		cell, more := s.cell()
		if s.rec.short || s.rec.broken != "" {
			return s.rec, spans
		}
		cell = s.trimmed(cell)
		if s.rec.cells < keep {
			spans = append(spans, cell)
		}
		s.rec.cells++
		if cell.to > cell.from {
			s.rec.filled = s.rec.cells
		}
		if cell.to-cell.from > maxCell {
			s.rec.fault = fmt.Sprintf("cell %d is larger than %d KiB", s.rec.cells, maxCell>>10)
		}
		if !more {
			break
		}
	}
	if s.rec.lines > maxBreaks {
		s.rec.fault = fmt.Sprintf("the record spans %d lines; perhaps a quote is not closed", s.rec.lines)
	}
	s.rec.size = s.at
	return s.rec, spans
}

// cell reads one cell and what ends it, and reports whether another follows.
func (s *scanner) cell() (span, bool) {
	s.blanks()
	window, at := s.window, s.at
	if at < len(window) && window[at] == s.quote {
		return s.quoted()
	}
	for at < len(window) {
		c := window[at]
		if c == s.delim || c == '\n' || c == '\r' {
			break
		}
		if c == s.quote {
			s.rec.broken = fmt.Sprintf("a quote in the middle of cell %d", s.rec.cells+1)
			return span{}, false
		}
		at++
	}
	cell := span{from: s.at, to: at}
	s.at = at
	return cell, s.end()
}

// quoted reads a cell from its opening quote on.
func (s *scanner) quoted() (span, bool) {
	s.at++
	cell := span{from: s.at, quoted: true}
	for s.at < len(s.window) {
		switch s.window[s.at] {
		case s.quote:
			if s.at+1 < len(s.window) && s.window[s.at+1] == s.quote {
				cell.doubled = true
				s.at++
				break
			}
			cell.to = s.at
			s.at++
			s.blanks()
			if s.at < len(s.window) && !s.atEnd() {
				s.rec.broken = fmt.Sprintf("text after the closing quote of cell %d", s.rec.cells+1)
				return span{}, false
			}
			return cell, s.end()
		case '\r':
			if s.at+1 < len(s.window) && s.window[s.at+1] == '\n' {
				s.at++
			}
			s.rec.lines++
		case '\n':
			s.rec.lines++
		}
		s.at++
	}
	if s.final {
		s.rec.broken = fmt.Sprintf("the quote that opens cell %d is not closed", s.rec.cells+1)
	} else {
		s.rec.short = true
	}
	return span{}, false
}

// end steps over what ends a cell and reports whether another cell follows.
func (s *scanner) end() bool {
	if s.at == len(s.window) {
		s.rec.short = !s.final
		s.rec.lines++
		return false
	}
	c := s.window[s.at]
	s.at++
	if c == s.delim {
		return true
	}
	if c == '\r' {
		switch {
		case s.at < len(s.window) && s.window[s.at] == '\n':
			s.at++
		case s.at == len(s.window) && !s.final:
			// The line feed of a CRLF may be the next byte.
			s.rec.short = true
		}
	}
	s.rec.lines++
	return false
}

func (s *scanner) atEnd() bool {
	c := s.window[s.at]
	return c == s.delim || c == '\n' || c == '\r'
}

// blanks steps over white space that may stand before an opening and after a
// closing quote.
func (s *scanner) blanks() {
	for s.at < len(s.window) {
		c := s.window[s.at]
		if c == s.delim || c != ' ' && c != '\t' {
			return
		}
		s.at++
	}
}

func (s *scanner) trimmed(cell span) span {
	text := s.window[cell.from:cell.to]
	if len(text) == 0 || solid(text[0]) && solid(text[len(text)-1]) {
		return cell
	}
	tail := bytes.TrimLeftFunc(text, unicode.IsSpace)
	cell.from += len(text) - len(tail)
	cell.to = cell.from + len(bytes.TrimRightFunc(tail, unicode.IsSpace))
	return cell
}

// solid tells ASCII characters that are no white space.
func solid(c byte) bool { return c > ' ' && c < utf8.RuneSelf }

// texts gives the cells of a record, as substrings of one copy of its bytes.
func texts(source []byte, quote byte, spans []span, cells []string) []string {
	whole := string(source)
	for _, cell := range spans {
		text := whole[cell.from:cell.to]
		if cell.doubled {
			text = strings.ReplaceAll(text, string([]byte{quote, quote}), string(quote))
		}
		cells = append(cells, text)
	}
	return cells
}
