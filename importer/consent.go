package importer

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/schedule"
)

// Consent is what became of a plan that was kept for people to sign.
type Consent struct {
	Plan       *plan.Plan        // nil where it may not be made true; Problem says why
	Signatures map[string][]byte // those that approve it, by what follows its name
	By         []string          // whose they are
	Problem    string
	Over       bool // no signature can mend that: it was applied by hand, or is gone
}

// consented makes true what people have signed since an earlier night, and tells
// whether that is all of tonight.
//
// A signature stands for one plan and is used once: which plans wait is forgotten
// on disk before the first write. It does not stand against a newer export: of the
// plan that was signed, only what tonight's own plan has in it too is written, to
// the same person, from the same value to the same value and with the same
// hazards and notes. The rest is journalled as stale. So the run holds the very bytes that
// were signed, and nothing that HR or the person has overtaken.
func (s *syncing) consented(ctx context.Context, p *plan.Plan, sight schedule.Sight) (done, over bool, err error) {
	if s.Consent == nil || !s.Job.Approvals.Demand(p) {
		s.memory.Waiting = nil
		return false, false, nil
	}
	signed, common, err := s.signed(p)
	if err != nil || signed == nil {
		return false, false, err
	}
	// Tonight's own plan is kept beside what it let through.
	if err := s.Keep(p, s.night); err != nil {
		return false, true, err
	}
	own := s.Apply
	own.Now = own.Now.Add(time.Millisecond) // names of runs sort as they happened
	s.Apply.Approvals, s.Apply.Wanted = signed.Signatures, func(c plan.Change) bool { return common[c.ID] }
	s.memory.Waiting = nil
	s.night.Approved = &schedule.Approved{PlanID: signed.Plan.ID, By: signed.By, Gone: signed.Plan.Summary.Pending() - len(common)}
	s.figures(signed.Plan)
	err = s.apply(ctx, signed.Plan, sight)
	s.Apply = own
	// What was cut off is gone on with before anything else is planned.
	if err != nil || s.memory.OpenRun != "" || len(common) == p.Summary.Pending() {
		return true, true, err
	}
	n, a, counts := s.night, s.night.Approved, s.night.Counts
	a.RunID, a.Counts, a.Creates, a.Updates, a.Deletes = n.RunID, &counts, n.Creates, n.Updates, n.Deletes
	n.RunID = ""
	return true, false, nil
}

// signed finds the newest plan that enough people have signed and of which tonight's
// has something too, and what that is. Plans that have had their time are forgotten.
func (s *syncing) signed(tonight *plan.Plan) (found *Consent, common map[string]bool, err error) {
	var waiting []schedule.Waiting
	for _, w := range slices.Backward(s.memory.Waiting) {
		if found != nil || s.Plan.Now.After(w.ValidUntil) {
			continue
		}
		c, err := s.Consent(w)
		if err != nil {
			return nil, nil, err
		}
		if c.Plan != nil {
			if common = inBoth(c.Plan, tonight); len(common) > 0 {
				found = c
				continue
			}
			c.Problem, c.Over = "tonight's plan has nothing of it any more", true
		}
		if s.night.Approved == nil {
			s.night.Approved = &schedule.Approved{PlanID: w.PlanID, Problem: c.Problem}
		}
		if !c.Over {
			waiting = append(waiting, w)
		}
	}
	slices.Reverse(waiting)
	s.memory.Waiting = waiting
	return found, common, nil
}

// inBoth lists the pending changes of a plan that tonight's has in the same words.
func inBoth(signed, tonight *plan.Plan) map[string]bool {
	now := map[string]plan.Change{}
	for _, c := range tonight.Pending() {
		now[c.ID] = c
	}
	common := map[string]bool{}
	for _, c := range signed.Pending() {
		n, there := now[c.ID]
		if there && alike(n, c) {
			common[c.ID] = true
		}
	}
	return common
}

// alike reports whether two changes are one to whoever has looked at the first.
func alike(a, b plan.Change) bool {
	return a.User.ID == b.User.ID && a.Method == b.Method && a.Action == b.Action &&
		a.Before.Equal(b.Before) && a.After.Equal(b.After) && slices.Equal(a.Hazards, b.Hazards) && a.Note == b.Note
}

// unapproved refuses a plan that people have to sign.
func (s *syncing) unapproved(p *plan.Plan) bool {
	a := s.Job.Approvals
	if s.Consent == nil || !a.Demand(p) {
		return false
	}
	sum := p.Summary
	s.night.Refusals = append(s.night.Refusals, schedule.Refusal{
		Rule: "approvals",
		What: fmt.Sprintf("changes to be approved by %d people: %d (%d create, %d replace, %d remove)", a.Need(), sum.Pending(), sum.Creates, sum.Updates, sum.Deletes),
		Hint: fmt.Sprintf("look at the plan and sign it with authseed approve; a night until %s makes it true", p.ValidUntil.UTC().Format(time.RFC3339)),
	})
	s.night.Outcome = schedule.Refused
	return true
}

// wait remembers where the plan is that people have to sign.
func (s *syncing) wait(ctx context.Context, p *plan.Plan) error {
	file, err := filepath.Abs(filepath.Join(s.night.Reports, "plan.json"))
	if err != nil {
		return fmt.Errorf("remembering the plan: %w", err)
	}
	s.memory.Tenant = p.Tenant.ID
	live := slices.DeleteFunc(s.memory.Waiting, func(w schedule.Waiting) bool { return s.Plan.Now.After(w.ValidUntil) })
	s.memory.Waiting = append(live, schedule.Waiting{PlanID: p.ID, Digest: p.Digest, ValidUntil: p.ValidUntil, File: file})
	return s.memory.Keep(ctx, s.shelf())
}

// leave journals what is not wanted any more as stale, before the first write.
func (o ApplyOptions) leave(j *journal.Journal, p *plan.Plan) (*journal.Run, error) {
	for _, c := range p.Pending() {
		if o.Wanted(c) {
			continue
		}
		if err := j.Record(journal.Outcome{Change: c.ID, Result: journal.Stale, Message: "the newer plan of tonight does not have it any more", At: o.Now}); err != nil {
			return nil, errors.Join(err, j.Abandon())
		}
	}
	past, err := j.Read()
	if err != nil {
		return nil, errors.Join(err, j.Abandon())
	}
	return past, nil
}
