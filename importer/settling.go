package importer

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"authseed/importer/graph"
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/settled"
	"authseed/importer/survey"
	"authseed/mapping"
	"authseed/mapping/authmethod"
)

// Settling spares a plan the people for whom there was nothing to do when the
// last good run ended, and for whom nothing has changed since: neither row nor
// mapping nor policy, by the book, nor the person, by the directory's own word.
// They are in the plan, in its shares and among those who share a number, and
// nothing is read of them. What they have registered may have changed all the
// same; a plan without Settling finds it out.
type Settling struct {
	last  *settled.Book   // nil: everybody is asked about
	moves *survey.Moves   // who has moved since; of a last alone
	wrote map[string]bool // whom other runs wrote to since, by object id

	owed  bool          // the ledger has not been told all that runs wrote
	next  *settled.Book // what tonight's plan finds settled, but for its changes
	about settled.About
}

// standing is a row that is as it was, and what the book says of it.
type standing struct {
	place int32 // in the roster
	row   settled.Row
}

// settles reports whether the plan's people can be spared at all: a scope that is
// limited and an allowance need to know who each of them is.
func (s *Settling) settles(o *PlanOptions) bool {
	return s != nil && s.last != nil && len(o.Scope.Users) == 0 && o.Scope.Limit == 0 && len(o.AllowFor) == 0
}

// spares reports whether somebody may have been spared.
func (s *Settling) spares() bool { return s != nil && s.last != nil }

// still gives what the book says of a row, where it still holds.
func (s *Settling) still(e *mapping.Entry, scope *scoped) (settled.Row, bool) {
	row, found := s.last.Find(s.last.SumOf(e))
	if !found {
		return row, false
	}
	if row.Nobody() {
		return row, !s.moves.Touches("", e.Key)
	}
	id := row.Person.String()
	if scope.members != nil && !scope.members[id] || s.wrote[id] {
		return row, false
	}
	return row, !s.moves.Touches(id, e.Key)
}

// settled parts the people whom the rows name into those who are spared and those
// who are asked about. Whoever of the first is in awake is asked about as well.
func (r *reading) settled(s *Settling, scope *scoped, named []held, keys []authmethod.Key, awake map[uuid.UUID]bool) (ask []held, by []authmethod.Key, spared []standing) {
	for i, h := range named {
		if h.whole == nil {
			e := r.roster.At(int(h.place))
			if row, still := s.still(&e, scope); still && !awake[row.Person] {
				spared = append(spared, standing{h.place, row})
				continue
			}
		}
		ask, by = append(ask, h), append(by, keys[i])
	}
	return ask, by, spared
}

// wakes notes the people of spared rows whom another row names as well, and
// reports whether there are any who were not known.
func wakes(spared []standing, users *survey.Users, awake map[uuid.UUID]bool) bool {
	if len(spared) == 0 {
		return false
	}
	met := make(map[uuid.UUID]bool, users.Len())
	for i := range users.Len() {
		if id, err := uuid.Parse(users.At(i).ID); err == nil {
			met[id] = true
		}
	}
	before := len(awake)
	for i := range spared {
		if person := spared[i].row.Person; person != uuid.Nil && met[person] {
			awake[person] = true
		}
	}
	return len(awake) > before
}

// openStanding makes p the person of a row that was spared.
func (r *reading) openStanding(s *standing, p *person) {
	e := r.roster.At(int(s.place))
	p.become(&e)
	if p.cells != nil {
		again := r.mapping.At(e, s.row.UsageLocation())
		p.take(&again)
	}
	p.user = authmethod.User{ID: s.row.Person.String()}
}

// keep notes for the next night who of tonight's people has nothing to be done,
// but for the plan's changes, and who is spared tonight.
func (s *Settling) keep(m *meeting, in *plan.Input) {
	if s == nil {
		return
	}
	s.about.Tenant = in.Tenant.ID
	s.next = settled.New(s.about, s.last)
	for i := range m.spared {
		s.next.Add(m.spared[i].row)
	}
	for _, place := range m.nobody {
		e := m.roster.At(int(place))
		s.next.Add(settled.Row{Sum: s.next.SumOf(&e)})
	}
	var p person
	for _, h := range m.people {
		place := h.place
		if first, moved := m.rowOf[place]; moved {
			place = first
		}
		if h.whole != nil || place < 0 {
			continue
		}
		m.open(h, &p)
		id, err := uuid.Parse(p.user.ID)
		if err != nil {
			continue
		}
		e := m.roster.At(int(place))
		row := settled.Row{Sum: s.next.SumOf(&e), Person: id}
		if e.Cells != nil {
			row.Location = settled.Locate(p.user.UsageLocation)
		}
		have := in.Current[p.user.ID]
		row.Has = plan.PresenceOf(have)
		has, reported := m.reported(&p)
		if reported {
			row.Has = has
		}
		for kind := range p.wishes {
			w := &p.wishes[kind]
			row.Kept[kind] = !w.IsZero() && row.Has[kind] && (w.Clear || reported || !have[kind].Equal(w.Value))
		}
		if !s.mayBeOwn(&row, m, in) {
			s.next.Add(row)
		}
	}
}

