package importer

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// Rollback plans the way back from a run: whatever it may have written is to be
// what it was before. It leaves alone whoever has changed since, and what the
// run found done by somebody else. The plan is applied like any other.
func Rollback(ctx context.Context, d Directory, runs, id string, o PlanOptions) (*plan.Plan, error) {
	run, err := journal.Read(runs, id, o.Identity)
	if err != nil {
		return nil, err
	}
	if run.State == journal.Running {
		return nil, run.Busy()
	}
	done, err := run.Plan(runs)
	if err != nil {
		return nil, err
	}
	organization, err := survey.Organization(ctx, d, o.Survey.MaxWait)
	if err != nil {
		return nil, err
	}
	if organization.ID != run.Tenant.ID {
		return nil, &RefusedError{
			fmt.Sprintf("run %s was on tenant %s, this sign-in is for %s", run.RunID, run.Tenant.ID, organization.ID),
			"sign in to the run's tenant",
		}
	}
	u := undoing{people: map[string]*undone{}, never: o.Never}
	for _, c := range done.Pending() {
		if run.MayHaveWritten(c.ID) {
			u.add(c)
		}
	}
	in := plan.Input{
		About: plan.About{
			ToolVersion: o.ToolVersion, ID: uuid.NewString(), CreatedAt: o.Now, ValidUntil: o.Now.Add(o.ValidFor),
			Tenant: plan.Tenant{ID: organization.ID, Name: organization.DisplayName, Cloud: string(d.Cloud())},
			Source: done.Source, Mapping: done.Mapping, Undoes: run.RunID, Requester: o.Requester,
		},
		// Undoing is replacing and removing, and gives back what was there, shared
		// by several people or unreadable to them: whoever names the run has asked
		// for that.
		Policy: plan.Policy{Limits: o.Limits, Allow: []plan.Hazard{
			plan.ReplacesRegistered, plan.RemovesMethod, plan.PrivilegedUser, plan.SharedNumber, plan.OwnDomainEmail, plan.SignInClash,
		}},
		Facts: plan.Facts{VerifiedDomains: organization.VerifiedDomains},
	}
	in.Source.Rows = u.changes
	for _, kind := range u.kinds() {
		in.Policy.Rules[kind] = plan.Replace
	}
	if in.Current, err = u.meet(ctx, d, o.Survey); err != nil {
		return nil, err
	}
	in.Desired, in.Skipped, in.Rows = u.desired, u.skipped, u.rows
	return plan.Build(in), nil
}

// undone is one person of a run.
type undone struct {
	user    plan.Person
	changes []plan.Change
}

// undoing is what a run may have written, by person.
type undoing struct {
	people  map[string]*undone
	never   plan.Never
	order   []string
	changes int
	has     [authmethod.Count]bool

	desired []plan.Desired
	skipped []plan.Skip
	rows    plan.Rows // counted in changes
}

func (u *undoing) add(c plan.Change) {
	p := u.people[c.User.ID]
	if p == nil {
		p = &undone{user: c.User}
		u.people[c.User.ID] = p
		u.order = append(u.order, c.User.ID)
	}
	p.changes = append(p.changes, c)
	u.changes++
	u.has[c.Method] = true
}

func (u *undoing) kinds() []authmethod.Kind {
	var kinds []authmethod.Kind
	for _, kind := range authmethod.Kinds() {
		if u.has[kind] {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// meet reads what the people have today and asks for what they had.
func (u *undoing) meet(ctx context.Context, d Directory, o survey.Options) (map[string]authmethod.Set, error) {
	u.rows = plan.Rows{Read: u.changes, LeftOut: map[authmethod.Reason]int{}}
	methods, err := survey.ReadMethods(ctx, d, u.order, u.kinds(), o)
	if err != nil {
		return nil, err
	}
	for _, id := range u.order {
		p := u.people[id]
		if refused := methods.Refused[id]; refused != nil {
			reason := unreadable(refused)
			for _, c := range p.changes {
				u.leaveAlone(c, reason, refused.Error())
			}
			continue
		}
		if u.never.Has(id, p.user.UserPrincipalName) {
			for _, c := range p.changes {
				u.leaveAlone(c, authmethod.Privileged, plan.OnNever)
			}
			continue
		}
		u.giveBack(p, methods.Of[id])
	}
	return methods.Of, nil
}

// giveBack asks for a person's former values, where they still have what the run
// wrote or have the former ones again.
func (u *undoing) giveBack(p *undone, have authmethod.Set) {
	d := plan.Desired{
		User:   authmethod.User{ID: p.user.ID, UserPrincipalName: p.user.UserPrincipalName, DisplayName: p.user.DisplayName},
		Origin: p.changes[0].Origin,
	}
	for _, c := range p.changes {
		now := have[c.Method]
		if !now.Equal(c.After) && !now.Equal(c.Before) {
			u.leaveAlone(c, authmethod.KeptExisting, strings.TrimSpace(fmt.Sprintf("changed since: %s is registered, the run wrote %s", orNothing(now), orNothing(c.After))))
			continue
		}
		u.rows.Used++
		d.Wishes[c.Method] = authmethod.Wish{Value: c.Before, Clear: c.Before.IsZero(), Line: c.Origin.Line}
	}
	u.desired = append(u.desired, d)
}

func orNothing(v authmethod.Value) string {
	if v.IsZero() {
		return "nothing"
	}
	return v.String()
}

func (u *undoing) leaveAlone(c plan.Change, reason authmethod.Reason, detail string) {
	u.rows.LeftOut[reason]++
	u.skipped = append(u.skipped, plan.Skip{Origin: c.Origin, User: &c.User, Method: &c.Method, Reason: reason, Detail: detail})
}
