package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/report/wording"
	"authseed/mapping"
)

// The page's own style and script. They are as written here, without a build
// step, and the page lets nothing else run: see policy.
var (
	//go:embed page/page.css
	style string
	//go:embed page/page.js
	script string
)

// HTML writes a page for review: one file that fetches nothing, with values
// masked unless they are to be revealed. Text from outside reaches it as text
// alone: in the markup through [text], in the list of changes as JSON that the
// script puts into text nodes.
func HTML(w io.Writer, words *wording.Words, reveal bool) Handler {
	return &htmlView{bufio.NewWriterSize(w, 1<<16), words, reveal}
}

type htmlView struct {
	out *bufio.Writer
	*wording.Words
	reveal bool
}

// NoViewError is the refusal of a result that a view does not show.
type NoViewError struct{ View, Of string }

func (e *NoViewError) Error() string { return fmt.Sprintf("there is no %s view of %s", e.View, e.Of) }

func (v *htmlView) Inspection(*mapping.Inspection) error { return &NoViewError{"html", "a file"} }
func (v *htmlView) Intake(*plan.Intake) error            { return &NoViewError{"html", "a check"} }
func (v *htmlView) Runs([]*journal.Run) error            { return &NoViewError{"html", "a list of runs"} }

func (v *htmlView) Plan(p *plan.Plan) error {
	return v.page(v.Say("title-plan", tenantName(p.Tenant)), p, nil,
		v.head(p), v.summary(p), v.hazards(p), v.list(p, nil), v.leftOut(p), v.madeFrom(p), v.approve(p))
}

func (v *htmlView) Run(r *journal.Run, p *plan.Plan) error {
	if r == nil {
		return v.page(v.Say("nothing-applied"), p, nil, tag("h1", nil, text(v.Say("nothing-applied"))))
	}
	return v.page(v.Say("title-run", r.RunID, tenantName(r.Tenant)), p, r,
		v.runHead(r), v.runSummary(r), v.open(r, p), v.pace(r, p), v.hazards(p), v.list(p, r), v.leftOut(p), v.madeFrom(p))
}

// page writes the sections, and below them the changes as data, so that the
// first is on the screen before the last is read.
func (v *htmlView) page(title string, p *plan.Plan, r *journal.Run, sections ...markup) error {
	v.put("<!doctype html>\n<html lang=\"", markup(v.Lang()), "\">\n<head>\n<meta charset=\"utf-8\">\n",
		tag("meta", at("http-equiv", "Content-Security-Policy", "content", policy())), "\n",
		tag("meta", at("name", "viewport", "content", "width=device-width, initial-scale=1")), "\n",
		tag("meta", at("name", "color-scheme", "content", "light dark")), "\n",
		tag("meta", at("name", "referrer", "content", "no-referrer")), "\n",
		tag("meta", at("name", "robots", "content", "noindex")), "\n",
		tag("title", nil, text(title)), "\n<style>", markup(style), "</style>\n</head>\n<body>\n",
		tag("a", at("class", "skip", "href", "#changes"), text(v.Say("skip"))), "\n<main>\n")
	for _, s := range sections {
		v.put(s, "\n")
	}
	v.put("</main>\n", v.dialog(), "\n<script type=\"application/json\" id=\"data\">")
	if err := v.data(p, r); err != nil {
		return err
	}
	v.put("</script>\n<script>", markup(script), "</script>\n</body>\n</html>\n")
	if err := v.out.Flush(); err != nil {
		return fmt.Errorf("writing HTML: %w", err)
	}
	return nil
}

func (v *htmlView) put(parts ...markup) {
	for _, part := range parts {
		_, _ = v.out.WriteString(string(part)) // Flush has the error
	}
}

// policy lets the page's own style and script in by their digests, and nothing
// else: no other script, no request, no form, no base. Trusted types keep even
// that script from making markup of text. A page opened as a file has no
// headers, so that this is a meta element.
func policy() string {
	digest := func(what string) string {
		sum := sha256.Sum256([]byte(what))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; script-src " + digest(script) + "; style-src " + digest(style) +
		"; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
}
