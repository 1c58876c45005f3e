// Vet type-checks all of authseed for another system, tests and all, and runs the
// analyzers of go vet on it.
//
//	GOOS=windows GOARCH=amd64 vet FOLDER
//
// go vet would first compile everything for that system that authseed and its tests
// import, and then look at all of that too. This reads the same files from source,
// of what is not authseed's own the declarations alone: minutes become seconds.
// What another package's function does with its arguments (does it print them?) is
// therefore not known here. It is to go vet, on the system at hand.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/analysis/suite/vet"
	"golang.org/x/tools/go/packages"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: vet FOLDER")
		os.Exit(2)
	}
	found, err := look(os.Args[1], os.Environ())
	if err != nil {
		fmt.Fprintln(os.Stderr, "vet:", err)
		os.Exit(1)
	}
	for _, f := range found {
		fmt.Fprintln(os.Stderr, f)
	}
	if len(found) > 0 {
		os.Exit(1)
	}
}

// look vets the module of a folder, and returns what it found.
func look(dir string, environ []string) (found []string, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	own := func(file string) bool { return strings.HasPrefix(file, dir+string(filepath.Separator)) }
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.LoadAllSyntax | packages.NeedModule, Dir: dir, Env: environ, Tests: true,
		ParseFile: func(files *token.FileSet, name string, text []byte) (*ast.File, error) {
			file, err := parser.ParseFile(files, name, text, parser.ParseComments|parser.SkipObjectResolution)
			if file != nil && !own(name) {
				declare(file)
			}
			return file, err
		},
	}, "./...")
	if err != nil {
		return nil, err
	}
	if len(pkgs) == 0 {
		return nil, fmt.Errorf("no packages in %s", dir)
	}
	packages.Visit(pkgs, nil, func(p *packages.Package) {
		for _, e := range p.Errors {
			found = append(found, e.Error())
		}
	})
	if len(found) > 0 {
		return found, nil // it does not compile
	}
	graph, err := checker.Analyze(vet.Suite, pkgs, nil)
	if err != nil {
		return nil, err
	}
	told := map[string]bool{} // a file is in its package and in its package with tests
	for _, action := range graph.Roots {
		if action.Err != nil {
			return nil, fmt.Errorf("%v: %w", action, action.Err)
		}
		for _, d := range action.Diagnostics {
			text := fmt.Sprintf("%s: %s", action.Package.Fset.Position(d.Pos), d.Message)
			if !told[text] {
				told[text] = true
				found = append(found, text)
			}
		}
	}
	return found, nil
}

// declare leaves a file its declarations: a function's body is a panic, and what
// only bodies used is imported for its side effects.
func declare(file *ast.File) {
	used := map[string]bool{}
	uses := func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok {
				used[x.Name] = true
			}
		}
		return true
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			ast.Inspect(d, uses)
			continue
		}
		if f.Recv != nil {
			ast.Inspect(f.Recv, uses)
		}
		ast.Inspect(f.Type, uses)
		if f.Body != nil { // else it is assembly
			at := f.Body.Lbrace
			f.Body = &ast.BlockStmt{Lbrace: at, Rbrace: f.Body.Rbrace, List: []ast.Stmt{&ast.ExprStmt{X: &ast.CallExpr{
				Fun: &ast.Ident{NamePos: at, Name: "panic"}, Lparen: at, Rparen: at,
				Args: []ast.Expr{&ast.BasicLit{ValuePos: at, Kind: token.INT, Value: "0"}},
			}}}}
		}
	}
	for _, i := range file.Imports {
		if i.Name == nil && !mentioned(i.Path.Value, used) || i.Name != nil && i.Name.Name != "." && i.Name.Name != "C" && !used[i.Name.Name] {
			i.Name = &ast.Ident{NamePos: i.Pos(), Name: "_"}
		}
	}
}

var version = regexp.MustCompile(`^v[0-9]+$|\.v[0-9]+$`)

// mentioned reports whether a package is used that is imported under its own name,
// of which the path alone is known here: its last part, but for a version, or where
// that is no name ("go-flags"), a part of it.
func mentioned(literal string, used map[string]bool) bool {
	full, err := strconv.Unquote(literal)
	if err != nil {
		return true
	}
	name := path.Base(full)
	if version.FindString(name) == name {
		name = path.Base(path.Dir(full))
	}
	name = version.ReplaceAllString(name, "")
	if token.IsIdentifier(name) {
		return used[name]
	}
	for u := range used {
		if strings.Contains(name, u) {
			return true
		}
	}
	return false
}
