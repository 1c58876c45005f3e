// Package importer holds the use cases: check a file, plan it against a tenant,
// apply a plan, go on with a run that was cut off, plan the way back from one.
// Each is reader, then pure, then writer, in about a page.
//
// It promises that [Plan] and [Rollback] cannot write, because what they are
// handed cannot, and that [Apply] and [Resume] write nothing but the plan. It prints nothing and knows no
// flags: the command line turns flags into its values and its values into
// views.
package importer

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"authseed/importer/graph"
	"authseed/importer/plan"
	"authseed/importer/roster"
	"authseed/importer/sealed"
	"authseed/importer/survey"
	"authseed/mapping"
	"authseed/mapping/authmethod"
	"authseed/mapping/preset"
	"authseed/mapping/table"
)

// File is a source: its name as the plan shows it, its bytes, and how to read
// them.
type File struct {
	Name    string
	Content io.Reader
	Mapping *mapping.Mapping // nil: Preset, or what the header says for certain
	Preset  *preset.Preset   // nil: the one the header tells

	directory bool // it is no file; see [FromDirectory]
}

// Notices are what somebody may want to know about how a file is read. Each may
// be nil.
type Notices struct {
	Unused func(columns []string) // columns of a file in authseed's own layout that are not its own
	Chosen func(*preset.Choice)   // the mapping of a file that was given none
	Hidden func(error)            // runs that cannot be read: the registration report may not know what they wrote
	Absent func(names []string)   // those of Scope.Users whom the source does not name, or has nothing usable of

	// NoLedger tells of a ledger that is not there or cannot be read, so that policy
	// own is fill.
	NoLedger func(error)

	// NoReport tells of a tenant whose registration report cannot be had, so that
	// everybody is read.
	NoReport func(*survey.NoReportError)
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

// Check maps and validates every row offline. A cancelled context ends it with
// its cause.
func Check(ctx context.Context, f File, n Notices) (*plan.Intake, error) {
	said, err := readFile(ctx, f, n)
	if err != nil {
		return nil, err
	}
	c := &plan.Intake{Source: said.source, Mapping: said.about, Named: said.roster.People()}
	for p := range said.people(said.roster, false) {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		c.People++
		for kind, wish := range p.wishes {
			if !wish.IsZero() {
				c.Values[kind]++
			}
			said.remark(authmethod.Kind(kind), wish)
		}
		said.use(p)
		said.leaveOutCells(nil, p.problems)
	}
	c.Rows, c.Skipped, c.Remarks = said.rows, said.skipped, said.sortedRemarks()
	plan.SortSkips(c.Skipped)
	return c, nil
}

// Inspect says what a file is and how it would be read. It asks no tenant.
func Inspect(ctx context.Context, f File) (*mapping.Inspection, error) {
	reader, err := f.open(&interruptible{ctx, f.Content})
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.Name, err)
	}
	var choice *preset.Choice
	if f.Preset != nil || !preset.Own(reader) {
		choice = f.choose(reader)
	}
	in, err := preset.Inspect(filepath.Base(f.Name), reader, choice)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.Name, err)
	}
	return in, nil
}

// interruptible ends a file with the context.
type interruptible struct {
	ctx context.Context
	io.Reader
}

func (r *interruptible) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.Reader.Read(p)
}

// open reads as far as the header.
func (f File) open(content io.Reader) (*table.Reader, error) {
	options := table.Options{}
	switch {
	case f.Mapping != nil:
		options = f.Mapping.Source()
	case f.Preset != nil:
		options = f.Preset.Options()
	}
	return table.NewReader(content, options)
}

func (f File) choose(reader *table.Reader) *preset.Choice {
	if f.Preset != nil {
		return f.Preset.Choose(reader)
	}
	return preset.Choose(reader)
}

// mapping is the mapping that was given, or the one that is certain.
func (f File) mapping(reader *table.Reader, n Notices) (*mapping.Mapping, error) {
	switch {
	case f.Mapping != nil:
		return f.Mapping, nil
	case f.Preset == nil && preset.Own(reader):
		return mapping.Own(), nil
	}
	choice := f.choose(reader)
	if err := choice.Refusal(f.Preset != nil, f.Name); err != nil {
		return nil, err
	}
	m, _, err := choice.Mapping()
	if err == nil && n.Chosen != nil {
		n.Chosen(choice)
	}
	return m, err
}

// reading is a file that was read: what its rows say and their ledger.
type reading struct {
	*ledger
	roster  *roster.Roster
	users   *survey.Users // whom the file names, once the tenant has told
	source  plan.Source
	mapping *mapping.Mapping
	about   plan.Mapping

	spared []standing      // rows of which nothing is asked
	nobody []int32         // places of the rows whose key nobody has
	rowOf  map[int32]int32 // of what was read again once the person was known: the place of the row, or severalRows where it is not theirs for certain

	directory *mapping.Directory  // of a source that is no file
	scope     plan.Scope          // once the tenant has understood it
	beyond    []authmethod.Wishes // of the people it leaves out
}

