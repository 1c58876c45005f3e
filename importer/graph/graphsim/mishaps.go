package graphsim

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Shares says how often things go wrong: by the name of a [Mishap], how much of
// what it can happen to, 0 to 1. The shares are independent of each other; where
// several fall on one operation, the first in the order of [Mishaps] happens.
type Shares map[string]float64

// Mishap is a way to fail.
type Mishap struct {
	Name    string
	Meaning string

	fault Fault
	trip  bool                // happens to HTTP requests, not to operations
	only  func(*request) bool // what it can happen to; nil for all
}

// causes is what can fail. A name with trip- before it fails the HTTP request
// as a whole, one with -after behind it fails when all has taken effect.
var causes = []struct {
	Mishap
	both  bool // happens to operations and to round trips
	after bool // happens before and after the effect
}{
	{Mishap{Name: "500", Meaning: "answered 500", fault: Fault{Status: http.StatusInternalServerError}}, true, true},
	{Mishap{Name: "502", Meaning: "answered 502, a web page", fault: Fault{Status: http.StatusBadGateway, HTML: true}}, true, true},
	{Mishap{Name: "503", Meaning: "answered 503", fault: Fault{Status: http.StatusServiceUnavailable}}, true, true},
	{Mishap{Name: "504", Meaning: "answered 504", fault: Fault{Status: http.StatusGatewayTimeout}}, true, true},
	{Mishap{Name: "cut", Meaning: "the connection is cut", fault: Fault{Cut: true}}, true, true},
	{Mishap{Name: "missing", Meaning: "a batch's answer leaves the item out", fault: Fault{Missing: true},
		only: func(rq *request) bool { return rq.call.Batched }}, false, true},
	{Mishap{Name: "not-unique", Meaning: "a number is stored and answered 409 phoneNumberNotUnique", fault: Fault{Status: http.StatusConflict, After: true},
		only: storesPhone}, false, false},
	{Mishap{Name: "page", Meaning: "a web page with status 200 instead of JSON", fault: Fault{Status: http.StatusOK, HTML: true}, trip: true}, false, true},
	{Mishap{Name: "truncated", Meaning: "the answer's body ends in the middle", fault: Fault{Truncate: true}, trip: true}, false, false},
}

func storesPhone(rq *request) bool {
	return (rq.method == http.MethodPost || rq.method == http.MethodPatch) && strings.Contains(rq.call.Path, "/authentication/phoneMethods")
}

// Mishaps lists the ways to fail. A name alone is about an operation, which is
// an item of a batch or a request sent alone; one with trip- is about an HTTP
// request as a whole, as are page and truncated. With -after the failure comes
// when everything has taken effect, without it nothing has.
func Mishaps() []Mishap {
	var list []Mishap
	for _, c := range causes {
		list = append(list, afterToo(c.Mishap, c.after)...)
		if c.both {
			c.trip, c.Name, c.Meaning = true, "trip-"+c.Name, c.Meaning+", all of the HTTP request"
			list = append(list, afterToo(c.Mishap, c.after)...)
		}
	}
	return list
}

func afterToo(m Mishap, after bool) []Mishap {
	if !after {
		return []Mishap{m}
	}
	late := m
	late.Name, late.Meaning, late.fault.After = m.Name+"-after", m.Meaning+", after the effect", true
	return []Mishap{m, late}
}

func (s Shares) check() error {
	known := map[string]bool{}
	for _, m := range Mishaps() {
		known[m.Name] = true
		if !isShare(s[m.Name]) {
			return fmt.Errorf("%s=%v is not between 0 and 1", m.Name, s[m.Name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if !known[name] {
			return fmt.Errorf("there is no %q", name)
		}
	}
	return nil
}

// ParseShares reads "500=0.05,trip-cut-after=0.01": names of [Mishaps], each
// once, and shares as decimal fractions from 0 to 1, without spaces.
func ParseShares(text string) (Shares, error) {
	shares := Shares{}
	for part := range strings.SplitSeq(text, ",") {
		name, value, found := strings.Cut(part, "=")
		if !found {
			return nil, fmt.Errorf("%q is not NAME=SHARE", part)
		}
		share, err := strconv.ParseFloat(value, 64)
		if err != nil || strings.Trim(value, "0123456789.") != "" {
			return nil, fmt.Errorf("%s=%s: the share is not a decimal fraction", name, value)
		}
		if _, twice := shares[name]; twice {
			return nil, fmt.Errorf("%s is given twice", name)
		}
		shares[name] = share
	}
	return shares, shares.check()
}

// share is a mishap and how often it happens.
type share struct {
	Mishap
	of float64
}

// arm sorts the shares for use: those of operations and those of round trips.
func (s Shares) arm() (operations, trips []share) {
	for _, m := range Mishaps() {
		switch of := s[m.Name]; {
		case of == 0:
		case m.trip:
			trips = append(trips, share{m, of})
		default:
			operations = append(operations, share{m, of})
		}
	}
	return operations, trips
}

// attempts counts how often each operation was attempted.
type attempts struct {
	mu    sync.Mutex
	count map[uint64]uint64 // by chanceKey
}

// draw is chance for one attempt.
type draw uint64

// draw begins another attempt of what the key stands for.
func (s *Server) draw(key uint64) draw {
	s.attempts.mu.Lock()
	defer s.attempts.mu.Unlock()
	if s.attempts.count == nil {
		s.attempts.count = map[uint64]uint64{}
	}
	n := s.attempts.count[key]
	s.attempts.count[key] = n + 1
	return draw(rand.NewPCG(s.options.Levers.Seed^scatter(key), n).Uint64())
}

// value is a number that differs from purpose to purpose.
func (d draw) value(purpose string) uint64 { return scatter(uint64(d) ^ hash(purpose)) }

// falls reports whether a share falls on the attempt.
func (d draw) falls(purpose string, of float64) bool {
	return float64(d.value(purpose)>>11)/(1<<53) < of
}

// of gives the fault of the first share that falls on the attempt, or nil.
func (d draw) of(shares []share, rq *request) *Fault {
	for i := range shares {
		if sh := &shares[i]; (sh.only == nil || sh.only(rq)) && d.falls(sh.Name, sh.of) {
			return &sh.fault
		}
	}
	return nil
}

// tripKey sets the attempts of a request sent alone apart from those of the
// operation in it.
const tripKey = 0x7472697073

// chanceKey stands for the operation. Page tokens differ from server to server,
// so they are left out.
func (rq *request) chanceKey() uint64 {
	path, _, _ := strings.Cut(rq.call.Path, "$skiptoken=")
	return hash(rq.method + " " + path)
}

// hash is FNV-1a, and scatter, from SplitMix64, spreads what is alike.
func hash(text string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 0x100000001b3
	}
	return h
}

func scatter(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
