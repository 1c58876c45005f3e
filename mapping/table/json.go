package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// jsonFile reads the objects of an array or of JSON Lines. The columns are the
// keys of all objects in the order in which they first occur; for that the file
// is in memory and gone through twice.
type jsonFile struct {
	flat     flattener
	format   Format
	from     int  // where the array's bracket or the first line is
	elements bool // objects share lines, so they are counted instead

	begun  bool
	done   bool
	count  int // elements so far
	line   int // physical line of lineAt
	lineAt int
	failed error
}

const jsonHint = "an array of objects is expected, an object that holds one such array, or one object in each line"

func openJSON(r io.Reader, wanted Format) (source, error) {
	data, err := readWhole(r, "split it, or export it as CSV UTF-8, which has no such bound")
	if err != nil {
		return nil, err
	}
	if data, err = asUTF8(data); err != nil {
		return nil, err
	}
	f := &jsonFile{format: wanted}
	f.flat.data = data
	f.flat.places = map[string]*place{}
	if f.flat.peek() == 0 {
		return nil, &Error{What: "the file is empty", Hint: "export it again"}
	}
	if f.format == "" {
		f.format = JSON
		if oneObjectALine(data) {
			f.format = JSONLines
		}
	}
	if f.format == JSON {
		if err := f.findArray(); err != nil {
			return nil, err
		}
	}
	return f, f.gatherColumns()
}

// oneObjectALine reports whether the first line is closed and others follow, or
// is an object without an array of objects in it.
func oneObjectALine(data []byte) bool {
	data = bytes.TrimSpace(data)
	first, rest, more := bytes.Cut(data, []byte("\n"))
	first = bytes.TrimSpace(first)
	if first[0] != '{' || first[len(first)-1] != '}' {
		return false
	}
	if more && len(bytes.TrimSpace(rest)) > 0 {
		return true
	}
	w := walker{data: first}
	found, err := arraysOf(&w)
	return err == nil && len(found.arrays) == 0 && !found.plan
}

// gatherColumns goes through the file for the columns and back to its start.
func (f *jsonFile) gatherColumns() error {
	last, good := 0, 0
	for {
		row, ok := f.row()
		if !ok {
			break
		}
		if row.Err == nil {
			good++
		}
		f.elements = f.elements || row.Line == last
		last = row.Line
	}
	columns := f.flat.columns
	var at *broken
	switch {
	case good == 0 && errors.As(f.failed, &at):
		return &Error{What: f.failed.Error(), Hint: jsonHint}
	case len(columns) == 0:
		return &Error{What: "the JSON holds no object with a value", Hint: jsonHint}
	case good > maxCells/len(columns):
		return &Error{What: fmt.Sprintf("the file has %d objects and %d different keys; a table of that is too large", good, len(columns)), Hint: "split it, or leave out what is not needed"}
	}
	f.begun, f.done, f.failed, f.count = false, false, nil, 0
	f.flat.cells = make([]string, 0)
	return nil
}

func (f *jsonFile) about() About {
	return About{Format: f.format, Elements: f.elements}
}

func (f *jsonFile) header() []string { return f.flat.columns }

func (f *jsonFile) err() error { return f.failed }

func (f *jsonFile) row() (Row, bool) {
	if !f.begun {
		f.begun = true
		f.flat.at, f.line, f.lineAt = f.from, 1, 0
	}
	for !f.done {
		next := f.element
		if f.format == JSONLines {
			next = f.lineOf
		}
		if row, ok := next(); ok {
			return row, true
		}
	}
	return Row{}, false
}

// element takes the next element of the array, false for one that holds
// nothing and at the end.
func (f *jsonFile) element() (Row, bool) {
	w := &f.flat.walker
	if f.count == 0 {
		w.at++ // the bracket
	}
	switch c := w.peek(); {
	case c == ']':
		f.end()
		return Row{}, false
	case f.count > 0 && c != ',':
		f.fail(w.broken("a comma or a closing bracket is missing"))
		return Row{}, false
	case f.count > 0:
		w.at++
	}
	f.count++
	object := w.peek() == '{'
	row := Row{Line: f.lineOfByte(w.at)}
	if f.elements {
		row.Line = f.count
	}
	if !object {
		if err := w.skip(1); err != nil {
			f.fail(err)
			return Row{}, false
		}
		row.Err = errors.New("the element is not an object")
		return row, true
	}
	if err := f.flatten(&row); err != nil {
		f.fail(err)
		return Row{}, false
	}
	return row, !f.flat.empty
}

// flatten takes the object at hand for the row.
func (f *jsonFile) flatten(row *Row) (err error) {
	if f.flat.cells != nil {
		f.flat.cells = make([]string, len(f.flat.columns))
	}
	if row.Err, err = f.flat.object(); row.Err == nil {
		row.Cells = f.flat.cells
	}
	return err
}

