package importer_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/pace"
	"authseed/importer/plan"
	"authseed/importer/schedule"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// nightly is a job, its tenant, what HR says and what is true.
type nightly struct {
	*world
	job    schedule.Job
	rule   plan.Rule
	state  string // the folder of everything that outlives a night
	folder string // of the job's memory, in it
	export string
	chance *rand.Rand
	hired  int
	hr     []hrRow
	left   map[string]bool // who has left the tenant, and HR does not know yet
	accept string

	numbers int

	// The truth, told by nothing but these rules: who has what, what of it the
	// person registered, and what the ledger has to know that authseed wrote.
	has, known map[string]authmethod.Value
	theirs     map[string]bool
	followed   []string // whom the last night that wrote wrote to
	updated    int      // values of authseed's own that followed HR

	// What the night under way is to meet.
	stop      string // how it ends before its end: "killed" at its second write, "cut" by the scheduler
	meddle    bool   // somebody registers between plan and apply
	raced     int    // creates of what somebody registered meanwhile
	noLedger  int    // how often the ledger was said to be lost
	notTold   int    // how often it could not be told
	snapshot  string // the state as it was when the process died
	beginning string // the memory as it was when the run began
	carried   int    // writes of a night that did not live to tell

	mu     sync.Mutex
	writes int
	dead   bool
	cancel func()

	kept    []*plan.Plan                                      // the plans of all nights
	consent func(schedule.Waiting) (*importer.Consent, error) // of people who have to sign; nil for none
}

type hrRow struct{ upn, mobile string }

const nightlyTenant = "c0ffee00-0000-4000-8000-000000000000"

func newNightly(t *testing.T) *nightly {
	n := &nightly{
		job:  schedule.Job{Name: "contoso", Tenant: schedule.Tenant{ID: nightlyTenant}},
		rule: plan.Fill, chance: rand.New(rand.NewPCG(7, 7)), left: map[string]bool{},
		has: map[string]authmethod.Value{}, known: map[string]authmethod.Value{}, theirs: map[string]bool{},
	}
	n.world = newWorld(t, graphsim.Options{
		Tenant: &graphsim.Tenant{ID: nightlyTenant, DisplayName: "Contoso", VerifiedDomains: []string{"contoso.example"}}, Fault: n.fault,
	})
	n.live(t.TempDir(), t.TempDir())
	return n
}

// live has the job keep its state in one folder, and find its export in another.
func (n *nightly) live(state, inbox string) {
	n.state, n.folder, n.runs, n.export = state, filepath.Join(state, "sync"), filepath.Join(state, "runs"), filepath.Join(inbox, "hr.csv")
	if err := os.MkdirAll(n.folder, 0o700); err != nil {
		n.Fatal(err)
	}
}

// number is one kept for fiction that nobody has yet.
func (n *nightly) number() string {
	areas := []string{"206", "212", "303", "312", "404", "415", "503", "602", "617", "702"}
	n.numbers++
	if n.numbers >= 100*len(areas) {
		n.Fatal("out of numbers")
	}
	return fmt.Sprintf("+1 %s55501%02d", areas[n.numbers/100], n.numbers%100)
}

