package main

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// The scenario "directory": a tenant whose people have phones and addresses as
// properties, where password reset once looked, and hardly a registered method.

// attribute is what is unusual about the properties of a person. Nobody has two.
type attribute int

const (
	plain attribute = iota
	severalPhones
	firstPhoneUnusable
	withExtension
	byCountry
	nowhere
	severalMails
	firstMailBroken
	ownDomain
	reception
	landline
	lettersInMobile
	noProperties
	registeredSame
	registeredOther
	invited
	blocked
	administrator
	attributeCount
)

// attributes says how many people have each. The tests count them again.
var attributes = [attributeCount]struct {
	people  int
	meaning string
}{
	severalPhones:      {6, "several business phones, of which the first counts"},
	firstPhoneUnusable: {3, "the first business phone is a word, the second a number"},
	withExtension:      {5, "the business phone has an extension"},
	byCountry:          {4, "a national number and no usageLocation, but a country by name"},
	nowhere:            {4, "a national number, and neither usageLocation nor country"},
	severalMails:       {4, "several other mails, of which the first counts"},
	firstMailBroken:    {2, "the first other mail is broken, the second an address"},
	ownDomain:          {4, "the other mail is at the tenant's own domain"},
	reception:          {6, "the business phone is the reception's, the same for all of them"},
	landline:           {3, "mobilePhone is a fixed line"},
	lettersInMobile:    {2, "mobilePhone has letters in it"},
	noProperties:       {10, "no phone and no other mail"},
	registeredSame:     {5, "what the properties hold is registered already"},
	registeredOther:    {5, "another mobile is registered than mobilePhone holds"},
	invited:            {4, "is a guest"},
	blocked:            {5, "is disabled"},
	administrator:      {1, "is Global Administrator"},
}

// globalAdministrator is the role's template id, the same in every tenant
// (learn.microsoft.com, "Microsoft Entra built-in roles").
const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10"

const ownName = "northwind.example"

// holder is somebody of the tenant.
type holder struct {
	user
	country   string
	attribute attribute
}

// clerk fills the properties in.
type clerk struct {
	rng      *rand.Rand
	d        *directory
	privates *registry
	desk     string // the reception's number
}

// generateDirectory gives the scenario's files by name.
func generateDirectory() (map[string][]byte, error) {
	stream := func(topic uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, topic)) }
	c := &clerk{rng: stream(12), d: newDirectory(stream(11)), privates: &registry{map[string]bool{}}}
	c.desk = c.d.typedFixed(c.d.newFixed("US"))
	holders := newHolders(stream(13))
	for _, h := range holders {
		c.fill(h)
	}
	t := tenantOf(stream(14), holders)
	if c.d.err != nil {
		return nil, c.d.err
	}
	document, err := encodeTenant(t)
	if err != nil {
		return nil, fmt.Errorf("writing tenant: %w", err)
	}
	return map[string][]byte{"tenant.json": document, "README.md": directoryReadme(t)}, nil
}

// newHolders invents everybody, without properties.
func newHolders(rng *rand.Rand) []*holder {
	logins := &registry{map[string]bool{}}
	var holders []*holder
	for _, place := range []struct {
		iso    string
		people int
	}{{"DE", 40}, {"US", 35}, {"GB", 20}, {"FR", 15}, {"SE", 10}} {
		at := slices.IndexFunc(countries(), func(c country) bool { return c.iso == place.iso })
		for range place.people {
			p := newPerson(rng, countries()[at], logins)
			name := p.login + "@" + ownName
			holders = append(holders, &holder{country: place.iso, user: user{
				ID: guid(rng), UserPrincipalName: name, DisplayName: p.row.FirstName + " " + p.row.LastName, Mail: name,
				UsageLocation: place.iso, Department: p.row.Department, OnPremisesSyncEnabled: rng.IntN(3) > 0,
			}})
		}
	}
	rng.Shuffle(len(holders), func(i, j int) { holders[i], holders[j] = holders[j], holders[i] })
	at := 0
	for what := range attributes {
		for range attributes[what].people {
			holders[at].attribute = attribute(what)
			at++
		}
	}
	return holders
}

// fill gives a person their properties, and what is unusual about them.
func (c *clerk) fill(h *holder) {
	mobile, office := c.d.newMobile(h.country), c.d.newFixed(h.country)
	mail := c.privates.unique(strings.Split(h.UserPrincipalName, "@")[0]) + "@example.com"
	mix := c.rng.IntN(100)
	if mix < 80 {
		h.MobilePhone = c.d.typedMobile(mobile)
	}
	if mix >= 40 {
		h.BusinessPhones = []string{c.d.typedFixed(office)}
	}
	if mix%2 == 0 {
		h.OtherMails = []string{mail}
	}
	switch h.attribute {
	case severalPhones:
		h.BusinessPhones = []string{c.d.typedFixed(office), c.d.typedFixed(c.d.newFixed(h.country))}
	case firstPhoneUnusable:
		h.BusinessPhones = []string{"see intranet", c.d.typedFixed(office)}
	case withExtension:
		h.BusinessPhones = []string{office.spaced() + fmt.Sprintf(" ext. %d", 100+c.rng.IntN(900))}
	case byCountry:
		h.UsageLocation, h.Country = "", map[string]string{"DE": "Germany", "US": "United States", "GB": "United Kingdom", "FR": "France", "SE": "Sweden"}[h.country]
		h.MobilePhone = c.d.typedNationally(mobile)
	case nowhere:
		h.UsageLocation, h.MobilePhone = "", c.d.typedNationally(mobile)
	case severalMails:
		h.OtherMails = []string{mail, strings.Replace(mail, "example.com", "example.org", 1)}
	case firstMailBroken:
		h.OtherMails = []string{strings.Replace(mail, "@", " at ", 1), mail}
	case ownDomain:
		h.OtherMails = []string{h.UserPrincipalName}
	case reception:
		h.BusinessPhones = []string{"+1 " + strings.TrimPrefix(c.desk, "+1 ")}
	case landline:
		h.MobilePhone = c.d.newFixed(h.country).spaced()
	case lettersInMobile:
		h.MobilePhone = mobile.spaced() + " home"
	case noProperties:
		h.MobilePhone, h.BusinessPhones, h.OtherMails = "", nil, nil
	default:
		c.account(h, mobile)
	}
}

