package country

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// stop stands in a folded text for every sign that may divide two names.
const stop = ','

func isStop(r rune) bool {
	switch r {
	case ',', ';', ':', '/', '|', '=', '(', ')', '[', ']', '-',
		'，', '；', '：', '／', '｜', '＝', '（', '）', '［', '］', '、', '−':
		return true
	}
	return r >= utf8.RuneSelf && !unicode.IsLetter(r) && unicode.Is(unicode.Pd, r)
}

// isGap holds for signs between words and inside abbreviations. Every other sign
// stays, so that a text with a question mark for a lost letter is no name.
func isGap(r rune) bool {
	switch r {
	case '.', '\'', '"', '&', '`', '´', '‘', '’', '‚', '“', '”', '„', '«', '»', '·', '・', 'ʼ', 'ʻ', 'ʹ':
		return true
	}
	return unicode.IsSpace(r)
}

// fold appends the words of a text in lower case, without accents, one space
// between two and a stop where something divides them, none at the ends. Folding
// its result changes nothing.
func fold(dst []byte, text string) []byte {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return foldMarked(dst, text)
		}
	}
	f := folding{dst: dst, start: len(dst), end: len(dst)}
	for i := range len(text) {
		f.add(rune(text[i]))
	}
	f.close()
	return f.dst
}

// foldMarked folds a text that is not ASCII. A mark is an accent on the letters
// of some scripts and makes another letter in others, in Japanese for instance.
func foldMarked(dst []byte, text string) []byte {
	var buffer [maxBytes]byte
	plain := norm.NFKD.AppendString(buffer[:0], strings.ToValidUTF8(text, "\ufffd"))
	f := folding{dst: dst, start: len(dst), end: len(dst)}
	var base rune
	for len(plain) > 0 {
		r, n := utf8.DecodeRune(plain)
		plain = plain[n:]
		switch {
		case r < utf8.RuneSelf, unicode.IsLetter(r):
			base = r
			f.add(r)
		case unicode.Is(unicode.Mn, r):
			if r != diaeresis && !unicode.In(base, unicode.Latin, unicode.Greek, unicode.Arabic, unicode.Hebrew) {
				f.add(r)
			}
		case !unicode.Is(unicode.Cf, r):
			f.add(r)
		}
	}
	f.close()
	return f.dst
}

// diaeresis is optional in Russian.
const diaeresis = '\u0308'

// folding is a folded text under construction.
type folding struct {
	dst     []byte
	start   int  // of the text
	end     int  // of its last whole word
	word    int  // start of the word that is being written
	open    bool // a word is being written
	divided bool // a stop follows the last whole word
}

func (f *folding) add(r rune) {
	switch r = unicode.ToLower(r); {
	case isStop(r):
		f.close()
		f.divided = true
	case isGap(r):
		f.close()
	default:
		if !f.open {
			f.begin()
		}
		f.dst = appendLetter(f.dst, r)
	}
}

func (f *folding) begin() {
	f.open = true
	switch {
	case f.end == f.start:
	case f.divided:
		f.dst = append(f.dst, stop)
	default:
		f.dst = append(f.dst, ' ')
	}
	f.word = len(f.dst)
}

// close ends a word. What some write and others leave out is dropped, and
// abbreviations are written out.
func (f *folding) close() {
	if !f.open {
		return
	}
	f.open = false
	switch string(f.dst[f.word:]) {
	case "the", "and":
		f.dst = f.dst[:f.end] // with what divided it from the word before
		return
	case "st":
		f.dst = append(f.dst[:f.word], "saint"...)
	case "rep":
		f.dst = append(f.dst[:f.word], "republic"...)
	case "dem":
		f.dst = append(f.dst[:f.word], "democratic"...)
	}
	f.end, f.divided = len(f.dst), false
}

func appendLetter(dst []byte, r rune) []byte {
	switch r {
	case 'ß':
		return append(dst, "ss"...)
	case 'æ':
		return append(dst, "ae"...)
	case 'œ':
		return append(dst, "oe"...)
	case 'þ':
		return append(dst, "th"...)
	case 'ø':
		return append(dst, 'o')
	case 'ł':
		return append(dst, 'l')
	case 'đ', 'ð':
		return append(dst, 'd')
	case 'ı':
		return append(dst, 'i')
	case 'ς':
		r = 'σ'
	}
	return utf8.AppendRune(dst, r)
}
