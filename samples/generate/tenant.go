package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// tenant is the document the simulator loads.
type tenant struct {
	ID              string   `json:"id"`
	DisplayName     string   `json:"displayName"`
	VerifiedDomains []string `json:"verifiedDomains"`

	OnPremisesSyncEnabled bool    `json:"onPremisesSyncEnabled,omitempty"`
	PasswordWriteback     bool    `json:"passwordWriteback,omitempty"`
	Groups                []group `json:"groups,omitempty"`
	RoleAssignments       []role  `json:"roleAssignments,omitempty"`

	Users []user `json:"users"`
}

type group struct {
	ID          string   `json:"id"`
	DisplayName string   `json:"displayName"`
	Members     []string `json:"members,omitempty"`
}

type role struct {
	PrincipalID      string `json:"principalId"`
	RoleDefinitionID string `json:"roleDefinitionId"`
}

type user struct {
	ID                       string        `json:"id"`
	UserPrincipalName        string        `json:"userPrincipalName"`
	DisplayName              string        `json:"displayName"`
	Mail                     string        `json:"mail,omitempty"`
	EmployeeID               string        `json:"employeeId,omitempty"`
	OnPremisesSamAccountName string        `json:"onPremisesSamAccountName,omitempty"`
	AccountEnabled           *bool         `json:"accountEnabled,omitempty"` // absent is enabled
	UserType                 string        `json:"userType,omitempty"`       // absent is a member
	UsageLocation            string        `json:"usageLocation,omitempty"`
	OtherMails               []string      `json:"otherMails,omitempty"`
	MobilePhone              string        `json:"mobilePhone,omitempty"`
	BusinessPhones           []string      `json:"businessPhones,omitempty"`
	Department               string        `json:"department,omitempty"`
	Country                  string        `json:"country,omitempty"`
	OnPremisesSyncEnabled    bool          `json:"onPremisesSyncEnabled,omitempty"`
	PhoneMethods             []phoneMethod `json:"phoneMethods,omitempty"`
	EmailMethods             []emailMethod `json:"emailMethods,omitempty"`
}

type phoneMethod struct {
	PhoneType   string `json:"phoneType"`
	PhoneNumber string `json:"phoneNumber"`
}

type emailMethod struct {
	EmailAddress string `json:"emailAddress"`
}

// People of the tenant who are not in the report.
const (
	leaversGone     = 4 // of the terminated: their accounts are deleted
	unlistedMembers = 40
	unlistedGuests  = 6
	unlistedBlocked = 5 // of the unlisted members
)

// registrar builds the tenant of the people in the report.
type registrar struct {
	rng      *rand.Rand
	d        *directory
	logins   *registry
	accounts *registry // names of the old domain
	privates *registry
	users    []user
}

func (r *registrar) tenant(people []*person) tenant {
	gone := 0
	for _, p := range people {
		switch {
		case p.oddity == notInTenant:
			continue
		case p.oddity == terminated && gone < leaversGone:
			gone++
			continue
		}
		r.add(p)
	}
	r.addUnlisted()
	slices.SortFunc(r.users, func(a, b user) int { return cmp.Compare(a.UserPrincipalName, b.UserPrincipalName) })
	return tenant{
		ID:              guid(r.rng),
		DisplayName:     "Contoso",
		VerifiedDomains: []string{"contoso.example"},
		Users:           r.users,
	}
}

// add puts a person of the report into the tenant.
func (r *registrar) add(p *person) {
	u := r.account(p)
	switch p.oddity {
	case noEmployeeID:
		u.EmployeeID = fmt.Sprintf("%06d", 900000+len(r.users))
	case twiceInTenant:
		twin := r.account(p)
		twin.UserPrincipalName = r.logins.unique(p.login) + "@contoso.example"
		twin.Mail = twin.UserPrincipalName
		r.users = append(r.users, twin)
	case guest:
		u.UserType = "Guest"
		u.UserPrincipalName = strings.Replace(u.Mail, "@", "_", 1) + "#EXT#@contoso.example"
		u.OnPremisesSamAccountName = ""
	case terminated, disabled:
		u.AccountEnabled = new(bool)
	}
	if p.oddity == cleared || r.rng.IntN(100) < 37 {
		r.register(&u, p)
	}
	r.users = append(r.users, u)
}

