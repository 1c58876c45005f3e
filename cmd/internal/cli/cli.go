// Package cli is the command line: each command turns flags into values, calls
// one use case and shows its result in one view.
//
// It promises that results alone go to standard output, that every error is one
// line and where possible a hint, and that the exit status never depends on the
// view. It takes the process's belongings as values, so that a test can be a
// process; only main may call it.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"authseed/importer/plan"
	"authseed/importer/report"
	"authseed/importer/report/wording"
	"authseed/mapping"
	"authseed/mapping/preset"
	"authseed/mapping/table"
)

// Env is what a process owns.
type Env struct {
	Version        string
	Args           []string
	Getenv         func(string) string
	Environ        []string // what programs that this one starts are given
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Run runs one command line and gives its exit status.
func Run(ctx context.Context, env Env) int {
	a := &app{Env: env, begun: now()}
	a.listen()
	root := a.root()
	root.SetArgs(env.Args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	err := root.ExecuteContext(ctx)
	status := exitStatus(ctx, err)
	a.explain(err, status)
	return int(status)
}

// app is one command line while it runs: its belongings and the flags that every
// command has.
type app struct {
	Env
	output   string
	lang     string
	noColor  bool
	noInput  bool
	noPager  bool
	quiet    bool
	stateDir string

	logFormat string
	logLevel  string
	log       *slog.Logger // nil where people read what is said
	begun     time.Time
	watch     *watch // nil where nobody is told of the run
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "authseed",
		Short: "Seed Microsoft Entra ID users' authentication methods in bulk",
		Long: `authseed reads an HR export, maps its columns to e-mail and phone authentication
methods, shows what would change in the tenant as a diff, and writes exactly that
through Microsoft Graph, so that nobody has to register by hand before a password
reset works.

Try it without a tenant:  authseed plan --sandbox samples/contoso/workers.csv`,
		Version:       a.Version,
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknown(cmd, "command", args[0])
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return a.prepare(cmd) },
	}
	root.SuggestionsMinimumDistance = 2
	flags := root.PersistentFlags()
	flags.StringVar(&a.output, "output", "text", "view of the result: text, json or csv; of a plan or a run html or markdown too")
	flags.StringVar(&a.lang, "lang", "", "language of the html and markdown views: "+strings.Join(wording.Languages(), " or ")+" (default: the system's)")
	flags.BoolVar(&a.noColor, "no-color", false, "no colours (NO_COLOR does the same)")
	flags.BoolVar(&a.noInput, "no-input", false, "never ask; what needs a yes then needs --yes")
	flags.BoolVar(&a.noPager, "no-pager", false, "never show a long text through $PAGER")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "no progress")
	flags.StringVar(&a.logFormat, "log-format", logText, "what is said on standard error: text for people, or json, one line an event")
	flags.StringVar(&a.logLevel, "log-level", "info", "what is said at least: debug, info, warn or error")
	flags.StringVar(&a.stateDir, "state-dir", "", "where journals are kept (default: where the system keeps application state)")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{err, cmd.CommandPath() + " --help lists the flags"}
	})
	root.AddCommand(a.inspectCommand(), a.checkCommand(), a.planCommand(), a.diffCommand(), a.approveCommand(), a.verifyApprovalCommand(), a.applyCommand(), a.exportCommand(), a.resumeCommand(), a.rollbackCommand(), a.showCommand(), a.runsCommand(), a.syncCommand(), a.sandboxCommand(), a.doctorCommand(), a.coverageCommand(), a.versionCommand())
	root.AddCommand(topics()...)
	root.AddCommand(a.manCommand(root))
	root.SetHelpCommand(a.helpCommand(root))
	return root
}

func (a *app) helpCommand(root *cobra.Command) *cobra.Command {
	var schema bool
	cmd := &cobra.Command{
		Use: "help [COMMAND|TOPIC]", Short: "Help about a command or a topic",
		RunE: func(_ *cobra.Command, args []string) error {
			of, _, err := root.Find(args)
			if err != nil || of == root && len(args) > 0 {
				return unknown(root, "command or topic", args[0])
			}
			if schema {
				return a.schema(of.Name())
			}
			of.InitDefaultHelpFlag()
			return of.Help()
		},
	}
	cmd.Flags().BoolVar(&schema, "schema", false, "with mapping: print the JSON Schema of the mapping file, for editors")
	return cmd
}

// schema prints what editors want to know of the mapping file.
func (a *app) schema(topic string) error {
	if topic != "mapping" {
		return &usageError{errors.New("only the mapping file has a schema"), "authseed help mapping --schema"}
	}
	text, err := mapping.Schema()
	if err != nil {
		return err
	}
	_, err = a.Stdout.Write(text)
	return err
}

