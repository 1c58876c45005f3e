package plan

import (
	"cmp"
	"fmt"
	"slices"

	"authseed/mapping/authmethod"
)

// Comparison is what changed between two plans for one tenant. A change is the
// same one where its person, method and action are, whatever file and row it
// comes from. A pair may be in several of the lists of pairs.
type Comparison struct {
	Old, New *Plan

	Added    []Change // in the order of their plan, as every list
	Gone     []Change // done since, or no longer asked for
	Values   []Pair   // what is registered, or to be, means another value
	Held     []Pair   // held back, and was not
	Released []Pair   // no longer held back
	Hazards  []Pair   // another list of hazards
	Same     int      // changes of which none of this is true

	SkipsAdded, SkipsGone []Skip
	Allowed, Forbidden    []Hazard // by name, in the new plan only and in the old only
	Rules                 bool     // some method has another rule
}

// Pair is one change in both plans.
type Pair struct{ Old, New Change }

// Differs reports whether anything changed that a reviewer of the old plan would
// want to know.
func (c *Comparison) Differs() bool {
	return len(c.Added)+len(c.Gone)+len(c.Values)+len(c.Held)+len(c.Released)+len(c.Hazards) > 0 ||
		len(c.SkipsAdded)+len(c.SkipsGone)+len(c.Allowed)+len(c.Forbidden) > 0 || c.Rules
}

// TenantError is the refusal to compare the plans of two tenants.
type TenantError struct{ Old, New Tenant }

func (e *TenantError) Error() string {
	return fmt.Sprintf("the plans are for two tenants: %s (%s, cloud %s) and %s (%s, cloud %s)",
		e.Old.Name, e.Old.ID, e.Old.Cloud, e.New.Name, e.New.ID, e.New.Cloud)
}

// Compare finds what changed. Plans for different tenants are a [*TenantError].
func Compare(before, after *Plan) (*Comparison, error) {
	if before.Tenant.ID != after.Tenant.ID || before.Tenant.Cloud != after.Tenant.Cloud {
		return nil, &TenantError{before.Tenant, after.Tenant}
	}
	c := &Comparison{Old: before, New: after, Rules: before.Policy.Rules != after.Policy.Rules}
	old := make(map[string]Change, len(before.Changes))
	for _, change := range before.Changes {
		old[change.ID] = change
	}
	for _, change := range after.Changes {
		was, there := old[change.ID]
		if !there {
			c.Added = append(c.Added, change)
			continue
		}
		delete(old, change.ID)
		c.pair(Pair{was, change})
	}
	for _, change := range before.Changes {
		if _, left := old[change.ID]; left {
			c.Gone = append(c.Gone, change)
		}
	}
	c.SkipsAdded, c.SkipsGone = surplus(after.Skipped, before.Skipped), surplus(before.Skipped, after.Skipped)
	c.Allowed, c.Forbidden = without(after.Policy.Allow, before.Policy.Allow), without(before.Policy.Allow, after.Policy.Allow)
	return c, nil
}

func (c *Comparison) pair(p Pair) {
	same := true
	note := func(differs bool, list *[]Pair) {
		if differs {
			*list, same = append(*list, p), false
		}
	}
	note(!p.Old.Before.Equal(p.New.Before) || !p.Old.After.Equal(p.New.After), &c.Values)
	note(!p.Old.HeldBack && p.New.HeldBack, &c.Held)
	note(p.Old.HeldBack && !p.New.HeldBack, &c.Released)
	note(!slices.Equal(p.Old.Hazards, p.New.Hazards), &c.Hazards)
	if same {
		c.Same++
	}
}

// skipKey names what is left out over night: by reason, method and person. A row
// whose person nobody knows has no name, and its line is another tomorrow: such
// rows are told apart by what is said of them, and counted.
type skipKey struct {
	reason authmethod.Reason
	method int
	person string
	detail string
}

func keyOf(s Skip) skipKey {
	key := skipKey{reason: s.Reason, method: -1}
	if s.Method != nil {
		key.method = int(*s.Method)
	}
	if s.User != nil {
		key.person = s.User.ID
	} else {
		key.detail = s.Detail
	}
	return key
}

// surplus gives the skips of list that other has not. Of several that cannot be
// told apart those stay whose line other has not either, as far as there are
// such.
func surplus(list, other []Skip) []Skip {
	type place struct {
		key  skipKey
		line int
	}
	counts, places := map[skipKey]int{}, map[place]int{}
	for _, s := range other {
		key := keyOf(s)
		counts[key]++
		places[place{key, s.Origin.Line}]++
	}
	var moved, left []Skip
	for _, s := range list {
		key := keyOf(s)
		if at := (place{key, s.Origin.Line}); places[at] > 0 {
			places[at]--
			counts[key]--
			continue
		}
		moved = append(moved, s)
	}
	for _, s := range moved {
		if key := keyOf(s); counts[key] > 0 {
			counts[key]--
			continue
		}
		left = append(left, s)
	}
	slices.SortStableFunc(left, func(a, b Skip) int { return cmp.Compare(a.Reason, b.Reason) })
	return left
}

// without gives the elements of list that other has not.
func without[T comparable](list, other []T) []T {
	var left []T
	for _, item := range list {
		if !slices.Contains(other, item) {
			left = append(left, item)
		}
	}
	return left
}
