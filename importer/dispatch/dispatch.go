// Package dispatch is where things happen at once: [Run] sends the requests of
// many lanes in batches, full and paced; [Map] puts a sequence through a
// function on all processors and keeps its order.
//
// A lane is one person's work. Run promises that at most one request of a lane
// is under way at a time, so that the order within a lane is the lane's own;
// that nothing leaves before the pacer lets it; that a partial batch leaves
// only when nothing could fill it soon; that all of a lane is called from one
// goroutine; and that lanes are pulled only as they are needed, so that a
// million of them cost no more than those under way.
//
// A cancelled context, a failed round trip or a wait that is too long stops a run
// gently: nothing new leaves, what is under way is finished and handed to its
// lanes. Once the context is cancelled it has three seconds for that.
//
// Map promises that the consumer cannot tell it from a plain loop but by the
// time it takes: order, panics and the end are the same, what is read ahead is
// bounded, and no goroutine outlives the loop.
//
// The package knows neither what a request or an element means nor how it
// travels, and keeps nothing of a run after it. It is the only one that starts
// goroutines. Whoever has many small requests for one throttled service, or a
// long sequence of work that needs nothing but a processor, may use it.
package dispatch

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"authseed/importer/pace"
)

// Lane is a sequence of requests, each of which may depend on the answer to the
// one before. Its methods are never called concurrently, nor are those of two
// lanes of one run.
type Lane[Q, A any] interface {
	// Next is the request to make now; false when there is none left. Until the
	// next Take it means the same request.
	Next() (Q, bool)
	// Take receives the answer to that request.
	Take(A)
}

// Verdict is what an answer means for pace. The zero Verdict is an answer to
// hand on.
type Verdict struct {
	Throttled  bool          // refused for pace
	RetryAfter time.Duration // how long the service told to wait; 0 for not told
	Again      bool          // nothing was done: send the same request once more
	Answered   bool          // with Again: well, but too early; the pace may grow by it
	Pressure   float64       // the share of the limit that is used; 0 for not told
}

// WaitError ends what would have had to wait for longer than MaxWait. What was
// refused is still to do.
type WaitError struct {
	Until time.Time     // the service asked to be left alone until then
	Told  time.Duration // when it was told, this long before
}

func waitError(told time.Duration) *WaitError { return &WaitError{time.Now().Add(told), told} }

// Error gives "the service asks to wait until 14:05 UTC, 2h from now".
func (e *WaitError) Error() string {
	// Up, so that who comes at that minute is not early.
	until := e.Until.UTC().Add(time.Minute - 1).Truncate(time.Minute)
	text := until.Format("15:04 MST")
	if day := until.Format(time.DateOnly); day != e.Until.Add(-e.Told).UTC().Format(time.DateOnly) {
		text = day + " " + text
	}
	told := strings.TrimSuffix(e.Told.Round(time.Minute).String(), "0s")
	if strings.HasSuffix(told, "h0m") {
		told = strings.TrimSuffix(told, "0m")
	}
	return fmt.Sprintf("the service asks to wait until %s, %s from now", text, told)
}

// Options say how to send and how to read what comes back.
type Options[Q, A any] struct {
	// Send makes one round trip and gives the answers in the order of the
	// requests. It is called concurrently, and its context is cancelled three
	// seconds after the run's: what has left is finished, unless the service
	// hangs. The batch is not its to keep.
	Send func(ctx context.Context, batch []Q) ([]A, error)
	// Judge says what one answer means. Unless it says Again, the answer goes
	// to its lane.
	Judge func(Q, A) Verdict
	// Failed decides about a round trip that failed as a whole: answers for the
	// lanes, which are not judged; or a Verdict with Again; or an error, which
	// ends the run. Without it every error ends the run.
	Failed func(batch []Q, err error) ([]A, Verdict, error)
	// Pacer says when items may leave, and is told what came back.
	Pacer *pace.Pacer
	// BatchSize is the most items of a round trip, Concurrency the most round
	// trips under way; both at least 1.
	BatchSize, Concurrency int
	// Tries is how many times a request is sent again because its answer was
	// Again but not Throttled; after that, the answer goes to its lane. A round
	// trip that failed as a whole is sent again as often; after that, its error
	// ends the run. What was throttled is sent again without limit.
	Tries int
	// MaxWait is the longest wait that is kept when the service tells it; a
	// longer one ends the run with a [*WaitError]. 0: every wait is kept.
	MaxWait time.Duration
	// Progress, where there is one, is told of every round trip finished. It is
	// called from the goroutine that calls the lanes and holds up the run.
	Progress func(Progress)
	// Tick, where there is one, is called every second, like Progress, so that
	// what shows a run goes on while it waits.
	Tick func()
}

// Progress is how far a run is.
type Progress struct {
	Batches  int // round trips finished
	Taken    int // answers handed to lanes
	Repeated int // requests put back to be sent again
	Lanes    int // lanes begun and not finished
	Pace     pace.Report
}

// Run makes every request of every lane. It returns nil when all lanes have
// finished, the cause when ctx was cancelled, a [*WaitError] when the service
// asked for a longer wait than MaxWait, and otherwise the first error of Send or
// Failed. A request whose answer was Again when the run stopped is not
// taken: it stays its lane's next one.
func Run[Q, A any](ctx context.Context, lanes iter.Seq[Lane[Q, A]], o Options[Q, A]) error {
	o.BatchSize, o.Concurrency = max(1, o.BatchSize), max(1, o.Concurrency)
	next, stop := iter.Pull(lanes)
	defer stop()
	c := coordinator[Q, A]{
		o:       o,
		pull:    next,
		results: make(chan result[Q, A], o.Concurrency),
		alarm:   time.NewTimer(time.Hour),
	}
	if o.Tick != nil {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		c.tick = ticker.C
	}
	c.group.SetLimit(o.Concurrency)
	defer c.alarm.Stop()
	return c.run(ctx)
}
