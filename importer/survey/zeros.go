package survey

import (
	"slices"
	"strings"

	"authseed/mapping/authmethod"
)

// longestEmployeeID is how many characters the directory keeps
// (learn.microsoft.com, "user resource type").
const longestEmployeeID = 16

// alike is everything that differs in nothing but leading zeros: what was asked
// for and who may be meant.
type alike struct {
	keys  []string // employee ids that were asked for, folded
	users []authmethod.User

	contested bool // the file names another that nobody asks about
}

// significant gives the digits of an employee id behind its leading zeros, or
// nothing for an id that zeros are no padding of: one that holds something else
// than digits, or zeros alone.
func significant(id string) string {
	if strings.Trim(id, "0123456789") != "" {
		return ""
	}
	return strings.TrimLeft(id, "0")
}

// variants lists the employee ids that somebody may have in place of the ones
// that were asked for in vain: every number of leading zeros there is room for.
// An id that was asked for itself is left out: who has it is known.
func (s *search) variants() []authmethod.Key {
	var keys []authmethod.Key
	for _, digits := range s.padded {
		if !slices.ContainsFunc(s.alike[digits].keys, func(k string) bool { return len(s.exact[k]) == 0 }) {
			continue
		}
		for zeros := range longestEmployeeID - len(digits) + 1 {
			key := authmethod.Key{Attribute: authmethod.EmployeeID, Value: strings.Repeat("0", zeros) + digits}
			if _, asked := s.exact[key.Folded()]; !asked {
				keys = append(keys, key)
			}
		}
	}
	return keys
}
