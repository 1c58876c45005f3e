// Package apply makes a plan true.
//
// It promises: a person's changes are written one after the other, in the
// plan's order; the journal holds an intent on disk before the write leaves and
// an outcome after its answer; a write whose fate is unknown is settled by
// reading the person again, never by writing blindly; what is registered is
// replaced or removed only while it is still what the plan was made from; what
// was said to be done and does not show is never written again. A run that was
// cut off goes on where its journal ends, by the same steps. It obeys the plan
// and nothing else: it decides no policy and asks nobody.
//
// It never writes after the journal failed, and after its context is cancelled
// it sends nothing new, finishes what is in flight and returns within seconds:
// what is not answered by then is unknown. A missing
// permission ends a run with nobody called failed for it.
package apply

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"slices"
	"time"

	"authseed/importer/dispatch"
	"authseed/importer/graph"
	"authseed/importer/journal"
	"authseed/importer/pace"
	"authseed/importer/plan"
)

// Tenant makes one round trip with up to [graph.MaxBatch] requests and answers
// them in their order.
type Tenant interface {
	Do(ctx context.Context, requests []graph.Request) ([]graph.Answer, error)
}

// Journal is where intents and outcomes are kept. An intent is on disk when
// Intend returns.
type Journal interface {
	Intend(changes []string) error
	Withdraw(changes []string) error // turned away undone, or done by somebody else
	Record(journal.Outcome) error
}

// Options are how fast to go, what to believe and whom to tell.
type Options struct {
	Pacer       *pace.Pacer
	Concurrency int            // batches in flight
	Verify      Verify         // empty is [VerifyUncertain]
	Past        *journal.Run   // what earlier parts of the run did; nil where there are none
	MaxWait     time.Duration  // a longer wait told ends the run with a [*dispatch.WaitError]; 0: every wait is kept
	Progress    func(Progress) // may be nil; called often, and while it waits, from one goroutine
}

// Verify says which writes are looked at once more.
type Verify string

// The ways to verify. A write that may or may not have happened is settled by a
// look in all of them.
const (
	VerifyAll       Verify = "all"       // every write
	VerifyUncertain Verify = "uncertain" // those whose answer did not carry what is stored
	VerifyNone      Verify = "none"      // every yes is believed
)

// Verifies lists the ways to verify.
func Verifies() []Verify { return []Verify{VerifyUncertain, VerifyAll, VerifyNone} }

// Progress is how far a run is.
type Progress struct {
	Counts journal.Counts
	Pace   pace.Report
}

// settleAfter is how long the service is given before a write that does not
// show yet is taken for not done, and tries how often that is waited for. The
// service is known to store a phone some seconds after its 409
// (others wait 5 s; how long it takes is unverified).
const (
	settleAfter = 5 * time.Second
	tries       = 3
)

// writeTries bounds how often one change is written when each time the read
// after it shows that nothing happened.
const writeTries = 3

// readTries bounds how often one read is made whose answer does not come.
const readTries = 4

// outage is how many round trips may bring no answer, one after the other,
// before the run stops: each of them costs every person in it a read, and a
// service that answers nothing will not answer those either. Those in flight
// together count once, since they share the connection that breaks.
const outage = 8

// Run writes the pending changes of p, or what earlier parts of the run left
// pending or unknown of them. The counts are what became of all of them so far;
// an error says why the run stopped before its end, and the journal then tells
// the rest.
func Run(ctx context.Context, p *plan.Plan, t Tenant, j Journal, o Options) (journal.Counts, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r := &run{tenant: t, journal: j, stop: stop, outage: outage + max(0, o.Concurrency-1), counts: begun(p, o.Past)}
	tell := func() {
		if o.Progress != nil {
			o.Progress(Progress{r.counts, o.Pacer.Report()})
		}
	}
	err := dispatch.Run(ctx, r.lanes(p, o), dispatch.Options[step, graph.Answer]{
		Send:        r.send,
		Judge:       r.judge,
		Failed:      r.failed,
		Pacer:       o.Pacer,
		BatchSize:   graph.MaxBatch,
		Concurrency: o.Concurrency,
		Tries:       tries,
		MaxWait:     o.MaxWait,
		Progress: func(dispatch.Progress) {
			r.roundTrip()
			tell()
		},
		Tick: tell,
	})
	return r.counts, r.close(err)
}

