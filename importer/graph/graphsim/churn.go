package graphsim

import (
	"fmt"
	"slices"
)

// withoutThoseWhoLeft takes from the settings whom they name and who is no
// longer there, as the directory does.
func (s *Server) withoutThoseWhoLeft(t *Tenant) {
	if s.people.left.Load() == 0 {
		return
	}
	left := map[string]bool{}
	for _, p := range s.people.all() {
		if p.gone.Load() {
			left[fold(p.user.id())] = true
		}
	}
	is := func(id string) bool { return left[fold(id)] }
	for i := range t.Groups {
		t.Groups[i].Members = slices.DeleteFunc(t.Groups[i].Members, is)
		t.Groups[i].Owners = slices.DeleteFunc(t.Groups[i].Owners, is)
	}
	held := func(r Role) bool { return is(r.PrincipalID) }
	t.RoleAssignments = slices.DeleteFunc(t.RoleAssignments, held)
	t.RoleEligibilities = slices.DeleteFunc(t.RoleEligibilities, held)
	if p := t.MethodsPolicy; p != nil {
		target := func(t Target) bool { return t.TargetType == "user" && is(t.ID) }
		for _, c := range []*MethodConfiguration{p.Email, p.SMS, p.Voice} {
			if c != nil {
				c.IncludeTargets = slices.DeleteFunc(c.IncludeTargets, target)
				c.ExcludeTargets = slices.DeleteFunc(c.ExcludeTargets, target)
			}
		}
	}
}

// churn lets people leave and others join after a page of users that is not the
// last. Who leaves is the seed's.
func (s *Server) churn() {
	for range s.options.Levers.Churn {
		n := uint64(s.joined.Add(1))
		all := s.people.all()
		fate := draw(scatter(s.options.Levers.Seed) ^ scatter(n))
		if p := all[fate.value("leaves")%uint64(len(all))]; !p.gone.Load() {
			_ = s.Leave(p.user.id()) // somebody else may have let them leave
		}
		name := fmt.Sprintf("newcomer%06d@%s", n, generatedDomain)
		_ = s.Join(User{ // who is there already does not join twice
			ID:                fmt.Sprintf("%08x-0000-4000-8000-%012x", uint32(fate.value("id")), n),
			UserPrincipalName: name, Mail: name, DisplayName: fmt.Sprintf("New %06d", n),
		})
	}
}
