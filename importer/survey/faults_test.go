package survey_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer/dispatch"
	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/pace"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// reads are the three ways in which a tenant is read, each of a few round
// trips.
var reads = []struct {
	name string
	read func(*world) error
}{
	{"lookup", func(w *world) error {
		_, err := w.find(employees(upTo(100)...)...)
		return err
	}},
	{"pages", func(w *world) error {
		found, err := w.find(employees(upTo(301)...)...)
		if err == nil && len(found.Find(key(authmethod.EmployeeID, "000301")).Users) != 1 {
			w.Error("the last person was not found")
		}
		return err
	}},
	{"methods", func(w *world) error {
		m, err := w.methods(w.ids())
		if err == nil {
			w.checkMethods(m, authmethod.Mobile, authmethod.Office, authmethod.Email)
		}
		return err
	}},
}

// paged is true for the read that is not made of batches, so that item faults
// do not reach it.
const paged = "pages"

// TestReadsThatFailAtFirst come to their end all the same.
func TestReadsThatFailAtFirst(t *testing.T) {
	for _, test := range []struct {
		name  string
		times int
		match func(graphsim.Call) bool
		fault graphsim.Fault
		least time.Duration // it has to take
	}{
		{"throttled, told", 30, isItem, graphsim.Fault{Status: 429, Header: retryAfter("90")}, 90 * time.Second},
		{"throttled, not told", 30, isItem, graphsim.Fault{Status: 429}, time.Second},
		{"throttled as a whole, told", 3, isWhole, graphsim.Fault{Status: 429, Header: retryAfter("90")}, 90 * time.Second},
		{"throttled as a whole, again and again", 12, isWhole, graphsim.Fault{Status: 429, Header: retryAfter("2.5")}, 7 * time.Second},
		{"busy, told", 3, isItem, graphsim.Fault{Status: 503, Header: retryAfter("90")}, 90 * time.Second},
		{"busy as a whole, told", 3, isWhole, graphsim.Fault{Status: 503, Header: retryAfter("90")}, 90 * time.Second},
		{"500", 3, isItem, graphsim.Fault{Status: 500}, time.Second},
		{"502, a page", 3, isItem, graphsim.Fault{Status: 502, HTML: true}, time.Second},
		{"504", 3, isItem, graphsim.Fault{Status: 504}, time.Second},
		{"500 as a whole", 3, isWhole, graphsim.Fault{Status: 500}, time.Second},
		{"502 as a whole, a page", 3, isWhole, graphsim.Fault{Status: 502, HTML: true}, time.Second},
		{"504 as a whole", 3, isWhole, graphsim.Fault{Status: 504}, time.Second},
		{"cut", 3, isItem, graphsim.Fault{Cut: true}, time.Second},
		{"cut as a whole", 3, isWhole, graphsim.Fault{Cut: true}, time.Second},
	} {
		for _, r := range reads {
			if r.name == paged && !test.match(graphsim.Call{}) {
				continue
			}
			t.Run(r.name+", "+test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, graphsim.Options{Tenant: graphsim.Generate(301, 2), PageLimit: 60})
					w.fault = first(test.times, test.match, test.fault)
					start := time.Now()
					if err := r.read(w); err != nil {
						t.Fatal(err)
					}
					if took := time.Since(start); took < test.least || took > 2*time.Hour {
						t.Errorf("it took %v, want at least %v", took, test.least)
					}
					if w.fault(graphsim.Call{Batched: test.match(graphsim.Call{Batched: true})}) != nil {
						t.Error("not all faults were met")
					}
				})
			})
		}
	}
}

// TestReadsThatGoOnFailing end with what the service said, and in reasonable
// time.
func TestReadsThatGoOnFailing(t *testing.T) {
	refused := func(status int) func(error) bool {
		return func(err error) bool {
			var e *graph.Error
			return errors.As(err, &e) && e.Status == status && !graph.IsSignIn(err)
		}
	}
	for _, test := range []struct {
		name  string
		match func(graphsim.Call) bool
		fault graphsim.Fault
		is    func(error) bool
	}{
		{"500", isItem, graphsim.Fault{Status: 500}, refused(500)},
		{"502, a page", isItem, graphsim.Fault{Status: 502, HTML: true}, refused(502)},
		{"503", isItem, graphsim.Fault{Status: 503}, refused(503)},
		{"400", isItem, graphsim.Fault{Status: 400}, refused(400)},
		{"500 as a whole", isWhole, graphsim.Fault{Status: 500}, refused(500)},
		{"503 as a whole", isWhole, graphsim.Fault{Status: 503}, refused(503)},
		{"504 as a whole, a page", isWhole, graphsim.Fault{Status: 504, HTML: true}, refused(504)},
		{"400 as a whole", isWhole, graphsim.Fault{Status: 400}, refused(400)},
		{"cut", isWhole, graphsim.Fault{Cut: true}, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
	} {
		for i, r := range slices.Concat(reads, reads) {
			if r.name == paged && !test.match(graphsim.Call{}) {
				continue
			}
			good := i / len(reads) * 4 // round trips; the second time, it begins well
			t.Run(fmt.Sprintf("%s, %s after %d", r.name, test.name, good), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, graphsim.Options{Tenant: graphsim.Generate(301, 2), PageLimit: 60})
					fault, trips := always(test.match, test.fault), 0
					w.fault = func(c graphsim.Call) *graphsim.Fault {
						if isWhole(c) {
							trips++
						}
						if trips <= good {
							return nil
						}
						return fault(c)
					}
					start := time.Now()
					err := r.read(w)
					if !test.is(err) {
						t.Errorf("read with %v", err)
					}
					if took := time.Since(start); took > 10*time.Minute {
						t.Errorf("it took %v", took)
					}
					if trips := w.sim.Stats().RoundTrips; trips > 400 {
						t.Errorf("%d round trips", trips)
					}
					if strings.Contains(err.Error(), "contoso.example") {
						t.Errorf("the error names a person: %v", err)
					}
				})
			})
		}
	}
}

