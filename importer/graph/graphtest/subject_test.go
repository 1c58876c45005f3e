package graphtest_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"authseed/importer/dispatch"
	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/pace"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// subject is what the cases are put to: a tenant, by the client, and people of
// it that nobody else touches.
type subject struct {
	client  *graph.Client
	witness *witness
	pacer   *pace.Pacer
	tenant  string            // its id
	people  []authmethod.User // the first is the one of most cases
	sim     *graphsim.Server  // nil for a real tenant

	// seen is nil where the simulator's choices are asserted.
	seen  *findings
	until time.Time // cases end before, so that there is time to tidy up; zero for no end
}

func (s *subject) person() authmethod.User { return s.people[0] }

// within is a case's context.
func (s *subject) within(t *testing.T) context.Context {
	if s.until.IsZero() {
		return t.Context()
	}
	ctx, cancel := context.WithDeadlineCause(t.Context(), s.until, errors.New("the time of the test is nearly over: give more with -timeout"))
	t.Cleanup(cancel)
	return ctx
}

// do sends one request, again when it was refused for pace.
func (s *subject) do(t *testing.T, request graph.Request) graph.Answer {
	t.Helper()
	return s.batch(t, []graph.Request{request})[0]
}

func (s *subject) batch(t *testing.T, requests []graph.Request) []graph.Answer {
	t.Helper()
	answers, err := s.send(s.within(t), requests)
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

// send makes a batch. When the service throttles one request of it, all go out
// again, so that several at once have to be reads: but for the simulator, which
// never throttles unasked.
func (s *subject) send(ctx context.Context, requests []graph.Request) ([]graph.Answer, error) {
	return dispatch.Once(ctx, s.pacer, 0, func(ctx context.Context) ([]graph.Answer, dispatch.Verdict, error) {
		answers, err := s.client.Do(ctx, requests)
		var v dispatch.Verdict
		var refused *graph.Error
		if errors.As(err, &refused) {
			answers = []graph.Answer{{Status: refused.Status, RetryAfter: refused.RetryAfter}}
		}
		for _, a := range answers {
			v.Throttled = v.Throttled || a.Throttled()
			v.RetryAfter = max(v.RetryAfter, a.RetryAfter)
		}
		if v.Throttled && s.seen == nil {
			return nil, dispatch.Verdict{}, errors.New("the simulator throttles, unasked")
		}
		v.Again = v.Throttled
		return answers, v, err
	})
}

// have is what the people have registered.
func (s *subject) have(ctx context.Context, people ...authmethod.User) (map[string]authmethod.Set, error) {
	ids := make([]string, len(people))
	for i, u := range people {
		ids[i] = u.ID
	}
	kinds := authmethod.Kinds()
	m, err := survey.ReadMethods(ctx, s.client, ids, kinds[:], survey.Options{Pacer: s.pacer, Concurrency: 2})
	if err != nil {
		return nil, err
	}
	for _, refused := range m.Refused {
		return nil, refused
	}
	return m.Of, nil
}

// A write of a real tenant may take a moment to show
// (github.com/realmjoin/realmjoin-runbooks waits ten seconds); the simulator's
// shows at once.
const (
	looks  = 6
	glance = 5 * time.Second
)

// eventually looks until what is looked for is there, at a simulator once.
func (s *subject) eventually(ctx context.Context, look func() (bool, error)) (bool, error) {
	for n := 1; ; n++ {
		there, err := look()
		if there || err != nil || s.sim != nil || n == looks {
			return there, err
		}
		timer := time.NewTimer(glance)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return false, context.Cause(ctx)
		}
	}
}

