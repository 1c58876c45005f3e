package readiness

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// wellFound is a tenant and an app that nothing is wrong with.
func wellFound() Findings {
	everyone := Method{Enabled: true, Everyone: true, Office: true}
	return Findings{
		Features: []Feature{Apply}, Cloud: "global", Emails: true,
		Identity: Know(Identity{App: true, Name: "authseed", Permissions: strings.Fields(
			"User.Read.All UserAuthMethod-Phone.ReadWrite.All UserAuthMethod-Email.ReadWrite.All AuditLog.Read.All" +
				" RoleManagement.Read.Directory GroupMember.Read.All Policy.Read.All")}),
		Tenant: Know(Tenant{ID: "t", Name: "Contoso", Type: "AAD"}), Plans: Know([]string{"EXCHANGE", planP1}),
		Policy:      Know(Policy{"migrationComplete", map[string]Method{"email": everyone, "sms": everyone, "voice": everyone}}),
		AdminsReset: Know(true), Defaults: Know(false), Domains: Know([]Domain{{Name: "contoso.example"}}),
		Registration: Know(struct{}{}), Clock: Know(time.Second),
	}
}

// person signs somebody in with these roles, and the permissions of the app.
func person(f *Findings, roles ...string) {
	f.Identity.Value = Identity{Name: "x", Permissions: f.Identity.Value.Permissions, Roles: append(roles, everybodysMarker)}
}

func refusedFor[T any](a *Answer[T]) {
	*a = Answer[T]{Denied: true, Why: "403 Forbidden", Next: "a general hint"}
}

func TestNothingWrong(t *testing.T) {
	for _, c := range Examine(wellFound()).Checks {
		if c.State != OK {
			t.Errorf("%s is %s: %s", c.Name, c.State, c.Found)
		}
	}
}

// Each finding moves one check, whose text has the words, and no other.
func TestExamine(t *testing.T) {
	const privilegedOnly = "Privileged Authentication Administrator"
	for _, test := range []struct {
		name  string
		find  func(*Findings)
		check string
		state State
		words string // in what was found, means or next
	}{
		{"too few permissions", func(f *Findings) { f.Identity.Value.Permissions = f.Identity.Value.Permissions[:2] }, "permissions", Failed, "missing: UserAuthMethod-Email.ReadWrite.All"},
		{"basic people", func(f *Findings) { f.Identity.Value.Permissions[0] = "User.ReadBasic.All" }, "permissions", Failed, "guests and disabled ones are not told apart"},
		{"no report", func(f *Findings) { f.Identity.Value.Permissions[3] = "x" }, "permissions", Warning, "missing for report: AuditLog.Read.All"},
		{"no roles", func(f *Findings) { f.Identity.Value.Permissions[4] = "x" }, "permissions", Warning, "missing for privileged: RoleManagement.Read.Directory"},
		{"writes too much", func(f *Findings) {
			f.Identity.Value.Permissions = append(f.Identity.Value.Permissions, methodsWrite)
		}, "breadth", Warning, "take over any account"},
		{"writes other things", func(f *Findings) {
			f.Identity.Value.Permissions = append(f.Identity.Value.Permissions, "Mail.Send")
		}, "breadth", Warning, "more than apply needs: Mail.Send"},
		{"masked numbers", func(f *Findings) { person(f, authentication) }, "role", Failed, "masked numbers, so that nothing can be compared"},
		{"no role", func(f *Findings) { person(f) }, "role", Failed, "activate " + privilegedOnly},
		{"a custom role", func(f *Findings) { person(f, "decaf000-0000-4000-8000-000000000001") }, "role", Unknown, "a custom role may allow it"},
		{"reads only", func(f *Findings) { person(f, globalReader) }, "role", Failed, "activate " + privilegedOnly},
		{"China", func(f *Findings) { f.Cloud, f.Emails, f.Identity.Value.Permissions[2] = "china", false, "x" }, "cloud", Warning, "no e-mail methods"},
		{"no licence", func(f *Findings) { f.Plans = Know([]string{"EXCHANGE"}) }, "licence", Warning, "neither Microsoft Entra ID P1 nor P2"},
		{"report unlicensed", func(f *Findings) { f.Registration = Answer[struct{}]{Unlicensed: true, Why: "403"} }, "licence", Warning, "refused for want of"},
		{"no licence for coverage", func(f *Findings) {
			f.Plans, f.Features = Know([]string{}), []Feature{Apply, Cover}
		}, "licence", Failed, "get a licence"},
		{"e-mail off", func(f *Findings) { f.Policy.Value.Methods["email"] = Method{} }, "methods", Warning, "off: e-mail"},
		{"legacy policy", func(f *Findings) { f.Policy.Value.Migration = "preMigration" }, "migration", Warning, "legacy policy decides"},
		{"both policies", func(f *Findings) { f.Policy.Value.Migration = "migrationInProgress" }, "migration", Warning, "counts as well"},
		{"a new state", func(f *Findings) { f.Policy.Value.Migration = "later" }, "migration", Unknown, "later"},
		{"admins may not", func(f *Findings) { f.AdminsReset = Know(false) }, "administrators", Warning, "may not reset"},
		{"admins unknown", func(f *Findings) { refusedFor(&f.AdminsReset) }, "administrators", Unknown, "grant Policy.Read.All"},
		{"security defaults", func(f *Findings) { f.Defaults = Know(true) }, "security-defaults", Warning, "authenticator app"},
		{"no writeback", func(f *Findings) { f.Tenant.Value.Synchronized, f.Writeback = true, Know(false) }, "synchronization", Warning, "cannot reset their passwords"},
		{"writeback unknown", func(f *Findings) { f.Tenant.Value.Synchronized = true; refusedFor(&f.Writeback) }, "synchronization", Unknown, "no app may read it"},
		{"federated", func(f *Findings) {
			f.Domains = Know([]Domain{{"a.example", true}, {"b.example", true}, {"c.example", true}, {"d.example", true}, {"e.example", false}})
		}, "federation", Warning, "a.example, b.example, c.example and 1 more"},
		{"domains unknown", func(f *Findings) { refusedFor(&f.Domains) }, "federation", Unknown, "grant Domain.Read.All"},
		{"a clock ahead", func(f *Findings) { f.Clock = Know(7 * time.Minute) }, "clock", Warning, "7m0s ahead of"},
		{"a clock behind", func(f *Findings) { f.Clock = Know(-7 * time.Minute) }, "clock", Warning, "7m0s behind"},
		{"no clock", func(f *Findings) { f.Clock = Answer[time.Duration]{} }, "clock", Unknown, "told no time"},
		{"pressure", func(f *Findings) { f.Pressure = 1.2 }, "throttling", Warning, "120 %"},
		{"customers", func(f *Findings) { f.Tenant.Value.Type = "AAD B2C" }, "tenant", Warning, "for customers"},
		{"a tenant that may not be read", func(f *Findings) { f.Tenant.Value, f.Tenant.Denied = Tenant{}, true }, "tenant", Unknown, "grant User.Read.All"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := wellFound()
			test.find(&f)
			for _, c := range Examine(f).Checks {
				switch text := c.Found + "; " + c.Means + "; " + c.Next; {
				case c.Name != test.check && c.State != OK:
					t.Errorf("%s is %s too: %s", c.Name, c.State, text)
				case c.Name == test.check && (c.State != test.state || !strings.Contains(text, test.words)):
					t.Errorf("%s is %s: %s; want %s with %q", c.Name, c.State, text, test.state, test.words)
				}
			}
		})
	}
}

