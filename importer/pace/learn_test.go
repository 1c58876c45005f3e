package pace

import (
	"fmt"
	"testing"
	"time"
)

// tally is what came of a run: how much of the limit was used, and which part of
// the items was refused.
type tally struct{ answered, refused float64 }

func (t *tally) add(sig Signal) {
	t.answered += float64(sig.Answered)
	t.refused += float64(sig.Throttled)
}

func (t tally) used(limit float64, over time.Duration) float64 {
	return t.answered / (limit * over.Seconds())
}

func (t tally) part() float64 { return t.refused / (t.answered + t.refused) }

// TestUnknownLimit is the figure for a run as long as an import: at least 95 %
// of a limit that nobody told, at most 3 % refused, the finding of it included.
// Last comes what the first minute leaves.
//
// A service that takes no two items together does so at a low rate only: at a
// high one it would refuse every batch but for its first item.
func TestUnknownLimit(t *testing.T) {
	const share, part = 0.95, 0.03
	for _, c := range []struct {
		rate   float64
		bursts []float64
		length time.Duration
		atOnce [2]int // with short and long round trips; as many as can carry the rate
	}{
		{0.5, []float64{1, 5}, 2 * time.Hour, [2]int{8, 8}},
		{5, []float64{5, 50}, time.Hour, [2]int{8, 8}},
		{20, []float64{20, 200}, 40 * time.Minute, [2]int{8, 8}},
		{200, []float64{200, 2000}, 20 * time.Minute, [2]int{8, 16}},
	} {
		for _, burst := range c.bursts {
			for i, latency := range []time.Duration{50 * time.Millisecond, time.Second} {
				for _, told := range []told{wholeSeconds, fractions, absent} {
					name := fmt.Sprintf("%3v a second, %4v at once, %4v, %-14s", c.rate, burst, latency, told)
					b := &bucket{rate: c.rate, burst: burst, told: told}
					var whole, later tally
					b.drive(c.atOnce[i], latency, c.length, func(at time.Duration, sig Signal) {
						whole.add(sig)
						if at > time.Minute {
							later.add(sig)
						}
					})
					got := whole.used(c.rate, c.length)
					t.Logf("%s: %5.1f %% used, %4.2f %% refused; then %5.1f %%, %4.2f %%", name, 100*got, 100*whole.part(),
						100*later.used(c.rate, c.length-time.Minute), 100*later.part())
					if got < share || whole.part() > part {
						t.Errorf("%s: %.1f %% used, %.2f %% refused", name, 100*got, 100*whole.part())
					}
				}
			}
		}
	}
}

// TestToldHowMuchIsUsed is refused less often by a service that says how near
// the limit is, and goes on as fast.
func TestToldHowMuchIsUsed(t *testing.T) {
	const length, latency = time.Hour, 50 * time.Millisecond
	for _, c := range []struct{ rate, burst float64 }{{0.5, 5}, {5, 5}, {5, 50}, {20, 20}, {20, 200}, {200, 200}, {200, 2000}} {
		var silent tally
		for _, tells := range []tells{nothing, drained, window} {
			b := &bucket{rate: c.rate, burst: c.burst, told: wholeSeconds, tells: tells}
			var whole tally
			b.drive(8, latency, length, func(_ time.Duration, sig Signal) { whole.add(sig) })
			name := fmt.Sprintf("%3v a second, %4v at once, tells %-14s", c.rate, c.burst, tells)
			t.Logf("%s: %5.1f %% used, %.3f %% refused", name, 100*whole.used(c.rate, length), 100*whole.part())
			if whole.used(c.rate, length) < 0.95 {
				t.Errorf("%s: %.1f %% used", name, 100*whole.used(c.rate, length))
			}
			if tells == nothing {
				silent = whole
			} else if whole.part() >= silent.part() {
				t.Errorf("%s: %.3f %% refused, %.3f %% without", name, 100*whole.part(), 100*silent.part())
			}
		}
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
			b := &bucket{rate: c.rate, burst: c.burst, told: wholeSeconds}
			b.drive(8, 50*time.Millisecond, length, func(at time.Duration, sig Signal) {
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
			b := &bucket{rate: c.rate, burst: c.burst, told: wholeSeconds}
			var low, asked, high float64
			b.drive(8, 50*time.Millisecond, end, func(at time.Duration, sig Signal) {
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
			if low < 0.95 || asked > 1.3 {
				t.Errorf("while it is low: %.0f %% of the limit answered, %.0f %% asked", 100*low, 100*asked)
			}
			if high < 0.88 {
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
