package importer_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"authseed/importer"
	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/plan"
	"authseed/importer/survey"
	"authseed/mapping"
	"authseed/mapping/authmethod"
	"authseed/mapping/table"
	"authseed/samples"
)

// TestPlanOptions looks at what a plan says of itself.
func TestPlanOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: people()})
		f := ledger("1,,Active,m1,,")
		f.Mapping = parse(t, hrMapping)
		f.Name = "/home/somebody/secret project/hr.csv"
		p := w.mustPlan(f, allowing(plan.SharedNumber))
		if p.ToolVersion != "test" || p.CreatedAt != today || p.ValidUntil.Sub(today).Hours() != 72 || p.Source.Name != "hr.csv" ||
			p.Tenant != (plan.Tenant{ID: people().ID, Name: "Contoso", Cloud: "global"}) ||
			p.Mapping != (plan.Mapping{Name: "hr", SHA256: f.Mapping.Digest()}) || !p.Policy.Allows(plan.SharedNumber, "anybody") {
			t.Errorf("%+v", p)
		}
		if p.Policy.Rules != [authmethod.Count]plan.Rule{authmethod.Mobile: plan.Fill, authmethod.Office: plan.Fill, authmethod.Email: plan.Fill} {
			t.Errorf("rules %v", p.Policy.Rules)
		}
	})
}

// TestPlanNeedsNoWrite plans with a sign-in that may only read.
func TestPlanNeedsNoWrite(t *testing.T) {
	for _, permissions := range [][]string{
		{"User.Read.All", "UserAuthenticationMethod.Read.All"},
		{"User.Read.All", "UserAuthMethod-Phone.Read.All", "UserAuthMethod-Email.Read.All"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, graphsim.Options{Tenant: people(), Permissions: permissions})
			f := ledger("1,,Active,m1,o1,e1", "2,,Active,m2,,")
			f.Mapping = parse(t, hrMapping)
			if p := w.mustPlan(f); p.Summary.Creates != 4 {
				t.Errorf("%v: %+v", permissions, p.Summary)
			}
		})
	}
}

// TestPeopleWhoseMethodsAreHidden are left out by name, and the others planned.
func TestPeopleWhoseMethodsAreHidden(t *testing.T) {
	for status, reason := range map[int]authmethod.Reason{403: authmethod.Restricted, 404: authmethod.NoMatch} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, graphsim.Options{Tenant: people(), Fault: func(c graphsim.Call) *graphsim.Fault {
				if c.Batched && strings.HasPrefix(c.User, "00000002") {
					return &graphsim.Fault{Status: status}
				}
				return nil
			}})
			f := ledger("1,,Active,m1,,", "2,,Active,m2,,", "3,,Active,m2,,", "2,,Active,m2,,")
			f.Mapping = parse(t, hrMapping)
			p := w.mustPlan(f)
			if got, want := rows(p.Summary.Rows), fmt.Sprintf("4 read, 2 used, 0 merged, 2 %s", reason); got != want {
				t.Errorf("rows %s, want %s", got, want)
			}
			if len(p.Changes) != 2 || len(p.Skipped) != 2 || p.Skipped[1].Origin.Line != 5 || p.Skipped[0].User.DisplayName != "bram" {
				t.Errorf("%d changes, skipped %+v", len(p.Changes), p.Skipped)
			}
		})
	}
}

func TestCloudWithoutEmail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: people(), Cloud: "china"})
		f := ledger("1,,Active,m1,,e1", "2,,Active,,,e2")
		f.Mapping = parse(t, hrMapping)
		p := w.mustPlan(f)
		if p.Summary.Creates != 1 || p.Summary.Skipped[authmethod.UnsupportedInCloud] != 2 || p.Tenant.Cloud != "china" {
			t.Errorf("%+v", p.Summary)
		}
		f = ledger("1,,Active,m1,,e1")
		f.Mapping = parse(t, "version: 1\nmatch: [{attribute: employeeId, column: No}]\nmethods: {email: {columns: [Email]}}\n")
		if p := w.mustPlan(f); len(p.Changes) != 0 || p.Summary.Skipped[authmethod.UnsupportedInCloud] != 1 {
			t.Errorf("%+v", p.Summary)
		}
	})
}

