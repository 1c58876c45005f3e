package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"authseed/importer"
	"authseed/importer/graph"
	"authseed/importer/readiness"
	"authseed/importer/report"
)

func (a *app) doctorCommand() *cobra.Command {
	var (
		tenant tenantFlags
		uses   []string
		setup  setupFlags
	)
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say whether it can work here: sign-in, permissions, policy, licence",
		Long: `Doctor signs in, looks at the tenant in some twelve requests and says of each
check whether it is ok, a warning, failed or unknown, what that means and what to
do next. It writes nothing. A check that a permission is missing for is unknown,
and names the permission.

The exit status is 0 when nothing failed, 5 when nobody is signed in or a
permission or role is missing that is needed, and 1 when something else failed.

` + featureList() + `
--setup prints the lines that make an app with the least permissions for what
--for names, and does nothing itself: for the Azure CLI with --az, for PowerShell
with --pwsh. It makes a certificate, or with --issuer and --subject a federated
credential, and never a secret.`,
		Example: `  authseed doctor --sandbox
  authseed doctor --auth certificate --for coverage,policy --output json
  authseed doctor --setup --az --for apply,report > make-app.sh`,
		Args: exactly(0, "argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			features, err := parseFeatures(uses)
			if err != nil {
				return err
			}
			if err := setup.check(cmd.Flags()); err != nil {
				return err
			}
			if setup.wanted {
				return a.printSetup(tenant, setup, features, cmd.Flags().Changed("for"))
			}
			return a.doctor(cmd.Context(), tenant, features)
		},
	}
	tenant.add(cmd.Flags())
	cmd.Flags().StringSliceVar(&uses, "for", []string{string(readiness.Apply)}, "what the sign-in is for, several with commas")
	setup.add(cmd.Flags())
	return cmd
}

func featureList() string {
	var b strings.Builder
	b.WriteString("What a sign-in can be for:\n")
	for _, f := range readiness.Features() {
		fmt.Fprintf(&b, "  %-10s  %s\n", f.Feature, f.Meaning)
	}
	return b.String()
}

func parseFeatures(names []string) ([]readiness.Feature, error) {
	var list []readiness.Feature
	for _, name := range names {
		f, err := readiness.ParseFeature(name)
		if err != nil {
			return nil, &usageError{fmt.Errorf("--for: %w", err), "authseed doctor --help says what each is"}
		}
		list = append(list, f)
	}
	if len(list) == 0 {
		return nil, &usageError{errors.New("--for names nothing"), "--for apply"}
	}
	return list, nil
}

// doctor examines the tenant and shows the checks, also where nobody is signed
// in: that is the first of them.
func (a *app) doctor(ctx context.Context, tenant tenantFlags, features []readiness.Feature) (err error) {
	view, ok := a.view(lookFlags{}).(report.Examiner)
	if !ok {
		return noView("doctor", a.output, "text, json or csv")
	}
	found, err := a.examine(ctx, tenant, features)
	if err != nil {
		return err
	}
	d := readiness.Examine(found)
	if err := view.Diagnosis(d); err != nil {
		return err
	}
	switch {
	case d.Barred():
		return outcome{exitSignIn}
	case d.State() == readiness.Failed:
		return outcome{exitFailed}
	}
	return nil
}

func (a *app) examine(ctx context.Context, tenant tenantFlags, features []readiness.Feature) (readiness.Findings, error) {
	client, closeTenant, err := a.connect(tenant)
	if graph.IsSignIn(err) {
		return importer.NotSignedIn(graph.Cloud(tenant.cloud), features, err, now()), nil
	}
	if err != nil {
		return readiness.Findings{}, err
	}
	found, err := importer.Doctor(ctx, client, features, now())
	return found, errors.Join(err, closeTenant())
}

// noView refuses a view before anything is asked for it.
func noView(command, output, others string) error {
	return &usageError{fmt.Errorf("%s has no %s view", command, output), "--output " + others}
}

// changed lists those of the flags that were given.
func changed(flags *pflag.FlagSet, names ...string) []string {
	var given []string
	for _, name := range names {
		if flags.Changed(name) {
			given = append(given, "--"+name)
		}
	}
	return given
}
