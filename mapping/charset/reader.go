package charset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	readSize = 16 << 10
	growth   = 3 // bytes of UTF-8 that one byte of input becomes at most
	idleMax  = 100
)

// invalid stands for what cannot be read. UTF-8 never has this byte.
const invalid = 0xFF

// decoder appends the text of src to dst and says how many bytes of src it
// used. Unless final it leaves a last sequence that may still be completed.
type decoder func(dst, src []byte, final bool) (text []byte, used int)

// NewReader gives the text that r holds in encoding e, as UTF-8. The byte order
// mark has to be gone; see [BOM]. Sequences that e does not have become one byte
// 0xFF each; for UTF-8 the reader is r itself, in which they are as they were.
// An error of r comes after the text before it, without half a character.
// With an e that is none of [All] every read fails.
func NewReader(r io.Reader, e Encoding) io.Reader {
	switch e {
	case UTF8:
		return r
	case UTF16LE:
		return &reader{src: r, decode: utf16Decoder(binary.LittleEndian)}
	case UTF16BE:
		return &reader{src: r, decode: utf16Decoder(binary.BigEndian)}
	case Windows1252, Windows1250, Windows1251:
		return &reader{src: r, decode: charmapOf(e).decoder()}
	case ShiftJIS, EUCKR, GB18030:
		return &reader{src: r, decode: pairsOf(e).decode}
	}
	return &reader{err: fmt.Errorf("no encoding %q", string(e))}
}

type reader struct {
	src    io.Reader
	decode decoder
	in     []byte // read and not decoded
	out    []byte // decoded; from pos on not handed out
	pos    int
	err    error // of src, and what comes after out
}

// Read is io.Reader's.
func (r *reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for r.pos == len(r.out) {
		if r.err != nil {
			return 0, r.err
		}
		r.fill()
	}
	n := copy(p, r.out[r.pos:])
	r.pos += n
	return n, nil
}

func (r *reader) fill() {
	if r.out == nil {
		r.in = make([]byte, 0, readSize)
		r.out = make([]byte, 0, growth*readSize)
	}
	n, idle := 0, 0
	for n == 0 && r.err == nil {
		n, r.err = r.src.Read(r.in[len(r.in):cap(r.in)])
		if idle++; n == 0 && r.err == nil && idle > idleMax {
			r.err = io.ErrNoProgress
		}
	}
	r.in = r.in[:len(r.in)+n]
	if errors.Is(r.err, io.EOF) {
		r.err = io.EOF
	}
	used := 0
	r.out, used = r.decode(r.out[:0], r.in, r.err == io.EOF)
	r.pos = 0
	r.in = r.in[:copy(r.in, r.in[used:])]
}
