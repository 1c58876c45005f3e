package mapping

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"authseed/mapping/table"
)

// Bounds of a mapping file. The deepest place in a good one is
// examples → row → cell. The parser's time grows with the square of the tokens,
// and it nests a call for every key of a block: 1 MiB of short lines would take
// it minutes, the most that is allowed a fraction of a second.
const (
	maxFile   = 1 << 20
	maxTokens = 20_000
	maxDepth  = 16
)

// document is a mapping file that is being read: the YAML it holds, without
// anything of YAML that a mapping file has no use for, and what is wrong with
// it. Texts are taken as they are written, so that 0042 stays 0042.
type document struct{ problems FileError }

// load gives the file's one value, nil if there is none to work with; then a
// problem says why.
func (d *document) load(data []byte) ast.Node {
	start := place{1, 1}
	if len(data) > maxFile {
		d.problems.add(start, "the mapping file is larger than 1 MiB", "give the mapping file here, and the export where it belongs")
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if at, what := notText(data); what != "" {
		d.problems.add(at, what, "save the mapping file as UTF-8 text")
		return nil
	}
	tokens := lexer.Tokenize(string(data))
	if d.foreign(tokens); len(d.problems.Problems) > 0 {
		return nil
	}
	file, err := parse(tokens)
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) {
			d.problems.add(tokenPlace(syntax.Token), "the YAML breaks here: "+syntax.Message, "texts with : # or quotes in them are best put in quotes")
		} else {
			d.problems.add(start, "the mapping file cannot be read as YAML", "")
		}
		return nil
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		d.problems.add(start, "the mapping file is empty", "begin with `version: 1`")
		return nil
	}
	if len(file.Docs) > 1 {
		d.problems.add(tokenPlace(file.Docs[1].Start), "a second document begins here", "keep one mapping in a file")
		return nil
	}
	return file.Docs[0].Body
}

// parse guards against the parser: it reads what strangers wrote, and a bug of
// it must not end the program.
func parse(tokens token.Tokens) (file *ast.File, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the YAML parser failed")
		}
	}()
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

// notText finds what cannot be in a text file.
func notText(data []byte) (place, string) {
	line := 1
	for rest := data; len(rest) > 0; line++ {
		text, after, _ := bytes.Cut(rest, []byte("\n"))
		column := 1
		for len(text) > 0 {
			r, size := utf8.DecodeRune(text)
			switch {
			case r == utf8.RuneError && size == 1:
				return place{line, column}, "the mapping file is not UTF-8"
			case r < ' ' && r != '\t' && r != '\r', r == 0x7f:
				return place{line, column}, "the mapping file holds a control character"
			}
			text = text[size:]
			column++
		}
		rest = after
	}
	return place{}, ""
}

// foreign refuses, before the parser sees them, the parts of YAML by which a
// small file becomes large or deep, or says one thing and means another.
func (d *document) foreign(tokens token.Tokens) {
	const quote = "put the text in quotes if it is one"
	if len(tokens) > maxTokens {
		d.problems.add(tokenPlace(tokens[maxTokens]), "the mapping file is far too long", "it says which columns to read; the rows belong into the export")
		return
	}
	depth, entries, line := 0, 0, 0
	for _, tk := range tokens {
		at := tokenPlace(tk)
		if at.line != line {
			line, entries = at.line, 0
		}
		switch tk.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			d.problems.add(at, "anchors and aliases have no place in a mapping file", quote)
		case token.TagType:
			d.problems.add(at, "tags have no place in a mapping file", quote)
		case token.DirectiveType:
			d.problems.add(at, "directives have no place in a mapping file", quote)
		case token.MappingKeyType:
			d.problems.add(at, "a key cannot begin with a question mark", quote)
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType:
			entries++
		}
		if depth > maxDepth || entries > maxDepth || tk.Position != nil && tk.Position.IndentLevel > maxDepth {
			d.problems.add(at, "nested too deeply for a mapping file", "")
			return
		}
	}
}

func tokenPlace(tk *token.Token) place {
	if tk == nil || tk.Position == nil {
		return place{1, 1}
	}
	return place{max(tk.Position.Line, 1), max(tk.Position.Column, 1)}
}

