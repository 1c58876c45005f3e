package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"authseed/importer"
	"authseed/importer/apply"
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/report"
	"authseed/importer/sealed"
)

func (a *app) applyCommand() *cobra.Command {
	var (
		flags  planFlags
		writes writeFlags
		same   sameFlags
		tell   telemetryFlags
	)
	cmd := &cobra.Command{
		Use:   "apply [PLAN|FILE]",
		Short: "Make a saved plan true, or plan a file, show it, ask and apply",
		Long: `Apply makes a saved plan true without asking: it was shown when it was made.
Given a file instead, or --from directory, it plans, shows the plan, asks and
applies. Every run keeps
a journal; authseed runs lists them.`,
		Example: `  authseed apply plan.json --auth certificate
  authseed apply --sandbox --yes samples/contoso/workers.csv`,
		Args: atMostOne("PLAN or FILE"),
		RunE: a.watched(&tell, func(cmd *cobra.Command, args []string) error {
			if err := errors.Join(flags.originFlags.check(cmd, args, "PLAN or FILE"), writes.approval.check()); err != nil {
				return err
			}
			if flags.directory() {
				return a.applyDirectory(cmd.Context(), flags, writes, same)
			}
			content, closeFile, err := a.openSource(args[0])
			if err != nil {
				return err
			}
			defer closeFile()
			to, err := flags.recipients(wasSealed(content))
			if err != nil {
				return err
			}
			writes.encryptTo = to
			start := bufio.NewReader(content)
			if isPlan(start) {
				for _, name := range slices.Concat([]string{"preset", "allow", "include", "strict"}, scopeNames) {
					if cmd.Flags().Changed(name) {
						return &usageError{fmt.Errorf("--%s has no say in a saved plan", name), "it is applied as it was made; plan again to change it"}
					}
				}
				return a.applyPlan(cmd.Context(), flags, writes, same, args[0], start)
			}
			if err := needsPlan(writes, same, args[0]); err != nil {
				return err
			}
			file, err := flags.file(args[0], start)
			if err != nil {
				return err
			}
			return a.applyFile(cmd.Context(), flags, writes, file)
		}),
	}
	flags.add(cmd.Flags())
	tell.add(cmd.Flags())
	same.add(cmd.Flags())
	writes.add(cmd.Flags())
	writes.addYes(cmd.Flags())
	writes.approval.add(cmd.Flags())
	return cmd
}

// needsPlan refuses what goes with a saved plan, where source is none.
func needsPlan(writes writeFlags, same sameFlags, source string) error {
	switch {
	case same.source != "":
		return &usageError{errors.New("--source goes with a saved plan, and " + source + " is none"), "leave it out"}
	case writes.approval.by != "":
		return &usageError{errors.New("--approved-by wants a saved plan, and this is none"), "plan -o plan.json --requester NAME, have it approved, and apply plan.json"}
	}
	return nil
}

// applyDirectory plans from the directory, shows the plan, asks and applies.
func (a *app) applyDirectory(ctx context.Context, flags planFlags, writes writeFlags, same sameFlags) error {
	if err := needsPlan(writes, same, "the directory"); err != nil {
		return err
	}
	to, err := flags.recipients(false)
	if err != nil {
		return err
	}
	writes.encryptTo = to
	file, err := flags.ofDirectory()
	if err != nil {
		return err
	}
	return a.applyFile(ctx, flags, writes, file)
}

// writeFlags say how a plan is made true.
type writeFlags struct {
	yes       bool
	verify    string
	approval  approvalFlags     // of apply
	approved  map[string][]byte // the signatures that approve the plan
	encryptTo []sealed.Recipient
}

func (f *writeFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.verify, "verify", string(apply.VerifyUncertain), "look once more at all writes, at the uncertain ones (those whose answer does not carry what is stored), or at none that was answered with yes")
}

func (f *writeFlags) addYes(flags *pflag.FlagSet) {
	flags.BoolVarP(&f.yes, "yes", "y", false, "apply without asking")
}

func (f *writeFlags) check() error {
	if !slices.Contains(apply.Verifies(), apply.Verify(f.verify)) {
		return &usageError{fmt.Errorf("--verify: there is no way to verify called %q", f.verify), "--verify all, uncertain or none"}
	}
	return nil
}

// asks tells whether somebody is there to say yes, where nobody has said it.
func (a *app) asks(f writeFlags, hint string) (bool, error) {
	asks := !f.yes && !a.noInput && a.log == nil && terminal(a.Stdin) && terminal(a.Stderr)
	if !f.yes && !asks {
		return false, &usageError{errors.New("nobody can be asked here, and --yes was not given"), hint}
	}
	return asks, nil
}

