package plan

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/mapping/authmethod"
)

// night is a plan of changes by id, without what a comparison does not look at.
func night(changes []Change, skips []Skip, allow ...Hazard) *Plan {
	return &Plan{About: About{Tenant: Tenant{ID: "t", Cloud: "global"}}, Policy: Policy{Allow: allow}, Changes: changes, Skipped: skips}
}

func TestCompare(t *testing.T) {
	change := func(id, after string, held bool, hazards ...Hazard) Change {
		return Change{ID: id, Action: Create, After: authmethod.ValueOf(after), HeldBack: held, Hazards: hazards}
	}
	mobile := authmethod.Mobile
	unmatched := func(line int) Skip {
		return Skip{Origin: Origin{"hr.csv", line}, Reason: authmethod.NoMatch, Detail: "nobody"}
	}
	named := func(id string, line int, reason authmethod.Reason) Skip {
		return Skip{Origin: Origin{"hr.csv", line}, User: &Person{ID: id}, Method: &mobile, Reason: reason, Detail: "x"}
	}
	before := night([]Change{
		change("same", "+1 2065550101", false),
		change("gone", "+1 2065550102", false),
		change("value", "+1 2065550103", false),
		change("held", "+1 2065550104", false),
		change("released", "+1 2065550105", true, SharedNumber),
	}, []Skip{unmatched(2), unmatched(3), named("u1", 4, authmethod.Guest), named("u2", 5, authmethod.KeptExisting)}, SharedNumber)
	after := night([]Change{
		change("same", "+12065550101", false),
		change("value", "+1 2065550113", false),
		change("held", "+1 2065550114", true, NotAMobile),
		change("released", "+1 2065550105", false, SharedNumber),
		change("new", "+1 2065550106", true, SharedNumber),
	}, []Skip{unmatched(3), unmatched(7), unmatched(9), named("u1", 40, authmethod.Guest), named("u3", 6, authmethod.KeptExisting)}, RemovesMethod)
	c, err := Compare(before, after)
	if err != nil {
		t.Fatal(err)
	}
	changes := func(list []Change) (ids []string) {
		for _, c := range list {
			ids = append(ids, c.ID)
		}
		return ids
	}
	pairs := func(list []Pair) (ids []string) {
		for _, p := range list {
			if p.Old.ID != p.New.ID {
				t.Errorf("%s is paired with %s", p.Old.ID, p.New.ID)
			}
			ids = append(ids, p.New.ID)
		}
		return ids
	}
	lines := func(list []Skip) (lines []int) {
		for _, s := range list {
			lines = append(lines, s.Origin.Line)
		}
		return lines
	}
	for name, diff := range map[string]string{
		"added":       cmp.Diff([]string{"new"}, changes(c.Added)),
		"gone":        cmp.Diff([]string{"gone"}, changes(c.Gone)),
		"values":      cmp.Diff([]string{"value", "held"}, pairs(c.Values)),
		"held":        cmp.Diff([]string{"held"}, pairs(c.Held)),
		"released":    cmp.Diff([]string{"released"}, pairs(c.Released)),
		"hazards":     cmp.Diff([]string{"held"}, pairs(c.Hazards)),
		"same":        cmp.Diff(1, c.Same),
		"skips added": cmp.Diff([]int{6, 9}, sortedLines(lines(c.SkipsAdded))),
		"skips gone":  cmp.Diff([]int{5}, lines(c.SkipsGone)),
		"allowed":     cmp.Diff([]Hazard{RemovesMethod}, c.Allowed),
		"forbidden":   cmp.Diff([]Hazard{SharedNumber}, c.Forbidden),
	} {
		if diff != "" {
			t.Errorf("%s -want +got\n%s", name, diff)
		}
	}
	if !c.Differs() {
		t.Error("nothing differs")
	}
	if same, err := Compare(before, before); err != nil || same.Differs() || same.Same != len(before.Changes) {
		t.Errorf("a plan differs from itself: %+v, %v", same, err)
	}
	after.Tenant.ID = "another"
	var tenants *TenantError
	if _, err := Compare(before, after); !errors.As(err, &tenants) {
		t.Errorf("two tenants are compared: %v", err)
	}
}

func sortedLines(lines []int) []int {
	slices.Sort(lines)
	return lines
}
