package charset

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Guess is what a sample of a file says about its encoding.
type Guess struct {
	Encoding   Encoding   // empty unless Certain
	Certain    bool       // whether everything else is ruled out
	BOM        int        // length of the byte order mark in front of the text, in bytes
	ASCII      bool       // the sample is ASCII only: true of most encodings, so nothing is known of what follows
	Alike      []Encoding // Certain: others in which the sample is the same text, but for few words; what follows may not be
	Candidates []Encoding // not Certain: what it may be, the likeliest first; empty if nothing fits
	Why        string     // in words, without any text of the sample

	others []*single // the alphabets of Alike, and of what cannot be decoded and is alike
}

// NewReader gives the text of r, from which the byte order mark is gone, as
// [NewReader] does, and takes nothing for granted that the sample did not
// show: a byte that an encoding which is alike so far reads otherwise is
// invalid. So where all of 64 KiB is one text in windows-1252 and in
// windows-1250, a later row that is not is refused rather than guessed, and so
// are the few rows of the sample that are not.
func (g Guess) NewReader(r io.Reader) io.Reader {
	if len(g.others) > 0 {
		return &reader{src: r, decode: charmapOf(g.Encoding).decoder(g.others...)}
	}
	return NewReader(r, g.Encoding)
}

// boms are what files begin with to say their encoding: U+FEFF in it. Those
// without an Encoding cannot be read; UTF-32 comes before the UTF-16 that it
// begins like.
var boms = []struct {
	mark     string
	encoding Encoding
	name     string
}{
	{"\xef\xbb\xbf", UTF8, "UTF-8"},
	{"\xff\xfe\x00\x00", "", "UTF-32"},
	{"\x00\x00\xfe\xff", "", "UTF-32"},
	{"\xff\xfe", UTF16LE, "UTF-16LE"},
	{"\xfe\xff", UTF16BE, "UTF-16BE"},
	{"\x84\x31\x95\x33", GB18030, "GB 18030"},
}

// BOM gives the encoding whose byte order mark start begins with and the
// mark's length in bytes, and no Encoding and 0 without a mark.
func BOM(start []byte) (Encoding, int) {
	for _, bom := range boms {
		switch {
		case !bytes.HasPrefix(start, []byte(bom.mark)):
		case bom.encoding == "":
			return "", 0
		default:
			return bom.encoding, len(bom.mark)
		}
	}
	return "", 0
}

// Detect tells in which encoding a file is from its start. Unless sample is the
// whole file its end may cut a character. A longer sample knows more: one of
// 64 KiB takes a few milliseconds, and 1 MiB is not too much. Of words that are
// not ASCII the first 4096 different ones count.
func Detect(sample []byte, whole bool) Guess {
	for _, bom := range boms {
		switch {
		case !bytes.HasPrefix(sample, []byte(bom.mark)):
		case bom.encoding == "":
			return Guess{Why: "it begins with the byte order mark of " + bom.name + ", which is not read"}
		default:
			return Guess{Encoding: bom.encoding, Certain: true, BOM: len(bom.mark), Why: "it begins with the byte order mark of " + bom.name}
		}
	}
	if bytes.IndexByte(sample, 0) >= 0 {
		return detectUTF16(sample, whole)
	}
	if !mostlyText(sample) {
		return Guess{Why: "it is not text: it holds control characters"}
	}
	text := sample
	if !whole {
		text = withoutCut(sample)
	}
	n := asciiLen(text)
	switch {
	case n == len(text) && escapes(text):
		return Guess{Why: "it looks like ISO-2022 or HZ, which are not read"}
	case n == len(text):
		return Guess{Encoding: UTF8, Certain: true, ASCII: true, Why: "there is nothing but ASCII in it"}
	case utf8.Valid(text) && !byChance(text):
		return Guess{Encoding: UTF8, Certain: true, Why: "what is not ASCII in it is valid UTF-8"}
	}
	if !whole {
		// Whatever begins a character or is its second byte is 0x40 or more,
		// so that a sample that ends behind less ends behind a character.
		text = bytes.TrimRightFunc(sample, func(r rune) bool { return r >= 0x40 })
	}
	return detectLegacy(text)
}

// withoutCut drops the start of a UTF-8 character from the end of b.
func withoutCut(b []byte) []byte {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return b[:i]
			}
			break
		}
	}
	return b
}

// mostlyText tells text, which may hold a stray control character, from bytes
// that are something else.
func mostlyText(b []byte) bool {
	controls := 0
	for _, c := range b {
		switch {
		case c >= ' ' && c != 0x7F:
		case c == '\t', c == '\n', c == '\v', c == '\f', c == '\r', c == 0x1A, c == 0x1B:
			// 0x1A is where DOS programs end a file, 0x1B is ISO 2022's.
		default:
			controls++
		}
	}
	return controls <= 1+len(b)/1000
}

