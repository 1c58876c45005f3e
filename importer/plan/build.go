package plan

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"authseed/mapping/authmethod"
)

// Desired is what the file asks for one person of the tenant.
type Desired struct {
	User   authmethod.User
	Wishes authmethod.Wishes
	Origin Origin

	// Reported says that what the person has registered is known by the tenant's
	// registration report alone: Has, and no value.
	Reported bool
	Has      Presence

	// Settled says that nothing was read of the person, because nothing has changed
	// since it was last found that there is nothing to do: then they had Has, and of
	// the methods that are wished what is in Kept was left as it is.
	Settled bool
	Kept    Presence
}

// Input is everything a plan is made from.
type Input struct {
	About
	Policy Policy
	Rows   Rows
	Facts  Facts

	Desired     []Desired                 // one per person
	Each        iter.Seq[*Desired]        // instead of Desired, for who does not keep them: the same whenever it is walked, each good until the next
	Current     map[string]authmethod.Set // by object id, of those who are not Reported; whoever is missing has nothing registered
	Wrote       map[string]Presence       // by object id, the methods whose value in Current authseed itself wrote last
	Unledgered  bool                      // nobody can tell what authseed wrote: Own is Fill
	ReportAt    time.Time                 // when the report was made that Reported people are known by
	Unsupported [authmethod.Count]bool    // methods the cloud does not have
	Skipped     []Skip                    // what was left out before people met methods
	OutOfScope  []authmethod.Wishes       // of people whom the scope leaves out: what they share is shared all the same
}

// Build compares what is desired with what is registered.
func Build(in Input) *Plan {
	p := &Plan{
		About:     in.About,
		Policy:    in.Policy.canonical(),
		Skipped:   slices.Clone(in.Skipped),
		Unchecked: in.unchecked(),
	}
	if len(in.Facts.Notes) > 0 {
		p.CheckNotes = maps.Clone(in.Facts.Notes)
	}
	p.Scope = p.Scope.canonical()
	p.CreatedAt, p.ValidUntil = p.CreatedAt.UTC().Truncate(time.Second), p.ValidUntil.UTC().Truncate(time.Second)
	b := builder{plan: p, facts: in.Facts, unsupported: in.Unsupported, unledgered: in.Unledgered, shared: sharers(in), names: signInNames(in)}
	p.Changes = make([]Change, 0, in.mostChanges())
	for d := range in.each() {
		b.desired, b.known, b.has = d, d.known(), in.has(d)
		b.have, b.wrote = in.Current[d.User.ID], in.Wrote[d.User.ID]
		b.person()
	}
	if len(p.Changes) == 0 {
		p.Changes = nil
	}
	p.Known.reported(in.ReportAt)
	slices.SortFunc(p.Changes, compareChanges)
	SortSkips(p.Skipped)
	p.Summary = summarise(p, in.Rows)
	p.Digest = digest(p)
	return p
}

// each yields what is desired, whichever way it is given.
func (in *Input) each() iter.Seq[*Desired] {
	if in.Each != nil {
		return in.Each
	}
	return func(yield func(*Desired) bool) {
		for i := range in.Desired {
			if !yield(&in.Desired[i]) {
				return
			}
		}
	}
}

// mostChanges counts the changes there may be at most, so that a million of them
// are not moved as their list grows.
func (in *Input) mostChanges() (most int) {
	for d := range in.each() {
		has, have := in.has(d), in.Current[d.User.ID]
		for kind := range d.Wishes {
			w := &d.Wishes[kind]
			switch {
			case d.Settled, w.IsZero(), w.Clear && !has[kind]:
			case has[kind] && !w.Clear && (in.Policy.Rules[kind] != Replace || d.Reported || have[kind].Equal(w.Value)):
			default:
				most++
			}
		}
	}
	return most
}

