package report

import (
	"fmt"
	"slices"
	"strings"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

func (v *textView) Plan(p *plan.Plan) error {
	v.line("%s", v.paint(bold, fmt.Sprintf("Plan for %s", clean(tenantName(p.Tenant)))))
	switch {
	case p.Undoes != "":
		v.line("  undoes   run %s, %d changes", p.Undoes, p.Source.Rows)
	case p.Source.Name == plan.Directory:
		v.line("  from     the directory, %d people", p.Source.Rows)
	default:
		v.line("  from     %s, %d rows", clean(p.Source.Name), p.Source.Rows)
	}
	v.line("  mapping  %s", clean(p.Mapping.Name))
	v.line("  valid    until %s", p.ValidUntil.Format("2006-01-02 15:04 MST"))
	v.line("  digest   %s", p.Digest)
	v.scope(p)
	v.line("")
	v.methods(p)
	v.dangers(p)
	v.changes(p)
	if p.Undoes == "" {
		v.rows(p.Summary.Rows)
	}
	v.leftOut(p.Skipped, v.All || p.Undoes != "")
	v.line("")
	v.line("%s", v.paint(bold, v.conclusion(p)))
	return v.flush()
}

// methods is the plan in one small table.
func (v *textView) methods(p *plan.Plan) {
	type counts struct{ create, update, remove, held int }
	var of [authmethod.Count]counts
	for _, c := range p.Changes {
		n := &of[c.Method]
		switch {
		case c.HeldBack:
			n.held++
		case c.Action == plan.Create:
			n.create++
		case c.Action == plan.Update:
			n.update++
		default:
			n.remove++
		}
	}
	v.line("  %-16s%10s%10s%10s%12s%12s", "", "create", "update", "remove", "held back", "unchanged")
	for _, kind := range authmethod.Kinds() {
		if p.Policy.Rules[kind] == "" {
			continue
		}
		n := of[kind]
		v.line("  %-16s%10d%10d%10d%12d%12d", kind, n.create, n.update, n.remove, n.held, p.Unchanged[kind])
	}
}

// dangers lists the changes with a hazard, those that are held back and those
// that were allowed, by the first of their hazards.
func (v *textView) dangers(p *plan.Plan) {
	byHazard := map[plan.Hazard][]plan.Change{}
	held := map[plan.Hazard]int{}
	order := make([]plan.Hazard, 0, len(plan.Hazards()))
	meaning := map[plan.Hazard]string{}
	for _, m := range plan.Hazards() {
		order, meaning[m.Hazard] = append(order, m.Hazard), m.Meaning
	}
	total, heldBack := 0, 0
	for _, c := range p.Changes {
		if len(c.Hazards) == 0 {
			continue
		}
		total++
		if c.HeldBack {
			heldBack++
		}
		for _, h := range c.Hazards {
			if !slices.Contains(order, h) {
				order = append(order, h)
			}
			if c.HeldBack {
				held[h]++
			}
		}
		first := order[slices.IndexFunc(order, func(h plan.Hazard) bool { return slices.Contains(c.Hazards, h) })]
		byHazard[first] = append(byHazard[first], c)
	}
	if total == 0 {
		return
	}
	v.line("")
	v.line("%s", v.paint(bold, v.english.Sprintf("Dangerous: %s, %d held back", v.count(total, "change", "changes"), heldBack)))
	for _, h := range order {
		n := p.Summary.Hazards[h]
		if n == 0 {
			continue
		}
		v.line("")
		text := v.english.Sprintf("%s: %d", clean(string(h)), n)
		switch {
		case held[h] == 0:
			text += " allowed, to be applied"
		case held[h] == n:
			text += " held back"
		default:
			text = v.english.Sprintf("%s, %d of them held back", text, held[h])
		}
		v.line("%s", v.paint(bold, text))
		hint := meaning[h]
		if held[h] > 0 && !slices.Contains(p.Policy.Allow, h) {
			hint += fmt.Sprintf(". To apply all the same: --allow %s", clean(string(h)))
		}
		v.hang("    ", "    ", strings.TrimPrefix(hint, ". "))
		v.people(byHazard[h], h)
		if above := n - len(byHazard[h]); above > 0 {
			v.line("  %d listed above, with another hazard", above)
		}
	}
}

// changes lists those without a hazard.
func (v *textView) changes(p *plan.Plan) {
	var plain []plan.Change
	people := 0
	for _, c := range p.Changes {
		if len(c.Hazards) > 0 {
			continue
		}
		if len(plain) == 0 || plain[len(plain)-1].User.ID != c.User.ID {
			people++
		}
		plain = append(plain, c)
	}
	if len(plain) == 0 {
		return
	}
	v.line("")
	v.line("%s", v.paint(bold, v.english.Sprintf("Changes without a hazard: %d for %s", len(plain), v.count(people, "person", "people"))))
	v.people(plain, "")
}

// people lists changes under their person, up to what is shown of a list.
func (v *textView) people(changes []plan.Change, under plan.Hazard) {
	n := v.atMost(len(changes))
	var head plan.Change // the one whose row stands beside the person
	for i, c := range changes[:n] {
		if i == 0 || c.User.ID != head.User.ID {
			v.person(c)
			head = c
		}
		v.change(c, v.remarks(c, head.Origin, under))
		if c.Reading.Remark != "" {
			v.wrapped("      ", "note: "+clean(c.Reading.Remark))
		}
	}
	v.more(len(changes), v.sums(changes[n:]))
}

// change is the line of one change. What is said of it wraps where it has no room.
func (v *textView) change(c plan.Change, remarks string) {
	sign, colour := "+", green
	value := v.value(c.After)
	switch c.Action {
	case plan.Update:
		sign, colour = "~", yellow
		value = v.value(c.Before) + " → " + value
	case plan.Delete:
		sign, colour, value = "-", red, v.value(c.Before)
	}
	if c.HeldBack {
		sign, colour = "!", magenta
		if c.Action == plan.Delete {
			value += " → nothing"
		}
	}
	line := fmt.Sprintf("%-16s%s", c.Method, value)
	if remarks != "" && 6+columns(line)+2+columns(remarks) <= lineWidth {
		line, remarks = line+"  "+remarks, ""
	}
	if rest := 6 + columns(line) - lineWidth; rest > 0 { // an update of two long values
		before, after, _ := strings.Cut(line, " → ")
		v.line("    %s %s", v.paint(colour, sign), before)
		line = strings.Repeat(" ", 14) + "→ " + after
		v.line("      %s", line)
	} else {
		v.line("    %s %s", v.paint(colour, sign), line)
	}
	if remarks != "" {
		v.wrapped("      ", remarks)
	}
}

// sums counts changes by action and method.
func (v *textView) sums(changes []plan.Change) string {
	type what struct {
		action plan.Action
		method authmethod.Kind
	}
	count := map[what]int{}
	for _, c := range changes {
		count[what{c.Action, c.Method}]++
	}
	var parts []string
	for _, action := range []plan.Action{plan.Create, plan.Update, plan.Delete} {
		for _, kind := range authmethod.Kinds() {
			if n := count[what{action, kind}]; n > 0 {
				parts = append(parts, v.english.Sprintf("%s %d %s", action, n, kind))
			}
		}
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// remarks is what is good to know of a change below a heading: hazards but the
// one that is the heading.
func (v *textView) remarks(c plan.Change, head plan.Origin, under plan.Hazard) string {
	words := make([]string, 0, len(c.Hazards)+1)
	for _, h := range c.Hazards {
		if h != under {
			words = append(words, clean(string(h)))
		}
	}
	if c.Note != "" {
		words = append(words, clean(c.Note))
	}
	// What the row itself says needs no word; an assumption does.
	if from := c.Reading.CountryFrom; from == authmethod.CountryOfPerson || from == authmethod.CountryOfMapping {
		words = append(words, fmt.Sprintf("%s by %s", clean(c.Reading.Country), clean(string(from))))
	}
	if v.All && c.Known == plan.ByReport {
		words = append(words, "nothing registered by the report")
	}
	if c.Origin != head {
		words = append(words, fmt.Sprintf("line %d", c.Origin.Line))
	}
	if len(words) == 0 {
		return ""
	}
	return "(" + strings.Join(words, ", ") + ")"
}

// person heads a person's changes: name on the left, row on the right.
func (v *textView) person(c plan.Change) {
	origin := place(c.Origin, nil)
	room := lineWidth - 2 - 2 - columns(origin)
	name := clean(c.User.UserPrincipalName)
	if display := clean(c.User.DisplayName); display != "" {
		name += "  " + display
	}
	v.line("  %s  %s", pad(fit(name, room), room), origin)
}

func (v *textView) conclusion(p *plan.Plan) string {
	s := p.Summary
	rest := ""
	if s.HeldBack > 0 {
		rest = v.english.Sprintf(" %d held back.", s.HeldBack)
	}
	if s.Pending() == 0 {
		return "Nothing to change." + rest
	}
	return v.english.Sprintf("%d to create, %d to update, %d to remove.", s.Creates, s.Updates, s.Deletes) + rest
}
