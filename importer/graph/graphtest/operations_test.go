package graphtest_test

import (
	"strings"
	"testing"

	"authseed/importer/graph"
	"authseed/mapping/authmethod"
)

// nobody is an object id that no directory has.
const nobody = "00000000-0000-4000-8000-00000000dead"

// operations are what the client can do, one by one.
var operations = []suiteCase{
	{"organization", organization},
	{"pages of users", pagesOfUsers},
	{"find by every key", findByEveryKey},
	{"write and read every method", everyMethod},
	{"batch of twenty reads", twentyReads},
	{"batch of twenty writes", twentyWrites},
	{"number without a space", numberWithoutSpace},
}

func organization(t *testing.T, s *subject) {
	o, err := s.client.Organization(s.within(t))
	if err != nil || o.ID != s.tenant {
		t.Errorf("the organization is not the tenant: %v", err)
	}
}

func pagesOfUsers(t *testing.T, s *subject) {
	const enough = 3
	seen := map[string]bool{}
	next := ""
	for page := 0; page == 0 || next != "" && page < enough; page++ {
		people, link, err := s.client.Users(s.within(t), next, graph.Scope{}, graph.Wanted{By: authmethod.Attributes()})
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range people {
			if u.ID == "" || u.UserPrincipalName == "" || seen[u.ID] {
				t.Errorf("page %d: somebody without a name, or twice", page+1)
			}
			seen[u.ID] = true
		}
		next = link
	}
	if s.sim != nil && len(seen) != len(s.sim.Tenant().Users) {
		t.Errorf("%d people of %d", len(seen), len(s.sim.Tenant().Users))
	}
}

func findByEveryKey(t *testing.T, s *subject) {
	for _, attribute := range authmethod.Attributes() {
		keys := authmethod.KeysOf(attribute, s.person())
		if len(keys) == 0 {
			t.Logf("the person has no %s: not looked up by it", attribute)
		}
		for _, key := range append(keys, authmethod.Key{Attribute: attribute, Value: "o'nobody@contoso.example"}) {
			batches := graph.FindBatches([]authmethod.Key{key})
			if len(batches) == 0 {
				continue // cannot name anybody: an id that is no GUID
			}
			want := 1
			if strings.HasPrefix(key.Value, "o'nobody") {
				want = 0
			}
			a := s.do(t, graph.Request{Op: graph.Find, Keys: batches[0]})
			if a.Err != nil || a.Next != "" || len(a.Users) != want || want == 1 && a.Users[0].ID != s.person().ID {
				t.Errorf("by %s: %d people, of %d: %v", attribute, len(a.Users), want, a.Err)
			}
		}
	}
}

// everyMethod writes, changes and removes each method, and reads it by each of
// the ways there are.
func everyMethod(t *testing.T, s *subject) {
	first, second := setOf("mobile=1 alternateMobile=1 office=1x12 email=1"), setOf("mobile=2 alternateMobile=2 office=2 email=2")
	want := authmethod.Set{}
	write := func(op graph.Op, kind authmethod.Kind, v authmethod.Value) {
		a := s.do(t, graph.Request{Op: op, User: s.person().ID, Kind: kind, Value: v})
		switch {
		case a.Err != nil && a.Status == 409 && s.seen != nil:
			s.seen.add("2", "operation %d of %s: %v", op, kind, a.Err)
		case a.Err != nil:
			t.Fatalf("operation %d of %s: %v", op, kind, a.Err)
		case a.RequestID == "" || a.Throttled() || a.Uncertain():
			t.Errorf("operation %d of %s: an answer that is no plain success: %+v", op, kind, a)
		case op == graph.Create && !a.Have[kind].IsZero() && !a.Have[kind].Equal(v):
			t.Errorf("create %s: stored is %s, sent was %s", kind, a.Have[kind], v)
		}
		want[kind] = v
		s.showsEveryWay(t, want)
	}
	order := authmethod.WriteOrder()
	for _, kind := range order {
		write(graph.Create, kind, first[kind])
	}
	for _, kind := range order {
		write(graph.Update, kind, second[kind])
	}
	for i := len(order) - 1; i >= 0; i-- {
		write(graph.Delete, order[i], authmethod.Value{})
	}
}

