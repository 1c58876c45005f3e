package charset

import (
	"encoding/binary"
	"errors"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// asciiLen is how many bytes at the start of b are ASCII.
func asciiLen(b []byte) int {
	n := 0
	for ; len(b)-n >= 8; n += 8 {
		if binary.LittleEndian.Uint64(b[n:])&0x8080808080808080 != 0 {
			break
		}
	}
	for n < len(b) && b[n] < utf8.RuneSelf {
		n++
	}
	return n
}

// single is an encoding of one byte a character: 0 where there is none.
type single [256]rune

// singleOf reads a table of golang.org/x/text. C1 controls are bytes that
// nobody has a character for.
func singleOf(m *charmap.Charmap) *single {
	var s single
	for b := range 256 {
		r := m.DecodeByte(byte(b))
		if r != utf8.RuneError && (r < 0x80 || r >= 0xA0) {
			s[b] = r
		}
	}
	return &s
}

var charmaps = map[Encoding]func() *single{
	Windows1252: sync.OnceValue(func() *single { return singleOf(charmap.Windows1252) }),
	Windows1250: sync.OnceValue(func() *single { return singleOf(charmap.Windows1250) }),
	Windows1251: sync.OnceValue(func() *single { return singleOf(charmap.Windows1251) }),
}

func charmapOf(e Encoding) *single { return charmaps[e]() }

// decoder reads s but for the bytes that one of others reads otherwise.
func (s *single) decoder(others ...*single) decoder {
	var forms [256][]byte
	for b := 0x80; b < 256; b++ {
		forms[b] = []byte{invalid}
		agreed := s[b] != 0
		for _, other := range others {
			agreed = agreed && other[b] == s[b]
		}
		if agreed {
			forms[b] = utf8.AppendRune(nil, s[b])
		}
	}
	return func(dst, src []byte, _ bool) ([]byte, int) {
		for i := 0; i < len(src); i++ {
			n := asciiLen(src[i:])
			dst = append(dst, src[i:i+n]...)
			if i += n; i < len(src) {
				dst = append(dst, forms[src[i]]...)
			}
		}
		return dst, len(src)
	}
}

// pairs is an encoding of one or two bytes a character beyond ASCII: 0 where
// there is none. All of them are in the BMP.
type pairs struct {
	one   [256]uint16
	two   [0x7E][256]uint16 // by first byte from 0x81 on, and second
	leads [256]bool         // whether pairs begin so, though there may be none
	four  *encoding.Decoder // of GB 18030, else nil
}

// pairsFrom asks a decoder of golang.org/x/text for every byte and every pair,
// because in its output an invalid sequence cannot be told from U+FFFD.
func pairsFrom(e encoding.Encoding) *pairs {
	p, d := new(pairs), e.NewDecoder()
	for b := 0x80; b < 256; b++ {
		if r := only(d, byte(b)); r >= 0xA0 {
			p.one[b] = uint16(r)
			continue
		}
		_, _, err := d.Transformer.Transform(make([]byte, 8), []byte{byte(b)}, false)
		p.leads[b] = errors.Is(err, transform.ErrShortSrc)
		for t := 0; p.leads[b] && t < 256; t++ {
			if r := only(d, byte(b), byte(t)); r > 0 && r <= 0xFFFF {
				p.two[b-0x81][t] = uint16(r)
			}
		}
	}
	return p
}

// only decodes a sequence that is exactly one character, 0 if it is not.
func only(d *encoding.Decoder, sequence ...byte) rune {
	var dst [16]byte
	n, used, err := d.Transformer.Transform(dst[:], sequence, true)
	r, size := utf8.DecodeRune(dst[:n])
	if err != nil || used != len(sequence) || size != n || r == utf8.RuneError && len(sequence) < 4 {
		return 0
	}
	return r
}

var pairTables = map[Encoding]func() *pairs{
	ShiftJIS: sync.OnceValue(func() *pairs { return pairsFrom(japanese.ShiftJIS) }),
	EUCKR:    sync.OnceValue(func() *pairs { return pairsFrom(korean.EUCKR) }),
	GB18030: sync.OnceValue(func() *pairs {
		p := pairsFrom(simplifiedchinese.GB18030)
		p.four = simplifiedchinese.GB18030.NewDecoder()
		return p
	}),
}

func pairsOf(e Encoding) *pairs { return pairTables[e]() }

// next reads the character at the start of b, which is not ASCII. It gives 0
// and the bytes to pass over where there is none, and size 0 where b is too
// short to tell.
func (p *pairs) next(b []byte, final bool) (r rune, size int) {
	switch {
	case p.one[b[0]] != 0:
		return rune(p.one[b[0]]), 1
	case !p.leads[b[0]]:
		return 0, 1
	case len(b) == 1:
		if final {
			return 0, 1
		}
		return 0, 0
	case p.four != nil && '0' <= b[1] && b[1] <= '9':
		return p.nextFour(b, final)
	}
	if r = rune(p.two[b[0]-0x81][b[1]]); r == 0 && b[1] < utf8.RuneSelf {
		// The second byte may be what stands behind a cut character.
		return 0, 1
	}
	return r, 2
}

func (p *pairs) nextFour(b []byte, final bool) (r rune, size int) {
	switch {
	case len(b) > 2 && (b[2] < 0x81 || b[2] == 0xFF), len(b) > 3 && (b[3] < '0' || b[3] > '9'):
		return 0, 1
	case len(b) < 4 && final:
		return 0, 1
	case len(b) < 4:
		return 0, 0
	}
	if r = only(p.four, b[0], b[1], b[2], b[3]); r == 0 {
		return 0, 1
	}
	return r, 4
}

func (p *pairs) decode(dst, src []byte, final bool) ([]byte, int) {
	for i := 0; i < len(src); {
		if src[i] < utf8.RuneSelf {
			n := asciiLen(src[i:])
			dst = append(dst, src[i:i+n]...)
			i += n
			continue
		}
		r, size := p.next(src[i:], final)
		switch {
		case size == 0:
			return dst, i
		case r == 0:
			dst = append(dst, invalid)
		default:
			dst = utf8.AppendRune(dst, r)
		}
		i += size
	}
	return dst, len(src)
}

// utf16Decoder takes half of a surrogate pair and a last odd byte for invalid.
func utf16Decoder(order binary.ByteOrder) decoder {
	return func(dst, src []byte, final bool) ([]byte, int) {
		i := 0
		for ; len(src)-i >= 2; i += 2 {
			r := rune(order.Uint16(src[i:]))
			if utf16.IsSurrogate(r) {
				if len(src)-i < 4 && !final && r < 0xDC00 {
					return dst, i
				}
				low := rune(0)
				if len(src)-i >= 4 {
					low = rune(order.Uint16(src[i+2:]))
				}
				if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
					dst = append(dst, invalid)
					continue
				}
				i += 2
			}
			dst = utf8.AppendRune(dst, r)
		}
		if final && i < len(src) {
			dst, i = append(dst, invalid), len(src)
		}
		return dst, i
	}
}
