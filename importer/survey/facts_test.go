package survey_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/plan"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

const (
	globalAdministrator = "62e90394-69f5-4237-9190-012177145e10"
	helpdesk            = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
	directoryReaders    = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
	password            = "966707d0-3269-4727-9be2-8c3a10f19b9d" // Password Administrator
	custom              = "0a0b0c0d-1111-4222-8333-444455556666"
)

// ids of people and groups, told apart by their first digits.
func someone(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }
func aGroup(n int) string  { return fmt.Sprintf("99999999-0000-4000-8000-%012d", n) }

// staff is a tenant of twenty people, of which change makes what it needs.
func staff(change func(*graphsim.Tenant)) graphsim.Options {
	t := &graphsim.Tenant{ID: "72f988bf-0000-4000-8000-000000000001", DisplayName: "Contoso", VerifiedDomains: []string{"contoso.example"}}
	for i := range 20 {
		t.Users = append(t.Users, graphsim.User{ID: someone(i), UserPrincipalName: fmt.Sprintf("person%02d@contoso.example", i)})
	}
	if change != nil {
		change(t)
	}
	return graphsim.Options{Tenant: t}
}

// facts reads them, with the organization as the tenant tells it.
func (w *world) facts() (*survey.Known, error) {
	organization, err := survey.Organization(w.within, w, 0)
	if err != nil {
		return nil, err
	}
	return survey.ReadFacts(w.within, w, organization, w.options())
}

func (w *world) mustFacts() *survey.Known {
	w.Helper()
	known, err := w.facts()
	if err != nil {
		w.Fatal(err)
	}
	return known
}

// token is an access token with these claims.
func token(claims map[string]any) string {
	text, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	return "e30." + base64.RawURLEncoding.EncodeToString(text) + ".e30"
}

