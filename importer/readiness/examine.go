package readiness

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// notChecked is what a check found that came too late.
const notChecked = "not checked"

// Examine makes the checks of what was found. All of them are there whatever
// was found, in the same order.
func Examine(f Findings) *Diagnosis {
	d := &Diagnosis{Tenant: f.Tenant.Value, Cloud: f.Cloud, Features: f.Features}
	d.Checks = append(d.Checks, f.signIn(), f.tenant())
	for _, check := range []func() Check{f.permissions, f.breadth, f.role} {
		d.Checks = append(d.Checks, gated(check, f.Identity.Known, f.Tenant.Known))
	}
	for _, check := range []func() Check{
		f.cloud, f.licence, f.methods, f.migration, f.administrators, f.defaults,
		f.synchronization, f.federation, f.clock, f.throttling,
	} {
		d.Checks = append(d.Checks, gated(check, f.Identity.Known, f.Tenant.Known))
	}
	return d
}

// gated leaves a check out that could only repeat why nothing is known.
func gated(check func() Check, known ...bool) Check {
	c := check()
	if slices.Contains(known, false) {
		return Check{Name: c.Name, State: Unknown, Found: notChecked}
	}
	return c
}

// Unasked reports whether the check was left out because one before it failed.
func (c Check) Unasked() bool { return c.State == Unknown && c.Found == notChecked }

// unanswered makes a check of what could not be read.
func unanswered[T any](name string, a Answer[T], grant Access) (Check, bool) {
	switch {
	case a.Known:
		return Check{}, false
	case a.Denied:
		next := "grant " + grant.Least.Name
		if grant.Path == readSync.Path {
			// learn.microsoft.com, "Get onPremisesDirectorySynchronization":
			// applications are not supported there.
			next = "no app may read it; a Global Administrator with " + grant.Least.Name + " may, or look into Entra Connect"
		}
		return Check{name, Unknown, "may not be read", "", next}, true
	case a.Why == "":
		return Check{name, Unknown, "not asked", "", ""}, true
	}
	return Check{name, Unknown, a.Why, "", a.Next}, true
}

func (f Findings) signIn() Check {
	const name = "sign-in"
	if !f.Identity.Known {
		return Check{name, Failed, cmp.Or(f.Identity.Why, "not signed in"), "", f.Identity.Next}
	}
	who := f.Identity.Value
	switch {
	case who.Opaque:
		return Check{name, OK, "signed in; the token does not tell as whom", "", ""}
	case who.App:
		return Check{name, OK, "as the app " + cmp.Or(who.Name, who.AppID, who.ID), "", ""}
	}
	return Check{name, OK, "as the person " + cmp.Or(who.Name, who.ID), "", ""}
}

func (f Findings) tenant() Check {
	const name = "tenant"
	switch {
	case !f.Identity.Known:
		return Check{Name: name, State: Unknown, Found: notChecked}
	case !f.Tenant.Known:
		return Check{name, Failed, cmp.Or(f.Tenant.Why, "no answer"), "", cmp.Or(f.Tenant.Next, "try again later; Microsoft 365 admin centre, Health, says whether the service is well")}
	}
	t := f.Tenant.Value
	if t.Label() == "" || f.Tenant.Denied {
		return Check{name, Unknown, "may not be read", "", "grant " + userRead.Name}
	}
	if strings.Contains(strings.ToUpper(t.Type), "B2C") || strings.EqualFold(t.Type, "CIAM") {
		return Check{name, Warning, t.Label() + ", for customers (" + t.Type + ")",
			"local accounts of customers have no authentication methods here", "use a workforce tenant"}
	}
	found := t.Label()
	if t.Name != "" {
		found += " (" + t.ID + ")"
	}
	return Check{name, OK, found, "", ""}
}

// permissions holds what the token allows against what the features need.
func (f Findings) permissions() Check {
	const name = "permissions"
	who := f.Identity.Value
	if who.Opaque {
		return f.tried(name)
	}
	if lacking := missing(Needs(f.Features, f.Emails), who.Permissions); len(lacking) > 0 {
		means := "for " + features(f.Features) + " this is needed"
		if slices.Contains(lacking, userRead.Name) && slices.Contains(who.Permissions, "User.ReadBasic.All") {
			means += "; with User.ReadBasic.All people are found by name and mail alone, and guests and disabled ones are not told apart"
		}
		return Check{name, Failed, "missing: " + strings.Join(lacking, ", "), means, "an administrator grants it; authseed doctor --setup prints how"}
	}
	var less []string
	for _, feature := range f.Features {
		for _, used := range feature.usesFeatures() {
			lacks := missing(used.needs(), who.Permissions)
			if text := string(used) + ": " + strings.Join(lacks, ", "); len(lacks) > 0 && !slices.Contains(less, text) {
				less = append(less, text)
			}
		}
	}
	if len(less) > 0 {
		return Check{name, Warning, "enough for " + features(f.Features) + "; missing for " + strings.Join(less, "; "),
			"a plan then says what it cannot know, and reads everybody where the report is missing", "grant them; authseed doctor --setup prints how"}
	}
	return Check{name, OK, fmt.Sprintf("all that %s needs", features(f.Features)), "", ""}
}

// tried is what a token that cannot be read turned out to allow.
func (f Findings) tried(name string) Check {
	var able, not []string
	for _, probe := range []struct {
		what   string
		answer Answer[struct{}]
	}{{"people", f.People}, {"registration report", f.Registration}, {"roles", f.Roles}} {
		switch {
		case probe.answer.Known:
			able = append(able, probe.what)
		case probe.answer.Why != "" || probe.answer.Denied:
			not = append(not, probe.what)
		}
	}
	found := "the token cannot be read here"
	if len(able) > 0 {
		found += "; it reads " + strings.Join(able, ", ")
	}
	if len(not) > 0 {
		found += "; not " + strings.Join(not, ", ")
	}
	return Check{name, Unknown, found, "whether it may write is seen at the first write", ""}
}

func features(list []Feature) string {
	var names []string
	for _, f := range list {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

// breadth looks for more than is needed.
func (f Findings) breadth() Check {
	const name = "breadth"
	who := f.Identity.Value
	if who.Opaque {
		return Check{name, Unknown, "the token cannot be read here", "", ""}
	}
	if more := broad(Needs(f.Features, f.Emails), who.Permissions); len(more) > 0 {
		found := "more than " + features(f.Features) + " needs: " + few(more, 4)
		means := "whoever has this sign-in may do all of that"
		if writesMethods(more) {
			means = tier0
		}
		return Check{name, Warning, found, means, "take away what is too much; authseed doctor --setup prints an app with the least"}
	}
	if who.App && writesMethods(who.Permissions) {
		return Check{name, OK, "no more than needed; still tier 0", tier0, ""}
	}
	return Check{name, OK, "no more than needed", "", ""}
}

// Microsoft's pages ask a role of persons alone, and let an app act on "all
// users"; that Global Administrators are among those no page says outright
// (unverified, and taken for true).
const tier0 = "who can write methods can take over any account, a Global Administrator's too: keep this credential as you keep theirs"

// few lists n of the texts and counts the rest.
func few(list []string, n int) string {
	if len(list) <= n {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:n], ", "), len(list)-n)
}

func (f Findings) cloud() Check {
	if !f.Emails {
		return Check{"cloud", Warning, f.Cloud + ", which has no e-mail methods", "e-mails of a file are left out as unsupported-in-cloud", ""}
	}
	return Check{"cloud", OK, f.Cloud, "", ""}
}
