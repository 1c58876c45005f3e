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

	"github.com/google/go-cmp/cmp"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
	"authseed/importer/pace"
	"authseed/importer/plan"
	"authseed/importer/schedule"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
	"authseed/samples"
)

// settling is a job whose tenant and export change at random, and where nothing
// is registered but by the job.
type settling struct {
	*world
	chance  *rand.Rand
	folder  string
	full    bool
	every   int
	rows    []payrollRow
	people  []string // object ids
	awaited []payrollRow
	number  int
	mapping string

	planned  *plan.Plan
	unspared []error
}

type payrollRow struct{ id, upn, location, mobile, email string }

const payrollMapping = `version: 1
name: Payroll
match:
  - {attribute: employeeId, column: id}
  - {attribute: userPrincipalName, column: upn}
country: {from: usageLocation, default: DE}
methods:
  mobile: {columns: [mobile]}
  email: {columns: [email]}
policy: {mobile: %s, email: fill}
`

func newSettling(t *testing.T, seed uint64, rule plan.Rule) *settling {
	s := &settling{
		world:  newWorld(t, graphsim.Options{Tenant: &graphsim.Tenant{ID: nightlyTenant, DisplayName: "Contoso", VerifiedDomains: []string{"contoso.example"}}}),
		chance: rand.New(rand.NewPCG(seed, 3)), folder: t.TempDir(), every: 1000,
		mapping: fmt.Sprintf(payrollMapping, rule),
	}
	return s
}

func (s *settling) must(err error) {
	if err != nil {
		s.Helper()
		s.Fatal(err)
	}
}

// mobile is a number kept for fiction that nobody has yet, in international form.
func (s *settling) mobile() string {
	s.number++
	number, ok := samples.Number(s.number)
	if !ok {
		s.Fatal("out of numbers")
	}
	return number
}

// row is somebody new, in the export alone. National numbers wait for where the
// person lives.
func (s *settling) row() payrollRow {
	mobile := s.mobile()
	r := payrollRow{id: fmt.Sprintf("%06d", s.number), upn: fmt.Sprintf("p%d@contoso.example", s.number), mobile: mobile}
	if s.number%3 > 0 {
		r.location, r.mobile = []string{"US", "CA"}[s.number%2], strings.TrimPrefix(mobile, "+1 ")
	}
	if s.number%4 == 0 {
		r.email = fmt.Sprintf("p%d@home.example", s.number)
	}
	if s.number%17 == 0 {
		r.mobile = "12" // nobody can use it
	}
	return r
}

func (s *settling) join(r payrollRow) {
	s.number++
	id := fmt.Sprintf("%08d-0000-4000-8000-000000000000", s.number)
	err := s.sim.Join(graphsim.User{ID: id, UserPrincipalName: r.upn, DisplayName: "Somebody", EmployeeID: r.id, UsageLocation: r.location})
	if err == nil { // else there is somebody of that name
		s.people = append(s.people, id)
	}
}