// TestPlanRefuses: what is wrong with a file or a mapping shows before anything
// is asked.
func TestPlanRefuses(t *testing.T) {
	wrong := hrMapping + "examples:\n  - row: {No: '1', Status: Active, Mobile: (206) 555-0101}\n    want: {mobile: +1 2065550102}\n"
	for _, test := range []struct {
		name, mapping, content string
		is                     func(error) bool
	}{
		{"examples", wrong, "No,Login,Status,Mobile,Office,Email\n", func(err error) bool {
			var e *importer.ExamplesError
			return errors.As(err, &e) && len(e.Failures) == 1 && e.Mapping == "hr"
		}},
		{"a column that is missing", hrMapping, "No,Login,Status,Mobile,Office\n", func(err error) bool {
			var e *mapping.FileError
			return errors.As(err, &e)
		}},
		{"no table", hrMapping, "\x00\x01\x02", func(err error) bool {
			var e *table.Error
			return errors.As(err, &e)
		}},
		{"nothing at all", hrMapping, "", func(err error) bool {
			var e *table.Error
			return errors.As(err, &e)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, graphsim.Options{Tenant: people()})
			_, err := w.plan(file(parse(t, test.mapping), test.content))
			_, checked := importer.Check(t.Context(), file(parse(t, test.mapping), test.content), importer.Notices{})
			for _, err := range []error{err, checked} {
				if !test.is(err) || strings.Contains(fmt.Sprint(err), "555") {
					t.Errorf("ended with %v", err)
				}
			}
			if w.sim.Stats().RoundTrips != 0 {
				t.Errorf("%d round trips", w.sim.Stats().RoundTrips)
			}
		})
	}
}

// TestPlanWithoutRights tells the sign-in from people out of reach.
func TestPlanWithoutRights(t *testing.T) {
	for _, test := range []struct {
		name    string
		options graphsim.Options
		is      func(error) bool
	}{
		{"nothing", graphsim.Options{Permissions: []string{}}, graph.IsSignIn},
		{"no people", graphsim.Options{Permissions: []string{"Organization.Read.All", "UserAuthenticationMethod.ReadWrite.All"}}, graph.IsSignIn},
		{"no methods", graphsim.Options{Permissions: []string{"User.Read.All"}}, graph.IsSignIn},
		{"another token", graphsim.Options{Token: "another"}, graph.IsSignIn},
		{"masked", graphsim.Options{}, func(err error) bool { return errors.Is(err, survey.ErrMasked) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.options.Tenant = people()
				if test.name == "masked" {
					test.options.Tenant.Users[0].PhoneMethods = []graphsim.PhoneMethod{{PhoneType: "mobile", PhoneNumber: "+1 ******0101"}}
				}
				f := ledger("1,,Active,m1,,", "2,,Active,m2,,")
				f.Mapping = parse(t, hrMapping)
				if _, err := newWorld(t, test.options).plan(f); !test.is(err) {
					t.Errorf("ended with %v", err)
				}
			})
		})
	}
}

// TestOwnColumns needs no mapping file.
func TestOwnColumns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: people()})
		var unused []string
		p := w.mustPlan(file(mapping.Own(), "userPrincipalName,mobile,Room\nada@contoso.example,+1 2065550101,12\n"),
			func(o *importer.PlanOptions) { o.Unused = func(columns []string) { unused = columns } })
		if p.Summary.Creates != 1 || p.Mapping.Name != mapping.Own().Name() {
			t.Errorf("%+v, %+v", p.Mapping, p.Summary)
		}
		if diff := cmp.Diff([]string{"Room"}, unused); diff != "" {
			t.Errorf("unused (-want +got)\n%s", diff)
		}
	})
}

// TestCheck counts what a file says without a tenant.
func TestCheck(t *testing.T) {
	f := ledger("1,,Active,m1,,e1", "1,,Active,m1,,", "2,,Active,<clear>,12,", "3,,Left,m1,,", "4,,Active,12,,", ",,Active,m1,,", "5,,Active,m1,,", "5,,Active,m2,,", "6,,Active,,,")
	f.Mapping = parse(t, hrMapping)
	in, err := importer.Check(t.Context(), f, importer.Notices{})
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, in.Rows)
	if got, want := rows(in.Rows), "9 read, 2 used, 1 merged, 2 conflicting-rows, 1 invalid-phone, 1 no-match, 2 out-of-scope"; got != want {
		t.Errorf("rows %s\nwant %s", got, want)
	}
	if in.People != 2 || in.Values != [authmethod.Count]int{authmethod.Mobile: 2, authmethod.Email: 1} || in.Rows.Unusable() != 4 {
		t.Errorf("%d people, values %v, %d unusable", in.People, in.Values, in.Rows.Unusable())
	}
	if in.Source.Rows != 9 || in.Source.Name != "hr.csv" || in.Mapping.Name != "hr" || len(in.Skipped) != 7 {
		t.Errorf("%+v %+v, %d skipped", in.Source, in.Mapping, len(in.Skipped))
	}
}

// TestCheckSamples agrees with the plan about what is wrong with the rows
// themselves.
func TestCheckSamples(t *testing.T) {
	for _, name := range samples.Names() {
		s, err := samples.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if s.Workers == nil {
			continue // the directory is the source, and needs its tenant
		}
		m, err := mapping.Parse("mapping.yaml", s.Mapping)
		if err != nil {
			t.Fatal(err)
		}
		in, err := importer.Check(t.Context(), importer.File{Name: "workers.csv", Content: bytes.NewReader(s.Workers), Mapping: m}, importer.Notices{})
		if err != nil {
			t.Fatal(err)
		}
		checkRows(t, in.Rows)
		if in.Rows.Used != in.People || in.People == 0 {
			t.Errorf("%s: %d people in %d rows", name, in.People, in.Rows.Used)
		}
	}
}
