package importer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"authseed/importer/graph"
	"authseed/importer/plan"
	"authseed/importer/sealed"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// ExportOptions say whose methods are exported, and how they are read.
type ExportOptions struct {
	Scope  Scope
	Reads  Reads // empty is [ReadsAuto]
	Survey survey.Options

	Runs     string          // as in [PlanOptions]
	Identity sealed.Identity // opens runs that are sealed
	Notices
}

// Export reads what the people in scope have registered. Whoever has nothing by
// the tenant's registration report is not read, and somebody who registered
// since the report was made, which is hours ago, is missed, unless one of the
// runs wrote it; [ReadsFull] misses nobody. Of a scope with a limit these are the first people in the order of
// their userPrincipalNames.
func Export(ctx context.Context, d Directory, o ExportOptions) (*plan.Inventory, error) {
	organization, err := survey.Organization(ctx, d, o.Survey.MaxWait)
	if err != nil {
		return nil, err
	}
	scope, err := o.Scope.understand(ctx, d, o.Survey)
	if err != nil {
		return nil, err
	}
	e := exporting{scope: scope, directory: d, options: o}
	if err := e.find(ctx); err != nil {
		return nil, err
	}
	for _, kind := range authmethod.Kinds() {
		if d.Cloud().Supports(kind) {
			e.kinds = append(e.kinds, kind)
		}
	}
	in := &plan.Inventory{
		Tenant: plan.Tenant{ID: organization.ID, Name: organization.DisplayName, Cloud: string(d.Cloud())},
		Scope:  scope.Scope, Asked: len(e.people),
	}
	return in, e.read(ctx, in)
}

// exporting is one export.
type exporting struct {
	scope     *scoped
	directory Directory
	options   ExportOptions

	people []authmethod.User // in scope, in the order of their names
	size   int               // people in the tenant, 0 where that is not known
	kinds  []authmethod.Kind // that the cloud has
}

// find reads who is in scope.
func (e *exporting) find(ctx context.Context) error {
	o := e.options.Survey
	if len(e.scope.Users) > 0 {
		if err := e.named(ctx); err != nil {
			return err
		}
	} else {
		err := survey.Everybody(ctx, e.directory, e.scope.graph(), graph.Wanted{}, o, func(u authmethod.User) { e.people = append(e.people, u) })
		if err != nil {
			return e.scope.refused(err)
		}
		if e.scope.graph() == (graph.Scope{}) {
			e.size = len(e.people)
		}
	}
	sortByName(e.people)
	if most := e.scope.Limit; most > 0 && len(e.people) > most {
		e.people = e.people[:most]
	}
	return nil
}

// named looks the people of --user up.
func (e *exporting) named(ctx context.Context) error {
	o := e.options.Survey
	if err := e.scope.meet(ctx, e.directory, o); err != nil {
		return err
	}
	keys := keysOf(e.scope.Users)
	found, err := survey.FindPeople(ctx, e.directory, keys, nil, graph.Wanted{}, o)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, key := range keys {
		for _, u := range found.Find(key).Users {
			if e.scope.leavesOut(*u) == "" && !seen[u.ID] {
				seen[u.ID] = true
				e.people = append(e.people, *u)
			}
		}
	}
	if absent := e.scope.absent(); len(absent) > 0 {
		return &ScopeError{
			What: "nobody in scope is called " + strings.Join(absent, ", "),
			Hint: "--user takes a whole userPrincipalName or an object id",
		}
	}
	return nil
}

func sortByName(users []authmethod.User) {
	slices.SortFunc(users, func(a, b authmethod.User) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.UserPrincipalName), strings.ToLower(b.UserPrincipalName)), cmp.Compare(a.ID, b.ID))
	})
}

// read reads whoever may have something.
func (e *exporting) read(ctx context.Context, in *plan.Inventory) error {
	presence, recent, err := e.report(ctx, in.Tenant.ID)
	if err != nil {
		return err
	}
	var ids []string
	for _, u := range e.people {
		if recent[u.ID] || !e.hasNothing(presence, u) {
			ids = append(ids, u.ID)
		}
	}
	in.Known = plan.Knowledge{Read: len(ids), Report: len(e.people) - len(ids)}
	if presence != nil {
		in.Known.ReportAt = presence.Made
	}
	methods, err := survey.ReadMethods(ctx, e.directory, ids, e.kinds, e.options.Survey)
	if err != nil {
		return err
	}
	for _, u := range e.people {
		h := plan.Holding{User: plan.PersonOf(u), Have: methods.Of[u.ID]}
		if refused := methods.Refused[u.ID]; refused != nil && refused.Status != 404 {
			h.Unread = fmt.Sprintf("%s: %s", unreadable(refused), refused)
		}
		if h.Have != (authmethod.Set{}) || h.Unread != "" {
			in.People = append(in.People, h)
		}
	}
	return nil
}

// report reads the registration report where that takes fewer round trips than
// a read of everybody, or where it is asked for.
func (e *exporting) report(ctx context.Context, tenant string) (*survey.Presence, map[string]bool, error) {
	o := &e.options
	r := reporting{o.Reads, e.directory, tenant, o.Survey, o.Runs, o.Identity, o.Notices}
	pays := func() bool { return e.size > 0 && len(e.people)/graph.MaxBatch > e.size/survey.ReportPage }
	return r.presence(ctx, pays, func() []string {
		ids := make([]string, len(e.people))
		for i, u := range e.people {
			ids[i] = u.ID
		}
		return ids
	})
}

// hasNothing reports that the report knows the person and none of the methods. Of
// an account that is disabled it says nothing; see [meeting.reported].
func (e *exporting) hasNothing(presence *survey.Presence, u authmethod.User) bool {
	if presence == nil || u.IsDisabled() {
		return false
	}
	has, listed := presence.Of(u.ID)
	return listed && !slices.ContainsFunc(e.kinds, func(kind authmethod.Kind) bool { return has[kind] })
}
