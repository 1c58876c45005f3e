package address

import (
	"strings"
	"unicode"
)

// undo takes off what copying and spreadsheets put round an address, and says
// what that was. It leaves alone what could belong to the address.
func undo(cell string) (text, remark string, err error) {
	text = strings.Trim(cell, " \t\r\n")
	if bare := strings.TrimFunc(text, isPadding); bare != text {
		text, remark = bare, "no-break spaces or invisible characters round it were taken off"
	}
	if narrow, ok := narrowed(text); ok {
		text, remark = narrow, joined(remark, "full-width characters were made plain ones")
	}
	if inner, ok := strings.CutPrefix(text, `="`); ok {
		inner, ok = strings.CutSuffix(inner, `"`)
		if !ok || strings.Contains(inner, `"`) {
			return "", "", damaged("a formula, not an address; format the column as text and export again")
		}
		text, remark = strings.TrimFunc(inner, isPadding), joined(remark, `a spreadsheet's =" " round it was taken off`)
	}
	if inner, ok := strings.CutPrefix(text, "'"); ok {
		// A domain cannot end in one: it is the other of a pair.
		text, remark = strings.TrimFunc(strings.TrimSuffix(inner, "'"), isPadding), joined(remark, "a spreadsheet's apostrophe before it was taken off")
	}
	const scheme = "mailto:"
	if len(text) > len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
		text = strings.TrimFunc(text[len(scheme):], isPadding)
		if strings.Contains(text, "%") {
			return "", "", refuse("a link with escaped characters; keep the address alone")
		}
		remark = joined(remark, "the word mailto before it was taken off")
	}
	return text, remark, nil
}

// isPadding holds for what has no meaning at the end of a cell. The two
// overrides of writing direction have: what stands behind one is shown
// backwards.
func isPadding(r rune) bool {
	switch r {
	case ' ', '\t', '\r', '\n':
		return true
	case '\u202d', '\u202e':
		return false
	}
	return r > unicode.MaxASCII && unicode.In(r, unicode.Zs, unicode.Cf)
}

// narrowed makes full-width characters plain ones, as a Japanese keyboard types
// them, if that makes the whole text ASCII.
func narrowed(text string) (string, bool) {
	if ascii(text) {
		return "", false
	}
	narrow := strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '。', r == '｡': // RFC 3490, section 3.1
			return '.'
		}
		return r
	}, text)
	return narrow, ascii(narrow)
}
