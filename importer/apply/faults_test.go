package apply_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
)

// uncertain is every way not to learn what a write did.
var uncertain = []struct {
	name  string
	fault graphsim.Fault
	whole bool
}{
	{"500", graphsim.Fault{Status: 500}, false},
	{"502, a page", graphsim.Fault{Status: 502, HTML: true}, false},
	{"503", graphsim.Fault{Status: 503}, false},
	{"504", graphsim.Fault{Status: 504}, false},
	{"408", graphsim.Fault{Status: 408}, false},
	{"cut", graphsim.Fault{Cut: true}, false},
	{"batch 500", graphsim.Fault{Status: 500}, true},
	{"batch 502, a page", graphsim.Fault{Status: 502, HTML: true}, true},
	{"batch 503", graphsim.Fault{Status: 503}, true},
	{"batch 504", graphsim.Fault{Status: 504}, true},
	{"batch cut", graphsim.Fault{Cut: true}, true},
}

// TestUncertainWrites lets the first write of some people, or the batch it is
// in, end without an answer, before or after its effect.
func TestUncertainWrites(t *testing.T) {
	for _, kind := range []struct{ method, have, want, after string }{
		{http.MethodPost, "", "mobile=# email=p#", "mobile=# email=p#"},
		{http.MethodPatch, "mobile=500 email=old", "mobile=# email=p#", "mobile=# email=p#"},
		{http.MethodDelete, "mobile=500 email=old", "mobile=clear email=clear", ""},
	} {
		for _, u := range uncertain {
			for _, effect := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %s, effect %v", kind.method, u.name, effect), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						const people = 25
						w := newWorld(t, crowd(people, kind.have)...)
						fault := u.fault
						fault.After = effect
						w.fault = firstOfSome(kind.method, fault)
						if u.whole {
							w.concurrency = 1
							w.fault = w.firstBatchesWith(kind.method, 2, fault)
						}
						run := w.mustApply(w.plan(crowd(people, kind.want)))
						if diff := cmp.Diff(crowd(people, kind.after), w.shows()); diff != "" {
							t.Errorf("the tenant (-want +got)\n%s", diff)
						}
						if run.Counts.Done != run.Counts.Planned || w.writes() != run.Counts.Planned {
							t.Errorf("%d effective writes, %+v", w.writes(), run.Counts)
						}
						if stats := w.sim.Stats(); stats.DuplicateCreates > 0 {
							t.Errorf("%d creates of what was there", stats.DuplicateCreates)
						}
					})
				})
			}
		}
	}
}

// firstOfSome breaks the first request of a method of every eighth person: a
// batch after another is cut otherwise, and that is an outage.
func firstOfSome(method string, f graphsim.Fault) lever {
	var levers []lever
	for person := 1; person < 25; person += 8 {
		levers = append(levers, first(1, of(person, func(c graphsim.Call) bool { return c.Batched && c.Method == method }), f))
	}
	return either(levers...)
}

// firstBatchesWith breaks the first n batches that hold a write. The lever is
// asked of the batch before its items, so it looks at what was sent.
func (w *world) firstBatchesWith(method string, n int, f graphsim.Fault) lever {
	ops := map[string]graph.Op{http.MethodPost: graph.Create, http.MethodPatch: graph.Update, http.MethodDelete: graph.Delete}
	return func(c graphsim.Call) *graphsim.Fault {
		if c.Batched || n == 0 {
			return nil
		}
		for _, r := range w.batches[len(w.batches)-1] {
			if r.Op == ops[method] {
				n--
				return &f
			}
		}
		return nil
	}
}

