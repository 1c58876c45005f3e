package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// list is where the script lists the changes: the controls, and a region that
// scrolls.
func (v *htmlView) list(p *plan.Plan, r *journal.Run) markup {
	if len(p.Changes) == 0 {
		return section("changes", "", v.Say("changes"), tag("p", nil, text(v.Say("nothing"))))
	}
	controls := []markup{
		tag("label", at("class", "search"), text(v.Say("search")),
			tag("input", at("type", "search", "id", "search", "autocomplete", "off", "spellcheck", "false", "placeholder", v.Say("search-hint")))),
	}
	filters := []string{"action", "method", "hazard", "country"}
	if slices.ContainsFunc(p.Changes, func(c plan.Change) bool { return c.Reading.Department != "" }) {
		filters = append(filters, "department")
	}
	if r != nil {
		filters = append(filters, "result")
	} else {
		filters = append(filters, "state")
	}
	for _, name := range filters {
		controls = append(controls, tag("label", nil, text(v.Say(name)), tag("select", at("id", "filter-"+name))))
	}
	controls = append(controls, tag("button", at("type", "button", "id", "reset"), text(v.Say("reset"))))
	return section("changes", "", v.Say("changes"),
		tag("noscript", nil, tag("p", at("class", "badge clear"), text(v.Say("noscript")))),
		tag("div", at("class", "controls", "role", "search"), controls...),
		tag("p", at("id", "count", "role", "status")),
		tag("div", at("id", "scroller", "class", "scroller", "tabindex", "0", "role", "region", "aria-label", v.Say("table-label"))))
}

func (v *htmlView) dialog() markup {
	return tag("dialog", at("id", "one", "aria-labelledby", "one-title"),
		tag("h2", at("id", "one-title"), ""), tag("dl", at("id", "one-list")),
		tag("button", at("type", "button", "id", "one-close"), text(v.Say("close"))))
}

// scriptWords are what the script says; {0} and {1} are numbers or texts.
var scriptWords = []string{
	"action", "method", "person", "before", "after", "country", "department", "hazard", "source", "result", "state", "shown", "capped",
	"print-capped", "no-match", "no-value", "read-as", "by", "remark", "note", "service-said", "all", "none", "held-back",
	"to-apply", "create", "update", "delete", "done", "failed", "stale", "unknown", "pending",
}

// texts numbers the texts that many changes share. The first is empty.
type texts struct {
	index map[string]int
	list  []string
}

func (t *texts) of(s string) int {
	s = clean(s)
	i, ok := t.index[s]
	if !ok {
		i = len(t.list)
		t.index[s], t.list = i, append(t.list, s)
	}
	return i
}

// data writes the changes for the script, a column each, which is half the size
// of an object each and quicker to read. encoding/json escapes <, > and &, so
// that nothing in a text can end the element it stands in.
func (v *htmlView) data(p *plan.Plan, r *journal.Run) error {
	w := columnWriter{out: v, n: len(p.Changes)}
	t := texts{map[string]int{"": 0}, []string{""}}
	words, methods, hazards := map[string]string{}, map[string]string{}, map[string]string{}
	for _, key := range scriptWords {
		words[key] = v.Say(key)
	}
	for _, kind := range authmethod.Kinds() {
		methods[kind.String()] = v.method(kind)
	}
	names := []plan.Hazard{}
	for _, m := range plan.Hazards() {
		names = append(names, m.Hazard)
		hazards[string(m.Hazard)] = v.Meaning("hazard", string(m.Hazard), m.Meaning)
	}
	actions := []plan.Action{plan.Create, plan.Update, plan.Delete}
	results := []journal.Result{journal.Done, journal.Failed, journal.Stale, journal.Unknown, journal.Pending, "held-back"}
	v.put("{")
	w.value("lang", v.Lang())
	w.value("words", words)
	w.value("methods", authmethod.Kinds())
	w.value("methodNames", methods)
	w.value("actions", actions)
	w.value("hazards", names)
	w.value("hazardMeanings", hazards)
	w.value("results", results)
	w.value("isRun", r != nil)
	at := func(i int) *plan.Change { return &p.Changes[i] }
	w.column("upn", func(i int) any { return clean(at(i).User.UserPrincipalName) })
	w.column("name", func(i int) any { return clean(at(i).User.DisplayName) })
	w.column("before", func(i int) any { return clean(shown(at(i).Before, v.reveal)) })
	w.column("after", func(i int) any { return clean(shown(at(i).After, v.reveal)) })
	w.column("method", func(i int) any { return int(at(i).Method) })
	w.column("action", func(i int) any { return position(actions, at(i).Action) })
	w.column("hazardSet", func(i int) any { return hazardSet(names, at(i).Hazards) })
	w.column("held", func(i int) any { return btoi(at(i).HeldBack) })
	w.column("file", func(i int) any { return t.of(at(i).Origin.File) })
	w.column("line", func(i int) any { return at(i).Origin.Line })
	w.column("country", func(i int) any { return t.of(at(i).Reading.Country) })
	w.column("department", func(i int) any { return t.of(at(i).Reading.Department) })
	w.column("from", func(i int) any { return t.of(string(at(i).Reading.CountryFrom)) })
	w.column("remark", func(i int) any { return t.of(at(i).Reading.Remark) })
	w.column("note", func(i int) any { return t.of(v.note(at(i).Note)) })
	if r != nil {
		w.column("result", func(i int) any {
			if at(i).HeldBack {
				return len(results) - 1
			}
			return position(results, r.Result(at(i).ID))
		})
		w.column("why", func(i int) any {
			o, _ := r.Outcome(at(i).ID)
			return clean(why(o))
		})
	}
	w.value("texts", t.list)
	v.put("}")
	return w.err
}

// note says what the words of a note mean.
func (v *htmlView) note(words string) string {
	list := strings.Split(words, ", ")
	for i, word := range list {
		if meaning := v.Meaning("note", word, ""); meaning != "" {
			list[i] += ": " + meaning
		}
	}
	return strings.Join(list, "; ")
}

func position[T comparable](list []T, item T) int {
	for i, other := range list {
		if item == other {
			return i
		}
	}
	return 0
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// hazardSet has a bit for each hazard.
func hazardSet(names []plan.Hazard, of []plan.Hazard) int {
	set := 0
	for _, h := range of {
		set |= 1 << position(names, h)
	}
	return set
}

// columnWriter writes members of one JSON object.
type columnWriter struct {
	out   *htmlView
	n     int
	begun bool
	err   error
}

func (w *columnWriter) name(name string) {
	if w.begun {
		w.out.put(",\n")
	}
	w.begun = true
	w.out.put(markup(strconv.Quote(name)), ":")
}

func (w *columnWriter) value(name string, value any) {
	w.name(name)
	w.item(value)
}

func (w *columnWriter) column(name string, of func(int) any) {
	w.name(name)
	w.out.put("[")
	for i := range w.n {
		if i > 0 {
			w.out.put(",")
		}
		w.item(of(i))
	}
	w.out.put("]")
}

func (w *columnWriter) item(value any) {
	if n, ok := value.(int); ok {
		w.out.put(markup(strconv.Itoa(n)))
		return
	}
	encoded, err := json.Marshal(value)
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("writing HTML: %w", err)
	}
	w.out.put(markup(encoded))
}