func (a *app) applyPlan(ctx context.Context, flags planFlags, writes writeFlags, same sameFlags, name string, content io.Reader) (err error) {
	if err := writes.check(); err != nil {
		return err
	}
	var p *plan.Plan
	if writes.approval.by != "" {
		p, err = a.approvedPlan(&writes, name)
	} else {
		p, err = decodePlan(name, content)
	}
	if err != nil {
		return err
	}
	a.watch.planned(p)
	if err := flags.neverFlags.read(); err != nil {
		return err
	}
	if err := errors.Join(same.check(p, flags.mapping), importer.Refuse(p, flags.limits), importer.RefuseNever(p, flags.never)); err != nil {
		return err
	}
	s, err := a.begin(flags.tenantFlags, flags.lookFlags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return s.apply(ctx, writes, p)
}

func (a *app) applyFile(ctx context.Context, flags planFlags, writes writeFlags, file importer.File) (err error) {
	asks, err := a.asks(writes, "add --yes, or plan -o plan.json, review it and apply plan.json")
	if err := errors.Join(err, writes.check(), flags.check()); err != nil {
		return err
	}
	s, err := a.begin(flags.tenantFlags, flags.lookFlags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	p, err := s.plan(ctx, flags, file, "")
	if err != nil {
		return err
	}
	if err := s.confirm(ctx, p, asks); err != nil {
		return err
	}
	if err := s.apply(ctx, writes, p); err != nil {
		return err
	}
	if flags.strict && p.Summary.Rows.Unusable() > 0 {
		return outcome{exitIncomplete}
	}
	return nil
}

// confirm shows the plan and asks, where somebody is to be asked.
func (s *session) confirm(ctx context.Context, p *plan.Plan, asks bool) error {
	if err := errors.Join(s.showBefore(p), importer.Refuse(p, p.Policy.Limits)); err != nil {
		return err
	}
	if asks && p.Summary.Pending() > 0 {
		return s.ask(ctx, p)
	}
	return nil
}

// showBefore shows the plan that is about to be applied. Where the result is a
// document, the plan is talk.
func (s *session) showBefore(p *plan.Plan) error {
	if s.output == "text" {
		return s.view(s.look).Plan(p)
	}
	if s.log != nil {
		return nil // it was told as an event
	}
	return report.Text(s.Stderr, report.TextOptions{Clear: s.look.reveal, All: s.look.all}).Plan(p)
}

func (s *session) ask(ctx context.Context, p *plan.Plan) error {
	return s.whole(ctx, fmt.Sprintf("\nApply %d changes to %s? Only yes is taken as yes: ", p.Summary.Pending(), p.Tenant.Name), "not applied")
}

// whole asks, and without a whole yes says what was not done.
func (a *app) whole(ctx context.Context, question, not string) error {
	fmt.Fprint(a.Stderr, question)
	answers := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(a.Stdin).ReadString('\n')
		answers <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case answer := <-answers:
		if answer == "yes" {
			return nil
		}
		return errors.New(not + ": the answer was not yes")
	}
}

// apply makes the plan true and shows the run.
func (s *session) apply(ctx context.Context, writes writeFlags, p *plan.Plan) error {
	o, done, err := s.applyOptions(writes)
	if err != nil {
		return err
	}
	s.watch.planned(p)
	end := s.watch.phase("apply")
	run, err := importer.Apply(ctx, s.client, p, o)
	done()
	end()
	return s.ended(run, p, err)
}

// applyOptions are what every run is made with; done takes the progress away.
func (s *session) applyOptions(writes writeFlags) (o importer.ApplyOptions, done func(), err error) {
	runs, err := s.runs()
	if err != nil {
		return o, nil, err
	}
	id, err := s.identity()
	if err != nil {
		return o, nil, err
	}
	place, err := s.ledgerPlace()
	if err != nil {
		return o, nil, err
	}
	progress := s.progress()
	return importer.ApplyOptions{
		Ledger: place, Unrecorded: s.sayUnrecorded,
		Runs: runs, ToolVersion: s.Version, Now: now(), Approvals: writes.approved, EncryptTo: writes.encryptTo, Identity: id,
		Apply: apply.Options{
			Pacer: s.pacer, Concurrency: s.tenant.concurrency, MaxWait: s.tenant.maxWait(),
			Verify: apply.Verify(writes.verify), Progress: progress.writing,
		},
		Started: func(id string, open int) {
			s.event(slog.LevelInfo, "run started", "run_id", id, "changes", open)
			if !s.quiet && s.log == nil {
				s.say("run %s: %d changes", id, open)
			}
		},
	}, progress.done, nil
}

// ended shows what became of a run and says how to go on with it.
func (s *session) ended(run *journal.Run, p *plan.Plan, err error) error {
	s.watch.ran(run)
	s.tellRun(run)
	if run == nil && err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			return &hinted{err, "--state-dir says where journals are kept"}
		}
		return err
	}
	if viewErr := s.view(s.look).Run(run, p); viewErr != nil {
		err = errors.Join(err, viewErr)
	}
	s.compressEnded(run)
	switch {
	case err != nil && run.State == journal.Interrupted:
		return &hinted{err, s.goOn(run, err)}
	case err != nil:
		return err
	case run != nil && run.Counts.Open() > 0:
		s.sayOpen(run)
		return outcome{exitIncomplete}
	}
	return nil
}

// goOn is how a run that was cut off is taken up again.
func (s *session) goOn(run *journal.Run, err error) string {
	resume := "authseed resume " + run.RunID
	var path *fs.PathError
	switch {
	case errors.Is(err, context.Canceled):
		return "what was in flight is finished and journalled; " + resume + " goes on"
	case errors.As(err, &path):
		return "nothing left after the journal failed; mend what it says, then " + resume
	}
	if hint := hintFor(err); hint != "" {
		return hint + "; then " + resume
	}
	return resume + " goes on from there"
}

// sayOpen tells where the list of what is open is, and what can be done about it.
func (s *session) sayOpen(run *journal.Run) {
	if runs, err := s.runs(); err == nil {
		s.say("what is open is in %s: mend it and plan it again", journal.FailuresPath(runs, run.RunID))
	}
	if n := run.Resumable(); n > 0 {
		s.say("authseed resume %s tries the %d of them again that nobody has said no to", run.RunID, n)
	}
}
