package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"authseed/mapping/authmethod"
	"authseed/mapping/phone"
)

// example is a row that the author of the mapping file wrote down, and what is
// to come of it.
type example struct {
	cells []string // by slot
	given []bool   // by slot: the row has the column
	home  string   // the person's usageLocation, where the mapping asks for it
	wants []want
}

type want struct {
	kind     authmethod.Kind
	line     int
	value    authmethod.Value
	clear    bool
	reason   authmethod.Reason
	anything bool // false: nothing is wanted
}

// ExampleFailure is an example of the mapping file that does not come out.
type ExampleFailure struct {
	Line      int // of the mapping file
	Kind      authmethod.Kind
	Got, Want string // a masked value, <clear>, a reason with its detail, or "nothing"
}

// String is the failure in one line.
func (f ExampleFailure) String() string {
	return fmt.Sprintf("line %d: %s: got %s, want %s", f.Line, f.Kind, f.Got, f.Want)
}

// RunExamples maps the rows of the file's own examples and lists what does not
// come out as wanted. A method that an example does not mention is not checked,
// and where asks only for the columns that its row has.
func (m *Mapping) RunExamples() []ExampleFailure {
	var failures []ExampleFailure
	for _, ex := range m.examples {
		asked := *m
		asked.filters = nil
		for _, f := range m.filters {
			if ex.given[f.slot] {
				asked.filters = append(asked.filters, f)
			}
		}
		e := asked.At(asked.entry(0, ex.cells), ex.home)
		for _, w := range ex.wants {
			if got, ok := w.check(e); !ok {
				failures = append(failures, ExampleFailure{w.line, w.kind, got, w.String()})
			}
		}
	}
	return failures
}

// String is what is wanted, masked.
func (w want) String() string {
	switch {
	case !w.anything:
		return "nothing"
	case w.clear:
		return ClearMark
	case w.reason != "":
		return string(w.reason)
	}
	return w.value.String()
}

// check compares with an entry and says, masked, what the entry holds.
func (w want) check(e Entry) (got string, ok bool) {
	wish := e.Wishes[w.kind]
	if !wish.IsZero() {
		got = wish.Value.String()
		if wish.Clear {
			got = ClearMark
		} else if got == w.String() {
			got += " (other digits or letters behind the mask)"
		}
		return got, w.anything && w.reason == "" && wish.Equal(authmethod.Wish{Value: w.value, Clear: w.clear})
	}
	reason, detail := authmethod.Reason(""), ""
	if e.Skip != nil {
		reason, detail = e.Skip.Reason, e.Skip.Detail
	}
	for _, p := range e.Problems {
		if p.Kind == w.kind {
			reason, detail = p.Reason, p.Detail
			if reason == w.reason {
				break
			}
		}
	}
	if reason == "" {
		return "nothing", !w.anything
	}
	// A row that is left out because it is not in scope asks nothing, as wanted.
	return fmt.Sprintf("%s (%s)", reason, detail), reason == w.reason || !w.anything && reason == authmethod.OutOfScope
}

func (p *parsing) examples(node ast.Node) {
	for _, item := range p.items(node, "examples") {
		fields, ok := whole[Example](p, item, "an example")
		if !ok {
			continue
		}
		var ex example
		for _, f := range fields {
			switch f.key {
			case "row":
				p.exampleRow(f.value, &ex)
			case "want":
				ex.wants = p.exampleWants(f.value)
			}
		}
		p.m.examples = append(p.m.examples, ex)
	}
}

func (p *parsing) exampleRow(node ast.Node, ex *example) {
	ex.cells, ex.given = make([]string, len(p.m.columns)), make([]bool, len(p.m.columns))
	fields, _ := p.fields(node, "row")
	for _, f := range fields {
		text, ok := textOf(f.value)
		if !ok {
			p.mismatch(f.value, "a cell", "a text")
			continue
		}
		if slot := p.slot(f.key); slot != none {
			ex.cells[slot], ex.given[slot] = strings.TrimSpace(text), true
			continue
		}
		if f.key == usageLocation && p.m.country.usage {
			ex.home = strings.TrimSpace(text)
			continue
		}
		var names []string
		for _, c := range p.m.columns {
			names = append(names, c.name)
		}
		p.unknown(f.at, "column", f.key, names)
	}
}

func (p *parsing) exampleWants(node ast.Node) []want {
	fields, ok := block[Wants](p, node, "want")
	if ok && len(fields) == 0 {
		p.problems.add(nodePlace(node), "want says nothing", "name a method and what is to come of it, null for nothing")
	}
	var wants []want
	for _, f := range fields {
		kind, err := authmethod.ParseKind(f.key)
		if err != nil {
			continue // fields has told
		}
		if p.m.methods[kind].slots == nil {
			p.problems.add(f.at, fmt.Sprintf("an example wants %s, which is not mapped", f.key), "map it under methods, or leave it out here")
			continue
		}
		if w, ok := p.want(kind, f.value); ok {
			wants = append(wants, w)
		}
	}
	return wants
}

func wanted(kind authmethod.Kind, text string) (authmethod.Wish, *Problem) {
	if kind == authmethod.Email {
		return readAddress(text)
	}
	number, err := phone.Parse(text, "", "", use(kind))
	return phoneWish(number, err, home{unknown: "what is wanted is the form with a plus"})
}

// reasonWords are the reasons that mapping itself gives.
var reasonWords = []string{
	string(authmethod.InvalidPhone), string(authmethod.InvalidEmail), string(authmethod.CountryUnknown),
	string(authmethod.SpreadsheetDamage), string(authmethod.NoMatch), string(authmethod.OutOfScope),
}

func (p *parsing) want(kind authmethod.Kind, node ast.Node) (want, bool) {
	at := nodePlace(node)
	w := want{kind: kind, line: at.line}
	if node.Type() == ast.NullType {
		return w, true
	}
	text, ok := p.text(node, kind.String())
	if !ok {
		return w, false
	}
	w.anything = true
	switch {
	case strings.EqualFold(text, ClearMark):
		w.clear = true
	case slices.Contains(reasonWords, text):
		w.reason = authmethod.Reason(text)
	case !kind.IsPhone() && strings.Contains(text, "@"), kind.IsPhone() && strings.Trim(text, "+0123456789 ()/.-x") == "":
		wish, problem := wanted(kind, text)
		if problem != nil {
			p.problems.add(at, fmt.Sprintf("what %s wants cannot be registered: %s", kind, problem.Detail), "")
			return w, false
		}
		w.value = wish.Value
	default:
		// Never quoted: it may be a number or an address with a slip in it.
		p.problems.add(at, fmt.Sprintf("%s wants neither a value nor a word that is known here", kind),
			"write a number with a plus, an address, null, "+ClearMark+" or "+strings.Join(reasonWords, ", "))
		return w, false
	}
	return w, true
}
