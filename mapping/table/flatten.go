package table

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// flattener turns JSON objects into rows: a nested value's column is the
// dotted path to it. It meets every object twice, first for the columns and
// then for the cells, and must come to the same verdict both times.
type flattener struct {
	walker
	places  map[string]*place
	columns []string
	cells   []string // of the object; nil while the columns are gathered

	serial  int  // of the object
	empty   bool // it has no keys
	fault   error
	path    []byte
	started int      // columns before the object
	added   []string // places the object brought
	filled  []*place // columns the object brought
}

// place is one path.
type place struct {
	column int // none: only inside of it are values
	seen   int // serial of the last object that has it
}

const inner = -1

// object flattens the object at w. A fault leaves no trace of the object; the
// error is of text that is no JSON.
func (f *flattener) object() (fault, err error) {
	f.serial++
	f.empty, f.fault, f.path, f.started = true, nil, f.path[:0], len(f.columns)
	f.added, f.filled = f.added[:0], f.filled[:0]
	from := f.at
	err = f.nested(1)
	if err == nil && !utf8.Valid(f.data[from:f.at]) {
		f.refuse("the row is not UTF-8")
	}
	// The second time every column is known, but those of objects that were
	// refused.
	if err == nil && (len(f.columns) > maxColumns || f.cells != nil && len(f.columns) > f.started) {
		f.refuse(fmt.Sprintf("with this row the file has more than %d columns", maxColumns))
	}
	if err != nil || f.fault != nil {
		f.withdraw()
	}
	return f.fault, err
}

func (f *flattener) withdraw() {
	for _, p := range f.filled {
		p.column = inner
	}
	for _, path := range f.added {
		delete(f.places, path)
	}
	f.columns = f.columns[:f.started]
}

func (f *flattener) refuse(reason string) {
	if f.fault == nil {
		f.fault = errors.New(reason)
	}
}

// nested takes the members of the object or array at w.
func (f *flattener) nested(depth int) error {
	parent := len(f.path)
	return f.members(depth, func(i int, key []byte) error {
		defer func() { f.path = f.path[:parent] }()
		f.empty = false
		if depth > 1 {
			f.path = append(f.path, '.')
		}
		if key == nil && i >= maxElements {
			return f.skip(depth + 1)
		}
		if key == nil {
			f.path = strconv.AppendInt(f.path, int64(i), 10)
		} else if name, err := unescape(key); err != nil {
			f.refuse(err.Error())
		} else {
			f.path = append(f.path, name...)
		}
		return f.value(f.enter(), depth)
	})
}

// enter finds the place of the path. It is nil where the object is unusable.
func (f *flattener) enter() *place {
	if len(f.path) > maxPath {
		f.refuse(fmt.Sprintf("the path of a key is longer than %d bytes", maxPath))
	}
	p := f.places[string(f.path)]
	switch {
	case f.fault != nil:
		return nil
	case p == nil && len(f.places) >= 2*maxColumns:
		f.refuse(fmt.Sprintf("with this row the file has more than %d keys", 2*maxColumns))
		return nil
	case p == nil:
		path := string(f.path)
		p = &place{column: inner}
		f.places[path] = p
		f.added = append(f.added, path)
	case p.seen == f.serial:
		f.refuse("a key occurs twice in the object")
	}
	p.seen = f.serial
	return p
}

func (f *flattener) value(p *place, depth int) error {
	var text string
	switch f.peek() {
	case '{', '[':
		return f.nested(depth + 1)
	case '"':
		quoted, err := f.text()
		if err != nil {
			return err
		}
		if text, err = unescape(bytes.TrimSpace(quoted)); err != nil {
			f.refuse(err.Error())
		}
		text = strings.TrimSpace(text)
	default:
		word, err := f.plain()
		if err != nil {
			return err
		}
		if word != "null" {
			text = word
		}
	}
	if len(text) > maxCell {
		f.refuse(fmt.Sprintf("a value is larger than %d KiB", maxCell>>10))
	}
	if f.fault != nil {
		return nil
	}
	if p.column == inner {
		p.column = len(f.columns)
		f.columns = append(f.columns, strings.TrimSpace(string(f.path)))
		f.filled = append(f.filled, p)
	}
	if p.column < len(f.cells) {
		f.cells[p.column] = text
	}
	return nil
}
