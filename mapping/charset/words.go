package charset

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// alphabetic is a reading of one byte a character, for languages that write
// words with letters.
func alphabetic(name string, e Encoding, table *single, word func(letters []rune) level) reading {
	return reading{name: name, encoding: e, alphabet: table, read: func(token []byte) (string, level) {
		text := make([]rune, len(token))
		for i, b := range token {
			if text[i] = table[b]; text[i] == 0 && b != 0 {
				return "", impossible
			}
		}
		return string(text), sentence(text, word)
	}}
}

// sentence is as good as the worst of its words and symbols beyond ASCII.
func sentence(text []rune, word func([]rune) level) level {
	worst := usual
	for i := 0; i < len(text); {
		n := lettersFrom(text[i:])
		switch {
		case n > 0 && !isASCII(text[i:i+n]):
			worst = min(worst, word(text[i:i+n]))
		case n == 0 && text[i] >= utf8.RuneSelf:
			worst = min(worst, symbol(text, i))
		}
		i += max(n, 1)
	}
	return worst
}

// isLetter leaves out the letters that stand for other things than sounds.
func isLetter(r rune) bool {
	return (unicode.IsLetter(r) || unicode.Is(unicode.Mn, r)) && !strings.ContainsRune("µªºˆˇ", r)
}

func isASCII(text []rune) bool {
	for _, r := range text {
		if r >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func lettersFrom(text []rune) int {
	n := 0
	for n < len(text) && isLetter(text[n]) {
		n++
	}
	return n
}

// script judges a word of an alphabet without further rules.
func script(alphabet *unicode.RangeTable) func(word []rune) level {
	return func(word []rune) level {
		for _, r := range word {
			if !unicode.Is(alphabet, r) {
				return impossible
			}
		}
		return usual
	}
}

// symbol judges what is no letter by where it stands. A symbol that stands for
// a letter, because the encoding is another, has letters beside it.
func symbol(text []rune, i int) level {
	left, right := 0, lettersFrom(text[i+1:])
	for left < i && isLetter(text[i-1-left]) {
		left++
	}
	inside := left > 0 && right > 0
	switch r := text[i]; {
	case left == 0 && right == 0:
		if strings.ContainsRune("’‘“”„‚–—…•·°§€£®™©«»›‹\u00a0", r) {
			return usual
		}
		return possible
	case strings.ContainsRune("’‘´`·\u00ad", r):
		// O’Brien, l’Hôpital, Peter’s, Мар’яна; not Mar’a.
		if !inside || left <= 2 || right == 1 || unicode.IsUpper(text[i+1]) || unicode.Is(unicode.Cyrillic, text[i+1]) {
			return usual
		}
		return odd
	case r == '\u00a0':
		return possible
	case strings.ContainsRune("–—", r):
		if inside && unicode.IsLower(text[i+1]) {
			return odd
		}
		return usual
	case strings.ContainsRune("“”«»‹›…•", r) && !inside, strings.ContainsRune("„‚", r) && left == 0,
		strings.ContainsRune("®™©°", r) && right == 0:
		return usual
	case strings.ContainsRune("ªº²³", r) && right == 0 && left <= 2:
		return possible // Mª, km²
	}
	return impossible
}

// wellCased holds for müller, Müller, MÜLLER and GROßE; among ASCII letters
// anything goes, as in McDönald.
func wellCased(word []rune) bool {
	for i := 1; i < len(word); i++ {
		before, r := word[i-1], word[i]
		switch {
		case unicode.IsUpper(r) && unicode.IsLower(before) && before != 'ß' && !isASCII(word[i-1:i+1]):
			return false
		case unicode.IsLower(r) && i > 1 && unicode.IsUpper(before) && unicode.IsUpper(word[i-2]) && r != 'ß' && !isASCII(word[i-2:i+1]):
			return false
		}
	}
	return true
}

// inOne reports whether one of languages has all letters of a word, because a
// name is written in one language.
func inOne(word []rune, languages []string) bool {
	for _, language := range languages {
		letters, without, _ := strings.Cut(language, "-")
		all := true
		for _, r := range word {
			r = unicode.ToLower(r)
			if r < utf8.RuneSelf {
				all = all && !strings.ContainsRune(without, r)
			} else {
				all = all && strings.ContainsRune(letters, r)
			}
		}
		if all {
			return true
		}
	}
	return false
}
