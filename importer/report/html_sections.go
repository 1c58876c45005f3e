package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// pageLimit is how many entries of a list stand in the page itself; the changes
// are all in its data.
const pageLimit = 200

func (v *htmlView) head(p *plan.Plan) markup {
	from := v.Say("from-file", p.Source.Rows, clean(p.Source.Name))
	if p.Source.Name == plan.Directory {
		from = v.Say("from-directory", p.Source.Rows)
	}
	if p.Undoes != "" {
		from = v.Say("undoes", p.Undoes)
	}
	return tag("header", nil,
		tag("h1", nil, text(v.Say("title-plan", tenantName(p.Tenant)))),
		tag("p", at("class", "lead"), text(v.conclusion(p))),
		tag("p", at("class", "facts"), text(from+" · "+v.Say("valid-until", v.Moment(p.ValidUntil)))), v.secrecy())
}

func (v *htmlView) secrecy() markup {
	if v.reveal {
		return tag("p", at("class", "badge clear"), text(v.Say("revealed")))
	}
	return tag("p", at("class", "badge"), text(v.Say("masked")))
}

func (v *htmlView) conclusion(p *plan.Plan) string { return conclusion(v.Words, p) }

func (v *htmlView) number(n int) markup { return text(v.Number(n)) }

func (v *htmlView) tile(n int, label, class string) markup {
	return tag("li", at("class", class), tag("strong", nil, v.number(n)), tag("span", nil, text(v.Say(label))))
}

func (v *htmlView) summary(p *plan.Plan) markup {
	f, s := figuresOf(p), p.Summary
	var rows [][]markup
	for _, kind := range authmethod.Kinds() {
		if n := f.methods[kind]; p.Policy.Rules[kind] != "" || n.of > 0 {
			rows = append(rows, []markup{text(v.method(kind)), v.number(n.creates), v.number(n.updates), v.number(n.deletes), v.number(n.held), v.number(n.unchanged)})
		}
	}
	head := []string{v.Say("method"), v.Say("create"), v.Say("update"), v.Say("delete"), v.Say("held-back"), v.Say("unchanged")}
	return section("summary", "", v.Say("summary"),
		tag("ul", at("class", "tiles"),
			v.tile(s.Creates, "create", "create"), v.tile(s.Updates, "update", "update"),
			v.tile(s.Deletes, "delete", "delete"), v.tile(s.HeldBack, "held-back", "held")),
		v.picture(p, f), grid(v.Say("summary"), head, rows, true))
}

func (v *htmlView) method(kind authmethod.Kind) string {
	return v.Meaning("method", kind.String(), kind.String())
}

// picture shows how many have a method, before and after. The bars are drawings
// that stretch; the words beside them stay text, which a phone can enlarge and
// a screen reader can read.
func (v *htmlView) picture(p *plan.Plan, f figures) markup {
	var rows []markup
	bars := func(title string, before, after, of int) {
		rows = append(rows, tag("div", at("class", "bars"),
			tag("h4", nil, text(title)), v.bar("before", before, of), v.bar("after", after, of)))
	}
	if b, a := p.Coverage.Before, p.Coverage.After; b.People > 0 {
		bars(v.Say("resets-one"), b.WithOne, a.WithOne, a.People)
		bars(v.Say("resets-two"), b.WithTwo, a.WithTwo, a.People)
	}
	for _, kind := range authmethod.Kinds() {
		if n := f.methods[kind]; n.of > 0 {
			bars(v.method(kind), n.before, n.after, n.of)
		}
	}
	if len(rows) == 0 {
		return ""
	}
	return tag("div", at("class", "picture"),
		tag("h3", nil, text(v.Say("picture"))), tag("p", nil, text(v.Say("picture-text"))), join(rows...))
}

func (v *htmlView) bar(when string, n, of int) markup {
	width := strconv.FormatFloat(100*float64(n)/float64(of), 'f', 2, 64)
	return tag("div", at("class", "bar "+when),
		tag("span", at("class", "when"), text(v.Say(when))),
		tag("svg", at("viewBox", "0 0 100 10", "preserveAspectRatio", "none", "aria-hidden", "true", "focusable", "false"),
			tag("rect", at("class", "track", "width", "100", "height", "10")),
			tag("rect", at("class", "fill", "width", width, "height", "10"))),
		tag("span", at("class", "count"), text(v.Say("of-people", n, of))))
}

func (v *htmlView) hazards(p *plan.Plan) markup {
	f := figuresOf(p)
	unchecked := markup("")
	if len(p.Unchecked) > 0 {
		unchecked = tag("p", at("class", "badge clear"), text(v.Say("unchecked", strings.Join(p.Unchecked, ", "))))
	}
	for _, check := range slices.Sorted(maps.Keys(p.CheckNotes)) {
		unchecked += tag("p", nil, tag("code", nil, text(check)), text(": "+p.CheckNotes[check]))
	}
	if len(f.hazards) == 0 {
		return section("hazards", "", v.Say("hazards"), tag("p", nil, text(v.Say("hazards-none"))), unchecked)
	}
	var rows [][]markup
	for _, h := range f.hazards {
		rows = append(rows, []markup{
			tag("code", nil, text(string(h.Hazard))), text(v.Meaning("hazard", string(h.Hazard), h.Meaning)),
			v.number(h.changes), v.number(h.held), text(v.Say(h.allowed)),
			tag("button", at("type", "button", "class", "only", "data-hazard", string(h.Hazard),
				"aria-label", v.Say("show-only")+": "+string(h.Hazard)), text(v.Say("show-only"))),
		})
	}
	head := []string{v.Say("hazard"), v.Say("meaning"), v.Say("changes-with"), v.Say("held-back"), v.Say("allowed"), v.Say("details")}
	return section("hazards", "danger", v.Say("hazards"),
		tag("p", nil, text(v.Say("hazards-text"))), unchecked, grid(v.Say("hazards"), head, rows, false))
}

