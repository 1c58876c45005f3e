package phone_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"authseed/mapping/phone"
)

func TestJoin(t *testing.T) {
	const gb = "+44 1214146951"
	tests := []struct {
		parts   phone.Parts
		country string
		want    string
	}{
		{phone.Parts{"44", "0121", "414 6951", ""}, "", gb},
		{phone.Parts{"+44", "0121", "414 6951", ""}, "", gb},
		{phone.Parts{"0044", "0121", "414 6951", ""}, "", gb},
		{phone.Parts{" (+44) ", "(0121)", "414-6951", ""}, "DE", gb},
		{phone.Parts{"44", "(0)121", "414 6951", ""}, "", gb},
		{phone.Parts{"44", "121", "414 6951", ""}, "", gb}, // the zero lost, or never there
		{phone.Parts{`="44"`, "'0121", "٤١٤ 6951", ""}, "", gb},
		{phone.Parts{"44", "0121-", "414 6951", ""}, "", gb},
		{phone.Parts{"44", "", "0121 414 6951", ""}, "", gb},
		{phone.Parts{"44", "", "121 414 6951", ""}, "", gb},
		{phone.Parts{"44", "", "(0)121 414 6951", ""}, "", gb},
		{phone.Parts{"", "0121", "414 6951", ""}, "GB", gb},
		{phone.Parts{"", "", "0121 414 6951", ""}, "GB", gb},
		{phone.Parts{"", "", "+44 121 414 6951", ""}, "", gb},

		// given twice, and the same
		{phone.Parts{"44", "0121", "0121 414 6951", ""}, "", gb},
		{phone.Parts{"44", "121", "0121 414 6951", ""}, "", gb},
		{phone.Parts{"44", "0121", "121 414 6951", ""}, "", gb},
		{phone.Parts{"44", "0121", "+44 121 414 6951", ""}, "DE", gb},
		{phone.Parts{"44", "0121", "+44 (0)121 414 6951", ""}, "DE", gb},
		{phone.Parts{"44", "", "0044 121 414 6951", ""}, "", gb},
		{phone.Parts{"44", "0121", "0044 121 414 6951", ""}, "", gb},
		{phone.Parts{"", "0121", "0121 414 6951", ""}, "GB", gb},
		{phone.Parts{"", "0121", "121 414 6951", ""}, "GB", gb},

		{phone.Parts{"44", "07911", "001234", ""}, "", "+44 7911001234"}, // no double zero of a call abroad
		{phone.Parts{"49", "030", "12345678", ""}, "", "+49 3012345678"},
		{phone.Parts{"49", "", "171 3920012", ""}, "", "+49 1713920012"},
		{phone.Parts{"44", "01624", "756789", ""}, "", "+44 1624756789"}, // Isle of Man

		// the North American plan
		{phone.Parts{"1", "202", "555-0123", ""}, "", "+1 2025550123"},
		{phone.Parts{"001", "(202)", "555-0123", ""}, "CA", "+1 2025550123"},
		{phone.Parts{"1", "202", "(202) 555-0123", ""}, "", "+1 2025550123"},
		{phone.Parts{"1", "202", "1-202-555-0123", ""}, "", "+1 2025550123"},
		{phone.Parts{"1", "", "1-202-555-0123", ""}, "", "+1 2025550123"},
		{phone.Parts{"1", "242", "365-1234", ""}, "US", "+1 2423651234"},
		{phone.Parts{"", "202", "555-0123", ""}, "US", "+1 2025550123"},

		// plans whose numbers keep their zero, have another prefix or none
		{phone.Parts{"39", "06", "1234 5678", ""}, "", "+39 0612345678"},
		{phone.Parts{"39", "331", "1234567", ""}, "", "+39 3311234567"},
		{phone.Parts{"7", "8 912", "345-67-89", ""}, "", "+7 9123456789"},
		{phone.Parts{"7", "812", "345-67-89", ""}, "", "+7 8123456789"},
		{phone.Parts{"34", "810", "12 34 56", ""}, "", "+34 810123456"},
		{phone.Parts{"54", "011", "15-2345-6789", ""}, "", "+54 91123456789"},
		{phone.Parts{"45", "", "32 12 34 56", ""}, "", "+45 32123456"},
	}
	for _, test := range tests {
		got, err := phone.Join(test.parts, test.country, phone.Personal)
		if err != nil || got.Text != test.want {
			t.Errorf("%+v in %q: %q, %v; want %q", test.parts, test.country, got.Text, err, test.want)
		}
	}
}

