package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"authseed/importer"
	"authseed/importer/graph"
	"authseed/importer/pace"
	"authseed/importer/plan"
	"authseed/importer/report"
	"authseed/importer/sealed"
	"authseed/importer/survey"
)

// planLife is how long a plan may be applied: long enough for a review, short
// enough that few people have registered since.
const planLife = 72 * time.Hour

func (a *app) planCommand() *cobra.Command {
	var (
		flags    planFlags
		tell     telemetryFlags
		save     string
		by       string
		page     string
		detailed bool
	)
	cmd := &cobra.Command{
		Use:   "plan [FILE]",
		Short: "Show what would change in the tenant",
		Long: `Plan reads the file, finds its people in the tenant, reads what they have
registered and shows what would change. It writes nothing.

With --from directory there is no file: the numbers and addresses are those in the
properties mobilePhone, businessPhones and otherMails of the tenant's own users,
which reset no password any more. A mapping file may name these properties as its
columns, and department, country and usageLocation too.

--group, --filter, --limit and --user make a plan for some people first. All that
are given have to hold, the plan says so, and whoever is left out is counted as
out-of-scope.`,
		Example: `  authseed plan --sandbox samples/contoso/workers.csv
  authseed plan --from directory --sandbox=samples/directory/tenant.json
  authseed plan --from directory --group Pilot --limit 10 -o pilot.json
  authseed plan -o plan.json --html review.html --auth certificate --mapping mapping.yaml hr.csv`,
		Args: atMostOne("FILE"),
		RunE: a.watched(&tell, func(cmd *cobra.Command, args []string) (err error) {
			if err := errors.Join(flags.originFlags.check(cmd, args, "FILE"), flags.check(), checkRequester(by)); err != nil {
				return err
			}
			s, err := a.begin(flags.tenantFlags, flags.lookFlags)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.close()) }()
			file, closeFile, err := flags.source(a, args)
			if err != nil {
				return err
			}
			defer closeFile()
			to, err := flags.recipients(save != "" && wasSealed(file.Content))
			if err != nil {
				return err
			}
			p, err := s.plan(cmd.Context(), flags, file, by)
			if err != nil {
				return err
			}
			// A refused plan is shown and not saved: what is saved may be applied,
			// and a page may be approved.
			refused := importer.Refuse(p, p.Policy.Limits)
			if refused == nil {
				if err := errors.Join(s.savePlan(save, p, to), s.savePage(page, p)); err != nil {
					return err
				}
			}
			if err := errors.Join(s.paged(s.look, func(view report.Handler) error { return view.Plan(p) }), refused); err != nil {
				return err
			}
			switch {
			case flags.strict && p.Summary.Rows.Unusable() > 0:
				return outcome{exitIncomplete}
			case detailed && p.Summary.Pending() > 0:
				return outcome{exitPending}
			}
			return nil
		}),
	}
	flags.add(cmd.Flags())
	tell.add(cmd.Flags())
	saveFlag(cmd.Flags(), &save)
	requesterFlag(cmd.Flags(), &by)
	cmd.Flags().StringVar(&page, "html", "", "write a page for review to this file too, masked unless --reveal")
	cmd.Flags().BoolVar(&detailed, "detailed-exitcode", false, "exit with 2 when changes are pending")
	return cmd
}

func saveFlag(flags *pflag.FlagSet, save *string) {
	flags.StringVarP(save, "save", "o", "", "save the plan to this file, with clear values, readable by you alone; see --encrypt-to")
}

// session is a command's connection to a tenant.
type session struct {
	*app
	tenant tenantFlags
	look   lookFlags
	client *graph.Client
	pacer  *pace.Pacer
	close  func() error
}

func (a *app) begin(tenant tenantFlags, look lookFlags) (*session, error) {
	client, close, err := a.connect(tenant)
	if err != nil {
		return nil, err
	}
	return &session{a, tenant, look, client, tenant.pacer(), close}, nil
}

// plan makes a plan of the file, with flags that were checked.
func (s *session) plan(ctx context.Context, flags planFlags, file importer.File, requester string) (*plan.Plan, error) {
	place, err := s.ledgerPlace()
	if err != nil {
		return nil, err
	}
	end := s.watch.phase("plan")
	o, done := s.planOptions()
	o.Ledger = place
	o.Allow, o.AllowFor, o.Include, o.Limits, o.Requester = flags.allowed, flags.allowedFor, flags.included, flags.limits, requester
	o.Reads, o.Scope, o.Never = importer.Reads(flags.reads), flags.scope(), flags.never
	p, err := importer.Plan(ctx, s.client, file, o)
	done()
	end()
	if err == nil {
		s.watch.planned(p)
		s.tellPlan(p)
		s.sayEmpty(p.Source)
	}
	return p, err
}

// planOptions are what every plan is made with; done takes the progress away.
func (s *session) planOptions() (o importer.PlanOptions, done func()) {
	progress := s.progress()
	runs, id := s.earlier()
	return importer.PlanOptions{
		Runs: runs, Identity: id,
		ToolVersion: s.Version, Now: now(), ValidFor: planLife,
		Survey:  survey.Options{Pacer: s.pacer, Concurrency: s.tenant.concurrency, MaxWait: s.tenant.maxWait(), Progress: progress.reading},
		Notices: importer.Notices{Unused: s.sayUnused, Chosen: s.sayChosen, NoReport: s.sayNoReport, NoLedger: s.sayNoLedger, Absent: s.sayAbsent, Hidden: s.sayHidden},
	}, progress.done
}

// sayNoReport tells why everybody is read, which takes longer.
func (a *app) sayNoReport(none *survey.NoReportError) {
	a.say("note: %v; so everybody is read", none)
}

// earlier is where the runs so far are, and what opens them. Who has no place for
// runs has none; an identity that is unusable opens nothing, which is told.
func (a *app) earlier() (runs string, id sealed.Identity) {
	runs, _ = a.runs()
	id, _ = a.identity()
	return runs, id
}

// sayHidden tells why the registration report is not enough.
func (a *app) sayHidden(err error) {
	a.say("note: what earlier runs wrote cannot be read, and the registration report may be older: %v", err)
}

// savePlan keeps the plan in the file, where one is named.
func (s *session) savePlan(name string, p *plan.Plan, to []sealed.Recipient) error {
	if name == "" {
		return nil
	}
	return replaceFile(name, func(w io.Writer) error {
		return sealed.Write(w, to, func(w io.Writer) error { return plan.Encode(w, p) })
	})
}

// savePage keeps the page for review in the file, where one is named.
func (s *session) savePage(name string, p *plan.Plan) error {
	if name == "" {
		return nil
	}
	return replaceFile(name, func(w io.Writer) error { return report.HTML(w, s.words(), s.look.reveal).Plan(p) })
}
