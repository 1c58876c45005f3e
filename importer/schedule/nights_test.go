package schedule_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/schedule"
)

// nightly makes nights of a job, so many days before the day.
func nightly(t *testing.T, jobs, job string, now time.Time, days ...int) {
	t.Helper()
	for _, n := range days {
		dir := schedule.NightFolder(filepath.Join(jobs, job), now.AddDate(0, 0, -n))
		if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "plan.json"), []byte("12345"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPruneNights(t *testing.T) {
	now := time.Date(2026, 11, 27, 3, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		keep   int // days
		newest int
		want   []string
		kept   int
	}{
		{"days", 30, 0, []string{"busy 20261018T030000.000Z", "busy 20261027T030000.000Z", "quiet 20260220T030000.000Z"}, 5},
		{"number", 3, 3, []string{"busy 20261018T030000.000Z", "busy 20261027T030000.000Z"}, 6},
		{"one, and three days", 3, 1, []string{"busy 20261018T030000.000Z", "busy 20261027T030000.000Z", "busy 20261028T030000.000Z", "quiet 20260220T030000.000Z"}, 4},
		{"all", 300, 0, nil, 8},
		{"none but the latest", 0, 0, []string{"busy 20261018T030000.000Z", "busy 20261027T030000.000Z", "busy 20261028T030000.000Z", "busy 20261125T030000.000Z", "quiet 20260220T030000.000Z"}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			jobs := filepath.Join(t.TempDir(), "sync")
			nightly(t, jobs, "busy", now, 40, 31, 30, 2, 0)
			nightly(t, jobs, "quiet", now, 280, 100) // the latest is old
			nightly(t, jobs, "future", now, -100)
			for _, dir := range []string{"fresh", "busy/nights/mine", "quiet/nights/20200101"} {
				if err := os.MkdirAll(filepath.Join(jobs, dir), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(jobs, "busy", "memory.json"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, dry := range []bool{true, false} {
				p, err := schedule.PruneNights(t.Context(), jobs, now.AddDate(0, 0, -c.keep), c.newest, dry)
				if err != nil || len(p.Stuck) > 0 {
					t.Fatal(err, p.Stuck)
				}
				var got []string
				for _, n := range p.Removed {
					got = append(got, n.Job+" "+n.Night)
				}
				if diff := cmp.Diff(c.want, got); diff != "" || p.Kept != c.kept || p.Bytes != int64(5*len(got)) {
					t.Errorf("dry %t, kept %d, %d bytes: %s", dry, p.Kept, p.Bytes, diff)
				}
			}
			left, err := filepath.Glob(filepath.Join(jobs, "*", "nights", "*", "plan.json"))
			if err != nil || len(left) != c.kept {
				t.Errorf("%d are left", len(left))
			}
			for _, name := range []string{"fresh", "busy/memory.json", "busy/nights/mine", "quiet/nights/20200101"} {
				if _, err := os.Stat(filepath.Join(jobs, name)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if p, err := schedule.PruneNights(t.Context(), filepath.Join(t.TempDir(), "sync"), now, 0, false); err != nil || p.Kept != 0 {
		t.Errorf("no jobs yet: %+v, %v", p, err)
	}
	jobs := t.TempDir()
	nightly(t, jobs, "job", now, 40, 0)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if p, err := schedule.PruneNights(ctx, jobs, now, 0, false); !errors.Is(err, context.Canceled) || len(p.Removed) > 0 {
		t.Errorf("interrupted: %+v, %v", p, err)
	}
}

func TestPruneNightsStuck(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("nothing is refused to root")
	}
	now, jobs := time.Date(2026, 11, 27, 3, 0, 0, 0, time.UTC), t.TempDir()
	nightly(t, jobs, "job", now, 40, 0)
	dir := schedule.NightFolder(filepath.Join(jobs, "job"), now.AddDate(0, 0, -40))
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	p, err := schedule.PruneNights(t.Context(), jobs, now.AddDate(0, 0, -30), 0, false)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err != nil || len(p.Stuck) != 1 || len(p.Removed) != 0 {
		t.Errorf("%+v, %v", p, err)
	}
}
