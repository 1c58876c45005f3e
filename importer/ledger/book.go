package ledger

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"authseed/mapping/authmethod"
)

// A book is what was written for one person: a page of 21 bytes for each
// method, its letter, the time in seconds since 1970 and the sum of the value.
// It is the same in every store.
const pageSize = 1 + 4 + 16

// letters name methods on disk, where the order of the kinds must not matter.
var letters = [authmethod.Count]byte{
	authmethod.Mobile: 'm', authmethod.AlternateMobile: 'a', authmethod.Office: 'o', authmethod.Email: 'e',
}

type page struct {
	letter byte
	at     uint32
	sum    sum
}

type book []page

var errDamaged = errors.New("an entry is not what was written")

func unpack(text []byte) (book, error) {
	if len(text)%pageSize != 0 || len(text) > pageSize*authmethod.Count {
		return nil, errDamaged
	}
	b := make(book, 0, authmethod.Count)
	for ; len(text) > 0; text = text[pageSize:] {
		if slices.Index(letters[:], text[0]) < 0 {
			return nil, errDamaged
		}
		b = append(b, page{text[0], binary.BigEndian.Uint32(text[1:]), sum(text[5:pageSize])})
	}
	return b, nil
}

func (b book) pack() []byte {
	text := make([]byte, 0, len(b)*pageSize)
	for _, p := range b {
		text = append(text, p.letter)
		text = binary.BigEndian.AppendUint32(text, p.at)
		text = append(text, p.sum[:]...)
	}
	return text
}

func (b book) page(kind authmethod.Kind) *page {
	for i := range b {
		if b[i].letter == letters[kind] {
			return &b[i]
		}
	}
	return nil
}

// put keeps the later of what is there and what is new. A method that is gone
// keeps its page: without it, an older record that arrives late would bring the
// value back.
//
// A fresh record is dated after what is there. A clock that ran a year ahead for one
// night, or is behind tonight, would else keep every value authseed writes from
// being known as its own until that time has come.
func (b *book) put(e Entry, s sum) {
	at := uint32(min(max(e.At.Unix(), 0), math.MaxUint32))
	p := b.page(e.Kind)
	switch {
	case p == nil:
		*b = append(*b, page{letters[e.Kind], at, s})
	case at >= p.at:
		p.at, p.sum = at, s
	case e.Fresh && p.sum != s && p.at < math.MaxUint32:
		p.at, p.sum = p.at+1, s
	}
}