// hire adds somebody to HR, with a number or without, and to the tenant.
func (n *nightly) hire(mobile string) {
	n.hired++
	upn := fmt.Sprintf("p%03d@contoso.example", n.hired)
	n.hr = append(n.hr, hrRow{upn, mobile})
	if err := n.sim.Join(graphsim.User{ID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", n.hired), UserPrincipalName: upn, DisplayName: upn}); err != nil {
		n.Fatal(err)
	}
}

// leave lets somebody go. HR may hear of it later.
func (n *nightly) leave(i int, told bool) {
	upn := n.hr[i].upn
	if n.left[upn] = !told; told {
		n.hr = slices.Delete(n.hr, i, i+1)
	}
	delete(n.has, upn)
	if err := n.sim.Leave(upn); err != nil {
		n.Fatal(err)
	}
}

// register has a person register a number themselves, whatever they had.
func (n *nightly) register(upn string) {
	if n.left[upn] {
		return
	}
	number := n.number()
	n.has[upn], n.theirs[upn] = authmethod.ValueOf(number), true
	err := n.sim.Drift(upn, func(u *graphsim.User) {
		u.PhoneMethods = []graphsim.PhoneMethod{{PhoneType: "mobile", PhoneNumber: number}}
	})
	if err != nil {
		n.Fatal(err)
	}
}

// day is what happens between two nights.
func (n *nightly) day(at int) {
	for range 2 {
		n.hire(n.number())
	}
	n.hire("")
	// HR hears of who has left the day before.
	n.hr = slices.DeleteFunc(n.hr, func(r hrRow) bool { return n.left[r.upn] })
	n.leave(n.chance.IntN(len(n.hr)), at%5 != 0)
	changes := []int{n.chance.IntN(len(n.hr)), n.chance.IntN(len(n.hr))}
	// And of somebody whom the last night wrote to.
	if i := slices.IndexFunc(n.hr, func(r hrRow) bool { return slices.Contains(n.followed, r.upn) && !n.left[r.upn] }); i >= 0 {
		changes = append(changes, i)
	}
	for _, i := range changes {
		n.hr[i].mobile = n.number()
	}
	n.register(n.hr[n.chance.IntN(len(n.hr))].upn)
	// And somebody over what authseed wrote.
	from := n.chance.IntN(len(n.hr))
	for i := range n.hr {
		if upn := n.hr[(from+i)%len(n.hr)].upn; !n.theirs[upn] && !n.has[upn].IsZero() && !slices.Contains(n.followed, upn) {
			n.register(upn)
			break
		}
	}
}

// deliver writes tonight's export.
func (n *nightly) deliver(rows []hrRow) {
	var b strings.Builder
	b.WriteString("userPrincipalName,mobile\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "%s,%s\n", r.upn, r.mobile)
	}
	if err := os.WriteFile(n.export, []byte(b.String()), 0o600); err != nil {
		n.Fatal(err)
	}
	if err := os.Chtimes(n.export, time.Now(), time.Now()); err != nil {
		n.Fatal(err)
	}
}

// fault lets the process die, or be told to end, at the second write of its night:
// what a dead one sends arrives nowhere.
func (n *nightly) fault(c graphsim.Call) *graphsim.Fault {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.dead {
		return &graphsim.Fault{Cut: true}
	}
	if n.stop == "" || !c.Batched || c.Method == "GET" {
		return nil
	}
	if n.writes++; n.writes != 2 {
		return nil
	}
	if n.stop == "cut" {
		n.cancel()
		return nil
	}
	n.dead = true
	n.snapshot = n.copy(n.state)
	return &graphsim.Fault{Cut: true}
}

// copy gives a copy of a folder.
func (n *nightly) copy(of string) string {
	to := n.TempDir()
	if err := os.CopyFS(to, os.DirFS(of)); err != nil {
		n.Error(err)
	}
	return to
}

// become makes a folder what a copy of it is.
func (n *nightly) become(folder, copied string) {
	n.Helper()
	if err := errors.Join(os.RemoveAll(folder), os.CopyFS(folder, os.DirFS(copied))); err != nil {
		n.Fatal(err)
	}
}

func (n *nightly) ledgers() string { return filepath.Join(n.state, "ledger") }

func (n *nightly) book() string { return filepath.Join(n.ledgers(), nightlyTenant+".db") }

func (n *nightly) run(ctx context.Context) (*schedule.Night, error) {
	ctx, n.cancel = context.WithCancel(ctx)
	defer n.cancel()
	n.writes, n.beginning = 0, ""
	applies := n.applyOptions(time.Now(), func(string, int) { n.beginning = n.copy(n.folder) })
	place := importer.LedgerPlace{Dir: n.ledgers()}
	applies.Ledger, applies.Unrecorded = place, func(error) { n.notTold++ }
	return importer.Sync(ctx, n.client, importer.SyncOptions{
		Job: &n.job, Tenant: nightlyTenant, Folder: n.folder, Inputs: "the same", Accept: n.accept, Apply: applies,
		Source: func(context.Context, string) (*importer.Arrival, error) {
			info, err := os.Stat(n.export)
			if err != nil {
				return nil, err
			}
			return &importer.Arrival{Export: schedule.Export{Name: "hr.csv", Modified: info.ModTime()}, Open: n.open}, nil
		},
		Consent: n.consent,
		Keep: func(p *plan.Plan, night *schedule.Night) error {
			n.kept = append(n.kept, p)
			if n.meddle && night.Outcome != schedule.Refused {
				pending := p.Pending()
				i := max(0, slices.IndexFunc(pending, func(c plan.Change) bool { return c.Action == plan.Update }))
				if n.register(pending[i].User.UserPrincipalName); pending[i].Action == plan.Create {
					n.raced++
				}
			}
			return nil
		},
		Plan: importer.PlanOptions{
			ToolVersion: "test", Now: time.Now(), ValidFor: 72 * time.Hour, Ledger: place, Runs: n.runs,
			Notices: importer.Notices{NoLedger: func(error) { n.noLedger++ }},
			Survey:  survey.Options{Pacer: pace.NewPacer(pace.Limits{}), Concurrency: 8},
		},
	})
}

func (n *nightly) open() (importer.File, func() error, error) {
	file, err := os.Open(n.export)
	if err != nil {
		return importer.File{}, nil, err
	}
	m := parse(n, fmt.Sprintf(`version: 1
match:
  - {attribute: userPrincipalName, column: userPrincipalName}
methods:
  mobile: {columns: [mobile]}
policy: {mobile: %s}
`, n.rule))
	return importer.File{Name: n.export, Content: file, Mapping: m}, file.Close, nil
}

// settle takes into the truth what a night that was not refused seeds: a number for
// whoever has none; and by policy own another one for who has what authseed wrote,
// as far as it has a ledger to know it. Policy replace would write over what people
// have, and that is held back.
func (n *nightly) settle(ledger bool) {
	var followed []string
	for _, r := range n.hr {
		want := authmethod.ValueOf(r.mobile)
		has, own := n.has[r.upn], n.known[r.upn]
		update := n.rule == plan.Own && ledger && !has.IsZero() && has.Equal(own) && !has.Equal(want)
		if n.left[r.upn] || r.mobile == "" || !has.IsZero() && !update {
			continue
		}
		if update {
			n.updated++
		}
		n.has[r.upn], n.known[r.upn], n.theirs[r.upn] = want, want, false
		followed = append(followed, r.upn)
	}
	if len(followed) > 0 {
		n.followed = followed
	}
}

// holds compares every person of the tenant with the truth; of a night that was cut
// off only what people registered themselves can be told.
func (n *nightly) holds(night int, whole bool) {
	n.Helper()
	users := n.sim.Tenant().Users
	for _, u := range users {
		upn := u.UserPrincipalName
		if got := registered(u)[authmethod.Mobile]; (whole || n.theirs[upn]) && !got.Equal(n.has[upn]) {
			n.Errorf("night %d: %s has %s, want %s (their own: %v)", night, upn, got, n.has[upn], n.theirs[upn])
		}
	}
	there := 0
	for _, r := range n.hr {
		if !n.left[r.upn] {
			there++
		}
	}
	if len(users) != there {
		n.Errorf("night %d: %d people, want %d", night, len(users), there)
	}
}

// addsUp holds a night's report against itself and against the tenant's writes, with
// those of a night before it that did not live to tell.
func (n *nightly) addsUp(at int, night *schedule.Night, writes int64) {
	n.Helper()
	c := night.Counts
	if c.Planned != night.Creates+night.Updates+night.Deletes || c.Done+c.Failed+c.Stale+c.Unknown+c.Pending != c.Planned {
		n.Errorf("night %d does not add up: %+v", at, night)
	}
	told := c.Done
	if r := night.Resumed; r != nil {
		told += r.Counts.Done
		if c := r.Counts; c.Done+c.Failed+c.Stale+c.Unknown+c.Pending != c.Planned {
			n.Errorf("night %d went on with what does not add up: %+v", at, r)
		}
	}
	if writes+int64(n.carried) != int64(told) {
		n.Errorf("night %d: %d writes and %d the night before, and the report tells of %d: %+v", at, writes, n.carried, told, night)
	}
	if n.carried = 0; night.Outcome == schedule.Interrupted {
		n.carried = c.Done
	}
	if night.Rows != nil {
		checkRows(n, *night.Rows)
		if lines := n.lines(); night.Rows.Read != lines || night.Source.Rows != lines {
			n.Errorf("night %d: the file has %d rows, and the report tells of %d and %d", at, lines, night.Rows.Read, night.Source.Rows)
		}
	}
}

// lines counts the rows of tonight's export.
func (n *nightly) lines() int {
	text, err := os.ReadFile(n.export)
	if err != nil {
		n.Fatal(err)
	}
	return strings.Count(string(text), "\n") - 1
}

// The nights on which something is not as it should be.
const (
	first         = 1 // nothing to compare with: refused, and accepted by name
	unchanged     = 5 // and the next: the same file
	ledgerLost    = 7
	killed        = 8  // at the second write
	madCut        = 11 // the export ends early
	meddled       = 13 // somebody registers between plan and apply
	killedUntold  = 15 // between the journal's end and the ledger
	memoryLost    = 19
	stopped       = 20 // by the scheduler
	madEmpty      = 22 // a column is empty
	ledgerDamaged = 24 // and given back from a backup the next day
	killedLast    = 26 // between the ledger and the memory
	meddledAgain  = 28
)

// TestThirtyNights: hires, leavers, changed numbers, people who register themselves,
// over what authseed wrote and between plan and apply too, two mad exports, three
// crashes, a run that is stopped, a lost and a damaged ledger, a lost memory.
func TestThirtyNights(t *testing.T) {
	for _, rule := range []plan.Rule{plan.Fill, plan.Own, plan.Replace} {
		t.Run(string(rule), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { thirtyNights(t, rule) })
		})
	}
}

