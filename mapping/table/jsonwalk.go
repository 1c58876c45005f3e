package table

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Bounds of one JSON object.
const (
	maxDepth    = 32
	maxElements = 16   // of an array inside an object; what follows has no column
	maxPath     = 1024 // bytes
)

// broken says where JSON text stops being JSON, or being readable here.
type broken struct {
	at   int
	what string
}

func (b *broken) Error() string { return b.what }

// walker steps through JSON text. It is strict: what one reader takes for a
// value and another refuses is refused.
type walker struct {
	data []byte
	at   int
}

func (w *walker) blanks() {
	for w.at < len(w.data) {
		switch w.data[w.at] {
		case ' ', '\t', '\r', '\n':
			w.at++
		default:
			return
		}
	}
}

// peek gives the next byte that is not white space, 0 at the end.
func (w *walker) peek() byte {
	w.blanks()
	if w.at == len(w.data) {
		return 0
	}
	return w.data[w.at]
}

func (w *walker) broken(what string) error {
	if w.at >= len(w.data) {
		what = "the text ends too early"
	}
	return &broken{at: w.at, what: what}
}

// members steps through an object or an array, at its opening bracket. take
// is called at each value, with its key's bytes in an object, and steps over it.
func (w *walker) members(depth int, take func(i int, key []byte) error) error {
	if depth > maxDepth {
		return w.broken(fmt.Sprintf("nested more than %d levels deep", maxDepth))
	}
	object := w.data[w.at] == '{'
	end := byte(']')
	if object {
		end = '}'
	}
	w.at++
	if w.peek() == end {
		w.at++
		return nil
	}
	for i := 0; ; i++ {
		var key []byte
		if object {
			if w.peek() != '"' {
				return w.broken("a key is missing")
			}
			var err error
			if key, err = w.text(); err != nil {
				return err
			}
			if w.peek() != ':' {
				return w.broken("a colon is missing")
			}
			w.at++
		}
		w.blanks()
		if err := take(i, key); err != nil {
			return err
		}
		switch w.peek() {
		case end:
			w.at++
			return nil
		case ',':
			w.at++
		default:
			return w.broken("a comma or a closing bracket is missing")
		}
	}
}

// skip steps over one value.
func (w *walker) skip(depth int) error {
	switch w.peek() {
	case '{', '[':
		return w.members(depth, func(int, []byte) error { return w.skip(depth + 1) })
	case '"':
		_, err := w.text()
		return err
	}
	_, err := w.plain()
	return err
}

// plain steps over a number or a word and gives it as it is written.
func (w *walker) plain() (string, error) {
	w.blanks()
	from := w.at
	for w.at < len(w.data) {
		c := w.data[w.at]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && c != 'E' && c != '-' && c != '+' && c != '.' {
			break
		}
		w.at++
	}
	word := string(w.data[from:w.at])
	if word == "true" || word == "false" || word == "null" || jsonNumber(word) {
		return word, nil
	}
	if w.at < len(w.data) {
		w.at = from
	}
	return "", w.broken("a value is missing or misspelt")
}

func jsonNumber(word string) bool {
	word = strings.TrimPrefix(word, "-")
	whole := digits(word)
	if whole == 0 || whole > 1 && word[0] == '0' {
		return false
	}
	word = word[whole:]
	if strings.HasPrefix(word, ".") {
		fraction := digits(word[1:])
		if fraction == 0 {
			return false
		}
		word = word[1+fraction:]
	}
	if strings.HasPrefix(word, "e") || strings.HasPrefix(word, "E") {
		word = word[1:]
		if strings.HasPrefix(word, "+") || strings.HasPrefix(word, "-") {
			word = word[1:]
		}
		exponent := digits(word)
		return exponent > 0 && exponent == len(word)
	}
	return word == ""
}

// digits counts the digits that s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// text steps over a string, at its opening quote, and gives what stands
// between the quotes.
func (w *walker) text() ([]byte, error) {
	w.at++
	from := w.at
	for w.at < len(w.data) {
		switch c := w.data[w.at]; {
		case c == '"':
			w.at++
			return w.data[from : w.at-1], nil
		case c == '\\':
			if err := w.escape(); err != nil {
				return nil, err
			}
		case c < ' ':
			return nil, w.broken("a control character inside a text")
		default:
			w.at++
		}
	}
	return nil, w.broken("")
}

func (w *walker) escape() error {
	rest := w.data[w.at+1:]
	switch {
	case len(rest) > 0 && strings.IndexByte(`"\/bfnrt`, rest[0]) >= 0:
		w.at += 2
		return nil
	case len(rest) >= 5 && rest[0] == 'u' && unit(rest[1:5]) >= 0:
		w.at += 6
		return nil
	case len(rest) == 0, len(rest) < 5 && rest[0] == 'u':
		w.at = len(w.data)
	}
	return w.broken("a backslash that escapes nothing")
}

// unit reads four hexadecimal digits, -1 if they are none.
func unit(hex []byte) rune {
	value := rune(0)
	for _, c := range hex {
		switch {
		case c >= '0' && c <= '9':
			value = value<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			value = value<<4 | rune(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	return value
}

var escaped = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape gives the string that stands between quotes, which text has checked.
func unescape(inner []byte) (string, error) {
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), nil
	}
	text := make([]byte, 0, len(inner))
	for len(inner) > 0 {
		i := bytes.IndexByte(inner, '\\')
		if i < 0 {
			i = len(inner)
		}
		text = append(text, inner[:i]...)
		if inner = inner[i:]; len(inner) == 0 {
			break
		}
		if inner[1] != 'u' {
			text = append(text, escaped[inner[1]])
			inner = inner[2:]
			continue
		}
		char := unit(inner[2:6])
		inner = inner[6:]
		if utf16.IsSurrogate(char) {
			second := rune(0)
			if len(inner) >= 6 && inner[1] == 'u' {
				second = unit(inner[2:6])
				inner = inner[6:]
			}
			if char = utf16.DecodeRune(char, second); char == utf8.RuneError {
				return "", errors.New("half of a character's two escapes is missing")
			}
		}
		if char == 0 {
			return "", errors.New("the row holds a NUL character")
		}
		text = utf8.AppendRune(text, char)
	}
	return string(text), nil
}