// account is for what is unusual not about the properties but about the account
// or what it has registered.
func (c *clerk) account(h *holder, mobile number) {
	switch h.attribute {
	case registeredSame:
		h.MobilePhone = mobile.spaced()
		h.PhoneMethods = []phoneMethod{{"mobile", mobile.canonical()}}
	case registeredOther:
		h.MobilePhone = mobile.spaced()
		h.PhoneMethods = []phoneMethod{{"mobile", c.d.newMobile(h.country).canonical()}}
	case invited:
		h.UserType, h.OnPremisesSyncEnabled = "Guest", false
		h.UserPrincipalName = strings.Replace(h.Mail, "@", "_", 1) + "#EXT#@" + ownName
		h.MobilePhone = mobile.spaced()
	case blocked:
		h.AccountEnabled = new(bool)
		h.MobilePhone = mobile.spaced()
	case administrator:
		h.MobilePhone, h.OnPremisesSyncEnabled = mobile.spaced(), false
	}
}

// tenantOf puts the people into a tenant with a group to begin with, and with two
// of one name.
func tenantOf(rng *rand.Rand, holders []*holder) tenant {
	t := tenant{
		ID: guid(rng), DisplayName: "Northwind", VerifiedDomains: []string{ownName}, OnPremisesSyncEnabled: true, PasswordWriteback: true,
	}
	pilot := group{ID: guid(rng), DisplayName: "Password reset pilot"}
	sales := []group{{ID: guid(rng), DisplayName: "Sales"}, {ID: guid(rng), DisplayName: "Sales"}}
	slices.SortFunc(holders, func(a, b *holder) int { return cmp.Compare(a.UserPrincipalName, b.UserPrincipalName) })
	for i, h := range holders {
		t.Users = append(t.Users, h.user)
		if i%12 == 0 {
			pilot.Members = append(pilot.Members, h.ID)
		}
		if h.Department == "Sales" {
			sales[i%2].Members = append(sales[i%2].Members, h.ID)
		}
		if h.attribute == administrator {
			t.RoleAssignments = append(t.RoleAssignments, role{PrincipalID: h.ID, RoleDefinitionID: globalAdministrator})
		}
	}
	t.Groups = append(sales, pilot)
	return t
}

// directoryReadme counts what the tenant holds.
func directoryReadme(t tenant) []byte {
	var out bytes.Buffer
	odd := 0
	for _, a := range attributes {
		odd += a.people
	}
	c, synced := countUsers(t), 0
	var mobiles, offices, mails int
	for _, u := range t.Users {
		mobiles += min(1, len(u.MobilePhone))
		offices += min(1, len(u.BusinessPhones))
		mails += min(1, len(u.OtherMails))
		if u.OnPremisesSyncEnabled {
			synced++
		}
	}
	fmt.Fprintf(&out, `# Northwind, from the directory

An invented organisation that let people reset their passwords by what its
directory knew of them: %[1]s, %[2]s and %[3]s. Since
October 2026 these reset nothing, and hardly anybody has registered a method.
There is no file to import: the tenant (%[4]s) is the source.

    authseed plan --from directory --sandbox=samples/directory/tenant.json
    authseed plan --from directory --sandbox=samples/directory/tenant.json --group "Password reset pilot"

Nobody in it exists; addresses are at reserved domains. Phone numbers are from
ranges kept for fiction or, where a country has none that is valid to
libphonenumber, from beside its example number.

Written by %[5]s, this page too.

## %[4]s

%[6]d people: %[7]d are ordinary, the other %[8]d have one oddity each:

| people | oddity |
|---:|---|
`, "`mobilePhone`", "`businessPhones`", "`otherMails`", "`tenant.json`", "`go run ./samples/generate`", len(t.Users), len(t.Users)-odd, odd)
	for _, a := range attributes[plain+1:] {
		fmt.Fprintf(&out, "| %d | %s |\n", a.people, a.meaning)
	}
	fmt.Fprintf(&out, `
| people | have |
|---:|---|
| %d | a mobilePhone |
| %d | a businessPhone |
| %d | an otherMail |
| %d | a method registered |
| %d | an account that is synchronised from on-premises |

The group %s has %d people; two groups are called %s.
`, mobiles, offices, mails, c.registered, synced, "`Password reset pilot`", len(t.Groups[2].Members), "`Sales`")
	return out.Bytes()
}
