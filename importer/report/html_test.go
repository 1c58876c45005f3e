package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"golang.org/x/net/html"

	"authseed/importer/plan"
	"authseed/importer/report"
	"authseed/importer/report/wording"
	"authseed/mapping/authmethod"
)

func words(t *testing.T, lang string) *wording.Words {
	t.Helper()
	w, ok := wording.In(lang)
	if !ok {
		t.Fatal(lang)
	}
	return w
}

// own takes out the style and the script, which are the same in every page.
var own = regexp.MustCompile(`(?s)(<style>).*?(</style>)|(<script>).*?(</script>)|sha256-[A-Za-z0-9+/=]+`)

func TestReviewViews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := thePlan()
		run := theRun(t, p)[1]
		for _, lang := range wording.Languages() {
			for name, show := range map[string]func(report.Handler) error{
				"plan":   func(h report.Handler) error { return h.Plan(p) },
				"run":    func(h report.Handler) error { return h.Run(run, p) },
				"no-run": func(h report.Handler) error { return h.Run(nil, p) },
			} {
				var page, text, all bytes.Buffer
				if err := errors.Join(show(report.HTML(&page, words(t, lang), false)), show(report.Markdown(&text, words(t, lang), false))); err != nil {
					t.Fatal(err)
				}
				if name != "no-run" {
					golden(t, name+"."+lang+".html", own.ReplaceAll(page.Bytes(), []byte("$1$2$3$4")))
				}
				golden(t, name+"."+lang+".md", text.Bytes())
				all.Write(page.Bytes())
				all.Write(text.Bytes())
				for _, value := range []string{"2065550147", "2065550100", "adele@", "new@example"} {
					if strings.Contains(all.String(), value) {
						t.Errorf("%s shows %q", name, value)
					}
				}
				if strings.ContainsAny(all.String(), "\x1b\r\u202e\u2066") {
					t.Errorf("%s: control characters come through", name)
				}
				if strings.Contains(all.String(), "%!") {
					t.Errorf("%s: an argument is missing in %s", name, lang)
				}
			}
		}
	})
}

func TestReviewRevealed(t *testing.T) {
	var page, text bytes.Buffer
	if err := errors.Join(report.HTML(&page, words(t, "en"), true).Plan(thePlan()), report.Markdown(&text, words(t, "en"), true).Plan(thePlan())); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page.String(), "+1 2065550147") || !strings.Contains(page.String(), "in clear") || !strings.Contains(text.String(), "`+1 2065550147`") {
		t.Error("values are not revealed, or nothing says so")
	}
}

func hostilePlan(evil string) *plan.Plan {
	p := thePlan()
	p.Tenant.Name, p.Source.Name, p.Mapping.Name = evil, evil, evil
	for i := range p.Changes {
		c := &p.Changes[i]
		c.User.DisplayName, c.User.UserPrincipalName, c.Origin.File = evil, evil, evil
		c.Reading.Remark, c.Reading.Country, c.Note = evil, evil, evil
		c.After = authmethod.ValueOf(evil)
		if c.HeldBack && len(c.Hazards) > 0 {
			c.Hazards = append(c.Hazards, plan.Hazard(evil))
		}
	}
	for i := range p.Skipped {
		p.Skipped[i].Origin.File, p.Skipped[i].Detail = evil, evil
	}
	return p
}

// allowed are the elements of the page; none of them comes from outside.
const allowed = " html head meta title style body a main header section h1 h2 h3 h4 p ul li dl dt dd strong span svg rect div table thead tbody tr th td code pre button label input select noscript details summary dialog script "

