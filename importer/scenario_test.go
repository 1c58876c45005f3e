package importer_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/mapping"
	"authseed/mapping/authmethod"
	"authseed/samples"
)

// TestScenarios plans every sample, applies the plan and plans again.
func TestScenarios(t *testing.T) {
	for _, name := range samples.Names() {
		for _, all := range []bool{false, true} {
			title := name
			if all {
				title += "-everything-allowed"
			}
			t.Run(title, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { scenario(t, name, title, all, importer.ReadsFull) })
			})
			t.Run(title+", by the report", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { scenario(t, name, title, all, importer.ReadsReport) })
			})
		}
	}
}

func scenario(t *testing.T, name, title string, all bool, reads importer.Reads) {
	s, err := samples.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	tenant, err := graphsim.Load(bytes.NewReader(s.Tenant))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, graphsim.Options{Tenant: tenant})
	open := source(t, s)
	var allowed []plan.Hazard
	if all {
		for _, h := range plan.Hazards() {
			allowed = append(allowed, h.Hazard)
		}
	}
	way := func(o *importer.PlanOptions) { o.Reads = reads }
	p := w.mustPlan(open(), allowing(allowed...), way)
	if stats := w.sim.Stats(); stats.Writes != 0 || stats.RoundTrips > int64(p.Summary.Rows.Used/10+10) {
		t.Errorf("planning %d people: %+v", p.Summary.Rows.Used, stats)
	}
	if reads == importer.ReadsFull {
		golden(t, title+".txt", masked(t, p, !all))
	} else {
		checkSame(t, p, w.mustPlan(open(), allowing(allowed...), func(o *importer.PlanOptions) { o.Reads = importer.ReadsFull }))
	}

	run, err := w.apply(t.Context(), p, today)
	if err != nil {
		t.Fatal(err)
	}
	if run.State != journal.Finished || run.Counts.Done != p.Summary.Pending() || run.Counts.Open() != 0 {
		t.Errorf("%s %+v of %d", run.State, run.Counts, p.Summary.Pending())
	}
	checkTenant(t, p, tenant, w.sim.Tenant())
	if stats := w.sim.Stats(); stats.MaxWritesPerPerson != 1 || stats.DuplicateCreates != 0 || stats.Writes != int64(run.Counts.Planned) || len(stats.Refused) > 0 {
		t.Errorf("%+v", stats)
	}

	again := w.mustPlan(open(), allowing(allowed...), way)
	if again.Summary.Pending() != 0 || again.Summary.HeldBack != p.Summary.HeldBack {
		t.Errorf("a second plan: %+v", again.Summary)
	}
	for _, kind := range authmethod.Kinds() {
		if reads == importer.ReadsReport {
			break // what is there and was not read counts as kept, whatever it is
		}
		done := 0
		for _, c := range p.Pending() {
			if c.Method == kind {
				done++
			}
		}
		if want := p.Unchanged[kind] + done; again.Unchanged[kind] != want {
			t.Errorf("%s: %d unchanged in a second plan, want %d", kind, again.Unchanged[kind], want)
		}
	}
	trips := w.sim.Stats().RoundTrips
	if run, err := w.apply(t.Context(), again, today); run != nil || err != nil {
		t.Errorf("applying a plan with nothing pending: %v, %v", run, err)
	}
	if more := w.sim.Stats().RoundTrips - trips; more > 1 {
		t.Errorf("it took %d round trips", more)
	}
}

// source opens what a sample is planned from: its file, or the directory where it
// has none.
func source(t *testing.T, s samples.Scenario) func() importer.File {
	t.Helper()
	if s.Workers == nil {
		return func() importer.File { return importer.FromDirectory(nil) }
	}
	m, err := mapping.Parse("mapping.yaml", s.Mapping)
	if err != nil {
		t.Fatal(err)
	}
	return func() importer.File {
		return importer.File{Name: "workers.csv", Content: bytes.NewReader(s.Workers), Mapping: m}
	}
}

