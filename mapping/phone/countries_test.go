package phone_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"authseed/mapping/phone"
)

// examples gives one number per country and kind of line, from the numbering
// plans themselves.
func examples(t testing.TB, kind phonenumbers.PhoneNumberType) map[string]*phonenumbers.PhoneNumber {
	t.Helper()
	all := map[string]*phonenumbers.PhoneNumber{}
	for country := range phonenumbers.GetSupportedRegions() {
		if number := phonenumbers.GetExampleNumberForType(country, kind); number != nil {
			all[country] = number
		}
	}
	if len(all) < 20 {
		t.Fatalf("examples of %d countries", len(all))
	}
	return all
}

func canonical(number *phonenumbers.PhoneNumber) string {
	return fmt.Sprintf("+%d %s", number.GetCountryCode(), phonenumbers.GetNationalSignificantNumber(number))
}

func TestEveryCountry(t *testing.T) {
	kinds := map[phonenumbers.PhoneNumberType]phone.Line{
		phonenumbers.MOBILE: phone.LineMobile, phonenumbers.FIXED_LINE: phone.LineFixed,
	}
	for kind, line := range kinds {
		for country, number := range examples(t, kind) {
			want := canonical(number)
			for _, f := range []phonenumbers.PhoneNumberFormat{
				phonenumbers.E164, phonenumbers.INTERNATIONAL, phonenumbers.RFC3966, phonenumbers.NATIONAL,
			} {
				home := country
				if f != phonenumbers.NATIONAL {
					home = ""
				}
				got, err := phone.Parse(phonenumbers.Format(number, f), "", home, phone.Personal)
				switch {
				case country == "AR" && kind == phonenumbers.MOBILE && f == phonenumbers.NATIONAL:
					continue // the library groups its own example behind an area code that does not exist
				case country == "KI" && kind == phonenumbers.FIXED_LINE && f == phonenumbers.NATIONAL:
					continue // five digits, and the plan does not say where its prefix is used
				}
				if err != nil || got.Text != want || got.Line != line && got.Line != phone.LineEither {
					t.Errorf("%s, %v, format %d: %q (%v), %v; want %q", country, line, f, got.Text, got.Line, err, want)
				}
			}
			zero := "+" + strconv.Itoa(int(number.GetCountryCode())) + "0" + phonenumbers.GetNationalSignificantNumber(number)
			if got, err := phone.Parse(zero, "", country, phone.Personal); err == nil && country != "AC" { // where it is another number
				t.Errorf("%s, %v: read %q with a zero too many", country, line, got.Text)
			}
			lost := strings.TrimPrefix(phonenumbers.Format(number, phonenumbers.E164), "+")
			if got, err := phone.Parse(lost, "", country, phone.Personal); number.GetCountryCode() != 1 && problem(t, err) != phone.Damaged {
				t.Errorf("%s, %v: without its plus %q, %v", country, line, got.Text, err)
			}
		}
	}
}

func TestItalyKeepsItsZero(t *testing.T) {
	number := phonenumbers.GetExampleNumberForType("IT", phonenumbers.FIXED_LINE)
	national := phonenumbers.GetNationalSignificantNumber(number)
	if national[0] != '0' {
		t.Fatal("the example has no zero to keep")
	}
	for _, text := range []string{"+39" + national, "0039 " + national, national} {
		got, err := phone.Parse(text, "", "IT", phone.Personal)
		if err != nil || got.Text != "+39 "+national {
			t.Errorf("%q: %q, %v", text, got.Text, err)
		}
	}
}

func TestArgentinaDialsMobilesDifferently(t *testing.T) {
	got, err := phone.Parse("011 15-2345-6789", "", "AR", phone.Personal)
	if err != nil || got.Text != "+54 91123456789" || got.Line != phone.LineMobile {
		t.Errorf("%v, %v", got, err)
	}
}

func TestServiceNumbersAreRefused(t *testing.T) {
	for _, kind := range []phonenumbers.PhoneNumberType{
		phonenumbers.TOLL_FREE, phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST, phonenumbers.PAGER, phonenumbers.VOICEMAIL,
	} {
		for country := range phonenumbers.GetSupportedRegions() {
			number := phonenumbers.GetExampleNumberForType(country, kind)
			if number == nil || phonenumbers.GetNumberType(number) != kind {
				continue
			}
			got, err := phone.Parse(phonenumbers.Format(number, phonenumbers.E164), "", "", phone.Personal)
			if problem(t, err) != phone.NotValid {
				t.Errorf("%s, type %d: %q, %v", country, kind, got.Text, err)
			}
		}
	}
	for code := range phonenumbers.GetSupportedGlobalNetworkCallingCodes() {
		number := phonenumbers.GetExampleNumberForNonGeoEntity(code)
		if _, err := phone.Parse(phonenumbers.Format(number, phonenumbers.E164), "", "", phone.Personal); problem(t, err) != phone.NotValid {
			t.Errorf("code %d: %v", code, err)
		}
	}
}

func TestEmergencyNumbersAreRefused(t *testing.T) {
	for country := range phonenumbers.GetSupportedRegions() {
		code := "+" + strconv.Itoa(phonenumbers.GetCountryCodeForRegion(country))
		for _, text := range []string{"15", "17", "18", "000", "100", "101", "102", "103", "110", "111", "112", "113", "115", "117", "118", "119", "144", "190", "911", "995", "999"} {
			for _, text := range []string{text, code + text} {
				if got, err := phone.Parse(text, "", country, phone.Personal); err == nil {
					t.Errorf("%s: %q read as %q", country, text, got.Text)
				}
			}
		}
	}
}

// Other tools take a foreign number for an American one, or the number of
// digits for a country.
func TestOneNumberIsNeverAnotherCountrys(t *testing.T) {
	for country, number := range examples(t, phonenumbers.MOBILE) {
		text := phonenumbers.Format(number, phonenumbers.E164)
		for _, other := range []string{"", "US", "DE", "IT", "SG"} {
			got, err := phone.Parse(text, "", other, phone.Personal)
			if err != nil || got.Text != canonical(number) {
				t.Errorf("%s in %q: %q, %v", country, other, got.Text, err)
			}
		}
		if got, err := phone.Parse(text[1:], "", "", phone.Personal); problem(t, err) != phone.CountryUnknown {
			t.Errorf("%s without plus and country: %q, %v", country, got.Text, err)
		}
	}
	got, err := phone.Parse("+447911123456", "", "US", phone.Personal)
	if err != nil || got.Text != "+44 7911123456" {
		t.Errorf("%q, %v", got.Text, err)
	}
}

func TestLocalNumbersAreNotCompleted(t *testing.T) {
	for _, country := range []string{"DE", "AT", "FI", "HR", "ID"} {
		for n := 200_000; n < 99_999_999; n += n / 50 {
			if got, err := phone.Parse(strconv.Itoa(n), "", country, phone.Personal); err == nil {
				t.Errorf("%s: read a number of %d digits without zero or plus as %q", country, len(strconv.Itoa(n)), got.Text)
			}
		}
	}
}
