package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"authseed/importer"
	"authseed/importer/apply"
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/report"
)

func (a *app) applyCommand() *cobra.Command {
	var (
		flags planFlags
		yes   bool
	)
	cmd := &cobra.Command{
		Use:   "apply PLAN|FILE",
		Short: "Make a saved plan true, or plan a file, show it, ask and apply",
		Long: `Apply makes a saved plan true without asking: it was shown when it was made.
Given a file instead, it plans, shows the plan, asks and applies. Every run keeps
a journal; authseed runs lists them.`,
		Example: `  authseed apply plan.json --auth certificate
  authseed apply --sandbox --yes samples/contoso/workers.csv`,
		Args: exactly(1, "PLAN or FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			content, closeFile, err := a.openSource(args[0])
			if err != nil {
				return err
			}
			defer closeFile()
			start := bufio.NewReader(content)
			if isPlan(start) {
				for _, name := range []string{"mapping", "preset", "allow", "include", "strict"} {
					if cmd.Flags().Changed(name) {
						return &usageError{fmt.Errorf("--%s has no say in a saved plan", name), "it is applied as it was made; plan again to change it"}
					}
				}
				return a.applyPlan(cmd.Context(), flags, args[0], start)
			}
			file, err := flags.file(args[0], start)
			if err != nil {
				return err
			}
			return a.applyFile(cmd.Context(), flags, file, yes)
		},
	}
	flags.add(cmd.Flags())
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "apply without asking")
	return cmd
}

func (a *app) applyPlan(ctx context.Context, flags planFlags, name string, content io.Reader) (err error) {
	p, err := decodePlan(name, content)
	if err != nil {
		return err
	}
	s, err := a.begin(flags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return s.apply(ctx, p)
}

func (a *app) applyFile(ctx context.Context, flags planFlags, file importer.File, yes bool) (err error) {
	asks := !yes && !a.noInput && terminal(a.Stdin) && terminal(a.Stderr)
	if !yes && !asks {
		return &usageError{errors.New("nobody can be asked here, and --yes was not given"), "add --yes, or plan -o plan.json, review it and apply plan.json"}
	}
	s, err := a.begin(flags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	p, err := s.plan(ctx, file)
	if err != nil {
		return err
	}
	if err := s.showBefore(p); err != nil {
		return err
	}
	if asks && p.Summary.Pending() > 0 {
		if err := s.ask(ctx, p); err != nil {
			return err
		}
	}
	if err := s.apply(ctx, p); err != nil {
		return err
	}
	if flags.strict && p.Summary.Rows.Unusable() > 0 {
		return outcome{exitIncomplete}
	}
	return nil
}

// showBefore shows the plan that is about to be applied. Where the result is a
// document, the plan is talk.
func (s *session) showBefore(p *plan.Plan) error {
	if s.output == "text" {
		return s.view(s.flags.reveal, s.flags.all).Plan(p)
	}
	return report.Text(s.Stderr, report.TextOptions{Clear: s.flags.reveal, All: s.flags.all}).Plan(p)
}

// ask takes only a whole yes.
func (s *session) ask(ctx context.Context, p *plan.Plan) error {
	fmt.Fprintf(s.Stderr, "\nApply %d changes to %s? Only yes is taken as yes: ", p.Summary.Pending(), p.Tenant.Name)
	answers := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(s.Stdin).ReadString('\n')
		answers <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case answer := <-answers:
		if answer == "yes" {
			return nil
		}
		return errors.New("not applied: the answer was not yes")
	}
}

// apply makes the plan true and shows the run.
func (s *session) apply(ctx context.Context, p *plan.Plan) error {
	runs, err := s.runs()
	if err != nil {
		return err
	}
	progress := s.progress()
	run, err := importer.Apply(ctx, s.client, p, importer.ApplyOptions{
		Runs: runs, ToolVersion: s.Version, Now: now(),
		Apply: apply.Options{Pacer: s.pacer, Concurrency: s.flags.concurrency, Progress: progress.writing},
		Started: func(id string) {
			if !s.quiet {
				s.say("run %s: %d changes", id, p.Summary.Pending())
			}
		},
	})
	progress.done()
	if run == nil && err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			return &hinted{err, "--state-dir says where journals are kept"}
		}
		return err
	}
	if viewErr := s.view(s.flags.reveal, s.flags.all).Run(run, p); viewErr != nil {
		err = errors.Join(err, viewErr)
	}
	if errors.Is(err, context.Canceled) {
		return &hinted{err, "what was in flight is finished and journalled; the same command goes on with what is still to do"}
	}
	if err != nil {
		return err
	}
	if run != nil && run.State == journal.Incomplete {
		return outcome{exitIncomplete}
	}
	return nil
}
