package importer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	// What the rows of a file add up to is called a ledger here as well.
	kept "authseed/importer/ledger"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/sealed"
	"authseed/mapping/authmethod"
)

// LedgerPlace is where it is kept what authseed itself wrote.
type LedgerPlace = kept.Place

// written is what the ledger says of the people of a file.
type written struct {
	ledger *kept.Ledger // nil: it is lost

	// other has the methods for which authseed wrote another value than the file's,
	// by object id. Only these can be own and differ: their values are read.
	other map[string]plan.Presence
}

// consult asks the ledger, where policy own needs it. A ledger that cannot be
// asked leaves policy own as fill, and says so in the plan as well.
func (m *meeting) consult(ctx context.Context, in *plan.Input) error {
	var owned []authmethod.Kind
	for _, kind := range m.kinds {
		if m.rules[kind] == plan.Own {
			owned = append(owned, kind)
		}
	}
	if len(owned) == 0 {
		return nil
	}
	var claims []kept.Claim
	var p person
	for _, h := range m.people {
		m.open(h, &p)
		for _, kind := range owned {
			if w := &p.wishes[kind]; !w.Value.IsZero() {
				claims = append(claims, kept.Claim{Person: p.user.ID, Kind: kind, Value: w.Value})
			}
		}
	}
	m.written = &written{other: map[string]plan.Presence{}}
	book, err := m.options.Ledger.Open(in.Tenant.ID)
	if err != nil {
		return m.withoutLedger(in, err)
	}
	begun, err := book.Begun(ctx)
	if err != nil {
		return errors.Join(m.withoutLedger(in, err), book.Close())
	}
	m.written.ledger = book
	note(in, fmt.Sprintf("policy own knows what authseed wrote since %s, when its ledger was begun, and nothing older", begun.Format(time.DateOnly)))
	return m.compare(ctx, in, claims, kept.Other, m.written.other)
}

// compare marks the claims of which the ledger says this.
func (m *meeting) compare(ctx context.Context, in *plan.Input, claims []kept.Claim, is kept.Verdict, mark map[string]plan.Presence) error {
	verdicts, err := m.written.ledger.Compare(ctx, claims)
	if err != nil {
		return errors.Join(m.withoutLedger(in, err), m.written.ledger.Close())
	}
	for i, v := range verdicts {
		if v == is {
			has := mark[claims[i].Person]
			has[claims[i].Kind] = true
			mark[claims[i].Person] = has
		}
	}
	return nil
}

// withoutLedger goes on without a ledger, unless somebody has put an end to all
// of it.
func (m *meeting) withoutLedger(in *plan.Input, err error) error {
	var lost *kept.LostError
	if !errors.As(err, &lost) {
		return err
	}
	m.written = &written{}
	in.Unledgered = true
	note(in, fmt.Sprintf("policy own keeps whatever is registered, as fill does: %v", lost))
	if m.options.NoLedger != nil {
		m.options.NoLedger(lost)
	}
	return nil
}

// note says in the plan how far policy own could be followed. The map may be the
// facts' own.
func note(in *plan.Input, text string) {
	notes := maps.Clone(in.Facts.Notes)
	if notes == nil {
		notes = map[string]string{}
	}
	notes[string(authmethod.KeptExisting)] = text
	in.Facts.Notes = notes
}

// rulesOf are the rules of one person: own is fill where authseed wrote nothing,
// or last wrote what the file says.
func (m *meeting) rulesOf(p *person) [authmethod.Count]plan.Rule {
	rules := m.rules
	if m.written == nil {
		return rules
	}
	other := m.written.other[p.user.ID]
	for kind := range rules {
		if rules[kind] == plan.Own && !other[kind] {
			rules[kind] = plan.Fill
		}
	}
	return rules
}

// own asks whether the values that were read are those that authseed wrote.
func (m *meeting) own(ctx context.Context, in *plan.Input) error {
	if m.written == nil || m.written.ledger == nil {
		return nil
	}
	var claims []kept.Claim
	for id, other := range m.written.other {
		for kind, value := range in.Current[id] {
			// What the service masks is nobody's to recognise.
			if other[kind] && !value.IsZero() && !value.Masked() {
				claims = append(claims, kept.Claim{Person: id, Kind: authmethod.Kind(kind), Value: value})
			}
		}
	}
	in.Wrote = map[string]plan.Presence{}
	if err := m.compare(ctx, in, claims, kept.Same, in.Wrote); err != nil {
		return err
	}
	if m.written.ledger == nil {
		return nil
	}
	return m.written.ledger.Close()
}

// remember tells the ledger what a run has done; past is what its earlier parts did.
// It is for later plans only: what goes wrong with it is told, and the run is what
// it is.
func (o ApplyOptions) remember(ctx context.Context, run, past *journal.Run, p *plan.Plan) {
	if o.Ledger.IsZero() {
		return
	}
	// A run that was interrupted has written as well. Who stops it waits, before or
	// meanwhile.
	recording, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Minute)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(2*time.Second, cancel) })()
	if err := record(recording, o.Ledger, entriesOf(run, past, p), p); err != nil && o.Unrecorded != nil {
		o.Unrecorded(err)
	}
}

// Remember tells the ledger what a run has done, from its journal: one that was
// cut off before it could, and is not taken up again, or one whose ledger could
// not be reached. However often and late it is told, the ledger is the same.
func Remember(ctx context.Context, place LedgerPlace, runs, id string, with sealed.Identity) error {
	run, err := journal.Read(runs, id, with)
	if err != nil {
		return err
	}
	p, err := run.Plan(runs)
	if err != nil {
		return err
	}
	return record(ctx, place, entriesOf(run, run, p), p)
}

func record(ctx context.Context, place LedgerPlace, entries []kept.Entry, p *plan.Plan) (err error) {
	if len(entries) == 0 {
		return nil
	}
	book, err := place.Open(p.Tenant.ID)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	return book.Record(ctx, entries)
}

// entriesOf are the run's writes. What the run found done already is somebody
// else's. What a rollback gives back is what was there before authseed wrote, as
// far as anybody knows the person's own: it is nobody's to replace. What the parts
// of the run so far, past, have not done is fresh: it was written just now.
func entriesOf(run, past *journal.Run, p *plan.Plan) []kept.Entry {
	var entries []kept.Entry
	for _, c := range p.Pending() {
		outcome, _ := run.Outcome(c.ID)
		if outcome.Result != journal.Done || !run.MayHaveWritten(c.ID) {
			continue
		}
		e := kept.Entry{Claim: kept.Claim{Person: c.User.ID, Kind: c.Method, Value: c.After}, At: outcome.At}
		e.Fresh = past == nil || past.Result(c.ID) != journal.Done
		if p.Undoes != "" {
			e.Value = authmethod.Value{}
		}
		entries = append(entries, e)
	}
	return entries
}
