package sealed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"golang.org/x/crypto/ssh"
)

// Recipient is a public key that files are sealed to.
type Recipient struct {
	key  age.Recipient
	text string
}

// String is the key as [ParseRecipients] takes it.
func (r Recipient) String() string { return r.text }

// Identity is what opens sealed files; the zero one opens none.
type Identity struct{ keys []age.Identity }

const (
	// mostKeys is how long a file of keys may be.
	mostKeys = 1 << 20

	recipientHint = "give age1..., the text of an ssh-ed25519 or ssh-rsa public key, or a file of such lines"
)

// ParseRecipients takes public keys as text and files of them, one a line; # begins
// a comment. All of them together have to be able to share a file.
func ParseRecipients(args []string) ([]Recipient, error) {
	var list []Recipient
	for i, arg := range args {
		found, err := parseRecipients(arg)
		if err != nil {
			var e *Error
			if errors.As(err, &e) && len(args) > 1 {
				err = &Error{What: fmt.Sprintf("recipient %d: %s", i+1, e.What), Hint: e.Hint}
			}
			return nil, err
		}
		list = append(list, found...)
	}
	// Keys that withstand quantum computers share no file with keys that do not,
	// and age says so only when it seals.
	if len(list) > 0 {
		if err := Write(io.Discard, list, func(io.Writer) error { return nil }); err != nil {
			return nil, &Error{What: "the recipients cannot share a file", Hint: "age1pq1... keys are mixed with no others"}
		}
	}
	return list, nil
}

func parseRecipients(arg string) ([]Recipient, error) {
	arg = strings.TrimSpace(arg)
	if r, known, err := parseRecipient(arg); known {
		return []Recipient{r}, err
	}
	text, err := readKeys(arg)
	if err != nil {
		// Not the argument: who mistakes a flag may have typed a secret.
		return nil, &Error{What: "a recipient is neither a public key nor a file that can be read", Hint: recipientHint}
	}
	var list []Recipient
	for n, line := range lines(text) {
		r, known, err := parseRecipient(line)
		if !known {
			err = &Error{What: "not a public key", Hint: recipientHint}
		}
		if err != nil {
			var e *Error
			errors.As(err, &e)
			return nil, &Error{What: fmt.Sprintf("%s:%d: %s", arg, n, e.What), Hint: e.Hint}
		}
		list = append(list, r)
	}
	if len(list) == 0 {
		return nil, &Error{What: arg + " holds no public key", Hint: recipientHint}
	}
	return list, nil
}

// parseRecipient takes one key. It is known when it looks like a key of some kind.
func parseRecipient(text string) (r Recipient, known bool, err error) {
	r.text = text
	refuse := func(what, hint string) (Recipient, bool, error) {
		return Recipient{}, true, &Error{What: what, Hint: hint}
	}
	switch kind, _, _ := strings.Cut(text, " "); {
	case strings.HasPrefix(text, "AGE-"), strings.HasPrefix(text, "-----BEGIN"):
		return refuse("this is a private key: files are encrypted to a public one", "age-keygen -y prints it, and an SSH key has it in the file .pub")
	case strings.HasPrefix(text, "age1pq1"):
		r.key, err = age.ParseHybridRecipient(text)
	case strings.HasPrefix(text, "age1") && strings.Count(text, "1") > 1:
		return refuse("keys of age plugins are not taken", recipientHint)
	case strings.HasPrefix(text, "age1"):
		r.key, err = age.ParseX25519Recipient(text)
	case kind == "ssh-ed25519", kind == "ssh-rsa":
		r.key, err = agessh.ParseRecipient(text)
	case strings.HasPrefix(kind, "ecdsa-sha2-"), strings.HasPrefix(kind, "sk-"), kind == "ssh-dss":
		return refuse("an SSH key of this kind only signs: nothing can be encrypted to it", recipientHint)
	default:
		return Recipient{}, false, nil
	}
	if err != nil { // age's words repeat the text
		return refuse("a damaged public key", recipientHint)
	}
	return r, true, nil
}

// ReadIdentity reads a file of AGE-SECRET-KEY lines or an OpenSSH private key
// without passphrase.
func ReadIdentity(path string) (Identity, error) {
	text, err := readKeys(path)
	if err != nil {
		return Identity{}, fmt.Errorf("reading the identity: %w", err)
	}
	refuse := func(what, hint string) (Identity, error) {
		return Identity{}, &Error{What: "the identity " + path + " " + what, Hint: hint}
	}
	const plain = "give a file that this account alone may read, with AGE-SECRET-KEY lines or an OpenSSH key without passphrase"
	switch {
	case Is(text):
		return refuse("is itself encrypted", plain)
	case bytes.HasPrefix(text, []byte("-----BEGIN")):
		key, err := agessh.ParseIdentity(text)
		var locked *ssh.PassphraseMissingError
		switch {
		case errors.As(err, &locked):
			return refuse("has a passphrase", plain)
		case err != nil:
			return refuse("is not an SSH key that opens anything", "Ed25519 and RSA keys do")
		}
		return Identity{[]age.Identity{key}}, nil
	}
	var id Identity
	for n, line := range lines(text) {
		var key age.Identity
		if strings.HasPrefix(line, "AGE-SECRET-KEY-PQ-1") {
			key, err = age.ParseHybridIdentity(line)
		} else {
			key, err = age.ParseX25519Identity(line)
		}
		if err != nil { // whose words may hold part of a key
			return refuse(fmt.Sprintf("has something else than a private key in line %d", n), plain)
		}
		id.keys = append(id.keys, key)
	}
	if len(id.keys) == 0 {
		return refuse("holds no private key", plain)
	}
	return id, nil
}

// readKeys reads a file of keys.
func readKeys(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, mostKeys+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > mostKeys:
		return nil, &Error{What: path + " is too long for a file of keys", Hint: recipientHint}
	}
	return bytes.TrimPrefix(text, []byte("\ufeff")), nil
}

// lines gives the lines that are not empty and no comment, by their number from 1.
func lines(text []byte) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			line = strings.TrimSpace(line)
			if line != "" && !strings.HasPrefix(line, "#") && !yield(n, line) {
				return
			}
		}
	}
}