// showsEveryWay reads the person by all methods, by phones and by e-mail.
func (s *subject) showsEveryWay(t *testing.T, want authmethod.Set) {
	t.Helper()
	for _, op := range []graph.Op{graph.ReadMethods, graph.ReadPhones, graph.ReadEmails} {
		var last graph.Answer
		there, err := s.eventually(s.within(t), func() (bool, error) {
			last = s.do(t, graph.Request{Op: op, User: s.person().ID})
			part := want
			switch op {
			case graph.ReadPhones:
				part[authmethod.Email] = authmethod.Value{}
			case graph.ReadEmails:
				part = authmethod.Set{authmethod.Email: want[authmethod.Email]}
			}
			return last.Err != nil || same(last.Have, part), nil
		})
		switch {
		case op == graph.ReadMethods && last.Status == 403 && s.narrow():
		case err != nil || last.Err != nil:
			t.Fatalf("read %d: %v %v", op, err, last.Err)
		case !there:
			t.Errorf("read %d: registered are %v, want of %v", op, last.Have, want)
		}
	}
}

// narrow reports a sign-in that may not read all methods at once.
func (s *subject) narrow() bool {
	kinds := authmethod.Kinds()
	return len(s.client.Reads(kinds[:])) > 1
}

// twentyReads asks for different things, so that an answer in the wrong place
// shows.
func twentyReads(t *testing.T, s *subject) {
	s.register(t, "mobile=1 email=1")
	me := s.person()
	var requests []graph.Request
	for len(requests) < graph.MaxBatch {
		requests = append(requests,
			graph.Request{Op: graph.ReadPhones, User: me.ID},
			graph.Request{Op: graph.ReadEmails, User: me.ID},
			graph.Request{Op: graph.Find, Keys: []authmethod.Key{{Attribute: authmethod.ID, Value: me.ID}}},
			graph.Request{Op: graph.Find, Keys: []authmethod.Key{{Attribute: authmethod.ID, Value: nobody}}},
		)
	}
	have := setOf("mobile=1 email=1")
	ids := map[string]bool{}
	for i, a := range s.batch(t, requests) {
		if a.Err != nil {
			t.Errorf("answer %d: %v", i, a.Err)
			continue
		}
		ids[a.RequestID] = true
		ok := false
		switch i % 4 {
		case 0:
			ok = same(a.Have, authmethod.Set{authmethod.Mobile: have[authmethod.Mobile]})
		case 1:
			ok = same(a.Have, authmethod.Set{authmethod.Email: have[authmethod.Email]})
		case 2:
			ok = len(a.Users) == 1 && a.Users[0].ID == me.ID
		case 3:
			ok = len(a.Users) == 0
		}
		if !ok {
			t.Errorf("answer %d is not to its request: %v, %d people", i, a.Have, len(a.Users))
		}
	}
	if s.sim != nil && len(ids) != graph.MaxBatch {
		t.Errorf("%d request ids of %d answers", len(ids), graph.MaxBatch)
	}
	more := append(requests, requests[0])
	if _, err := s.client.Do(s.within(t), more); err == nil {
		t.Error("a batch of 21 was sent")
	}
}

func twentyWrites(t *testing.T, s *subject) {
	if len(s.people) < graph.MaxBatch {
		t.Skip("needs twenty people: only the simulator has them")
	}
	people := s.people[:graph.MaxBatch]
	for _, op := range []graph.Op{graph.Create, graph.Update, graph.Delete} {
		var requests []graph.Request
		for _, u := range people {
			value := map[graph.Op]string{graph.Create: "1", graph.Update: "2"}[op]
			requests = append(requests, graph.Request{Op: op, User: u.ID, Kind: authmethod.Mobile, Value: valueOf(authmethod.Mobile, value)})
		}
		for i, a := range s.batch(t, requests) {
			if a.Err != nil {
				t.Errorf("operation %d, answer %d: %v", op, i, a.Err)
			}
		}
	}
}

// unspaced is a number as scripts write it: whether the service stores it as it
// came is open question 7.
const unspaced = "+447700900199"

func numberWithoutSpace(t *testing.T, s *subject) {
	sent := authmethod.ValueOf(unspaced)
	a := s.do(t, graph.Request{Op: graph.Create, User: s.person().ID, Kind: authmethod.Mobile, Value: sent})
	if a.Err != nil {
		s.open(t, "7", "a number without a space", "201", a)
		return
	}
	var stored authmethod.Value
	_, err := s.eventually(s.within(t), func() (bool, error) {
		have, err := s.have(s.within(t), s.person())
		stored = have[s.person().ID][authmethod.Mobile]
		return !stored.IsZero(), err
	})
	if err != nil || !stored.Equal(sent) {
		t.Fatalf("stored is %s, sent was %s: %v", stored, sent, err)
	}
	as := "as it came"
	if stored.Reveal() != sent.Reveal() {
		as = "as " + digitsHidden(stored)
	}
	if s.seen == nil && as != "as it came" {
		t.Errorf("the simulator stores a number without a space %s", as)
	}
	s.seen.add("7", "a number without a space is stored %s", as)
}

// digitsHidden is the form of a number without the number.
func digitsHidden(v authmethod.Value) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return 'd'
		}
		return r
	}, v.Reveal())
}
