package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/schedule"
	"authseed/importer/sealed"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
	"authseed/mapping/table"
)

// SyncTenant is the side of a tenant that a nightly run sees.
type SyncTenant interface {
	Directory
	Target
	survey.Mover
}

// Arrival is an export that is there to be read. Open is called once for every
// time that it is read, and gives the same bytes.
type Arrival struct {
	schedule.Export      // Rows and SHA256 are found out
	Same            bool // it is the file of the last good run by the word of its server; Open is nil
	Open            func() (File, func() error, error)
}

// SyncOptions say how a job runs.
type SyncOptions struct {
	Job    *schedule.Job
	Tenant string         // the id that the tenant has to have; empty for any
	Folder string         // of what the job knows of its nights; the caller holds its lock
	Memory schedule.Shelf // nil: in Folder
	Inputs string         // digest of everything but the file that decides, see [schedule.Job.Digest]
	Full   bool           // go on though the file is that of the last good run, and ask about everybody
	Accept string         // the beginning of the SHA-256 of a file that no guard rail refuses

	// Source says what there is to read. known is the ETag of the last good run's
	// file, empty where the file is wanted in any case.
	Source func(ctx context.Context, known string) (*Arrival, error)

	// Consent says what became of a plan that was kept for people to sign; nil where
	// nobody has to.
	Consent func(schedule.Waiting) (*Consent, error)

	// Keep keeps plan and report, before anything is written; refused or not.
	Keep func(p *plan.Plan, n *schedule.Night) error

	Plan  PlanOptions // its Limits are the job's, and not for the caller
	Apply ApplyOptions

	// Unspared tells why everybody is asked about though the night before settled
	// some; may be nil.
	Unspared func(error)
}

// Sync is one night of one job: a run that was cut off is gone on with, the ledger
// is told what it could not be told before, the export is read and planned, guard rails and limits are held against it, the
// plan is kept and made true, and what there is to remember for the next night is
// remembered. The night is given with the error too. A refusal is no error: the
// night tells it, and nothing was written.
//
// The limits are not put into the plan, as those of [Plan] are, so that whoever
// has looked at a refused one can apply it as it is. Of approvals see
// [syncing.consented].
func Sync(ctx context.Context, t SyncTenant, o SyncOptions) (*schedule.Night, error) {
	s := &syncing{SyncOptions: o, tenant: t, night: &schedule.Night{Job: o.Job.Name, Tenant: o.Tenant, Outcome: schedule.Failed, StartedAt: o.Plan.Now}}
	told := o.Apply.Unrecorded
	s.Apply.Unrecorded = func(err error) {
		s.unrecorded = true
		if told != nil {
			told(err)
		}
	}
	err := s.run(ctx)
	if err != nil && errors.Is(err, context.Canceled) && ctx.Err() != nil {
		s.night.Outcome = schedule.Interrupted
	}
	return s.night, err
}

// syncing is a job under way.
type syncing struct {
	SyncOptions
	tenant SyncTenant
	night  *schedule.Night
	memory *schedule.Memory
	cut    bool // the night before was cut off while it wrote

	tonight *plan.Plan // of tonight's export, whatever is applied

	unrecorded bool // the ledger could not be told what the run under way wrote
}

func (s *syncing) shelf() schedule.Shelf {
	if s.Memory != nil {
		return s.Memory
	}
	return schedule.Folder(s.Folder)
}

func (s *syncing) run(ctx context.Context) (err error) {
	if s.memory, err = schedule.Recall(ctx, s.shelf(), s.Job.Name, s.Tenant); err != nil {
		return err
	}
	s.cut = s.memory.OpenRun != ""
	if err := s.resume(ctx); err != nil {
		return err
	}
	if err := s.catchUp(ctx); err != nil {
		return err
	}
	skips := !s.Full && s.Accept == "" && s.memory.MaySkip(s.Inputs, s.Job.Full())
	known := ""
	if skips {
		known = s.memory.Good.Source.ETag
	}
	arrival, err := s.Source(ctx, known)
	if err != nil {
		return err
	}
	if arrival.Same {
		return s.unchanged(ctx, s.memory.Good.Source)
	}
	sight := schedule.Sight{Source: arrival.Export}
	if sight.Source.SHA256, err = s.digest(ctx, arrival); err != nil {
		return err
	}
	if skips && sight.Source.SHA256 != "" && sight.Source.SHA256 == s.memory.Good.Source.SHA256 {
		return s.unchanged(ctx, s.memory.Good.Source)
	}
	if err := s.look(ctx, arrival, &sight); err != nil {
		return err
	}
	p, err := s.plan(ctx, arrival, &sight)
	if err != nil {
		return err
	}
	refused := s.judge(p, sight)
	if !refused {
		done, over, err := s.consented(ctx, p, sight)
		if err != nil || over {
			return err
		}
		if done {
			if p, err = s.plan(ctx, arrival, &sight); err != nil {
				return err
			}
			refused = s.judge(p, sight)
		}
	}
	unapproved := s.unapproved(p)
	if err := s.Keep(p, s.night); err != nil {
		return err
	}
	switch {
	case unapproved:
		return s.wait(ctx, p)
	case refused:
		return nil
	}
	return s.apply(ctx, p, sight)
}

