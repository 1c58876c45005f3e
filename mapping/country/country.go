// Package country reads a cell that names a country: "DE", "deu", "Germany",
// "Allemagne", "Korea, Republic of", "Germany (DE)".
//
// It promises a code only where the cell has one reading. A name that means two
// countries, in one language or in two, means none; a cell that names two
// countries names none; a code is a code even where it is also a word. It never
// takes a calling code, a numeric code or a misspelling for a country, and never
// chooses the likelier of two.
//
// It knows nothing of files, people or phones: not every country has phone
// numbers of its own. Every function may be called from several goroutines.
package country

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Find reads a cell that names a country, by an ISO 3166-1 code of two or three
// letters in any letter case, by a name in English or another of the larger
// languages, or by several of these that agree, such as "DE - Germany". It
// returns the country's alpha-2 code in upper case, and false for anything else.
// UK is GB, and Kosovo is XK.
func Find(cell string) (code string, ok bool) {
	if len(cell) > maxBytes {
		return "", false
	}
	i, ok := find(cell)
	if !ok {
		return "", false
	}
	return alpha2(i), true
}

const (
	// maxBytes bounds the work on one cell: the longest names have some sixty
	// letters, in some scripts of three bytes each.
	maxBytes = 256

	// maxStops is how many signs may divide a cell that is taken apart.
	maxStops = 6
)

func find(cell string) (int, bool) {
	cell = strings.TrimFunc(cell, isEdge)
	if i, ok := findCode(cell); ok {
		return i, true
	}
	var buffer [maxBytes / 2]byte
	key := fold(buffer[:0], cell)
	first := bytes.IndexByte(key, stop)
	if first < 0 {
		return findName(key)
	}
	spaced(key)
	if i, ok := findName(key); ok {
		return i, true
	}
	if i, ok := findTurned(key, first); ok {
		return i, true
	}
	return findAgreed(cell)
}

// isEdge holds for what may stand round a name without a meaning.
func isEdge(r rune) bool { return isStop(r) || isGap(r) || unicode.Is(unicode.Cf, r) }

// spaced makes spaces of the stops.
func spaced(key []byte) {
	for i, c := range key {
		if c == stop {
			key[i] = ' '
		}
	}
}

// findTurned looks up a name whose parts stand in the order of a list, as in
// "Korea, Republic of" and "Virgin Islands (British)".
func findTurned(key []byte, first int) (int, bool) {
	var buffer [maxBytes / 2]byte
	turned := append(buffer[:0], key[first+1:]...)
	turned = append(turned, ' ')
	return findName(append(turned, key[:first]...))
}

// findAgreed looks for a place where what stands before it and what stands
// behind it name the same country.
func findAgreed(cell string) (int, bool) {
	stops := 0
	for _, r := range cell {
		if isStop(r) {
			stops++
		}
	}
	if stops > maxStops {
		return 0, false
	}
	for at, r := range cell {
		if !isStop(r) {
			continue
		}
		before, ok := find(cell[:at])
		if !ok {
			continue
		}
		if behind, ok := find(cell[at:]); ok && behind == before {
			return before, true
		}
	}
	return 0, false
}

func findName(key []byte) (int, bool) {
	i, ok := names()[string(key)]
	return int(i), ok && i != ambiguous
}

// findCode reads a code that stands alone. It must not see a text without its
// accents: "Áo" is Vietnamese for Austria, and AO is Angola.
func findCode(cell string) (int, bool) {
	var letters [3]byte
	n := 0
	for _, r := range cell {
		switch {
		case r >= 'a' && r <= 'z':
			r -= 'a' - 'A'
		case r >= 'ａ' && r <= 'ｚ':
			r -= 'ａ' - 'A'
		case r >= 'Ａ' && r <= 'Ｚ':
			r -= 'Ａ' - 'A'
		case r >= utf8.RuneSelf && unicode.Is(unicode.Cf, r):
			continue
		}
		if r < 'A' || r > 'Z' || n == len(letters) {
			return 0, false
		}
		letters[n] = byte(r)
		n++
	}
	code := string(letters[:n])
	if code == "UK" {
		code = "GB"
	}
	return index(code)
}

// renamed are English names that are younger than those of the language data.
var renamed = map[string]string{
	"MK": "North Macedonia",
	"SZ": "Eswatini",
	"TR": "Türkiye",
}

// Name is the English name of a country for display, by its alpha-2 code in
// upper case; "" for what is no such code.
func Name(code string) string {
	if len(code) != 2 {
		return ""
	}
	if _, ok := index(code); !ok {
		return ""
	}
	if name, ok := renamed[code]; ok {
		return name
	}
	return display.English.Regions().Name(language.MustParseRegion(code))
}
