package apply

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph"
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// fields reads "mobile=1 email=a", where a phone is the last digit of a
// fictional number.
func fields(text string) (s authmethod.Set) {
	for _, field := range strings.Fields(text) {
		name, short, _ := strings.Cut(field, "=")
		kind, err := authmethod.ParseKind(name)
		if err != nil {
			panic(err)
		}
		s[kind] = authmethod.ValueOf("+44 7700 90000" + short)
		if kind == authmethod.Email {
			s[kind] = authmethod.ValueOf(short + "@example.com")
		}
	}
	return s
}

// changes reads "create mobile=1", "update mobile=1 mobile=2", "delete email=a".
func changes(lines ...string) (list []plan.Change) {
	for _, line := range lines {
		action, values, _ := strings.Cut(line, " ")
		first, second, _ := strings.Cut(values, " ")
		c := plan.Change{ID: line, Action: plan.Action(action), User: plan.Person{ID: "user"}}
		name, _, _ := strings.Cut(first, "=")
		c.Method, _ = authmethod.ParseKind(name)
		switch c.Action {
		case plan.Create:
			c.After = fields(first)[c.Method]
		case plan.Update:
			c.Before, c.After = fields(first)[c.Method], fields(second)[c.Method]
		case plan.Delete:
			c.Before = fields(first)[c.Method]
		}
		list = append(list, c)
	}
	return list
}

// answerOf reads "201 mobile=1", "500" or "cut".
func answerOf(text string) graph.Answer {
	word, have, _ := strings.Cut(text, " ")
	status, _ := strconv.Atoi(word) // "cut" is 0, no answer
	a := graph.Answer{Status: status, RequestID: "id", Have: fields(have)}
	if status/100 != 2 {
		a.Err = &graph.Error{Status: status, Code: "code" + word, Message: "message " + word, RequestID: "id"}
	}
	return a
}

// sayStep is a request as the tests write it.
func sayStep(s step) string {
	switch s.Op {
	case graph.ReadPhones, graph.ReadEmails:
		text := "phones"
		if s.Op == graph.ReadEmails {
			text = "emails"
		}
		if s.patient {
			text += ", patiently"
		}
		return text
	}
	names := map[graph.Op]string{graph.Create: "create", graph.Update: "update", graph.Delete: "delete"}
	return fmt.Sprintf("%s %s", names[s.Op], s.Kind)
}