// unchanged ends a night whose file is that of the last good run.
func (s *syncing) unchanged(ctx context.Context, source schedule.Export) error {
	s.memory.Unchanged++
	if err := s.memory.Keep(ctx, s.shelf()); err != nil {
		return err
	}
	s.night.Outcome, s.night.Source, s.night.Unusable = schedule.Unchanged, &source, s.memory.Good.Unusable
	return nil
}

// resume goes on with the run of an earlier night. One that cannot be gone on with
// is told and left: tonight's plan shows what is still to do.
func (s *syncing) resume(ctx context.Context) error {
	id := s.memory.OpenRun
	if id == "" {
		return nil
	}
	told := &schedule.Resumed{RunID: id}
	s.night.Resumed = told
	run, _, err := Resume(ctx, s.tenant, id, s.Apply)
	if run != nil {
		told.State, told.Counts = string(run.State), schedule.Tally(run.Counts)
	}
	var (
		refused *RefusedError
		corrupt *journal.CorruptError
		locked  *sealed.Error
	)
	switch {
	case errors.As(err, &refused), errors.As(err, &locked):
		// What it wrote before it was cut off is authseed's all the same.
		told.Problem, s.unrecorded = err.Error(), !s.Apply.Ledger.IsZero()
	case errors.As(err, &corrupt), errors.Is(err, journal.ErrNoRun):
		told.Problem = err.Error()
	case err != nil:
		return fmt.Errorf("going on with run %s: %w", id, err)
	}
	s.memory.OpenRun = ""
	s.owe(id)
	return s.memory.Keep(ctx, s.shelf())
}

// owe keeps a run in mind that the ledger could not be told of.
func (s *syncing) owe(id string) {
	if s.unrecorded && !slices.Contains(s.memory.Unrecorded, id) {
		s.memory.Unrecorded = append(s.memory.Unrecorded, id)
	}
	s.unrecorded = false
}

// catchUp tells the ledger of the runs that it could not be told of, before
// tonight's plan asks it. One that is not there any more, or damaged, is let go: what
// it wrote counts as registered by the people.
func (s *syncing) catchUp(ctx context.Context) error {
	var left []string
	for _, id := range s.memory.Unrecorded {
		err := Remember(ctx, s.Apply.Ledger, s.Apply.Runs, id, s.Apply.Identity)
		var corrupt *journal.CorruptError
		switch {
		case err == nil, errors.Is(err, journal.ErrNoRun):
			continue
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case !errors.As(err, &corrupt):
			left = append(left, id)
		}
		s.Apply.Unrecorded(fmt.Errorf("run %s: %w", id, err))
	}
	s.unrecorded = false
	if len(left) == len(s.memory.Unrecorded) {
		return nil
	}
	s.memory.Unrecorded = left
	return s.memory.Keep(ctx, s.shelf())
}

// digest is the SHA-256 of the file; the directory has none before it is read.
func (s *syncing) digest(ctx context.Context, a *Arrival) (digest string, err error) {
	if s.Job.Source.Directory {
		return "", nil
	}
	err = a.read(func(f File) error {
		sum := sha256.New()
		if _, err := io.Copy(sum, &interruptible{ctx, f.Content}); err != nil {
			return fmt.Errorf("reading %s: %w", f.Name, err)
		}
		digest = hex.EncodeToString(sum.Sum(nil))
		return nil
	})
	return digest, err
}

// read reads the file once.
func (a *Arrival) read(with func(File) error) error {
	f, closeFile, err := a.Open()
	if err != nil {
		return err
	}
	return errors.Join(with(f), closeFile())
}

// look finds out what can be seen of the file without a tenant: its header and how
// many usable values it has. Of the directory nothing can.
func (s *syncing) look(ctx context.Context, a *Arrival, sight *schedule.Sight) error {
	if s.Job.Source.Directory {
		return nil
	}
	err := a.read(func(f File) error {
		reader, err := f.open(&interruptible{ctx, f.Content})
		if err != nil {
			return fmt.Errorf("reading %s: %w", f.Name, err)
		}
		sight.Header = reader.Header()
		return nil
	})
	if err != nil {
		return err
	}
	return a.read(func(f File) error {
		said, err := Check(ctx, f, Notices{})
		if err != nil {
			return err
		}
		if said.Source.SHA256 != sight.Source.SHA256 {
			return changing(f.Name)
		}
		sight.Source.Rows, sight.Values = said.Source.Rows, map[string]int{}
		for kind, n := range said.Values {
			if n > 0 {
				sight.Values[authmethod.Kind(kind).String()] = n
			}
		}
		return nil
	})
}

// changing is a file that was another at a second look.
func changing(name string) error {
	return &table.Error{What: name + " changed while it was read", Hint: "wait until the export is finished, and try again"}
}

