package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"authseed/mapping/authmethod"
	"authseed/mapping/phone"
)

const fileVersion = 1

// Parse reads a mapping file; name is what errors call it. The error is a
// [*FileError] with everything that can be said about the file at once.
func Parse(name string, data []byte) (*Mapping, error) {
	p := parsing{
		document: document{FileError{Name: name}},
		m:        &Mapping{name: name, file: name, digest: digest(data), country: country{slot: none}},
	}
	if root := p.load(data); root != nil {
		p.root(root)
	}
	if err := p.problems.orNil(); err != nil {
		return nil, err
	}
	return p.m, nil
}

// parsing fills in a mapping from its file.
type parsing struct {
	document
	m *Mapping
}

func (p *parsing) root(node ast.Node) {
	if !p.version(node) {
		return
	}
	fields, _ := p.fields(node, "the mapping file",
		"version", "name", "source", "match", "where", "country", "methods", "policy", "examples")
	sections := map[string]func(ast.Node){
		"name":    p.name,
		"source":  p.source,
		"match":   p.match,
		"where":   p.where,
		"country": p.country,
		"methods": p.methods,
	}
	for _, f := range fields {
		if read := sections[f.key]; read != nil {
			read(f.value)
		}
	}
	for _, required := range []string{"match", "methods"} {
		if !given(fields, required) {
			p.problems.add(nodePlace(node), fmt.Sprintf("missing key `%s`", required), "")
		}
	}
	// Both speak of what methods has set up, wherever in the file they stand.
	for _, f := range fields {
		switch f.key {
		case "policy":
			p.policy(f.value)
		case "examples":
			p.examples(f.value)
		}
	}
}

func given(fields []field, key string) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return f.key == key })
}

// version comes before everything else: nothing is known about the keys of
// another version.
func (p *parsing) version(root ast.Node) bool {
	pairs, ok := pairsOf(root)
	if !ok {
		p.mismatch(root, "the mapping file", "a block of keys with values")
		return false
	}
	for _, pair := range pairs {
		if key, _ := textOf(pair.Key); key != "version" {
			continue
		}
		text, ok := p.text(pair.Value, "version")
		if !ok {
			return false
		}
		version, err := strconv.Atoi(text)
		switch {
		case err != nil || version < 1:
			p.problems.add(nodePlace(pair.Value), fmt.Sprintf("version `%s` is not a version", text), "write `version: 1`")
		case version > fileVersion:
			p.problems.add(nodePlace(pair.Value), fmt.Sprintf("version %d of the mapping file is newer than this authseed, which reads version %d", version, fileVersion), "use a newer authseed")
		}
		return err == nil && version == fileVersion
	}
	p.problems.add(nodePlace(root), "missing key `version`", "begin with `version: 1`")
	return false
}

func (p *parsing) name(node ast.Node) {
	if text, ok := p.text(node, "name"); ok {
		p.m.name = text
	}
}

func (p *parsing) source(node ast.Node) {
	fields, _ := p.fields(node, "source", "format", "encoding", "delimiter", "header_row")
	for _, f := range fields {
		switch f.key {
		case "format":
			p.word(f.value, "format", "auto", "csv")
		case "encoding":
			p.word(f.value, "encoding", "auto", "utf-8")
		case "delimiter":
			p.delimiter(f.value)
		case "header_row":
			p.headerRow(f.value)
		}
	}
}

func (p *parsing) delimiter(node ast.Node) {
	// Not read as other texts are: trimmed, a tab would be nothing.
	text, ok := textOf(node)
	if text != "\t" {
		text, ok = p.word(node, "delimiter", "auto", "tab", ",", ";", "|")
	}
	switch {
	case !ok || text == "auto":
	case text == "tab":
		p.m.source.Delimiter = '\t'
	default:
		p.m.source.Delimiter = rune(text[0])
	}
}

func (p *parsing) headerRow(node ast.Node) {
	text, ok := p.text(node, "header_row")
	if !ok || text == "auto" {
		return
	}
	line, err := strconv.Atoi(text)
	if err != nil || line < 1 {
		p.problems.add(nodePlace(node), fmt.Sprintf("header_row `%s` is not a line number", text), "count lines from 1, or write auto")
		return
	}
	p.m.source.HeaderLine = line
}

func (p *parsing) match(node ast.Node) {
	var names []string
	for _, a := range authmethod.Attributes() {
		names = append(names, string(a))
	}
	for _, item := range p.items(node, "match") {
		fields, ok := p.required(item, "an entry of match", "attribute", "column")
		if !ok {
			continue
		}
		attribute, _ := p.word(fields[0].value, "attribute", names...)
		if slot, ok := p.column(fields[1].value); ok {
			p.m.keys = append(p.m.keys, key{authmethod.Attribute(attribute), slot})
		}
	}
}