func TestJoinRefuses(t *testing.T) {
	tests := []struct {
		parts   phone.Parts
		country string
		want    phone.Problem
	}{
		{phone.Parts{"", "", "", ""}, "GB", phone.NotPossible},
		{phone.Parts{"44", "0121", "", ""}, "", phone.NotPossible},
		{phone.Parts{"44", "0121", "-", ""}, "", phone.NotPossible},
		{phone.Parts{"", "0121", "414 6951", ""}, "", phone.CountryUnknown},
		{phone.Parts{"", "0121", "414 6951", ""}, "XX", phone.CountryUnknown},

		{phone.Parts{"GB", "0121", "414 6951", ""}, "GB", phone.Letters},
		{phone.Parts{"GBR", "0121", "414 6951", ""}, "GB", phone.Letters},
		{phone.Parts{"44", "Birmingham", "414 6951", ""}, "", phone.Letters},
		{phone.Parts{"44", "0121 x1", "414 6951", ""}, "", phone.Letters},
		{phone.Parts{"44", "0121", "414 CALL", ""}, "", phone.Letters},
		{phone.Parts{"999", "0121", "414 6951", ""}, "GB", phone.NotPossible},
		{phone.Parts{"0", "0121", "414 6951", ""}, "GB", phone.NotPossible},
		{phone.Parts{"+", "0121", "414 6951", ""}, "GB", phone.NotPossible},
		{phone.Parts{"044", "0121", "414 6951", ""}, "GB", phone.NotPossible},
		{phone.Parts{"4 4", "0121", "414 6951", ""}, "GB", phone.NotPossible},
		{phone.Parts{"44 121", "", "414 6951", ""}, "GB", phone.NotPossible},
		{phone.Parts{"1242", "", "365 1234", ""}, "BS", phone.NotPossible},
		{phone.Parts{"800", "", "1234 5678", ""}, "", phone.NotValid},
		{phone.Parts{"44", "+44", "0121 414 6951", ""}, "", phone.NotPossible},
		{phone.Parts{"44", "0", "121 414 6951", ""}, "", phone.NotPossible},
		{phone.Parts{"1", "1202", "555-0123", ""}, "", phone.NotPossible},
		{phone.Parts{strings.Repeat("4", 100), "", "1", ""}, "", phone.NotPossible},

		// too short: a part may be missing
		{phone.Parts{"44", "", "414 6951", ""}, "", phone.NotValid},
		{phone.Parts{"49", "", "30123456", ""}, "", phone.NotPossible}, // or local
		{phone.Parts{"1", "", "555-0123", ""}, "", phone.NotPossible},
		{phone.Parts{"44", "0121", "414 695", ""}, "", phone.NotValid}, // nine digits, and not of those

		// the parts are not of one number
		{phone.Parts{"44", "0121", "+49 171 3920012", ""}, "", phone.PartsDisagree},
		{phone.Parts{"44", "0121", "0049 171 3920012", ""}, "", phone.PartsDisagree},
		{phone.Parts{"44", "", "0049 171 3920012", ""}, "", phone.PartsDisagree},
		{phone.Parts{"44", "020", "+44 121 414 6951", ""}, "", phone.PartsDisagree},
		{phone.Parts{"44", "0121", "020 7946 0123", ""}, "", phone.PartsDisagree},
		{phone.Parts{"", "0121", "020 7946 0123", ""}, "GB", phone.PartsDisagree},
		{phone.Parts{"", "0121", "+1 202 555 0123", ""}, "GB", phone.PartsDisagree},
		{phone.Parts{"1", "1202", "+1 202 555 0123", ""}, "", phone.PartsDisagree},

		// the German plan has numbers of so many lengths that both would pass
		{phone.Parts{"49", "030", "0171 3920012", ""}, "", phone.PartsDisagree},
		{phone.Parts{"49", "030", "030 1234567", ""}, "", phone.PartsDisagree},
		{phone.Parts{"49", "030", "30123456", ""}, "", phone.PartsDisagree},
		{phone.Parts{"", "030", "30123456", ""}, "DE", phone.PartsDisagree},
		{phone.Parts{"49", "030", "49301234567", ""}, "", phone.PartsDisagree},
		{phone.Parts{"49", "", "4921 12345678", ""}, "", phone.PartsDisagree},
		{phone.Parts{"44", "", "441214146951", ""}, "", phone.NotPossible},

		{phone.Parts{"44", "0121", "414 6951 / 414 6952", ""}, "", phone.SeveralNumbers},
		{phone.Parts{"44", "0121", "414 6951/52", ""}, "", phone.SeveralNumbers},
		{phone.Parts{"44", "0121", "414 6951, 414 6952", ""}, "", phone.SeveralNumbers},
		{phone.Parts{"44", "0121, 0122", "414 6951", ""}, "", phone.SeveralNumbers},
		{phone.Parts{"44", "0121", "414 6951 or 414 6952", ""}, "", phone.SeveralNumbers},

		{phone.Parts{"44.0", "0121", "414 6951", ""}, "", phone.Damaged},
		{phone.Parts{"44", "121.0", "414 6951", ""}, "", phone.Damaged},
		{phone.Parts{"44", "0121", "4146951.0", ""}, "", phone.Damaged},
		{phone.Parts{"49", "030", "1234.0", ""}, "", phone.Damaged},
		{phone.Parts{"49", "030", `="1234.0"`, ""}, "", phone.Damaged},
		{phone.Parts{"44", "0121", "4.1E+06", ""}, "", phone.Damaged},
		{phone.Parts{"44", "#N/A", "414 6951", ""}, "", phone.Damaged},
		{phone.Parts{"=A1", "0121", "414 6951", ""}, "", phone.Damaged},
		// a zero that belongs to the number is lost
		{phone.Parts{"39", "6", "1234 5678", ""}, "", phone.Damaged},
		{phone.Parts{"39", "331", "123456", ""}, "", phone.Damaged},
		{phone.Parts{"", "331", "123456", ""}, "IT", phone.Damaged},
		{phone.Parts{"", "121", "414 6951", ""}, "GB", phone.Damaged},
		{phone.Parts{"", "2", "2443 0333", ""}, "TW", phone.Damaged}, // not +886 24430333
	}
	for _, test := range tests {
		got, err := phone.Join(test.parts, test.country, phone.Office)
		if p := problem(t, err); p != test.want {
			t.Errorf("%+v in %q: problem %d (%v), %q; want problem %d", test.parts, test.country, p, err, got.Text, test.want)
		}
		if err != nil && digitRun.MatchString(err.Error()) {
			t.Errorf("digits in %q", err)
		}
	}
}

