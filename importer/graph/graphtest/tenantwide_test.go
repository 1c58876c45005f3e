package graphtest_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/mapping/authmethod"
)

// tenantwide are the operations that read what the tenant is like. They change
// nothing.
var tenantwide = []suiteCase{
	{"registration report", registrationReport},
	{"holders of roles", holdersOfRoles},
	{"groups", groupsAndPeople},
	{"methods policy", methodsPolicy},
	{"switches", switches},
	{"domains", domainsOfTenant},
	{"licences", licences},
	{"synchronization", synchronization},
	{"people by scope", peopleByScope},
	{"who has moved", whoHasMoved},
	{"who is signed in", whoIsSignedIn},
}

// isTenant reports that nobody knows what is there.
func (s *subject) isTenant() bool { return s.seen != nil }

// permitted reports whether what is read was there to be read. A tenant may
// lack a licence, and the sign-in a permission: that is a finding.
func (s *subject) permitted(t *testing.T, err error) bool {
	t.Helper()
	switch {
	case err == nil:
		return true
	case s.isTenant() && (graph.IsForbidden(err) || graph.IsUnlicensed(err)):
		s.seen.add("-", "not read, %s: %v", graph.Hint(err), err)
	default:
		t.Error(err)
	}
	return false
}

// pagesOf reads a collection: all of a simulator's, a few pages of a tenant's.
func pagesOf[T any](t *testing.T, s *subject, read func(context.Context, string) ([]T, string, error)) (all []T, there bool) {
	t.Helper()
	const enough = 3
	next := ""
	for n := 0; n == 0 || next != "" && (n < enough || !s.isTenant()); n++ {
		page, link, err := read(s.within(t), next)
		if !s.permitted(t, err) {
			return nil, false
		}
		all, next = append(all, page...), link
	}
	return all, true
}

func registrationReport(t *testing.T, s *subject) {
	s.register(t, "mobile=1 alternateMobile=1 office=1 email=1")
	lines, there := pagesOf(t, s, s.client.Registrations)
	if !there {
		return
	}
	seen := map[string]bool{}
	for _, r := range lines {
		if r.User == "" || r.UserPrincipalName == "" || r.Updated.IsZero() || seen[r.User] {
			t.Error("somebody without a name or a date, or twice")
		}
		seen[r.User] = true
		for _, other := range r.Others {
			s.seen.add("-", "the report has methods spelled %q", other)
		}
		for kind, has := range r.Has {
			if has {
				s.seen.add("-", "the report has methods that are read as %s", authmethod.Kind(kind))
			}
		}
	}
	if s.isTenant() {
		return // the report lags, and nobody knows who is there
	}
	want := map[string]bool{}
	for _, u := range s.sim.Tenant().Users {
		if u.IsEnabled() {
			want[u.ID] = true
		}
	}
	if diff := gocmp.Diff(want, seen); diff != "" {
		t.Errorf("who is in the report (-want +got)\n%s", diff)
	}
	for _, r := range lines {
		whole := r.User == s.person().ID
		if r.Has != [authmethod.Count]bool{whole, whole, whole, whole} || r.SSPRRegistered != whole {
			t.Errorf("the report has %v", r.Has)
		}
	}
}

func holdersOfRoles(t *testing.T, s *subject) {
	for _, test := range []struct {
		name string
		read func(context.Context, string) ([]graph.RoleHolder, string, error)
		of   func(*graphsim.Tenant) []graphsim.Role
	}{
		{"held", s.client.RoleAssignments, func(t *graphsim.Tenant) []graphsim.Role { return t.RoleAssignments }},
		{"on demand", s.client.RoleEligibilities, func(t *graphsim.Tenant) []graphsim.Role { return t.RoleEligibilities }},
	} {
		got, there := pagesOf(t, s, test.read)
		if !there {
			continue
		}
		for _, h := range got {
			if h.ID == "" || h.Role == "" || h.Scope == "" {
				t.Errorf("%s: a role without holder, name or scope", test.name)
			}
		}
		if s.isTenant() {
			continue
		}
		tenant := s.sim.Tenant()
		var want []graph.RoleHolder
		for _, r := range test.of(tenant) {
			isGroup := slices.ContainsFunc(tenant.Groups, func(g graphsim.Group) bool { return g.ID == r.PrincipalID })
			want = append(want, graph.RoleHolder{Role: r.RoleDefinitionID, ID: r.PrincipalID, Group: isGroup, Scope: cmp.Or(r.DirectoryScopeID, "/")})
		}
		if diff := gocmp.Diff(want, got); diff != "" || len(want) == 0 {
			t.Errorf("%s (-want +got)\n%s", test.name, diff)
		}
	}
}

