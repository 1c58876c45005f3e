//go:build unix

package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestPipeThatEndsEarly: what was read of the last row is no row, and nothing
// hangs.
func TestPipeThatEndsEarly(t *testing.T) {
	for name, test := range map[string]struct {
		content, want string
		status        int
	}{
		"at once":           {"", "the file is empty", 1},
		"in the header":     {"userPrincipal", "no mapping fits for certain", 1},
		"in a row":          {"userPrincipalName,mobile,email\nann@contoso.example,+1 206 5", "2 cells where the header has 3", 3},
		"in a quoted value": {"userPrincipalName,mobile\nann@contoso.example,\"+1 206 555", "the quote that opens cell 2 is not closed", 3},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "fifo")
			if err := syscall.Mkfifo(path, 0o600); err != nil {
				t.Fatal(err)
			}
			wrote := make(chan error, 1)
			go func() { wrote <- os.WriteFile(path, []byte(test.content), 0) }()
			var stdout, stderr bytes.Buffer
			status := Run(context.Background(), Env{
				Version: "test", Args: []string{"check", path}, Getenv: func(string) string { return "" },
				Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
			})
			if err := <-wrote; err != nil {
				t.Fatal(err)
			}
			if said := stdout.String() + stderr.String(); status != test.status || !strings.Contains(strings.Join(strings.Fields(said), " "), test.want) {
				t.Errorf("status %d\n%s", status, said)
			}
		})
	}
}