// checkSame: a plan by the report changes what one by reads does, and leaves
// alone what that one leaves alone or finds to be so already.
func checkSame(t *testing.T, byReport, byReads *plan.Plan) {
	t.Helper()
	if byReport.Known.Report == 0 || byReads.Known.Report != 0 {
		t.Errorf("known %+v and %+v", byReport.Known, byReads.Known)
	}
	if diff := cmp.Diff(byReads.Coverage, byReport.Coverage); diff != "" {
		t.Errorf("coverage (-by reads +by the report)\n%s", diff)
	}
	ids := func(p *plan.Plan) (list []string) {
		for _, c := range p.Changes {
			list = append(list, c.ID)
		}
		return list
	}
	if diff := cmp.Diff(ids(byReads), ids(byReport)); diff != "" {
		t.Errorf("changes (-by reads +by the report)\n%s", diff)
	}
	kept := func(p *plan.Plan) int {
		n := p.Summary.Skipped[authmethod.KeptExisting]
		for _, unchanged := range p.Unchanged {
			n += unchanged
		}
		return n
	}
	if kept(byReport) != kept(byReads) {
		t.Errorf("%d methods left as they are, by reads %d", kept(byReport), kept(byReads))
	}
}

// masked is the plan's document to look at, with what differs from run to run
// put in its place and a line for every change and skip, which it leaves out
// unless they are wanted.
func masked(t *testing.T, p *plan.Plan, lines bool) []byte {
	t.Helper()
	shown := *p
	shown.ID, shown.Digest = "00000000-0000-0000-0000-000000000000", strings.Repeat("0", 64)
	shown.Changes, shown.Skipped = nil, nil
	var b bytes.Buffer
	if err := plan.EncodeMasked(&b, &shown); err != nil {
		t.Fatal(err)
	}
	if !lines {
		return b.Bytes()
	}
	for _, c := range p.Changes {
		held := ""
		if c.HeldBack {
			held = " held back"
		}
		reading := strings.TrimSpace(fmt.Sprintf("%s %s %s", c.Reading.Country, c.Reading.CountryFrom, c.Reading.Remark))
		fmt.Fprintf(&b, "%d %s %s %s %s>%s %s%s %s (%s)\n", c.Origin.Line, c.User.UserPrincipalName, c.Action, c.Method, c.Before, c.After, c.Hazards, held, c.Note, reading)
	}
	for _, s := range p.Skipped {
		who, what := "", "row"
		if s.User != nil {
			who = s.User.UserPrincipalName
		}
		if s.Method != nil {
			what = s.Method.String()
		}
		fmt.Fprintf(&b, "%d %s without %s: %s, %s\n", s.Origin.Line, who, what, s.Reason, s.Detail)
	}
	return b.Bytes()
}

// checkTenant compares the tenant before and after: what was pending is as
// planned and nothing else has changed.
func checkTenant(t *testing.T, p *plan.Plan, before, after *graphsim.Tenant) {
	t.Helper()
	wanted := map[string]authmethod.Value{}
	for _, c := range p.Pending() {
		wanted[c.User.ID+c.Method.String()] = c.After
	}
	for i, u := range after.Users {
		had, has := registered(before.Users[i]), registered(u)
		for _, kind := range authmethod.Kinds() {
			want, planned := wanted[u.ID+kind.String()]
			if !planned {
				want = had[kind]
			}
			if !has[kind].Equal(want) {
				t.Errorf("%s: %s is %s, want %s", u.UserPrincipalName, kind, has[kind], want)
			}
		}
	}
}

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

// TestSavedPlan applies a plan that went through a file, as a saved one does.
func TestSavedPlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: people()})
		f := ledger("1,,Active,m1,o1,e1", "2,,Active,m2,,")
		f.Mapping = parse(t, hrMapping)
		p := w.mustPlan(f)
		var saved bytes.Buffer
		if err := plan.Encode(&saved, p); err != nil {
			t.Fatal(err)
		}
		read, err := plan.Decode(&saved)
		if err != nil {
			t.Fatal(err)
		}
		started := ""
		run, err := importer.Apply(t.Context(), w.client, read, w.applyOptions(today.Add(time.Hour), func(id string, _ int) {
			if started = id; w.sim.Stats().Writes != 0 {
				t.Error("told after the first write")
			}
		}))
		if err != nil || run.State != journal.Finished || run.Counts.Done != 4 {
			t.Fatalf("%+v, %v", run, err)
		}
		if run.RunID != started || !strings.HasPrefix(started, "20261105T100000") || run.PlanDigest != p.Digest || run.ToolVersion != "test" {
			t.Errorf("run %q, told %q", run.RunID, started)
		}
		checkTenant(t, p, people(), w.sim.Tenant())
		kept, err := run.Plan(w.runs)
		if err != nil || kept.Digest != p.Digest {
			t.Errorf("the run's own plan: %v", err)
		}
	})
}
