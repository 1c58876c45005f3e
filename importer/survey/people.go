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
	"time"

	"authseed/importer/graph"
	"authseed/importer/pace"
	"authseed/mapping/authmethod"
)

// Reader is the side of a tenant that cannot change it.
type Reader interface {
	// Users gives one page of the directory, with what people are matched by,
	// and the link to the next.
	Users(ctx context.Context, next string, scope graph.Scope, want graph.Wanted) ([]authmethod.User, string, error)
	// Registrations gives one page of the tenant's registration report.
	Registrations(ctx context.Context, next string) ([]graph.Registration, string, error)
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
	Stage       string // "people", "people again", "the registration report" or "methods"
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

// lookUpTo is the number of keys up to which people are looked up by them: as
// many as one round trip asks for. Above, the directory is paged for as long as
// that takes fewer requests, which are what the service meters; how many people
// it has nobody knows before the end. Once as many pages are read as there would
// be lookups, the rest is looked up after all, so that a wrong guess costs twice
// what the right one had.
//
// TestCrossover has the numbers, at 50 ms a round trip and 200 ms more a page:
//
//	people    keys    looked up                paged                    taken
//	 5,000     300     20 requests,  1.0 s       6 requests,  1.6 s     looked up
//	 5,000   1,500    100 requests,  1.5 s       6 requests,  1.6 s     paged
//	20,000     600     40 requests,  1.2 s      21 requests,  5.4 s     paged
//	100,000    600     40 requests,  1.2 s     101 requests, 25.4 s     both, 80 requests, 11.1 s
//	100,000  3,000    200 requests,  1.8 s     101 requests, 25.4 s     paged
//	100,000 20,000  1,334 requests,  2.6 s     101 requests, 25.4 s     paged
const lookUpTo = graph.MaxBatch * graph.MaxFindKeys

// FindPeople looks the keys up. others are the keys that the file names as well,
// for people nobody asks about: an employee id is tolerated only where no other
// key differs from it in nothing but leading zeros. A key that is too long for
// the service to compare names nobody. want is what is read of people beside
// what the keys match them by.
func FindPeople(ctx context.Context, r Reader, keys, others []authmethod.Key, want graph.Wanted, o Options) (*People, error) {
	batches := graph.FindBatches(keys)
	s := newSearch(batches)
	s.contest(others)
	want.By = s.attributes
	q := query{r, want, s, o}
	if len(keys) > lookUpTo {
		whole, err := q.page(ctx, "", len(batches))
		if err != nil {
			return nil, err
		}
		if whole {
			p := s.people()
			p.Size = s.seen
			return p, nil
		}
		// What was paged so far does no harm: whoever is met twice counts once.
	}
	if err := q.lookUp(ctx, "people", batches); err != nil {
		return nil, err
	}
	if err := q.lookUp(ctx, "people again", graph.FindBatches(s.variants())); err != nil {
		return nil, err
	}
	return s.people(), nil
}

// query is one search and how it asks.
type query struct {
	reader Reader
	want   graph.Wanted
	search *search
	Options
}

// page reads on from a link, or everybody where there is none, at most so many
// pages unless that is 0. It tells whether it came to the end.
func (q *query) page(ctx context.Context, next string, most int) (bool, error) {
	read := 0
	whole, err := pages(ctx, q.Options, next,
		func(ctx context.Context, next string) ([]authmethod.User, string, error) {
			return q.reader.Users(ctx, next, graph.Scope{}, q.want)
		},
		func(users []authmethod.User) bool {
			for i := range users {
				q.search.collect(&users[i])
			}
			read++
			q.tell(Progress{Stage: "people", Done: q.search.seen})
			return read != most
		})
	if err != nil {
		return false, fmt.Errorf("reading the tenant's users: %w", err)
	}
	return whole, nil
}

// lookUp asks for whoever has one of the keys, a batch of them in one request.
func (q *query) lookUp(ctx context.Context, stage string, batches [][]authmethod.Key) error {
	done, total := 0, 0
	for _, batch := range batches {
		total += len(batch)
	}
	at := func() Progress { return Progress{Stage: stage, Done: done, Total: total} }
	var more []string
	err := read(ctx, q.reader, q.Options, at, func(fail context.CancelCauseFunc) iter.Seq[lane] {
		return func(yield func(lane) bool) {
			for _, batch := range batches {
				found := func(a graph.Answer) {
					if a.Err != nil {
						fail(fmt.Errorf("looking people up: %w", everybody(a.Err)))
						return
					}
					for i := range a.Users {
						q.search.collect(&a.Users[i])
					}
					if a.Next != "" {
						more = append(more, a.Next)
					}
					done += len(batch)
					q.tell(at())
				}
				if !yield(&lookup{request: graph.Request{Op: graph.Find, Keys: batch, Want: q.want}, found: found}) {
					return
				}
			}
		}
	})
	for _, next := range more {
		if err == nil {
			_, err = q.page(ctx, next, 0)
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
