package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"authseed/importer"
	"authseed/importer/plan"
	"authseed/importer/report"
	"authseed/importer/sealed"
	"authseed/importer/survey"
)

func (a *app) exportCommand() *cobra.Command {
	var flags exportFlags
	cmd := &cobra.Command{
		Use:   "export",
		Short: "List what people have registered, as a file that plan reads back",
		Long: `Export lists the phones and e-mail addresses that people have registered, a row
for each person who has any, in authseed's own columns. With --reveal the values
are clear and plan reads the file back: against the same tenant nothing is to be
changed. Without it they are masked, and plan refuses each of them.

Whoever has nothing by the tenant's registration report is not read. The report
is hours old: --reads full misses nobody, and reads every person.`,
		Example: `  authseed export --sandbox
  authseed export --reveal -o methods.csv --auth certificate
  authseed export --group Pilot --output json`,
		Args: exactly(0, "argument"),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := flags.check(); err != nil {
				return err
			}
			to, err := flags.recipients(false)
			if err != nil {
				return err
			}
			s, err := a.begin(flags.tenantFlags, lookFlags{reveal: flags.reveal})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.close()) }()
			runs, id := s.earlier()
			progress := s.progress()
			in, err := importer.Export(cmd.Context(), s.client, importer.ExportOptions{
				Scope: flags.scope(), Reads: importer.Reads(flags.reads),
				Survey:  survey.Options{Pacer: s.pacer, Concurrency: s.tenant.concurrency, MaxWait: s.tenant.maxWait(), Progress: progress.reading},
				Notices: importer.Notices{NoReport: s.sayNoReport, Hidden: s.sayHidden},
				Runs:    runs, Identity: id,
			})
			progress.done()
			if err != nil {
				return err
			}
			return s.export(in, flags.save, to)
		},
	}
	flags.add(cmd)
	return cmd
}

// exportFlags say whose methods are exported, and where to.
type exportFlags struct {
	tenantFlags
	scopeFlags
	encryptFlags
	readsFlags
	reveal bool
	save   string
}

func (f *exportFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	f.tenantFlags.add(flags)
	f.scopeFlags.add(flags)
	f.encryptFlags.add(flags)
	f.readsFlags.add(flags)
	flags.BoolVar(&f.reveal, "reveal", false, "write values in clear; without it they are masked, and plan does not read them")
	flags.StringVarP(&f.save, "save", "o", "", "write to this file, readable by you alone, instead of standard output; see --encrypt-to")
}

func (f *exportFlags) check() error {
	if err := errors.Join(f.scopeFlags.check(), f.readsFlags.check(), f.encryptFlags.check()); err != nil {
		return err
	}
	if f.save == "" && len(f.to) > 0 {
		return &usageError{errors.New("--encrypt-to goes with a file"), "say which with -o"}
	}
	return nil
}

// export writes the rows and says what became of the others.
func (s *session) export(in *plan.Inventory, name string, to []sealed.Recipient) error {
	write := func(w io.Writer) error {
		if s.output == "json" {
			return report.ExportJSON(w, in, s.look.reveal)
		}
		return report.ExportCSV(w, in, s.look.reveal)
	}
	err := error(nil)
	if name == "" {
		err = write(s.Stdout)
	} else {
		err = replaceFile(name, func(w io.Writer) error { return sealed.Write(w, to, write) })
	}
	if err != nil {
		return err
	}
	said := fmt.Sprintf("exported %d of %d people", len(in.People), in.Asked)
	if in.Known.Report > 0 {
		said += fmt.Sprintf("; %d have nothing by the registration report and were not read", in.Known.Report)
	}
	s.say("%s", said)
	if !s.look.reveal {
		s.say("note: values are masked, and plan refuses them; --reveal writes them in clear")
	}
	if n := in.Unread(); n > 0 {
		s.say("note: the service does not show the methods of %d of them to this sign-in", n)
		return outcome{exitIncomplete}
	}
	return nil
}