func TestPrivileged(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*graphsim.Tenant)
		want   map[string]string
	}{
		{"nobody", nil, map[string]string{}},
		{"by a role, whatever its scope, a custom one and one nobody knows too", func(t *graphsim.Tenant) {
			t.RoleAssignments = []graphsim.Role{
				{PrincipalID: someone(1), RoleDefinitionID: strings.ToUpper(globalAdministrator)},
				{PrincipalID: someone(2), RoleDefinitionID: helpdesk, DirectoryScopeID: "/administrativeUnits/" + someone(800)},
				{PrincipalID: someone(3), RoleDefinitionID: custom},
				{PrincipalID: someone(4), RoleDefinitionID: directoryReaders},
				{PrincipalID: someone(5), RoleDefinitionID: password},
				{PrincipalID: someone(5), RoleDefinitionID: directoryReaders},
			}
		}, map[string]string{
			someone(1): "Global Administrator", someone(2): "Helpdesk Administrator",
			someone(3): "a role of the tenant's own", someone(5): "Password Administrator",
		}},
		{"the same words in whatever order the pages are", func(t *graphsim.Tenant) {
			t.RoleAssignments = []graphsim.Role{
				{PrincipalID: someone(1), RoleDefinitionID: helpdesk}, {PrincipalID: someone(1), RoleDefinitionID: globalAdministrator},
				{PrincipalID: someone(2), RoleDefinitionID: globalAdministrator}, {PrincipalID: someone(2), RoleDefinitionID: helpdesk},
			}
		}, map[string]string{someone(1): "Global Administrator", someone(2): "Global Administrator"}},
		{"only on demand", func(t *graphsim.Tenant) {
			t.RoleEligibilities = []graphsim.Role{
				{PrincipalID: someone(1), RoleDefinitionID: globalAdministrator},
				{PrincipalID: someone(2), RoleDefinitionID: directoryReaders},
			}
		}, map[string]string{someone(1): "Global Administrator, to be activated"}},
		{"in or owning a group that roles may be given to", func(t *graphsim.Tenant) {
			t.Groups = []graphsim.Group{
				{ID: aGroup(1), DisplayName: "Tier 0", IsAssignableToRole: true, Members: []string{someone(1)}, Owners: []string{someone(2), someone(1)}},
				{ID: aGroup(2), DisplayName: "Staff", Members: []string{someone(3)}, Owners: []string{someone(4)}},
			}
		}, map[string]string{
			someone(1): "a place in a group that roles may be given to",
			someone(2): "the ownership of a group that roles may be given to",
		}},
		{"by a group that holds a role, by groups in it, which go round in a circle", func(t *graphsim.Tenant) {
			t.Groups = []graphsim.Group{
				{ID: aGroup(1), DisplayName: "Tier 0", IsAssignableToRole: true, Members: []string{someone(1), aGroup(2)}, Owners: []string{someone(5)}},
				{ID: aGroup(2), DisplayName: "Inner", Members: []string{someone(2), aGroup(3)}},
				{ID: aGroup(3), DisplayName: "Innermost", Members: []string{someone(3), aGroup(2)}},
				{ID: aGroup(4), DisplayName: "On call", IsAssignableToRole: true, Members: []string{someone(4)}},
			}
			t.RoleAssignments = []graphsim.Role{{PrincipalID: aGroup(1), RoleDefinitionID: helpdesk}}
			t.RoleEligibilities = []graphsim.Role{{PrincipalID: aGroup(4), RoleDefinitionID: globalAdministrator}}
		}, map[string]string{
			someone(1): "Helpdesk Administrator by a group", someone(2): "Helpdesk Administrator by a group", someone(3): "Helpdesk Administrator by a group",
			someone(4): "Global Administrator, to be activated by a group",
			someone(5): "the ownership of a group that roles may be given to",
		}},
		{"a harmless role by a group is a group all the same", func(t *graphsim.Tenant) {
			t.Groups = []graphsim.Group{{ID: aGroup(1), DisplayName: "Readers", IsAssignableToRole: true, Members: []string{someone(1)}}}
			t.RoleAssignments = []graphsim.Role{{PrincipalID: aGroup(1), RoleDefinitionID: directoryReaders}}
		}, map[string]string{someone(1): "a place in a group that roles may be given to"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := staff(test.change)
				o.PageLimit = 2
				known := newWorld(t, o).mustFacts()
				if diff := cmp.Diff(test.want, known.Privileged); diff != "" || known.Notes[string(plan.PrivilegedUser)] != "" {
					t.Error(diff, known.Notes)
				}
			})
		})
	}
}

// TestAdminsOfTheReport: the second source, and the only one where the roles are
// not known.
func TestAdminsOfTheReport(t *testing.T) {
	const (
		report = "an administrator's role, as the registration report says"
		roles  = "RoleManagement.Read.Directory"
		audit  = "AuditLog.Read.All"
	)
	for _, test := range []struct {
		name  string
		holds []string
		want  map[string]string
		note  string
	}{
		{"both", []string{roles, audit}, map[string]string{someone(1): "Helpdesk Administrator"}, ""},
		{"the roles alone", []string{roles}, map[string]string{someone(1): "Helpdesk Administrator"}, ""},
		{"the report alone", []string{audit}, map[string]string{someone(1): report, someone(2): report},
			"by the registration report alone, which is hours old and leaves disabled accounts out: the sign-in lacks RoleManagement.Read.Directory"},
		{"neither", nil, nil, "the sign-in lacks RoleManagement.Read.Directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := staff(func(t *graphsim.Tenant) {
					t.RoleAssignments = []graphsim.Role{{PrincipalID: someone(1), RoleDefinitionID: helpdesk}, {PrincipalID: someone(2), RoleDefinitionID: directoryReaders}}
				})
				o.Permissions = append([]string{"User.Read.All", "GroupMember.Read.All"}, test.holds...)
				known := newWorld(t, o).mustFacts()
				if diff := cmp.Diff(test.want, known.Privileged); diff != "" || known.Notes["privileged-user"] != test.note {
					t.Error(diff, known.Notes)
				}
			})
		})
	}
}

