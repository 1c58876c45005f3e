package phone

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxRunes bounds the work on one cell. The longest honest cell, an
// international number with generous spacing and an extension in words, stays
// well below.
const maxRunes = 64

// cell is what one cell says, before any numbering plan is asked.
type cell struct {
	written   written
	extension string // digits, or ""
}

// written is a number as it was written: body holds digits and the separators
// " ./-()" only, and at least one digit.
type written struct {
	plus bool
	body string
}

// readCell takes a cell apart into number and extension.
func readCell(text string) (cell, error) {
	if tooLong(text) {
		return cell{}, refuse(NotPossible, "far too long for a phone number")
	}
	text, err := undamaged(fold(text))
	if err != nil {
		return cell{}, err
	}
	if len(text) >= 4 && strings.EqualFold(text[:4], "tel:") {
		text = strings.TrimSpace(text[4:])
	}
	number, extension, err := cutExtension(text)
	if err != nil {
		return cell{}, err
	}
	w, err := shape(number)
	if err != nil {
		return cell{}, err
	}
	return cell{w, extension}, nil
}

func tooLong(text string) bool {
	return len(text) > maxRunes*utf8.UTFMax || utf8.RuneCountInString(text) > maxRunes
}

// fold replaces every look-alike by the ASCII character it stands for, drops
// characters without width, and trims. A digit keeps its value in all of this.
func fold(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９', r >= 'Ａ' && r <= 'Ｚ', r >= 'ａ' && r <= 'ｚ', strings.ContainsRune("＋（）／．，；＃－＝", r):
			return r - '！' + '!'
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		case strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", r):
			return '\n'
		case r == '\t' || unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1 // zero width, soft hyphen, byte order mark, writing direction
		case strings.ContainsRune("‐‑‒–—―−﹘﹣ー", r):
			return '-'
		case strings.ContainsRune("·․‧∙", r):
			return '.'
		case strings.ContainsRune("⁄∕", r):
			return '/'
		case r == '’':
			return '\''
		}
		return r
	}, text)
	return strings.Trim(text, " \n")
}

// damage lists what spreadsheets turn phone numbers into. Some of it would read
// as a number, with other digits than the person wrote.
var damage = []struct {
	form   *regexp.Regexp
	detail string
}{
	{regexp.MustCompile(`\x{FFFD}`),
		"a character was lost to a wrong encoding"},
	{regexp.MustCompile(`^#`),
		"a spreadsheet shows hash marks or an error here in place of the number; widen the column or format it as text, and export again"},
	{regexp.MustCompile(`^=`),
		"a formula, not a number; format the column as text and export again"},
	{regexp.MustCompile(`^[+-]?\d+(?:[.,]\d*)?[eE][+-]?\d+$`),
		"a spreadsheet has turned the number into a power of ten and lost digits; format the column as text and export again"},
	{regexp.MustCompile(`^[+-]?\d{5,}[.,]0{1,2}$`),
		"written as an amount with decimals; format the column as text and export again"},
	{regexp.MustCompile(`^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$`),
		"written as an amount with commas; format the column as text and export again"},
	{regexp.MustCompile(`^(?:(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d)(?:[ T].*)?$`),
		"a date, not a number; format the column as text and export again"},
}

// undamaged undoes the two marks that keep a spreadsheet from touching a text,
// a leading apostrophe and ="...", and refuses what cannot be undone.
func undamaged(text string) (string, error) {
	if inner, ok := strings.CutPrefix(text, `="`); ok {
		if inner, ok = strings.CutSuffix(inner, `"`); ok && !strings.Contains(inner, `"`) {
			text = strings.Trim(inner, " \n")
		}
	}
	text = strings.TrimSpace(strings.TrimPrefix(text, "'"))
	for _, d := range damage {
		if d.form.MatchString(text) {
			return "", refuse(Damaged, d.detail)
		}
	}
	return text, nil
}

var (
	extensionWord   = regexp.MustCompile(`(?i)^(?:extension|ext|durchwahl|dw|poste|x|#)[ .:=-]*`)
	extensionDigits = regexp.MustCompile(`^\d{1,7}$`)
	conjunction     = regexp.MustCompile(`(?i)^(?:and|or|und|oder|et|ou|bzw|o|y)(?:[ .]|$)`)
)

// cutExtension takes the extension off the end of a cell. Letters that do not
// announce one are refused here, so that no letter is ever read as a digit.
func cutExtension(text string) (number, extension string, err error) {
	at := strings.IndexFunc(text, func(r rune) bool { return r == '#' || unicode.IsLetter(r) })
	if at < 0 {
		return text, "", nil
	}
	head, tail := text[:at], text[at:]
	if conjunction.MatchString(tail) && hasDigit(head) && hasDigit(tail) {
		return "", "", refuse(SeveralNumbers, "more than one number; keep one per cell")
	}
	digits := tail[len(extensionWord.FindString(tail)):]
	if first, _ := utf8.DecodeRuneInString(digits); digits == tail || unicode.IsLetter(first) {
		return "", "", refuse(Letters, "letters are not part of a phone number")
	}
	head = strings.TrimRight(head, " \n,;./-")
	if open, ok := strings.CutSuffix(head, "("); ok {
		if inner, ok := strings.CutSuffix(digits, ")"); ok {
			head, digits = strings.TrimRight(open, " \n,;./-"), inner
		}
	}
	if digits = strings.TrimSpace(digits); !extensionDigits.MatchString(digits) {
		return "", "", refuse(Extension, "the extension cannot be read; write it in digits only, seven at most")
	}
	if !hasDigit(head) {
		return "", "", refuse(NotPossible, "an extension without a number")
	}
	return head, digits, nil
}

// readExtension reads a column of its own: digits, with or without a word.
func readExtension(column string) (string, error) {
	unreadable := refuse(Extension, "the extension column cannot be read; write digits only, seven at most")
	if tooLong(column) {
		return "", unreadable
	}
	text := fold(column)
	if text == "" {
		return "", nil
	}
	text = text[len(extensionWord.FindString(text)):]
	if !extensionDigits.MatchString(text) {
		return "", unreadable
	}
	return text, nil
}

// shape checks that a text is written like one number.
func shape(text string) (written, error) {
	text = strings.Trim(text, " \n,;|")
	if !hasDigit(text) {
		return written{}, refuse(NotPossible, "no digits in it")
	}
	if strings.ContainsAny(text, "\n,;|&") {
		return written{}, refuse(SeveralNumbers, "more than one number; keep one per cell")
	}
	if strings.ContainsFunc(text, notInNumbers) {
		return written{}, refuse(NotPossible, "a character in it is not part of a phone number")
	}
	if strings.IndexAny(text, "-/") == 0 || strings.LastIndexAny(text, "-/") == len(text)-1 {
		return written{}, refuse(NotPossible, "a dash or a slash at one end; a part seems to be missing")
	}
	before, body, plus := strings.Cut(text, "+")
	switch {
	case !plus:
		return written{body: text}, nil
	case strings.Contains(body, "+") && hasDigit(body[:strings.Index(body, "+")]), len(bare(before)) > 4:
		return written{}, refuse(SeveralNumbers, "more than one number; keep one per cell")
	case strings.Contains(body, "+"), strings.Trim(before, " (") != "":
		return written{}, refuse(NotPossible, "the plus is not at the beginning")
	}
	return written{plus: true, body: body}, nil
}

func notInNumbers(r rune) bool { return !strings.ContainsRune("+0123456789 ./-()", r) }

func hasDigit(text string) bool { return strings.ContainsAny(text, "0123456789") }

// bare is the digits of a text alone.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}