// TestLane walks the state machine. A line of a walk is the request the lane is
// to make and the answer it gets.
func TestLane(t *testing.T) {
	for _, test := range []walk{
		{"create", []string{"create mobile=1"}, []string{"create mobile: 201 mobile=1"}, []string{"done 201"}},
		{"create, the answer is empty", []string{"create email=a"}, []string{"create email: 204", "emails, patiently: 200 email=a"}, []string{"done 204"}},
		{"create, spaced the service's way", []string{"create mobile=1"}, []string{"create mobile: 201 mobile=1 office=9"}, []string{"done 201"}},
		{"create, something else was stored", []string{"create mobile=1"},
			[]string{"create mobile: 201 mobile=2", "phones, patiently: 200 mobile=2"}, []string{"failed 200"}},
		{"create, stored after all", []string{"create mobile=1"},
			[]string{"create mobile: 201 mobile=2", "phones, patiently: 200 mobile=1"}, []string{"done 201"}},
		{"create, said to be stored and never seen", []string{"create mobile=1"},
			[]string{"create mobile: 201 mobile=2", "phones, patiently: 200"}, []string{"unknown 200"}},
		{"create, there already", []string{"create mobile=1"},
			[]string{"create mobile: 400", "phones: 200 mobile=1"}, []string{"done 200 by somebody else"}},
		{"create, another is there", []string{"create mobile=1"},
			[]string{"create mobile: 400", "phones: 200 mobile=2"}, []string{"stale 200"}},
		{"create, a bad value", []string{"create mobile=1"},
			[]string{"create mobile: 400", "phones: 200 office=1"}, []string{"failed 400 code400"}},
		{"create, a bad value, and no look", []string{"create email=a"},
			[]string{"create email: 400", "emails: 403"}, []string{"unknown 403 code403"}},
		{"create, refused", []string{"create mobile=1"}, []string{"create mobile: 403"}, []string{"failed 403 code403"}},
		{"create, nobody there", []string{"create mobile=1"}, []string{"create mobile: 404"}, []string{"failed 404 code404"}},
		{"create, unanswered and done", []string{"create mobile=1"},
			[]string{"create mobile: cut", "phones, patiently: 200 mobile=1"}, []string{"done 200"}},
		{"create, unanswered and not done", []string{"create mobile=1"},
			[]string{"create mobile: 504", "phones, patiently: 200", "create mobile: 201 mobile=1"}, []string{"done 201"}},
		{"create, unanswered, then there", []string{"create mobile=1"},
			[]string{"create mobile: 504", "phones, patiently: 200", "create mobile: 400", "phones, patiently: 200 mobile=1"}, []string{"done 200"}},
		{"create, never answered", []string{"create mobile=1"},
			slices.Repeat([]string{"create mobile: 504", "phones, patiently: 200"}, 3), []string{"failed 504 code504"}},
		{"create, not unique", []string{"create mobile=1"},
			[]string{"create mobile: 409", "phones, patiently: 200 mobile=1"}, []string{"done 200"}},
		{"create, not unique for ever", []string{"create mobile=1"},
			slices.Repeat([]string{"create mobile: 409", "phones, patiently: 200"}, 3), []string{"failed 409 code409"}},
		{"create, and blind afterwards", []string{"create mobile=1"},
			append([]string{"create mobile: cut"}, slices.Repeat([]string{"phones, patiently: 503"}, 4)...), []string{"unknown 503 code503"}},
		{"create, and dim afterwards", []string{"create mobile=1"},
			[]string{"create mobile: cut", "phones, patiently: cut", "phones, patiently: 500", "phones, patiently: 503", "phones, patiently: 200 mobile=1"},
			[]string{"done 200"}},
		{"every look has its own patience", []string{"create mobile=1"}, slices.Concat(
			[]string{"create mobile: cut"}, slices.Repeat([]string{"phones, patiently: 503"}, 3), []string{"phones, patiently: 200"},
			[]string{"create mobile: cut"}, slices.Repeat([]string{"phones, patiently: 503"}, 3), []string{"phones, patiently: 200 mobile=1"},
		), []string{"done 200"}},

		{"update", []string{"update mobile=1 mobile=2"}, []string{"phones: 200 mobile=1", "update mobile: 204", "phones, patiently: 200 mobile=2"}, []string{"done 204"}},
		{"update, so already", []string{"update mobile=1 mobile=2"}, []string{"phones: 200 mobile=2"}, []string{"done 200"}},
		{"update, moved", []string{"update mobile=1 mobile=2"}, []string{"phones: 200 mobile=3"}, []string{"stale 200"}},
		{"update, gone", []string{"update email=a email=b"}, []string{"emails: 200"}, []string{"stale 200"}},
		{"update, gone at the last moment", []string{"update email=a email=b"}, []string{"emails: 200 email=a", "update email: 404"}, []string{"stale 404 code404"}},
		{"update, a bad value", []string{"update email=a email=b"}, []string{"emails: 200 email=a", "update email: 400"}, []string{"failed 400 code400"}},
		{"update, out of sight", []string{"update email=a email=b"}, []string{"emails: 403"}, []string{"failed 403 code403"}},
		{"update, no look", []string{"update email=a email=b"}, slices.Repeat([]string{"emails: 500"}, 4), []string{"failed 500 code500"}},
		{"update, a look at last", []string{"update email=a email=b"},
			[]string{"emails: 503", "emails: cut", "emails: 200 email=a", "update email: 204", "emails, patiently: 200 email=b"}, []string{"done 204"}},
		{"update, unanswered and done", []string{"update email=a email=b"},
			[]string{"emails: 200 email=a", "update email: 500", "emails, patiently: 200 email=b"}, []string{"done 200"}},
		{"update, unanswered and not done", []string{"update email=a email=b"},
			[]string{"emails: 200 email=a", "update email: 500", "emails, patiently: 200 email=a", "update email: 204", "emails, patiently: 200 email=b"}, []string{"done 204"}},
		{"update, unanswered and moved", []string{"update email=a email=b"},
			[]string{"emails: 200 email=a", "update email: 500", "emails, patiently: 200 email=c"}, []string{"stale 200"}},

		{"delete", []string{"delete mobile=1"}, []string{"phones: 200 mobile=1", "delete mobile: 204", "phones, patiently: 200"}, []string{"done 204"}},
		{"delete, gone", []string{"delete mobile=1"}, []string{"phones: 200"}, []string{"done 200"}},
		{"delete, gone at the last moment", []string{"delete mobile=1"}, []string{"phones: 200 mobile=1", "delete mobile: 404"}, []string{"done 404 by somebody else"}},
		{"delete, gone after no answer", []string{"delete mobile=1"},
			[]string{"phones: 200 mobile=1", "delete mobile: cut", "phones, patiently: 200 mobile=1", "delete mobile: 404"}, []string{"done 404"}},
		{"delete, said to be done and never seen", []string{"delete mobile=1"},
			[]string{"phones: 200 mobile=1", "delete mobile: 204", "phones, patiently: 200 mobile=1"}, []string{"unknown 200"}},
		{"update, said to be done and never seen", []string{"update mobile=1 mobile=2"},
			[]string{"phones: 200 mobile=1", "update mobile: 204", "phones, patiently: 200 mobile=1"}, []string{"unknown 200"}},
		{"delete, moved", []string{"delete mobile=1"}, []string{"phones: 200 mobile=2"}, []string{"stale 200"}},
		{"delete, unanswered and done", []string{"delete mobile=1"},
			[]string{"phones: 200 mobile=1", "delete mobile: cut", "phones, patiently: 200"}, []string{"done 200"}},
		{"delete, unanswered and not done", []string{"delete mobile=1"},
			[]string{"phones: 200 mobile=1", "delete mobile: cut", "phones, patiently: 200 mobile=1", "delete mobile: 204", "phones, patiently: 200"}, []string{"done 204"}},

		{"one after the other", []string{"create mobile=1", "update email=a email=b", "delete office=1"},
			[]string{"create mobile: 201", "phones, patiently: 200 mobile=1", "emails: 200 email=a", "update email: 204", "emails, patiently: 200 email=b", "phones: 200 office=1 mobile=1", "delete office: 204", "phones, patiently: 200 mobile=1"},
			[]string{"done 201", "done 204", "done 204"}},
		{"a failure is one change's", []string{"create office=1", "create email=a"},
			[]string{"create office: 403", "create email: 201", "emails, patiently: 200 email=a"}, []string{"failed 403 code403", "done 201"}},
		{"an alternate without its mobile", []string{"create mobile=1", "create email=a", "create alternateMobile=2"},
			[]string{"create mobile: 403", "create email: 201", "emails, patiently: 200 email=a"}, []string{"failed 403 code403", "done 201", "failed 424"}},
		{"an alternate whose mobile is not known", []string{"create mobile=1", "create alternateMobile=2"},
			append([]string{"create mobile: cut"}, slices.Repeat([]string{"phones, patiently: cut"}, 4)...), []string{"unknown 0 codecut"}},
		{"an alternate beside another mobile", []string{"create mobile=1", "create alternateMobile=2"},
			[]string{"create mobile: 400", "phones: 200 mobile=3", "create alternateMobile: 201", "phones, patiently: 200 alternateMobile=2"}, []string{"stale 200", "done 201"}},
		{"an alternate whose mobile was never answered", []string{"create mobile=1", "create alternateMobile=2"},
			slices.Repeat([]string{"create mobile: 504", "phones, patiently: 200"}, 3), []string{"failed 504 code504"}},
		{"a mobile whose alternate stays", []string{"delete alternateMobile=2", "delete mobile=1"},
			[]string{"phones: 200 mobile=1 alternateMobile=2", "delete alternateMobile: 400"}, []string{"failed 400 code400", "failed 424"}},
		{"a mobile whose alternate may stay", []string{"delete alternateMobile=2", "delete mobile=1"},
			[]string{"phones: 200 mobile=1 alternateMobile=2", "delete alternateMobile: 204", "phones, patiently: 200 mobile=1 alternateMobile=2"}, []string{"unknown 200"}},
		{"removals the other way round", []string{"delete alternateMobile=2", "delete mobile=1"},
			[]string{"phones: 200 mobile=1 alternateMobile=2", "delete alternateMobile: 204", "phones, patiently: 200 mobile=1", "phones: 200 mobile=1", "delete mobile: 204", "phones, patiently: 200"},
			[]string{"done 204", "done 204"}},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, "", nil) })
	}
}