func readFile(ctx context.Context, f File, n Notices) (*reading, error) {
	if f.directory {
		return prepare(f)
	}
	failed := func(err error) (*reading, error) { return nil, fmt.Errorf("reading %s: %w", f.Name, err) }
	sum := sha256.New()
	content := io.TeeReader(&interruptible{ctx, f.Content}, sum)
	reader, err := f.open(content)
	if err != nil {
		return failed(err)
	}
	m, err := f.mapping(reader, n)
	if err != nil {
		return failed(err)
	}
	if failures := m.RunExamples(); len(failures) > 0 {
		return nil, &ExamplesError{m.Name(), failures}
	}
	entries, err := m.Bind(reader)
	if err != nil {
		return failed(err)
	}
	if unused := entries.Unused(); n.Unused != nil && len(unused) > 0 {
		n.Unused(unused)
	}
	r := &reading{ledger: newLedger(filepath.Base(f.Name)), mapping: m}
	if r.roster, err = r.read(ctx, entries); err != nil {
		return failed(err)
	}
	if _, err := io.Copy(io.Discard, content); err != nil {
		return failed(err)
	}
	r.source = plan.Source{Name: r.file, SHA256: hex.EncodeToString(sum.Sum(nil)), Rows: r.rows.Read}
	r.about = plan.Mapping{Name: m.Name(), SHA256: m.Digest()}
	return r, nil
}

// Directory is the side of a tenant that planning sees. It cannot write.
type Directory interface {
	survey.Reader
	survey.Namer
	survey.Settings
	survey.Grouper
	Cloud() graph.Cloud
}

// PlanOptions say how a plan is made.
type PlanOptions struct {
	ToolVersion string
	Now         time.Time
	ValidFor    time.Duration
	Allow       []plan.Hazard
	AllowFor    []AllowedPeople
	Requester   string                      // who makes it; empty where nobody says
	Include     []authmethod.Reason         // of plan.Includable: whom not to leave out
	Never       plan.Never                  // whom to leave out whatever is included
	Limits      plan.Limits                 // kept in the plan; Refuse holds it against them
	Rules       [authmethod.Count]plan.Rule // in place of the mapping's, for the methods that it has; empty where those hold
	Scope       Scope                       // whom to plan; a rollback has none
	Reads       Reads                       // how it is found out what people have; empty is [ReadsAuto]
	Survey      survey.Options
	Runs        string          // the folder of runs: whom they wrote to is not believed a report that is older; may be empty
	Identity    sealed.Identity // opens runs that are sealed
	Ledger      LedgerPlace     // what authseed itself wrote before; for policy own
	Settling    *Settling       // spares who was settled the night before; nil: everybody is asked about
	Notices
}

// Plan compares the file, or the directory, with the tenant. Of a scope with a
// limit it plans the first people in reach, in the order of the file's rows or,
// of the directory, of their userPrincipalNames.
func Plan(ctx context.Context, d Directory, f File, o PlanOptions) (*plan.Plan, error) {
	said, err := readFile(ctx, f, o.Notices)
	if err != nil {
		return nil, err
	}
	organization, err := survey.Organization(ctx, d, o.Survey.MaxWait)
	if err != nil {
		return nil, err
	}
	scope, err := o.Scope.understand(ctx, d, o.Survey)
	if err != nil {
		return nil, err
	}
	if err := scope.meet(ctx, d, o.Survey); err != nil {
		return nil, err
	}
	known, err := survey.ReadFacts(ctx, d, organization, o.Survey)
	if err != nil {
		return nil, err
	}
	facts := known.Facts
	facts.Never = o.Never
	people, size, err := said.inScope(ctx, d, scope, o)
	if err != nil {
		return nil, err
	}
	policy := plan.Policy{Allow: o.Allow, Limits: o.Limits}
	if policy.AllowFor, err = said.allowances(o.AllowFor, people); err != nil {
		return nil, err
	}
	people = said.first(said.inReach(people, facts, o.Include))
	in := plan.Input{
		About: plan.About{
			ToolVersion: o.ToolVersion, ID: uuid.NewString(), CreatedAt: o.Now, ValidUntil: o.Now.Add(o.ValidFor),
			Tenant: plan.Tenant{ID: organization.ID, Name: organization.DisplayName, Cloud: string(d.Cloud())},
			Source: said.source, Mapping: said.about, Scope: said.scope, Requester: o.Requester,
		},
		Policy: policy, Facts: facts,
	}
	for kind, policy := range said.mapping.Policy() {
		in.Policy.Rules[kind] = plan.Rule(policy)
		if policy != "" {
			in.Policy.Rules[kind] = cmp.Or(o.Rules[kind], plan.Rule(policy))
		}
	}
	var kinds []authmethod.Kind
	for _, kind := range said.mapping.Kinds() {
		in.Unsupported[kind] = !d.Cloud().Supports(kind)
		if !in.Unsupported[kind] {
			kinds = append(kinds, kind)
		}
	}
	m := meeting{reading: said, directory: d, people: people, kinds: kinds, rules: in.Policy.Rules, size: size, options: o}
	if err = m.meet(ctx, &in); err != nil {
		return nil, err
	}
	in.Rows, in.Skipped, in.OutOfScope = said.rows, said.skipped, said.beyond
	return plan.Build(in), nil
}
