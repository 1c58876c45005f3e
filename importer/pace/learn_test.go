package pace

import (
	"container/heap"
	"fmt"
	"math"
	"testing"
	"time"
)

// bucket is a service that lets rate items a second through and burst of them
// at once, and tells whole seconds of Retry-After.
type bucket struct {
	rate, burst, level float64
	at                 time.Time
}

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
		sig.RetryAfter = time.Duration(math.Ceil((1-b.level)/b.rate-1e-9)) * time.Second
	}
	return sig
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

// drive sends an endless supply in batches of 20, eight round trips of 50 ms at
// a time, and shows every answer to each.
func drive(b *bucket, length time.Duration, each func(at time.Duration, sig Signal)) {
	const halfway = 25 * time.Millisecond
	b.level, b.at = b.burst, start
	s, now, free := Start(Limits{}), start, 8
	var q trips
	for now.Sub(start) < length {
		var granted int
		var wait time.Duration
		for free > 0 {
			if s, granted, wait = s.Take(now, 20); granted == 0 {
				break
			}
			free--
			heap.Push(&q, trip{at: now.Add(halfway), n: granted, sig: Signal{Sent: now}})
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
			heap.Push(&q, trip{at: now.Add(halfway), back: true, sig: sig})
			continue
		}
		free++
		s = Next(s, t.sig, now)
		each(now.Sub(start), t.sig)
	}
}

// Twenty minutes, the first of which is for finding the limit.
func TestFindsTheLimit(t *testing.T) {
	const length, finding = 20 * time.Minute, time.Minute
	for _, c := range []struct{ rate, burst, share, refused float64 }{
		{0.5, 1, 0.95, 0.03},
		{0.5, 5, 0.98, 0.03},
		{5, 5, 0.98, 0.01},
		{5, 50, 0.99, 0.01},
		{20, 4, 0.95, 0.005}, // no burst to live on: every pause is lost
		{20, 20, 0.99, 0.005},
		{20, 200, 0.99, 0.005},
		{200, 40, 0.95, 0.005},
		{200, 200, 0.99, 0.005},
		{200, 2000, 0.99, 0.005},
	} {
		t.Run(fmt.Sprintf("%v a second, burst %v", c.rate, c.burst), func(t *testing.T) {
			var found, answered, refused int
			drive(&bucket{rate: c.rate, burst: c.burst}, length, func(at time.Duration, sig Signal) {
				answered += sig.Answered
				refused += sig.Throttled
				if at > finding {
					found += sig.Answered
				}
			})
			share := float64(found) / (c.rate * (length - finding).Seconds())
			part := float64(refused) / float64(answered+refused)
			t.Logf("%.1f %% of the limit, %.2f %% refused from the start", 100*share, 100*part)
			if share < c.share {
				t.Errorf("sustained %.1f %% of the limit, want %.1f", 100*share, 100*c.share)
			}
			if part > c.refused {
				t.Errorf("%.2f %% refused, want at most %.2f", 100*part, 100*c.refused)
			}
		})
	}
}

func TestFollowsTheLimit(t *testing.T) {
	const fall, back, end = 100 * time.Second, 200 * time.Second, 260 * time.Second
	const delay = 20 * time.Second
	for _, c := range []struct{ rate, burst float64 }{
		{5, 5}, {20, 4}, {20, 20}, {20, 200}, {200, 40}, {200, 200}, {200, 2000},
	} {
		t.Run(fmt.Sprintf("%v a second, burst %v", c.rate, c.burst), func(t *testing.T) {
			b := &bucket{rate: c.rate, burst: c.burst}
			var low, asked, high float64
			drive(b, end, func(at time.Duration, sig Signal) {
				switch {
				case at > back+delay:
					high += float64(sig.Answered)
				case at > back:
				case at > fall+delay:
					low += float64(sig.Answered)
					asked += float64(sig.Answered + sig.Throttled)
				}
				b.rate = c.rate
				if at > fall && at <= back {
					b.rate = c.rate / 10
				}
			})
			low /= c.rate / 10 * (back - fall - delay).Seconds()
			asked /= c.rate / 10 * (back - fall - delay).Seconds()
			high /= c.rate * (end - back - delay).Seconds()
			t.Logf("low: %.0f %%, asked %.0f %%; back: %.0f %%", 100*low, 100*asked, 100*high)
			if low < 0.85 || asked > 1.5 {
				t.Errorf("while it is low: %.0f %% of the limit answered, %.0f %% asked", 100*low, 100*asked)
			}
			if high < 0.8 {
				t.Errorf("20 s after it came back: %.0f %% of the limit", 100*high)
			}
		})
	}
}

// A service that refuses a few round trips for a reason of its own, a restart or
// another app's burst, has no low limit: the pace comes back within a minute.
func TestComesBackFromAFewRefusals(t *testing.T) {
	const items, latency = 2000, 40 * time.Millisecond
	for _, c := range []struct{ after, refusals int }{{0, 1}, {0, 2}, {0, 3}, {6, 1}, {6, 3}, {30, 1}, {30, 5}, {60, 8}} {
		t.Run(fmt.Sprintf("%d after %d round trips", c.refusals, c.after), func(t *testing.T) {
			s, now := Start(Limits{}), start
			for answered, trips := 0, 0; answered < items; {
				var granted int
				var wait time.Duration
				if s, granted, wait = s.Take(now, 20); granted == 0 {
					now = now.Add(wait)
					continue
				}
				sig := Signal{Sent: now, Answered: granted}
				if trips++; trips > c.after && trips <= c.after+c.refusals {
					sig = Signal{Sent: now, Throttled: granted, RetryAfter: 2 * time.Second}
				}
				answered += sig.Answered
				now = now.Add(latency)
				s = Next(s, sig, now)
			}
			if took := now.Sub(start); took > time.Minute {
				t.Errorf("%d items took %v", items, took)
			}
		})
	}
}
