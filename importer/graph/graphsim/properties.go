package graphsim

import (
	"cmp"
	"strconv"
	"strings"
)

// property is one property of a resource as $select names it.
type property[T any] struct {
	append func([]byte, *T) []byte
	basic  bool   // User.ReadBasic.All suffices
	empty  string // what stands where it may not be read
}

// userProperties lists what can be selected of a user. Of the properties that
// this simulator does not keep the value is null, or an empty collection.
var userProperties = withAbsent(map[string]property[User]{
	"id":                          {nullable(func(u *User) string { return u.ID }), true, "null"},
	"userPrincipalName":           {nullable(func(u *User) string { return u.UserPrincipalName }), true, "null"},
	"displayName":                 {nullable(func(u *User) string { return u.DisplayName }), true, "null"},
	"mail":                        {nullable(func(u *User) string { return u.Mail }), true, "null"},
	"employeeId":                  {nullable(func(u *User) string { return u.EmployeeID }), false, "null"},
	"onPremisesSamAccountName":    {nullable(func(u *User) string { return u.OnPremisesSamAccountName }), false, "null"},
	"onPremisesImmutableId":       {nullable(func(u *User) string { return u.OnPremisesImmutableID }), false, "null"},
	"onPremisesUserPrincipalName": {nullable(func(u *User) string { return u.OnPremisesUserPrincipalName }), false, "null"},
	"usageLocation":               {nullable(func(u *User) string { return u.UsageLocation }), false, "null"},
	"mobilePhone":                 {nullable(func(u *User) string { return u.MobilePhone }), false, "null"},
	"businessPhones":              {func(dst []byte, u *User) []byte { return appendStrings(dst, u.BusinessPhones) }, false, "[]"},
	"otherMails":                  {func(dst []byte, u *User) []byte { return appendStrings(dst, u.OtherMails) }, false, "[]"},
	"proxyAddresses":              {func(dst []byte, u *User) []byte { return appendStrings(dst, u.ProxyAddresses) }, false, "[]"},
	"department":                  {nullable(func(u *User) string { return u.Department }), false, "null"},
	"country":                     {nullable(func(u *User) string { return u.Country }), false, "null"},
	"companyName":                 {nullable(func(u *User) string { return u.CompanyName }), false, "null"},
	"creationType":                {nullable(func(u *User) string { return u.CreationType }), false, "null"},
	"isManagementRestricted":      {trueOrNull(func(u *User) bool { return u.IsManagementRestricted }), false, "null"},
	"onPremisesSyncEnabled":       {trueOrNull(func(u *User) bool { return u.OnPremisesSyncEnabled }), false, "null"},
	"accountEnabled":              {flag((*User).IsEnabled), false, "null"},
	"userType":                    {nullable((*User).kind), false, "null"},
}, "givenName surname", "ageGroup city createdDateTime employeeType externalUserState"+
	" externalUserStateChangeDateTime isResourceAccount jobTitle lastPasswordChangeDateTime mailNickname officeLocation"+
	" onPremisesDistinguishedName onPremisesDomainName onPremisesLastSyncDateTime onPremisesSecurityIdentifier"+
	" preferredLanguage securityIdentifier signInSessionsValidFromDateTime", "assignedLicenses assignedPlans identities")

// defaultUserProperties is what Graph gives without $select
// (learn.microsoft.com, "List users").
var defaultUserProperties = []string{
	"businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone",
	"officeLocation", "preferredLanguage", "surname", "userPrincipalName", "id",
}