// walk is a lane, what it is to ask for with the answers it gets, and what it
// says in the end.
type walk struct {
	name     string
	changes  []string
	walk     []string
	outcomes []string
}

// verified is a walk with a way to verify; continued one whose changes are not
// all pending.
type (
	verified struct {
		verify Verify
		walk
	}
	continued struct {
		past map[string]journal.Result
		walk
	}
)

// TestLaneVerifies believes more or less.
func TestLaneVerifies(t *testing.T) {
	for _, test := range []verified{
		{VerifyAll, walk{"all, create", []string{"create mobile=1"},
			[]string{"create mobile: 201 mobile=1", "phones, patiently: 200 mobile=1"}, []string{"done 201"}}},
		{VerifyAll, walk{"all, create that does not show", []string{"create mobile=1"},
			[]string{"create mobile: 201 mobile=1", "phones, patiently: 200"}, []string{"unknown 200"}}},
		{VerifyAll, walk{"all, delete", []string{"delete mobile=1"},
			[]string{"phones: 200 mobile=1", "delete mobile: 204", "phones, patiently: 200"}, []string{"done 204"}}},
		{VerifyNone, walk{"none, create", []string{"create mobile=1"},
			[]string{"create mobile: 201"}, []string{"done 201"}}},
		{VerifyNone, walk{"none, update", []string{"update mobile=1 mobile=2"},
			[]string{"phones: 200 mobile=1", "update mobile: 204"}, []string{"done 204"}}},
		{VerifyNone, walk{"none, and another was stored", []string{"create mobile=1"},
			[]string{"create mobile: 201 mobile=2", "phones, patiently: 200 mobile=2"}, []string{"failed 200"}}},
		{VerifyNone, walk{"none, unanswered", []string{"create mobile=1"},
			[]string{"create mobile: cut", "phones, patiently: 200 mobile=1"}, []string{"done 200"}}},
		{VerifyNone, walk{"none, not unique", []string{"create mobile=1"},
			[]string{"create mobile: 409", "phones, patiently: 200 mobile=1"}, []string{"done 200"}}},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, test.verify, nil) })
	}
}

