package graphsim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Domain is what there is to say of a domain beside its name. One that is not
// among the tenant's VerifiedDomains is not verified.
type Domain struct {
	ID                 string `json:"id"`                           // the name
	AuthenticationType string `json:"authenticationType,omitempty"` // "Managed" or "Federated"; empty is Managed
}

// MethodsPolicy is the tenant's authentication methods policy. What is absent of
// it is as in a tenant without one: the method is enabled for everybody, and its
// numbers are no names to sign in with.
type MethodsPolicy struct {
	PolicyMigrationState string `json:"policyMigrationState,omitempty"` // empty is migrationComplete

	Email *MethodConfiguration `json:"email,omitempty"`
	SMS   *MethodConfiguration `json:"sms,omitempty"`
	Voice *MethodConfiguration `json:"voice,omitempty"`
}

// MethodConfiguration is the policy's word on one method.
type MethodConfiguration struct {
	State          string   `json:"state,omitempty"`         // "enabled" or "disabled"; empty is enabled
	IncludeTargets []Target `json:"includeTargets,omitzero"` // nil is everybody, an empty list nobody
	ExcludeTargets []Target `json:"excludeTargets,omitempty"`

	IsOfficePhoneAllowed *bool `json:"isOfficePhoneAllowed,omitempty"` // of voice only; nil is true
}

// Target is whom a configuration is for.
type Target struct {
	ID                string `json:"id"`                          // of a group or a user, or "all_users"
	TargetType        string `json:"targetType,omitempty"`        // "group" or "user"; empty is group
	IsUsableForSignIn bool   `json:"isUsableForSignIn,omitempty"` // of the included of sms only
}

const allUsers = "all_users"

// Group is a group of people and of groups; that they go round in a circle is
// possible.
type Group struct {
	ID                 string   `json:"id"` // a GUID
	DisplayName        string   `json:"displayName"`
	IsAssignableToRole bool     `json:"isAssignableToRole,omitempty"`
	Members            []string `json:"members,omitempty"` // ids of users and groups
	Owners             []string `json:"owners,omitempty"`  // ids of users
}

// Role is a role that a principal holds, or may activate.
type Role struct {
	PrincipalID      string `json:"principalId"`                // of a user or a group, or of an application's service principal
	PrincipalType    string `json:"principalType,omitempty"`    // "servicePrincipal"; empty is a user or a group of this tenant
	RoleDefinitionID string `json:"roleDefinitionId"`           // a GUID
	DirectoryScopeID string `json:"directoryScopeId,omitempty"` // empty is "/", the whole tenant
}

// The service plans of Microsoft Entra ID P1 and P2.
const (
	planP1 = "AAD_PREMIUM"
	planP2 = "AAD_PREMIUM_P2"
)

// Has reports whether the tenant has the service plan.
func (t *Tenant) hasPlan(names ...string) bool {
	if t.ServicePlans == nil {
		return true
	}
	return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(t.ServicePlans, n) })
}

// adminsMayReset is the allowedToUseSSPR of the authorization policy.
func (t *Tenant) adminsMayReset() bool { return t.AllowedToUseSSPR == nil || *t.AllowedToUseSSPR }

// required is how many methods a password reset takes.
func (t *Tenant) required() int { return max(1, t.MethodsRequired) }

// known is whom the ids of a document can name.
type known struct{ users, groups map[string]int }

func (k known) user(id string) bool  { _, is := k.users[fold(id)]; return is }
func (k known) group(id string) bool { _, is := k.groups[fold(id)]; return is }

// checkSettings finds what could not be in the tenant's own settings. users are
// the positions of the people by folded id.
func (t *Tenant) checkSettings(users map[string]int) error {
	names := known{users, make(map[string]int, len(t.Groups))}
	for i := range t.Groups {
		id := fold(t.Groups[i].ID)
		if first, taken := names.groups[id]; taken {
			return fmt.Errorf("group %d: same id as group %d", i, first)
		}
		if names.user(id) {
			return fmt.Errorf("group %d: same id as a user", i)
		}
		names.groups[id] = i
	}
	for i := range t.Groups {
		if err := t.Groups[i].check(names); err != nil {
			return fmt.Errorf("group %d: %w", i, err)
		}
	}
	for name, roles := range map[string][]Role{"roleAssignments": t.RoleAssignments, "roleEligibilities": t.RoleEligibilities} {
		for i, r := range roles {
			if err := r.check(names); err != nil {
				return fmt.Errorf("%s %d: %w", name, i, err)
			}
		}
	}
	if err := t.checkReset(names); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, d := range t.Domains {
		switch {
		case !strings.Contains(d.ID, ".") || seen[fold(d.ID)]:
			return fmt.Errorf("domain %d: the id is no domain, or twice there", i)
		case d.AuthenticationType != "" && d.AuthenticationType != "Managed" && d.AuthenticationType != "Federated":
			return fmt.Errorf("domain %d: the authenticationType is neither Managed nor Federated", i)
		}
		seen[fold(d.ID)] = true
	}
	return t.MethodsPolicy.check(names)
}

