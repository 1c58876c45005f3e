package schedule

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"authseed/importer/private"
)

// MemoryVersion is the version of the memory that is written.
//
// The memory of a job is one JSON object, in the file memory.json of its folder or
// in the database of jobs that move between hosts:
//
//	format_version, job, tenant (id)
//	open_run     a run that began and of whose end nothing is known here; absent otherwise
//	unrecorded   runs that the ledger could not be told of, to be told yet; absent otherwise
//	waiting      plans that were kept for approval, the oldest first, absent where
//	             there are none: plan_id, digest, valid_until, file
//	unchanged    how many runs since the last that asked the tenant about everybody
//	good         the last good run, absent before the first: at, plan_id, run_id (absent
//	             where nothing was to be written), source {name, sha256, modified, etag,
//	             rows}, header (names of columns), values (usable ones, by method), inputs
//	             (digest of what else decides), unusable (rows), counts {planned, done, open}
const MemoryVersion = 1

// Memory is what a job knows of its nights. It holds no value of a person.
type Memory struct {
	FormatVersion int       `json:"format_version"`
	Job           string    `json:"job"`
	Tenant        string    `json:"tenant"`
	OpenRun       string    `json:"open_run,omitempty"`
	Unrecorded    []string  `json:"unrecorded,omitempty"`
	Waiting       []Waiting `json:"waiting,omitempty"`
	Unchanged     int       `json:"unchanged"`
	Good          *Good     `json:"good,omitempty"`
}

// Good is a run that came to its end.
type Good struct {
	At     time.Time `json:"at"`
	PlanID string    `json:"plan_id"`
	RunID  string    `json:"run_id,omitempty"`
	Sight
	Inputs   string `json:"inputs"`
	Unusable int    `json:"unusable,omitempty"` // rows
	Counts   Counts `json:"counts"`
}

// Waiting is a plan that was kept for people to sign.
type Waiting struct {
	PlanID     string    `json:"plan_id"`
	Digest     string    `json:"digest"` // of the plan
	ValidUntil time.Time `json:"valid_until"`
	File       string    `json:"file"`
}

// Sight is what can be seen of a file without a tenant.
type Sight struct {
	Source Export         `json:"source"`
	Header []string       `json:"header,omitempty"`
	Values map[string]int `json:"values,omitempty"` // usable ones, by method
}

// Export is a file as it arrived. Modified and ETag are empty where nobody says.
type Export struct {
	Name     string    `json:"name"`
	SHA256   string    `json:"sha256"`
	Modified time.Time `json:"modified,omitzero"`
	ETag     string    `json:"etag,omitempty"`
	Rows     int       `json:"rows"`
}

// Counts are those of the run.
type Counts struct {
	Planned int `json:"planned"`
	Done    int `json:"done"`
	Open    int `json:"open"`
}

// MaySkip reports whether a file that is the one of the last good run needs no
// second look at the tenant: that run left nothing open, no plan waits for
// approval, nothing else that decides has changed, and a run that looks all the
// same is not due.
func (m *Memory) MaySkip(inputs string, every int) bool {
	return m.Good != nil && m.OpenRun == "" && len(m.Waiting) == 0 && m.Good.Counts.Open == 0 && m.Good.Inputs == inputs && m.Unchanged+1 < every
}

// Shelf is where the memory of one job is kept.
type Shelf interface {
	// Read gives what was written last, nil where there is nothing yet.
	Read(ctx context.Context) ([]byte, error)
	// Write keeps the text, whole or not at all.
	Write(ctx context.Context, text []byte) error
	// Place names it in messages.
	Place() string
}

// Folder is a job's folder, whose memory is the file memory.json.
type Folder string

// Place is the file.
func (f Folder) Place() string { return filepath.Join(string(f), "memory.json") }

// Read reads the file.
func (f Folder) Read(context.Context) ([]byte, error) {
	text, err := os.ReadFile(f.Place())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && text == nil {
		text = []byte{}
	}
	return text, err
}

// Write replaces the file.
func (f Folder) Write(_ context.Context, text []byte) error {
	return private.Replace(f.Place(), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// Shared is the shelf of a job that moves between hosts: one that all of them know,
// and this host's own, which stands in for it when it is away. What was written to
// the shared one alone, by another host, goes before; what was written here while it
// was away, too, unless another host has written since.
type Shared struct {
	Here  Folder
	There Shelf
	Away  func(error) // told that what was written is here alone; may be nil
}

// Place is that of the shared shelf.
func (s Shared) Place() string { return s.There.Place() }

// seen is the file with the digest of what the shared shelf was last known to have.
func (s Shared) seen() string { return filepath.Join(string(s.Here), "memory.shared") }

// Read gives what the shared shelf has, or what is here where nobody else has
// written to that since, or it has nothing. A shared shelf that is away is an error:
// what another host did is not known.
func (s Shared) Read(ctx context.Context) ([]byte, error) {
	there, err := s.There.Read(ctx)
	if err != nil {
		return nil, err
	}
	seen, err := os.ReadFile(s.seen())
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case there == nil || string(seen) == digestOf(there):
		return s.Here.Read(ctx)
	}
	if err := s.Here.Write(ctx, there); err != nil {
		return nil, err
	}
	return there, s.saw(there)
}

// saw notes what the shared shelf has.
func (s Shared) saw(there []byte) error {
	return private.Replace(s.seen(), func(w io.Writer) error {
		_, err := io.WriteString(w, digestOf(there))
		return err
	})
}

// Write keeps the text here and there. A shared shelf that is away is told, and no
// error.
func (s Shared) Write(ctx context.Context, text []byte) error {
	if err := s.Here.Write(ctx, text); err != nil {
		return err
	}
	if err := s.There.Write(ctx, text); err != nil {
		if s.Away != nil {
			s.Away(err)
		}
		return nil
	}
	return s.saw(text)
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// MemoryError is a memory that cannot be used.
type MemoryError struct{ Place, Why string }

func (e *MemoryError) Error() string { return fmt.Sprintf("the job's memory %s %s", e.Place, e.Why) }

// Hint is the way out.
func (e *MemoryError) Hint() string {
	return "move it away: the next run has no last good run to compare with, and is held against the limits alone"
}

// Recall reads the memory of a job, an empty one where there is none yet.
func Recall(ctx context.Context, from Shelf, job, tenant string) (*Memory, error) {
	path := from.Place()
	text, err := from.Read(ctx)
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the job's memory: %w", err)
	case text == nil:
		return &Memory{FormatVersion: MemoryVersion, Job: job, Tenant: tenant}, nil
	}
	var head struct {
		FormatVersion int `json:"format_version"`
	}
	if json.Unmarshal(text, &head) == nil && head.FormatVersion > MemoryVersion {
		return nil, &MemoryError{path, fmt.Sprintf("has format_version %d, and this authseed reads %d", head.FormatVersion, MemoryVersion)}
	}
	var read Memory
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&read); err != nil || read.FormatVersion != MemoryVersion || d.More() {
		return nil, &MemoryError{path, "is damaged"}
	}
	if read.Job != job || tenant != "" && !strings.EqualFold(read.Tenant, tenant) {
		return nil, &MemoryError{path, fmt.Sprintf("is of job %s in tenant %s", read.Job, read.Tenant)}
	}
	return &read, nil
}

// Keep writes the memory, whole or not at all.
func (m *Memory) Keep(ctx context.Context, on Shelf) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err == nil {
		err = on.Write(ctx, append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("keeping the job's memory: %w", err)
	}
	return nil
}
