package journal

import (
	"fmt"
	"os"
	"path/filepath"
)

// KeepBeside keeps a file beside the plan of a run, under the plan's name and
// the suffix: a signature of plan.json is plan.json and its suffix here too.
func KeepBeside(runs, id, suffix string, text []byte) error {
	if err := os.WriteFile(filepath.Join(runs, id, planFile+suffix), text, 0o600); err != nil {
		return fmt.Errorf("keeping what belongs to the run's plan: %w", err)
	}
	return nil
}
