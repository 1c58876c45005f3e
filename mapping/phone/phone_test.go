package phone_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/mapping/phone"
)

var form = regexp.MustCompile(`^\+[1-9]\d{0,2} \d{2,14}(x\d{1,7})?$`)

// problem is the problem of an error, 0 for none.
func problem(t *testing.T, err error) phone.Problem {
	t.Helper()
	var e *phone.Error
	if err != nil && !errors.As(err, &e) {
		t.Fatalf("not a *phone.Error: %T", err)
	}
	if err == nil {
		return 0
	}
	return e.Problem
}

func TestParse(t *testing.T) {
	tests := []struct {
		text, country string
		want          phone.Number
	}{
		// one number in the clothes it comes in
		{"+44 20 7946 0123", "", phone.Number{"+44 2079460123", "GB", phone.LineFixed, 0, false}},
		{"+442079460123", "US", phone.Number{"+44 2079460123", "GB", phone.LineFixed, 0, false}},
		{"020 7946 0123", "GB", phone.Number{"+44 2079460123", "GB", phone.LineFixed, 0, true}},
		{"(020) 7946-0123", "GB", phone.Number{"+44 2079460123", "GB", phone.LineFixed, 0, true}},
		{"(+44) 20 7946 0123", "", phone.Number{"+44 2079460123", "GB", phone.LineFixed, 0, false}},
		{"+44 (0)20 7946 0123", "", phone.Number{"+44 2079460123", "GB", phone.LineFixed, phone.BracketedZero, false}},
		{"+44 ( 0 ) 20 7946 0123", "", phone.Number{"+44 2079460123", "GB", phone.LineFixed, phone.BracketedZero, false}},
		{"0044 (0) 20 7946 0123", "DE", phone.Number{"+44 2079460123", "GB", phone.LineFixed, phone.BracketedZero | phone.DialPrefix, false}},
		{"011 44 20 7946 0123", "US", phone.Number{"+44 2079460123", "GB", phone.LineFixed, phone.DialPrefix, false}},
		{"(0)20 7946 0123", "GB", phone.Number{"+44 2079460123", "GB", phone.LineFixed, 0, true}},
		{"tel:+44-20-7946-0123", "", phone.Number{"+44 2079460123", "GB", phone.LineFixed, 0, false}},
		{"'+44 20 7946 0123", "", phone.Number{"+44 2079460123", "GB", phone.LineFixed, phone.Apostrophe, false}},
		{`="+442079460123"`, "", phone.Number{"+44 2079460123", "GB", phone.LineFixed, phone.TextMark, false}},
		{`="020 7946 0123"`, "GB", phone.Number{"+44 2079460123", "GB", phone.LineFixed, phone.TextMark, true}},
		{" 020\u00a07946\u202f01\u200923; ", "GB", phone.Number{"+44 2079460123", "GB", phone.LineFixed, phone.HiddenMarks, true}},
		{"\u202a+44\u200b20\u20117946\u20130123\u202c\ufeff", "", phone.Number{"+44 2079460123", "GB", phone.LineFixed, phone.HiddenMarks | phone.LookAlikes, false}},
		{"＋４４（０）２０－７９４６　０１２３", "", phone.Number{"+44 2079460123", "GB", phone.LineFixed, phone.ForeignDigits | phone.LookAlikes | phone.HiddenMarks | phone.BracketedZero, false}},
		{"٠٢٠ ٧٩٤٦ ٠١٢٣", "GB", phone.Number{"+44 2079460123", "GB", phone.LineFixed, phone.ForeignDigits, true}},
		{"+۴۴۲۰۷۹۴۶۰۱۲۳", "", phone.Number{"+44 2079460123", "GB", phone.LineFixed, phone.ForeignDigits, false}},

		// slashes inside one number
		{"0171/3920012", "DE", phone.Number{"+49 1713920012", "DE", phone.LineMobile, 0, true}},
		{"0171 / 392 00 12", "DE", phone.Number{"+49 1713920012", "DE", phone.LineMobile, 0, true}},
		{"0171/3920-012", "DE", phone.Number{"+49 1713920012", "DE", phone.LineMobile, 0, true}},
		{"0176/04069012", "DE", phone.Number{"+49 17604069012", "DE", phone.LineMobile, 0, true}},
		{"+49/171/3920012", "", phone.Number{"+49 1713920012", "DE", phone.LineMobile, 0, false}},
		{"0049/171/3920012", "DE", phone.Number{"+49 1713920012", "DE", phone.LineMobile, phone.DialPrefix, false}},
		{"+49 (0)171/3920012", "", phone.Number{"+49 1713920012", "DE", phone.LineMobile, phone.BracketedZero, false}},
		{"202/555/0123", "US", phone.Number{"+1 2025550123", "US", phone.LineEither, 0, true}},

		// the North American plan
		{"(202) 555-0123", "US", phone.Number{"+1 2025550123", "US", phone.LineEither, 0, true}},
		{"1-202-555-0123", "US", phone.Number{"+1 2025550123", "US", phone.LineEither, 0, true}},
		{"12025550123", "CA", phone.Number{"+1 2025550123", "US", phone.LineEither, 0, true}},
		{"416.555.0123", "US", phone.Number{"+1 4165550123", "CA", phone.LineEither, 0, true}},

		// a zero that a spreadsheet took and that only fits back in one way
		{"1713920012", "DE", phone.Number{"+49 1713920012", "DE", phone.LineMobile, phone.LostPrefix, true}},
		{"491570156", "AU", phone.Number{"+61 491570156", "AU", phone.LineMobile, phone.LostPrefix, true}},

		// a formula that holds what was typed
		{"=+491713920012", "", phone.Number{"+49 1713920012", "DE", phone.LineMobile, phone.TextMark, false}},
		{"'=+442079460123", "DE", phone.Number{"+44 2079460123", "GB", phone.LineFixed, phone.TextMark | phone.Apostrophe, false}},
		{"’+44 20 7946 0123", "", phone.Number{"+44 2079460123", "GB", phone.LineFixed, phone.Apostrophe | phone.LookAlikes, false}},
		{"3312345678", "IT", phone.Number{"+39 3312345678", "IT", phone.LineMobile, 0, true}},

		// elsewhere
		{"0491 570 156", "AU", phone.Number{"+61 491570156", "AU", phone.LineMobile, 0, true}},
		{"070·174⁄06٠5", "SE", phone.Number{"+46 701740605", "SE", phone.LineMobile, phone.LookAlikes | phone.ForeignDigits, true}},
		{"070-174 06 05", "SE", phone.Number{"+46 701740605", "SE", phone.LineMobile, 0, true}},
		{"01 99 00 00 12", "FR", phone.Number{"+33 199000012", "FR", phone.LineFixed, 0, true}},
		{"+33 1 99 00 00 12", "DE", phone.Number{"+33 199000012", "FR", phone.LineFixed, 0, false}},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			for _, use := range []phone.Use{phone.Personal, phone.Office} {
				got, err := phone.Parse(test.text, "", test.country, use)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct {
		text, country string
		want          phone.Problem
	}{
		{"020 7946 0123", "", phone.CountryUnknown},
		{"020 7946 0123", "XX", phone.CountryUnknown},
		{"447911123456", "", phone.CountryUnknown},
		{"0049 171 3920012", "", phone.CountryUnknown},

		{"", "DE", phone.NotPossible},
		{"-", "DE", phone.NotPossible},
		{"+", "DE", phone.NotPossible},
		{"00", "DE", phone.NotPossible},
		{"110", "DE", phone.NotPossible},
		{"112", "FR", phone.NotPossible},
		{"911", "US", phone.NotPossible},
		{"999", "GB", phone.NotPossible},
		{"4711", "GB", phone.NotPossible},
		{"555-0123", "US", phone.NotPossible},
		{"7946 0123", "GB", phone.NotPossible},
		{"555-0123", "BS", phone.NotPossible}, // the plan could add the area code
		{"+1 202 555 01234", "", phone.NotPossible},
		{"+0 171 3920012", "", phone.NotPossible},
		{"+0049 171 3920012", "DE", phone.NotPossible},
		{"00+49 171 3920012", "DE", phone.NotPossible},
		{"++49 171 3920012", "", phone.NotPossible},
		{"+999 171 3920012", "DE", phone.NotPossible},
		{"0049 171 3920012", "US", phone.NotPossible}, // not its international prefix
		{"0049 30 123456", "SG", phone.NotPossible},   // a carrier's prefix is longer
		{"0049 30 123456", "BR", phone.NotPossible},
		{"00 1 202 555 0123", "TH", phone.NotPossible},
		{"00 1 202 555 0123", "GY", phone.NotPossible},
		{"0685 7212345", "WS", phone.NotPossible}, // a prefix of one zero
		{"+99/9/0", "DE", phone.NotPossible},
		{"030 12345-", "DE", phone.NotPossible},
		{"-1713920012", "DE", phone.NotPossible},
		{"0171 *** **12", "DE", phone.NotPossible},
		{"०२० ७९४६ ०१२३", "GB", phone.NotPossible},
		{strings.Repeat(" ", 60) + "+1 202 555 0123", "", phone.NotPossible},
		{strings.Repeat("+1 202 555 0123 ", 1<<16), "", phone.NotPossible},

		{"07700 900123", "GB", phone.NotValid}, // reserved for fiction, and not assigned
		{"+33 6 39 98 00 12", "", phone.NotValid},
		{"+1 202 055 0123", "", phone.NotValid},
		{"+39 0335 1234567", "", phone.NotValid}, // a mobile number as it was dialled until 2001
		{"+52 1 55 1234 5678", "", phone.NotPossible},
		{"+800 1234 5678", "", phone.NotValid},
		{"+881 612 345 678", "", phone.NotValid},
		{"+882 16 1234 5678", "", phone.NotValid},

		{"1-800-FLOWERS", "US", phone.Letters},
		{"n/a", "US", phone.Letters},
		{"call reception", "US", phone.Letters},
		{"mobil 0171 3920012", "DE", phone.Letters},
		{"0171 3920012 (privat)", "DE", phone.Letters},
		{"+1 202 555 xx23", "US", phone.Letters},
		{"0171 392OO12", "DE", phone.Letters},
		{"exterior 12", "DE", phone.Letters},

		{"+49 0171 3920012", "", phone.TrunkZero},
		{"0049 0171 3920012", "DE", phone.TrunkZero},
		{"+49 (0171) 3920012", "", phone.TrunkZero},
		{"+44 07940 123966", "", phone.TrunkZero},
		{"+310612345678", "NL", phone.TrunkZero},
		{"+310612345678", "US", phone.TrunkZero},
		{"+7 8 912 345 67 89", "", phone.TrunkZero},
		{"+39 (0)6 1234 5678", "", phone.TrunkZero},
		{"+39 (0)335 1234567", "", phone.TrunkZero},
		{"+49/0171 3920012", "DE", phone.TrunkZero},
		{"+44 20 (0) 7946 0123", "", phone.TrunkZero},
		{"+44 (0)(0)20 7946 0123", "", phone.TrunkZero},
		{"0171 (0) 3920012", "DE", phone.TrunkZero},

		{"0170 123 / 0171 456", "DE", phone.SeveralNumbers},
		{"0171 3920012 / 0171 3920013", "DE", phone.SeveralNumbers},
		{"+49 171 3920012/+49 171 3920013", "", phone.SeveralNumbers},
		{"030/0171 3920012", "DE", phone.SeveralNumbers},
		{"030 1234567/68", "DE", phone.SeveralNumbers},
		{"030 123/456", "DE", phone.SeveralNumbers},
		{"+49 30 1234567/68", "", phone.SeveralNumbers},
		{"030 12345 030 54321", "DE", phone.SeveralNumbers},
		{"030 12345 - 030 54321", "DE", phone.SeveralNumbers},
		{"+49 30 12345 040 65432", "US", phone.SeveralNumbers},
		{"0171 3920012; 0171 3920013", "DE", phone.SeveralNumbers},
		{"0171 3920012, 0171 3920013", "DE", phone.SeveralNumbers},
		{"0171 3920012\n0171 3920013", "DE", phone.SeveralNumbers},
		{"0171 3920012\r\n0171 3920013", "DE", phone.SeveralNumbers},
		{"0171 3920012 & 13", "DE", phone.SeveralNumbers},
		{"0171 3920012 | 0171 3920013", "DE", phone.SeveralNumbers},
		{"202-555-0123 or 202-555-0124", "US", phone.SeveralNumbers},
		{"0171 3920012 und 0171 3920013", "DE", phone.SeveralNumbers},
		{"+1 202 555 0123 +1 202 555 0124", "", phone.SeveralNumbers},
		{"202 555 0123 +1 202 555 0124", "US", phone.SeveralNumbers},

		{"8.2E+10", "DE", phone.Damaged},
		{"4,91713E+11", "DE", phone.Damaged},
		{"491e9", "DE", phone.Damaged},
		{"1713920012.0", "DE", phone.Damaged},
		{"1713920012,00", "DE", phone.Damaged},
		{"1,713,920,012", "DE", phone.Damaged},
		{"2024-03-12", "DK", phone.Damaged},
		{"31.12.2024", "DK", phone.Damaged},
		{"2024-03-12 00:00:00", "DK", phone.Damaged},
		{"#####", "DE", phone.Damaged},
		{"#N/A", "DE", phone.Damaged},
		{"#########", "", phone.Damaged},
		{"#REF!", "", phone.Damaged},
		{"#FORMULA", "", phone.Damaged},
		{"8,2E+10", "", phone.Damaged},
		{"4.91713E+11", "", phone.Damaged},
		{"+4.91713e11", "", phone.Damaged},
		{"1E5", "DE", phone.Damaged},
		{"4.E+11", "DE", phone.Damaged},
		{"491713920012.0", "", phone.Damaged},
		{"+491713920012.00", "", phone.Damaged},
		{"3212345.000", "US", phone.Damaged},
		{"491713920012,0", "US", phone.Damaged},
		{"1,713,920,012.5", "DE", phone.Damaged},
		{"1/2/2024", "", phone.Damaged},
		{"12.03.1999T08:00", "", phone.Damaged},
		{"2024.3.1", "DE", phone.Damaged},
		{"=+49-171-0392001", "DE", phone.Damaged}, // a group may have lost a zero
		{"=+0049171392", "DE", phone.Damaged},
		{"=+4917139200121234", "DE", phone.Damaged},
		{"=+12", "DE", phone.Damaged},
		{"=-491713920012", "DE", phone.Damaged},
		{"'#N/A", "DE", phone.Damaged},
		{"=+49-171-3920012", "DE", phone.Damaged},
		{`="+49171"&"3920012"`, "DE", phone.Damaged},
		{"=A1", "DE", phone.Damaged},
		{"0171 39\ufffd20012", "DE", phone.Damaged},
		{"0171 39\xff20012", "DE", phone.Damaged},
		// a lost plus
		{"491713920012", "DE", phone.Damaged},
		{"491713920012", "US", phone.Damaged},
		{"442079460123", "GB", phone.Damaged},
		{"442079460123", "DE", phone.Damaged},
		{"442079460123", "US", phone.Damaged},
		{"447911123456", "US", phone.Damaged},
		{"4532123456", "DK", phone.Damaged},
		{"390612345678", "IT", phone.Damaged},
		// a lost zero that does not fit back in one way only
		{"17604069012", "DE", phone.Damaged}, // or +1 760 406 9012
		{"2345678", "DE", phone.Damaged},     // or a local number
		{"2079460123", "GB", phone.Damaged},
		{"12345678", "AT", phone.Damaged},
		{"400771", "FI", phone.Damaged},
		{"301234567", "DE", phone.Damaged},
		{"331123456", "IT", phone.Damaged}, // or a mobile number
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%.40q %s", test.text, test.country), func(t *testing.T) {
			for _, use := range []phone.Use{phone.Personal, phone.Office} {
				got, err := phone.Parse(test.text, "", test.country, use)
				if p := problem(t, err); p != test.want {
					t.Errorf("problem %d (%v), number %v; want problem %d", p, err, got, test.want)
				}
				if got != (phone.Number{}) && err != nil {
					t.Error("a number beside an error")
				}
			}
		})
	}
}

