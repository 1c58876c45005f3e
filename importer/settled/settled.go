// Package settled remembers from one night to the next which rows of an export
// were as they should be in the tenant when a run ended, so that the next run
// need not ask about them again.
//
// It keeps no value and no key of a row: a row is there as a keyed hash,
// HMAC-SHA-256 cut to 16 bytes, beside the object id of its person, or of nobody.
// The key is in the same file, which only its owner may read: whoever has both and
// tries every number there is can tell what a row says, as they could with the
// export that lies next to it.
//
// It promises that a book is there whole or not at all, and that one that is
// damaged, of another tenant or made under other rules is an [*UnusableError] and
// never an answer. What a book says only spares reads: nobody is written to by it.
// The use case importer.Sync is its caller.
package settled

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"authseed/importer/plan"
	"authseed/importer/private"
	"authseed/mapping"
	"authseed/mapping/authmethod"
)

// Sum stands for what a row says: which person by which key, and what of them.
type Sum [16]byte

// Row is a row that needed nothing.
type Row struct {
	Sum      Sum
	Person   uuid.UUID // zero: nobody has the row's key
	Location [2]byte   // the person's usageLocation, where the row was read by it
	Has      plan.Presence
	Kept     plan.Presence // of the methods that the row wishes: another value, or one that nobody has read, was left as it is
}

// About says what a book was made under. Only a run under the same may use it.
type About struct {
	Tenant string `json:"tenant"`
	Inputs string `json:"inputs"` // digest of everything but the file that decides
}

// Book is what was settled when a run ended.
type Book struct {
	About
	At    time.Time // of the plan
	RunID string    // empty where nothing was to be written
	Since string    // the link to who has moved in the directory since before people were read

	key  [32]byte
	rows []Row // by Sum
}

// New begins a book for rows that were hashed with the key of another, or with a
// new one where there is none.
func New(about About, last *Book) *Book {
	b := &Book{About: about}
	if last != nil {
		b.key = last.key
	} else {
		_, _ = rand.Read(b.key[:]) // never fails, says crypto/rand
	}
	return b
}

// Len is how many rows are in the book.
func (b *Book) Len() int { return len(b.rows) }

// SumOf hashes what a row says; not where it says it.
func (b *Book) SumOf(e *mapping.Entry) (s Sum) {
	mac := hmac.New(sha256.New, b.key[:])
	text := func(text string) {
		var length [4]byte
		binary.BigEndian.PutUint32(length[:], uint32(len(text)))
		mac.Write(length[:])
		io.WriteString(mac, text)
	}
	text(e.Key.Folded())
	for kind := range e.Wishes {
		w := &e.Wishes[kind]
		if w.Clear {
			text("clear")
			continue
		}
		text("value " + w.Value.Folded()) // its String hides most of it
	}
	for _, p := range e.Problems {
		text(p.Column)
		text(p.Kind.String() + " " + string(p.Reason))
	}
	for _, cell := range e.Cells {
		text(cell)
	}
	copy(s[:], mac.Sum(nil))
	return s
}

// Ended is the book of the rows whose people are not left with something open,
// each as done makes it.
func (b *Book) Ended(open map[uuid.UUID]bool, done func(*Row)) *Book {
	b.rows = slices.DeleteFunc(b.rows, func(r Row) bool { return open[r.Person] })
	for i := range b.rows {
		done(&b.rows[i])
	}
	return b
}

// Add adds a row. Adding ends with [Book.Keep].
func (b *Book) Add(r Row) { b.rows = append(b.rows, r) }

// Find gives the row of a sum. A sum that is there twice is no answer: two rows
// that say the same are not one person's only row.
func (b *Book) Find(s Sum) (Row, bool) {
	i, found := slices.BinarySearchFunc(b.rows, s, func(r Row, s Sum) int { return bytes.Compare(r.Sum[:], s[:]) })
	if !found || i+1 < len(b.rows) && b.rows[i+1].Sum == s {
		return Row{}, false
	}
	return b.rows[i], true
}

// UnusableError is a book that tells nothing.
type UnusableError struct {
	What string
	Err  error // may be nil
}

func (e *UnusableError) Error() string {
	if e.Err == nil {
		return e.What
	}
	return e.What + ": " + e.Err.Error()
}

func (e *UnusableError) Unwrap() error { return e.Err }

// The file is a line of JSON, the key, the rows one after the other, and the
// SHA-256 of all that.
type head struct {
	FormatVersion int `json:"format_version"`
	About
	At    time.Time `json:"at"`
	RunID string    `json:"run_id"`
	Since string    `json:"since"`
	Rows  int       `json:"rows"`
}

const (
	version = 1
	rowSize = 16 + 16 + 2 + 2
)

