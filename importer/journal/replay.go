package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"authseed/importer/plan"
)

// Run is a run as its journal tells it.
type Run struct {
	Head
	State   State
	EndedAt time.Time // zero while there is no end
	Counts  Counts

	outcomes map[string]Outcome
	intended map[string]bool
}

// Result tells what became of a change of the run's plan.
func (r *Run) Result(change string) Result {
	if o, ok := r.outcomes[change]; ok {
		return o.Result
	}
	if r.intended[change] {
		return Unknown
	}
	return Pending
}

// Outcome gives the line about a change, if there is one.
func (r *Run) Outcome(change string) (Outcome, bool) {
	o, ok := r.outcomes[change]
	return o, ok
}

// CorruptError is a journal that is not what was written: edited, reordered or
// damaged before its last line.
type CorruptError struct {
	Path string
	Line int
	Why  string
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s:%d: the journal is damaged: %s", e.Path, e.Line, e.Why)
}

// ErrNoRun is returned for a run that is not there.
var ErrNoRun = errors.New("no such run")

// Last is the word for the newest run.
const Last = "last"

// Read replays the run with the given id, or the newest for [Last].
func Read(runs, id string) (*Run, error) {
	if id == Last {
		ids, err := ids(runs)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			return nil, fmt.Errorf("%w: there is none yet", ErrNoRun)
		}
		id = ids[0]
	}
	if filepath.Base(id) != id {
		return nil, fmt.Errorf("%w: %q", ErrNoRun, id)
	}
	path := filepath.Join(runs, id, journalFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %q", ErrNoRun, id)
	}
	if err != nil {
		return nil, fmt.Errorf("reading journal: %w", err)
	}
	run, err := replay(path, text)
	if err != nil {
		return nil, err
	}
	if run.State == "" {
		run.State = Interrupted
		if held(filepath.Join(runs, id, lockFile)) {
			run.State = Running
		}
	}
	return run, nil
}

// held reports whether a process holds the lock.
func held(path string) bool {
	lock := flock.New(path, flock.SetFlag(os.O_RDWR))
	locked, err := lock.TryLock()
	if locked {
		_ = lock.Unlock()
	}
	return err == nil && !locked
}

// Plan reads the plan the run was made from.
func (r *Run) Plan(runs string) (*plan.Plan, error) {
	file, err := os.Open(filepath.Join(runs, r.RunID, planFile))
	if err != nil {
		return nil, fmt.Errorf("reading the plan of run %s: %w", r.RunID, err)
	}
	defer file.Close()
	p, err := plan.Decode(file)
	if err != nil {
		return nil, fmt.Errorf("reading the plan of run %s: %w", r.RunID, err)
	}
	if p.Digest != r.PlanDigest {
		return nil, fmt.Errorf("reading the plan of run %s: %w", r.RunID, &plan.EditedError{Want: r.PlanDigest, Got: p.Digest})
	}
	return p, nil
}

// List replays every run, newest first. A run that cannot be read is named in
// the error and left out.
func List(runs string) ([]*Run, error) {
	names, err := ids(runs)
	if err != nil {
		return nil, err
	}
	var list []*Run
	var errs []error
	for _, id := range names {
		run, err := Read(runs, id)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		list = append(list, run)
	}
	return list, errors.Join(errs...)
}

// ids lists the runs, newest first: an id begins with its time.
func ids(runs string) ([]string, error) {
	entries, err := os.ReadDir(runs)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing runs: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	slices.Reverse(names)
	return names, nil
}

// replay folds the lines into a run. Its State is empty where no end was
// written.
func replay(path string, text []byte) (*Run, error) {
	run := &Run{outcomes: map[string]Outcome{}, intended: map[string]bool{}}
	previous := ""
	for n := 1; len(text) > 0; n++ {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			break // torn: it was never finished
		}
		text = rest
		body, hash, ok := unchain(line)
		if !ok || chain(previous, body) != hash {
			return nil, &CorruptError{path, n, "the line does not fit the one before it"}
		}
		previous = hash
		if why := run.take(n, body); why != "" {
			return nil, &CorruptError{path, n, why}
		}
	}
	if run.RunID == "" {
		return nil, &CorruptError{path, 1, "there is no first line"}
	}
	run.Counts = run.count()
	return run, nil
}

// unchain takes the hash off a line.
func unchain(line []byte) (body []byte, hash string, ok bool) {
	at := bytes.LastIndex(line, []byte(hashMember))
	if at < 0 || !bytes.HasSuffix(line, []byte(`"}`)) {
		return nil, "", false
	}
	hash = string(line[at+len(hashMember) : len(line)-2])
	return append(slices.Clone(line[:at]), '}'), hash, true
}

// take folds one line and says what is wrong with it.
func (r *Run) take(n int, body []byte) string {
	var line struct {
		Type    string          `json:"type"`
		Changes []string        `json:"changes"`
		State   State           `json:"state"`
		At      time.Time       `json:"at"`
		Counts  json.RawMessage `json:"counts"`
	}
	if err := json.Unmarshal(body, &line); err != nil {
		return "not a line of a journal"
	}
	if (n == 1) != (line.Type == "run") {
		return "a journal has one run line, its first"
	}
	if r.State != "" {
		return "there is a line after the end"
	}
	switch line.Type {
	case "run":
		if err := json.Unmarshal(body, &r.Head); err != nil {
			return "not the first line of a journal"
		}
		if r.FormatVersion != FormatVersion {
			return fmt.Sprintf("it has format_version %d, this authseed reads %d", r.FormatVersion, FormatVersion)
		}
	case "intent":
		for _, id := range line.Changes {
			r.intended[id] = true
			delete(r.outcomes, id) // tried again: what it became is open again
		}
	case "refused":
		for _, id := range line.Changes {
			delete(r.intended, id)
		}
	case "outcome":
		var o Outcome
		if err := json.Unmarshal(body, &o); err != nil || !r.intended[o.Change] && o.Result == Unknown {
			return "an outcome that belongs to no change"
		}
		r.outcomes[o.Change] = o
	case "end":
		r.State, r.EndedAt = line.State, line.At
	default:
		return fmt.Sprintf("unknown line %q", strings.ToValidUTF8(line.Type, "?"))
	}
	return ""
}

func (r *Run) count() Counts {
	c := Counts{Planned: r.Planned}
	open := 0
	for id := range r.intended {
		if _, ok := r.outcomes[id]; !ok {
			open++
		}
	}
	for _, o := range r.outcomes {
		switch o.Result {
		case Done:
			c.Done++
		case Failed:
			c.Failed++
		case Stale:
			c.Stale++
		default:
			open++
		}
	}
	c.Unknown = open
	c.Pending = c.Planned - c.Done - c.Failed - c.Stale - c.Unknown
	return c
}
