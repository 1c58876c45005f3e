package charset

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// level is how well a word reads in an encoding.
type level int8

const (
	impossible level = iota // bytes it does not have, or a symbol inside a word
	odd                     // letters that no language puts so
	possible                // nothing against it, little for it
	usual                   // as people write
)

// reading is an encoding as the detection sees it.
type reading struct {
	name     string
	encoding Encoding // empty: known only so as not to be taken for another
	alphabet *single  // of the encodings with one byte a character
	// read judges a token and gives its text in any form that is equal for
	// equal texts; what it gives for an impossible one does not matter.
	read func(token []byte) (string, level)
}

// witness is what a reading makes of all tokens.
type witness struct {
	reading
	texts  []string
	levels []level
	sum    int
}

// What is looked at is bounded, because each reading keeps its text of it.
const (
	maxTokens     = 4096
	maxTokenBytes = 256 << 10
)

// tokensOf gives the distinct words of text with bytes beyond ASCII. A word is
// what is between bytes below 0x40, because no encoding has those inside a
// character, but for GB 18030 its digits.
func tokensOf(text []byte) [][]byte {
	seen := map[string]bool{}
	var tokens [][]byte
	size := 0
	for i := 0; i < len(text) && len(tokens) < maxTokens && size < maxTokenBytes; {
		start, high := i, false
		for i < len(text) {
			if four := text[i:]; len(four) >= 4 && four[0] >= 0x81 && isDigit(four[1]) && four[2] >= 0x81 && isDigit(four[3]) {
				high = true
				i += 4
				continue
			}
			if text[i] < 0x40 {
				break
			}
			high = high || text[i] >= utf8.RuneSelf
			i++
		}
		if token := text[start:i]; high && !seen[string(token)] {
			seen[string(token)] = true
			tokens = append(tokens, token[:min(len(token), maxTokenBytes)])
			size += len(token)
		}
		i++
	}
	return tokens
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// hear lets every reading judge the tokens. The first witness is the best of
// those that can be decoded.
func hear(tokens [][]byte) []*witness {
	var witnesses []*witness
	for _, r := range readings() {
		w := &witness{reading: r}
		for _, token := range tokens {
			text, l := r.read(token)
			w.texts = append(w.texts, text)
			w.levels = append(w.levels, l)
			w.sum += int(l)
		}
		witnesses = append(witnesses, w)
	}
	slices.SortStableFunc(witnesses, func(a, b *witness) int {
		if (a.encoding == "") != (b.encoding == "") {
			return len(b.encoding) - len(a.encoding)
		}
		return b.sum - a.sum
	})
	return witnesses
}

func (w *witness) count(from, to level) int {
	n := 0
	for _, l := range w.levels {
		if from <= l && l <= to {
			n++
		}
	}
	return n
}

// well is how many words read well.
func (w *witness) well() int { return w.count(possible, usual) }

// fits asks for evidence of its own: a good part of the words as people write
// them, and next to none that are wrong.
func (w *witness) fits() bool {
	return w.count(impossible, odd) <= len(w.levels)/20 && w.count(usual, usual)*4 >= len(w.levels)
}

// bearable is what may still be meant.
func (w *witness) bearable() bool {
	return w.count(impossible, odd) <= len(w.levels)/4
}

// verdict is what the tokens say between two readings.
type verdict int

const (
	open   verdict = iota
	alike          // they differ in few words or none
	beaten         // the other one is ruled out
)

// against weighs the words that the two read differently, and gives their
// indices. One that is impossible, or three that are less usual, rule the other
// out, unless more than an eighth as much speaks for it.
func (w *witness) against(other *witness) (v verdict, differing []int) {
	pro, contra, words := 0, 0, 0
	for i, l := range w.levels {
		o := other.levels[i]
		if l != impossible && o != impossible && w.texts[i] == other.texts[i] {
			continue
		}
		differing = append(differing, i)
		pro += max(0, int(l-o))
		contra += max(0, int(o-l))
		switch {
		case l >= possible && o == impossible:
			words += 3
		case l > o:
			words++
		}
	}
	switch {
	case words >= 3 && contra*8 <= pro:
		return beaten, nil
	case len(differing) == 0, other.alphabet != nil && w.alphabet != nil && w.few(len(differing)):
		return alike, differing
	}
	return open, differing
}

// few is how many words may be refused before it is better to ask.
func (w *witness) few(n int) bool {
	return n*20 <= len(w.levels) || n == 1 && len(w.levels) >= 8
}

// readUTF8 is for files that are UTF-8 but for a few rows, and for the few words
// that are valid UTF-8 by chance.
func readUTF8(token []byte) (string, level) {
	if !utf8.Valid(token) {
		return "", impossible
	}
	text := []rune(string(token))
	best := impossible
	for _, word := range []func([]rune) level{latin(slices.Concat(western, central, turkic, baltic)), cyrillic, greek} {
		best = max(best, sentence(text, word))
	}
	for _, r := range text {
		if r >= 0x590 && unicode.IsLetter(r) {
			return string(text), max(best, possible)
		}
	}
	return string(text), best
}
