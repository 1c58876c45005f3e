package table

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

const (
	saveHint   = "in Excel: Save As, CSV UTF-8"
	exportHint = "export it as CSV UTF-8"
)

var utf8BOM = []byte("\xef\xbb\xbf")

// notATable tells by its first bytes what a file is that people hand in
// instead of a CSV file.
func notATable(start []byte) error {
	for _, format := range []struct{ magic, what, hint string }{
		{"PK\x03\x04", "the file is an Excel workbook or another ZIP archive, not CSV", saveHint},
		{"\xd0\xcf\x11\xe0", "the file is an old Excel workbook, not CSV", saveHint},
		{"%PDF", "the file is a PDF, not CSV", exportHint},
		{"\x1f\x8b", "the file is compressed with gzip", "decompress it first"},
		{"\xff\xfe", "the file is UTF-16, not UTF-8", saveHint + "; in PowerShell: Export-Csv -Encoding utf8"},
		{"\xfe\xff", "the file is UTF-16, not UTF-8", saveHint + "; in PowerShell: Export-Csv -Encoding utf8"},
	} {
		if bytes.HasPrefix(start, []byte(format.magic)) {
			return &Error{What: format.what, Hint: format.hint}
		}
	}
	text := bytes.TrimSpace(bytes.TrimPrefix(start, utf8BOM))
	lower := bytes.ToLower(text[:min(len(text), 16)])
	switch {
	case len(text) == 0:
		return nil
	case text[0] == '{', text[0] == '[' && bytes.IndexAny(bytes.TrimSpace(text[1:]), "{[\"]") == 0:
		return &Error{What: "the file is JSON, not CSV", Hint: exportHint}
	case bytes.HasPrefix(lower, []byte("<!doctype")), bytes.HasPrefix(lower, []byte("<html")), bytes.HasPrefix(lower, []byte("<table")):
		return &Error{What: "the file is a web page, not CSV", Hint: "a download may have ended at a sign-in page; " + exportHint}
	case bytes.HasPrefix(lower, []byte("<?xml")):
		return &Error{What: "the file is XML, not CSV", Hint: exportHint}
	}
	return nil
}

// seekHeader moves to the header's line: the wanted one, or the first that is
// not blank.
func (t *text) seekHeader(wanted int) error {
	if len(t.buf) == t.pos && t.failed == nil {
		return &Error{What: "the file is empty", Hint: "a CSV file with a header row is expected; export it again"}
	}
	for wanted == 0 || t.line < wanted {
		window := t.buf[t.pos:]
		line := window
		if i := bytes.IndexAny(window, "\r\n"); i >= 0 {
			line = window[:i]
		}
		if wanted == 0 && len(bytes.TrimSpace(line)) > 0 {
			return nil
		}
		if t.skipLine() {
			t.line++
			continue
		}
		if t.failed != nil {
			return fmt.Errorf("reading header: %w", t.failed)
		}
		if wanted == 0 {
			return &Error{What: "the file holds only blank lines", Hint: "a CSV file with a header row is expected; export it again"}
		}
		return &Error{
			What: fmt.Sprintf("the header row is said to be line %d, and the file has %d", wanted, t.line-1),
			Hint: "correct header_row, or leave it out",
		}
	}
	return nil
}

// readHeader takes the record at pos as the header.
func (t *text) readHeader() error {
	t.headerLine = t.line
	// Before the quotes are: those of a binary file would be blamed else.
	first := t.buf[t.pos:]
	if i := bytes.IndexAny(first, "\r\n"); i >= 0 {
		first = first[:i]
	}
	if bytes.IndexByte(first, 0) >= 0 {
		return &Error{What: "the file is not text: its first line holds NUL bytes", Hint: saveHint}
	}
	rec, source, ok := t.next(maxColumns)
	switch {
	case !ok && t.failed != nil:
		return fmt.Errorf("reading header: %w", t.failed)
	case !ok || rec.broken == "" && rec.filled == 0:
		return &Error{What: fmt.Sprintf("line %d, the header row, is blank", t.headerLine), Hint: "correct header_row, or leave it out"}
	case rec.broken != "":
		return &Error{What: fmt.Sprintf("the header row in line %d cannot be read: %s", t.headerLine, rec.broken), Hint: exportHint}
	case bytes.IndexByte(source, 0) >= 0:
		return &Error{What: "the header row holds a NUL byte", Hint: saveHint}
	case !utf8.Valid(source):
		return &Error{What: "the header row is not UTF-8", Hint: saveHint}
	case rec.fault != "":
		return &Error{What: fmt.Sprintf("the header row in line %d cannot be used: %s", t.headerLine, rec.fault), Hint: exportHint}
	case rec.cells > maxColumns:
		return &Error{What: fmt.Sprintf("the header row has %d columns; the most is %d", rec.cells, maxColumns), Hint: exportHint}
	}
	t.line += rec.lines
	t.columns = texts(source, t.spans, make([]string, 0, rec.cells))
	t.named = rec.filled
	return nil
}

// detect finds the delimiter by which the first records agree best with the
// header. Each record that agrees counts as many times as it has delimiters,
// so that a comma inside a name does not win over nine semicolons.
func detect(window []byte, final bool) byte {
	best, most := byte(','), 0
	for _, delim := range []byte{',', ';', '\t', '|'} {
		if score := agreement(window, delim, final); score > most {
			best, most = delim, score
		}
	}
	return best
}

const sampleRecords = 20

func agreement(window []byte, delim byte, final bool) int {
	header, _ := scan(window, delim, final, 0, nil)
	if header.short || header.broken != "" {
		return 0
	}
	agreeing := 1
	for rest, n := window[header.size:], 0; len(rest) > 0 && n < sampleRecords; n++ {
		rec, _ := scan(rest, delim, final, 0, nil)
		if rec.short {
			break
		}
		if rec.broken != "" {
			i := bytes.IndexAny(rest, "\r\n")
			rest = rest[i+1:]
			if i < 0 {
				break
			}
			continue
		}
		rest = rest[rec.size:]
		if rec.filled <= header.cells && rec.cells >= header.filled {
			agreeing++
		}
	}
	return agreeing * (header.cells - 1)
}