// lineOf takes the next line of JSON Lines, false for a blank one and at the
// end. What breaks there breaks that line alone.
func (f *jsonFile) lineOf() (Row, bool) {
	data, from := f.flat.data, f.flat.at
	if from == len(data) {
		f.done = true
		return Row{}, false
	}
	end, next := len(data), len(data)
	if i := bytes.IndexByte(data[from:], '\n'); i >= 0 {
		end, next = from+i, from+i+1
	}
	row := Row{Line: f.line}
	f.line++
	defer func() { f.flat.data, f.flat.at = data, next }()
	f.flat.data = data[:end]
	switch f.flat.peek() {
	case 0:
		return Row{}, false
	case '{':
	default:
		row.Err = errors.New("the line is not a JSON object")
		return row, true
	}
	var at *broken
	if err := f.flatten(&row); errors.As(err, &at) {
		return Row{Line: row.Line, Err: fmt.Errorf("not JSON: %s", at.what)}, true
	}
	if f.flat.peek() != 0 {
		return Row{Line: row.Line, Err: errors.New("not JSON: text follows the object in its line")}, true
	}
	return row, !f.flat.empty
}

// end checks that nothing follows an array that is the whole document; what
// surrounds one is checked when it is found.
func (f *jsonFile) end() {
	f.done = true
	f.flat.at++
	if len(bytes.TrimSpace(f.flat.data[:f.from])) == 0 && f.flat.peek() != 0 {
		f.fail(f.flat.broken("text follows the end of the array"))
	}
}

func (f *jsonFile) fail(err error) {
	f.done = true
	var at *broken
	if errors.As(err, &at) {
		f.failed = fmt.Errorf("line %d is no longer JSON: %w", f.lineOfByte(at.at), err)
	}
}

// lineOfByte gives the physical line of a place at or behind the last asked for.
func (f *jsonFile) lineOfByte(at int) int {
	if at > f.lineAt {
		f.line += bytes.Count(f.flat.data[f.lineAt:min(at, len(f.flat.data))], []byte("\n"))
		f.lineAt = at
	}
	return f.line
}

// envelope is what stands around the array in a document.
type envelope struct {
	arrays []candidate
	plan   bool // a plan document of authseed
}

type candidate struct {
	name string
	at   int
}

// arraysOf finds the arrays of objects in the object at w, which it steps
// over. It looks into an object that is the only member of another, as OData
// nests them.
func arraysOf(w *walker) (envelope, error) {
	var outermost error
	end := -1
	for {
		var found envelope
		members, only := 0, -1
		var version, changes bool
		w.blanks()
		err := w.members(1, func(_ int, key []byte) error {
			at, opened := w.at, w.peek()
			members++
			if opened == '{' {
				only = at
			}
			version = version || string(key) == "format_version"
			changes = changes || string(key) == "changes"
			if opened == '[' && startsWithObject(w.data[at:]) {
				found.arrays = append(found.arrays, candidate{string(key), at})
			}
			return w.skip(2)
		})
		found.plan = version && changes
		if end < 0 {
			end, outermost = w.at, err
		}
		if members != 1 || only < 0 {
			w.at = end
			return found, outermost
		}
		w.at = only
	}
}

func startsWithObject(array []byte) bool {
	inside := bytes.TrimLeft(array[1:], " \t\r\n")
	return len(inside) > 0 && inside[0] == '{'
}

// findArray finds the one array of objects of a document. A document that
// breaks inside it is read up to there.
func (f *jsonFile) findArray() error {
	w := &f.flat.walker
	w.at = 0
	switch w.peek() {
	case '[':
		if f.from = w.at; !startsWithObject(w.data[w.at:]) {
			return &Error{What: "the JSON is an array that does not begin with an object", Hint: jsonHint}
		}
		return nil
	case '{':
	default:
		return &Error{What: "the file is not JSON", Hint: jsonHint}
	}
	found, err := arraysOf(w)
	var at *broken
	switch {
	case found.plan:
		return &Error{What: "the file is a plan of authseed, not an export", Hint: "authseed apply plan.json"}
	case len(found.arrays) > 1:
		return &Error{What: "the JSON holds several arrays of objects: " + names(found.arrays), Hint: "keep the one with the people"}
	case errors.As(err, &at) && len(found.arrays) == 0:
		line := 1 + bytes.Count(w.data[:min(at.at, len(w.data))], []byte("\n"))
		return &Error{What: fmt.Sprintf("line %d is no longer JSON: %s", line, at.what), Hint: jsonHint}
	case len(found.arrays) == 0:
		return &Error{What: "the JSON holds no array of objects", Hint: jsonHint}
	case err == nil && w.peek() != 0:
		line := 1 + bytes.Count(w.data[:w.at], []byte("\n"))
		return &Error{What: fmt.Sprintf("line %d: text follows the end of the JSON", line), Hint: jsonHint}
	}
	f.from = found.arrays[0].at
	return nil
}

const maxNames = 8

func names(found []candidate) string {
	var list []string
	for _, c := range found[:min(len(found), maxNames)] {
		list = append(list, fmt.Sprintf("`%s`", strings.ToValidUTF8(c.name[:min(len(c.name), 64)], "")))
	}
	if len(found) > maxNames {
		list = append(list, "...")
	}
	return strings.Join(list, ", ")
}
