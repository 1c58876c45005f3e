package pace

import (
	"math"
	"time"
)

// The shares by which slower judges and sets rates.
const (
	muchGrowth   = 3.0  // grown so far, the rate says little about the limit
	someGrowth   = 1.1  // grown less, it was base itself that was too high
	littleGrowth = 1.2  // grown no more, base and rate enclose the limit closely
	under        = 0.97 // of the rate that was refused: the most to go on with
	least        = 0.95 // of the rate that was refused: the least, where it had held for a while
	near         = 0.8  // of what held before: a measurement below it is doubted
	same         = 1.2  // two measurements less far apart agree
	settled      = 5.0  // seconds a rate must have held to count as held
	fullRoom     = 0.8  // use of the limit up to which growth is not held back
	noRoom       = 0.97 // use of the limit that is as much as there is
)

// faster raises the rate after n items were answered while the pace was what
// held the caller back. Room is the share of that growth which the use of the
// limit leaves; below zero it is taken back, as far as base.
func (s State) faster(n, room float64, now time.Time) State {
	s.limited = false
	if s.base == 0 && room < 1 {
		return s.firstGuess(s.measured(now), s.rate)
	}
	if s.base == 0 {
		return s.setRate(s.rate + slowStartGain*n)
	}
	// A long silence is no experience: it counts for little more than the time
	// between two items.
	passed := room * math.Min(math.Max(now.Sub(s.seen).Seconds(), 0), math.Max(1, 2/s.rate))
	n *= room
	if now.After(s.seen) {
		s.seen = now
	}
	holding := s.held < s.hold || s.heldN < s.holdN
	if holding || room < 0 && s.grown == 0 {
		s.held, s.heldN = math.Max(0, s.held+passed), math.Max(0, s.heldN+n)
		return s.setRate(s.base * (1 + s.creep*math.Min(share(s.held, s.hold), share(s.heldN, s.holdN))))
	}
	s.grown, s.grownN = math.Max(0, s.grown+passed), math.Max(0, s.grownN+n)
	return s.setRate(s.grownTo(0, now))
}

// share is how much of whole is done, at most all of it.
func share(done, whole float64) float64 {
	if done >= whole {
		return 1
	}
	return done / whole
}

// roomAt is the share of growth that is left at this use of the limit: all of it
// up to fullRoom, none at noRoom, and above that it is taken back.
func roomAt(pressure float64) float64 {
	return math.Min(1, math.Max(-1, (noRoom-pressure)/(noRoom-fullRoom)))
}

// measured is the rate of answers since the last throttle, waiting included.
func (s State) measured(now time.Time) float64 {
	since := s.cut
	if since.IsZero() {
		since = s.began
	}
	return s.accepted / math.Max(now.Sub(since).Seconds(), 1e-3)
}

// grownTo is the rate that growth has come to, or had come to so long ago. It
// grows no faster than answers can tell what came of it.
func (s State) grownTo(ago time.Duration, now time.Time) float64 {
	t := s.grown
	switch {
	case s.limit == 0:
		t = math.Min(t, s.grownN/unmeasured)
	case !s.fallen(now):
		t = math.Min(t, s.grownN/itemsPerSecond)
	}
	t = math.Max(0, t-ago.Seconds())
	e := growth * t * t
	if most := tripGrowth / math.Max(s.trip, 1e-3); 2*growth*t > most {
		e = most*t - most*most/(4*growth)
	}
	return s.top() * math.Exp(math.Min(e, 50))
}

// top is the rate at the end of the hold, where growth begins.
func (s State) top() float64 { return s.base * (1 + s.creep) }

func (s State) setRate(r float64) State {
	s.rate = math.Min(math.Max(r, leastRate), s.most)
	return s
}

