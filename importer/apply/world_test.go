package apply_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"authseed/importer/apply"
	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
	"authseed/importer/pace"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// The tests speak in one line a person, "mobile=1 office=2x3 email=a", where a
// phone is the last digits of a fictional number and "clear" a removal. People
// are counted from 1.

const (
	tenantID = "c0ffee00-0000-4000-8000-000000000000"
	run1     = "20261105T090000Z-000001"
)

func id(person int) string { return fmt.Sprintf("%08d-0000-4000-8000-000000000000", person) }

func value(kind authmethod.Kind, short string) authmethod.Value {
	number, extension, extended := strings.Cut(short, "x")
	switch {
	case short == "":
		return authmethod.Value{}
	case kind == authmethod.Email:
		return authmethod.ValueOf(short + "@example.com")
	case kind != authmethod.Office:
		return authmethod.ValueOf(fmt.Sprintf("+44 7700900%03s", number))
	case extended:
		return authmethod.ValueOf(fmt.Sprintf("+44 2079460%03sx%s", number, extension))
	}
	return authmethod.ValueOf(fmt.Sprintf("+44 2079460%03s", number))
}

func each(line string, do func(kind authmethod.Kind, short string)) {
	for _, field := range strings.Fields(line) {
		name, short, _ := strings.Cut(field, "=")
		kind, err := authmethod.ParseKind(name)
		if err != nil {
			panic(err)
		}
		do(kind, short)
	}
}

// world is a simulated tenant, a client signed in to it and a folder for runs.
type world struct {
	testing.TB
	sim         *graphsim.Server
	client      *graph.Client
	runs        string
	concurrency int

	mu       sync.Mutex
	fault    func(graphsim.Call) *graphsim.Fault // asked one call at a time
	observe  func(graphsim.Call, int)
	down     int               // round trips that do not reach the service; below 0 all
	batches  [][]graph.Request // of the last run, in their order
	intended map[string]bool   // changes
	changes  map[string]string // what is pending, by person and method
	others   int64             // writes that were not the run's
}

// newWorld has one person for each line of what they have registered.
func newWorld(t testing.TB, have ...string) *world {
	return newWorldWith(t, graphsim.Options{Latency: 40 * time.Millisecond}, have...)
}

func newWorldWith(t testing.TB, o graphsim.Options, have ...string) *world {
	t.Helper()
	w := &world{TB: t, runs: t.TempDir(), concurrency: 8}
	o.Tenant = tenantOf(have)
	o.Fault = func(c graphsim.Call) *graphsim.Fault {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.fault == nil {
			return nil
		}
		return w.fault(c)
	}
	o.Observe = func(c graphsim.Call, status int) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.observe != nil {
			w.observe(c, status)
		}
	}
	var err error
	if w.sim, err = graphsim.New(o); err != nil {
		t.Fatal(err)
	}
	if w.client, err = signedIn(graph.Options{Transport: line{w, w.sim.Transport()}}); err != nil {
		t.Fatal(err)
	}
	return w
}

func signedIn(o graph.Options) (*graph.Client, error) {
	var err error
	o.Credential, err = graph.SignIn(graph.SignInOptions{Mode: "token", Getenv: func(string) string { return "t0ken" }})
	if err != nil {
		return nil, err
	}
	return graph.New(o)
}

// tenantOf has one person for each line of what they have registered.
func tenantOf(have []string) *graphsim.Tenant {
	t := &graphsim.Tenant{ID: tenantID, DisplayName: "Contoso", VerifiedDomains: []string{"contoso.example"}}
	for i, line := range have {
		u := graphsim.User{ID: id(i + 1), UserPrincipalName: fmt.Sprintf("person%05d@contoso.example", i+1)}
		each(line, func(kind authmethod.Kind, short string) {
			if kind == authmethod.Email {
				u.EmailMethods = []graphsim.EmailMethod{{EmailAddress: value(kind, short).Reveal()}}
				return
			}
			u.PhoneMethods = append(u.PhoneMethods, graphsim.PhoneMethod{PhoneType: kind.String(), PhoneNumber: value(kind, short).Reveal()})
		})
		t.Users = append(t.Users, u)
	}
	return t
}

// line is the way to the simulator, which can be down.
type line struct {
	w  *world
	to http.RoundTripper
}

func (l line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.w.mu.Lock()
	down := l.w.down != 0
	if l.w.down--; !down {
		l.w.down = 0
	}
	l.w.mu.Unlock()
	if down {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}
	return l.to.RoundTrip(r)
}

