package importer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"authseed/importer/graph"
	"authseed/importer/plan"
	"authseed/importer/survey"
	"authseed/mapping"
	"authseed/mapping/authmethod"
)

// held is a person of the source whom the tenant has told, in a few bytes: what
// the row says and who it is stay packed, and are opened when they are looked
// at. A million people fit beside their plan that way.
type held struct {
	place int32   // in the roster
	user  int32   // in users
	whole *person // instead of both, where several rows say it or the source is no file
}

// user is who of the tenant it is.
func (r *reading) user(h held) authmethod.User {
	if h.whole != nil {
		return h.whole.user
	}
	return r.users.At(int(h.user))
}

// open makes p the person. It is the caller's until it is opened into again, all
// but its wishes' and problems' texts.
func (r *reading) open(h held, p *person) {
	if h.whole != nil {
		*p = *h.whole
		return
	}
	e := r.roster.At(int(h.place))
	p.become(&e)
	p.user = r.users.At(int(h.user))
}

// match finds the people the file names in the tenant: one person, or nobody.
// size is how many people the tenant has, 0 where that is not known.
func (r *reading) match(ctx context.Context, d survey.Reader, scope *scoped, o PlanOptions) (people []held, size int, err error) {
	named, keys := r.named()
	// Before people are left out whose rows disagree: they are named all the same.
	others := slices.AppendSeq(slices.Clip(r.aside), r.roster.EmployeeIDs())
	want := graph.Wanted{Location: r.mapping.AsksPerson()}
	var found *survey.People
	all, by := named, keys
	for awake := map[uuid.UUID]bool{}; ; {
		if o.Settling.settles(&o) {
			named, keys, r.spared = r.settled(o.Settling, scope, all, by, awake)
		}
		if found, err = survey.FindPeople(ctx, d, keys, others, want, o.Survey); err != nil {
			return nil, 0, err
		}
		if !wakes(r.spared, found.Users, awake) {
			break
		}
	}
	r.users, r.rowOf = found.Users, map[int32]int32{}
	r.leaveOutNobody()
	matched := named[:0]
	for i, h := range named {
		match := found.Find(keys[i])
		if reason, detail := doubt(match, keys[i].Attribute); reason != "" {
			lines := r.lines(h)
			if reason == authmethod.NoMatch && h.whole == nil {
				r.nobody = append(r.nobody, h.place)
			}
			r.leaveOut(lines, nil, reason, func(int) string { return detail })
			continue
		}
		if h, err = r.meetPerson(h, match); err != nil {
			return nil, 0, err
		}
		matched = append(matched, h)
	}
	// Two keys may have named one person.
	return r.merge(matched), found.Size, nil
}

// leaveOutNobody leaves out the spared rows that name nobody, as they did the
// night before.
func (r *reading) leaveOutNobody() {
	rest := r.spared[:0]
	for _, s := range r.spared {
		if !s.row.Nobody() {
			rest = append(rest, s)
			continue
		}
		e := r.roster.At(int(s.place))
		_, detail := doubt(survey.Match{}, e.Key.Attribute)
		r.leaveOut([]int{e.Line}, nil, authmethod.NoMatch, func(int) string { return detail })
		r.nobody = append(r.nobody, s.place)
	}
	r.spared = rest
}

// named lists whom the rows name, and by which keys.
func (r *reading) named() (named []held, keys []authmethod.Key) {
	named, keys = make([]held, 0, r.roster.People()), make([]authmethod.Key, 0, r.roster.People())
	for p := range r.people(r.roster, true) {
		h := held{place: int32(p.place)}
		if p.place == severalRows {
			h.whole = p
		}
		named = append(named, h)
		// A key that was unpacked holds on to all the row's texts.
		keys = append(keys, authmethod.Key{Attribute: p.key.Attribute, Value: strings.Clone(p.key.Value)})
	}
	return named, keys
}

