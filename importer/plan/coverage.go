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

func (r *Reach) add(s authmethod.Set) {
	n := 0
	for _, kind := range authmethod.Kinds() {
		if kind != authmethod.AlternateMobile && !s[kind].IsZero() {
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

// cover counts before the changes and after those that are pending.
func cover(in Input, changes []Change) Coverage {
	var c Coverage
	changed := make(map[string]authmethod.Set)
	for _, change := range changes {
		if change.HeldBack {
			continue
		}
		s, known := changed[change.User.ID]
		if !known {
			s = in.Current[change.User.ID]
		}
		s[change.Method] = change.After
		changed[change.User.ID] = s
	}
	for _, d := range in.Desired {
		before := in.Current[d.User.ID]
		after, moved := changed[d.User.ID]
		if !moved {
			after = before
		}
		c.Before.add(before)
		c.After.add(after)
	}
	return c
}
