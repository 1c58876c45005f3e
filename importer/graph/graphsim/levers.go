package graphsim

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"time"
)

// Levers is what goes wrong by itself, as one plain value. The zero value is a
// service with which all goes well, and changes nothing of what it answers.
//
// What is decided by chance is decided by the seed, by the operation (its HTTP
// method and path) and by how often that operation was attempted before, and
// not by the clock or by which goroutine came first: the same requests meet the
// same fate in every run. A batch is known by its items, in whatever order they
// are in it.
//
// Where several things could go wrong with one HTTP request, this is the order;
// what comes earlier hides what comes later, unless it lets it happen first:
//
//  1. [Options.Fault] of the request; without one the [Shares] of round trips.
//  2. [Options.Latency] and Slow pass.
//  3. A batch without an accepted token, or a malformed one, is refused.
//  4. [Throttle], of the whole batch where it says so.
//
// And this of each item, and of a request sent alone:
//
//  5. [Throttle]: what is refused has not been attempted.
//  6. [Options.Fault] of the item; without one the [Shares] of operations.
//  7. The token, Revoke and the service's own rules.
//  8. Drift, after what was read.
type Levers struct {
	// Seed decides what is left to chance.
	Seed uint64

	Throttle Throttle

	// Faults says how often operations and round trips fail, and how.
	Faults Shares

	// Slow lets some HTTP requests wait longer than [Options.Latency].
	Slow Slow

	// Stale is for how long after a write reads of that person's methods show
	// what was registered before it. What may be written follows the truth.
	Stale time.Duration

	// ReportAge is how old the registration report may get: it is made when the
	// server is, and again when it is asked for and is as old as this. Until then
	// it shows nothing of what was written since, as Microsoft's, which lags by
	// hours, does. 0 is a report that shows what is true.
	ReportAge time.Duration

	// Churn is how many people leave the directory and how many others join it
	// after every page of /users that is not the last one. Who pages sees
	// everybody else exactly once (learn.microsoft.com says nothing of it), and
	// of those who join none or some.
	Churn int

	// TokenLife is how long a token is accepted after it was first seen; 0 is
	// for ever. After that it is answered 401 with WWW-Authenticate.
	TokenLife time.Duration
	// TokenInItems lets a batch with such a token in, and answers 401 to each
	// of its items.
	TokenInItems bool

	// Revoke takes permissions away while the server runs, as [Server.Revoke].
	Revoke []Revocation

	// Drift is the share of people who change their mobile number themselves,
	// or register one, right after their methods were read for the first time.
	Drift float64

	Form Form
}

// Slow is the tail of slow requests.
type Slow struct {
	Share float64       // of HTTP requests, 0 to 1
	By    time.Duration // before they take effect, on top of the latency
}

// Revocation is a permission that is lost.
type Revocation struct {
	Permission string
	After      int64 // operations that are still attempted with it
}

// Form is how the answer to a batch is written. learn.microsoft.com, "Combine
// multiple HTTP requests using JSON batching", promises no order and its samples
// spell header names in more than one way; JSON numbers among their values are
// unverified.
type Form struct {
	// Shuffle sends the items in an order that the seed decides instead of the
	// last one first.
	Shuffle bool
	// Case is the letter case of the items' header names.
	Case LetterCase
	// Numbers writes what is a number in an item's headers as a JSON number.
	Numbers bool
}

// LetterCase is how header names are spelled.
type LetterCase uint8

// The spellings: as the service's samples have them, retry-after, RETRY-AFTER
// and rEtRy-aFtEr.
const (
	UsualCase LetterCase = iota
	LowerCase
	UpperCase
	MixedCase
)

// Check says what is wrong with the levers; [New] refuses what it refuses.
func (l Levers) Check() error {
	if err := l.Throttle.check(); err != nil {
		return fmt.Errorf("throttle: %w", err)
	}
	if err := l.Faults.check(); err != nil {
		return fmt.Errorf("faults: %w", err)
	}
	for _, r := range l.Revoke {
		switch {
		case !slices.Contains(Permissions(), r.Permission):
			return fmt.Errorf("revoke: no permission %q is asked for here", r.Permission)
		case r.After < 0:
			return fmt.Errorf("revoke: %s is lost after %d operations", r.Permission, r.After)
		}
	}
	switch {
	case !isShare(l.Slow.Share):
		return fmt.Errorf("slow: share %v is not between 0 and 1", l.Slow.Share)
	case l.Slow.By < 0:
		return errors.New("slow: the time is negative")
	case !isShare(l.Drift):
		return fmt.Errorf("drift: share %v is not between 0 and 1", l.Drift)
	case l.Stale < 0 || l.TokenLife < 0:
		return errors.New("stale and token life: the time is negative")
	case l.Churn < 0:
		return errors.New("churn: the number of people is negative")
	case l.ReportAge < 0:
		return errors.New("report age: the time is negative")
	case l.Form.Case > MixedCase:
		return fmt.Errorf("form: unknown letter case %d", l.Form.Case)
	}
	return nil
}

func isShare(f float64) bool { return !math.IsNaN(f) && f >= 0 && f <= 1 }

// trip is what the levers do to one HTTP request.
type trip struct {
	fault *Fault
	delay time.Duration
	order uint64 // of a batch's items, where they are shuffled
}

// trip asks the levers about an HTTP request; items are those of a batch.
func (s *Server) trip(rq *request, items []item) trip {
	t := trip{fault: s.fault(rq.call)}
	if !s.chancy {
		return t
	}
	key := rq.chanceKey()
	for i := range items {
		key += items[i].chanceKey() // a sum, which knows no order
	}
	drawn := s.draw(key ^ tripKey)
	if t.fault == nil {
		t.fault = drawn.of(s.trips, rq)
	}
	if slow := s.options.Levers.Slow; drawn.falls("slow", slow.Share) {
		t.delay = slow.By
	}
	t.order = drawn.value("shuffle")
	return t
}

// attempt does one operation unless it is throttled; fault is what the caller's
// lever says of it.
func (s *Server) attempt(rq *request, fault func() *Fault) (reply, error) {
	use, refused := s.throttled()
	var rep reply
	var err error
	if refused != nil {
		rep = *refused
	} else {
		f := fault()
		if f == nil && len(s.mishaps) > 0 {
			f = s.draw(rq.chanceKey()).of(s.mishaps, rq)
		}
		rep, err = s.perform(rq, f)
	}
	if t := &s.options.Levers.Throttle; use >= leastPercent && (t.PercentOnItems || t.PercentOnResponse && !rq.call.Batched) {
		rep.setHeader(percentHeader, percent(use))
	}
	return rep, err
}

// setHeader adds to the headers, which may belong to a fault.
func (r *reply) setHeader(name, value string) {
	if r.header = r.header.Clone(); r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set(name, value)
}