func TestJoinTakesOneExtension(t *testing.T) {
	for _, test := range []struct {
		parts phone.Parts
		use   phone.Use
		want  string
	}{
		{phone.Parts{"44", "0121", "414 6951", "12"}, phone.Office, "+44 1214146951x12"},
		{phone.Parts{"44", "0121", "414 6951 ext. 12", ""}, phone.Office, "+44 1214146951x12"},
		{phone.Parts{"44", "0121", "414 6951 ext. 12", "12"}, phone.Office, ""},
		{phone.Parts{"44", "0121", "414 6951", "12"}, phone.Personal, ""},
	} {
		got, err := phone.Join(test.parts, "", test.use)
		if got.Text != test.want || test.want == "" && problem(t, err) != phone.Extension {
			t.Errorf("%+v: %q, %v", test.parts, got.Text, err)
		}
	}
}

func TestJoinSaysWhatWasUndone(t *testing.T) {
	got, err := phone.Join(phone.Parts{"0044", `="(0)121"`, "'٤١٤\u00a06951", ""}, "", phone.Personal)
	want := phone.DialPrefix | phone.TextMark | phone.BracketedZero | phone.Apostrophe | phone.ForeignDigits | phone.HiddenMarks
	if err != nil || got.Repaired != want {
		t.Errorf("%q, %v", got.Repaired.Words(), err)
	}
	if got, err := phone.Join(phone.Parts{"44", "0121", "414 6951", ""}, "", phone.Personal); err != nil || got.Repaired != 0 {
		t.Errorf("%q, %v", got.Repaired.Words(), err)
	}
}

