package plan

import (
	"fmt"
	"time"

	"authseed/mapping/authmethod"
)

// Known is how it is known what somebody has registered.
type Known string

// The two ways. A plan says of each before-value which it was.
const (
	// ByRead: the person's methods were read when the plan was made.
	ByRead Known = "read"
	// ByReport: the tenant's registration report says which methods are there. It
	// holds no values and is hours old (learn.microsoft.com, "Authentication
	// methods activity"); what has changed since is found out when the plan is
	// applied, by the service's refusal to register a method twice.
	ByReport Known = "report"
)

// Presence is which methods somebody has registered, by [authmethod.Kind].
type Presence [authmethod.Count]bool

// PresenceOf is the presence of what was read.
func PresenceOf(s authmethod.Set) (has Presence) {
	for kind, v := range s {
		has[kind] = !v.IsZero()
	}
	return has
}

// Knowledge counts the people in scope by how it is known what they have.
type Knowledge struct {
	Read     int       `json:"read"`
	Report   int       `json:"report"`
	Settled  int       `json:"settled,omitempty"`  // as in the last good run, and not asked about
	ReportAt time.Time `json:"report_at,omitzero"` // when the report was made
}

func (d *Desired) known() Known {
	if d.Reported {
		return ByReport
	}
	return ByRead
}

func (in *Input) has(d *Desired) Presence {
	if d.Reported || d.Settled {
		return d.Has
	}
	return PresenceOf(in.Current[d.User.ID])
}

func (k *Knowledge) add(known Known) {
	if known == ByReport {
		k.Report++
	} else {
		k.Read++
	}
}

// settled counts somebody for whom there was nothing to do and nothing has changed.
func (b *builder) settled() {
	b.plan.Known.Settled++
	for kind := range b.desired.Wishes {
		if !b.desired.Wishes[kind].IsZero() && !b.desired.Kept[kind] {
			b.plan.Unchanged[kind]++
		}
	}
}

// reported adds when the report was made, once everybody is counted.
func (k *Knowledge) reported(reportAt time.Time) {
	if k.Report > 0 {
		k.ReportAt = reportAt.UTC().Truncate(time.Second)
	}
}

// NeedsRead reports whether the presence of methods is not enough to plan what
// is wished of them: a value would be replaced or removed, and a plan shows what
// was there before. What is missing is created and, under [Fill], what is there
// is kept, whatever its value. Under [Own] that is so of a value that the ledger
// does not have another one for; whoever knows the ledger gives [Fill] for it.
func NeedsRead(wishes *authmethod.Wishes, has Presence, rules [authmethod.Count]Rule) bool {
	for kind := range wishes {
		w := &wishes[kind]
		if has[kind] && !w.IsZero() && (w.Clear || rules[kind] == Replace || rules[kind] == Own) {
			return true
		}
	}
	return false
}

// keepUnseen leaves a method alone that is there, with a value that nobody has
// read. Whether it is what the file says cannot be told.
func (b *builder) keepUnseen(kind authmethod.Kind, wish authmethod.Wish) {
	says := wish.Value.String()
	if wish.Clear {
		says = "to remove it"
	}
	detail := fmt.Sprintf("%s is registered (registration report), %s says %s; whether they are the same was not read", withArticle(kind), b.plan.says(), says)
	if b.plan.Policy.Rules[kind] == Own && !wish.Clear && !b.unledgered {
		detail += ", and authseed wrote no other"
	}
	if wish.Clear || b.plan.Policy.Rules[kind] == Replace {
		detail += ", and nothing is replaced or removed unread"
	}
	b.skip(kind, authmethod.KeptExisting, detail)
}

func withArticle(kind authmethod.Kind) string {
	switch kind {
	case authmethod.AlternateMobile:
		return "an alternate mobile"
	case authmethod.Office:
		return "an office phone"
	case authmethod.Email:
		return "an e-mail address"
	}
	return "a mobile"
}
