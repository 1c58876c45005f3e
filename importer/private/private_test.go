package private_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"authseed/importer/private"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// holds wants a folder with these files and contents alone.
func holds(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		got, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if w, expected := want[e.Name()]; err != nil || !expected || string(got) != w {
			t.Errorf("%s holds %q, %v", e.Name(), got, err)
		}
	}
	if len(entries) != len(want) {
		t.Errorf("%d files, want %d", len(entries), len(want))
	}
}

func mode(t *testing.T, name string, want os.FileMode) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return // no modes there
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != want {
		t.Errorf("%s: %v, %v, want %v", filepath.Base(name), info.Mode().Perm(), err, want)
	}
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "plan.json")
	if err := os.WriteFile(name, []byte("readable by all"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := private.Replace(name, text("new")); err != nil {
		t.Fatal(err)
	}
	mode(t, name, 0o600)
	holds(t, dir, map[string]string{"plan.json": "new"})

	broken := errors.New("broken")
	err := private.Replace(name, func(w io.Writer) error { return errors.Join(text("half")(w), broken) })
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	holds(t, dir, map[string]string{"plan.json": "new"})

	if err := private.Share(name); err != nil {
		t.Fatal(err)
	}
	mode(t, name, 0o644)
	if err := private.Replace(filepath.Join(dir, "missing", "plan.json"), text("new")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in a folder that is missing: error %v", err)
	}
}

// TestNobodyReadsTheFirstByte: the file is closed to others before anything is in
// it.
func TestNobodyReadsTheFirstByte(t *testing.T) {
	name := filepath.Join(t.TempDir(), "plan.json")
	err := private.Replace(name, func(w io.Writer) error {
		mode(t, w.(*os.File).Name(), 0o600)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "runs")
	for range 2 {
		if err := private.Folder(dir); err != nil {
			t.Fatal(err)
		}
	}
	mode(t, dir, 0o700)
	mode(t, filepath.Dir(dir), 0o700)
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := private.Folder(file); err == nil {
		t.Error("a file passed for a folder")
	}
}
