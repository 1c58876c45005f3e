package schedule_test

import (
	"slices"
	"testing"
	"time"

	"authseed/importer/plan"
	"authseed/importer/schedule"
	"authseed/mapping/authmethod"
)

func TestJudge(t *testing.T) {
	now := time.Date(2026, 11, 5, 3, 0, 0, 0, time.UTC)
	sight := func(rows int, more ...func(*schedule.Sight)) schedule.Sight {
		s := schedule.Sight{
			Source: schedule.Export{SHA256: "new", Modified: now.Add(-time.Hour), Rows: rows},
			Header: []string{"id", "mobile", "office"}, Values: map[string]int{"mobile": rows, "email": rows / 2},
		}
		for _, change := range more {
			change(&s)
		}
		return s
	}
	last := func(rows int) *schedule.Good {
		s := sight(rows)
		s.Source.SHA256, s.Source.Modified = "old", now.Add(-25*time.Hour)
		return &schedule.Good{Sight: s}
	}
	share := schedule.Rules{MinRows: plan.Quota{Percent: 80, Share: true}, MaxLost: 20}
	for name, c := range map[string]struct {
		last    *schedule.Good
		tonight schedule.Sight
		rules   schedule.Rules
		want    []string
	}{
		"as ever":              {last(1000), sight(1001), share, nil},
		"exactly the limit":    {last(1000), sight(800), share, nil},
		"the first":            {nil, sight(3), share, nil},
		"no rows":              {nil, sight(0), share, []string{"min_rows: the file has no rows"}},
		"too few by number":    {nil, sight(1499), schedule.Rules{MinRows: plan.Quota{People: 1500}}, []string{"min_rows: 1,499 rows in the file, under min_rows 1,500"}},
		"few do not bite":      {last(9), sight(1), share, nil},
		"ten do":               {last(10), sight(7), share, []string{"min_rows: 7 rows in the file, 10 in the last good run: 70.0 %, under min_rows 80%", "max_lost_percent: 7 usable values of mobile, 10 in the last good run: 30.0 % gone, over max_lost_percent 20"}},
		"values that vanish":   {last(1000), sight(1000, func(s *schedule.Sight) { s.Values = map[string]int{"mobile": 1000} }), share, []string{"max_lost_percent: 0 usable values of email, 500 in the last good run: 100.0 % gone, over max_lost_percent 20"}},
		"not one value":        {nil, sight(3, func(s *schedule.Sight) { s.Values = map[string]int{} }), share, []string{"no-values: the file has 3 rows, and not one usable value"}},
		"nobody knows a value": {nil, sight(3, func(s *schedule.Sight) { s.Values = nil }), share, nil},
		"no rows, no values":   {nil, sight(0, func(s *schedule.Sight) { s.Values = map[string]int{} }), share, []string{"min_rows: the file has no rows"}},
		"another header": {last(1000), sight(1000, func(s *schedule.Sight) { s.Header = []string{"id", "Mobile Phone", "office"} }), share,
			[]string{`header: the header has lost 1 of its 3 columns: "mobile", and it has new ones: "Mobile Phone"`}},
		"a new column and order": {last(1000), sight(1000, func(s *schedule.Sight) { s.Header = []string{"office", "mobile", "id", "city"} }), share, nil},
		"an older file": {last(1000), sight(1000, func(s *schedule.Sight) { s.Source.Modified = now.Add(-26 * time.Hour) }), share,
			[]string{"older-file: the file is older than that of the last good run: written 2026-11-04T01:00:00Z, that one 2026-11-04T02:00:00Z"}},
		"the last one from the future": {&schedule.Good{Sight: sight(1000, func(s *schedule.Sight) { s.Source.SHA256, s.Source.Modified = "old", now.Add(365*24*time.Hour) })},
			sight(1000), share, nil},
		"from tomorrow":          {nil, sight(1000, func(s *schedule.Sight) { s.Source.Modified = now.Add(24 * time.Hour) }), schedule.Rules{MaxAge: 36 * time.Hour}, nil},
		"from next year":         {nil, sight(1000, func(s *schedule.Sight) { s.Source.Modified = now.Add(8760 * time.Hour) }), schedule.Rules{MaxAge: 36 * time.Hour}, []string{"max_age: the file is dated 8760h0m0s in the future, so that nobody can tell whether it is over max_age 36h0m0s"}},
		"the same file, touched": {last(1000), sight(1000, func(s *schedule.Sight) { s.Source.SHA256, s.Source.Modified = "old", now.Add(-26*time.Hour) }), share, nil},
		"nobody says when":       {last(1000), sight(1000, func(s *schedule.Sight) { s.Source.Modified = time.Time{} }), schedule.Rules{MaxAge: time.Minute}, nil},
		"stale":                  {nil, sight(1000, func(s *schedule.Sight) { s.Source.Modified = now.Add(-37 * time.Hour) }), schedule.Rules{MaxAge: 36 * time.Hour}, []string{"max_age: the file was written 37h0m0s ago, over max_age 36h0m0s"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, r := range schedule.Judge(c.last, c.tonight, c.rules, now) {
				got = append(got, r.Rule+": "+r.What)
				if r.Hint == "" {
					t.Errorf("%s has no way out", r.Rule)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q\nwant %q", got, c.want)
			}
		})
	}
}

func TestMaySkip(t *testing.T) {
	good := &schedule.Good{Inputs: "a"}
	open := &schedule.Good{Inputs: "a", Counts: schedule.Counts{Planned: 3, Done: 2, Open: 1}}
	for name, c := range map[string]struct {
		memory schedule.Memory
		want   bool
	}{
		"a good run":           {schedule.Memory{Good: good}, true},
		"the sixth":            {schedule.Memory{Good: good, Unchanged: 5}, true},
		"the seventh is full":  {schedule.Memory{Good: good, Unchanged: 6}, false},
		"none yet":             {schedule.Memory{}, false},
		"something open":       {schedule.Memory{Good: open}, false},
		"a run was cut off":    {schedule.Memory{Good: good, OpenRun: "r"}, false},
		"a plan waits":         {schedule.Memory{Good: good, Waiting: []schedule.Waiting{{PlanID: "p"}}}, false},
		"another mapping, say": {schedule.Memory{Good: &schedule.Good{Inputs: "b"}}, false},
	} {
		if got := c.memory.MaySkip("a", 7); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestUnmatched(t *testing.T) {
	mobile := authmethod.Mobile
	planned := func(used, merged, unknown, disabled, where, empty int) *plan.Plan {
		p := &plan.Plan{}
		p.Summary.Rows = plan.Rows{Read: used + merged + unknown + disabled + where + empty, Used: used, Merged: merged}
		add := func(n int, s plan.Skip) {
			for range n {
				p.Skipped = append(p.Skipped, s)
			}
		}
		add(unknown, plan.Skip{Reason: authmethod.NoMatch})
		add(disabled, plan.Skip{Reason: authmethod.Disabled, User: &plan.Person{ID: "x"}})
		add(where, plan.Skip{Reason: authmethod.OutOfScope})
		add(empty, plan.Skip{Reason: authmethod.InvalidPhone})
		add(used, plan.Skip{Reason: authmethod.KeptExisting, Method: &mobile, User: &plan.Person{ID: "y"}})
		return p
	}
	limit := schedule.Percent(20)
	for name, c := range map[string]struct {
		plan   *plan.Plan
		limits schedule.Limits
		want   string
	}{
		"half of them":              {planned(5, 0, 5, 0, 0, 0), schedule.Limits{}, ""},
		"more than half":            {planned(3, 1, 6, 0, 0, 0), schedule.Limits{}, "6 of 10 rows name nobody of the tenant: 60.0 %, over max_unmatched_percent 50"},
		"few do not bite":           {planned(0, 0, 9, 0, 0, 0), schedule.Limits{}, ""},
		"nobody at all":             {planned(0, 0, 10, 0, 0, 0), schedule.Limits{}, "10 of 10 rows name nobody of the tenant: 100.0 %, over max_unmatched_percent 50"},
		"left out, but found":       {planned(2, 0, 5, 4, 0, 0), schedule.Limits{}, ""},
		"where leaves out the rest": {planned(2, 0, 8, 0, 90, 5), schedule.Limits{}, "8 of 10 rows name nobody of the tenant: 80.0 %, over max_unmatched_percent 50"},
		"another limit":             {planned(7, 0, 3, 0, 0, 0), schedule.Limits{MaxUnmatchedPercent: &limit}, "3 of 10 rows name nobody of the tenant: 30.0 %, over max_unmatched_percent 20"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			for _, r := range schedule.OfPlan(c.plan, c.limits) {
				if got += r.What; r.Rule != "max_unmatched_percent" || r.Hint == "" {
					t.Errorf("%+v", r)
				}
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestDemand(t *testing.T) {
	none := 0
	for name, c := range map[string]struct {
		approvals                 schedule.Approvals
		creates, updates, deletes int
		want                      bool
	}{
		"nobody asks":              {schedule.Approvals{}, 5, 5, 5, false},
		"nothing to write":         {schedule.Approvals{Signers: "x"}, 0, 0, 0, false},
		"one change":               {schedule.Approvals{Signers: "x"}, 1, 0, 0, true},
		"as many as need nobody":   {schedule.Approvals{Signers: "x", Over: 5}, 5, 0, 0, false},
		"one more":                 {schedule.Approvals{Signers: "x", Over: 5}, 6, 0, 0, true},
		"a replacement":            {schedule.Approvals{Signers: "x", Over: 5}, 0, 1, 0, true},
		"a removal":                {schedule.Approvals{Signers: "x", Over: 5}, 0, 0, 1, true},
		"lifted from the defaults": {schedule.Approvals{Signers: "x", Required: &none}, 9, 9, 9, false},
	} {
		p := &plan.Plan{}
		p.Summary.Creates, p.Summary.Updates, p.Summary.Deletes = c.creates, c.updates, c.deletes
		if got := c.approvals.Demand(p); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
