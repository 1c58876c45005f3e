package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"authseed/importer"
	"authseed/importer/plan"
)

// limitFlags bound a plan as a whole. A bound that was not given is nil.
type limitFlags struct{ limits plan.Limits }

// add adds those that every plan can have.
func (f *limitFlags) add(flags *pflag.FlagSet) {
	l := &f.limits
	flags.Var(countFlag{&l.MaxChanges}, "max-changes", "refuse a plan with more pending changes")
	flags.Var(quotaFlag{&l.MaxChangePercent, true}, "max-change-percent", "refuse a plan that changes more of the people in scope (default 100)")
	flags.Var(quotaFlag{&l.MaxReplace, false}, "max-replace", "refuse a plan that gives more people another value for a registered one; a number, or 5% of those in scope")
	flags.Var(countFlag{&l.MaxRemove}, "max-remove", "refuse a plan with more removals")
}

// addRows adds the one that is about a file.
func (f *limitFlags) addRows(flags *pflag.FlagSet) {
	flags.Var(countFlag{&f.limits.MinRows}, "min-rows", "refuse a file with fewer rows")
}

// countFlag is a number that may be absent.
type countFlag struct{ to **int }

func (f countFlag) Type() string { return "N" }

func (f countFlag) String() string {
	if f.to == nil || *f.to == nil {
		return ""
	}
	return fmt.Sprint(**f.to)
}

func (f countFlag) Set(text string) error {
	if strings.HasSuffix(strings.TrimSpace(text), "%") {
		return errors.New("a percentage has nothing to be of here; give a number")
	}
	n, err := plan.ParseCount(text)
	if err == nil {
		*f.to = &n
	}
	return err
}

// quotaFlag is a number of people or a share of them, or a share alone, whose
// sign may be left out.
type quotaFlag struct {
	to    **plan.Quota
	share bool
}

func (f quotaFlag) Type() string {
	if f.share {
		return "P"
	}
	return "N|P%"
}

func (f quotaFlag) String() string {
	if f.to == nil || *f.to == nil {
		return ""
	}
	return (*f.to).String()
}

func (f quotaFlag) Set(text string) error {
	if f.share {
		text = strings.TrimSuffix(strings.TrimSpace(text), "%") + "%"
	}
	q, err := plan.ParseQuota(text)
	if err == nil {
		*f.to = &q
	}
	return err
}

// readAllow reads what is allowed, and for whom where --allow NAME:FILE says so.
func (f *planFlags) readAllow() error {
	for _, text := range f.allow {
		name, file, scoped := strings.Cut(text, ":")
		hazard, err := hazardNamed(name)
		switch {
		case err != nil:
			return err
		case scoped && file == "":
			return &usageError{fmt.Errorf("--allow %s: names no file", text), "--allow " + name + ":people.csv, or --allow " + name + " for everybody"}
		case !scoped:
			f.allowed = append(f.allowed, hazard)
			continue
		}
		people, err := readAllowed(hazard, file)
		if err != nil {
			return fmt.Errorf("--allow %s: %w", name, err)
		}
		f.allowedFor = append(f.allowedFor, people)
	}
	return nil
}

func readAllowed(h plan.Hazard, name string) (importer.AllowedPeople, error) {
	content, err := openFile(name)
	if err != nil {
		return importer.AllowedPeople{}, err
	}
	defer content.Close()
	return importer.ReadAllowedPeople(h, name, &steady{File: content})
}

func hazardNamed(name string) (plan.Hazard, error) {
	for _, m := range plan.Hazards() {
		if string(m.Hazard) == name {
			return m.Hazard, nil
		}
	}
	return "", &usageError{fmt.Errorf("--allow: unknown hazard %q", name), "this version knows " + hazardNames()}
}

// sameFlags name again what a saved plan was made from.
type sameFlags struct{ source string }

func (f *sameFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.source, "source", "", "with a saved plan: refuse it if this is not the file it was made from")
}

// check refuses a plan that was made from another file, or with another
// mapping.
func (f *sameFlags) check(p *plan.Plan, mapping string) error {
	if mapping != "" {
		m, err := readMapping(mapping)
		if err != nil {
			return err
		}
		if m.Digest() != p.Mapping.SHA256 {
			return another("mapping", mapping, m.Digest(), p.Mapping.SHA256)
		}
	}
	if f.source == "" {
		return nil
	}
	content, err := openFile(f.source)
	if err != nil {
		return err
	}
	defer content.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, &steady{File: content}); err != nil {
		return fmt.Errorf("reading %s: %w", f.source, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != p.Source.SHA256 {
		return another("source", f.source, got, p.Source.SHA256)
	}
	return nil
}

func another(what, name, got, want string) error {
	return &importer.RefusedError{
		What: fmt.Sprintf("the %s %s is not the one the plan was made with: it has SHA-256 %.12s, the plan's has %.12s", what, name, got, want),
		Hint: "plan again with this " + what + ", or leave out --" + what,
	}
}
