package graphtest_test

import (
	"fmt"
	"strings"
	"testing"

	"authseed/importer/graph"
	"authseed/mapping/authmethod"
)

// refusals are what everybody relies on being refused. The status and code are
// the simulator's choice; a real tenant has to refuse where the service's pages
// say so, and otherwise is only watched.
//
// What apply makes of them: it looks again after the 400 of a create, takes the
// 404 of a removal for done and that of an update for somebody else's doing, and
// any other refusal for a failure. None may be taken for a throttle, which is
// sent again, or for an unknown outcome, which is settled by reading.
var refusals = []refusal{
	{name: "create of a mobile that is there", have: "mobile=1", op: graph.Create, kind: authmethod.Mobile, text: "2", wants: "400 badRequest", known: true},
	{name: "create of the same mobile", have: "mobile=1", op: graph.Create, kind: authmethod.Mobile, text: "1", wants: "400 badRequest", known: true},
	{name: "create of an office phone that is there", have: "office=1", op: graph.Create, kind: authmethod.Office, text: "2", wants: "400 badRequest", known: true},
	{name: "create of an e-mail that is there", have: "email=1", op: graph.Create, kind: authmethod.Email, text: "2", wants: "400 badRequest", known: true},
	{name: "alternate without a mobile", op: graph.Create, kind: authmethod.AlternateMobile, text: "1", wants: "400 badRequest", known: true},
	{name: "removal of a mobile under an alternate", have: "mobile=1 alternateMobile=1", op: graph.Delete, kind: authmethod.Mobile, wants: "400 badRequest"},
	{name: "update of an absent mobile", op: graph.Update, kind: authmethod.Mobile, text: "1", wants: "404 resourceNotFound"},
	{name: "update of an absent e-mail", op: graph.Update, kind: authmethod.Email, text: "1", wants: "404 resourceNotFound"},
	{name: "removal of an absent office phone", op: graph.Delete, kind: authmethod.Office, wants: "404 resourceNotFound"},
	{name: "removal of an absent e-mail", op: graph.Delete, kind: authmethod.Email, wants: "404 resourceNotFound"},
	{name: "number without a country code", op: graph.Create, kind: authmethod.Mobile, text: "=07700 900101", wants: "400 badRequest", known: true},
	{name: "update to a wrong number", have: "mobile=1", op: graph.Update, kind: authmethod.Mobile, text: "=07700 900101", wants: "400 badRequest", known: true},
	{name: "number of sixteen digits", op: graph.Create, kind: authmethod.Mobile, text: "=+44 77009001011111", wants: "400 badRequest"},
	{name: "extension of a mobile", op: graph.Create, kind: authmethod.Mobile, text: "=+44 7700900101x12", wants: "400 badRequest"},
	{name: "e-mail that is no address", op: graph.Create, kind: authmethod.Email, text: "=authseed.contract", wants: "400 badRequest"},
	{name: "e-mail that is the userPrincipalName", op: graph.Create, kind: authmethod.Email, text: "=userPrincipalName", wants: "201"},
	{name: "phones of nobody", op: graph.ReadPhones, who: nobody, wants: "404 resourceNotFound"},
	{name: "mobile for nobody", op: graph.Create, kind: authmethod.Mobile, text: "1", who: nobody, wants: "404 resourceNotFound"},
}

type refusal struct {
	name  string
	have  string // registered before
	op    graph.Op
	kind  authmethod.Kind
	text  string // what is written; short as in a state, or the whole after "="
	who   string // the person, or nobody
	wants string // of the simulator, "400 badRequest"; a success is a status alone
	known bool   // the pages say that it is refused
}

func refused(r refusal) func(*testing.T, *subject) {
	return func(t *testing.T, s *subject) {
		s.register(t, r.have)
		request := graph.Request{Op: r.op, User: s.person().ID, Kind: r.kind, Value: r.value(s.person())}
		if r.who != "" {
			request.User = r.who
		}
		a := s.do(t, request)
		if r.known && a.Err == nil {
			t.Errorf("answered %d, and the service's pages say that it is refused", a.Status)
		}
		s.open(t, "2", r.name, r.wants, a)
		if a.Err == nil {
			return
		}
		if a.Err.Status != a.Status || a.Throttled() || a.Uncertain() || a.Busy() || a.HasRetryAfter || a.RequestID == "" {
			t.Errorf("no plain refusal: %+v", a)
		}
		if graph.IsSignIn(a.Err) {
			t.Errorf("taken for a sign-in that can do nothing: %v", a.Err)
		}
		if v := request.Value.Reveal(); v != "" && strings.Contains(a.Err.Error(), v) {
			t.Errorf("the refusal shows the value: %v", digitsHidden(authmethod.ValueOf(a.Err.Error())))
		}
		s.shows(t, "the refusal", r.have)
	}
}

// value is what is written.
func (r refusal) value(u authmethod.User) authmethod.Value {
	text, whole := strings.CutPrefix(r.text, "=")
	switch {
	case text == "userPrincipalName":
		return authmethod.ValueOf(u.UserPrincipalName)
	case whole:
		return authmethod.ValueOf(text)
	case text == "":
		return authmethod.Value{}
	}
	return valueOf(r.kind, text)
}

// answered is an answer in a word, as refusals want it.
func answered(a graph.Answer) string {
	if a.Err == nil {
		return fmt.Sprint(a.Status)
	}
	return fmt.Sprintf("%d %s", a.Status, a.Err.Code)
}

// open compares an answer with the simulator's choice where nobody knows the
// service's.
func (s *subject) open(t *testing.T, question, what, choice string, a graph.Answer) {
	t.Helper()
	got := answered(a)
	if s.seen == nil {
		if got != choice {
			t.Errorf("%s: %s, want %s", what, got, choice)
		}
		return
	}
	line := what + ": " + got
	if got != choice {
		line += ", where the simulator says " + choice
	}
	if a.Err != nil && a.Err.Message != "" {
		line += fmt.Sprintf(" (%s)", a.Err.Message)
	}
	s.seen.add(question, "%s", line)
}
