package table

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// cellFormat is what a number format says about the numbers it shows, as far as
// it matters here.
type cellFormat struct {
	date, clock bool   // a moment, shown with these
	pattern     string // of 0, # and text that cannot be mistaken for a digit's value
}

// builtin gives the formats that a workbook names by number only.
func builtin(id int) cellFormat {
	switch {
	case id >= 14 && id <= 17:
		return cellFormat{date: true}
	case id >= 18 && id <= 21, id == 45, id == 47:
		return cellFormat{clock: true}
	// 27 to 36 and 50 to 58 are East Asian; some of them show a time only.
	case id == 22, id >= 27 && id <= 36, id >= 50 && id <= 58:
		return cellFormat{date: true, clock: true}
	}
	return cellFormat{}
}

// parseFormat reads a number format's code, of which the first section counts:
// it shows the numbers that are not negative.
func parseFormat(code string) cellFormat {
	var f cellFormat
	var pattern strings.Builder
	months, counts, plain := false, false, true
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case ';':
			i = len(code)
		case '"', '\\':
			quoted := ""
			if c == '\\' {
				quoted = code[i+1 : min(i+2, len(code))]
			} else if quoted = code[i+1:]; strings.IndexByte(quoted, '"') >= 0 {
				quoted = quoted[:strings.IndexByte(quoted, '"')]
				i++
			}
			i += len(quoted)
			pattern.WriteString(strings.NewReplacer("0", literalZero).Replace(quoted))
			plain = plain && strings.Trim(quoted, "0123456789+-() ") == ""
		case '_', '*':
			i++
			plain = false
		case '[':
			bracket, rest, _ := strings.Cut(code[i+1:], "]")
			i = len(code) - len(rest) - 1
			if strings.Trim(strings.ToLower(bracket), "hms") == "" {
				return cellFormat{} // hours and minutes of a duration, not of a day
			}
			plain = plain && strings.HasPrefix(bracket, "$-") // a language
		case 'y', 'Y', 'd', 'D':
			f.date = true
		case 'h', 'H', 's', 'S':
			f.clock = true
		case 'm', 'M':
			months = true
		case 'a', 'A':
			if strings.HasPrefix(strings.ToLower(code[i:]), "am/pm") {
				i += len("am/pm") - 1
			}
			plain = false
		case '#', '?':
			counts = true
			pattern.WriteByte(c)
			plain = plain && c == '#'
		default:
			pattern.WriteByte(c)
			plain = plain && strings.IndexByte("0+-() ", c) >= 0
		}
	}
	f.date = f.date || months && !f.clock
	if counts || strings.HasPrefix(strings.ToLower(code), "general") {
		f.date, f.clock = false, false
	}
	if plain && !f.date && !f.clock && strings.ContainsAny(pattern.String(), "0#") {
		f.pattern = pattern.String()
	}
	return f
}

// literalZero stands in a pattern for a 0 that is text, not a digit's place.
const literalZero = "\x00"

// maxSerial is the first day that a spreadsheet has no date for.
const maxSerial = 2958466

// moment gives a serial number as the date and time it is shown as, in the
// order of ISO 8601. The days of the zeroth and the never-been 29th of February
// 1900 have no date.
func (f cellFormat) moment(serial float64, date1904 bool) (string, bool) {
	if serial < 0 || serial >= maxSerial || serial < 1 && !f.clock {
		return "", false
	}
	days := math.Floor(serial)
	seconds := math.Round((serial - days) * 86400)
	switch {
	case date1904:
		days += 1462
	case days < 1:
	case days < 60:
		days++
	case days == 60:
		return "", false
	}
	day := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(days))
	at := day.Add(time.Duration(seconds) * time.Second)
	switch {
	case serial < 1:
		return at.Format(time.TimeOnly), true
	case !f.clock || f.date && seconds == 0:
		return day.Format(time.DateOnly), true
	}
	return at.Format("2006-01-02T15:04:05"), true
}

// number gives a number cell's text. Whole numbers keep their digits whatever
// the format does to them, but a format may also be where the leading zeros of
// an employee's number are, and the plus of a phone number: what the person who
// made the sheet saw. So its text counts where it adds nothing but those. A
// number of more digits than a spreadsheet keeps is shown as a power of ten,
// which no reader of cells takes for a number that is whole.
func (f cellFormat) number(raw string, date1904 bool) string {
	x, err := strconv.ParseFloat(raw, 64)
	if err != nil || strings.Trim(raw, "0123456789+-.eE") != "" {
		return raw
	}
	if f.date || f.clock {
		if text, ok := f.moment(x, date1904); ok {
			return text
		}
	}
	if x != math.Trunc(x) {
		x, _ = strconv.ParseFloat(strconv.FormatFloat(x, 'g', 15, 64), 64)
	}
	if math.Abs(x) >= 1e15 || x != 0 && math.Abs(x) < 1e-9 {
		return strconv.FormatFloat(x, 'E', -1, 64)
	}
	text := strings.TrimPrefix(strconv.FormatFloat(x, 'f', -1, 64), "-")
	if x < 0 {
		text = "-" + text
	}
	if f.pattern != "" && x >= 0 && x == math.Trunc(x) {
		if shown, ok := f.shown(text); ok {
			return shown
		}
	}
	return text
}

// shown fills the pattern with the digits, from the right.
func (f cellFormat) shown(digits string) (string, bool) {
	first := strings.IndexAny(f.pattern, "0#")
	var reversed []byte
	left := len(digits)
	for i := len(f.pattern) - 1; i >= 0; i-- {
		switch c := f.pattern[i]; {
		case c == literalZero[0]:
			reversed = append(reversed, '0')
		case c != '0' && c != '#':
			reversed = append(reversed, c)
		case i == first:
			if left == 0 && c == '0' {
				reversed = append(reversed, '0')
			}
			for ; left > 0; left-- {
				reversed = append(reversed, digits[left-1])
			}
		case left > 0:
			left--
			reversed = append(reversed, digits[left])
		case c == '0':
			reversed = append(reversed, '0')
		}
	}
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	text := strings.TrimSpace(string(reversed))
	if text == "" {
		return "", false // 0 shown by #
	}
	all := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
	if strings.HasPrefix(text, "+") {
		return text, strings.HasSuffix(all, digits)
	}
	return text, strings.TrimLeft(all, "0") == strings.TrimLeft(digits, "0") && text[0] != '-'
}
