package graphsim_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
)

// TestEveryMishap lets each happen to everything and looks at what a client sees
// of a batch with one write, and whether the write took effect.
func TestEveryMishap(t *testing.T) {
	item := post("1", phones(ada), phoneJSON("mobile", "+44 7700900100"))
	seen := map[string]string{}
	for _, m := range graphsim.Mishaps() {
		eachWay(t, func() graphsim.Options {
			return graphsim.Options{Levers: graphsim.Levers{Faults: graphsim.Shares{m.Name: 1}}}
		}, func(t *testing.T, s *graphsim.Server, w way) {
			got, err := w.try(t, "POST", "/$batch", batch(item, get("2", "/organization")))
			var what string
			switch {
			case err != nil && got.status == 0:
				what = "cut"
			case errors.Is(err, io.ErrUnexpectedEOF):
				what = fmt.Sprint("broken off ", strings.HasPrefix(got.raw, `{"responses":[`))
			case err != nil:
				t.Fatal(err)
			case strings.HasPrefix(got.header.Get("Content-Type"), "text/html"):
				what = fmt.Sprintf("page %d %v", got.status, strings.HasPrefix(got.raw, "<!DOCTYPE html>"))
			case got.status != 200:
				what = fmt.Sprintf("whole %d %s", got.status, got.code())
			default:
				answer := responses(t, got)["1"]
				body, isJSON := answer["body"].(map[string]any)
				what = fmt.Sprint("item ", answer["status"], " ", errorField(body, "code"), " ", isJSON)
			}
			if len(s.Tenant().Users[0].PhoneMethods) == 1 {
				what += ", done"
			}
			if before, known := seen[m.Name]; known && before != what {
				t.Errorf("%s: %s and %s", m.Name, before, what)
			}
			seen[m.Name] = what
		})
	}
	expected := map[string]string{
		"500": "item 500 generalException true", "503": "item 503 serviceNotAvailable true", "504": "item 504 UnknownError true",
		"502":     "item 502  false",
		"missing": "item <nil>  false", "cut": "cut", "trip-cut": "cut",
		"trip-500": "whole 500 generalException", "trip-503": "whole 503 serviceNotAvailable", "trip-504": "whole 504 UnknownError",
		"trip-502": "page 502 true", "page": "page 200 true",
	}
	for name, what := range maps.Clone(expected) {
		expected[name+"-after"] = what + ", done"
	}
	expected["not-unique"] = "item 409 phoneNumberNotUnique true, done"
	expected["truncated"] = "broken off true, done"
	if diff := cmp.Diff(expected, seen); diff != "" {
		t.Error(diff)
	}
}

// TestMishapsOfRequestsAlone are those that differ from a batch's.
func TestMishapsOfRequestsAlone(t *testing.T) {
	for _, test := range []struct {
		mishap, method, path, body, want string
	}{
		{"missing-after", "POST", phones(ada), phoneJSON("mobile", "+44 7700900100"), "201"}, // there is no batch to be left out of
		{"not-unique", "POST", phones(ada), phoneJSON("mobile", "+44 7700900100"), "409"},
		{"not-unique", "PATCH", phones(bram) + "/" + mobileID, phoneJSON("mobile", "+44 7700900100"), "409"},
		{"not-unique", "DELETE", phones(bram) + "/" + officeID, "", "204"},
		{"not-unique", "POST", emails(ada), `{"emailAddress":"ada@home.example"}`, "201"},
		{"not-unique", "GET", phones(ada), "", "200"},
		{"trip-503-after", "GET", phones(ada), "", "503"},
		{"503", "GET", "/users", "", "503"},
		{"page-after", "GET", "/users", "", "200"},
		{"cut", "GET", "/users", "", "cut"},
		{"truncated", "GET", "/users", "", "broken off"},
		{"truncated", "DELETE", phones(bram) + "/" + officeID, "", "cut"},
	} {
		eachWay(t, func() graphsim.Options {
			return graphsim.Options{Levers: graphsim.Levers{Faults: graphsim.Shares{test.mishap: 1}}}
		}, func(t *testing.T, s *graphsim.Server, w way) {
			got, err := w.try(t, test.method, test.path, test.body)
			what := fmt.Sprint(got.status)
			if err != nil {
				what = "cut"
				if got.status != 0 {
					what = "broken off"
				}
			}
			if what != test.want {
				t.Errorf("%s of %s %s: %s, want %s", test.mishap, test.method, test.path, what, test.want)
			}
			if test.mishap == "page-after" && s.Stats().Reads != 0 {
				t.Error("a page that is not Graph's counts as a read that was answered")
			}
		})
	}
}

