package report

import (
	"maps"
	"slices"
	"time"

	"authseed/importer/journal"
	"authseed/importer/plan"
)

// rate is how a run went over time: the changes that came to an end in each of a
// row of equally long stretches. Those in which nothing did are there too, so
// that a wait is seen.
type rate struct {
	width   time.Duration
	buckets []bucket
	from    time.Time // when the run began
	last    time.Time // when its last change came to an end
	done    int       // all of them
	gap     time.Duration
	gapAt   time.Time // when the longest time without any began
}

// bucket counts the changes that came to an end from At on.
type bucket struct {
	At   time.Time `json:"at"`
	Done int       `json:"done"`
}

// widths are those a reader can count in.
var widths = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// rateOf gives at most that many buckets. Of a change that was tried again, the
// last time counts.
func rateOf(r *journal.Run, p *plan.Plan, most int) rate {
	v := rate{from: r.At}
	seconds := map[int64]int{}
	for _, c := range p.Pending() {
		if o, ok := r.Outcome(c.ID); ok {
			seconds[o.At.Unix()]++
			v.done++
			if o.At.After(v.last) {
				v.last = o.At
			}
		}
	}
	if v.done == 0 {
		return v
	}
	begin, end := v.from.Unix(), v.last.Unix()
	v.width = widths[0]
	for i := 0; stretches(begin, end, v.width) > most; i++ {
		if i < len(widths) {
			v.width = widths[i]
		} else {
			v.width *= 2
		}
	}
	step := int64(v.width / time.Second)
	begin -= begin % step
	for at := begin; at <= end; at += step {
		v.buckets = append(v.buckets, bucket{At: time.Unix(at, 0).UTC()})
	}
	for at, n := range seconds {
		v.buckets[max(0, at-begin)/step].Done += n
	}
	v.longestGap(seconds, r.At.Unix())
	return v
}

// layout is how the begin of a stretch is written, in UTC.
func (v *rate) layout() string {
	if v.width >= time.Minute {
		return "01-02 15:04"
	}
	return time.TimeOnly
}

// top is the most that came to an end in one stretch.
func (v *rate) top() int {
	top := 0
	for _, b := range v.buckets {
		top = max(top, b.Done)
	}
	return top
}

// worthAWord is how long nothing has to come to an end to be told.
const worthAWord = 10 * time.Second

func stretches(begin, end int64, width time.Duration) int {
	step := int64(width / time.Second)
	return int((end-begin+begin%step)/step) + 1
}

// longestGap finds the longest time in which nothing came to an end, the one
// before the first included.
func (v *rate) longestGap(seconds map[int64]int, begin int64) {
	before := begin
	for _, at := range slices.Sorted(maps.Keys(seconds)) {
		if gap := time.Duration(at-before) * time.Second; gap > v.gap {
			v.gap, v.gapAt = gap, time.Unix(before, 0).UTC()
		}
		before = at
	}
}
