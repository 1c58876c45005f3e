package journal

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"authseed/importer/sealed"
)

// newest names the last run that began.
func newest(runs string) (string, error) {
	names, err := ids(runs)
	if err != nil {
		return "", err
	}
	for _, id := range names {
		if _, err := load(runs, id); !errors.Is(err, ErrNoRun) {
			return id, nil
		}
	}
	return "", fmt.Errorf("%w: there is none yet", ErrNoRun)
}

// loadHead gives what a sealed run tells without a key.
func loadHead(runs, id string) (*Run, error) {
	head, err := readHead(filepath.Join(runs, id, journalFile))
	if err != nil {
		return nil, fmt.Errorf("reading journal: %w", err)
	}
	head.RunID = id
	run := &Run{Head: head}
	run.settleState(runs)
	if run.State == Interrupted {
		run.State = Encrypted
	}
	return run, nil
}

// settleState tells a run that is being written from one that was cut off.
func (r *Run) settleState(runs string) {
	if r.State != "" {
		return
	}
	r.State = Interrupted
	if held(filepath.Join(runs, r.RunID, lockFile)) {
		r.State = Running
	}
}

// undoneBy reports whether a later run has undone this one to its end.
func undoneBy(runs, id string, with []sealed.Identity) (bool, error) {
	names, err := ids(runs)
	if err != nil {
		return false, err
	}
	for _, later := range names {
		if later <= id {
			break
		}
		if head, err := readHead(filepath.Join(runs, later, journalFile)); err != nil || head.Undoes != id {
			continue // one that cannot be read is told by whoever asks for it
		}
		run, err := load(runs, later, with...)
		switch {
		case err == nil && run.State == Finished:
			return true, nil
		case sealed.Locked(err):
			return false, fmt.Errorf("run %s undoes run %s: %w", later, id, err)
		}
	}
	return false, nil
}

// readHead reads the first line alone.
func readHead(path string) (Head, error) {
	file, err := open(path)
	if err != nil {
		return Head{}, err
	}
	defer file.Close()
	line, err := bufio.NewReader(file).ReadBytes('\n')
	if err != nil {
		return Head{}, err
	}
	var head Head
	return head, json.Unmarshal(line, &head)
}

// List replays every run, newest first. A run that cannot be read is named in
// the error and left out; one that is sealed and that the identity does not open
// is there as [Encrypted], or as [Running].
func List(runs string, with ...sealed.Identity) ([]*Run, error) {
	return Since(runs, time.Time{}, with...)
}

// Since is [List] of the runs whose journal was written to at a time or later.
func Since(runs string, at time.Time, with ...sealed.Identity) ([]*Run, error) {
	names, err := ids(runs)
	if err != nil {
		return nil, err
	}
	var list []*Run
	var errs []error
	undone := map[string]bool{}
	for _, id := range names {
		if info, err := stat(filepath.Join(runs, id, journalFile)); err == nil && info.ModTime().Before(at) {
			continue
		}
		run, err := load(runs, id, with...)
		if sealed.Locked(err) {
			run, err = loadHead(runs, id)
		}
		switch {
		case errors.Is(err, ErrNoRun):
			continue // it never began
		case err != nil:
			errs = append(errs, err)
			continue
		}
		run.settleState(runs)
		if run.State == Finished && run.Undoes != "" {
			undone[run.Undoes] = true
		}
		list = append(list, run)
	}
	for _, run := range list {
		if undone[run.RunID] {
			run.State = RolledBack
		}
	}
	return list, errors.Join(errs...)
}

// stamp is how the time stands at the beginning of an id.
const stamp = "20060102T150405.000"

// Stamp is what the id of a run that begins now begins with: the time, or the
// moment after that of the newest run, where the clock has been set back since. So
// ids sort as runs began.
func Stamp(runs string, now time.Time) (string, error) {
	names, err := ids(runs)
	if err != nil {
		return "", err
	}
	for _, id := range names {
		if len(id) < len(stamp) {
			continue
		}
		if newest, err := time.Parse(stamp, id[:len(stamp)]); err == nil {
			if now = now.Truncate(time.Millisecond); !now.After(newest) {
				now = newest.Add(time.Millisecond)
			}
			break
		}
	}
	return now.UTC().Format(stamp), nil
}

// ids lists the runs, newest first: an id begins with its time.
func ids(runs string) ([]string, error) {
	entries, err := os.ReadDir(runs)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing runs: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	slices.Reverse(names)
	return names, nil
}
