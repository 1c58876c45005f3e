package cli

import (
	"context"
	"errors"
	"log/slog"
	"slices"

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
	if s.Error == "" && len(n.Refusals) > 0 {
		s.Error, s.Hint = n.Refusals[0].What, n.Refusals[0].Hint
	}
	if j.watch.requests != nil {
		s.Requests = j.watch.requests()
	}
	return &s
}

// publishAll tells what the nights came to: one file of metrics for all of them,
// a trace and a message for each.
func (a *app) publishAll(ctx context.Context, f *telemetryFlags, nights []*telemetry.Summary) {
	told, cancel := tellingTime(ctx)
	defer cancel()
	var errs []error
	if f.metricsFile != "" {
		errs = append(errs, telemetry.SaveMetrics(f.metricsFile, nights...))
	}
	for _, s := range nights {
		errs = append(errs, telemetry.Export(told, s))
		if f.webhook != nil && slices.Contains(f.on, string(s.Event())) {
			errs = append(errs, f.webhook.Notify(told, s))
		}
	}
	if err := errors.Join(errs...); err != nil {
		a.sayAt(slog.LevelWarn, "warning: %v", err)
	}
}
