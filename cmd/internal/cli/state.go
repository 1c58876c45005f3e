package cli

import (
	"errors"
	"path/filepath"
	"runtime"
)

// stateHome is where the platform keeps application state.
func stateHome(getenv func(string) string) (string, error) {
	home := getenv("HOME")
	switch runtime.GOOS {
	case "windows":
		if dir := getenv("LocalAppData"); dir != "" {
			return dir, nil
		}
	case "darwin":
		if home != "" {
			return filepath.Join(home, "Library", "Application Support"), nil
		}
	default:
		if dir := getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
			return dir, nil
		}
		if home != "" {
			return filepath.Join(home, ".local", "state"), nil
		}
	}
	return "", errors.New("the environment does not tell where state is kept")
}
