package private

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
	"unsafe"

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

func closeFolder(dir string) error {
	descriptor, err := describe(folderAccess)
	if err != nil {
		return err
	}
	return setAccess(dir, descriptor, windows.PROTECTED_DACL_SECURITY_INFORMATION)
}

// create makes a file under a name of its own. Its list is there with its name: one
// that is made first and closed then could be opened by others in between, and read
// later.
func create(dir string) (*os.File, error) {
	descriptor, err := describe(fileAccess)
	if err != nil {
		return nil, err
	}
	attributes := &windows.SecurityAttributes{SecurityDescriptor: descriptor}
	attributes.Length = uint32(unsafe.Sizeof(*attributes))
	name := filepath.Join(dir, ".authseed-"+rand.Text())
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	handle, err := windows.CreateFile(path, windows.GENERIC_READ|windows.GENERIC_WRITE,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE, attributes, windows.CREATE_NEW, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(handle), name), nil
}

// describe fills the account in that runs this.
func describe(access string) (*windows.SECURITY_DESCRIPTOR, error) {
	account, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, fmt.Errorf("asking who runs this: %w", err)
	}
	descriptor, err := windows.SecurityDescriptorFromString(fmt.Sprintf(access, account.User.Sid))
	if err != nil {
		return nil, fmt.Errorf("describing who may read: %w", err)
	}
	return descriptor, nil
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
