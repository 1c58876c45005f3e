package journal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"authseed/importer/sealed"
)

// sealedVersion is the version of a sealed journal: an authseed that knows none
// says so.
const sealedVersion = 2

type (
	// sealedHead is the first line of a sealed journal, in clear.
	sealedHead struct {
		Type          string    `json:"type"`
		FormatVersion int       `json:"format_version"`
		RunID         string    `json:"run_id"`
		ToolVersion   string    `json:"tool_version"`
		Undoes        string    `json:"undoes,omitempty"`
		At            time.Time `json:"at"`
	}
	sealedLine struct {
		Sealed []byte `json:"sealed"`
	}
)

// secret is what seals the lines of a run, and for whom. A nil one seals nothing.
type secret struct {
	lines cipher.AEAD
	to    []sealed.Recipient
}

// secretFile is key.age inside.
type secretFile struct {
	Key        []byte   `json:"key"`
	Recipients []string `json:"recipients"`
}

// The nonces are random: a number that counts lines would come twice where a
// torn line is written again. With 96 bits of them a run of a million lines has
// two alike once in 10^17.
func newSecret(key []byte, to []sealed.Recipient) (*secret, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	lines, err := cipher.NewGCMWithRandomNonce(block)
	return &secret{lines, to}, err
}

// makeSecret draws a key for the run in the folder dir and keeps it there for the
// recipients; none for nobody.
func makeSecret(dir string, to []sealed.Recipient) (*secret, error) {
	if len(to) == 0 {
		return nil, nil
	}
	content := secretFile{Key: make([]byte, 32)}
	_, _ = rand.Read(content.Key)
	for _, r := range to {
		content.Recipients = append(content.Recipients, r.String())
	}
	err := create(filepath.Join(dir, keyFile), to, func(w io.Writer) error { return json.NewEncoder(w).Encode(content) })
	if err != nil {
		return nil, fmt.Errorf("keeping the key of the run: %w", err)
	}
	return newSecret(content.Key, to)
}

// openSecret opens the key of the run in the folder dir.
func openSecret(dir string, with []sealed.Identity) (*secret, error) {
	failed := func(err error) (*secret, error) {
		return nil, fmt.Errorf("opening the key of run %s: %w", filepath.Base(dir), err)
	}
	file, err := os.Open(filepath.Join(dir, keyFile))
	if err != nil {
		return failed(err)
	}
	defer file.Close()
	clear, err := sealed.Open(file, with...)
	if err != nil {
		return failed(err)
	}
	text, err := io.ReadAll(clear)
	if err != nil {
		return failed(err)
	}
	var content secretFile
	if err := json.Unmarshal(text, &content); err != nil || len(content.Key) != 32 {
		return failed(errors.New("not a key"))
	}
	to, err := sealed.ParseRecipients(content.Recipients)
	if err != nil {
		return failed(err)
	}
	return newSecret(content.Key, to)
}

// secretOf opens the key of the run with this journal; nil where it is in clear.
func secretOf(path string, text []byte, with []sealed.Identity) (*secret, error) {
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	var head sealedHead
	switch err := json.Unmarshal(line, &head); {
	case err != nil || head.Type != "sealed":
		return nil, nil // what is wrong with it is found where it is read
	case head.FormatVersion != sealedVersion:
		return nil, &NewerError{path, head.FormatVersion, head.ToolVersion}
	case bytes.IndexByte(rest, '\n') < 0:
		return nil, neverBegan(path)
	}
	return openSecret(filepath.Dir(path), with)
}

// Recipients are whom the files of a run are sealed to; none where they are in
// clear.
func Recipients(runs, id string, with ...sealed.Identity) ([]sealed.Recipient, error) {
	if id == Last {
		var err error
		if id, err = newest(runs); err != nil {
			return nil, err
		}
	}
	path := filepath.Join(runs, filepath.Base(id), journalFile)
	text, err := contents(path)
	if err != nil {
		return nil, fmt.Errorf("reading journal: %w", err)
	}
	s, err := secretOf(path, text, with)
	return s.recipients(), err
}

func (s *secret) recipients() []sealed.Recipient {
	if s == nil {
		return nil
	}
	return s.to
}

// seal puts a line behind the one with the given hash, which it cannot leave.
func (s *secret) seal(previous string, line []byte) ([]byte, error) {
	if s == nil {
		return line, nil
	}
	return json.Marshal(sealedLine{s.lines.Seal(nil, nil, line, []byte(previous))})
}

// open is the other way.
func (s *secret) open(previous string, line []byte) ([]byte, bool) {
	if s == nil {
		return line, true
	}
	var l sealedLine
	if json.Unmarshal(line, &l) != nil {
		return nil, false
	}
	clear, err := s.lines.Open(nil, nil, l.Sealed, []byte(previous))
	return clear, err == nil
}

// create writes a new file for the recipients, and returns when it is on disk.
func create(path string, to []sealed.Recipient, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(sealed.Write(file, to, write), file.Sync(), file.Close())
}
