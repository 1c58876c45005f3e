package importer

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
	"authseed/mapping/table"
)

// Refuse holds a plan against limits. A [RefusedError] names every one that it
// passes, a line each.
func Refuse(p *plan.Plan, l plan.Limits) error {
	refusals := plan.Check(p, l)
	if len(refusals) == 0 {
		return nil
	}
	var what, flags []string
	for _, r := range refusals {
		what = append(what, r.What)
		flags = append(flags, r.Flag)
	}
	return &RefusedError{
		strings.Join(what, "\n"),
		"look at the plan; if it is right, give another " + strings.Join(flags, " and "),
	}
}

// AllowedPeople are those for whom a hazard is allowed, as a file names them.
type AllowedPeople struct {
	Hazard plan.Hazard
	File   string
	Keys   []AllowedPerson
}

// AllowedPerson is one row of such a file.
type AllowedPerson struct {
	Line int
	Key  authmethod.Key
}

// ReadAllowedPeople reads a table with a column userPrincipalName or id, which
// goes before where both are there. Every row has to name somebody: a list that
// allows what is dangerous is not guessed at.
func ReadAllowedPeople(h plan.Hazard, name string, content io.Reader) (AllowedPeople, error) {
	list := AllowedPeople{Hazard: h, File: name}
	failed := func(err error) (AllowedPeople, error) { return list, fmt.Errorf("reading %s: %w", name, err) }
	reader, err := table.NewReader(content, table.Options{})
	if err != nil {
		return failed(err)
	}
	key := authmethod.ID
	column := slices.Index(reader.Header(), string(key))
	if column < 0 {
		key = authmethod.UserPrincipalName
		column = slices.Index(reader.Header(), string(key))
	}
	if column < 0 {
		return failed(&table.Error{
			What: "it has neither a column userPrincipalName nor a column id",
			Hint: "a file of people that a hazard is allowed for names them by one of the two",
		})
	}
	for row := range reader.Rows() {
		switch {
		case row.Err != nil:
			return failed(fmt.Errorf("line %d: %w", row.Line, row.Err))
		case row.Aside != "":
			continue
		case row.Cells[column] == "":
			return failed(&table.Error{What: fmt.Sprintf("line %d: it names nobody", row.Line), Hint: "take the row out, or fill in its " + string(key)})
		}
		list.Keys = append(list.Keys, AllowedPerson{row.Line, authmethod.Key{Attribute: key, Value: row.Cells[column]}})
	}
	if err := reader.Err(); err != nil {
		return failed(err)
	}
	return list, nil
}

// allowances finds the people of such files among those that the source names,
// and refuses one that names anybody else.
func (r *reading) allowances(lists []AllowedPeople, people []held) ([]plan.Allowance, error) {
	if len(lists) == 0 {
		return nil, nil
	}
	ids := make(map[string]string, 2*len(people))
	for _, h := range people {
		user := r.user(h)
		for _, attribute := range []authmethod.Attribute{authmethod.ID, authmethod.UserPrincipalName} {
			for _, key := range authmethod.KeysOf(attribute, user) {
				ids[key.Folded()] = user.ID
			}
		}
	}
	var found []plan.Allowance
	var unknown []string
	for _, list := range lists {
		a := plan.Allowance{Hazard: list.Hazard}
		for _, row := range list.Keys {
			if id := ids[row.Key.Folded()]; id != "" {
				a.People = append(a.People, id)
				continue
			}
			unknown = append(unknown, fmt.Sprintf("%s:%d: nobody that the plan's file names has the %s %s", list.File, row.Line, row.Key.Attribute, row.Key.Value))
		}
		found = append(found, a)
	}
	if n := len(unknown); n > 0 {
		const shown = 5
		if n > shown {
			unknown = append(unknown[:shown], fmt.Sprintf("and %d more", n-shown))
		}
		return nil, &RefusedError{strings.Join(unknown, "\n"), "--allow NAME:FILE takes only people of the plan; take the others out of that file"}
	}
	return found, nil
}