// TestFaultsThatTheCallerMakes are the new ones, as the callback gives them.
func TestFaultsThatTheCallerMakes(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault graphsim.Fault
		whole bool
		cut   bool
		done  int
	}{
		{"an item is missing", graphsim.Fault{Missing: true}, false, false, 1},
		{"an item is missing, done", graphsim.Fault{Missing: true, After: true}, false, false, 2},
		{"an item's answer breaks off", graphsim.Fault{Truncate: true}, false, true, 2},
		{"a batch is missing", graphsim.Fault{Missing: true}, true, true, 0},
		{"a batch is missing, done", graphsim.Fault{Missing: true, After: true}, true, true, 2},
		{"a batch's answer breaks off", graphsim.Fault{Truncate: true}, true, true, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			var told atomic.Int64
			eachWay(t, func() graphsim.Options {
				told.Store(0)
				return graphsim.Options{Observe: func(graphsim.Call, int) { told.Add(1) }, Fault: func(c graphsim.Call) *graphsim.Fault {
					if c.Batched == test.whole || c.Batched && c.User != ada {
						return nil
					}
					return &test.fault
				}}
			}, func(t *testing.T, s *graphsim.Server, w way) {
				got, err := w.try(t, "POST", "/$batch", batch(
					post("1", phones(ada), phoneJSON("mobile", "+44 7700900100")), post("2", emails(chiara), `{"emailAddress":"c@home.example"}`)))
				if (err != nil) != test.cut {
					t.Fatalf("%v: %s", err, got.raw)
				}
				if err == nil {
					if answers := responses(t, got); len(answers) != 1 || answers["2"]["status"] != 201.0 {
						t.Errorf("answers %v", answers)
					}
				}
				if told.Load() > 0 && test.fault.Missing && test.whole {
					t.Errorf("the observer was told of %d answers that never left", told.Load())
				}
				if s.Stats().Writes != int64(test.done) {
					t.Errorf("%d writes, want %d", s.Stats().Writes, test.done)
				}
			})
		})
	}
}

// TestMissingFailsItsDependants as one that failed does, unless it was done.
func TestMissingFailsItsDependants(t *testing.T) {
	for mishap, then := range map[string]int{"missing": 424, "missing-after": 0} {
		s := newServer(t, graphsim.Options{Levers: graphsim.Levers{Faults: graphsim.Shares{mishap: 1}}})
		got := ways(t, s)[0].statuses(t, post("m", phones(ada), phoneJSON("mobile", "+44 7700900100")),
			post("a", phones(ada), phoneJSON("alternateMobile", "+44 7700900101"), "m"))
		if diff := cmp.Diff([]int{0, then}, got); diff != "" {
			t.Errorf("%s: %s", mishap, diff)
		}
	}
}

func TestCallersFaultGoesFirst(t *testing.T) {
	s := newServer(t, graphsim.Options{Fault: always(graphsim.Fault{Status: 418}), Levers: graphsim.Levers{Faults: graphsim.Shares{"500": 1}}})
	if got := ways(t, s)[0].statuses(t, reads(2)...); !slices.Equal(got, []int{418, 418}) {
		t.Error(got)
	}
	asked := 0
	s = newServer(t, graphsim.Options{
		Fault:  func(graphsim.Call) *graphsim.Fault { asked++; return nil },
		Levers: graphsim.Levers{Throttle: graphsim.Throttle{Rate: 0.001}, Faults: graphsim.Shares{"503": 1}},
	})
	if got := ways(t, s)[0].statuses(t, reads(3)...); !slices.Equal(got, []int{503, 429, 429}) || asked != 2 {
		t.Errorf("%v, asked %d times; what is throttled is not attempted", got, asked)
	}
}