func groupsAndPeople(t *testing.T, s *subject) {
	groups, there := pagesOf(t, s, s.client.RoleAssignableGroups)
	if !there {
		return
	}
	if !s.isTenant() {
		var want []graph.Group
		for _, g := range s.sim.Tenant().Groups {
			if g.IsAssignableToRole {
				want = append(want, graph.Group{ID: g.ID, DisplayName: g.DisplayName})
			}
		}
		if diff := gocmp.Diff(want, groups); diff != "" || len(want) == 0 {
			t.Errorf("groups that hold roles (-want +got)\n%s", diff)
		}
	}
	if len(groups) == 0 {
		t.Log("the tenant has no role-assignable group: nothing is looked up in one")
		return
	}
	g := groups[0]
	byID, err := s.client.GroupsNamed(s.within(t), g.ID)
	if diff := gocmp.Diff([]graph.Group{g}, byID); diff != "" || err != nil {
		t.Errorf("by id: %v (-want +got)\n%s", err, diff)
	}
	if byName, err := s.client.GroupsNamed(s.within(t), g.DisplayName); err != nil || !slices.Contains(byName, g) {
		t.Errorf("by name: %d groups, %v", len(byName), err)
	}
	for _, name := range []string{nobody, "authseed's group of nobody"} {
		if none, err := s.client.GroupsNamed(s.within(t), name); err != nil || len(none) > 0 {
			t.Errorf("of nobody: %d groups, %v", len(none), err)
		}
	}
	members, _ := pagesOf(t, s, func(ctx context.Context, next string) ([]string, string, error) {
		return s.client.GroupMembers(ctx, g.ID, next)
	})
	owners, _ := pagesOf(t, s, func(ctx context.Context, next string) ([]string, string, error) {
		return s.client.GroupOwners(ctx, g.ID, next)
	})
	if !s.isTenant() && (!slices.Equal(members, everyMember(s.sim.Tenant())) || !slices.Equal(owners, s.sim.Tenant().Groups[0].Owners)) {
		t.Errorf("%d members and %d owners", len(members), len(owners))
	}
}

// everyMember is who is in the first group of [withSettings] and in the one in
// it.
func everyMember(tenant *graphsim.Tenant) []string {
	var ids []string
	for _, u := range tenant.Users {
		if slices.Contains(tenant.Groups[0].Members, u.ID) || slices.Contains(tenant.Groups[1].Members, u.ID) {
			ids = append(ids, u.ID)
		}
	}
	return ids
}

