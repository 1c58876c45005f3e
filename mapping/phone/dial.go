package phone

import "strings"

// source is how the calling code of a number was found.
type source uint8

const (
	fromHome    source = iota // it is that of the country the number is dialled in
	fromPlus                  // behind a plus
	fromPrefix                // behind an international prefix
	fromNothing               // at the beginning, with neither
)

// dialled is a number taken apart. The plan may not hold it.
type dialled struct {
	code     *callingCode
	national string // without a national prefix
	source   source
}

// fault is why digits cannot be taken apart.
type fault uint8

const (
	noFault fault = iota
	noCode        // no calling code, or none that exists
	noShape       // too few digits or too many
)

// dial takes digits apart as they are dialled at home, nil for nowhere, or
// behind a plus. It does what the library's Parse does with digits.
func dial(digits string, plus bool, home *region) (dialled, fault) {
	switch {
	case len(digits) < minNational, plus && len(digits) <= minNational:
		return dialled{}, noShape
	case !plus && home == nil:
		return dialled{}, noCode
	}
	d, why := code(digits, plus, home)
	if why == noCode && plus {
		if d, why = code(digits, false, home); d.code == nil && why == noFault {
			why = noCode
		}
	}
	if why != noFault {
		return dialled{}, why
	}
	plan := home
	if d.code != nil {
		plan = d.code.main()
	} else {
		d.code, d.national = home.code, digits
	}
	if len(d.national) < minNational {
		return dialled{}, noShape
	}
	// What is left must have a length that the plan knows; else the beginning
	// is no prefix but part of a short number.
	if rest, _ := plan.strip(d.national); plan.length(rest) == possible || plan.length(rest) == tooLong {
		d.national = rest
	}
	if len(d.national) < minNational || len(d.national) > maxNational {
		return dialled{}, noShape
	}
	return d, noFault
}

// code finds the calling code that digits begin with, no code where they are a
// number of home.
func code(digits string, plus bool, home *region) (dialled, fault) {
	found := dialled{source: fromPlus}
	if !plus {
		found.source = fromHome
		if rest, ok := home.abroad(digits); ok {
			digits, found.source = rest, fromPrefix
		}
	}
	switch {
	case found.source == fromHome && home != nil:
		if rest, ok := home.repeated(digits); ok {
			return dialled{home.code, rest, fromNothing}, noFault
		}
		return found, noFault
	case found.source == fromHome:
		return found, noFault
	case len(digits) <= minNational:
		return found, noShape
	}
	if found.code, found.national = cutCode(digits); found.code == nil {
		return found, noCode
	}
	return found, noFault
}

// cutCode cuts the calling code off the beginning.
func cutCode(digits string) (c *callingCode, rest string) {
	if strings.HasPrefix(digits, "0") {
		return nil, digits
	}
	value := 0
	for n := 1; n <= 3 && n <= len(digits); n++ {
		value = 10*value + int(digits[n-1]-'0')
		if c := numbering().codes[value]; c != nil {
			return c, digits[n:]
		}
	}
	return nil, digits
}

// abroad cuts off the prefix for calls abroad, unless a zero follows, with
// which no calling code begins.
func (r *region) abroad(digits string) (rest string, ok bool) {
	if r == nil {
		return digits, false
	}
	end := 0
	if p := r.international; p.literal {
		if !strings.HasPrefix(digits, p.pattern) {
			return digits, false
		}
		end = len(p.pattern)
	} else if at := p.first().FindStringIndex(digits); at != nil {
		end = at[1]
	} else {
		return digits, false
	}
	if rest = digits[end:]; strings.HasPrefix(rest, "0") {
		return digits, false
	}
	return rest, true
}

// repeated cuts off the region's own calling code where what follows is a
// number and the whole is not, or is too long for one.
func (r *region) repeated(digits string) (rest string, ok bool) {
	if !strings.HasPrefix(digits, r.code.digits) {
		return digits, false
	}
	rest, _ = r.strip(digits[len(r.code.digits):])
	if !r.holds(digits) && r.holds(rest) || r.length(digits) == tooLong {
		return rest, true
	}
	return digits, false
}

// strip takes the national prefix off, or replaces it as the plan says. It
// leaves a number alone that is one with its prefix and none without.
func (r *region) strip(digits string) (rest string, done bool) {
	if r.national.pattern == "" || digits == "" {
		return digits, false
	}
	if r.national.literal {
		if rest, done = strings.CutPrefix(digits, r.national.pattern); !done {
			return digits, false
		}
	} else {
		form := r.national.first()
		at := form.FindStringSubmatchIndex(digits)
		if at == nil {
			return digits, false
		}
		rest = digits[at[1]:]
		if last := len(at) - 2; r.rewrite != "" && at[last] >= 0 {
			rest = form.ReplaceAllString(digits, r.rewrite)
		}
	}
	if r.holds(digits) && !r.holds(rest) {
		return digits, false
	}
	return rest, true
}
