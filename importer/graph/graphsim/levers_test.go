package graphsim_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
)

// always gives the fault to every operation but batches as a whole.
func always(f graphsim.Fault) func(graphsim.Call) *graphsim.Fault {
	return func(c graphsim.Call) *graphsim.Fault {
		if c.Path == "/$batch" {
			return nil
		}
		return &f
	}
}

func TestFaults(t *testing.T) {
	retry := http.Header{"Retry-After": {"2.128"}}
	create := phoneJSON("mobile", "+44 7700900100")
	tests := []struct {
		name         string
		fault        graphsim.Fault
		status       int
		code, method string
		written      bool
	}{
		{"throttled", graphsim.Fault{Status: 429, Header: retry}, 429, "TooManyRequests", "POST", false},
		{"unavailable", graphsim.Fault{Status: 503}, 503, "serviceNotAvailable", "POST", false},
		{"time-out after the write", graphsim.Fault{Status: 504, After: true}, 504, "UnknownError", "POST", true},
		{"not unique, but written", graphsim.Fault{Status: 409, After: true}, 409, "phoneNumberNotUnique", "POST", true},
		{"own words", graphsim.Fault{Status: 400, Code: "odd", Message: "Odd."}, 400, "odd", "POST", false},
		{"expired token", graphsim.Fault{Status: 401}, 401, "unauthenticated", "POST", false},
		{"denied", graphsim.Fault{Status: 403}, 403, "accessDenied", "POST", false},
		{"no status", graphsim.Fault{}, 500, "generalException", "POST", false},
		{"read", graphsim.Fault{Status: 500, After: true}, 500, "generalException", "GET", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			body, item := "", get("1", phones(ada))
			if test.method == "POST" {
				body, item = create, post("1", phones(ada), create)
			}
			s := newServer(t, graphsim.Options{Fault: always(test.fault)})
			got := send(t, s, test.method, phones(ada), body)
			want(t, got, test.status, test.code)
			if got.header.Get("Retry-After") != test.fault.Header.Get("Retry-After") {
				t.Errorf("header %v", got.header)
			}
			checkWritten(t, s, test.written)

			s = newServer(t, graphsim.Options{Fault: always(test.fault)})
			answer := responses(t, send(t, s, "POST", "/$batch", batch(item)))["1"]
			if answer["status"] != float64(test.status) || errorField(answer["body"].(map[string]any), "code") != test.code {
				t.Errorf("item %v", answer)
			}
			if after, _ := answer["headers"].(map[string]any)["Retry-After"].(string); after != test.fault.Header.Get("Retry-After") {
				t.Errorf("item headers %v", answer["headers"])
			}
			checkWritten(t, s, test.written)
			if stats := s.Stats(); stats.Refused[test.status] != 1 || stats.Reads != 0 || (stats.Throttled == 1) != (test.status == 429) {
				t.Errorf("stats %+v", stats)
			}
		})
	}
}

func checkWritten(t *testing.T, s *graphsim.Server, written bool) {
	t.Helper()
	if has := len(s.Tenant().Users[0].PhoneMethods) == 1; has != written || s.Stats().Writes != int64(btoi(written)) {
		t.Errorf("phone there: %v, %d writes; want %v", has, s.Stats().Writes, written)
	}
}

func TestFaultOfAWholeBatch(t *testing.T) {
	for _, after := range []bool{false, true} {
		var observed []int
		s := newServer(t, graphsim.Options{
			Fault: func(c graphsim.Call) *graphsim.Fault {
				if c.Batched {
					return nil
				}
				return &graphsim.Fault{Status: 503, After: after}
			},
			Observe: func(_ graphsim.Call, status int) { observed = append(observed, status) },
		})
		want(t, send(t, s, "POST", "/$batch", batch(post("1", phones(ada), phoneJSON("mobile", "+44 7700900100")))), 503, "serviceNotAvailable")
		checkWritten(t, s, after)
		if diff := cmp.Diff([]int{503}, observed); diff != "" {
			t.Errorf("observed:\n%s", diff)
		}
	}
}