func methodsPolicy(t *testing.T, s *subject) {
	p, err := s.client.MethodsPolicy(s.within(t))
	if !s.permitted(t, err) {
		return
	}
	if s.isTenant() {
		s.seen.add("-", "the methods policy is %q", p.MigrationState)
		for _, name := range []string{"email", "sms", "voice"} {
			if _, has := p.Methods[name]; !has {
				s.seen.add("-", "the methods policy has no %s", name)
			}
		}
		return
	}
	everybody := []graph.Target{{ID: graph.AllUsers}}
	want := graph.MethodsPolicy{MigrationState: "migrationInProgress", Methods: map[string]graph.MethodConfiguration{
		"email": {Enabled: true, Include: everybody},
		"sms":   {Enabled: true, Include: []graph.Target{{ID: s.sim.Tenant().Groups[0].ID, UsableForSignIn: true}}, Exclude: []graph.Target{{ID: s.sim.Tenant().Users[30].ID, IsUser: true}}},
		"voice": {Include: everybody},
	}}
	if diff := gocmp.Diff(want, p); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func switches(t *testing.T, s *subject) {
	for name, read := range map[string]func(context.Context) (bool, error){
		"administrators may reset": s.client.AdminsMayReset,
		"security defaults":        s.client.SecurityDefaults,
	} {
		on, err := read(s.within(t))
		if s.permitted(t, err) && !s.isTenant() && on != (name == "security defaults") {
			t.Errorf("%s: %t", name, on)
		}
	}
}

func domainsOfTenant(t *testing.T, s *subject) {
	domains, err := s.client.Domains(s.within(t))
	if !s.permitted(t, err) {
		return
	}
	first := 0
	for _, d := range domains {
		if d.Name == "" {
			t.Error("a domain without a name")
		}
		if d.Default {
			first++
		}
	}
	if first != 1 {
		t.Errorf("%d default domains", first)
	}
	want := []graph.Domain{{Name: "contoso.example", Verified: true, Default: true}, {Name: "corp.contoso.example", Verified: true, Federated: true}}
	if diff := gocmp.Diff(want, domains); diff != "" && !s.isTenant() {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func licences(t *testing.T, s *subject) {
	plans, err := s.client.ServicePlans(s.within(t))
	if !s.permitted(t, err) {
		return
	}
	if !slices.IsSorted(plans) || len(slices.Compact(slices.Clone(plans))) != len(plans) {
		t.Error("the plans are not sorted, or not each there once")
	}
	if !s.isTenant() && (!slices.Contains(plans, graph.PlanP1) || !slices.Contains(plans, graph.PlanP2)) {
		t.Errorf("plans %v", plans)
	}
}

func synchronization(t *testing.T, s *subject) {
	got, err := s.client.Synchronization(s.within(t))
	if s.permitted(t, err) && !s.isTenant() && !got.PasswordWriteback {
		t.Errorf("%+v", got)
	}
}

func peopleByScope(t *testing.T, s *subject) {
	count, err := s.client.CountUsers(s.within(t))
	if s.permitted(t, err) && (count == 0 || !s.isTenant() && count != len(s.sim.Tenant().Users)) {
		t.Errorf("%d people counted", count)
	}
	filter := graph.Scope{Filter: "accountEnabled ne true"}
	disabled, _ := pagesOf(t, s, func(ctx context.Context, next string) ([]authmethod.User, string, error) {
		return s.client.Users(ctx, next, filter, graph.Wanted{})
	})
	for _, u := range disabled {
		if u.EnabledKnown && u.AccountEnabled {
			t.Error("somebody enabled among the disabled")
		}
	}
	if s.isTenant() {
		return
	}
	members, _ := pagesOf(t, s, func(ctx context.Context, next string) ([]authmethod.User, string, error) {
		return s.client.Users(ctx, next, graph.Scope{Group: s.sim.Tenant().Groups[0].ID}, graph.Wanted{Location: true})
	})
	var ids []string
	for _, u := range members {
		if ids = append(ids, u.ID); u.UserPrincipalName == "" || u.UsageLocation == "" {
			t.Error("a member without what was wanted")
		}
	}
	if !slices.Equal(ids, everyMember(s.sim.Tenant())) || len(disabled) == 0 {
		t.Errorf("%d members of the group, %d disabled", len(ids), len(disabled))
	}
}

// whoHasMoved asks for the link alone and follows it at once: nobody, or hardly
// anybody, has moved in between. Writes to methods are no moves.
func whoHasMoved(t *testing.T, s *subject) {
	want := graph.Wanted{By: authmethod.Attributes(), Location: true}
	first, err := s.client.UsersMoved(s.within(t), "", want)
	if err != nil {
		t.Fatal(err)
	}
	if len(first.People) != 0 || first.Since == "" {
		t.Errorf("the latest link names %d people", len(first.People))
	}
	for link := first.Since; link != ""; {
		page, err := s.client.UsersMoved(s.within(t), link, want)
		if err != nil {
			t.Fatal(err)
		}
		if s.sim != nil && len(page.People) != 0 {
			t.Errorf("%d people moved", len(page.People))
		}
		link = page.Next
	}
	_, err = s.client.UsersMoved(s.within(t), first.Since+"x", want)
	var forgotten *graph.ForgottenError
	switch said := new(graph.Error); {
	case errors.As(err, &forgotten):
		s.seen.add("-", "a delta link that was tampered with: status %d", forgotten.Err.Status)
	case errors.As(err, &said):
		s.seen.add("-", "a delta link that was tampered with is not told as forgotten: status %d", said.Status)
	}
	if s.sim != nil && forgotten == nil {
		t.Errorf("a link that was tampered with: %v", err)
	}
}

func whoIsSignedIn(t *testing.T, s *subject) {
	id, err := s.client.Identity(s.within(t))
	switch {
	case err != nil:
		t.Error(err)
	case !id.Known:
		s.seen.add("-", "the token cannot be read")
	case !strings.EqualFold(id.Tenant, s.tenant) || id.ID == "" || !id.Expires.After(time.Now()):
		t.Error("the token is of another tenant, of nobody, or over")
	}
	if v := s.client.Vitals(); v.Told {
		s.seen.add("-", "this machine's clock is %v ahead", v.Skew)
		if !s.isTenant() && v.Skew.Abs() > 2*time.Second {
			t.Errorf("the simulator's clock is %v behind its own", v.Skew)
		}
	}
}

// withSettings gives a tenant of at least forty people everything that
// [tenantwide] reads.
func withSettings(tenant *graphsim.Tenant) {
	const globalAdministrator, helpdesk = "62e90394-69f5-4237-9190-012177145e10", "729827e3-9c14-49f7-bb1b-9608f156bbb8"
	people := tenant.Users[30:]
	off := false
	inner, outer := "0a000000-0000-4000-8000-000000000002", "0a000000-0000-4000-8000-000000000001"
	tenant.Groups = []graphsim.Group{
		{ID: outer, DisplayName: "O'Neil's admins", IsAssignableToRole: true, Members: []string{inner, people[1].ID}, Owners: []string{people[2].ID}},
		{ID: inner, DisplayName: "Night shift", Members: []string{people[3].ID, people[4].ID}},
	}
	tenant.RoleAssignments = []graphsim.Role{
		{PrincipalID: people[5].ID, RoleDefinitionID: globalAdministrator},
		{PrincipalID: outer, RoleDefinitionID: helpdesk, DirectoryScopeID: "/administrativeUnits/0b000000-0000-4000-8000-000000000001"},
		{PrincipalID: "0c000000-0000-4000-8000-000000000001", PrincipalType: "servicePrincipal", RoleDefinitionID: helpdesk},
	}
	tenant.RoleEligibilities = []graphsim.Role{{PrincipalID: people[6].ID, RoleDefinitionID: globalAdministrator}}
	tenant.MethodsPolicy = &graphsim.MethodsPolicy{
		PolicyMigrationState: "migrationInProgress",
		SMS: &graphsim.MethodConfiguration{
			IncludeTargets: []graphsim.Target{{ID: outer, IsUsableForSignIn: true}},
			ExcludeTargets: []graphsim.Target{{ID: people[0].ID, TargetType: "user"}},
		},
		Voice: &graphsim.MethodConfiguration{State: "disabled", IsOfficePhoneAllowed: &off},
	}
	tenant.AllowedToUseSSPR, tenant.SecurityDefaults = &off, true
	tenant.OnPremisesSyncEnabled, tenant.PasswordWriteback = true, true
	tenant.VerifiedDomains = append(tenant.VerifiedDomains, "corp.contoso.example")
	tenant.Domains = []graphsim.Domain{{ID: "corp.contoso.example", AuthenticationType: "Federated"}}
}