// begun is how far a run is before this part of it.
func begun(p *plan.Plan, past *journal.Run) journal.Counts {
	if past == nil {
		n := p.Summary.Pending()
		return journal.Counts{Planned: n, Pending: n}
	}
	c := past.Counts
	c.Pending, c.Unknown = past.Resumable(), 0
	c.Failed = c.Planned - c.Done - c.Stale - c.Pending
	return c
}

// run is one run's state. Only the dispatcher's coordinator touches it, but for
// send, which reads no field that changes.
type run struct {
	tenant  Tenant
	journal Journal
	stop    context.CancelCauseFunc

	counts journal.Counts
	rights rights
	trips  int   // round trips finished
	lost   error // the journal's failure

	answered bool   // the present round trip brought an answer for somebody
	silent   string // the person last left without one
	failure  error  // the last that was missing; nil when nobody new missed one
	outage   int    // round trips without an answer that end the run
	broken   int    // round trips without an answer since the last with one

	turnedAway []step // throttled in the present round trip
}

// lanes groups the pending changes by person. The plan has them side by side.
func (r *run) lanes(p *plan.Plan, o Options) iter.Seq[dispatch.Lane[step, graph.Answer]] {
	var past history = none{}
	if o.Past != nil {
		past = o.Past
	}
	return func(yield func(dispatch.Lane[step, graph.Answer]) bool) {
		pending := p.Pending()
		for len(pending) > 0 {
			n := 1
			for n < len(pending) && pending[n].User.ID == pending[0].User.ID {
				n++
			}
			l := &lane{changes: pending[:n], past: past, verify: o.Verify, record: r.record, trips: &r.trips}
			if l.begin(); !yield(l) {
				return
			}
			pending = pending[n:]
		}
	}
}

// close ends the run: what was kept back is decided.
func (r *run) close(err error) error {
	if err == nil {
		personal, missing := r.rights.atEnd()
		r.write(personal...)
		if missing != nil {
			err = missing
		}
	}
	var open []string
	for _, kept := range r.rights.kept {
		for _, v := range kept {
			open = append(open, v.change.ID)
		}
	}
	if len(open) > 0 && r.lost == nil {
		if err := r.journal.Withdraw(open); err != nil {
			r.lose(err)
		}
	}
	if err == nil {
		return r.lost
	}
	return err
}

// journalError marks what must stop the run before the next write.
type journalError struct{ error }

func (e journalError) Unwrap() error { return e.error }

func (r *run) send(ctx context.Context, steps []step) ([]graph.Answer, error) {
	requests := make([]graph.Request, len(steps))
	var intents []string
	for i, s := range steps {
		requests[i] = s.Request
		if s.Op.IsWrite() {
			intents = append(intents, s.change)
		}
	}
	if len(intents) > 0 {
		if err := r.journal.Intend(intents); err != nil {
			return nil, journalError{err}
		}
	}
	return r.tenant.Do(ctx, requests)
}

// judge says what an answer means for the pace, and whether the request simply
// goes out again: a refusal by throttling was not done, a read can be repeated,
// and a write that does not show yet may still appear. A read that the service
// was too busy for is repeated by its lane, which counts how often; here it
// would have no end.
func (r *run) judge(s step, a graph.Answer) dispatch.Verdict {
	v := r.fate(s, a)
	v.Pressure = a.Pressure
	return v
}

func (r *run) fate(s step, a graph.Answer) dispatch.Verdict {
	r.write(r.rights.judge(s, a)...)
	if a.Uncertain() {
		if s.User != r.silent {
			r.silent, r.failure = s.User, a.Err
		}
		wait := a.Busy() || a.HasRetryAfter
		return dispatch.Verdict{Throttled: wait, Again: !wait && !s.Op.IsWrite(), RetryAfter: a.RetryAfter}
	}
	r.answered = true
	switch {
	case a.Throttled():
		r.turnedAway = append(r.turnedAway, s)
		return dispatch.Verdict{Throttled: true, Again: true, RetryAfter: a.RetryAfter}
	case s.patient && a.Err == nil && !a.Have[s.Kind].Equal(s.expect):
		return dispatch.Verdict{Again: true, Answered: true, RetryAfter: settleAfter}
	}
	return dispatch.Verdict{}
}

