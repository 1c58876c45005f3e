package plan_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

func count(n int) *int { return &n }

func quota(t *testing.T, text string) *plan.Quota {
	t.Helper()
	q, err := plan.ParseQuota(text)
	if err != nil {
		t.Fatal(err)
	}
	return &q
}

// sized is a plan for so many people: of them some get a first mobile, some
// another one and some lose theirs.
func sized(t *testing.T, in, create, replace, remove int) plan.Input {
	t.Helper()
	input := input()
	input.Policy.Rules[authmethod.Mobile] = plan.Replace
	input.Policy.Allow = []plan.Hazard{plan.ReplacesRegistered, plan.RemovesMethod}
	input.Rows = plan.Rows{Read: in, Used: in}
	for i := range in {
		want, have := "email=clear", ""
		switch {
		case i < create:
			want = fmt.Sprintf("mobile=%d", i)
		case i < create+replace:
			want, have = fmt.Sprintf("mobile=%d", i), "mobile=9999"
		case i < create+replace+remove:
			want, have = "mobile=clear", "mobile=9999"
		}
		input.Desired = append(input.Desired, person(i, wishes(t, want)))
		input.Current[fmt.Sprintf("id%04d", i)] = set(t, have)
	}
	return input
}

func TestCheck(t *testing.T) {
	type limits = plan.Limits
	for _, tc := range []struct {
		name                        string
		in, create, replace, remove int
		limits                      plan.Limits
		want                        []string
	}{
		{"none", 20, 10, 5, 5, limits{}, nil},
		{"everybody, at 100 %", 20, 10, 5, 5, limits{MaxChangePercent: quota(t, "100%")}, nil},
		{"changes, just", 20, 5, 3, 2, limits{MaxChanges: count(10)}, nil},
		{"changes, over", 20, 5, 3, 3, limits{MaxChanges: count(10)}, []string{"--max-changes: 11 changes, over --max-changes 10"}},
		{"no changes at all", 20, 1, 0, 0, limits{MaxChanges: count(0)}, []string{"--max-changes: 1 changes, over --max-changes 0"}},
		{"change percent, just", 20, 1, 1, 0, limits{MaxChangePercent: quota(t, "10%")}, nil},
		{"change percent, over", 20, 1, 1, 1, limits{MaxChangePercent: quota(t, "10%")},
			[]string{"--max-change-percent: 3 of 20 people would be changed (15.0 %), over --max-change-percent 10 %"}},
		{"percent under ten people", 9, 9, 0, 0, limits{MaxChangePercent: quota(t, "0%")}, nil},
		{"percent of ten people", 10, 1, 0, 0, limits{MaxChangePercent: quota(t, "0%")},
			[]string{"--max-change-percent: 1 of 10 people would be changed (10.0 %), over --max-change-percent 0 %"}},
		{"replace, just", 20, 9, 2, 9, limits{MaxReplace: quota(t, "2")}, nil},
		{"replace, over", 20, 9, 3, 8, limits{MaxReplace: quota(t, "2")}, []string{"--max-replace: 3 of 20 people would be replaced, over --max-replace 2"}},
		{"replace, over, of few", 5, 0, 3, 0, limits{MaxReplace: quota(t, "2")}, []string{"--max-replace: 3 of 5 people would be replaced, over --max-replace 2"}},
		{"replace percent, just", 1000, 0, 50, 0, limits{MaxReplace: quota(t, "5%")}, nil},
		{"replace percent, over", 1000, 100, 412, 0, limits{MaxReplace: quota(t, "5%")},
			[]string{"--max-replace: 412 of 1,000 people would be replaced (41.2 %), over --max-replace 5 %"}},
		{"replace percent, by a little", 2100, 0, 106, 0, limits{MaxReplace: quota(t, "5.0%")},
			[]string{"--max-replace: 106 of 2,100 people would be replaced (5.05 %), over --max-replace 5 %"}},
		{"remove, just", 20, 5, 5, 4, limits{MaxRemove: count(4)}, nil},
		{"remove, over", 20, 5, 5, 4, limits{MaxRemove: count(3)}, []string{"--max-remove: 4 removals, over --max-remove 3"}},
		{"rows, just", 20, 0, 0, 0, limits{MinRows: count(20)}, nil},
		{"rows, under", 20, 0, 0, 0, limits{MinRows: count(1000)}, []string{"--min-rows: 20 rows in the file, under --min-rows 1,000"}},
		{"all at once", 20, 5, 5, 5, limits{MaxChanges: count(1), MaxChangePercent: quota(t, "2.5%"), MaxReplace: quota(t, "3"), MaxRemove: count(4), MinRows: count(21)},
			[]string{
				"--max-changes: 15 changes, over --max-changes 1",
				"--max-change-percent: 15 of 20 people would be changed (75.0 %), over --max-change-percent 2.5 %",
				"--max-replace: 5 of 20 people would be replaced, over --max-replace 3",
				"--max-remove: 5 removals, over --max-remove 4",
				"--min-rows: 20 rows in the file, under --min-rows 21",
			}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			for _, r := range plan.Check(plan.Build(sized(t, tc.in, tc.create, tc.replace, tc.remove)), tc.limits) {
				got = append(got, r.Flag+": "+r.What)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestHeldBackIsNotCounted: a limit is about what would be written.
func TestHeldBackIsNotCounted(t *testing.T) {
	in := sized(t, 20, 0, 10, 10)
	in.Policy.Allow = nil
	l := plan.Limits{MaxChanges: count(0), MaxChangePercent: quota(t, "0%"), MaxReplace: quota(t, "0"), MaxRemove: count(0)}
	if refusals := plan.Check(plan.Build(in), l); len(refusals) > 0 {
		t.Errorf("%v", refusals)
	}
}

// TestCheckOfAnOlderPlan: one that does not say how many people are in scope has
// those that it changes, which is the strictest reading.
func TestCheckOfAnOlderPlan(t *testing.T) {
	p := plan.Build(sized(t, 1000, 10, 0, 0))
	p.Coverage = plan.Coverage{}
	if refusals := plan.Check(p, plan.Limits{MaxChangePercent: quota(t, "50%")}); len(refusals) != 1 {
		t.Errorf("%v", refusals)
	}
}

func TestLimitsAreOfThePlan(t *testing.T) {
	in := sized(t, 20, 1, 0, 0)
	free := plan.Build(in).Digest
	in.Policy.Limits = plan.Limits{MaxChanges: count(0), MaxReplace: quota(t, "2.5%"), MinRows: count(7)}
	p := plan.Build(in)
	if p.Digest == free {
		t.Error("the digest does not cover limits")
	}
	back, err := plan.Decode(bytes.NewReader(encoded(t, p)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in.Policy.Limits, back.Policy.Limits); diff != "" {
		t.Error(diff)
	}
}

func TestParseQuota(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "20": "20", " 20 ": "20", "5%": "5%", "5 %": "5%", "0.50%": "0.5%", "100%": "100%",
		"": "", "-1": "", "5.5": "", "101%": "", "-1%": "", "%": "", "NaN%": "", "many": "", "1,000": "", "5%%": "",
	} {
		q, err := plan.ParseQuota(text)
		if (err == nil) != (want != "") || err == nil && q.String() != want {
			t.Errorf("%q is %s, %v", text, q, err)
		}
	}
}
