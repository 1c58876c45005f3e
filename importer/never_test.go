package importer_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/pace"
	"authseed/importer/plan"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

func TestReadNever(t *testing.T) {
	const id = "00000001-0000-4000-8000-000000000000"
	folded := func(a authmethod.Attribute, value string) string {
		return authmethod.Key{Attribute: a, Value: value}.Folded()
	}
	ada, byID := folded(authmethod.UserPrincipalName, "ada@contoso.example"), folded(authmethod.ID, id)
	for _, test := range []struct {
		name, text string
		want       []string // nil: refused
	}{
		{"a table by name", "note,userPrincipalName\nx,ADA@contoso.example\n", []string{ada}},
		{"a table by id", "id;note\r\n" + strings.ToUpper(id) + ";x\r\n", []string{byID}},
		{"a table by both, one of them empty", "id,userPrincipalName\n" + id + ",ada@contoso.example\n,ada@contoso.example\n" + id + ",\n", []string{ada, byID}},
		{"a text", "ada@contoso.example\n\n  # kept by security\n " + id + " \r\n", []string{ada, byID}},
		{"a text of one line", "ada@contoso.example", []string{ada}},
		{"a text that PowerShell wrote", "\xff\xfea\x00d\x00a\x00@\x00c\x00o\x00n\x00t\x00o\x00s\x00o\x00.\x00e\x00x\x00a\x00m\x00p\x00l\x00e\x00\r\x00\n\x00", []string{ada}},
		{"nothing", "", nil},
		{"only a note", "# nobody yet\n", nil},
		{"only a header", "userPrincipalName,note\n", nil},
		{"a row that names nobody", "userPrincipalName,note\nada@contoso.example,\n,x\n", nil},
		{"a ragged row", "userPrincipalName,note\nada@contoso.example\n", nil},
		{"a name in the column of ids", "id,note\nada@contoso.example,x\n", nil},
		{"a display name in the column of names", "userPrincipalName,note\nAda Albrecht,x\n", nil},
		{"a display name in a text", "ada@contoso.example\nAda Albrecht\n", nil},
		{"two in a line", "ada@contoso.example, bram@contoso.example\n", nil},
		{"no column that names anybody", "login,note\nx,y\n", nil},
		{"bytes that are no text", "PK\x03\x04\x00\x00\xff\xfe\x80", nil},
	} {
		list, err := importer.ReadNever("never.csv", strings.NewReader(test.text))
		if test.want == nil {
			if err == nil || !strings.HasPrefix(err.Error(), "reading never.csv: ") || strings.Contains(err.Error(), "Albrecht") {
				t.Errorf("%s: %v, %v", test.name, list, err)
			}
			continue
		}
		want := plan.Never{}
		for _, key := range test.want {
			want[key] = true
		}
		if diff := cmp.Diff(want, list); err != nil || diff != "" {
			t.Errorf("%s: %v %s", test.name, err, diff)
		}
	}
}

func never(t *testing.T, text string) plan.Never {
	t.Helper()
	list, err := importer.ReadNever("never.txt", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestNever: whoever is on the list is in no plan, in no run and in no way back.
func TestNever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: people()})
		rows := func() importer.File {
			f := ledger("1,,Active,m1,,", "2,,Active,m2,,")
			f.Mapping = parse(t, hrMapping)
			return f
		}
		list := never(t, "ada@contoso.example\nbreakglass@contoso.example\n")
		p := w.mustPlan(rows(), including(plan.Includable()...), func(o *importer.PlanOptions) { o.Never = list })
		if len(p.Changes) != 1 || len(p.Skipped) != 1 || p.Skipped[0].Reason != authmethod.Privileged || p.Skipped[0].Detail != plan.OnNever {
			t.Fatalf("%+v", p)
		}
		if err := importer.RefuseNever(p, list); err != nil {
			t.Error(err)
		}

		without := w.mustPlan(rows())
		o := w.applyOptions(today, nil)
		o.Never = list
		var refused *importer.RefusedError
		if run, err := importer.Apply(t.Context(), w.client, without, o); !errors.As(err, &refused) || run != nil || w.sim.Stats().Writes != 0 {
			t.Errorf("%v, %d writes", err, w.sim.Stats().Writes)
		}
		run, err := w.apply(t.Context(), without, today)
		if err != nil {
			t.Fatal(err)
		}
		undo := importer.PlanOptions{ToolVersion: "test", Now: today, ValidFor: 1, Never: list}
		undo.Survey = survey.Options{Pacer: pace.NewPacer(pace.Limits{}), Concurrency: 8}
		back, err := importer.Rollback(t.Context(), w.client, w.runs, run.RunID, undo)
		if err != nil {
			t.Fatal(err)
		}
		checkRows(t, back.Summary.Rows)
		if len(back.Changes) != 1 || len(back.Skipped) != 1 || back.Skipped[0].User.UserPrincipalName != "ada@contoso.example" || back.Skipped[0].Detail != plan.OnNever {
			t.Errorf("%+v", back)
		}
	})
}