func TestExtension(t *testing.T) {
	const bare = "+44 20 7946 0123"
	read := []struct{ text, column, want string }{
		{bare + " ext. 12", "", "x12"},
		{bare + " ext12", "", "x12"},
		{bare + " Ext.: 12", "", "x12"},
		{bare + "x12", "", "x12"},
		{bare + " X 12", "", "x12"},
		{bare + "ｘ１２", "", "x12"},
		{bare + " extension 12", "", "x12"},
		{bare + ", Durchwahl 12", "", "x12"},
		{bare + " DW -12", "", "x12"},
		{bare + " poste 12", "", "x12"},
		{bare + " #12", "", "x12"},
		{bare + " (ext. 12)", "", "x12"},
		{bare + "\next. 12", "", "x12"},
		{"tel:+44-20-7946-0123;ext=12", "", "x12"},
		{bare, "12", "x12"},
		{bare, " x12 ", "x12"},
		{bare, "0012345", "x0012345"},
		{bare, " ", ""},
	}
	for _, test := range read {
		got, err := phone.Parse(test.text, test.column, "", phone.Office)
		if err != nil || got.Text != "+44 2079460123"+test.want {
			t.Errorf("%q, %q: %q, %v; want %s", test.text, test.column, got.Text, err, test.want)
		}
		if test.want == "" {
			continue
		}
		if _, err := phone.Parse(test.text, test.column, "", phone.Personal); problem(t, err) != phone.Extension {
			t.Errorf("%q, %q on a personal phone: %v", test.text, test.column, err)
		}
	}

	refused := []struct {
		text, column string
		want         phone.Problem
	}{
		{bare + " ext.", "", phone.Extension},
		{bare + " x12345678", "", phone.Extension},
		{bare + " x12x13", "", phone.Extension},
		{bare + " ext 12-14", "", phone.Extension},
		{bare + "x12", "13", phone.Extension},
		{bare + "x12", "12", phone.Extension},
		{bare, "12.0", phone.Extension},
		{bare, "n/a", phone.Extension},
		{bare, "12345678", phone.Extension},
		{bare, strings.Repeat("1", 1<<20), phone.Extension},
		{"x12", "", phone.NotPossible},
		{"", "12", phone.NotPossible},
	}
	for _, test := range refused {
		if got, err := phone.Parse(test.text, test.column, "", phone.Office); problem(t, err) != test.want {
			t.Errorf("%q, %.20q: %q, %v; want problem %d", test.text, test.column, got.Text, err, test.want)
		}
	}
}

