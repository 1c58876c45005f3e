package importer_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// attributed is a tenant of five people with a phone as a property. The third is a
// guest, the fourth has nothing, the fifth shares the first one's number, which
// is registered for the second.
func attributed() *graphsim.Tenant {
	t := &graphsim.Tenant{ID: guid(9), DisplayName: "Contoso", VerifiedDomains: []string{"contoso.example"}}
	for i, name := range []string{"eve", "dan", "cy", "bo", "ada"} {
		t.Users = append(t.Users, graphsim.User{
			ID: guid(100 + i), UserPrincipalName: name + "@contoso.example", DisplayName: name, UsageLocation: "US",
			MobilePhone: fmt.Sprintf("(206) 555-010%d", i), Department: []string{"Sales", "Legal"}[i%2],
		})
	}
	t.Users[1].PhoneMethods = []graphsim.PhoneMethod{{PhoneType: "mobile", PhoneNumber: "+1 2065550101"}}
	t.Users[2].UserType = "Guest"
	t.Users[3].MobilePhone = ""
	t.Users[4].MobilePhone = t.Users[0].MobilePhone
	t.Groups = []graphsim.Group{
		{ID: guid(1), DisplayName: "Pilot", Members: []string{guid(101), guid(2)}},
		{ID: guid(2), DisplayName: "Inner", Members: []string{guid(102), guid(104)}},
		{ID: guid(3), DisplayName: "Twice"}, {ID: guid(4), DisplayName: "Twice"},
	}
	return t
}

func guid(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// told is what a plan says, a line for each change and skip.
func told(p *plan.Plan) []string {
	var list []string
	for _, c := range p.Changes {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s:%d %s %s %s %s", c.Origin.File, c.Origin.Line, c.User.DisplayName, c.Action, c.After, c.Hazards)))
	}
	for _, s := range p.Skipped {
		who := ""
		if s.User != nil {
			who = s.User.DisplayName
		}
		list = append(list, fmt.Sprintf("%s:%d %s %s: %s", s.Origin.File, s.Origin.Line, who, s.Reason, s.Detail))
	}
	return list
}

func scoped(s importer.Scope) func(*importer.PlanOptions) {
	return func(o *importer.PlanOptions) { o.Scope, o.Reads = s, importer.ReadsFull }
}

func wantLines(t *testing.T, p *plan.Plan, want ...string) {
	t.Helper()
	if got := told(p); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestFromDirectory: a person is a row, in the order of their names.
func TestFromDirectory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: attributed()})
		p := w.mustPlan(importer.FromDirectory(nil), scoped(importer.Scope{}))
		wantLines(t, p,
			"directory:1 ada create +1 *** **00 [shared-number]",
			"directory:5 eve create +1 *** **00 [shared-number]",
			"directory:2 bo out-of-scope: no value in any mapped column",
			"directory:3 cy guest: a guest; --include guest plans them too",
		)
		if p.Unchanged[authmethod.Mobile] != 1 || p.Source.Rows != 5 || p.Source.Name != plan.Directory || len(p.Source.SHA256) != 64 {
			t.Errorf("%v unchanged, source %+v", p.Unchanged, p.Source)
		}
		if c := p.Changes[0]; c.Reading.Country != "US" || c.Reading.CountryFrom != authmethod.CountryOfPerson || c.Reading.Remark != "the directory gives it to 2 people" {
			t.Errorf("%+v", c.Reading)
		}
	})
}

