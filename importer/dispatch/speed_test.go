package dispatch

import (
	"context"
	"fmt"
	"iter"
	"math"
	"strings"
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
	latency            time.Duration
	rate, burst, level float64
	at, begun          time.Time
	notBefore          time.Time // by the last Retry-After that a caller has heard
	early              int       // items that left before
	settled            time.Duration
	answered, refused  int
	sustained, later   int // answered, and refused, after settled
}

func (s *service) send(_ context.Context, batch []int) ([]answer, error) {
	halfway := s.latency / 2
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
			if now.Sub(s.begun) > s.settled {
				s.later++
			}
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

// errand is a lane of steps; its requests say which.
type errand struct {
	id    int
	steps []step
}

// step is the last digit of a request.
type step int

const (
	look   step = iota // a read before a write
	write              // of one phase
	settle             // a read that shows the write at the second try only
)

func (e *errand) Next() (int, bool) {
	if len(e.steps) == 0 {
		return 0, false
	}
	return e.id*1000 + len(e.steps)*10 + int(e.steps[0]), true
}

func (e *errand) Take(answer) { e.steps = e.steps[1:] }

// errands are people as an import has them: of a hundred, some are looked at
// before they are written to, some have a second phase, which waits for the
// first, and some have to be settled. Without an end for a count of 0.
func errands(count, looks, twoPhases, settles int) iter.Seq[Lane[int, answer]] {
	return func(yield func(Lane[int, answer]) bool) {
		for i := 0; i < count || count == 0; i++ {
			e := &errand{id: i, steps: []step{write}}
			switch n := i * 37 % 100; {
			case n < looks:
				e.steps = []step{look, write}
			case n < looks+twoPhases:
				e.steps = []step{write, write}
			case n < looks+twoPhases+settles:
				e.steps = []step{write, settle}
			}
			if !yield(e) {
				return
			}
		}
	}
}

// unsettled has every settling read wait once for what does not show yet.
func unsettled(judge func(int, answer) Verdict) func(int, answer) Verdict {
	waited := map[int]bool{}
	return func(q int, a answer) Verdict {
		v := judge(q, a)
		if step(q%10) == settle && !v.Again && !waited[q] {
			waited[q] = true
			return Verdict{Again: true, Answered: true, RetryAfter: 5 * time.Second}
		}
		return v
	}
}

// sub is a subtest in a bubble of its own.
func sub(t *testing.T, name string, f func(*testing.T)) {
	t.Helper()
	t.Run(strings.Join(strings.Fields(name), " "), func(t *testing.T) { synctest.Test(t, f) })
}

// TestSustainsAnUnknownRate over runs as long as imports, reads and writes in
// one budget: at least 95 % of it used, at most 3 % refused, the finding of it
// included, and nothing sent before its time.
func TestSustainsAnUnknownRate(t *testing.T) {
	for _, c := range []struct {
		rate, burst float64
		latency     time.Duration
		length      time.Duration
		atOnce      int
	}{
		{0.5, 1, 50 * time.Millisecond, 2 * time.Hour, 8},
		{0.5, 5, time.Second, 2 * time.Hour, 8},
		{5, 5, 50 * time.Millisecond, time.Hour, 8},
		{5, 50, time.Second, time.Hour, 8},
		{20, 20, 50 * time.Millisecond, 40 * time.Minute, 8},
		{20, 200, time.Second, 40 * time.Minute, 8},
		{200, 200, 50 * time.Millisecond, 20 * time.Minute, 8},
		{200, 2000, time.Second, 20 * time.Minute, 16},
	} {
		name := fmt.Sprintf("%3v a second, %4v at once, %4v", c.rate, c.burst, c.latency)
		sub(t, name, func(t *testing.T) {
			s := &service{rate: c.rate, burst: c.burst, latency: c.latency, settled: time.Minute}
			s.begin()
			ctx, cancel := context.WithTimeout(t.Context(), c.length)
			defer cancel()
			_ = Run(ctx, errands(0, 20, 15, 5), Options[int, answer]{
				Send: s.send, Judge: unsettled(judged(s)), Pacer: pace.NewPacer(pace.Limits{}), BatchSize: 20, Concurrency: c.atOnce, Tries: 3,
			})
			share := float64(s.answered) / (c.rate * c.length.Seconds())
			part := float64(s.refused) / float64(s.refused+s.answered)
			t.Logf("%s: %5.1f %% used, %4.2f %% refused, %d early; then %5.1f %%, %4.2f %%", name, 100*share, 100*part, s.early,
				100*float64(s.sustained)/(c.rate*(c.length-s.settled).Seconds()), 100*float64(s.later)/float64(s.later+s.sustained))
			if share < 0.95 || part > 0.03 {
				t.Errorf("%s: %.1f %% used, want 95; %.2f %% refused, want at most 3", name, 100*share, 100*part)
			}
			if s.early > 0 {
				t.Errorf("%s: %d requests left before their Retry-After", name, s.early)
			}
		})
	}
}

// TestMixedBatchesAreFull: people are kept apart, and some of them wait, so that
// others have to fill the batches. At most a round trip for 18 items, and one
// more for everybody with two phases.
func TestMixedBatchesAreFull(t *testing.T) {
	const people = 10_000
	for _, c := range []struct {
		latency                   time.Duration
		looks, twoPhases, settles int
		rate                      float64 // 0 for a service without a limit
	}{
		{50 * time.Millisecond, 20, 15, 5, 0},
		{time.Second, 20, 15, 5, 0},
		{300 * time.Millisecond, 0, 100, 0, 0},
		{300 * time.Millisecond, 0, 0, 30, 0},
		{50 * time.Millisecond, 20, 15, 5, 250},
		{50 * time.Millisecond, 0, 30, 30, 250},
	} {
		name := fmt.Sprintf("%2d looks, %3d with two phases, %2d settle; %5v, %3v a second", c.looks, c.twoPhases, c.settles, c.latency, c.rate)
		sub(t, name, func(t *testing.T) {
			s := &service{rate: 1e9, burst: 1e9, latency: c.latency}
			if c.rate > 0 {
				s.rate, s.burst = c.rate, c.rate
			}
			s.begin()
			trips := 0
			err := Run(t.Context(), errands(people, c.looks, c.twoPhases, c.settles), Options[int, answer]{
				Send: func(ctx context.Context, batch []int) ([]answer, error) {
					s.mu.Lock()
					trips++
					s.mu.Unlock()
					return s.send(ctx, batch)
				},
				Judge: unsettled(judged(s)), Pacer: pace.NewPacer(pace.Limits{}), BatchSize: 20, Concurrency: 8, Tries: 3,
			})
			took := time.Since(s.begun)
			items := s.answered + s.refused
			t.Logf("%s: %4d items in %3d round trips of %.1f, %v", name, items, trips, float64(items)/float64(trips), took.Round(time.Second))
			if most := items/18 + people*c.twoPhases/100; err != nil || trips > most {
				t.Errorf("%s: %d round trips for %d items, want at most %d; %v", name, trips, items, most, err)
			}
			if float64(items)/float64(trips) < 18 {
				t.Errorf("%s: batches of %.1f", name, float64(items)/float64(trips))
			}
			// Nobody who waits holds the others up.
			capacity := math.Min(s.rate, 8*20/c.latency.Seconds())
			if most := 1.05*float64(items)/capacity + 15; took.Seconds() > most {
				t.Errorf("%s: took %v, want %.0f s at most", name, took, most)
			}
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
				s := &service{rate: rate, burst: rate, latency: 50 * time.Millisecond}
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
