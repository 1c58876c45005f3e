package cli

import (
	"fmt"

	"github.com/spf13/pflag"

	"authseed/importer"
	"authseed/importer/plan"
)

// neverFlags name the people whom nothing plans, whatever is included.
type neverFlags struct {
	neverFile string
	never     plan.Never // once it was read
}

func (f *neverFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.neverFile, "never", "", "file of people who are never planned, such as break-glass accounts, by userPrincipalName or id; no --include lifts it")
}

// read reads the list, where one is named. A list that cannot be read is no
// reason to go on without it.
func (f *neverFlags) read() error {
	if f.neverFile == "" {
		return nil
	}
	content, err := openFile(f.neverFile)
	if err != nil {
		return fmt.Errorf("--never: %w", err)
	}
	defer content.Close()
	if f.never, err = importer.ReadNever(f.neverFile, &steady{File: content}); err != nil {
		return fmt.Errorf("--never: %w", err)
	}
	return nil
}
