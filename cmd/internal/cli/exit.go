package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"authseed/importer"
	"authseed/importer/dispatch"
	"authseed/importer/graph"
	"authseed/importer/journal"
	"authseed/importer/ledger"
	"authseed/importer/plan"
	"authseed/importer/sealed"
	"authseed/importer/survey"
	"authseed/mapping"
	"authseed/mapping/preset"
	"authseed/mapping/table"
)

// status is an exit status. Monitoring relies on the numbers.
type status int

const (
	exitOK          status = 0   // done, or nothing to do
	exitFailed      status = 1   // failed, and nothing more was done
	exitPending     status = 2   // plan --detailed-exitcode: changes are pending
	exitIncomplete  status = 3   // finished, but some users failed or were left open, or rows are unusable
	exitRefused     status = 4   // a guard rail or a stale plan
	exitSignIn      status = 5   // not signed in, or a permission is missing
	exitUsage       status = 64  // wrong usage
	exitInterrupted status = 130 // resumable
)

// usageError is a wrong command line.
type usageError struct {
	error
	hint string
}

func (e *usageError) Unwrap() error { return e.error }

// outcome ends a command that did its work with a status other than 0. It is
// not an error to explain: the view has told already.
type outcome struct{ status status }

func (o outcome) Error() string { return fmt.Sprintf("exit status %d", o.status) }

// hinted is an error with what to do about it.
type hinted struct {
	error
	hint string
}

func (e *hinted) Unwrap() error { return e.error }

// exitStatus is the one table from what happened to the exit status.
func exitStatus(ctx context.Context, err error) status {
	var (
		done    outcome
		usage   *usageError
		refused *importer.RefusedError
		edited  *plan.EditedError
		address *graph.URLError
		scope   *importer.ScopeError

		unlicensed *survey.NoReportError
	)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &done):
		return done.status
	case errors.As(err, &usage), errors.As(err, &address), errors.As(err, &scope):
		return exitUsage
	case errors.As(err, &refused), errors.As(err, &edited):
		return exitRefused
	case errors.As(err, &unlicensed) && unlicensed.Unlicensed:
		return exitFailed // another sign-in would not help
	case graph.IsSignIn(err), errors.Is(err, survey.ErrMasked):
		return exitSignIn
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return exitInterrupted
	default:
		return exitFailed
	}
}

// explain prints an error and its hint.
func (a *app) explain(err error, status status) {
	var done outcome
	if err == nil || errors.As(err, &done) {
		a.event(slog.LevelInfo, "done", "exit_status", int(status))
		return
	}
	hint := hintFor(err)
	if a.log != nil {
		event := "error"
		if status == exitRefused {
			event = "refused"
		}
		a.event(slog.LevelError, event, "error", plain(err), "hint", hint, "exit_status", int(status))
		return
	}
	for line := range strings.SplitSeq(plain(err), "\n") {
		a.sayAt(slog.LevelError, "error: %s", line)
	}
	if hint != "" {
		a.sayAt(slog.LevelError, "hint: %s", hint)
	}
}

// plain is an error as it is told.
func plain(err error) string {
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	return err.Error()
}

// hintFor finds what a person can do.
func hintFor(err error) string {
	var (
		usage    *usageError
		hint     *hinted
		refused  *importer.RefusedError
		edited   *plan.EditedError
		document *plan.DocumentError
		file     *table.Error
		unfit    *preset.Error
		examples *importer.ExamplesError
		mapped   *mapping.FileError
		corrupt  *journal.CorruptError
		wait     *dispatch.WaitError
		newer    *journal.NewerError
		busy     *journal.BusyError
		taken    *ledger.BusyError
		lost     *ledger.LostError
		locked   *sealed.Error
		scope    *importer.ScopeError
		noReport *survey.NoReportError
		telling  interface {
			error
			Hint() string
		}
	)
	switch {
	case errors.As(err, &hint):
		return hint.hint
	case errors.As(err, &usage):
		return usage.hint
	case errors.As(err, &refused):
		return refused.Hint
	case errors.As(err, &scope):
		return scope.Hint
	case errors.As(err, &telling):
		return telling.Hint()
	case errors.As(err, &edited):
		return "make it again with authseed plan -o, and let nothing rewrite the file"
	case errors.As(err, &document):
		return document.Hint
	case errors.As(err, &locked):
		return locked.Hint
	case errors.As(err, &file):
		return file.Hint
	case errors.As(err, &unfit):
		return unfit.Hint
	case errors.As(err, &examples):
		return "mend the mapping or its examples; authseed help mapping describes both"
	case errors.As(err, &mapped):
		return "authseed help mapping describes the mapping file"
	case errors.As(err, &corrupt):
		return "a journal that was changed cannot be trusted; plan again, which shows what is still to do"
	case errors.As(err, &newer):
		return "use the authseed that wrote it, or a later one"
	case errors.As(err, &busy):
		return "let it finish, or interrupt that process once: it stops in good order, and the run can be resumed"
	case errors.As(err, &taken):
		return "let it finish, or wait for it"
	case errors.As(err, &lost):
		return lost.Hint
	case errors.As(err, &wait):
		return "run it again after that time, or add --wait"
	case errors.Is(err, journal.ErrNoRun):
		return "authseed runs lists the runs"
	case errors.Is(err, survey.ErrMasked):
		return "sign in as an app, or as Privileged Authentication Administrator or Global Reader"
	case errors.As(err, &noReport) && noReport.Unlicensed:
		return "without that licence every person has to be read: --reads full, or auto, which does so by itself"
	case errors.As(err, &noReport):
		return "grant the permission AuditLog.Read.All with an administrator's consent (a person needs a role such as Reports Reader as well), or read every person: --reads full"
	case errors.Is(err, context.Canceled):
		return "nothing was written"
	default:
		return graph.Hint(err)
	}
}