// plan plans, and refuses a tenant that is another than the job's.
func (s *syncing) plan(ctx context.Context, a *Arrival, sight *schedule.Sight) (p *plan.Plan, err error) {
	s.Plan.Limits = plan.Limits{}
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	err = a.read(func(f File) (err error) {
		p, err = Plan(ctx, s.tenant, f, s.Plan)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case s.Job.Source.Directory:
		sight.Source.SHA256, sight.Source.Rows = p.Source.SHA256, p.Source.Rows
	case p.Source.SHA256 != sight.Source.SHA256:
		return nil, changing(p.Source.Name)
	}
	s.tonight = p
	if s.Tenant != "" && !strings.EqualFold(p.Tenant.ID, s.Tenant) {
		return nil, &RefusedError{fmt.Sprintf("the job is for tenant %s, this sign-in is for %s", s.Tenant, p.Tenant.ID), "give the job's tenant its own sign-in, or correct its id"}
	}
	return p, nil
}

// judge tells what the plan is, and reports whether it is refused.
func (s *syncing) judge(p *plan.Plan, sight schedule.Sight) (refused bool) {
	n := s.night
	n.Tenant, n.Source, n.Rows, n.Unusable, n.Settled = p.Tenant.ID, &sight.Source, &p.Summary.Rows, p.Summary.Rows.Unusable(), p.Known.Settled
	s.figures(p)
	against := slices.Concat(schedule.Judge(s.memory.Good, sight, s.Job.Rules(), s.Plan.Now), schedule.OfPlan(p, s.Job.Limits))
	switch {
	case s.Accept == "":
		n.Refusals = against
	case strings.HasPrefix(sight.Source.SHA256, strings.ToLower(s.Accept)):
		n.Accepted = against
	default:
		n.Refusals = append(against, schedule.Refusal{
			Rule: "accept", Hint: "look at this one first; --accept takes the digest of the file that was looked at",
			What: fmt.Sprintf("the file has SHA-256 %.12s, and accepted is %.12s", sight.Source.SHA256, s.Accept),
		})
	}
	if len(n.Refusals) > 0 {
		n.Outcome = schedule.Refused
	}
	return len(n.Refusals) > 0
}

// figures are those of the plan.
func (s *syncing) figures(p *plan.Plan) {
	n, sum := s.night, p.Summary
	n.PlanID, n.People, n.Creates, n.Updates, n.Deletes, n.HeldBack, n.Skipped = p.ID, sum.People, sum.Creates, sum.Updates, sum.Deletes, sum.HeldBack, sum.Skipped
	n.Counts = schedule.Tally{Planned: sum.Pending(), Pending: sum.Pending()}
}

// apply makes the plan true and remembers the night.
func (s *syncing) apply(ctx context.Context, p *plan.Plan, sight schedule.Sight) error {
	// A memory that cannot be written is found out before the first write, and
	// which run is under way is known to the next night from then on.
	s.memory.Tenant = p.Tenant.ID
	if err := s.memory.Keep(ctx, s.shelf()); err != nil {
		return err
	}
	within, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	o, told := s.Apply, s.Apply.Started
	o.Started = func(run string, open int) {
		s.memory.OpenRun, s.night.RunID = run, run
		if err := s.memory.Keep(ctx, s.shelf()); err != nil {
			stop(err)
		}
		if told != nil {
			told(run, open)
		}
	}
	run, err := Apply(within, s.tenant, p, o)
	if run != nil {
		s.night.Counts = schedule.Tally(run.Counts)
	}
	if err != nil {
		if cause := context.Cause(within); ctx.Err() == nil && cause != nil {
			err = errors.Join(cause, err)
		}
		return err
	}
	return s.remember(ctx, p, run, sight)
}

// remember makes tonight the last good run.
func (s *syncing) remember(ctx context.Context, p *plan.Plan, run *journal.Run, sight schedule.Sight) error {
	good := &schedule.Good{At: p.CreatedAt, PlanID: p.ID, Sight: sight, Inputs: s.Inputs, Unusable: s.night.Unusable}
	s.memory.OpenRun, s.memory.Good = "", good
	if s.memory.Unchanged++; !s.Plan.Settling.spares() {
		s.memory.Unchanged = 0
	}
	outcome := schedule.NothingToDo
	if run != nil {
		outcome = schedule.Applied
		good.RunID, good.Counts = run.RunID, schedule.Counts{Planned: run.Counts.Planned, Done: run.Counts.Done, Open: run.Counts.Open()}
		if run.Counts.Open() > 0 {
			outcome = schedule.Incomplete
		}
		if run.Resumable() > 0 {
			s.memory.OpenRun = run.RunID
		}
		s.owe(run.RunID)
	}
	if a := s.night.Approved; a != nil && a.Counts != nil && a.Counts.Done < a.Counts.Planned {
		outcome = schedule.Incomplete
	}
	if err := s.memory.Keep(ctx, s.shelf()); err != nil {
		return err
	}
	s.night.Outcome = outcome
	if book := s.Plan.Settling.ended(s.tonight, p, run); book != nil {
		return book.Keep(s.Folder)
	}
	return nil
}