// set is what a simulated user has registered.
func set(u graphsim.User) (s authmethod.Set) {
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

// people is what everybody has registered now, by object id.
func (w *world) people() map[string]authmethod.Set { return peopleOf(w.sim.Tenant()) }

func peopleOf(t *graphsim.Tenant) map[string]authmethod.Set {
	people := map[string]authmethod.Set{}
	for _, u := range t.Users {
		people[u.ID] = set(u)
	}
	return people
}

// shows is people as the lines they were made of.
func (w *world) shows() []string {
	var lines []string
	for _, u := range w.sim.Tenant().Users {
		var fields []string
		for kind, v := range set(u) {
			if !v.IsZero() {
				short := strings.NewReplacer("+44 7700900", "", "+44 2079460", "", "@example.com", "").Replace(v.Reveal())
				fields = append(fields, authmethod.Kind(kind).String()+"="+strings.TrimLeft(short, "0"))
			}
		}
		lines = append(lines, strings.Join(fields, " "))
	}
	return lines
}

// about is what every plan says of itself.
func about() plan.About {
	return plan.About{
		ToolVersion: "test", ID: "plan", CreatedAt: time.Now(), ValidUntil: time.Now().Add(time.Hour),
		Tenant: plan.Tenant{ID: tenantID, Name: "Contoso", Cloud: "global"},
	}
}

// plan asks for the lines, one a person, with everything replaced and allowed
// but for the hazards that are held back.
func (w *world) plan(want []string, held ...plan.Hazard) *plan.Plan {
	return plan.Build(inputOf(w.people(), want, held...))
}

func inputOf(have map[string]authmethod.Set, want []string, held ...plan.Hazard) plan.Input {
	in := plan.Input{
		About: about(), Current: have,
	}
	for _, kind := range authmethod.Kinds() {
		in.Policy.Rules[kind] = plan.Replace
	}
	for _, h := range plan.Hazards() {
		if !slices.Contains(held, h.Hazard) {
			in.Policy.Allow = append(in.Policy.Allow, h.Hazard)
		}
	}
	for i, line := range want {
		d := plan.Desired{
			User:   authmethod.User{ID: id(i + 1), UserPrincipalName: fmt.Sprintf("person%05d@contoso.example", i+1)},
			Origin: plan.Origin{File: "hr.csv", Line: i + 2},
		}
		each(line, func(kind authmethod.Kind, short string) {
			if d.Wishes[kind].Clear = short == "clear"; short != "clear" {
				d.Wishes[kind].Value = value(kind, short)
			}
		})
		in.Desired = append(in.Desired, d)
	}
	return in
}

// does is somebody else's write.
func (w *world) does(person int, op graph.Op, line string) {
	w.Helper()
	each(line, func(kind authmethod.Kind, short string) {
		answers, err := w.client.Do(w.Context(), []graph.Request{{Op: op, User: id(person), Kind: kind, Value: value(kind, short)}})
		if err != nil || answers[0].Err != nil {
			w.Fatal(err, answers)
		}
		w.others++
	})
}

// writes counts the run's writes that had an effect.
func (w *world) writes() int { return int(w.sim.Stats().Writes - w.others) }

// noted is a journal whose intents the world knows.
type noted struct {
	apply.Journal
	w *world
}

func (n noted) Intend(changes []string) error {
	err := n.Journal.Intend(changes)
	n.w.mu.Lock()
	defer n.w.mu.Unlock()
	for _, c := range changes {
		n.w.intended[c] = err == nil
	}
	return err
}

func (n noted) Withdraw(changes []string) error {
	n.w.mu.Lock()
	defer n.w.mu.Unlock()
	for _, c := range changes {
		delete(n.w.intended, c)
	}
	return n.Journal.Withdraw(changes)
}

// Do implements apply.Tenant with the real client. No write passes that is not
// in the plan and in the journal.
func (w *world) Do(ctx context.Context, requests []graph.Request) ([]graph.Answer, error) {
	w.mu.Lock()
	w.batches = append(w.batches, slices.Clone(requests))
	for _, r := range requests {
		if c := w.changes[r.User+r.Kind.String()]; r.Op.IsWrite() && !w.intended[c] {
			w.Errorf("a write leaves without an intent, of change %q", c)
		}
	}
	w.mu.Unlock()
	return w.client.Do(ctx, requests)
}

// sent counts the requests of an operation.
func (w *world) sent(op graph.Op) int {
	n := 0
	for _, batch := range w.batches {
		for _, r := range batch {
			if r.Op == op {
				n++
			}
		}
	}
	return n
}

// applied applies the plan with a journal on disk, checks what has to hold of
// every run, and gives the run as the journal tells it.
func (w *world) applied(ctx context.Context, p *plan.Plan) (*journal.Run, error) {
	w.Helper()
	return w.appliedWith(ctx, p, pace.NewPacer(pace.Limits{}))
}

func (w *world) appliedWith(ctx context.Context, p *plan.Plan, pacer *pace.Pacer) (*journal.Run, error) {
	w.Helper()
	j, err := journal.Create(w.runs, run1, "test", p)
	if err != nil {
		w.Fatal(err)
	}
	counts, runErr := w.runWith(ctx, p, j, pacer)
	if err := j.Abandon(); err != nil {
		w.Error(err)
	}
	run, err := journal.Read(w.runs, run1)
	if err != nil {
		w.Fatal(err)
	}
	w.checkJournal(p)
	if sum := counts.Done + counts.Failed + counts.Stale + counts.Unknown + counts.Pending; sum != counts.Planned || counts.Planned != p.Summary.Pending() {
		w.Errorf("the counts do not add up: %+v of %d", counts, p.Summary.Pending())
	}
	if runErr == nil && (counts != run.Counts || counts.Pending != waiting(p, run)) {
		w.Errorf("the run says %+v, its journal %+v", counts, run.Counts)
	}
	if stats := w.sim.Stats(); stats.MaxWritesPerPerson > 1 {
		w.Errorf("%d writes for one person at once", stats.MaxWritesPerPerson)
	}
	return run, runErr
}

// waiting counts the changes that cannot be tried before somebody knows about
// another of the person: all that a whole run may leave pending.
func waiting(p *plan.Plan, run *journal.Run) int {
	type before struct {
		user   string
		method authmethod.Kind
		action plan.Action
	}
	undecided, n := map[before]bool{}, 0
	for _, c := range p.Pending() {
		o, _ := run.Outcome(c.ID)
		if r := run.Result(c.ID); r == journal.Unknown || r == journal.Failed && o.Unanswered() {
			undecided[before{c.User.ID, c.Method, c.Action}] = true
		}
		needs := before{c.User.ID, authmethod.Mobile, plan.Create}
		if c.Action == plan.Delete {
			needs = before{c.User.ID, authmethod.AlternateMobile, plan.Delete}
		}
		if run.Result(c.ID) == journal.Pending && undecided[needs] {
			n++
		}
	}
	return n
}

func (w *world) run(ctx context.Context, p *plan.Plan, j apply.Journal) (journal.Counts, error) {
	return w.runWith(ctx, p, j, pace.NewPacer(pace.Limits{}))
}

func (w *world) runWith(ctx context.Context, p *plan.Plan, j apply.Journal, pacer *pace.Pacer) (journal.Counts, error) {
	w.batches, w.intended, w.changes = nil, map[string]bool{}, map[string]string{}
	for _, c := range p.Pending() {
		w.changes[c.User.ID+c.Method.String()] = c.ID
	}
	return apply.Run(ctx, p, w, noted{j, w}, apply.Options{Pacer: pacer, Concurrency: w.concurrency})
}

// checkJournal reads the file itself: nothing but what is pending is in it, each
// with one outcome at most, and that behind its last intent.
func (w *world) checkJournal(p *plan.Plan) {
	w.Helper()
	text, err := os.ReadFile(filepath.Join(w.runs, run1, "journal.jsonl"))
	if err != nil {
		w.Fatal(err)
	}
	pending := map[string]bool{}
	for _, c := range p.Pending() {
		pending[c.ID] = true
	}
	ended := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		var l struct {
			Type, Change string
			Changes      []string
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			w.Fatal(err)
		}
		for _, c := range l.Changes {
			if ended[c] || !pending[c] {
				w.Errorf("intent for %s, which has ended or was not to be applied", c)
			}
		}
		if l.Type == "outcome" {
			if ended[l.Change] || !pending[l.Change] {
				w.Errorf("another outcome for %s, or one that was not to be applied", l.Change)
			}
			ended[l.Change] = true
		}
	}
}

// told is what became of each change, as "1 create mobile: done".
func told(run *journal.Run, p *plan.Plan) []string {
	var lines []string
	for _, c := range p.Pending() {
		line := fmt.Sprintf("%s %s %s: %s", strings.TrimLeft(c.User.ID[:8], "0"), c.Action, c.Method, run.Result(c.ID))
		if o, ok := run.Outcome(c.ID); ok && o.Result != journal.Done && o.Status != 0 {
			line += fmt.Sprint(" ", o.Status)
		}
		lines = append(lines, line)
	}
	return lines
}

// mustApply applies a plan that has to come to its end.
func (w *world) mustApply(p *plan.Plan) *journal.Run {
	w.Helper()
	run, err := w.applied(w.Context(), p)
	if err != nil {
		w.Fatal(err)
	}
	return run
}
