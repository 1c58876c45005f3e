package phone

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// everyType is each type of number that a plan can have an example of.
var everyType = []phonenumbers.PhoneNumberType{
	phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.TOLL_FREE, phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST,
	phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER, phonenumbers.PAGER, phonenumbers.UAN, phonenumbers.VOICEMAIL,
}

// agree holds what the tables say of digits against what the library says.
func agree(t *testing.T, digits string, plus bool, country string) {
	t.Helper()
	home := numbering().regions[country]
	if home == nil {
		country = ""
	}
	got, why := dial(digits, plus, home)
	text := digits
	if plus {
		text = "+" + digits
	}
	want, err := phonenumbers.ParseAndKeepRawInput(text, country)
	switch {
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode) != (why == noCode), (err != nil) != (why != noFault):
		t.Fatalf("%q in %q: fault %d, and the library says %v", text, country, why, err)
	case err != nil:
		return
	}
	if code := strconv.Itoa(int(want.GetCountryCode())); got.code.digits != code || got.national != phonenumbers.GetNationalSignificantNumber(want) {
		t.Fatalf("%q in %q: +%s %s, and the library says +%s %s", text, country, got.code.digits, got.national, code, phonenumbers.GetNationalSignificantNumber(want))
	}
	sources := map[phonenumbers.PhoneNumber_CountryCodeSource]source{
		phonenumbers.PhoneNumber_FROM_DEFAULT_COUNTRY:          fromHome,
		phonenumbers.PhoneNumber_FROM_NUMBER_WITH_IDD:          fromPrefix,
		phonenumbers.PhoneNumber_FROM_NUMBER_WITHOUT_PLUS_SIGN: fromNothing,
	}
	if !plus && sources[want.GetCountryCodeSource()] != got.source {
		t.Fatalf("%q in %q: source %d, and the library says %v", text, country, got.source, want.GetCountryCodeSource())
	}
	agreeOnNumber(t, got, want)
}

func agreeOnNumber(t *testing.T, got dialled, want *phonenumbers.PhoneNumber) {
	t.Helper()
	lengths := map[phonenumbers.ValidationResult]length{
		phonenumbers.IS_POSSIBLE: possible, phonenumbers.IS_POSSIBLE_LOCAL_ONLY: localOnly, phonenumbers.TOO_SHORT: tooShort,
		phonenumbers.TOO_LONG: tooLong, phonenumbers.INVALID_LENGTH: noLength,
	}
	if l := got.code.main().length(got.national); l != lengths[phonenumbers.IsPossibleNumberWithReason(want)] {
		t.Fatalf("%v: length %d, and the library says %d", want, l, phonenumbers.IsPossibleNumberWithReason(want))
	}
	r, kind := got.code.find(got.national)
	id := ""
	if r != nil {
		id = r.id
	}
	if id != phonenumbers.GetRegionCodeForNumber(want) || kind != phonenumbers.GetNumberType(want) || phonenumbers.IsValidNumber(want) != (kind != phonenumbers.UNKNOWN) {
		t.Fatalf("%v: %q, type %d, and the library says %q, type %d", want, id, kind, phonenumbers.GetRegionCodeForNumber(want), phonenumbers.GetNumberType(want))
	}
	main := got.code.main()
	if main.trunk != phonenumbers.GetNddPrefixForRegion(main.id, true) {
		t.Fatalf("%s: national prefix %q", main.id, main.trunk)
	}
	if want.GetNationalNumber() == 0 {
		return // the library does not group zeros alone
	}
	if grouped := main.notation().write(got.national); grouped != phonenumbers.Format(want, phonenumbers.NATIONAL) {
		t.Fatalf("%v: written %q, and the library writes %q", want, grouped, phonenumbers.Format(want, phonenumbers.NATIONAL))
	}
	if bare := phonenumbers.GetNationalSignificantNumber(want); want.GetRawInput() == bare && got.source == fromHome && !got.code.global &&
		main.bears(bare) != phonenumbers.IsNationalPrefixPresentIfRequired(want) {
		t.Fatalf("%v: bears its lack of a prefix %t", want, main.bears(bare))
	}
}

