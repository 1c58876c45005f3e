// Package page_test opens the review page in a headless Chromium, as a reviewer
// would. It is skipped, and says so, where there is no Chromium.
package page_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var (
	update  = flag.Bool("update", false, "make the screenshot in .github again")
	folder  = flag.String("screenshots", "", "write screenshots into this folder")
	patient = 60 * time.Second
)

// browser is one tab and everything that went wrong in it.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	wrongs []string
}

// chromium finds one, or skips the test.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("there is no Chromium here; Debian has it as the package chromium")
	return ""
}

// start opens a tab in a browser of its own.
func start(t *testing.T, binary string) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(binary), chromedp.WindowSize(1280, 900), chromedp.DisableGPU)
	if os.Geteuid() == 0 { // Chromium has no sandbox for root
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	ctx, stop = context.WithTimeout(ctx, patient)
	t.Cleanup(stop)
	b := &browser{t: t, ctx: ctx}
	b.run() // opens the tab
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, cdplog.Enable, cdp.Empty{})
	call(b, runtime.Enable, cdp.Empty{})
	return b
}

// call sends one command of the protocol.
func call[P, R any](b *browser, command cdp.Command[P, R], parameters P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, parameters); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) listen(event any) {
	wrong := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		wrong = "exception: " + e.ExceptionDetails.Text
	case *runtime.EventConsoleAPICalled:
		wrong = fmt.Sprintf("console: %s %v", e.Type, e.Args)
	case *cdplog.EventEntryAdded:
		wrong = fmt.Sprintf("log: %s %s", e.Entry.Level, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if e.Type != network.ResourceTypeDocument || !strings.HasPrefix(e.Request.URL, "file://") {
			wrong = "request: " + e.Request.URL
		}
	}
	if wrong != "" {
		b.mu.Lock()
		b.wrongs = append(b.wrongs, wrong)
		b.mu.Unlock()
	}
}

// clean wants no word on the console and no request.
func (b *browser) clean() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, wrong := range b.wrongs {
		b.t.Error(wrong)
	}
	b.wrongs = nil
}

func (b *browser) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// open shows a file and waits for its list.
func (b *browser) open(file string) {
	b.t.Helper()
	b.run(chromedp.Navigate("file://"+file), chromedp.WaitVisible(chromedp.CSS("#list .row")))
}

// eval runs a script in the page, and waits where it gives a promise.
func eval[T any](b *browser, script string) T {
	b.t.Helper()
	out, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, func(p *runtime.EvaluateParams) { p.AwaitPromise = new(true) }))
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// settle waits until the page has drawn what it was told.
func (b *browser) settle() {
	b.t.Helper()
	eval[bool](b, `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(true), 0))))`)
}

// count is what the page says it lists.
func (b *browser) count() string {
	return eval[string](b, `document.getElementById("count").textContent`)
}

// timed does something that changes the list and gives the milliseconds until
// the new list is drawn.
func (b *browser) timed(script string) float64 {
	b.t.Helper()
	return eval[float64](b, `new Promise((done) => {
		const begun = performance.now();
		const seen = new MutationObserver(() => { seen.disconnect(); requestAnimationFrame(() => done(performance.now() - begun)); });
		seen.observe(document.getElementById("count"), { childList: true, characterData: true, subtree: true });
		`+script+`
	})`)
}

func (b *browser) search(words string) float64 {
	b.t.Helper()
	return b.timed(fmt.Sprintf(`const s = document.getElementById("search"); s.value = %q; s.dispatchEvent(new Event("input"));`, words))
}

func (b *browser) filter(name, value string) float64 {
	b.t.Helper()
	return b.timed(fmt.Sprintf(`const s = document.getElementById("filter-%[1]s"); s.value = [...s.options].find((o) => o.value === %[2]q || o.text === %[2]q).value; s.dispatchEvent(new Event("change"));`, name, value))
}

func (b *browser) sort(column string) float64 {
	b.t.Helper()
	return b.timed(fmt.Sprintf(`document.querySelector("th[data-name=%s] button").click();`, column))
}

// look is how the page is looked at.
type look struct {
	name          string
	width, height int64
	dark          bool
	scroll        string // the element to show
}

// see takes a screenshot, where a folder is given or the file is asked for.
func (b *browser) see(l look) {
	b.t.Helper()
	file := filepath.Join(*folder, l.name+".png")
	switch {
	case l.name == "review" && *update:
		file = filepath.Join("..", "..", "..", ".github", "review.png")
	case *folder == "":
		return
	}
	b.be(l)
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if l.name == "review" && len(png) > 300_000 {
		b.t.Errorf("the screenshot has %d bytes", len(png))
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// be makes the page look so.
func (b *browser) be(l look) {
	b.t.Helper()
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	b.run(chromedp.EmulateViewport(l.width, l.height))
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	script := `scrollTo(0, 0)`
	if l.scroll != "" {
		script = fmt.Sprintf(`document.querySelector(%q).scrollIntoView()`, l.scroll)
	}
	eval[chromedp.Void](b, script)
	b.settle()
}

// pdf prints the page.
func (b *browser) pdf() []byte {
	b.t.Helper()
	pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF())
	if err != nil {
		b.t.Fatal(err)
	}
	return pdf
}

// axe gives the script of axe-core, from the npm registry, or nothing where
// there is no npm.
func axe(t *testing.T) string {
	t.Helper()
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Log("there is no npm here: what axe-core finds is not looked at")
		return ""
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), npm, "install", "--prefix", dir, "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "axe-core@4.14.1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Logf("axe-core cannot be installed, what it finds is not looked at: %v\n%s", err, out)
		return ""
	}
	script, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}

// accessible wants nothing serious of axe-core.
func (b *browser) accessible(script string) {
	b.t.Helper()
	if script == "" {
		return
	}
	eval[chromedp.Void](b, script)
	var found []struct{ ID, Impact, Help, Where string }
	text := eval[string](b, `axe.run().then((r) => JSON.stringify(r.violations.map((v) => ({ ID: v.id, Impact: v.impact, Help: v.help, Where: v.nodes[0].html }))))`)
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		b.t.Fatal(err)
	}
	for _, f := range found {
		if f.Impact == "serious" || f.Impact == "critical" {
			b.t.Errorf("axe-core: %s %s: %s: %.200s", f.Impact, f.ID, f.Help, f.Where)
		} else {
			b.t.Logf("axe-core: %s %s: %s: %.200s", f.Impact, f.ID, f.Help, f.Where)
		}
	}
}
