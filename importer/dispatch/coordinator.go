package dispatch

import (
	"container/heap"
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"authseed/importer/pace"
)

// linger is how long a partial batch waits for more while round trips are under
// way, whose answers let their lanes go on.
const linger = 100 * time.Millisecond

// parting is how long what is under way may take once the context is cancelled.
// Whoever stops a process gives it ten seconds, Windows five, and not all of them
// are for this.
const parting = 3 * time.Second

// job is a lane with the request it has to make.
type job[Q, A any] struct {
	lane   Lane[Q, A]
	q      Q
	tries  int       // transient answers to q
	broken int       // round trips with q that failed as a whole
	due    time.Time // asleep until; once ready, since when
	order  int       // of falling asleep
}

type result[Q, A any] struct {
	jobs    []*job[Q, A]
	batch   []Q
	answers []A
	err     error
	sent    time.Time
}

// coordinator owns all state of a run. Only the goroutine of Run touches it;
// senders give back results and nothing else.
type coordinator[Q, A any] struct {
	o        Options[Q, A]
	pull     func() (Lane[Q, A], bool)
	pulled   bool // all of them
	ready    []*job[Q, A]
	asleep   sleepers[Q, A]
	open     int // lanes ready, asleep or under way
	underWay int // round trips
	slept    int
	results  chan result[Q, A]
	group    errgroup.Group
	alarm    *time.Timer
	tick     <-chan time.Time // nil where nobody wants it
	err      error            // why the run stops; nil while it goes on
	told     Progress
}

func (c *coordinator[Q, A]) run(ctx context.Context) error {
	cancelled := ctx.Done()
	sending, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cut(nil)
	var parted *time.Timer
	for {
		if ctx.Err() != nil && parted == nil {
			parted = time.AfterFunc(parting, func() { cut(context.Cause(ctx)) })
			defer parted.Stop()
		}
		if c.err == nil && ctx.Err() != nil {
			c.err = context.Cause(ctx)
		}
		if c.err == nil {
			c.launch(sending)
		}
		if c.underWay == 0 && (c.err != nil || c.open == 0) {
			break
		}
		select {
		case r := <-c.results:
			c.settle(r)
			// What else is back may fill the next batch.
			for more := true; more; {
				select {
				case r := <-c.results:
					c.settle(r)
				default:
					more = false
				}
			}
		case <-c.alarm.C:
		case <-c.tick:
			c.o.Tick()
		case <-cancelled:
			cancelled = nil
		}
	}
	_ = c.group.Wait() // senders give their errors to results
	return c.err
}

// launch sends what may leave now and sets the alarm for what may leave later.
func (c *coordinator[Q, A]) launch(ctx context.Context) {
	var wait time.Duration
	for c.underWay < c.o.Concurrency {
		now := time.Now()
		c.wake(now)
		c.fill(now)
		if wait = c.fillingFor(now); wait > 0 || len(c.ready) == 0 {
			break
		}
		var granted int
		if granted, wait = c.o.Pacer.Take(now, min(len(c.ready), c.o.BatchSize)); granted == 0 {
			break
		}
		c.send(ctx, granted, now)
	}
	if c.underWay >= c.o.Concurrency {
		return // a result comes first
	}
	if len(c.asleep) > 0 {
		if due := time.Until(c.asleep[0].due); wait == 0 || due < wait {
			wait = max(due, 1)
		}
	}
	if wait > 0 {
		c.alarm.Reset(wait)
	}
}

// wake moves the lanes that have slept enough to the end of the queue.
func (c *coordinator[Q, A]) wake(now time.Time) {
	for len(c.asleep) > 0 && !c.asleep[0].due.After(now) {
		j := heap.Pop(&c.asleep).(*job[Q, A])
		j.due = now
		c.ready = append(c.ready, j)
	}
}

// fill begins new lanes until a batch is full, but no more than a few times
// what can be under way: where most lanes sleep, the service has enough.
func (c *coordinator[Q, A]) fill(now time.Time) {
	most := 4 * c.o.BatchSize * c.o.Concurrency
	for !c.pulled && len(c.ready) < c.o.BatchSize && c.open < most {
		lane, ok := c.pull()
		if !ok {
			c.pulled = true
			return
		}
		c.open++
		c.proceed(&job[Q, A]{lane: lane}, now)
	}
}

// fillingFor is how much longer the next batch should wait to become full.
func (c *coordinator[Q, A]) fillingFor(now time.Time) time.Duration {
	if len(c.ready) == 0 || len(c.ready) >= c.o.BatchSize {
		return 0
	}
	left := linger - now.Sub(c.ready[0].due)
	if c.underWay == 0 && (len(c.asleep) == 0 || c.asleep[0].due.Sub(now) > left) {
		return 0
	}
	return max(0, left)
}

func (c *coordinator[Q, A]) send(ctx context.Context, n int, now time.Time) {
	r := result[Q, A]{jobs: c.ready[:n:n], batch: make([]Q, n), sent: now}
	c.ready = c.ready[n:]
	for i, j := range r.jobs {
		r.batch[i] = j.q
	}
	c.underWay++
	c.group.Go(func() error {
		r.answers, r.err = c.o.Send(ctx, r.batch)
		c.results <- r
		return nil
	})
}

