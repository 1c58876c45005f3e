package plan

import (
	"fmt"
	"slices"
	"strings"

	"authseed/mapping/authmethod"
)

// Facts are what only the tenant's own settings tell, and the sign-in to it.
// The zero value of each means that it is not known, which is not "none": a plan
// lists the checks that could not be made for want of them.
type Facts struct {
	VerifiedDomains []string                // names of the tenant's domains
	Privileged      map[string]string       // who holds a privileged role, by object id, and which in words
	SignedIn        string                  // object id of the person or app that is signed in
	SMSSignIn       *SMSSignIn              // who signs in with a number
	Forbidden       map[authmethod.Kind]Ban // methods the tenant's policy has no use for

	// Notes say of a check, by its word, why it could not be made, which
	// permission to grant for it, or how far it reaches that was made.
	Notes map[string]string

	// Never are the people whom somebody who knows better has excepted.
	Never Never
}

// SMSSignIn is who signs in with a number instead of a name. Graph makes the
// mobile of whoever is in scope a sign-in name by itself (learn.microsoft.com,
// "Configure and enable users for SMS-based authentication"), and a number can
// be that of one person only.
type SMSSignIn struct {
	Everybody bool              // the policy has everybody in scope
	InScope   map[string]bool   // by object id, where it has not
	Excluded  map[string]bool   // by object id, whoever else is in scope
	Names     map[string]string // numbers that are sign-in names today, [authmethod.Value.Folded], and whose by object id
}

func (s *SMSSignIn) inScope(id string) bool {
	return s != nil && Audience{s.Everybody, s.InScope, s.Excluded}.has(id)
}

// Audience is whom a part of the tenant's policy is for.
type Audience struct {
	Everybody bool
	In        map[string]bool // by object id, where it is not for everybody
	Out       map[string]bool // by object id: not for them, whatever else holds
}

func (a Audience) has(id string) bool { return !a.Out[id] && (a.Everybody || a.In[id]) }

// Ban is a method the tenant's policy has no use for, except for some people.
type Ban struct {
	Why    string     // in words
	Except []Audience // who may use the method all the same
}

func (b Ban) bars(id string) bool {
	return b.Why != "" && !slices.ContainsFunc(b.Except, func(a Audience) bool { return a.has(id) })
}

// Never is a list of people who are never planned, such as the accounts that are
// to open the tenant when nothing else does. It holds the [authmethod.Key.Folded]
// of their object ids or userPrincipalNames.
type Never map[string]bool

// Has reports whether the person is on the list.
func (n Never) Has(id, userPrincipalName string) bool {
	return len(n) > 0 && (n[authmethod.Key{Attribute: authmethod.ID, Value: id}.Folded()] ||
		n[authmethod.Key{Attribute: authmethod.UserPrincipalName, Value: userPrincipalName}.Folded()])
}

// OnNever is the detail of whoever is left out for being on such a list.
const OnNever = "on the list of --never, which nothing lifts"

// unchecked lists the checks that were not made, each by the word of its hazard
// or of the reason it leaves somebody out for, in the order of the words.
func (in *Input) unchecked() []string {
	var list []string
	f := in.Facts
	add := func(unknown bool, check string) {
		if unknown {
			list = append(list, check)
		}
	}
	add(f.VerifiedDomains == nil, string(OwnDomainEmail))
	add(f.Privileged == nil, string(PrivilegedUser))
	add(f.SignedIn == "", string(authmethod.OwnAccount))
	add(f.SMSSignIn == nil || f.SMSSignIn.Names == nil, string(SignInClash))
	add(f.Forbidden == nil, string(authmethod.TenantPolicy))
	add(in.Unledgered, string(authmethod.KeptExisting))
	slices.Sort(list)
	return list
}

// bars says why the tenant's policy has no use for a method of the person, or
// nothing. Whether an administrator may reset a password by it, that policy does
// not decide (learn.microsoft.com, "Self-service password reset policies",
// administrator reset policy differences).
func (f Facts) bars(kind authmethod.Kind, id string) string {
	if _, privileged := f.Privileged[id]; privileged || !f.Forbidden[kind].bars(id) {
		return ""
	}
	return f.Forbidden[kind].Why
}

// ownDomain reports whether the address is one of the tenant's own, whose mail
// is behind the password that is to be reset.
func (f Facts) ownDomain(address authmethod.Value) bool {
	_, domain, _ := strings.Cut(address.Folded(), "@")
	return slices.ContainsFunc(f.VerifiedDomains, func(name string) bool { return strings.EqualFold(name, domain) })
}

// Includable lists the reasons of [OutOfReach] that can be lifted by name.
func Includable() []authmethod.Reason {
	return []authmethod.Reason{authmethod.Guest, authmethod.Disabled, authmethod.Privileged}
}

// OutOfReach says why a person is left out whom nobody asked for by name, or
// nothing. include are the reasons that are lifted. The account that is signed
// in is never planned: who runs a file should not be able to lock themselves
// out, or in, by it. What nothing lifts comes first, so that nobody adds an
// --include only to meet the next refusal.
func OutOfReach(u authmethod.User, f Facts, include []authmethod.Reason) (authmethod.Reason, string) {
	role, privileged := f.Privileged[u.ID]
	switch left := func(r authmethod.Reason) bool { return !slices.Contains(include, r) }; {
	case f.Never.Has(u.ID, u.UserPrincipalName):
		return authmethod.Privileged, OnNever
	case f.SignedIn != "" && strings.EqualFold(u.ID, f.SignedIn):
		return authmethod.OwnAccount, "the account that is signed in; its methods are registered by hand"
	case u.Local:
		// learn.microsoft.com, "List phoneMethods": standard users and B2B users,
		// but not B2C.
		return authmethod.OutOfScope, "a local account of a customer tenant, whose methods Graph does not manage"
	case u.Restricted:
		// learn.microsoft.com, user resource type, isManagementRestricted.
		return authmethod.Restricted, "under restricted management: only a role at that administrative unit may change the person"
	case u.IsGuest() && left(authmethod.Guest):
		return authmethod.Guest, "a guest; --include guest plans them too"
	case u.IsDisabled() && left(authmethod.Disabled):
		return authmethod.Disabled, "sign-in is blocked; --include disabled plans them too"
	case privileged && left(authmethod.Privileged):
		return authmethod.Privileged, fmt.Sprintf("holds %s; --include privileged plans them too", role)
	}
	return "", ""
}
