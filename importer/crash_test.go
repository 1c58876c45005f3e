package importer_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer"
	"authseed/importer/apply"
	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
	"authseed/importer/pace"
	"authseed/importer/plan"
	"authseed/importer/sealed"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// The crash matrix: a run of sixty-four people with every kind of change is cut
// off at every place there is, taken up again and compared with a run that was
// not cut off. -matrix tries every place in every way; without it some are left
// out, and most of the rolling back.

var matrix = flag.Bool("matrix", false, "the whole crash matrix, which takes minutes")

const crowd = 64

// kindsOfPeople are what somebody has and what is wanted, "m" mobile, "a"
// alternate mobile, "o" office, "e" e-mail; a value is a number, "-" a removal.
var kindsOfPeople = []struct{ have, want string }{
	{"", "m1 o1 e1 a1"},
	{"m2", "m3"},
	{"m4 a4 o4 e4", "m- a- o- e-"},
	{"e5", "e6 o6"},
	{"m7 a7", "m8 a-"},
	{"m9", "a9"},
	{"", "e10"},
	{"o11 e11", "o12 e-"},
}

var methodOf = map[byte]authmethod.Kind{'m': authmethod.Mobile, 'a': authmethod.AlternateMobile, 'o': authmethod.Office, 'e': authmethod.Email}

func crashID(n int) string { return fmt.Sprintf("%08d-0000-4000-8000-000000000000", n) }

// crashValue is a value of person n that nobody else has, from the numbers kept
// for fiction where there are enough of them.
func crashValue(kind authmethod.Kind, n int, short string) authmethod.Value {
	switch kind {
	case authmethod.Email:
		return authmethod.ValueOf(fmt.Sprintf("private%d.%s@example.com", n, short))
	case authmethod.Office:
		return authmethod.ValueOf(fmt.Sprintf("+44 2079460%03dx%s", n, short))
	case authmethod.AlternateMobile:
		return authmethod.ValueOf(fmt.Sprintf("+44 7700900%03d", n))
	}
	return authmethod.ValueOf(fmt.Sprintf("+44 7700900%03d", 100+n+100*int(short[0]%2)))
}

func crashTenant() *graphsim.Tenant {
	t := &graphsim.Tenant{ID: people().ID, DisplayName: "Contoso", VerifiedDomains: []string{"contoso.example"}}
	for n := range crowd {
		u := graphsim.User{ID: crashID(n), UserPrincipalName: fmt.Sprintf("person%02d@contoso.example", n)}
		for _, field := range strings.Fields(kindsOfPeople[n%len(kindsOfPeople)].have) {
			kind := methodOf[field[0]]
			value := crashValue(kind, n, field[1:]).Reveal()
			if kind == authmethod.Email {
				u.EmailMethods = []graphsim.EmailMethod{{EmailAddress: value}}
			} else {
				u.PhoneMethods = append(u.PhoneMethods, graphsim.PhoneMethod{PhoneType: kind.String(), PhoneNumber: value})
			}
		}
		t.Users = append(t.Users, u)
	}
	return t
}

// crashPlan is what everybody is to have, against what they have now.
func crashPlan(now map[string]authmethod.Set) *plan.Plan {
	in := plan.Input{
		About: plan.About{
			ToolVersion: "test", ID: "plan", CreatedAt: today, ValidUntil: today.Add(72 * time.Hour),
			Tenant: plan.Tenant{ID: people().ID, Name: "Contoso", Cloud: "global"},
		},
		Current: now,
	}
	for _, kind := range authmethod.Kinds() {
		in.Policy.Rules[kind] = plan.Replace
	}
	for _, h := range plan.Hazards() {
		in.Policy.Allow = append(in.Policy.Allow, h.Hazard)
	}
	for n := range crowd {
		d := plan.Desired{
			User:   authmethod.User{ID: crashID(n), UserPrincipalName: fmt.Sprintf("person%02d@contoso.example", n)},
			Origin: plan.Origin{File: "hr.csv", Line: n + 2},
		}
		for _, field := range strings.Fields(kindsOfPeople[n%len(kindsOfPeople)].want) {
			kind := methodOf[field[0]]
			if field[1:] == "-" {
				d.Wishes[kind].Clear = true
				continue
			}
			d.Wishes[kind].Value = crashValue(kind, n, field[1:])
		}
		in.Desired = append(in.Desired, d)
	}
	return plan.Build(in)
}

// setsOf is what everybody of a tenant has, by object id.
func setsOf(t *graphsim.Tenant) map[string]authmethod.Set {
	all := map[string]authmethod.Set{}
	for _, u := range t.Users {
		var s authmethod.Set
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
		all[u.ID] = s
	}
	return all
}

// afterwards is what everybody has once the plan is true.
func afterwards(before map[string]authmethod.Set, p *plan.Plan) map[string]authmethod.Set {
	after := maps.Clone(before)
	for _, c := range p.Pending() {
		s := after[c.User.ID]
		s[c.Method] = c.After
		after[c.User.ID] = s
	}
	return after
}

