package roster

import (
	"encoding/binary"

	"authseed/mapping"
	"authseed/mapping/authmethod"
)

// packing turns the entry of a usable row into bytes and back, about 110 of them
// for a row with an address and two numbers.
//
// The form lives no longer than the process, so it may change at will. A field
// that is new in [mapping.Entry] is appended at the end of pack and read at the
// end of unpack, one new in a wish likewise in packWish and wish: a text of the
// row's own by appendText, a text that comes again and again (a problem, a
// remark, a country) by the number of it in a vocabulary of its own, and what
// few rows have behind a flag or a count. TestPackingKeepsEveryField tells of a
// field that is forgotten.
type packing struct {
	attributes vocabulary[authmethod.Attribute]
	problems   vocabulary[mapping.Problem]
	provenance vocabulary[provenance]
}

// provenance is where a wish comes from, as the review is told.
type provenance struct {
	country    string
	from       authmethod.CountrySource
	remark     string
	department string
}

// The flags of a wish.
const (
	wishValue = 1 << iota // its text follows
	wishClear
	wishFixed
)

// pack appends an entry that is not left out: the key (attribute, text), the
// line, for every kind the flags and perhaps the text, the problems, where each
// wish comes from, the cells that wait for the person. A wish's own line is that
// of its entry.
func (p *packing) pack(b []byte, e *mapping.Entry) []byte {
	b = binary.AppendUvarint(b, p.attributes.number(e.Key.Attribute))
	b = appendText(b, e.Key.Value)
	b = binary.AppendUvarint(b, uint64(e.Line))
	for i := range e.Wishes {
		b = packWish(b, &e.Wishes[i])
	}
	b = binary.AppendUvarint(b, uint64(len(e.Problems)))
	for _, x := range e.Problems {
		b = binary.AppendUvarint(b, p.problems.number(x))
	}
	for i := range e.Wishes {
		if w := &e.Wishes[i]; !w.IsZero() {
			b = binary.AppendUvarint(b, p.provenance.number(provenance{w.Country, w.CountryFrom, w.Remark, w.Department}))
		}
	}
	b = binary.AppendUvarint(b, uint64(len(e.Cells)))
	for _, cell := range e.Cells {
		b = appendText(b, cell)
	}
	return b
}

// unpack gives back what pack was given. Its texts share one string.
func (p *packing) unpack(b []byte) mapping.Entry {
	u := unpacker{bytes: b, text: string(b)}
	var e mapping.Entry
	e.Key = p.key(&u)
	e.Line = int(u.number())
	for i := range e.Wishes {
		e.Wishes[i] = u.wish()
	}
	if n := u.number(); n > 0 {
		e.Problems = make([]mapping.Problem, n)
		for i := range e.Problems {
			e.Problems[i] = p.problems.words[u.number()]
		}
	}
	for i := range e.Wishes {
		if w := &e.Wishes[i]; !w.IsZero() {
			from := p.provenance.words[u.number()]
			w.Country, w.CountryFrom, w.Remark, w.Department = from.country, from.from, from.remark, from.department
		}
	}
	if n := u.number(); n > 0 {
		e.Cells = make([]string, n)
		for i := range e.Cells {
			e.Cells[i] = u.string()
		}
	}
	return e
}

// unpackKey gives the key alone, of the beginning of what was packed. Keys of
// everybody are kept at once, so that nothing else of the row is held with one.
func (p *packing) unpackKey(b []byte) authmethod.Key {
	u := unpacker{bytes: b}
	attribute := p.attributes.words[u.number()]
	size := int(u.number())
	return authmethod.Key{Attribute: attribute, Value: string(b[u.at : u.at+size])}
}

func (p *packing) key(u *unpacker) authmethod.Key {
	attribute := p.attributes.words[u.number()]
	return authmethod.Key{Attribute: attribute, Value: u.string()}
}

func packWish(b []byte, w *authmethod.Wish) []byte {
	text := w.Value.Reveal()
	var flags byte
	if text != "" {
		flags |= wishValue
	}
	if w.Clear {
		flags |= wishClear
	}
	if w.Fixed {
		flags |= wishFixed
	}
	b = append(b, flags)
	if text != "" {
		b = appendText(b, text)
	}
	return b
}

func (u *unpacker) wish() authmethod.Wish {
	flags := u.bytes[u.at]
	u.at++
	w := authmethod.Wish{Clear: flags&wishClear != 0, Fixed: flags&wishFixed != 0}
	if flags&wishValue != 0 {
		w.Value = authmethod.ValueOf(u.string())
	}
	return w
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// unpacker reads what was packed from its beginning on.
type unpacker struct {
	bytes []byte
	text  string // the same
	at    int
}

func (u *unpacker) number() uint64 {
	n, size := binary.Uvarint(u.bytes[u.at:])
	u.at += size
	return n
}

func (u *unpacker) string() string {
	size := int(u.number())
	from := u.at
	u.at += size
	return u.text[from:u.at]
}

// vocabulary numbers words, each of them once.
type vocabulary[T comparable] struct {
	numbers map[T]uint64
	words   []T
}

func (v *vocabulary[T]) number(word T) uint64 {
	n, known := v.numbers[word]
	if !known {
		if v.numbers == nil {
			v.numbers = map[T]uint64{}
		}
		n = uint64(len(v.words))
		v.numbers[word] = n
		v.words = append(v.words, word)
	}
	return n
}
