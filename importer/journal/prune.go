package journal

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"authseed/importer/sealed"
)

// Pruned is what became of the runs.
type Pruned struct {
	Removed []Removed    // oldest first
	Recent  int          // kept, as asked for
	Kept    map[Hold]int // older than that, and kept all the same
	Stuck   []Stuck      // older, and could not be removed
	Remains int          // folders without a run that were removed: a removal was cut off, or a run never began
	Bytes   int64        // of all that was removed
}

// Removed is a run that is no more. Of the run only what a list shows is there.
type Removed struct {
	*Run
	Bytes int64
}

// Hold is why a run is kept that is older than what is to be kept.
type Hold string

// The holds.
const (
	HoldRunning     Hold = "running"     // it is being written
	HoldInterrupted Hold = "interrupted" // resume or rollback has to look at it
	HoldResumable   Hold = "resumable"   // it has ended, and a resume would take something up
	HoldEncrypted   Hold = "encrypted"   // nobody here can tell whether it has ended
	HoldLinked      Hold = "linked"      // it undoes a run that is kept, or is undone by one
)

// Stuck is a folder that could not be removed, and why.
type Stuck struct {
	ID  string
	Err error
}

// Prune removes the runs that have ended and are older than what is to be kept,
// oldest first; dry, it only says which. Age counts from the last thing that a run
// tells of itself, so that one which claims to be of the future stays.
//
// A run and those that undo it go together or not at all, the undone one first:
// that it is undone is read off the other ones. The journal goes first, so that
// what a killed removal leaves is no run; the next removes the rest.
//
// After an error what is removed is told with it.
func Prune(ctx context.Context, runs string, keep Keep, now time.Time, dry bool, with ...sealed.Identity) (*Pruned, error) {
	p := &pruning{runs: runs, since: keep.Since(now), now: now, newest: keep.Newest, dry: dry, with: with, of: map[string]*candidate{}}
	p.Kept = map[Hold]int{}
	if err := p.scan(ctx); err != nil {
		return &p.Pruned, err
	}
	p.tie()
	return &p.Pruned, p.remove(ctx)
}

// pruning is a Prune under way.
type pruning struct {
	Pruned
	runs       string
	since, now time.Time
	newest     int
	dry        bool
	with       []sealed.Identity

	order []string // of the runs, newest first
	of    map[string]*candidate
	rests []string // folders without a run
}

// candidate is a run that is looked at.
type candidate struct {
	*Run
	recent bool
	hold   Hold
	err    error // it cannot be read
	seen   fs.FileInfo
	tied   []string
}

func (c *candidate) goes() bool { return !c.recent && c.hold == "" && c.err == nil }

// scan reads every run and keeps little of it.
func (p *pruning) scan(ctx context.Context) error {
	names, err := ids(p.runs)
	if err != nil {
		return err
	}
	for _, id := range names {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		seen, _ := stat(filepath.Join(p.runs, id, journalFile)) // what is wrong with it is found next
		run, err := load(p.runs, id, p.with...)
		if sealed.Locked(err) {
			run, err = loadHead(p.runs, id)
		}
		if errors.Is(err, ErrNoRun) {
			p.rests = append(p.rests, id)
			continue
		}
		c := &candidate{Run: &Run{Head: Head{RunID: id}}, err: err, seen: seen}
		if err == nil {
			run.settleState(p.runs)
			c.Run = run
		} else if head, headErr := readHead(filepath.Join(p.runs, id, journalFile)); headErr == nil {
			c.At, c.Undoes = head.At, head.Undoes
		}
		c.recent = len(p.order) < p.newest || !p.old(id, c.last())
		if err == nil {
			c.hold = p.holds(c.Run)
			c.Run = &Run{Head: run.Head, State: run.State, EndedAt: run.EndedAt, Counts: run.Counts}
		}
		p.order = append(p.order, id)
		p.of[id] = c
	}
	return nil
}