// TestLaneGoesOn takes a person up where an earlier part of the run stopped.
func TestLaneGoesOn(t *testing.T) {
	unknown, done, failed, stale := journal.Unknown, journal.Done, journal.Failed, journal.Stale
	for _, test := range []continued{
		{map[string]journal.Result{"create mobile=1": done, "create email=a": stale}, walk{"all done", []string{"create mobile=1", "create email=a"},
			nil, nil}},
		{map[string]journal.Result{"create mobile=1": done}, walk{"the second is left", []string{"create mobile=1", "create email=a"},
			[]string{"create email: 201 email=a"}, []string{"done 201"}}},
		{map[string]journal.Result{"update mobile=1 mobile=2": unknown}, walk{"unknown and done", []string{"update mobile=1 mobile=2"},
			[]string{"phones, patiently: 200 mobile=2"}, []string{"done 200"}}},
		{map[string]journal.Result{"update mobile=1 mobile=2": unknown}, walk{"unknown and not done", []string{"update mobile=1 mobile=2"},
			[]string{"phones, patiently: 200 mobile=1", "update mobile: 204", "phones, patiently: 200 mobile=2"}, []string{"done 204"}}},
		{map[string]journal.Result{"update mobile=1 mobile=2": unknown}, walk{"unknown and moved", []string{"update mobile=1 mobile=2"},
			[]string{"phones, patiently: 200 mobile=3"}, []string{"stale 200"}}},
		{map[string]journal.Result{"create mobile=1": unknown}, walk{"an unknown create, done and slow to show", []string{"create mobile=1"},
			[]string{"phones, patiently: 200", "create mobile: 400", "phones, patiently: 200 mobile=1"}, []string{"done 200"}}},
		{map[string]journal.Result{"delete email=a": unknown}, walk{"an unknown delete, done", []string{"delete email=a"},
			[]string{"emails, patiently: 200"}, []string{"done 200"}}},
		{map[string]journal.Result{"create mobile=1": failed}, walk{"an alternate whose mobile has failed", []string{"create mobile=1", "create alternateMobile=2"},
			nil, []string{"failed 424"}}},
		{map[string]journal.Result{"create mobile=1": unknown}, walk{"an alternate whose mobile is known by now", []string{"create mobile=1", "create alternateMobile=2"},
			[]string{"phones, patiently: 200 mobile=1", "create alternateMobile: 201 alternateMobile=2"}, []string{"done 200", "done 201"}}},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, "", test.past) })
	}
}

