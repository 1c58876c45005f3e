package graphsim_test

import (
	"os/exec"
	"strings"
	"testing"
)

func TestImportsOnlyTheStandardLibrary(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	got := strings.Fields(string(out))
	if len(got) != 1 || !strings.HasSuffix(got[0], "importer/graph/graphsim") {
		t.Errorf("packages outside the standard library: %v; a client and its simulator must not share code", got)
	}
}
