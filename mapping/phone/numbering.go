package phone

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

const (
	// maxDigits is the length of the longest international number, country
	// code included (ITU-T Recommendation E.164).
	maxDigits = 15

	// minWhole and maxAreaCode, in digits with the national prefix, help to
	// tell two numbers in one cell from one number in groups.
	minWhole    = 7
	maxAreaCode = 6

	// maxLocal is the length of the longest number dialled inside an area.
	maxLocal = 8

	italy        = "39"
	northAmerica = "1"

	// zeroMark stands for the notation "(0)" among digits.
	zeroMark = "z"
)

// reading is a number that its country's numbering plan holds.
type reading struct {
	code, national string // digits
	region         *region
	line           Line
	repaired       Repair
}

// same reports whether two readings are of one number.
func (r reading) same(other reading) bool {
	r.repaired, other.repaired = 0, 0
	return r == other
}

// read reads what was written in a country, nil where that is unknown.
func read(w written, home *region) (reading, error) {
	abroad, err := withPlus(w, home)
	if err != nil {
		return reading{}, err
	}
	if several(abroad, home) {
		return reading{}, refuse(SeveralNumbers, "it can be read as more than one number; keep one per cell")
	}
	if !abroad.plus {
		return national(abroad.digits(), home)
	}
	r, err := international(abroad.digits())
	if !w.plus {
		r.repaired |= DialPrefix
	}
	return r, err
}

// digits is the body without separators, with "(0)" as zeroMark.
func (w written) digits() string {
	if strings.IndexByte(w.body, '(') < 0 {
		return bare(w.body)
	}
	var buffer [maxRunes]byte
	digits := buffer[:0]
	for i := 0; i < len(w.body); i++ {
		if n := bracketedZero(w.body[i:]); n > 0 {
			digits = append(digits, zeroMark...)
			i += n - 1
		} else if isDigit(w.body[i]) {
			digits = append(digits, w.body[i])
		}
	}
	return string(digits)
}

// bracketedZero is the length of a "(0)", perhaps spaced, that a text begins
// with, zero for none.
func bracketedZero(text string) int {
	if text[0] != '(' {
		return 0
	}
	rest, zero := strings.CutPrefix(strings.TrimLeft(text[1:], " "), "0")
	rest, closed := strings.CutPrefix(strings.TrimLeft(rest, " "), ")")
	if !zero || !closed {
		return 0
	}
	return len(text) - len(rest)
}

// withPlus replaces the international prefix dialled in the country, such as a
// double zero, by the plus it stands for. Without a country nobody can say what
// a leading zero is.
func withPlus(w written, home *region) (written, error) {
	if w.plus {
		return w, nil
	}
	if home == nil {
		return w, homeless(w)
	}
	if home.international.literal && !mayBegin(w.body, home.international.pattern) && !mayBegin(w.body, "00") {
		return w, nil
	}
	digits := bare(w.body)
	prefix, certain := internationalPrefix(digits, home)
	switch {
	case prefix == "" && strings.HasPrefix(digits, "00"):
		return w, refuse(NotPossible, "a double zero is not the international prefix of its country; write a plus instead")
	case prefix == "":
		return w, nil
	case !certain:
		return w, refuse(NotPossible, "it begins with an international prefix that can be read in several ways; write a plus instead")
	}
	for i, left := 0, len(prefix); ; i++ {
		if left == 0 {
			return written{plus: true, body: w.body[i:]}, nil
		}
		if isDigit(w.body[i]) {
			left--
		}
	}
}

// mayBegin reports whether the digits of a body begin with a prefix.
func mayBegin(body, prefix string) bool {
	for i := 0; i < len(body) && prefix != ""; i++ {
		if isDigit(body[i]) {
			if body[i] != prefix[0] {
				return false
			}
			prefix = prefix[1:]
		}
	}
	return prefix == ""
}

// homeless says what is missing where no country is known.
func homeless(w written) error {
	if digits := w.digits(); !strings.HasPrefix(digits, "0") && isAbroad(digits) {
		return &Error{CountryUnknown, "no plus, and no country is known; it may begin with a country code that has lost its plus; write it with a plus, or name the country", true}
	}
	return refuse(CountryUnknown, "national number, and no country is known; write it with a plus and its country code, or name the country")
}

// internationalPrefix finds the prefix for calls abroad. It is certain where it
// is the double zero and nothing longer, or the one prefix of the country and
// does not begin like a double zero. Elsewhere it contains the number of a
// carrier, and a double zero typed out of habit would lose a digit of the
// country code to it: in Singapore "0049" begins with the prefix "004".
func internationalPrefix(digits string, home *region) (prefix string, certain bool) {
	p := home.international
	if !p.literal {
		prefix = p.longest().FindString(digits)
		return prefix, prefix == "00"
	}
	if len(p.pattern) < 2 || !strings.HasPrefix(digits, p.pattern) {
		return "", false
	}
	return p.pattern, p.pattern == "00" || !strings.HasPrefix(p.pattern, "00")
}

