// Package roster keeps what the rows of a file say, packed, and knows which of
// them name the same person by the same key.
//
// It promises to give back every entry it was given, the people in the order of
// their first rows and the rows of each in their own; that a million rows with
// an address and two numbers fit in about 140 MB, in few large pieces that the
// garbage collector need not look into; and that nothing of it is ever stored,
// for all of it is clear values. It judges nothing: whether rows agree is its
// caller's to say, which is the importer.
package roster

import (
	"encoding/binary"
	"errors"
	"hash/maphash"
	"iter"
	"math"

	"authseed/mapping"
	"authseed/mapping/authmethod"
)

// Roster is what the rows of a file say. It is not for several goroutines at
// once. Make one with [New].
type Roster struct {
	packing packing
	bytes   arena
	rows    rows
	people  int // different keys

	// table finds the last row so far of a person by the hash of the key: open
	// addressing, a power of two, row numbers plus one, 0 for a free place.
	table []int32
	seed  maphash.Seed
	spare []byte // for packing in
}

// packedRow is where a row is in the arena, and the person's other rows.
type packedRow struct {
	offset uint32
	chunk  uint16
	first  bool // of its person
	hash   uint32
	next   int32 // row of the same person; after the last comes the first
}

var errTooManyRows = errors.New("more rows than fit")

const firstTable = 1 << 10

// New gives a roster without rows.
func New() *Roster {
	return &Roster{table: make([]int32, firstTable), seed: maphash.MakeSeed()}
}

// Add keeps the entry of a row that is not left out: an entry without Skip. The
// error is that of a file longer than any that was thought of.
func (r *Roster) Add(e *mapping.Entry) error {
	if r.full() {
		return errTooManyRows
	}
	r.spare = r.packing.pack(r.spare[:0], e)
	folded := e.Key.Folded()
	r.insert(uint32(maphash.String(r.seed, folded)), folded, r.spare)
	return nil
}

func (r *Roster) full() bool {
	return r.rows.count == math.MaxInt32-1 || len(r.bytes.chunks) == math.MaxUint16
}

// insert adds a packed row behind those of the same key.
func (r *Roster) insert(hash uint32, folded string, packed []byte) {
	row := int32(r.rows.count)
	added := packedRow{hash: hash, next: row}
	added.chunk, added.offset = r.bytes.add(packed)
	place, last := r.find(hash, folded)
	if last < 0 {
		added.first = true
		r.people++
	} else {
		before := r.rows.at(last)
		added.next, before.next = before.next, row
	}
	r.rows.add(added)
	r.table[place] = row + 1
	if r.people > len(r.table)/4*3 {
		r.grow()
	}
}

// find gives the place of a key in the table and the last row that has it, -1
// where no row has.
func (r *Roster) find(hash uint32, folded string) (place int, last int32) {
	for place = r.start(hash); r.table[place] != 0; place = r.after(place) {
		last = r.table[place] - 1
		if r.rows.at(last).hash == hash && r.packing.unpackKey(r.packed(last)).Folded() == folded {
			return place, last
		}
	}
	return place, -1
}

func (r *Roster) start(hash uint32) int   { return int(hash) & (len(r.table) - 1) }
func (r *Roster) after(place int) int     { return (place + 1) & (len(r.table) - 1) }
func (r *Roster) packed(row int32) []byte { return r.bytes.at(r.rows.at(row)) }

func (r *Roster) grow() {
	old := r.table
	r.table = make([]int32, 2*len(old))
	for _, entry := range old {
		if entry == 0 {
			continue
		}
		place := r.start(r.rows.at(entry - 1).hash)
		for r.table[place] != 0 {
			place = r.after(place)
		}
		r.table[place] = entry
	}
}

// EmployeeIDs yields the keys that are employee ids, each once.
func (r *Roster) EmployeeIDs() iter.Seq[authmethod.Key] {
	return func(yield func(authmethod.Key) bool) {
		for row := range int32(r.rows.count) {
			if !r.rows.at(row).first {
				continue
			}
			if key := r.packing.unpackKey(r.packed(row)); key.Attribute == authmethod.EmployeeID && !yield(key) {
				return
			}
		}
	}
}

// People is how many different keys there are.
func (r *Roster) People() int { return r.people }

// Groups yields what is said about each person, in the order of their first
// rows: the place of the first row, for [Roster.At], and an entry for every row.
// The slice is used again for the next person.
func (r *Roster) Groups() iter.Seq2[int, []mapping.Entry] {
	return func(yield func(int, []mapping.Entry) bool) {
		var group []mapping.Entry
		for first := range int32(r.rows.count) {
			if !r.rows.at(first).first {
				continue
			}
			group = group[:0]
			for row := first; ; {
				group = append(group, r.packing.unpack(r.packed(row)))
				if row = r.rows.at(row).next; row == first {
					break
				}
			}
			if !yield(int(first), group) {
				return
			}
		}
	}
}

// At gives the entry of one row.
func (r *Roster) At(place int) mapping.Entry { return r.packing.unpack(r.packed(int32(place))) }

// Keep packs an entry that is nobody's row, such as what a row says once its
// person is known, and gives its place. It is in no group.
func (r *Roster) Keep(e *mapping.Entry) (place int, err error) {
	if r.full() {
		return 0, errTooManyRows
	}
	r.spare = r.packing.pack(r.spare[:0], e)
	place = r.rows.count
	kept := packedRow{next: int32(place)}
	kept.chunk, kept.offset = r.bytes.add(r.spare)
	r.rows.add(kept)
	return place, nil
}

// rows is a list of packed rows that grows without moving.
type rows struct {
	chunks [][]packedRow
	count  int
}

const rowsChunk = 4096

func (l *rows) at(row int32) *packedRow { return &l.chunks[row/rowsChunk][row%rowsChunk] }

func (l *rows) add(row packedRow) {
	if l.count%rowsChunk == 0 {
		l.chunks = append(l.chunks, make([]packedRow, 0, rowsChunk))
	}
	last := &l.chunks[len(l.chunks)-1]
	*last = append(*last, row)
	l.count++
}

// arena keeps pieces of bytes, each after its length.
type arena struct{ chunks [][]byte }

const arenaChunk = 256 << 10

func (a *arena) add(piece []byte) (chunk uint16, offset uint32) {
	need := binary.MaxVarintLen32 + len(piece)
	if n := len(a.chunks); n == 0 || cap(a.chunks[n-1])-len(a.chunks[n-1]) < need {
		a.chunks = append(a.chunks, make([]byte, 0, max(arenaChunk, need)))
	}
	last := &a.chunks[len(a.chunks)-1]
	offset = uint32(len(*last))
	*last = binary.AppendUvarint(*last, uint64(len(piece)))
	*last = append(*last, piece...)
	return uint16(len(a.chunks) - 1), offset
}

func (a *arena) at(row *packedRow) []byte {
	b := a.chunks[row.chunk][row.offset:]
	size, from := binary.Uvarint(b)
	return b[from : from+int(size)]
}
