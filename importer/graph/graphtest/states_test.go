package graphtest_test

import (
	"fmt"
	"testing"
	"time"

	"authseed/importer/apply"
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// sequences are the states a person is brought to, one after the other: what a
// state does not name is to be removed.
var sequences = [][]string{
	{"mobile=1", "mobile=2", "mobile=2 office=1x12", "mobile=2 office=1x13", "mobile=2 office=1x13 email=1",
		"mobile=2 alternateMobile=1 office=1x13 email=1", "alternateMobile=1 mobile=3 office=2 email=2", ""},
	{"mobile=1 alternateMobile=1 office=1x12 email=1", "mobile=1 office=1x12 email=1", "office=1x12 email=1", ""},
	{"email=1", "email=2 office=1", "mobile=1 alternateMobile=2", "mobile=2 alternateMobile=1", "office=2"},
}

func states(lines []string) func(*testing.T, *subject) {
	return func(t *testing.T, s *subject) {
		for _, line := range lines {
			s.reach(t, s.people[:1], []string{line})
		}
	}
}

// crowd has several people at once, each somewhere else in the same sequence:
// more than a batch of them.
func crowd(t *testing.T, s *subject) {
	if len(s.people) < 2 {
		t.Skip("needs several people: only the simulator has them")
	}
	lines := sequences[0]
	for step := range lines {
		var want []string
		for i := range s.people {
			want = append(want, lines[(i+step)%len(lines)])
		}
		s.reach(t, s.people, want)
	}
}

// reach plans the states, one a person, from what is registered, applies the
// plan, and wants the next one to be empty.
func (s *subject) reach(t *testing.T, people []authmethod.User, want []string) {
	t.Helper()
	to := fmt.Sprintf("%q", want[0])
	if len(want) > 1 {
		to = fmt.Sprintf("%d states", len(want))
	}
	p := s.plan(t, people, want)
	if len(p.Skipped) > 0 {
		t.Fatalf("to %s: %d left out, the first because of %s", to, len(p.Skipped), p.Skipped[0].Reason)
	}
	open := map[journal.Result]int{}
	for _, result := range s.apply(t, p) {
		if result != journal.Done {
			open[result]++
		}
	}
	if len(open) > 0 {
		t.Fatalf("to %s: of %d changes are not done: %v", to, len(p.Pending()), open)
	}
	var again *plan.Plan
	there, err := s.eventually(s.within(t), func() (bool, error) {
		again = s.plan(t, people, want)
		return len(again.Changes)+len(again.Skipped) == 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !there {
		t.Fatalf("to %s: the second plan has %d changes and leaves %d out", to, len(again.Changes), len(again.Skipped))
	}
}

// plan reads the people and plans with everything replaced and allowed.
func (s *subject) plan(t *testing.T, people []authmethod.User, want []string) *plan.Plan {
	t.Helper()
	have, err := s.have(s.within(t), people...)
	if err != nil {
		t.Fatal(err)
	}
	in := plan.Input{
		About: plan.About{
			ToolVersion: "contract", ID: "contract", CreatedAt: time.Now(), ValidUntil: time.Now().Add(time.Hour),
			Tenant: plan.Tenant{ID: s.tenant, Cloud: string(s.client.Cloud())},
		},
		Current: have,
	}
	for _, h := range plan.Hazards() {
		in.Policy.Allow = append(in.Policy.Allow, h.Hazard)
	}
	for _, kind := range authmethod.Kinds() {
		in.Policy.Rules[kind] = plan.Replace
	}
	for i, u := range people {
		d := plan.Desired{User: u, Origin: plan.Origin{File: "contract.csv", Line: i + 2}}
		for kind, v := range setOf(want[i]) {
			d.Wishes[kind] = authmethod.Wish{Value: v, Clear: v.IsZero()}
		}
		in.Desired = append(in.Desired, d)
	}
	return plan.Build(in)
}

// apply runs a plan with a journal on disk and gives what became of its changes,
// in their order.
func (s *subject) apply(t *testing.T, p *plan.Plan) []journal.Result {
	t.Helper()
	const id = "20261105T090000Z-000001"
	runs := t.TempDir()
	j, err := journal.Create(runs, id, "contract", p)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := apply.Run(s.within(t), p, s.client, j, apply.Options{Pacer: s.pacer, Concurrency: 2})
	if err != nil {
		t.Fatalf("applying: %v", err)
	}
	if err := j.End(journal.Finished, counts); err != nil {
		t.Fatal(err)
	}
	run, err := journal.Read(runs, id)
	if err != nil {
		t.Fatal(err)
	}
	var results []journal.Result
	for _, c := range p.Pending() {
		results = append(results, run.Result(c.ID))
		if o, _ := run.Outcome(c.ID); o.Result != journal.Done {
			t.Logf("%s %s: %s %d %s %s", c.Action, c.Method, o.Result, o.Status, o.Code, o.Message)
		}
	}
	return results
}

// moves are people who move between the plan and its apply. What replaces or
// removes is looked at first; a create learns it from the service's refusal.
var moves = []move{
	{"create meets the same", "", "mobile=1", "mobile=1", journal.Done},
	{"create meets another", "", "email=1", "email=2", journal.Stale},
	{"update meets another", "mobile=1", "mobile=2", "mobile=3", journal.Stale},
	{"update meets nothing", "office=1", "office=2", "", journal.Stale},
	{"removal meets nothing", "email=1", "", "", journal.Done},
	{"removal meets another", "office=1", "", "office=2", journal.Stale},
}

type move struct {
	name            string
	have, want, now string
	result          journal.Result
}

func moved(m move) func(*testing.T, *subject) {
	return func(t *testing.T, s *subject) {
		s.register(t, m.have)
		p := s.plan(t, s.people[:1], []string{m.want})
		if n := len(p.Pending()); n != 1 {
			t.Fatalf("%d changes", n)
		}
		if err := s.clear(s.within(t), s.person()); err != nil {
			t.Fatal(err)
		}
		s.register(t, m.now)
		if got := s.apply(t, p); got[0] != m.result {
			t.Errorf("the change is %s, want %s", got[0], m.result)
		}
		s.shows(t, "the run", m.now)
	}
}
