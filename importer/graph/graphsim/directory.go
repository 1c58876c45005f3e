package graphsim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// directory is the people of the tenant and the ways to find them. Who joins is
// put at the end and who leaves keeps their place, so that positions never
// change their meaning. What a person has registered changes under that
// person's own lock.
type directory struct {
	people  atomic.Pointer[[]*person]
	left    atomic.Int64
	indexes [len(filterable)]index

	mu     sync.RWMutex // of byName and moves, and for who joins or leaves
	byName names
	moves  []int32 // positions of those who joined or left, in the order they did
}

// index finds people by one attribute. It is made when first needed: most
// servers are never filtered.
type index struct {
	once   sync.Once
	people map[string][]int // folded value to positions, ascending
	upTo   int              // who came later is not in it
}

// person is one user and their methods.
type person struct {
	user     packedUser // without phones and e-mail methods; never changes
	position int        // in the directory
	marks    marks
	underWay atomic.Int32

	wasRead atomic.Bool // their methods were
	gone    atomic.Bool // they left

	mu     sync.Mutex
	*state           // what is true; replaced, never written to, see changing
	before []version // what reads still show, oldest first
}

// nothing is the state of everybody who has registered nothing.
var nothing = &state{}

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
	all, block := make([]*person, len(users)), make([]person, len(users))
	d := &directory{}
	var spare []byte
	for i := range users {
		all[i] = &block[i]
		spare = all[i].become(spare, &users[i], i)
	}
	d.people.Store(&all)
	for _, p := range all {
		d.name(p)
	}
	return d
}

// become makes the person of a copy of the user. spare is to pack in.
func (p *person) become(spare []byte, u *User, position int) []byte {
	p.user, spare = packUser(spare, u)
	p.position, p.state = position, nothing
	if !u.IsEnabled() {
		p.marks |= isDisabled
	}
	p.state = p.registered(u)
	return spare
}

// all gives everybody there ever was, by position.
func (d *directory) all() []*person { return *d.people.Load() }

// number is how many there are.
func (d *directory) number() int { return len(d.all()) - int(d.left.Load()) }

// find gives the person with that object id or userPrincipalName, or nil.
func (d *directory) find(name string) *person {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.named(name)
}

// matching gives the positions of everybody one of the clauses is true of, in
// the directory's order, those who have left too.
func (d *directory) matching(clauses []clause) []int {
	var found []int
	for _, c := range clauses {
		attribute := &filterable[c.attribute]
		idx := &d.indexes[c.attribute]
		idx.once.Do(func() {
			all := d.all()
			idx.people, idx.upTo = make(map[string][]int, len(all)), len(all)
			for i, p := range all {
				for _, value := range attribute.values(p.user.open()) {
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
		for _, p := range d.all()[idx.upTo:] {
			if slices.ContainsFunc(attribute.values(p.user.open()), func(have string) bool { return hasOne(attribute, have, c.values) }) {
				found = append(found, p.position)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// Join adds a person as another administrator would. It fails, and adds nobody,
// when there cannot be such a person, in the words of [Load].
func (s *Server) Join(u User) error {
	if err := u.check(); err != nil {
		return fmt.Errorf("joining: %w", err)
	}
	d := s.people
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.named(u.ID) != nil || d.named(u.UserPrincipalName) != nil || s.groups[fold(u.ID)] != nil {
		return errors.New("joining: there is somebody of that id or userPrincipalName")
	}
	s.enter(&u)
	return nil
}

// enter puts a person at the end of the directory, whose mu is held.
func (s *Server) enter(u *User) *person {
	d := s.people
	all := d.all()
	p := &person{}
	p.become(nil, u, len(all))
	s.markNewcomer(p)
	all = append(all, p)
	d.people.Store(&all)
	d.name(p)
	d.moves = append(d.moves, int32(p.position))
	return p
}

// Leave deletes a person, named by object id or userPrincipalName, as another
// administrator would. Roles and memberships go with them; a number they sign in
// with stays taken.
func (s *Server) Leave(user string) error {
	d := s.people
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.named(user)
	if p == nil {
		return errors.New("leaving: there is no such person")
	}
	p.gone.Store(true)
	d.left.Add(1)
	d.moves = append(d.moves, int32(p.position))
	return nil
}

// registered is the state with the methods of the user; what has not changed
// keeps its date.
func (p *person) registered(u *User) *state {
	var next state
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
	if next == *nothing {
		return nothing
	}
	return &next
}

// snapshot is the user with what is registered at this moment.
func (p *person) snapshot() User {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shot()
}

// shot is snapshot with p.mu held.
func (p *person) shot() User {
	u := *p.user.open()
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
