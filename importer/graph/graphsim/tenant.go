package graphsim

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Tenant is a directory and what its people have registered: the document a
// sandbox loads and saves. The names of its members are Graph's own.
type Tenant struct {
	ID              string   `json:"id"` // a GUID
	DisplayName     string   `json:"displayName,omitempty"`
	VerifiedDomains []string `json:"verifiedDomains,omitempty"` // the default one first

	TenantType            string   `json:"tenantType,omitempty"` // empty is "AAD"
	CountryLetterCode     string   `json:"countryLetterCode,omitempty"`
	DefaultUsageLocation  string   `json:"defaultUsageLocation,omitempty"`
	OnPremisesSyncEnabled bool     `json:"onPremisesSyncEnabled,omitempty"`
	PasswordWriteback     bool     `json:"passwordWriteback,omitempty"`
	SecurityDefaults      bool     `json:"securityDefaults,omitempty"`
	Domains               []Domain `json:"domains,omitempty"` // what there is to say of them; none is nothing
	// ServicePlans are the names of those that are enabled; nil is P1 and P2,
	// AAD_PREMIUM and AAD_PREMIUM_P2, and an empty list is none.
	ServicePlans []string `json:"servicePlans,omitzero"`

	// SSPREnabled is who may reset a password: "all", "none" or the members of
	// the group with that id; empty is all.
	SSPREnabled      string `json:"ssprEnabled,omitempty"`
	MethodsRequired  int    `json:"methodsRequired,omitempty"`  // to reset a password, 1 or 2; 0 is 1
	AllowedToUseSSPR *bool  `json:"allowedToUseSSPR,omitempty"` // whether administrators may; nil is true

	MethodsPolicy     *MethodsPolicy `json:"methodsPolicy,omitempty"` // nil is email, sms and voice for everybody
	Groups            []Group        `json:"groups,omitempty"`
	RoleAssignments   []Role         `json:"roleAssignments,omitempty"`
	RoleEligibilities []Role         `json:"roleEligibilities,omitempty"` // held on demand, by PIM

	Users []User `json:"users"`
}

// User is a person of the tenant.
type User struct {
	ID                          string   `json:"id"` // a GUID
	UserPrincipalName           string   `json:"userPrincipalName"`
	DisplayName                 string   `json:"displayName,omitempty"`
	Mail                        string   `json:"mail,omitempty"`
	EmployeeID                  string   `json:"employeeId,omitempty"`
	OnPremisesSamAccountName    string   `json:"onPremisesSamAccountName,omitempty"`
	OnPremisesImmutableID       string   `json:"onPremisesImmutableId,omitempty"`
	OnPremisesUserPrincipalName string   `json:"onPremisesUserPrincipalName,omitempty"`
	AccountEnabled              *bool    `json:"accountEnabled,omitempty"` // nil is true
	UserType                    string   `json:"userType,omitempty"`       // "Member" or "Guest"; empty is Member
	UsageLocation               string   `json:"usageLocation,omitempty"`
	OtherMails                  []string `json:"otherMails,omitempty"`
	ProxyAddresses              []string `json:"proxyAddresses,omitempty"` // "SMTP:primary", "smtp:alias", "x500:..."
	MobilePhone                 string   `json:"mobilePhone,omitempty"`    // the directory's, which registers nothing
	BusinessPhones              []string `json:"businessPhones,omitempty"`
	Department                  string   `json:"department,omitempty"`
	Country                     string   `json:"country,omitempty"`
	CompanyName                 string   `json:"companyName,omitempty"`
	CreationType                string   `json:"creationType,omitempty"` // "LocalAccount" or "nameCoexistence" are B2C's, "Invitation", ...
	IsManagementRestricted      bool     `json:"isManagementRestricted,omitempty"`
	OnPremisesSyncEnabled       bool     `json:"onPremisesSyncEnabled,omitempty"`

	// OtherMethods are what else is registered, as the registration report
	// spells it: "microsoftAuthenticatorPush", "softwareOneTimePasscode", ...
	OtherMethods []string `json:"otherMethods,omitempty"`

	PhoneMethods []PhoneMethod `json:"phoneMethods,omitempty"` // at most one of each type
	EmailMethods []EmailMethod `json:"emailMethods,omitempty"` // at most one
}

// PhoneMethod is a registered phone.
type PhoneMethod struct {
	PhoneType   string `json:"phoneType"` // "mobile", "alternateMobile" or "office"
	PhoneNumber string `json:"phoneNumber"`
}

// EmailMethod is a registered e-mail address.
type EmailMethod struct {
	EmailAddress string `json:"emailAddress"`
}

// IsEnabled reports whether the account may sign in.
func (u *User) IsEnabled() bool { return u.AccountEnabled == nil || *u.AccountEnabled }

