package graphsim

import (
	"bytes"
	"encoding/json"
	"strings"
)

// appendString writes a JSON string made of the parts. Nearly all are plain
// ASCII, which spares the encoder.
func appendString(dst []byte, parts ...string) []byte {
	for _, part := range parts {
		for i := range len(part) {
			if c := part[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
				encoded, _ := json.Marshal(strings.Join(parts, "")) // a string always encodes
				return append(dst, encoded...)
			}
		}
	}
	dst = append(dst, '"')
	for _, part := range parts {
		dst = append(dst, part...)
	}
	return append(dst, '"')
}

// appendNullable writes a string, or null when it is empty.
func appendNullable(dst []byte, text string) []byte {
	if text == "" {
		return append(dst, "null"...)
	}
	return appendString(dst, text)
}

func appendStrings(dst []byte, texts []string) []byte {
	dst = append(dst, '[')
	for i, text := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, text)
	}
	return append(dst, ']')
}

// text reads a JSON string; anything else, null too, is not one.
func text(raw []byte) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	if inner := raw[1 : len(raw)-1]; isPlain(inner) {
		return string(inner), true
	}
	var value string
	err := json.Unmarshal(raw, &value)
	return value, err == nil
}

// isPlain reports whether what stands between two quotes means itself.
func isPlain(inner []byte) bool {
	for _, c := range inner {
		if c == '\\' || c >= 0x80 {
			return false
		}
	}
	return true
}

// members visits the members of an object in their order, by their exact names
// and with double ones, neither of which encoding/json can be made to do. The
// text has to be valid JSON. It reports whether it is an object and every visit
// returned true.
func members(valid []byte, visit func(name string, value []byte) bool) bool {
	rest := bytes.TrimLeft(valid, spaces)
	if len(rest) == 0 || rest[0] != '{' {
		return false
	}
	for rest = bytes.TrimLeft(rest[1:], spaces); rest[0] == '"'; {
		end := valueEnd(rest)
		name, ok := text(rest[:end])
		if !ok {
			return false
		}
		rest = bytes.TrimLeft(rest[end:], spaces)      // the colon
		rest = bytes.TrimLeft(rest[len(":"):], spaces) // the value
		end = valueEnd(rest)
		if !visit(name, rest[:end]) {
			return false
		}
		if rest = bytes.TrimLeft(rest[end:], spaces); rest[0] == ',' {
			rest = bytes.TrimLeft(rest[1:], spaces)
		}
	}
	return true
}

// elements visits the elements of an array, which has to be valid JSON. It
// reports whether it is an array and every visit returned true.
func elements(valid []byte, visit func([]byte) bool) bool {
	rest := bytes.TrimLeft(valid, spaces)
	if len(rest) == 0 || rest[0] != '[' {
		return false
	}
	for rest = bytes.TrimLeft(rest[1:], spaces); rest[0] != ']'; {
		end := valueEnd(rest)
		if !visit(rest[:end]) {
			return false
		}
		if rest = bytes.TrimLeft(rest[end:], spaces); rest[0] == ',' {
			rest = bytes.TrimLeft(rest[1:], spaces)
		}
	}
	return true
}

const spaces = " \t\r\n"

// valueEnd gives where the value at the start of valid JSON ends.
func valueEnd(valid []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(valid); i++ {
		switch c := valid[i]; {
		case quoted:
			switch c {
			case '\\':
				i++
			case '"':
				if quoted = false; depth == 0 {
					return i + 1
				}
			}
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case (c == '}' || c == ']') && depth > 1:
			depth--
		case (c == '}' || c == ']') && depth == 1:
			return i + 1
		case depth == 0 && strings.IndexByte(",}] \t\r\n", c) >= 0:
			return i
		}
	}
	return len(valid)
}
