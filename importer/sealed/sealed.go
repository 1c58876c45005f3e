// Package sealed keeps files unreadable at rest: it encrypts them to the public
// keys of who may read them and opens them with one of the private ones. The
// files are standard age files (age-encryption.org/v1), binary when written,
// binary or armored when read, so that the age tool opens them too.
//
// It promises that no key, and nothing that may be one, is in an error; that a
// file which was damaged or cut short ends in an error, never in less of it; and
// that it writes in clear only what is sealed for nobody. It takes keys alone:
// age, SSH Ed25519 and SSH RSA ones. Passphrases and plugins it refuses, for they
// need somebody at a terminal. It opens files of keys that its caller names and no
// others, and knows nothing of what it seals.
package sealed

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// Error is a file, a recipient or an identity that does not do, and Hint what
// does.
type Error struct {
	What, Hint string
	// Locked tells that nothing is wrong with the file but that no key at hand
	// opens it.
	Locked bool
}

func (e *Error) Error() string { return e.What }

// Locked reports whether an error is about a file that is whole and that no key
// at hand opens.
func Locked(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Locked
}

const identityHint = "AUTHSEED_IDENTITY names the file with a private key that opens it: AGE-SECRET-KEY lines, or an OpenSSH key without passphrase"

// magic is how a binary age file begins.
const magic = "age-encryption.org/"

// Longest is how many bytes of a file [Is] wants to see.
const Longest = len(armor.Header)

// Is looks at the beginning of a file.
func Is(start []byte) bool {
	return bytes.HasPrefix(start, []byte(magic)) || bytes.HasPrefix(start, []byte(armor.Header))
}

// Write writes what may be read by the recipients alone. For nobody it is written
// in clear.
func Write(w io.Writer, to []Recipient, write func(io.Writer) error) error {
	if len(to) == 0 {
		return write(w)
	}
	keys := make([]age.Recipient, len(to))
	for i, r := range to {
		keys[i] = r.key
	}
	sealing, err := age.Encrypt(w, keys...)
	if err != nil {
		return fmt.Errorf("encrypting: %w", err)
	}
	// The end of an age file is written by closing it: without that it is cut
	// short, and known to be.
	if err := write(sealing); err != nil {
		return err
	}
	if err := sealing.Close(); err != nil {
		return fmt.Errorf("encrypting: %w", err)
	}
	return nil
}

// Open reads a sealed file. Errors are an [*Error], also while it is read, but
// for those of the file below.
func Open(r io.Reader, with ...Identity) (io.Reader, error) {
	var keys []age.Identity
	for _, id := range with {
		keys = append(keys, id.keys...)
	}
	source := &watched{Reader: r}
	content := bufio.NewReader(source)
	start, err := content.Peek(Longest)
	if len(start) == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	r = content
	if bytes.HasPrefix(start, []byte(armor.Header)) {
		r = armor.NewReader(content)
	}
	clear, err := age.Decrypt(r, append(slices.Clone(keys), look{})...)
	var none *age.NoIdentityMatchError
	switch {
	case err == nil:
		return &reader{clear, source}, nil
	case source.err != nil:
		return nil, source.err
	case !errors.As(err, &none):
		return nil, damaged()
	case slices.Contains(none.StanzaTypes, "scrypt"):
		return nil, &Error{What: "it is encrypted with a passphrase", Hint: "encrypt it to a key instead: passphrases need somebody at a terminal"}
	case len(keys) == 0:
		return nil, &Error{What: "it is encrypted, and there is no key to open it with", Hint: identityHint, Locked: true}
	}
	return nil, &Error{What: "it is encrypted to other keys than the one at hand", Hint: identityHint, Locked: true}
}

func damaged() error {
	return &Error{What: "the encrypted file is damaged or cut short", Hint: "take it from a backup, or make it again"}
}

// look is an identity that opens nothing. With it a file's header is read even
// where there is no key.
type look struct{}

func (look) Unwrap([]*age.Stanza) ([]byte, error) { return nil, age.ErrIncorrectIdentity }

// watched remembers what went wrong below, which is not the file's damage.
type watched struct {
	io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// reader is the clear side of a sealed file.
type reader struct {
	clear  io.Reader
	source *watched
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.clear.Read(p)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return n, err
	case r.source.err != nil:
		return n, r.source.err
	}
	return n, damaged()
}
