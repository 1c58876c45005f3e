package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/pflag"

	"authseed/importer"
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/sealed"
)

// inClear is how a command line says that nothing is to be encrypted.
const inClear = "none"

// encryptFlags say who may read what is kept.
type encryptFlags struct{ to []string }

func (f *encryptFlags) add(flags *pflag.FlagSet) {
	// An array, and no slice: the comment of an SSH key may have a comma.
	flags.StringArrayVar(&f.to, "encrypt-to", nil, "encrypt what is saved, plan, journal and list of failures, to this public key: age1..., ssh-ed25519 ... or ssh-rsa ..., or a file of them; again for more; none for in clear")
}

// recipients are whom to encrypt to. Where they are not said they are those of
// what is read, and where that was sealed and nobody knows for whom it is a
// refusal: clear values are not put where there were none.
func (f *encryptFlags) recipients(wasSealed bool, those ...sealed.Recipient) ([]sealed.Recipient, error) {
	switch {
	case len(f.to) == 0 && len(those) == 0 && wasSealed:
		return nil, &importer.RefusedError{
			What: "the file is encrypted, and what is kept of it would not be",
			Hint: "say for whom with --encrypt-to, or --encrypt-to none to keep it in clear",
		}
	case len(f.to) == 0:
		return those, nil
	case len(f.to) == 1 && f.to[0] == inClear:
		return nil, nil
	case slices.Contains(f.to, inClear):
		return nil, &usageError{errors.New("--encrypt-to none goes with no other"), "give the recipients alone, or none alone"}
	}
	to, err := sealed.ParseRecipients(f.to)
	if err != nil {
		return nil, fmt.Errorf("--encrypt-to: %w", err)
	}
	return to, nil
}

// check finds wrong recipients before anything is asked of a tenant.
func (f *encryptFlags) check() error {
	_, err := f.recipients(false)
	return err
}

// identity is what AUTHSEED_IDENTITY opens; without it nothing.
func (a *app) identity() (sealed.Identity, error) {
	path := a.Getenv("AUTHSEED_IDENTITY")
	if path == "" {
		return sealed.Identity{}, nil
	}
	id, err := sealed.ReadIdentity(path)
	if err != nil {
		return id, &hinted{err, hintOr(err, "AUTHSEED_IDENTITY is the name of a file with a private key")}
	}
	return id, nil
}

func hintOr(err error, otherwise string) string {
	if hint := hintFor(err); hint != "" {
		return hint
	}
	return otherwise
}

// unsealed is a file that was sealed.
type unsealed struct{ io.Reader }

// unseal opens a file that may be sealed.
func (a *app) unseal(name string, content io.Reader) (io.Reader, error) {
	start := bufio.NewReader(content)
	if begin, _ := start.Peek(sealed.Longest); !sealed.Is(begin) {
		return start, nil
	}
	id, err := a.identity()
	if err != nil {
		return nil, err
	}
	clear, err := sealed.Open(start, id)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	// Damage at the beginning is told before anybody asks what the file is.
	inside := bufio.NewReader(clear)
	if _, err := inside.Peek(1); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return unsealed{inside}, nil
}

func wasSealed(content io.Reader) bool {
	_, ok := content.(unsealed)
	return ok
}

// readPlan reads a saved plan, sealed or not.
func (a *app) readPlan(name string) (*plan.Plan, error) {
	file, err := openFile(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := a.unseal(name, file)
	if err != nil {
		return nil, err
	}
	return decodePlan(name, content)
}

// sayEncrypted tells how to see the runs that are listed by their name alone.
func (a *app) sayEncrypted(runs []*journal.Run) {
	n := 0
	for _, r := range runs {
		if r.State == journal.Encrypted {
			n++
		}
	}
	if n > 0 {
		a.say("%d of the runs are encrypted: AUTHSEED_IDENTITY names the file with a key that opens them", n)
	}
}