// Wherever a number of whatever country is cut, the parts are that number again
// or none.
func TestJoinEveryCountry(t *testing.T) {
	read, refused := 0, 0
	random := rand.New(rand.NewPCG(1, 2))
	for _, kind := range []phonenumbers.PhoneNumberType{phonenumbers.MOBILE, phonenumbers.FIXED_LINE} {
		for country, number := range examples(t, kind) {
			code, national := strconv.Itoa(int(number.GetCountryCode())), phonenumbers.GetNationalSignificantNumber(number)
			trunk := phonenumbers.GetNddPrefixForRegion(country, true)
			for round := range 20 {
				if round > 0 {
					national = likely(random, national, code)
				}
				cut := random.IntN(len(national) - 1)
				area, rest := national[:cut], national[cut:]
				for _, parts := range []phone.Parts{
					{code, area, rest, ""}, {"+" + code, trunk + area, rest, ""}, {code, area, national, ""}, {code, trunk + area, national, ""},
					{code, area, "+" + code + national, ""}, {code, area, "00" + code + national, ""}, {code, trunk + area, trunk + national, ""},
					{"", area, rest, ""}, {"", trunk + area, rest, ""}, {"", area, trunk + national, ""}, {"", trunk + area, national, ""},
				} {
					got, err := phone.Join(parts, country, phone.Personal)
					switch {
					case err != nil:
						refused++
					case got.Text != "+"+code+" "+national:
						t.Errorf("%+v of %s: %q", parts, country, got.Text)
					default:
						read++
					}
				}
			}
		}
	}
	if read < 4*refused {
		t.Errorf("read %d, refused %d", read, refused)
	}
}

// likely is a number that begins like the given one, and that its plan holds.
func likely(random *rand.Rand, national, code string) string {
	for range 100 {
		digits := []byte(national)
		for i := 1 + random.IntN(4); i < len(digits); i++ {
			digits[i] = byte('0' + random.IntN(10))
		}
		if _, err := phone.Parse("+"+code+string(digits), "", "", phone.Personal); err == nil {
			return string(digits)
		}
	}
	return national
}

func FuzzJoin(f *testing.F) {
	for _, p := range []phone.Parts{
		{"44", "0121", "414 6951", ""}, {"+44", "(0)121", "0121 414 6951", ""}, {"0044", "121", "+44 121 414 6951", ""}, {"49", "030", "30123456", ""},
		{"39", "06", "1234 5678", ""}, {"1", "202", "555-0123", "12"}, {"54", "011", "15 2345 6789", ""}, {"7", "8812", "345-67-89", ""},
		{"", "0171", "3920012", ""}, {"44.0", "121.0", "4146951.0", ""}, {"GB", "#N/A", "n/a", "x"}, {"49", "", "491713920012", ""}, {"800", "", "12345678", ""},
		{"47", "0777", "0", ""},
	} {
		for _, country := range []string{"", "DE", "GB", "US", "IT"} {
			f.Add(p.CountryCode, p.AreaCode, p.Number, p.Extension, country)
		}
	}
	f.Fuzz(func(t *testing.T, code, area, number, extension, country string) {
		got, err := phone.Join(phone.Parts{code, area, number, extension}, country, phone.Office)
		if err != nil {
			if problem(t, err) == 0 || err.Error() == "" || digitRun.MatchString(err.Error()) {
				t.Fatalf("an error that says nothing, or a digit: %q", err)
			}
			return
		}
		again, err := phone.Parse(got.Text, "", "", phone.Office)
		got.Repaired, got.National = 0, false
		if err != nil || again != got {
			t.Fatalf("%+v read again: %+v, %v", got, again, err)
		}
		text, _, _ := strings.Cut(got.Text, "x")
		prefix, national, _ := strings.Cut(text, " ")
		// Argentina dials its mobile numbers with digits that they lose abroad.
		if prefix != "+54" && len(national) > digits(area)+digits(number) {
			t.Fatalf("%q has more digits than %q and %q", got.Text, area, number)
		}
		if digits(code) > 0 && digits(code) < 4 && strings.Trim(code, "+0123456789") == "" && "+"+strings.TrimLeft(code, "+0") != prefix {
			t.Fatalf("%q has another country code than %q", got.Text, code)
		}
		last := national[len(national)-min(2, digits(number)):] // of Norway's 07770 the area 0777 leaves a single one
		if strings.Trim(number, "+ 0123456789") == "" && !strings.HasSuffix(strings.ReplaceAll(number, " ", ""), last) {
			t.Fatalf("%q does not end like %q", got.Text, number)
		}
		if alone, err := phone.Parse(number, extension, country, phone.Office); strings.TrimSpace(code+area) == "" && (err != nil || alone.Text != got.Text) {
			t.Fatalf("%+v alone: %+v, %v", got, alone, err)
		}
	})
}

func digits(text string) int {
	n := 0
	for _, r := range text {
		if r >= '0' && r <= '9' || r > 127 {
			n++
		}
	}
	return n
}
