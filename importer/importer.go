// Package importer holds the use cases: check a file, plan it against a tenant,
// apply a plan. Each is reader, then pure, then writer, in about a page.
//
// It promises that [Plan] cannot write, because what it is handed cannot, and
// that [Apply] writes nothing but the plan. It prints nothing and knows no
// flags: the command line turns flags into its values and its values into
// views.
package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"authseed/importer/graph"
	"authseed/importer/plan"
	"authseed/importer/survey"
	"authseed/mapping"
	"authseed/mapping/authmethod"
)

// File is a source: its name as the plan shows it, its bytes, and how to read
// them.
type File struct {
	Name    string
	Content io.Reader
	Mapping *mapping.Mapping
}

// RefusedError is a guard rail: nothing was done, and Hint is the way out.
type RefusedError struct{ What, Hint string }

func (e *RefusedError) Error() string { return e.What }

// ExamplesError is a mapping whose own examples do not come out as it says.
type ExamplesError struct {
	Mapping  string
	Failures []mapping.ExampleFailure
}

func (e *ExamplesError) Error() string {
	return fmt.Sprintf("%d of the mapping's own examples failed", len(e.Failures))
}

// Check maps and validates every row offline.
func Check(f File) (*plan.Intake, error) {
	said, err := readFile(f)
	if err != nil {
		return nil, err
	}
	c := &plan.Intake{Source: said.source, Mapping: said.mapping, Named: said.named, People: len(said.people), Unused: said.unused}
	for _, p := range said.people {
		for kind, wish := range p.wishes {
			if !wish.IsZero() {
				c.Values[kind]++
			}
		}
		said.use(p)
		said.leaveOutCells(nil, p.problems)
	}
	c.Rows, c.Skipped = said.rows, said.skipped
	plan.SortSkips(c.Skipped)
	return c, nil
}

// reading is a file that was read: the people it names and the ledger of its
// rows.
type reading struct {
	*ledger
	people  []*person
	source  plan.Source
	mapping plan.Mapping
	unused  []string
}

func readFile(f File) (*reading, error) {
	if failures := f.Mapping.RunExamples(); len(failures) > 0 {
		return nil, &ExamplesError{f.Mapping.Name(), failures}
	}
	sum := sha256.New()
	content := io.TeeReader(f.Content, sum)
	entries, err := f.Mapping.Open(content)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.Name, err)
	}
	r := &reading{ledger: newLedger(filepath.Base(f.Name)), unused: entries.Unused()}
	if r.people, err = r.read(entries); err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.Name, err)
	}
	if _, err := io.Copy(io.Discard, content); err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.Name, err)
	}
	r.source = plan.Source{Name: r.file, SHA256: hex.EncodeToString(sum.Sum(nil)), Rows: r.rows.Read}
	r.mapping = plan.Mapping{Name: f.Mapping.Name(), SHA256: f.Mapping.Digest()}
	return r, nil
}

// Directory is the side of a tenant that planning sees. It cannot write.
type Directory interface {
	survey.Reader
	survey.Namer
	Cloud() graph.Cloud
}

// PlanOptions say how a plan is made.
type PlanOptions struct {
	ToolVersion string
	Now         time.Time
	ValidFor    time.Duration
	Allow       []plan.Hazard
	Include     []authmethod.Reason // of guest and disabled: whom not to leave out
	Survey      survey.Options
	Unused      func(columns []string) // told of columns that are not used; may be nil
}

