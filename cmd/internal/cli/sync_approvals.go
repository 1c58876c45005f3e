package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"authseed/importer"
	"authseed/importer/approval"
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/schedule"
)

// readSigners finds out before anything is asked of a tenant whether the list of
// signers can be read, and whether a plan that waits for them can be.
func (j *syncJob) readSigners() error {
	if j.Approvals.Need() == 0 {
		return nil
	}
	if err := approval.CheckName(j.Requester()); err != nil {
		return j.placed("approvals.requester", &hinted{fmt.Errorf("approvals.requester: %w", err), "the name as it is in signers, such as alice@example.com"})
	}
	if len(j.EncryptTo) > 0 && j.EncryptTo[0] != inClear && j.Getenv("AUTHSEED_IDENTITY") == "" {
		return j.placed("approvals", &hinted{
			errors.New("approvals: a plan that waits for them is encrypted, and this job has no key to read it again"),
			"AUTHSEED_IDENTITY names the file with a key of encrypt_to; or encrypt_to: [none]",
		})
	}
	_, err := j.signers()
	return err
}

func (j *syncJob) signers() (*approval.Allowed, error) {
	list, err := os.ReadFile(j.Approvals.Signers)
	if err != nil {
		return nil, j.placed("approvals.signers", fileError("list of allowed signers", err))
	}
	allowed, err := approval.ParseAllowed(j.Approvals.Signers, list, time.Local)
	if err != nil {
		return nil, &hinted{err, "authseed help approval describes the file, ssh-keygen(1) too"}
	}
	return allowed, nil
}

// checkSigners refuses a list that can never approve anything.
func (j *syncJob) checkSigners() error {
	need := j.Approvals.Need()
	if need == 0 {
		return nil
	}
	allowed, err := j.signers()
	if err != nil {
		return err
	}
	if able := allowed.Able(j.Requester(), now()); able < need {
		return j.placed("approvals", &hinted{
			fmt.Errorf("approvals: %d people have to sign, and today %d of the list can", need, able),
			"add people to " + j.Approvals.Signers + ", renew their keys, or ask for fewer",
		})
	}
	return nil
}

// consent says what became of a plan that was kept for people to sign.
func (j *syncJob) consent(w schedule.Waiting) (*importer.Consent, error) {
	text, p, err := j.signedPlan(w.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &importer.Consent{Problem: "its file is gone", Over: true}, nil
	case err != nil:
		return &importer.Consent{Problem: oneLine(err)}, nil
	case p.ID != w.PlanID || p.Digest != w.Digest:
		return &importer.Consent{Problem: "another plan is in its place", Over: true}, nil
	}
	if c := j.applied(p); c != nil {
		return c, nil
	}
	flags := approvalFlags{by: j.Approvals.Signers, need: j.Approvals.Need()}
	files, err := flags.demand(w.File, text, p)
	var refused *importer.RefusedError
	switch {
	case errors.As(err, &refused):
		return &importer.Consent{Problem: oneLine(err)}, nil
	case err != nil:
		return nil, err
	}
	v, _, err := flags.verdict(w.File, text, p)
	if err != nil {
		return nil, err
	}
	c := &importer.Consent{Plan: p, Signatures: besidePlan(w.File, files)}
	for _, s := range v.Signatures {
		if s.Result == approval.Valid {
			c.By = append(c.By, s.Who())
		}
	}
	return c, nil
}

// applied tells a plan that was applied by hand, or of which nobody can tell.
func (j *syncJob) applied(p *plan.Plan) *importer.Consent {
	runs, id := j.earlier()
	list, err := journal.Since(runs, p.CreatedAt, id)
	if i := slices.IndexFunc(list, func(r *journal.Run) bool { return r.PlanID == p.ID }); i >= 0 {
		return &importer.Consent{Problem: "run " + list[i].RunID + " has applied it", Over: true}
	}
	if err != nil {
		return &importer.Consent{Problem: "nobody can tell whether it was applied already: " + oneLine(err)}
	}
	return nil
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
