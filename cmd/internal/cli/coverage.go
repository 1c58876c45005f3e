package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"authseed/importer"
	"authseed/importer/graph"
	"authseed/importer/plan"
	"authseed/importer/readiness"
	"authseed/importer/report"
	"authseed/importer/survey"
)

func (a *app) coverageCommand() *cobra.Command {
	var (
		tenant    tenantFlags
		look      lookFlags
		require   int
		planFile  string
		writeback bool
	)
	cmd := &cobra.Command{
		Use:   "coverage [PLAN]",
		Short: "Count who could reset a password, and what stops the others",
		Long: `Coverage joins the tenant's registration report with its directory and counts
who is enabled for self-service password reset, who has registered what is
required, and who is capable of a reset: both, with no on-premises directory in
the way. It counts by country, department, members and guests, and says what
stops the others. With a saved plan it counts before and after.

The report is hours old and leaves disabled accounts out. How many methods a
tenant requires is not told by Graph: it is taken from those who have one, unless
--require says it. Administrators always need two. Nobody is named.

It needs User.Read.All and AuditLog.Read.All, and a licence for Microsoft Entra ID
P1 or P2.`,
		Example: `  authseed coverage --sandbox
  authseed coverage --require 2 --output html > coverage.html
  authseed coverage plan.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{fmt.Errorf("one PLAN at a time: %q is too many", args[1]), cmd.UseLine()}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o := importer.CoverageOptions{Require: require}
			switch {
			case cmd.Flags().Changed("require") && require != 1 && require != 2:
				return &usageError{fmt.Errorf("--require %d: a tenant requires 1 or 2 methods", require), "--require 1 or --require 2"}
			case len(args) > 0 && planFile != "":
				return &usageError{errors.New("PLAN and --plan are two plans"), "give one of them"}
			case len(args) > 0:
				planFile = args[0]
			}
			if cmd.Flags().Changed("writeback") {
				o.Writeback = &writeback
			}
			return a.coverage(cmd.Context(), tenant, look, o, planFile)
		},
	}
	tenant.add(cmd.Flags())
	cmd.Flags().IntVar(&require, "require", 0, "methods that are required, 1 or 2 (default: as the report suggests)")
	cmd.Flags().StringVar(&planFile, "plan", "", "a saved plan: count before and after it")
	cmd.Flags().BoolVar(&writeback, "writeback", false, "whether passwords are written back on premises, where that cannot be read")
	cmd.Flags().BoolVar(&look.all, "all", false, "list every country and department")
	return cmd
}

func (a *app) coverage(ctx context.Context, tenant tenantFlags, look lookFlags, o importer.CoverageOptions, planFile string) (err error) {
	if _, ok := a.view(look).(report.Counter); !ok {
		return noView("coverage", a.output, "text, json, csv or html")
	}
	if o.Plan, err = a.optionalPlan(planFile); err != nil {
		return err
	}
	s, err := a.begin(tenant, look)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	progress := s.progress()
	o.Survey = survey.Options{Pacer: s.pacer, Concurrency: tenant.concurrency, MaxWait: tenant.maxWait(), Progress: progress.reading}
	counted, err := importer.Coverage(ctx, s.client, o)
	progress.done()
	if err != nil {
		return coverageError(err)
	}
	return a.paged(look, func(view report.Handler) error { return view.(report.Counter).Coverage(counted) })
}

func (a *app) optionalPlan(name string) (*plan.Plan, error) {
	if name == "" {
		return nil, nil
	}
	return a.readPlan(name)
}

// coverageError says what coverage is made of, where that is what is missing.
func coverageError(err error) error {
	var none *importer.ReportError
	var refused *graph.Error
	switch {
	case errors.As(err, &none):
		return &hinted{errors.New("the tenant has no registration report, of which coverage is made: it takes Microsoft Entra ID P1 or P2"),
			"authseed plan FILE says who of a file has what, without a licence"}
	case errors.As(err, &refused) && refused.Status == 403:
		return &hinted{err, "coverage reads people and the registration report: grant User.Read.All and AuditLog.Read.All; " +
			"a person needs the role Reports Reader as well; authseed doctor --for " + string(readiness.Cover) + " says which is missing"}
	}
	return err
}
