package phone

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// The numbering plans are those of libphonenumber, kept here in tables that
// answer fast. Every answer is the library's own: its tests ask both.

// region is the plan of one country, or of one international service.
type region struct {
	id   string // ISO 3166 alpha-2, or 001
	code *callingCode

	trunk         string // digits dialled before a national number, "" for none
	national      prefix // that prefix and the codes of carriers, as people dial them
	international prefix // for calls abroad
	rewrite       string // what national is replaced by, in the notation of package regexp

	lengths [beyond + 1]length // what the plan says of a number, by its length
	typed   [beyond + 1]uint64 // the patterns that have numbers of a length
	leads   bool               // leading digits tell the region from others with its code

	patterns func() *automaton
	notation func() notation
}

// callingCode is what is dialled behind the plus.
type callingCode struct {
	digits  string
	regions []*region // the main one first
	global  bool      // an international service
}

func (c *callingCode) main() *region { return c.regions[0] }

const (
	// minNational and maxNational bound the digits of a national number. The
	// second is more than the standard allows; Germany has had some.
	minNational = 2
	maxNational = 17

	beyond = maxNational + 1 // stands for every greater length
)

// length is what a plan says of the length of a number.
type length uint8

const (
	noLength length = iota // other numbers are shorter, and others longer
	possible
	localOnly
	tooShort
	tooLong
)

// The patterns of a region, in the order of its automaton.
const (
	general = iota // any number of the region
	premiumRate
	tollFree
	sharedCost
	voip
	personal
	pager
	uan
	voicemail
	fixedLine
	mobile
	sameLines // not a pattern: fixed and mobile numbers look the same
	leading   // any digits behind the leading ones
)

type plans struct {
	regions map[string]*region // countries alone
	codes   [1000]*callingCode
}

var numbering = sync.OnceValue(func() *plans {
	p := &plans{regions: map[string]*region{}}
	all := map[string]*region{}
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		return p // never: the library's own start needs the same data
	}
	for _, m := range collection.GetMetadata() {
		all[m.GetId()+strconv.Itoa(int(m.GetCountryCode()))] = newRegion(m)
	}
	for code := range phonenumbers.GetSupportedCallingCodes() {
		c := &callingCode{digits: strconv.Itoa(code), global: phonenumbers.GetSupportedGlobalNetworkCallingCodes()[code]}
		for _, id := range phonenumbers.GetRegionCodesForCountryCode(code) {
			if r := all[id+c.digits]; r != nil {
				r.code = c
				c.regions = append(c.regions, r)
				if phonenumbers.GetSupportedRegions()[id] {
					p.regions[id] = r
				}
			}
		}
		if len(c.regions) > 0 {
			p.codes[code] = c
		}
	}
	return p
})

func newRegion(m *phonenumbers.PhoneMetadata) *region {
	r := &region{
		id:            m.GetId(),
		trunk:         strings.ReplaceAll(m.GetNationalPrefix(), "~", ""),
		national:      newPrefix(m.GetNationalPrefixForParsing()),
		international: newPrefix(m.GetInternationalPrefix()),
		rewrite:       m.GetNationalPrefixTransformRule(),
		leads:         m.GetLeadingDigits() != "",
		notation:      sync.OnceValue(func() notation { return newNotation(m) }),
	}
	kinds := [...]*phonenumbers.PhoneNumberDesc{
		general: m.GetGeneralDesc(), premiumRate: m.GetPremiumRate(), tollFree: m.GetTollFree(),
		sharedCost: m.GetSharedCost(), voip: m.GetVoip(), personal: m.GetPersonalNumber(), pager: m.GetPager(),
		uan: m.GetUan(), voicemail: m.GetVoicemail(), fixedLine: m.GetFixedLine(), mobile: m.GetMobile(),
	}
	for n := range r.typed {
		r.lengths[n] = lengthOf(m.GetGeneralDesc(), n)
		r.typed[n] = 1 << leading
		if m.GetSameMobileAndFixedLinePattern() {
			r.typed[n] |= 1 << sameLines
		}
		for kind, d := range kinds {
			if len(d.GetPossibleLength()) == 0 && d != nil || hasLength(d.GetPossibleLength(), n) {
				r.typed[n] |= 1 << kind
			}
		}
	}
	r.patterns = sync.OnceValue(func() *automaton {
		list := make([]string, leading+1)
		for kind, d := range kinds {
			list[kind] = d.GetNationalNumberPattern()
		}
		list[sameLines] = `\d*`
		list[leading] = `(?:` + m.GetLeadingDigits() + `)\d*`
		return must(list)
	})
	return r
}