func (v *htmlView) leftOut(p *plan.Plan) markup {
	rows := p.Summary.Rows
	parts := []markup{tag("p", nil, text(v.Say("rows", rows.Read, rows.Used, rows.Merged)))}
	if p.Undoes != "" {
		parts = nil
	}
	if n := p.Known.Settled; n > 0 {
		parts = append(parts, tag("p", nil, text(v.Say("settled", n))))
	}
	if len(p.Skipped) == 0 && len(rows.LeftOut) == 0 {
		parts = append(parts, tag("p", nil, text(v.Say("left-out-none"))))
	}
	for _, m := range authmethod.Reasons() {
		skips := skipsOf(p, m.Reason)
		n := max(len(skips), rows.LeftOut[m.Reason])
		if n == 0 {
			continue
		}
		label := join(tag("strong", nil, v.number(n)), " ", tag("code", nil, text(string(m.Reason))), " ",
			text(v.Meaning("reason", string(m.Reason), m.Meaning)))
		if len(skips) == 0 {
			parts = append(parts, tag("p", at("class", "reason"), label))
			continue
		}
		var items []markup
		for _, s := range skips[:min(len(skips), pageLimit)] {
			items = append(items, tag("li", nil, tag("code", nil, text(place(s.Origin, s.User))), " ", text(s.Detail)))
		}
		if more := n - len(items); more > 0 {
			items = append(items, tag("li", nil, text(v.Say("more", more))))
		}
		parts = append(parts, tag("details", nil, tag("summary", nil, label), tag("ul", nil, items...)))
	}
	return section("left-out", "", v.Say("left-out"), parts...)
}

func (v *htmlView) madeFrom(p *plan.Plan) markup {
	code := func(s string) markup {
		if s == "" {
			return ""
		}
		return tag("code", nil, text(s))
	}
	list := [][2]markup{
		{text(v.Say("tenant")), join(text(p.Tenant.Name), " ", code(p.Tenant.ID), " ", text(p.Tenant.Cloud))},
		{text(v.Say("source-file")), join(text(p.Source.Name), " ", code(p.Source.SHA256))},
		{text(v.Say("mapping")), join(text(p.Mapping.Name), " ", code(p.Mapping.SHA256))},
	}
	if !p.Scope.IsZero() {
		list = append(list, [2]markup{text(v.Say("pilot")), text(pilot(p.Scope))})
	}
	for _, kind := range authmethod.Kinds() {
		rule := v.Say("not-mapped")
		if r := p.Policy.Rules[kind]; r != "" {
			rule = v.Meaning("rule", string(r), string(r))
		}
		list = append(list, [2]markup{text(v.Say("policy") + ": " + v.method(kind)), text(rule)})
	}
	var allowed []string
	for _, h := range p.Policy.Allow {
		allowed = append(allowed, string(h))
	}
	for _, a := range p.Policy.AllowFor {
		allowed = append(allowed, fmt.Sprintf("%s (%s)", a.Hazard, v.Say("people", len(a.People))))
	}
	if len(allowed) == 0 {
		allowed = []string{v.Say("none")}
	}
	list = append(list,
		[2]markup{text(v.Say("allowed-hazards")), text(strings.Join(allowed, ", "))},
		[2]markup{text(v.Say("limits")), text(v.limits(p.Policy.Limits))},
		[2]markup{text(v.Say("made-by")), text("authseed " + p.ToolVersion)},
		[2]markup{text(v.Say("made-at")), text(v.Moment(p.CreatedAt))},
		[2]markup{text(v.Say("plan")), code(p.ID)},
		[2]markup{text(v.Say("digest")), code(p.Digest)})
	return section("made-from", "", v.Say("made-from"), pairs(list...))
}

// limits lists the flags that set them.
func (v *htmlView) limits(l plan.Limits) string {
	var list []string
	for _, limit := range []struct {
		flag  string
		value any
		set   bool
	}{
		{"--max-changes", l.MaxChanges, l.MaxChanges != nil}, {"--max-change-percent", l.MaxChangePercent, l.MaxChangePercent != nil},
		{"--max-replace", l.MaxReplace, l.MaxReplace != nil}, {"--max-remove", l.MaxRemove, l.MaxRemove != nil},
		{"--min-rows", l.MinRows, l.MinRows != nil},
	} {
		if limit.set {
			value, _ := json.Marshal(limit.value) // numbers and short texts always encode
			list = append(list, limit.flag+" "+strings.Trim(string(value), `"`))
		}
	}
	if len(list) == 0 {
		return v.Say("none")
	}
	return strings.Join(list, ", ")
}

// How a plan is approved, in every language the same.
const (
	approveOpenSSH = "ssh-keygen -Y sign -n authseed -f KEY plan.json"
	approveOwn     = "authseed approve plan.json --key KEY"
)

func (v *htmlView) approve(p *plan.Plan) markup {
	return section("approve", "", v.Say("approve"),
		tag("p", nil, text(v.Say("approve-text"))),
		tag("p", nil, tag("code", at("class", "digest"), text(p.Digest))),
		tag("p", nil, text(v.Say("approve-openssh"))), tag("pre", at("tabindex", "0"), tag("code", nil, text(approveOpenSSH))),
		tag("p", nil, text(v.Say("approve-own"))), tag("pre", at("tabindex", "0"), tag("code", nil, text(approveOwn))))
}
