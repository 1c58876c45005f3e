package graphsim

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// version is what a person had registered until a write.
type version struct {
	*state
	until time.Time
}

// changing makes the state one that may be written to, and keeps what it was for
// the reads that lag behind. p.mu is held.
func (s *Server) changing(p *person) {
	was, next := p.state, *p.state
	p.state = &next
	lag := s.options.Levers.Stale
	if lag <= 0 {
		return
	}
	now := s.options.Now()
	p.before = slices.DeleteFunc(p.before, func(v version) bool { return now.Sub(v.until) >= lag })
	p.before = append(p.before, version{was, now})
}

// shown is what a read sees: the state before the oldest write that has not
// been replicated. p.mu is held.
func (s *Server) shown(p *person) *state {
	lag := s.options.Levers.Stale
	if lag <= 0 || len(p.before) == 0 {
		return p.state
	}
	now := s.options.Now()
	for i := range p.before {
		if now.Sub(p.before[i].until) < lag {
			return p.before[i].state
		}
	}
	return p.state
}

// Drift changes what a person, named by object id or userPrincipalName, has
// registered, as the person or another program would: it needs no permission,
// is not throttled and counts as no write of the caller's. edit is given the
// person with the methods as they are, and what it makes of PhoneMethods and
// EmailMethods is stored; what else it changes is not. It must not call the
// server. Drift fails, and stores nothing, when there is nobody of that name or
// when what edit made could not exist, in the words of [Load].
func (s *Server) Drift(user string, edit func(*User)) error {
	p := s.people.find(user)
	if p == nil {
		return errors.New("drifting: there is no such person")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.shot()
	edit(&u)
	if err := u.check(); err != nil {
		return fmt.Errorf("drifting: %w", err)
	}
	s.changing(p)
	before := p.phones[mobile].value
	p.state = p.registered(&u)
	if after := p.phones[mobile].value; after != before {
		s.signIn(p, before, after)
	}
	s.stats.drifted.Add(1)
	return nil
}

// driftAfter lets a share of people change their number after their methods were
// read for the first time. Who drifts, and to which number, is the seed's.
func (s *Server) driftAfter(rq *request) {
	of := s.options.Levers.Drift
	if of == 0 || rq.method != http.MethodGet || rq.resource.service != methods || rq.person.wasRead.Swap(true) {
		return
	}
	fate := draw(scatter(s.options.Levers.Seed) ^ hash(rq.person.user.id()))
	if !fate.falls("drift", of) {
		return
	}
	p := rq.person
	p.mu.Lock()
	defer p.mu.Unlock()
	s.changing(p)
	n := int(fate.value("number") % 2000)
	number := mobileNumber(n)
	if number == p.phones[mobile].value {
		number = mobileNumber(n + 1)
	}
	if p.phones[mobile].value == "" {
		p.phones[mobile].created = s.created()
	}
	s.signIn(p, p.phones[mobile].value, number)
	p.phones[mobile].value = number
	s.stats.drifted.Add(1)
}
