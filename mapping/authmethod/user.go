package authmethod

import "strings"

// User is a person of the tenant: what Graph's user resource tells about one,
// as far as matching, scope and display need it.
type User struct {
	ID                string // object id, the only name writes use
	UserPrincipalName string
	DisplayName       string

	Mail                         string
	EmployeeID                   string
	OnPremisesSamAccountName     string
	OnPremisesImmutableID        string
	OnPremisesUserPrincipalName  string
	UserType                     string // "Member", "Guest", or empty where it may not be read
	AccountEnabled, EnabledKnown bool   // EnabledKnown is false where it may not be read
}

// IsGuest reports whether the person is a guest. Where userType may not be
// read, the #EXT# that Entra puts into a guest's name still tells.
func (u User) IsGuest() bool {
	return strings.EqualFold(u.UserType, "Guest") || strings.Contains(strings.ToUpper(u.UserPrincipalName), "#EXT#")
}

// IsDisabled reports whether sign-in is known to be blocked.
func (u User) IsDisabled() bool { return u.EnabledKnown && !u.AccountEnabled }

// Attribute is a matching attribute: a property of Graph's user resource by
// which a row can name a person. Its text is Graph's property name.
type Attribute string

// The matching attributes.
const (
	ID                          Attribute = "id"
	UserPrincipalName           Attribute = "userPrincipalName"
	Mail                        Attribute = "mail"
	EmployeeID                  Attribute = "employeeId"
	OnPremisesSamAccountName    Attribute = "onPremisesSamAccountName"
	OnPremisesImmutableID       Attribute = "onPremisesImmutableId"
	OnPremisesUserPrincipalName Attribute = "onPremisesUserPrincipalName"
)

// Attributes lists every matching attribute.
func Attributes() []Attribute {
	return []Attribute{
		ID, UserPrincipalName, Mail, EmployeeID,
		OnPremisesSamAccountName, OnPremisesImmutableID, OnPremisesUserPrincipalName,
	}
}

// Of gives the person's value of the attribute, empty where there is none.
func (a Attribute) Of(u User) string {
	switch a {
	case ID:
		return u.ID
	case UserPrincipalName:
		return u.UserPrincipalName
	case Mail:
		return u.Mail
	case EmployeeID:
		return u.EmployeeID
	case OnPremisesSamAccountName:
		return u.OnPremisesSamAccountName
	case OnPremisesImmutableID:
		return u.OnPremisesImmutableID
	case OnPremisesUserPrincipalName:
		return u.OnPremisesUserPrincipalName
	}
	return ""
}

// Key names a person by one attribute. It is a claim of the file until the
// tenant has answered it with exactly one [User].
type Key struct {
	Attribute Attribute
	Value     string
}

// Folded is the text two keys of the same person share: the directory compares
// without letter case, except the base64 of an immutable id.
func (k Key) Folded() string {
	value := strings.TrimSpace(k.Value)
	if k.Attribute != OnPremisesImmutableID {
		value = strings.ToLower(value)
	}
	return string(k.Attribute) + "\x00" + value
}

// KeyOf gives the key by which the attribute names the person.
func KeyOf(a Attribute, u User) Key { return Key{a, a.Of(u)} }
