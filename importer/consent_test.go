package importer_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/plan"
	"authseed/importer/schedule"
	"authseed/mapping/authmethod"
)

// signatures are those of people who sign whatever was kept, once willing.
type signatures struct {
	*nightly
	willing bool
	asked   int
}

func (s *signatures) of(w schedule.Waiting) (*importer.Consent, error) {
	s.asked++
	i := slices.IndexFunc(s.kept, func(p *plan.Plan) bool { return p.ID == w.PlanID && p.Digest == w.Digest })
	if i < 0 || !s.willing {
		return &importer.Consent{Problem: "nobody has signed"}, nil
	}
	return &importer.Consent{Plan: s.kept[i], By: []string{"bob@example.com"}, Signatures: map[string][]byte{".bob.sig": []byte("signed")}}, nil
}

func newSignatures(t *testing.T, people int) *signatures {
	s := &signatures{nightly: newNightly(t)}
	for range people {
		s.hire(s.number())
	}
	all := schedule.Percent(100)
	s.job.Limits.MaxChangePercent = &all
	s.job.Approvals = schedule.Approvals{Signers: "allowed_signers"}
	s.consent = s.of
	s.deliver(s.hr)
	return s
}

// tonight runs a night, a day later, and wants its outcome and so many writes.
func (s *signatures) tonight(want schedule.Outcome, writes int64) *schedule.Night {
	s.Helper()
	time.Sleep(24 * time.Hour)
	before := s.sim.Stats().Writes
	night, err := s.run(s.Context())
	if cut := s.stop == "cut" && errors.Is(err, context.Canceled); err != nil && !cut {
		s.Fatal(err)
	}
	if wrote := s.sim.Stats().Writes - before; night.Outcome != want || writes >= 0 && wrote != writes {
		s.Errorf("%s and %d writes, want %s and %d: %+v", night.Outcome, wrote, want, writes, night)
	}
	return night
}

// mobileOf is the number that somebody has in the tenant.
func (s *signatures) mobileOf(i int) authmethod.Value {
	for _, u := range s.sim.Tenant().Users {
		if u.UserPrincipalName == s.hr[i].upn {
			return registered(u)[authmethod.Mobile]
		}
	}
	return authmethod.Value{}
}

// TestConsent: what was signed is written once, and only what tonight's export
// says too.
func TestConsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSignatures(t, 20)
		s.tonight(schedule.Refused, 0)
		if night := s.tonight(schedule.Refused, 0); night.Approved == nil || night.Approved.Problem != "nobody has signed" || night.Refusals[0].Rule != "approvals" {
			t.Errorf("unsigned: %+v", night)
		}
		// The first plan was signed; HR has another number for one, and one more.
		s.willing = true
		s.hr[3].mobile = s.number()
		s.hire(s.number())
		s.deliver(s.hr)
		night := s.tonight(schedule.Refused, 19)
		if a := night.Approved; a == nil || a.Gone != 1 || a.Counts.Done != 19 || a.Counts.Stale != 1 || a.Creates != 20 || a.By[0] != "bob@example.com" || night.Creates != 2 {
			t.Errorf("partly: %+v, %+v", night, night.Approved)
		}
		if !s.mobileOf(3).IsZero() || !s.mobileOf(20).IsZero() || s.mobileOf(0).IsZero() {
			t.Error("what nobody has signed was written, or what was is not")
		}
		// The rest is a plan of its own.
		if night := s.tonight(schedule.Applied, 2); night.Approved == nil || night.Approved.Counts != nil || night.Counts.Done != 2 {
			t.Errorf("the rest: %+v", night)
		}
		// Whoever takes a number away is not given it again by the same signatures.
		asked := s.asked
		if err := s.sim.Drift(s.hr[0].upn, clearPhones); err != nil {
			t.Fatal(err)
		}
		s.hr[1].mobile = s.number() // another file: the tenant is asked
		s.deliver(s.hr)
		s.tonight(schedule.Refused, 0)
		if s.asked != asked {
			t.Error("signatures were asked for that are used up")
		}
	})
}

// TestConsentCutOff: signatures are used up before the first write; what was cut off
// is gone on with, and nothing is written twice.
func TestConsentCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSignatures(t, 60)
		s.tonight(schedule.Refused, 0)
		s.willing, s.stop = true, "cut"
		s.tonight(schedule.Interrupted, -1)
		wrote, asked := s.sim.Stats().Writes, s.asked
		s.stop = ""
		time.Sleep(time.Hour)
		night, err := s.run(t.Context())
		if err != nil || night.Resumed == nil || night.Outcome != schedule.NothingToDo || s.asked != asked {
			t.Errorf("%+v, %v; asked %d times", night, err, s.asked-asked)
		}
		if stats := s.sim.Stats(); stats.Writes != 60 || wrote == 60 || stats.DuplicateCreates != 0 {
			t.Errorf("%d writes before, %+v", wrote, stats)
		}
	})
}

// TestConsentInTime: nobody is asked about a plan that is too old, and a file that a
// guard rail refuses is not made true for having been signed.
func TestConsentInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSignatures(t, 20)
		s.tonight(schedule.Refused, 0)
		s.willing = true
		time.Sleep(72 * time.Hour)
		s.tonight(schedule.Refused, 0)
		if s.asked != 0 {
			t.Errorf("asked %d times about an old plan", s.asked)
		}
		none := 0
		s.job.Limits.MaxChanges = &none
		if night := s.tonight(schedule.Refused, 0); len(night.Refusals) != 2 {
			t.Errorf("%+v", night.Refusals)
		}
		s.job.Limits.MaxChanges = nil
		s.tonight(schedule.Applied, 20)
	})
}

// TestConsentOvertaken: where HR says something else of everybody, signatures are for
// nothing, and the night says so.
func TestConsentOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSignatures(t, 5)
		s.tonight(schedule.Refused, 0)
		s.willing = true
		for i := range s.hr {
			s.hr[i].mobile = s.number()
		}
		s.deliver(s.hr)
		night := s.tonight(schedule.Refused, 0)
		if a := night.Approved; a == nil || a.PlanID != s.kept[0].ID || a.Problem != "tonight's plan has nothing of it any more" {
			t.Errorf("%+v", a)
		}
		if night := s.tonight(schedule.Applied, 5); night.Approved.PlanID != s.kept[1].ID {
			t.Errorf("%+v", night.Approved)
		}
	})
}

func clearPhones(u *graphsim.User) { u.PhoneMethods = nil }