func thirtyNights(t *testing.T, rule plan.Rule) {
	n := newNightly(t)
	n.rule = rule
	for range 100 {
		n.hire(n.number())
	}
	for i := range 15 {
		n.register(n.hr[i*5].upn)
	}
	told := map[schedule.Outcome]int{}
	for at := 1; at <= 30; at++ {
		time.Sleep(24 * time.Hour)
		// After a night that was cut off, what was planned is still what HR says.
		quiet := slices.Contains([]int{killed, killedUntold, stopped, killedLast}, at-1)
		same := at == unchanged || at == unchanged+1
		if at > 1 && !quiet && !same {
			n.day(at)
		}
		told[n.night(at, same, quiet)]++
	}
	want := map[schedule.Outcome]int{schedule.Refused: 3, schedule.Unchanged: 2, schedule.Interrupted: 1, schedule.Incomplete: 2}
	for outcome, nights := range want {
		if told[outcome] != nights {
			t.Errorf("%d nights %s, want %d: %v", told[outcome], outcome, nights, told)
		}
	}
	noLedger, updated := 0, 0
	if rule == plan.Own {
		noLedger, updated = 4, 20 // twice on the first night, one lost, one damaged
	}
	if n.noLedger != noLedger || n.notTold != 1 || n.updated < updated {
		t.Errorf("%d times the ledger was said to be lost, %d times not to know, %d values followed HR", n.noLedger, n.notTold, n.updated)
	}
	own := 0
	for upn := range n.has {
		if n.theirs[upn] {
			own++
		}
	}
	turnedAway := 0
	for _, n := range n.sim.Stats().Refused {
		turnedAway += int(n)
	}
	// Nothing is created twice but what somebody registered after it was planned.
	if stats := n.sim.Stats(); stats.DuplicateCreates != int64(n.raced) || turnedAway != n.raced || own < 40 || len(n.has)-own < 60 {
		t.Errorf("%+v; %d have their own number, %d authseed's", stats, own, len(n.has)-own)
	}
}

