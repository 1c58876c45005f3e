package table

import (
	"strings"
	"unicode"
)

// Nearest gives the one of names that was most likely meant where name was
// written: the same but for letter case and punctuation, or a slip of the
// keyboard or two away. It finds nothing for names too short to tell a slip
// from another word.
func Nearest(name string, names []string) (string, bool) {
	wanted := letters(name)
	nearest, least := "", 3
	for _, candidate := range names {
		other := letters(candidate)
		switch {
		case len(wanted) == 0 || len(other) == 0:
		case string(wanted) == string(other):
			return candidate, true
		default:
			shorter := min(len(wanted), len(other))
			allowed := 0
			if shorter >= 8 {
				allowed = 2
			} else if shorter >= 5 {
				allowed = 1
			}
			if shorter > 100 || max(len(wanted), len(other))-shorter > allowed {
				continue
			}
			if d := slips(wanted, other); d <= allowed && d < least {
				nearest, least = candidate, d
			}
		}
	}
	return nearest, least < 3
}

// letters is what counts when names are compared for likeness.
func letters(name string) []rune {
	return []rune(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name))
}

// slips counts the insertions, deletions, replacements and swaps of neighbours
// that turn a into b.
func slips(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
