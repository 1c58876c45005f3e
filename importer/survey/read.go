package survey

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"authseed/importer/dispatch"
	"authseed/importer/graph"
)

type lane = dispatch.Lane[graph.Request, graph.Answer]

// outage is how many round trips may find the service busy, one after the
// other, before it is taken for down.
const outage = 8

// read runs lanes of reads; at says how far they are. A lane that meets what
// stops all of them calls fail.
func read(ctx context.Context, r Reader, o Options, at func() Progress, lanes func(fail context.CancelCauseFunc) iter.Seq[lane]) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	p := patience{fail: fail}
	return dispatch.Run(ctx, lanes(fail), dispatch.Options[graph.Request, graph.Answer]{
		Send: r.Read, Judge: p.judge, Failed: p.failed, Progress: p.count,
		Pacer: o.Pacer, BatchSize: graph.MaxBatch, Concurrency: o.Concurrency, Tries: tries,
		MaxWait: o.MaxWait, Tick: func() { o.tell(at()) },
	})
}

// patience judges answers. A busy service is waited for like one that
// throttles, but not for ever: it may be down.
type patience struct {
	fail  context.CancelCauseFunc
	other bool         // of the present round trip: there was another answer than busy
	busy  *graph.Error // of the present round trip
	trips int          // busy, one after the other
}

// busy reports a service that did not answer and wants to be left alone for a
// while.
func busy(a graph.Answer) bool { return a.Busy() || a.Uncertain() && a.HasRetryAfter }

func (p *patience) judge(_ graph.Request, a graph.Answer) dispatch.Verdict {
	if busy(a) {
		p.busy = a.Err
		return dispatch.Verdict{Throttled: true, Again: true, RetryAfter: a.RetryAfter, Pressure: a.Pressure}
	}
	p.other = true
	again := a.Throttled() || a.Uncertain()
	return dispatch.Verdict{Throttled: a.Throttled(), Again: again, RetryAfter: a.RetryAfter, Pressure: a.Pressure}
}

// failed decides about a round trip that failed as a whole.
func (p *patience) failed(_ []graph.Request, err error) ([]graph.Answer, dispatch.Verdict, error) {
	var e *graph.Error
	if errors.As(err, &e) && busy(graph.Answer{Status: e.Status, HasRetryAfter: e.HasRetryAfter}) {
		p.busy = e
		return nil, dispatch.Verdict{Throttled: true, Again: true, RetryAfter: e.RetryAfter}, nil
	}
	p.other = true
	verdict := judgeFailure(err)
	if verdict.Again {
		err = nil
	}
	return nil, verdict, err
}

// count closes a round trip.
func (p *patience) count(dispatch.Progress) {
	if p.other || p.busy == nil {
		p.trips = 0
	} else if p.trips++; p.trips == outage {
		p.fail(fmt.Errorf("the service was busy %d times in a row: %w", outage, p.busy))
	}
	p.other, p.busy = false, nil
}

// judgeFailure separates a failed round trip that is worth another try from one
// that is final. Everything here is a read, so repeating one does no harm.
func judgeFailure(err error) dispatch.Verdict {
	var e *graph.Error
	switch {
	case err == nil, graph.IsSignIn(err):
		return dispatch.Verdict{}
	case !errors.As(err, &e):
		return dispatch.Verdict{Again: true} // the connection broke
	case e.Status == 429:
		return dispatch.Verdict{Throttled: true, Again: true, RetryAfter: e.RetryAfter}
	}
	return dispatch.Verdict{Again: e.Status < 400 || e.Status >= 500 || e.Status == 408, RetryAfter: e.RetryAfter}
}

// everybody makes a refusal of one request one of the sign-in: it is not about
// a person.
func everybody(e *graph.Error) *graph.Error {
	return &graph.Error{Status: e.Status, Code: e.Code, Message: e.Message, RequestID: e.RequestID}
}
