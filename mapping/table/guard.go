package table

import (
	"encoding/csv"
	"strings"
	"unicode"
)

// triggers are what a cell begins with that a spreadsheet takes for a formula,
// or cuts off to find one (owasp.org, "CSV Injection"). The wide ones are those
// of a Japanese keyboard.
const triggers = "=+-@\t\r\n＝＋－＠"

// Guard puts an apostrophe before a cell that a spreadsheet would run as a
// formula or turn into a number, a phone with its plus for one: with it Excel
// and LibreOffice show a text. [Unguard] gives every cell back as it was.
func Guard(cell string) string {
	if triggering(cell) {
		return "'" + cell
	}
	return cell
}

// Unguard takes off what [Guard] put on, and nothing else.
func Unguard(cell string) string {
	if rest, marked := strings.CutPrefix(cell, "'"); marked && triggering(rest) {
		return rest
	}
	return cell
}

// triggering reports whether a cell begins with a trigger. Apostrophes may stand
// before it, or a cell that begins with one of its own could not be told from a
// guarded one.
func triggering(cell string) bool {
	for _, r := range cell {
		switch {
		case strings.ContainsRune(triggers, r):
			return true
		case r != '\'' && !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r):
			return false
		}
	}
	return false
}

// guarding guards every cell it writes.
type guarding struct{ *csv.Writer }

// Write implements gocsv's writer.
func (g guarding) Write(row []string) error {
	guarded := make([]string, len(row))
	for i, cell := range row {
		guarded[i] = Guard(cell)
	}
	return g.Writer.Write(guarded)
}
