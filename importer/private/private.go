// Package private keeps files that only their owner may read, and replaces them
// whole.
//
// It promises that a file or folder it makes is readable by whoever runs the
// program, and by the machine's administrators, before the first byte is in it;
// and that a file is replaced whole or not at all, so that who reads it sees the
// old one or the new one and a crash leaves no half. It never makes anything more
// readable, but in [Share]. Anything that stores what people must not see may
// call it.
//
// On Unix that is the mode: 0600 for a file, 0700 for a folder. Windows knows no
// such modes: there the access control list is replaced by one that names the
// account itself, SYSTEM and the Administrators, and inherits nothing from the
// folder above. A file system without access control lists (FAT, some network
// shares) keeps files as readable as it likes.
package private

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Folder makes a folder that only its owner may read, and those above it that
// are missing. One that is there keeps its name and contents, and on Unix its
// mode as well.
func Folder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return closeFolder(dir)
}

// Replace writes a file that only its owner may read, whole or not at all. The
// contents are on disk when it returns; the folder is not flushed, so that a loss
// of power may bring the old file back.
func Replace(name string, write func(io.Writer) error) error {
	file, err := create(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if err := errors.Join(write(file), file.Sync(), file.Close()); err != nil {
		return err
	}
	return Rename(file.Name(), name)
}

// Rename replaces a file by another in its folder. Windows refuses that while
// anybody has the old one open, a reader included: there it is tried for two
// seconds.
func Rename(from, to string) error { return rename(from, to) }

// Share lets everybody read a file who may read in its folder: 0644 on Unix, what
// the folder passes on under Windows.
func Share(name string) error { return share(name) }