// day changes the export and the directory in one of the ways there are.
func (s *settling) day() {
	pick := func() int { return s.chance.IntN(len(s.rows)) }
	who := func() string { return s.people[s.chance.IntN(len(s.people))] }
	switch s.chance.IntN(14) {
	case 0, 1:
		r := s.row()
		s.rows = append(s.rows, r)
		s.join(r)
	case 2: // the row comes before the person, by one key or another
		r := s.row()
		s.awaited = append(s.awaited, r)
		switch s.chance.IntN(3) {
		case 0:
			r.id = ""
		case 1:
			r.id = strings.TrimLeft(r.id, "0")
		}
		s.rows = append(s.rows, r)
	case 3: // the person comes for a row that named nobody
		if n := len(s.awaited); n > 0 {
			r := s.awaited[n-1]
			s.awaited = s.awaited[:n-1]
			if s.chance.IntN(2) == 0 {
				r.id = "" // of the tenant's person
			}
			s.join(r)
		}
	case 4:
		i := pick()
		s.rows = slices.Delete(s.rows, i, i+1)
	case 5:
		s.rows[pick()].mobile = s.row().mobile
	case 6:
		s.rows[pick()].email = s.row().email
	case 7: // the same person by another key
		r := s.rows[pick()]
		r.id = ""
		s.rows = append(s.rows, r)
	case 8: // an id that differs in leading zeros
		r := s.rows[pick()]
		r.id = strings.TrimLeft(r.id, "0")
		s.rows = append(s.rows, r)
	case 9:
		_ = s.sim.Leave(who()) // they may have left before
	case 10: // another name, or somebody else's id
		to := s.rows[pick()]
		_ = s.sim.Alter(who(), func(u *graphsim.User) {
			u.EmployeeID = to.id
			if s.chance.IntN(2) == 0 {
				u.UserPrincipalName = fmt.Sprintf("renamed%d@contoso.example", s.chance.Int())
			}
		})
	case 11: // they move house
		_ = s.sim.Alter(who(), func(u *graphsim.User) { u.UsageLocation = []string{"US", "CA", "DE"}[s.chance.IntN(3)] })
	case 12: // they are blocked, or let in again
		_ = s.sim.Alter(who(), func(u *graphsim.User) {
			enabled := !u.IsEnabled()
			u.AccountEnabled = &enabled
		})
	case 13: // the rows come in another order
		s.chance.Shuffle(len(s.rows), func(i, j int) { s.rows[i], s.rows[j] = s.rows[j], s.rows[i] })
	}
}

func (s *settling) export() string {
	var b strings.Builder
	b.WriteString("id,upn,mobile,email\n")
	for _, r := range s.rows {
		fmt.Fprintf(&b, "%s,%s,%s,%s\n", r.id, r.upn, r.mobile, r.email)
	}
	return b.String()
}

func (s *settling) file() importer.File { return file(parse(s, s.mapping), s.export()) }

func (s *settling) planOptions() importer.PlanOptions {
	return importer.PlanOptions{
		ToolVersion: "test", Now: time.Now(), ValidFor: time.Hour, Runs: s.runs, Reads: importer.ReadsFull,
		Survey: survey.Options{Pacer: pace.NewPacer(pace.Limits{}), Concurrency: 8},
	}
}

// night syncs. Nothing of it is refused.
func (s *settling) night() *schedule.Night {
	s.Helper()
	all := schedule.Percent(100)
	none := plan.Quota{}
	s.planned, s.unspared = nil, nil
	n, err := importer.Sync(s.Context(), s.client, importer.SyncOptions{
		Job: &schedule.Job{Name: "payroll", FullEvery: s.every, Limits: schedule.Limits{MaxChangePercent: &all, MaxLostPercent: &all, MinRows: &none}}, Tenant: nightlyTenant,
		Folder: s.folder, Inputs: s.mapping, Full: s.full, Apply: s.applyOptions(time.Now(), nil), Plan: s.planOptions(),
		Source: func(context.Context, string) (*importer.Arrival, error) {
			return &importer.Arrival{Export: schedule.Export{Name: "payroll.csv"}, Open: func() (importer.File, func() error, error) {
				return s.file(), func() error { return nil }, nil
			}}, nil
		},
		Keep:     func(p *plan.Plan, _ *schedule.Night) error { s.planned = p; return nil },
		Unspared: func(err error) { s.unspared = append(s.unspared, err) },
	})
	s.must(err)
	return n
}