// crash is a world in which a run is cut off.
type crash struct {
	*world
	run    string
	plan   *plan.Plan
	before map[string]authmethod.Set
	writes int64 // that had an effect, in tenants before this one

	mu      sync.Mutex
	breaks  func(graphsim.Call) *graphsim.Fault // asked one call at a time; nil: all goes well
	died    bool
	inLimbo bool // a request under way at death does not arrive

	keep bool // do not roll back at the end

	to       []sealed.Recipient // whom the run is sealed to
	identity sealed.Identity
}

const crashRun = "20261105T090000.000-0001"

func newCrash(t testing.TB, tenant *graphsim.Tenant) *crash {
	c := &crash{run: crashRun}
	c.world = newWorld(t, graphsim.Options{Tenant: tenant, Latency: 20 * time.Millisecond, Fault: func(call graphsim.Call) *graphsim.Fault {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case c.died && c.inLimbo:
			return &graphsim.Fault{Cut: true}
		case c.breaks == nil:
			return nil
		}
		return c.breaks(call)
	}})
	c.before = setsOf(tenant)
	c.plan = crashPlan(c.before)
	return c
}

func (c *crash) options() importer.ApplyOptions {
	o := c.applyOptions(today, nil)
	o.Apply = apply.Options{Pacer: pace.NewPacer(pace.Limits{}), Concurrency: 3}
	o.EncryptTo, o.Identity = c.to, c.identity
	return o
}

// dying is the journal and the tenant of a process that dies after so many
// lines: from then on nothing is written down and nothing leaves.
type dying struct {
	*journal.Journal
	c      *crash
	lines  int
	atOnce bool // when the last line is written, and not when the next would be
}

var errDead = errors.New("the process is dead")

// line writes one, while there is life.
func (d *dying) line(write func() error) error {
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	if d.lines == 0 || d.c.died {
		d.c.died = true
		return errDead
	}
	d.lines--
	d.c.died = d.atOnce && d.lines == 0
	return write()
}

func (d *dying) Intend(changes []string) error {
	return d.line(func() error { return d.Journal.Intend(changes) })
}

func (d *dying) Withdraw(changes []string) error {
	return d.line(func() error { return d.Journal.Withdraw(changes) })
}

func (d *dying) Record(o journal.Outcome) error {
	return d.line(func() error { return d.Journal.Record(o) })
}

// Do implements apply.Tenant.
func (d *dying) Do(ctx context.Context, requests []graph.Request) ([]graph.Answer, error) {
	d.c.mu.Lock()
	dead := d.c.died
	d.c.mu.Unlock()
	if dead {
		return nil, errDead
	}
	return d.c.client.Do(ctx, requests)
}

// dies runs the plan in a process that dies after so many lines of its journal
// (the first one is written before), and reports whether it came to that.
func (c *crash) dies(lines int, atOnce bool) bool {
	c.Helper()
	j, err := journal.Create(c.runs, crashRun, "an earlier version", c.plan, c.to...)
	if err != nil {
		c.Fatal(err)
	}
	d := &dying{j, c, lines, atOnce}
	_, _ = apply.Run(c.Context(), c.plan, d, d, c.options().Apply)
	if err := j.Abandon(); err != nil {
		c.Fatal(err)
	}
	died := c.died
	c.died = false
	return died
}

// resume goes on until the run has come to its end.
func (c *crash) resume(most int) *journal.Run {
	c.Helper()
	for range most {
		run, _, err := importer.Resume(c.Context(), c.client, c.run, c.options())
		if err == nil && run.Resumable() == 0 {
			return run
		}
	}
	c.Fatalf("%d times resumed and not at its end", most)
	return nil
}

// checkWhole compares with a run that was not cut off, and rolls back.
func (c *crash) checkWhole(run *journal.Run) {
	c.Helper()
	now := setsOf(c.sim.Tenant())
	if diff := cmp.Diff(afterwards(c.before, c.plan), now); diff != "" {
		c.Errorf("the tenant is not as planned (-want +got)\n%s", diff)
	}
	planned := c.plan.Summary.Pending()
	stats := c.sim.Stats()
	if writes := c.writes + stats.Writes; writes != int64(planned) || stats.MaxWritesPerPerson > 1 {
		c.Errorf("%d writes with an effect for %d changes, at most %d at once for a person", writes, planned, stats.MaxWritesPerPerson)
	}
	if run.State != journal.Finished || run.Counts.Done != planned || run.Counts.Open() != 0 {
		c.Errorf("%s %+v of %d", run.State, run.Counts, planned)
	}
	for _, change := range c.plan.Pending() {
		if o, ok := run.Outcome(change.ID); !ok || o.Result != journal.Done {
			c.Errorf("the journal is not complete: %s %s is %s", change.Action, change.Method, run.Result(change.ID))
		}
	}
	if again := crashPlan(now); again.Summary.Pending() != 0 {
		c.Errorf("a second plan has %d changes", again.Summary.Pending())
	}
	if !c.keep {
		c.rollBack()
	}
}

