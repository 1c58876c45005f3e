package survey

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"authseed/importer/graph"
	"authseed/mapping/authmethod"
)

// ErrMasked is returned when the service shows masked values, as it does to a
// signed-in Authentication Administrator: nothing can be compared with those
// (learn.microsoft.com, authentication-list-phonemethods).
var ErrMasked = errors.New("the service shows this sign-in masked phone numbers, which cannot be compared")

// Methods is what people have registered.
type Methods struct {
	Of map[string]authmethod.Set // by object id
	// Refused holds the people whose methods the service does not show to this
	// sign-in, or who are gone: their registered methods are not known.
	Refused map[string]*graph.Error
}

// ReadMethods reads what the people with these object ids have registered of
// the kinds, one read a person where the sign-in may see all methods at once.
func ReadMethods(ctx context.Context, r Reader, users []string, kinds []authmethod.Kind, o Options) (*Methods, error) {
	m := &Methods{Of: make(map[string]authmethod.Set, len(users)), Refused: map[string]*graph.Error{}}
	if len(r.Reads(kinds)) == 0 {
		for _, id := range users {
			m.Of[id] = authmethod.Set{}
		}
		return m, nil
	}
	total := len(users)
	at := func() Progress { return Progress{Stage: "methods", Done: len(m.Of) + len(m.Refused), Total: total} }
	run := func(users []string) error {
		return read(ctx, r, o, at, func(fail context.CancelCauseFunc) iter.Seq[lane] {
			return func(yield func(lane) bool) {
				for _, id := range users {
					l := &methodsLane{reader: r, kinds: kinds, user: id, end: func(l *methodsLane, err *graph.Error) {
						m.take(l, err, fail)
						o.tell(at())
					}}
					if !yield(l) {
						return
					}
				}
			}
		})
	}
	// One person goes ahead: whether the sign-in may use the path that shows
	// all methods is learned from one refusal instead of a batch of them.
	first := min(1, len(users))
	for _, part := range [][]string{users[:first], users[first:]} {
		if len(part) == 0 {
			continue
		}
		if err := run(part); err != nil {
			return nil, fmt.Errorf("reading registered methods: %w", err)
		}
	}
	return m, m.allRefused()
}

func (m *Methods) take(l *methodsLane, err *graph.Error, fail context.CancelCauseFunc) {
	switch {
	case err != nil && (err.Status == 403 || err.Status == 404):
		m.Refused[l.user] = err
		return
	case err != nil:
		fail(err)
		return
	}
	for _, v := range l.have {
		if v.Masked() {
			fail(ErrMasked)
			return
		}
	}
	m.Of[l.user] = l.have
}

// allRefused tells a missing permission from people out of reach: when nobody
// can be read, it is the sign-in.
func (m *Methods) allRefused() error {
	if len(m.Of) > 0 {
		return nil
	}
	for _, err := range m.Refused {
		if err.Status == 403 {
			return fmt.Errorf("reading registered methods: %w", everybody(err))
		}
	}
	return nil
}

// methodsLane reads one person.
type methodsLane struct {
	reader Reader
	kinds  []authmethod.Kind
	user   string
	end    func(*methodsLane, *graph.Error)

	ops  []graph.Op // nil before the first request
	have authmethod.Set
	over bool
}

func (l *methodsLane) Next() (graph.Request, bool) {
	if l.over {
		return graph.Request{}, false
	}
	if l.ops == nil {
		l.ops = l.reader.Reads(l.kinds)
	}
	return graph.Request{Op: l.ops[0], User: l.user}, true
}

func (l *methodsLane) Take(a graph.Answer) {
	op := l.ops[0]
	if a.Err != nil {
		if narrow := l.reader.Reads(l.kinds); op == graph.ReadMethods && a.Status == 403 && narrow[0] != op {
			l.ops = narrow
			return
		}
		l.over = true
		l.end(l, a.Err)
		return
	}
	for kind, v := range a.Have {
		if !v.IsZero() {
			l.have[kind] = v
		}
	}
	l.ops = l.ops[1:]
	if len(l.ops) == 0 {
		l.over = true
		l.end(l, nil)
	}
}
