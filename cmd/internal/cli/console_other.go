//go:build !windows

package cli

import "os"

// understands reports whether a terminal takes escape sequences for colours.
func understands(*os.File) bool { return true }
