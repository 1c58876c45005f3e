package charset

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Letters beyond ASCII by language, those of Western Europe as windows-1252 has
// them, and behind a hyphen ASCII letters that its words do not have. shared are the letters
// that windows-1252 and windows-1250 have at the same places.
const (
	german       = "äöüß"
	french       = "àâçéèêëîïôùûüÿœæ"
	spanish      = "áéíñóúü"
	catalan      = "àçèéíïòóúü"
	portuguese   = "áâãàçéêíóôõúü-kwy"
	italian      = "àèéìíîòóù"
	scandinavian = "åæäøöéü"
	icelandic    = "áðéíóúýþæö"
	dutch        = "áèéêëïóöü"
	estonian     = "äöõüšž-cfqwxyz"
	finnish      = "äöåšž"
	shared       = "áâäçéëíîóôöúüýß"

	czech      = "áčďéěíňóřšťúůýž"
	slovak     = "áäčďéíĺľňóôŕšťúýž"
	polish     = "ąćęłńóśźż"
	hungarian  = "áéíóöőúüű"
	croatian   = "čćđšž"
	romanian   = "ăâîşţ"
	turkish    = "çğıöşüâîû"
	lithuanian = "ąčęėįšųūž"
	latvian    = "āčēģīķļņšūž"
)

var (
	western = []string{german, french, spanish, catalan, portuguese, italian, scandinavian, icelandic, dutch, estonian, finnish}
	central = []string{shared, czech, slovak, polish, hungarian, croatian, romanian}
	turkic  = []string{turkish, german, french, spanish, catalan, portuguese, italian, scandinavian, dutch}
	baltic  = []string{lithuanian, latvian, estonian, german, scandinavian}
)

// latin judges a word of a Latin alphabet.
func latin(languages []string) func(word []rune) level {
	return func(word []rune) level {
		high := 0
		for _, r := range word {
			if !unicode.Is(unicode.Latin, r) {
				return impossible
			}
			if r >= utf8.RuneSelf {
				high++
			}
		}
		switch {
		case len(word) == 1 && unicode.IsUpper(word[0]), len(word) == 1 && strings.ContainsRune("àáéèêóòôöåäøæíìúü", word[0]):
			return possible
		case len(word) == 1, !wellCased(word):
			return impossible
		case high == len(word) && high > 2, !inOne(word, languages), !habitual(word):
			return odd
		}
		return usual
	}
}

const vowels = "aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿœăąęěėēįīőůűųūāı"

func isVowel(r rune) bool { return strings.ContainsRune(vowels, r) }

// habits say where a language puts a letter, for the letters that share a byte
// with one of another code page: both must be lower case, 0 is the word's end.
// Rare exceptions cost a word, and it takes many to change a guess.
var habits = map[rune]func(before, after rune) bool{
	// windows-1252, and what its byte is in windows-1250 (and -1254, -1257).
	'ñ': func(_, after rune) bool { return isVowel(after) },                                                // ń
	'ã': func(_, after rune) bool { return after == 0 || strings.ContainsRune("eio", after) },              // ă: João, Magalhães
	'õ': func(_, after rune) bool { return after != 0 },                                                    // ő: Simões, Kõiv
	'œ': func(_, after rune) bool { return after == 'u' || after == 'i' },                                  // ś
	'è': func(before, after rune) bool { return !isVowel(after) && before != 'a' && before != 'e' },        // č
	'ì': func(_, after rune) bool { return after == 0 },                                                    // ě: Forlì
	'ù': func(_, after rune) bool { return after == 0 },                                                    // ů: Gesù
	'ò': func(before, after rune) bool { return !isVowel(after) && before != 'a' && before != 'e' },        // ň
	'ï': func(before, _ rune) bool { return isVowel(before) },                                              // ď: Anaïs
	'æ': func(before, after rune) bool { return !isVowel(before) && !strings.ContainsRune("aeio", after) }, // ć
	'ø': func(before, after rune) bool {
		return !strings.ContainsRune("aou", before) && !strings.ContainsRune("aou", after)
	}, // ř
	'å': func(before, after rune) bool { return !isVowel(before) && !isVowel(after) }, // ĺ
	'ð': func(before, _ rune) bool { return before != 0 },                             // đ, ğ, š: Sigurður
	'þ': func(before, after rune) bool { return after != 0 && !isVowel(before) },      // ţ, ş, ž: Steinþór
	'ÿ': func(before, _ rune) bool { return isVowel(before) },
	'û': func(_, after rune) bool { return !isVowel(after) }, // ű

	// windows-1250, and what its byte is in windows-1252.
	'ń': func(_, after rune) bool { return !isVowel(after) },
	'ă': func(_, after rune) bool { return after == 0 || !strings.ContainsRune("aeo", after) },
	'ő': func(before, after rune) bool { return !isVowel(after) && (!isVowel(before) || before == 'y') },
	'ű': func(before, after rune) bool { return !isVowel(after) && !isVowel(before) },
	'č': func(before, after rune) bool { // è: Kučera, Růžička, Vlčková; not Hélčne, Rivičre
		switch {
		case before == 0, after == 0, isVowel(after):
			return true
		case isVowel(before):
			return strings.ContainsRune("jkn", after)
		}
		return strings.ContainsRune("lr", before) && strings.ContainsRune("km", after)
	},
	'ě': func(before, after rune) bool {
		return strings.ContainsRune("bdfmnptv", before) && !isVowel(after)
	},
	'ů': func(before, _ rune) bool { return before != 0 && !isVowel(before) },
	'ň': func(before, after rune) bool { return isVowel(before) || isVowel(after) },
	'ď': func(_, after rune) bool { return after == 0 || after == 'k' || isVowel(after) },
	'ř': func(before, after rune) bool { return isVowel(before) || isVowel(after) },
	'ć': func(before, after rune) bool { return isVowel(before) || isVowel(after) },
	'ę': func(before, after rune) bool {
		return before != 0 && !isVowel(before) && !isVowel(after) || before == 'i'
	},
	'ĺ': betweenConsonants, // å
	'ŕ': betweenConsonants, // à
	'ţ': func(before, after rune) bool { return before == 0 || after == 0 || isVowel(before) || isVowel(after) },

	// Of encodings that are not read.
	'ė': func(before, after rune) bool { return !isVowel(before) && !isVowel(after) },       // ë in windows-1252
	'ē': func(before, after rune) bool { return !isVowel(before) && !isVowel(after) },       // ç
	'ķ': func(_, after rune) bool { return isVowel(after) },                                 // í
	'ģ': func(_, after rune) bool { return isVowel(after) },                                 // ì
	'ņ': func(_, after rune) bool { return isVowel(after) || after == 'š' },                 // ò
	'ļ': func(_, after rune) bool { return isVowel(after) || after == 'š' || after == 'ķ' }, // ï
	'į': func(before, after rune) bool { return before == 0 || after == 0 },                 // á
	'ų': func(_, after rune) bool { return after == 0 || after == 's' },                     // ø
	'ğ': func(before, _ rune) bool { return isVowel(before) },
}

// betweenConsonants is where Slovak has its two rarest letters.
func betweenConsonants(before, after rune) bool {
	return before != 0 && after != 0 && !isVowel(before) && !isVowel(after)
}

func habitual(word []rune) bool {
	for i, r := range word {
		habit, found := habits[unicode.ToLower(r)]
		if !found {
			continue
		}
		var before, after rune
		if i > 0 {
			before = unicode.ToLower(word[i-1])
		}
		if i+1 < len(word) {
			after = unicode.ToLower(word[i+1])
		}
		if !habit(before, after) {
			return false
		}
	}
	return true
}
