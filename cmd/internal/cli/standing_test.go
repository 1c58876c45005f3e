package cli

import (
	"testing"
	"time"
)

func TestStandingFits(t *testing.T) {
	busy := standing{
		stage: "writing", done: 1200, total: 4513, failed: 3, stale: 12, unknown: 1,
		rate: 12.34, allowed: 15.05, wait: 40 * time.Second, told: true,
	}
	for _, test := range []struct {
		name  string
		s     standing
		width int
		want  string
	}{
		{"nothing is known yet", standing{stage: "writing", total: 4513}, 80, "writing: 0 of 4,513"},
		{"going on", standing{stage: "writing", done: 1200, total: 4513, rate: 12.34, failed: 3}, 80, "writing: 1,200 of 4,513, 12.3/s, 4m29s left, 3 failed"},
		{"no end known", standing{stage: "reading people", done: 1998, rate: 1234.5}, 80, "reading people: 1,998, 1,235/s"},
		{"at its end", standing{stage: "writing", done: 4513, total: 4513, rate: 99.96}, 80, "writing: 4,513 of 4,513, 100.0/s"},
		{"slow", standing{stage: "writing", done: 3, total: 5, rate: 0.05}, 80, "writing: 3 of 5, 3.0/min, 40s left"},
		{"stopped", standing{stage: "writing", done: 3, total: 5, wait: 90 * time.Minute}, 80, "writing: 3 of 5, waiting 1h30m"},
		{"no forecast", standing{stage: "writing", done: 1, total: 1 << 30, rate: 0.25}, 80, "writing: 1 of 1,073,741,824, 0.2/s"},
		{"the wait counts", standing{stage: "writing", done: 10, total: 20, rate: 1, wait: time.Minute}, 80, "writing: 10 of 20, 1.0/s, 1m10s left, waiting 1m0s"},
		{"hardly a wait", standing{stage: "writing", done: 10, total: 20, wait: time.Second}, 80, "writing: 10 of 20"},
		{"all", busy, 200, "writing: 1,200 of 4,513, 12.3/s, 5m9s left, waiting 40s, as told, 3 failed, 1 unknown, 12 stale, 15.1 requests/s allowed"},
		{"80 columns", busy, 62, "writing: 1,200 of 4,513, 5m9s left, waiting 40s, 3 failed"},
		{"60 columns", busy, 47, "writing: 1,200 of 4,513, 5m9s left, waiting 40s"},
		{"none", busy, 5, "writing: 1,200 of 4,513"},
	} {
		if got := test.s.fit(test.width); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Millisecond: "1s", 59 * time.Second: "59s", 60 * time.Second: "1m0s", 3599 * time.Second: "59m59s",
		time.Hour: "1h0m", 47*time.Hour + 59*time.Minute: "47h59m", 48 * time.Hour: "2d0h", 75 * time.Hour: "3d3h",
	} {
		if got := short(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

func TestSpeed(t *testing.T) {
	start := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name string
		at   func(second int) (done int, wait time.Duration)
		end  int
		want float64
	}{
		{"not known at once", func(s int) (int, time.Duration) { return 40 * s, 0 }, 2, 0},
		{"nothing yet", func(int) (int, time.Duration) { return 0, 0 }, 20, 0},
		{"even", func(s int) (int, time.Duration) { return 40 * s, 0 }, 100, 40},
		{"lately", func(s int) (int, time.Duration) { return 40*s - 30*min(s, 60), 0 }, 100, 40},
		{"few items take longer to tell", func(s int) (int, time.Duration) { return s / 2, 0 }, 200, 0.5},
		{"short waits are part of it", func(s int) (int, time.Duration) { return 40 * (s / 10), 10 * time.Second }, 100, 4},
		{"a long wait as well", func(s int) (int, time.Duration) {
			return 40 * min(s, 60), time.Duration(max(0, 180-s)) * time.Second
		}, 120, 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			var v speed
			got := 0.0
			for s := 0; s <= test.end; s++ {
				now := start.Add(time.Duration(s) * time.Second)
				done, wait := test.at(s)
				v.note(now, done, wait)
				got = v.rate(now, done)
			}
			if got < 0.9*test.want || got > 1.1*test.want {
				t.Errorf("%.2f a second, want %v", got, test.want)
			}
			if len(v.recent) > 130 {
				t.Errorf("%d seconds are kept", len(v.recent))
			}
		})
	}
}
