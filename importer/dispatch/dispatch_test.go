package dispatch

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/pace"
)

// counted is a lane of n requests, numbered from its own first.
type counted struct {
	first, n int
	taken    []answer
}

func (l *counted) Next() (int, bool) { return l.first + len(l.taken), len(l.taken) < l.n }
func (l *counted) Take(a answer)     { l.taken = append(l.taken, a) }

// answer is the number of the request it answers and the status.
type answer struct{ to, status int }

// lanesOf gives count lanes of n requests each, and those that were pulled.
func lanesOf(count, n int) (iter.Seq[Lane[int, answer]], *[]*counted) {
	var pulled []*counted
	return func(yield func(Lane[int, answer]) bool) {
		for i := range count {
			l := &counted{first: i * 1000, n: n}
			pulled = append(pulled, l)
			if !yield(l) {
				return
			}
		}
	}, &pulled
}

func judge(_ int, a answer) Verdict {
	switch {
	case a.status == 429:
		return Verdict{Throttled: true, Again: true, RetryAfter: time.Second}
	case a.status >= 500:
		return Verdict{Again: true}
	}
	return Verdict{}
}

// echo answers every request, after a moment, with the status it is told.
type echo struct {
	mu      sync.Mutex
	latency time.Duration
	status  func(q int) int
	batches [][]int
	flying  map[int]bool // lanes
	doubled bool         // a lane had two requests under way
}

func (e *echo) send(_ context.Context, batch []int) ([]answer, error) {
	e.mu.Lock()
	e.batches = append(e.batches, slices.Clone(batch))
	if e.flying == nil {
		e.flying = map[int]bool{}
	}
	for _, q := range batch {
		e.doubled = e.doubled || e.flying[q/1000]
		e.flying[q/1000] = true
	}
	e.mu.Unlock()
	time.Sleep(e.latency)
	e.mu.Lock()
	defer e.mu.Unlock()
	answers := make([]answer, len(batch))
	for i, q := range batch {
		delete(e.flying, q/1000)
		answers[i] = answer{to: q, status: 200}
		if e.status != nil {
			answers[i].status = e.status(q)
		}
	}
	return answers, nil
}

func options(e *echo) Options[int, answer] {
	return Options[int, answer]{
		Send: e.send, Judge: judge, Pacer: quick(), BatchSize: 20, Concurrency: 8, Tries: 3,
	}
}

// quick is a pacer that holds nothing back any more.
func quick() *pace.Pacer {
	p := pace.NewPacer(pace.Limits{})
	p.Take(time.Now(), 20)
	p.Take(time.Now(), 20)
	p.Tell(pace.Signal{Answered: 1_000_000}, time.Now())
	time.Sleep(time.Second)
	return p
}

func TestEveryLaneInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &echo{latency: 50 * time.Millisecond}
		n := 0
		e.status = func(int) int {
			n++
			return []int{200, 200, 200, 429, 200, 503, 200}[n%7]
		}
		lanes, pulled := lanesOf(300, 7)
		if err := Run(t.Context(), lanes, options(e)); err != nil {
			t.Fatal(err)
		}
		if e.doubled {
			t.Error("a lane had two requests under way")
		}
		if len(*pulled) != 300 {
			t.Fatalf("%d lanes pulled", len(*pulled))
		}
		for _, l := range *pulled {
			for i, a := range l.taken {
				if a.to != l.first+i {
					t.Fatalf("lane %d took the answer to %d as number %d", l.first, a.to, i)
				}
			}
			if len(l.taken) != 7 {
				t.Fatalf("lane %d took %d answers of 7", l.first, len(l.taken))
			}
		}
	})
}

