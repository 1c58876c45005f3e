package cli

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode"

	"github.com/spf13/pflag"

	"authseed/importer/graph"
	"authseed/importer/readiness"
	"authseed/importer/report"
	"authseed/mapping/authmethod"
)

// setupFlags say which app to make, and with what.
type setupFlags struct {
	wanted          bool
	az, pwsh        bool
	name            string
	issuer, subject string
}

func (s *setupFlags) add(flags *pflag.FlagSet) {
	flags.BoolVar(&s.wanted, "setup", false, "print the lines that make an app with the least permissions")
	flags.BoolVar(&s.az, "az", false, "with --setup: for the Azure CLI (the default but on Windows)")
	flags.BoolVar(&s.pwsh, "pwsh", false, "with --setup: for PowerShell with the module Microsoft.Graph (the default on Windows)")
	flags.StringVar(&s.name, "app-name", "authseed", "with --setup: the app's display name")
	flags.StringVar(&s.issuer, "issuer", "", "with --setup: who issues the tokens of a federated credential, such as https://token.actions.githubusercontent.com")
	flags.StringVar(&s.subject, "subject", "", "with --setup: whom they are issued for, such as repo:contoso/hr:environment:production")
}

func (s *setupFlags) check(flags *pflag.FlagSet) error {
	given := changed(flags, "az", "pwsh", "app-name", "issuer", "subject")
	switch {
	case !s.wanted && len(given) > 0:
		return &usageError{fmt.Errorf("%s says nothing without --setup", strings.Join(given, ", ")), "add --setup"}
	case s.az && s.pwsh:
		return &usageError{errors.New("--az and --pwsh are two different setups"), "give one of them"}
	case (s.issuer == "") != (s.subject == ""):
		return &usageError{errors.New("a federated credential has an issuer and a subject"), "give --issuer and --subject, or neither for a certificate"}
	case s.name == "" || len(s.name) > 120:
		return &usageError{errors.New("--app-name has 1 to 120 characters"), ""}
	case strings.ContainsAny(s.name[:1], "-@"):
		// The Azure CLI takes these for a flag and for the name of a file.
		return &usageError{fmt.Errorf("--app-name %q begins with %q", s.name, s.name[:1]), "give another name"}
	case strings.ContainsFunc(s.name+s.issuer+s.subject, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return &usageError{errors.New("--app-name, --issuer and --subject are plain text, on one line"), ""}
	}
	return nil
}

// shell is the one that was asked for, or else that of the system.
func (s *setupFlags) shell() report.Shell {
	if s.pwsh || !s.az && runtime.GOOS == "windows" {
		return report.PowerShell
	}
	return report.AzureCLI
}

// everything is what a plan and its run use, which is what an app is made for
// unless somebody chooses.
var everything = []readiness.Feature{readiness.Apply, readiness.Report, readiness.Privileged, readiness.Policies}

func (a *app) printSetup(tenant tenantFlags, s setupFlags, features []readiness.Feature, chosen bool) error {
	if a.output != "text" {
		return noView("doctor --setup", a.output, "text")
	}
	cloud, err := graph.ParseCloud(tenant.cloud)
	if err != nil {
		return &usageError{err, "--cloud global, usgov, dod or china"}
	}
	if !chosen {
		features = everything
	}
	return report.Setup(a.Stdout, s.shell(), report.AppSetup{
		Name: s.name, Cloud: string(cloud), Features: features, Issuer: s.issuer, Subject: s.subject,
		Permissions: readiness.Least(features, cloud.Supports(authmethod.Email)),
	})
}
