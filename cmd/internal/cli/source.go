package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"authseed/importer"
	"authseed/importer/plan"
	"authseed/mapping"
	"authseed/mapping/authmethod"
	"authseed/mapping/preset"
	"authseed/mapping/table"
)

// sourceFlags say how a file is read.
type sourceFlags struct{ mapping, preset string }

func (s *sourceFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&s.mapping, "mapping", "", "mapping file (default: what the header says for certain; see inspect)")
	s.addPreset(flags)
}

func (s *sourceFlags) addPreset(flags *pflag.FlagSet) {
	flags.StringVar(&s.preset, "preset", "", "the mapping of a system's export, such as workday; authseed help mapping lists them")
}

// file is the file with the mapping that the flags name, if they name one.
func (s *sourceFlags) file(name string, content io.Reader) (importer.File, error) {
	file := importer.File{Name: name, Content: content}
	if name == stdin {
		file.Name = "standard input"
	}
	var err error
	switch {
	case s.mapping != "" && s.preset != "":
		return file, &usageError{errors.New("--mapping and --preset are two mappings"), "give one of them"}
	case s.mapping != "":
		file.Mapping, err = readMapping(s.mapping)
	case s.preset != "":
		if file.Preset, err = preset.Find(s.preset); err != nil {
			err = &usageError{fmt.Errorf("--preset: %w", err), "authseed help mapping lists the presets"}
		}
	}
	return file, err
}

// open opens what a file argument names, with its mapping.
func (s *sourceFlags) open(a *app, name string) (importer.File, func() error, error) {
	// The flags first: what is wrong with them is known without the file.
	file, err := s.file(name, nil)
	if err != nil {
		return file, nil, err
	}
	content, closeFile, err := a.openSource(name)
	if err != nil {
		return file, nil, err
	}
	file.Content = content
	return file, closeFile, nil
}

func readMapping(name string) (*mapping.Mapping, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fileError("mapping", err)
	}
	return mapping.Parse(name, text)
}

// stdin is how a command line names standard input.
const stdin = "-"

// openSource opens what a file argument names, also where that is sealed.
func (a *app) openSource(name string) (io.Reader, func() error, error) {
	if name == stdin {
		if terminal(a.Stdin) {
			return nil, nil, &usageError{errors.New("standard input is a terminal"), "pipe the file in, or name it"}
		}
		content, err := a.unseal("standard input", a.Stdin)
		return content, func() error { return nil }, err
	}
	file, err := openFile(name)
	if err != nil {
		return nil, nil, err
	}
	content, err := a.unseal(name, &steady{File: file})
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return content, file.Close, nil
}

// steady reads a file that must not change meanwhile: a half-written export is
// a mad one.
type steady struct {
	*os.File
	before fs.FileInfo
	read   int64
}

func (s *steady) Read(p []byte) (int, error) {
	if s.before == nil {
		info, err := s.Stat()
		if err != nil {
			return 0, err
		}
		s.before = info
	}
	n, err := s.File.Read(p)
	s.read += int64(n)
	if !errors.Is(err, io.EOF) || !s.before.Mode().IsRegular() {
		return n, err
	}
	after, statErr := s.Stat()
	if statErr != nil {
		return n, statErr
	}
	if after.Size() != s.before.Size() || !after.ModTime().Equal(s.before.ModTime()) || s.read != after.Size() {
		return n, &table.Error{What: "the file changed while it was read", Hint: "wait until the export is finished, and try again"}
	}
	return n, err
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
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

// isPlan looks at the beginning: a plan is a JSON object that starts with its
// version, and no export does.
func isPlan(r *bufio.Reader) bool {
	start, _ := r.Peek(512)
	start = bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\ufeff")), " \t\r\n")
	const begins = "{\n  \"format_version\""
	return bytes.HasPrefix(start, []byte("{")) && bytes.Contains(start, []byte(`"format_version"`)) ||
		len(start) > 0 && strings.HasPrefix(begins, string(start))
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
	originFlags
	scopeFlags
	tenantFlags
	encryptFlags
	readsFlags
	allow   []string
	include []string
	strict  bool
	limitFlags
	lookFlags
	neverFlags

	// What check made of allow and include.
	allowed    []plan.Hazard
	allowedFor []importer.AllowedPeople
	included   []authmethod.Reason
}

func (f *planFlags) add(flags *pflag.FlagSet) {
	f.sourceFlags.add(flags)
	f.originFlags.add(flags)
	f.scopeFlags.add(flags)
	f.tenantFlags.add(flags)
	f.encryptFlags.add(flags)
	flags.StringSliceVar(&f.allow, "allow", nil, "apply changes with this hazard too, with NAME:FILE for the people of the file alone: "+hazardNames())
	flags.StringSliceVar(&f.include, "include", nil, "plan these people too: "+includable())
	f.readsFlags.add(flags)
	flags.BoolVar(&f.strict, "strict", false, "exit with 3 when rows are not usable")
	f.limitFlags.add(flags)
	f.addRows(flags)
	f.lookFlags.add(flags)
	f.neverFlags.add(flags)
}

// lookFlags say how much of a result is shown.
type lookFlags struct{ reveal, all bool }

func (f *lookFlags) add(flags *pflag.FlagSet) {
	flags.BoolVar(&f.reveal, "reveal", false, "show values in clear")
	flags.BoolVar(&f.all, "all", false, "list everything: what was left out, and long lists to their end")
}

func hazardNames() string {
	var names []string
	for _, m := range plan.Hazards() {
		names = append(names, string(m.Hazard))
	}
	return strings.Join(names, ", ")
}

func includable() string {
	var names []string
	for _, reason := range plan.Includable() {
		names = append(names, string(reason))
	}
	return strings.Join(names, ", ")
}

// check finds wrong names before anything is asked of a tenant.
func (f *planFlags) check() error {
	return cmp.Or(f.readAllow(), f.readInclude(), f.readsFlags.check(), f.scopeFlags.check(), f.encryptFlags.check(), f.neverFlags.read())
}

// readsFlags say how it is found out what people have.
type readsFlags struct{ reads string }

func (f *readsFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.reads, "reads", string(importer.ReadsAuto), "how to find out what people have: report (the tenant's registration report, a read only where a value matters), full (a read for each person) or auto (the shorter way)")
}

func (f *readsFlags) check() error {
	if slices.Contains(importer.AllReads(), importer.Reads(f.reads)) {
		return nil
	}
	return &usageError{fmt.Errorf("--reads: %q is no way to read", f.reads), "--reads takes auto, report or full"}
}

func (f *planFlags) readInclude() error {
	for _, name := range f.include {
		reason := authmethod.Reason(name)
		if !slices.Contains(plan.Includable(), reason) {
			return &usageError{fmt.Errorf("--include: %q cannot be included", name), "--include takes " + includable()}
		}
		f.included = append(f.included, reason)
	}
	return nil
}
