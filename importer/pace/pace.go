// Package pace learns from a service's answers how fast it may be asked.
//
// It promises that after a refusal nothing leaves before the time the service
// named, for Microsoft Graph limits an app in a tenant and not a request
// (learn.microsoft.com, "Microsoft Graph throttling guidance"); that a rate
// given as a cap is never passed; and that the same signals at the same times
// give the same pace. It starts gently, grows while answers are good, and
// settles just under the limit it finds. Where the service tells how much of the
// limit is used, it slows before it is refused; it needs no such telling, for
// most of Graph keeps quiet about it.
//
// It never sleeps, starts no goroutine and reads no clock: the caller says what
// time it is and does the waiting. Whoever talks to a throttled service may use
// it; one Pacer stands for one budget, so all requests of a tenant share one.
package pace

import (
	"math"
	"time"
)

const (
	firstRate = 2.0  // items a second before anything is known
	leastRate = 0.25 // the slowest pace; below it, waiting is for Retry-After
	mostRate  = 1e6  // beyond what any service answers

	// Tokens are spent in portions of up to a tenth of a second's worth, so
	// that batches fill at high rates and a service with little burst is not
	// hit with more than it can take at low ones; of a quarter of a round trip
	// where those are long, since few are under way at once. They gather up to
	// twice that, so that a caller who is a little late loses nothing; but not
	// while nothing may leave, since a service need not save up as well.
	leastPortion, mostPortion = 0.1, 0.5

	// In slow start every answer adds this to the rate: fiftyfold in a second.
	slowStartGain = 4.0

	// A found limit is looked past after this many seconds, twice as many each
	// time it is confirmed, and never before enough items went through: at a
	// low limit every look costs a noticeable share of refusals.
	firstHold, lastHold = 8.0, 96.0
	holdItems           = 120.0

	// While it is held, the rate creeps up by this share, or by what one item
	// more or less means to the measurement it rests on.
	leastCreep, mostCreep = 0.08, 0.5

	// Past the hold the rate grows by exp(growth*t*t), t in seconds; where
	// items are few, ten of them stand for a second.
	growth         = 0.075
	itemsPerSecond = 10.0
	unmeasured     = 2.5 // the same while no limit was ever measured

	// By no more than exp(tripGrowth) in the time of a round trip: the answers
	// under way do not know yet what it has come to.
	tripGrowth = 0.3

	// A limit that fell to less than half is looked past at the first hold for
	// this many seconds, since what falls tends to come back.
	fallenFor = 300.0

	leastBackoff, mostBackoff = time.Second, 2 * time.Minute
)

// Limits are the bounds a person has set.
type Limits struct {
	Rate float64 // at most so many items a second; 0 for no bound
}

// Signal is what one round trip showed.
type Signal struct {
	Answered   int           // items answered for what they are, well or not
	Throttled  int           // items refused for pace: 429, or 503 with the service busy
	RetryAfter time.Duration // the longest wait told; 0 when none was
	// Pressure is the share of the limit that is used, as far as the service
	// tells: 0.8 to 1.8, 0 when it does not (learn.microsoft.com, "Microsoft
	// Graph service-specific throttling limits", x-ms-throttle-limit-percentage).
	Pressure float64
	// Sent is when the round trip began. Refusals of what was already under way
	// when the pace was cut say nothing about the pace after it. Zero counts
	// as now.
	Sent time.Time
}

// State is what has been learned so far; a value. [Start] makes the first one.
type State struct {
	most float64 // the highest rate ever allowed
	rate float64 // items a second allowed now
	base float64 // the rate growth began from; 0 in slow start

	tokens    float64   // items that may leave at once
	refilled  time.Time // when tokens was right
	trip      float64   // seconds a round trip took lately; 0 before the first
	limited   bool      // a Take got less than it wanted since the last growth
	notBefore time.Time // nothing leaves before
	told      bool      // by the service, and not by ourselves
	refusals  int       // throttles without Retry-After and without an answer between
	throttled int       // items refused in all

	began    time.Time // the first Take
	cut      time.Time // the last throttle; zero before the first
	accepted float64   // items answered since the cut
	unused   float64   // tokens nobody wanted since the cut
	seen     time.Time // when held and grown were right

	hold, holdN   float64 // seconds and items before growth begins
	held, heldN   float64 // of them, gone by
	grown, grownN float64 // seconds and items of growth
	creep         float64 // share by which the rate rises over the hold

	good   float64   // a rate that held; 0 for none
	limit  float64   // the last limit that was measured
	best   float64   // the highest limit measured lately
	bestAt time.Time // when it last held
}

