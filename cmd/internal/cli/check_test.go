package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authseed/cmd/internal/cli"
)

// TestCheckIsInterrupted: a check whose context is cancelled exits with 130 and
// shows no result.
func TestCheckIsInterrupted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hr.csv")
	if err := os.WriteFile(file, []byte("userPrincipalName,mobile\nada@contoso.example,+1 2065550101\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		cancelled bool
		status    int
		out, said string
	}{
		{false, 0, "1  used", ""},
		{true, 130, "", "authseed: error: interrupted"},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		if test.cancelled {
			cancel()
		}
		var out, said bytes.Buffer
		status := cli.Run(ctx, cli.Env{
			Version: "test", Args: []string{"check", file}, Getenv: func(string) string { return "" },
			Stdin: strings.NewReader(""), Stdout: &out, Stderr: &said,
		})
		cancel()
		if status != test.status || !strings.Contains(out.String(), test.out) || test.out == "" && out.Len() > 0 || !strings.Contains(said.String(), test.said) {
			t.Errorf("cancelled %t: exit status %d\n%s%s", test.cancelled, status, out.String(), said.String())
		}
	}
}
