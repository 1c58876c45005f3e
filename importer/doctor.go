package importer

import (
	"context"
	"errors"
	"slices"
	"time"

	"authseed/importer/graph"
	"authseed/importer/readiness"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// Patient is the side of a tenant that a look at it sees. It cannot write.
type Patient interface {
	survey.Namer
	Cloud() graph.Cloud
	Identity(context.Context) (graph.Identity, error)
	MethodsPolicy(context.Context) (graph.MethodsPolicy, error)
	AdminsMayReset(context.Context) (bool, error)
	SecurityDefaults(context.Context) (bool, error)
	Domains(context.Context) ([]graph.Domain, error)
	ServicePlans(context.Context) ([]string, error)
	Synchronization(context.Context) (graph.Synchronization, error)
	Users(ctx context.Context, next string, scope graph.Scope, want graph.Wanted) ([]authmethod.User, string, error)
	Registrations(ctx context.Context, next string) ([]graph.Registration, string, error)
	RoleAssignments(ctx context.Context, next string) ([]graph.RoleHolder, string, error)
	Vitals() graph.Vitals
}

// Doctor looks at a tenant and at the sign-in, for the features, in some twelve
// requests. What cannot be read is part of the findings; the error is that of a
// context that ended. Where nobody is signed in, or the tenant does not answer,
// nothing more is asked.
func Doctor(ctx context.Context, p Patient, features []readiness.Feature, now time.Time) (readiness.Findings, error) {
	f := findings(p.Cloud(), features, now)
	f.Identity = ask(ctx, p.Identity, identityOf)
	if f.Identity.Known {
		f.meet(ctx, p)
	}
	if f.Tenant.Known {
		f.look(ctx, p)
	}
	seen := p.Vitals()
	f.Pressure = seen.Pressure
	if seen.Told {
		f.Clock = readiness.Know(seen.Skew)
	}
	return f.Findings, context.Cause(ctx)
}

// NotSignedIn are the findings where no client could be made.
func NotSignedIn(cloud graph.Cloud, features []readiness.Feature, err error, now time.Time) readiness.Findings {
	f := findings(cloud, features, now)
	f.Identity = unknown[readiness.Identity](err)
	return f.Findings
}

// examination fills findings.
type examination struct{ readiness.Findings }

func findings(cloud graph.Cloud, features []readiness.Feature, now time.Time) examination {
	return examination{readiness.Findings{Features: features, Now: now, Cloud: string(cloud), Emails: cloud.Supports(authmethod.Email)}}
}

// meet asks which tenant it is. It comes before all else that is asked: a
// network that leads nowhere, or to a page of a proxy, would fail every question
// after it in the same way.
func (f *examination) meet(ctx context.Context, p Patient) {
	organization, err := p.Organization(ctx)
	switch {
	case err == nil:
		f.Tenant = readiness.Know(readiness.Tenant{
			ID: organization.ID, Name: organization.DisplayName, Type: organization.Type, Synchronized: organization.Synchronized,
		})
	case denied(err): // Graph itself refuses this, and may answer the rest
		f.Tenant = unknown[readiness.Tenant](err)
		f.Tenant.Known = true
	case graph.IsSignIn(err):
		f.Identity = unknown[readiness.Identity](err)
	default:
		f.Tenant = unknown[readiness.Tenant](err)
	}
}

// look asks everything else, one after the other: this is a look, not a run.
func (f *examination) look(ctx context.Context, p Patient) {
	f.Plans = ask(ctx, p.ServicePlans, same)
	f.Policy = ask(ctx, p.MethodsPolicy, policyOf)
	f.AdminsReset = ask(ctx, p.AdminsMayReset, same)
	f.Defaults = ask(ctx, p.SecurityDefaults, same)
	f.Domains = ask(ctx, p.Domains, domainsOf)
	if f.Tenant.Value.Synchronized {
		f.Writeback = ask(ctx, p.Synchronization, func(s graph.Synchronization) bool { return s.PasswordWriteback })
	}
	f.Registration = probe(ctx, func(ctx context.Context) error {
		_, _, err := p.Registrations(ctx, "")
		return err
	})
	if !f.Identity.Value.Opaque {
		return
	}
	f.People = probe(ctx, func(ctx context.Context) error {
		_, _, err := p.Users(ctx, "", graph.Scope{}, graph.Wanted{})
		return err
	})
	f.Roles = probe(ctx, func(ctx context.Context) error {
		_, _, err := p.RoleAssignments(ctx, "")
		return err
	})
}

func ask[T, U any](ctx context.Context, question func(context.Context) (T, error), turn func(T) U) readiness.Answer[U] {
	value, err := question(ctx)
	if err != nil {
		return unknown[U](err)
	}
	return readiness.Know(turn(value))
}

// probe asks for a page to see whether it is given.
func probe(ctx context.Context, question func(context.Context) error) readiness.Answer[struct{}] {
	return ask(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, question(ctx) }, same)
}

func same[T any](value T) T { return value }

// unknown is an answer that did not come.
func unknown[T any](err error) readiness.Answer[T] {
	a := readiness.Answer[T]{Why: err.Error(), Next: graph.Hint(err)}
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		a.Why, a.Next = "this cloud does not tell", ""
	case graph.IsUnlicensed(err):
		a.Unlicensed = true
	case denied(err):
		a.Denied = true
	}
	return a
}

// denied tells a refusal of Graph's own, which has a code, from the page of a
// proxy.
func denied(err error) bool {
	var refused *graph.Error
	return errors.As(err, &refused) && refused.Status == 403 && refused.Code != ""
}

func identityOf(id graph.Identity) readiness.Identity {
	return readiness.Identity{
		Opaque: !id.Known, App: id.App, ID: id.ID, Name: id.Name, AppID: id.AppID,
		Permissions: id.Permissions, Roles: id.Roles, Expires: id.Expires,
	}
}

func domainsOf(domains []graph.Domain) []readiness.Domain {
	var list []readiness.Domain
	for _, d := range domains {
		list = append(list, readiness.Domain{Name: d.Name, Federated: d.Federated})
	}
	return list
}

func policyOf(p graph.MethodsPolicy) readiness.Policy {
	policy := readiness.Policy{Migration: p.MigrationState, Methods: map[string]readiness.Method{}}
	for id, m := range p.Methods {
		policy.Methods[id] = readiness.Method{
			Enabled: m.Enabled, Office: m.OfficePhoneAllowed,
			Everyone: len(m.Exclude) == 0 && slices.ContainsFunc(m.Include, func(t graph.Target) bool { return t.ID == graph.AllUsers }),
			SignIn:   slices.ContainsFunc(m.Include, func(t graph.Target) bool { return t.UsableForSignIn }),
		}
	}
	return policy
}