// mayBeOwn reports whether a value was kept only because the ledger does not know
// yet, or cannot tell, that authseed wrote it.
func (s *Settling) mayBeOwn(row *settled.Row, m *meeting, in *plan.Input) bool {
	if !s.owed && !in.Unledgered {
		return false
	}
	for kind, kept := range row.Kept {
		if kept && m.rules[kind] == plan.Own {
			return true
		}
	}
	return false
}

// ended gives the book of a night of which the run made a plan true, nil where
// there was nothing to do. It may be one of an earlier night that says the same of
// some. The book is without whoever tonight's own plan has something to do for that
// was not done, and nil where nobody can tell who moves from here on.
func (s *Settling) ended(tonight, made *plan.Plan, run *journal.Run) *settled.Book {
	if s == nil || s.next == nil {
		return nil
	}
	open, done := map[uuid.UUID]bool{}, map[uuid.UUID][]plan.Change{}
	for _, c := range tonight.Changes {
		id, err := uuid.Parse(c.User.ID)
		if err != nil {
			continue
		}
		var outcome journal.Outcome
		if run != nil {
			outcome, _ = run.Outcome(c.ID)
		}
		if c.HeldBack || outcome.Result != journal.Done {
			open[id] = true
			continue
		}
		done[id] = append(done[id], c)
	}
	for _, skip := range tonight.Skipped {
		if skip.User == nil || skip.Method == nil || settled.Settles(skip.Reason) {
			continue
		}
		if id, err := uuid.Parse(skip.User.ID); err == nil {
			open[id] = true
		}
	}
	s.next.At, s.next.Since = made.CreatedAt, s.moves.Since
	if run != nil {
		s.next.RunID = run.RunID
	}
	return s.next.Ended(open, func(r *settled.Row) {
		for _, c := range done[r.Person] {
			r.Has[c.Method], r.Kept[c.Method] = c.Action != plan.Delete, false
		}
	})
}

// settle finds out whom tonight's plan is spared. Everybody is asked about from
// time to time, after a run that was cut off, and where nobody can tell who has
// moved.
func (s *syncing) settle(ctx context.Context) error {
	if s.Job.Source.Directory {
		return nil
	}
	s.Plan.Settling = nil
	settling := &Settling{about: settled.About{Tenant: s.memory.Tenant, Inputs: s.Inputs}, owed: len(s.memory.Unrecorded) > 0}
	last, err := s.lastSettled(settling.about)
	if err == nil && last != nil {
		if settling.moves, err = s.moved(ctx, last.Since); err == nil {
			settling.wrote, err = s.wroteSince(last)
		}
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case graph.IsSignIn(err):
		return err
	case err != nil:
		s.unspared(err)
	case last != nil:
		settling.last = last
		s.Plan.Settling = settling
		return nil
	}
	// What happens from here on is the next night's.
	var refused *graph.Error
	switch settling.moves, err = s.moved(ctx, ""); {
	case errors.As(err, &refused) && !graph.IsSignIn(err):
		s.unspared(err)
	case err != nil:
		return err
	default:
		s.Plan.Settling = settling
	}
	return nil
}

func (s *syncing) unspared(err error) {
	if s.Unspared != nil {
		s.Unspared(err)
	}
}

// lastSettled is the book of the last good run, nil where tonight is for asking
// about everybody.
func (s *syncing) lastSettled(about settled.About) (*settled.Book, error) {
	if s.Full || s.cut || s.memory.Good == nil || s.memory.Unchanged+1 >= s.Job.Full() {
		return nil, nil
	}
	book, err := settled.Recall(s.Folder, about)
	switch {
	case err != nil || book == nil:
		return nil, err
	case book.RunID != s.memory.Good.RunID || !book.At.Equal(s.memory.Good.At) || book.At.After(s.Plan.Now):
		return nil, &settled.UnusableError{What: "what was settled is not of the last good run"}
	}
	return book, nil
}

func (s *syncing) moved(ctx context.Context, since string) (*survey.Moves, error) {
	return survey.ReadMoves(ctx, s.tenant, since, authmethod.Attributes(), true, s.Plan.Survey)
}

// wroteSince finds whom somebody else's runs, or a rollback, may have written to
// since the book was made.
func (s *syncing) wroteSince(last *settled.Book) (map[string]bool, error) {
	w := writtenSince(s.Plan.Runs, last.Tenant, last.At, last.RunID, s.Plan.Identity)
	if w.hidden != nil {
		return nil, fmt.Errorf("a run since cannot be read: %w", w.hidden)
	}
	return w.people, nil
}
