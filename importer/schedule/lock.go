package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"authseed/importer/private"
)

// Holder is whose a lock is.
type Holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// BusyError is a job that another process is running.
type BusyError struct {
	Job string
	By  Holder // zero where nobody tells
}

func (e *BusyError) Error() string {
	text := fmt.Sprintf("job %s is running already", e.Job)
	if e.By.PID != 0 {
		text += fmt.Sprintf(", in process %d on %s since %s", e.By.PID, e.By.Host, e.By.Since.Format(time.RFC3339))
	}
	return text
}

// Hint is the way out.
func (e *BusyError) Hint() string {
	return "let it finish, or wait for it with --lock-wait; a run that was killed holds no lock"
}

// patience is how long a lock is tried for where nobody waits: whoever looks
// whether it is held has it for a moment.
const patience = 300 * time.Millisecond

// Acquire makes the job's folder and locks it, waiting so long for another
// process. The system gives the lock back when the process ends, however it does.
func Acquire(ctx context.Context, folder, job string, wait time.Duration, as Holder) (release func() error, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("making the job's folder: %w", err)
	}
	lock := flock.New(filepath.Join(folder, "lock"), flock.SetPermissions(0o600))
	limited, cancel := context.WithTimeout(ctx, max(wait, patience))
	defer cancel()
	locked, err := lock.TryLockContext(limited, patience/10)
	switch {
	case locked:
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil && !errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("locking job %s: %w", job, err)
	default:
		return nil, &BusyError{Job: job, By: holder(folder)}
	}
	// Beside the lock, because some systems let nobody read a locked file.
	err = private.Replace(holderPath(folder), func(w io.Writer) error { return json.NewEncoder(w).Encode(as) })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking job %s: %w", job, err), lock.Close())
	}
	return func() error { return errors.Join(os.Remove(holderPath(folder)), lock.Close()) }, nil
}

func holderPath(folder string) string { return filepath.Join(folder, "holder.json") }

func holder(folder string) (h Holder) {
	if text, err := os.ReadFile(holderPath(folder)); err == nil {
		_ = json.Unmarshal(text, &h)
	}
	return h
}