// last is when a run was last heard of.
func (r *Run) last() time.Time {
	last := r.At
	for _, t := range []time.Time{r.begun, r.EndedAt} {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// old reports that a run last heard of at a time is to go. Its name tells a time
// too, which counts where the run cannot tell any.
func (p *pruning) old(id string, last time.Time) bool {
	named, ok := begunAt(id)
	if last.IsZero() && !ok {
		return false
	}
	return last.Before(p.since) && (!ok || named.Before(p.since))
}

// begunAt is the time that the name of a run begins with.
func begunAt(id string) (time.Time, bool) {
	const layout = "20060102T150405.000"
	if len(id) < len(layout) {
		return time.Time{}, false
	}
	t, err := time.Parse(layout, id[:len(layout)])
	return t, err == nil
}

// holds says what keeps a run that is old.
func (p *pruning) holds(r *Run) Hold {
	switch r.State {
	case Running:
		return HoldRunning
	case Encrypted:
		return HoldEncrypted
	case Interrupted:
		return HoldInterrupted
	case Incomplete:
		if r.Resumable() > 0 && p.inTime(r) {
			return HoldResumable
		}
	}
	return ""
}

// inTime reports that a resume would still take the run up: it does not after the
// plan's own time. A plan that cannot be read says nothing.
func (p *pruning) inTime(r *Run) bool {
	made, err := r.Plan(p.runs)
	return err != nil || !p.now.After(made.ValidUntil)
}

// tie settles which runs have been undone, and holds those that have to do with
// one that stays.
func (p *pruning) tie() {
	for _, id := range p.order {
		c := p.of[id]
		undone := p.of[c.Undoes]
		if undone == nil {
			continue
		}
		c.tied, undone.tied = append(c.tied, c.Undoes), append(undone.tied, id)
		if c.State == Finished && undone.err == nil && undone.State != Running && undone.State != Encrypted {
			undone.State, undone.hold = RolledBack, ""
		}
	}
	for _, id := range p.order {
		if c := p.of[id]; !c.goes() {
			p.hold(c)
		}
	}
}

// hold keeps all that have to do with a run.
func (p *pruning) hold(c *candidate) {
	for _, id := range c.tied {
		if other := p.of[id]; other.goes() {
			other.hold = HoldLinked
			p.hold(other)
		}
	}
}

// remove removes what goes, oldest first, and counts what stays.
func (p *pruning) remove(ctx context.Context) error {
	done := map[string]bool{}
	for _, id := range slices.Backward(p.order) {
		if err := p.visit(ctx, id, done); err != nil {
			return err
		}
	}
	for _, id := range slices.Backward(p.rests) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if named, ok := begunAt(id); ok && named.Before(p.since) {
			p.removeRest(id)
		}
	}
	return nil
}

// visit deals with a run, and before it with the one it undoes, whatever their
// names say of their order.
func (p *pruning) visit(ctx context.Context, id string, done map[string]bool) error {
	if done[id] {
		return nil
	}
	done[id] = true
	c := p.of[id]
	if p.of[c.Undoes] != nil {
		if err := p.visit(ctx, c.Undoes, done); err != nil {
			return err
		}
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case c.recent:
		p.Recent++
	case c.err != nil:
		p.Stuck = append(p.Stuck, Stuck{id, c.err})
	case c.hold != "":
		p.Kept[c.hold]++
	default:
		p.removeRun(c)
	}
	return nil
}

// removeRun removes a run, where it still is what was read.
func (p *pruning) removeRun(c *candidate) {
	dir := filepath.Join(p.runs, c.RunID)
	bytes := room(dir)
	hold, err := c.hold, error(nil)
	if !p.dry {
		hold, err = p.removeFolder(c.RunID, func() (Hold, error) { return p.changed(c) })
	}
	switch {
	case err != nil:
		p.Stuck = append(p.Stuck, Stuck{c.RunID, err})
	case hold != "":
		p.Kept[hold]++
	default:
		p.Removed = append(p.Removed, Removed{c.Run, bytes})
		p.Bytes += bytes
		return
	}
	c.hold = HoldLinked // whatever it is that keeps it
	p.hold(c)
}

// changed looks once more, under the lock of the run: somebody may have gone on
// with it, or begun to undo it.
func (p *pruning) changed(c *candidate) (Hold, error) {
	now, err := stat(filepath.Join(p.runs, c.RunID, journalFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil // another prune was faster
	case err != nil:
		return "", err
	case c.seen == nil || now.Size() != c.seen.Size() || !now.ModTime().Equal(c.seen.ModTime()):
		return HoldRunning, nil // or was a moment ago
	}
	names, err := ids(p.runs)
	if err != nil {
		return "", err
	}
	for _, id := range names {
		if p.of[id] != nil {
			continue
		}
		if head, err := readHead(filepath.Join(p.runs, id, journalFile)); err == nil && head.Undoes == c.RunID {
			return HoldLinked, nil
		}
	}
	return "", nil
}

// removeRest removes a folder without a run.
func (p *pruning) removeRest(id string) {
	bytes := room(filepath.Join(p.runs, id))
	if !p.dry {
		hold, err := p.removeFolder(id, func() (Hold, error) {
			if _, err := load(p.runs, id); !errors.Is(err, ErrNoRun) {
				return HoldRunning, nil
			}
			return "", nil
		})
		if err != nil {
			p.Stuck = append(p.Stuck, Stuck{id, err})
		}
		if err != nil || hold != "" {
			return
		}
	}
	p.Remains++
	p.Bytes += bytes
}

// removeFolder removes the folder of a run under its lock, unless something holds
// it: the journal before all else, on disk as well, and of two forms the plain one
// last, which is the one that counts. The lock's own file goes when the lock is
// given back, because some systems remove no file that is open; whoever gets that
// lock meanwhile finds no run.
func (p *pruning) removeFolder(id string, held func() (Hold, error)) (Hold, error) {
	dir := filepath.Join(p.runs, id)
	j := &Journal{runs: p.runs, id: id}
	var busy *BusyError
	switch err := j.take(p.with...); {
	case errors.As(err, &busy):
		return HoldRunning, nil
	case errors.Is(err, fs.ErrNotExist):
		return "", nil // another prune was faster
	case err != nil:
		return "", err
	}
	hold, err := held()
	if err == nil && hold == "" {
		err = empty(dir)
	}
	if err := errors.Join(err, j.release()); err != nil || hold != "" {
		return hold, err
	}
	return "", os.RemoveAll(dir)
}

// empty removes all files of a run but its lock.
func empty(dir string) error {
	for _, name := range []string{journalFile + packed, journalFile} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := syncDir(dir); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if err == nil && e.Name() != lockFile {
			err = os.RemoveAll(filepath.Join(dir, e.Name()))
		}
	}
	return err
}

// room is how many bytes the files of a folder have.
func room(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // what cannot be looked at is not counted
		}
		if info, err := d.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	return n
}