// fates is what becomes of some requests, each three times, in an order and on
// as many goroutines as asked for.
func fates(t *testing.T, seed uint64, goroutines int, backwards bool) map[string]string {
	s := newServer(t, graphsim.Options{Tenant: graphsim.Generate(60, 1), Levers: graphsim.Levers{
		Seed: seed, Faults: graphsim.Shares{"500": 0.2, "503-after": 0.2, "missing": 0.1, "trip-503": 0.2, "trip-cut": 0.1}, Form: graphsim.Form{Shuffle: true},
	}})
	users := s.Tenant().Users
	if backwards {
		slices.Reverse(users)
	}
	w := way{root: root, via: s.Transport()}
	out := map[string]string{}
	var mu sync.Mutex
	var group sync.WaitGroup
	for g := range goroutines {
		group.Go(func() {
			for i := g; i < len(users); i += goroutines {
				for range 3 {
					path := phones(users[i].ID)
					got, err := w.try(t, "POST", "/$batch", batch(get("1", path), get("2", emails(users[i].ID))))
					what := fmt.Sprint(got.status, err)
					if err == nil && got.status == 200 {
						for _, v := range got.body["responses"].([]any) {
							what += fmt.Sprint(" ", v.(map[string]any)["id"], v.(map[string]any)["status"])
						}
					}
					mu.Lock()
					out[path] += what + "; "
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	return out
}

func TestSeedDecides(t *testing.T) {
	first := fates(t, 1, 1, false)
	if diff := cmp.Diff(first, fates(t, 1, 8, true)); diff != "" {
		t.Errorf("the same seed, other goroutines:\n%s", diff)
	}
	if cmp.Equal(first, fates(t, 2, 1, false)) {
		t.Error("another seed, the same fates")
	}
}

// TestPagesMeetTheSameFate although their tokens differ from server to server.
func TestPagesMeetTheSameFate(t *testing.T) {
	run := func() (statuses []int) {
		s := newServer(t, graphsim.Options{PageLimit: 2, Tenant: graphsim.Generate(80, 1), Levers: graphsim.Levers{Faults: graphsim.Shares{"500": 0.5}}})
		for link := "/users"; link != ""; {
			got := send(t, s, "GET", link, "")
			if statuses = append(statuses, got.status); got.status == 200 {
				link, _ = got.body["@odata.nextLink"].(string)
			}
		}
		return statuses
	}
	if diff := cmp.Diff(run(), run()); diff != "" {
		t.Error(diff)
	}
}

// TestSharesAreKept counts over many operations: each share is its own.
func TestSharesAreKept(t *testing.T) {
	const n = 20_000
	s := newServer(t, graphsim.Options{Levers: graphsim.Levers{Faults: graphsim.Shares{"500": 0.1, "504": 0.3, "trip-503": 0.05}}})
	w := way{root: root, via: s.Transport()}
	for i := range n {
		w.send(t, "GET", fmt.Sprintf("/users/person%06d@contoso.example", i%50), "")
	}
	refused := s.Stats().Refused
	for status, share := range map[int]float64{503: 0.05, 500: 0.95 * 0.1, 504: 0.95 * 0.9 * 0.3} {
		if got := float64(refused[status]) / n; math.Abs(got-share) > 0.01 {
			t.Errorf("%d: %.3f of all, want %.3f", status, got, share)
		}
	}
}

func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, graphsim.Options{Latency: time.Second, Levers: graphsim.Levers{Slow: graphsim.Slow{Share: 0.25, By: time.Minute}}})
		slow := 0
		for i := range 400 {
			begin := time.Now()
			send(t, s, "POST", "/$batch", batch(get("1", fmt.Sprintf("/users/%d", i))))
			switch time.Since(begin) {
			case time.Second:
			case time.Second + time.Minute:
				slow++
			default:
				t.Fatalf("took %v", time.Since(begin))
			}
		}
		if slow < 70 || slow > 130 {
			t.Errorf("%d of 400 were slow", slow)
		}
	})
}

func TestParseShares(t *testing.T) {
	for text, problem := range map[string]string{
		"500=0.05,trip-cut-after=1,not-unique=0": "",
		"500":                                    "not NAME=SHARE",
		"":                                       "not NAME=SHARE",
		"500=0.1,":                               "not NAME=SHARE",
		"500 = 0.1":                              "not a decimal",
		"500=5%":                                 "not a decimal",
		"500=1e-1":                               "not a decimal",
		"500=-1":                                 "not a decimal",
		"500=NaN":                                "not a decimal",
		"500=":                                   "not a decimal",
		"500=1.01":                               "not between 0 and 1",
		"500=0,500=0":                            "twice",
		"501=0.1":                                `no "501"`,
		"truncated-after=0.1":                    `no "truncated-after"`,
		"trip-missing=0.1":                       `no "trip-missing"`,
	} {
		got, err := graphsim.ParseShares(text)
		if problem == "" {
			if diff := cmp.Diff(graphsim.Shares{"500": 0.05, "trip-cut-after": 1, "not-unique": 0}, got); diff != "" || err != nil {
				t.Errorf("%q: %v\n%s", text, err, diff)
			}
		} else if err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%q: %v, want %q", text, err, problem)
		}
	}
}