// kind is the userType, which is never empty.
func (u *User) kind() string { return cmp.Or(u.UserType, "Member") }

// Load reads a tenant document. It is strict: an unknown member, anything
// behind the document and a tenant that could not exist are errors, which name
// the user by position in users, counted from 0, and never show a value.
func Load(r io.Reader) (*Tenant, error) {
	var document struct {
		Tenant
		Users []json.RawMessage `json:"users"` // one by one, so that an error can say whose it is
	}
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&document); err != nil {
		return nil, fmt.Errorf("reading tenant: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("reading tenant: there is more behind the document")
	}
	t := document.Tenant
	if len(document.Users) > 0 {
		t.Users = make([]User, len(document.Users))
	}
	for i, raw := range document.Users {
		decoder := json.NewDecoder(strings.NewReader(string(raw)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&t.Users[i]); err != nil {
			return nil, fmt.Errorf("reading tenant: user %d: %w", i, err)
		}
	}
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("reading tenant: %w", err)
	}
	return &t, nil
}

// Save writes the tenant as Load reads it, indented, users in their order, the
// same bytes for the same tenant. The document holds clear phone numbers and
// addresses.
func (t *Tenant) Save(w io.Writer) error {
	document := *t
	if document.Users == nil {
		document.Users = []User{}
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("saving tenant: %w", err)
	}
	return nil
}

// check finds what could not exist in a directory.
func (t *Tenant) check() error {
	if !isGUID(t.ID) {
		return errors.New("the tenant's id is not a GUID")
	}
	byID, byName := make(map[string]int, len(t.Users)), make(map[string]int, len(t.Users))
	for i := range t.Users {
		u := &t.Users[i]
		if err := u.check(); err != nil {
			return fmt.Errorf("user %d: %w", i, err)
		}
		if first, taken := byID[fold(u.ID)]; taken {
			return fmt.Errorf("user %d: same id as user %d", i, first)
		}
		if first, taken := byName[fold(u.UserPrincipalName)]; taken {
			return fmt.Errorf("user %d: same userPrincipalName as user %d", i, first)
		}
		byID[fold(u.ID)], byName[fold(u.UserPrincipalName)] = i, i
	}
	return t.checkSettings(byID)
}

// check does not look at the form of a registered number: the service has old
// ones that it would refuse today.
func (u *User) check() error {
	switch {
	case !isGUID(u.ID):
		return errors.New("the id is not a GUID")
	case !strings.Contains(u.UserPrincipalName, "@"):
		return errors.New("the userPrincipalName has no @")
	case u.UserType != "" && u.UserType != "Member" && u.UserType != "Guest":
		return errors.New("the userType is neither Member nor Guest")
	case slices.ContainsFunc(u.ProxyAddresses, func(a string) bool { return strings.Index(a, ":") < 1 }):
		return errors.New("a proxyAddress has no type before a colon")
	case slices.Contains(u.OtherMethods, ""), slices.ContainsFunc(u.OtherMethods, isKept):
		return errors.New("an otherMethod has no name, or is one of phoneMethods and emailMethods")
	case len(u.EmailMethods) > 1:
		return errors.New("more than one e-mail method")
	case len(u.EmailMethods) == 1 && u.EmailMethods[0].EmailAddress == "":
		return errors.New("the e-mail method has no address")
	}
	var have [phoneTypes]bool
	for _, m := range u.PhoneMethods {
		kind, known := parsePhoneType(m.PhoneType)
		switch {
		case !known:
			return errors.New("a phone method has an unknown phoneType")
		case m.PhoneNumber == "":
			return fmt.Errorf("the %s phone has no number", kind)
		case have[kind]:
			return fmt.Errorf("two %s phones", kind)
		}
		have[kind] = true
	}
	if have[alternateMobile] && !have[mobile] {
		return errors.New("an alternateMobile phone without a mobile phone")
	}
	return nil
}

func (t *Tenant) withoutUsers() Tenant {
	c := *t
	c.Users = nil
	c.VerifiedDomains, c.Domains, c.ServicePlans = slices.Clone(t.VerifiedDomains), slices.Clone(t.Domains), slices.Clone(t.ServicePlans)
	c.AllowedToUseSSPR, c.MethodsPolicy = clonePointer(t.AllowedToUseSSPR), t.MethodsPolicy.clone()
	c.RoleAssignments, c.RoleEligibilities = slices.Clone(t.RoleAssignments), slices.Clone(t.RoleEligibilities)
	c.Groups = slices.Clone(t.Groups)
	for i := range c.Groups {
		g := &c.Groups[i]
		g.Members, g.Owners = slices.Clone(g.Members), slices.Clone(g.Owners)
	}
	return c
}

// isGUID reports whether the text is a GUID in its 36 characters.
func isGUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		c := text[i] | 0x20
		switch i {
		case 8, 13, 18, 23:
			if text[i] != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}