// The roles of a person that do, by feature.
func TestRolesThatDo(t *testing.T) {
	for _, test := range []struct {
		feature Feature
		role    string
	}{
		{Apply, privilegedAuth}, {Apply, globalAdmin}, {Plan, globalReader}, {Cover, reportsReader}, {Report, securityReader},
		{Policies, everybodysMarker},
	} {
		f := wellFound()
		f.Features = []Feature{test.feature}
		person(&f, strings.ToUpper(test.role))
		if c := f.role(); c.State != OK {
			t.Errorf("%s with %s: %s, %s", test.feature, roleNames[test.role], c.State, c.Found)
		}
	}
}

// What stops everything is told once, and all else is there and not checked.
func TestStopped(t *testing.T) {
	all := len(Examine(wellFound()).Checks)
	for _, test := range []struct {
		name   string
		find   func(*Findings)
		failed string
		barred bool
	}{
		{"not signed in", func(f *Findings) {
			f.Identity = Answer[Identity]{Why: "the secret has expired", Next: "make a new one"}
			f.Tenant = Answer[Tenant]{}
		}, "sign-in", true},
		{"no network", func(f *Findings) { f.Tenant = Answer[Tenant]{Why: "no such host", Next: "check the network"} }, "tenant", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := wellFound()
			test.find(&f)
			d := Examine(f)
			if len(d.Checks) != all {
				t.Errorf("%d checks, want %d whatever happens", len(d.Checks), all)
			}
			for _, c := range d.Checks {
				switch {
				case c.Name == test.failed && (c.State != Failed || c.Next == ""):
					t.Errorf("%s is %s, next %q", c.Name, c.State, c.Next)
				case c.Name == "sign-in" && c.Name != test.failed && c.State != OK:
					t.Errorf("sign-in is %s", c.State)
				case c.Name != "sign-in" && c.Name != test.failed && !c.Unasked():
					t.Errorf("%s is %s: %s", c.Name, c.State, c.Found)
				}
			}
			if d.Barred() != test.barred || d.State() != Failed {
				t.Errorf("barred %t, worst %s", d.Barred(), d.State())
			}
		})
	}
}

// A token that cannot be read leaves unknown what it alone tells.
func TestOpaqueToken(t *testing.T) {
	f := wellFound()
	f.Identity = Know(Identity{Opaque: true})
	f.People = Know(struct{}{})
	refusedFor(&f.Roles)
	d := Examine(f)
	var unknown []string
	for _, c := range d.Checks {
		if c.State != OK {
			unknown = append(unknown, c.Name+" "+string(c.State))
		}
		if c.Name == "permissions" && c.Found != "the token cannot be read here; it reads people, registration report; not roles" {
			t.Errorf("permissions: %s", c.Found)
		}
	}
	if want := []string{"permissions unknown", "breadth unknown", "role unknown"}; !slices.Equal(unknown, want) {
		t.Errorf("not ok are %v, want %v", unknown, want)
	}
}
