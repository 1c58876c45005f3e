package report

import (
	"bufio"
	"io"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"authseed/importer/journal"
	"authseed/importer/schedule"
)

// Pruning is what became of runs and nights that may be older than what is to be
// kept. Nothing that is of Before or later was removed.
type Pruning struct {
	Keep   journal.Keep
	Before time.Time
	DryRun bool // nothing was removed: it is what would be
	Runs   *journal.Pruned
	Nights *schedule.PrunedNights
}

// Stuck is how many could not be removed.
func (p *Pruning) Stuck() int { return len(p.Runs.Stuck) + len(p.Nights.Stuck) }

// meanings of what holds a run, in the order in which they are told.
var meanings = []struct {
	hold    journal.Hold
	meaning string
}{
	{journal.HoldRunning, "being written, or written to a moment ago"},
	{journal.HoldInterrupted, "cut off: authseed resume or rollback settles it"},
	{journal.HoldResumable, "authseed resume would still go on with it"},
	{journal.HoldEncrypted, "nobody here can tell whether it has ended"},
	{journal.HoldLinked, "undoes a run that is kept, or is undone by one"},
}

// Pruned writes it for people.
func Pruned(w io.Writer, p *Pruning, o TextOptions) error {
	v := &textView{out: bufio.NewWriter(w), TextOptions: o, english: message.NewPrinter(language.English)}
	if n := len(p.Runs.Removed); n > 0 {
		var runs []*journal.Run
		for _, r := range p.Runs.Removed[:v.atMost(n)] {
			runs = append(runs, r.Run)
		}
		v.runLines(runs)
		v.rest(n)
	}
	if n := len(p.Nights.Removed); n > 0 {
		v.line("%s", v.paint(bold, "NIGHT                 JOB"))
		for _, night := range p.Nights.Removed[:v.atMost(n)] {
			v.line("%-22s%s", night.Night, fit(clean(night.Job), 50))
		}
		v.rest(n)
	}
	v.pruned(p)
	for _, m := range meanings {
		if n := p.Runs.Kept[m.hold]; n > 0 {
			v.hanging(v.english.Sprintf("  %8d  ", n), string(m.hold)+": "+m.meaning)
		}
	}
	if p.Stuck() > 0 {
		v.line("Could not be removed:")
	}
	for _, s := range p.Runs.Stuck {
		v.line("  %s", clean(s.ID+": "+oneLine(s.Err)))
	}
	for _, s := range p.Nights.Stuck {
		v.line("  %s", clean(s.Job+" "+s.Night+": "+oneLine(s.Err)))
	}
	return v.flush()
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// rest ends a list that was cut off.
func (v *textView) rest(n int) {
	if more := n - v.atMost(n); more > 0 {
		v.line("  ... and %d more: --output json lists them", more)
	}
	v.line("")
}

// pruned sums it up.
func (v *textView) pruned(p *Pruning) {
	of := "from before " + p.Before.UTC().Format("2006-01-02 15:04") + " UTC"
	if p.Keep.Newest > 0 {
		of = v.english.Sprintf("besides the newest %d and those of the last three days", p.Keep.Newest)
	}
	verb := "Removed"
	if p.DryRun {
		verb = "Would remove"
	}
	runs, nights := v.count(len(p.Runs.Removed), "run", "runs"), v.count(len(p.Nights.Removed), "night", "nights")
	if len(p.Runs.Removed)+len(p.Nights.Removed)+p.Runs.Remains == 0 {
		v.wrapped("", "Nothing to remove "+of+".")
	} else {
		v.wrapped("", v.english.Sprintf("%s %s and %s, %s: %d bytes.", verb, runs, nights, of, p.Runs.Bytes+p.Nights.Bytes))
	}
	if n := p.Runs.Remains; n > 0 {
		v.wrapped("", v.english.Sprintf("%s what was left of %s that had been removed in part or never began.", verb, v.count(n, "run", "runs")))
	}
	v.wrapped("", v.english.Sprintf("Kept, as asked for: %s and %s.", v.count(p.Runs.Recent, "run", "runs"), v.count(p.Nights.Kept, "night", "nights")))
	held := 0
	for _, n := range p.Runs.Kept {
		held += n
	}
	if held > 0 {
		v.line("Older, and kept all the same:")
	}
}

type (
	removedDocument struct {
		runDocument
		Bytes int64 `json:"bytes"`
	}
	nightDocument struct {
		Job   string `json:"job"`
		Night string `json:"night"`
		Bytes int64  `json:"bytes"`
	}
	stuckDocument struct {
		ID    string `json:"id,omitempty"`
		Job   string `json:"job,omitempty"`
		Night string `json:"night,omitempty"`
		Error string `json:"error"`
	}
)

// PrunedJSON writes it for programs. In runs, kept counts what was asked for, held
// what is older and kept all the same, by reason, and remains the folders of runs
// that had been removed in part or never began.
func PrunedJSON(w io.Writer, p *Pruning) error {
	removed, stuck := []removedDocument{}, []stuckDocument{}
	for _, r := range p.Runs.Removed {
		removed = append(removed, removedDocument{runOf(r.Run), r.Bytes})
	}
	for _, s := range p.Runs.Stuck {
		stuck = append(stuck, stuckDocument{ID: s.ID, Error: s.Err.Error()})
	}
	nights, stuckNights := []nightDocument{}, []stuckDocument{}
	for _, n := range p.Nights.Removed {
		nights = append(nights, nightDocument(n))
	}
	for _, s := range p.Nights.Stuck {
		stuckNights = append(stuckNights, stuckDocument{Job: s.Job, Night: s.Night, Error: s.Err.Error()})
	}
	type runs struct {
		Removed []removedDocument    `json:"removed"`
		Kept    int                  `json:"kept"`
		Held    map[journal.Hold]int `json:"held"`
		Failed  []stuckDocument      `json:"failed"`
		Remains int                  `json:"remains"`
	}
	type ofNights struct {
		Removed []nightDocument `json:"removed"`
		Kept    int             `json:"kept"`
		Failed  []stuckDocument `json:"failed"`
	}
	return indented(w, struct {
		FormatVersion int       `json:"format_version"`
		DryRun        bool      `json:"dry_run"`
		Keep          string    `json:"keep"`
		Before        time.Time `json:"before"`
		Runs          runs      `json:"runs"`
		Nights        ofNights  `json:"nights"`
		FreedBytes    int64     `json:"freed_bytes"`
	}{
		FormatVersion, p.DryRun, p.Keep.String(), p.Before.UTC(),
		runs{removed, p.Runs.Recent, p.Runs.Kept, stuck, p.Runs.Remains},
		ofNights{nights, p.Nights.Kept, stuckNights}, p.Runs.Bytes + p.Nights.Bytes,
	})
}
