// Package approval says who approved a plan: it signs a plan's file with an SSH
// key, finds the signatures beside it, and tells whose of them count.
//
// What is signed is the file, byte for byte, in the namespace "authseed" and in
// the format of PROTOCOL.sshsig, so that
//
//	ssh-keygen -Y sign -n authseed -f KEY plan.json
//
// approves a plan without authseed, and ssh-keygen -Y verify verifies what
// [Key.Sign] wrote. Who may approve is an allowed_signers file of OpenSSH
// (ssh-keygen(1), ALLOWED SIGNERS), read strictly: see [ParseAllowed].
//
// The package promises that what it cannot read, or does not know, counts for
// nothing; that an approval of the one who made the plan counts for nothing; and
// that one person with two keys, or two names with one key, count once. It never
// reads a clock, never asks anybody, and writes no file. The importer and the
// command line may call it.
package approval

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// Namespace is what a signature has to be made for. It keeps one that somebody
// made for a commit or a letter from being an approval.
const Namespace = "authseed"

// longest is the size of a signature's file from which it is none: that of an
// RSA key of 16384 bits is under 6 KiB.
const longest = 64 << 10

// File is a signature's file, by its name beside the plan and its contents.
type File struct {
	Name string
	Text []byte
}

// Find reads the signatures beside a plan: PLAN.sig, which is what ssh-keygen
// writes, and every PLAN.*.sig, so that two people do not overwrite each other.
// They come in the order of their names.
func Find(path string) ([]File, error) {
	entries, err := os.ReadDir(filepath.Dir(path)) // sorted
	if err != nil {
		return nil, fmt.Errorf("looking for signatures: %w", err)
	}
	var found []File
	begins := filepath.Base(path) + "."
	for _, e := range entries {
		rest, ours := strings.CutPrefix(e.Name(), begins)
		if !ours || rest != "sig" && !strings.HasSuffix(rest, ".sig") {
			continue
		}
		beside := filepath.Join(filepath.Dir(path), e.Name())
		if info, err := os.Stat(beside); err == nil && !info.Mode().IsRegular() {
			continue // a folder, or something that would be waited for
		}
		text, err := readShort(beside)
		if err != nil {
			return nil, fmt.Errorf("reading a signature: %w", err)
		}
		found = append(found, File{e.Name(), text})
	}
	return found, nil
}

// readShort reads no more of a file than tells that it is no signature.
func readShort(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, longest+1))
}

// parse reads one signature and nothing else. Whatever two readers could take
// for two things (a second block, a header, spare bits of base64) is refused:
// the text has to be what its signature is written as, line breaks aside.
func parse(text []byte) (*sshsig.Signature, error) {
	if len(text) > longest {
		return nil, fmt.Errorf("longer than %d bytes", longest)
	}
	s, err := sshsig.Unarmor(text)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(unbroken(text), unbroken(sshsig.Armor(s))) {
		return nil, errors.New("more or less than one signature")
	}
	return s, nil
}

func unbroken(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, text)
}

// fingerprint names a public key as ssh-keygen -l does.
func fingerprint(k ssh.PublicKey) string { return ssh.FingerprintSHA256(k) }

// fileName is where the signature of a key belongs. It is the key's own, so that
// another person's is not overwritten, and keeps to letters that every file
// system tells apart.
func fileName(plan string, k ssh.PublicKey) string {
	sum := sha256.Sum256(k.Marshal())
	return plan + "." + hex.EncodeToString(sum[:8]) + ".sig"
}

// CheckName refuses a name that could not be told from another by looking at it.
func CheckName(name string) error {
	switch {
	case name == "":
		return errors.New("a name is empty")
	case len(name) > 254:
		return errors.New("a name is longer than 254 bytes")
	}
	for _, r := range name {
		if r == unicode.ReplacementChar || !unicode.IsGraphic(r) || unicode.IsSpace(r) {
			return errors.New("a name has white space, or a character that does not show")
		}
		if strings.ContainsRune(`,"*?!#`, r) {
			return fmt.Errorf("a name has a %q", r)
		}
	}
	return nil
}

// same reports whether two names may be one person's: letter case does not
// count, and a name without a domain is the same in any.
func same(a, b string) bool {
	localA, domainA, _ := strings.Cut(strings.ToLower(a), "@")
	localB, domainB, _ := strings.Cut(strings.ToLower(b), "@")
	return localA == localB && (domainA == domainB || domainA == "" || domainB == "")
}
