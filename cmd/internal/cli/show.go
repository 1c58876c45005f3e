package cli

import (
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"authseed/importer/journal"
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
			view := a.view(look)
			_, err := os.Stat(args[0])
			if err == nil {
				file, err := openFile(args[0])
				if err != nil {
					return err
				}
				defer file.Close()
				p, err := decodePlan(args[0], file)
				if err != nil {
					return err
				}
				return view.Plan(p)
			}
			if !errors.Is(err, fs.ErrNotExist) {
				return fileError("plan", err)
			}
			runs, err := a.runs()
			if err != nil {
				return err
			}
			run, err := journal.Read(runs, args[0])
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
			return view.Run(run, p)
		},
	}
	look.add(cmd.Flags())
	return cmd
}

func (a *app) runsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "runs", Short: "List the runs, newest first", Args: exactly(0, "argument"),
		RunE: func(*cobra.Command, []string) error {
			dir, err := a.runs()
			if err != nil {
				return err
			}
			runs, err := journal.List(dir)
			return errors.Join(a.view(lookFlags{}).Runs(runs), err)
		},
	}
}
