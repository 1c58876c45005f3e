package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"authseed/importer/dispatch"
	"authseed/importer/report"
	"authseed/importer/schedule"
	"authseed/importer/telemetry"
	"authseed/mapping/table"
	"authseed/samples"
)

// syncFlags say what to run of a configuration, and how.
type syncFlags struct {
	config        string
	sandbox       string
	check, schema bool
	full          bool
	accept        string
	only          []string
	shard         string
	lockWait      time.Duration
	tell          telemetryFlags
}

func (f *syncFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.config, "config", "", "the configuration, YAML; authseed help nightly")
	flags.StringVar(&f.sandbox, "sandbox", "", "run against the simulator inside the process, one for each tenant; with =TENANT.json, for one tenant, it is loaded from the file and saved back")
	flags.Lookup("sandbox").NoOptDefVal = samples.Default
	flags.BoolVar(&f.check, "check", false, "say whether the configuration and the files it names are right, and run nothing")
	flags.BoolVar(&f.schema, "schema", false, "print the JSON Schema of the configuration, for editors")
	flags.BoolVar(&f.full, "full", false, "go to the tenant though the file is that of the last good run, and ask about everybody")
	flags.StringVar(&f.accept, "accept", "", "the SHA-256, or 8 digits and more of it, of a file that was looked at: no guard rail refuses it; with --only for one tenant")
	flags.StringSliceVar(&f.only, "only", nil, "only the tenant of this name; again for more")
	flags.StringVar(&f.shard, "shard", "", "i/n: only every n-th tenant, i from 0, for jobs that share one configuration")
	f.tell.addPlaces(flags)
	flags.DurationVar(&f.lockWait, "lock-wait", 0, "wait so long for a run of the same job to end, such as 10m")
}

func (a *app) syncCommand() *cobra.Command {
	var flags syncFlags
	cmd := &cobra.Command{
		Use:   "sync --config FILE",
		Short: "Plan and apply unattended, by a configuration",
		Long: `Sync is for a scheduler: for each tenant of the configuration it goes on with a run
that was cut off, reads the export, plans, holds the plan against guard rails and
limits, keeps plan and report, applies without asking and remembers the night. An
export that is nothing like the last good one is refused: nothing is written, the
exit status is 4, and plan and report are there for a person to look at.
authseed help nightly describes the configuration.`,
		Example: "  authseed sync --sandbox --config samples/nightly/sync.yaml\n  authseed sync --check --config /etc/authseed/sync.yaml",
		Args:    exactly(0, "argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flags.schema {
				text, err := schedule.Schema()
				if err == nil {
					_, err = a.Stdout.Write(text)
				}
				return err
			}
			file, err := a.readSync(&flags)
			if err != nil {
				return err
			}
			flags.tell.onGiven, flags.tell.formatGiven = cmd.Flags().Changed("notify-on"), cmd.Flags().Changed("notify-format")
			if err := flags.tell.read(a.Getenv); err != nil {
				return err
			}
			if flags.check {
				return a.checkSync(file, flags)
			}
			return a.sync(cmd.Context(), file, flags)
		},
	}
	flags.add(cmd.Flags())
	return cmd
}

// readSync reads the configuration and keeps the tenants that are meant.
func (a *app) readSync(f *syncFlags) (*schedule.File, error) {
	switch {
	case f.config == "":
		return nil, &usageError{errors.New("--config is missing"), "--config FILE; authseed help nightly describes it"}
	case a.output != "text" && a.output != "json":
		return nil, &usageError{fmt.Errorf("sync has no %s view", a.output), "--output text or --output json; reports of each night are kept as the configuration says"}
	case f.accept != "" && !isDigest(f.accept):
		return nil, &usageError{errors.New("--accept is no SHA-256"), "a refused night says which"}
	case f.lockWait < 0:
		return nil, &usageError{errors.New("--lock-wait is a span of time"), "--lock-wait 10m"}
	}
	text, err := os.ReadFile(f.config)
	if err != nil {
		return nil, fileError("configuration", err)
	}
	file, err := schedule.Parse(f.config, text)
	if err != nil {
		return nil, err
	}
	if err := f.choose(file); err != nil {
		return nil, err
	}
	if f.accept != "" && len(file.Tenants) != 1 {
		return nil, &usageError{errors.New("--accept is about one tenant's file"), "--only NAME says whose"}
	}
	if f.sandbox != "" && f.sandbox != samples.Default && len(file.Tenants) > 1 {
		return nil, &usageError{errors.New("--sandbox=TENANT.json is one tenant, and the configuration has more"), "--only NAME, or --sandbox alone, which gives each its own"}
	}
	return file, nil
}

