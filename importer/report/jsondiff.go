package report

import (
	"time"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// planSide is one of two plans that are compared.
type planSide struct {
	PlanID    string       `json:"plan_id"`
	Digest    string       `json:"digest"`
	CreatedAt time.Time    `json:"created_at"`
	Source    plan.Source  `json:"source"`
	Summary   plan.Summary `json:"summary"`
}

func sideOf(p *plan.Plan) planSide {
	return planSide{p.ID, p.Digest, p.CreatedAt, p.Source, p.Summary}
}

// comparedChange is a change of one of the two.
type comparedChange struct {
	ID       string          `json:"id"`
	User     plan.Person     `json:"user"`
	Method   authmethod.Kind `json:"method"`
	Action   plan.Action     `json:"action"`
	Before   *string         `json:"before"`
	After    *string         `json:"after"`
	Hazards  []plan.Hazard   `json:"hazards"`
	HeldBack bool            `json:"held_back"`
	Origin   plan.Origin     `json:"origin"`
}

type comparedPair struct {
	Old comparedChange `json:"old"`
	New comparedChange `json:"new"`
}

// Diff writes a comparison: old and new say which plans, differs whether anything
// changed. added and gone list changes; values, held, released and hazards pairs
// of one change in both plans, {old, new}; see [plan.Comparison].
func (v *jsonView) Diff(c *plan.Comparison) error {
	return v.write(struct {
		FormatVersion int              `json:"format_version"`
		Tenant        plan.Tenant      `json:"tenant"`
		Old           planSide         `json:"old"`
		New           planSide         `json:"new"`
		Differs       bool             `json:"differs"`
		Same          int              `json:"same"`
		Added         []comparedChange `json:"added"`
		Gone          []comparedChange `json:"gone"`
		Values        []comparedPair   `json:"values"`
		Held          []comparedPair   `json:"held"`
		Released      []comparedPair   `json:"released"`
		Hazards       []comparedPair   `json:"hazards"`
		SkipsAdded    []plan.Skip      `json:"skips_added"`
		SkipsGone     []plan.Skip      `json:"skips_gone"`
		Allowed       []plan.Hazard    `json:"allowed"`
		Forbidden     []plan.Hazard    `json:"forbidden"`
		Rules         bool             `json:"rules_differ"`
	}{
		FormatVersion, c.New.Tenant, sideOf(c.Old), sideOf(c.New), c.Differs(), c.Same,
		each(c.Added, v.compared), each(c.Gone, v.compared),
		each(c.Values, v.pair), each(c.Held, v.pair), each(c.Released, v.pair), each(c.Hazards, v.pair),
		orEmpty(c.SkipsAdded), orEmpty(c.SkipsGone), orEmpty(c.Allowed), orEmpty(c.Forbidden), c.Rules,
	})
}

func each[T, D any](list []T, document func(T) D) []D {
	out := make([]D, 0, len(list))
	for _, item := range list {
		out = append(out, document(item))
	}
	return out
}

func (v *jsonView) compared(c plan.Change) comparedChange {
	return comparedChange{
		c.ID, c.User, c.Method, c.Action, v.value(c.Before), v.value(c.After), orEmpty(c.Hazards), c.HeldBack, c.Origin,
	}
}

func (v *jsonView) pair(p plan.Pair) comparedPair {
	return comparedPair{v.compared(p.Old), v.compared(p.New)}
}