// TestWaitThatIsTooLong ends a reading and says until when.
func TestWaitThatIsTooLong(t *testing.T) {
	for _, status := range []int{429, 503} {
		for i, r := range slices.Concat(reads, reads) {
			match := isWhole
			if i >= len(reads) {
				match = isItem
			}
			if r.name == paged && !match(graphsim.Call{}) {
				continue
			}
			t.Run(fmt.Sprint(r.name, status, i), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, graphsim.Options{Tenant: graphsim.Generate(301, 2), PageLimit: 60})
					w.maxWait = time.Hour
					w.fault = first(1, match, graphsim.Fault{Status: status, Header: retryAfter("7200")})
					start := time.Now()
					var wait *dispatch.WaitError
					if err := r.read(w); !errors.As(err, &wait) || wait.Told != 2*time.Hour || graph.IsSignIn(err) {
						t.Errorf("read with %v", err)
					}
					if took := time.Since(start); took > time.Minute {
						t.Errorf("it took %v", took)
					}
					w.maxWait = 0
					w.fault = first(1, match, graphsim.Fault{Status: status, Header: retryAfter("7200")})
					if err := r.read(w); err != nil || time.Since(start) < 2*time.Hour {
						t.Errorf("read with %v after %v", err, time.Since(start))
					}
				})
			})
		}
	}
}

// TestOneBudget has refusals of items and of responses reach the same pacer.
func TestOneBudget(t *testing.T) {
	for _, test := range []struct {
		name      string
		times     int
		match     func(graphsim.Call) bool
		status    int
		throttled int
	}{
		{"items", 7, isItem, 429, 7},
		{"items, busy", 7, isItem, 503, 7},
		// One person goes ahead.
		{"a response for one", 1, isWhole, 429, 1},
		{"a response for one, busy", 1, isWhole, 503, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, graphsim.Options{Tenant: graphsim.Generate(301, 2)})
				w.pacer = pace.NewPacer(pace.Limits{})
				w.fault = first(test.times, test.match, graphsim.Fault{Status: test.status, Header: retryAfter("5")})
				if _, err := w.methods(w.ids()); err != nil {
					t.Fatal(err)
				}
				if got := w.pacer.Report().Throttled; got != test.throttled {
					t.Errorf("%d refused, want %d", got, test.throttled)
				}
			})
		})
	}
}

// TestSignInThatEnds has a token that is over: nothing is asked, and no time is
// lost with trying.
func TestSignInThatEnds(t *testing.T) {
	for _, r := range reads {
		t.Run(r.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, graphsim.Options{Tenant: graphsim.Generate(301, 2)})
				claims := fmt.Sprintf(`{"exp":%d}`, time.Now().Add(time.Hour).Unix())
				w.signIn("e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".e30")
				time.Sleep(time.Hour)
				start := time.Now()
				if err := r.read(w); !graph.IsSignIn(err) || time.Since(start) > time.Second || w.sim.Stats().RoundTrips > 0 {
					t.Errorf("%v after %v", err, time.Since(start))
				}
			})
		})
	}
}

func TestReadsCancelled(t *testing.T) {
	for _, r := range reads {
		t.Run(r.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, graphsim.Options{Tenant: graphsim.Generate(301, 2), PageLimit: 60})
				ctx, cancel := context.WithCancel(t.Context())
				w.within = ctx
				w.fault = func(graphsim.Call) *graphsim.Fault {
					cancel()
					return nil
				}
				if err := r.read(w); !errors.Is(err, context.Canceled) || w.sim.Stats().RoundTrips > 1 {
					t.Errorf("%v after %d round trips", err, w.sim.Stats().RoundTrips)
				}
			})
		})
	}
}

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: graphsim.Generate(301, 2), PageLimit: 60})
		for _, r := range reads {
			last, told := 0, 0
			w.progress = func(p survey.Progress) {
				if told++; p.Done < last || p.Stage == "" || p.Total > 0 && p.Done > p.Total || p.Pace.Rate == 0 {
					t.Errorf("%s: %+v after %d", r.name, p, last)
				}
				last = p.Done
			}
			if err := r.read(w); err != nil || last < 100 || told < 2 {
				t.Errorf("%s: %v, told %d times, %d in the end", r.name, err, told, last)
			}
		}
	})
}