// builder plans one person after the other.
type builder struct {
	plan        *Plan
	desired     *Desired
	known       Known
	has         Presence
	have        authmethod.Set // nothing where it is known by the report
	facts       Facts
	unsupported [authmethod.Count]bool
	shared      map[string]int
	names       map[string]int
	wrote       Presence
	unledgered  bool
}

func (b *builder) person() {
	var planned [authmethod.Count]*Change
	if b.desired.Settled {
		b.settled()
		b.plan.Coverage.add(b.has, &planned)
		return
	}
	for _, kind := range authmethod.Kinds() {
		planned[kind] = b.method(kind)
	}
	b.keepMobileUnderAlternate(&planned)
	for _, change := range planned {
		if change != nil {
			b.plan.Changes = append(b.plan.Changes, *change)
		}
	}
	b.plan.Known.add(b.known)
	b.plan.Coverage.add(b.has, &planned)
}

// method decides about one method as if it stood alone.
func (b *builder) method(kind authmethod.Kind) *Change {
	wish, have, there := b.desired.Wishes[kind], b.have[kind], b.has[kind]
	switch {
	case wish.IsZero():
		return nil
	case b.unsupported[kind]:
		b.skip(kind, authmethod.UnsupportedInCloud, fmt.Sprintf("the cloud %s has no %s method", b.plan.Tenant.Cloud, kind))
		return nil
	case wish.Clear && !there, !wish.Clear && have.Equal(wish.Value):
		b.plan.Unchanged[kind]++
		return nil
	case !wish.Clear && b.facts.bars(kind, b.desired.User.ID) != "":
		b.skip(kind, authmethod.TenantPolicy, b.facts.bars(kind, b.desired.User.ID))
		return nil
	case there && b.known == ByReport:
		b.keepUnseen(kind, wish)
		return nil
	case wish.Clear:
		return b.change(kind, Delete, have, authmethod.Value{})
	case !there:
		return b.change(kind, Create, have, wish.Value)
	case b.plan.Policy.Rules[kind] == Replace, b.own(kind):
		return b.change(kind, Update, have, wish.Value)
	default:
		b.skip(kind, authmethod.KeptExisting, fmt.Sprintf("%s is registered, %s says %s%s", have, b.plan.says(), wish.Value, b.notOwn(kind)))
		return nil
	}
}

// notOwn says why policy own keeps what is registered.
func (b *builder) notOwn(kind authmethod.Kind) string {
	switch {
	case b.plan.Policy.Rules[kind] != Own:
		return ""
	case b.unledgered:
		return "; without its ledger authseed cannot tell whether it wrote that itself"
	}
	return "; that is not what authseed wrote last"
}

func (b *builder) change(kind authmethod.Kind, action Action, before, after authmethod.Value) *Change {
	user := b.desired.User
	c := &Change{
		ID: changeID(user.ID, kind, action), User: PersonOf(user), Method: kind, Action: action,
		Before: before, After: after, Known: b.known, Origin: b.origin(kind),
	}
	c.Hazards = b.hazards(kind, action, after)
	c.Note = strings.Join(b.notes(kind, action, after), ", ")
	wish := b.desired.Wishes[kind]
	c.Reading = Reading{Department: wish.Department}
	if action != Delete {
		c.Reading = Reading{wish.Country, wish.CountryFrom, wish.Department, wish.Remark}
		if n := b.shared[after.Folded()]; n > 1 {
			c.Reading.Remark = strings.TrimPrefix(fmt.Sprintf("%s; %s gives it to %d people", wish.Remark, b.plan.says(), n), "; ")
		}
	}
	for _, h := range c.Hazards {
		c.HeldBack = c.HeldBack || !b.plan.Policy.Allows(h, user.ID)
	}
	return c
}

// origin is the row that asks for the method, which need not be the person's
// first.
func (b *builder) origin(kind authmethod.Kind) Origin {
	origin := b.desired.Origin
	if line := b.desired.Wishes[kind].Line; line != 0 {
		origin.Line = line
	}
	return origin
}

