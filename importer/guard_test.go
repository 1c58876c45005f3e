package importer_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

func allowedPeople(t *testing.T, h plan.Hazard, text string) importer.AllowedPeople {
	t.Helper()
	list, err := importer.ReadAllowedPeople(h, "allowed.csv", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestAllowedPeople: a person is found by either column, and also one who is left
// out for another reason; whoever the file does not name is refused.
func TestAllowedPeople(t *testing.T) {
	const bram, chiara = "00000002-0000-4000-8000-000000000000", "00000003-0000-4000-8000-000000000000"
	for _, test := range []struct {
		name, list string
		want       []string
		refused    string
	}{
		{"by name", "userPrincipalName,note\nBRAM@contoso.example,x\n", []string{bram}, ""},
		{"by id", "id,note\n" + strings.ToUpper(bram) + ",x\n", []string{bram}, ""},
		{"by id, whatever the name", "userPrincipalName,id\nnobody@contoso.example," + bram + "\n", []string{bram}, ""},
		{"twice", "userPrincipalName,note\nbram@contoso.example,\nbram@contoso.example,\n", []string{bram}, ""},
		{"two", "id,note\n" + chiara + ",\n" + bram + ",\n", []string{bram, chiara}, ""},
		{"nobody at all", "id,note\n", []string{}, ""},
		{"of the tenant, not of the file", "userPrincipalName,note\nada@contoso.example,\n", nil, "allowed.csv:2: nobody that the plan's file names has the userPrincipalName ada@contoso.example"},
		{"many unknown", "userPrincipalName\n" + strings.Repeat("nobody@contoso.example\n", 8), nil, "and 3 more"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, graphsim.Options{Tenant: people()})
				f := ledger("2,,Active,m1,,", "3,,Active,m1,,")
				f.Mapping = parse(t, hrMapping)
				list := allowedPeople(t, plan.SharedNumber, test.list)
				p, err := w.plan(f, func(o *importer.PlanOptions) { o.AllowFor = []importer.AllowedPeople{list} })
				var refused *importer.RefusedError
				switch {
				case test.refused != "":
					if !errors.As(err, &refused) || !strings.Contains(refused.What, test.refused) || refused.Hint == "" {
						t.Errorf("%v", err)
					}
					return
				case err != nil:
					t.Fatal(err)
				}
				if diff := cmp.Diff([]plan.Allowance{{Hazard: plan.SharedNumber, People: test.want}}, p.Policy.AllowFor); diff != "" {
					t.Error(diff)
				}
				if p.Summary.Pending() != len(test.want) {
					t.Errorf("%+v", p.Summary)
				}
			})
		})
	}
}

// TestApplyHoldsAPlanAgainstItsLimits, whoever has made it.
func TestApplyHoldsAPlanAgainstItsLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: people()})
		f := ledger("1,,Active,m1,,", "2,,Active,m2,,")
		f.Mapping = parse(t, hrMapping)
		most := 1
		p := w.mustPlan(f, func(o *importer.PlanOptions) { o.Limits.MaxChanges = &most })
		run, err := w.apply(t.Context(), p, today)
		var refused *importer.RefusedError
		if !errors.As(err, &refused) || run != nil || w.sim.Stats().Writes != 0 {
			t.Errorf("%v, %d writes", err, w.sim.Stats().Writes)
		}
	})
}

// TestOwnDomains: the tenant's domains come with its name, and without the
// permission to read them nobody says that an address is not one of theirs.
func TestOwnDomains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant := people()
		tenant.VerifiedDomains = []string{"contoso.example", "example.com"}
		w := newWorld(t, graphsim.Options{Tenant: tenant})
		f := ledger("1,,Active,,,e1")
		f.Mapping = parse(t, hrMapping)
		p := w.mustPlan(f)
		if len(p.Changes) != 1 || !cmp.Equal(p.Changes[0].Hazards, []plan.Hazard{plan.OwnDomainEmail}) || p.Summary.HeldBack != 1 {
			t.Errorf("%+v", p.Changes)
		}
		if diff := cmp.Diff([]string{"own-account"}, p.Unchecked); diff != "" {
			t.Error(diff)
		}
		tenant.VerifiedDomains = nil
		w = newWorld(t, graphsim.Options{Tenant: tenant})
		f = ledger("1,,Active,,,e1")
		f.Mapping = parse(t, hrMapping)
		if p := w.mustPlan(f); p.Summary.HeldBack != 0 || p.Unchecked[1] != string(plan.OwnDomainEmail) {
			t.Errorf("%+v, unchecked %v", p.Summary, p.Unchecked)
		}
	})
}

// TestReadAllowedPeopleRefuses: a list that allows what is dangerous is not
// guessed at.
func TestReadAllowedPeopleRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no column":     "login,note\nx,y\n",
		"another case":  "UserPrincipalname,note\nx,y\n",
		"an empty cell": "id,note\n,y\n",
		"a ragged row":  "id,note\nx,y\nx,y,z\n",
		"nothing":       "",
	} {
		if _, err := importer.ReadAllowedPeople(plan.SharedNumber, "allowed.csv", strings.NewReader(text)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	list := allowedPeople(t, plan.SharedNumber, "id;userPrincipalName\r\nx;y\r\n")
	want := []importer.AllowedPerson{{Line: 2, Key: authmethod.Key{Attribute: authmethod.ID, Value: "x"}}}
	if diff := cmp.Diff(want, list.Keys); diff != "" {
		t.Error(diff)
	}
}
