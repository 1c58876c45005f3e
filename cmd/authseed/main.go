// Authseed seeds Microsoft Entra ID users' authentication methods in bulk.
//
// It reads an HR export as it was sent, maps its columns to e-mail and phone
// authentication methods, shows what would change in the tenant as a diff, and
// writes exactly that through Microsoft Graph, so that nobody has to register by
// hand before a password reset (SSPR) works.
//
// Usage:
//
//	authseed inspect FILE     what a file is, and which mapping would read it
//	authseed check FILE       map and validate every row, offline
//	authseed doctor           can it work here, and what is missing
//	authseed coverage [PLAN]  who could reset a password, today and after a plan
//	authseed plan FILE        show what would change; -o plan.json saves it;
//	                          --from directory needs no file
//	authseed apply PLAN|FILE  make a saved plan true, or plan, show, ask, apply
//	authseed approve PLAN     sign a saved plan; verify-approval says who did
//	authseed show PLAN|RUN    show a saved plan or what a run did
//	authseed diff PLAN PLAN   show what changed between two saved plans
//	authseed resume RUN       go on with a run that was cut off
//	authseed rollback RUN     undo a run, as a plan of its own
//	authseed runs             list the runs; runs prune removes old ones
//	authseed export           today's methods, as a file that plan reads back
//	authseed sync             plan and apply unattended, by a configuration
//	authseed sandbox          serve the built-in Graph simulator on loopback
//
// Every command has --help; authseed help lists topics: mapping, auth,
// exit-codes, hazards, limits, review, approval, nightly, environment.
//
// Results go to standard output, talk and progress to standard error. The exit
// status is 0 when done or when there is nothing to do, 1 when it failed, 2 with
// plan --detailed-exitcode when changes are pending, 3 when some users failed or
// were left open, 4 when it was refused, 5 when it is not signed in or lacks a
// permission, 64 for wrong usage and 130 when it was interrupted.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"authseed/cmd/internal/cli"
)

// version is what `authseed version` and the User-Agent say; a release sets it with
// -ldflags -X.
var version = "0.1.0"

func main() {
	// Most of what a long file takes is packed where the collector need not look,
	// so it may run twice as often as by default for a few hundredths of the time,
	// and a check of a million rows fits in 230 MB instead of 300.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
	os.Exit(run())
}

// run hands the process's belongings over. The first interrupt cancels the
// context: what is in flight is finished. It also gives the signals back, so
// that a second one ends the process at once; the journal stands that.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return cli.Run(ctx, cli.Env{
		Version: version,
		Args:    os.Args[1:],
		Getenv:  os.Getenv,
		Environ: os.Environ(),
		Stdin:   os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
}