// befall does to the files what happens before a night.
func (n *nightly) befall(at int) (rows []hrRow) {
	rows = slices.Clone(n.hr)
	var err error
	switch at {
	case madCut:
		rows = rows[:len(rows)*4/10]
	case madEmpty:
		for i := range rows[:len(rows)*7/10] {
			rows[i].mobile = ""
		}
	case ledgerLost:
		clear(n.known)
		err = os.Remove(n.book())
	case memoryLost:
		err = os.Remove(filepath.Join(n.folder, "memory.json"))
	case ledgerDamaged:
		n.snapshot = n.copy(n.ledgers())
		err = os.WriteFile(n.book(), []byte(strings.Repeat("damaged ", 4096)), 0o600)
	case ledgerDamaged + 1:
		n.become(n.ledgers(), n.snapshot)
	}
	if err != nil {
		n.Fatal(err)
	}
	n.stop = map[int]string{killed: "killed", stopped: "cut"}[at]
	n.meddle, n.accept = at == meddled || at == meddledAgain, ""
	return rows
}

// crash makes the state what it was when the process died.
func (n *nightly) crash(at int, before string) {
	switch at {
	case killed:
		n.become(n.state, n.snapshot)
	case killedUntold:
		n.become(n.ledgers(), filepath.Join(before, "ledger"))
		n.become(n.folder, n.beginning)
	case killedLast:
		n.become(n.folder, n.beginning)
	}
	n.dead, n.stop = false, ""
}

