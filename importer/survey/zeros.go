package survey

import (
	"strings"

	"authseed/mapping/authmethod"
)

// longestEmployeeID is how many characters the directory keeps
// (learn.microsoft.com, "user resource type").
const longestEmployeeID = 16

// alike is everything that differs in nothing but leading zeros: how many such
// employee ids were asked for, and who may be meant.
type alike struct {
	digits    string
	asked     int32
	contested bool // the file names another that nobody asks about
	users     crowd
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
	var keys, others []authmethod.Key
	for i := range s.groups {
		others = others[:0]
		met := int32(0) // of the ids asked for, those that somebody has
		digits := s.groups[i].digits
		for zeros := range longestEmployeeID - len(digits) + 1 {
			key := authmethod.Key{Attribute: authmethod.EmployeeID, Value: strings.Repeat("0", zeros) + digits}
			if c, asked := s.exact[key.Folded()]; asked {
				if c.first != 0 {
					met++
				}
			} else {
				others = append(others, key)
			}
		}
		if met < s.groups[i].asked {
			keys = append(keys, others...)
		}
	}
	return keys
}
