package graphsim

import (
	"hash/maphash"
	"strings"
)

// names finds people by object id and userPrincipalName. A map of a million
// people's names would be 100 MB; this keeps positions alone, plus one, in a
// table with open addressing, and asks the people. Who has left stays in it.
type names struct {
	seed  maphash.Seed
	table []int32 // a power of two; 0 is a free place
	used  int
}

// name adds a person who is in all already. d.mu is held, or nobody else knows
// the directory yet.
func (d *directory) name(p *person) {
	n := &d.byName
	if 2*(n.used+2) > len(n.table) {
		// Room for everybody at once: a directory is mostly made whole.
		n.grow(max(n.used, 2*len(d.all())), d.all())
	}
	id, name := p.user.names()
	n.add(id, p.position)
	n.add(name, p.position)
}

func (n *names) grow(most int, all []*person) {
	size := 64
	for size < 2*most+4 {
		size *= 2
	}
	if len(n.table) == 0 {
		n.seed = maphash.MakeSeed()
	}
	old := n.table
	n.table, n.used = make([]int32, size), 0
	seen := make(map[int32]bool)
	for _, entry := range old {
		if entry == 0 || seen[entry] {
			continue
		}
		seen[entry] = true
		id, name := all[entry-1].user.names()
		n.add(id, int(entry-1))
		n.add(name, int(entry-1))
	}
}

func (n *names) add(name string, position int) {
	place := n.start(name)
	for n.table[place] != 0 {
		place = (place + 1) & (len(n.table) - 1)
	}
	n.table[place] = int32(position) + 1
	n.used++
}

func (n *names) start(name string) int {
	return int(maphash.String(n.seed, fold(name))) & (len(n.table) - 1)
}

// named gives the person who has the id or userPrincipalName and has not left,
// or nil. d.mu is held.
func (d *directory) named(name string) *person {
	n := &d.byName
	if len(n.table) == 0 {
		return nil
	}
	all := d.all()
	for place := n.start(name); n.table[place] != 0; place = (place + 1) & (len(n.table) - 1) {
		p := all[n.table[place]-1]
		if id, upn := p.user.names(); (same(id, name) || same(upn, name)) && !p.gone.Load() {
			return p
		}
	}
	return nil
}

// same is whether two names are one: the directory compares without letter case.
func same(a, b string) bool { return a == b || strings.EqualFold(a, b) }

// opened is one user at a time, for lists that look at many.
type opened struct{ user User }

func (o *opened) of(p *person) *User {
	p.user.into(&o.user)
	return &o.user
}
