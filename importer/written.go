package importer

import (
	"errors"
	"fmt"
	"time"

	"authseed/importer/journal"
	"authseed/importer/sealed"
	"authseed/importer/survey"
)

// lateness is how much older than the time it names the registration report is
// taken to be: "up to a few hours" (learn.microsoft.com, "Authentication methods
// activity"), and rather more than less.
const lateness = 24 * time.Hour

// wroteTo is whom runs may have written to.
type wroteTo struct {
	people map[string]bool // by object id
	hidden error           // what cannot be read, so that somebody may be missing
}

// trusted gives a registration report and whom it may not know all about. Where
// that cannot be known there is no report, unless it was asked for by name.
func (r Reads) trusted(report *survey.Presence, tenant, runs string, with sealed.Identity, n Notices) (*survey.Presence, map[string]bool) {
	since := writtenSince(runs, tenant, report.Made, with)
	if since.hidden != nil {
		if n.Hidden != nil {
			n.Hidden(since.hidden)
		}
		if r != ReadsReport {
			return nil, nil
		}
	}
	return report, since.people
}

// writtenSince finds in the folder of runs whom the tenant's have written to
// since a time. What they wrote a registration report of that time does not
// know.
func writtenSince(runs, tenant string, since time.Time, with sealed.Identity) wroteTo {
	w := wroteTo{people: map[string]bool{}}
	if runs == "" {
		return w
	}
	list, err := journal.Since(runs, since.Add(-lateness), with)
	w.hidden = err
	for _, run := range list {
		if run.Tenant.ID != tenant {
			continue
		}
		if run.State == journal.Encrypted {
			w.hidden = errors.Join(w.hidden, fmt.Errorf("run %s is encrypted", run.RunID))
			continue
		}
		p, err := run.Plan(runs)
		if err != nil {
			w.hidden = errors.Join(w.hidden, err)
			continue
		}
		for _, c := range p.Pending() {
			if run.MayHaveWritten(c.ID) {
				w.people[c.User.ID] = true
			}
		}
	}
	return w
}
