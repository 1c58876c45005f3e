package charset

import (
	"strings"
	"unicode"
)

// Alphabets of the languages that windows-1251 is for.
var cyrillicAlphabets = []string{
	"абвгдеёжзийклмнопрстуфхцчшщъыьэюя", // Russian, Bulgarian
	"абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", // Ukrainian
	"абвгдеёжзійклмнопрстуўфхцчшыьэюя",  // Belarusian
	"абвгдђежзијклљмнњопрстћуфхцчџш",    // Serbian
	"абвгдѓежзѕијклљмнњопрстќуфхцчџш",   // Macedonian
}

const cyrillicVowels = "аеёиоуыэюяіїє"

// cyrillic judges a word. Read in a wrong code page Cyrillic text is Cyrillic
// again, with its letters permuted: small ones in front of capitals in KOI8,
// consonants without vowels between them, soft signs after vowels.
func cyrillic(word []rune) level {
	for _, r := range word {
		if !unicode.Is(unicode.Cyrillic, r) {
			return impossible
		}
	}
	switch {
	case !wellCased(word):
		return impossible
	case len(word) == 1:
		return possible
	}
	runs, sign := 0, false // of vowels up to here, of consonants below zero
	longest, shortest := 0, 0
	for i, r := range word {
		r = unicode.ToLower(r)
		switch {
		case strings.ContainsRune("ъьы", r) && (i == 0 || runs > 0):
			sign = true
		case strings.ContainsRune("ъь", r):
		case strings.ContainsRune(cyrillicVowels, r):
			runs = max(runs, 0) + 1
		default:
			runs = min(runs, 0) - 1
		}
		longest, shortest = max(longest, runs), min(shortest, runs)
	}
	switch {
	case sign, !inOne(word, cyrillicAlphabets):
		return odd
	case longest > 3, shortest < -4, longest == 0 && len(word) > 3:
		return odd
	}
	return usual
}

// greek judges a word; windows-1253 is not read, and much like windows-1251.
func greek(word []rune) level {
	for i, r := range word {
		switch {
		case !unicode.Is(unicode.Greek, r):
			return impossible
		case (r == 'ς') != (i == len(word)-1) && unicode.ToUpper(r) == 'Σ' && unicode.IsLower(r):
			return odd
		}
	}
	if !wellCased(word) {
		return impossible
	}
	return usual
}
