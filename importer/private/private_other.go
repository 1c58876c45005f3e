//go:build !windows

package private

import "os"

func closeFolder(string) error { return nil } // made so by its mode

func create(dir string) (*os.File, error) { return os.CreateTemp(dir, ".authseed-*") } // 0600

func share(name string) error { return os.Chmod(name, 0o644) }

func rename(from, to string) error { return os.Rename(from, to) }
