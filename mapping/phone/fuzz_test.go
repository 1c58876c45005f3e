package phone_test

import (
	"regexp"
	"strings"
	"testing"

	"authseed/mapping/phone"
)

var digitRun = regexp.MustCompile(`[0-9]+`)

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"+44 (0)20 7946 0123", "020 7946 0123", "0171/3920012", "0171 3920012 / 0171 3920013", "030 12345 030 54321",
		"0049 171 3920012", "011 44 20 7946 0123", "491713920012", "1713920012", "+49 0171 3920012", "+39 06 1234 5678",
		"+44 20 7946 0123 ext. 12", "+44 20 7946 0123 (x12)", "tel:+44-20-7946-0123;ext=12", "8.2E+10", `="+442079460123"`,
		"1-800-FLOWERS", "#####", "＋４４２０７９４６０１２３", "٠٢٠ ٧٩٤٦ ٠١٢٣", "\u200b+1\u00a0202\u2011555\u20130123", "\xff", "+800 1234 5678",
	} {
		for _, country := range []string{"", "DE", "GB", "US", "IT", "SG"} {
			f.Add(text, "", country, true)
		}
	}
	f.Add("020 7946 0123", "12", "GB", true)
	f.Add("020 7946 0123", "12", "GB", false)
	f.Fuzz(func(t *testing.T, text, extension, country string, office bool) {
		use := phone.Personal
		if office {
			use = phone.Office
		}
		got, err := phone.Parse(text, extension, country, use)
		if err != nil {
			if problem(t, err) == 0 || err.Error() == "" {
				t.Fatal("an error that says nothing")
			}
			if digitRun.MatchString(err.Error()) {
				t.Fatalf("digits in %q", err)
			}
			return
		}
		if !form.MatchString(got.Text) {
			t.Fatalf("%q is not the form Graph stores", got.Text)
		}
		number, ext, _ := strings.Cut(got.Text, "x")
		if len(number)-len("+ ") > 15 {
			t.Fatalf("%q is too long", got.Text)
		}
		if ext != "" && use != phone.Office {
			t.Fatalf("%q has an extension on a personal phone", got.Text)
		}
		if _, ok := phone.Region(got.Country); !ok {
			t.Fatalf("%q belongs to %q", got.Text, got.Country)
		}
		if again := strings.Join(got.Repaired.Words(), "; "); digitRun.MatchString(again) || (again == "") != (got.Repaired == 0) {
			t.Fatalf("repair %b is %q", got.Repaired, again)
		}
		got.Repaired, got.National = 0, false // what is canonical needs neither repair nor country
		for _, elsewhere := range []string{country, "", "US", "DE", "IT", got.Country} {
			again, err := phone.Parse(got.Text, "", elsewhere, use)
			if err != nil || again != got {
				t.Fatalf("%+v read again in %q: %+v, %v", got, elsewhere, again, err)
			}
		}
	})
}

func FuzzRegion(f *testing.F) {
	for _, text := range []string{"DE", "de", " uk ", "GB", "ZZ", "Germany", "", "\u00a0US", "ß", "ı̇", "\xff\xfe"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := phone.Region(text)
		if !ok {
			if got != "" {
				t.Fatalf("%q beside false", got)
			}
			return
		}
		if len(got) != 2 || strings.ToUpper(got) != got {
			t.Fatalf("%q is not a code", got)
		}
		if again, ok := phone.Region(got); !ok || again != got {
			t.Fatalf("%q read again: %q, %t", got, again, ok)
		}
	})
}