func TestHostileTextIsInertInHTML(t *testing.T) {
	for _, evil := range hostile {
		var out bytes.Buffer
		if err := report.HTML(&out, words(t, "en"), true).Plan(hostilePlan(evil)); err != nil {
			t.Fatal(err)
		}
		root, err := html.Parse(bytes.NewReader(out.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		scripts, data := 0, ""
		for n := range root.Descendants() {
			switch {
			case n.Type == html.CommentNode:
				t.Errorf("%q became a comment", evil)
			case n.Type != html.ElementNode:
				continue
			case !strings.Contains(allowed, " "+n.Data+" "):
				t.Errorf("%q became an element %s", evil, n.Data)
			case n.Data == "script":
				if scripts++; len(n.Attr) > 0 {
					data = n.FirstChild.Data
				}
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "href" && a.Val != "#changes" {
					t.Errorf("%q became an attribute %s", evil, a.Key)
				}
			}
		}
		if scripts != 2 || !json.Valid([]byte(data)) {
			t.Errorf("%q: %d scripts, or no data", evil, scripts)
		}
	}
}

// TestPolicy lets in what the page holds, and nothing else.
func TestPolicy(t *testing.T) {
	var out bytes.Buffer
	if err := report.HTML(&out, words(t, "en"), false).Plan(thePlan()); err != nil {
		t.Fatal(err)
	}
	page := html.UnescapeString(out.String())
	for _, element := range []string{"style", "script"} {
		inside := regexp.MustCompile(`(?s)<` + element + `>(.*?)</` + element + `>`).FindStringSubmatch(out.String())[1]
		sum := sha256.Sum256([]byte(inside))
		if !strings.Contains(page, element+"-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"';") {
			t.Errorf("the policy does not let the page's own %s in", element)
		}
	}
	if !strings.Contains(page, "default-src 'none'") || strings.Contains(page, "unsafe") {
		t.Error("the policy lets in more")
	}
	if outside := regexp.MustCompile(`(?i)https?://|@import|url\(|//[a-z]+\.`).FindString(out.String()); outside != "" {
		t.Errorf("the page names something outside: %s", outside)
	}
}

// TestHostileTextIsInertInMarkdown: it stands in code spans, which it cannot
// leave, in rows of as many cells as their head.
func TestHostileTextIsInertInMarkdown(t *testing.T) {
	span := regexp.MustCompile("`[^`]*`")
	count := func(evil string) (lines, cells int) {
		var out bytes.Buffer
		if err := report.Markdown(&out, words(t, "en"), true).Plan(hostilePlan(evil)); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			lines++
			cells += strings.Count(line, "|")
			if strings.HasPrefix(line, "```") {
				continue
			}
			rest := strings.TrimRight(span.ReplaceAllString(line, ""), "\n")
			for _, mark := range []string{"<", "`", "](", "https:", "www.", "@", "javascript", "alert", "\\", "_it_", "phish"} {
				if strings.Contains(rest, mark) {
					t.Errorf("%q stands outside a code span: %q", evil, line)
				}
			}
		}
		return lines, cells
	}
	lines, cells := count("plain")
	for _, evil := range hostile {
		if l, c := count(evil); l != lines || c != cells {
			t.Errorf("%q: %d lines with %d pipes, want %d with %d", evil, l, c, lines, cells)
		}
	}
}

// TestMarkdownIsBounded, as GitHub's comments are.
func TestMarkdownIsBounded(t *testing.T) {
	p := thePlan()
	first := p.Changes[0]
	first.User.UserPrincipalName = strings.Repeat("long.", 50) + "@contoso.example"
	first.Origin.File = strings.Repeat("folder/", 30) + "hr.csv"
	for range 5000 {
		for _, action := range []plan.Action{plan.Create, plan.Update, plan.Delete} {
			c := first
			c.Action = action
			held := c
			held.HeldBack, held.Hazards = true, []plan.Hazard{plan.SharedNumber, plan.ReplacesRegistered}
			p.Changes = append(p.Changes, c, held)
		}
		for _, m := range authmethod.Reasons() {
			p.Skipped = append(p.Skipped, plan.Skip{Reason: m.Reason, Detail: strings.Repeat("detail ", 50), Origin: first.Origin})
		}
	}
	var out bytes.Buffer
	if err := report.Markdown(&out, words(t, "en"), false).Plan(p); err != nil {
		t.Fatal(err)
	}
	if n := len([]rune(out.String())); n > 65_536 || !strings.Contains(out.String(), "and 14,9") {
		t.Errorf("%d characters, or the rest is not counted", n)
	}
}

// A view that there is not is refused, and a full disk is noticed.
func TestReviewErrors(t *testing.T) {
	for name, h := range map[string]report.Handler{"html": report.HTML(full{}, words(t, "en"), false), "markdown": report.Markdown(full{}, words(t, "en"), false)} {
		for _, err := range []error{h.Inspection(nil), h.Intake(nil), h.Runs(nil)} {
			var none *report.NoViewError
			if !errors.As(err, &none) || none.View != name {
				t.Errorf("%s: %v", name, err)
			}
		}
		if h.Plan(thePlan()) == nil || h.Run(nil, thePlan()) == nil {
			t.Errorf("%s: a full disk is not noticed", name)
		}
	}
}
