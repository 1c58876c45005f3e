package survey

import (
	"slices"

	"authseed/mapping/authmethod"
)

// Match is what the directory says about one key.
type Match struct {
	// Users is everybody who has the key: one person, nobody, or several.
	Users []*authmethod.User

	// Place is where the one of Users is in [People.Users], where it is one.
	Place int

	// Tolerated says that nobody has the key, which is an employee id of
	// digits, and Users have it with more or fewer leading zeros.
	Tolerated bool

	// Contested says that somebody has the key with more or fewer leading
	// zeros, but another key that was asked for as well: whom it means nobody
	// knows, so that Users is empty.
	Contested bool
}

// People is what the directory says about the keys that were asked for.
type People struct {
	// Size is how many people the directory has, 0 where it was not paged to its
	// end.
	Size int

	// Users are those who have one of the keys, or nearly: what of the search is
	// worth keeping once every key has been found.
	Users *Users

	search *search
}

// Find gives whoever has the key. An exact match decides; only without one,
// leading zeros of an employee id do not count.
func (p *People) Find(k authmethod.Key) Match { return p.search.find(k) }

// search collects who has the keys that were asked for. A million keys and as
// many people have to fit: a person is kept once, and what belongs to a key is
// in lists of numbers.
type search struct {
	attributes []authmethod.Attribute
	users      *Users           // who has one of the keys, or nearly; each once
	known      map[string]int32 // of them, the place in users by object id
	seen       int              // people the directory told about, as often as it did

	exact map[string]crowd // by folded key; who has it

	alike  map[string]int32 // by the digits of an employee id behind its leading zeros: the place in groups
	groups []alike
}

// crowd is a few of users by their places: mostly one. The zero value is nobody.
type crowd struct {
	first int32 // its place plus one
	more  *[]int32
}

func (c *crowd) add(place int32) {
	switch {
	case c.first == 0:
		c.first = place + 1
	case c.has(place):
	case c.more == nil:
		c.more = &[]int32{place}
	default:
		*c.more = append(*c.more, place)
	}
}

func (c crowd) has(place int32) bool {
	return c.first == place+1 || c.more != nil && slices.Contains(*c.more, place)
}

// match is a crowd as its reader sees it.
func (s *search) match(c crowd) (m Match) {
	if c.first == 0 {
		return m
	}
	m.Place = int(c.first - 1)
	m.Users = append(m.Users, s.user(c.first-1))
	if c.more != nil {
		for _, place := range *c.more {
			m.Users = append(m.Users, s.user(place))
		}
	}
	return m
}

func (s *search) user(place int32) *authmethod.User {
	u := s.users.At(int(place))
	return &u
}

func newSearch(batches [][]authmethod.Key) *search {
	n := 0
	for _, batch := range batches {
		n += len(batch)
	}
	s := &search{users: new(Users), exact: make(map[string]crowd, n), alike: map[string]int32{}, known: map[string]int32{}}
	for _, batch := range batches {
		for _, k := range batch {
			s.exact[k.Folded()] = crowd{}
			if !slices.Contains(s.attributes, k.Attribute) {
				s.attributes = append(s.attributes, k.Attribute)
			}
			if k.Attribute == authmethod.EmployeeID {
				s.ask(significant(k.Text()))
			}
		}
	}
	return s
}

// ask notes that an employee id with these significant digits was asked for.
func (s *search) ask(digits string) {
	if digits == "" {
		return
	}
	group, known := s.alike[digits]
	if !known {
		group = int32(len(s.groups))
		s.alike[digits] = group
		s.groups = append(s.groups, alike{digits: digits})
	}
	s.groups[group].asked++
}

// contest notes the keys that differ in leading zeros from one that is asked
// for.
func (s *search) contest(others []authmethod.Key) {
	for _, k := range others {
		if k.Attribute != authmethod.EmployeeID {
			continue
		}
		if _, asked := s.exact[k.Folded()]; asked {
			continue
		}
		if group, known := s.alike[significant(k.Text())]; known {
			s.groups[group].contested = true
		}
	}
}

// collect takes in a person the directory told about, who is kept by whoever
// asked for them.
func (s *search) collect(u *authmethod.User) {
	s.seen++
	place := int32(-1)
	keep := func() int32 {
		if place < 0 {
			place = s.keep(u)
		}
		return place
	}
	for _, a := range s.attributes {
		for _, key := range authmethod.KeysOf(a, *u) {
			folded := key.Folded()
			if c, asked := s.exact[folded]; asked {
				c.add(keep())
				s.exact[folded] = c
			}
			if a != authmethod.EmployeeID {
				continue
			}
			if group, known := s.alike[significant(key.Text())]; known {
				s.groups[group].users.add(keep())
			}
		}
	}
}

// keep gives the person's place among the users. Somebody may come twice: by two
// keys of one file, or on two pages while the directory changes.
func (s *search) keep(u *authmethod.User) int32 {
	if place, known := s.known[u.ID]; known {
		return place
	}
	place := int32(s.users.add(u))
	s.known[s.users.packed[place].id()] = place // a part of what is kept anyway
	return place
}

func (s *search) find(k authmethod.Key) Match {
	folded := k.Folded()
	c, asked := s.exact[folded]
	if !asked || c.first != 0 || k.Attribute != authmethod.EmployeeID {
		return s.match(c)
	}
	place, known := s.alike[significant(k.Text())]
	if !known {
		return Match{}
	}
	switch group := s.groups[place]; {
	case group.users.first == 0:
		return Match{}
	case group.asked > 1 || group.contested:
		return Match{Contested: true}
	default:
		m := s.match(group.users)
		m.Tolerated = true
		return m
	}
}

// people is the result, once everybody is collected.
func (s *search) people() *People {
	s.known = nil
	return &People{Users: s.users, search: s}
}
