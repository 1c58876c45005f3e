package importer_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
	"authseed/importer/plan"
)

// padded is a tenant whose people have numbers of many lengths.
func padded() *graphsim.Tenant {
	t := people()
	for i, id := range []string{"00042", "17", "018", "0018", "19", "6", "7", "8"} {
		t.Users[i].EmployeeID = id
		t.Users[i].UserType, t.Users[i].AccountEnabled = "", nil
	}
	return t
}

// lines puts a plan's changes and skips in words.
func lines(p *plan.Plan) (changes, skipped []string) {
	for _, c := range p.Changes {
		change := fmt.Sprintf("%d %s %s", c.Origin.Line, c.User.DisplayName, c.Method)
		if strings.Contains(c.Reading.Remark, "differs in leading zeros") {
			change += ", by other zeros"
		}
		changes = append(changes, change)
	}
	for _, s := range p.Skipped {
		skipped = append(skipped, fmt.Sprintf("%d %s: %s", s.Origin.Line, s.Reason, s.Detail))
	}
	return changes, skipped
}

// TestEmployeeIDsWithOtherZeros, in files short enough to look people up and
// long enough to page.
func TestEmployeeIDsWithOtherZeros(t *testing.T) {
	const contradicts = "conflicting-rows: the same person with another "
	const contested = " ambiguous-match: nobody in the tenant has exactly this employeeId, and the file has another that differs only in leading zeros"
	for _, test := range []struct {
		name             string
		lines            []string
		rows             string
		changes, skipped []string
	}{
		{"fewer", []string{"42,,Active,m1,,"}, "1 read, 1 used, 0 merged", []string{"2 ada mobile, by other zeros"}, nil},
		{"more", []string{"0017,,Active,m1,,"}, "1 read, 1 used, 0 merged", []string{"2 bram mobile, by other zeros"}, nil},
		{"two people", []string{"18,,Active,m1,,"}, "1 read, 0 used, 0 merged, 1 ambiguous-match", nil,
			[]string{"2 ambiguous-match: nobody in the tenant has exactly this employeeId, and 2 people have it with other leading zeros"}},
		{"two people, one exactly", []string{"018,,Active,m1,,"}, "1 read, 1 used, 0 merged", []string{"2 chiara mobile"}, nil},
		{"two in the file", []string{"42,,Active,m1,,", "0042,,Active,m1,,"}, "2 read, 0 used, 0 merged, 2 ambiguous-match", nil,
			[]string{"2" + contested, "3" + contested}},
		{"two in the file, one exact", []string{"19,,Active,m1,,", "019,,Active,m1,,", "019,,Active,m1,,"}, "3 read, 1 used, 0 merged, 2 ambiguous-match",
			[]string{"2 esra mobile"}, []string{"3" + contested, "4" + contested}},
		{"two in the file, one of whom has left", []string{"42,,Active,m1,,", "0042,,Terminated,m2,,"}, "2 read, 0 used, 0 merged, 1 ambiguous-match, 1 out-of-scope", nil,
			[]string{"2" + contested, "3 out-of-scope: `Status` holds none of the values that count"}},
		{"two in the file, one of whom contradicts himself", []string{"42,,Active,m1,,", "00042,,Active,m1,,", "00042,,Active,m2,,"}, "3 read, 0 used, 0 merged, 1 ambiguous-match, 2 conflicting-rows", nil,
			[]string{"2" + contested, "3 " + contradicts + "mobile in line 4", "4 " + contradicts + "mobile in line 3"}},
		{"one person by two keys", []string{"0017,,Active,m1,,", ",bram@contoso.example,Active,m1,o1,"}, "2 read, 1 used, 1 merged",
			[]string{"2 bram mobile, by other zeros", "3 bram office"}, nil},
		{"nobody", []string{"99,,Active,m1,,", "099,,Active,m1,,"}, "2 read, 0 used, 0 merged, 2 no-match", nil,
			[]string{"2 no-match: nobody in the tenant has this employeeId", "3 no-match: nobody in the tenant has this employeeId"}},
	} {
		for _, more := range []int{0, 300} {
			t.Run(fmt.Sprintf("%s, and %d more", test.name, more), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, graphsim.Options{Tenant: padded()})
					content := append([]string{}, test.lines...)
					for i := range more {
						content = append(content, fmt.Sprintf(",nobody%d@contoso.example,Active,m1,,", i))
					}
					f := ledger(content...)
					f.Mapping = parse(t, hrMapping)
					p := w.mustPlan(f)
					p.Summary.Rows.Read -= more
					if p.Summary.Rows.LeftOut["no-match"] -= more; p.Summary.Rows.LeftOut["no-match"] == 0 {
						delete(p.Summary.Rows.LeftOut, "no-match")
					}
					if got := rows(p.Summary.Rows); got != test.rows {
						t.Errorf("rows %s\nwant %s", got, test.rows)
					}
					p.Skipped = p.Skipped[:len(p.Skipped)-more]
					changes, skipped := lines(p)
					if diff := cmp.Diff(test.changes, changes); diff != "" {
						t.Errorf("changes (-want +got)\n%s", diff)
					}
					if diff := cmp.Diff(test.skipped, skipped); diff != "" {
						t.Errorf("skipped (-want +got)\n%s", diff)
					}
				})
			})
		}
	}
}