// slower finds the rate to go on with after a throttle, which says that the
// limit has just been reached.
//
// Reached without growing past base, base was too high. What was answered
// between the last throttle and this one, waiting included, is then what the
// service gives, for its allowance was used up at both ends; unless it keeps
// none while we wait, which shows by the measurement being far below what held
// before. Reached by growing, the limit lies between base and the rate now, if
// the service has no burst to spend first: worth a try. After much growth
// neither says enough, and half is a guess which the next throttle turns into a
// measurement; so it is where the caller could not use the rate, but for a limit
// that was measured before.
func (s State) slower(trip time.Duration, now time.Time) State {
	old, rate, measured := s, s.rate, s.measured(now)
	// What was refused left when the rate was lower.
	if s.base > 0 && s.grownN > 0 {
		rate = math.Min(rate, s.grownTo(trip, now))
	}
	measurable := !s.cut.IsZero() && s.accepted >= 1 && s.unused <= 1+s.accepted/10
	grew := s.grownN > 0 && rate > someGrowth*s.top()
	bounded := func(r float64) float64 { return math.Min(r, under*rate) }

	s.tokens, s.cut, s.accepted, s.unused = 0, now, 0, 0
	s.seen, s.held, s.heldN, s.grown, s.grownN = now, 0, 0, 0, 0
	switch {
	case old.base == 0:
		s = s.firstGuess(measured, rate)
	case !grew && !measurable && s.limit > rate/2:
		s = s.found(bounded(s.limit), old.accepted, now)
	case rate > muchGrowth*old.base, !grew && !measurable:
		s = s.guess(rate / 2)
	case grew && rate <= littleGrowth*old.base:
		s = s.found(math.Sqrt(old.base*rate), old.accepted, now)
		s.good = old.base
	case grew:
		s = s.try(old.top(), rate)
	case old.held+old.grown > settled:
		s = s.found(bounded(math.Max(measured, least*rate)), holdItems, now)
	case old.base <= s.good/under:
		// What held before holds no longer.
		s.good = 0
		s = s.found(bounded(measured), old.accepted, now)
	case measured >= near*s.good:
		s = s.found(bounded(math.Max(measured, s.good)), old.accepted, now)
	default:
		// Without the creep that came on top of base, or it would never come
		// down to what held.
		s = s.try(s.good, old.base)
	}
	s.base = math.Max(s.base, leastRate)
	return s.setRate(s.base)
}

// firstGuess ends slow start, in which rate runs away from what was answered.
func (s State) firstGuess(measured, rate float64) State {
	s = s.guess(math.Max(math.Min(rate/2, math.Max(measured, rate/8)), leastRate))
	return s.setRate(s.base)
}

// guess goes on with r and looks at once whether there is more.
func (s State) guess(r float64) State {
	s.base, s.hold, s.holdN, s.creep, s.good = r, 0, 0, 0, 0
	return s
}

// try goes on half way between a rate that held and one that was refused.
func (s State) try(good, refused float64) State {
	s.good, s.base = good, math.Sqrt(good*refused)
	s.creep, s.hold = leastCreep, math.Max(s.hold, firstHold)
	return s
}

// found makes limit, measured by n items, the rate to hold; for the longer the
// oftener it is confirmed.
func (s State) found(limit, n float64, now time.Time) State {
	agrees := limit < s.limit*same && limit > s.limit/same
	s.base, s.limit = limit, limit
	s.creep = math.Min(math.Max(1/math.Max(n, 1), leastCreep), mostCreep)
	if limit >= s.best/2 || now.Sub(s.bestAt).Seconds() > fallenFor {
		s.best, s.bestAt = limit, now
	}
	s.holdN = math.Min(holdItems, 5*(n+1))
	switch {
	case s.fallen(now):
		s.hold, s.holdN = firstHold, 0
	case agrees:
		s.hold = math.Min(math.Max(2*s.hold, firstHold), lastHold)
	default:
		s.hold = firstHold
	}
	return s
}

// fallen tells whether the limit is far below what it was not long ago.
func (s State) fallen(now time.Time) bool {
	return s.base < s.best/2 && now.Sub(s.bestAt).Seconds() <= fallenFor
}
