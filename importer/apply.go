package importer

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"authseed/importer/apply"
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/report"
	"authseed/importer/sealed"
	"authseed/importer/survey"
)

// Target is the side of a tenant that applying sees.
type Target interface {
	apply.Tenant
	survey.Namer
}

// ApplyOptions say how a plan is applied.
type ApplyOptions struct {
	Runs        string // folder of the runs
	ToolVersion string
	Now         time.Time
	Apply       apply.Options
	Approvals   map[string][]byte          // signatures of the plan, by what follows its name; kept in the run's record
	EncryptTo   []sealed.Recipient         // whom a new run is sealed to; none for in clear
	Identity    sealed.Identity            // opens a run that is resumed
	Never       plan.Never                 // refuses a plan that has one of them
	Wanted      func(plan.Change) bool     // what else is pending is journalled as stale; nil for all of it
	Started     func(run string, open int) // told before the first write; may be nil
	Ledger      LedgerPlace                // remembers what was written; the zero place for none
	Unrecorded  func(error)                // told of a ledger that could not; may be nil
}

// Apply makes the plan true and gives the run as its journal tells it. A plan
// with nothing pending makes no run. The run is returned with the error where
// one was begun: it tells what was done before.
func Apply(ctx context.Context, t Target, p *plan.Plan, o ApplyOptions) (*journal.Run, error) {
	if err := o.fits(ctx, t, p); err != nil {
		return nil, err
	}
	if p.Summary.Pending() == 0 {
		return nil, nil
	}
	id, err := runID(o.Runs, o.Now)
	if err != nil {
		return nil, err
	}
	j, err := journal.Create(o.Runs, id, o.ToolVersion, p, o.EncryptTo...)
	if err != nil {
		return nil, err
	}
	for suffix, text := range o.Approvals {
		if err := journal.KeepBeside(o.Runs, id, suffix, text); err != nil {
			return nil, errors.Join(err, j.Abandon())
		}
	}
	if o.Wanted != nil {
		if o.Apply.Past, err = o.leave(j, p); err != nil {
			return nil, err
		}
	}
	if o.Started != nil {
		o.Started(id, p.Summary.Pending())
	}
	return o.write(ctx, t, p, j)
}

// Resume goes on with a run where its journal ends: what is unknown is settled
// by a look, what is pending is written, what failed because no answer came is
// tried again. It gives the run and its plan. A run with none of it is left as it
// is.
func Resume(ctx context.Context, t Target, id string, o ApplyOptions) (*journal.Run, *plan.Plan, error) {
	run, err := journal.Read(o.Runs, id, o.Identity)
	if err != nil {
		return nil, nil, err
	}
	p, err := run.Plan(o.Runs)
	if err != nil {
		return nil, nil, err
	}
	if run.State == journal.RolledBack {
		return nil, nil, &RefusedError{"run " + run.RunID + " was rolled back", "apply its file again, if that is what you want"}
	}
	if ended := run.State == journal.Finished || run.State == journal.Incomplete; ended && run.Resumable() == 0 {
		o.remember(ctx, run, run, p)
		return run, p, nil
	}
	j, past, err := journal.Open(o.Runs, run.RunID, o.Identity)
	if err != nil {
		return nil, nil, err
	}
	if err := o.fits(ctx, t, p); err != nil {
		return nil, nil, errors.Join(err, j.Abandon())
	}
	if err := j.Resume(o.ToolVersion); err != nil {
		return nil, nil, errors.Join(err, j.Abandon())
	}
	if o.Started != nil {
		o.Started(run.RunID, past.Resumable())
	}
	o.Apply.Past = past
	run, err = o.write(ctx, t, p, j)
	return run, p, err
}

// write makes the plan true from where the journal is, and closes the journal.
func (o ApplyOptions) write(ctx context.Context, t Target, p *plan.Plan, j *journal.Journal) (*journal.Run, error) {
	counts, err := apply.Run(ctx, p, t, j, o.Apply)
	switch {
	case err != nil:
		// Without an end the journal says by itself that the run was cut off.
		err = errors.Join(err, j.Abandon())
	case counts.Open() > 0:
		err = j.End(journal.Incomplete, counts)
	default:
		err = j.End(journal.Finished, counts)
	}
	run, readErr := j.Read()
	if readErr == nil {
		o.remember(ctx, run, o.Apply.Past, p)
	}
	if err == nil && readErr == nil {
		err = listFailures(j, run, p)
	}
	return run, errors.Join(err, readErr)
}

// listFailures keeps what the run left open beside its journal, to be mended
// and fed back.
func listFailures(j *journal.Journal, run *journal.Run, p *plan.Plan) error {
	if run.Counts.Open() == 0 {
		return j.RemoveFailures()
	}
	return j.WriteFailures(func(w io.Writer) error { return report.Failures(w, run, p) })
}

// fits refuses a plan that is not for this tenant or this day, or that passes its
// own limits.
func (o ApplyOptions) fits(ctx context.Context, t Target, p *plan.Plan) error {
	if o.Now.After(p.ValidUntil) {
		return &RefusedError{
			fmt.Sprintf("the plan was valid until %s", p.ValidUntil.Format(time.RFC3339)),
			"plan again: people may have registered since",
		}
	}
	if err := errors.Join(Refuse(p, p.Policy.Limits), RefuseNever(p, o.Never)); err != nil {
		return err
	}
	organization, err := survey.Organization(ctx, t, o.Apply.MaxWait)
	if err != nil {
		return err
	}
	if organization.ID != p.Tenant.ID {
		return &RefusedError{
			fmt.Sprintf("the plan is for tenant %s, this sign-in is for %s", p.Tenant.ID, organization.ID),
			"sign in to the plan's tenant, or plan again for this one",
		}
	}
	return nil
}

// runID names a run by its time, so that names sort as runs happened, and by
// chance, so that two of one moment differ.
func runID(runs string, now time.Time) (string, error) {
	stamp, err := journal.Stamp(runs, now)
	var random [2]byte
	_, _ = rand.Read(random[:])
	return stamp + "-" + hex.EncodeToString(random[:]), err
}