// TestDirectoryIsOneSource: the hash is that of what was read, whatever the order
// of the service and the scope are.
func TestDirectoryIsOneSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sum := func(change func(*graphsim.Tenant), s importer.Scope) string {
			tenant := attributed()
			change(tenant)
			return newWorld(t, graphsim.Options{Tenant: tenant}).mustPlan(importer.FromDirectory(nil), scoped(s)).Source.SHA256
		}
		nothing := func(*graphsim.Tenant) {}
		first := sum(nothing, importer.Scope{})
		for name, same := range map[string]string{
			"again":             sum(nothing, importer.Scope{}),
			"a pilot":           sum(nothing, importer.Scope{Limit: 1, Group: "Pilot"}),
			"another order":     sum(func(t *graphsim.Tenant) { slices.Reverse(t.Users) }, importer.Scope{}),
			"what is not read":  sum(func(t *graphsim.Tenant) { t.Users[0].DisplayName = "Somebody Else" }, importer.Scope{}),
			"what is no source": sum(func(t *graphsim.Tenant) { t.Users[0].PhoneMethods = nil }, importer.Scope{}),
		} {
			if same != first {
				t.Errorf("%s: another source", name)
			}
		}
		for name, other := range map[string]string{
			"another number":   sum(func(t *graphsim.Tenant) { t.Users[0].MobilePhone = "(206) 555-0199" }, importer.Scope{}),
			"another mail":     sum(func(t *graphsim.Tenant) { t.Users[0].OtherMails = []string{"eve@example.com"} }, importer.Scope{}),
			"another location": sum(func(t *graphsim.Tenant) { t.Users[0].UsageLocation = "CA" }, importer.Scope{}),
			"somebody left":    sum(func(t *graphsim.Tenant) { t.Users, t.Groups = t.Users[:4], nil }, importer.Scope{}),
		} {
			if other == first {
				t.Errorf("%s: the same source", name)
			}
		}
	})
}

// TestDirectoryTakesFewRequests: one pass over the people, however many they are.
func TestDirectoryTakesFewRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant := graphsim.Generate(20_000, 1)
		for i := range tenant.Users {
			if i%2 == 0 {
				tenant.Users[i].OtherMails = []string{fmt.Sprintf("private%05d@example.com", i)}
			}
		}
		w := newWorld(t, graphsim.Options{Tenant: tenant})
		p := w.mustPlan(importer.FromDirectory(nil), func(o *importer.PlanOptions) { o.Reads = importer.ReadsReport })
		// 21 pages of people, 21 of the report, the tenant itself and what it has of
		// settings; the disabled are left out before they are read.
		if trips := w.sim.Stats().RoundTrips; trips > 60 || p.Summary.Pending() == 0 {
			t.Errorf("%d round trips for %d changes", trips, p.Summary.Pending())
		}
	})
}

func TestDirectoryMapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: attributed()})
		m := parse(t, "version: 1\nmatch: [{attribute: id, column: id}]\nwhere: [{column: department, in: [Legal]}]\ncountry: {from: usageLocation}\nmethods: {alternateMobile: {columns: [mobilePhone]}}\n")
		p := w.mustPlan(importer.FromDirectory(m), scoped(importer.Scope{}))
		if got := rows(p.Summary.Rows); got != "5 read, 1 used, 0 merged, 4 out-of-scope" {
			t.Error(got)
		}
		if p.Summary.Creates != 1 || p.Changes[0].Method != authmethod.AlternateMobile || p.Mapping.SHA256 != m.Digest() {
			t.Errorf("%+v", p.Summary)
		}
		m = parse(t, "version: 1\nmatch: [{attribute: id, column: ID number}]\nmethods: {mobile: {columns: [Mobile]}}\n")
		if _, err := w.plan(importer.FromDirectory(m)); err == nil || !strings.Contains(err.Error(), "unknown column `Mobile`") {
			t.Errorf("%v", err)
		}
	})
}

// TestSavedDirectoryPlan: it reads back, and with it that it is a pilot.
func TestSavedDirectoryPlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: attributed()})
		p := w.mustPlan(importer.FromDirectory(nil), scoped(importer.Scope{Group: "Pilot", Limit: 3}), allowing(plan.SharedNumber))
		var saved bytes.Buffer
		if err := plan.Encode(&saved, p); err != nil {
			t.Fatal(err)
		}
		read, err := plan.Decode(&saved)
		if err != nil || read.Scope.Group != (plan.Group{ID: guid(1), Name: "Pilot"}) || read.Scope.Limit != 3 {
			t.Fatalf("%v: %+v", err, read)
		}
		if run, err := w.apply(t.Context(), read, today); err != nil || run.Counts.Done != 1 {
			t.Errorf("%v %+v", err, run)
		}
	})
}
