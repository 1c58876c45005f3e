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
	job      schedule.Job
	folder   string
	export   string
	chance   *rand.Rand
	numbers  int
	hired    int
	hr       []hrRow
	own      map[string]authmethod.Value // what people registered themselves
	seeded   map[string]authmethod.Value // what a night wrote, or will once it is gone on with
	accept   string
	cutShort bool
}

type hrRow struct{ upn, mobile string }

const nightlyTenant = "c0ffee00-0000-4000-8000-000000000000"

func newNightly(t *testing.T) *nightly {
	n := &nightly{
		world:  newWorld(t, graphsim.Options{Tenant: &graphsim.Tenant{ID: nightlyTenant, DisplayName: "Contoso", VerifiedDomains: []string{"contoso.example"}}}),
		job:    schedule.Job{Name: "contoso", Tenant: schedule.Tenant{ID: nightlyTenant}},
		folder: t.TempDir(), chance: rand.New(rand.NewPCG(7, 7)),
		own: map[string]authmethod.Value{}, seeded: map[string]authmethod.Value{},
	}
	n.export = filepath.Join(n.folder, "hr.csv")
	return n
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

func (n *nightly) leave(i int) {
	upn := n.hr[i].upn
	n.hr = slices.Delete(n.hr, i, i+1)
	delete(n.own, upn)
	delete(n.seeded, upn)
	if err := n.sim.Leave(upn); err != nil {
		n.Fatal(err)
	}
}

// register has a person register a number themselves, whatever they had.
func (n *nightly) register(upn string) {
	number := n.number()
	n.own[upn] = authmethod.ValueOf(number)
	err := n.sim.Drift(upn, func(u *graphsim.User) {
		u.PhoneMethods = []graphsim.PhoneMethod{{PhoneType: "mobile", PhoneNumber: number}}
	})
	if err != nil {
		n.Fatal(err)
	}
}

// day is what happens between two nights.
func (n *nightly) day() {
	for range 2 {
		n.hire(n.number())
	}
	n.hire("")
	n.leave(n.chance.IntN(len(n.hr)))
	for range 3 {
		n.hr[n.chance.IntN(len(n.hr))].mobile = n.number()
	}
	for range 2 {
		n.register(n.hr[n.chance.IntN(len(n.hr))].upn)
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

func (n *nightly) run(ctx context.Context) (*schedule.Night, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	applies := n.applyOptions(time.Now(), func(string, int) {
		if n.cutShort {
			cancel()
		}
	})
	return importer.Sync(ctx, n.client, importer.SyncOptions{
		Job: &n.job, Tenant: nightlyTenant, Folder: n.folder, Inputs: "the same", Accept: n.accept, Apply: applies,
		Source: func(context.Context, string) (*importer.Arrival, error) {
			info, err := os.Stat(n.export)
			if err != nil {
				return nil, err
			}
			return &importer.Arrival{Export: schedule.Export{Name: "hr.csv", Modified: info.ModTime()}, Open: n.open}, nil
		},
		Keep: func(*plan.Plan, *schedule.Night) error { return nil },
		Plan: importer.PlanOptions{
			ToolVersion: "test", Now: time.Now(), ValidFor: 72 * time.Hour,
			Survey: survey.Options{Pacer: pace.NewPacer(pace.Limits{}), Concurrency: 8},
		},
	})
}

func (n *nightly) open() (importer.File, func() error, error) {
	file, err := os.Open(n.export)
	return importer.File{Name: n.export, Content: file}, file.Close, err
}

// settle takes into the truth what a night that was not refused seeds: a number
// for whoever had none.
func (n *nightly) settle() {
	for _, r := range n.hr {
		_, own := n.own[r.upn]
		_, seeded := n.seeded[r.upn]
		if !own && !seeded && r.mobile != "" {
			n.seeded[r.upn] = authmethod.ValueOf(r.mobile)
		}
	}
}

// holds compares every person of the tenant with the truth.
func (n *nightly) holds(night int) {
	n.Helper()
	for _, u := range n.sim.Tenant().Users {
		want, own := n.own[u.UserPrincipalName]
		if !own {
			want = n.seeded[u.UserPrincipalName]
		}
		if got := registered(u)[authmethod.Mobile]; !got.Equal(want) {
			n.Errorf("night %d: %s has %s, want %s (their own: %v)", night, u.UserPrincipalName, got, want, own)
		}
	}
}

// addsUp holds a night's report against itself and against the tenant's writes.
func (n *nightly) addsUp(at int, night *schedule.Night, writes int64) {
	n.Helper()
	c := night.Counts
	if c.Planned != night.Creates+night.Updates+night.Deletes || c.Done+c.Failed+c.Stale+c.Unknown+c.Pending != c.Planned {
		n.Errorf("night %d does not add up: %+v", at, night)
	}
	want := c.Done
	if night.Resumed != nil {
		want += night.Resumed.Counts.Done
	}
	if writes != int64(want) {
		n.Errorf("night %d: %d writes, and the report tells of %d: %+v", at, writes, want, night)
	}
	if night.Rows != nil {
		checkRows(n, *night.Rows)
	}
}

// TestThirtyNights: hires, leavers, changed numbers, people who register
// themselves, two mad exports, three runs that are cut off, a lost memory.
func TestThirtyNights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNightly(t)
		for range 100 {
			n.hire(n.number())
		}
		for i := range 15 {
			n.register(n.hr[i*5].upn)
		}
		told := map[schedule.Outcome]int{}
		for at := 1; at <= 30; at++ {
			time.Sleep(24 * time.Hour)
			quiet := at == 9 || at == 16 || at == 27 // after a cut: what was planned is still what HR says
			same := at == 5 || at == 6
			if at > 1 && !quiet && !same {
				n.day()
			}
			n.cutShort = at == 8 || at == 15 || at == 26
			n.accept = ""
			told[n.night(t, at, same)]++
		}
		want := map[schedule.Outcome]int{schedule.Refused: 3, schedule.Unchanged: 2, schedule.Interrupted: 3}
		for outcome, nights := range want {
			if told[outcome] != nights {
				t.Errorf("%d nights %s, want %d: %v", told[outcome], outcome, nights, told)
			}
		}
		if stats := n.sim.Stats(); stats.DuplicateCreates != 0 || len(stats.Refused) != 0 || len(n.own) < 40 || len(n.seeded) < 100 {
			t.Errorf("%+v; %d registered themselves, %d were seeded", stats, len(n.own), len(n.seeded))
		}
	})
}

