package phone

import "strings"

// lost says what a spreadsheet seems to have taken from the beginning of a
// national number, where that leaves room for two readings, and what the
// reading allows for, where it does not.
//
// A lost plus leaves digits that may pass for a number of the wrong country:
// plans with numbers of many lengths, like the German one, hold nearly
// everything. In the North American plan a leading one is the national prefix
// and the country code alike, and every number has ten digits.
func lost(number dialled, r reading, verdict error, digits string) (repaired Repair, detail string) {
	const plus = "a plus seems to be lost: the number begins with a country code; write it with a plus"
	switch {
	case verdict != nil:
		if isAbroad(digits) {
			return 0, plus
		}
	case r.code == northAmerica:
	case number.source == fromNothing, strings.HasPrefix(digits, r.code) && isAbroad(digits):
		return 0, plus
	case digits == r.national:
		return lostPrefix(r)
	}
	return 0, ""
}

// lostPrefix judges a number without its national prefix. Where the plan's own
// notation has one, a number of a local length may be a local number without
// its area code. Where that notation cannot do without, only a mobile number is
// read, because those have no local form.
func lostPrefix(r reading) (repaired Repair, detail string) {
	if mayLackZero(r) {
		return 0, lacksZero
	}
	if r.region.trunk == "" {
		return 0, ""
	}
	plan := r.region.code.main()
	notation := plan.notation().write(r.national)
	unknown := notation == r.national // in one piece: the plan may not say how it is written
	switch {
	case bare(notation) == r.national && !unknown:
		return 0, ""
	case len(r.national) <= maxLocal && !(unknown && r.line == LineMobile):
		return 0, "neither a plus nor the leading zero, so the area code is not certain; write it with a plus and its country code"
	case plan.bears(r.national) && !unknown:
		return 0, ""
	case isAbroad(r.national):
		return 0, "neither a plus nor the leading zero, and it could be a number of two countries; write it with a plus and its country code"
	case r.line != LineMobile:
		return 0, "neither a plus nor the leading zero, so the area code is not certain; write it with a plus and its country code"
	}
	return LostPrefix, ""
}

const lacksZero = "a leading zero seems to be lost; format the column as text and export again, or write the number with a plus and its country code"

// mayLackZero reports whether a number is also a fixed line that has lost its
// zero, in a plan where that zero is part of the number. In Italy what is left
// of many a fixed line passes for an old mobile number.
func mayLackZero(r reading) bool {
	if r.region.trunk != "" || strings.HasPrefix(r.national, "0") {
		return false
	}
	other, err := international(r.code + "0" + r.national)
	return err == nil && other.line == LineFixed
}
