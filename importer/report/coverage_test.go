package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"authseed/importer/readiness"
	"authseed/importer/report"
	"authseed/importer/report/wording"
	"authseed/mapping/authmethod"
)

// theCoverage counts some hundred people in departments of these names.
func theCoverage(planID string, departments ...string) *readiness.Coverage {
	about := readiness.Coverage{
		Tenant: readiness.Tenant{ID: "11111111-0000-4000-8000-000000000001", Name: departments[0], Synchronized: true},
		Cloud:  "global", PlanID: planID, ReportedAt: time.Date(2026, 11, 1, 6, 30, 0, 0, time.UTC),
	}
	census := readiness.Begin(about, 2, readiness.Requirement{})
	for i := range 1234 {
		p := readiness.Person{
			Guest: i%50 == 0, Disabled: i%40 == 3, Synced: i%3 == 0,
			Department: departments[i%len(departments)], Country: []string{"Germany", "US", "FR", ""}[i*i%4],
		}
		line := readiness.Registered{Enabled: i%10 > 0, Admin: i%100 == 1}
		line.Has[authmethod.Mobile] = i%2 == 0
		line.Has[authmethod.Email] = i%4 == 0
		line.Has[authmethod.AlternateMobile] = i%7 == 0
		if i%60 != 7 {
			p.Line = &line
		}
		if planID != "" && i%5 == 1 {
			p.Planned = []readiness.Step{{Method: authmethod.Mobile, Has: true}, {Method: authmethod.Email, Has: true}}
		}
		census.Add(p)
	}
	return census.Coverage()
}

var departments = []string{"Sales", "Research & Development", "", "販売", "Board", "Legal", "IT", "HR", "Ops", "Fleet", "Lab", "Press", "Post"}

func TestCoverageViews(t *testing.T) {
	for name, c := range map[string]*readiness.Coverage{
		"coverage":      theCoverage("", departments...),
		"coverage-plan": theCoverage("6f1f6f0e-0000-4000-8000-000000000001", departments...),
	} {
		for ending, view := range map[string]func(*bytes.Buffer) report.Handler{
			"txt":     func(b *bytes.Buffer) report.Handler { return report.Text(b, report.TextOptions{}) },
			"json":    func(b *bytes.Buffer) report.Handler { return report.JSON(b, false) },
			"csv":     func(b *bytes.Buffer) report.Handler { return report.CSV(b, false) },
			"en.html": func(b *bytes.Buffer) report.Handler { return report.HTML(b, words(t, "en"), false) },
			"ko.html": func(b *bytes.Buffer) report.Handler { return report.HTML(b, words(t, "ko"), false) },
		} {
			var out bytes.Buffer
			if err := view(&out).(report.Counter).Coverage(c); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(out.String(), "%!") {
				t.Errorf("%s.%s: an argument is missing", name, ending)
			}
			golden(t, name+"."+ending, own.ReplaceAll(out.Bytes(), []byte("$1$2$3$4")))
		}
	}
}

// Nobody, and one person.
func TestCoverageOfFew(t *testing.T) {
	for n := range 2 {
		census := readiness.Begin(readiness.Coverage{Tenant: readiness.Tenant{Name: "Contoso"}}, 0, readiness.Requirement{})
		for range n {
			census.Add(readiness.Person{})
		}
		var plain, page bytes.Buffer
		for _, h := range []report.Handler{report.Text(&plain, report.TextOptions{}), report.HTML(&page, words(t, "en"), false)} {
			if err := h.(report.Counter).Coverage(census.Coverage()); err != nil {
				t.Fatal(err)
			}
		}
		if want := []string{"0 people", "1 person"}[n]; !strings.Contains(plain.String(), want) || strings.Contains(plain.String()+page.String(), "NaN") {
			t.Errorf("%d: %s", n, &plain)
		}
	}
}

// What a department is called is somebody's text, and inert in every view.
func TestHostileCoverage(t *testing.T) {
	for _, evil := range hostile {
		c := theCoverage("6f1f6f0e-0000-4000-8000-000000000001", evil, "Sales", "+49 1701234567")
		for i := range c.Countries {
			c.Countries[i].Name = evil
		}
		c.Tenant.Name = evil
		var plain, document, sheet, page bytes.Buffer
		for _, h := range []report.Handler{
			report.Text(&plain, report.TextOptions{All: true}), report.JSON(&document, true), report.CSV(&sheet, true),
			report.HTML(&page, words(t, "en"), true),
		} {
			if err := h.(report.Counter).Coverage(c); err != nil {
				t.Fatal(err)
			}
		}
		inert(t, "text", plain.String())
		if strings.ContainsAny(document.String(), steering) || !json.Valid(document.Bytes()) {
			t.Errorf("JSON: %s", &document)
		}
		noFormulas(t, strings.TrimPrefix(sheet.String(), "\ufeff"))
		inertPage(t, evil, page.Bytes())
	}
}

// inertPage wants the page's own elements alone, and no script at all.
func inertPage(t *testing.T, evil string, page []byte) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("%q became a comment", evil)
		}
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "script" || n.Data == "a" || !strings.Contains(allowed, " "+n.Data+" ") {
			t.Errorf("%q became an element %s", evil, n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "href" {
				t.Errorf("%q became an attribute %s", evil, a.Key)
			}
		}
	}
}

// The page lets its own style in, and no script at all.
func TestCoveragePolicy(t *testing.T) {
	var out bytes.Buffer
	if err := report.HTML(&out, words(t, "en"), false).(report.Counter).Coverage(theCoverage("", departments...)); err != nil {
		t.Fatal(err)
	}
	inside := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(out.String())[1]
	sum := sha256.Sum256([]byte(inside))
	policy := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(html.UnescapeString(out.String()))[1]
	for _, want := range []string{"default-src 'none';", "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';", "base-uri 'none';", "form-action 'none';"} {
		if !strings.Contains(policy, want) {
			t.Errorf("no %s in %s", want, policy)
		}
	}
	if strings.Contains(policy, "script-src") || strings.Contains(policy, "unsafe") || strings.Contains(out.String(), "<script") {
		t.Errorf("a script is let in: %s", policy)
	}
	if outside := regexp.MustCompile(`(?i)https?://|@import|url\(`).FindString(out.String()); outside != "" {
		t.Errorf("the page names something outside: %s", outside)
	}
}

func TestEveryObstacleIsSaid(t *testing.T) {
	korean, _ := wording.In("ko")
	for _, m := range readiness.Obstacles() {
		if korean.Meaning("obstacle", string(m.Obstacle), "") == "" {
			t.Errorf("Korean does not say what %s means", m.Obstacle)
		}
	}
}

func TestFullDiskOfCoverage(t *testing.T) {
	for _, h := range []report.Handler{report.Text(full{}, report.TextOptions{}), report.JSON(full{}, false), report.CSV(full{}, false), report.HTML(full{}, words(t, "en"), false)} {
		if h.(report.Counter).Coverage(theCoverage("", "Sales")) == nil {
			t.Error(fmt.Sprintf("%T", h), "does not notice a full disk")
		}
	}
	if report.Setup(full{}, report.AzureCLI, report.AppSetup{}) == nil {
		t.Error("the setup does not notice a full disk")
	}
}
