// Package survey reads a tenant with few requests: who the people are that a
// file names, and what they have registered.
//
// It promises to hold a reader: the interface it asks for cannot write. People
// are looked up by their keys, many a round trip, or, when a file names many,
// by paging the directory once and joining here; the answer is the same. An
// employee id that lost its leading zeros on the way still finds its person, if
// it can mean one only. A service that throttles is
// waited for; one that is busy or fails is asked again a few times, and then the
// reading fails. A person that cannot be read is told apart from a tenant that
// cannot.
package survey

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"authseed/importer/dispatch"
	"authseed/importer/graph"
	"authseed/importer/pace"
	"authseed/mapping/authmethod"
)

// Reader is the side of a tenant that cannot change it.
type Reader interface {
	// Users gives one page of the directory, with what people are matched by,
	// and the link to the next.
	Users(ctx context.Context, next string, by ...authmethod.Attribute) ([]authmethod.User, string, error)
	// Reads gives the operations that tell what is registered of the kinds.
	Reads(kinds []authmethod.Kind) []graph.Op
	// Read makes one round trip of reads and answers them in order.
	Read(ctx context.Context, requests []graph.Request) ([]graph.Answer, error)
}

// Options are how fast to go and whom to tell.
type Options struct {
	Pacer       *pace.Pacer
	Concurrency int
	MaxWait     time.Duration  // a longer wait told ends the reading with a [*dispatch.WaitError]; 0: every wait is kept
	Progress    func(Progress) // may be nil; called often, and while it waits
}

// Progress is how far a stage of reading is.
type Progress struct {
	Stage       string // "people", "people again" or "methods"
	Done, Total int    // keys or people; Total 0 = not known
	Pace        pace.Report
}

func (o Options) tell(p Progress) {
	if o.Progress != nil {
		p.Pace = o.Pacer.Report()
		o.Progress(p)
	}
}

// tries is how often a read is repeated that the service failed to answer.
const tries = 4

// pageAbove is the number of keys up to which people are looked up one by one:
// as many as one round trip can ask for. Above, paging 999 people a request
// soon costs less and matches on everything at once.
const pageAbove = graph.MaxBatch * graph.MaxFindKeys

// Match is what the directory says about one key.
type Match struct {
	// Users is everybody who has the key: one person, nobody, or several.
	Users []authmethod.User

	// Tolerated says that nobody has the key, which is an employee id of
	// digits, and Users have it with more or fewer leading zeros.
	Tolerated bool

	// Contested says that somebody has the key with more or fewer leading
	// zeros, but another key that was asked for as well: whom it means nobody
	// knows, so that Users is empty.
	Contested bool
}

// People is what the directory says about the keys that were asked for.
type People struct{ byKey map[string]Match }

// Find gives whoever has the key. An exact match decides; only without one,
// leading zeros of an employee id do not count.
func (p *People) Find(k authmethod.Key) Match { return p.byKey[k.Folded()] }

// FindPeople looks the keys up. others are the keys that the file names as well,
// for people nobody asks about: an employee id is tolerated only where no other
// key differs from it in nothing but leading zeros. A key that is too long for
// the service to compare names nobody.
func FindPeople(ctx context.Context, r Reader, keys, others []authmethod.Key, o Options) (*People, error) {
	batches := graph.FindBatches(keys)
	s := newSearch(batches)
	s.contest(others)
	if len(keys) > pageAbove {
		if err := page(ctx, r, "", s, o); err != nil {
			return nil, err
		}
		return s.people(), nil
	}
	if err := lookUp(ctx, r, "people", batches, s, o); err != nil {
		return nil, err
	}
	if err := lookUp(ctx, r, "people again", graph.FindBatches(s.variants()), s, o); err != nil {
		return nil, err
	}
	return s.people(), nil
}

// search collects who has the keys that were asked for.
type search struct {
	attributes []authmethod.Attribute
	exact      map[string][]authmethod.User // by folded key
	alike      map[string]*alike            // by the digits of an employee id behind its leading zeros
	padded     []string                     // the keys of alike, in the order they were asked for
}

func newSearch(batches [][]authmethod.Key) *search {
	s := &search{exact: map[string][]authmethod.User{}, alike: map[string]*alike{}}
	for _, k := range slices.Concat(batches...) {
		s.exact[k.Folded()] = nil
		if !slices.Contains(s.attributes, k.Attribute) {
			s.attributes = append(s.attributes, k.Attribute)
		}
		if k.Attribute != authmethod.EmployeeID || significant(k.Text()) == "" {
			continue
		}
		digits := significant(k.Text())
		if s.alike[digits] == nil {
			s.alike[digits] = &alike{}
			s.padded = append(s.padded, digits)
		}
		s.alike[digits].keys = append(s.alike[digits].keys, k.Folded())
	}
	return s
}

