package importer

import (
	"context"
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

// reporting is what it takes to read the registration report.
type reporting struct {
	reads     Reads
	directory survey.Reader
	tenant    string
	survey    survey.Options
	runs      string
	identity  sealed.Identity
	notices   Notices
}

// presence reads the registration report of people, where it is asked for or
// pays, and gives with it whom it may not know all about. Without report, and
// where nobody can tell whom runs wrote to since, there is none, unless it was
// asked for by name.
func (r reporting) presence(ctx context.Context, pays func() bool, people func() []string) (*survey.Presence, map[string]bool, error) {
	if r.reads == ReadsFull || r.reads != ReadsReport && !pays() {
		return nil, nil, nil
	}
	report, err := survey.ReadPresence(ctx, r.directory, people(), r.survey)
	var none *survey.NoReportError
	if r.reads != ReadsReport && errors.As(err, &none) {
		if r.notices.NoReport != nil {
			r.notices.NoReport(none)
		}
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	since := writtenSince(r.runs, r.tenant, report.Made.Add(-lateness), "", r.identity)
	if since.hidden != nil && r.notices.Hidden != nil {
		r.notices.Hidden(since.hidden)
	}
	if since.hidden != nil && r.reads != ReadsReport {
		return nil, nil, nil
	}
	return report, since.people, nil
}

// writtenSince finds in the folder of runs whom the tenant's, but for one, may
// have written to since a time.
func writtenSince(runs, tenant string, since time.Time, but string, with sealed.Identity) wroteTo {
	w := wroteTo{people: map[string]bool{}}
	if runs == "" {
		return w
	}
	list, err := journal.Since(runs, since, with)
	w.hidden = err
	for _, run := range list {
		ended := !run.EndedAt.IsZero() && run.EndedAt.Before(since)
		if run.Tenant.ID != tenant || run.RunID == but || ended {
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
