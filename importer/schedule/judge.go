package schedule

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// Rules are what a file is held against.
type Rules struct {
	MinRows plan.Quota    // or a share of the last good run's
	MaxLost Percent       // values of a method that are gone, of the last good run's
	MaxAge  time.Duration // 0: any
}

// Refusal is a guard rail that a file or its plan does not pass.
type Refusal struct {
	Rule string `json:"rule"` // its key in the configuration, or header, older-file, no-values, accept
	What string `json:"what"` // with its numbers
	Hint string `json:"hint"`
}

// fewest is how many there have to be before a share of them tells something.
const fewest = 10

var english = message.NewPrinter(language.English)

// ahead is how far a file may be dated after this host's clock without a doubt.
const ahead = 24 * time.Hour

// Judge holds tonight's file against the last good run, nil before the first, and
// gives everything that speaks against it. now is when the job runs.
func Judge(last *Good, tonight Sight, r Rules, now time.Time) []Refusal {
	j := judging{tonight: tonight}
	j.rows(last, r)
	// Of the directory nobody knows before it is planned: it has none here.
	if tonight.Values != nil && tonight.Source.Rows > 0 && len(tonight.Values) == 0 {
		j.refuse("no-values", "authseed check shows how the file is read; see whether the mapping names the right columns",
			"the file has %d rows, and not one usable value", tonight.Source.Rows)
	}
	if age := now.Sub(tonight.Source.Modified); r.MaxAge > 0 && !tonight.Source.Modified.IsZero() && age > r.MaxAge {
		j.refuse("max_age", "see why no new file has arrived", "the file was written %s ago, over max_age %s", age.Round(time.Minute), r.MaxAge)
	}
	// A clock is wrong, and the file might be of any age.
	if early := tonight.Source.Modified.Sub(now); r.MaxAge > 0 && early > ahead {
		j.refuse("max_age", "see whose clock is wrong", "the file is dated %s in the future, so that nobody can tell whether it is over max_age %s", early.Round(time.Minute), r.MaxAge)
	}
	if last == nil {
		return j.refusals
	}
	// A last file from the future was dated by a clock that was wrong, and would have
	// every later one refused until then.
	if then := last.Source.Modified; !then.After(now) && tonight.Source.SHA256 != last.Source.SHA256 && !tonight.Source.Modified.IsZero() && tonight.Source.Modified.Before(then) {
		j.refuse("older-file", "put the newest export there",
			"the file is older than that of the last good run: written %s, that one %s", tonight.Source.Modified.UTC().Format(time.RFC3339), then.UTC().Format(time.RFC3339))
	}
	if gone := without(last.Header, tonight.Header); len(gone) > 0 {
		more := ""
		if added := without(tonight.Header, last.Header); len(added) > 0 {
			more = ", and it has new ones: " + quoted(added)
		}
		j.refuse("header", "see what has changed in the export", "the header has lost %d of its %d columns: %s%s", len(gone), len(last.Header), quoted(gone), more)
	}
	for _, method := range slices.Sorted(maps.Keys(last.Values)) {
		had, has := last.Values[method], tonight.Values[method]
		if had >= fewest && over(had-has, had, r.MaxLost) {
			j.refuse("max_lost_percent", "see why people have lost theirs in the export",
				"%d usable values of %s, %d in the last good run: %s %% gone, over max_lost_percent %v", has, method, had, share(had-has, had), r.MaxLost)
		}
	}
	return j.refusals
}

type judging struct {
	tonight  Sight
	refusals []Refusal
}

func (j *judging) refuse(rule, hint, format string, args ...any) {
	j.refusals = append(j.refusals, Refusal{rule, english.Sprintf(format, args...), hint})
}

// rows wants enough of them. A file without any is never right.
func (j *judging) rows(last *Good, r Rules) {
	const hint = "see whether the export was cut off"
	rows := j.tonight.Source.Rows
	switch least := r.MinRows; {
	case rows == 0:
		j.refuse("min_rows", hint, "the file has no rows")
	case !least.Share && rows < least.People:
		j.refuse("min_rows", hint, "%d rows in the file, under min_rows %d", rows, least.People)
	case least.Share && last != nil && last.Source.Rows >= fewest && float64(rows)*100 < least.Percent*float64(last.Source.Rows):
		j.refuse("min_rows", hint, "%d rows in the file, %d in the last good run: %s %%, under min_rows %v",
			rows, last.Source.Rows, share(rows, last.Source.Rows), least)
	}
}

func over(n, of int, limit Percent) bool { return float64(n)*100 > float64(limit)*float64(of) }

func share(n, of int) string { return fmt.Sprintf("%.1f", 100*float64(n)/float64(of)) }

// without is what of names is not among others.
func without(names, others []string) (rest []string) {
	for _, name := range names {
		if !slices.Contains(others, name) {
			rest = append(rest, name)
		}
	}
	return rest
}

func quoted(names []string) string {
	const shown = 5
	more := ""
	if n := len(names); n > shown {
		names, more = names[:shown], fmt.Sprintf(" and %d more", n-shown)
	}
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(list, ", ") + more
}

// OfPlan holds a plan against the limits.
func OfPlan(p *plan.Plan, l Limits) (refusals []Refusal) {
	if unknown, of := unmatched(p); of >= fewest && over(unknown, of, l.unmatched()) {
		refusals = append(refusals, Refusal{
			"max_unmatched_percent",
			english.Sprintf("%d of %d rows name nobody of the tenant: %s %%, over max_unmatched_percent %v", unknown, of, share(unknown, of), l.unmatched()),
			"see whether the mapping matches by the right column, and whether this is the tenant's file",
		})
	}
	for _, r := range plan.Check(p, l.OfPlan()) {
		rule := strings.ReplaceAll(strings.TrimPrefix(r.Flag, "--"), "-", "_")
		what := strings.ReplaceAll(r.What, r.Flag, rule)
		refusals = append(refusals, Refusal{rule, what, "look at the plan; if it is right, raise " + rule + " under limits"})
	}
	return refusals
}

// unmatched counts the rows that name nobody of the tenant, of those whose person
// was looked for: a row without a usable value, or one that the mapping's where
// leaves out, was not.
func unmatched(p *plan.Plan) (unknown, of int) {
	of = p.Summary.Rows.Used + p.Summary.Rows.Merged
	for _, s := range p.Skipped {
		switch {
		case s.Method != nil:
		case s.User != nil:
			of++
		case s.Reason == authmethod.NoMatch:
			unknown++
			of++
		}
	}
	return unknown, of
}