func TestHTMLFault(t *testing.T) {
	s := newServer(t, graphsim.Options{Fault: always(graphsim.Fault{Status: 502, HTML: true})})
	got := send(t, s, "GET", "/users", "")
	if got.status != 502 || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") || !strings.HasPrefix(got.raw, "<!DOCTYPE html>") {
		t.Errorf("%d %v %s", got.status, got.header, got.raw)
	}
	item := responses(t, send(t, s, "POST", "/$batch", batch(get("1", "/users"))))["1"]
	page, err := base64.StdEncoding.DecodeString(item["body"].(string))
	if err != nil || !bytes.HasPrefix(page, []byte("<!DOCTYPE html>")) || item["status"] != 502.0 {
		t.Errorf("item %v", item)
	}
}

func TestCut(t *testing.T) {
	items := []string{
		post("1", phones(ada), phoneJSON("mobile", "+44 7700900100")),
		post("2", emails(ada), `{"emailAddress":"ada@home.example"}`),
		post("3", phones(ada), phoneJSON("office", "+44 2079460100")),
	}
	for _, test := range []struct {
		after        bool
		written, ask int
	}{{false, 1, 3}, {true, 2, 3}} {
		asked, observed := 0, 0
		s := newServer(t, graphsim.Options{
			Fault: func(c graphsim.Call) *graphsim.Fault {
				if asked++; asked == 3 { // the batch, item 1, item 2
					return &graphsim.Fault{Cut: true, After: test.after}
				}
				return nil
			},
			Observe: func(graphsim.Call, int) { observed++ },
		})
		r, err := http.NewRequest("POST", root+"/$batch", strings.NewReader(batch(items...)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer token")
		r.Header.Set("Content-Type", "application/json")
		_, err = (&http.Client{Transport: s.Transport()}).Do(r)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut gives %v", err)
		}
		if stats := s.Stats(); int(stats.Writes) != test.written || asked != test.ask || observed != 0 || stats.RoundTrips != 1 || len(stats.Refused) != 0 {
			t.Errorf("after %v: asked %d times, observed %d, %+v", test.after, asked, observed, stats)
		}
	}
}

func TestCalls(t *testing.T) {
	var mu sync.Mutex
	var asked []graphsim.Call
	var observed []string
	s := newServer(t, graphsim.Options{
		Fault: func(c graphsim.Call) *graphsim.Fault {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, c)
			return nil
		},
		Observe: func(c graphsim.Call, status int) {
			observed = append(observed, fmt.Sprint(c.Method, " ", c.Path, " ", status))
		},
	})
	send(t, s, "GET", "/users/ADA%40contoso.example?$select=id%2Cmail", "", "client-request-id: one")
	send(t, s, "POST", "/%24batch", batch(
		get("1", "users/"+nobody),
		`{"id":"2","method":"DELETE","url":"`+emails("chiara_fabrikam.example%23EXT%23@contoso.example")+"/"+emailID+`","headers":{"client-request-id":"item"}}`,
	), "client-request-id: two")
	send(t, s, "GET", "https://graph.example/beta/me", "")
	if diff := cmp.Diff([]graphsim.Call{
		{Method: "GET", Path: "/users/ADA@contoso.example?$select=id,mail", User: ada, ClientRequestID: "one"},
		{Method: "POST", Path: "/$batch", ClientRequestID: "two"},
		{Method: "GET", Path: "/users/" + nobody, User: nobody, Batched: true, ClientRequestID: "two"},
		{Method: "DELETE", Path: emails("chiara_fabrikam.example#EXT#@contoso.example") + "/" + emailID, User: chiara, Batched: true, ClientRequestID: "item"},
		{Method: "GET", Path: "/beta/me"},
	}, asked); diff != "" {
		t.Errorf("asked:\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"GET /users/ADA@contoso.example?$select=id,mail 200",
		"GET /users/" + nobody + " 404",
		"DELETE " + emails("chiara_fabrikam.example#EXT#@contoso.example") + "/" + emailID + " 404",
		"POST /$batch 200",
		"GET /beta/me 404",
	}, observed); diff != "" {
		t.Errorf("observed:\n%s", diff)
	}
}

