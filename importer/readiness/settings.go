package readiness

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The service plans of Microsoft Entra ID.
const (
	planP1 = "AAD_PREMIUM"
	planP2 = "AAD_PREMIUM_P2"
)

func (f Findings) licence() Check {
	const name = "licence"
	if f.Registration.Unlicensed {
		return f.noLicence("the registration report was refused for want of P1 or P2")
	}
	if c, ok := unanswered(name, f.Plans, readLicences); ok {
		if f.Registration.Known {
			return Check{name, OK, "at least Microsoft Entra ID P1: the registration report answers", "", ""}
		}
		return c
	}
	switch {
	case slices.Contains(f.Plans.Value, planP2):
		return Check{name, OK, "Microsoft Entra ID P2", "", ""}
	case slices.Contains(f.Plans.Value, planP1):
		return Check{name, OK, "Microsoft Entra ID P1", "", ""}
	}
	return f.noLicence("neither Microsoft Entra ID P1 nor P2")
}

// noLicence stops what is made of the report alone, and slows the rest down.
func (f Findings) noLicence(found string) Check {
	c := Check{"licence", Warning, found, "there is no registration report, so that everybody in a file is read one by one; resets with writeback need P1 too", ""}
	if f.wants(Cover) || f.wants(Report) {
		c.State, c.Next = Failed, "get a licence; plan works without one"
	}
	return c
}

// methods says what the tenant does with what would be written.
func (f Findings) methods() Check {
	const name = "methods"
	if c, ok := unanswered(name, f.Policy, readMethods); ok {
		return c
	}
	var on, off []string
	add := func(enabled bool, label string) {
		if enabled {
			on = append(on, label)
		} else {
			off = append(off, label)
		}
	}
	m := f.Policy.Value.Methods
	for _, id := range []string{"email", "sms", "voice"} {
		label := map[string]string{"email": "e-mail", "sms": "SMS", "voice": "voice"}[id]
		if m[id].Enabled && !m[id].Everyone {
			label += " (for some groups)"
		}
		add(m[id].Enabled, label)
	}
	add(m["voice"].Enabled && m["voice"].Office, "office phones")
	found := "on: " + strings.Join(on, ", ")
	if len(on) == 0 {
		found = "on: none"
	}
	if len(off) > 0 {
		found += "; off: " + strings.Join(off, ", ")
	}
	if m["sms"].Enabled && m["sms"].SignIn {
		found += "; a number is a name to sign in with"
	}
	mobile := m["sms"].Enabled || m["voice"].Enabled
	if m["email"].Enabled && mobile {
		return Check{name, OK, found, "", ""}
	}
	return Check{name, Warning, found, "what is written for a method that is off resets nothing until it is on",
		"Entra admin centre, Authentication methods, Policies"}
}

func (f Findings) migration() Check {
	const name = "migration"
	if c, ok := unanswered(name, f.Policy, readMethods); ok {
		return c
	}
	next := "finish the migration in the Entra admin centre: Authentication methods, Policies, Manage migration"
	switch state := f.Policy.Value.Migration; state {
	case "migrationComplete":
		return Check{name, OK, "complete: the methods policy alone counts", "", ""}
	case "migrationInProgress":
		return Check{name, Warning, "in progress", "the legacy password reset policy counts as well, and it cannot be read from here", next}
	case "preMigration":
		return Check{name, Warning, "not begun", "the legacy policy decides which methods reset a password, and it cannot be read from here", next}
	default:
		return Check{name, Unknown, fmt.Sprintf("a state that is not known here: %q", state), "", ""}
	}
}

func (f Findings) administrators() Check {
	const name = "administrators"
	if c, ok := unanswered(name, f.AdminsReset, readAdmins); ok {
		return c
	}
	if !f.AdminsReset.Value {
		return Check{name, Warning, "may not reset their own passwords", "what is written for them serves sign-in alone", ""}
	}
	return Check{name, OK, "may reset their own passwords, with two methods", "", ""}
}

func (f Findings) defaults() Check {
	const name = "security-defaults"
	if c, ok := unanswered(name, f.Defaults, readDefaults); ok {
		return c
	}
	if f.Defaults.Value {
		return Check{name, Warning, "on", "everybody is asked to register an authenticator app; phones that are written serve password reset, not sign-in", ""}
	}
	return Check{name, OK, "off", "", ""}
}

func (f Findings) synchronization() Check {
	const name = "synchronization"
	if !f.Tenant.Value.Synchronized {
		return Check{name, OK, "none: no on-premises directory", "", ""}
	}
	c, ok := unanswered(name, f.Writeback, readSync)
	switch {
	case ok:
		c.Found = "with an on-premises directory; password writeback: " + c.Found
		return c
	case !f.Writeback.Value:
		return Check{name, Warning, "with an on-premises directory, without password writeback",
			"synchronised people cannot reset their passwords, whatever they have registered", "turn password writeback on in Entra Connect"}
	}
	return Check{name, OK, "with an on-premises directory, with password writeback", "", ""}
}

func (f Findings) federation() Check {
	const name = "federation"
	if c, ok := unanswered(name, f.Domains, readDomains); ok {
		return c
	}
	var federated []string
	for _, d := range f.Domains.Value {
		if d.Federated {
			federated = append(federated, d.Name)
		}
	}
	if len(federated) > 0 {
		return Check{name, Warning, "federated: " + few(federated, 3), "people of these domains sign in elsewhere; a reset reaches them by password writeback alone", ""}
	}
	return Check{name, OK, "no federated domain", "", ""}
}

// maxSkew is how far clocks may differ: Entra takes assertions and tokens within
// about five minutes (unverified for every flow).
const maxSkew = 5 * time.Minute

func (f Findings) clock() Check {
	const name = "clock"
	if !f.Clock.Known {
		return Check{name, Unknown, "the service told no time", "", ""}
	}
	skew := f.Clock.Value
	way := "ahead of"
	if skew < 0 {
		skew, way = -skew, "behind"
	}
	if skew > maxSkew {
		return Check{name, Warning, fmt.Sprintf("%s %s the service's", skew.Round(time.Second), way),
			"a sign-in by certificate is refused, and tokens seem to have ended or not begun", "set this machine's clock"}
	}
	if skew < 2*time.Second { // the service tells whole seconds
		return Check{name, OK, "agrees with the service's", "", ""}
	}
	return Check{name, OK, fmt.Sprintf("%s %s the service's", skew.Round(time.Second), way), "", ""}
}

// throttling goes by x-ms-throttle-limit-percentage, which is told from 0.8 on
// (learn.microsoft.com, "Microsoft Graph throttling guidance").
func (f Findings) throttling() Check {
	const name = "throttling"
	if f.Pressure == 0 {
		return Check{name, OK, "no pressure", "", ""}
	}
	return Check{name, Warning, fmt.Sprintf("%.0f %% of a limit is in use", 100*f.Pressure),
		"something else uses this tenant's requests, and a run will be slowed down", "see which app it is, or run at another time"}
}
