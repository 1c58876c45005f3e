// Package run_test holds the samples of how a nightly run is run against what
// would run them, as far as that can be had here: each is well-formed, and what it
// starts is a command line that this authseed takes.
package run_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// build makes the program once for all tests, in a folder that TestMain removes.
var build = sync.OnceValues(func() (string, error) {
	name := filepath.Join(scratch, "authseed")
	out, err := exec.Command("go", "build", "-o", name, "authseed/cmd/authseed").CombinedOutput()
	if err != nil {
		return string(out), err
	}
	return name, nil
})

var scratch string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "authseed-run-*")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		scratch = dir
		return m.Run()
	}())
}

func program(t *testing.T) string {
	t.Helper()
	name, err := build()
	if err != nil {
		t.Fatalf("building authseed: %v\n%s", err, name)
	}
	return name
}

func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return path
}

// TestReadme: every folder has one line, and every line a folder.
func TestReadme(t *testing.T) {
	lines := regexp.MustCompile(`(?m)^\| \[[^]]*\]\(([^)]*)\) \| .+ \|$`).FindAllStringSubmatch(read(t, "README.md"), -1)
	told := map[string]bool{}
	for _, l := range lines {
		told[l[1]] = true
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	folders := 0
	for _, e := range entries {
		if e.IsDir() {
			folders++
			if !told[e.Name()] {
				t.Errorf("README.md has no line for %s", e.Name())
			}
		}
	}
	if folders != len(told) {
		t.Errorf("README.md has lines for %d folders of %d", len(told), folders)
	}
}