// TestServiceThatGoesOnFailing never does a certain thing.
func TestServiceThatGoesOnFailing(t *testing.T) {
	for _, test := range []struct {
		name       string
		have, want string
		fault      lever
		told       []string
		after      string
		sent       int // writes
		writes     int // that had an effect
	}{
		{"creates 500, nothing done", "", "mobile=1", always(isWrite, graphsim.Fault{Status: 500}),
			[]string{"1 create mobile: failed 500"}, "", 3, 0},
		{"creates 503, nothing done", "", "mobile=1", always(isWrite, graphsim.Fault{Status: 503}),
			[]string{"1 create mobile: failed 503"}, "", 3, 0},
		{"updates 504, nothing done", "email=a", "email=b", always(isWrite, graphsim.Fault{Status: 504}),
			[]string{"1 update email: failed 504"}, "email=a", 3, 0},
		{"deletes 500, nothing done", "email=a", "email=clear", always(isWrite, graphsim.Fault{Status: 500}),
			[]string{"1 delete email: failed 500"}, "email=a", 3, 0},
		{"creates 500, all done", "", "mobile=1 office=2 email=a alternateMobile=3", always(isWrite, graphsim.Fault{Status: 500, After: true}),
			[]string{"1 create mobile: done", "1 create office: done", "1 create email: done", "1 create alternateMobile: done"},
			"mobile=1 alternateMobile=3 office=2 email=a", 4, 4},
		{"nothing can be read after a create", "", "mobile=1 alternateMobile=2",
			either(always(isWrite, graphsim.Fault{Status: 500, After: true}), always(isRead, graphsim.Fault{Status: 500})),
			[]string{"1 create mobile: unknown 500", "1 create alternateMobile: pending"}, "mobile=1", 1, 1},
		{"nothing can be read, busy for ever", "", "email=a",
			either(always(isWrite, graphsim.Fault{Status: 504, After: true}), always(isRead, graphsim.Fault{Status: 503})),
			[]string{"1 create email: unknown 503"}, "email=a", 1, 1},
		{"nothing can be read before an update", "mobile=1 email=a", "mobile=2 email=clear", always(isRead, graphsim.Fault{Status: 500}),
			[]string{"1 update mobile: failed 500", "1 delete email: failed 500"}, "mobile=1 email=a", 0, 0},
		{"reads fail now and then", "mobile=1 email=a", "mobile=2 email=clear", every(3, isRead, graphsim.Fault{Status: 503}),
			[]string{"1 update mobile: done", "1 delete email: done"}, "mobile=2", 2, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, test.have)
				w.fault = test.fault
				p := w.plan([]string{test.want})
				start := time.Now()
				run := w.mustApply(p)
				if took := time.Since(start); took > 10*time.Minute {
					t.Errorf("it took %v", took)
				}
				if diff := cmp.Diff(test.told, told(run, p)); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				if diff := cmp.Diff([]string{test.after}, w.shows()); diff != "" {
					t.Errorf("the tenant (-want +got)\n%s", diff)
				}
				if sent := w.sent(graph.Create) + w.sent(graph.Update) + w.sent(graph.Delete); sent != test.sent || w.writes() != test.writes {
					t.Errorf("%d writes sent, %d with an effect; want %d and %d", sent, w.writes(), test.sent, test.writes)
				}
			})
		})
	}
}

// every breaks all but every n-th call that matches.
func every(n int, match func(graphsim.Call) bool, f graphsim.Fault) lever {
	asked := 0
	return func(c graphsim.Call) *graphsim.Fault {
		if !match(c) {
			return nil
		}
		if asked++; asked%n == 0 {
			return nil
		}
		return &f
	}
}

