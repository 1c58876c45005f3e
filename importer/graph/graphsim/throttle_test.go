package graphsim_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
)

// reads is n items that read Ada's phones.
func reads(n int) []string {
	items := make([]string, n)
	for i := range items {
		items[i] = get(strconv.Itoa(i), phones(ada))
	}
	return items
}

func count(statuses []int, status int) (n int) {
	for _, s := range statuses {
		if s == status {
			n++
		}
	}
	return n
}

func TestThrottle(t *testing.T) {
	var c *clock
	eachWay(t, func() graphsim.Options {
		c = newClock()
		return graphsim.Options{Now: c.now, Levers: graphsim.Levers{Throttle: graphsim.Throttle{Rate: 2, Burst: 5}}}
	}, func(t *testing.T, s *graphsim.Server, w way) {
		// Reads and writes are one budget, and what is refused is not done.
		items := append(reads(4), post("a", phones(ada), phoneJSON("mobile", "+44 7700900100")), post("b", emails(ada), `{"emailAddress":"ada@home.example"}`))
		if diff := cmp.Diff([]int{200, 200, 200, 200, 201, 429}, w.statuses(t, items...)); diff != "" {
			t.Error(diff)
		}
		if u := s.Tenant().Users[0]; len(u.PhoneMethods) != 1 || len(u.EmailMethods) != 0 {
			t.Errorf("registered: %d phones, %d addresses", len(u.PhoneMethods), len(u.EmailMethods))
		}
		want(t, w.send(t, "GET", "/users/"+ada, ""), 429, "TooManyRequests")
		for _, step := range []struct {
			pass  time.Duration
			good  int
			rate  float64
			early bool
		}{
			{500 * time.Millisecond, 1, 2, true},
			{time.Second, 2, 2, false},
			{time.Hour, 5, 2, false},
			{time.Second, 2, 10, false}, // filled at the old rate
			{time.Second, 5, 0, false},
			{0, 20, 2, false}, // no limit until now, a full bucket after it
			{0, 5, 2, false},
		} {
			c.pass(step.pass)
			before := s.Stats()
			got := w.statuses(t, reads(20)...)
			if n := count(got, 200); n != step.good || count(got, 429) != 20-n {
				t.Errorf("after %v: %v", step.pass, got)
			}
			if early := s.Stats().Early - before.Early; (early == 20) != step.early || (early == 0) == step.early {
				t.Errorf("after %v: %d early", step.pass, early)
			}
			if more := s.Stats().ThrottledItems - before.ThrottledItems; int(more) != 20-step.good {
				t.Errorf("after %v: %d counted as refused", step.pass, more)
			}
			s.SetRate(step.rate)
		}
	})
}

func TestRateThatChanges(t *testing.T) {
	c := newClock()
	s := newServer(t, graphsim.Options{Now: c.now, Levers: graphsim.Levers{Throttle: graphsim.Throttle{Rate: 2, Burst: 50}}})
	w := ways(t, s)[0]
	for _, step := range []struct {
		rate  float64
		until time.Duration // since the change before
		good  int
	}{{100, 0, 20}, {100, 0, 20}, {100, 0, 10}, {2, 50 * time.Millisecond, 5}, {100, time.Second, 2}, {0, time.Second, 20}, {2, time.Hour, 20}} {
		c.pass(step.until)
		s.SetRate(step.rate)
		if got := w.statuses(t, reads(20)...); count(got, 200) != step.good {
			t.Errorf("at %v: %v, want %d", step.rate, got, step.good)
		}
	}
}

// TestLongestWaitHolds: a shorter one told later does not end it.
func TestLongestWaitHolds(t *testing.T) {
	c := newClock()
	told := []string{"10", "1", "20"}
	s := newServer(t, graphsim.Options{Now: c.now, Fault: func(graphsim.Call) *graphsim.Fault {
		if len(told) == 0 {
			return nil
		}
		wait := told[0]
		told = told[1:]
		return &graphsim.Fault{Status: 429, Header: http.Header{"Retry-After": {wait}}}
	}})
	for _, step := range []struct {
		pass  time.Duration
		early int64
	}{{0, 0}, {0, 0}, {9 * time.Second, 1}, {19 * time.Second, 2}, {time.Second, 2}} {
		c.pass(step.pass)
		send(t, s, "GET", "/users", "")
		if got := s.Stats().Early; got != step.early {
			t.Errorf("after %v more: %d early, want %d", step.pass, got, step.early)
		}
	}
}

