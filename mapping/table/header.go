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

// seekHeader moves to the header's line: the wanted one, or the first below
// what is above a table. It settles the dialect on the way.
func (t *text) seekHeader(wanted int) error {
	if len(t.buf) == t.pos && t.failed == nil {
		return &Error{What: "the file is empty", Hint: "a CSV file with a header row is expected; export it again"}
	}
	for wanted == 0 || t.line < wanted {
		line := t.buf[t.pos:]
		if i := bytes.IndexAny(line, "\r\n"); i >= 0 {
			line = line[:i]
		}
		blank := len(bytes.TrimSpace(line)) == 0
		if wanted == 0 && !blank && !overhead(line) {
			break
		}
		if t.delim == 0 {
			t.delim = separator(line)
		}
		if t.skipLine() {
			t.line++
			if !blank {
				t.preamble++
			}
			continue
		}
		return t.noHeader(wanted)
	}
	if t.pos > 0 {
		t.more()
	}
	var at int
	t.dialect, at = settle(t.buf[t.pos:], t.final(), t.dialect, wanted == 0)
	for end := t.pos + at; t.pos < end; t.line++ {
		size := lineSize(t.buf[t.pos:end])
		if len(bytes.TrimSpace(t.buf[t.pos:t.pos+size])) > 0 {
			t.preamble++
		}
		t.pos += size
	}
	return nil
}

// noHeader says why the file ended before its header.
func (t *text) noHeader(wanted int) error {
	switch {
	case t.failed != nil:
		return fmt.Errorf("reading header: %w", t.failed)
	case wanted > 0:
		return &Error{
			What: fmt.Sprintf("the header row is said to be line %d, and the file has %d", wanted, t.line-1),
			Hint: "correct header_row, or leave it out",
		}
	case t.preamble > 0:
		return &Error{What: "the file holds no table, only what stands above one", Hint: "a CSV file with a header row is expected; export it again"}
	}
	return &Error{What: "the file holds only blank lines", Hint: "a CSV file with a header row is expected; export it again"}
}

// readHeader takes the record at pos as the header.
func (t *text) readHeader() error {
	t.headerLine = t.line
	// Before the quotes are: those of a binary file would be blamed else.
	first := t.buf[t.pos:]
	if i := bytes.IndexAny(first, "\r\n"); i >= 0 {
		first = first[:i]
	}
	nul := &Error{What: fmt.Sprintf("the header row in line %d holds a NUL byte", t.headerLine), Hint: "delete it in a text editor, or export the file again"}
	switch n := bytes.Count(first, []byte{0}); {
	case n*4 >= len(first) && n > 0:
		return &Error{What: "the file is not text: its first line holds NUL bytes", Hint: saveHint}
	case n > 0:
		return nul
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
		return nul
	case !utf8.Valid(source):
		return &Error{What: fmt.Sprintf("the header row holds bytes that cannot be read as %s", t.encoding), Hint: "source: {encoding: NAME} in a mapping file says what the file is in; or " + saveHint}
	case rec.fault != "":
		return &Error{What: fmt.Sprintf("the header row in line %d cannot be used: %s", t.headerLine, rec.fault), Hint: exportHint}
	case rec.cells > maxColumns:
		return &Error{What: fmt.Sprintf("the header row has %d columns; the most is %d", rec.cells, maxColumns), Hint: exportHint}
	}
	t.line += rec.lines
	t.columns = texts(source, t.quote, t.spans, make([]string, 0, rec.cells))
	t.named = rec.filled
	return nil
}
