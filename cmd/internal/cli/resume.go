package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"authseed/importer"
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/sealed"
)

func (a *app) resumeCommand() *cobra.Command {
	var (
		tenant tenantFlags
		look   lookFlags
		writes writeFlags
		never  neverFlags
		tell   telemetryFlags
	)
	cmd := &cobra.Command{
		Use:   "resume RUN",
		Short: "Go on with a run that was cut off",
		Long: `Resume goes on with a run where its journal ends: a write that may or may not
have happened is settled by looking at the person, what was not tried yet is
written, what failed because the service gave no answer is tried again. It asks
nothing, for the plan was shown when the run began. A run that has nothing of this
left is shown and stays as it is. last is the newest run.`,
		Example: "  authseed resume last --auth certificate",
		Args:    exactly(1, "RUN"),
		RunE: a.watched(&tell, func(cmd *cobra.Command, args []string) (err error) {
			if err := errors.Join(writes.check(), never.read()); err != nil {
				return err
			}
			s, err := a.begin(tenant, look)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.close()) }()
			o, done, err := s.applyOptions(writes)
			if err != nil {
				return err
			}
			o.Never = never.never
			end := a.watch.phase("apply")
			run, p, err := importer.Resume(cmd.Context(), s.client, args[0], o)
			done()
			end()
			a.watch.planned(p)
			return s.ended(run, p, err)
		}),
	}
	tell.add(cmd.Flags())
	tenant.add(cmd.Flags())
	look.add(cmd.Flags())
	writes.add(cmd.Flags())
	never.add(cmd.Flags())
	return cmd
}

func (a *app) rollbackCommand() *cobra.Command {
	var (
		tenant  tenantFlags
		look    lookFlags
		writes  writeFlags
		limits  limitFlags
		never   neverFlags
		encrypt encryptFlags
		save    string
		by      string
		tell    telemetryFlags
	)
	cmd := &cobra.Command{
		Use:   "rollback RUN",
		Short: "Undo a run, as a plan of its own",
		Long: `Rollback plans the way back from a run: whatever it wrote is to be what it was
before. The plan is shown, asked about and applied like any other, as a run of its
own with its own journal; -o saves it instead, to be reviewed and applied later.
It leaves alone, and names, whoever has changed since, and what the run found done
already. last is the newest run.`,
		Example: "  authseed rollback last --auth certificate\n  authseed rollback last -o back.json",
		Args:    exactly(1, "RUN"),
		RunE: a.watched(&tell, func(cmd *cobra.Command, args []string) (err error) {
			asks := false
			if save == "" {
				asks, err = a.asks(writes, "add --yes, or rollback -o plan.json, review it and apply plan.json")
			}
			if err := errors.Join(err, writes.check(), checkRequester(by), encrypt.check(), never.read()); err != nil {
				return err
			}
			s, err := a.begin(tenant, look)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.close()) }()
			p, those, err := s.planBack(cmd, args[0], limits.limits, never.never, by)
			if err != nil {
				return err
			}
			if writes.encryptTo, err = encrypt.recipients(false, those...); err != nil {
				return err
			}
			refused := importer.Refuse(p, p.Policy.Limits)
			switch {
			case save != "" && refused != nil:
				return errors.Join(s.view(s.look).Plan(p), refused)
			case save != "":
				return errors.Join(s.savePlan(save, p, writes.encryptTo), s.view(s.look).Plan(p))
			}
			if err := s.confirm(cmd.Context(), p, asks); err != nil {
				return err
			}
			return s.apply(cmd.Context(), writes, p)
		}),
	}
	tell.add(cmd.Flags())
	tenant.add(cmd.Flags())
	look.add(cmd.Flags())
	writes.add(cmd.Flags())
	writes.addYes(cmd.Flags())
	limits.add(cmd.Flags())
	never.add(cmd.Flags())
	encrypt.add(cmd.Flags())
	saveFlag(cmd.Flags(), &save)
	requesterFlag(cmd.Flags(), &by)
	return cmd
}

// planBack plans the way back from a run, and tells whom the run is sealed to.
func (s *session) planBack(cmd *cobra.Command, run string, l plan.Limits, never plan.Never, requester string) (*plan.Plan, []sealed.Recipient, error) {
	runs, err := s.runs()
	if err != nil {
		return nil, nil, err
	}
	id, err := s.identity()
	if err != nil {
		return nil, nil, err
	}
	o, done := s.planOptions()
	defer done()
	o.Limits, o.Never, o.Requester, o.Identity = l, never, requester, id
	end := s.watch.phase("plan")
	p, err := importer.Rollback(cmd.Context(), s.client, runs, run, o)
	if err != nil {
		return nil, nil, err
	}
	end()
	s.watch.planned(p)
	s.tellPlan(p)
	to, err := journal.Recipients(runs, run, id)
	return p, to, err
}