// night runs one and checks it; the first is refused and then accepted by name.
func (n *nightly) night(t *testing.T, at int, same bool) schedule.Outcome {
	t.Helper()
	rows := slices.Clone(n.hr)
	mad := at == 11 || at == 22
	switch at {
	case 11:
		rows = rows[:len(rows)*4/10] // cut off
	case 22:
		for i := range rows[:len(rows)*7/10] {
			rows[i].mobile = "" // a column that went missing
		}
	case 19:
		if err := os.Remove(filepath.Join(n.folder, "memory.json")); err != nil {
			t.Fatal(err)
		}
	}
	if !same {
		n.deliver(rows)
	}
	stats := n.sim.Stats()
	night, err := n.run(t.Context())
	after := n.sim.Stats()
	if n.cutShort != errors.Is(err, context.Canceled) || err != nil && !n.cutShort {
		t.Fatalf("night %d: %v", at, err)
	}
	n.addsUp(at, night, after.Writes-stats.Writes)
	refused := night.Outcome == schedule.Refused
	switch {
	case same && (night.Outcome != schedule.Unchanged || after.RoundTrips != stats.RoundTrips):
		t.Errorf("night %d: %s, %d requests", at, night.Outcome, after.RoundTrips-stats.RoundTrips)
	case refused != (mad || at == 1):
		t.Errorf("night %d: %+v", at, night)
	case n.cutShort && night.Outcome != schedule.Interrupted:
		t.Errorf("night %d was cut off: %+v", at, night)
	case at == 9 && (night.Resumed == nil || night.Resumed.State != "done" || night.Resumed.Counts.Done == 0):
		t.Errorf("night %d went on with nothing: %+v", at, night.Resumed)
	}
	if at == 1 {
		n.accept = night.Source.SHA256[:12]
		if again, err := n.run(t.Context()); err != nil || again.Outcome != schedule.Applied || len(again.Accepted) == 0 {
			t.Fatalf("accepted: %+v, %v", again, err)
		}
		refused = false
	}
	if !refused && !same {
		n.settle()
	}
	if !n.cutShort {
		n.holds(at)
	}
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
	})
}