// rollBack undoes the run and wants the first tenant.
func (c *crash) rollBack() {
	c.Helper()
	back, err := importer.Rollback(c.Context(), c.client, c.runs, c.run, importer.PlanOptions{
		ToolVersion: "test", Now: today, ValidFor: time.Hour, Identity: c.identity,
		Survey: survey.Options{Pacer: pace.NewPacer(pace.Limits{}), Concurrency: 3},
	})
	if err != nil {
		c.Fatal(err)
	}
	o := c.options()
	o.Now = today.Add(time.Minute)
	if run, err := importer.Apply(c.Context(), c.client, back, o); err != nil || run.State != journal.Finished {
		c.Fatalf("rolling back: %+v, %v", run, err)
	}
	if diff := cmp.Diff(c.before, setsOf(c.sim.Tenant())); diff != "" {
		c.Errorf("rolling back does not give the first tenant (-want +got)\n%s", diff)
	}
	if run, err := journal.Read(c.runs, c.run, c.identity); err != nil || run.State != journal.RolledBack {
		c.Errorf("after it the run is %+v, %v", run, err)
	}
}

// everywhere tries places 0, 1, 2 ... until one is behind the end of a run, in
// one of two ways each, or in both. Without -matrix it takes every step-th.
func everywhere(t *testing.T, least, step int, try func(t *testing.T, place int, other, keep bool) (ended bool)) {
	if *matrix {
		step = 1
	}
	place := 0
	for ended := false; !ended; place += step {
		for _, other := range []bool{false, true} {
			if !*matrix && other != (place%2 == 1) {
				continue
			}
			synctest.Test(t, func(t *testing.T) { ended = try(t, place, other, !*matrix && place%5 > 0) })
			if t.Failed() {
				t.Fatalf("at place %d, the other way: %v", place, other)
			}
		}
	}
	if t.Logf("up to place %d, every %d", place-step, step); place < least {
		t.Errorf("a run has only %d places", place)
	}
}

// TestKilledAfterEveryRecord kills the process after every line of its journal;
// what is under way then arrives, or does not.
func TestKilledAfterEveryRecord(t *testing.T) {
	everywhere(t, 150, 1, func(t *testing.T, lines int, inLimbo, keep bool) bool {
		c := newCrash(t, crashTenant())
		c.inLimbo, c.keep = inLimbo, keep
		died := c.dies(lines, false)
		c.checkWhole(c.resume(1))
		return !died
	})
}

// TestCutAfterEveryRequest cuts the connection for good after every request,
// before or after the effect of the next.
func TestCutAfterEveryRequest(t *testing.T) {
	everywhere(t, 250, 3, func(t *testing.T, requests int, effect, keep bool) bool {
		c := newCrash(t, crashTenant())
		c.keep = keep
		left := requests
		c.breaks = func(graphsim.Call) *graphsim.Fault {
			if left--; left >= 0 {
				return nil
			}
			return &graphsim.Fault{Cut: true, After: effect && left == -1}
		}
		j, err := journal.Create(c.runs, crashRun, "test", c.plan)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = apply.Run(t.Context(), c.plan, c.client, j, c.options().Apply)
		if err := j.Abandon(); err != nil {
			t.Fatal(err)
		}
		c.breaks = nil
		c.checkWhole(c.resume(1))
		return left >= 0
	})
}

// TestTornAtEveryByte truncates the journal of a killed process at every byte of
// its last line. Where that is an intent its batch has not left: it does not
// before the line is whole and on disk.
func TestTornAtEveryByte(t *testing.T) {
	kills := []int{40}
	if *matrix {
		kills = []int{2, 20, 60, 150}
	}
	for _, lines := range kills {
		var tenant *graphsim.Tenant
		var writes int64
		var text, document []byte
		path := func(runs, name string) string { return filepath.Join(runs, crashRun, name) }
		synctest.Test(t, func(t *testing.T) {
			c := newCrash(t, crashTenant())
			if !c.dies(lines, true) {
				t.Fatalf("a run is only %d lines", lines)
			}
			tenant, writes = c.sim.Tenant(), c.sim.Stats().Writes
			var err, err2 error
			text, err = os.ReadFile(path(c.runs, "journal.jsonl"))
			document, err2 = os.ReadFile(path(c.runs, "plan.json"))
			if err := errors.Join(err, err2); err != nil {
				t.Fatal(err)
			}
		})
		last := strings.LastIndexByte(strings.TrimSuffix(string(text), "\n"), '\n') + 1
		for n := last; n <= len(text); n++ {
			synctest.Test(t, func(t *testing.T) {
				c := newCrash(t, tenant)
				c.before, c.writes = setsOf(crashTenant()), writes
				c.plan = crashPlan(c.before)
				c.keep = n%20 > 0 && (!*matrix || n%4 > 0)
				err := errors.Join(os.MkdirAll(filepath.Join(c.runs, crashRun), 0o700),
					os.WriteFile(path(c.runs, "plan.json"), document, 0o600), os.WriteFile(path(c.runs, "journal.jsonl"), text[:n], 0o600))
				if err != nil {
					t.Fatal(err)
				}
				c.checkWhole(c.resume(1))
			})
			if t.Failed() {
				t.Fatalf("killed after %d lines, the journal torn after %d of %d bytes", lines, n, len(text))
			}
		}
	}
}