// Plan compares the file with the tenant.
func Plan(ctx context.Context, d Directory, f File, o PlanOptions) (*plan.Plan, error) {
	said, err := readFile(f)
	if err != nil {
		return nil, err
	}
	if o.Unused != nil && len(said.unused) > 0 {
		o.Unused(said.unused)
	}
	id, name, err := survey.Organization(ctx, d)
	if err != nil {
		return nil, err
	}
	if err := said.match(ctx, d, o); err != nil {
		return nil, err
	}
	in := plan.Input{
		About: plan.About{
			ToolVersion: o.ToolVersion, ID: uuid.NewString(), CreatedAt: o.Now, ValidUntil: o.Now.Add(o.ValidFor),
			Tenant: plan.Tenant{ID: id, Name: name, Cloud: string(d.Cloud())},
			Source: said.source, Mapping: said.mapping,
		},
		Policy: plan.Policy{Allow: o.Allow},
	}
	for kind, policy := range f.Mapping.Policy() {
		in.Policy.Rules[kind] = plan.Rule(policy)
	}
	var kinds []authmethod.Kind
	for _, kind := range f.Mapping.Kinds() {
		in.Unsupported[kind] = !d.Cloud().Supports(kind)
		if !in.Unsupported[kind] {
			kinds = append(kinds, kind)
		}
	}
	if in.Desired, in.Current, err = said.meet(ctx, d, kinds, o); err != nil {
		return nil, err
	}
	in.Rows, in.Skipped = said.rows, said.skipped
	return plan.Build(in), nil
}

// match finds the people in the tenant: one person, or nobody.
func (r *reading) match(ctx context.Context, d survey.Reader, o PlanOptions) error {
	keys := make([]authmethod.Key, len(r.people))
	for i, p := range r.people {
		keys[i] = p.key
	}
	found, err := survey.FindPeople(ctx, d, keys, o.Survey)
	if err != nil {
		return err
	}
	matched := r.people[:0]
	for _, p := range r.people {
		users := found.Find(p.key)
		switch {
		case len(users) == 0:
			r.leaveOut(p.lines, nil, authmethod.NoMatch, func(int) string {
				return fmt.Sprintf("nobody in the tenant has this %s", p.key.Attribute)
			})
		case len(users) > 1:
			r.leaveOut(p.lines, nil, authmethod.AmbiguousMatch, func(int) string {
				return fmt.Sprintf("%d people in the tenant have this %s", len(users), p.key.Attribute)
			})
		default:
			p.user = users[0]
			matched = append(matched, p)
		}
	}
	// Two keys may have named one person.
	r.people = r.merge(matched, func(p *person) string { return p.user.ID })
	r.people = slices.DeleteFunc(r.people, func(p *person) bool { return r.outOfReach(p, o.Include) })
	return nil
}

// outOfReach leaves out whom nobody asked for by name.
func (r *reading) outOfReach(p *person, include []authmethod.Reason) bool {
	leave := func(reason authmethod.Reason, detail string) bool {
		if slices.Contains(include, reason) {
			return false
		}
		r.leaveOut(p.lines, known(p), reason, func(int) string { return detail })
		return true
	}
	return p.user.IsGuest() && leave(authmethod.Guest, "a guest; --include guest plans them too") ||
		p.user.IsDisabled() && leave(authmethod.Disabled, "sign-in is blocked; --include disabled plans them too")
}

// meet reads what the people have registered.
func (r *reading) meet(ctx context.Context, d survey.Reader, kinds []authmethod.Kind, o PlanOptions) ([]plan.Desired, map[string]authmethod.Set, error) {
	ids := make([]string, len(r.people))
	for i, p := range r.people {
		ids[i] = p.user.ID
	}
	methods, err := survey.ReadMethods(ctx, d, ids, kinds, o.Survey)
	if err != nil {
		return nil, nil, err
	}
	var desired []plan.Desired
	for _, p := range r.people {
		if refused := methods.Refused[p.user.ID]; refused != nil {
			reason := authmethod.Restricted
			if refused.Status == 404 {
				reason = authmethod.NoMatch
			}
			r.leaveOut(p.lines, known(p), reason, func(int) string { return refused.Error() })
			continue
		}
		r.use(p)
		r.leaveOutCells(known(p), p.problems)
		desired = append(desired, plan.Desired{
			User: p.user, Wishes: p.wishes, Origin: plan.Origin{File: r.file, Line: p.lines[0]},
		})
	}
	return desired, methods.Of, nil
}
