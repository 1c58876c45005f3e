package plan

import "authseed/mapping/authmethod"

// Coverage is who could reset a password, before a plan and after it.
type Coverage struct {
	Before Reach `json:"before"`
	After  Reach `json:"after"`
}

// Reach counts, of the people in scope, those with methods that reset a
// password: mobile, office and email. An alternate mobile does not
// (learn.microsoft.com, "Authentication methods - phone options"). What was not
// read, because the mapping or the sign-in leaves it out, counts as not there;
// methods of other kinds, such as an authenticator app, are not seen.
//
// In scope is whom the file names and the tenant knows with certainty, who is
// not left out, and for whom the file has something to say.
type Reach struct {
	People  int `json:"people"`   // in scope
	WithOne int `json:"with_one"` // at least one method
	WithTwo int `json:"with_two"` // at least two, as administrators and some tenants need
}

func (r *Reach) add(has Presence) {
	n := 0
	for _, kind := range authmethod.Kinds() {
		if kind != authmethod.AlternateMobile && has[kind] {
			n++
		}
	}
	r.People++
	if n >= 1 {
		r.WithOne++
	}
	if n >= 2 {
		r.WithTwo++
	}
}

// add counts a person before the changes and after those that are pending.
func (c *Coverage) add(has Presence, planned *[authmethod.Count]*Change) {
	c.Before.add(has)
	for kind, change := range planned {
		if change != nil && !change.HeldBack && change.Action != Update {
			has[kind] = change.Action == Create
		}
	}
	c.After.add(has)
}
