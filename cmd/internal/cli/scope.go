package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"authseed/importer"
	"authseed/importer/plan"
)

// scopeFlags say whose methods a command is about.
type scopeFlags struct {
	group, filter string
	limit         int
	users         []string
}

// scopeNames are their names.
var scopeNames = []string{"group", "filter", "limit", "user"}

func (f *scopeFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.group, "group", "", "only people in this group, by object id or whole display name, those of groups in it too")
	flags.StringVar(&f.filter, "filter", "", `only people whom this OData $filter of users lets through, such as "department eq 'Sales'"`)
	flags.IntVar(&f.limit, "limit", 0, "only so many people, the first in the order of the file or of their names")
	flags.StringSliceVar(&f.users, "user", nil, "only this person, by userPrincipalName or object id; again for more")
}

func (f *scopeFlags) check() error {
	switch {
	case f.limit < 0:
		return &usageError{fmt.Errorf("--limit %d is not a number of people", f.limit), "--limit 10 takes the first ten"}
	case slices.ContainsFunc(f.users, func(name string) bool { return strings.TrimSpace(name) == "" }):
		return &usageError{errors.New("--user names nobody"), "--user takes a userPrincipalName or an object id"}
	}
	return nil
}

func (f *scopeFlags) scope() importer.Scope {
	s := importer.Scope{Group: strings.TrimSpace(f.group), Filter: strings.TrimSpace(f.filter), Limit: f.limit}
	for _, name := range f.users {
		s.Users = append(s.Users, strings.TrimSpace(name))
	}
	return s
}

// originFlags say what a plan is made from.
type originFlags struct{ from string }

const fromFile = "file"

func (f *originFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.from, "from", fromFile, "what to plan from: file, or directory, which is mobilePhone, businessPhones and otherMails of the tenant's own users")
}

func (f *originFlags) directory() bool { return f.from == plan.Directory }

// check holds the arguments against it; what says what they are.
func (f *originFlags) check(cmd *cobra.Command, args []string, what string) error {
	switch {
	case f.from != fromFile && !f.directory():
		return &usageError{fmt.Errorf("--from: %q is nothing to plan from", f.from), "--from file or --from directory"}
	case f.directory() && len(args) > 0:
		return &usageError{fmt.Errorf("--from directory reads no file, and %s was given", args[0]), "leave one of the two out"}
	case !f.directory() && len(args) == 0:
		return &usageError{errors.New("no " + what + " was given"), cmd.UseLine() + "; or --from directory, which needs none"}
	}
	return nil
}

// atMostOne wants one argument or none, and says what it is.
func atMostOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return exactly(1, what)(cmd, args)
		}
		return nil
	}
}

// source opens what a plan is made from.
func (f *planFlags) source(a *app, args []string) (importer.File, func() error, error) {
	if !f.directory() {
		return f.sourceFlags.open(a, args[0])
	}
	file, err := f.ofDirectory()
	return file, func() error { return nil }, err
}

// ofDirectory is the directory with the mapping that the flags name, if they name
// one.
func (f *planFlags) ofDirectory() (importer.File, error) {
	if f.preset != "" {
		return importer.File{}, &usageError{errors.New("--preset is of a file, and --from directory reads none"), "leave it out; --mapping may name the properties of users as columns"}
	}
	if f.mapping == "" {
		return importer.FromDirectory(nil), nil
	}
	m, err := readMapping(f.mapping)
	if err != nil {
		return importer.File{}, err
	}
	return importer.FromDirectory(m), nil
}

// sayAbsent points out names that may be misspelt.
func (a *app) sayAbsent(names []string) {
	a.say("note: --user %s: nobody of that name has anything usable here", strings.Join(names, ", "))
}
