package plan_test

import (
	"bytes"
	"strings"
	"testing"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// TestScopeIsInTheDocument: a pilot says that it is one, in a member that the
// digest covers and that is absent from any other plan.
func TestScopeIsInTheDocument(t *testing.T) {
	whole := plan.Build(input(person(0, wishes(t, "mobile=1"))))
	var text bytes.Buffer
	if err := plan.Encode(&text, whole); err != nil || strings.Contains(text.String(), `"scope"`) {
		t.Errorf("%v, or a whole plan has a scope", err)
	}
	in := input(person(0, wishes(t, "mobile=1")))
	in.Scope = plan.Scope{Group: plan.Group{ID: "g1", Name: "Pilot"}, Filter: "department eq 'Sales'", Users: []string{"b", "a", "b"}, Limit: 10}
	pilot := plan.Build(in)
	if pilot.Digest == whole.Digest {
		t.Error("the digest does not cover the scope")
	}
	in.Scope.Users = []string{"a", "b"}
	if again := plan.Build(in); again.Digest != pilot.Digest {
		t.Error("the order of the users is part of the plan")
	}
	text.Reset()
	if err := plan.Encode(&text, pilot); err != nil {
		t.Fatal(err)
	}
	read, err := plan.Decode(bytes.NewReader(text.Bytes()))
	if err != nil || read.Digest != pilot.Digest || read.Scope.Group != pilot.Scope.Group || len(read.Scope.Users) != 2 || read.Scope.Limit != 10 {
		t.Errorf("%v: %+v", err, read)
	}
	if _, err := plan.Decode(strings.NewReader(strings.Replace(text.String(), `"limit": 10`, `"limit": 11`, 1))); err == nil {
		t.Error("the limit was edited")
	}
	if _, err := plan.Decode(strings.NewReader(strings.Replace(text.String(), `"limit": 10`, `"limit": 10, "most": 1`, 1))); err == nil || !strings.Contains(err.Error(), "most") {
		t.Errorf("an unknown member: %v", err)
	}
}

// TestOutOfScopeStillShares: a number is shared also with people whom the pilot
// leaves out.
func TestOutOfScopeStillShares(t *testing.T) {
	in := input(person(0, wishes(t, "mobile=1")))
	in.OutOfScope = []authmethod.Wishes{wishes(t, "office=1"), wishes(t, "mobile=2")}
	p := plan.Build(in)
	if p.Summary.HeldBack != 1 || p.Summary.Hazards[plan.SharedNumber] != 1 {
		t.Errorf("%+v", p.Summary)
	}
	if want := "the file gives it to 2 people"; p.Changes[0].Reading.Remark != want {
		t.Errorf("remark %q", p.Changes[0].Reading.Remark)
	}
}
