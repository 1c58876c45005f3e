package apply_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// TestRandomFaults applies small plans against a service that breaks a fifth of
// all it is asked, in every way it knows.
func TestRandomFaults(t *testing.T) {
	var total journal.Counts
	ended := 0
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			counts, err := randomRun(t, seed)
			if t.Failed() {
				t.Fatalf("with seed %d: %+v, %v", seed, counts, err)
			}
			if err == nil {
				ended++
			}
			total.Planned += counts.Planned
			total.Done += counts.Done
			total.Failed += counts.Failed
			total.Unknown += counts.Unknown
		})
	}
	// What makes the seeds worth running.
	if ended < 190 || total.Done < total.Planned*8/10 || total.Failed == 0 || total.Unknown == 0 {
		t.Errorf("%d of 200 runs came to their end, with %+v", ended, total)
	}
}

func randomRun(t *testing.T, seed uint64) (journal.Counts, error) {
	random := rand.New(rand.NewPCG(seed, 1))
	people := 1 + random.IntN(12)
	have, want := make([]string, people), make([]string, people)
	for i := range have {
		have[i], want[i] = randomPerson(random, i+1)
	}
	w := newWorld(t, have...)
	w.concurrency = 1 + random.IntN(4)
	before := w.people()
	p := w.plan(want)
	// What breaks depends on the call and how often it was made, not on which of
	// two goroutines came first.
	made := map[string]uint64{}
	w.fault = func(c graphsim.Call) *graphsim.Fault {
		name := c.User + c.Method + c.Path
		made[name]++
		h := fnv.New64a()
		_, _ = h.Write([]byte(name))
		random := rand.New(rand.NewPCG(seed+made[name]<<32, h.Sum64()))
		if random.IntN(5) > 0 {
			return nil
		}
		return randomFault(random, c)
	}
	run, err := w.applied(t.Context(), p)
	outage := err != nil && strings.Contains(err.Error(), "has not answered")
	if err != nil && !outage && !(graph.IsSignIn(err) && nobodyWritten(p, run)) {
		t.Errorf("the run ended with %v", err)
	}
	w.checkDone(p, run)

	// Every difference in the tenant is one planned change, written once.
	planned := map[string]plan.Change{}
	for _, c := range p.Pending() {
		planned[c.User.ID+c.Method.String()] = c
	}
	differences := 0
	for user, set := range w.people() {
		for kind, v := range set {
			if v.Equal(before[user][kind]) {
				continue
			}
			differences++
			if c := planned[user+authmethod.Kind(kind).String()]; c.ID == "" || !v.Equal(c.After) {
				t.Errorf("%s is what nobody planned", authmethod.Kind(kind))
			}
		}
	}
	if stats := w.sim.Stats(); w.writes() != differences || stats.DuplicateCreates > 0 {
		t.Errorf("%d effective writes for %d differences, %d creates of what was there", w.writes(), differences, stats.DuplicateCreates)
	}
	return run.Counts, err
}

// nobodyWritten reports whether the run left changes pending in a family of
// methods none of which it wrote: what a missing permission looks like.
func nobodyWritten(p *plan.Plan, run *journal.Run) bool {
	var pending, written [2]int
	for _, c := range p.Pending() {
		family := 0
		if c.Method == authmethod.Email {
			family = 1
		}
		o, _ := run.Outcome(c.ID)
		switch {
		case run.Result(c.ID) == journal.Pending:
			pending[family]++
		case o.Result == journal.Done && (o.Status == 201 || o.Status == 204):
			written[family]++
		}
	}
	return pending[0] > 0 && written[0] == 0 || pending[1] > 0 && written[1] == 0
}

// randomPerson is what somebody has and what is wanted of them.
func randomPerson(random *rand.Rand, n int) (have, want string) {
	for _, kind := range []string{"mobile", "office", "email", "alternateMobile"} {
		there := random.IntN(2) == 0 && (kind != "alternateMobile" || strings.Contains(have, "mobile"))
		if there {
			have += fmt.Sprintf(" %s=%d", kind, 500+n)
		}
		switch random.IntN(4) {
		case 0:
			want += " " + kind + "=clear"
		case 1, 2:
			want += fmt.Sprintf(" %s=%d", kind, n)
		}
	}
	return have, want
}

func randomFault(random *rand.Rand, c graphsim.Call) *graphsim.Fault {
	f := &graphsim.Fault{After: random.IntN(2) == 0}
	statuses := []int{400, 403, 408, 409, 429, 429, 429, 500, 502, 503, 504}
	if !c.Batched {
		statuses = statuses[2:] // else the batch, and the run with it, is over
	}
	i := random.IntN(len(statuses) + 1)
	if i == len(statuses) {
		f.Cut = true
		return f
	}
	f.Status = statuses[i]
	switch f.Status {
	case 400, 403, 429:
		f.After = false // a refusal
	case 409:
		if !c.Batched || c.Method == http.MethodGet {
			f.Status = 500
		}
	case 502:
		f.HTML = true
	}
	if f.Status == 429 || f.Status == 503 {
		f.Header = []http.Header{nil, {"Retry-After": {"3"}}, {"Retry-After": {"1.5"}}}[random.IntN(3)]
	}
	return f
}