// settle hands the answers of one round trip to their lanes, or puts their
// requests back.
func (c *coordinator[Q, A]) settle(r result[Q, A]) {
	c.underWay--
	now := time.Now()
	switch {
	case r.err != nil:
		c.failed(r, now)
	case len(r.answers) != len(r.jobs):
		c.stop(fmt.Errorf("sending a batch: %d answers to %d requests", len(r.answers), len(r.jobs)))
	default:
		c.judge(r, now)
	}
	c.told.Batches++
	if c.o.Progress != nil {
		c.told.Lanes, c.told.Pace = c.open, c.o.Pacer.Report()
		c.o.Progress(c.told)
	}
}

func (c *coordinator[Q, A]) judge(r result[Q, A], now time.Time) {
	sig := pace.Signal{Sent: r.sent}
	verdicts := make([]Verdict, len(r.jobs))
	for i := range r.jobs {
		v := c.o.Judge(r.batch[i], r.answers[i])
		verdicts[i] = v
		c.heed(v)
		sig.Pressure = max(sig.Pressure, v.Pressure)
		switch {
		case v.Throttled:
			sig.Throttled++
			sig.RetryAfter = max(sig.RetryAfter, v.RetryAfter)
		case !v.Again || v.Answered:
			sig.Answered++
		}
	}
	c.o.Pacer.Tell(sig, now)
	for i, j := range r.jobs {
		if v := verdicts[i]; v.Again && (v.Throttled || j.tries < c.o.Tries) {
			wait := v.RetryAfter
			if !v.Throttled {
				wait = patience(v, j.tries)
				j.tries++
			}
			c.again(j, wait, now)
			continue
		}
		c.take(j, r.answers[i], now)
	}
}

// failed settles a round trip that brought no answers.
func (c *coordinator[Q, A]) failed(r result[Q, A], now time.Time) {
	if c.o.Failed == nil {
		c.stop(r.err)
		return
	}
	answers, v, err := c.o.Failed(r.batch, r.err)
	c.heed(v)
	if v.Throttled {
		c.o.Pacer.Tell(pace.Signal{Throttled: len(r.jobs), RetryAfter: v.RetryAfter, Sent: r.sent}, now)
	}
	switch {
	case err != nil:
		c.stop(err)
	case v.Again:
		for _, j := range r.jobs {
			wait := v.RetryAfter
			if !v.Throttled {
				if j.broken >= c.o.Tries {
					c.stop(fmt.Errorf("sending a batch, tried %d times: %w", j.broken+1, r.err))
					return
				}
				wait = patience(v, j.broken)
				j.broken++
			}
			c.again(j, wait, now)
		}
	case len(answers) != len(r.jobs):
		c.stop(fmt.Errorf("settling a failed batch: %d answers to %d requests", len(answers), len(r.jobs)))
	default:
		for i, j := range r.jobs {
			c.take(j, answers[i], now)
		}
	}
}

// patience is the wait before try number tries+1 of what was not throttled.
func patience(v Verdict, tries int) time.Duration {
	if v.RetryAfter > 0 {
		return v.RetryAfter
	}
	return pace.Backoff(tries)
}

// take gives a lane its answer and asks for the next request.
func (c *coordinator[Q, A]) take(j *job[Q, A], a A, now time.Time) {
	c.told.Taken++
	j.lane.Take(a)
	c.proceed(j, now)
}

// proceed queues the lane's next request, or ends the lane.
func (c *coordinator[Q, A]) proceed(j *job[Q, A], now time.Time) {
	q, ok := j.lane.Next()
	if !ok {
		c.open--
		return
	}
	*j = job[Q, A]{lane: j.lane, q: q, due: now}
	c.ready = append(c.ready, j)
}

// again puts a request back, to be sent after wait.
func (c *coordinator[Q, A]) again(j *job[Q, A], wait time.Duration, now time.Time) {
	c.told.Repeated++
	c.slept++
	j.due, j.order = now.Add(wait), c.slept
	heap.Push(&c.asleep, j)
}

// heed stops the run for a wait that is too long, until the last that was told.
func (c *coordinator[Q, A]) heed(v Verdict) {
	if c.o.MaxWait <= 0 || v.RetryAfter <= c.o.MaxWait {
		return
	}
	e := waitError(v.RetryAfter)
	if before, ok := c.err.(*WaitError); ok && e.Until.After(before.Until) {
		*before = *e
	}
	c.stop(e)
}

// stop keeps the first reason to end the run.
func (c *coordinator[Q, A]) stop(err error) {
	if c.err == nil {
		c.err = err
	}
}

// sleepers is a heap of lanes by when they are due, then by who came first.
type sleepers[Q, A any] []*job[Q, A]

func (s sleepers[Q, A]) Len() int { return len(s) }
func (s sleepers[Q, A]) Less(i, k int) bool {
	if !s[i].due.Equal(s[k].due) {
		return s[i].due.Before(s[k].due)
	}
	return s[i].order < s[k].order
}
func (s sleepers[Q, A]) Swap(i, k int) { s[i], s[k] = s[k], s[i] }
func (s *sleepers[Q, A]) Push(x any)   { *s = append(*s, x.(*job[Q, A])) }
func (s *sleepers[Q, A]) Pop() any {
	last := len(*s) - 1
	j := (*s)[last]
	(*s)[last] = nil
	*s = (*s)[:last]
	return j
}
