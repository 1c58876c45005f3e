package importer

import (
	"context"
	"time"

	"authseed/importer/journal"
	"authseed/importer/report"
	"authseed/importer/schedule"
	"authseed/importer/sealed"
)

// PruneOptions say what is removed.
type PruneOptions struct {
	Runs     string   // folder of the runs
	Jobs     []string // folders of the jobs that keep nights
	Keep     journal.Keep
	Now      time.Time
	DryRun   bool            // only say what would be
	Identity sealed.Identity // opens what is encrypted: what nobody can read stays
}

// Prune removes the runs and the nights that are over and older than what is to be
// kept, see [journal.Prune] and [schedule.PruneNights]. What was removed is told
// with an error too: whatever ends it, it can simply be run again.
func Prune(ctx context.Context, o PruneOptions) (*report.Pruning, error) {
	p := &report.Pruning{Keep: o.Keep, Before: o.Keep.Since(o.Now), DryRun: o.DryRun, Nights: &schedule.PrunedNights{}}
	var err error
	if p.Runs, err = journal.Prune(ctx, o.Runs, o.Keep, o.Now, o.DryRun, o.Identity); err != nil {
		return p, err
	}
	for _, jobs := range o.Jobs {
		nights, err := schedule.PruneNights(ctx, jobs, p.Before, o.Keep.Newest, o.DryRun)
		p.Nights.Add(nights)
		if err != nil {
			return p, err
		}
	}
	return p, nil
}
