package mapping

import (
	"strings"
	"testing"
)

func TestReadAddress(t *testing.T) {
	label := strings.Repeat("a", 63)
	long := label + "." + label + "." + label + "."
	for _, test := range []struct{ name, cell, want, fault string }{
		{"plain", "kim@example.com", "kim@example.com", ""},
		{"domain in lower case", "Kim.Lee@Example.COM", "Kim.Lee@example.com", ""},
		{"signs", "k+i_m'o-n#x@mail-1.example", "k+i_m'o-n#x@mail-1.example", ""},
		{"longest local part", strings.Repeat("k", 64) + "@example.com", strings.Repeat("k", 64) + "@example.com", ""},
		{"local part too long", strings.Repeat("k", 65) + "@example.com", "", "too long for an e-mail address"},
		{"longest", strings.Repeat("k", 50) + "@" + long + "example.com", strings.Repeat("k", 50) + "@" + long + "example.com", ""},
		{"too long", strings.Repeat("k", 51) + "@" + long + "example.com", "", "too long for an e-mail address"},
		{"placeholder", "n/a", "", "not an e-mail address: there is no @"},
		{"two", "kim@example.com; lee@example.com", "", "more than one address, or a comma or semicolon in it; keep one address per cell"},
		{"two without a sign", "kim@example.com lee@example.com", "", "more than one address, or a comma or semicolon in it; keep one address per cell"},
		{"display name", "Kim <kim@example.com>", "", "a name or brackets round the address; keep the address alone"},
		{"quoted local part", `"kim"@example.com`, "", "a name or brackets round the address; keep the address alone"},
		{"space", "kim @example.com", "", "a space in the address"},
		{"two lines", "kim@example.com\nlee@example.com", "", "a line break or another invisible character in it"},
		{"right to left", "kim\u202e@example.com", "", "a line break or another invisible character in it"},
		{"zero width", "kim@exam\u200bple.com", "", "a line break or another invisible character in it"},
		{"umlaut", "jürgen@example.com", "", "a character outside ASCII in it, which is not taken in an address"},
		{"cyrillic look-alike", "kim@ex\u0430mple.com", "", "a character outside ASCII in it, which is not taken in an address"},
		{"no local part", "@example.com", "", "a part before or behind the @ is missing"},
		{"no domain", "kim@", "", "a part before or behind the @ is missing"},
		{"two dots", "kim..lee@example.com", "", "the part before the @ has a character or a dot where none may be"},
		{"dot first", ".kim@example.com", "", "the part before the @ has a character or a dot where none may be"},
		{"prefix", "mailto:kim@example.com", "", "the part before the @ has a character or a dot where none may be"},
		{"dot last", "kim@example.com.", "", "the domain has a character or a dot where none may be"},
		{"underscore in the domain", "kim@exa_mple.com", "", "the domain has a character or a dot where none may be"},
		{"number instead of a domain", "kim@[192.0.2.1]", "", "the domain has a character or a dot where none may be"},
		{"bare number", "kim@192.0.2.1", "", "the domain ends in a number"},
		{"one label", "kim@localhost", "", "the domain is not complete"},
		{"hyphen first", "kim@-example.com", "", "a part of the domain is too long or begins or ends with a hyphen"},
		{"long label", "kim@a" + label + ".com", "", "a part of the domain is too long or begins or ends with a hyphen"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, fault := readAddress(test.cell)
			if got != test.want || fault != test.fault {
				t.Errorf("got %q, %q; want %q, %q", got, fault, test.want, test.fault)
			}
		})
	}
}
