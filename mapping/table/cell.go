package table

import (
	"encoding/xml"
	"errors"
	"strings"
	"unicode/utf16"
)

// noValue is shown by a cell with a formula whose value is not in the file, in
// the manner of #REF!: it is no phone number and no address. Excel keeps an empty
// text that a formula gives, so that one is empty.
const noValue = "#FORMULA"

// cell is what a cell's element says.
type cell struct {
	kind     string
	format   cellFormat
	value    string // what it shows, or the number of a shared string
	valued   bool   // there was a value, if only an empty one
	inline   string
	computed bool // by a formula
}

// cell reads what is in the element of a cell.
func (x *xmlStream) cell(c *cell) error {
	for outside := x.depth - 1; ; {
		token, err := x.next()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.EndElement:
			if x.depth == outside {
				return nil
			}
		case xml.StartElement:
			switch token.Name.Local {
			case "v":
				c.valued = true
				c.value, err = x.text("")
			case "f":
				c.computed = true
				err = x.skip()
			case "is":
				c.inline, err = x.richText()
			default:
				err = x.skip()
			}
			if err != nil {
				return err
			}
		}
	}
}

// richText joins the runs of a text and leaves out how it is pronounced.
func (x *xmlStream) richText() (string, error) {
	text, err := x.text("rPh")
	if err == nil && strings.Contains(text, "_x") {
		text = unescapeText(text)
	}
	return text, err
}

// unescapeText turns _x000D_, as which a workbook keeps a character that XML
// cannot, into that character.
func unescapeText(text string) string {
	var out strings.Builder
	for {
		i := strings.Index(text, "_x")
		if i < 0 || len(text) < i+7 {
			return out.String() + text
		}
		out.WriteString(text[:i])
		text = text[i:]
		if char := unit([]byte(text[2:6])); text[6] == '_' && char >= 0 && !utf16.IsSurrogate(char) {
			out.WriteRune(char)
			text = text[7:]
		} else {
			out.WriteString("_x")
			text = text[2:]
		}
	}
}

// text gives what a cell shows, but for a number's digits; see
// [cellFormat.number].
func (c *cell) text(book *workbook) (string, error) {
	if c.computed && (book.stale || c.value == "" && !(c.kind == "str" && c.valued)) {
		return noValue, nil
	}
	switch c.kind {
	case "s":
		if !c.valued {
			return "", nil
		}
		text, ok := book.strings.text(c.value)
		if !ok {
			return "", errors.New("a cell refers to a text that the workbook does not have")
		}
		return text, nil
	case "inlineStr":
		return c.inline, nil
	case "b":
		switch c.value {
		case "1":
			return "TRUE", nil
		case "0":
			return "FALSE", nil
		}
	case "", "n":
		return c.format.number(strings.TrimSpace(c.value), book.date1904), nil
	case "d":
		return strings.TrimSuffix(c.value, "T00:00:00"), nil
	case "str":
		return unescapeText(c.value), nil
	}
	return c.value, nil
}