// night runs one and checks it.
func (n *nightly) night(at int, same, resumes bool) schedule.Outcome {
	n.Helper()
	if rows := n.befall(at); !same {
		n.deliver(rows)
	}
	dies := at == killed || at == killedUntold || at == killedLast
	mad := at == madCut || at == madEmpty
	before, stats := n.copy(n.state), n.sim.Stats()
	night, err := n.run(n.Context())
	after := n.sim.Stats()
	writes := after.Writes - stats.Writes
	if dies {
		if n.crash(at, before); writes == 0 || n.snapshot == "" && at == killed || err != nil && at != killed {
			n.Fatalf("night %d did not die in the middle: %d writes, %v", at, writes, err)
		}
		n.carried = int(writes)
		n.settle(true)
		n.holds(at, at != killed)
		return "crashed"
	}
	if (at == stopped) != errors.Is(err, context.Canceled) || err != nil && at != stopped {
		n.Fatalf("night %d: %v", at, err)
	}
	n.addsUp(at, night, writes)
	refused := night.Outcome == schedule.Refused
	switch {
	case same && (night.Outcome != schedule.Unchanged || after.RoundTrips != stats.RoundTrips):
		n.Errorf("night %d: %s, %d requests", at, night.Outcome, after.RoundTrips-stats.RoundTrips)
	case refused != (mad || at == first), refused && writes > 0:
		n.Errorf("night %d: %d writes, %+v", at, writes, night)
	case at == stopped && night.Outcome != schedule.Interrupted:
		n.Errorf("night %d was cut off: %+v", at, night)
	case resumes != (night.Resumed != nil), resumes && (night.Resumed.State != "done" || night.Resumed.Counts.Done == 0 || night.Outcome != schedule.NothingToDo):
		n.Errorf("night %d went on with %+v, and then: %s", at, night.Resumed, night.Outcome)
	case n.meddle && night.Counts.Stale != 1:
		n.Errorf("night %d wrote though somebody registered: %+v", at, night.Counts)
	}
	if at == first {
		n.accept = night.Source.SHA256[:12]
		if again, err := n.run(n.Context()); err != nil || again.Outcome != schedule.Applied || len(again.Accepted) == 0 {
			n.Fatalf("accepted: %+v, %v", again, err)
		}
		refused = false
	}
	if !refused && !same {
		n.settle(at != ledgerDamaged)
	}
	n.holds(at, at != stopped)
	return night.Outcome
}

// TestSyncRefusesAnotherTenant: a sign-in that leads elsewhere changes nothing.
func TestSyncRefusesAnotherTenant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNightly(t)
		n.hire(n.number())
		n.deliver(n.hr)
		n.world = newWorld(t, graphsim.Options{Tenant: people()})
		n.job.Tenant.ID = "11111111-0000-4000-8000-000000000000"
		sim := n.sim
		night, err := importer.Sync(t.Context(), n.client, importer.SyncOptions{
			Job: &n.job, Tenant: n.job.Tenant.ID, Folder: n.folder,
			Source: func(context.Context, string) (*importer.Arrival, error) {
				return &importer.Arrival{Open: n.open}, nil
			},
			Plan: importer.PlanOptions{Now: time.Now(), Survey: survey.Options{Pacer: pace.NewPacer(pace.Limits{}), Concurrency: 1}},
		})
		var refused *importer.RefusedError
		if !errors.As(err, &refused) || sim.Stats().Writes != 0 || night.PlanID != "" {
			t.Errorf("%+v, %v", night, err)
		}
	})
}

// TestSyncFileMoves: a file that is another at the second look is not planned.
func TestSyncFileMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNightly(t)
		n.hire(n.number())
		n.deliver(n.hr)
		looks := 0
		all := schedule.Percent(100)
		n.job.Limits.MaxChangePercent = &all
		_, err := importer.Sync(t.Context(), n.client, importer.SyncOptions{
			Job: &n.job, Folder: n.folder,
			Source: func(context.Context, string) (*importer.Arrival, error) {
				return &importer.Arrival{Open: func() (importer.File, func() error, error) {
					if looks++; looks == 2 {
						n.hr[0].mobile = n.number()
						n.deliver(n.hr)
					}
					return n.open()
				}}, nil
			},
			Plan: importer.PlanOptions{Now: time.Now()},
		})
		if err == nil || !strings.Contains(err.Error(), "changed while it was read") || n.sim.Stats().RoundTrips != 0 {
			t.Errorf("%v, %d requests", err, n.sim.Stats().RoundTrips)
		}
		// Once it is whole, it is read as ever.
		if night, err := n.run(t.Context()); err != nil || night.Outcome != schedule.Applied || night.Counts.Done != 1 {
			t.Errorf("the next night: %+v, %v", night, err)
		}
	})
}
