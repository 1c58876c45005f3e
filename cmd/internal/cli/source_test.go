package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"authseed/mapping/table"
)

// TestSteady refuses a file that changes while it is read, and no other.
func TestSteady(t *testing.T) {
	for name, change := range map[string]func(f *os.File) error{
		"nothing happens": nil,
		"it grows":        func(f *os.File) error { _, err := f.WriteAt([]byte("2,x\n"), 8); return err },
		"it is cut off":   func(f *os.File) error { return f.Truncate(4) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "hr.csv")
			if err := os.WriteFile(path, []byte("a,b\n1,x\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			file, err := openFile(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			s := &steady{File: file}
			if _, err := io.ReadFull(s, make([]byte, 2)); err != nil {
				t.Fatal(err)
			}
			if change != nil {
				writer, err := os.OpenFile(path, os.O_WRONLY, 0)
				if err != nil {
					t.Fatal(err)
				}
				if err := errors.Join(change(writer), writer.Close()); err != nil {
					t.Fatal(err)
				}
			}
			_, err = io.ReadAll(s)
			var refused *table.Error
			if errors.As(err, &refused) != (change != nil) || change == nil && err != nil {
				t.Errorf("read to the end: %v", err)
			}
		})
	}
}
