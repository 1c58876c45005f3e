package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"

	"authseed/mapping/authmethod"
)

const fileVersion = 1

// Parse reads a mapping file; name is what errors call it. The error is a
// [*FileError] with everything that can be said about the file at once.
func Parse(name string, data []byte) (*Mapping, error) {
	p := parsing{
		document: document{FileError{Name: name}},
		m:        &Mapping{name: name, file: name, digest: digest(data), country: homeRule{slot: none}, department: none},
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
	fields, _ := block[File](p, node, "the mapping file")
	sections := map[string]func(ast.Node){
		"name":       p.name,
		"source":     p.source,
		"match":      p.match,
		"where":      p.where,
		"country":    p.country,
		"department": p.department,
		"methods":    p.methods,
	}
	for _, f := range fields {
		if read := sections[f.key]; read != nil {
			read(f.value)
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

// block reads a block whose keys are those of T.
func block[T any](p *parsing, node ast.Node, what string) ([]field, bool) {
	known, required := keys[T]()
	fields, ok := p.fields(node, what, known...)
	for _, name := range required {
		if ok && !given(fields, name) {
			p.problems.add(nodePlace(node), fmt.Sprintf("%s lacks the key `%s`", what, name), "authseed help mapping shows a whole one")
		}
	}
	return fields, ok
}

// whole reads a block that has to have all of T's required keys.
func whole[T any](p *parsing, node ast.Node, what string) ([]field, bool) {
	fields, ok := block[T](p, node, what)
	_, required := keys[T]()
	for _, name := range required {
		ok = ok && given(fields, name)
	}
	return fields, ok
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

func attributeWords() []string {
	var names []string
	for _, a := range authmethod.Attributes() {
		names = append(names, string(a))
	}
	return names
}

func (p *parsing) match(node ast.Node) {
	for _, item := range p.items(node, "match") {
		fields, ok := whole[Match](p, item, "an entry of match")
		if !ok {
			continue
		}
		k := key{slot: none}
		for _, f := range fields {
			switch f.key {
			case "attribute":
				text, _ := p.word(f.value, f.key, attributeWords()...)
				k.attribute = authmethod.Attribute(text)
			case "column":
				k.slot, ok = p.column(f.value)
			}
		}
		for _, f := range fields {
			if f.key == "domain" {
				k.domain = p.domain(f, k.attribute)
			}
		}
		if ok {
			p.m.keys = append(p.m.keys, k)
		}
	}
}

// domain reads what is put behind the values of a key that is an address.
func (p *parsing) domain(f field, of authmethod.Attribute) string {
	text, ok := p.text(f.value, f.key)
	text = strings.TrimPrefix(text, "@")
	switch {
	case !ok:
	case !slices.Contains(addressKeys, of):
		p.problems.add(f.at, fmt.Sprintf("a domain goes with an address, and %s is none", of), "leave the domain out")
	case strings.ContainsAny(text, "@ ") || !strings.Contains(text, "."):
		p.problems.add(nodePlace(f.value), fmt.Sprintf("domain `%s` is not a domain", text), "write it as in contoso.com")
	default:
		return strings.ToLower(text)
	}
	return ""
}

// addressKeys are the matching attributes whose values have a domain.
var addressKeys = []authmethod.Attribute{authmethod.UserPrincipalName, authmethod.Mail, authmethod.OnPremisesUserPrincipalName}

func (p *parsing) where(node ast.Node) {
	for _, item := range p.items(node, "where") {
		if f, ok := p.cells(item, "an entry of where"); ok {
			p.m.filters = append(p.m.filters, f)
		}
	}
}

// cells reads a condition on a column.
func (p *parsing) cells(node ast.Node, what string) (filter, bool) {
	fields, ok := whole[Cells](p, node, what)
	f := filter{slot: none}
	for _, part := range fields {
		switch part.key {
		case "column":
			f.slot, _ = p.column(part.value)
		case "in":
			for _, value := range p.items(part.value, part.key) {
				if text, ok := p.text(value, "a value of in"); ok {
					f.in = append(f.in, text)
				}
			}
		}
	}
	return f, ok
}

const usageLocation = "usageLocation"

func (p *parsing) country(node ast.Node) {
	fields, ok := block[CountryOf](p, node, "country")
	if ok && len(fields) == 0 {
		p.problems.add(nodePlace(node), "country names neither a column nor a default", "")
	}
	for _, f := range fields {
		switch f.key {
		case "column":
			if slot, ok := p.column(f.value); ok {
				p.m.country.slot = slot
			}
		case "from":
			_, p.m.country.usage = p.word(f.value, f.key, usageLocation)
		case "default":
			text, ok := p.text(f.value, "default")
			if !ok {
				continue
			}
			region, fault := readCountry(text)
			if fault != "" {
				p.problems.add(nodePlace(f.value), fmt.Sprintf("default `%s` %s", text, fault), "write a country such as GB or Germany")
			}
			p.m.country.fallback = region
		}
	}
}

func (p *parsing) department(node ast.Node) {
	fields, _ := whole[ColumnOf](p, node, "department")
	for _, f := range fields {
		if slot, ok := p.column(f.value); ok {
			p.m.department = slot
		}
	}
}

func (p *parsing) methods(node ast.Node) {
	fields, ok := block[Methods](p, node, "methods")
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

func (p *parsing) method(kind authmethod.Kind, of field) method {
	// Mapped even if nothing in it can be read, so that its policy and its
	// examples are not blamed as well.
	read := unmapped
	read.slots = []int{}
	fields, _ := block[Method](p, of.value, of.key)
	for _, f := range fields {
		column := func() int {
			slot, _ := p.column(f.value)
			return slot
		}
		switch {
		case f.key == "columns":
			read.slots = p.slots(f.value, read.slots)
		case f.key == "when":
			if when, ok := p.cells(f.value, "when"); ok {
				read.when = &when
			}
		case f.key == "separator":
			read.separator = p.separator(f.value)
		case f.key == "extension" && kind == authmethod.Office:
			read.extension = column()
		case f.key == "extension":
			p.problems.add(f.at, "only an office phone has an extension", "")
		case !kind.IsPhone():
			p.problems.add(f.at, fmt.Sprintf("%s has no %s", kind, f.key), "leave it out")
		case f.key == "country_code":
			read.code = column()
		case f.key == "area_code":
			read.area = column()
		}
	}
	if (read.code != none || read.area != none) && (len(read.slots) > 1 || read.separator != "") {
		p.problems.add(of.at, fmt.Sprintf("%s is split over columns, so it has one column of numbers and no separator", of.key), "keep one of its columns")
	}
	return read
}

// separator is not read as other texts are: trimmed, a line break would be
// nothing.
func (p *parsing) separator(node ast.Node) string {
	text, ok := textOf(node)
	switch {
	case !ok:
		p.mismatch(node, "separator", "a text")
	case text == "":
		p.problems.add(nodePlace(node), "separator is empty", `write what stands between the values, such as ";" or "\n"`)
	case strings.ContainsFunc(text, unicode.IsDigit), strings.ContainsAny(text, "+@"):
		p.problems.add(nodePlace(node), "a separator cannot hold what a value is made of", `write what stands between the values, such as ";" or "\n"`)
		return ""
	}
	return text
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
	fields, _ := block[Policies](p, node, "policy")
	for _, f := range fields {
		word, ok := p.word(f.value, "policy", policyWords()...)
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
