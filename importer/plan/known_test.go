package plan_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

var reportAt = time.Date(2026, 11, 27, 6, 0, 0, 0, time.UTC)

// reported is input of one person, who has these methods by the report.
func reported(t *testing.T, want, has string, rule plan.Rule) plan.Input {
	d := person(0, wishes(t, want))
	d.Reported, d.Has = true, plan.PresenceOf(set(t, has))
	in := input(d)
	in.ReportAt = reportAt
	for kind := range in.Policy.Rules {
		in.Policy.Rules[kind] = rule
	}
	return in
}

// TestByReport plans for somebody of whom only the report tells.
func TestByReport(t *testing.T) {
	for _, test := range []struct {
		name, want, has string
		rule            plan.Rule
		changes         []string // action and method
		skips           []string // method and reason
		unchanged       int
		read            bool // the importer has to read first
	}{
		{name: "nothing there", want: "mobile=1 email=a", rule: plan.Fill, changes: []string{"create mobile", "create email"}},
		{name: "one there", want: "mobile=1 email=a", has: "mobile=2", rule: plan.Fill,
			changes: []string{"create email"}, skips: []string{"mobile kept-existing"}},
		{name: "the same there", want: "mobile=1", has: "mobile=1", rule: plan.Fill, skips: []string{"mobile kept-existing"}},
		{name: "another method there", want: "office=1", has: "mobile=1", rule: plan.Fill, changes: []string{"create office"}},
		{name: "an alternate beside a mobile", want: "alternateMobile=2", has: "mobile=1", rule: plan.Fill, changes: []string{"create alternateMobile"}},
		{name: "an alternate without a mobile", want: "alternateMobile=2", has: "email=a", rule: plan.Fill, skips: []string{"alternateMobile mobile-missing"}},
		{name: "both", want: "mobile=1 alternateMobile=2", rule: plan.Fill, changes: []string{"create mobile", "create alternateMobile"}},
		{name: "a removal of nothing", want: "office=clear", has: "mobile=1", rule: plan.Fill, unchanged: 1},
		{name: "a removal", want: "office=clear email=a", has: "office=1", rule: plan.Fill, read: true,
			changes: []string{"create email"}, skips: []string{"office kept-existing"}},
		{name: "a replacement", want: "mobile=1", has: "mobile=2", rule: plan.Replace, read: true, skips: []string{"mobile kept-existing"}},
		{name: "nothing to replace", want: "mobile=1", has: "email=2", rule: plan.Replace, changes: []string{"create mobile"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := reported(t, test.want, test.has, test.rule)
			if got := plan.NeedsRead(&in.Desired[0].Wishes, in.Desired[0].Has, in.Policy.Rules); got != test.read {
				t.Errorf("needs a read: %v", got)
			}
			p := plan.Build(in)
			var changes, skips []string
			for _, c := range p.Changes {
				changes = append(changes, string(c.Action)+" "+c.Method.String())
				if c.Known != plan.ByReport {
					t.Errorf("%s: known by %q", c.Method, c.Known)
				}
			}
			for _, s := range p.Skipped {
				skips = append(skips, s.Method.String()+" "+string(s.Reason))
				if s.Known != plan.ByReport {
					t.Errorf("%s: known by %q", s.Method, s.Known)
				}
				if s.Reason == authmethod.KeptExisting && !strings.Contains(s.Detail, "(registration report)") {
					t.Error(s.Detail)
				}
			}
			if diff := cmp.Diff(test.changes, changes); diff != "" {
				t.Errorf("changes (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.skips, skips); diff != "" {
				t.Errorf("skips (-want +got)\n%s", diff)
			}
			unchanged := 0
			for _, n := range p.Unchanged {
				unchanged += n
			}
			if unchanged != test.unchanged {
				t.Errorf("%d unchanged", unchanged)
			}
			if want := (plan.Knowledge{Report: 1, ReportAt: reportAt}); p.Known != want {
				t.Errorf("known %+v", p.Known)
			}
		})
	}
}

// TestCoverageByReport counts the same whichever way it is known.
func TestCoverageByReport(t *testing.T) {
	for seed := range uint64(50) {
		in := random(t, seed, 20)
		for kind := range in.Policy.Rules {
			in.Policy.Rules[kind] = plan.Fill
		}
		for i := range in.Desired {
			for kind := range in.Desired[i].Wishes {
				in.Desired[i].Wishes[kind].Clear = false
			}
		}
		read := plan.Build(in)
		for i := range in.Desired {
			d := &in.Desired[i]
			d.Reported, d.Has = i%3 > 0, plan.PresenceOf(in.Current[d.User.ID])
		}
		byReport := plan.Build(in)
		if read.Coverage != byReport.Coverage || read.Summary.Pending() != byReport.Summary.Pending() {
			t.Fatalf("seed %d: %+v and %d by reads, %+v and %d by report", seed,
				read.Coverage, read.Summary.Pending(), byReport.Coverage, byReport.Summary.Pending())
		}
		if k := byReport.Known; k.Read != 7 || k.Report != 13 {
			t.Fatalf("seed %d: %+v", seed, k)
		}
	}
}

func TestKnownInTheDocument(t *testing.T) {
	in := reported(t, "mobile=1 email=a", "mobile=2", plan.Fill)
	in.Desired = append(in.Desired, person(1, wishes(t, "office=3")))
	p := plan.Build(in)
	text := encoded(t, p)
	back, err := plan.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if back.Known != p.Known || back.Known.Read != 1 || !slices.ContainsFunc(back.Skipped, func(s plan.Skip) bool { return s.Known == plan.ByReport }) {
		t.Errorf("%+v", back.Known)
	}
	for name, test := range map[string]struct{ old, new, want string }{
		"another way":               {`"known":"report"`, `"known":"read"`, "was changed after it was made"},
		"not said":                  {`"known":"report",`, ``, "was changed after it was made"},
		"a word that means nothing": {`"known":"report"`, `"known":"guess"`, `known: "guess" is neither`},
		"counts":                    {`"report": 1,`, `"report": 2,`, "was changed after it was made"},
		"an update of what nobody read": {`"action":"create","after":"a@example.com","before":null`,
			`"action":"update","after":"a@example.com","before":"b@example.com"`, "never read"},
	} {
		edited := bytes.Replace(text, []byte(test.old), []byte(test.new), 1)
		if bytes.Equal(edited, text) {
			t.Errorf("%s: nothing to edit in\n%s", name, text)
		}
		if _, err := plan.Decode(bytes.NewReader(edited)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
