package report

import (
	"fmt"
	"io"
	"strings"

	"authseed/importer/approval"
	"authseed/importer/plan"
)

// Approval shows who signed a plan, as text.
func Approval(w io.Writer, p *plan.Plan, v *approval.Verdict) error {
	var text strings.Builder
	requester := "it does not say who made it"
	if v.Requester != "" {
		requester = "made by " + clean(v.Requester)
	}
	fmt.Fprintf(&text, "Plan for %s (%s), %s\nDigest %s\n\n", clean(p.Tenant.Name), clean(p.Tenant.Cloud), requester, p.Digest)
	for _, s := range v.Signatures {
		fmt.Fprintf(&text, "  %-16s %s\n", s.Result, clean(s.Who()))
		for _, line := range []string{s.Fingerprint, "in " + s.File, s.Detail} {
			if line != "" {
				fmt.Fprintf(&text, "    %s\n", clean(line))
			}
		}
	}
	if len(v.Signatures) == 0 {
		text.WriteString("  no signature lies beside it\n")
	}
	word := "not approved"
	if v.Approved() {
		word = "approved"
	}
	fmt.Fprintf(&text, "\n%d of %d: %s\n", v.Valid(), v.Need, word)
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("writing text: %w", err)
	}
	return nil
}

// ApprovalJSON writes who signed a plan as one document:
//
//	format_version, plan_id, digest
//	requester     who made the plan; empty where it does not say
//	needed, valid  approvals that are wanted, and that count
//	approved      whether they are enough
//	signatures[]  {file, principals[], fingerprint, result, detail}
//
// result is valid, repeated, requester, not-allowed, expired, not-yet-valid,
// other-namespace, other-file or unreadable.
func ApprovalJSON(w io.Writer, p *plan.Plan, v *approval.Verdict) error {
	type signature struct {
		File        string          `json:"file"`
		Principals  []string        `json:"principals"`
		Fingerprint string          `json:"fingerprint"`
		Result      approval.Result `json:"result"`
		Detail      string          `json:"detail"`
	}
	document := struct {
		FormatVersion int         `json:"format_version"`
		PlanID        string      `json:"plan_id"`
		Digest        string      `json:"digest"`
		Requester     string      `json:"requester"`
		Needed        int         `json:"needed"`
		Valid         int         `json:"valid"`
		Approved      bool        `json:"approved"`
		Signatures    []signature `json:"signatures"`
	}{FormatVersion, p.ID, p.Digest, v.Requester, v.Need, v.Valid(), v.Approved(), []signature{}}
	for _, s := range v.Signatures {
		document.Signatures = append(document.Signatures, signature{s.File, orEmpty(s.Principals), s.Fingerprint, s.Result, s.Detail})
	}
	return newJSON(w, false).write(document)
}

// SignedJSON writes that a plan was signed: format_version, plan_id, digest, the
// key's fingerprint and the signature's file.
func SignedJSON(w io.Writer, p *plan.Plan, fingerprint, file string) error {
	return newJSON(w, false).write(struct {
		FormatVersion int    `json:"format_version"`
		PlanID        string `json:"plan_id"`
		Digest        string `json:"digest"`
		Fingerprint   string `json:"fingerprint"`
		Signature     string `json:"signature"`
	}{FormatVersion, p.ID, p.Digest, fingerprint, file})
}
