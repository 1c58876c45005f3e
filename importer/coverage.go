package importer

import (
	"context"
	"fmt"

	"authseed/importer/graph"
	"authseed/importer/plan"
	"authseed/importer/readiness"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// Population is the side of a tenant that counting its people sees.
type Population interface {
	survey.Namer
	Cloud() graph.Cloud
	Users(ctx context.Context, next string, scope graph.Scope, want graph.Wanted) ([]authmethod.User, string, error)
	Registrations(ctx context.Context, next string) ([]graph.Registration, string, error)
	Synchronization(context.Context) (graph.Synchronization, error)
}

// CoverageOptions say how people are counted.
type CoverageOptions struct {
	Require   int        // methods that are asked for; 0: as many as the tenant seems to require
	Plan      *plan.Plan // nil: today alone
	Writeback *bool      // of passwords, where somebody knows; nil: ask
	Survey    survey.Options
}

// ReportError is a registration report that the tenant has not: nothing can be
// counted. A report that may not be read is [graph.IsSignIn] instead.
type ReportError struct{ Cause error }

func (e *ReportError) Error() string {
	return "the tenant has no registration report: " + e.Cause.Error()
}

// Coverage counts who could reset a password: the registration report and the
// directory, each read once and joined here. Nobody's methods are read.
func Coverage(ctx context.Context, p Population, o CoverageOptions) (*readiness.Coverage, error) {
	organization, err := survey.Organization(ctx, p, o.Survey.MaxWait)
	if err != nil {
		return nil, err
	}
	about := readiness.Coverage{Cloud: string(p.Cloud()), Tenant: readiness.Tenant{
		ID: organization.ID, Name: organization.DisplayName, Type: organization.Type, Synchronized: organization.Synchronized,
	}}
	planned, err := steps(o.Plan, organization)
	if err != nil {
		return nil, err
	}
	if o.Plan != nil {
		about.PlanID = o.Plan.ID
	}
	about.Writeback = writeback(ctx, p, organization, o)
	lines := map[string]readiness.Registered{}
	var seems readiness.Requirement
	err = survey.EveryPage(ctx, o.Survey, "registration report", p.Registrations, func(page []graph.Registration) {
		for _, r := range page {
			if about.ReportedAt.Before(r.Updated) {
				about.ReportedAt = r.Updated
			}
			line := registered(r)
			seems.Add(line)
			lines[r.User] = line
		}
	})
	switch {
	case graph.IsUnlicensed(err):
		return nil, &ReportError{err}
	case err != nil:
		return nil, fmt.Errorf("reading who has registered: %w", err)
	}
	return census(ctx, p, o, readiness.Begin(about, o.Require, seems), lines, planned)
}

// census reads the directory and counts.
func census(ctx context.Context, p Population, o CoverageOptions, c *readiness.Census, lines map[string]readiness.Registered, planned map[string][]readiness.Step) (*readiness.Coverage, error) {
	counted := map[string]bool{} // somebody may be on two pages while the directory changes
	err := survey.EveryPage(ctx, o.Survey, "people", func(ctx context.Context, next string) ([]authmethod.User, string, error) {
		return p.Users(ctx, next, graph.Scope{}, graph.Wanted{Place: true, Location: true})
	}, func(page []authmethod.User) {
		for _, u := range page {
			if counted[u.ID] {
				continue
			}
			counted[u.ID] = true
			person := readiness.Person{
				Guest: u.IsGuest(), Disabled: u.IsDisabled(), Synced: u.Synced,
				Country: u.Country, Location: u.UsageLocation, Department: u.Department, Planned: planned[u.ID],
			}
			if line, ok := lines[u.ID]; ok {
				person.Line = &line
			}
			c.Add(person)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("reading the tenant's users: %w", err)
	}
	return c.Coverage(), nil
}

func registered(r graph.Registration) readiness.Registered {
	line := readiness.Registered{Enabled: r.SSPREnabled, Registered: r.SSPRRegistered, Admin: r.Admin, Has: r.Has}
	for _, other := range r.Others {
		line.TakeOther(other)
	}
	return line
}

// writeback says whether passwords go back on premises. Where it cannot be read
// it stays unknown: no app may, and it decides about some people only.
func writeback(ctx context.Context, p Population, organization graph.Organization, o CoverageOptions) readiness.Answer[bool] {
	switch {
	case o.Writeback != nil:
		return readiness.Know(*o.Writeback)
	case !organization.Synchronized:
		return readiness.Answer[bool]{}
	}
	return ask(ctx, p.Synchronization, func(s graph.Synchronization) bool { return s.PasswordWriteback })
}

// steps are what the pending changes of a plan lead to, by person. A plan for
// another tenant would change nobody here and look as if it were of no use.
func steps(p *plan.Plan, organization graph.Organization) (map[string][]readiness.Step, error) {
	if p == nil {
		return nil, nil
	}
	if p.Tenant.ID != organization.ID {
		return nil, &RefusedError{
			fmt.Sprintf("the plan is for tenant %s, this sign-in is for %s", p.Tenant.ID, organization.ID),
			"sign in to the plan's tenant, or plan again for this one",
		}
	}
	planned := map[string][]readiness.Step{}
	for _, c := range p.Pending() {
		planned[c.User.ID] = append(planned[c.User.ID], readiness.Step{Method: c.Method, Has: c.Action != plan.Delete})
	}
	return planned, nil
}
