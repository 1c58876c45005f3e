package cli

import (
	"bytes"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// TestPager: a short result needs no program, a long one gets all of it through,
// and whatever the program does is no error of the result's.
func TestPager(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no sh to be a pager")
	}
	line := strings.Repeat("x", 99) + "\n"
	for _, test := range []struct {
		name, program string
		lines         int
		want          func(string) bool
		left          bool
	}{
		{"fits", "exit 3", 5, func(s string) bool { return s == strings.Repeat(line, 5) }, false},
		{"whole", "sed s/x/y/", 500, func(s string) bool { return strings.Count(s, "y") == 500 && len(s) == 500*len(line) }, false},
		{"fails", "cat >/dev/null; exit 3", 500, func(s string) bool { return s == "" }, false},
		{"quits", "exit 3", 50000, func(s string) bool { return s == "" }, true},
		{"cannot start", "", 500, func(s string) bool { return len(s) == 500*len(line) }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			command := exec.Command("sh", "-c", test.program)
			if test.program == "" {
				command = exec.Command("/nowhere/less")
			}
			command.Stdout = &out
			p := &pager{command: command, out: &out, height: 24}
			err := p.show(func(w io.Writer) error {
				for range test.lines {
					if _, err := w.Write([]byte(line)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil || p.left != test.left || !test.want(out.String()) {
				t.Errorf("%v, left %t, %d bytes", err, p.left, out.Len())
			}
			p = &pager{command: exec.Command("sh", "-c", "cat"), out: &out, height: 24}
			broken := errors.New("broken")
			if err := p.show(func(w io.Writer) error { return broken }); !errors.Is(err, broken) {
				t.Errorf("an error of the result is lost: %v", err)
			}
		})
	}
}

func TestLookup(t *testing.T) {
	environ := []string{"PAGERS=x", "PAGER=", "LESS=a=b"}
	for name, want := range map[string]string{"PAGER": " true", "LESS": "a=b true", "MORE": " false"} {
		value, set := lookup(environ, name)
		if got := value + map[bool]string{true: " true", false: " false"}[set]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
