package main

import (
	"bytes"
	"fmt"
)

// mapping is the mapping file of the report.
const mapping = `# How Contoso's Workday report names people and their methods.
version: 1
name: Contoso, Workday report

# The file is read as it comes: comma, UTF-8, header in the first line.
source: {format: auto, encoding: auto, delimiter: auto, header_row: auto}

# The first key with a value decides; it has to name exactly one person.
match:
  - {attribute: employeeId, column: Employee ID}
  - {attribute: userPrincipalName, column: Email - Primary Work}

# The report also holds people who have left.
where:
  - {column: Status, in: [Active, On Leave]}

# No default: Contoso works in many countries, and a guess is somebody else's
# phone. A national number in a row without a country is left out.
country: {column: Country}

# A reviewer can look at one department at a time.
department: {column: Department}

methods:
  # Some people typed their mobile where the form asks for a home phone.
  mobile: {columns: [Personal Mobile, Home Phone]}
  office: {columns: [Work Phone], extension: Work Ext}
  # Never the work address: nobody can read it while locked out.
  email: {columns: [Email - Primary Home]}

# What people registered themselves stays; HR keeps the private address.
policy: {mobile: fill, office: fill, email: replace}

# Run by check, before any row.
examples:
  - row: {Employee ID: "000042", Status: Active, Country: DE, Personal Mobile: 0171 3920012, Work Phone: 030 23125012, Work Ext: "112"}
    want: {mobile: +49 1713920012, office: +49 3023125012x112}
  - row: {Employee ID: "000043", Status: Active, Country: US, Home Phone: (206) 555-0147, Email - Primary Home: ada.birchwood@Example.com}
    want: {mobile: +1 2065550147, email: ada.birchwood@example.com}
  - row: {Employee ID: "000044", Status: On Leave, Country: UK, Work Phone: 020 7946 0123}
    want: {office: +44 2079460123}
`

// readme counts what the files hold.
func readme(rows []worker, t tenant) []byte {
	var out bytes.Buffer
	odd := 0
	for _, o := range oddities {
		odd += o.people
	}
	fmt.Fprintf(&out, `# Contoso

An invented organisation: an HR export as it comes (%[1]s), the mapping
file that fits it (%[2]s) and the tenant it belongs to (%[3]s).
Nobody in it exists; addresses are at reserved domains. Phone numbers are from
ranges kept for fiction or, where a country has none that is valid to
libphonenumber, from beside its example number.

Written by %[4]s, this page too.

## %[1]s

%[5]d rows, %[6]d people in %[7]d countries. %[8]d people are ordinary, the other
%[9]d have one oddity each:

| people | oddity |
|---:|---|
`, "`workers.csv`", "`mapping.yaml`", "`tenant.json`", "`go run ./samples/generate`",
		len(rows), headcount, len(countries()), headcount-odd, odd)
	for _, o := range oddities[ordinary+1:] {
		fmt.Fprintf(&out, "| %d | %s |\n", o.people, o.meaning)
	}

	c := countUsers(t)
	fmt.Fprintf(&out, `
## %s

| users | who |
|---:|---|
| %d | in all |
| %d | not in the report, %d of them guests |
| %d | guests |
| %d | disabled |
| %d | with a method registered |
| %d | with a mobile |
| %d | with an alternate mobile |
| %d | with an office phone |
| %d | with an e-mail address |
`, "`tenant.json`", len(t.Users), unlistedMembers+unlistedGuests, unlistedGuests, c.guests, c.disabled,
		c.registered, c.phones["mobile"], c.phones["alternateMobile"], c.phones["office"], c.emails)
	return out.Bytes()
}

// userCounts is what the page says about a tenant's users.
type userCounts struct {
	guests, disabled, registered, emails int
	phones                               map[string]int // by phone type
}

func countUsers(t tenant) userCounts {
	c := userCounts{phones: map[string]int{}}
	for _, u := range t.Users {
		if u.UserType == "Guest" {
			c.guests++
		}
		if u.AccountEnabled != nil {
			c.disabled++
		}
		if len(u.PhoneMethods)+len(u.EmailMethods) > 0 {
			c.registered++
		}
		c.emails += len(u.EmailMethods)
		for _, method := range u.PhoneMethods {
			c.phones[method.PhoneType]++
		}
	}
	return c
}
