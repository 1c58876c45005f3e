package phone

import "strings"

// damage lists what spreadsheets turn phone numbers into. Some of it would read
// as a number, with other digits than the person wrote.
var damage = []struct {
	in     func(text string) bool
	detail string
}{
	{func(text string) bool { return strings.ContainsRune(text, '\uFFFD') },
		"a character was lost to a wrong encoding"},
	{func(text string) bool { return text[0] == '#' },
		"a spreadsheet shows hash marks or an error here in place of the number; widen the column or format it as text, and export again"},
	{func(text string) bool { return text[0] == '=' },
		"a formula, not a number; format the column as text and export again"},
	{isPower,
		"a spreadsheet has turned the number into a power of ten and lost digits; format the column as text and export again"},
	{isDecimal,
		"written as an amount with decimals; format the column as text and export again"},
	{isGrouped,
		"written as an amount with commas; format the column as text and export again"},
	{isDate,
		"a date, not a number; format the column as text and export again"},
}

// undamaged undoes the marks that keep a spreadsheet from touching a text, a
// leading apostrophe and ="...", and refuses what cannot be undone.
func undamaged(text string) (string, Repair, error) {
	var repaired Repair
	if inner, ok := strings.CutPrefix(text, `="`); ok {
		if inner, ok = strings.CutSuffix(inner, `"`); ok && !strings.Contains(inner, `"`) {
			text, repaired = strings.Trim(inner, " \n"), TextMark
		}
	}
	if inner, ok := strings.CutPrefix(text, "'"); ok {
		text, repaired = strings.TrimSpace(inner), repaired|Apostrophe
	}
	if isSigned(text) {
		return text[1:], repaired | TextMark, nil
	}
	if text == "" {
		return "", repaired, nil
	}
	for _, d := range damage {
		if d.in(text) {
			return "", 0, refuse(Damaged, d.detail)
		}
	}
	return text, repaired, nil
}

// isSigned finds the formula that a spreadsheet makes of a number typed with
// its plus. One run of digits says what was typed: it does not begin with a
// zero, which the spreadsheet would drop, and is not too long for it. Of
// several runs, each may have lost zeros.
func isSigned(text string) bool {
	digits, ok := strings.CutPrefix(text, "=+")
	return ok && allDigits(digits) && len(digits) >= minWhole && len(digits) <= maxDigits && digits[0] != '0'
}

// leadingDigits is how many digits a text begins with.
func leadingDigits(text string) int {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return n
}

func allDigits(text string) bool { return text != "" && leadingDigits(text) == len(text) }

// unsigned is a text without the sign before it.
func unsigned(text string) string {
	if text != "" && (text[0] == '+' || text[0] == '-') {
		return text[1:]
	}
	return text
}

// isPower finds 4.91713E+11 and its like.
func isPower(text string) bool {
	mantissa, exponent, found := strings.Cut(strings.ReplaceAll(unsigned(text), "e", "E"), "E")
	if !found || !allDigits(unsigned(exponent)) {
		return false
	}
	n := leadingDigits(mantissa)
	rest := mantissa[n:]
	return n > 0 && (rest == "" || (rest[0] == '.' || rest[0] == ',') && (len(rest) == 1 || allDigits(rest[1:])))
}

// isDecimal finds the zeros that become part of a number when a column was
// held as floating point: 491713920012.0. Fewer digits before them are a group
// of a number.
func isDecimal(text string) bool {
	text = unsigned(text)
	n := leadingDigits(text)
	rest := text[n:]
	return n >= 5 && len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') && strings.Trim(rest[1:], "0") == ""
}

// isGrouped finds 1,713,920,012.
func isGrouped(text string) bool {
	text = unsigned(text)
	n := leadingDigits(text)
	rest := text[n:]
	if n < 1 || n > 3 || rest == "" || rest[0] != ',' {
		return false
	}
	for rest != "" && rest[0] == ',' {
		if leadingDigits(rest[1:]) < 3 {
			return false
		}
		rest = rest[4:]
	}
	return rest == "" || rest[0] == '.' && allDigits(rest[1:])
}

// isDate finds a day with a year in four digits, before or after it, perhaps
// with a time.
func isDate(text string) bool {
	first := leadingDigits(text)
	second := 0
	if isDateMark(text, first) {
		second = leadingDigits(text[first+1:])
	}
	at := first + 1 + second
	if first < 1 || second < 1 || second > 2 || !isDateMark(text, at) {
		return false
	}
	third := leadingDigits(text[at+1:])
	end := at + 1
	switch {
	case first == 4 && isYear(text):
		end += min(third, 2)
		if third < 1 {
			return false
		}
	case first <= 2 && third >= 4 && isYear(text[at+1:]):
		end += 4
	default:
		return false
	}
	return end == len(text) || (text[end] == ' ' || text[end] == 'T') && !strings.Contains(text[end:], "\n")
}

func isDateMark(text string, at int) bool {
	return at < len(text) && (text[at] == '-' || text[at] == '/' || text[at] == '.')
}

func isYear(text string) bool { return strings.HasPrefix(text, "19") || strings.HasPrefix(text, "20") }
