package dispatch

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer/pace"
)

// asked answers 429 with the wait that is next, and 200 when there is none left.
type asked struct{ waits []time.Duration }

func (a *asked) judge(_ int, got answer) Verdict {
	if got.status == 200 || len(a.waits) == 0 {
		return Verdict{}
	}
	wait := a.waits[0]
	a.waits = a.waits[1:]
	return Verdict{Throttled: true, Again: true, RetryAfter: wait}
}

func TestMaxWait(t *testing.T) {
	for _, test := range []struct {
		name  string
		waits []time.Duration
		most  time.Duration
		until time.Duration // from the start; 0 for a run that goes on to its end
	}{
		{"short", []time.Duration{time.Minute, 59 * time.Minute}, time.Hour, 0},
		{"just as long", []time.Duration{time.Hour}, time.Hour, 0},
		{"longer", []time.Duration{time.Hour + time.Second}, time.Hour, time.Hour + 2*time.Second},
		{"the longest of a batch", []time.Duration{2 * time.Hour, time.Minute, 3 * time.Hour}, time.Hour, 3*time.Hour + time.Second},
		{"without a bound", []time.Duration{30 * time.Hour, 30 * time.Hour}, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := &echo{latency: time.Second, status: func(int) int { return 429 }}
				o := options(e)
				o.Concurrency, o.MaxWait, o.Judge = 1, test.most, (&asked{slices.Clone(test.waits)}).judge
				began := time.Now()
				lanes, pulled := lanesOf(20, 1)
				err := Run(t.Context(), lanes, o)
				var wait *WaitError
				if test.until == 0 {
					if err != nil || len(e.batches) < 2 {
						t.Errorf("%v after %d round trips", err, len(e.batches))
					}
					return
				}
				if !errors.As(err, &wait) || wait.Until.Sub(began) != test.until {
					t.Fatalf("ended with %v, %+v", err, wait)
				}
				if time.Since(began) != time.Second || len(e.batches) != 1 {
					t.Errorf("ended after %v and %d round trips", time.Since(began), len(e.batches))
				}
				// What was answered is taken; what was refused is not.
				taken := 0
				for _, l := range *pulled {
					taken += len(l.taken)
				}
				if taken != 20-len(test.waits) {
					t.Errorf("%d answers taken", taken)
				}
			})
		})
	}
}

// TestMaxWaitFinishesWhatIsUnderWay, where a batch is refused as a whole.
func TestMaxWaitFinishesWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &echo{latency: 5 * time.Second}
		o := options(e)
		sent := 0
		o.MaxWait = time.Hour
		o.Send = func(ctx context.Context, batch []int) ([]answer, error) {
			e.mu.Lock()
			sent++
			first := sent == 1
			e.mu.Unlock()
			if first {
				time.Sleep(3 * time.Second)
				return nil, errors.New("busy")
			}
			return e.send(ctx, batch)
		}
		o.Failed = func([]int, error) ([]answer, Verdict, error) {
			return nil, Verdict{Throttled: true, Again: true, RetryAfter: 2 * time.Hour}, nil
		}
		lanes, pulled := lanesOf(10_000, 2)
		began := time.Now()
		err := Run(t.Context(), lanes, o)
		var wait *WaitError
		if !errors.As(err, &wait) || wait.Told != 2*time.Hour {
			t.Fatalf("ended with %v", err)
		}
		if took := time.Since(began); took > 8*time.Second || sent != 8 {
			t.Errorf("%d round trips in %v, want those that were under way", sent, took)
		}
		checkTaken(t, e, *pulled)
	})
}

func TestOnceMaxWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, told := range []time.Duration{time.Hour, 90 * time.Minute} {
			for _, throttled := range []bool{false, true} {
				began, calls := time.Now(), 0
				_, err := Once(t.Context(), pace.NewPacer(pace.Limits{}), time.Hour, func(context.Context) (int, Verdict, error) {
					calls++
					return 0, Verdict{Throttled: throttled, Again: calls == 1, RetryAfter: told}, nil
				})
				var wait *WaitError
				switch ended := errors.As(err, &wait); {
				case ended != (told > time.Hour):
					t.Errorf("%v: %v", told, err)
				case ended && (calls != 1 || !wait.Until.Equal(began.Add(told)) || !time.Now().Equal(began)):
					t.Errorf("%v: %d calls, until %v", told, calls, wait.Until)
				}
			}
		}
	})
}