func TestStats(t *testing.T) {
	s := newServer(t, graphsim.Options{})
	mobile := phoneJSON("mobile", "+44 7700900100")
	send(t, s, "GET", "/users", "")
	send(t, s, "GET", "/users/"+nobody, "")
	send(t, s, "POST", phones(ada), mobile)
	send(t, s, "POST", phones(ada), mobile)
	send(t, s, "POST", "/$batch", batch(
		get("1", phones(ada)), post("2", phones(ada), mobile), post("3", emails(ada), `{"emailAddress":"ada@home.example"}`),
		post("4", phones(bram), phoneJSON("office", "x")), post("5", emails(nobody), `{}`)))
	send(t, s, "POST", "/$batch", `{}`)
	expected := graphsim.Stats{RoundTrips: 6, Items: 5, Reads: 2, Writes: 2, MaxWritesPerPerson: 2, DuplicateCreates: 2,
		Refused: map[int]int{400: 4, 404: 2}}
	if diff := cmp.Diff(expected, s.Stats()); diff != "" {
		t.Error(diff)
	}
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, graphsim.Options{Latency: time.Second})
		start := time.Now()
		want(t, send(t, s, "POST", "/$batch", batch(get("1", "/users"), get("2", "/users"))), 200, "")
		if waited := time.Since(start); waited != time.Second {
			t.Errorf("a batch took %v", waited)
		}
		start = time.Now()
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() { send(t, s, "GET", "/users", "") })
		}
		group.Wait()
		if waited := time.Since(start); waited != time.Second {
			t.Errorf("fifty at once took %v", waited)
		}
	})
}

func TestCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, graphsim.Options{Latency: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for _, path := range []string{phones(ada), "/$batch"} {
			body := phoneJSON("mobile", "+44 7700900100")
			if path == "/$batch" {
				body = batch(post("1", phones(ada), body))
			}
			r, err := http.NewRequestWithContext(ctx, "POST", root+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer token")
			r.Header.Set("Content-Type", "application/json")
			if _, err := s.Transport().RoundTrip(r); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", path, err)
			}
		}
		checkWritten(t, s, false)
		if stats := s.Stats(); stats.RoundTrips != 1 {
			t.Errorf("a request of a context that was over arrived: %+v", stats)
		}
	})
}

// TestWritesUnderWay holds requests by their latency and looks at the most
// writes for one person.
func TestWritesUnderWay(t *testing.T) {
	office := post("o", phones(ada), phoneJSON("office", "+44 2079460100"))
	email := post("e", emails(ada), `{"emailAddress":"ada@home.example"}`)
	other := post("x", emails("ADA@contoso.example"), `{"emailAddress":"ada@home.example"}`)
	tests := []struct {
		name  string
		sends []string // batches, sent at the same time
		most  int64
	}{
		{"reads do not count", []string{batch(get("1", phones(ada)), get("2", phones(ada)))}, 0},
		{"two people", []string{batch(office), batch(post("1", emails(chiara), `{}`))}, 1},
		{"in one batch", []string{batch(office, email)}, 2},
		{"in two batches", []string{batch(office), batch(email)}, 2},
		{"by id and by name", []string{batch(office), batch(email, other)}, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(t, graphsim.Options{Latency: time.Second})
				var group sync.WaitGroup
				for _, body := range test.sends {
					group.Go(func() { send(t, s, "POST", "/$batch", body) })
				}
				group.Wait()
				if got := s.Stats().MaxWritesPerPerson; got != test.most {
					t.Errorf("%d at once, want %d", got, test.most)
				}
				for range 3 { // one after the other adds nothing
					send(t, s, "POST", emails(ada), `{}`)
				}
				if got := s.Stats().MaxWritesPerPerson; got != max(test.most, 1) {
					t.Errorf("%d at once after serial writes", got)
				}
			})
		})
	}
}

// TestConcurrentWriters lets many write to the same people: every method is
// created exactly once.
func TestConcurrentWriters(t *testing.T) {
	const users, writers = 50, 8
	tenant := graphsim.Generate(users, 1)
	for i := range tenant.Users {
		tenant.Users[i].PhoneMethods, tenant.Users[i].EmailMethods = nil, nil
	}
	var created atomic.Int64
	s := newServer(t, graphsim.Options{Tenant: tenant, Observe: func(_ graphsim.Call, status int) {
		if status == 201 {
			created.Add(1)
		}
	}})
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for _, u := range tenant.Users {
				send(t, s, "POST", "/$batch", batch(
					post("1", phones(u.ID), phoneJSON("mobile", "+44 7700900100")), post("2", emails(u.ID), `{"emailAddress":"a@home.example"}`)))
				send(t, s, "GET", "/users?$filter=employeeId%20eq%20'"+u.EmployeeID+"'", "")
			}
			s.Tenant()
		})
	}
	group.Wait()
	stats := s.Stats()
	if created.Load() != 2*users || stats.Writes != 2*users || stats.DuplicateCreates != 2*users*(writers-1) {
		t.Errorf("%d created, %+v", created.Load(), stats)
	}
}
