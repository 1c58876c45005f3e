package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// hdl reads the lines of an Oracle HCM Data Loader file as one table. The first
// column, Object, holds the object's name; the others are the attributes of all
// objects in the order in which they first occur, those of one name in one
// column. For that the file is in memory and gone through twice.
type hdl struct {
	data    []byte
	at      int
	line    int // physical line of at
	objects map[string]*object
	columns []string
	index   map[string]int
	started int // line of the first METADATA
}

// object is what the last METADATA line of an object said.
type object struct {
	columns []int // of each field behind the object's name
	fault   error
}

const (
	maxObjects = 1000
	hdlHint    = "export it again from Oracle HCM, or as CSV UTF-8"
)

// startsHDL reports whether the first line that is more than a remark declares
// attributes.
func startsHDL(text []byte) bool {
	for len(text) > 0 {
		line, rest, _ := bytes.Cut(text, []byte("\n"))
		if !passedOver(bytes.TrimSpace(line)) {
			return bytes.HasPrefix(line, []byte("METADATA|"))
		}
		text = rest
	}
	return false
}

// passedOver reports whether a line asks for no row: SET, COMMENT and blank.
func passedOver(line []byte) bool {
	word, _, _ := bytes.Cut(line, []byte(" "))
	switch string(word) {
	case "", "SET", "COMMENT":
		return true
	}
	return false
}

func openHDL(r io.Reader) (source, error) {
	data, err := readWhole(r, "split it by object or by person")
	if err != nil {
		return nil, err
	}
	h := &hdl{data: bytes.TrimPrefix(data, utf8BOM), index: map[string]int{}, columns: []string{"Object"}}
	h.rewind()
	if err := h.gatherColumns(); err != nil {
		return nil, err
	}
	h.rewind()
	return h, nil
}

func (h *hdl) rewind() { h.at, h.line, h.objects = 0, 0, map[string]*object{} }

// next takes the next line that is more than a remark.
func (h *hdl) next() ([]byte, bool) {
	for h.at < len(h.data) {
		line := h.data[h.at:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i]
			h.at++
		}
		h.at += len(line)
		h.line++
		if line = bytes.TrimSpace(line); !passedOver(line) {
			return line, true
		}
		// They change what the other lines mean.
		for _, setting := range []string{"SET FILE_DELIMITER", "SET FILE_ESCAPE", "SET FILE_NEW"} {
			if bytes.HasPrefix(line, []byte(setting)) {
				return line, true
			}
		}
	}
	return nil, false
}

func (h *hdl) gatherColumns() error {
	rows := 0
	for {
		line, ok := h.next()
		if !ok {
			break
		}
		switch {
		case bytes.HasPrefix(line, []byte("SET ")):
			return &Error{What: fmt.Sprintf("line %d sets reserved characters of its own, which is not supported", h.line), Hint: "export it with | between the fields and \\ as the escape, without SET FILE_ lines"}
		case !bytes.HasPrefix(line, []byte("METADATA|")):
			rows++
			continue
		}
		if h.started == 0 {
			h.started = h.line
		}
		h.declare(line)
		if len(h.objects) > maxObjects {
			return &Error{What: fmt.Sprintf("the file declares more than %d objects", maxObjects), Hint: "leave out the objects that are not about people"}
		}
		if len(h.columns) > maxColumns {
			return &Error{What: fmt.Sprintf("the METADATA lines name more than %d attributes", maxColumns), Hint: "leave out the objects that are not about people"}
		}
	}
	switch {
	case h.started == 0:
		return &Error{What: "the file has no METADATA line", Hint: hdlHint}
	case rows > maxCells/len(h.columns):
		return &Error{What: fmt.Sprintf("the file has %d lines and %d attributes; a table of that is too large", rows, len(h.columns)), Hint: "split it by object"}
	}
	return nil
}

// declare takes a METADATA line. It holds for the lines below it.
func (h *hdl) declare(line []byte) {
	fields, err := hdlFields(line)
	if err != nil || len(fields) < 2 {
		h.objects = map[string]*object{} // it may have been about any of them
		return
	}
	declared := &object{}
	h.objects[fields[1]] = declared
	seen := map[string]bool{}
	for _, name := range fields[2:] {
		if seen[name] || len(seen) > maxColumns {
			declared.columns = nil
			declared.fault = errors.New("the METADATA line of the object names an attribute twice")
			return
		}
		seen[name] = true
		column, known := h.index[name]
		if !known {
			column = len(h.columns)
			h.columns = append(h.columns, name)
			h.index[name] = column
		}
		declared.columns = append(declared.columns, column)
	}
}

func (h *hdl) about() About { return About{Format: HDL, HeaderLine: h.started} }

func (h *hdl) header() []string { return h.columns }

func (h *hdl) err() error { return nil }

func (h *hdl) row() (Row, bool) {
	for {
		line, ok := h.next()
		if !ok {
			return Row{}, false
		}
		if bytes.HasPrefix(line, []byte("METADATA|")) {
			h.declare(line)
			continue
		}
		row := Row{Line: h.line}
		row.Cells, row.Err = h.cells(line)
		return row, true
	}
}

func (h *hdl) cells(line []byte) ([]string, error) {
	fields, err := hdlFields(line)
	switch {
	case err != nil:
		return nil, err
	case fields[0] == "DELETE":
		return nil, errors.New("a DELETE line, which asks for nothing here")
	case fields[0] != "MERGE":
		return nil, errors.New("the line begins with no instruction of HCM Data Loader")
	case len(fields) < 2:
		return nil, errors.New("the line names no object")
	}
	declared := h.objects[fields[1]]
	switch {
	case declared == nil:
		return nil, errors.New("no METADATA line above declares the object")
	case declared.fault != nil:
		return nil, declared.fault
	case len(fields)-2 != len(declared.columns):
		return nil, fmt.Errorf("%d fields where the METADATA line of the object has %d", len(fields), len(declared.columns)+2)
	}
	cells := make([]string, len(h.columns))
	cells[0] = fields[1]
	for i, field := range fields[2:] {
		cells[declared.columns[i]] = field
	}
	return cells, nil
}

// hdlFields splits a line at its pipes and takes the escapes out.
func hdlFields(line []byte) ([]string, error) {
	switch {
	case len(line) > maxRecord:
		return nil, errors.New("the line is longer than 1 MiB")
	case bytes.IndexByte(line, 0) >= 0:
		return nil, errors.New("the row holds a NUL byte")
	case !utf8.Valid(line):
		return nil, errors.New("the row is not UTF-8")
	}
	fields := make([]string, 0, bytes.Count(line, []byte("|"))+1)
	var field []byte
	add := func() error {
		if len(field) > maxCell {
			return fmt.Errorf("field %d is larger than %d KiB", len(fields)+1, maxCell>>10)
		}
		fields = append(fields, strings.TrimSpace(string(field)))
		field = field[:0]
		return nil
	}
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '|':
			if err := add(); err != nil {
				return nil, err
			}
		case c != '\\':
			field = append(field, c)
		default:
			i++
			switch {
			case i < len(line) && (line[i] == '|' || line[i] == '\\'):
				field = append(field, line[i])
			case i < len(line) && line[i] == 'n':
				field = append(field, '\n')
			default:
				return nil, fmt.Errorf("a backslash in field %d escapes neither | nor n nor itself", len(fields)+1)
			}
		}
	}
	if err := add(); err != nil {
		return nil, err
	}
	return fields, nil
}