// must makes an automaton. Patterns that it cannot take, of which no plan has
// any, match nothing: then numbers are refused, and none is read wrongly.
func must(patterns []string) *automaton {
	a, err := newAutomaton(patterns)
	if err != nil {
		return &automaton{make([][10]uint16, start+1), make([]uint64, start+1)}
	}
	return a
}

func hasLength(lengths []int32, n int) bool {
	for _, l := range lengths {
		if int(l) == n {
			return true
		}
	}
	return false
}

func lengthOf(d *phonenumbers.PhoneNumberDesc, n int) length {
	all := d.GetPossibleLength() // ascending
	switch {
	case len(all) == 0:
		return noLength
	case hasLength(d.GetPossibleLengthLocalOnly(), n):
		return localOnly
	case hasLength(all, n):
		return possible
	case n < int(all[0]):
		return tooShort
	case n > int(all[len(all)-1]):
		return tooLong
	}
	return noLength
}

// length judges the length of a national number.
func (r *region) length(national string) length { return r.lengths[min(len(national), beyond)] }

// holds reports whether digits look like any number of the region, whatever
// their length.
func (r *region) holds(digits string) bool { return r.patterns().match(digits)&(1<<general) != 0 }

// match returns the patterns that a national number matches, length included.
func (r *region) match(national string) uint64 {
	return r.patterns().match(national) & r.typed[min(len(national), beyond)]
}

// typeOf is the type of number that the result of [region.match] stands for.
func typeOf(matched uint64) phonenumbers.PhoneNumberType {
	is := func(kind int) bool { return matched&(1<<kind) != 0 }
	switch {
	case !is(general):
		return phonenumbers.UNKNOWN
	case is(premiumRate):
		return phonenumbers.PREMIUM_RATE
	case is(tollFree):
		return phonenumbers.TOLL_FREE
	case is(sharedCost):
		return phonenumbers.SHARED_COST
	case is(voip):
		return phonenumbers.VOIP
	case is(personal):
		return phonenumbers.PERSONAL_NUMBER
	case is(pager):
		return phonenumbers.PAGER
	case is(uan):
		return phonenumbers.UAN
	case is(voicemail):
		return phonenumbers.VOICEMAIL
	case is(fixedLine) && (is(sameLines) || is(mobile)):
		return phonenumbers.FIXED_LINE_OR_MOBILE
	case is(fixedLine):
		return phonenumbers.FIXED_LINE
	case is(mobile) && !is(sameLines):
		return phonenumbers.MOBILE
	}
	return phonenumbers.UNKNOWN
}

// find returns the region that a national number belongs to, nil for none, and
// its type there, which may be UNKNOWN: then the number is not valid.
func (c *callingCode) find(national string) (*region, phonenumbers.PhoneNumberType) {
	if len(c.regions) == 1 {
		return c.regions[0], typeOf(c.regions[0].match(national))
	}
	for _, r := range c.regions {
		matched := r.match(national)
		kind := typeOf(matched)
		if r.leads && matched&(1<<leading) != 0 || !r.leads && kind != phonenumbers.UNKNOWN {
			return r, kind
		}
	}
	return nil, phonenumbers.UNKNOWN
}

// prefix is what stands at the beginning of digits.
type prefix struct {
	pattern string
	literal bool                  // the pattern is digits, and at least one
	first   func() *regexp.Regexp // its first way to match, as the library asks
	longest func() *regexp.Regexp // its longest way to match
}

func newPrefix(pattern string) prefix {
	compile := func() *regexp.Regexp {
		form, err := regexp.Compile("^(?:" + pattern + ")")
		if err != nil {
			return regexp.MustCompile(`$.`) // never: the library compiles the same
		}
		return form
	}
	return prefix{
		pattern: pattern,
		literal: pattern != "" && bare(pattern) == pattern,
		first:   sync.OnceValue(compile),
		longest: sync.OnceValue(func() *regexp.Regexp {
			form := compile()
			form.Longest()
			return form
		}),
	}
}