// contest notes the keys that differ in leading zeros from one that is asked
// for.
func (s *search) contest(others []authmethod.Key) {
	for _, k := range others {
		if k.Attribute != authmethod.EmployeeID {
			continue
		}
		if group := s.alike[significant(k.Text())]; group != nil && !slices.Contains(group.keys, k.Folded()) {
			group.contested = true
		}
	}
}

// collect takes in a person the directory told about.
func (s *search) collect(u authmethod.User) {
	for _, a := range s.attributes {
		for _, key := range authmethod.KeysOf(a, u) {
			folded := key.Folded()
			if users, asked := s.exact[folded]; asked {
				s.exact[folded] = append(users, u)
			}
			if a != authmethod.EmployeeID {
				continue
			}
			if group := s.alike[significant(key.Text())]; group != nil {
				group.users = append(group.users, u)
			}
		}
	}
}

// people is the result, once everybody is collected.
func (s *search) people() *People {
	p := &People{byKey: make(map[string]Match, len(s.exact))}
	for key, users := range s.exact {
		p.byKey[key] = Match{Users: distinct(users)}
	}
	for _, group := range s.alike {
		users := distinct(group.users)
		for _, key := range group.keys {
			if len(p.byKey[key].Users) > 0 || len(users) == 0 {
				continue
			}
			if len(group.keys) > 1 || group.contested {
				p.byKey[key] = Match{Contested: true}
			} else {
				p.byKey[key] = Match{Users: users, Tolerated: true}
			}
		}
	}
	return p
}

// distinct drops repetitions: a person may be found by two keys of one file, or
// be on two pages while the directory changes.
func distinct(users []authmethod.User) []authmethod.User {
	seen := map[string]bool{}
	out := users[:0]
	for _, u := range users {
		if !seen[u.ID] {
			seen[u.ID] = true
			out = append(out, u)
		}
	}
	return out
}

// page reads on from a link, or everybody where there is none.
func page(ctx context.Context, r Reader, next string, s *search, o Options) error {
	type pageOf struct {
		users []authmethod.User
		next  string
	}
	read := 0
	for first := true; first || next != ""; first = false {
		p, err := dispatch.Once(ctx, o.Pacer, o.MaxWait, func(ctx context.Context) (pageOf, dispatch.Verdict, error) {
			users, following, err := r.Users(ctx, next, s.attributes...)
			return pageOf{users, following}, judgeFailure(err), err
		})
		if err != nil {
			return fmt.Errorf("reading the tenant's users: %w", err)
		}
		for _, u := range p.users {
			s.collect(u)
		}
		read += len(p.users)
		o.tell(Progress{Stage: "people", Done: read})
		next = p.next
	}
	return nil
}

// lookUp asks for whoever has one of the keys, a batch of them in one request.
func lookUp(ctx context.Context, r Reader, stage string, batches [][]authmethod.Key, s *search, o Options) error {
	done, total := 0, 0
	for _, batch := range batches {
		total += len(batch)
	}
	at := func() Progress { return Progress{Stage: stage, Done: done, Total: total} }
	var more []string
	err := read(ctx, r, o, at, func(fail context.CancelCauseFunc) iter.Seq[lane] {
		return func(yield func(lane) bool) {
			for _, batch := range batches {
				found := func(a graph.Answer) {
					if a.Err != nil {
						fail(fmt.Errorf("looking people up: %w", everybody(a.Err)))
						return
					}
					for _, u := range a.Users {
						s.collect(u)
					}
					if a.Next != "" {
						more = append(more, a.Next)
					}
					done += len(batch)
					o.tell(at())
				}
				if !yield(&lookup{request: graph.Request{Op: graph.Find, Keys: batch}, found: found}) {
					return
				}
			}
		}
	})
	for _, next := range more {
		if err == nil {
			err = page(ctx, r, next, s, o)
		}
	}
	return err
}

// lookup is a lane of one request.
type lookup struct {
	request  graph.Request
	found    func(graph.Answer)
	finished bool
}

func (l *lookup) Next() (graph.Request, bool) { return l.request, !l.finished }

func (l *lookup) Take(a graph.Answer) {
	l.finished = true
	l.found(a)
}
