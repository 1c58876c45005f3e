package pace

import (
	"container/heap"
	"math"
	"time"
)

// bucket is a service that lets rate items a second through and burst of them
// at once.
type bucket struct {
	rate, burst, level float64
	at                 time.Time
	told               told
	tells              tells
	window             int // of ten seconds, and what was answered in it
	inWindow           float64
}

// told is how a bucket words Retry-After.
type told string

const (
	wholeSeconds told = "whole seconds" // rounded up
	fractions    told = "fractions"
	absent       told = "no Retry-After"
)

// tells is how a bucket tells what share of its limit is used, from 0.8 on.
// Which of them the service means is unverified.
type tells string

const (
	nothing tells = "nothing"
	drained tells = "used up"        // of what may be had at once
	window  tells = "used in window" // of what may be had in ten seconds that begin together
)

func (b *bucket) ask(now time.Time, n int) (sig Signal) {
	b.level = math.Min(b.burst, b.level+now.Sub(b.at).Seconds()*b.rate)
	b.at = now
	for range n {
		if b.level >= 1-1e-9 {
			b.level--
			sig.Answered++
			continue
		}
		sig.Throttled++
		exact := (1 - b.level) / b.rate
		switch b.told {
		case fractions:
			sig.RetryAfter = time.Duration(exact*float64(time.Second)) + 1
		case wholeSeconds:
			sig.RetryAfter = time.Duration(math.Ceil(exact-1e-9)) * time.Second
		}
	}
	sig.Pressure = b.pressure(now, sig.Answered)
	return sig
}

func (b *bucket) pressure(now time.Time, answered int) float64 {
	const seconds = 10
	if w := int(now.Sub(start).Seconds() / seconds); w != b.window {
		b.window, b.inWindow = w, 0
	}
	b.inWindow += float64(answered)
	share := 0.0
	switch b.tells {
	case drained:
		share = 1 - b.level/b.burst
	case window:
		share = b.inWindow / (b.rate * seconds)
	}
	if share < 0.8 {
		return 0
	}
	return math.Min(share, 1.8)
}

// trip is a round trip, on its way there or back.
type trip struct {
	at   time.Time
	n    int
	back bool
	sig  Signal
}

type trips []trip

func (t trips) Len() int           { return len(t) }
func (t trips) Less(i, j int) bool { return t[i].at.Before(t[j].at) }
func (t trips) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *trips) Push(x any)        { *t = append(*t, x.(trip)) }
func (t *trips) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return last
}

// drive sends an endless supply in batches of 20, so many round trips of latency
// at a time, and shows every answer to each.
func (b *bucket) drive(atOnce int, latency, length time.Duration, each func(at time.Duration, sig Signal)) {
	b.level, b.at = b.burst, start
	s, now, free := Start(Limits{}), start, atOnce
	var q trips
	for now.Sub(start) < length {
		var granted int
		var wait time.Duration
		for free > 0 {
			if s, granted, wait = s.Take(now, 20); granted == 0 {
				break
			}
			free--
			heap.Push(&q, trip{at: now.Add(latency / 2), n: granted, sig: Signal{Sent: now}})
		}
		if free > 0 && (len(q) == 0 || q[0].at.After(now.Add(wait))) {
			now = now.Add(wait)
			continue
		}
		t := heap.Pop(&q).(trip)
		now = t.at
		if !t.back {
			sig := b.ask(now, t.n)
			sig.Sent = t.sig.Sent
			heap.Push(&q, trip{at: now.Add(latency / 2), back: true, sig: sig})
			continue
		}
		free++
		s = Next(s, t.sig, now)
		each(now.Sub(start), t.sig)
	}
}