func (p *parsing) where(node ast.Node) {
	for _, item := range p.items(node, "where") {
		fields, ok := p.required(item, "an entry of where", "column", "in")
		if !ok {
			continue
		}
		slot, _ := p.column(fields[0].value)
		f := filter{slot: slot}
		for _, value := range p.items(fields[1].value, "in") {
			if text, ok := p.text(value, "a value of in"); ok {
				f.in = append(f.in, text)
			}
		}
		p.m.filters = append(p.m.filters, f)
	}
}

// required reads a block that has all of the known keys, and returns them in
// their order.
func (p *parsing) required(node ast.Node, what string, known ...string) ([]field, bool) {
	fields, ok := p.fields(node, what, known...)
	if !ok {
		return nil, false
	}
	ordered := make([]field, 0, len(known))
	for _, name := range known {
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == name })
		if i < 0 {
			p.problems.add(nodePlace(node), fmt.Sprintf("%s lacks the key `%s`", what, name), "")
			ok = false
			continue
		}
		ordered = append(ordered, fields[i])
	}
	return ordered, ok
}

func (p *parsing) country(node ast.Node) {
	fields, ok := p.fields(node, "country", "column", "default")
	if ok && len(fields) == 0 {
		p.problems.add(nodePlace(node), "country names neither a column nor a default", "")
	}
	for _, f := range fields {
		switch f.key {
		case "column":
			if slot, ok := p.column(f.value); ok {
				p.m.country.slot = slot
			}
		case "default":
			text, ok := p.text(f.value, "default")
			if !ok {
				continue
			}
			if p.m.country.fallback, ok = phone.Region(text); !ok {
				p.problems.add(nodePlace(f.value), fmt.Sprintf("default `%s` is not a country", text), "write two letters such as GB")
			}
		}
	}
}

func (p *parsing) methods(node ast.Node) {
	fields, ok := p.fields(node, "methods", kindNames()...)
	if ok && len(fields) == 0 {
		p.problems.add(nodePlace(node), "methods maps nothing", "")
	}
	for _, f := range fields {
		kind, err := authmethod.ParseKind(f.key)
		if err != nil {
			continue // fields has told
		}
		p.m.methods[kind] = p.method(kind, f)
		p.m.policy[kind] = Fill
	}
}

func kindNames() []string {
	var names []string
	for _, kind := range authmethod.Kinds() {
		names = append(names, kind.String())
	}
	return names
}

func (p *parsing) method(kind authmethod.Kind, of field) method {
	// Mapped even if nothing in it can be read, so that its policy and its
	// examples are not blamed as well.
	read := method{slots: []int{}, extension: none}
	fields, ok := p.fields(of.value, of.key, "columns", "extension")
	if ok && !given(fields, "columns") {
		p.problems.add(of.at, of.key+" lacks the key `columns`", "write columns: [Name of the column]")
	}
	for _, f := range fields {
		switch {
		case f.key == "columns":
			read.slots = p.slots(f.value, read.slots)
		case kind != authmethod.Office:
			p.problems.add(f.at, "only an office phone has an extension", "")
		default:
			if slot, ok := p.column(f.value); ok {
				read.extension = slot
			}
		}
	}
	return read
}

func (p *parsing) slots(node ast.Node, slots []int) []int {
	for _, item := range p.items(node, "columns") {
		slot, ok := p.column(item)
		switch {
		case ok && slices.Contains(slots, slot):
			p.problems.add(nodePlace(item), fmt.Sprintf("column `%s` is listed twice", p.m.columns[slot].name), "keep one of them")
		case ok:
			slots = append(slots, slot)
		}
	}
	return slots
}

// column reads the name of a column and gives its slot, a new one for a name
// that was not there before.
func (p *parsing) column(node ast.Node) (int, bool) {
	name, ok := p.text(node, "a column")
	if !ok {
		return none, false
	}
	if slot := p.slot(name); slot != none {
		return slot, true
	}
	p.m.columns = append(p.m.columns, column{foldName(name), nodePlace(node)})
	return len(p.m.columns) - 1, true
}

// slot is the slot of a column that is mapped, or none.
func (p *parsing) slot(name string) int {
	name = foldName(name)
	return slices.IndexFunc(p.m.columns, func(c column) bool { return c.name == name })
}

func (p *parsing) policy(node ast.Node) {
	fields, _ := p.fields(node, "policy", kindNames()...)
	for _, f := range fields {
		text, ok := textOf(f.value)
		if ok && strings.TrimSpace(text) == "own" {
			p.problems.add(nodePlace(f.value), "policy `own` cannot be used: this version keeps no ledger, so it cannot tell the values that it wrote itself", "write fill or replace")
			continue
		}
		word, ok := p.word(f.value, "policy", string(Fill), string(Replace))
		kind, err := authmethod.ParseKind(f.key)
		if err != nil || !ok {
			continue
		}
		if p.m.methods[kind].slots == nil {
			p.problems.add(f.at, fmt.Sprintf("a policy for %s, which is not mapped", f.key), "map it under methods, or leave its policy out")
			continue
		}
		p.m.policy[kind] = Policy(word)
	}
}
