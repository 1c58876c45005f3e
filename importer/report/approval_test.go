package report_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/approval"
	"authseed/importer/plan"
	"authseed/importer/report"
)

// Both views of who signed a plan, with a file name that would steer a terminal.
func TestApproval(t *testing.T) {
	p := &plan.Plan{Digest: strings.Repeat("0", 64)}
	p.ID, p.Tenant = "one", plan.Tenant{ID: "t", Name: "Example", Cloud: "global"}
	v := &approval.Verdict{Requester: "rita@example.com", Need: 2, Signatures: []approval.Signature{
		{File: "plan.json.sig", Principals: []string{"bob@example.com"}, Fingerprint: "SHA256:b", Result: approval.Valid},
		{File: "plan.json.\x1b[2J.sig", Result: approval.Unreadable, Detail: "no SSH signature: no PEM"},
	}}
	for name, tc := range map[string]struct {
		show func(*strings.Builder) error
		want string
	}{
		"text": {func(b *strings.Builder) error { return report.Approval(b, p, v) }, `Plan for Example (global), made by rita@example.com
Digest 0000000000000000000000000000000000000000000000000000000000000000

  valid            bob@example.com
    SHA256:b
    in plan.json.sig
  unreadable       nobody known
    in plan.json.` + "\ufffd" + `[2J.sig
    no SSH signature: no PEM

1 of 2: not approved
`},
		"JSON": {func(b *strings.Builder) error { return report.ApprovalJSON(b, p, v) }, `{
  "format_version": 1,
  "plan_id": "one",
  "digest": "0000000000000000000000000000000000000000000000000000000000000000",
  "requester": "rita@example.com",
  "needed": 2,
  "valid": 1,
  "approved": false,
  "signatures": [
    {
      "file": "plan.json.sig",
      "principals": [
        "bob@example.com"
      ],
      "fingerprint": "SHA256:b",
      "result": "valid",
      "detail": ""
    },
    {
      "file": "plan.json.\u001b[2J.sig",
      "principals": [],
      "fingerprint": "",
      "result": "unreadable",
      "detail": "no SSH signature: no PEM"
    }
  ]
}
`},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := tc.show(&b); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, b.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
