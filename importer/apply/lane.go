package apply

import (
	"fmt"
	"net/http"

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
	issued  int              // round trips finished when it was asked for
}

// phase is where a lane stands with its current change.
type phase uint8

const (
	checking phase = iota // reading whether the person is still as planned
	writing
	settling // reading what a write did
)

// doubt is why a write has to be settled by a look.
type doubt uint8

const (
	// unshown: the service said that it was done, and did not show it.
	unshown doubt = iota
	// unanswered: no answer came, or one that leaves open what was done. A run
	// that was cut off between a write and its outcome leaves the same.
	unanswered
	// refusal: the service said no, in words that do not tell a bad value from
	// a method that is there.
	refusal
)

// verdict is what a lane says about a change when it is through with it.
type verdict struct {
	change plan.Change
	journal.Outcome
	foreign bool // done, and not by this run
}

// history is what earlier parts of the run did.
type history interface {
	Left(change string) journal.Result // pending, unknown, or a result that stays
	MayHaveWritten(change string) bool
}

// none is the history of a new run.
type none struct{}

func (none) Left(string) journal.Result { return journal.Pending }
func (none) MayHaveWritten(string) bool { return false }

// lane is one person's changes, as a state machine without I/O: Next gives the
// request to make, Take its answer. A change that an earlier part of the run
// left unknown begins with the look that settles it, as it would have gone on
// then.
type lane struct {
	changes []plan.Change
	past    history
	verify  Verify
	record  func(verdict)
	trips   *int // round trips the run has finished

	phase  phase
	reads  int          // of the present look at the person that got no answer
	writes int          // of the current change
	unsure bool         // one of its writes had no answer
	doubt  doubt        // why its write has to be settled
	yes    graph.Answer // of the service to a write that is unshown
	cause  *graph.Error // what was answered instead of yes; nil for nothing at all
	needed fate         // of the change that a later one depends on
}

// fate is what became of a mobile that was to be created before its alternate,
// or of an alternate that was to be removed before its mobile.
type fate uint8

const (
	fine      fate = iota // or there was none
	undecided             // nobody knows, or no answer decided
	failed
)

// needs reports whether the change depends on the one remembered before it
// (learn.microsoft.com, phoneAuthenticationMethod: no alternate without a mobile).
func needs(c plan.Change) bool {
	return c.Method == authmethod.AlternateMobile && c.Action == plan.Create ||
		c.Method == authmethod.Mobile && c.Action == plan.Delete
}

func isNeeded(c plan.Change) bool {
	return c.Method == authmethod.Mobile && c.Action == plan.Create ||
		c.Method == authmethod.AlternateMobile && c.Action == plan.Delete
}

// begin sets the current change up, or the first after it that is still to do.
// What replaces or removes has to see first that the person has not moved; a
// create needs no look, because the service refuses one where there is
// something.
func (l *lane) begin() {
	for ; len(l.changes) > 0; l.changes = l.changes[1:] {
		c := l.changes[0]
		past := l.past.Left(c.ID)
		if past != journal.Pending && past != journal.Unknown {
			if isNeeded(c) && past == journal.Failed {
				l.needed = failed
			}
			continue
		}
		l.phase, l.writes, l.reads, l.cause = writing, 0, 0, nil
		l.unsure = l.past.MayHaveWritten(c.ID)
		switch {
		case past == journal.Unknown:
			l.phase, l.doubt = settling, unanswered
		case needs(c) && l.needed == failed:
			l.record(verdict{change: c, Outcome: journal.Outcome{
				Change: c.ID, Result: journal.Failed, Status: http.StatusFailedDependency,
				Message: "not tried: what has to be done before it has failed",
			}})
			continue
		case needs(c) && l.needed == undecided:
			continue // pending, until somebody knows
		case c.Action != plan.Create:
			l.phase = checking
		}
		return
	}
}

