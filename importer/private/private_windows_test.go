package private_test

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"authseed/importer/private"
)

// access is who may do what to a file, in the security descriptor definition
// language.
func access(t *testing.T, name string) string {
	t.Helper()
	descriptor, err := windows.GetNamedSecurityInfo(name, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		t.Fatal(err)
	}
	return descriptor.String()
}

// TestAccess: the account, SYSTEM and Administrators, nothing inherited; while it is
// written, afterwards, and in a folder.
func TestAccess(t *testing.T) {
	account, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		t.Fatal(err)
	}
	closed := regexp.MustCompile(`^D:P(AI)?(\(A;(OICI)?;FA;;;(SY|BA|LA|` + account.User.Sid.String() + `)\)){2,3}$`)
	dir := filepath.Join(t.TempDir(), "runs")
	if err := private.Folder(dir); err != nil {
		t.Fatal(err)
	}
	if got := access(t, dir); !closed.MatchString(got) {
		t.Errorf("the folder is open to %s", got)
	}
	name := filepath.Join(t.TempDir(), "plan.json")
	err = private.Replace(name, func(w io.Writer) error {
		if got := access(t, w.(*os.File).Name()); !closed.MatchString(got) {
			t.Errorf("while it is written the file is open to %s", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := access(t, name); !closed.MatchString(got) {
		t.Errorf("the file is open to %s", got)
	}
	if err := private.Share(name); err != nil {
		t.Fatal(err)
	}
	if got := access(t, name); closed.MatchString(got) {
		t.Errorf("shared, the file is open to %s alone", got)
	}
}

// TestReplaceWhatIsRead: who reads the old file is waited for.
func TestReplaceWhatIsRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "plan.json")
	if err := private.Replace(name, text("old")); err != nil {
		t.Fatal(err)
	}
	reader, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(300*time.Millisecond, func() { reader.Close() })
	if err := private.Replace(name, text("new")); err != nil {
		t.Fatal(err)
	}
	holds(t, filepath.Dir(name), map[string]string{"plan.json": "new"})
}
