package importer_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/mapping/authmethod"
)

const hrMapping = `
version: 1
name: hr
match:
  - {attribute: employeeId, column: No}
  - {attribute: userPrincipalName, column: Login}
where: [{column: Status, in: [Active]}]
country: {default: US}
methods:
  mobile: {columns: [Mobile]}
  office: {columns: [Office]}
  email: {columns: [Email]}
`

// people is a tenant in which numbers 1 to 3 are ordinary people, 4 is a guest,
// 5 is disabled and 7 is two people.
func people() *graphsim.Tenant {
	disabled := false
	t := &graphsim.Tenant{ID: "c0ffee00-0000-4000-8000-000000000000", DisplayName: "Contoso", VerifiedDomains: []string{"contoso.example"}}
	for i, name := range []string{"ada", "bram", "chiara", "dilan", "esra", "femi", "greta", "hugo"} {
		t.Users = append(t.Users, graphsim.User{
			ID:                fmt.Sprintf("%08d-0000-4000-8000-000000000000", i+1),
			UserPrincipalName: name + "@contoso.example", DisplayName: name, EmployeeID: fmt.Sprint(i + 1),
		})
	}
	t.Users[3].UserType, t.Users[4].AccountEnabled = "Guest", &disabled
	t.Users[7].EmployeeID = "7"
	return t
}

// cells is a mobile, an office phone or an address of nobody.
var cells = strings.NewReplacer("m1", "(206) 555-0101", "M1", "+1 206-555-0101", "m2", "(206) 555-0102", "o1", "(212) 555-0111",
	"e1", "one@example.com", "E1", "ONE@example.com", "e2", "two@example.com")

func ledger(lines ...string) importer.File {
	return importer.File{
		Name:    "hr.csv",
		Content: strings.NewReader(cells.Replace("No,Login,Status,Mobile,Office,Email\n" + strings.Join(lines, "\n") + "\n")),
	}
}

