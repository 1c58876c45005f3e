package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"authseed/importer/journal"
	"authseed/importer/pace"
	"authseed/importer/plan"
	"authseed/importer/telemetry"
)

// telemetryFlags say who is told of a run, beside the one who started it.
type telemetryFlags struct {
	job         string
	metricsFile string
	notify      string
	notifyFile  string
	format      string
	on          []string

	onGiven, formatGiven bool               // on and format were said, of sync
	webhook              *telemetry.Webhook // nil for none
}

func (f *telemetryFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.job, "job", "", "what monitoring calls this job")
	f.addPlaces(flags)
}

// addPlaces adds all but the job's name, for who has one for each job.
func (f *telemetryFlags) addPlaces(flags *pflag.FlagSet) {
	flags.StringVar(&f.metricsFile, "metrics-file", "", "write what the run came to into this file, for node_exporter's textfile collector, which reads *.prom")
	flags.StringVar(&f.notify, "notify", "", "post what the run came to to this address; one that is a secret in AUTHSEED_NOTIFY_URL or a file instead")
	flags.StringVar(&f.notifyFile, "notify-file", "", "the file that holds the address to post to")
	flags.StringVar(&f.format, "notify-format", string(telemetry.JSON), "json, or teams for a card")
	flags.StringSliceVar(&f.on, "notify-on", []string{string(telemetry.Refusal), string(telemetry.Failure)}, "what to post: refusal, failure, success")
}

// read finds the address, and checks the flags.
func (f *telemetryFlags) read(getenv func(string) string) error {
	for _, on := range f.on {
		if !slices.Contains([]telemetry.Event{telemetry.Refusal, telemetry.Failure, telemetry.Success}, telemetry.Event(on)) {
			return &usageError{fmt.Errorf("--notify-on: there is nothing called %q", on), "--notify-on refusal,failure,success"}
		}
	}
	if format := telemetry.Format(f.format); format != telemetry.JSON && format != telemetry.Teams {
		return &usageError{fmt.Errorf("--notify-format: there is no format %q", f.format), "--notify-format json or teams"}
	}
	address := f.notify
	switch {
	case address != "" && f.notifyFile != "":
		return &usageError{errors.New("--notify and --notify-file are two addresses"), "give one of them"}
	case address != "":
		// A command line is seen by everybody on the machine.
		if strings.ContainsAny(address, "?@#") && address != getenv(variable("notify")) {
			return &usageError{errors.New("--notify has a secret in it"), "put it into AUTHSEED_NOTIFY_URL, or into a file and name that with --notify-file"}
		}
	case f.notifyFile != "":
		text, err := os.ReadFile(f.notifyFile)
		if err != nil {
			return &usageError{fmt.Errorf("--notify-file: %w", err), ""}
		}
		address = string(text)
	default:
		address = getenv("AUTHSEED_NOTIFY_URL")
	}
	if address == "" {
		return nil
	}
	var err error
	if f.webhook, err = telemetry.NewWebhook(address, telemetry.Format(f.format)); err != nil {
		return &usageError{err, "name the whole address, in --notify, AUTHSEED_NOTIFY_URL or the file of --notify-file"}
	}
	return nil
}

// watch collects what a run comes to. A nil one collects nothing.
type watch struct {
	telemetry.Summary
	requests func() int
	until    time.Time // of the wait that is under way
}

// watched runs a command and tells whoever is to be told what it came to, with
// the exit status that it will have. What goes wrong in telling is said, and the
// exit status stays.
func (a *app) watched(f *telemetryFlags, run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if err := f.read(a.Getenv); err != nil {
			return err
		}
		a.watch = &watch{Summary: telemetry.Summary{
			Version: a.Version, Command: cmd.Name(), Job: f.job, TenantID: a.Getenv("AZURE_TENANT_ID"), Started: a.begun,
		}}
		err := run(cmd, args)
		a.publish(cmd.Context(), f, a.watch.end(cmd.Context(), err))
		return err
	}
}

// end closes the summary.
func (w *watch) end(ctx context.Context, err error) *telemetry.Summary {
	status := exitStatus(ctx, err)
	w.Ended, w.ExitStatus, w.Outcome = now(), int(status), outcomeOf(status)
	var done outcome
	if err != nil && !errors.As(err, &done) {
		w.Error, w.Hint = plain(err), hintFor(err)
	}
	if w.requests != nil {
		w.Requests = w.requests()
	}
	return &w.Summary
}