func isDigest(text string) bool {
	return len(text) >= 8 && len(text) <= 64 && strings.Trim(strings.ToLower(text), "0123456789abcdef") == ""
}

// choose keeps the tenants that --only and --shard leave.
func (f *syncFlags) choose(file *schedule.File) error {
	var all []string
	for _, j := range file.Tenants {
		all = append(all, j.Name)
	}
	for _, name := range f.only {
		if !slices.Contains(all, name) {
			hint := "the configuration has " + strings.Join(all[:min(len(all), 10)], ", ")
			if near, ok := table.Nearest(name, all); ok {
				hint = "did you mean " + near + "?"
			}
			return &usageError{fmt.Errorf("--only: no tenant is called %q", name), hint}
		}
	}
	part, of, err := f.part()
	if err != nil {
		return err
	}
	var chosen []schedule.Job
	for i, j := range file.Tenants {
		if i%of == part && (len(f.only) == 0 || slices.Contains(f.only, j.Name)) {
			chosen = append(chosen, j)
		}
	}
	file.Tenants = chosen
	return nil
}

func (f *syncFlags) part() (part, of int, err error) {
	if f.shard == "" {
		return 0, 1, nil
	}
	i, n, _ := strings.Cut(f.shard, "/")
	part, errPart := strconv.Atoi(i)
	of, errOf := strconv.Atoi(n)
	if errPart != nil || errOf != nil || of < 1 || part < 0 || part >= of {
		return 0, 0, &usageError{fmt.Errorf("--shard %s is no part of a whole", f.shard), "--shard 0/4 to --shard 3/4 are the four quarters"}
	}
	return part, of, nil
}

// sync runs the tenants side by side, each with its own client and its own pacer,
// and shows what became of them.
func (a *app) sync(ctx context.Context, file *schedule.File, flags syncFlags) error {
	parallel := file.Parallel
	if parallel == 0 {
		parallel = schedule.DefaultParallel
	}
	all := &schedule.Nights{FormatVersion: 1, StartedAt: now().UTC(), Tenants: make([]*schedule.Night, len(file.Tenants))}
	talk := &shared{to: a.Stderr}
	jobs, told := make([]*syncJob, len(file.Tenants)), make([]*telemetry.Summary, len(file.Tenants))
	dispatch.Abreast(len(file.Tenants), parallel, func(i int) {
		j := a.job(&file.Tenants[i], flags, talk)
		all.Tenants[i] = j.run(ctx)
		jobs[i], told[i] = j, j.summary(all.Tenants[i])
	})
	a.publishNights(ctx, &flags.tell, jobs, told)
	worst := exitOK
	for _, n := range all.Tenants {
		if severity(status(n.ExitStatus)) > severity(worst) {
			worst = status(n.ExitStatus)
		}
	}
	all.EndedAt, all.ExitStatus = now().UTC(), int(worst)
	show := report.Nights
	if a.output == "json" {
		show = report.NightsJSON
	}
	if err := show(a.Stdout, all); err != nil {
		return err
	}
	if worst == exitOK {
		return nil
	}
	return outcome{worst}
}

// severity orders what monitoring is told of many tenants: what a person has to
// do something about comes before what the next night may mend.
func severity(s status) int {
	return slices.Index([]status{exitOK, exitIncomplete, exitRefused, exitSignIn, exitFailed, exitUsage, exitInterrupted}, s)
}

// checkSync prepares every job as a run would, and runs none.
func (a *app) checkSync(file *schedule.File, flags syncFlags) error {
	talk := &shared{to: a.Stderr}
	wrong := 0
	whole := make([]*schedule.Job, len(file.Tenants))
	for i := range file.Tenants {
		j := a.job(&file.Tenants[i], flags, talk)
		if err := j.check(); err != nil {
			wrong++
			j.explain(j.inKeys(err), exitFailed)
		}
		whole[i] = j.Whole()
	}
	if wrong > 0 {
		return &hinted{fmt.Errorf("%d of the %d tenants could not run", wrong, len(file.Tenants)), "mend what is said of each above"}
	}
	if a.output == "json" {
		return report.JobsJSON(a.Stdout, whole)
	}
	return report.Jobs(a.Stdout, flags.config, whole)
}
