package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// floors is the architecture: a package imports only from floors below its own.
// Packages that are not here have no place yet; give a new one a sentence and a
// floor.
var floors = map[string]int{
	"cmd/authseed": 6,

	"cmd/internal/cli": 5,

	"importer": 4,

	"importer/inbox":       4,
	"importer/report/page": 4, // tests alone

	"importer/apply":           3,
	"importer/graph/graphtest": 3,
	"importer/report":          3,
	"importer/roster":          3,
	"importer/settled":         3,
	"importer/survey":          3,
	"mapping/preset":           3,

	"importer/approval":  2,
	"importer/graph":     2,
	"importer/journal":   2,
	"importer/telemetry": 2,
	"importer/readiness": 2,
	"importer/schedule":  2,
	"mapping":            2,

	"importer/dispatch": 1,
	"importer/ledger":   1,
	"importer/plan":     1,
	"mapping/table":     1,
	"samples/generate":  1,
	"samples/run":       1, // tests alone

	"importer/graph/graphsim": 0,
	"importer/pace":           0,
	"importer/private":        0,
	"importer/sealed":         0,
	"importer/report/wording": 0,
	"mapping/address":         0,
	"mapping/authmethod":      0,
	"mapping/charset":         0,
	"mapping/country":         0,
	"mapping/phone":           0,
	"samples":                 0,
}

// only says who alone may import a module from outside, and why.
var only = []struct{ module, where, why string }{
	{"github.com/microsoftgraph/", "importer/graph", "one package speaks Microsoft Graph"},
	{"github.com/microsoft/kiota", "importer/graph", "one package speaks Microsoft Graph"},
	{"github.com/Azure/", "importer/graph", "one package signs in"},
	{"github.com/nyaruka/phonenumbers", "mapping/phone", "one package knows numbering plans"},
	{"github.com/xuri/excelize", "mapping/table", "one package reads workbooks"},
	{"github.com/hiddeco/sshsig", "importer/approval", "one package signs and verifies"},
	{"github.com/spf13/", "cmd/internal/cli", "flags end at the command line"},
	{"github.com/schollz/progressbar", "cmd/internal/cli", "views own the terminal"},
	{"go.opentelemetry.io/", "importer/telemetry", "one package sends telemetry"},
	{"filippo.io/age", "importer/sealed", "one package encrypts files"},
	{"go.etcd.io/bbolt", "importer/ledger", "one package remembers what was written"},
	{"github.com/jackc/pgx", "importer/ledger", "one package remembers what was written"},
	{"golang.org/x/sync/errgroup", "importer/dispatch", "concurrency lives on one floor"},
}

type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports", "authseed/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var list []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		list = append(list, p)
	}
}

func TestFloors(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "authseed/")
		floor, known := floors[name]
		if !known {
			t.Errorf("%s has no floor", name)
			continue
		}
		for _, path := range p.Imports {
			imported, ours := strings.CutPrefix(path, "authseed/")
			if ours && floors[imported] >= floor {
				t.Errorf("%s (floor %d) imports %s (floor %d): imports only go down", name, floor, imported, floors[imported])
			}
			for _, rule := range only {
				exempt := name == "samples/generate" // writes data, is not part of the program
				if strings.HasPrefix(path, rule.module) && name != rule.where && !exempt {
					t.Errorf("%s imports %s: %s, %s", name, path, rule.why, rule.where)
				}
			}
		}
	}
}

// The top level shows the architecture; what is not hidden there is all there is.
func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{"cmd", "importer", "mapping", "samples", "go.mod", "go.sum", "README.md", "LICENSE"}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(allowed, e.Name()) {
			t.Errorf("%s has no place at the top level", e.Name())
		}
	}
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		for _, vague := range []string{"util", "utils", "common", "helper", "helpers", "manager", "types"} {
			if d != nil && d.IsDir() && d.Name() == vague {
				t.Errorf("%s: the name says nothing", path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
