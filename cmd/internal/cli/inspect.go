package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"authseed/importer"
)

func (a *app) inspectCommand() *cobra.Command {
	var (
		source sourceFlags
		save   string
	)
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Say what a file is and which mapping would read it",
		Long: `Inspect reads the file to its end and says what it is: format, encoding,
delimiter, header row, columns with masked samples, the mapping that would be
chosen and how sure that is, and what will come up. It asks no tenant. Columns
that the mapping does not use are counted and never shown.`,
		Example: `  authseed inspect hr.csv
  authseed inspect hr.xlsx --write-mapping mapping.yaml`,
		Args: exactly(1, "FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, closeFile, err := source.open(a, args[0])
			if err != nil {
				return err
			}
			defer closeFile()
			in, err := importer.Inspect(cmd.Context(), file)
			if err != nil {
				return err
			}
			if err := a.view(lookFlags{}).Inspection(in); err != nil {
				return err
			}
			if save == "" {
				return nil
			}
			if in.Mapping == nil {
				return &hinted{errors.New("there is no mapping to write: none fits"), "authseed help mapping describes the file; the columns are listed above"}
			}
			if err := newFile(save, func(w io.Writer) error { _, err := w.Write(in.Mapping); return err }); err != nil {
				return err
			}
			a.say("wrote %s; try it with authseed check --mapping %s %s", save, save, args[0])
			return nil
		},
	}
	source.addPreset(cmd.Flags())
	cmd.Flags().StringVar(&save, "write-mapping", "", "save the mapping to this new file")
	return cmd
}

// newFile writes a file that must not be there yet: a mapping that somebody has
// edited is not overwritten by one that was guessed.
func newFile(name string, write func(io.Writer) error) error {
	if exists(name) {
		return &hinted{fmt.Errorf("%s is there already", name), "give another name, or remove it first"}
	}
	return replaceFile(name, write)
}
