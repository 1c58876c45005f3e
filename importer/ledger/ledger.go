// Package ledger remembers what authseed itself wrote, so that policy own can
// tell its own value from one the person has registered since.
//
// It keeps no value and no person: both are there as keyed hashes, HMAC-SHA-256
// cut to 16 bytes, of which only the holder of the key can tell whether a value
// they already know is the one. The key is never where the hashes are in
// PostgreSQL, because phone numbers are few enough to be tried out by whoever
// has both.
//
// It promises that of two records about one method of a person the later one
// counts, in whatever order and however often they arrive, and that one told as
// fresh counts whatever a clock that was wrong has dated the one before; that a ledger that is
// not there, not readable or kept with another key is a [*LostError] and never an
// answer; and that it holds one tenant apart from the other. It never asks the
// tenant and never removes a file or a table. The importer's use cases are its
// callers.
package ledger

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"iter"
	"slices"
	"strings"
	"time"

	"authseed/mapping/authmethod"
)

// Claim is a value of a person that authseed may have written.
type Claim struct {
	Person string // object id
	Kind   authmethod.Kind
	Value  authmethod.Value
}

// Entry is a write of authseed's, and when it was answered. A zero Value is a
// method that is not authseed's any more: it was removed, or given back to what
// it was before.
type Entry struct {
	Claim
	At time.Time // counts in whole seconds

	// Fresh is a write that nothing came after, whatever the clocks said: it counts
	// though an earlier one was dated ahead of it.
	Fresh bool
}

// Verdict is what the ledger says of a claim.
type Verdict uint8

// The verdicts.
const (
	Nothing Verdict = iota // authseed wrote nothing there that it knows of
	Same                   // what authseed wrote last is this value
	Other                  // what authseed wrote last is another value
)

// LostError is a ledger that cannot be asked or written. What it knew counts as
// unknown; Hint is the way out.
type LostError struct {
	What, Hint string
	Err        error // may be nil
}

func (e *LostError) Error() string {
	if e.Err == nil {
		return e.What
	}
	return e.What + ": " + e.Err.Error()
}

func (e *LostError) Unwrap() error { return e.Err }

// Ledger is the ledger of one tenant. Its methods may be called from several
// goroutines, and several processes may have it open.
type Ledger struct {
	tenant string
	store  store
}

// store keeps one book a person. What it keeps is marked with the key it is kept
// with, so that another key is noticed.
type store interface {
	// key gives the secret of the hashes, and makes one where there is none, if
	// told so.
	key(make bool) (Key, error)
	// read shows the book of each person who has one, by its place in people, and
	// tells since when books are kept. A book is valid until see returns.
	read(ctx context.Context, mark sum, people []id, see func(i int, book []byte) error) (begun time.Time, err error)
	// merge has each person's book changed, and keeps it. The people are in order.
	// It may be cut off between two people.
	merge(ctx context.Context, mark sum, people []id, change func(i int, book []byte) ([]byte, error)) error
	lock(ctx context.Context, wait time.Duration) (*Lock, error)
	close() error
}

// Begun tells since when the ledger is kept: what was written before, it does not
// know. Its errors are those of [Ledger.Compare].
func (l *Ledger) Begun(ctx context.Context) (time.Time, error) {
	h, err := l.hashing(false)
	if err != nil {
		return time.Time{}, err
	}
	return l.store.read(ctx, h.mark(), nil, nil)
}