// TestMissing: what is missing makes exactly its own fact unknown, and is told.
func TestMissing(t *testing.T) {
	const (
		policy  = "the sign-in lacks Policy.Read.AuthenticationMethod"
		members = "the sign-in lacks GroupMember.Read.All"
	)
	everything := []string{
		"User.Read.All", "Policy.Read.AuthenticationMethod", "RoleManagement.Read.Directory", "RoleEligibilitySchedule.Read.Directory", "GroupMember.Read.All",
	}
	setUp := func(t *graphsim.Tenant) {
		t.Groups = []graphsim.Group{{ID: aGroup(1), DisplayName: "Tier 0", IsAssignableToRole: true, Members: []string{someone(1)}}}
		t.RoleAssignments = []graphsim.Role{{PrincipalID: someone(2), RoleDefinitionID: helpdesk}}
		t.RoleEligibilities = []graphsim.Role{{PrincipalID: someone(3), RoleDefinitionID: helpdesk}}
		t.MethodsPolicy = &graphsim.MethodsPolicy{Email: &graphsim.MethodConfiguration{IncludeTargets: []graphsim.Target{{ID: aGroup(1)}}}}
	}
	for _, test := range []struct {
		name      string
		lost      []string
		options   func(*graphsim.Options)
		unchecked []string
		notes     map[string]string
	}{
		{name: "nothing"},
		{name: "the token says nothing", options: func(o *graphsim.Options) {}, unchecked: []string{"own-account"},
			notes: map[string]string{"own-account": "the access token does not say who is signed in"}},
		{name: "the policy", lost: everything[1:2], unchecked: []string{"sign-in-clash", "tenant-policy"},
			notes: map[string]string{"sign-in-clash": policy, "tenant-policy": policy}},
		{name: "the roles", lost: everything[2:3], unchecked: []string{"privileged-user"},
			notes: map[string]string{"privileged-user": "the sign-in lacks RoleManagement.Read.Directory"}},
		{name: "groups", lost: everything[4:], notes: map[string]string{
			"privileged-user": "which groups roles may be given to is not known: " + members,
			"tenant-policy":   "who is in the groups that the policy names is not known of every group: " + members,
		}},
		{name: "people and everything", lost: everything, unchecked: []string{"own-domain-email", "privileged-user", "sign-in-clash", "tenant-policy"},
			notes: map[string]string{
				"own-domain-email": "the sign-in lacks Organization.Read.All or Domain.Read.All",
				"privileged-user":  "the sign-in lacks RoleManagement.Read.Directory", "sign-in-clash": policy, "tenant-policy": policy,
			}},
		{name: "a licence", options: func(o *graphsim.Options) { o.Tenant.ServicePlans = []string{} }, notes: map[string]string{}},
		{name: "the cloud in China", options: func(o *graphsim.Options) { o.Cloud = "china" }, unchecked: []string{"sign-in-clash", "tenant-policy"},
			notes: map[string]string{"sign-in-clash": "this cloud does not have it", "tenant-policy": "this cloud does not have it"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := staff(setUp)
				o.Permissions = []string{}
				for _, p := range everything {
					if !strings.Contains(strings.Join(test.lost, " "), p) {
						o.Permissions = append(o.Permissions, p)
					}
				}
				if test.options != nil {
					test.options(&o)
				}
				w := newWorld(t, o)
				if test.name != "the token says nothing" {
					w.signIn(token(map[string]any{"idtyp": "app", "oid": someone(900), "tid": o.Tenant.ID}))
				}
				known := w.mustFacts()
				if diff := cmp.Diff(test.notes, known.Notes, cmpopts.EquateEmpty()); diff != "" {
					t.Error(diff)
				}
				p := plan.Build(plan.Input{Facts: known.Facts})
				if diff := cmp.Diff(test.unchecked, p.Unchecked, cmpopts.EquateEmpty()); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(test.notes, p.CheckNotes, cmpopts.EquateEmpty()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// TestEligibilityAlone: without its permission who may activate a role is not
// known, and the rest is.
func TestEligibilityAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, staff(func(t *graphsim.Tenant) {
			t.RoleAssignments = []graphsim.Role{{PrincipalID: someone(1), RoleDefinitionID: helpdesk}}
		}))
		w.fault = always(func(c graphsim.Call) bool { return strings.Contains(c.Path, "roleEligibilitySchedules") }, graphsim.Fault{Status: 403})
		known := w.mustFacts()
		if known.Privileged[someone(1)] == "" || known.Notes["privileged-user"] != "who may activate a role is not known: the sign-in lacks RoleEligibilitySchedule.Read.Directory" {
			t.Errorf("%v %v", known.Privileged, known.Notes)
		}
	})
}

// TestSettingsThatFail: a sign-in that is over ends it, and a network does: no fact is unknown for that.
func TestSettingsThatFail(t *testing.T) {
	for name, test := range map[string]struct {
		fault graphsim.Fault
		is    func(error) bool
	}{
		"signed out": {graphsim.Fault{Status: 401}, graph.IsSignIn},
		"cut":        {graphsim.Fault{Cut: true}, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		"down":       {graphsim.Fault{Status: 500}, func(err error) bool { var e *graph.Error; return errors.As(err, &e) && e.Status == 500 }},
	} {
		for _, path := range []string{"authenticationMethodsPolicy", "roleAssignments", "roleEligibilitySchedules", "/groups"} {
			t.Run(name+", "+path, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, staff(nil))
					w.fault = always(func(c graphsim.Call) bool { return strings.Contains(c.Path, path) }, test.fault)
					if known, err := w.facts(); known != nil || !test.is(err) {
						t.Errorf("%v", err)
					}
				})
			})
		}
	}
}

