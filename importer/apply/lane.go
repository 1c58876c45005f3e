package apply

import (
	"fmt"

	"authseed/importer/graph"
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// step is one request of a lane, with what the run has to know about it.
type step struct {
	graph.Request
	change  string           // the change it belongs to
	patient bool             // a read that settles a write: expect may take a while to show
	expect  authmethod.Value // what the read shows once the write is done
}

// phase is where a lane stands with its current change.
type phase uint8

const (
	checking phase = iota // reading whether the person is still as planned
	writing
	settling // reading what a write did
)

// lane is one person's changes, as a state machine without I/O: Next gives the
// request to make, Take its answer. The live run and a later one that finds an
// intent without an outcome go through the same settling.
type lane struct {
	changes []plan.Change
	record  func(journal.Outcome)

	phase        phase
	reads        int          // of the present look at the person that got no answer
	writes       int          // of the current change
	cause        *graph.Error // why its write has to be settled
	refused      bool         // the cause was an answer that says no, not a missing one
	mobileFailed bool
}

func newLane(changes []plan.Change, record func(journal.Outcome)) *lane {
	l := &lane{changes: changes, record: record}
	l.begin()
	return l
}

// begin sets the current change up. What replaces or removes has to see first
// that the person has not moved; a create needs no look, because the service
// refuses one where there is something.
func (l *lane) begin() {
	for len(l.changes) > 0 {
		l.phase, l.writes, l.cause, l.refused = writing, 0, nil, false
		c := l.changes[0]
		if c.Action != plan.Create {
			l.phase = checking
		}
		if !(l.mobileFailed && c.Method == authmethod.AlternateMobile && c.Action == plan.Create) {
			return
		}
		l.record(journal.Outcome{Change: c.ID, Result: journal.Failed, Message: "not tried: the mobile it needs was not written"})
		l.changes = l.changes[1:]
	}
}

// Next gives the request to make now, or false when the person is finished.
func (l *lane) Next() (step, bool) {
	if len(l.changes) == 0 {
		return step{}, false
	}
	c := l.changes[0]
	request := graph.Request{User: c.User.ID, Kind: c.Method, Value: c.After}
	if l.phase != writing {
		request.Op = graph.ReadPhones
		if c.Method == authmethod.Email {
			request.Op = graph.ReadEmails
		}
		return step{Request: request, change: c.ID, patient: l.phase == settling && !l.refused, expect: c.After}, true
	}
	switch c.Action {
	case plan.Create:
		request.Op = graph.Create
	case plan.Update:
		request.Op = graph.Update
	case plan.Delete:
		request.Op = graph.Delete
	}
	return step{Request: request, change: c.ID}, true
}

// Take moves the lane on by the answer to its last request. A read without an
// answer is made again.
func (l *lane) Take(a graph.Answer) {
	if l.phase != writing && a.Uncertain() {
		if l.reads++; l.reads < readTries {
			return
		}
	}
	l.reads = 0
	switch l.phase {
	case checking:
		l.check(a)
	case writing:
		l.writes++
		l.wrote(a)
	case settling:
		l.settle(a)
	}
}

// check compares the person with what the plan was made from.
func (l *lane) check(a graph.Answer) {
	c := l.changes[0]
	have := a.Have[c.Method]
	switch {
	case a.Err != nil:
		l.end(journal.Failed, a, "")
	case have.Equal(c.After):
		l.end(journal.Done, a, "it was so already")
	case have.Equal(c.Before):
		l.phase = writing
	default:
		l.end(journal.Stale, a, movedTo(have))
	}
}

// wrote reads a write's answer: done, refused for good, or to be settled.
func (l *lane) wrote(a graph.Answer) {
	c := l.changes[0]
	switch {
	case a.Err == nil && (a.Have[c.Method].IsZero() || a.Have[c.Method].Equal(c.After)):
		l.end(journal.Done, a, "")
	case a.Err == nil, a.Uncertain(), a.Status == 409:
		// 409 phoneNumberNotUnique is about the sign-in name: the phone itself
		// is usually stored.
		l.phase, l.cause, l.refused = settling, a.Err, false
	case a.Status == 404 && c.Action == plan.Delete:
		l.end(journal.Done, a, "it was gone already")
	case a.Status == 404 && c.Action == plan.Update:
		l.end(journal.Stale, a, movedTo(authmethod.Value{}))
	case a.Status == 400 && c.Action == plan.Create:
		// The service says the same for a bad value as for a method that is
		// there; a look tells them apart.
		l.phase, l.cause, l.refused = settling, a.Err, true
	default:
		l.end(journal.Failed, a, "")
	}
}

// settle decides a write by what the person has now.
func (l *lane) settle(a graph.Answer) {
	c := l.changes[0]
	have := a.Have[c.Method]
	switch {
	case a.Err != nil:
		l.end(journal.Unknown, a, "")
	case have.Equal(c.After):
		l.end(journal.Done, a, "")
	case !have.Equal(c.Before) && l.cause == nil:
		l.end(journal.Failed, a, fmt.Sprintf("the service stored %s instead", have))
	case !have.Equal(c.Before):
		l.end(journal.Stale, a, movedTo(have))
	case l.refused || l.writes >= writeTries:
		a.Err = l.cause
		message := ""
		if l.cause == nil {
			message = "the service said that it was done, and it does not show"
		}
		l.end(journal.Failed, a, message)
	default:
		l.phase = writing
	}
}

func movedTo(have authmethod.Value) string {
	if have.IsZero() {
		return "left alone: nothing is registered any more"
	}
	return fmt.Sprintf("left alone: %s is registered now", have)
}

// end records the current change and goes on to the next.
func (l *lane) end(result journal.Result, a graph.Answer, message string) {
	c := l.changes[0]
	o := journal.Outcome{Change: c.ID, Result: result, Status: a.Status, Message: message, RequestID: a.RequestID}
	if a.Err != nil && result != journal.Done {
		o.Status, o.Code, o.RequestID = a.Err.Status, a.Err.Code, a.Err.RequestID
		if message == "" {
			o.Message = a.Err.Message
		}
	}
	if c.Method == authmethod.Mobile && c.Action == plan.Create && (result == journal.Failed || result == journal.Unknown) {
		l.mobileFailed = true
	}
	l.changes = l.changes[1:]
	l.record(o)
	l.begin()
}
