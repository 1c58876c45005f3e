package graphsim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"authseed/importer/graph/graphsim"
)

// way is one of the two ways to a simulator.
type way struct {
	name string
	root string
	via  http.RoundTripper
}

// ways are inside the process and over a loopback connection, which is closed at
// the end of the test.
func ways(t *testing.T, s *graphsim.Server) []way {
	t.Helper()
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return []way{{"transport", root, s.Transport()}, {"network", web.URL + "/v1.0", web.Client().Transport}}
}

// eachWay runs a test over both, each with a server of its own.
func eachWay(t *testing.T, options func() graphsim.Options, test func(*testing.T, *graphsim.Server, way)) {
	for i, name := range []string{"transport", "network"} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, options())
			test(t, s, ways(t, s)[i])
		})
	}
}

// try sends a request with the token "token" and reads the answer as far as it
// goes.
func (w way) try(t *testing.T, method, path, body string) (result, error) {
	t.Helper()
	r, err := http.NewRequest(method, w.root+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body == "" {
		r.Body, r.ContentLength = http.NoBody, 0
	}
	r.Header.Set("Authorization", "Bearer token")
	r.Header.Set("Content-Type", "application/json")
	response, err := w.via.RoundTrip(r)
	if err != nil {
		return result{}, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	out := result{status: response.StatusCode, header: response.Header, raw: string(raw)}
	if err == nil && strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		err = json.Unmarshal(raw, &out.body)
	}
	return out, err
}

// send is try for what has to succeed.
func (w way) send(t *testing.T, method, path, body string) result {
	t.Helper()
	got, err := w.try(t, method, path, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return got
}

// statuses sends a batch and gives the status of each item in the order they
// were sent, 0 for one that is missing.
func (w way) statuses(t *testing.T, items ...string) []int {
	t.Helper()
	answers := responses(t, w.send(t, "POST", "/$batch", batch(items...)))
	list := make([]int, len(items))
	for i, it := range items {
		if answer := answers[object(t, it)["id"].(string)]; answer != nil {
			list[i] = int(answer["status"].(float64))
		}
	}
	return list
}

// clock is a time that a test sets, for both ways.
type clock struct{ at time.Time }

func newClock() *clock                { return &clock{time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)} }
func (c *clock) now() time.Time       { return c.at }
func (c *clock) pass(d time.Duration) { c.at = c.at.Add(d) }
