package schedule

import (
	"bytes"
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"authseed/mapping/table"
)

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	Line, Column int    // 1-based
	What, Hint   string // sentences without a full stop
}

// FileError lists what is wrong with a configuration, in the order of the file.
type FileError struct {
	Name     string
	Problems []Problem
}

// Error gives every problem on a line of its own, with its place and without its
// hint.
func (e *FileError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = fmt.Sprintf("%s:%d:%d: %s", e.Name, p.Line, p.Column, p.What)
	}
	return strings.Join(lines, "\n")
}

// Hint is what to do about the first problem that has one.
func (e *FileError) Hint() string {
	for _, p := range e.Problems {
		if p.Hint != "" {
			return p.Hint
		}
	}
	return "authseed help nightly describes the file, authseed sync --schema is for editors"
}

const (
	fileVersion = 1
	maxFile     = 1 << 20
	maxTokens   = 50_000 // thousands of tenants; the parser's time grows with their square
	maxProblems = 50
)

// Parse reads a configuration; name is what errors call it and whose folder the
// names in it begin at. The error is a [*FileError] with everything that can be
// said about the file at once.
func Parse(name string, data []byte) (*File, error) {
	d := &document{FileError: FileError{Name: name}, places: map[string]place{}}
	var file File
	if root := d.load(data); root != nil && d.version(root) {
		d.read(root, &file)
		if len(d.Problems) == 0 {
			file.anchor(filepath.Dir(name))
			d.judge(&file)
		}
		d.leave(&file)
	}
	if len(d.Problems) == 0 {
		return &file, nil
	}
	slices.SortStableFunc(d.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return nil, &d.FileError
}

type place struct{ line, column int }

// document is a configuration that is being read.
type document struct {
	FileError
	places map[string]place // of every value, by its path
}

func (d *document) add(at place, hint, format string, args ...any) {
	if len(d.Problems) < maxProblems {
		d.Problems = append(d.Problems, Problem{at.line, at.column, fmt.Sprintf(format, args...), hint})
	}
}

// load gives the file's one value, nil where there is none; then a problem says
// why.
func (d *document) load(data []byte) ast.Node {
	start := place{1, 1}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	switch {
	case len(data) > maxFile:
		d.add(start, "", "the configuration is larger than 1 MiB")
		return nil
	case !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0:
		d.add(start, "save it as UTF-8", "the configuration is not text in UTF-8")
		return nil
	}
	tokens := lexer.Tokenize(string(data))
	if len(tokens) > maxTokens {
		d.add(placeOf(tokens[maxTokens]), "split it into several files", "the configuration is far too long")
		return nil
	}
	for _, tk := range tokens {
		switch tk.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType:
			d.add(placeOf(tk), "what tenants share goes under defaults; a text that begins like one is put in quotes", "anchors, aliases and tags have no place here")
		}
	}
	if len(d.Problems) > 0 {
		return nil
	}
	file, err := parse(tokens)
	var syntax *yaml.SyntaxError
	switch {
	case errors.As(err, &syntax):
		d.add(placeOf(syntax.Token), "texts with : # or quotes in them are best put in quotes", "the YAML breaks here: %s", syntax.Message)
	case err != nil:
		d.add(start, "", "the configuration cannot be read as YAML")
	case len(file.Docs) == 0 || file.Docs[0].Body == nil:
		d.add(start, "begin with `version: 1`", "the configuration is empty")
	case len(file.Docs) > 1:
		d.add(placeOf(file.Docs[1].Start), "list the tenants under tenants", "a second document begins here")
	default:
		return file.Docs[0].Body
	}
	return nil
}

// parse guards against the parser: a bug of it must not end the program.
func parse(tokens token.Tokens) (file *ast.File, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the YAML parser failed")
		}
	}()
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

func placeOf(tk *token.Token) place {
	if tk == nil || tk.Position == nil {
		return place{1, 1}
	}
	return place{max(tk.Position.Line, 1), max(tk.Position.Column, 1)}
}

func nodePlace(node ast.Node) place {
	if pairs, ok := pairsOf(node); ok && len(pairs) > 0 {
		return placeOf(pairs[0].Key.GetToken())
	}
	return placeOf(node.GetToken())
}

