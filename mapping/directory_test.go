package mapping_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"authseed/mapping"
	"authseed/mapping/authmethod"
)

// said is what an entry says, masked, in one line.
func said(e mapping.Entry) string {
	var parts []string
	if e.Skip != nil {
		parts = append(parts, string(e.Skip.Reason)+": "+e.Skip.Detail)
	}
	for _, kind := range authmethod.Kinds() {
		if wish := e.Wishes[kind]; wish.Clear {
			parts = append(parts, kind.String()+" <clear>")
		} else if !wish.IsZero() {
			parts = append(parts, fmt.Sprintf("%s %s %s %s", kind, wish.Value, wish.Country, wish.CountryFrom))
		}
	}
	for _, p := range e.Problems {
		parts = append(parts, fmt.Sprintf("%s %s: %s", p.Kind, p.Reason, p.Detail))
	}
	return strings.Join(parts, " | ")
}

func directory(t *testing.T, m *mapping.Mapping) *mapping.Directory {
	t.Helper()
	d, err := m.Directory()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDirectoryAttributesBecomeWishes(t *testing.T) {
	d := directory(t, mapping.OfDirectory())
	for name, c := range map[string]struct {
		user authmethod.User
		want string
	}{
		"everything": {
			authmethod.User{MobilePhone: "+1 206 555 0101", BusinessPhones: []string{"+1 (206) 555-0102 x12"}, OtherMails: []string{"ada@Example.com"}},
			"mobile +1 *** **01 US number | office +1 *** **02x** US number | email a***@example.com  ",
		},
		"nothing":           {authmethod.User{}, "out-of-scope: no value in any mapped column"},
		"white space":       {authmethod.User{MobilePhone: "  ", BusinessPhones: []string{" "}}, "out-of-scope: no value in any mapped column"},
		"by usageLocation":  {authmethod.User{MobilePhone: "0171 3920012", UsageLocation: "DE", Country: "Austria"}, "mobile +49 *** **12 DE usageLocation"},
		"by country":        {authmethod.User{MobilePhone: "0171 3920012", Country: "Germany"}, "mobile +49 *** **12 DE row"},
		"lives nowhere":     {authmethod.User{MobilePhone: "0171 3920012"}, "mobile country-unknown: national number, and the person has neither usageLocation nor country; write it with a plus and its country code"},
		"no guess":          {authmethod.User{MobilePhone: "0171 3920012", UsageLocation: "AQ", Country: "DE"}, "mobile country-unknown: national number, and the person's usageLocation has no phone numbers of its own; write it with a plus and its country code"},
		"country of no use": {authmethod.User{MobilePhone: "0171 3920012", Country: "here"}, "mobile country-unknown: national number, and the person's country is not understood, and there is no usageLocation; write it with a plus and its country code"},
		"first usable": {
			authmethod.User{BusinessPhones: []string{"", "ext. 12", "+1 206 555 0103", "+1 206 555 0104"}, OtherMails: []string{"no address", "ada@example.org", "ada@example.com"}},
			"office +1 *** **03 US number | email a***@example.org   | office invalid-phone: an extension without a number; `businessPhones` is used instead | email invalid-email: not an e-mail address: there is no @; `otherMails` is used instead",
		},
		"no removal": {authmethod.User{MobilePhone: "<clear>", OtherMails: []string{"<CLEAR>"}}, "mobile invalid-phone: <clear> means nothing in the directory | email invalid-email: <clear> means nothing in the directory"},
	} {
		c.user.ID = "8360d010-e2a0-44ed-9683-383503e47d83"
		e := d.Entry(17, c.user)
		if got := said(e); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
		if e.Line != 17 || e.Key != (authmethod.Key{Attribute: authmethod.ID, Value: c.user.ID}) || e.Cells != nil {
			t.Errorf("%s: line %d, key %s, %d cells to read again", name, e.Line, e.Key.Attribute, len(e.Cells))
		}
	}
}

// TestDirectoryThroughAFile: a mapping file may name the properties as columns.
func TestDirectoryThroughAFile(t *testing.T) {
	m, err := mapping.Parse("mapping.yaml", []byte(`version: 1
match: [{attribute: userPrincipalName, column: userPrincipalName}]
where: [{column: department, in: [Sales]}]
country: {column: country, from: usageLocation, default: FR}
methods:
  mobile: {columns: [mobilePhone, businessPhones]}
  email: {columns: [otherMails]}
policy: {mobile: replace}
`))
	if err != nil {
		t.Fatal(err)
	}
	d := directory(t, m)
	if want := []string{"userPrincipalName", "department", "country", "mobilePhone", "businessPhones", "otherMails", "usageLocation"}; !slices.Equal(d.Columns(), want) {
		t.Errorf("columns %q", d.Columns())
	}
	sales := func(u authmethod.User) authmethod.User { u.Department = "sales"; return u }
	for name, c := range map[string]struct {
		user authmethod.User
		want string
	}{
		"another department":   {authmethod.User{Department: "Legal", MobilePhone: "+1 206 555 0101"}, "out-of-scope: `department` holds none of the values that count"},
		"the second of office": {sales(authmethod.User{BusinessPhones: []string{"none", "+1 206 555 0101"}}), "mobile +1 *** **01 US number | mobile invalid-phone: letters are not part of a phone number; `businessPhones` is used instead"},
		"column first":         {sales(authmethod.User{MobilePhone: "0171 3920012", Country: "DE", UsageLocation: "FR"}), "mobile +49 *** **12 DE row"},
		"then the person's":    {sales(authmethod.User{MobilePhone: "0171 3920012", UsageLocation: "DE"}), "mobile +49 *** **12 DE usageLocation"},
		"then the default":     {sales(authmethod.User{MobilePhone: "06 12 34 56 78"}), "mobile +33 *** **78 FR default"},
	} {
		c.user.ID = "8360d010-e2a0-44ed-9683-383503e47d83"
		if got := said(d.Entry(1, c.user)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestDirectoryRefusesOtherColumns(t *testing.T) {
	for text, want := range map[string]string{
		"mobile: {columns: [mobile phone]}":                          "mapping.yaml:4:22: unknown column `mobile phone`; did you mean `mobilePhone`?",
		`office: {columns: [businessPhones], separator: ";"}`:        "mapping.yaml:4:22: `businessPhones` is several values already",
		"office: {columns: [businessPhones], country_code: country}": "mapping.yaml:4:22: `businessPhones` is several numbers, of which none can be split over columns",
		"email: {columns: [proxyAddresses]}":                         "mapping.yaml:4:21: unknown column `proxyAddresses`",
	} {
		m, err := mapping.Parse("mapping.yaml", []byte("version: 1\nmatch: [{attribute: id, column: id}]\nmethods:\n  "+text+"\n"))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if _, err := m.Directory(); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// TestDirectoryRow: what is hashed tells people apart by all that is read of
// them, and by nothing else.
func TestDirectoryRow(t *testing.T) {
	d := directory(t, mapping.OfDirectory())
	u := authmethod.User{ID: "1", UserPrincipalName: "ada@contoso.example", MobilePhone: "a", BusinessPhones: []string{"b", "c"}, OtherMails: []string{"d"}, UsageLocation: "DE", Country: "AT", Department: "Sales"}
	want := []string{"1", "ada@contoso.example", "a", "b\nc", "d", "DE", "AT", "Sales"}
	if got := d.Row(u); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	u.DisplayName = "Ada"
	if got := d.Row(u); !slices.Equal(got, want) {
		t.Errorf("with what is not read: %q", got)
	}
}