func TestOneAtATimeIsFIFO(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &echo{latency: 50 * time.Millisecond}
		o := options(e)
		o.Concurrency, o.BatchSize = 1, 3
		lanes, _ := lanesOf(5, 2)
		if err := Run(t.Context(), lanes, o); err != nil {
			t.Fatal(err)
		}
		want := [][]int{{0, 1000, 2000}, {1, 1001, 2001}, {3000, 4000}, {3001, 4001}}
		if diff := cmp.Diff(want, e.batches); diff != "" {
			t.Errorf("batches (-want +got):\n%s", diff)
		}
	})
}

func TestBatchesAreFull(t *testing.T) {
	for _, c := range []struct{ lanes, each, allowed int }{
		{5000, 1, 5000/18 + 5},
		{1000, 4, 4000/18 + 5},
		{37, 20, 37 * 20 / 18 * 2}, // too few people for two full batches
		{45, 1, 3},
		{1, 30, 30},
	} {
		t.Run(fmt.Sprintf("%d lanes of %d", c.lanes, c.each), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := &echo{latency: 50 * time.Millisecond}
				lanes, _ := lanesOf(c.lanes, c.each)
				if err := Run(t.Context(), lanes, options(e)); err != nil {
					t.Fatal(err)
				}
				if got := len(e.batches); got > c.allowed {
					t.Errorf("%d round trips, want at most %d", got, c.allowed)
				}
			})
		})
	}
}

// A partial batch waits for lanes that are under way, but not for long.
func TestPartialBatchLingers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &echo{latency: 10 * time.Second}
		lanes, _ := lanesOf(25, 1)
		o := options(e)
		began := time.Now()
		if err := Run(t.Context(), lanes, o); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 10*time.Second+linger || len(e.batches) != 2 {
			t.Errorf("%d round trips in %v, want 2 in %v", len(e.batches), took, 10*time.Second+linger)
		}
	})
}

func TestLanesArePulledLazily(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &echo{latency: 50 * time.Millisecond}
		o := options(e)
		const most = 4 * 20 * 8
		lanes, pulled := lanesOf(10_000, 2)
		o.Progress = func(p Progress) {
			if finished := p.Taken / 2; len(*pulled)-finished > most {
				t.Errorf("%d lanes pulled when at least %d had finished", len(*pulled), finished)
			}
			if p.Lanes > most {
				t.Errorf("%d lanes open", p.Lanes)
			}
		}
		// Where all is sleeping off errors, lanes are not heaped up either.
		began := time.Now()
		e.status = func(int) int {
			if time.Since(began) < time.Minute {
				return 500
			}
			return 200
		}
		o.Tries = 1000
		if err := Run(t.Context(), lanes, o); err != nil {
			t.Fatal(err)
		}
		if len(*pulled) != 10_000 {
			t.Errorf("%d lanes pulled", len(*pulled))
		}
	})
}

func TestTransientAnswersAreTriedThreeTimesMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &echo{latency: time.Millisecond}
		e.status = func(q int) int {
			if q == 1001 {
				return 502
			}
			return 200
		}
		lanes, pulled := lanesOf(3, 3)
		o := options(e)
		began := time.Now()
		if err := Run(t.Context(), lanes, o); err != nil {
			t.Fatal(err)
		}
		want := []answer{{1000, 200}, {1001, 502}, {1002, 200}}
		if diff := cmp.Diff(want, (*pulled)[1].taken, cmp.AllowUnexported(answer{})); diff != "" {
			t.Errorf("answers of the lane (-want +got):\n%s", diff)
		}
		sent := 0
		for _, b := range e.batches {
			if slices.Contains(b, 1001) {
				sent++
			}
		}
		if sent != 4 {
			t.Errorf("sent %d times, want 4", sent)
		}
		if took := time.Since(began); took < 7*time.Second || took > 8*time.Second {
			t.Errorf("took %v, want the back-off of 1, 2 and 4 s", took)
		}
	})
}

func TestCancelFinishesWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		e := &echo{latency: 2 * time.Second}
		o := options(e)
		send := o.Send
		o.Send = func(ctx context.Context, batch []int) ([]answer, error) {
			a, err := send(ctx, batch)
			return a, errors.Join(err, ctx.Err())
		}
		lanes, pulled := lanesOf(10_000, 2)
		time.AfterFunc(5*time.Second, func() { cancel(why) })
		began := time.Now()
		if err := Run(ctx, lanes, o); !errors.Is(err, why) {
			t.Fatalf("got %v, want the cause", err)
		}
		if took := time.Since(began); took != 6*time.Second {
			t.Errorf("took %v, want the round trips under way to end at 6 s", took)
		}
		checkTaken(t, e, *pulled)
	})
}

func TestErrorFinishesWhatIsUnderWay(t *testing.T) {
	broken := errors.New("journal full")
	for name, o := range map[string]func(*Options[int, answer]){
		"send": func(o *Options[int, answer]) {},
		"failed": func(o *Options[int, answer]) {
			o.Failed = func(_ []int, err error) ([]answer, Verdict, error) {
				return nil, Verdict{}, fmt.Errorf("settling: %w", err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := &echo{latency: time.Second}
				opts := options(e)
				o(&opts)
				calls := 0
				opts.Send = func(ctx context.Context, batch []int) ([]answer, error) {
					e.mu.Lock()
					calls++
					bad := calls == 10
					e.mu.Unlock()
					if bad {
						return nil, broken
					}
					return e.send(ctx, batch)
				}
				lanes, pulled := lanesOf(10_000, 1)
				if err := Run(t.Context(), lanes, opts); !errors.Is(err, broken) {
					t.Fatalf("got %v", err)
				}
				if len(e.batches) < 9 || len(e.batches) > 17 {
					t.Errorf("%d round trips went well beside the one that did not", len(e.batches))
				}
				checkTaken(t, e, *pulled)
			})
		})
	}
}

// checkTaken wants every request that was answered taken, and no other.
func checkTaken(t *testing.T, e *echo, pulled []*counted) {
	t.Helper()
	answered, taken := 0, 0
	for _, b := range e.batches {
		answered += len(b)
	}
	for _, l := range pulled {
		taken += len(l.taken)
	}
	if taken != answered || taken == 0 {
		t.Errorf("%d answers taken of %d", taken, answered)
	}
}

func TestThrottledWhenStoppingIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		e := &echo{latency: time.Second, status: func(int) int { cancel(); return 429 }}
		lanes, pulled := lanesOf(10, 1)
		if err := Run(ctx, lanes, options(e)); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		for _, l := range *pulled {
			if len(l.taken) > 0 {
				t.Error("a refused request was taken for done")
			}
		}
	})
}

func TestFailedRoundTrips(t *testing.T) {
	broken := errors.New("connection reset")
	run := func(t *testing.T, times int, failed func([]int, error) ([]answer, Verdict, error)) (*echo, []*counted, error) {
		t.Helper()
		e := &echo{latency: time.Millisecond}
		o := options(e)
		o.Concurrency, o.Failed = 1, failed
		o.Send = func(ctx context.Context, batch []int) ([]answer, error) {
			if times--; times >= 0 {
				return nil, broken
			}
			return e.send(ctx, batch)
		}
		lanes, pulled := lanesOf(5, 1)
		err := Run(t.Context(), lanes, o)
		return e, *pulled, err
	}
	synctest.Test(t, func(t *testing.T) {
		again := func([]int, error) ([]answer, Verdict, error) { return nil, Verdict{Again: true}, nil }
		e, pulled, err := run(t, 3, again)
		if err != nil {
			t.Fatalf("broken three times: %v", err)
		}
		checkTaken(t, e, pulled)
		if _, _, err := run(t, 4, again); !errors.Is(err, broken) {
			t.Errorf("broken four times: %v", err)
		}
		busy := func([]int, error) ([]answer, Verdict, error) {
			return nil, Verdict{Again: true, Throttled: true, RetryAfter: 3 * time.Second}, nil
		}
		began := time.Now()
		if _, _, err := run(t, 40, busy); err != nil {
			t.Errorf("busy forty times: %v", err)
		}
		if took := time.Since(began); took < 120*time.Second {
			t.Errorf("forty waits of 3 s took %v", took)
		}
		_, pulled, err = run(t, 1, func(batch []int, _ error) ([]answer, Verdict, error) {
			a := make([]answer, len(batch))
			for i, q := range batch {
				a[i] = answer{to: q, status: 599}
			}
			return a, Verdict{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range pulled {
			if len(l.taken) != 1 || l.taken[0].status != 599 {
				t.Errorf("taken %v, want the answer that was made up", l.taken)
			}
		}
	})
}

func TestWrongNumberOfAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, off := range []int{-1, 1} {
			o := options(&echo{})
			o.Send = func(_ context.Context, batch []int) ([]answer, error) {
				return make([]answer, len(batch)+off), nil
			}
			lanes, _ := lanesOf(2, 1)
			if err := Run(t.Context(), lanes, o); err == nil {
				t.Errorf("%+d answers went unnoticed", off)
			}
		}
	})
}

func TestNothingToDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, count := range []int{0, 5000} {
			lanes, pulled := lanesOf(count, 0)
			e := &echo{}
			if err := Run(t.Context(), lanes, options(e)); err != nil || len(e.batches) != 0 || len(*pulled) != count {
				t.Errorf("%v, %d round trips, %d lanes pulled", err, len(e.batches), len(*pulled))
			}
		}
	})
}

func TestOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("server error")
		type outcome struct {
			v   Verdict
			err error
		}
		busy := outcome{Verdict{Throttled: true, Again: true, RetryAfter: 5 * time.Second}, broken}
		bad := outcome{Verdict{Again: true}, broken}
		for _, c := range []struct {
			name  string
			outs  []outcome
			err   error
			least time.Duration
		}{
			{"well", []outcome{{}}, nil, 0},
			{"refused for good", []outcome{{err: broken}}, broken, 0},
			{"throttled often", slices.Concat(slices.Repeat([]outcome{busy}, 9), []outcome{{}}), nil, 45 * time.Second},
			{"bad four times", slices.Concat(slices.Repeat([]outcome{bad}, 4), []outcome{{}}), nil, 15 * time.Second},
			{"bad five times", slices.Repeat([]outcome{bad}, 5), broken, 15 * time.Second},
		} {
			began, calls := time.Now(), 0
			_, err := Once(t.Context(), pace.NewPacer(pace.Limits{}), 0, func(context.Context) (int, Verdict, error) {
				calls++
				return calls, c.outs[calls-1].v, c.outs[calls-1].err
			})
			if !errors.Is(err, c.err) || calls != len(c.outs) || time.Since(began) < c.least {
				t.Errorf("%s: %v after %d calls and %v", c.name, err, calls, time.Since(began))
			}
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(broken) })
		_, err := Once(ctx, pace.NewPacer(pace.Limits{}), 0, func(context.Context) (int, Verdict, error) {
			return 0, busy.v, nil
		})
		if !errors.Is(err, broken) {
			t.Errorf("cancelled while waiting: %v", err)
		}
	})
}

// TestEarlyAnswersAreAnswers: what is asked again because it was answered too
// early is no reason to stay slow.
func TestEarlyAnswersAreAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := map[int]int{}
		e := &echo{latency: 40 * time.Millisecond}
		o := options(e)
		o.Pacer = pace.NewPacer(pace.Limits{})
		o.Judge = func(q int, _ answer) Verdict {
			asked[q]++
			return Verdict{Again: asked[q] == 1, Answered: true, RetryAfter: 5 * time.Second}
		}
		lanes, _ := lanesOf(400, 1)
		begun := time.Now()
		if err := Run(t.Context(), lanes, o); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took > 12*time.Second {
			t.Errorf("800 requests, half of them after 5 s, took %v", took)
		}
	})
}
