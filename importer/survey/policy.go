package survey

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"authseed/importer/graph"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

const policyPermission = "Policy.Read.AuthenticationMethod"

// policy reads for whom the tenant uses which methods. The members of groups are
// read only of those that a method which matters here is for.
func (r *factsReader) policy(ctx context.Context, _ graph.Organization) error {
	p, err := ask(ctx, r, r.MethodsPolicy)
	why, err := unknown(err, policyPermission)
	if err != nil {
		return err
	}
	if why != "" {
		r.note(string(authmethod.TenantPolicy), why)
		r.note(string(plan.SignInClash), why)
		return nil
	}
	if err := r.smsSignIn(ctx, p); err != nil {
		return err
	}
	// Before the move to this policy is finished, the older one for password
	// reset counts, alone or as well, and Graph does not show it: what this one
	// has switched off may reset passwords all the same (learn.microsoft.com,
	// authenticationMethodsPolicy resource type, policyMigrationState).
	if p.MigrationState != "migrationComplete" {
		r.note(string(authmethod.TenantPolicy), fmt.Sprintf(
			"the older policy for password reset still counts, which Graph does not show (the move to the methods policy is at %q)", p.MigrationState))
		return nil
	}
	return r.bans(ctx, p)
}

// audience is whom targets are for, and which of it is not known. A group whose
// members are not known counts as everybody where it is included and as nobody
// where it is excluded: what is forbidden for want of a permission would be a
// guess.
func (r *factsReader) audience(ctx context.Context, include, exclude []graph.Target) (a plan.Audience, unknown string, err error) {
	in, all, unknownIn, err := r.targets(ctx, include)
	if err != nil {
		return a, "", err
	}
	out, nobody, unknownOut, err := r.targets(ctx, exclude)
	if err != nil {
		return a, "", err
	}
	if nobody {
		return a, "", nil
	}
	return plan.Audience{Everybody: all || unknownIn != "", In: in, Out: out}, cmp.Or(unknownIn, unknownOut), nil
}

func (r *factsReader) targets(ctx context.Context, targets []graph.Target) (ids map[string]bool, all bool, unknown string, err error) {
	ids = map[string]bool{}
	for _, t := range targets {
		switch {
		case strings.EqualFold(t.ID, graph.AllUsers):
			all = true
		case t.IsUser:
			ids[t.ID] = true
		default:
			people, err := r.membersOf(ctx, t.ID)
			if err != nil {
				return nil, false, "", err
			}
			for _, id := range people.ids {
				ids[id] = true
			}
			unknown = cmp.Or(unknown, people.unknown)
		}
	}
	return ids, all, unknown, nil
}

// smsSignIn finds whose mobile becomes a name to sign in with. Which numbers are
// one today Graph tells only a person at a time; where nobody is in scope it does
// not matter.
func (r *factsReader) smsSignIn(ctx context.Context, p graph.MethodsPolicy) error {
	const check = string(plan.SignInClash)
	sms, told := p.Methods["sms"]
	if !told {
		r.note(check, "the methods policy does not tell of text messages")
		return nil
	}
	var usable []graph.Target
	for _, t := range sms.Include {
		if sms.Enabled && t.UsableForSignIn {
			usable = append(usable, t)
		}
	}
	if len(usable) == 0 {
		r.known.SMSSignIn = &plan.SMSSignIn{Names: map[string]string{}}
		return nil
	}
	in, all, unknown, err := r.targets(ctx, usable)
	if err != nil {
		return err
	}
	if unknown != "" && !all {
		r.note(check, "who signs in with a number is not known: "+unknown)
		return nil
	}
	out, _, _, err := r.targets(ctx, sms.Exclude)
	if err != nil {
		return err
	}
	r.known.SMSSignIn = &plan.SMSSignIn{Everybody: all, InScope: in, Excluded: out}
	if !all && len(in) == 0 {
		r.known.SMSSignIn.Names = map[string]string{}
		return nil
	}
	r.note(check, "between the people of the file alone: which numbers others sign in with, Graph does not list")
	return nil
}

// ways are the methods of the policy by which a registered one is used, any of
// them (learn.microsoft.com, "Phone authentication methods": a mobile gets text
// messages and calls, the other phones calls).
var ways = [authmethod.Count]struct {
	methods []string
	words   string
}{
	authmethod.Mobile:          {[]string{"sms", "voice"}, "text messages and calls"},
	authmethod.AlternateMobile: {[]string{"voice"}, "calls"},
	authmethod.Office:          {[]string{"voice"}, "calls to office phones"},
	authmethod.Email:           {[]string{"email"}, "e-mail"},
}

// bans finds the methods the policy has no use for.
func (r *factsReader) bans(ctx context.Context, p graph.MethodsPolicy) error {
	r.known.Forbidden = map[authmethod.Kind]plan.Ban{}
	missing := ""
	for _, kind := range authmethod.Kinds() {
		ban, unknown, err := r.ban(ctx, p, kind)
		if err != nil {
			return err
		}
		if ban.Why != "" {
			r.known.Forbidden[kind] = ban
		}
		missing = cmp.Or(missing, unknown)
	}
	if missing != "" {
		r.note(string(authmethod.TenantPolicy), "who is in the groups that the policy names is not known of every group: "+missing)
	}
	return nil
}

func (r *factsReader) ban(ctx context.Context, p graph.MethodsPolicy, kind authmethod.Kind) (ban plan.Ban, missing string, err error) {
	way := ways[kind]
	for _, name := range way.methods {
		m, told := p.Methods[name]
		switch {
		case !told:
			return plan.Ban{}, "", nil
		case !m.Enabled || kind == authmethod.Office && !m.OfficePhoneAllowed:
			continue
		case len(m.Include) == 0:
			// Nobody has seen a method that is on and for nobody (unverified): it
			// forbids nothing.
			return plan.Ban{}, "", nil
		}
		a, unknown, err := r.audience(ctx, m.Include, m.Exclude)
		if err != nil {
			return plan.Ban{}, "", err
		}
		missing = cmp.Or(missing, unknown)
		if a.Everybody && len(a.Out) == 0 {
			return plan.Ban{}, missing, nil
		}
		ban.Except = append(ban.Except, a)
	}
	if ban.Why = "the tenant's policy for methods has " + way.words + " switched off"; len(ban.Except) > 0 {
		ban.Why = "the tenant's policy for methods has " + way.words + " for other people only"
	}
	return ban, missing, nil
}
