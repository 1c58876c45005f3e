package survey_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/pace"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// world is a simulated tenant and a client signed in to it that counts what is
// asked.
type world struct {
	testing.TB
	tenant *graphsim.Tenant
	sim    *graphsim.Server
	cloud  graph.Cloud
	*graph.Client
	within   context.Context
	pacer    *pace.Pacer // nil: a new one for every read
	maxWait  time.Duration
	progress func(survey.Progress)

	mu    sync.Mutex
	fault func(graphsim.Call) *graphsim.Fault // asked one call at a time
	calls []graphsim.Call                     // every HTTP request and item
	keys  int                                 // asked for in filters
}

func newWorld(t testing.TB, o graphsim.Options) *world {
	t.Helper()
	w := &world{TB: t, tenant: o.Tenant, cloud: graph.Cloud(o.Cloud), within: t.Context()}
	if o.Latency == 0 {
		o.Latency = 40 * time.Millisecond
	}
	o.Fault = func(c graphsim.Call) *graphsim.Fault {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.calls = append(w.calls, c)
		if w.fault == nil {
			return nil
		}
		return w.fault(c)
	}
	var err error
	if w.sim, err = graphsim.New(o); err != nil {
		t.Fatal(err)
	}
	w.signIn("t0ken")
	return w
}

// signIn makes the client anew, with this token.
func (w *world) signIn(token string) {
	w.Helper()
	credential, err := graph.SignIn(graph.SignInOptions{Mode: "token", Getenv: func(string) string { return token }})
	if err != nil {
		w.Fatal(err)
	}
	w.Client, err = graph.New(graph.Options{Cloud: w.cloud, Credential: credential, Transport: w.sim.Transport()})
	if err != nil {
		w.Fatal(err)
	}
}

// Read implements survey.Reader and counts keys.
func (w *world) Read(ctx context.Context, requests []graph.Request) ([]graph.Answer, error) {
	w.mu.Lock()
	for _, r := range requests {
		w.keys += len(r.Keys)
	}
	w.mu.Unlock()
	return w.Client.Read(ctx, requests)
}

func (w *world) options() survey.Options {
	pacer := w.pacer
	if pacer == nil {
		pacer = pace.NewPacer(pace.Limits{})
	}
	return survey.Options{Pacer: pacer, Concurrency: 4, MaxWait: w.maxWait, Progress: w.progress}
}

func (w *world) find(keys ...authmethod.Key) (*survey.People, error) {
	return survey.FindPeople(w.within, w, keys, nil, graph.Wanted{}, w.options())
}

func (w *world) methods(users []string, kinds ...authmethod.Kind) (*survey.Methods, error) {
	if kinds == nil {
		all := authmethod.Kinds()
		kinds = all[:]
	}
	return survey.ReadMethods(w.within, w, users, kinds, w.options())
}

// ids is everybody's, in the order of the tenant.
func (w *world) ids() []string {
	list := make([]string, len(w.tenant.Users))
	for i, u := range w.tenant.Users {
		list[i] = u.ID
	}
	return list
}

// names is who has a key, by the front of the userPrincipalName.
func names(p *survey.People, k authmethod.Key) []string {
	list := []string{}
	for _, u := range p.Find(k).Users {
		list = append(list, u.UserPrincipalName)
	}
	slices.Sort(list)
	return list
}

// registered is what the tenant was made with.
func registered(u graphsim.User) (s authmethod.Set) {
	for _, m := range u.PhoneMethods {
		kind, err := authmethod.ParseKind(m.PhoneType)
		if err != nil {
			panic(err)
		}
		s[kind] = authmethod.ValueOf(m.PhoneNumber)
	}
	for _, m := range u.EmailMethods {
		s[authmethod.Email] = authmethod.ValueOf(m.EmailAddress)
	}
	return s
}

func key(a authmethod.Attribute, value string) authmethod.Key {
	return authmethod.Key{Attribute: a, Value: value}
}

func employees(numbers ...int) (keys []authmethod.Key) {
	for _, n := range numbers {
		keys = append(keys, key(authmethod.EmployeeID, fmt.Sprintf("%06d", n)))
	}
	return keys
}

// unpadded are employee ids without the zeros that the directory has.
func unpadded(numbers ...int) (keys []authmethod.Key) {
	for _, n := range numbers {
		keys = append(keys, key(authmethod.EmployeeID, fmt.Sprint(n)))
	}
	return keys
}

// aliases are addresses of the first n people who have one.
func aliases(n int) (keys []authmethod.Key) {
	for i := range n {
		keys = append(keys, key(authmethod.ProxyAddresses, fmt.Sprintf("p%06d@contoso.example", 4*(i+1))))
	}
	return keys
}

func upTo(n int) (numbers []int) {
	for i := range n {
		numbers = append(numbers, i+1)
	}
	return numbers
}

// The levers.

func isItem(c graphsim.Call) bool  { return c.Batched }
func isWhole(c graphsim.Call) bool { return !c.Batched }

// first breaks the first n calls that match, always all of them.
func first(n int, match func(graphsim.Call) bool, f graphsim.Fault) func(graphsim.Call) *graphsim.Fault {
	return func(c graphsim.Call) *graphsim.Fault {
		if n == 0 || !match(c) {
			return nil
		}
		n--
		return &f
	}
}

func always(match func(graphsim.Call) bool, f graphsim.Fault) func(graphsim.Call) *graphsim.Fault {
	return first(-1, match, f)
}

func retryAfter(seconds string) http.Header { return http.Header{"Retry-After": {seconds}} }
