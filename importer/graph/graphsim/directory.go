package graphsim

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// directory is the people of the tenant and the ways to find them. Who is in
// it never changes after it was made; what a person has registered does, under
// that person's own lock.
type directory struct {
	all     []*person
	byName  map[string]*person // folded id and folded userPrincipalName
	indexes [len(filterable)]index
}

// index finds people by one attribute. It is made when first needed: most
// servers are never filtered.
type index struct {
	once   sync.Once
	people map[string][]int // folded value to positions, ascending
}

// person is one user and their methods.
type person struct {
	user     User // without methods; never changes
	underWay atomic.Int32

	wasRead atomic.Bool // their methods were

	mu     sync.Mutex
	state            // what is true
	before []version // what reads still show, oldest first
}

// state is what a person has registered.
type state struct {
	phones [phoneTypes]method
	email  method
}

// method is a registered value, absent when the value is empty.
type method struct {
	value   string
	created string // empty for what the tenant came with
}

func newDirectory(users []User) *directory {
	d := &directory{all: make([]*person, len(users)), byName: make(map[string]*person, 2*len(users))}
	for i := range users {
		p := &person{user: users[i].clone()}
		p.state = p.registered(&p.user)
		p.user.PhoneMethods, p.user.EmailMethods = nil, nil
		d.all[i] = p
		d.byName[fold(p.user.ID)] = p
		d.byName[fold(p.user.UserPrincipalName)] = p
	}
	return d
}

// find gives the person with that object id or userPrincipalName, or nil.
func (d *directory) find(name string) *person {
	if p := d.byName[name]; p != nil {
		return p
	}
	return d.byName[fold(name)]
}

// matching gives the positions of everybody one of the clauses is true of, in
// the directory's order.
func (d *directory) matching(clauses []clause) []int {
	var found []int
	for _, c := range clauses {
		attribute := &filterable[c.attribute]
		idx := &d.indexes[c.attribute]
		idx.once.Do(func() {
			idx.people = make(map[string][]int, len(d.all))
			for i, p := range d.all {
				for _, value := range attribute.values(&p.user) {
					if value != "" {
						key := attribute.key(value)
						idx.people[key] = append(idx.people[key], i)
					}
				}
			}
		})
		for _, value := range c.values {
			found = append(found, idx.people[attribute.key(value)]...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// registered is the state with the methods of the user; what has not changed
// keeps its date.
func (p *person) registered(u *User) (next state) {
	renew := func(old method, value string) method {
		if old.value == value {
			return old
		}
		return method{value: value}
	}
	for _, m := range u.PhoneMethods {
		kind, _ := parsePhoneType(m.PhoneType)
		next.phones[kind] = renew(p.phones[kind], m.PhoneNumber)
	}
	for _, m := range u.EmailMethods {
		next.email = renew(p.email, m.EmailAddress)
	}
	return next
}

// snapshot is the user with what is registered at this moment.
func (p *person) snapshot() User {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shot()
}

// shot is snapshot with p.mu held.
func (p *person) shot() User {
	u := p.user.clone()
	for kind, m := range p.phones {
		if m.value != "" {
			u.PhoneMethods = append(u.PhoneMethods, PhoneMethod{PhoneType: phoneType(kind).String(), PhoneNumber: m.value})
		}
	}
	if p.email.value != "" {
		u.EmailMethods = []EmailMethod{{EmailAddress: p.email.value}}
	}
	return u
}

// fold is the text two equal names share: the directory compares without
// letter case.
func fold(text string) string { return strings.ToLower(text) }
