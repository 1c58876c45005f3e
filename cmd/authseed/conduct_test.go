package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The simulator shares no code with the client, so that they cannot share a
// mistake.
func TestSimulatorStandsAlone(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath != "authseed/importer/graph/graphsim" {
			continue
		}
		for _, path := range p.Imports {
			if strings.Contains(strings.Split(path, "/")[0], ".") || strings.HasPrefix(path, "authseed/") {
				t.Errorf("graphsim imports %s: it is written with the standard library alone", path)
			}
		}
		return
	}
	t.Error("graphsim is not there")
}

// calls finds selector expressions such as time.Now in a package's files.
func calls(t *testing.T, p listed, found func(file, left, name string)) {
	t.Helper()
	for _, file := range p.GoFiles {
		tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				left := ""
				if id, ok := s.X.(*ast.Ident); ok {
					left = id.Name
				}
				found(file, left, s.Sel.Name)
			}
			return true
		})
	}
}

// pure packages take time as a value and tell nobody but their caller.
var pure = []string{"importer/plan", "importer/readiness", "importer/report", "importer/report/wording", "importer/schedule", "importer/pace", "mapping", "mapping/address", "mapping/authmethod", "mapping/charset", "mapping/country", "mapping/phone", "mapping/preset", "mapping/table"}

// reveals lists where a clear value leaves the program or is stored. Every line
// here is a decision.
var reveals = []string{
	"importer/graph/item.go",      // to Graph
	"importer/graph/errors.go",    // to find it in the service's messages and mask it there
	"importer/plan/document.go",   // the saved plan, 0600
	"importer/report/failures.go", // the failure list, 0600
	"importer/report/json.go",     // --reveal
	"importer/roster/packing.go",  // packed, in memory, until the people are known
}

func TestConduct(t *testing.T) {
	var revealing []string
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "authseed/")
		calls(t, p, func(file, left, selected string) {
			where := name + "/" + file
			switch {
			case left == "os" && selected == "Exit" && name != "cmd/authseed" && name != "samples/generate":
				t.Errorf("%s calls os.Exit: only main ends the process", where)
			case left == "time" && selected == "Now" && slices.Contains(pure, name):
				t.Errorf("%s reads the clock: time is a value here", where)
			case left == "slog" && selected != "Value" && selected != "StringValue" && slices.Contains(pure, name):
				t.Errorf("%s logs: a pure package tells its caller", where)
			case selected == "Reveal" && left != "f" && left != "flags" && !slices.Contains(revealing, where):
				revealing = append(revealing, where)
			}
		})
	}
	for _, where := range revealing {
		if !slices.Contains(reveals, where) {
			t.Errorf("%s reveals a value: is it stored or sent there? then say so in reveals", where)
		}
	}
	for _, where := range reveals {
		if !slices.Contains(revealing, where) {
			t.Errorf("reveals lists %s, which reveals nothing", where)
		}
	}
}