func TestRowLedger(t *testing.T) {
	const contradicts = "conflicting-rows: the same person with another "
	for _, test := range []struct {
		name    string
		lines   []string // from line 2 of the file on
		include []authmethod.Reason
		rows    string
		changes []string
		skipped []string
	}{
		{"one row", []string{"1,,Active,m1,o1,e1"}, nil, "1 read, 1 used, 0 merged",
			[]string{"2 ada mobile", "2 ada office", "2 ada email"}, nil},
		{"by the second key", []string{",bram@contoso.example,Active,m1,,"}, nil, "1 read, 1 used, 0 merged", []string{"2 bram mobile"}, nil},

		{"duplicates", []string{"1,,Active,m1,,e1", "2,,Active,m2,,", "1,,Active,m1,,e1", "1,,Active,M1,,E1"}, nil,
			"4 read, 2 used, 2 merged", []string{"2 ada mobile", "2 ada email", "3 bram mobile"}, nil},
		{"rows that complement each other", []string{"1,,Active,m1,,", "1,,Active,,o1,", "1,,Active,,,e1"}, nil,
			"3 read, 1 used, 2 merged", []string{"2 ada mobile", "3 ada office", "4 ada email"}, nil},
		{"a conflict", []string{"1,,Active,m1,,e1", "2,,Active,m1,,", "1,,Active,m2,,e1"}, nil,
			"3 read, 1 used, 0 merged, 2 conflicting-rows", []string{"3 bram mobile"},
			[]string{"2 " + contradicts + "mobile in line 4", "4 " + contradicts + "mobile in line 2"}},
		{"a conflict of three, two of which agree", []string{"1,,Active,m1,,e1", "1,,Active,m1,,e1", "1,,Active,m2,,e2"}, nil,
			"3 read, 0 used, 0 merged, 3 conflicting-rows", nil,
			[]string{"2 " + contradicts + "mobile, email in lines 3, 4", "3 " + contradicts + "mobile, email in lines 2, 4", "4 " + contradicts + "mobile, email in lines 2, 3"}},
		{"a removal and a value", []string{"1,,Active,<clear>,,", "1,,Active,m1,,"}, nil, "2 read, 0 used, 0 merged, 2 conflicting-rows", nil,
			[]string{"2 " + contradicts + "mobile in line 3", "3 " + contradicts + "mobile in line 2"}},
		{"two removals", []string{"1,,Active,<clear>,,", "1,,Active,<CLEAR>,,"}, nil, "2 read, 1 used, 1 merged", nil, nil},
		{"a usable and an unusable cell", []string{"1,,Active,m1,,", "1,,Active,12,,"}, nil, "2 read, 0 used, 0 merged, 2 conflicting-rows", nil,
			[]string{"2 " + contradicts + "mobile in line 3", "3 " + contradicts + "mobile in line 2"}},
		{"the same unusable cell twice, and an address", []string{"1,,Active,12,,", "1,,Active,12,,e1"}, nil, "2 read, 1 used, 1 merged",
			[]string{"3 ada email"}, []string{"2 ada mobile invalid-phone", "3 ada mobile invalid-phone"}},
		{"an unusable cell beside a usable one", []string{"1,,Active,12,,e1"}, nil, "1 read, 1 used, 0 merged",
			[]string{"2 ada email"}, []string{"2 ada mobile invalid-phone"}},
		{"nothing usable", []string{"1,,Active,12,,no-address", "2,,Active,,,two@"}, nil, "2 read, 0 used, 0 merged, 1 invalid-email, 1 invalid-phone", nil,
			[]string{"2 mobile invalid-phone", "2 email invalid-email", "3 email invalid-email"}},
		{"nothing usable in two rows", []string{"1,,Active,12,,", "1,,Active,,,no-address"}, nil, "2 read, 0 used, 0 merged, 1 invalid-email, 1 invalid-phone", nil,
			[]string{"2 mobile invalid-phone", "3 email invalid-email"}},
		{"many rows in conflict", []string{"1,,Active,m1,,", "1,,Active,m2,,", "1,,Active,m1,,", "1,,Active,m1,,", "1,,Active,m1,,", "1,,Active,m1,,", "1,,Active,m1,,"}, nil,
			"7 read, 0 used, 0 merged, 7 conflicting-rows", nil, []string{
				"2 " + contradicts + "mobile in lines 3, 4, 5, 6, 7 and 1 more", "3 " + contradicts + "mobile in lines 2, 4, 5, 6, 7 and 1 more",
				"4 " + contradicts + "mobile in lines 2, 3, 5, 6, 7 and 1 more", "5 " + contradicts + "mobile in lines 2, 3, 4, 6, 7 and 1 more",
				"6 " + contradicts + "mobile in lines 2, 3, 4, 5, 7 and 1 more", "7 " + contradicts + "mobile in lines 2, 3, 4, 5, 6 and 1 more",
				"8 " + contradicts + "mobile in lines 2, 3, 4, 5, 6 and 1 more"}},

		{"two keys of one person, in agreement", []string{"1,,Active,m1,,", "2,,Active,m2,,", ",ADA@contoso.example,Active,m1,,e1"}, nil,
			"3 read, 2 used, 1 merged", []string{"2 ada mobile", "4 ada email", "3 bram mobile"}, nil},
		{"two keys of one person, in conflict", []string{"1,,Active,m1,,", "1,,Active,m1,,", ",ada@contoso.example,Active,m2,,"}, nil,
			"3 read, 0 used, 0 merged, 3 conflicting-rows", nil,
			[]string{"2 ada " + contradicts + "mobile in lines 3, 4", "3 ada " + contradicts + "mobile in lines 2, 4", "4 ada " + contradicts + "mobile in lines 2, 3"}},
		{"two keys of one person, in turn and in conflict", []string{"1,,Active,m1,,", ",ada@contoso.example,Active,m2,,", "1,,Active,m1,,"}, nil,
			"3 read, 0 used, 0 merged, 3 conflicting-rows", nil,
			[]string{"2 ada " + contradicts + "mobile in lines 3, 4", "3 ada " + contradicts + "mobile in lines 2, 4", "4 ada " + contradicts + "mobile in lines 2, 3"}},
		{"two keys of one person, usable and unusable", []string{"1,,Active,m1,,", ",ada@contoso.example,Active,12,,e1"}, nil,
			"2 read, 0 used, 0 merged, 2 conflicting-rows", nil,
			[]string{"2 ada " + contradicts + "mobile in line 3", "3 ada " + contradicts + "mobile in line 2"}},

		{"guest and disabled", []string{"4,,Active,m1,,", "5,,Active,m2,,", "5,,Active,m2,,"}, nil, "3 read, 0 used, 0 merged, 2 disabled, 1 guest", nil,
			[]string{"2 dilan guest: a guest; --include guest plans them too", "3 esra disabled: sign-in is blocked; --include disabled plans them too",
				"4 esra disabled: sign-in is blocked; --include disabled plans them too"}},
		{"guests included", []string{"4,,Active,m1,,", "5,,Active,m2,,"}, []authmethod.Reason{authmethod.Guest}, "2 read, 1 used, 0 merged, 1 disabled",
			[]string{"2 dilan mobile"}, []string{"3 esra disabled: sign-in is blocked; --include disabled plans them too"}},
		{"disabled included", []string{"4,,Active,m1,,", "5,,Active,m2,,"}, []authmethod.Reason{authmethod.Disabled}, "2 read, 1 used, 0 merged, 1 guest",
			[]string{"3 esra mobile"}, []string{"2 dilan guest: a guest; --include guest plans them too"}},
		{"both included", []string{"4,,Active,m1,,", "5,,Active,m2,,"}, []authmethod.Reason{authmethod.Guest, authmethod.Disabled}, "2 read, 2 used, 0 merged",
			[]string{"2 dilan mobile", "3 esra mobile"}, nil},

		{"nobody has the key", []string{"99,,Active,m1,,", ",zoe@contoso.example,Active,m1,,", "99,,Active,m1,,e1"}, nil, "3 read, 0 used, 0 merged, 3 no-match", nil,
			[]string{"2 no-match: nobody in the tenant has this employeeId", "3 no-match: nobody in the tenant has this userPrincipalName",
				"4 no-match: nobody in the tenant has this employeeId"}},
		{"the first key with a value decides", []string{"99,ada@contoso.example,Active,m1,,"}, nil, "1 read, 0 used, 0 merged, 1 no-match", nil,
			[]string{"2 no-match: nobody in the tenant has this employeeId"}},
		{"no key", []string{",,Active,m1,,"}, nil, "1 read, 0 used, 0 merged, 1 no-match", nil,
			[]string{"2 no-match: no value in `No` or `Login` to find the person by"}},
		{"two people have the key", []string{"7,,Active,m1,,", "7,,Active,m1,,"}, nil, "2 read, 0 used, 0 merged, 2 ambiguous-match", nil,
			[]string{"2 ambiguous-match: 2 people in the tenant have this employeeId", "3 ambiguous-match: 2 people in the tenant have this employeeId"}},
		{"out of scope", []string{"1,,Left,m1,,", "1,,Active,m2,,", "2,,Active,,,"}, nil, "3 read, 1 used, 0 merged, 2 out-of-scope", []string{"3 ada mobile"},
			[]string{"2 out-of-scope: `Status` holds none of the values that count", "4 out-of-scope: no value in any mapped column"}},
		{"a short row", []string{"1,,Active,m1,,", "2,,Active"}, nil, "2 read, 1 used, 0 merged, 1 spreadsheet-damage", []string{"2 ada mobile"},
			[]string{"3 spreadsheet-damage"}},
		{"no rows", nil, nil, "0 read, 0 used, 0 merged", nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, graphsim.Options{Tenant: people()})
				f := ledger(test.lines...)
				f.Mapping = parse(t, hrMapping)
				p := w.mustPlan(f, including(test.include...))
				if got := rows(p.Summary.Rows); got != test.rows {
					t.Errorf("rows %s\nwant %s", got, test.rows)
				}
				var changes, skipped []string
				for _, c := range p.Changes {
					changes = append(changes, fmt.Sprintf("%d %s %s", c.Origin.Line, c.User.DisplayName, c.Method))
				}
				for _, s := range p.Skipped {
					line := fmt.Sprint(s.Origin.Line)
					if s.User != nil {
						line += " " + s.User.DisplayName
					}
					if s.Method != nil {
						line += " " + s.Method.String()
					}
					line += " " + string(s.Reason)
					if s.Method == nil && s.Reason != authmethod.SpreadsheetDamage {
						line += ": " + s.Detail // those of cells and tables are mapping's
					}
					skipped = append(skipped, line)
				}
				if diff := cmp.Diff(test.changes, changes); diff != "" {
					t.Errorf("changes (-want +got)\n%s", diff)
				}
				if diff := cmp.Diff(test.skipped, skipped); diff != "" {
					t.Errorf("skipped (-want +got)\n%s", diff)
				}
				if p.Source.Rows != p.Summary.Rows.Read || p.Source.Name != "hr.csv" || len(p.Source.SHA256) != 64 {
					t.Errorf("source %+v", p.Source)
				}
			})
		})
	}
}