func (w walk) run(t *testing.T, verify Verify, known map[string]journal.Result) {
	var open []string
	for _, c := range w.changes {
		if r := known[c]; r == "" || r == journal.Unknown {
			open = append(open, c)
		}
	}
	var outcomes []string
	trips := 0
	l := &lane{changes: changes(w.changes...), past: remembered(known), verify: verify, trips: &trips, record: func(v verdict) {
		if i := len(outcomes); i >= len(open) || v.Change != open[i] || v.change.ID != open[i] {
			t.Errorf("outcome %d is for %q", i, v.Change)
		}
		if v.Result != journal.Done && v.Message == "" {
			t.Errorf("nothing says why %q is %s", v.Change, v.Result)
		}
		text := strings.TrimSpace(fmt.Sprintf("%s %d %s", v.Result, v.Status, v.Code))
		if v.foreign {
			text += " by somebody else"
		}
		outcomes = append(outcomes, text)
	}}
	l.begin()
	for i, line := range w.walk {
		want, answer, _ := strings.Cut(line, ": ")
		s, ok := l.Next()
		if !ok || sayStep(s) != want {
			t.Fatalf("step %d is %q (%v), want %q", i+1, sayStep(s), ok, want)
		}
		if again, _ := l.Next(); sayStep(again) != sayStep(s) {
			t.Fatalf("step %d is another when asked again", i+1)
		}
		if s.User != "user" || s.change != open[len(outcomes)] {
			t.Errorf("step %d is of %q for %q", i+1, s.change, s.User)
		}
		l.Take(answerOf(answer))
	}
	if s, ok := l.Next(); ok {
		t.Errorf("one step more: %q", sayStep(s))
	}
	if diff := cmp.Diff(w.outcomes, outcomes); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// remembered is a history of results: what is neither known nor pending may have
// been written.
type remembered map[string]journal.Result

func (r remembered) Left(change string) journal.Result {
	if result := r[change]; result != "" {
		return result
	}
	return journal.Pending
}

func (r remembered) MayHaveWritten(change string) bool { return r.Left(change) == journal.Unknown }