// TestOutage has a service that stops answering after a few round trips.
func TestOutage(t *testing.T) {
	cut := func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }
	status := func(status int) func(error) bool {
		return func(err error) bool {
			var refused *graph.Error
			return errors.As(err, &refused) && refused.Status == status
		}
	}
	for _, test := range []struct {
		name  string
		match func(graphsim.Call) bool
		fault graphsim.Fault
		is    func(error) bool
	}{
		{"cut", isWhole, graphsim.Fault{Cut: true}, cut},
		{"cut after the effect", isWhole, graphsim.Fault{Cut: true, After: true}, cut},
		{"502", isWhole, graphsim.Fault{Status: 502, HTML: true}, status(502)},
		{"503", isWhole, graphsim.Fault{Status: 503}, status(503)},
		{"500 of every item", isItem, graphsim.Fault{Status: 500}, status(500)},
		{"503 of every item", isItem, graphsim.Fault{Status: 503}, status(503)},
		{"503 of every item after the effect", isItem, graphsim.Fault{Status: 503, After: true}, status(503)},
	} {
		for _, concurrency := range []int{1, 8} {
			t.Run(fmt.Sprintf("%s, %d at once", test.name, concurrency), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					const people = 2000
					w := newWorld(t, crowd(people, "")...)
					w.concurrency = concurrency
					good, broken := 3, 0
					w.fault = func(c graphsim.Call) *graphsim.Fault {
						if isWhole(c) {
							if good--; good < 0 {
								broken++
							}
						}
						if good >= 0 || !test.match(c) {
							return nil
						}
						return &test.fault
					}
					p := w.plan(crowd(people, "email=p#"))
					run, err := w.applied(t.Context(), p)
					if err == nil || !test.is(err) || graph.IsSignIn(err) {
						t.Errorf("the run ended with %v", err)
					}
					if most := 8 + concurrency; broken < 8 || broken > most {
						t.Errorf("%d round trips brought no answer, want 8 to %d", broken, most)
					}
					w.checkDone(p, run)
					if run.State != journal.Interrupted || run.Counts.Done == 0 || run.Counts.Pending == 0 {
						t.Errorf("%s %+v", run.State, run.Counts)
					}
				})
			})
		}
	}
}

// TestPersonTheServiceNeverAnswersFor is no outage: the others are written and
// the run comes to its end.
func TestPersonTheServiceNeverAnswersFor(t *testing.T) {
	for _, person := range []int{1, 20, 40} {
		for _, status := range []int{500, 503} {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, crowd(40, "")...)
				w.fault = always(of(person, isItem), graphsim.Fault{Status: status})
				p := w.plan(crowd(40, "mobile=# email=p#"))
				run := w.mustApply(p)
				if run.Counts.Done != 78 || run.Counts.Unknown != 2 {
					t.Errorf("person %d, %d: %+v", person, status, run.Counts)
				}
				w.checkDone(p, run)
			})
		}
	}
}

// TestServiceThatIsNotReached: what never left was not done, so nobody is read
// for it.
func TestServiceThatIsNotReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, crowd(60, "")...)
		w.concurrency, w.down = 1, 3
		run := w.mustApply(w.plan(crowd(60, "mobile=# email=p#")))
		if run.Counts.Done != 120 || w.writes() != 120 || w.sent(graph.ReadPhones)+w.sent(graph.ReadEmails) > 0 {
			t.Errorf("%+v, %d writes, %d reads", run.Counts, w.writes(), w.sent(graph.ReadPhones)+w.sent(graph.ReadEmails))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, crowd(60, "")...)
		w.down = -1
		run, err := w.applied(t.Context(), w.plan(crowd(60, "mobile=# email=p#")))
		var dial *net.OpError
		if !errors.As(err, &dial) || run.Counts.Pending != 120 || len(w.batches) > 20 {
			t.Errorf("%v, %+v after %d round trips", err, run.Counts, len(w.batches))
		}
	})
}

// TestNotUnique is the service's 409 about sign-in names, after which the phone
// is usually there.
func TestNotUnique(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "", "", "mobile=9")
		w.fault = either(
			always(of(1, isWrite), graphsim.Fault{Status: 409, After: true}),
			always(of(2, isWrite), graphsim.Fault{Status: 409}),
			always(of(3, isWrite), graphsim.Fault{Status: 409, After: true}))
		p := w.plan([]string{"mobile=1", "mobile=2", "mobile=3"})
		run := w.mustApply(p)
		if diff := cmp.Diff([]string{"1 create mobile: done", "2 create mobile: failed 409", "3 update mobile: done"}, told(run, p)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if diff := cmp.Diff([]string{"mobile=1", "", "mobile=3"}, w.shows()); diff != "" {
			t.Errorf("the tenant (-want +got)\n%s", diff)
		}
		if creates := w.sent(graph.Create); creates != 1+3 || w.sent(graph.Update) != 1 {
			t.Errorf("%d creates and %d updates, want 4 and 1", creates, w.sent(graph.Update))
		}
		o, _ := run.Outcome(p.Pending()[1].ID)
		if o.Code != "phoneNumberNotUnique" || o.RequestID == "" || o.Message == "" {
			t.Errorf("the outcome does not say why: %+v", o)
		}
	})
}