func (r *registrar) account(p *person) user {
	u := user{
		ID:                guid(r.rng),
		UserPrincipalName: p.row.WorkEmail,
		DisplayName:       p.row.FirstName + " " + p.row.LastName,
		Mail:              p.row.WorkEmail,
		EmployeeID:        p.row.EmployeeID,
		UsageLocation:     p.country,
	}
	if r.rng.IntN(3) > 0 {
		first, last, _ := strings.Cut(p.login, ".")
		u.OnPremisesSamAccountName = r.accounts.unique(first[:1] + last[:min(len(last), 12)])
	}
	return u
}

// register gives the user some of the methods the row asks for: equal, equal
// but written another way, or different.
func (r *registrar) register(u *user, p *person) {
	all := p.oddity == cleared
	some := func(asked bool) bool { return asked && (all || r.rng.IntN(3) > 0) }

	if some(!p.mobile.isZero()) {
		u.PhoneMethods = append(u.PhoneMethods, phoneMethod{"mobile", r.variant(p.mobile, r.d.mobile)})
		// North America has numbers to spare.
		if plans[p.country].code == "1" && !all && r.rng.IntN(3) == 0 {
			u.PhoneMethods = append(u.PhoneMethods, phoneMethod{"alternateMobile", r.d.newMobile(p.country).canonical()})
		}
	}
	if some(!p.office.isZero()) {
		number := r.variant(p.office, r.d.fixed)
		if p.extension != "" {
			number += "x" + p.extension
		}
		u.PhoneMethods = append(u.PhoneMethods, phoneMethod{"office", number})
	}
	if some(p.email != "") {
		u.EmailMethods = []emailMethod{{r.emailVariant(p.email)}}
	}
}

func (r *registrar) variant(n number, spare map[string][]string) string {
	switch roll := r.rng.IntN(10); {
	case roll < 4:
		return n.canonical()
	case roll < 7:
		return n.spaced()
	}
	return r.d.draw(spare, n.country).canonical()
}

func (r *registrar) emailVariant(email string) string {
	name, domain, _ := strings.Cut(email, "@")
	switch roll := r.rng.IntN(10); {
	case roll < 4:
		return email
	case roll < 7:
		return strings.ToUpper(name[:1]) + name[1:] + "@" + domain
	}
	return r.privates.unique(name) + "@example.org"
}

// addUnlisted puts people into the tenant who are not in the report.
func (r *registrar) addUnlisted() {
	places := countries()
	for i := range unlistedMembers {
		p := newPerson(r.rng, places[1], r.logins) // US, which has numbers to spare
		p.giveContacts(r.rng, r.d, r.privates)
		p.row.EmployeeID = ""
		u := r.account(p)
		if i < unlistedBlocked {
			u.AccountEnabled = new(bool)
		}
		if r.rng.IntN(3) == 0 {
			r.register(&u, p)
		}
		r.users = append(r.users, u)
	}
	for range unlistedGuests {
		p := newPerson(r.rng, pick(r.rng, places), r.logins)
		mail := p.login + "@fabrikam.example"
		r.users = append(r.users, user{
			ID:                guid(r.rng),
			UserPrincipalName: strings.Replace(mail, "@", "_", 1) + "#EXT#@contoso.example",
			DisplayName:       p.row.FirstName + " " + p.row.LastName,
			Mail:              mail,
			UserType:          "Guest",
		})
	}
}

// guid is a random GUID of version 4.
func guid(rng *rand.Rand) string {
	high, low := rng.Uint64(), rng.Uint64()
	high = high&^0xf000 | 0x4000
	low = low&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&(1<<48-1))
}