// TestLeftAlone: what the tenant says of its people keeps them out of a plan.
func TestLeftAlone(t *testing.T) {
	const ada, bram, chiara = "00000001-0000-4000-8000-000000000000", "00000002-0000-4000-8000-000000000000", "00000003-0000-4000-8000-000000000000"
	const helpdesk = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
	for _, test := range []struct {
		name    string
		change  func(*graphsim.Tenant)
		reads   importer.Reads
		lost    bool // the permission to read roles
		skipped []string
		hazards int // with everybody included
	}{
		{name: "under restricted management", change: func(t *graphsim.Tenant) { t.Users[0].IsManagementRestricted = true }, skipped: []string{"ada restricted"}},
		{name: "a local account", change: func(t *graphsim.Tenant) { t.Users[0].CreationType = "LocalAccount" }, skipped: []string{"ada out-of-scope"}},
		{name: "a role", change: func(t *graphsim.Tenant) {
			t.RoleAssignments = []graphsim.Role{{PrincipalID: ada, RoleDefinitionID: helpdesk}}
			t.RoleEligibilities = []graphsim.Role{{PrincipalID: bram, RoleDefinitionID: helpdesk}}
			t.Groups = []graphsim.Group{{ID: "99999999-0000-4000-8000-000000000000", DisplayName: "Tier 0", IsAssignableToRole: true, Owners: []string{chiara}}}
		}, skipped: []string{"ada privileged", "bram privileged", "chiara privileged"}, hazards: 3},
		{name: "the report alone", change: func(t *graphsim.Tenant) {
			t.RoleAssignments = []graphsim.Role{{PrincipalID: ada, RoleDefinitionID: helpdesk}}
		}, reads: importer.ReadsReport, lost: true, skipped: []string{"ada privileged"}, hazards: 1},
		{name: "the report alone, where everybody is read", change: func(t *graphsim.Tenant) {
			t.RoleAssignments = []graphsim.Role{{PrincipalID: ada, RoleDefinitionID: helpdesk}}
		}, reads: importer.ReadsFull, lost: true, skipped: []string{"ada privileged"}, hazards: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tenant := people()
				test.change(tenant)
				o := graphsim.Options{Tenant: tenant}
				if test.lost {
					o.Permissions = []string{"User.Read.All", "UserAuthenticationMethod.ReadWrite.All", "AuditLog.Read.All", "Policy.Read.All", "GroupMember.Read.All"}
				}
				w := newWorld(t, o)
				planned := func(include ...authmethod.Reason) *plan.Plan {
					f := ledger("1,,Active,m1,,", "2,,Active,m2,,", "3,,Active,,,e1")
					f.Mapping = parse(t, hrMapping)
					return w.mustPlan(f, including(include...), func(o *importer.PlanOptions) { o.Reads = test.reads })
				}
				var skipped []string
				for _, s := range planned().Skipped {
					name, _, _ := strings.Cut(s.User.UserPrincipalName, "@")
					skipped = append(skipped, name+" "+string(s.Reason))
				}
				if diff := cmp.Diff(test.skipped, skipped); diff != "" {
					t.Error(diff)
				}
				all := planned(plan.Includable()...)
				if got := all.Summary.Hazards[plan.PrivilegedUser]; got != test.hazards {
					t.Errorf("%d changes of privileged people, want %d", got, test.hazards)
				}
				if note := all.CheckNotes[string(plan.PrivilegedUser)]; (note != "") != test.lost {
					t.Error(note)
				}
			})
		})
	}
}
