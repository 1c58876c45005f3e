package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/report"
	"authseed/mapping"
	"authseed/mapping/authmethod"
	"authseed/mapping/charset"
	"authseed/mapping/table"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// thePlan has one of everything, and text that would like to be more than text.
func thePlan() *plan.Plan {
	in := plan.Input{
		About: plan.About{
			ToolVersion: "0.0.0", ID: "6f1f6f0e-0000-4000-8000-000000000001",
			CreatedAt: time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC), ValidUntil: time.Date(2026, 11, 4, 9, 0, 0, 0, time.UTC),
			Tenant:  plan.Tenant{ID: "11111111-0000-4000-8000-000000000001", Name: "Contoso", Cloud: "global"},
			Source:  plan.Source{Name: "hr.csv", SHA256: "ab", Rows: 1234},
			Mapping: plan.Mapping{Name: "Contoso, Workday report", SHA256: "cd"},
		},
		Current: map[string]authmethod.Set{},
		Rows: plan.Rows{Read: 1234, Used: 1200, Merged: 4, LeftOut: map[authmethod.Reason]int{
			authmethod.NoMatch: 10, authmethod.InvalidPhone: 15, authmethod.Guest: 5,
		}},
	}
	for _, kind := range authmethod.Kinds() {
		in.Policy.Rules[kind] = plan.Replace
	}
	in.Policy.Allow = []plan.Hazard{plan.RemovesMethod}
	add := func(id, name, display string, line int, have, want map[authmethod.Kind]string) {
		d := plan.Desired{
			User:   authmethod.User{ID: id, UserPrincipalName: name, DisplayName: display},
			Origin: plan.Origin{File: "hr.csv", Line: line},
		}
		var current authmethod.Set
		for kind, text := range have {
			current[kind] = authmethod.ValueOf(text)
		}
		for kind, text := range want {
			d.Wishes[kind] = authmethod.Wish{Value: authmethod.ValueOf(text)}
			if text == "<clear>" {
				d.Wishes[kind] = authmethod.Wish{Clear: true}
			}
		}
		in.Current[id] = current
		in.Desired = append(in.Desired, d)
	}
	type values = map[authmethod.Kind]string
	add("id1", "adele.vance@contoso.example", "Adele Vance", 17, nil,
		values{authmethod.Mobile: "+1 2065550147", authmethod.Email: "adele@example.com", authmethod.AlternateMobile: "+1 2065550148"})
	add("id2", "bjoern@contoso.example", "Björn Ångström", 18, values{authmethod.Email: "old@example.com"}, values{authmethod.Email: "new@example.org"})
	add("id3", "carla@contoso.example", "", 19, values{authmethod.Office: "+1 2065550100x12"}, values{authmethod.Office: "<clear>"})
	add("id4", "daisuke.kobayashi@contoso.example", "小林 大輔", 1020, nil, values{authmethod.Mobile: "+1 2065550149"})
	add("id5", "eve@contoso.example", "Eve \x1b[31m\u202eevil\r\n", 21, nil, values{authmethod.Mobile: "+1 2065550149"})
	add("id6", strings.Repeat("very.", 20)+"long@contoso.example", "Long", 22, values{authmethod.Mobile: "+1 2065550150"}, values{authmethod.Mobile: "+12065550150"})
	// One of several rows, read by an assumption, with something to be said of it.
	in.Desired[0].Wishes[authmethod.AlternateMobile].Line = 21
	in.Desired[0].Wishes[authmethod.AlternateMobile].Country = "US"
	in.Desired[0].Wishes[authmethod.AlternateMobile].Department = "Sales"
	in.Desired[0].Wishes[authmethod.AlternateMobile].CountryFrom = authmethod.CountryOfPerson
	in.Desired[0].Wishes[authmethod.Mobile].Remark = "a leading apostrophe taken off \x1b[2J"
	mobile := authmethod.Mobile
	in.Skipped = []plan.Skip{
		{Origin: plan.Origin{File: "hr.csv", Line: 5}, Reason: authmethod.NoMatch, Detail: "nobody in the tenant has this employeeId"},
		{Origin: plan.Origin{File: "hr.csv", Line: 3}, Method: &mobile, Reason: authmethod.InvalidPhone,
			Detail: "Personal Mobile: neither a plus nor the leading zero, and it could be a number of two countries; write it with a plus and its country code"},
		{Origin: plan.Origin{File: "hr.csv", Line: 4}, Reason: authmethod.Guest, Detail: "a guest"},
		{Origin: plan.Origin{File: "h\x1br.csv", Line: 6}, Reason: authmethod.ConflictingRows, Detail: "bad \x1b[2J\u2066text"},
	}
	return plan.Build(in)
}