// escapes finds the sequences by which ISO-2022-JP, -KR and -CN and HZ write
// other characters in ASCII.
func escapes(b []byte) bool {
	return bytes.Contains(b, []byte("\x1b$")) || bytes.Contains(b, []byte("\x1b(")) ||
		bytes.Contains(b, []byte("~{")) && bytes.Contains(b, []byte("~}"))
}

// byChance reports whether valid UTF-8 is so little that it may be something
// else: a few words whose characters are of two bytes, as some are in the
// code pages of China and Korea, and that read no worse as those.
func byChance(text []byte) bool {
	tokens := tokensOf(text)
	if len(tokens) > 5 || bytes.ContainsFunc(text, func(r rune) bool { return r >= 0x800 }) {
		return false
	}
	witnesses := hear(tokens)
	return witnesses[0].encoding != UTF8 || slices.ContainsFunc(witnesses[1:], func(w *witness) bool {
		return w.sum > 0 && w.sum >= witnesses[0].sum
	})
}

// detectUTF16 judges a sample with NUL bytes and no mark: UTF-16, or no text.
func detectUTF16(sample []byte, whole bool) Guess {
	le := looksUTF16(sample, UTF16LE, whole)
	be := looksUTF16(sample, UTF16BE, whole)
	switch {
	case le && !be:
		return Guess{Encoding: UTF16LE, Certain: true, Why: "every second byte of its ASCII characters is NUL: UTF-16LE"}
	case be && !le:
		return Guess{Encoding: UTF16BE, Certain: true, Why: "every first byte of its ASCII characters is NUL: UTF-16BE"}
	case le && be:
		return Guess{Candidates: []Encoding{UTF16LE, UTF16BE}, Why: "it reads as UTF-16 in either byte order"}
	}
	return Guess{Why: "it is not text: it holds NUL bytes"}
}

// looksUTF16 reports whether b reads as text in e: no control characters, no
// halves of surrogate pairs, no code points without a character, and line ends
// or delimiters among it, which every table has and the other byte order turns
// into unassigned code points or rare symbols.
func looksUTF16(b []byte, e Encoding, whole bool) bool {
	odd := len(b)%2 == 1
	if odd && whole {
		return false
	}
	// Not final, so that a cut pair at the end is no mistake.
	var order binary.ByteOrder = binary.LittleEndian
	if e == UTF16BE {
		order = binary.BigEndian
	}
	text, _ := utf16Decoder(order)(nil, b, whole)
	marks, ascii, strange, total := 0, 0, 0, 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		total++
		switch {
		case r == '\n', r == '\r', r == ',', r == ';', r == '\t', r == '|':
			marks++
			ascii++
		case ' ' <= r && r <= '~':
			ascii++
		case r == utf8.RuneError && size == 1, r < ' ', !unicode.IsGraphic(r) && !unicode.Is(unicode.Cf, r):
			strange++
		}
	}
	return strange == 0 && ascii > 0 && (marks > 0 || ascii*2 > total)
}

// detectLegacy judges a sample that is not UTF-8 by its words.
func detectLegacy(text []byte) Guess {
	tokens := tokensOf(text)
	if len(tokens) == 0 {
		return Guess{
			Candidates: slices.DeleteFunc(All(), func(e Encoding) bool { return e == UTF16LE || e == UTF16BE }),
			Why:        "there is too little to tell",
		}
	}
	witnesses := hear(tokens)
	best := witnesses[0]
	g := Guess{Encoding: best.encoding, Certain: best.fits()}
	refused, rival := map[int]bool{}, ""
	for _, w := range witnesses[1:] {
		v, differing := best.against(w)
		if v == beaten {
			continue
		}
		for _, i := range differing {
			refused[i] = true
		}
		if v == open || !best.few(len(refused)) {
			g.Certain = false
			rival = cmp.Or(rival, w.name)
		}
		if best.alphabet != nil && w.alphabet != nil {
			g.others = append(g.others, w.alphabet)
		}
		if w.encoding != "" {
			g.Alike = append(g.Alike, w.encoding)
		}
	}
	if !g.Certain {
		return undecided(witnesses, rival)
	}
	g.Why = fmt.Sprintf("of %d words with other than ASCII, %d read well as %s", len(tokens), best.well(), best.name)
	if len(g.Alike) > 0 {
		g.Why += ", and so far it might as well be " + list(g.Alike)
	}
	return g
}

// undecided says what is in the way of the first witness: a rival, or the words.
func undecided(witnesses []*witness, rival string) Guess {
	best, g := witnesses[0], Guess{}
	for _, w := range witnesses {
		if w.encoding != "" && w.bearable() {
			g.Candidates = append(g.Candidates, w.encoding)
		}
	}
	switch {
	case len(g.Candidates) == 0:
		g.Why = "in no encoding that is read does it read well"
	case !best.fits():
		g.Why = fmt.Sprintf("only %d of its %d words with other than ASCII read well even as %s", best.well(), len(best.levels), best.name)
	default:
		g.Why = fmt.Sprintf("it reads as %s, and might be %s", best.name, rival)
	}
	return g
}
