package cli

import (
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"authseed/importer/journal"
	"authseed/importer/report"
)

func (a *app) showCommand() *cobra.Command {
	var look lookFlags
	cmd := &cobra.Command{
		Use:     "show PLAN|RUN",
		Short:   "Show a saved plan, or what a run did",
		Long:    "Show a saved plan, or a run by its id; last is the newest run.",
		Example: "  authseed show plan.json\n  authseed show last",
		Args:    exactly(1, "PLAN or RUN"),
		RunE: func(_ *cobra.Command, args []string) error {
			_, err := os.Stat(args[0])
			if err == nil {
				p, err := a.readPlan(args[0])
				if err != nil {
					return err
				}
				return a.paged(look, func(view report.Handler) error { return view.Plan(p) })
			}
			if !errors.Is(err, fs.ErrNotExist) {
				return fileError("plan", err)
			}
			runs, err := a.runs()
			if err != nil {
				return err
			}
			id, err := a.identity()
			if err != nil {
				return err
			}
			run, err := journal.Read(runs, args[0], id)
			if errors.Is(err, journal.ErrNoRun) {
				return &hinted{errors.New("there is neither a plan file nor a run " + args[0]), "authseed runs lists the runs"}
			}
			if err != nil {
				return err
			}
			p, err := run.Plan(runs)
			if err != nil {
				return err
			}
			return a.paged(look, func(view report.Handler) error { return view.Run(run, p) })
		},
	}
	look.add(cmd.Flags())
	return cmd
}

func (a *app) runsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "runs", Short: "List the runs, newest first",
		Long: `List the runs, newest first. A run that is encrypted and that AUTHSEED_IDENTITY does
not open is listed as encrypted, with what can be known of it, and leaves the exit
status at 0. Journal and plan of a run that is over are packed (gzip).`,
		Args: exactly(0, "argument"),
		RunE: func(*cobra.Command, []string) error {
			dir, err := a.runs()
			if err != nil {
				return err
			}
			id, err := a.identity()
			if err != nil {
				return err
			}
			runs, err := journal.List(dir, id)
			a.sayEncrypted(runs)
			return errors.Join(a.paged(lookFlags{}, func(view report.Handler) error { return view.Runs(runs) }), err)
		},
	}
	cmd.AddCommand(a.pruneCommand())
	return cmd
}