// The tables are a second implementation; the library is their specification.
func TestPlansAgreeWithTheLibrary(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for country := range phonenumbers.GetSupportedRegions() {
		code := strconv.Itoa(phonenumbers.GetCountryCodeForRegion(country))
		var nationals []string
		for _, kind := range everyType {
			if n := phonenumbers.GetExampleNumberForType(country, kind); n != nil {
				nationals = append(nationals, phonenumbers.GetNationalSignificantNumber(n))
			}
		}
		// numbers that begin like a real one
		digits := []byte(nationals[random.IntN(len(nationals))])
		for i := random.IntN(len(digits)); i < len(digits); i++ {
			digits[i] = byte('0' + random.IntN(10))
		}
		nationals = append(nationals, string(digits), string(digits[1:]), string(digits)+"0")
		for _, n := range nationals {
			for _, digits := range []string{n, "0" + n, "1" + n, "8" + n, code + n, code + "0" + n, "00" + code + n, "011" + code + n, n[len(n)/2:]} {
				agree(t, digits, false, country)
				agree(t, digits, true, country)
				agree(t, digits, true, "")
			}
		}
	}
	for code := range phonenumbers.GetSupportedGlobalNetworkCallingCodes() {
		n := phonenumbers.GetExampleNumberForNonGeoEntity(code)
		agree(t, phonenumbers.Format(n, phonenumbers.E164)[1:], true, "")
	}
}

func FuzzPlans(f *testing.F) {
	for _, digits := range []string{"", "0", "00", "02079460123", "442079460123", "00442079460123", "2025550123", "5550123", "01123456789", "0111523456789", "88", "999123"} {
		f.Add(digits, "GB", true)
		f.Add(digits, "US", false)
		f.Add(digits, "AR", false)
	}
	f.Fuzz(func(t *testing.T, digits, country string, plus bool) {
		if digits = bare(digits); digits == "" || len(digits) > maxRunes {
			return // nobody asks the plans for those
		}
		agree(t, digits, plus, country)
	})
}

func TestAutomatonTakesEveryPlan(t *testing.T) {
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range collection.GetMetadata() {
		for _, d := range []*phonenumbers.PhoneNumberDesc{
			m.GetGeneralDesc(), m.GetPremiumRate(), m.GetTollFree(), m.GetSharedCost(), m.GetVoip(), m.GetPersonalNumber(),
			m.GetPager(), m.GetUan(), m.GetVoicemail(), m.GetFixedLine(), m.GetMobile(),
		} {
			if _, err := newAutomaton([]string{d.GetNationalNumberPattern()}); err != nil {
				t.Errorf("%s: %v", m.GetId(), err)
			}
		}
		if len(m.GetNumberFormat()) > maxPatterns/2 {
			t.Errorf("%s has more formats than an automaton takes", m.GetId())
		}
	}
	if _, err := newAutomaton([]string{`\d$`}); err == nil {
		t.Error("took a pattern that looks around")
	}
	if a := must([]string{`\d$`}); a.match("1") != 0 || a.match("") != 0 {
		t.Error("a pattern that was not taken matches")
	}
}

func TestAutomatonMatchesAsRegexp(t *testing.T) {
	patterns := []string{``, `\d`, `1|12|123`, `(?:1[2-5]|20)\d{2,4}`, `[^3]+`, `(1?2)*3`, `0{3}`}
	a, err := newAutomaton(patterns)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 5000 {
		digits := strings.TrimPrefix(strconv.Itoa(n), "4") // some begin with a zero, one is empty
		for i, p := range patterns {
			want := regexp.MustCompile("^(?:" + p + ")$").MatchString(digits)
			if got := a.match(digits)&(1<<i) != 0; got != want {
				t.Fatalf("%q against %q: %t", digits, p, got)
			}
		}
	}
}
