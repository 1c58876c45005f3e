package graphsim

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Throttle is a limit on operations: reads and writes, sent alone or in batches,
// from one budget. An item over it is answered 429 and nothing else happens to
// it (learn.microsoft.com, "Microsoft Graph throttling guidance": the items of a
// batch are throttled one by one). That the limit is a bucket that fills evenly,
// and that what is refused takes nothing out of it, is unverified.
type Throttle struct {
	// Rate is how many operations a second are allowed; 0 is no limit.
	Rate float64
	// Burst is how many may come at once after a rest. 0 is one second's worth,
	// and at least one.
	Burst int

	// RetryAfter is how a refusal tells when to come again: when the next
	// operation is allowed, rounded up.
	RetryAfter RetryAfter
	// AtLeast is the shortest wait that is told. Who comes earlier is answered,
	// and counted in [Stats].
	AtLeast time.Duration

	// Whole answers a batch 429 as a whole when none of its items is allowed.
	Whole bool

	// PercentOnItems and PercentOnResponse send x-ms-throttle-limit-percentage,
	// from 0.8 to 1.8 of the limit, with an item or with the HTTP response
	// (learn.microsoft.com, "Microsoft Graph service-specific throttling
	// limits", which does not say it of items). A request sent alone has it
	// with either.
	PercentOnItems, PercentOnResponse bool
}

// RetryAfter is a form of the header.
type RetryAfter uint8

// The forms: whole seconds, a fraction of them as in "2.128", an HTTP date, and
// no header at all.
const (
	RetrySeconds RetryAfter = iota
	RetryFraction
	RetryDate
	RetryAbsent
)

const (
	percentHeader = "x-ms-throttle-limit-percentage"
	leastPercent  = 0.8
	mostPercent   = 1.8
)

func (t Throttle) check() error {
	switch {
	case !(t.Rate >= 0) || math.IsInf(t.Rate, 0):
		return fmt.Errorf("rate %v is not a number of operations a second", t.Rate)
	case t.Burst < 0:
		return fmt.Errorf("burst %d is negative", t.Burst)
	case t.AtLeast < 0:
		return errors.New("the wait to tell is negative")
	case t.RetryAfter > RetryAbsent:
		return fmt.Errorf("unknown form %d of Retry-After", t.RetryAfter)
	}
	return nil
}

// refusal is the 429.
func (t Throttle) refusal(wait time.Duration, now time.Time) *reply {
	code, message := usual(gateway, http.StatusTooManyRequests)
	rep := refuse(gateway, http.StatusTooManyRequests, code, message)
	wait = max(wait, t.AtLeast)
	switch t.RetryAfter {
	case RetrySeconds:
		rep.setHeader("Retry-After", strconv.FormatInt(int64(roundUp(wait, time.Second)/time.Second), 10))
	case RetryFraction:
		rep.setHeader("Retry-After", strconv.FormatFloat(roundUp(wait, time.Millisecond).Seconds(), 'f', 3, 64))
	case RetryDate:
		until := now.Add(wait)
		until = until.Add(roundUp(time.Duration(until.Nanosecond()), time.Second) - time.Duration(until.Nanosecond()))
		rep.setHeader("Retry-After", until.UTC().Format(http.TimeFormat))
	}
	return &rep
}

func roundUp(d, unit time.Duration) time.Duration { return (d + unit - 1) / unit * unit }

func percent(use float64) string { return strconv.FormatFloat(min(use, mostPercent), 'f', 2, 64) }

// bucket is the budget.
type bucket struct {
	limited atomic.Bool // so that without a limit nothing is locked

	mu          sync.Mutex
	rate, burst float64
	left        float64
	asked       float64 // what was asked for, refused or not; falls as the bucket fills
	at          time.Time
}