// theInspection is of a file whose names would like to be more than names.
func theInspection() *mapping.Inspection {
	return &mapping.Inspection{
		File: "hr.csv",
		About: table.About{
			Format: table.CSV, Encoding: charset.Windows1252, Delimiter: ';', Quote: '\'', HeaderLine: 4, HeaderRows: 2, Preamble: 2,
			Sheet: "People", Sheets: []string{"People", "Notes"},
		},
		Rows: 1234, Unusable: 4,
		Columns: []mapping.ColumnFinding{
			{Name: "Employee ID", Filled: 1230, Looks: "key", Use: "employeeId", Samples: []string{"0***", "1***"}},
			{Name: "Private \x1b[2JMobile with a name that is longer than its column", Filled: 800, Looks: "phone", Use: "mobile", Samples: []string{"+49 *** **12", "+*** **13", "+44 *** **14"}},
			{Name: "携帯電話", Filled: 3, Looks: "phone", Use: "mobile"},
			{Name: "Salary", Filled: 1230, Looks: "amount"},
			{Name: "", Filled: 0, Looks: "empty"},
		},
		Preset: "workday", Certain: true, Why: []string{"the header has the 4 columns that mark this export"},
		Mapping: []byte("version: 1\n"),
		Foreseen: []mapping.Foresight{
			{What: "4 rows cannot be used", Hint: "authseed check lists them"},
			{What: "country-unknown: 12"},
		},
	}
}

// theRun is the plan's run with one change of every fate.
func theRun(t *testing.T, p *plan.Plan) []*journal.Run {
	t.Helper()
	runs := filepath.Join(t.TempDir(), "runs")
	j, err := journal.Create(runs, "20261101T090500.000-1a2b", "0.0.0", p)
	if err != nil {
		t.Fatal(err)
	}
	pending := p.Pending()
	var ids []string
	for _, c := range pending[:4] {
		ids = append(ids, c.ID)
	}
	time.Sleep(90 * time.Second)
	err = errors.Join(j.Intend(ids),
		j.Record(journal.Outcome{Change: ids[0], Result: journal.Done, Status: 201, RequestID: "r1"}),
		j.Record(journal.Outcome{Change: ids[1], Result: journal.Failed, Status: 400, Code: "badRequest", Message: "Phone \x1b[31mnumber is not valid, and this sentence goes on beyond the edge of a terminal", RequestID: "b7a2f3d1-0000-4000-8000-000000000002"}),
		j.Record(journal.Outcome{Change: ids[2], Result: journal.Stale, Message: "left alone: n***@example.org is registered now"}),
		j.End(journal.Incomplete, journal.Counts{}))
	if err != nil {
		t.Fatal(err)
	}
	second, err := journal.Create(runs, "20261102T090500.000-3c4d", "0.0.0", p)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Abandon(); err != nil {
		t.Fatal(err)
	}
	list, err := journal.List(runs)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-update rewrites it):\n%s", name, diff)
	}
}