// keepMobileUnderAlternate leaves out what Graph would refuse: it takes an
// alternate mobile only beside a mobile (learn.microsoft.com,
// phoneAuthenticationMethod). A change that is held back does not count as
// made, because it will not be.
func (b *builder) keepMobileUnderAlternate(planned *[authmethod.Count]*Change) {
	const mobile, alternate = authmethod.Mobile, authmethod.AlternateMobile
	made := func(kind authmethod.Kind, action Action) bool {
		c := planned[kind]
		return c != nil && c.Action == action && !c.HeldBack
	}
	alternateStays := b.has[alternate] && !made(alternate, Delete)
	if c := planned[mobile]; c != nil && c.Action == Delete && alternateStays {
		b.skip(mobile, authmethod.MobileMissing, "removing the mobile would leave an alternate mobile without one")
		planned[mobile] = nil
	}
	mobileThere := made(mobile, Create) || b.has[mobile] && !made(mobile, Delete)
	if c := planned[alternate]; c != nil && c.Action == Create && !mobileThere {
		detail := "the person has no mobile"
		if held := planned[mobile]; held != nil && held.HeldBack {
			detail = "the person's mobile is held back"
		}
		b.skip(alternate, authmethod.MobileMissing, detail)
		planned[alternate] = nil
	}
}

func (b *builder) skip(kind authmethod.Kind, reason authmethod.Reason, detail string) {
	person := PersonOf(b.desired.User)
	s := Skip{Origin: b.origin(kind), User: &person, Method: &kind, Reason: reason, Detail: detail}
	if reason == authmethod.KeptExisting || reason == authmethod.MobileMissing {
		s.Known = b.known // only these are about what is registered
	}
	b.plan.Skipped = append(b.plan.Skipped, s)
}

// compareChanges orders by person and, within one, as they have to be written:
// what adds before what removes, so that nobody is without a factor in between,
// and an alternate mobile after the mobile it needs.
func compareChanges(a, b Change) int {
	return cmp.Or(
		cmp.Compare(strings.ToLower(a.User.UserPrincipalName), strings.ToLower(b.User.UserPrincipalName)),
		cmp.Compare(a.User.ID, b.User.ID),
		cmp.Compare(writeRank(a), writeRank(b)),
	)
}

func writeRank(c Change) int {
	order := authmethod.WriteOrder()
	rank := slices.Index(order[:], c.Method)
	if c.Action == Delete {
		return 2*authmethod.Count - rank
	}
	return rank
}

// SortSkips orders by the row and what is left out of it.
func SortSkips(skips []Skip) { slices.SortStableFunc(skips, compareSkips) }

func compareSkips(a, b Skip) int {
	method := func(s Skip) int {
		if s.Method == nil {
			return -1
		}
		return int(*s.Method)
	}
	return cmp.Or(
		cmp.Compare(a.Origin.File, b.Origin.File),
		cmp.Compare(a.Origin.Line, b.Origin.Line),
		cmp.Compare(method(a), method(b)),
		cmp.Compare(a.Reason, b.Reason),
		cmp.Compare(a.Detail, b.Detail),
	)
}

func summarise(p *Plan, rows Rows) Summary {
	s := Summary{Rows: rows, Hazards: map[Hazard]int{}, Skipped: map[authmethod.Reason]int{}}
	if s.Rows.LeftOut == nil {
		s.Rows.LeftOut = map[authmethod.Reason]int{}
	}
	last := ""
	for _, c := range p.Changes {
		for _, h := range c.Hazards {
			s.Hazards[h]++
		}
		if c.HeldBack {
			s.HeldBack++
			continue
		}
		switch c.Action {
		case Create:
			s.Creates++
		case Update:
			s.Updates++
		case Delete:
			s.Deletes++
		}
		if c.User.ID != last {
			s.People++
			last = c.User.ID
		}
	}
	for _, skip := range p.Skipped {
		s.Skipped[skip.Reason]++
	}
	return s
}
