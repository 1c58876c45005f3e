package dispatch

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer/pace"
)

// service lets rate items a second through and burst of them at once, and tells
// whole seconds of Retry-After.
type service struct {
	mu                 sync.Mutex
	rate, burst, level float64
	at, begun          time.Time
	notBefore          time.Time // by the last Retry-After that a caller has heard
	early              int       // items that left before
	settled            time.Duration
	answered, refused  int
	sustained          int // answered after settled
}

func (s *service) send(_ context.Context, batch []int) ([]answer, error) {
	const halfway = 25 * time.Millisecond
	s.mu.Lock()
	if time.Now().Before(s.notBefore) {
		s.early += len(batch)
	}
	s.mu.Unlock()
	time.Sleep(halfway)
	answers, told := s.ask(batch)
	time.Sleep(halfway)
	s.mu.Lock()
	defer s.mu.Unlock()
	if until := time.Now().Add(told); told > 0 && until.After(s.notBefore) {
		s.notBefore = until
	}
	return answers, nil
}

func (s *service) ask(batch []int) (answers []answer, told time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.level = math.Min(s.burst, s.level+now.Sub(s.at).Seconds()*s.rate)
	s.at = now
	for _, q := range batch {
		if s.level < 1-1e-9 {
			s.refused++
			told = time.Duration(math.Ceil((1-s.level)/s.rate-1e-9)) * time.Second
			answers = append(answers, answer{q, 429})
			continue
		}
		s.level--
		s.answered++
		if now.Sub(s.begun) > s.settled {
			s.sustained++
		}
		answers = append(answers, answer{q, 200})
	}
	return answers, told
}

func (s *service) begin() {
	s.level, s.at, s.begun = s.burst, time.Now(), time.Now()
}

func TestSustainsAnUnknownRate(t *testing.T) {
	for _, c := range []struct {
		rate, burst float64
		length      time.Duration
	}{
		{0.5, 1, 20 * time.Minute},
		{0.5, 5, 20 * time.Minute},
		{5, 5, 10 * time.Minute},
		{20, 20, 10 * time.Minute},
		{200, 200, 5 * time.Minute},
	} {
		t.Run(fmt.Sprintf("%v a second, burst %v", c.rate, c.burst), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{rate: c.rate, burst: c.burst, settled: time.Minute}
				s.begin()
				ctx, cancel := context.WithTimeout(t.Context(), c.length)
				defer cancel()
				lanes, _ := lanesOf(1_000_000, 2)
				_ = Run(ctx, lanes, Options[int, answer]{
					Send: s.send, Judge: judged(s), Pacer: pace.NewPacer(pace.Limits{}), BatchSize: 20, Concurrency: 8,
				})
				share := float64(s.sustained) / (c.rate * (c.length - s.settled).Seconds())
				part := float64(s.refused) / float64(s.refused+s.answered)
				t.Logf("%.1f %% of the limit, %.2f %% refused", 100*share, 100*part)
				if share < 0.95 || part > 0.03 {
					t.Errorf("sustained %.1f %% of the limit, want 95; %.2f %% refused, want at most 3", 100*share, 100*part)
				}
				if s.early > 0 {
					t.Errorf("%d requests left before their Retry-After", s.early)
				}
			})
		})
	}
}

// judged passes on what the service has told, which the answers do not carry.
func judged(s *service) func(int, answer) Verdict {
	return func(_ int, a answer) Verdict {
		if a.status != 429 {
			return Verdict{}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		return Verdict{Throttled: true, Again: true, RetryAfter: time.Until(s.notBefore)}
	}
}

func TestFollowsAChangingRate(t *testing.T) {
	for _, rate := range []float64{5, 20, 200} {
		t.Run(fmt.Sprintf("%v a second", rate), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{rate: rate, burst: rate}
				s.begin()
				set := func(r float64) func() {
					return func() {
						s.mu.Lock()
						defer s.mu.Unlock()
						s.rate = r
					}
				}
				var at [4]int
				note := func(i int) func() {
					return func() {
						s.mu.Lock()
						defer s.mu.Unlock()
						at[i] = s.answered
					}
				}
				const fall, back, end = 100 * time.Second, 200 * time.Second, 260 * time.Second
				time.AfterFunc(fall, set(rate/10))
				time.AfterFunc(fall+20*time.Second, note(0))
				time.AfterFunc(back-time.Second, note(1))
				time.AfterFunc(back, set(rate))
				time.AfterFunc(back+20*time.Second, note(2))
				time.AfterFunc(end-time.Second, note(3))
				ctx, cancel := context.WithTimeout(t.Context(), end)
				defer cancel()
				lanes, _ := lanesOf(1_000_000, 1)
				_ = Run(ctx, lanes, Options[int, answer]{
					Send: s.send, Judge: judged(s), Pacer: pace.NewPacer(pace.Limits{}), BatchSize: 20, Concurrency: 8,
				})
				low := float64(at[1]-at[0]) / (rate / 10 * 79)
				high := float64(at[3]-at[2]) / (rate * 39)
				t.Logf("low: %.0f %%; back: %.0f %%", 100*low, 100*high)
				if low < 0.9 || high < 0.9 {
					t.Errorf("20 s after the fall %.0f %% of the limit, 20 s after its end %.0f %%", 100*low, 100*high)
				}
			})
		})
	}
}

func TestUnthrottledSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &echo{latency: 50 * time.Millisecond}
		o := options(e)
		o.Pacer = pace.NewPacer(pace.Limits{})
		lanes, _ := lanesOf(10_000, 1)
		began := time.Now()
		if err := Run(t.Context(), lanes, o); err != nil {
			t.Fatal(err)
		}
		took := time.Since(began)
		t.Logf("%v, %d round trips", took, len(e.batches))
		if took > 6*time.Second {
			t.Errorf("10,000 items took %v, want under 6 s", took)
		}
		if most := 10_000/18 + 60; len(e.batches) > most {
			t.Errorf("%d round trips, want at most %d", len(e.batches), most)
		}
	})
}

func BenchmarkRun(b *testing.B) {
	o := Options[int, answer]{
		Send: func(_ context.Context, batch []int) ([]answer, error) {
			return make([]answer, len(batch)), nil
		},
		Judge: func(int, answer) Verdict { return Verdict{} },
		Pacer: pace.NewPacer(pace.Limits{}), BatchSize: 20, Concurrency: 8,
	}
	o.Pacer.Take(time.Now(), 20)
	o.Pacer.Take(time.Now(), 20)
	o.Pacer.Tell(pace.Signal{Answered: 1_000_000}, time.Now())
	b.ReportAllocs()
	lanes, _ := lanesOf(b.N, 1)
	if err := Run(b.Context(), lanes, o); err != nil {
		b.Fatal(err)
	}
}
