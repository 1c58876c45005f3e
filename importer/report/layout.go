package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// clean makes text from outside inert: control characters and those that turn
// the direction of writing become a visible replacement.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if steers(r) {
			return utf8.RuneError
		}
		return r
	}, text)
}

// steers holds for what is no writing: control characters, those without width
// or that turn the direction, and separators of lines.
func steers(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// columns is the room text takes on a terminal, where East Asian characters are
// two columns wide and combining ones none.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// fit cuts text to n columns.
func fit(text string, n int) string {
	if columns(text) <= n {
		return text
	}
	used := 0
	for i, r := range text {
		if used += columnsOf(r); used > n-1 {
			return text[:i] + "…"
		}
	}
	return text
}

// pad fills text up to n columns.
func pad(text string, n int) string {
	return text + strings.Repeat(" ", max(0, n-columns(text)))
}

// wrapped writes prose below an indentation, further lines a step deeper.
func (v *textView) wrapped(indent, text string) {
	v.hang(indent, indent+"    ", text)
}

// hanging writes prose behind a first column, further lines below the prose.
func (v *textView) hanging(first, text string) {
	v.hang(first, strings.Repeat(" ", columns(first)), text)
}

func (v *textView) hang(first, rest, text string) {
	line := first
	empty := true
	for word := range strings.FieldsSeq(text) {
		if !empty && columns(line)+1+columns(word) > lineWidth {
			v.line("%s", line)
			line, empty = rest, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	v.line("%s", line)
}