func TestBurstWithoutANumber(t *testing.T) {
	for rate, burst := range map[float64]int{0.1: 1, 3: 3, 3.5: 4} {
		c := newClock()
		s := newServer(t, graphsim.Options{Now: c.now, Levers: graphsim.Levers{Throttle: graphsim.Throttle{Rate: rate}}})
		if got := ways(t, s)[0].statuses(t, reads(10)...); count(got, 200) != burst {
			t.Errorf("rate %v: %v", rate, got)
		}
	}
}

// TestRetryAfterForms wants every form to be true: who waits exactly as told is
// served, and has not come early.
func TestRetryAfterForms(t *testing.T) {
	for _, test := range []struct {
		name     string
		throttle graphsim.Throttle
		header   string
		told     time.Duration
	}{
		{"seconds", graphsim.Throttle{Rate: 0.4}, "3", 3 * time.Second},
		{"less than a second", graphsim.Throttle{Rate: 10, Burst: 1}, "1", time.Second},
		{"fraction", graphsim.Throttle{Rate: 0.47, RetryAfter: graphsim.RetryFraction}, "2.128", 2128 * time.Millisecond},
		{"date", graphsim.Throttle{Rate: 0.4, RetryAfter: graphsim.RetryDate}, "Tue, 24 Nov 2026 09:00:03 GMT", 3 * time.Second},
		{"absent", graphsim.Throttle{Rate: 0.4, RetryAfter: graphsim.RetryAbsent}, "", 0},
		{"long", graphsim.Throttle{Rate: 0.4, AtLeast: 2 * time.Hour}, "7200", 2 * time.Hour},
		{"long fraction", graphsim.Throttle{Rate: 0.4, AtLeast: 2 * time.Hour, RetryAfter: graphsim.RetryFraction}, "7200.000", 2 * time.Hour},
	} {
		for _, whole := range []bool{false, true} {
			t.Run(fmt.Sprint(test.name, ", whole batches ", whole), func(t *testing.T) {
				var c *clock
				eachWay(t, func() graphsim.Options {
					c = newClock()
					test.throttle.Whole = whole
					return graphsim.Options{Now: c.now, Levers: graphsim.Levers{Throttle: test.throttle}}
				}, func(t *testing.T, s *graphsim.Server, w way) {
					w.send(t, "GET", phones(ada), "")
					got := w.send(t, "POST", "/$batch", batch(reads(3)...))
					header := got.header.Get("Retry-After")
					if !whole {
						header, _ = responses(t, got)["1"]["headers"].(map[string]any)["Retry-After"].(string)
					} else {
						want(t, got, 429, "TooManyRequests")
					}
					if header != test.header {
						t.Fatalf("Retry-After %q, want %q", header, test.header)
					}
					if s.Stats().ThrottledItems != 3 || s.Stats().Early != 0 {
						t.Errorf("%+v", s.Stats())
					}
					if test.told == 0 {
						c.pass(time.Nanosecond)
						if w.send(t, "GET", phones(ada), ""); s.Stats().Early != 0 {
							t.Error("early, though nothing was told")
						}
						return
					}
					c.pass(test.told - time.Millisecond)
					w.send(t, "POST", "/$batch", batch(reads(3)...))
					if got := s.Stats().Early; got != 3 {
						t.Errorf("%d came early, want 3", got)
					}
					c.pass(24*time.Hour + time.Millisecond) // a whole second, as a date is
					w.send(t, "GET", phones(ada), "")
					want(t, w.send(t, "GET", phones(ada), ""), 429, "TooManyRequests")
					c.pass(test.told)
					if got := w.send(t, "GET", phones(ada), ""); got.status != 200 || s.Stats().Early != 3 {
						t.Errorf("after the wait %d, %d early", got.status, s.Stats().Early)
					}
				})
			})
		}
	}
}

