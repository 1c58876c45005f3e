package report

import (
	"fmt"
	"strings"

	"authseed/importer/plan"
)

// pilot says whom a plan was restricted to, by the flags that did it: in every
// language they are called so.
func pilot(s plan.Scope) string {
	var list []string
	if s.Group != (plan.Group{}) {
		list = append(list, fmt.Sprintf("--group %s (%s)", s.Group.Name, s.Group.ID))
	}
	if s.Filter != "" {
		list = append(list, "--filter "+s.Filter)
	}
	const named = 5
	if n := len(s.Users); n > named {
		list = append(list, fmt.Sprintf("--user %s, ... (%d)", strings.Join(s.Users[:named], ", "), n))
	} else if n > 0 {
		list = append(list, "--user "+strings.Join(s.Users, ", "))
	}
	if s.Limit > 0 {
		list = append(list, fmt.Sprintf("--limit %d", s.Limit))
	}
	return strings.Join(list, "; ")
}

// place names a row as editors and compilers do. A person of the directory is
// known by name.
func place(o plan.Origin, who *plan.Person) string {
	switch {
	case o.File != plan.Directory:
		return fmt.Sprintf("%s:%d", clean(o.File), o.Line)
	case who != nil && who.UserPrincipalName != "":
		return clean(who.UserPrincipalName)
	}
	return fmt.Sprintf("person %d", o.Line)
}
