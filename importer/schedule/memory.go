package schedule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// MemoryVersion is the version of the memory that is written.
//
// The memory of a job is one JSON object in the file memory.json of its folder:
//
//	format_version, job, tenant (id)
//	open_run     a run that began and of whose end nothing is known here; absent otherwise
//	unchanged    how many runs since the last that went to the tenant met the same file
//	good         the last good run, absent before the first: at, plan_id, run_id (absent
//	             where nothing was to be written), source {name, sha256, modified, etag,
//	             rows}, header (names of columns), values (usable ones, by method), inputs
//	             (digest of what else decides), counts {planned, done, open}
const MemoryVersion = 1

// Memory is what a job knows of its nights. It holds no value of a person.
type Memory struct {
	FormatVersion int    `json:"format_version"`
	Job           string `json:"job"`
	Tenant        string `json:"tenant"`
	OpenRun       string `json:"open_run,omitempty"`
	Unchanged     int    `json:"unchanged"`
	Good          *Good  `json:"good,omitempty"`
}

// Good is a run that came to its end.
type Good struct {
	At     time.Time `json:"at"`
	PlanID string    `json:"plan_id"`
	RunID  string    `json:"run_id,omitempty"`
	Sight
	Inputs string `json:"inputs"`
	Counts Counts `json:"counts"`
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
// second look at the tenant: that run left nothing open, nothing else that decides
// has changed, and a run that looks all the same is not due.
func (m *Memory) MaySkip(inputs string, every int) bool {
	return m.Good != nil && m.OpenRun == "" && m.Good.Counts.Open == 0 && m.Good.Inputs == inputs && m.Unchanged+1 < every
}

// MemoryError is a memory that cannot be used.
type MemoryError struct{ Path, Why string }

func (e *MemoryError) Error() string { return fmt.Sprintf("the job's memory %s %s", e.Path, e.Why) }

// Hint is the way out.
func (e *MemoryError) Hint() string {
	return "move it away: the next run has no last good run to compare with, and is held against the limits alone"
}

func memoryPath(folder string) string { return filepath.Join(folder, "memory.json") }

// Recall reads the memory of a job, an empty one where there is none yet.
func Recall(folder, job, tenant string) (*Memory, error) {
	path := memoryPath(folder)
	text, err := os.ReadFile(path)
	m := &Memory{FormatVersion: MemoryVersion, Job: job, Tenant: tenant}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return m, nil
	case err != nil:
		return nil, fmt.Errorf("reading the job's memory: %w", err)
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
func (m *Memory) Keep(folder string) error {
	err := Replace(memoryPath(folder), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(m)
	})
	if err != nil {
		return fmt.Errorf("keeping the job's memory: %w", err)
	}
	return nil
}

// Replace writes a file that only its owner may read, whole or not at all.
func Replace(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".authseed-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	err = errors.Join(write(file), file.Chmod(0o600), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	return err
}