func outcomeOf(s status) telemetry.Outcome {
	switch s {
	case exitOK:
		return telemetry.Done
	case exitPending:
		return telemetry.Pending
	case exitIncomplete:
		return telemetry.Incomplete
	case exitRefused:
		return telemetry.Refused
	case exitSignIn:
		return telemetry.NotSignedIn
	case exitInterrupted:
		return telemetry.Interrupted
	}
	return telemetry.Failed
}

// afterInterrupt is the time for telling once somebody wants the process gone:
// schedulers give it about 10 seconds in all.
const afterInterrupt = 2 * time.Second

// longestTelling is the time for telling where nobody is in a hurry, of however
// many runs: a webhook that hangs takes half of it.
const longestTelling = time.Minute

// publish tells what a run came to. It is for every use case that has a summary,
// and takes no part in the exit status.
func (a *app) publish(ctx context.Context, f *telemetryFlags, s *telemetry.Summary) {
	a.publishAll(ctx, f, []*telemetry.Summary{s})
}

// tellingTime is the time there is for telling. An interrupt leaves little of it,
// even one that comes meanwhile.
func tellingTime(ctx context.Context) (context.Context, context.CancelFunc) {
	told, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestTelling)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(afterInterrupt, cancel) })
	return told, func() { stop(); cancel() }
}

// phase begins a part of the run; the function ends it.
func (w *watch) phase(name string) (end func()) {
	if w == nil {
		return func() {}
	}
	w.Phases = append(w.Phases, telemetry.Phase{Name: name, Started: now()})
	at := len(w.Phases) - 1
	return func() { w.Phases[at].Ended = now() }
}

func (w *watch) connected(requests func() int) {
	if w != nil {
		w.requests = requests
	}
}

// planned takes in a plan.
func (w *watch) planned(p *plan.Plan) {
	if w == nil || p == nil {
		return
	}
	sum := p.Summary
	w.PlanID, w.TenantID, w.Tenant = p.ID, p.Tenant.ID, p.Tenant.Name
	w.Changes = telemetry.Changes{Planned: sum.Pending(), Pending: sum.Pending()}
	w.Created, w.Updated, w.Deleted, w.HeldBack, w.Rows = sum.Creates, sum.Updates, sum.Deletes, sum.HeldBack, sum.Rows.Read
	w.Skipped = map[string]int{}
	for reason, n := range sum.Skipped {
		w.Skipped[string(reason)] = n
	}
}

// ran takes in a run.
func (w *watch) ran(run *journal.Run) {
	if w == nil || run == nil {
		return
	}
	w.RunID = run.RunID
	w.Changes = telemetry.Changes(run.Counts)
}

// paced takes in how the service is doing. A wait counts once, however often it
// is told of.
func (w *watch) paced(t time.Time, r pace.Report) {
	if w == nil {
		return
	}
	w.Throttled = r.Throttled
	if !r.Told || !r.Until.After(t) {
		return
	}
	if r.Until.Equal(w.until) {
		return
	}
	from := t
	if w.until.After(t) {
		from = w.until // the wait was made longer
	} else {
		w.Waits++
	}
	w.Waited += r.Until.Sub(from)
	w.until = r.Until
}

// tellPlan says what a plan holds, where a program reads.
func (a *app) tellPlan(p *plan.Plan) {
	s := p.Summary
	a.event(slog.LevelInfo, "plan made", "plan_id", p.ID, "tenant_id", p.Tenant.ID, "rows", s.Rows.Read, "people", s.People,
		"creates", s.Creates, "updates", s.Updates, "deletes", s.Deletes, "held_back", s.HeldBack, "skipped", skipped(s))
}

func skipped(s plan.Summary) (n int) {
	for _, count := range s.Skipped {
		n += count
	}
	return n
}

// tellRun says what a run came to, where a program reads.
func (a *app) tellRun(run *journal.Run) {
	if run == nil {
		return
	}
	c := run.Counts
	level := slog.LevelInfo
	if c.Open() > 0 {
		level = slog.LevelWarn
	}
	a.event(level, "run ended", "run_id", run.RunID, "plan_id", run.PlanID, "tenant_id", run.Tenant.ID, "state", string(run.State),
		"planned", c.Planned, "done", c.Done, "failed", c.Failed, "stale", c.Stale, "unknown", c.Unknown, "pending", c.Pending)
}
