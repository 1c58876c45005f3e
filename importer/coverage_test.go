package importer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"

	"authseed/importer"
	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/pace"
	"authseed/importer/plan"
	"authseed/importer/readiness"
	"authseed/importer/survey"
	"authseed/mapping"
)

func (w *world) coverage(o importer.CoverageOptions) (*readiness.Coverage, error) {
	o.Survey = survey.Options{Pacer: pace.NewPacer(pace.Limits{}), Concurrency: 1}
	return importer.Coverage(w.Context(), w.client, o)
}

// headcount is a tenant of twelve people whom different things stop.
func headcount() *graphsim.Tenant {
	yes, no := true, false
	mobile := func(u *graphsim.User) {
		u.PhoneMethods = append(u.PhoneMethods, graphsim.PhoneMethod{PhoneType: "mobile", PhoneNumber: "+1 2065550101"})
	}
	alternate := func(u *graphsim.User) {
		u.PhoneMethods = append(u.PhoneMethods, graphsim.PhoneMethod{PhoneType: "alternateMobile", PhoneNumber: "+1 2065550102"})
	}
	email := func(u *graphsim.User) {
		u.EmailMethods = []graphsim.EmailMethod{{EmailAddress: "private@example.org"}}
	}
	t := &graphsim.Tenant{ID: "decaf000-0000-4000-8000-000000000000", DisplayName: "Contoso", VerifiedDomains: []string{"contoso.example"}, OnPremisesSyncEnabled: true}
	add := func(change ...func(*graphsim.User)) {
		i := len(t.Users)
		u := graphsim.User{
			ID: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, i)).String(), UserPrincipalName: fmt.Sprintf("person%d@contoso.example", i),
			AccountEnabled: &yes, UserType: "Member", Department: []string{"Sales", "Legal"}[i%2], Country: "Germany",
		}
		for _, c := range change {
			c(&u)
		}
		t.Users = append(t.Users, u)
	}
	guest := func(u *graphsim.User) { u.UserType = "Guest" }
	synced := func(u *graphsim.User) { u.OnPremisesSyncEnabled = true }
	add(mobile)
	add(mobile, email)
	add(email)
	add()
	add()
	add(mobile, alternate)
	add(guest)
	add(synced, mobile)
	add(synced)
	add(func(u *graphsim.User) { u.AccountEnabled = &no }, mobile)
	add(mobile)        // an administrator with one
	add(mobile, email) // an administrator with two
	for _, u := range t.Users[10:] {
		t.RoleAssignments = append(t.RoleAssignments, graphsim.Role{PrincipalID: u.ID, RoleDefinitionID: "62e90394-69f5-4237-9190-012177145e10"})
	}
	return t
}

