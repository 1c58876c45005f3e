package graphsim

import (
	"net/http"
	"sync/atomic"
)

// Stats is what a server has done since it was made. An operation is a request
// sent alone or an item of a batch; a batch itself is a round trip only.
type Stats struct {
	RoundTrips int64 // HTTP requests that arrived
	Items      int64 // items of well-formed batches
	Reads      int64 // operations that read and were answered as asked
	Writes     int64 // operations that changed a person, whatever was answered
	Throttled  int64 // answers 429, of whole batches too

	// ThrottledItems counts the operations answered 429, and all of a batch
	// that was as a whole.
	ThrottledItems int64

	// Early counts the operations that arrived before the end of the longest
	// Retry-After that was told until then, by an item or a response, a Fault's
	// included. It holds for everything the caller sends, as the limit does. An
	// operation that crosses the refusal on its way counts too, so only with
	// one request at a time, or in virtual time, is it exact.
	Early int64

	// Drifted counts the changes that somebody else made.
	Drifted int64

	// MaxWritesPerPerson is the most writes for one person that were ever
	// under way at once. A write is under way from the arrival of its HTTP
	// request until the answer, so all of a batch are at the same time.
	MaxWritesPerPerson int64

	// DuplicateCreates counts the POSTs of a method that was there already.
	DuplicateCreates int64

	// Refused counts the answers of 400 and above by status, those made by a
	// Fault or a lever and those of whole batches included. What was cut, left
	// out of a batch's answer or hidden by another answer is not among them.
	Refused map[int]int
}

// counters is Stats while it grows.
type counters struct {
	roundTrips, items, reads, writes, throttled, maxWrites, duplicates, throttledItems, early, drifted atomic.Int64

	refused [600]atomic.Int64
}

// Stats gives the counts so far.
func (s *Server) Stats() Stats {
	c := &s.stats
	stats := Stats{
		RoundTrips:         c.roundTrips.Load(),
		Items:              c.items.Load(),
		Reads:              c.reads.Load(),
		Writes:             c.writes.Load(),
		Throttled:          c.throttled.Load(),
		ThrottledItems:     c.throttledItems.Load(),
		Early:              c.early.Load(),
		Drifted:            c.drifted.Load(),
		MaxWritesPerPerson: c.maxWrites.Load(),
		DuplicateCreates:   c.duplicates.Load(),
		Refused:            map[int]int{},
	}
	for status := range c.refused {
		if n := c.refused[status].Load(); n > 0 {
			stats.Refused[status] = int(n)
		}
	}
	return stats
}

// count counts one answer.
func (c *counters) count(rq *request, rep *reply) {
	switch {
	case rep.status == http.StatusTooManyRequests:
		c.throttled.Add(1)
		if !rq.batch {
			c.throttledItems.Add(1)
		}
	case rep.status < 300 && !rep.html && rq.method == http.MethodGet:
		c.reads.Add(1)
	}
	if rep.status >= 400 && rep.status < len(c.refused) {
		c.refused[rep.status].Add(1)
	}
}

// begin counts a write as under way and remembers the most there were.
func (c *counters) begin(rq *request) {
	if rq.person == nil || !rq.writes() {
		return
	}
	now := int64(rq.person.underWay.Add(1))
	for {
		most := c.maxWrites.Load()
		if now <= most || c.maxWrites.CompareAndSwap(most, now) {
			return
		}
	}
}

// end is the counterpart of begin.
func (c *counters) end(rq *request) {
	if rq.person != nil && rq.writes() {
		rq.person.underWay.Add(-1)
	}
}