// several reports whether a body without an obvious divider could be two
// numbers: a slash behind more than an area code or before a number with an
// area code of its own, as in "0171 123 / 0172 456" or "1234567/68", or a group
// that begins with a zero where what stands before and what stands behind are
// each a number.
func several(w written, home *region) bool {
	for i := 1; i < len(w.body); i++ {
		slash, zero := w.body[i] == '/', w.body[i] == '0' && !isDigit(w.body[i-1])
		if !slash && (!zero || countDigits(w.body[i:]) < minWhole) {
			continue
		}
		head, tail := written{w.plus, w.body[:i]}, written{false, w.body[i:]}
		before, behind := head.afterCode(), bare(tail.body)
		switch {
		case slash && before != "" && behind != "":
			if len(before) > maxAreaCode || head.whole(home) != nil ||
				len(behind) > maxLocal && behind[0] == '0' && tail.whole(home) != nil {
				return true
			}
		case zero && len(before) >= minWhole:
			if r := head.whole(home); r != nil && !r.code.global && tail.whole(r) != nil {
				return true
			}
		}
	}
	return false
}

// afterCode is the digits of a beginning behind its country code.
func (w written) afterCode() string {
	digits := bare(w.body)
	if !w.plus {
		return digits
	}
	value := 0
	for n := 1; n <= 3 && n <= len(digits); n++ {
		value = 10*value + int(digits[n-1]-'0')
		if numbering().codes[value] != nil {
			return digits[n:]
		}
	}
	return digits
}

// whole is the region of a part that is a number by itself, else nil.
func (w written) whole(home *region) *region {
	d, why := dial(bare(w.body), w.plus, home)
	if why != noFault {
		return nil
	}
	r, kind := d.code.find(d.national)
	if kind == phonenumbers.UNKNOWN {
		return nil
	}
	return r
}

// international reads the digits behind a plus. A national prefix that was left
// behind the country code is never dropped: every digit must be part of the
// result, except the zero of the notation "+44 (0)20 ...".
func international(digits string) (reading, error) {
	plain := strings.Replace(digits, zeroMark, "", 1)
	if strings.HasPrefix(plain, "0") {
		return reading{}, refuse(NotPossible, "a country code never begins with a zero")
	}
	if strings.Contains(plain, zeroMark) {
		return reading{}, refuse(TrunkZero, "a zero in brackets stands in it twice; leave both out")
	}
	number, why := dial(plain, true, nil)
	switch why {
	case noCode:
		return reading{}, refuse(NotPossible, "no country has its country code")
	case noShape:
		return reading{}, refuse(NotPossible, "not the length of a phone number")
	}
	r, verdict := judge(number)
	switch {
	case len(r.code)+len(r.national) > len(plain):
		return reading{}, refuse(NotPossible, "the area code is missing")
	case plain[:len(r.code)] != r.code || plain[len(r.code):] != r.national:
		return reading{}, refuse(TrunkZero, "the national prefix, in most countries a zero, follows the country code; leave it out")
	case digits == plain:
		return r, verdict
	case !strings.HasPrefix(digits[len(r.code):], zeroMark):
		return reading{}, refuse(TrunkZero, "a zero in brackets that does not follow the country code; leave it out or write it as a digit")
	case number.code.main().trunk != "0":
		return reading{}, refuse(TrunkZero, "a zero in brackets, in a country where zero is not the national prefix; write the number as it is dialled from abroad")
	}
	r.repaired = BracketedZero
	return r, verdict
}

// isAbroad reports whether digits are a number behind a plus.
func isAbroad(digits string) bool {
	_, err := international(digits)
	return err == nil
}

// national reads digits as they are dialled inside the country.
func national(digits string, home *region) (reading, error) {
	if strings.HasPrefix(digits, zeroMark) {
		digits = "0" + digits[1:]
	}
	if strings.Contains(digits, zeroMark) {
		return reading{}, refuse(TrunkZero, "a zero in brackets inside the number; leave it out or write it as a digit")
	}
	number, why := dial(digits, false, home)
	if why != noFault {
		return reading{}, refuse(NotPossible, "not the length of a phone number")
	}
	r, verdict := judge(number)
	switch {
	case number.source == fromPrefix:
		return reading{}, refuse(NotPossible, "it begins with an international prefix that can be read in several ways; write a plus instead")
	case len(r.national) > len(digits):
		return reading{}, refuse(NotPossible, "the area code is missing")
	}
	repaired, detail := lost(number, r, verdict, digits)
	if detail != "" {
		return reading{}, refuse(Damaged, detail)
	}
	if verdict != nil {
		return reading{}, verdict
	}
	if again, err := international(r.code + r.national); err != nil || again != r {
		return reading{}, refuse(NotValid, "its international form is not certain; write it with a plus and its country code")
	}
	r.repaired = repaired
	return r, nil
}