// TestLeversAtRest changes nothing: not a byte of what is answered, but for the
// page tokens, which are random.
func TestLeversAtRest(t *testing.T) {
	run := func(levers graphsim.Levers) (raw []string) {
		s := newServer(t, graphsim.Options{Now: newClock().now, Levers: levers})
		for _, r := range [][3]string{
			{"GET", "/users?$top=999"}, {"GET", phones(bram)}, {"GET", "/me"},
			{"POST", phones(ada), phoneJSON("mobile", "+44 7700900100")},
			{"POST", "/$batch", batch(post("1", emails(ada), `{"emailAddress":"ada@home.example"}`), get("2", emails(ada)), get("3", phones(ada)))},
			{"POST", "/$batch", batch()},
			{"DELETE", phones(bram) + "/" + alternateID},
		} {
			got := send(t, s, r[0], r[1], r[2])
			raw = append(raw, fmt.Sprint(got.status, got.header, got.raw))
		}
		return append(raw, fmt.Sprintf("%+v", s.Stats()))
	}
	expected := run(graphsim.Levers{})
	for name, levers := range map[string]graphsim.Levers{
		"a seed":          {Seed: 9},
		"shares of 0":     {Seed: 9, Faults: graphsim.Shares{"500": 0, "trip-cut": 0}, Slow: graphsim.Slow{By: time.Hour}},
		"forms of no use": {Throttle: graphsim.Throttle{Burst: 1, RetryAfter: graphsim.RetryDate, AtLeast: time.Hour, Whole: true}, TokenInItems: true},
		"out of reach": {Throttle: graphsim.Throttle{Rate: 1e6, PercentOnItems: true, PercentOnResponse: true}, TokenLife: time.Hour,
			Revoke: []graphsim.Revocation{{Permission: "User.Read.All", After: 1000}}},
	} {
		if diff := cmp.Diff(expected, run(levers)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestLeversThatCannotBe(t *testing.T) {
	for problem, levers := range map[string]graphsim.Levers{
		"throttle: rate -1":              {Throttle: graphsim.Throttle{Rate: -1}},
		"throttle: rate NaN":             {Throttle: graphsim.Throttle{Rate: math.NaN()}},
		"throttle: burst -1":             {Throttle: graphsim.Throttle{Burst: -1}},
		"throttle: the wait":             {Throttle: graphsim.Throttle{AtLeast: -1}},
		"throttle: unknown form":         {Throttle: graphsim.Throttle{RetryAfter: 9}},
		`faults: there is no "5xx"`:      {Faults: graphsim.Shares{"5xx": 0.1}},
		"faults: cut=2 is not":           {Faults: graphsim.Shares{"cut": 2}},
		"faults: page=NaN":               {Faults: graphsim.Shares{"page": math.NaN()}},
		"slow: share":                    {Slow: graphsim.Slow{Share: 2}},
		"slow: the time":                 {Slow: graphsim.Slow{By: -1}},
		"drift: share -0.1":              {Drift: -0.1},
		"the time is negative":           {Stale: -1},
		"stale and token life":           {TokenLife: -1},
		"unknown letter case":            {Form: graphsim.Form{Case: 9}},
		`no permission "Mail.Read"`:      {Revoke: []graphsim.Revocation{{Permission: "Mail.Read"}}},
		"User.Read.All is lost after -1": {Revoke: []graphsim.Revocation{{Permission: "User.Read.All", After: -1}}},
	} {
		if _, err := graphsim.New(graphsim.Options{Tenant: smallTenant(), Levers: levers}); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%v, want %q", err, problem)
		}
	}
}