// Start is the state before the first answer.
func Start(l Limits) State {
	most := mostRate
	if l.Rate > 0 {
		most = math.Min(l.Rate, mostRate)
	}
	return State{most: most, rate: math.Min(firstRate, most), tokens: 1}
}

// Take takes up to want items out of s. When it grants none it tells how long
// to wait before asking again.
func (s State) Take(now time.Time, want int) (next State, granted int, wait time.Duration) {
	s = s.refill(now)
	if want < 1 {
		return s, 0, 0
	}
	if wait := s.notBefore.Sub(now); wait > 0 {
		s.limited = true
		return s, 0, wait
	}
	const rounding = 1e-6
	need := math.Min(float64(want), s.portion())
	if s.tokens+rounding < need {
		s.limited = true
		seconds := (need - s.tokens) / s.rate
		return s, 0, time.Duration(math.Ceil(seconds * float64(time.Second)))
	}
	granted = int(math.Min(float64(want), s.tokens+rounding))
	s.tokens = math.Max(0, s.tokens-float64(granted))
	s.limited = s.limited || granted < want
	return s, granted, 0
}

// portion is how many items leave together, as long as fewer are not all that
// is wanted.
func (s State) portion() float64 { return math.Max(1, math.Floor(s.rate*s.share())) }

// share is the portion in seconds.
func (s State) share() float64 {
	return math.Min(math.Max(s.trip/4, leastPortion), mostPortion)
}

// refill adds the tokens of the time passed.
func (s State) refill(now time.Time) State {
	if s.refilled.IsZero() {
		s.refilled, s.began = now, now
	}
	passed := now.Sub(s.refilled).Seconds()
	if passed <= 0 {
		return s
	}
	s.tokens += passed * s.rate
	full := s.portion()
	switch {
	case s.refilled.Before(s.notBefore):
	case full > 1:
		full += s.rate * s.share()
	default:
		full += s.rate * leastPortion
	}
	if s.tokens > full {
		if now.After(s.notBefore) {
			s.unused += math.Min(s.tokens-full, now.Sub(s.notBefore).Seconds()*s.rate)
		}
		s.tokens = full
	}
	s.refilled = now
	return s
}

// Next is the state after sig arrived at now.
func Next(s State, sig Signal, now time.Time) State {
	s = s.refill(now)
	stale := !sig.Sent.IsZero() && sig.Sent.Before(s.cut)
	var trip time.Duration
	if !sig.Sent.IsZero() {
		trip = max(0, now.Sub(sig.Sent))
		if s.trip == 0 {
			s.trip = trip.Seconds()
		}
		s.trip += (trip.Seconds() - s.trip) / 8
	}
	s.accepted += float64(sig.Answered)
	if !stale && sig.Answered > 0 {
		s.refusals = 0
	}
	switch {
	case sig.Throttled > 0:
		s.throttled += sig.Throttled
		if !stale {
			s = s.slower(trip, now)
		}
		return s.wait(sig.RetryAfter, now, stale)
	case sig.Answered > 0 && !stale && s.limited:
		return s.faster(float64(sig.Answered), roomAt(sig.Pressure), now)
	}
	return s
}

// wait holds everything back for as long as was told or, untold, for longer
// each time.
func (s State) wait(told time.Duration, now time.Time, stale bool) State {
	wait := told
	if told <= 0 {
		if stale {
			return s
		}
		wait = Backoff(s.refusals)
		s.refusals++
	}
	if until := now.Add(wait); until.After(s.notBefore) {
		s.notBefore, s.seen, s.told = until, until, told > 0
	}
	return s
}

// Backoff is the wait before trying again when no wait was told: a second,
// doubled for every try before, two minutes at most.
func Backoff(tries int) time.Duration {
	if tries > 6 {
		return mostBackoff
	}
	return min(leastBackoff<<max(0, tries), mostBackoff)
}
