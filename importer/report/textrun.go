package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"authseed/importer/journal"
	"authseed/importer/plan"
)

func (v *textView) Run(r *journal.Run, p *plan.Plan) error {
	if r == nil {
		v.line("Nothing to apply.")
		return v.flush()
	}
	v.line("%s", v.paint(bold, fmt.Sprintf("Run %s on %s: %s", r.RunID, clean(tenantName(r.Tenant)), r.State)))
	if r.Undoes != "" {
		v.line("  undoes run %s", r.Undoes)
	}
	v.line("  %s", v.counts(r.Counts))
	v.rate(rateOf(r, p, 20))
	v.open(r, p)
	return v.flush()
}

// open lists what is not as planned, by what became of it.
func (v *textView) open(r *journal.Run, p *plan.Plan) {
	if r.Counts.Open() == 0 {
		return
	}
	byResult := map[journal.Result][]plan.Change{}
	people := map[string]bool{}
	for _, c := range p.Pending() {
		if result := r.Result(c.ID); result != journal.Done {
			byResult[result] = append(byResult[result], c)
			people[c.User.ID] = true
		}
	}
	v.line("")
	v.line("%s", v.paint(bold, "Still open: "+v.count(r.Counts.Open(), "change", "changes")+" of "+v.count(len(people), "person", "people")))
	for _, result := range []journal.Result{journal.Failed, journal.Stale, journal.Unknown, journal.Pending} {
		changes := byResult[result]
		n := v.atMost(len(changes))
		for _, c := range changes[:n] {
			v.line("  %-8s %-16s%s", result, c.Method, fit(clean(c.User.UserPrincipalName), lineWidth-28))
			if o, ok := r.Outcome(c.ID); ok {
				v.wrapped("           ", clean(why(o)))
			}
		}
		v.more(len(changes), fmt.Sprintf(" %s%s", result, v.sums(changes[n:])))
	}
}

// rate draws how many changes came to an end over time, and names the longest
// wait. A run of a few seconds is told in one line, a shorter one in none.
func (v *textView) rate(of rate) {
	took := of.last.Sub(of.from)
	if took < time.Second {
		return
	}
	text := v.english.Sprintf("%d in %s", of.done, round(took))
	if each := float64(of.done) / took.Seconds(); each >= 1 {
		text += v.english.Sprintf(", %.1f a second", each)
	} else {
		text += v.english.Sprintf(", %.1f a minute", each*60)
	}
	if of.gap >= worthAWord {
		text += fmt.Sprintf(", the longest wait %s from %s on", round(of.gap), of.gapAt.Format("15:04:05"))
	}
	v.wrapped("  ", text)
	if len(of.buckets) < 3 {
		return
	}
	v.line("")
	v.line("%s", v.paint(bold, fmt.Sprintf("Changes every %s (UTC)", round(of.width))))
	layout := of.layout()
	top := of.top()
	quiet := 0 // buckets without any, told in one line
	for _, b := range of.buckets {
		if b.Done == 0 {
			quiet++
			continue
		}
		if quiet > 0 {
			v.line("  %*s %10s for %s", len(layout), "", "none", round(time.Duration(quiet)*of.width))
			quiet = 0
		}
		const room = 44
		v.line("  %s %10d %s", b.At.Format(layout), b.Done, strings.Repeat("#", (b.Done*room+top-1)/top))
	}
}

// round writes a time without the units at its end that are nought: 2m, 1h30m.
func round(d time.Duration) string {
	text := d.Round(time.Second).String()
	if strings.HasSuffix(text, "m0s") {
		text = text[:len(text)-len("0s")]
	}
	if strings.HasSuffix(text, "h0m") {
		text = text[:len(text)-len("0m")]
	}
	return text
}

// why tells what the service said.
func why(o journal.Outcome) string {
	var words []string
	if o.Status != 0 {
		words = append(words, fmt.Sprint(o.Status))
	}
	if o.Code != "" {
		words = append(words, o.Code)
	}
	text := strings.Join(slices.DeleteFunc([]string{strings.Join(words, " "), o.Message}, func(s string) bool { return s == "" }), ": ")
	if o.RequestID != "" {
		text += " (request " + o.RequestID + ")"
	}
	return text
}

func (v *textView) counts(c journal.Counts) string {
	text := v.english.Sprintf("%d planned, %d done", c.Planned, c.Done)
	for _, part := range []struct {
		n    int
		name journal.Result
	}{{c.Failed, journal.Failed}, {c.Stale, journal.Stale}, {c.Unknown, journal.Unknown}, {c.Pending, journal.Pending}} {
		if part.n > 0 {
			text += v.english.Sprintf(", %d %s", part.n, part.name)
		}
	}
	return text
}

func (v *textView) Runs(runs []*journal.Run) error {
	if len(runs) == 0 {
		v.line("No runs yet.")
		return v.flush()
	}
	v.runLines(runs)
	return v.flush()
}

func (v *textView) runLines(runs []*journal.Run) {
	v.line("%s", v.paint(bold, fmt.Sprintf("%-26s%-18s%-12s%15s  %s", "RUN", "STARTED (UTC)", "STATE", "DONE", "TENANT")))
	for _, r := range runs {
		done := v.english.Sprintf("%d/%d", r.Counts.Done, r.Counts.Planned)
		if r.Counts.Planned == 0 { // encrypted: nobody knows
			done = "?"
		}
		v.line("%-26s%-18s%-12s%15s  %s", r.RunID, r.At.UTC().Format("2006-01-02 15:04"), r.State, done, fit(clean(tenantName(r.Tenant)), 7))
	}
}
