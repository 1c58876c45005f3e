package importer_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer"
	"authseed/importer/apply"
	"authseed/importer/dispatch"
	"authseed/importer/graph/graphsim"
	"authseed/importer/pace"
	"authseed/importer/plan"
	"authseed/importer/schedule"
	"authseed/importer/survey"
)

// Figure 3 of nightly runs is -tenants 50 -tenant-people 2000.
var (
	tenants      = flag.Int("tenants", 8, "so many tenants side by side in TestTenantsAbreast")
	tenantPeople = flag.Int("tenant-people", 200, "with so many people each")
)

// subscription is one of many tenants: a simulator that lets 20 requests a second
// through, and everything a night needs that nobody else has.
type subscription struct {
	*world
	tenant, folder string
	people         int
}

func subscribe(t *testing.T, seed, people int, folder string) *subscription {
	tenant := unregistered(workforce(people), 0)
	tenant.ID = fmt.Sprintf("%08d-0000-4000-8000-000000000000", seed)
	w := newWorld(t, graphsim.Options{
		Tenant: tenant, Latency: time.Duration(30+seed) * time.Millisecond,
		Levers: graphsim.Levers{Seed: uint64(seed), Throttle: graphsim.Throttle{Rate: 20}},
	})
	return &subscription{w, tenant.ID, folder, people}
}

// night seeds everybody, and gives how long it took.
func (s *subscription) night() (time.Duration, error) {
	began := time.Now()
	pacer, all := pace.NewPacer(pace.Limits{}), schedule.Percent(100)
	var export bytes.Buffer
	export.WriteString("Employee ID,Personal Email\n")
	for i := range s.people {
		fmt.Fprintf(&export, "%06d,new%d@home.example\n", i+1, i)
	}
	mapped := parse(s, addressMapping(plan.Fill))
	night, err := importer.Sync(s.Context(), s.client, importer.SyncOptions{
		Job:    &schedule.Job{Name: "job", Tenant: schedule.Tenant{ID: s.tenant}, Limits: schedule.Limits{MaxChangePercent: &all}},
		Tenant: s.tenant, Folder: s.folder,
		Source: func(context.Context, string) (*importer.Arrival, error) {
			return &importer.Arrival{Open: func() (importer.File, func() error, error) {
				return file(mapped, export.String()), func() error { return nil }, nil
			}}, nil
		},
		Keep: func(*plan.Plan, *schedule.Night) error { return nil },
		Plan: importer.PlanOptions{ToolVersion: "test", Now: began, ValidFor: 72 * time.Hour, Survey: survey.Options{Pacer: pacer, Concurrency: 8}},
		Apply: importer.ApplyOptions{
			Runs: s.runs, ToolVersion: "test", Now: began, Ledger: importer.LedgerPlace{Dir: s.runs + "-ledger"},
			Apply: apply.Options{Pacer: pacer, Concurrency: 8},
		},
	})
	if err == nil && (night.Outcome != schedule.Applied || night.Counts.Done != s.people) {
		err = fmt.Errorf("%s %+v", night.Outcome, night.Counts)
	}
	return time.Since(began), err
}

// TestTenantsAbreast: tenants side by side in one process are done when the slowest
// of them alone is, or no more than a tenth later: each has its own budget at the
// service, and none waits for another's.
func TestTenantsAbreast(t *testing.T) {
	var alone []time.Duration
	for i := range *tenants {
		folder := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			took, err := subscribe(t, i, *tenantPeople, folder).night()
			if err != nil {
				t.Fatal(err)
			}
			alone = append(alone, took)
		})
	}
	if t.Failed() {
		return
	}
	folders := make([]string, *tenants)
	for i := range folders {
		folders[i] = t.TempDir()
	}
	synctest.Test(t, func(t *testing.T) {
		all := make([]*subscription, *tenants)
		for i := range all {
			all[i] = subscribe(t, i, *tenantPeople, folders[i])
		}
		errs := make([]error, len(all))
		began := time.Now()
		dispatch.Abreast(len(all), len(all), func(i int) { _, errs[i] = all[i].night() })
		together, slowest := time.Since(began), slices.Max(alone)
		for i, err := range errs {
			if stats := all[i].sim.Stats(); err != nil || stats.Writes != int64(*tenantPeople) {
				t.Errorf("tenant %d: %v, %d writes", i, err, stats.Writes)
			}
		}
		t.Logf("%d tenants of %d people: alone %v to %v, side by side %v, %+.1f %%",
			len(all), *tenantPeople, slices.Min(alone), slowest, together, 100*(together.Seconds()/slowest.Seconds()-1))
		if together > slowest+slowest/10 {
			t.Errorf("side by side it took %v, the slowest alone %v", together, slowest)
		}
		// At 20 a second it cannot be faster, so the simulators did throttle.
		if least := time.Duration(*tenantPeople) * time.Second / 20 * 8 / 10; slices.Min(alone) < least {
			t.Errorf("the fastest took %v, less than %v", slices.Min(alone), least)
		}
	})
}
