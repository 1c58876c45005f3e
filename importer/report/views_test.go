package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/report"
	"authseed/importer/report/wording"
	"authseed/mapping/authmethod"
)

// many is a plan of n people with an ordinary change and one in ten with a
// dangerous one.
func many(n int) *plan.Plan {
	in := plan.Input{About: thePlan().About, Current: map[string]authmethod.Set{}}
	for _, kind := range authmethod.Kinds() {
		in.Policy.Rules[kind] = plan.Replace
	}
	for i := range n {
		name := fmt.Sprintf("p%06d", i)
		d := plan.Desired{
			User:   authmethod.User{ID: name, UserPrincipalName: name + "@contoso.example"},
			Origin: plan.Origin{File: "hr.csv", Line: i + 2},
		}
		d.Wishes[authmethod.Email] = authmethod.Wish{Value: authmethod.ValueOf(name + "@example.com")}
		if i%10 == 0 {
			in.Current[name] = authmethod.Set{authmethod.Email: authmethod.ValueOf("old" + name + "@example.com")}
		}
		in.Desired = append(in.Desired, d)
	}
	return plan.Build(in)
}

// TestLongPlan: a plan of many changes is summed up, and whole with --all.
func TestLongPlan(t *testing.T) {
	p := many(5000)
	show := func(o report.TextOptions) string {
		var b bytes.Buffer
		if err := report.Text(&b, o).Plan(p); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	text := show(report.TextOptions{})
	if n := strings.Count(text, "\n"); n > 900 {
		t.Errorf("%d lines", n)
	}
	dangerous, ordinary := strings.Index(text, "Dangerous: 500 changes, 500 held back"), strings.Index(text, "Changes without a hazard: 4,500 for 4,500 people")
	if dangerous < 0 || ordinary < dangerous {
		t.Errorf("what is dangerous stands at %d, the rest at %d", dangerous, ordinary)
	}
	for _, want := range []string{
		"... and 300 more (update 300 email): --all lists them",
		"... and 4,300 more (create 4,300 email): --all lists them",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no line %q", want)
		}
	}
	inert(t, "long", text)
	if n := strings.Count(show(report.TextOptions{All: true}), "@contoso.example"); n != 5000 {
		t.Errorf("--all lists %d people of 5000", n)
	}
}

// hostile is what an attacker could call himself.
var hostile = []string{
	"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "javascript:alert(1)",
	"\x1b]0;title\x07\x1b[2J\u009b2J", "=HYPERLINK(\"https://example.com\")", "+1-1", "-1", "@SUM(1)", "\t=1", "x;=1+1", "＝1",
	"\u202emoc.elpmaxe\u202c", "\u2066a\u2069", "a\u200bb\u2028c\ufeff", "\r\n=1", "\U000e0041tag", "\xff\xfe",
	`<script>alert(1)</script>`, `</script><script>alert(1)</script>`, `<!--<script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`,
	"&lt;b&gt;", "javascript:alert(1)", "[a](javascript:alert(1))", "![a](https://tracker.example/x.png)", "a | b |", "`a` ``b``", "**bold** _it_ ~~no~~",
	"https://phish.example/login", "www.phish.example", "@security-team", "#1", "\\| \\`", "\x1b[31mred", "\u202etxt.exe", "\u2066a\u2069", "a\r\n## b",
	"=HYPERLINK(1)", "a\u2028b", "\x00", "\xff", "{{.}}", "${alert(1)}",
}

// TestHostileText: whatever a person is called and whatever is said of them, no
// view runs it, and none loses its lines and columns to it.
func TestHostileText(t *testing.T) {
	for _, text := range hostile {
		t.Run(fmt.Sprintf("%q", text), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { hostileViews(t, text) })
		})
	}
}

func hostileViews(t *testing.T, text string) {
	p := thePlan()
	for i := range p.Changes {
		c := &p.Changes[i]
		c.User.DisplayName, c.User.UserPrincipalName, c.Origin.File = text, text, text
		c.Note, c.Reading.Remark, c.Reading.Country, c.Reading.Department = text, text, text, text
		c.Hazards = append(c.Hazards, plan.Hazard(text))
		c.Before = authmethod.ValueOf(text)
	}
	for i := range p.Skipped {
		p.Skipped[i].Detail, p.Skipped[i].Origin.File = text, text
	}
	p.Tenant.Name, p.Source.Name, p.Mapping.Name = text, text, text
	run := runOf(t, p, journal.Outcome{Status: 400, Code: text, Message: text, RequestID: text})
	other := *thePlan()
	for _, show := range []func(report.Handler) error{
		func(h report.Handler) error { return h.Plan(p) },
		func(h report.Handler) error { return h.Run(run, p) },
		func(h report.Handler) error { return h.Runs([]*journal.Run{run}) },
		func(h report.Handler) error {
			differ, ok := h.(report.Differ)
			if !ok {
				return nil
			}
			c, err := plan.Compare(&other, p)
			if err != nil {
				return err
			}
			return differ.Diff(c)
		},
	} {
		var plain, document, sheet bytes.Buffer
		for _, h := range []report.Handler{
			report.Text(&plain, report.TextOptions{Clear: true, All: true}), report.JSON(&document, true), report.CSV(&sheet, true),
		} {
			if err := show(h); err != nil {
				t.Fatal(err)
			}
		}
		inert(t, "text", plain.String())
		if strings.ContainsAny(document.String(), steering) || !json.Valid(document.Bytes()) {
			t.Errorf("JSON: %s", &document)
		}
		noFormulas(t, strings.TrimPrefix(sheet.String(), "\ufeff"))
	}
}

