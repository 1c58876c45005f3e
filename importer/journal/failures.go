package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"authseed/importer/private"
	"authseed/importer/sealed"
)

// FailuresPath is where the list of what a run left open is kept.
func FailuresPath(runs, id string) string { return filepath.Join(runs, id, "failed.csv") }

// WriteFailures replaces the list of what the run left open, whole or not at
// all. It holds clear values, so only its owner may read it, and where the run is
// sealed it is an age file to the same recipients.
func (j *Journal) WriteFailures(write func(io.Writer) error) error {
	err := private.Replace(FailuresPath(j.runs, j.id), func(w io.Writer) error {
		return sealed.Write(w, j.secret.recipients(), write)
	})
	if err != nil {
		return fmt.Errorf("writing the list of failures: %w", err)
	}
	return nil
}

// RemoveFailures takes the list away, where there is one: nothing is open any
// more.
func (j *Journal) RemoveFailures() error {
	if err := os.Remove(FailuresPath(j.runs, j.id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing the list of failures: %w", err)
	}
	return nil
}
