package importer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"authseed/importer/graph"
	"authseed/importer/plan"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// Scope restricts a plan, or an export, to some people. All that is given has to
// hold; the zero Scope is everybody.
type Scope struct {
	Group  string   // object id or display name; people of groups in it belong to it
	Filter string   // an OData $filter of users, passed as it is
	Users  []string // userPrincipalNames or object ids
	Limit  int      // so many people at most, the first; see Plan. 0: all
}

// ScopeError is a scope that the tenant does not understand, and Hint what to
// write instead.
type ScopeError struct {
	What, Hint string
	cause      error
}

func (e *ScopeError) Error() string { return e.What }

func (e *ScopeError) Unwrap() error { return e.cause }

// scoped is a scope that the tenant has understood.
type scoped struct {
	plan.Scope
	users   map[string]bool // of Users in lower case, and whether somebody was one of them
	members map[string]bool // object ids of those in the group whom the filter lets through; nil: everybody
}

// understand finds the group. Nothing is read of anybody yet.
func (s Scope) understand(ctx context.Context, d Directory, o survey.Options) (*scoped, error) {
	u := &scoped{Scope: plan.Scope{Filter: s.Filter, Users: s.Users, Limit: s.Limit}, users: map[string]bool{}}
	for _, name := range s.Users {
		u.users[strings.ToLower(name)] = false
	}
	if s.Group == "" {
		return u, nil
	}
	groups, err := survey.GroupsNamed(ctx, d, s.Group, o)
	switch {
	case err != nil:
		return nil, err
	case len(groups) == 0:
		return nil, &ScopeError{What: fmt.Sprintf("no group of the tenant is called %q", s.Group), Hint: "--group takes the whole display name or the object id"}
	case len(groups) > 1:
		ids := make([]string, len(groups))
		for i, g := range groups {
			ids[i] = g.ID
		}
		slices.Sort(ids)
		return nil, &ScopeError{
			What: fmt.Sprintf("%d groups of the tenant are called %q: %s", len(groups), s.Group, strings.Join(ids, ", ")),
			Hint: "--group with the id of the one that is meant",
		}
	}
	u.Group = plan.Group{ID: groups[0].ID, Name: groups[0].DisplayName}
	return u, nil
}

// graph is the part of the scope that the service decides.
func (s *scoped) graph() graph.Scope { return graph.Scope{Filter: s.Filter, Group: s.Group.ID} }

// meet reads who is in the group and in the filter.
func (s *scoped) meet(ctx context.Context, d survey.Reader, o survey.Options) error {
	if s.graph() == (graph.Scope{}) {
		return nil
	}
	s.members = map[string]bool{}
	return s.refused(survey.Everybody(ctx, d, s.graph(), graph.Wanted{}, o, func(u authmethod.User) { s.members[u.ID] = true }))
}

// refused tells a filter that the service does not understand from a service
// that does not work.
func (s *scoped) refused(err error) error {
	var said *graph.Error
	if s.Filter == "" || !errors.As(err, &said) || said.Status != 400 {
		return err
	}
	return &ScopeError{
		What:  "the service refuses --filter: " + said.Error(),
		Hint:  `it is passed as it is, an OData $filter of users such as "department eq 'Sales'" or "startsWith(userPrincipalName,'a')"; texts stand between apostrophes`,
		cause: err,
	}
}

// leavesOut says why a person is none of the scope's, or nothing.
func (s *scoped) leavesOut(u authmethod.User) string {
	if s.members != nil && !s.members[u.ID] {
		switch {
		case s.Filter == "":
			return "not in the group of --group"
		case s.Group.ID == "":
			return "--filter leaves them out"
		}
		return "not in the group of --group, or --filter leaves them out"
	}
	if len(s.users) == 0 {
		return ""
	}
	in := false
	for _, name := range []string{u.ID, u.UserPrincipalName} {
		name = strings.ToLower(name)
		if _, named := s.users[name]; named {
			s.users[name], in = true, true
		}
	}
	if !in {
		return "not one of --user"
	}
	return ""
}

// absent lists those of --user whom nobody was.
func (s *scoped) absent() []string {
	var names []string
	for _, name := range s.Users {
		if !s.users[strings.ToLower(name)] {
			names = append(names, name)
		}
	}
	return names
}

// keysOf are the keys that the names of people are.
func keysOf(names []string) []authmethod.Key {
	keys := make([]authmethod.Key, len(names))
	for i, name := range names {
		keys[i] = authmethod.Key{Attribute: authmethod.UserPrincipalName, Value: name}
		if _, err := uuid.Parse(name); err == nil && len(name) == 36 {
			keys[i].Attribute = authmethod.ID
		}
	}
	return keys
}

// inScope finds the people whom the source names and leaves out those that the
// scope does not have. size is how many people the tenant has, 0 where that is
// not known.
func (r *reading) inScope(ctx context.Context, d Directory, scope *scoped, o PlanOptions) (people []held, size int, err error) {
	if r.directory != nil {
		people, size, err = r.everybody(ctx, d, o)
	} else {
		people, size, err = r.match(ctx, d, scope, o)
	}
	if err != nil {
		return nil, 0, err
	}
	r.scope = scope.Scope
	people = slices.DeleteFunc(people, func(h held) bool {
		detail := scope.leavesOut(r.user(h))
		if detail != "" {
			r.outOfScope(h, detail)
		}
		return detail != ""
	})
	if absent := scope.absent(); len(absent) > 0 && o.Absent != nil {
		o.Absent(absent)
	}
	return people, size, nil
}

// first keeps as many people as the scope is limited to, in the order of the
// source. They are the same in a second plan, whatever became of the first:
// another ten people are another scope.
func (r *reading) first(people []held) []held {
	if r.scope.Limit == 0 || len(people) <= r.scope.Limit {
		return people
	}
	for _, h := range people[r.scope.Limit:] {
		r.outOfScope(h, fmt.Sprintf("not one of the first %d people of --limit", r.scope.Limit))
	}
	return people[:r.scope.Limit]
}

func (r *reading) outOfScope(h held, detail string) {
	var p person
	r.open(h, &p)
	r.beyond = append(r.beyond, p.wishes)
	r.leaveOut(p.lines, known(&p), authmethod.OutOfScope, func(int) string { return r.once(detail) })
}
