package approval

import (
	"encoding/base64"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Allowed is who may approve.
type Allowed struct{ signers []signer }

// signer is one line of the file.
type signer struct {
	principals    []string
	namespaces    []string // patterns; nil for any namespace
	after, before time.Time
	key           ssh.PublicKey
}

// LineError says which line of an allowed_signers file cannot be read.
type LineError struct {
	File string
	Line int // from 1
	What string
}

func (e *LineError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.What) }

// ParseAllowed reads an allowed_signers file, whole or not at all:
//
//	# a comment
//	alice@example.com,a.smith@example.com namespaces="authseed" ssh-ed25519 AAAA... a comment
//	bob@example.com valid-after="20260101",valid-before="20270101Z" ssh-ed25519 AAAA...
//
// A line it cannot read is a [*LineError]. It is stricter than OpenSSH: a pattern
// as a principal (*@example.com) names nobody who could be counted; certificates
// (cert-authority) are not supported; DSA keys and RSA keys under 2048 bits are
// refused. A time without a Z is read in the zone, as OpenSSH reads it in the
// system's.
func ParseAllowed(name string, text []byte, zone *time.Location) (*Allowed, error) {
	a := &Allowed{}
	n := 0
	for line := range strings.SplitSeq(string(text), "\n") {
		n++
		line = strings.Trim(line, " \t\r")
		if line == "" || line[0] == '#' {
			continue
		}
		s, err := parseSigner(line, zone)
		if err != nil {
			return nil, &LineError{name, n, err.Error()}
		}
		a.signers = append(a.signers, s)
	}
	if len(a.signers) == 0 {
		return nil, &LineError{name, 1, "nobody is allowed: the file has no line with a key"}
	}
	return a, nil
}

func parseSigner(line string, zone *time.Location) (signer, error) {
	var s signer
	principals, rest := field(line)
	for p := range strings.SplitSeq(principals, ",") {
		if err := CheckName(p); err != nil {
			return s, fmt.Errorf("principals: %w", err)
		}
		s.principals = append(s.principals, p)
	}
	first, after := field(rest)
	if !slices.Contains(keyTypes, first) && !isCertificate(first) {
		// What is neither a key nor options is the more likely an unknown key.
		if err := s.options(first, zone); err != nil {
			return s, err
		}
		rest = after
	}
	var err error
	s.key, err = parseKey(rest)
	return s, err
}

// field takes the first word; white space in double quotes does not end it.
func field(line string) (first, rest string) {
	line = strings.TrimLeft(line, " \t")
	quoted := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line) && line[i+1] == '"':
			i++
		case c == '"':
			quoted = !quoted
		case (c == ' ' || c == '\t') && !quoted:
			return line[:i], line[i:]
		}
	}
	return line, ""
}

// options reads what stands between the principals and the key.
func (s *signer) options(text string, zone *time.Location) error {
	seen := map[string]bool{}
	for more := true; more; {
		var name, value string
		var err error
		if name, value, text, more, err = option(text); err != nil {
			return err
		}
		if name = strings.ToLower(name); seen[name] {
			return fmt.Errorf("option %s is there twice", name)
		}
		seen[name] = true
		switch name {
		case "namespaces":
			s.namespaces = strings.Split(value, ",")
			if slices.Contains(s.namespaces, "") {
				err = errors.New("an empty namespace")
			}
		case "valid-after":
			s.after, err = parseTime(value, zone)
		case "valid-before":
			s.before, err = parseTime(value, zone)
		case "cert-authority":
			err = errors.New("certificates are not supported; give the key of each person")
		default:
			return fmt.Errorf("neither an option nor a kind of key that is supported: %q", name)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if !s.after.IsZero() && !s.before.IsZero() && !s.after.Before(s.before) {
		return errors.New("valid-after is not before valid-before")
	}
	return nil
}

// option takes NAME or NAME="VALUE" off the front, and the comma behind it.
func option(text string) (name, value, rest string, more bool, err error) {
	end := strings.IndexAny(text, `=,"`)
	if end < 0 {
		return text, "", "", false, nil
	}
	name, rest = text[:end], text[end:]
	if quoted, ok := strings.CutPrefix(rest, `="`); ok {
		closed := strings.IndexByte(quoted, '"')
		if closed < 0 || strings.Contains(quoted[:closed], `\`) {
			return "", "", "", false, fmt.Errorf("option %s: the quotes do not close", name)
		}
		value, rest = quoted[:closed], quoted[closed+1:]
	} else if rest[0] == '=' {
		return "", "", "", false, fmt.Errorf("option %s: its value needs double quotes", name)
	}
	if rest == "" {
		return name, value, "", false, nil
	}
	if rest, more = strings.CutPrefix(rest, ","); !more {
		return "", "", "", false, fmt.Errorf("option %s: a comma has to follow", name)
	}
	return name, value, rest, true, nil
}

// parseTime reads the forms of ssh-keygen(1): YYYYMMDD[Z] or YYYYMMDDHHMM[SS][Z].
func parseTime(text string, zone *time.Location) (time.Time, error) {
	digits, utc := strings.CutSuffix(text, "Z")
	if utc {
		zone = time.UTC
	}
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if len(layout) != len(digits) {
			continue
		}
		if t, err := time.ParseInLocation(layout, digits, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time of the form YYYYMMDD[Z] or YYYYMMDDHHMM[SS][Z]", text)
}

// keyTypes are the kinds of key that count, here and when signing.
var keyTypes = []string{
	ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoRSA,
	ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256,
}

func isCertificate(keyType string) bool { return strings.Contains(keyType, "-cert-v01@") }

func parseKey(text string) (ssh.PublicKey, error) {
	kind, rest := field(text)
	encoded, _ := field(rest)
	blob, err := base64.StdEncoding.Strict().DecodeString(encoded)
	switch {
	case isCertificate(kind):
		return nil, errors.New("certificates are not supported; give the key itself")
	case kind == "" || encoded == "":
		return nil, errors.New("no key")
	case err != nil:
		return nil, errors.New("the key is not base64")
	}
	key, err := ssh.ParsePublicKey(blob)
	if err != nil {
		return nil, errors.New("the key cannot be read")
	}
	if key.Type() != kind {
		return nil, fmt.Errorf("the key is called %q and is %q", kind, key.Type())
	}
	return key, checkKey(key)
}

// covers reports whether the line is about the namespace. A pattern that begins
// with ! and fits takes it back, as in ssh_config(5), PATTERNS.
func (s signer) covers(namespace string) bool {
	fits := s.namespaces == nil
	for _, pattern := range s.namespaces {
		pattern, not := strings.CutPrefix(pattern, "!")
		if ok, _ := path.Match(literal.Replace(pattern), namespace); ok {
			if not {
				return false
			}
			fits = true
		}
	}
	return fits
}

// literal takes from path.Match what OpenSSH's patterns do not have.
var literal = strings.NewReplacer(`\`, `\\`, `[`, `\[`)
