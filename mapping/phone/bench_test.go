package phone_test

import (
	"testing"

	"authseed/mapping/phone"
)

func BenchmarkParse(b *testing.B) {
	for name, in := range map[string]struct{ text, country string }{
		"plus":      {"+442079460123", ""},
		"bracketed": {"+44 (0)20 7946 0123", ""},
		"german":    {"0171/392 00-12", "DE"},
		"american":  {"(202) 555-0123", "US"},
		"british":   {"020 7946 0123", "GB"},
		"prefix":    {"0049 171 3920012", "CH"},
		"zero":      {"1713920012", "DE"},
		"nobreak":   {"+44\u00a020\u00a07946\u00a00123", ""},
		"damaged":   {"491713920012", "DE"},
		"letters":   {"call reception", "US"},
		"short":     {"555-0123", "US"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = phone.Parse(in.text, "", in.country, phone.Office)
			}
		})
	}
}

func BenchmarkJoin(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = phone.Join(phone.Parts{CountryCode: "44", AreaCode: "0121", Number: "414 6951"}, "", phone.Personal)
	}
}