// TestMatchingAttributes finds people by each attribute there is.
func TestMatchingAttributes(t *testing.T) {
	tenant := people()
	ada, bram := &tenant.Users[0], &tenant.Users[1]
	ada.Mail, bram.Mail = "ada.d@contoso.example", "o'bram@contoso.example"
	ada.ProxyAddresses = []string{"SMTP:ada.d@contoso.example", "smtp:ada.maiden@contoso.example", "sip:team@contoso.example"}
	bram.ProxyAddresses = []string{"SMTP:o'bram@contoso.example", "smtp:team@contoso.example"}
	ada.OnPremisesSamAccountName, bram.OnPremisesSamAccountName = "svc", "SVC"
	tenant.Users[2].OnPremisesSamAccountName = "chiara#1"
	ada.OnPremisesImmutableID, bram.OnPremisesImmutableID = "b2JqZWN0QQ==", "B2JqZWN0QQ=="
	ada.OnPremisesUserPrincipalName = "ada@corp.example"
	tenant.Users[3].UserPrincipalName, tenant.Users[3].UserType = "d'ilan_fabrikam.example#EXT#@contoso.example", "Member"
	for _, test := range []struct {
		attribute string
		cells     []string
		changes   string // "line person", comma-separated, by person
		skipped   string // "line reason"
	}{
		{"id", []string{"00000001-0000-4000-8000-000000000000", "00000099-0000-4000-8000-000000000000", "1"}, "2 ada", "3 no-match, 4 no-match"},
		{"userPrincipalName", []string{"Ada@contoso.example", "bram"}, "2 ada", "3 no-match"},
		{"userPrincipalName", []string{"d'ilan_fabrikam.example#EXT#@contoso.example"}, "", "2 guest"},
		{"mail", []string{"ADA.D@contoso.example", "o'bram@contoso.example", "ada@contoso.example"}, "2 ada, 3 bram", "4 no-match"},
		{"proxyAddresses", []string{"ada.maiden@contoso.example", "SMTP:O'Bram@contoso.example", "x@contoso.example"}, "2 ada, 3 bram", "4 no-match"},
		{"proxyAddresses", []string{"ada.d@contoso.example", "smtp:ada.maiden@contoso.example", "team@contoso.example"}, "2 ada, 4 bram", ""},
		{"employeeId", []string{"1", "02", "99"}, "2 ada, 3 bram", "4 no-match"},
		{"onPremisesSamAccountName", []string{"svc", "Chiara#1"}, "3 chiara", "2 ambiguous-match"},
		{"onPremisesImmutableId", []string{"B2JqZWN0QQ==", "b2JqZWN0QQ==", "b2jqzwn0qq=="}, "3 ada, 2 bram", "4 no-match"},
		{"onPremisesUserPrincipalName", []string{"ADA@corp.example", "ada@contoso.example"}, "2 ada", "3 no-match"},
	} {
		for _, more := range []int{0, 300} {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, graphsim.Options{Tenant: tenant})
				content := "Who,Mobile\n"
				for _, cell := range test.cells {
					content += cell + ",+1 206-555-0101\n"
				}
				for i := range more {
					content += fmt.Sprintf("nobody%d,+1 206-555-0101\n", i)
				}
				m := parse(t, "version: 1\nname: by one\nmatch: [{attribute: "+test.attribute+", column: Who}]\nmethods: {mobile: {columns: [Mobile]}}\n")
				p := w.mustPlan(file(m, content))
				var changes, skipped []string
				for _, c := range p.Changes {
					changes = append(changes, fmt.Sprintf("%d %s", c.Origin.Line, c.User.DisplayName))
				}
				for _, s := range p.Skipped[:len(p.Skipped)-more] {
					skipped = append(skipped, fmt.Sprintf("%d %s", s.Origin.Line, s.Reason))
				}
				if got := strings.Join(changes, ", "); got != test.changes {
					t.Errorf("%s, %d more: changes %q, want %q", test.attribute, more, got, test.changes)
				}
				if got := strings.Join(skipped, ", "); got != test.skipped {
					t.Errorf("%s, %d more: skipped %q, want %q", test.attribute, more, got, test.skipped)
				}
			})
		}
	}
}