func pairsOf(node ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// textOf gives a scalar as it was written, false for what is no scalar or empty.
func textOf(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, strings.TrimSpace(n.Value) != ""
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// version comes before everything else: nothing is known about the keys of
// another version.
func (d *document) version(root ast.Node) bool {
	pairs, ok := pairsOf(root)
	if !ok {
		d.add(nodePlace(root), "", "the configuration is not a block of keys with values")
		return false
	}
	for _, pair := range pairs {
		if key, _ := textOf(pair.Key); key != "version" {
			continue
		}
		text, _ := textOf(pair.Value)
		if n, err := strconv.Atoi(text); err == nil && n > fileVersion {
			d.add(nodePlace(pair.Value), "use a newer authseed", "version %d of the configuration is newer than this authseed, which reads version %d", n, fileVersion)
			return false
		} else if n == fileVersion {
			return true
		}
		d.add(nodePlace(pair.Value), "write `version: 1`", "that is no version of the configuration")
		return false
	}
	d.add(nodePlace(root), "begin with `version: 1`", "missing key `version`")
	return false
}

// read fills in the file. What defaults say is read into every tenant before its
// own keys, so that each has values of its own.
func (d *document) read(root ast.Node, file *File) {
	d.into(root, reflect.ValueOf(file).Elem(), "")
	pairs, _ := pairsOf(root)
	var shared ast.Node
	for _, pair := range pairs {
		if key, _ := textOf(pair.Key); key == "defaults" {
			shared = pair.Value
		}
	}
	if shared == nil || len(d.Problems) > 0 {
		return
	}
	for _, pair := range pairs {
		if key, _ := textOf(pair.Key); key != "tenants" {
			continue
		}
		for i, own := range pair.Value.(*ast.SequenceNode).Values {
			var job Job
			path := fmt.Sprintf("tenants[%d]", i)
			d.into(shared, reflect.ValueOf(&job).Elem(), path)
			d.into(own, reflect.ValueOf(&job).Elem(), path)
			file.Tenants[i] = job
		}
	}
}

// leave leaves in every job where its values stand.
func (d *document) leave(file *File) {
	for i := range file.Tenants {
		file.Tenants[i].file, file.Tenants[i].places = d.Name, map[string]place{}
	}
	for path, at := range d.places {
		rest, of := strings.CutPrefix(path, "tenants[")
		number, key, inside := strings.Cut(rest, "].")
		if n, err := strconv.Atoi(number); of && inside && err == nil {
			file.Tenants[n].places[key] = at
		}
	}
}

// into reads a value by the type of what it goes into.
func (d *document) into(node ast.Node, v reflect.Value, path string) {
	d.places[path] = nodePlace(node)
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		v = v.Elem()
	}
	if text, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		written, scalar := textOf(node)
		if !scalar {
			d.mismatch(node, path, "a single value")
		} else if err := text.UnmarshalText([]byte(written)); err != nil {
			d.add(nodePlace(node), "", "%s: %v", last(path), err)
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.block(node, v, path)
	case reflect.Slice:
		list, ok := node.(*ast.SequenceNode)
		if !ok {
			d.mismatch(node, path, "a list")
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(list.Values), len(list.Values)))
		for i, item := range list.Values {
			d.into(item, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	default:
		d.scalar(node, v, path)
	}
}

func (d *document) scalar(node ast.Node, v reflect.Value, path string) {
	text, ok := textOf(node)
	text = strings.TrimSpace(text)
	var err error
	switch {
	case !ok:
		d.mismatch(node, path, "a text that is not empty")
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		if text != "true" && text != "false" {
			d.mismatch(node, path, "true or false")
		}
		v.SetBool(text == "true")
	case v.Kind() == reflect.Int:
		var n int
		if n, err = strconv.Atoi(text); err != nil || n < 0 {
			d.mismatch(node, path, "a number from 0")
		}
		v.SetInt(int64(n))
	case v.Kind() == reflect.Float64:
		var n float64
		if n, err = strconv.ParseFloat(text, 64); err != nil || !(n >= 0) {
			d.mismatch(node, path, "a number from 0")
		}
		v.SetFloat(n)
	}
}

// block reads keys with values. Where a secret's whereabouts are expected and a
// text stands, that may be the secret: it is refused and not repeated.
func (d *document) block(node ast.Node, v reflect.Value, path string) {
	pairs, ok := pairsOf(node)
	switch {
	case !ok && v.Type() == reflect.TypeFor[Reference]():
		d.add(nodePlace(node), fmt.Sprintf("%s: {env: NAME} or {file: PATH}", last(path)), "%s says where a secret is kept, and a text stands there; a secret has no place in this file", last(path))
		return
	case !ok:
		d.mismatch(node, path, "a block of keys with values")
		return
	}
	fields := map[string]reflect.Value{}
	var known []string
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		fields[name], known = v.Field(i), append(known, name)
	}
	seen := map[string]bool{}
	for _, pair := range pairs {
		at := placeOf(pair.Key.GetToken())
		key, _ := textOf(pair.Key)
		field, ok := fields[key]
		switch {
		case !ok:
			d.unknown(at, "key", key, known)
		case seen[key]:
			d.add(at, "keep one of them", "`%s` is given twice", key)
		default:
			d.into(pair.Value, field, strings.TrimPrefix(path+"."+key, "."))
		}
		seen[key] = true
	}
}

func (d *document) unknown(at place, what, name string, known []string) {
	sentence := fmt.Sprintf("unknown %s `%s`", what, name)
	if near, ok := table.Nearest(name, known); ok {
		sentence += fmt.Sprintf("; did you mean `%s`?", near)
	}
	d.add(at, "it can be `"+strings.Join(known, "`, `")+"`", "%s", sentence)
}

func (d *document) mismatch(node ast.Node, path, wanted string) {
	d.add(nodePlace(node), "", "%s: %s is expected", last(path), wanted)
}

// last is the key at the end of a path.
func last(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
