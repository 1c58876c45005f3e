package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"authseed/importer"
	"authseed/importer/journal"
	"authseed/importer/report"
)

func (a *app) pruneCommand() *cobra.Command {
	var (
		keep string
		dry  bool
	)
	cmd := &cobra.Command{
		Use:   "prune --keep 30d",
		Short: "Remove runs and nights that are over and old",
		Long: `Prune removes runs with all that was kept of them, and the nights that sync keeps
under --state-dir. --keep says what stays: 30d, 12w or 720h is what came to its end
in that time, 100 the newest hundred runs, and nights of each job. What ended in the
last three days stays in any case, because planning asks those runs whom they wrote
to; a shorter time is refused.

However old it is, a run stays that is being written, that was cut off, that resume
would go on with, that is encrypted while AUTHSEED_IDENTITY does not open it, or
that cannot be read; so does one that says it began in the future. A run and those
that undo it stay or go together. The latest night of a job stays. Nights in the
reports.folder of a configuration are its owner's to remove.

A run that is removed can be neither shown nor rolled back. Interrupted, prune can
simply be run again. The exit status is 3 where something could not be removed.`,
		Example: "  authseed runs prune --keep 90d --dry-run\n  authseed runs prune --keep 90d",
		Args:    exactly(0, "argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := a.pruneOptions(keep, dry)
			if err != nil {
				return err
			}
			return a.prune(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&keep, "keep", "", "what stays: the runs of a time, 30d, 12w or 720h, or so many of the newest, 100")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be removed, and remove nothing")
	return cmd
}

// pruneOptions turns the flags into values. A length of time that nobody has said
// is not made up: what is removed does not come back.
func (a *app) pruneOptions(keep string, dry bool) (o importer.PruneOptions, err error) {
	const hint = "--keep 30d, 12w or 720h, three days at least, or a number of runs such as 100"
	if keep == "" {
		return o, &usageError{errors.New("--keep is missing: how much is to stay?"), hint}
	}
	if o.Keep, err = journal.ParseKeep(keep); err != nil {
		return o, &usageError{fmt.Errorf("--keep: %w", err), hint}
	}
	if a.output != "text" && a.output != "json" {
		return o, &usageError{fmt.Errorf("runs prune has no %s view", a.output), "--output text or --output json"}
	}
	if o.Runs, err = a.runs(); err != nil {
		return o, err
	}
	for _, states := range []string{syncState, syncSandboxState} {
		o.Jobs = append(o.Jobs, filepath.Join(filepath.Dir(o.Runs), states))
	}
	o.Identity, err = a.identity()
	o.Now, o.DryRun = now(), dry
	return o, err
}

func (a *app) prune(ctx context.Context, o importer.PruneOptions) error {
	p, err := importer.Prune(ctx, o)
	if n := p.Runs.Kept[journal.HoldEncrypted]; n > 0 {
		a.say("%d of the older runs are encrypted: with AUTHSEED_IDENTITY, the file with a key that opens them, they go once they have ended", n)
	}
	if a.output == "json" {
		err = errors.Join(err, report.PrunedJSON(a.Stdout, p))
	} else {
		err = errors.Join(err, report.Pruned(a.Stdout, p, report.TextOptions{Color: a.colour()}))
	}
	switch {
	case errors.Is(err, context.Canceled):
		return &hinted{err, "what is told as removed is removed; run it again for the rest"}
	case err != nil:
		return stateHint(err)
	case p.Stuck() > 0:
		a.say("hint: what cannot be read or removed can be looked at in %s, and removed by hand", filepath.Dir(o.Runs))
		return outcome{exitIncomplete}
	}
	return nil
}

// compressEnded packs the files of a run that has ended, after it was shown, and
// of the one that it undoes. What goes wrong with it is told, and the run is what
// it is.
func (a *app) compressEnded(run *journal.Run) {
	if run == nil {
		return
	}
	runs, err := a.runs()
	if err == nil {
		err = run.Compress(runs)
	}
	a.sayUncompressed(err)
	if run.State == journal.Finished {
		a.compress(run.Undoes)
	}
}

// compress does it for runs that are known by their names alone; an empty one is
// none.
func (a *app) compress(ids ...string) {
	runs, err := a.runs()
	for _, id := range ids {
		if id == "" || err != nil {
			continue
		}
		if err := journal.Compress(runs, id); !errors.Is(err, journal.ErrNoRun) {
			a.sayUncompressed(err)
		}
	}
}

func (a *app) sayUncompressed(err error) {
	if err != nil {
		a.say("note: the run is kept, and takes more room than it had to: %v", err)
	}
}