func TestViews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := thePlan()
		runs := theRun(t, p)
		run := runs[1]
		intake := &plan.Intake{
			Source: p.Source, Mapping: p.Mapping, Rows: p.Summary.Rows, Named: 1210, People: 1200,
			Values: [authmethod.Count]int{authmethod.Mobile: 1100, authmethod.Email: 1200}, Skipped: p.Skipped,
			Remarks: []plan.Remark{
				{Method: authmethod.Mobile, Text: "a leading apostrophe taken off", Count: 1203, Lines: []int{2, 3, 4, 5, 8}},
				{Method: authmethod.Email, Text: "the domain looks like a slip of gmail.com \x1b[2J", Count: 1, Lines: []int{7}},
			},
		}
		var all bytes.Buffer
		for _, view := range []struct {
			name string
			show func(report.Handler) error
		}{
			{"plan", func(h report.Handler) error { return h.Plan(p) }},
			{"run", func(h report.Handler) error { return h.Run(run, p) }},
			{"no-run", func(h report.Handler) error { return h.Run(nil, p) }},
			{"runs", func(h report.Handler) error { return h.Runs(runs) }},
			{"no-runs", func(h report.Handler) error { return h.Runs(nil) }},
			{"check", func(h report.Handler) error { return h.Intake(intake) }},
			{"inspect", func(h report.Handler) error { return h.Inspection(theInspection()) }},
			{"inspect-uncertain", func(h report.Handler) error {
				return h.Inspection(&mapping.Inspection{
					File: "hr.json", About: table.About{Format: table.JSON, Gzip: true}, Preset: "any", Why: []string{"no column that names the people"},
				})
			}},
		} {
			var text, document, sheet bytes.Buffer
			if err := view.show(report.Text(&text, report.TextOptions{})); err != nil {
				t.Fatal(err)
			}
			if err := view.show(report.JSON(&document, false)); err != nil {
				t.Fatal(err)
			}
			if err := view.show(report.CSV(&sheet, false)); err != nil {
				t.Fatal(err)
			}
			golden(t, view.name+".txt", text.Bytes())
			golden(t, view.name+".csv", sheet.Bytes())
			golden(t, view.name+".json", document.Bytes())
			if !json.Valid(document.Bytes()) {
				t.Errorf("%s: not JSON", view.name)
			}
			all.Write(text.Bytes())
			all.Write(document.Bytes())
			all.Write(sheet.Bytes())
			if strings.ContainsAny(strings.TrimPrefix(sheet.String(), "\ufeff"), steering) {
				t.Errorf("%s.csv: control characters come through", view.name)
			}
			if strings.ContainsAny(document.String(), steering) {
				t.Errorf("%s.json: control characters come through", view.name)
			}
			inert(t, view.name, text.String())
		}
		for _, value := range []string{"2065550147", "2065550100", "adele@", "new@example"} {
			if strings.Contains(all.String(), value) {
				t.Errorf("a masked view shows %q", value)
			}
		}
	})
}

// steering is what could steer a terminal, or turn what is read.
const steering = "\x1b\r\u009b\u007f\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff\u2028"

// inert wants text that cannot steer a terminal and fits one of 80 columns; an
// East Asian character counts two.
func inert(t *testing.T, name, text string) {
	t.Helper()
	if strings.ContainsAny(text, steering) {
		t.Errorf("%s: control characters come through", name)
	}
	for line := range strings.Lines(text) {
		n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n"))
		for _, r := range line {
			if r >= 0x2e80 && r < 0xa000 {
				n++
			}
		}
		if n > 80 {
			t.Errorf("%s: %d columns: %s", name, n, line)
		}
	}
}

func TestOptions(t *testing.T) {
	show := func(o report.TextOptions) string {
		var b bytes.Buffer
		if err := report.Text(&b, o).Plan(thePlan()); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if text := show(report.TextOptions{Clear: true}); !strings.Contains(text, "+1 2065550147") || !strings.Contains(text, "o**") && !strings.Contains(text, "old@example.com") {
		t.Error("values are not revealed")
	}
	if text := show(report.TextOptions{Color: true}); !strings.Contains(text, "\x1b[32m+\x1b[0m") || strings.Contains(text, "\x1b[31mevil") {
		t.Error("colours are missing, or come from the data")
	}
	if show(report.TextOptions{}) != strings.ReplaceAll(show(report.TextOptions{}), "\x1b", "") {
		t.Error("colours without being asked")
	}
	if text := show(report.TextOptions{All: true}); !strings.Contains(text, "hr.csv:4: a guest") {
		t.Error("--all does not list all")
	}
	var b bytes.Buffer
	if err := report.JSON(&b, true).Plan(thePlan()); err != nil {
		t.Fatal(err)
	}
	if p, err := plan.Decode(&b); err != nil || p.Digest != thePlan().Digest {
		t.Errorf("the revealed document is not the plan: %v", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// A result that cannot be written is an error and not a short result.
func TestWriteErrors(t *testing.T) {
	for name, h := range map[string]report.Handler{
		"text": report.Text(full{}, report.TextOptions{}), "json": report.JSON(full{}, false),
	} {
		if h.Plan(thePlan()) == nil || h.Runs(nil) == nil || h.Intake(&plan.Intake{}) == nil || h.Run(nil, thePlan()) == nil {
			t.Errorf("%s: a full disk is not noticed", name)
		}
	}
}
