// Package readiness is what stands between a person and a password reset: the
// checks of a tenant and of a sign-in, and how many people are covered.
//
// It is pure. It takes what was found, with what could not be, as plain values,
// and promises that a missing permission makes a check unknown and names what to
// grant, never more; that the same findings give the same checks in the same
// order; and that people are counted and never named. It knows which permission
// each path of Microsoft Graph takes (learn.microsoft.com, "Microsoft Graph
// permissions reference"), and says none of it in the words of a view.
package readiness

import (
	"strings"
	"time"

	"authseed/mapping/authmethod"
)

// Answer is a part of what was found, or why it was not. The zero value is a
// part that nobody asked for.
type Answer[T any] struct {
	Value T
	Known bool

	Denied     bool   // a permission or a role is missing
	Unlicensed bool   // the tenant has no licence for it
	Why        string // in a sentence; fit to print
	Next       string // what to type or do about it; may be empty
}

// Know is an answer that was given.
func Know[T any](value T) Answer[T] { return Answer[T]{Value: value, Known: true} }

// Findings are what a look at a tenant gave.
type Findings struct {
	Features []Feature // what the sign-in is for
	Now      time.Time
	Cloud    string
	// Emails says whether the cloud has e-mail methods.
	Emails bool

	Identity     Answer[Identity] // not Known: nobody is signed in
	Tenant       Answer[Tenant]   // not Known: nothing else was asked
	Plans        Answer[[]string] // service plans of the licences
	Policy       Answer[Policy]
	AdminsReset  Answer[bool] // administrators may reset their own passwords
	Defaults     Answer[bool] // security defaults are on
	Writeback    Answer[bool] // passwords go back to the on-premises directory
	Domains      Answer[[]Domain]
	People       Answer[struct{}] // the directory answered
	Registration Answer[struct{}] // the registration report answered
	Roles        Answer[struct{}] // the holders of roles were listed
	Clock        Answer[time.Duration]
	Pressure     float64 // the largest share of a limit that an answer told of; 0: none
}

// Identity is who is signed in.
type Identity struct {
	Opaque      bool // the token cannot be read here: all below is unknown
	App         bool // no person is signed in
	ID, Name    string
	AppID       string
	Permissions []string // application permissions, or the scopes that were delegated
	Roles       []string // template ids of the directory roles of a person
	Expires     time.Time
}

// Tenant is whom the sign-in is for.
type Tenant struct {
	ID, Name     string
	Type         string // "AAD", "AAD B2C", ...; empty where it is not known
	Synchronized bool   // with an on-premises directory
}

// Label is the tenant's name, or its id where that is not known.
func (t Tenant) Label() string {
	if t.Name == "" {
		return t.ID
	}
	return t.Name
}

// Domain is one of the tenant's domains.
type Domain struct {
	Name      string
	Federated bool // its people sign in somewhere else
}

// Policy is which methods the tenant uses.
type Policy struct {
	Migration string            // "preMigration", "migrationInProgress" or "migrationComplete"
	Methods   map[string]Method // by "email", "sms", "voice"
}

// Method is the tenant's use of one kind.
type Method struct {
	Enabled  bool
	Everyone bool // else some groups only
	Office   bool // of voice: office phones are called
	SignIn   bool // of sms: the number is a name to sign in with
}

// State is how a check came out.
type State string

// The states, worst last.
const (
	OK      State = "ok"
	Unknown State = "unknown"
	Warning State = "warning"
	Failed  State = "failed"
)

// severity orders states.
func (s State) severity() int {
	return strings.Index("ok unknown warning failed", string(s))
}

// Check is one thing that was looked at. Name is a fixed word; the rest is
// English for people and may change.
type Check struct {
	Name  string
	State State
	Found string // what was found
	Means string // what that means, where it is not plain
	Next  string // the next step, where there is one
}

// Diagnosis is all checks, in a fixed order.
type Diagnosis struct {
	Tenant   Tenant
	Cloud    string
	Features []Feature
	Checks   []Check
}

// State is the worst of the checks'.
func (d *Diagnosis) State() State {
	worst := OK
	for _, c := range d.Checks {
		if c.State.severity() > worst.severity() {
			worst = c.State
		}
	}
	return worst
}

// Barred reports that nobody is signed in, or that what the features need may
// not be done: no other failure matters before that.
func (d *Diagnosis) Barred() bool {
	for _, c := range d.Checks {
		switch c.Name {
		case "sign-in", "permissions", "role":
			if c.State == Failed {
				return true
			}
		}
	}
	return false
}

// resets reports whether a method of the kind resets a password: an alternate
// mobile does not (learn.microsoft.com, "Authentication methods - phone options").
func resets(k authmethod.Kind) bool { return k != authmethod.AlternateMobile }
