package graphsim

import "strings"

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
	"accountEnabled":              {flag((*User).IsEnabled), false, "null"},
	"userType": {nullable(func(u *User) string {
		if u.UserType == "" {
			return "Member"
		}
		return u.UserType
	}), false, "null"},
}, "givenName surname", "ageGroup city companyName country createdDateTime creationType department employeeType externalUserState"+
	" externalUserStateChangeDateTime isManagementRestricted isResourceAccount jobTitle lastPasswordChangeDateTime mailNickname officeLocation"+
	" onPremisesDistinguishedName onPremisesDomainName onPremisesLastSyncDateTime onPremisesSecurityIdentifier onPremisesSyncEnabled"+
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
}, "", "countryLetterCode createdDateTime defaultUsageLocation onPremisesSyncEnabled tenantType", "")

var defaultOrganizationProperties = []string{"id", "displayName", "verifiedDomains"}

func nullable(of func(*User) string) func([]byte, *User) []byte {
	return func(dst []byte, u *User) []byte { return appendNullable(dst, of(u)) }
}

func flag(of func(*User) bool) func([]byte, *User) []byte {
	return func(dst []byte, u *User) []byte {
		if of(u) {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
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

// columns reads a $select; "" is the default set. Restricted hides everything
// but the basic properties. Names count letter by letter: that other letter
// case is refused is unverified.
func columns[T any](all map[string]property[T], defaults []string, selected string, restricted bool) ([]column[T], *reply) {
	names := defaults
	if selected != "" {
		names = strings.Split(selected, ",")
	}
	cols := make([]column[T], 0, len(names))
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		name = strings.TrimSpace(name)
		p, known := all[name]
		if !known {
			rep := badRequest(directories, "Parsing OData Select and Expand failed: Could not find a property named '%s'.", name)
			return nil, &rep
		}
		if seen[name] {
			continue
		}
		seen[name] = true
		write := p.append
		if restricted && !p.basic {
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
