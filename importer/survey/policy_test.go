package survey_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"authseed/importer/graph/graphsim"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// everyMethod plans all four methods for people 1, 2 and 3.
func everyMethod(facts plan.Facts) *plan.Plan {
	in := plan.Input{Facts: facts, Rows: plan.Rows{}}
	in.Policy.Allow = []plan.Hazard{plan.SharedNumber}
	for n := 1; n <= 3; n++ {
		d := plan.Desired{User: authmethod.User{ID: someone(n), UserPrincipalName: someone(n)}, Origin: plan.Origin{Line: n}}
		for _, kind := range authmethod.Kinds() {
			in.Policy.Rules[kind] = plan.Fill
			d.Wishes[kind].Value = authmethod.ValueOf("+44 770090012" + string(rune('0'+n)))
		}
		d.Wishes[authmethod.Email].Value = authmethod.ValueOf("a@example.com")
		in.Desired = append(in.Desired, d)
	}
	return plan.Build(in)
}

// barred is what of it the tenant's policy has no use for: "1 email" a line.
func barred(p *plan.Plan) []string {
	var list []string
	for _, s := range p.Skipped {
		if s.Reason == authmethod.TenantPolicy {
			list = append(list, strings.TrimLeft(s.User.ID[24:], "0")+" "+s.Method.String())
		}
	}
	return list
}

func TestPolicy(t *testing.T) {
	yes, no := true, false
	off := &graphsim.MethodConfiguration{State: "disabled"}
	only := func(ids ...string) *graphsim.MethodConfiguration {
		c := &graphsim.MethodConfiguration{}
		for _, id := range ids {
			c.IncludeTargets = append(c.IncludeTargets, graphsim.Target{ID: id})
		}
		return c
	}
	but := func(ids ...string) *graphsim.MethodConfiguration {
		c := &graphsim.MethodConfiguration{}
		for _, id := range ids {
			c.ExcludeTargets = append(c.ExcludeTargets, graphsim.Target{ID: id})
		}
		return c
	}
	const all = "1 mobile, 1 alternateMobile, 1 office, 2 mobile, 2 alternateMobile, 2 office, 3 mobile, 3 alternateMobile, 3 office"
	for _, test := range []struct {
		name   string
		policy *graphsim.MethodsPolicy
		want   string // a comma and a space between two
		note   bool   // tenant-policy is not checked
	}{
		{name: "everything for everybody"},
		{name: "e-mail off", policy: &graphsim.MethodsPolicy{Email: off}, want: "1 email, 2 email, 3 email"},
		{name: "text messages off", policy: &graphsim.MethodsPolicy{SMS: off}},
		{name: "calls off", policy: &graphsim.MethodsPolicy{Voice: off},
			want: "1 alternateMobile, 1 office, 2 alternateMobile, 2 office, 3 alternateMobile, 3 office"},
		{name: "both off", policy: &graphsim.MethodsPolicy{SMS: off, Voice: off}, want: all},
		{name: "office phones not allowed", policy: &graphsim.MethodsPolicy{Voice: &graphsim.MethodConfiguration{IsOfficePhoneAllowed: &no}},
			want: "1 office, 2 office, 3 office"},
		{name: "office phones allowed", policy: &graphsim.MethodsPolicy{Voice: &graphsim.MethodConfiguration{IsOfficePhoneAllowed: &yes}}},
		{name: "e-mail for a group", policy: &graphsim.MethodsPolicy{Email: only(aGroup(1))}, want: "3 email"},
		{name: "e-mail for a group in it and a person", policy: &graphsim.MethodsPolicy{Email: &graphsim.MethodConfiguration{
			IncludeTargets: []graphsim.Target{{ID: aGroup(2)}, {ID: someone(3), TargetType: "user"}},
		}}, want: "1 email"},
		{name: "e-mail for all but a group", policy: &graphsim.MethodsPolicy{Email: but(aGroup(1))}, want: "1 email, 2 email"},
		{name: "e-mail for a group but one in it", policy: &graphsim.MethodsPolicy{Email: &graphsim.MethodConfiguration{
			IncludeTargets: []graphsim.Target{{ID: aGroup(1)}}, ExcludeTargets: []graphsim.Target{{ID: aGroup(2)}},
		}}, want: "2 email, 3 email"},
		{name: "a mobile by one or the other", policy: &graphsim.MethodsPolicy{SMS: only(aGroup(2)), Voice: but(aGroup(1))},
			want: "1 mobile, 1 alternateMobile, 1 office, 2 alternateMobile, 2 office"},
		{name: "on and for nobody", policy: &graphsim.MethodsPolicy{Email: &graphsim.MethodConfiguration{IncludeTargets: []graphsim.Target{}}}},
		{name: "before the move", policy: &graphsim.MethodsPolicy{PolicyMigrationState: "preMigration", Email: off, SMS: off, Voice: off}, note: true},
		{name: "during the move", policy: &graphsim.MethodsPolicy{PolicyMigrationState: "migrationInProgress", Email: off}, note: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, staff(func(t *graphsim.Tenant) {
					t.MethodsPolicy = test.policy
					t.Groups = []graphsim.Group{
						{ID: aGroup(1), DisplayName: "Staff", Members: []string{someone(1), aGroup(2)}},
						{ID: aGroup(2), DisplayName: "Field", Members: []string{someone(2)}},
					}
				}))
				known := w.mustFacts()
				p := everyMethod(known.Facts)
				if diff := cmp.Diff(test.want, strings.Join(barred(p), ", ")); diff != "" {
					t.Error(diff)
				}
				if (known.Forbidden == nil) != test.note || (known.Notes["tenant-policy"] != "") != test.note {
					t.Errorf("%v, %v", known.Forbidden, known.Notes)
				}
			})
		})
	}
}

