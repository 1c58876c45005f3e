package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"authseed/importer"
	"authseed/importer/graph"
	"authseed/importer/pace"
	"authseed/importer/plan"
	"authseed/importer/survey"
)

// planLife is how long a plan may be applied: long enough for a review, short
// enough that few people have registered since.
const planLife = 72 * time.Hour

func (a *app) planCommand() *cobra.Command {
	var (
		flags    planFlags
		save     string
		detailed bool
	)
	cmd := &cobra.Command{
		Use:   "plan FILE",
		Short: "Show what would change in the tenant",
		Long: `Plan reads the file, finds its people in the tenant, reads what they have
registered and shows what would change. It writes nothing.`,
		Example: `  authseed plan --sandbox samples/contoso/workers.csv
  authseed plan -o plan.json --auth certificate --mapping mapping.yaml hr.csv`,
		Args: exactly(1, "FILE"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			s, err := a.begin(flags)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.close()) }()
			file, closeFile, err := flags.open(a, args[0])
			if err != nil {
				return err
			}
			defer closeFile()
			p, err := s.plan(cmd.Context(), file)
			if err != nil {
				return err
			}
			if save != "" {
				if err := replaceFile(save, func(w io.Writer) error { return plan.Encode(w, p) }); err != nil {
					return err
				}
			}
			if err := a.view(flags.reveal, flags.all).Plan(p); err != nil {
				return err
			}
			switch {
			case flags.strict && p.Summary.Rows.Unusable() > 0:
				return outcome{exitIncomplete}
			case detailed && p.Summary.Pending() > 0:
				return outcome{exitPending}
			}
			return nil
		},
	}
	flags.add(cmd.Flags())
	cmd.Flags().StringVarP(&save, "save", "o", "", "save the plan to this file, with clear values, readable by you alone")
	cmd.Flags().BoolVar(&detailed, "detailed-exitcode", false, "exit with 2 when changes are pending")
	return cmd
}

// session is a command's connection to a tenant.
type session struct {
	*app
	flags  planFlags
	client *graph.Client
	pacer  *pace.Pacer
	close  func() error
}

func (a *app) begin(flags planFlags) (*session, error) {
	if _, err := flags.hazards(); err != nil {
		return nil, err
	}
	if _, err := flags.included(); err != nil {
		return nil, err
	}
	client, close, err := a.connect(flags.tenantFlags)
	if err != nil {
		return nil, err
	}
	return &session{a, flags, client, flags.pacer(), close}, nil
}

// plan makes a plan of the file.
func (s *session) plan(ctx context.Context, file importer.File) (*plan.Plan, error) {
	allow, err := s.flags.hazards()
	if err != nil {
		return nil, err
	}
	include, err := s.flags.included()
	if err != nil {
		return nil, err
	}
	progress := s.progress()
	p, err := importer.Plan(ctx, s.client, file, importer.PlanOptions{
		ToolVersion: s.Version, Now: now(), ValidFor: planLife, Allow: allow, Include: include,
		Survey:  survey.Options{Pacer: s.pacer, Concurrency: s.flags.concurrency, Progress: progress.reading},
		Notices: importer.Notices{Unused: s.sayUnused, Chosen: s.sayChosen},
	})
	progress.done()
	if err == nil {
		s.sayEmpty(p.Source)
	}
	return p, err
}
