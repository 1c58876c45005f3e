package importer_test

import (
	"bytes"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/mapping/authmethod"
)

// TestPersonsOwnCountry reads national numbers by the country of whoever they
// turn out to belong to.
func TestPersonsOwnCountry(t *testing.T) {
	const mappingText = `
version: 1
match: [{attribute: employeeId, column: ID}]
country: {column: Country, from: usageLocation}
methods: {mobile: {columns: [Mobile]}, email: {columns: [Mail]}}
`
	const content = `ID,Country,Mobile,Mail
1,,0171 3920012,
2,,06 12 34 56 78,b@example.com
3,,0171 3920013,c@example.com
4,,0171 3920014,
1,,0171-3920012,a@example.com
5,,0171 3920015,
5,,0171 3920016,
6,FR,06 12 34 56 79,
9,,0171 3920019,
`
	tenant := &graphsim.Tenant{ID: "c0ffee00-0000-4000-8000-000000000000", VerifiedDomains: []string{"contoso.example"}}
	for i, location := range []string{"DE", "FR", "", "", "DE", "DE"} {
		tenant.Users = append(tenant.Users, graphsim.User{
			ID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", i), UserPrincipalName: fmt.Sprintf("p%d@contoso.example", i+1),
			EmployeeID: fmt.Sprint(i + 1), UsageLocation: location,
		})
	}
	file := func() importer.File {
		return importer.File{Name: "hr.csv", Content: bytes.NewReader([]byte(content)), Mapping: parse(t, mappingText)}
	}
	in, err := importer.Check(t.Context(), file(), importer.Notices{})
	if err != nil {
		t.Fatal(err)
	}
	// Offline only addresses, and the number with a country of its own.
	if in.Values[authmethod.Mobile] != 1 || in.Values[authmethod.Email] != 3 {
		t.Errorf("checked: %v", in.Values)
	}
	checkRows(t, in.Rows)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: tenant})
		p := w.mustPlan(file())
		var got []string
		for _, c := range p.Changes {
			got = append(got, fmt.Sprintf("%d %s %s %s %s", c.Origin.Line, c.User.UserPrincipalName[:2], c.Method, c.Reading.Country, c.Reading.CountryFrom))
		}
		for _, s := range p.Skipped {
			got = append(got, fmt.Sprintf("%d %s: %s", s.Origin.Line, s.Reason, s.Detail))
		}
		want := []string{
			"2 p1 mobile DE usageLocation", "6 p1 email  ",
			"3 p2 mobile FR usageLocation", "3 p2 email  ",
			"4 p3 email  ",
			"9 p6 mobile FR row",
			"4 country-unknown: Mobile: national number, and the person has no usageLocation; write it with a plus and its country code",
			"5 country-unknown: Mobile: national number, and the person has no usageLocation; write it with a plus and its country code",
			"7 conflicting-rows: the same person with another mobile in line 8",
			"8 conflicting-rows: the same person with another mobile in line 7",
			"10 no-match: nobody in the tenant has this employeeId",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}
