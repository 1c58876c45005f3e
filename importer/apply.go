package importer

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"authseed/importer/apply"
	"authseed/importer/journal"
	"authseed/importer/plan"
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
	Started     func(run string) // told the id before the first write; may be nil
}

// Apply makes the plan true and gives the run as its journal tells it. A plan
// with nothing pending makes no run. The run is returned with the error where
// one was begun: it tells what was done before.
func Apply(ctx context.Context, t Target, p *plan.Plan, o ApplyOptions) (*journal.Run, error) {
	if err := fits(ctx, t, p, o.Now); err != nil {
		return nil, err
	}
	if p.Summary.Pending() == 0 {
		return nil, nil
	}
	id := runID(o.Now)
	j, err := journal.Create(o.Runs, id, o.ToolVersion, p)
	if err != nil {
		return nil, err
	}
	if o.Started != nil {
		o.Started(id)
	}
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
	run, readErr := journal.Read(o.Runs, id)
	return run, errors.Join(err, readErr)
}

// fits refuses a plan that is not for this tenant or this day.
func fits(ctx context.Context, t Target, p *plan.Plan, now time.Time) error {
	if now.After(p.ValidUntil) {
		return &RefusedError{
			fmt.Sprintf("the plan was valid until %s", p.ValidUntil.Format(time.RFC3339)),
			"plan again: people may have registered since",
		}
	}
	id, _, err := survey.Organization(ctx, t)
	if err != nil {
		return err
	}
	if id != p.Tenant.ID {
		return &RefusedError{
			fmt.Sprintf("the plan is for tenant %s, this sign-in is for %s", p.Tenant.ID, id),
			"sign in to the plan's tenant, or plan again for this one",
		}
	}
	return nil
}

// runID names a run by its time, so that names sort as runs happened, and by
// chance, so that two of one moment differ.
func runID(now time.Time) string {
	var random [2]byte
	_, _ = rand.Read(random[:])
	return now.UTC().Format("20060102T150405.000") + "-" + hex.EncodeToString(random[:])
}
