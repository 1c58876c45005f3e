package phone

import (
	"errors"
	"regexp"
	"strconv"
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

	italy = "39"

	// zeroMark stands for the notation "(0)" among digits.
	zeroMark = "z"
)

// reading is a number that its country's numbering plan holds.
type reading struct {
	code, national string // digits
	region         string
	line           Line
}

// read reads what was written in a country, "" where that is unknown.
func read(w written, country string) (reading, error) {
	if !phonenumbers.GetSupportedRegions()[country] {
		country = ""
	}
	w, err := withPlus(w, country)
	if err != nil {
		return reading{}, err
	}
	if several(w, country) {
		return reading{}, refuse(SeveralNumbers, "it can be read as more than one number; keep one per cell")
	}
	if w.plus {
		return international(w.digits())
	}
	return national(w.digits(), country)
}

var bracketedZero = regexp.MustCompile(`\( *0 *\)`)

// digits is the body without separators, with "(0)" as zeroMark.
func (w written) digits() string {
	parts := bracketedZero.Split(w.body, -1)
	for i, part := range parts {
		parts[i] = bare(part)
	}
	return strings.Join(parts, zeroMark)
}

// withPlus replaces the international prefix dialled in the country, such as a
// double zero, by the plus it stands for. Without a country nobody can say what
// a leading zero is.
func withPlus(w written, country string) (written, error) {
	if w.plus {
		return w, nil
	}
	if country == "" {
		return w, refuse(CountryUnknown, "national number, and no country is known; write it with a plus and its country code, or name the country")
	}
	digits := bare(w.body)
	prefix, certain := internationalPrefix(digits, country)
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
		if hasDigit(w.body[i : i+1]) {
			left--
		}
	}
}

// internationalPrefix finds the prefix for calls abroad. It is certain where it
// is the double zero and nothing longer, or the one prefix of the country and
// does not begin like a double zero. Elsewhere it contains the number of a
// carrier, and a double zero typed out of habit would lose a digit of the
// country code to it: in Singapore "0049" begins with the prefix "004".
func internationalPrefix(digits, country string) (prefix string, certain bool) {
	pattern := metadata(country).GetInternationalPrefix()
	if bare(pattern) == pattern {
		if len(pattern) < 2 || !strings.HasPrefix(digits, pattern) {
			return "", false
		}
		return pattern, pattern == "00" || !strings.HasPrefix(pattern, "00")
	}
	form, err := regexp.Compile("^(?:" + pattern + ")")
	if err != nil {
		return "", false
	}
	form.Longest()
	prefix = form.FindString(digits)
	return prefix, prefix == "00"
}

func metadata(country string) *phonenumbers.PhoneMetadata {
	all, err := phonenumbers.MetadataCollection()
	if err != nil {
		return nil // never: the library's own start needs the same data
	}
	for _, m := range all.GetMetadata() {
		if m.GetId() == country {
			return m
		}
	}
	return nil
}

