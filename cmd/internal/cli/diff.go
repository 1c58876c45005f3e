package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"authseed/importer"
	"authseed/importer/plan"
	"authseed/importer/report"
)

func (a *app) diffCommand() *cobra.Command {
	var (
		look     lookFlags
		detailed bool
	)
	cmd := &cobra.Command{
		Use:   "diff PLAN PLAN",
		Short: "Show what changed between two saved plans",
		Long: `Diff compares last night's plan with tonight's: what is new, what is gone, which
values differ, what is held back now or no longer is, and what is left out. A change
is the same one where its person, method and action are. It asks no tenant.`,
		Example: "  authseed diff monday.json tuesday.json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return &usageError{errors.New("diff takes two plans, the older one first"), cmd.UseLine()}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			before, err := a.readPlan(args[0])
			if err != nil {
				return err
			}
			after, err := a.readPlan(args[1])
			if err != nil {
				return err
			}
			c, err := plan.Compare(before, after)
			var tenants *plan.TenantError
			if errors.As(err, &tenants) {
				return &importer.RefusedError{What: err.Error(), Hint: "compare two plans for one tenant"}
			}
			if err != nil {
				return err
			}
			err = a.paged(look, func(view report.Handler) error {
				differ, ok := view.(report.Differ)
				if !ok {
					return &usageError{fmt.Errorf("a comparison has no view %q", a.output), "--output text or --output json"}
				}
				return differ.Diff(c)
			})
			if err == nil && detailed && c.Differs() {
				return outcome{exitPending}
			}
			return err
		},
	}
	look.add(cmd.Flags())
	cmd.Flags().BoolVar(&detailed, "detailed-exitcode", false, "exit with 2 when the plans differ")
	return cmd
}
