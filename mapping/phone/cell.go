package phone

import (
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
	repaired  Repair
}

// written is a number as it was written: body holds digits and the separators
// " ./-()" only, and at least one digit.
type written struct {
	plus bool
	body string
}

// readCell takes a cell apart into number and extension.
func readCell(text string) (cell, error) {
	if oversized(text) {
		return cell{}, refuse(NotPossible, "far too long for a phone number")
	}
	if strings.Contains(text, "***") {
		return cell{}, refuse(NotPossible, "a masked number, as a view shows it; take the file with the clear ones")
	}
	text, folded := fold(text)
	text, unmarked, err := undamaged(text)
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
	return cell{w, extension, folded | unmarked}, nil
}

func oversized(text string) bool {
	return len(text) > maxRunes && (len(text) > maxRunes*utf8.UTFMax || utf8.RuneCountInString(text) > maxRunes)
}

// fold replaces every look-alike by the ASCII character it stands for, drops
// characters without width, and trims. A digit keeps its value in all of this.
func fold(text string) (string, Repair) {
	var repaired Repair
	if !isPlain(text) {
		text = strings.Map(func(r rune) rune {
			if r >= ' ' && r < utf8.RuneSelf {
				return r
			}
			r, repair := foldRune(r)
			repaired |= repair
			return r
		}, text)
	}
	return strings.Trim(text, " \n"), repaired
}

// isPlain reports whether a text is printable ASCII alone.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func foldRune(r rune) (rune, Repair) {
	switch {
	case r >= '０' && r <= '９':
		return r - '０' + '0', ForeignDigits
	case r >= '٠' && r <= '٩':
		return r - '٠' + '0', ForeignDigits
	case r >= '۰' && r <= '۹':
		return r - '۰' + '0', ForeignDigits
	case r >= 'Ａ' && r <= 'Ｚ', r >= 'ａ' && r <= 'ｚ', strings.ContainsRune("＋（）／．，；＃－＝", r):
		return r - '！' + '!', LookAlikes
	case strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", r):
		return '\n', 0
	case r == '\t':
		return ' ', 0
	case unicode.Is(unicode.Zs, r):
		return ' ', HiddenMarks
	case unicode.Is(unicode.Cf, r):
		return -1, HiddenMarks // zero width, soft hyphen, byte order mark, writing direction
	case strings.ContainsRune("‐‑‒–—―−﹘﹣ー", r):
		return '-', LookAlikes
	case strings.ContainsRune("·․‧∙", r):
		return '.', LookAlikes
	case strings.ContainsRune("⁄∕", r):
		return '/', LookAlikes
	case r == '’':
		return '\'', LookAlikes
	}
	return r, 0
}

var (
	// A word of which another is the beginning stands before it.
	extensionWords = []string{"extension", "ext", "durchwahl", "dw", "poste", "x", "#"}
	conjunctions   = []string{"and", "or", "und", "oder", "et", "ou", "bzw", "o", "y"}
)

const maxExtension = 7 // digits

// cutWord cuts one of the words off the beginning of a text, in any letter
// case.
func cutWord(text string, words []string) (rest string, found bool) {
	for _, w := range words {
		if len(text) >= len(w) && strings.EqualFold(text[:len(w)], w) {
			return text[len(w):], true
		}
	}
	return text, false
}

// isConjunction reports whether a text begins with a conjunction.
func isConjunction(text string) bool {
	for i := range conjunctions {
		if rest, found := cutWord(text, conjunctions[i:i+1]); found && (rest == "" || rest[0] == ' ' || rest[0] == '.') {
			return true
		}
	}
	return false
}

// cutExtensionWord cuts off the word that announces an extension, and what
// stands between word and digits.
func cutExtensionWord(text string) (rest string, found bool) {
	if rest, found = cutWord(text, extensionWords); found {
		rest = strings.TrimLeft(rest, " .:=-")
	}
	return rest, found
}

func isExtension(text string) bool { return allDigits(text) && len(text) <= maxExtension }

// cutExtension takes the extension off the end of a cell. Letters that do not
// announce one are refused here, so that no letter is ever read as a digit.
func cutExtension(text string) (number, extension string, err error) {
	at := strings.IndexFunc(text, func(r rune) bool { return r == '#' || unicode.IsLetter(r) })
	if at < 0 {
		return text, "", nil
	}
	head, tail := text[:at], text[at:]
	if isConjunction(tail) && hasDigit(head) && hasDigit(tail) {
		return "", "", refuse(SeveralNumbers, "more than one number; keep one per cell")
	}
	digits, found := cutExtensionWord(tail)
	if first, _ := utf8.DecodeRuneInString(digits); !found || unicode.IsLetter(first) {
		return "", "", refuse(Letters, "letters are not part of a phone number")
	}
	head = strings.TrimRight(head, " \n,;./-")
	if open, ok := strings.CutSuffix(head, "("); ok {
		if inner, ok := strings.CutSuffix(digits, ")"); ok {
			head, digits = strings.TrimRight(open, " \n,;./-"), inner
		}
	}
	if digits = strings.TrimSpace(digits); !isExtension(digits) {
		return "", "", refuse(Extension, "the extension cannot be read; write it in digits only, seven at most")
	}
	if !hasDigit(head) {
		return "", "", refuse(NotPossible, "an extension without a number")
	}
	return head, digits, nil
}

// readExtension reads a column of its own: digits, with or without a word.
func readExtension(column string) (string, Repair, error) {
	if column == "" {
		return "", 0, nil
	}
	unreadable := refuse(Extension, "the extension column cannot be read; write digits only, seven at most")
	if oversized(column) {
		return "", 0, unreadable
	}
	text, repaired := fold(column)
	if text == "" {
		return "", 0, nil
	}
	if text, _ = cutExtensionWord(text); !isExtension(text) {
		return "", 0, unreadable
	}
	return text, repaired, nil
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
	if !isWritten(text) {
		return written{}, refuse(NotPossible, "a character in it is not part of a phone number")
	}
	if isDivider(text[0]) || isDivider(text[len(text)-1]) {
		return written{}, refuse(NotPossible, "a dash or a slash at one end; a part seems to be missing")
	}
	before, body, plus := strings.Cut(text, "+")
	switch {
	case !plus:
		return written{body: text}, nil
	case strings.Contains(body, "+") && hasDigit(body[:strings.Index(body, "+")]), countDigits(before) > 4:
		return written{}, refuse(SeveralNumbers, "more than one number; keep one per cell")
	case strings.Contains(body, "+"), strings.Trim(before, " (") != "":
		return written{}, refuse(NotPossible, "the plus is not at the beginning")
	}
	return written{plus: true, body: body}, nil
}

// isWritten reports whether a text holds only what numbers are written with.
func isWritten(text string) bool {
	for i := range len(text) {
		if c := text[i]; !isDigit(c) && strings.IndexByte("+ ./-()", c) < 0 {
			return false
		}
	}
	return true
}

func isDivider(c byte) bool { return c == '-' || c == '/' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func hasDigit(text string) bool { return countDigits(text) > 0 }

func countDigits(text string) int {
	n := 0
	for i := range len(text) {
		if isDigit(text[i]) {
			n++
		}
	}
	return n
}

// bare is the digits of a text alone.
func bare(text string) string {
	if allDigits(text) {
		return text
	}
	var buffer [maxRunes]byte
	digits := buffer[:0]
	for i := range len(text) {
		if isDigit(text[i]) {
			digits = append(digits, text[i])
		}
	}
	return string(digits)
}
