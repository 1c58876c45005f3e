package plan

import (
	"slices"
	"strings"

	"authseed/mapping/authmethod"
)

// sharers counts, for each value, the people it is desired for, those out of
// scope too: a pilot of one person does not make a number theirs alone. A person
// who has one number as mobile and as office counts once.
func sharers(in Input) map[string]int {
	people := make(map[string]int, len(in.Desired))
	count := func(wishes *authmethod.Wishes) {
		var seen [authmethod.Count]string
		for i, wish := range wishes {
			if wish.Value.IsZero() {
				continue
			}
			folded := wish.Value.Folded()
			if !slices.Contains(seen[:i], folded) {
				people[folded]++
			}
			seen[i] = folded
		}
	}
	for d := range in.each() {
		count(&d.Wishes)
	}
	for i := range in.OutOfScope {
		count(&in.OutOfScope[i])
	}
	return people
}

// signInNames counts, for each number, the people it would be a sign-in name of:
// those in scope who are to have it, and those who have it today, for it is
// theirs until it has been changed.
func signInNames(in Input) map[string]int {
	names := map[string]int{}
	if in.Facts.SMSSignIn == nil {
		return names
	}
	for d := range in.each() {
		if !in.Facts.SMSSignIn.inScope(d.User.ID) {
			continue
		}
		want, have := d.Wishes[authmethod.Mobile].Value, in.Current[d.User.ID][authmethod.Mobile]
		if !want.IsZero() {
			names[want.Folded()]++
		}
		if !have.IsZero() && !have.Equal(want) {
			names[have.Folded()]++
		}
	}
	return names
}

// hazards finds what is dangerous about a change, in the order of [Hazards].
func (b *builder) hazards(kind authmethod.Kind, action Action, after authmethod.Value) []Hazard {
	var list []Hazard
	add := func(found bool, h Hazard) {
		if found {
			list = append(list, h)
		}
	}
	_, privileged := b.facts.Privileged[b.desired.User.ID]
	writes := action != Delete
	mobile := kind == authmethod.Mobile || kind == authmethod.AlternateMobile
	add(action == Update && !b.own(kind), ReplacesRegistered)
	add(action == Delete, RemovesMethod)
	add(privileged, PrivilegedUser)
	add(writes && b.shared[after.Folded()] > 1, SharedNumber)
	add(writes && kind == authmethod.Email && b.facts.ownDomain(after), OwnDomainEmail)
	add(writes && mobile && b.desired.Wishes[kind].Fixed, NotAMobile)
	add(writes && kind == authmethod.Mobile && b.clashes(after), SignInClash)
	return list
}

// own reports whether policy own may change the method: what is registered is,
// letter for letter, what authseed wrote last.
//
// Such a change does not overwrite a registration. The hazard guards what people
// registered themselves; under own nothing of that can be overwritten, whatever
// is allowed, because a value that the ledger does not vouch for is kept. Whoever
// wrote own into the mapping has said by name what --allow would say again, and a
// nightly job that had to allow replaces-registered for it would allow it for its
// other methods as well. The change is noted, every other hazard holds it back,
// and --max-replace counts it.
func (b *builder) own(kind authmethod.Kind) bool {
	return b.plan.Policy.Rules[kind] == Own && b.known == ByRead && b.wrote[kind]
}

// clashes reports whether the number would be the sign-in name of a second
// person. Somebody else's sign-in name as a mobile is one whoever is in scope:
// the policy may change, and the number is at least shared.
func (b *builder) clashes(number authmethod.Value) bool {
	s, id := b.facts.SMSSignIn, b.desired.User.ID
	if s == nil {
		return false
	}
	owner, taken := s.Names[number.Folded()]
	return taken && !strings.EqualFold(owner, id) || s.inScope(id) && b.names[number.Folded()] > 1
}

func (b *builder) notes(kind authmethod.Kind, action Action, after authmethod.Value) []string {
	var list []string
	if action != Delete {
		switch {
		case kind == authmethod.AlternateMobile:
			list = append(list, NotForReset)
		case kind == authmethod.Office && strings.Contains(after.Folded(), "x"):
			list = append(list, ExtensionDroppedOnReset)
		case kind == authmethod.Mobile && b.facts.SMSSignIn.inScope(b.desired.User.ID):
			list = append(list, BecomesSignInName)
		}
	}
	if _, privileged := b.facts.Privileged[b.desired.User.ID]; privileged {
		list = append(list, TwoGate)
	}
	if action == Update && b.own(kind) {
		list = append(list, ReplacesOwn)
	}
	return list
}
