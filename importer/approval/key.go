package approval

import (
	"bytes"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Key is a private key that signs, in memory or held by an agent.
type Key struct{ signer ssh.Signer }

// KeyError says why there is no key to sign with.
type KeyError struct{ What, Hint string }

func (e *KeyError) Error() string { return e.What }

// Fingerprint names the key as ssh-keygen -l does.
func (k *Key) Fingerprint() string { return fingerprint(k.signer.PublicKey()) }

// SignatureName is the file that the key's signature of a plan belongs in.
func (k *Key) SignatureName(plan string) string { return fileName(plan, k.signer.PublicKey()) }

// Sign gives the armored signature of a plan's bytes, as ssh-keygen -Y sign does
// with its default hash. An agent may ask for a touch meanwhile.
func (k *Key) Sign(plan []byte) ([]byte, error) {
	s, err := sshsig.Sign(bytes.NewReader(plan), k.signer, sshsig.HashSHA512, Namespace)
	if err != nil {
		return nil, fmt.Errorf("signing with %s: %w", k.Fingerprint(), err)
	}
	return sshsig.Armor(s), nil
}

// ReadKey reads a private key's file; ask is asked for its passphrase, where it
// has one.
func ReadKey(text []byte, ask func() ([]byte, error)) (*Key, error) {
	signer, err := ssh.ParsePrivateKey(text)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		passphrase, askErr := ask()
		if askErr != nil {
			return nil, askErr
		}
		signer, err = ssh.ParsePrivateKeyWithPassphrase(text, passphrase)
	}
	switch {
	case err == nil:
	case locked != nil:
		return nil, &KeyError{"the key does not open with this passphrase", ""}
	default:
		if _, _, _, _, public := ssh.ParseAuthorizedKey(text); public == nil {
			return nil, &KeyError{"this is the public half of a key", "give the private one, or --key agent where an agent holds it"}
		}
		return nil, &KeyError{"no private key that can be read: " + strings.TrimPrefix(err.Error(), "ssh: "), "a key on a security key signs through ssh-agent: --key agent"}
	}
	if err := checkKey(signer.PublicKey()); err != nil {
		return nil, &KeyError{err.Error(), "ssh-keygen -t ed25519 makes a key"}
	}
	return &Key{signer}, nil
}

// AgentKey takes a key of the ssh-agent behind the connection: the one with this
// fingerprint or comment, or, with an empty choice, the only one.
func AgentKey(connection io.ReadWriter, choice string) (*Key, error) {
	client := agent.NewClient(connection)
	listed, err := client.List()
	if err != nil {
		return nil, fmt.Errorf("asking the agent for its keys: %w", err)
	}
	signers, err := client.Signers()
	if err != nil {
		return nil, fmt.Errorf("asking the agent for its keys: %w", err)
	}
	var fit []*Key
	var held []string
	for _, l := range listed {
		public, err := ssh.ParsePublicKey(l.Blob)
		if err != nil || checkKey(public) != nil {
			continue // certificates, and kinds that do not count
		}
		held = append(held, strings.TrimSpace(fingerprint(public)+" "+l.Comment))
		if choice != "" && choice != fingerprint(public) && choice != l.Comment {
			continue
		}
		for _, s := range signers {
			if bytes.Equal(s.PublicKey().Marshal(), l.Blob) {
				fit = append(fit, &Key{s})
				break
			}
		}
	}
	switch {
	case len(fit) == 1:
		return fit[0], nil
	case len(held) == 0:
		return nil, &KeyError{"the agent holds no key that could sign", "ssh-add FILE gives it one"}
	case len(fit) == 0:
		return nil, &KeyError{fmt.Sprintf("the agent holds no key %q", choice), "it holds " + strings.Join(held, "; ")}
	}
	return nil, &KeyError{fmt.Sprintf("the agent holds %d keys that fit", len(fit)), "choose with --key agent:SHA256:...; it holds " + strings.Join(held, "; ")}
}

// rsaBits is the length of an RSA key, and 0 of any other.
func rsaBits(k ssh.PublicKey) int {
	if c, ok := k.(ssh.CryptoPublicKey); ok {
		if public, ok := c.CryptoPublicKey().(*rsa.PublicKey); ok {
			return public.N.BitLen()
		}
	}
	return 0
}
