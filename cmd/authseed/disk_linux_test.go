package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// canMount tells whether a small disk can be made here.
func canMount(dir string) bool {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		return false
	}
	return syscall.Unmount(dir, 0) == nil
}

// disk DIR BYTES makes a disk of that size in memory; disk DIR full fills it,
// disk DIR full LEAVE leaves so many bytes, disk DIR free undoes that, disk
// DIR read-only makes it read-only and disk DIR writable undoes that.
func disk(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: disk DIR BYTES|full|free|read-only|writable")
	}
	dir := ts.MkAbs(args[0])
	filler := filepath.Join(dir, "filler")
	switch args[1] {
	case "full":
		leave := 0
		if len(args) > 2 {
			var err error
			leave, err = strconv.Atoi(args[2])
			ts.Check(err)
		}
		var s syscall.Statfs_t
		ts.Check(syscall.Statfs(dir, &s))
		ts.Check(os.WriteFile(filler, make([]byte, max(0, int(s.Bavail)*int(s.Bsize)-leave)), 0o600))
	case "free":
		ts.Check(os.Remove(filler))
	case "read-only":
		ts.Check(syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	case "writable":
		ts.Check(syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, ""))
	default:
		ts.Check(os.MkdirAll(dir, 0o700))
		ts.Check(syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%s", args[1])))
		ts.Defer(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	}
}