// several reports whether a body without an obvious divider could be two
// numbers: a slash behind more than an area code or before a number with an
// area code of its own, as in "0171 123 / 0172 456" or "1234567/68", or a group
// that begins with a zero where what stands before and what stands behind are
// each a number.
func several(w written, country string) bool {
	for i := 1; i < len(w.body); i++ {
		slash, zero := w.body[i] == '/', w.body[i] == '0' && !hasDigit(w.body[i-1:i])
		if !slash && !zero {
			continue
		}
		head, tail := written{w.plus, w.body[:i]}, written{false, w.body[i:]}
		before, behind := head.afterCode(), bare(tail.body)
		switch {
		case slash && before != "" && behind != "":
			if len(before) > maxAreaCode || head.whole(country) != "" ||
				len(behind) > maxLocal && behind[0] == '0' && tail.whole(country) != "" {
				return true
			}
		case zero && len(before) >= minWhole && len(behind) >= minWhole:
			if region := head.whole(country); region != "" && tail.whole(region) != "" {
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
	codes := phonenumbers.GetSupportedCallingCodes()
	for n := 1; n <= 3 && n <= len(digits); n++ {
		if code, err := strconv.Atoi(digits[:n]); err == nil && codes[code] {
			return digits[n:]
		}
	}
	return digits
}

// whole is the country of a part that is a number by itself, else "".
func (w written) whole(country string) string {
	text := bare(w.body)
	if w.plus {
		text = "+" + text
	}
	number, err := phonenumbers.Parse(text, country)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return ""
	}
	return phonenumbers.GetRegionCodeForNumber(number)
}

// international reads the digits behind a plus. The library drops a national
// prefix that was left behind the country code; here every digit must be part
// of the result, except the zero of the notation "+44 (0)20 ...".
func international(digits string) (reading, error) {
	plain := strings.Replace(digits, zeroMark, "", 1)
	if strings.HasPrefix(plain, "0") {
		return reading{}, refuse(NotPossible, "a country code never begins with a zero")
	}
	if strings.Contains(plain, zeroMark) {
		return reading{}, refuse(TrunkZero, "a zero in brackets stands in it twice; leave both out")
	}
	number, err := phonenumbers.Parse("+"+plain, "")
	switch {
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return reading{}, refuse(NotPossible, "no country has its country code")
	case err != nil:
		return reading{}, refuse(NotPossible, "not the length of a phone number")
	}
	r, verdict := judge(number)
	switch {
	case len(r.code+r.national) > len(plain):
		return reading{}, refuse(NotPossible, "the area code is missing")
	case r.code+r.national != plain:
		return reading{}, refuse(TrunkZero, "the national prefix, in most countries a zero, follows the country code; leave it out")
	case digits == plain:
		return r, verdict
	case !strings.HasPrefix(digits, r.code+zeroMark):
		return reading{}, refuse(TrunkZero, "a zero in brackets that does not follow the country code; leave it out or write it as a digit")
	case phonenumbers.GetNddPrefixForRegion(phonenumbers.GetRegionCodeForCountryCode(int(number.GetCountryCode())), true) != "0":
		return reading{}, refuse(TrunkZero, "a zero in brackets, in a country where zero is not the national prefix; write the number as it is dialled from abroad")
	}
	return r, verdict
}

// national reads digits as they are dialled inside the country.
func national(digits, country string) (reading, error) {
	if strings.HasPrefix(digits, zeroMark) {
		digits = "0" + digits[1:]
	}
	if strings.Contains(digits, zeroMark) {
		return reading{}, refuse(TrunkZero, "a zero in brackets inside the number; leave it out or write it as a digit")
	}
	number, err := phonenumbers.ParseAndKeepRawInput(digits, country)
	if err != nil {
		return reading{}, refuse(NotPossible, "not the length of a phone number")
	}
	r, verdict := judge(number)
	switch {
	case number.GetCountryCodeSource() == phonenumbers.PhoneNumber_FROM_NUMBER_WITH_IDD:
		return reading{}, refuse(NotPossible, "it begins with an international prefix that can be read in several ways; write a plus instead")
	case len(r.national) > len(digits):
		return reading{}, refuse(NotPossible, "the area code is missing")
	}
	if detail := lost(number, r, verdict, digits); detail != "" {
		return reading{}, refuse(Damaged, detail)
	}
	if verdict != nil {
		return reading{}, verdict
	}
	if again, err := international(r.code + r.national); err != nil || again != r {
		return reading{}, refuse(NotValid, "its international form is not certain; write it with a plus and its country code")
	}
	return r, nil
}

// lost says what a spreadsheet seems to have taken from the beginning of a
// national number, where that leaves room for two readings.
//
// A lost plus leaves digits that may pass for a number of the wrong country:
// plans with numbers of many lengths, like the German one, hold nearly
// everything. In the North American plan a leading one is the national prefix
// and the country code alike, and every number has ten digits.
func lost(number *phonenumbers.PhoneNumber, r reading, verdict error, digits string) string {
	const plus = "a plus seems to be lost: the number begins with a country code; write it with a plus"
	abroad := func() bool {
		_, err := international(digits)
		return err == nil
	}
	withoutPlus := number.GetCountryCodeSource() == phonenumbers.PhoneNumber_FROM_NUMBER_WITHOUT_PLUS_SIGN
	switch {
	case verdict != nil:
		if abroad() {
			return plus
		}
	case r.code == "1":
	case withoutPlus, strings.HasPrefix(digits, r.code) && abroad():
		return plus
	case digits == r.national:
		return lostPrefix(number, r, abroad)
	}
	return ""
}

// lostPrefix judges a number without its national prefix. Where the plan's own
// notation has one, a number of a local length may be a local number without
// its area code. Where that notation cannot do without, only a mobile number is
// read, because those have no local form.
func lostPrefix(number *phonenumbers.PhoneNumber, r reading, abroad func() bool) string {
	notation := phonenumbers.Format(number, phonenumbers.NATIONAL)
	unknown := notation == r.national // in one piece: the plan may not say how it is written
	switch {
	case phonenumbers.GetNddPrefixForRegion(r.region, true) == "", bare(notation) == r.national && !unknown:
		return ""
	case len(r.national) <= maxLocal && !(unknown && r.line == LineMobile):
		return "neither a plus nor the leading zero, so the area code is not certain; write it with a plus and its country code"
	case phonenumbers.IsNationalPrefixPresentIfRequired(number) && !unknown:
		return ""
	case abroad():
		return "neither a plus nor the leading zero, and it could be a number of two countries; write it with a plus and its country code"
	case r.line != LineMobile:
		return "neither a plus nor the leading zero, so the area code is not certain; write it with a plus and its country code"
	}
	return ""
}

// judge asks the numbering plan. Code and national number are set even where
// the verdict is an error.
func judge(number *phonenumbers.PhoneNumber) (reading, error) {
	code := int(number.GetCountryCode())
	r := reading{code: strconv.Itoa(code), national: phonenumbers.GetNationalSignificantNumber(number)}
	if phonenumbers.GetSupportedGlobalNetworkCallingCodes()[code] {
		return r, refuse(NotValid, "an international service or satellite number; it belongs to no country and cannot be registered")
	}
	switch phonenumbers.IsPossibleNumberWithReason(number) {
	case phonenumbers.IS_POSSIBLE:
	case phonenumbers.TOO_SHORT:
		return r, refuse(NotPossible, "too short for a number of its country")
	case phonenumbers.TOO_LONG:
		return r, refuse(NotPossible, "too long for a number of its country")
	case phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return r, refuse(NotPossible, "the area code is missing")
	default:
		return r, refuse(NotPossible, "not the length of a number of its country")
	}
	if len(r.code)+len(r.national) > maxDigits {
		return r, refuse(NotPossible, "too long for an international number")
	}
	if !phonenumbers.IsValidNumber(number) {
		return r, refuse(NotValid, "not a number that its country has assigned; compare it with the original")
	}
	switch phonenumbers.GetNumberType(number) {
	case phonenumbers.MOBILE:
		r.line = LineMobile
	case phonenumbers.FIXED_LINE:
		r.line = LineFixed
	case phonenumbers.FIXED_LINE_OR_MOBILE:
		r.line = LineEither
	case phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER, phonenumbers.UAN:
		r.line = LineUnknown
	default:
		return r, refuse(NotValid, "a service number, such as toll-free, premium-rate or a pager; nobody receives codes there")
	}
	if r.code == italy && r.line == LineFixed && formerMobile(r.national) {
		return r, refuse(TrunkZero, "it looks like a mobile number with the zero that was dialled there in former times; leave that zero out")
	}
	r.region = phonenumbers.GetRegionCodeForNumber(number)
	return r, nil
}

// formerMobile reports whether an Italian number is a mobile number of today,
// ten digits, behind the zero that belonged to it until 2001. The plan's fixed
// lines have so many lengths that such a number passes for one of them.
func formerMobile(national string) bool {
	if len(national) != 11 {
		return false
	}
	number, err := phonenumbers.Parse("+"+italy+national[1:], "")
	return err == nil && phonenumbers.GetNumberType(number) == phonenumbers.MOBILE
}