// lines are the rows that say it.
func (r *reading) lines(h held) []int {
	if h.whole != nil {
		return h.whole.lines
	}
	return []int{r.roster.At(int(h.place)).Line}
}

// meetPerson makes the person known, and reads what had to wait for that.
func (r *reading) meetPerson(h held, match survey.Match) (held, error) {
	h.user = int32(match.Place)
	if h.whole != nil {
		h.whole.user = *match.Users[0]
		r.settle(h.whole, match)
		return h, nil
	}
	e := r.roster.At(int(h.place))
	if e.Cells == nil && !match.Tolerated {
		return h, nil
	}
	p := personOf(&e)
	p.user = *match.Users[0]
	r.settle(p, match)
	e.Wishes, e.Problems, e.Cells = p.wishes, nil, nil
	for _, x := range p.problems {
		e.Problems = append(e.Problems, x.Problem)
	}
	place, err := r.roster.Keep(&e)
	if err != nil {
		return h, fmt.Errorf("reading %s: %w", r.file, err)
	}
	r.rowOf[int32(place)] = h.place
	if match.Tolerated {
		r.rowOf[int32(place)] = severalRows
	}
	h.place = int32(place)
	return h, nil
}

// settle reads what had to wait for the person, and says how they were found.
func (r *reading) settle(p *person, match survey.Match) {
	if p.cells != nil {
		e := r.mapping.At(mapping.Entry{Line: p.lines[0], Key: p.key, Cells: p.cells}, p.user.UsageLocation)
		p.take(&e)
	}
	if match.Tolerated {
		for kind := range p.wishes {
			p.wishes[kind].Remark = strings.TrimPrefix(p.wishes[kind].Remark+"; found by an employeeId that differs in leading zeros", "; ")
		}
	}
}

// merge makes one person of those who are the same one of the tenant, in the
// order of their first rows.
func (r *reading) merge(people []held) []held {
	times := make([]int32, r.users.Len())
	for _, h := range people {
		times[h.user]++
	}
	groups := map[int32][]*person{}
	for _, h := range people {
		if times[h.user] > 1 {
			p := new(person)
			r.open(h, p)
			p.place = severalRows
			groups[h.user] = append(groups[h.user], p)
		}
	}
	merged := people[:0]
	for _, h := range people {
		group := groups[h.user]
		switch {
		case times[h.user] == 1:
			merged = append(merged, h)
		case group != nil:
			delete(groups, h.user)
			if p := r.agreed(group); p != nil {
				merged = append(merged, held{user: h.user, whole: p})
			}
		}
	}
	return merged
}

// doubt says why a match is not one person, or nothing.
func doubt(m survey.Match, by authmethod.Attribute) (authmethod.Reason, string) {
	switch {
	case m.Contested:
		return authmethod.AmbiguousMatch, fmt.Sprintf("nobody in the tenant has exactly this %s, and the file has another that differs only in leading zeros", by)
	case len(m.Users) == 0:
		return authmethod.NoMatch, fmt.Sprintf("nobody in the tenant has this %s", by)
	case len(m.Users) > 1 && m.Tolerated:
		return authmethod.AmbiguousMatch, fmt.Sprintf("nobody in the tenant has exactly this %s, and %d people have it with other leading zeros", by, len(m.Users))
	case len(m.Users) > 1:
		return authmethod.AmbiguousMatch, fmt.Sprintf("%d people in the tenant have this %s", len(m.Users), by)
	}
	return "", ""
}

// inReach leaves out whom nobody asked for by name, and those for whom no value
// is left.
func (r *reading) inReach(people []held, facts plan.Facts, include []authmethod.Reason) []held {
	var p person
	return slices.DeleteFunc(people, func(h held) bool {
		r.open(h, &p)
		if reason, detail := plan.OutOfReach(p.user, facts, include); reason != "" {
			r.leaveOut(p.lines, known(&p), reason, func(int) string { return detail })
			return true
		}
		return r.empty(&p)
	})
}