// TestSettledAsIfAsked: a night that asks about those alone who may need
// something plans what a night that asks about everybody would, however rows and
// directory change.
func TestSettledAsIfAsked(t *testing.T) {
	for seed := range uint64(4) {
		rule := []plan.Rule{plan.Fill, plan.Replace}[seed%2]
		synctest.Test(t, func(t *testing.T) {
			s := newSettling(t, seed, rule)
			for range 30 {
				r := s.row()
				s.rows = append(s.rows, r)
				s.join(r)
			}
			spared := 0
			for at := range 50 {
				time.Sleep(24 * time.Hour)
				for range s.chance.IntN(6) {
					s.day()
				}
				o := s.planOptions()
				o.Runs = ""
				want, err := importer.Plan(t.Context(), s.client, s.file(), o)
				s.must(err)
				n := s.night()
				if n.Outcome == schedule.Unchanged {
					continue
				}
				got := s.planned
				spared += got.Known.Settled
				checkRows(t, got.Summary.Rows)
				if diff := cmp.Diff(want.Changes, got.Changes, cmp.AllowUnexported(authmethod.Value{})); diff != "" {
					t.Fatalf("seed %d, night %d: %s", seed, at, diff)
				}
				if diff := cmp.Diff(want.Summary.Rows, got.Summary.Rows); diff != "" || want.Coverage != got.Coverage || want.Unchanged != got.Unchanged {
					t.Fatalf("seed %d, night %d: %s %+v %+v, %v %v", seed, at, diff, want.Coverage, got.Coverage, want.Unchanged, got.Unchanged)
				}
				if got.Known.Settled+got.Known.Read != want.Known.Read {
					t.Fatalf("seed %d, night %d: %+v, %+v", seed, at, want.Known, got.Known)
				}
				if len(s.unspared) != 0 {
					t.Fatal(s.unspared)
				}
			}
			if spared < 300 {
				t.Errorf("seed %d: %d were spared", seed, spared)
			}
		})
	}
}

// TestWhoIsAskedAbout: what ends that somebody is spared.
func TestWhoIsAskedAbout(t *testing.T) {
	const people = 12
	other, _ := samples.Number(5000)
	for _, test := range []struct {
		name     string
		between  func(*settling)
		settled  int
		unspared string
	}{
		{"nothing", func(*settling) {}, people, ""},
		{"a full night", func(s *settling) { s.full = true }, 0, ""},
		{"a full night that is due", func(s *settling) { s.every = 2 }, 0, ""},
		{"another mapping", func(s *settling) { s.mapping += "# another\n" }, 0, "under another mapping"},
		{"a link that is forgotten", func(*settling) { time.Sleep(8 * 24 * time.Hour) }, 0, "no longer knows"},
		{"a book that is damaged", func(s *settling) {
			name := filepath.Join(s.folder, "settled")
			text, err := os.ReadFile(name)
			s.must(err)
			text[len(text)/2] ^= 1
			s.must(os.WriteFile(name, text, 0o600))
		}, 0, "damaged"},
		{"no book", func(s *settling) { s.must(os.Remove(filepath.Join(s.folder, "settled"))) }, 0, ""},
		{"the memory is lost", func(s *settling) { s.must(os.Remove(filepath.Join(s.folder, "memory.json"))) }, 0, ""},
		{"a run of somebody else's", func(s *settling) {
			upn := s.rows[3].upn
			s.must(s.sim.Drift(upn, func(u *graphsim.User) { u.PhoneMethods = nil }))
			f := file(nil, "userPrincipalName,mobile\n"+upn+","+other+"\n")
			run, err := s.apply(s.Context(), s.mustPlan(f), time.Now())
			if err != nil || run.Counts.Done != 1 {
				s.Fatal(run, err)
			}
		}, people - 1, ""},
		{"a run that cannot be read", func(s *settling) {
			s.must(os.MkdirAll(filepath.Join(s.runs, "20990101T000000Z-broken"), 0o700))
			list, err := journal.List(s.runs)
			s.must(err)
			bad := filepath.Join(s.runs, strings.Replace(list[0].RunID, list[0].RunID[:4], "2099", 1))
			s.must(os.MkdirAll(bad, 0o700))
			s.must(os.WriteFile(filepath.Join(bad, "journal.jsonl"), []byte("rubble\n{}\n"), 0o600))
		}, 0, "cannot be read"},
		{"the run that settled is rolled back", func(s *settling) {
			list, err := journal.List(s.runs)
			s.must(err)
			back, err := importer.Rollback(s.Context(), s.client, s.runs, list[0].RunID, importer.PlanOptions{
				Now: time.Now(), ValidFor: time.Hour, Allow: []plan.Hazard{plan.RemovesMethod}, Survey: survey.Options{Pacer: newPacer(), Concurrency: 8},
			})
			s.must(err)
			run, err := s.apply(s.Context(), back, time.Now())
			if err != nil || run.Counts.Done == 0 {
				s.Fatal(run, err)
			}
		}, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSettling(t, 1, plan.Fill)
				for range people {
					r := s.row()
					r.mobile, r.email = s.mobile(), ""
					s.rows = append(s.rows, r)
					s.join(r)
				}
				if n := s.night(); n.Outcome != schedule.Applied || n.Counts.Done != people {
					t.Fatalf("%+v", n)
				}
				time.Sleep(24 * time.Hour)
				// Another order of the rows is another file.
				slices.Reverse(s.rows)
				if n := s.night(); n.Outcome != schedule.NothingToDo || n.Settled != people {
					t.Fatalf("%+v, %v", n, s.unspared)
				}
				time.Sleep(24 * time.Hour)
				s.chance.Shuffle(len(s.rows), func(i, j int) { s.rows[i], s.rows[j] = s.rows[j], s.rows[i] })
				test.between(s)
				n := s.night()
				said := errors.Join(s.unspared...)
				if n.Settled != test.settled || (said == nil) != (test.unspared == "") || said != nil && !strings.Contains(said.Error(), test.unspared) {
					t.Errorf("%d settled, want %d; %v", n.Settled, test.settled, said)
				}
			})
		})
	}
}