// unknown refuses a word that is no command, and says which one is near.
func unknown(root *cobra.Command, what, word string) error {
	hint := "authseed help lists what there is"
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	if near := root.SuggestionsFor(word); len(near) > 0 {
		hint = "did you mean " + near[0] + "?"
	} else if near, ok := table.Nearest(word, names); ok { // a topic, which cobra does not suggest
		hint = "did you mean " + near + "?"
	}
	return &usageError{fmt.Errorf("unknown %s %q", what, word), hint}
}

// prepare gives every flag that was not set its environment variable, and looks
// at the flags that every command has.
func (a *app) prepare(cmd *cobra.Command) error {
	var wrong error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		name := variable(f.Name)
		value := a.Getenv(name)
		if f.Changed || value == "" || wrong != nil {
			return
		}
		if err := cmd.Flags().Set(f.Name, value); err != nil {
			wrong = &usageError{fmt.Errorf("%s: %w", name, err), ""}
		}
	})
	if err := errors.Join(wrong, a.checkLog()); err != nil {
		return err
	}
	a.event(slog.LevelInfo, "start", "command", cmd.Name(), "version", a.Version)
	if a.lang != "" && !slices.Contains(wording.Languages(), a.lang) {
		return &usageError{fmt.Errorf("there is no language %q", a.lang), "--lang " + strings.Join(wording.Languages(), " or --lang ")}
	}
	switch a.output {
	case "text", "json", "csv":
		return nil
	case "html", "markdown":
		if slices.Contains([]string{"inspect", "check", "runs", "export"}, cmd.Name()) {
			return &usageError{fmt.Errorf("%s has no %s view", cmd.Name(), a.output), "--output text or --output json; plan, apply and show have it"}
		}
		return nil
	}
	return &usageError{fmt.Errorf("there is no view %q", a.output), "--output text, json, csv, html or markdown"}
}

// variable names a flag's environment variable.
func variable(flag string) string {
	return "AUTHSEED_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// view chooses how the result is shown.
func (a *app) view(f lookFlags) report.Handler { return a.viewOn(a.Stdout, f) }

func (a *app) viewOn(w io.Writer, f lookFlags) report.Handler {
	switch a.output {
	case "json":
		return report.JSON(w, f.reveal)
	case "csv":
		return report.CSV(w, f.reveal)
	case "html":
		return report.HTML(w, a.words(), f.reveal)
	case "markdown":
		return report.Markdown(w, a.words(), f.reveal)
	}
	return report.Text(w, report.TextOptions{Color: a.colour(), Clear: f.reveal, All: f.all})
}

// words are in the language that was asked for, or else in that of the system.
func (a *app) words() *wording.Words {
	name := a.lang
	for _, variable := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale := a.Getenv(variable); name == "" && locale != "" {
			name = wording.Near(locale)
		}
	}
	words, ok := wording.In(name)
	if !ok { // nobody says
		words, _ = wording.In(wording.Languages()[0])
	}
	return words
}

func (a *app) colour() bool {
	return terminal(a.Stdout) && !a.noColor && a.Getenv("NO_COLOR") == "" && a.Getenv("TERM") != "dumb" &&
		understands(a.Stdout.(*os.File))
}

// terminal reports whether a stream is one that a person looks at.
func terminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// sayEmpty points out a file without rows, which more often is an export that
// went wrong than a company without people.
func (a *app) sayEmpty(source plan.Source) {
	switch {
	case source.Rows > 0:
	case source.Name == plan.Directory:
		a.say("the directory has nobody in it")
	default:
		a.say("%s has a header and no rows", source.Name)
	}
}

// sayUnused names the columns of a file in authseed's own layout that mean
// nothing to it.
func (a *app) sayUnused(columns []string) { a.say("columns not used: %s", strings.Join(columns, ", ")) }

// sayChosen tells which mapping a file without one is read with.
func (a *app) sayChosen(c *preset.Choice) {
	a.say("mapping: preset %s (%s): %s", c.Preset.Name, c.Preset.Title, strings.Join(c.Why, "; "))
	for _, what := range slices.Concat(c.Missing, c.Preset.Caveats) {
		a.say("note: %s", what)
	}
}

// now is the wall clock; below this floor the time is a value.
func now() time.Time { return time.Now() }

// exactly wants n arguments and says which.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < n:
			return &usageError{errors.New("no " + what + " was given"), cmd.UseLine()}
		case len(args) > n:
			return &usageError{fmt.Errorf("one %s at a time: %q is too many", what, args[n]), cmd.UseLine()}
		}
		return nil
	}
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: exactly(0, "argument"),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.Stdout, "authseed", a.Version)
			return err
		},
	}
}
