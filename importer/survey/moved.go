package survey

import (
	"context"
	"errors"
	"strings"

	"authseed/importer/dispatch"
	"authseed/importer/graph"
	"authseed/mapping/authmethod"
)

// Mover is the side of a tenant that tells who has moved since a link it gave.
type Mover interface {
	UsersMoved(ctx context.Context, link string, want graph.Wanted) (graph.Moves, error)
}

// Moves is who joined, left or changed since a moment. Only what was asked for
// counts as a change, and what people have registered never does.
type Moves struct {
	Since string // link to what happens from here on
	Count int    // of people

	ids        map[string]bool // in lower case
	keys       map[string]bool // folded
	attributes []authmethod.Attribute
	employees  map[string]bool // digits of employee ids behind their leading zeros
}

// ReadMoves reads who has moved since a link of an earlier answer, and nobody
// where there is none. by is what people are matched by. A link that the service
// does not know any more is a [*graph.ForgottenError].
func ReadMoves(ctx context.Context, r Mover, since string, by []authmethod.Attribute, location bool, o Options) (*Moves, error) {
	m := &Moves{ids: map[string]bool{}, keys: map[string]bool{}, employees: map[string]bool{}, attributes: by}
	want := graph.Wanted{By: by, Location: location}
	for link := since; ; {
		page, err := dispatch.Once(ctx, o.Pacer, o.MaxWait, func(ctx context.Context) (graph.Moves, dispatch.Verdict, error) {
			page, err := r.UsersMoved(ctx, link, want)
			return page, judgeMoves(err), err
		})
		if err != nil {
			return nil, err
		}
		for i := range page.People {
			m.take(&page.People[i])
		}
		o.tell(Progress{Stage: "what has changed in the directory", Done: m.Count})
		if page.Next == "" {
			m.Since = page.Since
			return m, nil
		}
		link = page.Next
	}
}

func judgeMoves(err error) dispatch.Verdict {
	var forgotten *graph.ForgottenError
	if errors.As(err, &forgotten) {
		return dispatch.Verdict{}
	}
	return judgeFailure(err)
}

func (m *Moves) take(p *graph.Moved) {
	m.Count++
	m.ids[strings.ToLower(p.User.ID)] = true
	if p.Left {
		return
	}
	for _, a := range m.attributes {
		for _, key := range authmethod.KeysOf(a, p.User) {
			m.keys[key.Folded()] = true
			if digits := significant(key.Text()); a == authmethod.EmployeeID && digits != "" {
				m.employees[digits] = true
			}
		}
	}
}

// Touches reports whether one who moved is the person, whose object id may be
// empty, or now goes by the key that names them, or nearly.
func (m *Moves) Touches(id string, key authmethod.Key) bool {
	return m.ids[strings.ToLower(id)] || m.keys[key.Folded()] ||
		key.Attribute == authmethod.EmployeeID && m.employees[significant(key.Text())]
}