// SetRate changes how many operations a second are allowed, from now on; 0 or
// less lifts the limit. A burst that was given stays, and what is left of it.
func (s *Server) SetRate(rate float64) {
	b, now := &s.bucket, s.options.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !(rate > 0) || math.IsInf(rate, 0) {
		b.limited.Store(false)
		return
	}
	b.fill(now)
	burst := float64(s.options.Levers.Throttle.Burst)
	if burst == 0 {
		burst = max(1, math.Ceil(rate))
	}
	if !b.limited.Load() { // whatever came without a limit is forgotten
		b.left, b.asked, b.at = burst, 0, now
	}
	b.rate, b.burst, b.left = rate, burst, min(b.left, burst)
	b.limited.Store(true)
}

func (b *bucket) fill(now time.Time) {
	if passed := now.Sub(b.at).Seconds() * b.rate; passed > 0 {
		b.left, b.asked, b.at = min(b.burst, b.left+passed), max(0, b.asked-passed), now
	}
}

// almost one: who waits exactly as long as was told may not fail by a rounding.
const almostOne = 1 - 1e-6

// wait is how long until one more is allowed, 0 for now.
func (b *bucket) wait() time.Duration {
	if b.left >= almostOne {
		return 0
	}
	return time.Duration(min(math.Ceil((1-b.left)/b.rate*float64(time.Second)), math.MaxInt64/2))
}

// throttled takes one operation out of the bucket. use is how much of the limit
// has been asked for with it.
func (s *Server) throttled() (use float64, refused *reply) {
	b := &s.bucket
	if !b.limited.Load() {
		return 0, nil
	}
	t, now := s.options.Levers.Throttle, s.options.Now()
	b.mu.Lock()
	b.fill(now)
	wait := b.wait()
	b.asked = min(b.asked+1, mostPercent*b.burst)
	if wait == 0 {
		b.left--
	}
	use = b.asked / b.burst
	b.mu.Unlock()
	if wait == 0 {
		return use, nil
	}
	return use, t.refusal(wait, now)
}

// noneLeft refuses a batch of so many as a whole, where the lever says so.
func (s *Server) noneLeft(items int) *reply {
	b, t := &s.bucket, s.options.Levers.Throttle
	if !t.Whole || !b.limited.Load() {
		return nil
	}
	now := s.options.Now()
	b.mu.Lock()
	b.fill(now)
	wait := b.wait()
	if wait > 0 {
		b.asked = min(b.asked+float64(items), mostPercent*b.burst)
	}
	b.mu.Unlock()
	if wait == 0 {
		return nil
	}
	return t.refusal(wait, now)
}

// reportUse puts how much of the limit is used into the answer to a batch.
func (s *Server) reportUse(rep *reply) {
	b := &s.bucket
	if !s.options.Levers.Throttle.PercentOnResponse || !b.limited.Load() || rep.html {
		return
	}
	b.mu.Lock()
	b.fill(s.options.Now())
	use := b.asked / b.burst
	b.mu.Unlock()
	if use >= leastPercent {
		rep.setHeader(percentHeader, percent(use))
	}
}

// waits is the time in which nothing should come.
type waits struct {
	some atomic.Bool // so that before the first refusal nothing is locked

	mu          sync.Mutex
	told, until time.Time
}

// tell notes a Retry-After that is about to leave, a fault's as well.
func (s *Server) tell(rep *reply) {
	value := rep.header.Get("Retry-After")
	if value == "" {
		return
	}
	now := s.options.Now()
	until, err := http.ParseTime(value)
	if seconds, bad := strconv.ParseFloat(value, 64); bad == nil && seconds >= 0 {
		until, err = now.Add(time.Duration(min(seconds*float64(time.Second), math.MaxInt64/2))), nil
	}
	if err != nil {
		return
	}
	w := &s.waits
	w.mu.Lock()
	defer w.mu.Unlock()
	w.some.Store(true)
	if !now.Before(w.until) {
		w.told, w.until = now, until
	} else if until.After(w.until) {
		w.until = until
	}
}

// arrived counts operations that come before they should. What comes at the
// very moment of the refusal cannot have heard of it.
func (s *Server) arrived(operations int) {
	w := &s.waits
	if !w.some.Load() {
		return
	}
	now := s.options.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	if now.After(w.told) && now.Before(w.until) {
		s.stats.early.Add(int64(operations))
	}
}
