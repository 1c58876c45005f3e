package survey

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"authseed/importer/graph"
	"authseed/importer/plan"
)

const (
	rolePermission        = "RoleManagement.Read.Directory"
	eligibilityPermission = "RoleEligibilitySchedule.Read.Directory"
)

// roleBook is who holds a role. Whoever holds none but harmless ones is in it
// too: the registration report calls them an administrator.
type roleBook struct {
	holds map[string]holding // by object id
	any   map[string]bool    // by object id: they hold some role
}

// holding is what makes somebody privileged, in words. Of several the one of the
// lowest rank is told, so that a plan does not depend on the order of pages.
type holding struct {
	rank  int
	words string
}

// The ranks.
const (
	held = iota
	heldByGroup
	toBeActivated
	inGroup
	ownsGroup
)

func newRoleBook() *roleBook { return &roleBook{map[string]holding{}, map[string]bool{}} }

func (b *roleBook) add(id string, h holding) {
	b.any[id] = true
	if was, found := b.holds[id]; !found || cmp.Or(cmp.Compare(h.rank, was.rank), cmp.Compare(h.words, was.words)) < 0 {
		b.holds[id] = h
	}
}

// rolesOf collects what a list of roles says: of people at once, of groups what
// their members hold by them. The scope does not matter: a role at a restricted
// unit alone keeps an Authentication Administrator away.
func (b *roleBook) rolesOf(holders []graph.RoleHolder, rank int, ofGroup map[string]holding) {
	for _, h := range holders {
		words := roleName(h.Role)
		if rank == toBeActivated {
			words += ", to be activated"
		}
		switch {
		case h.Group && isPrivileged(h.Role):
			now := holding{max(rank, heldByGroup), words + " by a group"}
			if was, found := ofGroup[h.ID]; !found || cmp.Or(cmp.Compare(now.rank, was.rank), cmp.Compare(now.words, was.words)) < 0 {
				ofGroup[h.ID] = now
			}
		case h.Group:
			// Roles go only to groups that are made for them, and those are left
			// alone whatever their role.
		case isPrivileged(h.Role):
			b.add(h.ID, holding{rank, words})
		default:
			b.any[h.ID] = true
		}
	}
}

// words is what is known as the plan takes it.
func (b *roleBook) words() map[string]string {
	words := make(map[string]string, len(b.holds))
	for id, h := range b.holds {
		words[id] = h.words
	}
	return words
}

// privileged finds who holds a role, may activate one, or is in or owns a group
// that roles may be given to (learn.microsoft.com, "Privileged roles and
// permissions in Microsoft Entra ID", who can perform sensitive actions).
func (r *factsReader) privileged(ctx context.Context, _ graph.Organization) error {
	const check = string(plan.PrivilegedUser)
	assigned, err := askAll(ctx, r, r.RoleAssignments)
	why, err := unknown(err, rolePermission)
	if err != nil {
		return err
	}
	if why != "" {
		r.note(check, why)
		return r.admins(ctx)
	}
	book, ofGroup := newRoleBook(), map[string]holding{}
	book.rolesOf(assigned, held, ofGroup)
	eligible, err := askAll(ctx, r, r.RoleEligibilities)
	licensed := !graph.IsUnlicensed(err)
	if why, err = unknown(err, eligibilityPermission); err != nil {
		return err
	}
	if why != "" && licensed { // without the licence there is nobody
		r.note(check, "who may activate a role is not known: "+why)
	}
	book.rolesOf(eligible, toBeActivated, ofGroup)
	if err := r.groupsOfRoles(ctx, book, ofGroup); err != nil {
		return err
	}
	r.known.roles = book
	r.known.Privileged = book.words()
	return r.admins(ctx)
}

// admins takes in the second source, where the sign-in may read it.
func (r *factsReader) admins(ctx context.Context) error {
	ids, err := askAll(ctx, r, r.Administrators)
	why, err := unknown(err, "AuditLog.Read.All")
	if err == nil && why == "" {
		r.known.addAdmins(ids)
	}
	return err
}

// groupsOfRoles takes in the members and owners of the groups that hold a role
// and of those that may be given one.
func (r *factsReader) groupsOfRoles(ctx context.Context, book *roleBook, ofGroup map[string]holding) error {
	const check = string(plan.PrivilegedUser)
	groups, err := askAll(ctx, r, r.RoleAssignableGroups)
	why, err := unknown(err, groupPermission)
	if err != nil {
		return err
	}
	if why != "" {
		r.note(check, "which groups roles may be given to is not known: "+why)
	}
	for _, g := range groups {
		if _, found := ofGroup[g.ID]; !found {
			ofGroup[g.ID] = holding{inGroup, "a place in a group that roles may be given to"}
		}
	}
	missing := ""
	for _, id := range slices.Sorted(maps.Keys(ofGroup)) {
		members, err := r.membersOf(ctx, id)
		if err != nil {
			return err
		}
		owners, err := r.peopleOf(ctx, id, r.GroupOwners)
		if err != nil {
			return err
		}
		for _, person := range members.ids {
			book.add(person, ofGroup[id])
		}
		for _, person := range owners.ids {
			book.add(person, holding{ownsGroup, "the ownership of a group that roles may be given to"})
		}
		missing = cmp.Or(missing, members.unknown, owners.unknown)
	}
	if missing != "" {
		r.note(check, "who is in a group that holds a role, or owns it, is not known of every group: "+missing)
	}
	return nil
}

// addAdmins takes in whom the registration report calls administrators, the
// second source: who holds a role that no list explains is privileged as well.
// Where the roles are not known it is the only one, and the check says so.
func (k *Known) addAdmins(admins []string) {
	const check = string(plan.PrivilegedUser)
	if k.Privileged == nil {
		k.Privileged = make(map[string]string, len(admins))
		k.Notes[check] = "by the registration report alone, which is hours old and leaves disabled accounts out: " + k.Notes[check]
	}
	for _, id := range admins {
		if _, listed := k.Privileged[id]; listed || k.roles != nil && k.roles.any[id] {
			continue
		}
		k.Privileged[id] = "an administrator's role, as the registration report says"
	}
}
