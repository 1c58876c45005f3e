package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLook: what does not compile for a system is found, and what vet would find,
// in the files of that system and in no other.
func TestLook(t *testing.T) {
	for _, c := range []struct{ name, file, text, system, want string }{
		{"right", "a_windows.go", "func f() string { return strings.ToUpper(``) }", "windows", ""},
		{"does not compile", "a_windows.go", "func f() int { return strings.ToUpper(``) }", "windows", "cannot use"},
		{"does not compile, elsewhere", "a_windows.go", "func f() int { return strings.ToUpper(``) }", "darwin", ""},
		{"unused import", "a_darwin.go", "func f() {}", "darwin", "imported and not used"},
		{"vet", "a_darwin.go", "func f() { strings.ToUpper(``); fmt.Sprintf(`%d`, ``) }\nvar _ = fmt.Sprint", "darwin", "wrong type"},
		{"vet, in a test", "a_windows_test.go", "func f() { strings.ToUpper(``); fmt.Println(fmt.Sprintf(`%d`, ``)) }", "windows", "wrong type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			head := "package a\n\nimport \"strings\"\n"
			if strings.Contains(c.text, "fmt.") {
				head += "import \"fmt\"\n"
			}
			for name, text := range map[string]string{"go.mod": "module a\n\ngo 1.26\n", "a.go": "package a\n", c.file: head + c.text + "\n"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			found, err := look(dir, append(os.Environ(), "GOFLAGS=", "GOOS="+c.system, "GOARCH=arm64", "CGO_ENABLED=0"))
			if err != nil {
				t.Fatal(err)
			}
			if all := strings.Join(found, "\n"); (c.want == "") != (len(found) == 0) || !strings.Contains(all, c.want) {
				t.Errorf("found %q, want %q", all, c.want)
			}
		})
	}
}
