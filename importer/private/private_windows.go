package private

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// The access control lists, in the security descriptor definition language
// (learn.microsoft.com, "ACE Strings"): protected from inheritance, full access
// for one account, SYSTEM and the built-in Administrators. A folder passes the
// same on to what is made in it. The owner is named by the account and not as
// "owner rights": what an elevated administrator makes belongs to all of them.
const (
	fileAccess   = "D:P(A;;FA;;;%[1]s)(A;;FA;;;SY)(A;;FA;;;BA)"
	folderAccess = "D:P(A;OICI;FA;;;%[1]s)(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
)

func closeFolder(dir string) error { return protect(dir, folderAccess) }

func closeFile(file *os.File) error { return protect(file.Name(), fileAccess) }

func protect(name, access string) error {
	account, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return fmt.Errorf("asking who runs this: %w", err)
	}
	descriptor, err := windows.SecurityDescriptorFromString(fmt.Sprintf(access, account.User.Sid))
	if err != nil {
		return fmt.Errorf("describing who may read: %w", err)
	}
	return setAccess(name, descriptor, windows.PROTECTED_DACL_SECURITY_INFORMATION)
}

// share takes away the list's own entries and lets it inherit again.
func share(name string) error {
	descriptor, err := windows.SecurityDescriptorFromString("D:")
	if err != nil {
		return fmt.Errorf("describing who may read: %w", err)
	}
	return setAccess(name, descriptor, windows.UNPROTECTED_DACL_SECURITY_INFORMATION)
}

func setAccess(name string, descriptor *windows.SECURITY_DESCRIPTOR, inherit windows.SECURITY_INFORMATION) error {
	list, _, err := descriptor.DACL()
	if err != nil {
		return fmt.Errorf("describing who may read: %w", err)
	}
	err = windows.SetNamedSecurityInfo(name, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION|inherit, nil, nil, list, nil)
	if errors.Is(err, windows.ERROR_INVALID_FUNCTION) || errors.Is(err, windows.ERROR_NOT_SUPPORTED) {
		return nil // a file system without access control lists
	}
	if err != nil {
		return &os.PathError{Op: "restricting", Path: name, Err: err}
	}
	return nil
}

// patience is how long a file that is in the way is waited for: virus scanners
// and indexers open new files for a moment.
const patience = 2 * time.Second

// rename replaces a file. Windows refuses that while anybody has the old one
// open, a reader included.
func rename(from, to string) error {
	for wait, waited := time.Millisecond, time.Duration(0); ; wait *= 2 {
		err := os.Rename(from, to)
		if err == nil || waited >= patience || !inTheWay(err) {
			return err
		}
		time.Sleep(wait)
		waited += wait
	}
}

func inTheWay(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}