var organizationProperties = withAbsent(map[string]property[Tenant]{
	"id":          {append: func(dst []byte, t *Tenant) []byte { return appendString(dst, t.ID) }},
	"displayName": {append: func(dst []byte, t *Tenant) []byte { return appendNullable(dst, t.DisplayName) }},
	"verifiedDomains": {append: func(dst []byte, t *Tenant) []byte {
		dst = append(dst, '[')
		for i, name := range t.VerifiedDomains {
			if i > 0 {
				dst = append(dst, `,{"isDefault":false,"name":`...)
			} else {
				dst = append(dst, `{"isDefault":true,"name":`...)
			}
			dst = append(appendString(dst, name), '}')
		}
		return append(dst, ']')
	}},
	"countryLetterCode":     {append: func(dst []byte, t *Tenant) []byte { return appendNullable(dst, t.CountryLetterCode) }},
	"defaultUsageLocation":  {append: func(dst []byte, t *Tenant) []byte { return appendNullable(dst, t.DefaultUsageLocation) }},
	"onPremisesSyncEnabled": {append: trueOrNull(func(t *Tenant) bool { return t.OnPremisesSyncEnabled })},
	"tenantType":            {append: func(dst []byte, t *Tenant) []byte { return appendString(dst, cmp.Or(t.TenantType, "AAD")) }},
}, "", "createdDateTime", "")

var defaultOrganizationProperties = []string{"id", "displayName", "verifiedDomains"}

func nullable(of func(*User) string) func([]byte, *User) []byte {
	return func(dst []byte, u *User) []byte { return appendNullable(dst, of(u)) }
}

func flag[T any](of func(*T) bool) func([]byte, *T) []byte {
	return func(dst []byte, t *T) []byte { return strconv.AppendBool(dst, of(t)) }
}

// trueOrNull is a flag that says nothing where it was never set
// (learn.microsoft.com, user and organization resource types).
func trueOrNull[T any](of func(*T) bool) func([]byte, *T) []byte {
	return func(dst []byte, t *T) []byte {
		if of(t) {
			return append(dst, "true"...)
		}
		return append(dst, "null"...)
	}
}

// withAbsent adds properties that have no value here: basic ones, others, and
// collections.
func withAbsent[T any](known map[string]property[T], basic, others, collections string) map[string]property[T] {
	add := func(names, empty string, basic bool) {
		for _, name := range strings.Fields(names) {
			known[name] = property[T]{func(dst []byte, _ *T) []byte { return append(dst, empty...) }, basic, empty}
		}
	}
	add(basic, "null", true)
	add(others, "null", false)
	add(collections, "[]", false)
	return known
}

// column is a selected property ready to be written for many objects.
type column[T any] struct {
	label  []byte // `"name":`
	append func([]byte, *T) []byte
}

// sight is how much of an object the caller may see.
type sight uint8

const (
	whole sight = iota
	basics
	// bare is the id (learn.microsoft.com, "Microsoft Graph permissions
	// overview", limited information for inaccessible member objects).
	bare
)

// hides reports whether the property stays null.
func (v sight) hides(name string, basic bool) bool {
	return v == bare && name != "id" || v == basics && !basic
}

// columns reads a $select; "" is the default set. Names count letter by letter:
// that other letter case is refused is unverified.
func columns[T any](all map[string]property[T], defaults []string, selected string, seen sight) ([]column[T], *reply) {
	names := defaults
	if selected != "" {
		names = strings.Split(selected, ",")
	}
	cols := make([]column[T], 0, len(names))
	have := make(map[string]bool, len(names))
	for _, name := range names {
		name = strings.TrimSpace(name)
		p, known := all[name]
		if !known {
			rep := badRequest(directories, "Parsing OData Select and Expand failed: Could not find a property named '%s'.", name)
			return nil, &rep
		}
		if have[name] {
			continue
		}
		have[name] = true
		write := p.append
		if seen.hides(name, p.basic) {
			write = func(dst []byte, _ *T) []byte { return append(dst, p.empty...) }
		}
		cols = append(cols, column[T]{append(appendString(nil, name), ':'), write})
	}
	return cols, nil
}

// appendMembers writes an object's members, without the braces.
func appendMembers[T any](dst []byte, cols []column[T], of *T) []byte {
	for i, c := range cols {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = c.append(append(dst, c.label...), of)
	}
	return dst
}
