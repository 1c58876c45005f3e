package pace

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var start = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

// used is a state that has let items go and had them answered.
func used(t *testing.T, l Limits) State {
	t.Helper()
	s, granted, _ := Start(l).Take(start, 20)
	if granted != 1 {
		t.Fatalf("first Take granted %d, want 1", granted)
	}
	return Next(s, Signal{Answered: 1}, start)
}

func TestRetryAfterIsLaw(t *testing.T) {
	s := Next(used(t, Limits{}), Signal{Throttled: 3, RetryAfter: 10 * time.Second}, start)
	if _, granted, wait := s.Take(start.Add(4*time.Second), 20); granted != 0 || wait != 6*time.Second {
		t.Errorf("4 s into a wait of 10: granted %d, wait %v", granted, wait)
	}
	shorter := Next(s, Signal{Throttled: 1, RetryAfter: time.Second}, start.Add(time.Second))
	if _, granted, wait := shorter.Take(start.Add(4*time.Second), 20); granted != 0 || wait != 6*time.Second {
		t.Errorf("a shorter wait told later: granted %d, wait %v", granted, wait)
	}
	// Refusals of what was under way at the cut prolong the wait as well.
	late := Next(s, Signal{Throttled: 1, RetryAfter: 30 * time.Second, Sent: start.Add(-time.Second)}, start.Add(time.Second))
	if _, granted, wait := late.Take(start.Add(time.Second), 20); granted != 0 || wait != 30*time.Second {
		t.Errorf("a longer wait told for an older request: granted %d, wait %v", granted, wait)
	}
	if late.rate != s.rate {
		t.Errorf("one throttle cut the rate twice: %v, then %v", s.rate, late.rate)
	}
}

func TestBackoffWithoutRetryAfter(t *testing.T) {
	s, now := used(t, Limits{}), start
	for i, want := range []int{1, 2, 4, 8, 16, 32, 64, 120, 120} {
		s = Next(s, Signal{Throttled: 1}, now)
		if got := s.notBefore.Sub(now); got != time.Duration(want)*time.Second {
			t.Fatalf("wait %d is %v, want %d s", i+1, got, want)
		}
		now = s.notBefore
	}
	s = Next(s, Signal{Answered: 1}, now)
	s = Next(s, Signal{Throttled: 1}, now)
	if got := s.notBefore.Sub(now); got != time.Second {
		t.Errorf("after an answer the wait is %v, want 1 s", got)
	}
}

func TestUnusedPaceDoesNotGrow(t *testing.T) {
	s, now := Start(Limits{}), start
	for range 1000 {
		now = now.Add(10 * time.Second)
		var granted int
		if s, granted, _ = s.Take(now, 1); granted != 1 {
			t.Fatal("an idle pacer held one item back")
		}
		s = Next(s, Signal{Answered: 1}, now)
	}
	if s.rate != firstRate {
		t.Errorf("rate %v after 1000 items that never waited, want %v", s.rate, firstRate)
	}
}

// Whatever is told, in whatever order, the state stays one a caller can use.
func TestAlwaysUsable(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		most := []float64{0, 0.001, 1, 30, 1e6}[r.IntN(5)]
		s, now := Start(Limits{Rate: most}), start
		granted := 0
		for i := range 500 {
			now = now.Add(time.Duration(r.ExpFloat64() * math.Pow(10, float64(r.IntN(12)))))
			var n int
			var wait time.Duration
			blocked := now.Before(s.notBefore)
			want := r.IntN(40) - 2
			s, n, wait = s.Take(now, want)
			granted += n
			if n < 0 || n > max(0, want) || wait < 0 || blocked && n > 0 || want > 0 && n == 0 && wait == 0 {
				t.Fatalf("seed %d step %d: %d of %d granted, wait %v, blocked %v", seed, i, n, want, wait, blocked)
			}
			sig := Signal{Answered: r.IntN(21)}
			if r.IntN(5) == 0 {
				sig.Throttled = r.IntN(21)
				sig.RetryAfter = time.Duration(r.IntN(20)-5) * time.Second
				sig.Sent = now.Add(-time.Duration(r.IntN(3)) * time.Second)
			}
			s = Next(s, sig, now)
			for _, v := range []float64{s.rate, s.base, s.tokens, s.creep, s.hold, s.good, s.best} {
				if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
					t.Fatalf("seed %d step %d: %+v", seed, i, s)
				}
			}
			if s.rate == 0 || most > 0 && s.rate > most {
				t.Fatalf("seed %d step %d: rate %v, cap %v", seed, i, s.rate, most)
			}
		}
		if most > 0 {
			burst := math.Max(1, most*mostPortion) + most*mostPortion + 1
			if allowed := most*now.Sub(start).Seconds() + burst; float64(granted) > allowed {
				t.Fatalf("seed %d: %d granted in %v at a cap of %v", seed, granted, now.Sub(start), most)
			}
		}
	}
}

func TestPacerIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(Limits{Rate: 10})
		began := time.Now()
		var sent sync.WaitGroup
		for range 8 {
			sent.Go(func() {
				for n := 0; n < 25; {
					granted, wait := p.Take(time.Now(), 1)
					time.Sleep(wait)
					if granted > 0 {
						n++
						p.Tell(Signal{Answered: 1}, time.Now())
					}
				}
			})
		}
		sent.Wait()
		if took := time.Since(began); took < 19*time.Second || took > 23*time.Second {
			t.Errorf("200 items at 10 a second took %v", took)
		}
		p.Tell(Signal{Throttled: 7, RetryAfter: time.Minute}, time.Now())
		if r := p.Report(); r.Throttled != 7 || !r.Until.Equal(time.Now().Add(time.Minute)) || !r.Told || r.Rate >= 10 {
			t.Errorf("report %+v", r)
		}
	})
}
