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
	ProxyAddresses               []string // "SMTP:primary", "smtp:alias" and other types; only where they were asked for
	UserType                     string   // "Member", "Guest", or empty where it may not be read
	UsageLocation                string   // ISO 3166 alpha-2, or empty
	AccountEnabled, EnabledKnown bool     // EnabledKnown is false where it may not be read
	Restricted                   bool     // under restricted management: only roles at that scope may write
	Local                        bool     // a local account of a B2C tenant, which has no authentication methods
	Synced                       bool     // comes from an on-premises directory

	// Only where they were asked for.
	Department, Country string
	MobilePhone         string   // the directory's, which resets no password
	BusinessPhones      []string // likewise
	OtherMails          []string // likewise
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
	ProxyAddresses              Attribute = "proxyAddresses" // any mail address of the person, primary or alias
)

// Attributes lists every matching attribute.
func Attributes() []Attribute {
	return []Attribute{
		ID, UserPrincipalName, Mail, ProxyAddresses, EmployeeID,
		OnPremisesSamAccountName, OnPremisesImmutableID, OnPremisesUserPrincipalName,
	}
}

// of gives the person's values of the attribute, empty ones too.
func (a Attribute) of(u User) []string {
	switch a {
	case ID:
		return []string{u.ID}
	case UserPrincipalName:
		return []string{u.UserPrincipalName}
	case Mail:
		return []string{u.Mail}
	case ProxyAddresses:
		return u.ProxyAddresses
	case EmployeeID:
		return []string{u.EmployeeID}
	case OnPremisesSamAccountName:
		return []string{u.OnPremisesSamAccountName}
	case OnPremisesImmutableID:
		return []string{u.OnPremisesImmutableID}
	case OnPremisesUserPrincipalName:
		return []string{u.OnPremisesUserPrincipalName}
	}
	return nil
}

// Key names a person by one attribute. It is a claim of the file until the
// tenant has answered it with exactly one [User]. Of [ProxyAddresses] the value
// is a mail address, with or without the "smtp:" that the directory puts before
// it.
type Key struct {
	Attribute Attribute
	Value     string
}

// Text is the value without what does not name anybody: spaces around it and,
// of a proxy address, the "smtp:" before it.
func (k Key) Text() string {
	text := strings.TrimSpace(k.Value)
	if k.Attribute == ProxyAddresses {
		if address, isMail := cutSMTP(text); isMail {
			return strings.TrimSpace(address)
		}
	}
	return text
}

// Folded is the text two keys of the same person share: the directory compares
// without letter case, except the base64 of an immutable id.
func (k Key) Folded() string {
	text := k.Text()
	if k.Attribute != OnPremisesImmutableID {
		text = strings.ToLower(text)
	}
	return string(k.Attribute) + "\x00" + text
}

// KeysOf gives the keys by which the attribute names the person: none where
// there is no value, and several only of proxy addresses, of which those that
// are not for mail do not count. Nor does a value with spaces around it: no
// filter finds it, so it must not be found by other ways either.
func KeysOf(a Attribute, u User) []Key {
	var keys []Key
	for _, value := range a.of(u) {
		text := value
		if a == ProxyAddresses {
			var isMail bool
			if text, isMail = cutSMTP(value); !isMail {
				continue
			}
		}
		if key := (Key{a, value}); text != "" && text == key.Text() {
			keys = append(keys, key)
		}
	}
	return keys
}

// cutSMTP takes the type off a proxy address, "SMTP:" of the primary one and
// "smtp:" of the others.
func cutSMTP(address string) (string, bool) {
	const smtp = "smtp:"
	if len(address) < len(smtp) || !strings.EqualFold(address[:len(smtp)], smtp) {
		return address, false
	}
	return address[len(smtp):], true
}
