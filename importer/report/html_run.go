package report

import (
	"authseed/importer/journal"
	"authseed/importer/plan"
)

func (v *htmlView) runHead(r *journal.Run) markup {
	facts := v.Say("started") + " " + v.Moment(r.At)
	if !r.EndedAt.IsZero() {
		facts += " · " + v.Say("ended") + " " + v.Moment(r.EndedAt)
	}
	if r.Undoes != "" {
		facts += " · " + v.Say("undoes", r.Undoes)
	}
	return tag("header", nil,
		tag("h1", nil, text(v.Say("title-run", r.RunID, tenantName(r.Tenant)))),
		tag("p", at("class", "lead"), text(v.Meaning("run-state", string(r.State), string(r.State)))),
		tag("p", at("class", "facts"), text(facts)), v.secrecy())
}

func (v *htmlView) runSummary(r *journal.Run) markup {
	c := r.Counts
	return section("summary", "", v.Say("outcome"), tag("ul", at("class", "tiles"),
		v.tile(c.Planned, "planned", "planned"), v.tile(c.Done, "done", "create"), v.tile(c.Failed, "failed", "delete"),
		v.tile(c.Stale, "stale", "update"), v.tile(c.Unknown, "unknown", "held"), v.tile(c.Pending, "pending", "planned")))
}

// open lists who is not as planned.
func (v *htmlView) open(r *journal.Run, p *plan.Plan) markup {
	list := openOf(r, p)
	if len(list) == 0 {
		return section("open", "", v.Say("open"), tag("p", nil, text(v.Say("open-none"))))
	}
	var rows [][]markup
	for _, c := range list[:min(len(list), pageLimit)] {
		rows = append(rows, []markup{text(c.User.UserPrincipalName), text(v.method(c.Method)), text(v.Say(string(r.Result(c.ID)))),
			text(v.because(r, c)), tag("code", nil, text(place(c.Origin, nil)))})
	}
	parts := grid(v.Say("open"), []string{v.Say("person"), v.Say("method"), v.Say("result"), v.Say("reason"), v.Say("source")}, rows, false)
	if more := len(list) - len(rows); more > 0 {
		parts = join(parts, tag("p", nil, text(v.Say("more", more))))
	}
	return section("open", "danger", v.Say("open"), parts)
}

// because says why a change is not done: what the service said, or else what
// its result means.
func (v *htmlView) because(r *journal.Run, c plan.Change) string {
	if o, ok := r.Outcome(c.ID); ok && why(o) != "" {
		return why(o)
	}
	result := string(r.Result(c.ID))
	return v.Meaning("result", result, result)
}
