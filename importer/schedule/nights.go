package schedule

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// nightLayout names the folder of a night by its time, so that names sort as
// nights happened.
const nightLayout = "20060102T150405.000Z"

// NightFolder is where a job keeps the plan and the report of a night, in its own
// folder. Nights that a configuration sends elsewhere have the same name there.
func NightFolder(folder string, at time.Time) string {
	return filepath.Join(folder, "nights", at.UTC().Format(nightLayout))
}

// PrunedNights is what became of the nights.
type PrunedNights struct {
	Removed []PrunedNight // by job, oldest first
	Kept    int
	Stuck   []StuckNight // older than what is kept, and could not be removed
	Bytes   int64        // of all that was removed
}

// PrunedNight is a night that is no more.
type PrunedNight struct {
	Job, Night string
	Bytes      int64
}

// StuckNight is one that could not be removed, and why.
type StuckNight struct {
	Job, Night string
	Err        error
}

// PruneNights removes the nights in a folder of jobs that are from before a time
// and not among so many of the newest of their job; dry, it only says which. The
// latest of a job always stays: where it was refused it is what a person has to
// look at, and a job under way writes to no other. Hence no job's lock is taken,
// which would send one away that is about to begin. A folder whose name is no
// night's stays.
//
// After an error what is removed is told with it.
func PruneNights(ctx context.Context, jobs string, since time.Time, newest int, dry bool) (*PrunedNights, error) {
	p := &PrunedNights{}
	names, err := folders(jobs)
	if err != nil {
		return p, fmt.Errorf("listing jobs: %w", err)
	}
	for _, job := range names {
		dir := filepath.Join(jobs, job, "nights")
		nights, err := folders(dir)
		if err != nil {
			return p, fmt.Errorf("listing nights: %w", err)
		}
		nights = slices.DeleteFunc(nights, func(name string) bool { _, err := time.Parse(nightLayout, name); return err != nil })
		last := len(nights) - max(newest, 1)
		for i, night := range nights {
			if ctx.Err() != nil {
				return p, context.Cause(ctx)
			}
			if at, _ := time.Parse(nightLayout, night); i >= last || !at.Before(since) {
				p.Kept++
				continue
			}
			p.remove(dir, job, night, dry)
		}
	}
	return p, nil
}

func (p *PrunedNights) remove(dir, job, night string, dry bool) {
	path := filepath.Join(dir, night)
	bytes := room(path)
	if !dry {
		if err := os.RemoveAll(path); err != nil {
			p.Stuck = append(p.Stuck, StuckNight{job, night, err})
			return
		}
	}
	p.Removed = append(p.Removed, PrunedNight{job, night, bytes})
	p.Bytes += bytes
}

// folders are the names of those in a folder, in order; none where it is missing.
func folders(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// room is how many bytes the files of a folder have; what cannot be looked at is
// not counted.
func room(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	return n
}

// Add adds what became of the nights in another folder.
func (p *PrunedNights) Add(more *PrunedNights) {
	p.Removed, p.Stuck = append(p.Removed, more.Removed...), append(p.Stuck, more.Stuck...)
	p.Kept, p.Bytes = p.Kept+more.Kept, p.Bytes+more.Bytes
}