// TestFactsThatWaited: a service that throttles is waited for.
func TestFactsThatWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, staff(nil))
		w.fault = first(3, func(c graphsim.Call) bool { return strings.Contains(c.Path, "roleAssignments") },
			graphsim.Fault{Status: 429, Header: retryAfter("20")})
		if known := w.mustFacts(); known.Privileged == nil {
			t.Error("the roles are not known")
		}
	})
}

// TestFewRequests: an ordinary tenant takes four beside the organization, two
// for each group that roles may be given to, one for each group of the policy;
// a group that is both is read once.
func TestFewRequests(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*graphsim.Tenant)
		want   int64
	}{
		{"nothing special", nil, 5},
		{"three groups of roles, two of the policy", func(t *graphsim.Tenant) {
			for i := range 4 {
				t.Groups = append(t.Groups, graphsim.Group{ID: aGroup(i), DisplayName: fmt.Sprint("Group ", i), IsAssignableToRole: i < 3, Members: []string{someone(i)}})
			}
			both := &graphsim.MethodConfiguration{IncludeTargets: []graphsim.Target{{ID: aGroup(2)}, {ID: aGroup(3)}}}
			t.MethodsPolicy = &graphsim.MethodsPolicy{Email: both, SMS: both, Voice: both}
		}, 5 + 3*2 + 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, staff(test.change))
			w.mustFacts()
			if got := w.sim.Stats().RoundTrips - 1; got != test.want {
				t.Errorf("%s: %d requests, want %d", test.name, got, test.want)
			}
		})
	}
}

func TestSignedIn(t *testing.T) {
	for name, test := range map[string]struct {
		claims map[string]any
		want   string
	}{
		"a person":             {map[string]any{"idtyp": "user", "oid": someone(7), "scp": "User.Read.All"}, someone(7)},
		"an app":               {map[string]any{"idtyp": "app", "oid": someone(900)}, someone(900)},
		"an app without an id": {map[string]any{"idtyp": "app"}, "an app"},
		"nobody is named":      {map[string]any{"scp": "User.Read.All"}, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, staff(nil))
			w.signIn(token(test.claims))
			known := w.mustFacts()
			reason, _ := plan.OutOfReach(authmethod.User{ID: someone(7)}, known.Facts, nil)
			if known.SignedIn != test.want || (reason == authmethod.OwnAccount) != (test.want == someone(7)) {
				t.Errorf("%s: %q, %s", name, known.SignedIn, reason)
			}
		})
	}
}
