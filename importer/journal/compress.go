package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"authseed/importer/sealed"
)

// Compress packs the files of a run as [Run.Compress] does, where it can be read.
func Compress(runs, id string) error {
	if id != Last && !toPack(filepath.Join(runs, id)) {
		return nil // which is known before it is read
	}
	run, err := Read(runs, id)
	switch {
	case sealed.Locked(err):
		return nil
	case err != nil:
		return err
	}
	return run.Compress(runs)
}

// Compress packs journal and plan of a run that nobody will write to any more:
// one that is done or rolled back, or that left open what the service said no to.
// One that a resume would take up stays as it is, for it would only be unpacked
// again. So do a sealed one, where it is text made of random bytes and would not
// lose a quarter; a plan with signatures beside it, which whoever looks at the
// evidence holds against plan.json with ssh-keygen; and what is small. Doing it
// twice does nothing.
//
// The plain file is removed when the packed one was read back whole and is on disk
// under its name. Whoever reads meanwhile reads one or the other. An error leaves
// the run as readable as it was.
func (r *Run) Compress(runs string) error {
	if r == nil || r.secret != nil || !r.over() {
		return nil
	}
	dir := filepath.Join(runs, r.RunID)
	j := &Journal{runs: runs, id: r.RunID}
	var busy *BusyError
	switch err := j.take(); {
	case errors.As(err, &busy), errors.Is(err, fs.ErrNotExist):
		return nil // somebody goes on with it, or has removed it
	case err != nil:
		return err
	}
	err := r.pack(dir)
	if err != nil {
		err = fmt.Errorf("compressing run %s: %w", r.RunID, err)
	}
	return errors.Join(err, j.release())
}

// over reports that nobody will write to the run any more.
func (r *Run) over() bool {
	switch r.State {
	case Finished, RolledBack:
		return true
	case Incomplete:
		return r.Resumable() == 0
	}
	return false
}

func (r *Run) pack(dir string) error {
	if err := sweep(dir); err != nil {
		return err
	}
	path := filepath.Join(dir, journalFile)
	switch whole, err := r.isAll(path); {
	case errors.Is(err, fs.ErrNotExist): // it is packed
	case err != nil:
		return err
	case !whole:
		return nil // somebody went on with it since it was read
	default:
		if err := packFile(path); err != nil {
			return err
		}
	}
	if signed, err := signatures(dir); err != nil || signed {
		return err
	}
	return packFile(filepath.Join(dir, planFile))
}

// isAll reports that a journal is the one that was read, and has no line more. The
// hash at its end stands for all of it.
func (r *Run) isAll(path string) (bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || info.Size() != r.whole {
		return false, err
	}
	end := hashMember + r.hash + "\"}\n"
	last := make([]byte, len(end))
	if _, err := file.ReadAt(last, r.whole-int64(len(end))); err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return string(last) == end, nil
}

// signatures reports whether somebody has signed the plan.
func signatures(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if beside, ok := strings.CutPrefix(e.Name(), planFile); ok && beside != "" && beside != packed {
			return true, err
		}
	}
	return false, err
}

// toPack reports whether a folder has something that may be worth packing, or else
// nothing that is known of.
func toPack(dir string) bool {
	small := 0
	for _, name := range []string{journalFile, planFile} {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			_, err = os.Stat(path + packed)
		} else if err == nil && info.Size() >= worthIt {
			return true
		}
		if err == nil {
			small++
		}
	}
	return small < 2
}

// packFile packs a file that is there and worth it.
func packFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil || info.Size() < worthIt:
		return err
	}
	return packing(path).do()
}
