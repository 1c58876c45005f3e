// Package survey reads a tenant with few requests: who the people are that a
// file names, and what they have registered.
//
// It promises to hold a reader: the interface it asks for cannot write. People
// are looked up by their keys, many a round trip, or, when a file names many,
// by paging the directory once and joining here. A service that throttles is
// waited for; one that is busy or fails is asked again a few times, and then the
// reading fails. A person that cannot be read is told apart from a tenant that
// cannot.
package survey

import (
	"context"
	"fmt"
	"iter"

	"authseed/importer/dispatch"
	"authseed/importer/graph"
	"authseed/importer/pace"
	"authseed/mapping/authmethod"
)

// Reader is the side of a tenant that cannot change it.
type Reader interface {
	// Users gives one page of the directory and the link to the next.
	Users(ctx context.Context, next string) ([]authmethod.User, string, error)
	// Reads gives the operations that tell what is registered of the kinds.
	Reads(kinds []authmethod.Kind) []graph.Op
	// Read makes one round trip of reads and answers them in order.
	Read(ctx context.Context, requests []graph.Request) ([]graph.Answer, error)
}

// Options are how fast to go and whom to tell.
type Options struct {
	Pacer       *pace.Pacer
	Concurrency int
	Progress    func(stage string, done, total int) // may be nil; total 0 = not known
}

func (o Options) tell(stage string, done, total int) {
	if o.Progress != nil {
		o.Progress(stage, done, total)
	}
}

// tries is how often a read is repeated that the service failed to answer.
const tries = 4

// pageAbove is the number of keys up to which people are looked up one by one:
// as many as one round trip can ask for. Above, paging 999 people a request
// soon costs less and matches on everything at once.
const pageAbove = graph.MaxBatch * graph.MaxFindKeys

// People is what the directory says about the keys that were asked for.
type People struct{ byKey map[string][]authmethod.User }

// Find gives everybody who has the key: one person, nobody, or several.
func (p *People) Find(k authmethod.Key) []authmethod.User { return p.byKey[k.Folded()] }

// FindPeople looks the keys up.
func FindPeople(ctx context.Context, r Reader, keys []authmethod.Key, o Options) (*People, error) {
	people := &People{byKey: make(map[string][]authmethod.User, len(keys))}
	attributes := map[authmethod.Attribute]bool{}
	for _, k := range keys {
		people.byKey[k.Folded()] = nil
		attributes[k.Attribute] = true
	}
	collect := func(u authmethod.User) {
		for a := range attributes {
			key := authmethod.KeyOf(a, u)
			if key.Value == "" {
				continue
			}
			folded := key.Folded()
			if _, asked := people.byKey[folded]; asked {
				people.byKey[folded] = append(people.byKey[folded], u)
			}
		}
	}
	var err error
	if len(keys) <= pageAbove {
		err = lookUp(ctx, r, keys, collect, o)
	} else {
		err = page(ctx, r, "", collect, o)
	}
	if err != nil {
		return nil, err
	}
	for key, users := range people.byKey {
		people.byKey[key] = distinct(users)
	}
	return people, nil
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
func page(ctx context.Context, r Reader, next string, collect func(authmethod.User), o Options) error {
	type pageOf struct {
		users []authmethod.User
		next  string
	}
	read := 0
	for first := true; first || next != ""; first = false {
		p, err := dispatch.Once(ctx, o.Pacer, func(ctx context.Context) (pageOf, dispatch.Verdict, error) {
			users, following, err := r.Users(ctx, next)
			return pageOf{users, following}, judgeFailure(err), err
		})
		if err != nil {
			return fmt.Errorf("reading the tenant's users: %w", err)
		}
		for _, u := range p.users {
			collect(u)
		}
		read += len(p.users)
		o.tell("people", read, 0)
		next = p.next
	}
	return nil
}

func lookUp(ctx context.Context, r Reader, keys []authmethod.Key, collect func(authmethod.User), o Options) error {
	done := 0
	var more []string
	err := read(ctx, r, o, func(fail context.CancelCauseFunc) iter.Seq[lane] {
		return func(yield func(lane) bool) {
			for _, batch := range graph.FindBatches(keys) {
				found := func(a graph.Answer) {
					if a.Err != nil {
						fail(fmt.Errorf("looking people up: %w", everybody(a.Err)))
						return
					}
					for _, u := range a.Users {
						collect(u)
					}
					if a.Next != "" {
						more = append(more, a.Next)
					}
					done += len(batch)
					o.tell("people", done, len(keys))
				}
				if !yield(&lookup{request: graph.Request{Op: graph.Find, Keys: batch}, found: found}) {
					return
				}
			}
		}
	})
	for _, next := range more {
		if err == nil {
			err = page(ctx, r, next, collect, o)
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