// Compare says of each claim what the ledger knows. A ledger that is not there
// or cannot be read is a [*LostError].
func (l *Ledger) Compare(ctx context.Context, claims []Claim) ([]Verdict, error) {
	h, err := l.hashing(false)
	if err != nil {
		return nil, err
	}
	people := h.people(len(claims), func(i int) string { return claims[i].Person })
	verdicts := make([]Verdict, len(claims))
	_, err = l.store.read(ctx, h.mark(), people.ids, func(i int, text []byte) error {
		b, err := unpack(text)
		if err != nil {
			return err
		}
		for n := range people.of(i) {
			c := claims[n]
			switch p := b.page(c.Kind); {
			case p == nil || p.sum == gone:
			case p.sum == h.value(c):
				verdicts[n] = Same
			default:
				verdicts[n] = Other
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return verdicts, nil
}

// Record remembers writes. It begins the ledger where there is none. What it was
// told before, and what is older than what it knows, changes nothing.
func (l *Ledger) Record(ctx context.Context, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	h, err := l.hashing(true)
	if err != nil {
		return err
	}
	people := h.people(len(entries), func(i int) string { return entries[i].Person })
	return l.store.merge(ctx, h.mark(), people.ids, func(i int, text []byte) ([]byte, error) {
		b, err := unpack(text)
		if err != nil {
			return nil, err
		}
		for n := range people.of(i) {
			e := entries[n]
			sum := gone
			if !e.Value.IsZero() {
				sum = h.value(e.Claim)
			}
			b.put(e, sum)
		}
		return b.pack(), nil
	})
}

// Lock makes this process the only one that works on the tenant, of those that
// share the ledger's place. It waits as long as told for another to finish and is
// then a [*BusyError]. A process that dies leaves no lock behind.
func (l *Ledger) Lock(ctx context.Context, wait time.Duration) (*Lock, error) {
	return l.store.lock(ctx, wait)
}

// Close lets go of what the ledger holds open. Locks are not among it.
func (l *Ledger) Close() error { return l.store.close() }

// id is a person, hashed.
type id [16]byte

type sum [16]byte

// gone is the sum of a method that is not authseed's any more. A hash is it once
// in 2^128 times.
var gone sum

// hashing makes hashes; it is for one goroutine.
type hashing struct {
	mac    hash.Hash
	tenant string
	text   []byte
	out    [sha256.Size]byte
}

func (l *Ledger) hashing(make bool) (*hashing, error) {
	key, err := l.store.key(make)
	if err != nil {
		return nil, err
	}
	return &hashing{mac: hmac.New(sha256.New, key[:]), tenant: l.tenant}, nil
}

// of hashes the parts, each with its length, so that no two lists of parts read
// alike.
func (h *hashing) of(parts ...string) (s [16]byte) {
	h.text = h.text[:0]
	for _, part := range parts {
		h.text = binary.BigEndian.AppendUint32(h.text, uint32(len(part)))
		h.text = append(h.text, part...)
	}
	h.mac.Reset()
	h.mac.Write(h.text)
	copy(s[:], h.mac.Sum(h.out[:0]))
	return s
}

func (h *hashing) person(objectID string) id {
	return h.of("person", h.tenant, strings.ToLower(objectID))
}

func (h *hashing) value(c Claim) sum {
	return h.of("value", h.tenant, strings.ToLower(c.Person), c.Kind.String(), c.Value.Folded())
}

// byPerson are the lines of a list, gathered by person. Of a million people it
// takes 56 MB.
type byPerson struct {
	ids  []id    // in order, each once
	runs []run   // in the order of ids
	ends []int32 // where in runs each person's end
}

// run are lines of one person that come one after the other.
type run struct {
	id       id
	from, to int32
}

// of gives the lines of a person, by its place in ids.
func (b *byPerson) of(i int) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		from := int32(0)
		if i > 0 {
			from = b.ends[i-1]
		}
		for _, r := range b.runs[from:b.ends[i]] {
			for line := r.from; line < r.to; line++ {
				if !yield(line) {
					return
				}
			}
		}
	}
}

// people gathers n lines by person. Stores go through them in order, which
// touches each of their pages once.
func (h *hashing) people(n int, person func(i int) string) *byPerson {
	b := &byPerson{}
	for i := range n {
		if i == 0 || person(i) != person(i-1) {
			b.runs = append(b.runs, run{h.person(person(i)), int32(i), 0})
		}
		b.runs[len(b.runs)-1].to = int32(i + 1)
	}
	slices.SortFunc(b.runs, func(x, y run) int {
		return cmp.Or(bytes.Compare(x.id[:], y.id[:]), cmp.Compare(x.from, y.from))
	})
	b.ids, b.ends = make([]id, 0, len(b.runs)), make([]int32, 0, len(b.runs))
	for i, r := range b.runs {
		if i == 0 || r.id != b.runs[i-1].id {
			b.ids, b.ends = append(b.ids, r.id), append(b.ends, 0)
		}
		b.ends[len(b.ends)-1] = int32(i + 1)
	}
	return b
}

// mark is the same for the same key.
func (h *hashing) mark() sum { return h.of("ledger") }

func otherKey(where, hint string) error {
	return &LostError{What: "the ledger " + where + " was kept with another key, and tells nothing without it", Hint: hint}
}
