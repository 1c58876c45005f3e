package schedule_test

import (
	"slices"
	"testing"
	"time"

	"authseed/importer/plan"
	"authseed/importer/schedule"
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
		"as ever":            {last(1000), sight(1001), share, nil},
		"exactly the limit":  {last(1000), sight(800), share, nil},
		"the first":          {nil, sight(3), share, nil},
		"no rows":            {nil, sight(0), share, []string{"min_rows: the file has no rows"}},
		"too few by number":  {nil, sight(1499), schedule.Rules{MinRows: plan.Quota{People: 1500}}, []string{"min_rows: 1,499 rows in the file, under min_rows 1,500"}},
		"few do not bite":    {last(9), sight(1), share, nil},
		"ten do":             {last(10), sight(7), share, []string{"min_rows: 7 rows in the file, 10 in the last good run: 70.0 %, under min_rows 80%", "max_lost_percent: 7 usable values of mobile, 10 in the last good run: 30.0 % gone, over max_lost_percent 20"}},
		"values that vanish": {last(1000), sight(1000, func(s *schedule.Sight) { s.Values = map[string]int{"mobile": 1000} }), share, []string{"max_lost_percent: 0 usable values of email, 500 in the last good run: 100.0 % gone, over max_lost_percent 20"}},
		"another header": {last(1000), sight(1000, func(s *schedule.Sight) { s.Header = []string{"id", "Mobile Phone", "office"} }), share,
			[]string{`header: the header has lost 1 of its 3 columns: "mobile", and it has new ones: "Mobile Phone"`}},
		"a new column and order": {last(1000), sight(1000, func(s *schedule.Sight) { s.Header = []string{"office", "mobile", "id", "city"} }), share, nil},
		"an older file": {last(1000), sight(1000, func(s *schedule.Sight) { s.Source.Modified = now.Add(-26 * time.Hour) }), share,
			[]string{"older-file: the file is older than that of the last good run: written 2026-11-04T01:00:00Z, that one 2026-11-04T02:00:00Z"}},
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
		"another mapping, say": {schedule.Memory{Good: &schedule.Good{Inputs: "b"}}, false},
	} {
		if got := c.memory.MaySkip("a", 7); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
