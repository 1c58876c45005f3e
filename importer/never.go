package importer

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
	"authseed/mapping/charset"
	"authseed/mapping/table"
)

// neverHint is how such a list is written.
const neverHint = "give a table with a column userPrincipalName or id, or a text with one of them a line"

// ReadNever reads a list of people who are never planned: a table with a column
// userPrincipalName, id or both, or a text that names one person a line, where
// an empty line and one that begins with # do not count. Whoever it names need
// not be anybody's row, but each row has to name somebody, and the list has to
// have one: a list that protects nobody unseen is worse than none. What it
// refuses is told by line and never by its text.
func ReadNever(name string, content io.Reader) (plan.Never, error) {
	failed := func(err error) (plan.Never, error) { return nil, fmt.Errorf("reading %s: %w", name, err) }
	text, err := io.ReadAll(content)
	if err != nil {
		return failed(err)
	}
	list := plan.Never{}
	reader, err := table.NewReader(bytes.NewReader(text), table.Options{})
	if columns := keyColumns(reader, err); len(columns) > 0 {
		err = neverTable(list, reader, columns)
	} else {
		err = neverLines(list, text)
	}
	if err != nil {
		return failed(err)
	}
	if len(list) == 0 {
		return failed(&table.Error{What: "it names nobody", Hint: neverHint})
	}
	return list, nil
}

// keyColumns finds the columns of a table that name people.
func keyColumns(reader *table.Reader, err error) map[authmethod.Attribute]int {
	columns := map[authmethod.Attribute]int{}
	if err != nil {
		return columns
	}
	for _, attribute := range []authmethod.Attribute{authmethod.ID, authmethod.UserPrincipalName} {
		if column := slices.Index(reader.Header(), string(attribute)); column >= 0 {
			columns[attribute] = column
		}
	}
	return columns
}

// neverTable takes every name of every row: a person is protected by either.
func neverTable(list plan.Never, reader *table.Reader, columns map[authmethod.Attribute]int) error {
	for row := range reader.Rows() {
		switch {
		case row.Err != nil:
			return fmt.Errorf("line %d: %w", row.Line, row.Err)
		case row.Aside != "":
			return neverError(row.Line, "it is no row of the table: "+row.Aside)
		}
		named := false
		for attribute, column := range columns {
			cell := row.Cells[column]
			if cell == "" {
				continue
			}
			key, ok := neverKey(cell)
			if !ok || key.Attribute != attribute {
				return neverError(row.Line, "it holds no "+string(attribute))
			}
			list[key.Folded()] = true
			named = true
		}
		if !named {
			return neverError(row.Line, "it names nobody")
		}
	}
	return reader.Err()
}

// neverLines takes a name a line.
func neverLines(list plan.Never, text []byte) error {
	decoded, err := io.ReadAll(charset.Detect(text, true).NewReader(bytes.NewReader(text)))
	if err != nil {
		return err
	}
	if !utf8.Valid(decoded) {
		return &table.Error{What: "nobody can tell in which encoding it is", Hint: "save it as UTF-8"}
	}
	lines := strings.Split(strings.TrimPrefix(string(decoded), "\ufeff"), "\n")
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, ok := neverKey(line)
		if !ok {
			return neverError(i+1, "it is neither a userPrincipalName nor an object id")
		}
		list[key.Folded()] = true
	}
	return nil
}

// neverKey reads a userPrincipalName, which has one @ and no spaces, or an object
// id.
func neverKey(text string) (authmethod.Key, bool) {
	if _, err := uuid.Parse(text); err == nil && len(text) == 36 {
		return authmethod.Key{Attribute: authmethod.ID, Value: text}, true
	}
	name, domain, _ := strings.Cut(text, "@")
	odd := func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsGraphic(r) || strings.ContainsRune(`@,;|"<>`, r)
	}
	ok := name != "" && domain != "" && !strings.ContainsFunc(name+domain, odd)
	return authmethod.Key{Attribute: authmethod.UserPrincipalName, Value: text}, ok
}

func neverError(line int, what string) error {
	return &table.Error{What: fmt.Sprintf("line %d: %s", line, what), Hint: neverHint}
}

// RefuseNever holds a plan that was made against a list of people who are never
// planned. A [RefusedError] counts whom of them it would change, and names the
// first few; a change that is held back counts as well, for a list that is
// given says that nobody wanted it planned.
func RefuseNever(p *plan.Plan, never plan.Never) error {
	var found []string
	for _, c := range p.Changes {
		if name := c.User.UserPrincipalName; never.Has(c.User.ID, name) && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	if len(found) == 0 {
		return nil
	}
	const shown = 5
	what := fmt.Sprintf("the plan changes %d people who are on the list of --never: ", len(found))
	if len(found) == 1 {
		what = "the plan changes somebody who is on the list of --never: "
	}
	if more := len(found) - shown; more > 0 {
		found = append(found[:shown], fmt.Sprintf("and %d more", more))
	}
	return &RefusedError{what + strings.Join(found, ", "), "plan again with --never, which leaves them out"}
}
