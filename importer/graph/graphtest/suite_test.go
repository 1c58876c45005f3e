package graphtest_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/pace"
	"authseed/mapping/authmethod"
)

// suiteCase finds the people with nothing registered. What it leaves is removed.
type suiteCase struct {
	name string
	run  func(*testing.T, *subject)
}

// cases is the whole suite, in its order.
func cases() []suiteCase {
	all := slices.Concat(operations, tenantwide)
	for _, r := range refusals {
		all = append(all, suiteCase{"refused " + r.name, refused(r)})
	}
	for i, lines := range sequences {
		all = append(all, suiteCase{fmt.Sprintf("states %d", i+1), states(lines)})
	}
	for _, m := range moves {
		all = append(all, suiteCase{"moved " + m.name, moved(m)})
	}
	return append(all, suiteCase{"states of a crowd", crowd})
}

// suite puts every case to a subject and then looks what was held against the
// description.
func suite(t *testing.T, s *subject) {
	for _, c := range cases() {
		ok := t.Run(c.name, func(t *testing.T) {
			c.run(t, s)
			if err := s.clear(s.within(t), s.people...); err != nil {
				t.Errorf("tidying up: %v", err)
			}
			s.blame(t)
		})
		if !ok && s.sim == nil && s.within(t).Err() != nil {
			break // out of time; the rest would say the same
		}
		if !ok {
			// The next case needs nothing registered.
			if err := s.clear(s.within(t), s.people...); err != nil {
				t.Fatalf("tidying up: %v", err)
			}
		}
	}
	if s.witness.describe == nil {
		return
	}
	table, missing, unlisted := s.witness.coverage()
	t.Logf("held against the description:\n%s", strings.Join(table, "\n"))
	for _, operation := range missing {
		if s.narrow() && strings.HasSuffix(operation, "/authentication/methods") {
			s.seen.add("-", "not seen with this sign-in: %s", operation)
			continue
		}
		if s.isTenant() && slices.Contains(optional, operation) {
			s.seen.add("-", "not seen in this tenant: %s", operation)
			continue
		}
		t.Errorf("never seen to succeed without fault: %s", operation)
	}
	for _, operation := range unlisted {
		t.Errorf("the client uses what is not in the list: %s", operation)
	}
}

// blame says what the description had against the case. A tenant's answer is the
// truth, so there it is a finding.
func (s *subject) blame(t *testing.T) {
	t.Helper()
	for _, f := range s.witness.told() {
		if f.ours || s.seen == nil {
			t.Errorf("against the description: %s", f)
			continue
		}
		s.seen.add("-", "against the description: %s", f)
	}
}

// findings is what a tenant was seen to do where nobody knew. A nil one takes
// everything and keeps nothing.
type findings struct{ lines map[string][]string } // by the number of the open question

func (f *findings) add(question, format string, args ...any) {
	if f == nil {
		return
	}
	if f.lines == nil {
		f.lines = map[string][]string{}
	}
	line := fmt.Sprintf(format, args...)
	if !slices.Contains(f.lines[question], line) {
		f.lines[question] = append(f.lines[question], line)
	}
}

// table is the findings by question.
func (f *findings) table() string {
	var b strings.Builder
	for _, question := range slices.Sorted(maps.Keys(f.lines)) {
		for _, line := range f.lines[question] {
			if question == "-" {
				fmt.Fprintf(&b, "beside:          %s\n", line)
				continue
			}
			fmt.Fprintf(&b, "open question %s: %s\n", question, line)
		}
	}
	return b.String()
}

// crowdSize is more than a batch.
const crowdSize = 25

// simulate is a simulated tenant whose first person has every key there is, and
// people beside.
func simulate(t *testing.T, o graphsim.Options) *graphsim.Server {
	t.Helper()
	o.Tenant = graphsim.Generate(60, 8)
	o.PageLimit = 25
	for i := range o.Tenant.Users {
		o.Tenant.Users[i].PhoneMethods, o.Tenant.Users[i].EmailMethods = nil, nil
	}
	u := &o.Tenant.Users[0] // every key another, so that none stands for the next
	u.Mail, u.ProxyAddresses = "first@contoso.example", []string{"SMTP:first@contoso.example", "smtp:number.one@contoso.example"}
	u.OnPremisesSamAccountName, u.OnPremisesImmutableID = "first01", "b2JqZWN0"
	u.OnPremisesUserPrincipalName = "first@corp.contoso.example"
	withSettings(o.Tenant)
	sim, err := graphsim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return sim
}

// peopleOf is everybody of a simulated tenant, as the client tells of them.
func peopleOf(t *testing.T, c *graph.Client) []authmethod.User {
	t.Helper()
	var people []authmethod.User
	next := ""
	for first := true; first || next != ""; first = false {
		page, link, err := c.Users(t.Context(), next, graph.Scope{}, graph.Wanted{By: authmethod.Attributes()})
		if err != nil {
			t.Fatal(err)
		}
		people, next = append(people, page...), link
	}
	return people
}

// connect makes a client of what answers at the transport, with a token of its
// own choice.
func connect(t *testing.T, url string, transport http.RoundTripper) *graph.Client {
	t.Helper()
	credential, err := graph.SignIn(graph.SignInOptions{Mode: "token", Getenv: func(string) string { return "t0ken" }})
	if err != nil {
		t.Fatal(err)
	}
	client, err := graph.New(graph.Options{URL: url, Credential: credential, Transport: transport, Version: "contract"})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// practised is a pacer that has learned already how fast the simulator is: the
// first seconds of every run are waiting otherwise.
func practised() *pace.Pacer {
	p := pace.NewPacer(pace.Limits{})
	for now := time.Now().Add(-time.Minute); time.Until(now) < 0; now = now.Add(100 * time.Millisecond) {
		granted, _ := p.Take(now, 1000)
		p.Tell(pace.Signal{Answered: granted, Sent: now}, now)
	}
	return p
}

// loopback serves a simulator on the loopback interface.
func loopback(t *testing.T, sim *graphsim.Server) (url string) {
	t.Helper()
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	return server.URL + "/v1.0"
}

// TestSimulator puts the suite to the simulator, inside the process and over
// HTTP.
func TestSimulator(t *testing.T) {
	for _, name := range []string{"in process", "over http"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := simulate(t, graphsim.Options{Token: "t0ken"})
			w, url := newWitness(sim.Transport(), described(t)), ""
			if name == "over http" {
				transport := &http.Transport{}
				t.Cleanup(transport.CloseIdleConnections)
				w.to, url = transport, loopback(t, sim)
			}
			s := &subject{
				client: connect(t, url, w), witness: w, sim: sim, tenant: sim.Tenant().ID,
				pacer: practised(),
			}
			s.people = peopleOf(t, s.client)[:crowdSize]
			suite(t, s)
			if stats := sim.Stats(); stats.MaxWritesPerPerson != 1 {
				t.Errorf("%d writes for one person at once", stats.MaxWritesPerPerson)
			}
			for _, u := range sim.Tenant().Users {
				if len(u.PhoneMethods)+len(u.EmailMethods) > 0 {
					t.Error("something stays registered")
				}
			}
		})
	}
}
