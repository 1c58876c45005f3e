package apply_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
)

// refuser answers 429 to the first n calls that match, and notes every request
// that arrives before a wait that was told is over.
type refuser struct {
	told      time.Duration // the least to wait
	law       bool          // the service said so
	header    http.Header
	n         int
	match     func(graphsim.Call) bool
	answered  time.Time // the last refusal
	notBefore time.Time
	early     int
	arrivals  int // after the first refusal
}

func (r *refuser) fault(c graphsim.Call) *graphsim.Fault {
	// What arrives at the moment of a refusal may have left before it was
	// heard; anything later may not.
	if now := time.Now(); !c.Batched && !r.answered.IsZero() {
		r.arrivals++
		if now.After(r.answered) && now.Before(r.notBefore) {
			r.early++
		}
	}
	if r.n == 0 || !r.match(c) {
		return nil
	}
	r.n--
	return &graphsim.Fault{Status: 429, Header: r.header}
}

func (r *refuser) observe(_ graphsim.Call, status int) {
	// Where no wait is told, what was under way with a refused request has
	// nothing to add.
	if now := time.Now(); status == 429 && (r.law || !now.Before(r.notBefore)) {
		r.answered, r.notBefore = now, now.Add(r.told)
	}
}

func TestRetryAfterIsLaw(t *testing.T) {
	for _, test := range []struct {
		name  string
		told  time.Duration
		law   bool
		after string
		match func(graphsim.Call) bool
		n     int
	}{
		{"whole seconds", 7 * time.Second, true, "7", isWrite, 45},
		{"a fraction", 2128 * time.Millisecond, true, "2.128", isWrite, 45},
		{"minutes", 5 * time.Minute, true, "300", isWrite, 3},
		{"not told", time.Second, false, "", isWrite, 45},
		{"not a number", time.Second, false, "soon", isWrite, 5},
		{"of a read", 9 * time.Second, true, "9", isRead, 30},
		{"of a whole batch", 11 * time.Second, true, "11", isWhole, 4},
		{"of a whole batch, not told", time.Second, false, "", isWhole, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				have, want, after := mixed(84)
				w := newWorld(t, have...)
				r := &refuser{told: test.told, law: test.law, n: test.n, match: test.match}
				if test.after != "" {
					r.header = http.Header{"Retry-After": {test.after}}
				}
				w.fault, w.observe = r.fault, r.observe
				run := w.mustApply(w.plan(want))
				if r.early > 0 {
					t.Errorf("%d of %d requests came before the time was over", r.early, r.arrivals)
				}
				if r.n > 0 || r.arrivals == 0 {
					t.Errorf("%d refusals were not asked for, %d requests came after one", r.n, r.arrivals)
				}
				if diff := cmp.Diff(after, w.shows()); diff != "" {
					t.Errorf("the tenant (-want +got)\n%s", diff)
				}
				if stats := w.sim.Stats(); run.Counts.Done != run.Counts.Planned || w.writes() != run.Counts.Planned || stats.DuplicateCreates > 0 {
					t.Errorf("%+v, %+v", run.Counts, stats)
				}
			})
		})
	}
}

// TestBusyService tells 503 with a wait, which holds everything back like a 429,
// whatever became of the write.
func TestBusyService(t *testing.T) {
	for _, test := range []struct {
		name  string
		match func(graphsim.Call) bool
		after bool
	}{
		{"a write, not done", isWrite, false},
		{"a write, done", isWrite, true},
		{"a read", isRead, false},
		{"a batch, not done", isWhole, false},
		{"a batch, done", isWhole, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				have, want, after := mixed(42)
				w := newWorld(t, have...)
				w.concurrency = 1 // so that nothing is under way when the refusal is heard
				fault := graphsim.Fault{Status: 503, After: test.after, Header: http.Header{"Retry-After": {"20"}}}
				refuse := first(2, test.match, fault)
				var over time.Time
				early := 0
				w.fault = func(c graphsim.Call) *graphsim.Fault {
					if !c.Batched && time.Now().Before(over) {
						early++
					}
					return refuse(c)
				}
				w.observe = func(_ graphsim.Call, status int) {
					if status == 503 {
						over = time.Now().Add(20 * time.Second)
					}
				}
				run := w.mustApply(w.plan(want))
				if early > 0 || over.IsZero() {
					t.Errorf("%d requests came before the time was over", early)
				}
				if diff := cmp.Diff(after, w.shows()); diff != "" {
					t.Errorf("the tenant (-want +got)\n%s", diff)
				}
				if run.Counts.Done != run.Counts.Planned || w.writes() != run.Counts.Planned {
					t.Errorf("%d effective writes, %+v", w.writes(), run.Counts)
				}
			})
		})
	}
}