func TestRegion(t *testing.T) {
	for text, want := range map[string]string{
		"DE": "DE", "de": "DE", " gB\t": "GB", "UK": "GB", "uk": "GB", "XK": "XK", "\u00a0us": "US",
		"": "", "ZZ": "", "D": "", "DEU": "", "Germany": "", "001": "", "49": "", "ß": "", "D E": "", "EU": "",
	} {
		if got, ok := phone.Region(text); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %t; want %q", text, got, ok, want)
		}
	}
}

// What may have lost its plus is told so where no country is known.
func TestCountryUnknownSaysWhy(t *testing.T) {
	for text, lost := range map[string]bool{"491713920012": true, "44 20 7946 0123": true, "020 7946 0123": false, "1713920012": false} {
		_, err := phone.Parse(text, "", "", phone.Personal)
		if problem(t, err) != phone.CountryUnknown || strings.Contains(err.Error(), "lost its plus") != lost {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestLineString(t *testing.T) {
	got := []string{phone.LineUnknown.String(), phone.LineMobile.String(), phone.LineFixed.String(), phone.LineEither.String()}
	if want := []string{"unknown", "mobile", "fixed line", "mobile or fixed line"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestParseConcurrently(t *testing.T) {
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				got, err := phone.Parse("0049 171 3920012", "", "CH", phone.Personal)
				if err != nil || got.Text != "+49 1713920012" {
					t.Errorf("%q, %v", got.Text, err)
				}
			}
		})
	}
	group.Wait()
}
