package phone_test

import (
	"testing"

	"authseed/mapping/phone"
)

func TestExample(t *testing.T) {
	for _, country := range []string{"DE", "FR", "GB", "JP", "KR", "NL", "ES", "US"} {
		for _, mobile := range []bool{true, false} {
			written, text, ok := phone.Example(country, mobile)
			if !ok {
				t.Errorf("%s, mobile %v: none", country, mobile)
				continue
			}
			got, err := phone.Parse(written, "", country, phone.Personal)
			if err != nil || got.Text != text || !got.National || got.Country != country {
				t.Errorf("%s: %+v, %v; want %q", country, got, err, text)
			}
			if again, err := phone.Parse(text, "", "", phone.Personal); err != nil || again.Text != text || again.National {
				t.Errorf("%s: %+v, %v", country, again, err)
			}
		}
	}
	if _, _, ok := phone.Example("XX", true); ok {
		t.Error("an example of no country")
	}
}
