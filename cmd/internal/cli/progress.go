package cli

import (
	"log/slog"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"authseed/importer/apply"
	"authseed/importer/pace"
	"authseed/importer/survey"
)

// interval is how often a log gets a line of progress, and longInterval how
// often while the service keeps everybody waiting for longer than that.
const (
	interval     = 10 * time.Second
	longInterval = time.Minute
)

// barWidth is the bar's, beside the text that says more.
func barWidth(columns int) int {
	if columns < 80 {
		return 5
	}
	return 10
}

// progress shows how far a stage is: a bar on a terminal, a line now and then
// elsewhere, nothing with --quiet. It is called from one goroutine.
type progress struct {
	app   *app
	stage string
	speed speed
	bar   *progressbar.ProgressBar
	next  time.Time
	ended bool // the last line of the stage was said
}

func (a *app) progress() *progress { return &progress{app: a} }

// reading shows a stage of reading.
func (p *progress) reading(now survey.Progress) {
	p.show(standing{stage: "reading " + now.Stage, done: now.Done, total: now.Total}, now.Pace)
}

// writing shows a run.
func (p *progress) writing(now apply.Progress) {
	c := now.Counts
	p.show(standing{
		stage: "writing", done: c.Planned - c.Pending, total: c.Planned,
		failed: c.Failed, stale: c.Stale, unknown: c.Unknown,
	}, now.Pace)
}

func (p *progress) show(s standing, r pace.Report) {
	t := now()
	p.app.watch.paced(t, r)
	if p.app.quiet {
		return
	}
	if s.stage != p.stage {
		p.done()
		p.stage, p.speed, p.next, p.ended = s.stage, speed{}, t.Add(interval), false
	}
	s.wait, s.told = r.Until.Sub(t), r.Told
	if r.Throttled > 0 {
		s.allowed = r.Rate
	}
	p.speed.note(t, s.done, s.wait)
	s.rate = p.speed.rate(t, s.done)
	if columns := columns(p.app.Stderr); columns > 0 && p.app.log == nil {
		p.draw(s, columns)
		return
	}
	last := s.total > 0 && s.done == s.total
	if last && !p.ended || !t.Before(p.next) {
		p.next, p.ended = t.Add(interval), last
		if s.wait > longInterval {
			p.next = t.Add(longInterval)
		}
		p.tell(s)
	}
}

// tell says how far the stage is: in words, or as an event with the same numbers.
func (p *progress) tell(s standing) {
	if p.app.log == nil {
		p.app.say("%s", s.line())
		return
	}
	name := "progress"
	if s.wait > time.Second {
		name = "waiting"
	}
	p.app.event(slog.LevelInfo, name, "stage", s.stage, "done", s.done, "total", s.total, "failed", s.failed, "stale", s.stale, "unknown", s.unknown,
		"wait_seconds", max(0, s.wait).Round(time.Second).Seconds(), "told", s.told)
}

// columns is the width of a terminal, 0 for what is none.
func columns(stream any) int {
	file, ok := stream.(*os.File)
	if !ok {
		return 0
	}
	if width, _, err := term.GetSize(int(file.Fd())); err == nil {
		return width
	}
	return 0
}

func (p *progress) draw(s standing, columns int) {
	if p.bar == nil {
		size := int64(s.total)
		if s.total == 0 {
			size = -1
		}
		p.bar = progressbar.NewOptions64(size,
			progressbar.OptionSetWriter(p.app.Stderr),
			progressbar.OptionSetWidth(barWidth(columns)),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionSetElapsedTime(false),
			progressbar.OptionShowDescriptionAtLineEnd(),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
			// By itself a bar of unknown length draws from a goroutine that
			// nothing ends, over whatever comes after it.
			progressbar.OptionSetSpinnerChangeInterval(0),
		)
	}
	// The bar's own part is "  27% |##########|  " and its cursor.
	p.bar.Describe(s.fit(columns - barWidth(columns) - len("  27% ||   ")))
	// A bar that cannot be drawn is no reason to stop.
	_ = p.bar.Set(s.done)
}

// done takes the bar away.
func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
