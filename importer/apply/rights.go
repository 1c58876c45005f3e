package apply

import (
	"net/http"

	"authseed/importer/graph"
	"authseed/mapping/authmethod"
)

// A 403 may be about one person (a restricted unit, a role) or about the
// sign-in, whose permission is missing or has been withdrawn; the service says
// the same. What tells is whether anybody else is still written. Until then the
// verdict is kept back: a person stays pending, and a later part of the run
// goes on, if it was the sign-in.
const (
	// refusedMany is the number of people refused, with nobody written since,
	// that ends a run.
	refusedMany = graph.MaxBatch
	// refusedLast is the same at the end of a run, when nobody is left to tell.
	refusedLast = 5
)

// family is the methods that one permission covers
// (learn.microsoft.com, UserAuthMethod-Phone and UserAuthMethod-Email).
type family uint8

const (
	phones family = iota
	emails
	families
)

func familyOf(kind authmethod.Kind) family {
	if kind == authmethod.Email {
		return emails
	}
	return phones
}

// rights is what a run knows of its own.
type rights struct {
	kept    [families][]verdict
	refused [families]int  // round trips finished when the last was kept
	granted [families]bool // a write was accepted in this run
}

// judge takes note of a write that the service did not refuse for want of a
// right, though perhaps for another reason. It clears those refused before it
// was asked for, and gives them back.
func (r *rights) judge(s step, a graph.Answer) (personal []verdict) {
	if !s.Op.IsWrite() || a.Uncertain() || a.Throttled() || a.Status == 401 || a.Status == 403 {
		return nil
	}
	f := familyOf(s.Kind)
	r.granted[f] = true
	if len(r.kept[f]) > 0 && s.issued >= r.refused[f] {
		personal, r.kept[f] = r.kept[f], nil
	}
	return personal
}

// keep holds a verdict back that may be about the sign-in, or that follows from
// one that may.
func (r *rights) keep(v verdict, trips int) bool {
	f := familyOf(v.change.Method)
	follows := v.Status == http.StatusFailedDependency && r.keptFor(f, v.change.User.ID)
	if v.Status != 401 && v.Status != 403 && !follows {
		return false
	}
	r.kept[f] = append(r.kept[f], v)
	r.refused[f] = trips + 1
	return true
}

func (r *rights) keptFor(f family, user string) bool {
	for _, v := range r.kept[f] {
		if v.change.User.ID == user {
			return true
		}
	}
	return false
}

// people counts whom the verdicts kept back are about, and gives the last
// refusal among them.
func (r *rights) people(f family) (n int, last *graph.Error) {
	seen := map[string]bool{}
	for _, v := range r.kept[f] {
		if v.Status == http.StatusFailedDependency {
			continue
		}
		seen[v.change.User.ID] = true
		last = &graph.Error{Status: v.Status, Code: v.Code, Message: v.Message, RequestID: v.RequestID}
	}
	return len(seen), last
}

// missing gives the refusal that ends the run, while there are others to ask.
// A 401 has cost a renewed token already.
func (r *rights) missing() *graph.Error {
	for f := range families {
		if n, last := r.people(f); n >= refusedMany || n > 0 && last.Status == 401 {
			return last
		}
	}
	return nil
}

// atEnd decides when nobody is left who could tell: the refusals are the
// sign-in's where no write was ever accepted, or where the last few people were
// all refused.
func (r *rights) atEnd() (personal []verdict, missing *graph.Error) {
	for f := range families {
		n, last := r.people(f)
		switch {
		case n == 0:
		case !r.granted[f] || n >= refusedLast:
			missing = last
		default:
			personal = append(personal, r.kept[f]...)
			r.kept[f] = nil
		}
	}
	return personal, missing
}
