package phone

import "github.com/nyaruka/phonenumbers"

// Example gives the number that the numbering plan of a country itself gives as
// an example, as it is written inside the country and as Parse returns it: a
// mobile, or else a fixed line. It is false where the plan has none that Parse
// reads in both forms.
func Example(country string, mobile bool) (written, text string, ok bool) {
	kind := phonenumbers.FIXED_LINE
	if mobile {
		kind = phonenumbers.MOBILE
	}
	number := phonenumbers.GetExampleNumberForType(country, kind)
	if number == nil {
		return "", "", false
	}
	written = phonenumbers.Format(number, phonenumbers.NATIONAL)
	read, err := Parse(written, "", country, Personal)
	if err != nil {
		return "", "", false
	}
	return written, read.Text, true
}
