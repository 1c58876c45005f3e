package phone

import "github.com/nyaruka/phonenumbers"

const serviceNumber = "an international service or satellite number; it belongs to no country and cannot be registered"

// judge asks the numbering plan. Code and national number are set even where
// the verdict is an error.
func judge(number dialled) (reading, error) {
	r := reading{code: number.code.digits, national: number.national}
	if number.code.global {
		return r, refuse(NotValid, serviceNumber)
	}
	switch number.code.main().length(number.national) {
	case possible:
	case tooShort:
		return r, refuse(NotPossible, "too short for a number of its country")
	case tooLong:
		return r, refuse(NotPossible, "too long for a number of its country")
	case localOnly:
		return r, refuse(NotPossible, "the area code is missing")
	default:
		return r, refuse(NotPossible, "not the length of a number of its country")
	}
	if len(r.code)+len(r.national) > maxDigits {
		return r, refuse(NotPossible, "too long for an international number")
	}
	region, kind := number.code.find(number.national)
	switch kind {
	case phonenumbers.UNKNOWN:
		return r, refuse(NotValid, "not a number that its country has assigned; compare it with the original")
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
	r.region = region
	return r, nil
}

// formerMobile reports whether an Italian number is a mobile number of today,
// ten digits, behind the zero that belonged to it until 2001. The plan's fixed
// lines have so many lengths that such a number passes for one of them.
func formerMobile(national string) bool {
	if len(national) != 11 {
		return false
	}
	number, why := dial(italy+national[1:], true, nil)
	if why != noFault {
		return false
	}
	_, kind := number.code.find(number.national)
	return kind == phonenumbers.MOBILE
}
