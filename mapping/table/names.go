package table

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Plain is a column's name in one line and without hints in square brackets:
// "Name [displayName] Required" is Name, because what follows a hint belongs to
// it. A name that is nothing but brackets stays as it is, and so does one whose
// bracket is not closed. Parentheses are part of a name.
func Plain(name string) string {
	plain, _ := split(name)
	return plain
}

// Hint is what the first brackets of a column's name hold, in one line;
// empty where [Plain] cuts nothing off.
func Hint(name string) string {
	_, hint := split(name)
	return hint
}

func split(name string) (plain, hint string) {
	name = strings.Join(strings.Fields(name), " ")
	before, rest, opened := strings.Cut(name, "[")
	inside, after, closed := strings.Cut(rest, "]")
	if !opened || !closed {
		return name, ""
	}
	plain = strings.TrimSpace(before)
	if plain == "" {
		plain, _ = split(after)
	}
	if plain == "" {
		return name, ""
	}
	return plain, strings.TrimSpace(inside)
}

// Fold is what counts of a column's name when names are compared: [Plain] in
// lower case, of which letters, their marks and digits of any script stay, wide
// and narrow forms made one. So "E-Mail", "e_mail" and "Email [Required]" are
// the same. A # is the word number: "Employee #" is "Employee Number" and not
// "Employee". A name without letters and digits folds to nothing and is the
// same as no other.
func Fold(name string) string {
	for {
		folded := foldOnce(name)
		if folded == name {
			return folded
		}
		name = folded // marks that have changed places may be others now
	}
}

func foldOnce(name string) string {
	var out strings.Builder
	for _, r := range strings.ToLower(Plain(norm.NFKC.String(name))) {
		switch {
		case r == '#':
			out.WriteString("number")
		case r == 'ı':
			// Turkish capitals go to either i, by whoever lowers them.
			out.WriteByte('i')
		case r == '\u0307':
		case unicode.In(r, unicode.Letter, unicode.Mark, unicode.Digit):
			out.WriteRune(r)
		}
	}
	// A letter may have met the mark behind what was between them.
	return norm.NFKC.String(out.String())
}
