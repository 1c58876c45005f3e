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
	VerifiedDomains []string                   // names of the tenant's domains
	Privileged      map[string]string          // who holds a privileged role, by object id, and which in words
	SignedIn        string                     // object id of the person or app that is signed in
	SMSSignIn       *SMSSignIn                 // who signs in with a number
	Forbidden       map[authmethod.Kind]string // methods the tenant's policy has no use for, and why in words
}

// SMSSignIn is who signs in with a number instead of a name. Graph makes the
// mobile of whoever is in scope a sign-in name by itself (learn.microsoft.com,
// "Configure and enable users for SMS-based authentication"), and a number can
// be that of one person only.
type SMSSignIn struct {
	Everybody bool              // the policy has everybody in scope
	InScope   map[string]bool   // by object id, where it has not
	Names     map[string]string // numbers that are sign-in names today, [authmethod.Value.Folded], and whose by object id
}

func (s *SMSSignIn) inScope(id string) bool { return s != nil && (s.Everybody || s.InScope[id]) }

// unchecked lists the checks that were not made, each by the word of its hazard
// or of the reason it leaves somebody out for, in the order of the words.
func (f Facts) unchecked() []string {
	var list []string
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
	slices.Sort(list)
	return list
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
// out, or in, by it.
func OutOfReach(u authmethod.User, f Facts, include []authmethod.Reason) (authmethod.Reason, string) {
	role, privileged := f.Privileged[u.ID]
	switch left := func(r authmethod.Reason) bool { return !slices.Contains(include, r) }; {
	case f.SignedIn != "" && strings.EqualFold(u.ID, f.SignedIn):
		return authmethod.OwnAccount, "the account that is signed in; its methods are registered by hand"
	case u.IsGuest() && left(authmethod.Guest):
		return authmethod.Guest, "a guest; --include guest plans them too"
	case u.IsDisabled() && left(authmethod.Disabled):
		return authmethod.Disabled, "sign-in is blocked; --include disabled plans them too"
	case privileged && left(authmethod.Privileged):
		return authmethod.Privileged, fmt.Sprintf("holds %s; --include privileged plans them too", role)
	}
	return "", ""
}