func path(folder string) string { return filepath.Join(folder, "settled") }

// Keep writes the book into a job's folder, in place of the one before.
func (b *Book) Keep(folder string) error {
	slices.SortFunc(b.rows, func(x, y Row) int {
		return cmp.Or(bytes.Compare(x.Sum[:], y.Sum[:]), bytes.Compare(x.Person[:], y.Person[:]))
	})
	line, err := json.Marshal(head{version, b.About, b.At, b.RunID, b.Since, len(b.rows)})
	if err != nil {
		return fmt.Errorf("keeping what is settled: %w", err)
	}
	text := make([]byte, 0, len(line)+1+len(b.key)+rowSize*len(b.rows)+sha256.Size)
	text = append(append(append(text, line...), '\n'), b.key[:]...)
	for i := range b.rows {
		text = b.rows[i].append(text)
	}
	sum := sha256.Sum256(text)
	err = private.Replace(path(folder), func(w io.Writer) error {
		_, err := w.Write(append(text, sum[:]...))
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping what is settled: %w", err)
	}
	return nil
}

// Forget removes the book of a job.
func Forget(folder string) error {
	if err := os.Remove(path(folder)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forgetting what is settled: %w", err)
	}
	return nil
}

// Recall reads the book of a job, nil where there is none. One that cannot be
// used is an [*UnusableError].
func Recall(folder string, under About) (*Book, error) {
	text, err := os.ReadFile(path(folder))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, &UnusableError{"what was settled cannot be read", err}
	}
	b, err := parse(text)
	switch {
	case err != nil:
		return nil, err
	case !strings.EqualFold(b.Tenant, under.Tenant):
		return nil, &UnusableError{What: "what was settled is of another tenant"}
	case b.Inputs != under.Inputs:
		return nil, &UnusableError{What: "what was settled was so under another mapping, policy or version"}
	}
	return b, nil
}

func parse(text []byte) (*Book, error) {
	damaged := &UnusableError{What: "what was settled is damaged"}
	if len(text) < sha256.Size {
		return nil, damaged
	}
	text, sum := text[:len(text)-sha256.Size], text[len(text)-sha256.Size:]
	if is := sha256.Sum256(text); !bytes.Equal(is[:], sum) {
		return nil, damaged
	}
	line, rest, found := bytes.Cut(text, []byte("\n"))
	var h head
	if !found || json.Unmarshal(line, &h) != nil {
		return nil, damaged
	}
	if h.FormatVersion != version {
		return nil, &UnusableError{What: fmt.Sprintf("what was settled has format_version %d, and this authseed reads %d", h.FormatVersion, version)}
	}
	b := &Book{About: h.About, At: h.At, RunID: h.RunID, Since: h.Since}
	if h.Rows < 0 || len(rest) != len(b.key)+h.Rows*rowSize {
		return nil, damaged
	}
	copy(b.key[:], rest)
	rest = rest[len(b.key):]
	b.rows = make([]Row, h.Rows)
	for i := range b.rows {
		b.rows[i].parse(rest[i*rowSize:])
	}
	return b, nil
}

func (r *Row) append(dst []byte) []byte {
	dst = append(append(append(dst, r.Sum[:]...), r.Person[:]...), r.Location[:]...)
	return append(dst, bits(r.Has), bits(r.Kept))
}

func (r *Row) parse(text []byte) {
	copy(r.Sum[:], text)
	copy(r.Person[:], text[16:])
	copy(r.Location[:], text[32:])
	r.Has, r.Kept = presence(text[34]), presence(text[35])
}

func bits(p plan.Presence) (b byte) {
	for kind, has := range p {
		if has {
			b |= 1 << kind
		}
	}
	return b
}

func presence(b byte) (p plan.Presence) {
	for kind := range p {
		p[kind] = b>>kind&1 != 0
	}
	return p
}

// Locate is the two letters of a usageLocation, or nothing.
func Locate(usageLocation string) (l [2]byte) {
	copy(l[:], usageLocation)
	return l
}

// UsageLocation is the location as the person has it.
func (r *Row) UsageLocation() string { return strings.TrimRight(string(r.Location[:]), "\x00") }

// Nobody reports a row whose key nobody has.
func (r *Row) Nobody() bool { return r.Person == uuid.Nil }

// Settles reports that a method whose plan is this was left as it is because
// nothing is to be done, for as long as row and person stay as they are.
func Settles(reason authmethod.Reason) bool {
	switch reason {
	case authmethod.KeptExisting, authmethod.InvalidPhone, authmethod.InvalidEmail, authmethod.CountryUnknown, authmethod.SpreadsheetDamage:
		return true
	}
	return false
}