// TestEarlyByAFault counts what comes before a wait that the caller's lever
// told, in virtual time.
func TestEarlyByAFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told atomic.Bool
		s := newServer(t, graphsim.Options{Latency: time.Millisecond, Fault: func(c graphsim.Call) *graphsim.Fault {
			if !c.Batched || told.Swap(true) {
				return nil
			}
			return &graphsim.Fault{Status: 503, Header: http.Header{"Retry-After": {"4"}}}
		}})
		begin := time.Now()
		var group sync.WaitGroup
		for _, step := range []struct {
			arrives time.Duration
			early   int64
		}{
			{0, 0}, // refused a millisecond later, for four seconds
			{time.Millisecond, 0},
			{2 * time.Millisecond, 2},
			{4*time.Second + time.Millisecond - 1, 4},
			{4*time.Second + time.Millisecond, 4},
		} {
			time.Sleep(step.arrives - time.Since(begin))
			// In the background: the next one may arrive before this is answered.
			group.Go(func() { send(t, s, "POST", "/$batch", batch(reads(2)...)) })
			synctest.Wait()
			if got := s.Stats().Early; got != step.early {
				t.Errorf("%v: %d early, want %d", step.arrives, got, step.early)
			}
		}
		group.Wait()
	})
}

func TestThrottlePercentage(t *testing.T) {
	const name = "X-Ms-Throttle-Limit-Percentage"
	for _, test := range []struct{ items, response bool }{{true, false}, {false, true}, {true, true}, {false, false}} {
		var c *clock
		eachWay(t, func() graphsim.Options {
			c = newClock()
			return graphsim.Options{Now: c.now, Levers: graphsim.Levers{Throttle: graphsim.Throttle{
				Rate: 1, Burst: 10, PercentOnItems: test.items, PercentOnResponse: test.response}}}
		}, func(t *testing.T, _ *graphsim.Server, w way) {
			got := w.send(t, "POST", "/$batch", batch(reads(20)...))
			var told []string
			for i := range 20 {
				told = append(told, fmt.Sprint(responses(t, got)[strconv.Itoa(i)]["headers"].(map[string]any)[name]))
			}
			items := strings.Repeat("<nil> ", 20)
			if test.items {
				items = strings.Repeat("<nil> ", 7) + "0.80 0.90 1.00 1.10 1.20 1.30 1.40 1.50 1.60 1.70 " + strings.Repeat("1.80 ", 3)
			}
			if diff := cmp.Diff(strings.TrimSpace(items), strings.Join(told, " ")); diff != "" {
				t.Errorf("%+v:\n%s", test, diff)
			}
			whole := ""
			if test.response {
				whole = "1.80"
			}
			if got := got.header.Get(name); got != whole {
				t.Errorf("%+v: the response says %q", test, got)
			}
			alone := func() string { return w.send(t, "GET", phones(ada), "").header.Get(name) }
			if c.pass(9 * time.Second); test.items || test.response {
				if got := alone(); got != "1.00" {
					t.Errorf("%+v: a request alone says %q", test, got)
				}
			}
			if c.pass(time.Minute); alone() != "" {
				t.Error("told with nearly all left")
			}
		})
	}
}

// TestThrottleInVirtualTime lets eight goroutines send as fast as they can for
// ten seconds, of which the first 40 ms find a full bucket: the limit holds whatever
// they do.
func TestThrottleInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, graphsim.Options{Latency: 40 * time.Millisecond, Levers: graphsim.Levers{Throttle: graphsim.Throttle{Rate: 5, Burst: 20}}})
		begin := time.Now()
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for time.Since(begin) < 10*time.Second {
					send(t, s, "POST", "/$batch", batch(reads(20)...))
				}
			})
		}
		group.Wait()
		if got := s.Stats(); got.Reads != 69 || got.ThrottledItems != got.Items-69 || got.Early == 0 {
			t.Errorf("%+v", got)
		}
	})
}
