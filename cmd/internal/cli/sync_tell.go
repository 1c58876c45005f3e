package cli

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"authseed/importer/dispatch"
	"authseed/importer/schedule"
	"authseed/importer/telemetry"
)

// summary makes of a night what monitoring and people are told.
func (j *syncJob) summary(n *schedule.Night) *telemetry.Summary {
	s := j.watch.Summary
	s.Started, s.Ended, s.ExitStatus, s.Outcome = n.StartedAt, n.EndedAt, n.ExitStatus, outcomeOf(status(n.ExitStatus))
	s.TenantID, s.PlanID, s.RunID, s.Error, s.Hint = n.Tenant, n.PlanID, n.RunID, n.Error, n.Hint
	s.Changes = telemetry.Changes(n.Counts)
	s.Created, s.Updated, s.Deleted, s.HeldBack = n.Creates, n.Updates, n.Deletes, n.HeldBack
	if n.Rows != nil {
		s.Rows = n.Rows.Read
	}
	s.Skipped = map[string]int{}
	for reason, count := range n.Skipped {
		s.Skipped[string(reason)] = count
	}
	if a := n.Approved; a != nil && a.Counts != nil {
		s.Changes.Planned += a.Counts.Planned
		s.Changes.Done += a.Counts.Done
		s.Changes.Failed += a.Counts.Failed
		s.Changes.Stale += a.Counts.Stale
		s.Changes.Unknown += a.Counts.Unknown
		s.Changes.Pending += a.Counts.Pending
		s.Created, s.Updated, s.Deleted = s.Created+a.Creates, s.Updated+a.Updates, s.Deleted+a.Deletes
	}
	if s.Error == "" && len(n.Refusals) > 0 {
		s.Error, s.Hint = n.Refusals[0].What, n.Refusals[0].Hint
	}
	if j.watch.requests != nil {
		s.Requests = j.watch.requests()
	}
	return &s
}

// publishAll tells what runs came to, as the flags say: one file of metrics for all
// of them, a trace and a message for each.
func (a *app) publishAll(ctx context.Context, f *telemetryFlags, runs []*telemetry.Summary) {
	told, cancel := tellingTime(ctx)
	defer cancel()
	// A place to tell it that hangs keeps nobody from the next one for long.
	const abreast = 4
	errs := make([]error, 2*len(runs)+1)
	if f.metricsFile != "" {
		errs[2*len(runs)] = telemetry.SaveMetrics(f.metricsFile, runs...)
	}
	dispatch.Abreast(len(runs), abreast, func(i int) {
		s := runs[i]
		errs[2*i] = telemetry.Export(told, s)
		if f.webhook != nil && slices.Contains(f.on, string(s.Event())) {
			errs[2*i+1] = f.webhook.Notify(told, s)
		}
	})
	a.sayTroubles(errs...)
}

// sayTroubles says each once, however many runs met it.
func (a *app) sayTroubles(errs ...error) {
	var said []string
	for _, err := range errs {
		if err != nil && !slices.Contains(said, err.Error()) {
			said = append(said, err.Error())
			a.sayAt(slog.LevelWarn, "warning: %v", err)
		}
	}
}

// publishNights tells what nights came to: by the flags, and where they say
// nothing, to those whom each job names. A job's own address hears of its own
// nights alone; jobs that name one file of metrics share it.
func (a *app) publishNights(ctx context.Context, f *telemetryFlags, jobs []*syncJob, nights []*telemetry.Summary) {
	a.publishAll(ctx, f, nights)
	told, cancel := tellingTime(ctx)
	defer cancel()
	files := map[string][]*telemetry.Summary{}
	var names []string
	for i, j := range jobs {
		if j.flags.sandbox != "" {
			continue // nothing happened that anybody has to know
		}
		if name := j.Notifications.MetricsFile; name != "" && f.metricsFile == "" {
			if files[name] == nil {
				names = append(names, name)
			}
			files[name] = append(files[name], nights[i])
		}
	}
	for _, name := range names {
		a.sayTroubles(telemetry.SaveMetrics(name, files[name]...))
	}
	// Side by side: an address that does not answer takes its time.
	dispatch.Abreast(len(jobs), schedule.DefaultParallel, func(i int) {
		j := jobs[i]
		if j.flags.sandbox == "" && f.webhook == nil && j.webhook != nil && slices.Contains(j.tellsOf(f), string(nights[i].Event())) {
			j.sayTroubles(j.webhook.Notify(told, nights[i]))
		}
	})
}

// tellsOf is what is posted: what the flag says where it was given, else what the
// job says.
func (j *syncJob) tellsOf(f *telemetryFlags) []string {
	if f.onGiven {
		return f.on
	}
	return j.Whole().Notifications.On
}

// readWebhook finds the job's own address. The simulator's nights are told to
// nobody, and need none.
func (j *syncJob) readWebhook() error {
	n := j.Whole().Notifications
	if n.URL == nil || j.flags.sandbox != "" || j.flags.tell.webhook != nil {
		return nil
	}
	address, err := j.secret("notifications.url", n.URL)
	if err != nil {
		return err
	}
	format := telemetry.Format(n.Format)
	if j.flags.tell.formatGiven {
		format = telemetry.Format(j.flags.tell.format)
	}
	if j.webhook, err = telemetry.NewWebhook(address, format); err != nil {
		return j.placed("notifications.url", &hinted{fmt.Errorf("notifications.url: %w", err), "what is kept there is the whole address"})
	}
	return nil
}
