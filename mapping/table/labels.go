package table

import (
	"fmt"
	"strings"
	"unicode"
)

// readLabels takes a second header row, if it is said to be there or is for
// certain.
func (t *text) readLabels(headerRows int) error {
	if headerRows == 1 || headerRows == 0 && !t.labelled() {
		return nil
	}
	for {
		line := t.line
		rec, source, ok := t.next(len(t.columns))
		switch {
		case !ok && t.failed != nil:
			return fmt.Errorf("reading header: %w", t.failed)
		case !ok:
			return &Error{What: "the header is said to have two rows, and the file ends after the first", Hint: "correct header_rows, or leave it out"}
		}
		t.line += rec.lines
		if rec.broken == "" && rec.filled == 0 {
			continue
		}
		if err := t.fault(rec, source); err != nil {
			return &Error{What: fmt.Sprintf("the second header row in line %d cannot be used: %s", line, err), Hint: exportHint}
		}
		labels := make([]string, 0, len(t.columns))
		t.labels = texts(source, t.quote, t.spans, labels)[:len(t.columns)]
		return nil
	}
}

// labelled reports whether the next record holds labels of the columns for
// certain.
func (t *text) labelled() bool {
	labels, size := t.peek(0)
	if len(labels) == 0 {
		return false
	}
	below, _ := t.peek(size)
	return areLabels(t.columns, labels, below)
}

// areLabels reports whether a row below the names says the same as they do,
// other than the row after it.
func areLabels(names, labels, below []string) bool {
	for i, label := range labels {
		if likeData(label) || i >= len(names) && label != "" {
			return false
		}
	}
	same := sameNames(names, labels)
	if same < 3 || same*5 < named(labels)*2 {
		return false
	}
	return sameNames(names, below)*2 < same
}

// peek gives the cells of the record that begins so many bytes after pos, and
// its bytes; no cells if it cannot be read.
func (t *text) peek(after int) ([]string, int) {
	for {
		window := t.buf[t.pos+after:]
		rec, spans := scan(window, t.dialect, t.final(), maxColumns, nil)
		switch {
		case rec.short && t.more():
			continue
		case rec.short || rec.size == 0 || t.fault(rec, window[:rec.size]) != nil:
			return nil, 0
		}
		return texts(window[:rec.size], t.quote, spans, nil), rec.size
	}
}

// sameNames counts the cells that say the same as the names above them.
func sameNames(names, cells []string) int {
	same := 0
	for i, cell := range cells[:min(len(cells), len(names))] {
		folded := Fold(cell)
		if strings.ContainsFunc(folded, unicode.IsLetter) && folded == Fold(names[i]) {
			same++
		}
	}
	return same
}
