package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"

	"authseed/importer/dispatch"
	"authseed/importer/graph"
	"authseed/importer/plan"
	"authseed/importer/survey"
	"authseed/mapping"
	"authseed/mapping/authmethod"
)

// FromDirectory is a source that is no file: the properties of the tenant's own
// users, through m or, without one, through [mapping.OfDirectory].
func FromDirectory(m *mapping.Mapping) File {
	if m == nil {
		m = mapping.OfDirectory()
	}
	return File{Name: plan.Directory, Mapping: m, directory: true}
}

// prepare looks at the mapping. The people are read once it is known that there
// is a tenant; see everybody.
func prepare(f File) (*reading, error) {
	if failures := f.Mapping.RunExamples(); len(failures) > 0 {
		return nil, &ExamplesError{f.Mapping.Name(), failures}
	}
	columns, err := f.Mapping.Directory()
	if err != nil {
		return nil, fmt.Errorf("reading the directory: %w", err)
	}
	return &reading{
		ledger: newLedger(plan.Directory), mapping: f.Mapping, directory: columns,
		source: plan.Source{Name: plan.Directory},
		about:  plan.Mapping{Name: f.Mapping.Name(), SHA256: f.Mapping.Digest()},
	}, nil
}

// everybody reads the tenant's users as rows, one a person, in the order of
// their names: the running number is the line. All of them are read whatever the
// scope is: a number that is shared is dangerous in a pilot too.
func (r *reading) everybody(ctx context.Context, d survey.Reader, o PlanOptions) (people []held, size int, err error) {
	var users []authmethod.User
	if err := survey.Everybody(ctx, d, graph.Scope{}, wanted(r.directory.Columns()), o.Survey, func(u authmethod.User) { users = append(users, u) }); err != nil {
		return nil, 0, err
	}
	sortByName(users)
	if r.source.SHA256, err = r.hash(users); err != nil {
		return nil, 0, err
	}
	line := 0
	for e := range dispatch.Map(slices.Values(users), runtime.GOMAXPROCS(0), func(u authmethod.User) mapping.Entry { return r.directory.Entry(0, u) }) {
		if ctx.Err() != nil {
			return nil, 0, context.Cause(ctx)
		}
		user := users[line]
		line++
		e.Line = line
		p := personOf(&e)
		p.user = user
		if e.Skip != nil {
			r.leaveOut(p.lines, known(p), e.Skip.Reason, func(int) string { return r.once(e.Skip.Detail) })
			continue
		}
		people = append(people, held{whole: p})
	}
	r.rows.Read, r.source.Rows = line, line
	return people, line, nil
}

// hash is over the rows that were read, a JSON array of texts and a line break
// each, in their order: the same people with the same properties are the same
// source.
func (r *reading) hash(users []authmethod.User) (string, error) {
	sum := sha256.New()
	rows := json.NewEncoder(sum)
	rows.SetEscapeHTML(false)
	for _, u := range users {
		if err := rows.Encode(r.directory.Row(u)); err != nil {
			return "", fmt.Errorf("hashing the directory: %w", err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// wanted asks the service for the columns that a mapping reads, and for no other.
func wanted(columns []string) graph.Wanted {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(columns, name) })
	}
	want := graph.Wanted{
		Location:  has("usageLocation"),
		Place:     has("country", "department"),
		Directory: has("mobilePhone", "businessPhones", "otherMails"),
	}
	for _, a := range authmethod.Attributes() {
		if has(string(a)) {
			want.By = append(want.By, a)
		}
	}
	return want
}
