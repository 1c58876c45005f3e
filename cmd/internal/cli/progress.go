package cli

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"authseed/importer/apply"
)

// interval is how often a log gets a line of progress.
const interval = 10 * time.Second

// progress shows how far a stage is: a bar on a terminal, a line now and then
// elsewhere, nothing with --quiet. It is called from one goroutine.
type progress struct {
	app   *app
	stage string
	wait  string // what the bar says of waiting
	bar   *progressbar.ProgressBar
	next  time.Time
}

func (a *app) progress() *progress { return &progress{app: a} }

// reading shows a stage of reading; total 0 means that nobody knows.
func (p *progress) reading(stage string, done, total int) {
	p.show("reading "+stage, done, total, "", "")
}

// writing shows a run.
func (p *progress) writing(now apply.Progress) {
	c := now.Counts
	p.show("writing", c.Planned-c.Pending, c.Planned, fmt.Sprintf(", %d failed, %d stale, %d unknown", c.Failed, c.Stale, c.Unknown), waiting(now.Pace.Until))
}

// waiting tells that the service has asked for a pause worth knowing of.
func waiting(until time.Time) string {
	if left := time.Until(until).Round(time.Second); left > time.Second {
		return fmt.Sprintf(", told to wait %v", left)
	}
	return ""
}

func (p *progress) show(stage string, done, total int, more, wait string) {
	if p.app.quiet {
		return
	}
	if terminal(p.app.Stderr) {
		p.draw(stage, done, total, wait)
		return
	}
	t := now()
	if stage != p.stage {
		p.stage, p.next = stage, t.Add(interval)
	}
	if done == total || !t.Before(p.next) {
		p.next = t.Add(interval)
		of := ""
		if total > 0 {
			of = fmt.Sprintf(" of %d", total)
		}
		p.app.say("%s: %d%s%s", stage, done, of, more+wait)
	}
}

func (p *progress) draw(stage string, done, total int, wait string) {
	if stage != p.stage {
		p.done()
		p.stage = stage
		size := int64(total)
		if total == 0 {
			size = -1
		}
		p.bar = progressbar.NewOptions64(size,
			progressbar.OptionSetWriter(p.app.Stderr),
			progressbar.OptionSetDescription(fmt.Sprintf("%-16s", stage)),
			progressbar.OptionSetWidth(24),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionShowCount(),
			progressbar.OptionShowIts(),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionClearOnFinish(),
			// By itself a bar of unknown length draws from a goroutine that
			// nothing ends, over whatever comes after it.
			progressbar.OptionSetSpinnerChangeInterval(0),
		)
	}
	if wait != p.wait {
		p.wait = wait
		p.bar.Describe(fmt.Sprintf("%-16s", stage+wait))
	}
	// A bar that cannot be drawn is no reason to stop.
	_ = p.bar.Set(done)
}

// done takes the bar away.
func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar, p.wait = nil, ""
	}
}
