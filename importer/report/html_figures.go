package report

import (
	"slices"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// figures are what the page and the Markdown view count in a plan.
type figures struct {
	methods [authmethod.Count]methodFigures
	hazards []hazardFigures // those that occur, in the order of their list
}

// methodFigures count one method. Before and After are people who have it, Of
// are those the plan asks about: who has it, who would get it and who is left
// out of it by a hazard.
type methodFigures struct {
	creates, updates, deletes, held, unchanged int
	before, after, of                          int
}

type hazardFigures struct {
	plan.HazardMeaning
	changes, held int
	allowed       string // the word for it in the catalogue
}

func figuresOf(p *plan.Plan) figures {
	var f figures
	of := map[plan.Hazard]*hazardFigures{}
	for _, c := range p.Changes {
		n := &f.methods[c.Method]
		n.count(c)
		for _, h := range c.Hazards {
			if of[h] == nil {
				of[h] = &hazardFigures{}
			}
			of[h].changes++
			if c.HeldBack {
				of[h].held++
			}
		}
	}
	for _, s := range p.Skipped {
		if s.Method != nil && s.Reason == authmethod.KeptExisting {
			f.methods[*s.Method].has()
		}
	}
	for kind := range f.methods {
		n := &f.methods[kind]
		n.unchanged = p.Unchanged[kind]
		n.before += n.unchanged
		n.after += n.unchanged
		n.of += n.unchanged
	}
	for _, m := range plan.Hazards() {
		if h := of[m.Hazard]; h != nil {
			h.HazardMeaning = m
			switch {
			case slices.Contains(p.Policy.Allow, m.Hazard):
				h.allowed = "yes"
			case h.held < h.changes:
				h.allowed = "for-some"
			default:
				h.allowed = "no"
			}
			f.hazards = append(f.hazards, *h)
		}
	}
	return f
}

func (n *methodFigures) has() { n.before++; n.after++; n.of++ }

func (n *methodFigures) count(c plan.Change) {
	n.of++
	if c.Action != plan.Create {
		n.before++
	}
	stays := c.Action != plan.Create
	switch {
	case c.HeldBack:
		n.held++
	case c.Action == plan.Create:
		n.creates++
		stays = true
	case c.Action == plan.Update:
		n.updates++
	default:
		n.deletes++
		stays = false
	}
	if stays {
		n.after++
	}
}

// skipsOf lists what was left out for one reason.
func skipsOf(p *plan.Plan, reason authmethod.Reason) []plan.Skip {
	var of []plan.Skip
	for _, s := range p.Skipped {
		if s.Reason == reason {
			of = append(of, s)
		}
	}
	return of
}

// openOf lists the changes of a run that are not done, those that something is
// known of first.
func openOf(r *journal.Run, p *plan.Plan) []plan.Change {
	var open []plan.Change
	for _, c := range p.Pending() {
		if r.Result(c.ID) != journal.Done {
			open = append(open, c)
		}
	}
	order := []journal.Result{journal.Failed, journal.Stale, journal.Unknown, journal.Pending}
	slices.SortStableFunc(open, func(a, b plan.Change) int {
		return slices.Index(order, r.Result(a.ID)) - slices.Index(order, r.Result(b.ID))
	})
	return open
}