// noFormulas reads a sheet as a spreadsheet that separates by either sign does.
func noFormulas(t *testing.T, sheet string) {
	t.Helper()
	if strings.ContainsAny(sheet, steering) {
		t.Errorf("CSV: control characters come through: %q", sheet)
	}
	for _, separator := range ",;" {
		reader := csv.NewReader(strings.NewReader(sheet))
		reader.Comma, reader.LazyQuotes, reader.FieldsPerRecord = separator, true, -1
		rows, err := reader.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell = strings.TrimSpace(cell); cell != "" && strings.ContainsAny(cell[:1], "=+-@") {
					t.Errorf("%q holds a formula: %q", separator, cell)
				}
			}
		}
	}
}

// TestDiffViews compares a plan with one that was made later.
func TestDiffViews(t *testing.T) {
	before, after := thePlan(), thePlan()
	after.Changes = after.Changes[1:]
	after.Changes[0].After = authmethod.ValueOf("adele@example.org")
	after.Changes[1].HeldBack, after.Changes[1].Hazards = true, []plan.Hazard{plan.NotAMobile}
	after.Changes[2].HeldBack = false
	after.Skipped = after.Skipped[:2]
	after.Policy.Allow = []plan.Hazard{plan.ReplacesRegistered}
	after.Policy.Rules[authmethod.Office] = ""
	after.CreatedAt = after.CreatedAt.Add(24 * time.Hour)
	for name, pair := range map[string][2]*plan.Plan{"diff": {before, after}, "diff-back": {after, before}, "no-diff": {before, before}} {
		c, err := plan.Compare(pair[0], pair[1])
		if err != nil {
			t.Fatal(err)
		}
		var text, document bytes.Buffer
		if err := report.Text(&text, report.TextOptions{}).(report.Differ).Diff(c); err != nil {
			t.Fatal(err)
		}
		if err := report.JSON(&document, false).(report.Differ).Diff(c); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", text.Bytes())
		golden(t, name+".json", document.Bytes())
		inert(t, name, text.String())
		for _, value := range []string{"2065550147", "2065550100", "adele@"} {
			if strings.Contains(text.String()+document.String(), value) {
				t.Errorf("%s shows %q", name, value)
			}
		}
	}
}

// TestRate: a run with a wait in it shows the wait.
func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := many(40)
		p.Changes = p.Pending()
		runs := t.TempDir()
		j, err := journal.Create(runs, "20261101T090500.000-1a2b", "0.0.0", p)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range p.Changes {
			if i == 20 {
				time.Sleep(10 * time.Minute)
			}
			time.Sleep(time.Second)
			if err := j.Intend([]string{c.ID}); err != nil {
				t.Fatal(err)
			}
			if err := j.Record(journal.Outcome{Change: c.ID, Result: journal.Done, Status: 201}); err != nil {
				t.Fatal(err)
			}
		}
		if err := j.Abandon(); err != nil {
			t.Fatal(err)
		}
		run, err := journal.Read(runs, journal.Last)
		if err != nil {
			t.Fatal(err)
		}
		var text, document bytes.Buffer
		if err := report.Text(&text, report.TextOptions{}).Run(run, p); err != nil {
			t.Fatal(err)
		}
		golden(t, "run-rate.txt", text.Bytes())
		english, _ := wording.In("en")
		var page, ticket bytes.Buffer
		if err := errors.Join(report.HTML(&page, english, false).Run(run, p), report.Markdown(&ticket, english, false).Run(run, p)); err != nil {
			t.Fatal(err)
		}
		_, course, _ := strings.Cut(page.String(), `<section id="pace"`)
		course, _, _ = strings.Cut(course, "</section>")
		golden(t, "run-rate.html", []byte(course+"\n"))
		_, course, _ = strings.Cut(ticket.String(), "### How it went")
		course, _, _ = strings.Cut(course, "###")
		golden(t, "run-rate.md", []byte(course))
		if err := report.JSON(&document, false).Run(run, p); err != nil {
			t.Fatal(err)
		}
		var read struct {
			Seconds int `json:"rate_seconds"`
			Rate    []struct {
				At   time.Time `json:"at"`
				Done int       `json:"done"`
			} `json:"rate"`
		}
		if err := json.Unmarshal(document.Bytes(), &read); err != nil {
			t.Fatal(err)
		}
		done := 0
		for i, b := range read.Rate {
			done += b.Done
			if i > 0 && b.At.Sub(read.Rate[i-1].At) != time.Duration(read.Seconds)*time.Second {
				t.Errorf("from %s to %s", read.Rate[i-1].At, b.At)
			}
		}
		if done != len(p.Changes) || len(read.Rate) > 60 || len(read.Rate) < 10 {
			t.Errorf("%d done in %d stretches", done, len(read.Rate))
		}
	})
}