func (t *Tenant) checkReset(names known) error {
	switch {
	case t.MethodsRequired < 0 || t.MethodsRequired > 2:
		return errors.New("methodsRequired is neither 1 nor 2")
	case t.SSPREnabled != "" && t.SSPREnabled != "all" && t.SSPREnabled != "none" && !names.group(t.SSPREnabled):
		return errors.New("ssprEnabled is not all, none or the id of a group")
	case !isCountry(t.CountryLetterCode) || !isCountry(t.DefaultUsageLocation):
		return errors.New("the countryLetterCode or the defaultUsageLocation has not two letters")
	case slices.Contains(t.ServicePlans, ""):
		return errors.New("a service plan has no name")
	}
	return nil
}

// isCountry reports whether the text has the form of ISO 3166 alpha-2, or is
// empty.
func isCountry(code string) bool {
	return code == "" || len(code) == 2 && code == strings.ToUpper(code) && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func (g *Group) check(names known) error {
	switch {
	case !isGUID(g.ID):
		return errors.New("the id is not a GUID")
	case g.DisplayName == "":
		return errors.New("no displayName")
	}
	members := make(map[string]bool, len(g.Members))
	for i, id := range g.Members {
		if !names.user(id) && !names.group(id) || members[fold(id)] {
			return fmt.Errorf("member %d is nobody's id, or twice there", i)
		}
		members[fold(id)] = true
	}
	for i, id := range g.Owners {
		if !names.user(id) || slices.ContainsFunc(g.Owners[:i], func(o string) bool { return strings.EqualFold(o, id) }) {
			return fmt.Errorf("owner %d is no user's id, or twice there", i)
		}
	}
	return nil
}

func (r *Role) check(names known) error {
	switch {
	case !isGUID(r.PrincipalID) || !isGUID(r.RoleDefinitionID):
		return errors.New("the principalId or the roleDefinitionId is not a GUID")
	case r.PrincipalType != "" && r.PrincipalType != "servicePrincipal":
		return errors.New("the principalType is not servicePrincipal")
	case (names.user(r.PrincipalID) || names.group(r.PrincipalID)) == (r.PrincipalType != ""):
		return errors.New("the principalId is no user's and no group's, or of a service principal that is one")
	case r.DirectoryScopeID != "" && r.DirectoryScopeID[0] != '/':
		return errors.New("the directoryScopeId does not begin with /")
	}
	return nil
}

func (p *MethodsPolicy) check(names known) error {
	if p == nil {
		return nil
	}
	switch p.PolicyMigrationState {
	case "", "preMigration", "migrationInProgress", "migrationComplete":
	default:
		return errors.New("methodsPolicy: the policyMigrationState is none of the three")
	}
	for name, c := range map[string]*MethodConfiguration{"email": p.Email, "sms": p.SMS, "voice": p.Voice} {
		if err := c.check(name, names); err != nil {
			return fmt.Errorf("methodsPolicy: %s: %w", name, err)
		}
	}
	return nil
}

func (c *MethodConfiguration) check(name string, names known) error {
	switch {
	case c == nil:
		return nil
	case c.State != "" && c.State != "enabled" && c.State != "disabled":
		return errors.New("the state is neither enabled nor disabled")
	case c.IsOfficePhoneAllowed != nil && name != "voice":
		return errors.New("isOfficePhoneAllowed is voice's")
	}
	for i, t := range slices.Concat(c.IncludeTargets, c.ExcludeTargets) {
		excluded := i >= len(c.IncludeTargets)
		switch {
		case t.TargetType != "" && t.TargetType != "group" && t.TargetType != "user":
			return errors.New("a targetType is neither group nor user")
		case t.IsUsableForSignIn && (name != "sms" || excluded):
			return errors.New("isUsableForSignIn is for the included of sms")
		case t.ID == allUsers && t.TargetType != "user":
		case t.TargetType == "user" && !names.user(t.ID), t.TargetType != "user" && !names.group(t.ID):
			return errors.New("a target is not known")
		}
	}
	return nil
}

// clone copies everything a caller could change.
func (p *MethodsPolicy) clone() *MethodsPolicy {
	if p == nil {
		return nil
	}
	c := *p
	for _, m := range []**MethodConfiguration{&c.Email, &c.SMS, &c.Voice} {
		if *m != nil {
			one := **m
			one.IncludeTargets, one.ExcludeTargets = slices.Clone(one.IncludeTargets), slices.Clone(one.ExcludeTargets)
			one.IsOfficePhoneAllowed = clonePointer(one.IsOfficePhoneAllowed)
			*m = &one
		}
	}
	return &c
}

func clonePointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