// TestSettledNumbersAreShared: somebody new who is given the number of one who is
// not asked about shares it all the same.
func TestSettledNumbersAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSettling(t, 1, plan.Fill)
		for range 20 {
			r := s.row()
			r.mobile = s.mobile()
			s.rows = append(s.rows, r)
			s.join(r)
		}
		s.night()
		time.Sleep(24 * time.Hour)
		r := s.row()
		r.mobile, r.email = s.rows[4].mobile, ""
		s.rows = append(s.rows, r)
		s.join(r)
		n := s.night()
		if n.Settled != 20 || n.HeldBack != 1 || n.Creates != 0 || s.planned.Summary.Hazards[plan.SharedNumber] != 1 {
			t.Errorf("%+v", n)
		}
		// What is held back is shown again, every night.
		time.Sleep(24 * time.Hour)
		slices.Reverse(s.rows)
		if n := s.night(); n.Settled != 20 || n.HeldBack != 1 {
			t.Errorf("%+v", n)
		}
	})
}

// TestWaitingIsNotSettled: who waits for something that nobody tells is asked
// about every night. Here it is a mobile, without which there is no alternate one.
func TestWaitingIsNotSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSettling(t, 1, plan.Fill)
		s.mapping = strings.Replace(s.mapping, "  mobile: {columns: [mobile]}", "  alternateMobile: {columns: [mobile]}", 1)
		s.mapping = strings.Replace(s.mapping, "{mobile: fill,", "{alternateMobile: fill,", 1)
		for range 5 {
			r := s.row()
			r.mobile, r.email = s.mobile(), ""
			s.rows = append(s.rows, r)
			s.join(r)
		}
		if n := s.night(); n.Skipped[authmethod.MobileMissing] != 5 {
			t.Fatalf("%+v", n)
		}
		time.Sleep(24 * time.Hour)
		number := s.mobile()
		s.must(s.sim.Drift(s.rows[2].upn, func(u *graphsim.User) {
			u.PhoneMethods = []graphsim.PhoneMethod{{PhoneType: "mobile", PhoneNumber: number}}
		}))
		slices.Reverse(s.rows)
		if n := s.night(); n.Settled != 0 || n.Counts.Done != 1 {
			t.Errorf("%+v", n)
		}
		time.Sleep(24 * time.Hour)
		slices.Reverse(s.rows)
		s.rows[0], s.rows[1] = s.rows[1], s.rows[0]
		if n := s.night(); n.Settled != 1 || n.Skipped[authmethod.MobileMissing] != 4 {
			t.Errorf("%+v", n)
		}
	})
}