// remember keeps what the change after it has to know.
func (l *lane) remember(v verdict) {
	switch {
	case !isNeeded(v.change):
	case v.Result == journal.Unknown, v.Result == journal.Failed && v.Unanswered():
		l.needed = undecided
	case v.Result == journal.Failed:
		l.needed = failed
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
		patient := l.phase == settling && (l.doubt != refusal || l.unsure)
		return step{Request: request, change: c.ID, patient: patient, expect: c.After, issued: *l.trips}, true
	}
	switch c.Action {
	case plan.Create:
		request.Op = graph.Create
	case plan.Update:
		request.Op = graph.Update
	case plan.Delete:
		request.Op = graph.Delete
	}
	return step{Request: request, change: c.ID, issued: *l.trips}, true
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

// wrote reads a write's answer: done, refused for good, or to be settled. An
// answer that carries the object says what is stored; one that does not may be
// early.
func (l *lane) wrote(a graph.Answer) {
	c := l.changes[0]
	shown := a.Err == nil && !c.After.IsZero() && a.Have[c.Method].Equal(c.After)
	trusted := shown && l.verify != VerifyAll || a.Err == nil && l.verify == VerifyNone && a.Have[c.Method].IsZero()
	switch {
	case trusted:
		l.end(journal.Done, a, "")
	case a.Err == nil:
		l.yes = a
		l.settleFor(unshown, nil)
	case a.Uncertain(), a.Status == 409:
		// 409 phoneNumberNotUnique is about the sign-in name: the phone itself
		// is usually stored.
		l.unsure = true
		l.settleFor(unanswered, a.Err)
	case a.Status == 404 && c.Action == plan.Delete:
		l.finish(verdict{change: c, Outcome: outcome(c, journal.Done, a, "it was gone already"), foreign: !l.unsure})
	case a.Status == 404 && c.Action == plan.Update:
		l.end(journal.Stale, a, movedTo(authmethod.Value{}))
	case a.Status == 400 && c.Action == plan.Create:
		// The service says the same for a bad value as for a method that is
		// there; a look tells them apart.
		l.settleFor(refusal, a.Err)
	default:
		l.end(journal.Failed, a, "")
	}
}

func (l *lane) settleFor(why doubt, cause *graph.Error) {
	l.phase, l.doubt, l.cause = settling, why, cause
}

// settle decides a write by what the person has now. Nothing is written again
// that the service has called done.
func (l *lane) settle(a graph.Answer) {
	c := l.changes[0]
	have := a.Have[c.Method]
	same, before := have.Equal(c.After), have.Equal(c.Before)
	switch {
	case a.Err != nil:
		l.end(journal.Unknown, a, "")
	case same && l.doubt == refusal && !l.unsure:
		l.finish(verdict{change: c, Outcome: outcome(c, journal.Done, a, "it was so already"), foreign: true})
	case same && l.cause != nil && l.cause.Status == 409:
		l.end(journal.Done, a, "stored, though the service said: "+l.cause.Code)
	case same && l.doubt == unshown:
		l.end(journal.Done, l.yes, "") // the write's own request id
	case same:
		l.end(journal.Done, a, "")
	case !before && l.doubt == unshown:
		l.end(journal.Failed, a, fmt.Sprintf("the service stored %s instead", have))
	case !before:
		l.end(journal.Stale, a, movedTo(have))
	case l.doubt == unshown:
		l.end(journal.Unknown, a, "the service said that it was done, and it does not show yet")
	case l.doubt == refusal || l.writes >= writeTries:
		a.Err = l.cause
		l.end(journal.Failed, a, "")
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

// outcome is the line about a change that ends with this answer.
func outcome(c plan.Change, result journal.Result, a graph.Answer, message string) journal.Outcome {
	o := journal.Outcome{Change: c.ID, Result: result, Status: a.Status, Message: message, RequestID: a.RequestID}
	if a.Err != nil && result != journal.Done {
		o.Status, o.Code, o.RequestID = a.Err.Status, a.Err.Code, a.Err.RequestID
		if message == "" {
			o.Message = a.Err.Message
		}
	}
	return o
}

// end is through with the current change.
func (l *lane) end(result journal.Result, a graph.Answer, message string) {
	c := l.changes[0]
	l.finish(verdict{change: c, Outcome: outcome(c, result, a, message)})
}

// finish records the current change and goes on to the next.
func (l *lane) finish(v verdict) {
	l.remember(v)
	l.changes = l.changes[1:]
	l.record(v)
	l.begin()
}
