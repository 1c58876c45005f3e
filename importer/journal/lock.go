package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"authseed/importer/sealed"
)

// BusyError is a run that another process is writing.
type BusyError struct {
	RunID string
	By    Process   // zero where the journal does not tell
	Since time.Time // likewise
}

func (e *BusyError) Error() string {
	text := fmt.Sprintf("run %s is still being written", e.RunID)
	if e.By.PID != 0 {
		text += fmt.Sprintf(" by process %d on %s, since %s", e.By.PID, e.By.Host, e.Since.Format(time.RFC3339))
	}
	return text
}

// take locks the run.
func (j *Journal) take(with ...sealed.Identity) error {
	runs, id := j.runs, j.id
	j.lock = flock.New(filepath.Join(runs, id, lockFile), flock.SetPermissions(0o600))
	// Whoever lists the runs holds the lock for a moment to see whether it is free.
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	locked, err := j.lock.TryLockContext(ctx, patience/10)
	switch {
	case locked:
		return nil
	case err != nil && !errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("locking run %s: %w", id, err)
	}
	if run, err := load(runs, id, with...); err == nil {
		return run.Busy()
	}
	return &BusyError{RunID: id}
}

// patience is how long a lock is waited for.
const patience = 300 * time.Millisecond

// held reports whether a process holds the lock.
func held(path string) bool {
	lock := flock.New(path, flock.SetFlag(os.O_RDWR))
	locked, err := lock.TryLock()
	if locked {
		_ = lock.Unlock()
	}
	return err == nil && !locked
}
