package cli

import (
	"fmt"
	"time"
)

// speed is how fast a stage has been lately.
type speed struct {
	begun   sample
	recent  []sample // one a second, the oldest first
	longest time.Duration
}

type sample struct {
	at   time.Time
	done int
}

// What is recent goes back so far, and so many items where they are slow.
const (
	recentTime  = 30 * time.Second
	recentItems = 50
	// Before this nobody knows.
	firstTime = 3 * time.Second
)

// note takes in how far the stage is, and how long it has to wait now.
func (v *speed) note(t time.Time, done int, wait time.Duration) {
	if v.begun.at.IsZero() {
		v.begun = sample{t, done}
	}
	v.longest = max(v.longest, wait)
	if n := len(v.recent); n == 0 || t.Sub(v.recent[n-1].at) >= time.Second {
		v.recent = append(v.recent, sample{t, done})
	}
	for len(v.recent) > 1 && t.Sub(v.recent[1].at) >= recentTime && done-v.recent[1].done >= recentItems {
		v.recent = v.recent[1:]
	}
}

// rate is items a second, 0 while nobody knows. Long waits come seldom and count
// all the same: with them, it is that of the whole stage.
func (v *speed) rate(t time.Time, done int) float64 {
	from := v.recent[0]
	if v.longest > recentTime/2 {
		from = v.begun
	}
	took := t.Sub(from.at)
	if took < firstTime {
		return 0
	}
	return float64(done-from.done) / took.Seconds()
}

// standing is what a line of progress tells.
type standing struct {
	stage                  string
	done, total            int // total 0 for not known
	failed, stale, unknown int
	rate                   float64       // items a second that went through lately; 0 for not known
	allowed                float64       // requests a second, once something was refused; an item may take several
	wait                   time.Duration // until something may leave
	told                   bool          // the service said so
}

// left is how long it will take at this rate, 0 for not known.
func (s standing) left() time.Duration {
	if s.total == 0 || s.rate <= 0 || s.done >= s.total {
		return 0
	}
	const most = 100 * 24 * time.Hour // beyond, it is no forecast
	seconds := float64(s.total-s.done) / s.rate
	if seconds > most.Seconds() {
		return 0
	}
	return max(s.wait, 0) + time.Duration(seconds*float64(time.Second))
}

// line is all of it: "writing: 1,200 of 4,513, 12.3/s, 4m30s left, 3 failed".
func (s standing) line() string { return s.fit(1 << 10) }

// fit leaves out what matters least until the line is no longer than width; how
// far the stage is stays always.
func (s standing) fit(width int) string {
	parts := s.parts()
	for {
		text := parts[0].text
		least := 0
		for i, p := range parts[1:] {
			text += ", " + p.text
			if p.weight < parts[least].weight || least == 0 {
				least = i + 1
			}
		}
		if len(text) <= width || least == 0 {
			return text
		}
		parts = append(parts[:least], parts[least+1:]...)
	}
}

type part struct {
	text   string
	weight int // the lower, the sooner it is left out
}

func (s standing) parts() []part {
	head := s.stage + ": " + grouped(s.done)
	if s.total > 0 {
		head += " of " + grouped(s.total)
	}
	parts := []part{{head, 0}}
	add := func(weight int, format string, args ...any) {
		parts = append(parts, part{fmt.Sprintf(format, args...), weight})
	}
	if s.rate > 0 {
		add(5, "%s", perSecond(s.rate))
	}
	if left := s.left(); left > 0 {
		add(8, "%s left", short(left))
	}
	if s.wait > time.Second { // no longer is worth a word
		add(9, "waiting %s", short(s.wait))
		if s.told {
			add(2, "as told")
		}
	}
	if s.failed > 0 {
		add(7, "%s failed", grouped(s.failed))
	}
	if s.unknown > 0 {
		add(6, "%s unknown", grouped(s.unknown))
	}
	if s.stale > 0 {
		add(4, "%s stale", grouped(s.stale))
	}
	if s.allowed > 0 {
		add(3, "%s requests/s allowed", decimals(s.allowed))
	}
	return parts
}

// grouped gives 1234 as 1,234.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// perSecond gives a rate with the digits that mean something.
func perSecond(rate float64) string {
	if rate < 0.2 {
		return decimals(rate*60) + "/min"
	}
	return decimals(rate) + "/s"
}

func decimals(n float64) string {
	if n >= 100 {
		return grouped(int(n + 0.5))
	}
	return fmt.Sprintf("%.1f", n)
}

// short gives a time with two units at most: 40s, 4m30s, 2h5m, 3d4h.
func short(d time.Duration) string {
	switch seconds := int((d + time.Second - 1) / time.Second); {
	case seconds < 60:
		return fmt.Sprintf("%ds", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%dm%ds", seconds/60, seconds%60)
	case seconds < 48*3600:
		return fmt.Sprintf("%dh%dm", seconds/3600, seconds/60%60)
	default:
		return fmt.Sprintf("%dd%dh", seconds/86400, seconds/3600%24)
	}
}
