package importer

import (
	"context"
	"slices"

	"authseed/importer/graph"
	"authseed/importer/plan"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// Reads is how it is found out what people have registered.
type Reads string

// The ways. Whichever it is, a value that would be replaced or removed is read.
const (
	ReadsAuto   Reads = "auto"   // the way that takes fewer round trips
	ReadsReport Reads = "report" // the tenant's registration report, and a read of whom it is not enough for
	ReadsFull   Reads = "full"   // a read of everybody
)

// AllReads lists the ways.
func AllReads() []Reads { return []Reads{ReadsAuto, ReadsReport, ReadsFull} }

// meeting finds out what the people of a file have registered.
type meeting struct {
	*reading
	directory survey.Reader
	people    []held
	kinds     []authmethod.Kind // that the mapping and the cloud have
	rules     [authmethod.Count]plan.Rule
	size      int // people in the tenant, 0 where that is not known
	options   PlanOptions

	presence *survey.Presence // nil: everybody is read
	recent   map[string]bool  // people whom the report may not know all about
	written  *written         // nil: policy own is that of no method
}

// meet makes what the file says and what the people have the plan's input.
func (m *meeting) meet(ctx context.Context, in *plan.Input) error {
	if err := m.consult(ctx, in); err != nil {
		return err
	}
	if err := m.report(ctx, in.Tenant.ID); err != nil {
		return err
	}
	var ids []string
	var p person
	for _, h := range m.people {
		m.open(h, &p)
		if _, enough := m.reported(&p); !enough {
			ids = append(ids, p.user.ID)
		}
	}
	methods, err := survey.ReadMethods(ctx, m.directory, ids, m.kinds, m.options.Survey)
	if err != nil {
		return err
	}
	met := m.people[:0]
	for _, h := range m.people {
		m.open(h, &p)
		if refused := methods.Refused[p.user.ID]; refused != nil {
			m.leaveOut(p.lines, known(&p), unreadable(refused), func(int) string { return refused.Error() })
			continue
		}
		m.use(&p)
		m.leaveOutCells(known(&p), p.problems)
		met = append(met, h)
	}
	m.people = met
	for i := range m.spared {
		m.openStanding(&m.spared[i], &p)
		m.use(&p)
		m.leaveOutCells(nil, p.problems)
	}
	in.Each = m.desired
	in.Current = methods.Of
	if err := m.own(ctx, in); err != nil {
		return err
	}
	if m.presence != nil {
		in.ReportAt = m.presence.Made
	}
	m.options.Settling.keep(m, in)
	return nil
}

// desired yields what the file asks for each person. A million of them are
// opened one at a time.
func (m *meeting) desired(yield func(*plan.Desired) bool) {
	var p person
	for _, h := range m.people {
		m.open(h, &p)
		d := plan.Desired{User: p.user, Wishes: p.wishes, Origin: plan.Origin{File: m.file, Line: p.lines[0]}}
		d.Has, d.Reported = m.reported(&p)
		if !yield(&d) {
			return
		}
	}
	for i := range m.spared {
		s := &m.spared[i]
		m.openStanding(s, &p)
		d := plan.Desired{User: p.user, Wishes: p.wishes, Origin: plan.Origin{File: m.file, Line: p.lines[0]}, Settled: true, Has: s.row.Has, Kept: s.row.Kept}
		if !yield(&d) {
			return
		}
	}
}

// report reads the registration report where that is the way to go.
func (m *meeting) report(ctx context.Context, tenant string) (err error) {
	if len(m.kinds) == 0 || len(m.people) == 0 {
		return nil
	}
	o := &m.options
	r := reporting{o.Reads, m.directory, tenant, o.Survey, o.Runs, o.Identity, o.Notices}
	m.presence, m.recent, err = r.presence(ctx, m.reportPays, func() []string {
		ids := make([]string, len(m.people))
		for i, h := range m.people {
			ids[i] = m.user(h).ID
		}
		return ids
	})
	return err
}

// reportPays reports that the registration report takes fewer round trips than
// the reads it spares. Who would be read in spite of it is not spared: disabled
// accounts, and, as far as anybody can tell before, half of those whose methods
// may be replaced or removed. The report is as long as the tenant has people,
// and only paging them tells how many that is; where they were looked up
// instead, there are so few in the file, or so many in the tenant, that reading
// is the shorter way.
func (m *meeting) reportPays() bool {
	if m.size == 0 {
		return false
	}
	everything := plan.Presence{true, true, true, true}
	spared := 0.0
	var p person
	for _, h := range m.people {
		m.open(h, &p)
		switch {
		case p.user.IsDisabled():
		case plan.NeedsRead(&p.wishes, everything, m.rulesOf(&p)):
			spared += 0.5
		default:
			spared++
		}
	}
	return spared/graph.MaxBatch > float64(m.size)/survey.ReportPage
}

// reported gives what the report says the person has, and whether that is
// enough to plan by. Of an account that is disabled it says nothing, whatever it
// lists (learn.microsoft.com, userRegistrationDetails resource type); of whom a run
// has written to since it was made it is too old.
func (m *meeting) reported(p *person) (has plan.Presence, enough bool) {
	if m.presence == nil || p.user.IsDisabled() || m.recent[p.user.ID] {
		return has, false
	}
	is, listed := m.presence.Of(p.user.ID)
	if !listed {
		return has, false
	}
	for kind := range is {
		has[kind] = is[kind] && slices.Contains(m.kinds, authmethod.Kind(kind))
	}
	if plan.NeedsRead(&p.wishes, has, m.rulesOf(p)) {
		return plan.Presence{}, false
	}
	return has, true
}

// unreadable says why somebody's methods cannot be read.
func unreadable(refused *graph.Error) authmethod.Reason {
	if refused.Status == 404 {
		return authmethod.NoMatch
	}
	return authmethod.Restricted
}
