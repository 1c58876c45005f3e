package ledger

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/gofrs/flock"

	"authseed/importer/private"
)

// Key is the secret of the hashes. It prints as nothing.
type Key [32]byte

// String keeps the key out of messages.
func (Key) String() string { return "(key)" }

// GoString does too.
func (Key) GoString() string { return "(key)" }

// ParseKey reads 32 bytes in base64, as openssl rand -base64 32 writes them. Its
// error does not show the text.
func ParseKey(text string) (k Key, err error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(raw) != len(k) {
		return k, errors.New("a key is 32 bytes in base64")
	}
	return Key(raw), nil
}

// Place is where ledgers are kept: in a folder, or in a PostgreSQL database. The
// zero Place keeps none.
type Place struct {
	Dir string // a folder, made when something is recorded
	URL string // postgres://..., instead of Dir; holds a secret
	Key *Key   // nil: the file key in Dir; a URL needs one
}

// IsZero reports whether no ledger is kept.
func (p Place) IsZero() bool { return p.Dir == "" && p.URL == "" }

// Check finds what is wrong with the place without asking anybody.
func (p Place) Check() error {
	if p.URL == "" {
		return nil
	}
	u, err := url.Parse(p.URL)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return errors.New("not the address of a PostgreSQL database") // url's error would show the password
	}
	if _, err := config(p.URL); err != nil {
		return err
	}
	if p.Key == nil {
		return errors.New("a ledger in PostgreSQL needs a key that is not there")
	}
	return nil
}

// Open gives the ledger of a tenant, by its id. It touches nothing yet: a ledger
// that is not there or cannot be reached tells when it is asked or written. The
// zero Place is a [*LostError].
func (p Place) Open(tenant string) (*Ledger, error) {
	if p.IsZero() {
		return nil, &LostError{What: "no ledger is kept here"}
	}
	if !plain.MatchString(tenant) {
		return nil, fmt.Errorf("opening ledger: %q is not the id of a tenant", tenant)
	}
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("opening ledger: %w", err)
	}
	tenant = strings.ToLower(tenant)
	if p.URL != "" {
		return &Ledger{tenant, &postgres{url: p.URL, tenant: tenant, secret: *p.Key}}, nil
	}
	return &Ledger{tenant, &file{dir: p.Dir, tenant: tenant, given: p.Key}}, nil
}

// plain is what a tenant's id is made of: it becomes a file's name.
var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,63}$`)

const keyFile = "key"

// readKey reads the key of a folder.
func readKey(dir string) (k Key, err error) {
	text, err := os.ReadFile(filepath.Join(dir, keyFile))
	if err != nil {
		return k, err
	}
	if k, err = ParseKey(string(text)); err != nil {
		return k, fmt.Errorf("%s: %w", filepath.Join(dir, keyFile), err)
	}
	return k, nil
}

// makeKey reads the key of a folder, and makes one where there is none. Tenants
// side by side share it, so only one of them makes it.
func makeKey(dir string) (k Key, err error) {
	lock := flock.New(filepath.Join(dir, keyFile+".lock"), flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return k, err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	if k, err = readKey(dir); !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	// What is there could not be told with a new key. It may be given back yet.
	if kept, err := filepath.Glob(filepath.Join(dir, "*.db")); err != nil || len(kept) > 0 {
		return k, errors.Join(fs.ErrNotExist, err)
	}
	_, _ = rand.Read(k[:])
	return k, writeWhole(filepath.Join(dir, keyFile), []byte(base64.StdEncoding.EncodeToString(k[:])+"\n"))
}

// writeWhole has the file there whole or not at all, for its owner alone.
func writeWhole(path string, text []byte) error {
	return private.Replace(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}
