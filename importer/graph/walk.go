package graph

import (
	"bytes"
	"encoding/json"
	"strings"
)

// walk goes through JSON text from value to value without decoding them: the
// standard library reads each byte of a batch's answer several times. It
// finds where a value ends and nothing more, so what it gives is to be checked
// with [json.Valid] unless the text around it was.
type walk []byte

// take takes the delimiter, if it comes next.
func (w *walk) take(delimiter byte) bool {
	text := bytes.TrimLeft(*w, " \t\r\n")
	if len(text) == 0 || text[0] != delimiter {
		return false
	}
	*w = text[1:]
	return true
}

// value takes the value that comes next, nil where it does not end.
func (w *walk) value() json.RawMessage {
	text := bytes.TrimLeft(*w, " \t\r\n")
	n := length(text)
	*w = text[n:]
	return json.RawMessage(text[:n])
}

// name takes the name of a member, as it is quoted, and the colon behind it;
// nil where there is none.
func (w *walk) name() json.RawMessage {
	quoted := w.value()
	if len(quoted) < 2 || quoted[0] != '"' || !w.take(':') {
		return nil
	}
	return quoted
}

// isNamed compares as the standard library does, which takes names in any case.
func isNamed(quoted json.RawMessage, name string) bool {
	if bytes.IndexByte(quoted, '\\') >= 0 {
		return strings.EqualFold(text(quoted), name)
	}
	return strings.EqualFold(string(quoted[1:len(quoted)-1]), name)
}

// length is that of the value the text begins with, 0 where it does not end.
func length(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			n := quotedLength(text[i:])
			if n == 0 {
				return 0
			}
			i += n - 1
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return i // behind a number or a word
			}
			if depth == 0 {
				return i + 1
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
	if depth > 0 {
		return 0
	}
	return len(text)
}

func quotedLength(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return 0
}

// members visits the members of a valid value, and reports whether it is an
// object, or null, which is as good as an empty one.
func members(valid json.RawMessage, visit func(name, value json.RawMessage)) bool {
	w := walk(valid)
	if !w.take('{') {
		return string(valid) == "null"
	}
	for !w.take('}') {
		w.take(',')
		name := w.name()
		if name == nil {
			return false // not valid, and without an end
		}
		visit(name, w.value())
	}
	return true
}