// TestPolicyAndAdmins: by which methods administrators reset a password the
// policy does not decide.
func TestPolicyAndAdmins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, staff(func(t *graphsim.Tenant) {
			t.MethodsPolicy = &graphsim.MethodsPolicy{Email: &graphsim.MethodConfiguration{State: "disabled"}}
			t.RoleAssignments = []graphsim.Role{{PrincipalID: someone(2), RoleDefinitionID: helpdesk}}
		}))
		if diff := cmp.Diff([]string{"1 email", "3 email"}, barred(everyMethod(w.mustFacts().Facts))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSMSSignIn(t *testing.T) {
	usable := func(ids ...string) *graphsim.MethodsPolicy {
		c := &graphsim.MethodConfiguration{}
		for _, id := range ids {
			c.IncludeTargets = append(c.IncludeTargets, graphsim.Target{ID: id, IsUsableForSignIn: true})
		}
		return &graphsim.MethodsPolicy{SMS: c}
	}
	groups := func(t *graphsim.Tenant) {
		t.Groups = []graphsim.Group{
			{ID: aGroup(1), DisplayName: "Front line", Members: []string{someone(1), someone(2)}},
			{ID: aGroup(2), DisplayName: "Nobody"},
		}
	}
	others := map[string]string{"sign-in-clash": "between the people of the file alone: which numbers others sign in with, Graph does not list"}
	withOut := usable("all_users")
	withOut.SMS.ExcludeTargets = []graphsim.Target{{ID: aGroup(1)}}
	mixed := usable(aGroup(1))
	mixed.SMS.IncludeTargets = append(mixed.SMS.IncludeTargets, graphsim.Target{ID: "all_users"})
	offAll := usable("all_users")
	offAll.SMS.State = "disabled"
	early := usable(aGroup(1))
	early.PolicyMigrationState = "preMigration"
	for _, test := range []struct {
		name   string
		policy *graphsim.MethodsPolicy
		want   []string // who becomes a sign-in name, of people 1, 2 and 3 with a number each
		notes  map[string]string
	}{
		{"for nobody", nil, nil, nil},
		{"off", offAll, nil, nil},
		{"for a group that nobody is in", usable(aGroup(2)), nil, nil},
		{"for a group", usable(aGroup(1)), []string{"1", "2"}, others},
		{"for everybody", usable("all_users"), []string{"1", "2", "3"}, others},
		{"for everybody but a group", withOut, []string{"3"}, others},
		{"for a group, and messages for everybody", mixed, []string{"1", "2"}, others},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, staff(func(t *graphsim.Tenant) { groups(t); t.MethodsPolicy = test.policy }))
				known := w.mustFacts()
				delete(known.Notes, "own-account")
				if diff := cmp.Diff(test.notes, known.Notes, cmpopts.EquateEmpty()); diff != "" {
					t.Error(diff)
				}
				var names []string
				for _, c := range everyMethod(known.Facts).Changes {
					if c.Method == authmethod.Mobile && c.Note == plan.BecomesSignInName {
						names = append(names, strings.TrimLeft(c.User.ID[24:], "0"))
					}
				}
				if diff := cmp.Diff(test.want, names); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
	t.Run("before the move too", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			known := newWorld(t, staff(func(t *graphsim.Tenant) { groups(t); t.MethodsPolicy = early })).mustFacts()
			if !known.SMSSignIn.InScope[someone(1)] {
				t.Error("the policy rules signing in whatever rules password reset")
			}
		})
	})
	t.Run("without the permission to read groups", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o := staff(func(t *graphsim.Tenant) { groups(t); t.MethodsPolicy = usable(aGroup(1)) })
			o.Permissions = []string{"User.Read.All", "Policy.Read.AuthenticationMethod"}
			known := newWorld(t, o).mustFacts()
			if known.SMSSignIn != nil || known.Notes["sign-in-clash"] != "who signs in with a number is not known: the sign-in lacks GroupMember.Read.All" {
				t.Errorf("%+v %v", known.SMSSignIn, known.Notes)
			}
		})
	})
}
