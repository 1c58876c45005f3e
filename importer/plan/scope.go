package plan

import "slices"

// Directory is the name of the source of a plan that was made from the tenant's
// own directory. The line of an origin in it is a running number: there is no
// file.
const Directory = "directory"

// Scope is whom a plan was restricted to, and so that it is a pilot. The zero
// Scope is everybody the source names.
type Scope struct {
	Group  Group    `json:"group,omitzero"`
	Filter string   `json:"filter,omitempty"` // OData, as it was given
	Users  []string `json:"users,omitempty"`  // as they were given, in order, each once
	Limit  int      `json:"limit,omitempty"`  // people at most, the first in the order of the source
}

// Group is a group of the tenant.
type Group struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// IsZero reports whether nobody is left out by it.
func (s Scope) IsZero() bool {
	return s.Group == Group{} && s.Filter == "" && len(s.Users) == 0 && s.Limit == 0
}

func (s Scope) canonical() Scope {
	s.Users = slices.Compact(slices.Sorted(slices.Values(s.Users)))
	if len(s.Users) == 0 {
		s.Users = nil
	}
	return s
}

// says is what a plan calls its source in words.
func (a About) says() string {
	if a.Source.Name == Directory {
		return "the directory"
	}
	return "the file"
}