// roundTrip closes one round trip and stops the run when the service has gone
// silent. One person whom it never answers for is no outage.
func (r *run) roundTrip() {
	switch {
	case r.answered:
		r.broken = 0
	case r.failure != nil:
		if r.broken++; r.broken == r.outage {
			r.stop(fmt.Errorf("the service has not answered %d times in a row: %w", r.broken, r.failure))
		}
	}
	r.answered, r.failure = false, nil
	r.trips++
	if missing := r.rights.missing(); missing != nil {
		r.stop(missing)
	}
	r.withdraw(r.turnedAway...)
	r.turnedAway = r.turnedAway[:0]
}

// failed decides about a round trip that failed as a whole.
func (r *run) failed(batch []step, err error) ([]graph.Answer, dispatch.Verdict, error) {
	var notWritten journalError
	if errors.As(err, &notWritten) {
		return nil, dispatch.Verdict{}, err
	}
	var refused *graph.Error
	answered := errors.As(err, &refused)
	if answered && refused.Status == 429 {
		r.withdraw(batch...)
		return nil, dispatch.Verdict{Throttled: true, Again: true, RetryAfter: refused.RetryAfter}, nil
	}
	if answered && refused.Status >= 400 && refused.Status < 500 && refused.Status != 408 {
		r.withdraw(batch...)
		return nil, dispatch.Verdict{}, err
	}
	if graph.IsSignIn(err) {
		// A client that cannot sign in any more has sent nothing.
		r.withdraw(batch...)
		return nil, dispatch.Verdict{}, err
	}
	r.failure = err
	if neverLeft(err) {
		r.withdraw(batch...)
		return nil, dispatch.Verdict{Again: true}, nil
	}
	if !answered {
		refused = &graph.Error{Message: "no answer: the connection failed"}
	}
	answer := graph.Answer{
		Status: refused.Status, RequestID: refused.RequestID, Err: refused,
		RetryAfter: refused.RetryAfter, HasRetryAfter: refused.HasRetryAfter,
	}
	wait := answer.Busy() || answer.HasRetryAfter
	return slices.Repeat([]graph.Answer{answer}, len(batch)), dispatch.Verdict{Throttled: wait, RetryAfter: answer.RetryAfter}, nil
}

// neverLeft reports a failure to reach the service at all: nothing was sent, so
// nothing was done.
func neverLeft(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// withdraw writes down which of the steps were writes that certainly did
// nothing, so that a run that is cut off now does not count them as unknown.
func (r *run) withdraw(steps ...step) {
	var changes []string
	for _, s := range steps {
		if s.Op.IsWrite() {
			changes = append(changes, s.change)
		}
	}
	if len(changes) == 0 {
		return
	}
	if err := r.journal.Withdraw(changes); err != nil {
		r.lose(err)
	}
}

// record is what every lane ends a change with.
func (r *run) record(v verdict) {
	if !r.rights.keep(v, r.trips) {
		r.write(v)
	}
}

// write writes outcomes down and keeps count.
func (r *run) write(verdicts ...verdict) {
	for _, v := range verdicts {
		if v.foreign {
			// Without an intent a rollback leaves the change alone.
			if err := r.journal.Withdraw([]string{v.change.ID}); err != nil {
				r.lose(err)
				return
			}
		}
		r.counts.Pending--
		switch v.Result {
		case journal.Done:
			r.counts.Done++
		case journal.Failed:
			r.counts.Failed++
		case journal.Stale:
			r.counts.Stale++
		case journal.Unknown:
			r.counts.Unknown++
		}
		if err := r.journal.Record(v.Outcome); err != nil {
			r.lose(err)
			return
		}
	}
}

// lose stops the run because its journal failed.
func (r *run) lose(err error) {
	r.lost = journalError{err}
	r.stop(r.lost)
}