func TestWaitErrorText(t *testing.T) {
	at := time.Date(2026, 11, 2, 14, 4, 10, 0, time.FixedZone("CET", 3600))
	for told, want := range map[time.Duration]string{
		2 * time.Hour:                "the service asks to wait until 15:05 UTC, 2h from now",
		90*time.Minute + time.Second: "the service asks to wait until 14:35 UTC, 1h30m from now",
		12 * time.Hour:               "the service asks to wait until 2026-11-03 01:05 UTC, 12h from now",
		365 * 24 * time.Hour:         "the service asks to wait until 2027-11-02 13:05 UTC, 8760h from now",
	} {
		if got := (&WaitError{at.Add(told), told}).Error(); got != want {
			t.Errorf("%v: %s", told, got)
		}
	}
}

// TestTick goes on while the run waits, and ends with it.
func TestTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &echo{latency: time.Second, status: func(int) int { return 429 }}
		o := options(e)
		o.Judge = (&asked{[]time.Duration{40 * time.Second}}).judge
		ticks := 0
		o.Tick = func() { ticks++ }
		lanes, _ := lanesOf(1, 1)
		if err := Run(t.Context(), lanes, o); err != nil || ticks < 40 || ticks > 43 {
			t.Errorf("%v after %d ticks", err, ticks)
		}
	})
}

// TestSignals reach the pacer with the numbers of items, whether the refusal is
// of items or of the response.
func TestSignals(t *testing.T) {
	const told = 30 * time.Second
	refused := errors.New("refused as a whole")
	for _, test := range []struct {
		name      string
		status    func(q int) int
		err       error
		throttled int
	}{
		{"three items of twenty", func(q int) int {
			if q < 3000 {
				return 429
			}
			return 200
		}, nil, 3},
		{"the response", nil, refused, 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := &echo{latency: time.Second, status: test.status}
				o := options(e)
				var sent []time.Time
				o.Send = func(ctx context.Context, batch []int) ([]answer, error) {
					sent = append(sent, time.Now())
					if len(sent) == 1 && test.err != nil {
						time.Sleep(time.Second)
						return nil, test.err
					}
					answers, err := e.send(ctx, batch)
					e.status = nil
					return answers, err
				}
				told := Verdict{Throttled: true, Again: true, RetryAfter: told}
				o.Judge = func(_ int, a answer) Verdict {
					if a.status == 429 {
						return told
					}
					return Verdict{}
				}
				o.Failed = func([]int, error) ([]answer, Verdict, error) { return nil, told, nil }
				lanes, _ := lanesOf(20, 1)
				if err := Run(t.Context(), lanes, o); err != nil {
					t.Fatal(err)
				}
				if r := o.Pacer.Report(); r.Throttled != test.throttled {
					t.Errorf("%d items refused, want %d", r.Throttled, test.throttled)
				}
				if len(sent) < 2 || sent[1].Sub(sent[0]) < time.Second+told.RetryAfter {
					t.Errorf("sent at %v", sent)
				}
			})
		})
	}
}

// TestSettlingReadsCount: where all that comes first is answered too early, as
// when a run is resumed, the pace grows all the same.
func TestSettlingReadsCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options(&echo{latency: 50 * time.Millisecond})
		o.Pacer = pace.NewPacer(pace.Limits{})
		early := func(int, answer) Verdict { return Verdict{} }
		o.Judge = unsettled(early)
		lanes := func(yield func(Lane[int, answer]) bool) {
			for i := range 600 {
				e := &errand{id: i, steps: []step{write}}
				if i < 200 {
					e.steps = []step{settle}
				}
				if !yield(e) {
					return
				}
			}
		}
		began := time.Now()
		if err := Run(t.Context(), lanes, o); err != nil || time.Since(began) > 12*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// TestPressure holds growth back before anything is refused.
func TestPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rate := func(share float64) float64 {
			o := options(&echo{latency: time.Second})
			o.Pacer = pace.NewPacer(pace.Limits{})
			o.Judge = func(q int, _ answer) Verdict {
				if q == 0 {
					return Verdict{Pressure: share} // one item of many tells
				}
				return Verdict{}
			}
			lanes, _ := lanesOf(100, 1)
			if err := Run(t.Context(), lanes, o); err != nil {
				t.Fatal(err)
			}
			return o.Pacer.Report().Rate
		}
		if free, held := rate(0), rate(1.2); held > free/2 {
			t.Errorf("%v a second with nothing told, %v with the limit passed", free, held)
		}
	})
}
