package report

import (
	"fmt"
	"strings"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// Diff shows what a reviewer of the old plan has to look at in the new one:
// first what is dangerous, then what is new and gone, then what is left out.
func (v *textView) Diff(c *plan.Comparison) error {
	v.line("%s", v.paint(bold, fmt.Sprintf("Plans for %s", clean(tenantName(c.New.Tenant)))))
	for _, of := range []struct {
		name string
		p    *plan.Plan
	}{{"old", c.Old}, {"new", c.New}} {
		v.hanging(fmt.Sprintf("  %-8s ", of.name), v.english.Sprintf("%s, %s, %s; %d held back; digest %.12s",
			of.p.CreatedAt.Format("2006-01-02 15:04 MST"), clean(of.p.Source.Name),
			v.count(of.p.Summary.Pending(), "change", "changes"), of.p.Summary.HeldBack, clean(of.p.Digest)))
	}
	v.policy(c)
	shown := map[string]bool{}
	v.pairs("Held back now, and was not", c.Held, shown)
	v.pairs("No longer held back", c.Released, shown)
	v.pairs("Another value", c.Values, shown)
	v.pairs("Other hazards", c.Hazards, shown)
	v.section("New", c.Added)
	v.section("Gone, done since or no longer asked for", c.Gone)
	v.skipped("Left out now", c.SkipsAdded)
	v.skipped("No longer left out", c.SkipsGone)
	v.line("")
	text := "Nothing differs."
	if c.Differs() {
		text = v.english.Sprintf("%d new, %d gone, %d with another value, %d the same.", len(c.Added), len(c.Gone), len(c.Values), c.Same)
	}
	v.line("%s", v.paint(bold, text))
	return v.flush()
}

func (v *textView) policy(c *plan.Comparison) {
	if len(c.Allowed) > 0 {
		v.hanging("  allowed  ", "now: "+clean(hazardWords(c.Allowed)))
	}
	if len(c.Forbidden) > 0 {
		v.hanging("  allowed  ", "no longer: "+clean(hazardWords(c.Forbidden)))
	}
	if !c.Rules {
		return
	}
	for _, kind := range authmethod.Kinds() {
		if was, is := c.Old.Policy.Rules[kind], c.New.Policy.Rules[kind]; was != is {
			v.line("  policy   %s: %s → %s", kind, orNone(was), orNone(is))
		}
	}
}

func orNone(rule plan.Rule) string {
	if rule == "" {
		return "not mapped"
	}
	return clean(string(rule))
}

func (v *textView) section(title string, changes []plan.Change) {
	if len(changes) == 0 {
		return
	}
	v.line("")
	v.line("%s", v.paint(bold, v.english.Sprintf("%s: %d", title, len(changes))))
	v.people(changes, "")
}

// pairs shows each change as it was and as it is, where the two look different,
// and once.
func (v *textView) pairs(title string, all []plan.Pair, shown map[string]bool) {
	if len(all) == 0 {
		return
	}
	v.line("")
	v.line("%s", v.paint(bold, v.english.Sprintf("%s: %d", title, len(all))))
	var pairs []plan.Pair
	for _, p := range all {
		if !shown[p.New.ID] {
			pairs = append(pairs, p)
			shown[p.New.ID] = true
		}
	}
	if above := len(all) - len(pairs); above > 0 {
		v.line("  %d listed above", above)
	}
	user := ""
	for i, p := range pairs[:v.atMost(len(pairs))] {
		if i == 0 || user != p.New.User.ID {
			v.person(p.New)
			user = p.New.User.ID
		}
		values := !p.Old.Before.Equal(p.New.Before) || !p.Old.After.Equal(p.New.After)
		now := hazardRemark(p.New.Hazards)
		if was := hazardRemark(p.Old.Hazards); was != now || values {
			v.change(p.Old, strings.TrimSpace("(old) "+was))
			now = strings.TrimSpace("(new) " + now)
			if p.Old.Before.String() == p.New.Before.String() && p.Old.After.String() == p.New.After.String() && values && !v.Clear {
				now += " (differs where it is masked)"
			}
		}
		v.change(p.New, now)
	}
	v.more(len(pairs), "")
}

func hazardRemark(hazards []plan.Hazard) string {
	if len(hazards) == 0 {
		return ""
	}
	return "(" + clean(strings.ReplaceAll(hazardWords(hazards), " ", ", ")) + ")"
}

func (v *textView) skipped(title string, skips []plan.Skip) {
	if len(skips) == 0 {
		return
	}
	v.line("")
	v.line("%s", v.paint(bold, v.english.Sprintf("%s: %d", title, len(skips))))
	for _, s := range skips[:v.atMost(len(skips))] {
		who := ""
		if s.User != nil {
			who = clean(s.User.UserPrincipalName) + ": "
		}
		v.wrapped("  ", fmt.Sprintf("%s: %s: %s%s", s.Reason, place(s.Origin, nil), who, clean(s.Detail)))
	}
	v.more(len(skips), "")
}