// nodePlace is where a value begins. The parser puts a block of keys at its
// first colon.
func nodePlace(node ast.Node) place {
	if pairs, ok := pairsOf(node); ok && len(pairs) > 0 {
		if block, ok := node.(*ast.MappingNode); !ok || !block.IsFlowStyle {
			return tokenPlace(pairs[0].Key.GetToken())
		}
	}
	return tokenPlace(node.GetToken())
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

// textOf gives a scalar as it was written, false for what is no scalar.
func textOf(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.NullNode:
		if isEmpty(n) {
			return "", true
		}
		return n.Token.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// isEmpty reports whether nothing is written where a value may be.
func isEmpty(node ast.Node) bool {
	null, ok := node.(*ast.NullNode)
	return ok && null.Token.Type == token.ImplicitNullType
}

// field is one key of a block with its value.
type field struct {
	key   string
	at    place // of the key
	value ast.Node
}

// fields reads a block of keys. Without known keys every key will do.
func (d *document) fields(node ast.Node, what string, known ...string) ([]field, bool) {
	pairs, ok := pairsOf(node)
	if !ok {
		d.mismatch(node, what, "a block of keys with values")
		return nil, false
	}
	var fields []field
	seen := map[string]bool{}
	for _, pair := range pairs {
		at := tokenPlace(pair.Key.GetToken())
		name, ok := textOf(pair.Key)
		name = strings.TrimSpace(name)
		switch {
		case !ok:
			d.problems.add(at, fmt.Sprintf("a key of %s is not a text", what), "")
		case seen[name]:
			d.problems.add(at, fmt.Sprintf("`%s` is given twice", name), "keep one of them")
		case known != nil && !slices.Contains(known, name):
			d.unknown(at, "key", name, known)
		default:
			fields = append(fields, field{name, at, pair.Value})
		}
		seen[name] = true
	}
	return fields, true
}

// items reads a list that holds something.
func (d *document) items(node ast.Node, what string) []ast.Node {
	list, ok := node.(*ast.SequenceNode)
	switch {
	case !ok:
		d.mismatch(node, what, "a list")
		return nil
	case len(list.Values) == 0:
		d.problems.add(nodePlace(node), fmt.Sprintf("%s is an empty list", what), "fill it in, or leave it out")
		return nil
	}
	return list.Values
}

// text reads a text that is not empty, trimmed.
func (d *document) text(node ast.Node, what string) (string, bool) {
	text, ok := textOf(node)
	text = strings.TrimSpace(text)
	switch {
	case !ok:
		d.mismatch(node, what, "a text")
	case text == "" || node.Type() == ast.NullType:
		d.problems.add(nodePlace(node), what+" is empty", "")
		return "", false
	}
	return text, ok
}

// word reads one of a few words.
func (d *document) word(node ast.Node, what string, words ...string) (string, bool) {
	text, ok := d.text(node, what)
	if ok && !slices.Contains(words, text) {
		d.unknown(nodePlace(node), what, text, words)
		return "", false
	}
	return text, ok
}

func (d *document) unknown(at place, what, name string, known []string) {
	if d.problems.full() {
		return // a suggestion that nobody will see takes time
	}
	sentence, hint := fmt.Sprintf("unknown %s `%s`", what, name), "it can be `"+strings.Join(known, "`, `")+"`"
	if meant, ok := table.Nearest(name, known); ok {
		sentence += fmt.Sprintf("; did you mean `%s`?", meant)
	}
	d.problems.add(at, sentence, hint)
}

func (d *document) mismatch(node ast.Node, what, wanted string) {
	got, hint := "a text", ""
	switch node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		got = "a block of keys"
		if wanted == "a text" {
			hint = "put the text in quotes if it holds a colon"
		}
	case *ast.SequenceNode:
		got = "a list"
	case *ast.NullNode:
		got = "empty"
	}
	d.problems.add(nodePlace(node), fmt.Sprintf("%s is %s; %s is expected", what, got, wanted), hint)
}
