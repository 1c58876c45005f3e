package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"authseed/importer"
	"authseed/importer/plan"
	"authseed/mapping"
	"authseed/mapping/authmethod"
)

// sourceFlags say how a file is read.
type sourceFlags struct{ mapping string }

func (s *sourceFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&s.mapping, "mapping", "", "mapping file (default: the file has authseed's own columns)")
}

// open opens the file and reads its mapping.
func (s *sourceFlags) open(name string) (importer.File, func() error, error) {
	mapped, err := s.readMapping()
	if err != nil {
		return importer.File{}, nil, err
	}
	file, err := openFile(name)
	if err != nil {
		return importer.File{}, nil, err
	}
	return importer.File{Name: name, Content: file, Mapping: mapped}, file.Close, nil
}

func (s *sourceFlags) readMapping() (*mapping.Mapping, error) {
	if s.mapping == "" {
		return mapping.Own(), nil
	}
	text, err := os.ReadFile(s.mapping)
	if err != nil {
		return nil, fileError("mapping", err)
	}
	return mapping.Parse(s.mapping, text)
}

// openFile opens a file to read and refuses a folder at once.
func openFile(name string) (*os.File, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fileError("file", err)
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		_ = file.Close()
		return nil, &hinted{fmt.Errorf("%s is a folder", name), "give a file"}
	}
	return file, nil
}

func fileError(what string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &hinted{fmt.Errorf("opening the %s: %w", what, err), "check the name; relative names begin at the current folder"}
	case errors.Is(err, fs.ErrPermission):
		return &hinted{fmt.Errorf("opening the %s: %w", what, err), "this account may not read it"}
	}
	return fmt.Errorf("opening the %s: %w", what, err)
}

// isPlan looks at the first character: a plan is a JSON object, and no table
// that authseed reads begins with a brace.
func isPlan(r *bufio.Reader) bool {
	start, _ := r.Peek(512)
	start = bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\ufeff")), " \t\r\n")
	return len(start) > 0 && start[0] == '{'
}

func decodePlan(name string, r io.Reader) (*plan.Plan, error) {
	p, err := plan.Decode(r)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return p, nil
}

// planFlags say how a plan is made.
type planFlags struct {
	sourceFlags
	tenantFlags
	allow   []string
	include []string
	strict  bool
	reveal  bool
	all     bool
}

func (f *planFlags) add(flags *pflag.FlagSet) {
	f.sourceFlags.add(flags)
	f.tenantFlags.add(flags)
	flags.StringSliceVar(&f.allow, "allow", nil, "apply changes with this hazard too: "+hazardNames())
	flags.StringSliceVar(&f.include, "include", nil, "plan these people too: guest, disabled")
	flags.BoolVar(&f.strict, "strict", false, "exit with 3 when rows are not usable")
	viewFlags(flags, &f.reveal, &f.all)
}

func viewFlags(flags *pflag.FlagSet, reveal, all *bool) {
	flags.BoolVar(reveal, "reveal", false, "show values in clear")
	flags.BoolVar(all, "all", false, "list everything that was left out")
}

func hazardNames() string {
	var names []string
	for _, m := range plan.Hazards() {
		names = append(names, string(m.Hazard))
	}
	return strings.Join(names, ", ")
}

func (f *planFlags) hazards() ([]plan.Hazard, error) {
	var list []plan.Hazard
	for _, name := range f.allow {
		known := false
		for _, m := range plan.Hazards() {
			known = known || string(m.Hazard) == name
		}
		if !known {
			return nil, &usageError{fmt.Errorf("--allow: unknown hazard %q", name), "this version knows " + hazardNames()}
		}
		list = append(list, plan.Hazard(name))
	}
	return list, nil
}

func (f *planFlags) included() ([]authmethod.Reason, error) {
	var list []authmethod.Reason
	for _, name := range f.include {
		switch reason := authmethod.Reason(name); reason {
		case authmethod.Guest, authmethod.Disabled:
			list = append(list, reason)
		default:
			return nil, &usageError{fmt.Errorf("--include: %q cannot be included", name), "--include guest, disabled or both"}
		}
	}
	return list, nil
}
