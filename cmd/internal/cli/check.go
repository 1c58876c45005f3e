package cli

import (
	"github.com/spf13/cobra"

	"authseed/importer"
	"authseed/importer/report"
)

func (a *app) checkCommand() *cobra.Command {
	var (
		source sourceFlags
		all    bool
	)
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Map and validate every row, offline",
		Long: `Check runs the mapping's examples, then maps and validates every row of the file
without a tenant. It exits with 0 only when every row is usable, else with 3.`,
		Args: exactly(1, "FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, closeFile, err := source.open(a, args[0])
			if err != nil {
				return err
			}
			defer closeFile()
			in, err := importer.Check(cmd.Context(), file, importer.Notices{Unused: a.sayUnused, Chosen: a.sayChosen})
			if err != nil {
				return err
			}
			a.sayEmpty(in.Source)
			if err := a.paged(lookFlags{all: all}, func(view report.Handler) error { return view.Intake(in) }); err != nil {
				return err
			}
			if in.Rows.Unusable() > 0 {
				return outcome{exitIncomplete}
			}
			return nil
		},
	}
	source.add(cmd.Flags())
	cmd.Flags().BoolVar(&all, "all", false, "list everything: what was left out, and long lists to their end")
	return cmd
}