// shows fails unless the person has exactly these methods.
func (s *subject) shows(t *testing.T, after, want string) {
	t.Helper()
	var now authmethod.Set
	there, err := s.eventually(s.within(t), func() (bool, error) {
		have, err := s.have(s.within(t), s.person())
		now = have[s.person().ID]
		return same(now, setOf(want)), err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !there {
		t.Errorf("after %s: registered are %v, want %v", after, now, setOf(want))
	}
}

// register brings a person who has nothing to a state, by single writes.
func (s *subject) register(t *testing.T, line string) {
	t.Helper()
	set := setOf(line)
	for _, kind := range authmethod.WriteOrder() {
		if set[kind].IsZero() {
			continue
		}
		a := s.do(t, graph.Request{Op: graph.Create, User: s.person().ID, Kind: kind, Value: set[kind]})
		if a.Err != nil && a.Status != 409 { // phoneNumberNotUnique: stored all the same
			t.Fatalf("registering %s: %v", kind, a.Err)
		}
	}
	if line != "" {
		s.shows(t, "registering", line)
	}
}

// clear removes whatever the people have registered. It needs no test that is
// still running.
func (s *subject) clear(ctx context.Context, people ...authmethod.User) error {
	var last error
	there, err := s.eventually(ctx, func() (bool, error) {
		have, err := s.registered(ctx, people...)
		if err != nil || len(have) == 0 {
			return err == nil, err
		}
		for id, set := range have {
			order := authmethod.WriteOrder()
			for _, kind := range slices.Backward(order[:]) {
				if set[kind].IsZero() {
					continue
				}
				answers, err := s.send(ctx, []graph.Request{{Op: graph.Delete, User: id, Kind: kind}})
				if err != nil {
					return false, err
				}
				if a := answers[0]; a.Err != nil && a.Status != 404 {
					last = fmt.Errorf("removing %s: %w", kind, a.Err)
				}
			}
		}
		have, err = s.registered(ctx, people...)
		return len(have) == 0, err
	})
	if err == nil && !there {
		err = errors.Join(errors.New("something stays registered"), last)
	}
	return err
}

// registered is have of those who have something. Masked values can be removed
// as well.
func (s *subject) registered(ctx context.Context, people ...authmethod.User) (map[string]authmethod.Set, error) {
	have, err := s.have(ctx, people...)
	if errors.Is(err, survey.ErrMasked) {
		return map[string]authmethod.Set{s.person().ID: setOf("mobile=1 alternateMobile=1 office=1 email=1")}, nil
	}
	maps.DeleteFunc(have, func(_ string, set authmethod.Set) bool { return set == authmethod.Set{} })
	return have, err
}

// The cases speak of a state in one line, "mobile=1 office=2x12 email=1", of
// numbers and addresses that are kept for fiction: Ofcom's 07700 900xxx and
// 020 7946 0xxx, 206-555-01xx, example.com. They are valid numbers all the
// same, so a service that looks closely takes them.

func valueOf(kind authmethod.Kind, short string) authmethod.Value {
	number, extension, extended := strings.Cut(short, "x")
	text := ""
	switch kind {
	case authmethod.Mobile:
		text = fmt.Sprintf("+44 77009001%02s", number)
	case authmethod.AlternateMobile:
		text = fmt.Sprintf("+1 20655501%02s", number)
	case authmethod.Office:
		text = fmt.Sprintf("+44 20794601%02s", number)
		if extended {
			text += "x" + extension
		}
	case authmethod.Email:
		text = "authseed.contract." + short + "@example.com"
	}
	return authmethod.ValueOf(text)
}

func setOf(line string) (set authmethod.Set) {
	for _, field := range strings.Fields(line) {
		name, short, _ := strings.Cut(field, "=")
		kind, err := authmethod.ParseKind(name)
		if err != nil {
			panic(err)
		}
		set[kind] = valueOf(kind, short)
	}
	return set
}

func same(a, b authmethod.Set) bool {
	for kind := range a {
		if !a[kind].Equal(b[kind]) {
			return false
		}
	}
	return true
}

// isOurs reports whether a value can only have been left by a run of this test.
func isOurs(v authmethod.Value, u authmethod.User) bool {
	ours := []authmethod.Value{authmethod.ValueOf(unspaced)}
	for _, r := range refusals {
		ours = append(ours, r.value(u))
	}
	lines := slices.Concat(sequences...)
	for _, r := range refusals {
		lines = append(lines, r.have)
	}
	for _, line := range lines {
		set := setOf(line)
		ours = append(ours, set[:]...)
	}
	return slices.ContainsFunc(ours, v.Equal)
}