// bubble runs a test in virtual time, which the pace takes up.
func bubble(t *testing.T, name string, test func(*testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

func obstacles(c *readiness.Coverage) string {
	var list []string
	for _, o := range c.Obstacles {
		list = append(list, fmt.Sprintf("%s %d>%d", o.Obstacle, o.Before, o.After))
	}
	return strings.Join(list, " ")
}

func figures(f readiness.Figures) string {
	return fmt.Sprintf("%d people, %d enabled, %d registered, %d capable, then %d and %d", f.People, f.Enabled, f.Registered, f.Capable, f.After.Registered, f.After.Capable)
}

func TestCoverage(t *testing.T) {
	one, two := headcount(), headcount()
	two.MethodsRequired = 2
	no, yes := false, true
	for _, test := range []struct {
		name      string
		tenant    *graphsim.Tenant
		options   importer.CoverageOptions
		required  int
		figures   string
		obstacles string
	}{
		{"one required, no writeback", one, importer.CoverageOptions{}, 1, "11 people, 11 enabled, 6 registered, 5 capable, then 6 and 5", "no-method 4>4 admin-two-gate 1>1 no-writeback 1>1"},
		{"somebody knows better", one, importer.CoverageOptions{Writeback: &yes}, 1, "11 people, 11 enabled, 6 registered, 6 capable, then 6 and 6", "no-method 4>4 admin-two-gate 1>1"},
		{"two required", two, importer.CoverageOptions{Writeback: &no}, 2, "11 people, 11 enabled, 2 registered, 2 capable, then 2 and 2", "no-method 4>4 admin-two-gate 1>1 second-method 4>4"},
		{"two asked for", one, importer.CoverageOptions{Require: 2}, 2, "11 people, 11 enabled, 2 registered, 2 capable, then 2 and 2", "no-method 4>4 admin-two-gate 1>1 second-method 4>4"},
	} {
		bubble(t, test.name, func(t *testing.T) {
			w := newWorld(t, graphsim.Options{Tenant: test.tenant, PageLimit: 5})
			c, err := w.coverage(test.options)
			if err != nil {
				t.Fatal(err)
			}
			if c.Required != test.required || figures(c.Total) != test.figures || obstacles(c) != test.obstacles || c.Disabled != 1 || c.Synced != 2 {
				t.Errorf("%d required, %s, %s, %d disabled, %d synced", c.Required, figures(c.Total), obstacles(c), c.Disabled, c.Synced)
			}
			if len(c.Kinds) != 2 || len(c.Departments) != 2 || len(c.Countries) != 1 || c.Countries[0].Name != "DE" {
				t.Errorf("groups %+v %+v %+v", c.Kinds, c.Departments, c.Countries)
			}
			if w.sim.Stats().Writes > 0 {
				t.Error("it wrote")
			}
		})
	}
}

// What a plan promises is what the report says when it was applied.
func TestCoverageOfAPlan(t *testing.T) { synctest.Test(t, coverageOfAPlan) }

func coverageOfAPlan(t *testing.T) {
	w := newWorld(t, graphsim.Options{Tenant: headcount()})
	var content strings.Builder
	content.WriteString("userPrincipalName,mobile,email\n")
	for i, u := range w.sim.Tenant().Users {
		fmt.Fprintf(&content, "%s,+1 20655501%02d,private%d@example.org\n", u.UserPrincipalName, i+10, i)
	}
	p := w.mustPlan(file(mapping.Own(), content.String()))
	before, err := w.coverage(importer.CoverageOptions{Plan: p})
	if err != nil {
		t.Fatal(err)
	}
	if before.PlanID != p.ID || before.Total.After.Capable <= before.Total.Capable {
		t.Errorf("%s", figures(before.Total))
	}
	if _, err := w.apply(w.Context(), p, today); err != nil {
		t.Fatal(err)
	}
	after, err := w.coverage(importer.CoverageOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if after.Total.Registered != before.Total.After.Registered || after.Total.Capable != before.Total.After.Capable {
		t.Errorf("promised %s, came to %s", figures(before.Total), figures(after.Total))
	}
}

func TestCoverageThatCannotBe(t *testing.T) {
	unlicensed := headcount()
	unlicensed.ServicePlans = []string{}
	var none *importer.ReportError
	var refused *importer.RefusedError
	for _, test := range []struct {
		name    string
		options graphsim.Options
		plan    *plan.Plan
		is      func(error) bool
	}{
		{"no licence", graphsim.Options{Tenant: unlicensed}, nil, func(err error) bool { return errors.As(err, &none) }},
		{"no permission for the report", graphsim.Options{Tenant: headcount(), Permissions: []string{"User.Read.All"}}, nil, graph.IsSignIn},
		{"no permission for people", graphsim.Options{Tenant: headcount(), Permissions: []string{"AuditLog.Read.All"}}, nil, graph.IsSignIn},
		{"a plan for another tenant", graphsim.Options{Tenant: headcount()}, &plan.Plan{}, func(err error) bool { return errors.As(err, &refused) }},
	} {
		if _, err := newWorld(t, test.options).coverage(importer.CoverageOptions{Plan: test.plan}); !test.is(err) {
			t.Errorf("%s: ended with %v", test.name, err)
		}
	}
}

// Two reads for 999 people, and no more.
func TestCoverageRequests(t *testing.T) { synctest.Test(t, coverageRequests) }

func coverageRequests(t *testing.T) {
	w := newWorld(t, graphsim.Options{Tenant: graphsim.Generate(10_000, 1)})
	c, err := w.coverage(importer.CoverageOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if n := w.sim.Stats().RoundTrips; n > 2*11+1 || c.Total.People+c.Disabled != 10_000 {
		t.Errorf("%d round trips, %d people and %d disabled", n, c.Total.People, c.Disabled)
	}
}
