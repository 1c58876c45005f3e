package cli

import (
	"os"

	"golang.org/x/sys/windows"
)

// understands asks a console to take escape sequences for colours, which one of
// before Windows 10 does not, and which others do only when asked
// (learn.microsoft.com, "Console Virtual Terminal Sequences").
func understands(console *os.File) bool {
	handle := windows.Handle(console.Fd())
	var mode uint32
	if windows.GetConsoleMode(handle, &mode) != nil {
		return false
	}
	return mode&windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING != 0 ||
		windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
