package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Holder is who works on a tenant.
type Holder struct {
	Host    string    `json:"host"`
	Process int       `json:"process"`
	Since   time.Time `json:"since"`
}

func thisProcess() Holder {
	host, _ := os.Hostname() // a name to tell people, nothing relies on it
	return Holder{host, os.Getpid(), time.Now().UTC().Truncate(time.Second)}
}

// BusyError is a tenant that another process works on.
type BusyError struct {
	Tenant string
	By     Holder // zero where it cannot be told
}

func (e *BusyError) Error() string {
	text := "another run works on tenant " + e.Tenant
	if e.By.Process != 0 {
		text += fmt.Sprintf(": process %d on %s, since %s", e.By.Process, e.By.Host, e.By.Since.Format(time.RFC3339))
	}
	return text
}

// Lock is held until it is unlocked or the process ends.
type Lock struct {
	held   func(ctx context.Context) error
	unlock func() error
}

// Held tells whether the lock still is this process's: one in PostgreSQL is lost
// with its connection, and somebody else may have it since.
func (l *Lock) Held(ctx context.Context) error { return l.held(ctx) }

// Unlock lets the next one in.
func (l *Lock) Unlock() error { return l.unlock() }

// every is how often a lock that somebody else has is tried.
const every = 100 * time.Millisecond

// await tries until it is true, or the time is over.
func await(ctx context.Context, wait time.Duration, try func() (bool, error)) (bool, error) {
	until := time.Now().Add(wait)
	for {
		ok, err := try()
		if ok || err != nil || !time.Now().Before(until) {
			return ok, err
		}
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-time.After(min(every, time.Until(until))):
		}
	}
}

// lock takes the tenant's lock of a folder. Who has it stands in a file beside
// it, because on Windows nobody can read a file that is locked; what an earlier
// holder left there is never shown, for it is only read while the lock is held.
func (f *file) lock(ctx context.Context, wait time.Duration) (*Lock, error) {
	failed := func(err error) (*Lock, error) { return nil, fmt.Errorf("locking tenant %s: %w", f.tenant, err) }
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return failed(err)
	}
	lock, holder := flock.New(f.path("lock"), flock.SetPermissions(0o600)), f.path("holder")
	locked, err := await(ctx, wait, lock.TryLock)
	switch {
	case err != nil:
		return failed(err)
	case !locked:
		busy := &BusyError{Tenant: f.tenant}
		if text, err := os.ReadFile(holder); err == nil {
			_ = json.Unmarshal(text, &busy.By) // half of it would be nobody
		}
		return nil, busy
	}
	text, err := json.Marshal(thisProcess())
	if err == nil {
		err = writeWhole(holder, append(text, '\n'))
	}
	if err != nil {
		_ = lock.Unlock()
		return failed(err)
	}
	return &Lock{
		held: func(context.Context) error { return nil },
		unlock: func() error {
			_ = os.Remove(holder)
			return lock.Unlock()
		},
	}, nil
}

func (f *file) path(suffix string) string { return filepath.Join(f.dir, f.tenant+"."+suffix) }
