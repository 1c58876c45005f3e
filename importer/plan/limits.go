package plan

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Limits are bounds on a whole plan, nil where there is none. A plan that passes
// one is refused whole: [Check].
type Limits struct {
	MaxChanges       *int   `json:"max_changes,omitempty"`        // pending changes
	MaxChangePercent *Quota `json:"max_change_percent,omitempty"` // people with a pending change, of those in scope
	MaxReplace       *Quota `json:"max_replace,omitempty"`        // people who get another value for a registered one
	MaxRemove        *int   `json:"max_remove,omitempty"`         // pending removals
	MinRows          *int   `json:"min_rows,omitempty"`           // rows of the file; not of a rollback, which has none
}

// Quota bounds people by their number, or by their share of those in scope
// ([Reach]). Its text is "20", or "5%".
type Quota struct {
	People  int
	Percent float64 // with Share
	Share   bool
}

// fewest is how many people have to be in scope before a percentage bites: one
// of five is 20 %, and no sign of a mad export.
const fewest = 10

// ParseQuota reads a number of people, or a percentage from 0 to 100.
func ParseQuota(text string) (Quota, error) {
	number, share := strings.CutSuffix(strings.TrimSpace(text), "%")
	if !share {
		n, err := ParseCount(number)
		return Quota{People: n}, err
	}
	p, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || math.IsNaN(p) || p < 0 || p > 100 {
		return Quota{}, errors.New("not a percentage from 0% to 100%")
	}
	return Quota{Percent: p, Share: true}, nil
}

// ParseCount reads a number from 0.
func ParseCount(text string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 0 {
		return 0, errors.New("not a number from 0")
	}
	return n, nil
}

func (q Quota) String() string {
	if q.Share {
		return strconv.FormatFloat(q.Percent, 'f', -1, 64) + "%"
	}
	return strconv.Itoa(q.People)
}

// MarshalText writes the quota as a flag takes it.
func (q Quota) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalText reads what MarshalText writes, and nothing else: a document has
// one way to say it.
func (q *Quota) UnmarshalText(text []byte) error {
	parsed, err := ParseQuota(string(text))
	if err == nil && parsed.String() != string(text) {
		err = fmt.Errorf("%q is not how a limit is written", text)
	}
	*q = parsed
	return err
}

// Refusal is a limit that a plan passes.
type Refusal struct {
	Flag string // what lifts it, such as "--max-replace"
	What string // with its numbers
}

// Check holds a plan against limits and gives every one that it passes.
func Check(p *Plan, l Limits) []Refusal {
	c := checking{english: message.NewPrinter(language.English), scope: p.Coverage.Before.People}
	var changed, replaced people
	for _, change := range p.Changes {
		if change.HeldBack {
			continue
		}
		changed.add(change.User.ID)
		if change.Action == Update {
			replaced.add(change.User.ID)
		}
	}
	// A plan that does not say how many are in scope has at least these.
	c.scope = max(c.scope, changed.n)
	s := p.Summary
	c.count(l.MaxChanges, "--max-changes", s.Pending(), "changes")
	c.quota(l.MaxChangePercent, "--max-change-percent", changed.n, "changed")
	c.quota(l.MaxReplace, "--max-replace", replaced.n, "replaced")
	c.count(l.MaxRemove, "--max-remove", s.Deletes, "removals")
	if l.MinRows != nil && p.Undoes == "" && s.Rows.Read < *l.MinRows {
		c.refuse("--min-rows", "%d rows in the file, under --min-rows %d", s.Rows.Read, *l.MinRows)
	}
	return c.refusals
}

// people counts those that come one after the other.
type people struct {
	n    int
	last string
}

func (p *people) add(id string) {
	if p.n == 0 || p.last != id {
		p.n++
		p.last = id
	}
}

type checking struct {
	english  *message.Printer
	scope    int
	refusals []Refusal
}

func (c *checking) refuse(flag, format string, args ...any) {
	c.refusals = append(c.refusals, Refusal{flag, c.english.Sprintf(format, args...)})
}

func (c *checking) count(limit *int, flag string, n int, what string) {
	if limit != nil && n > *limit {
		c.refuse(flag, "%d %s, over %s %d", n, what, flag, *limit)
	}
}

func (c *checking) quota(limit *Quota, flag string, n int, done string) {
	switch {
	case limit == nil:
	case !limit.Share && n > limit.People:
		c.refuse(flag, "%d of %d people would be %s, over %s %d", n, c.scope, done, flag, limit.People)
	case limit.Share && c.scope >= fewest && float64(n)*100 > limit.Percent*float64(c.scope):
		percent := strconv.FormatFloat(limit.Percent, 'f', -1, 64)
		c.refuse(flag, "%d of %d people would be %s (%s %%), over %s %s %%", n, c.scope, done, c.share(n, percent), flag, percent)
	}
}

// share is n in per cent, with as many digits as it takes to be over the limit.
func (c *checking) share(n int, limit string) string {
	of := 100 * float64(n) / float64(c.scope)
	for digits := 1; ; digits++ {
		text := strconv.FormatFloat(of, 'f', digits, 64)
		if trimmed := strings.TrimRight(strings.TrimRight(text, "0"), "."); trimmed != limit || digits == 6 {
			return text
		}
	}
}
