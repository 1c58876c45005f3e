package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"authseed/importer/plan"
	"authseed/importer/sealed"
)

// Run is a run as its journal tells it.
type Run struct {
	Head
	State   State
	EndedAt time.Time // zero while there is no end
	Counts  Counts

	outcomes map[string]Outcome
	intended map[string]bool
	with     []sealed.Identity
	secret   *secret   // nil where the run is in clear
	begun    time.Time // of the part that is or was written last
	hash     string    // of the last whole line
	whole    int64     // bytes of whole lines
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

// Left tells what is left of a change for a later part of the run: Unknown to
// settle, Pending to write, or a result that stays. What failed because no
// answer came, and not because one said no, is pending again.
func (r *Run) Left(change string) Result {
	result := r.Result(change)
	if o := r.outcomes[change]; result == Failed && o.Unanswered() {
		return Pending
	}
	return result
}

// Resumable counts the changes that a later part of the run would take up.
func (r *Run) Resumable() int {
	n := r.Counts.Unknown + r.Counts.Pending
	for _, o := range r.outcomes {
		if o.Result == Failed && o.Unanswered() {
			n++
		}
	}
	return n
}

// Unanswered reports that no answer decided about the change: none came, or one
// of a service in trouble.
func (o Outcome) Unanswered() bool {
	return o.Status == 0 || o.Status == 408 || o.Status >= 500
}

// MayHaveWritten reports whether a write of the change left that was neither
// turned away nor found done by somebody else. It is what a rollback undoes.
func (r *Run) MayHaveWritten(change string) bool { return r.intended[change] }

// Busy is the refusal of a run that is being written.
func (r *Run) Busy() error { return &BusyError{RunID: r.RunID, By: r.Process, Since: r.begun} }

// Outcome gives the last line about a change, if there is one.
func (r *Run) Outcome(change string) (Outcome, bool) {
	o, ok := r.outcomes[change]
	return o, ok
}

// CorruptError is a journal that is not what was written: edited, reordered or
// damaged before its last line.
type CorruptError struct {
	Path string
	Line int // 0 where no line can be told
	Why  string
}

func (e *CorruptError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s is damaged: %s", e.Path, e.Why)
	}
	return fmt.Sprintf("%s:%d: the journal is damaged: %s", e.Path, e.Line, e.Why)
}

// ErrNoRun is returned for a run that is not there, or was cut off before its
// first line was written and so before anything else was.
var ErrNoRun = errors.New("no such run")

// NewerError is a journal that a later version of authseed wrote.
type NewerError struct {
	Path     string
	Version  int
	WriterOf string // the tool version that wrote it
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("%s has format_version %d, written by authseed %s; this one reads %d", e.Path, e.Version, e.WriterOf, FormatVersion)
}

// Last is the word for the newest run.
const Last = "last"

// Read replays the run with the given id, or the newest for [Last]. One that is
// sealed and that the identity does not open is a [*sealed.Error], and so is one
// that such a run may have undone.
func Read(runs, id string, with ...sealed.Identity) (*Run, error) {
	if id == Last {
		var err error
		if id, err = newest(runs); err != nil {
			return nil, err
		}
	}
	run, err := load(runs, id, with...)
	if err != nil {
		return nil, err
	}
	run.settleState(runs)
	if undone, err := undoneBy(runs, id, with); err != nil {
		return nil, err
	} else if undone {
		run.State = RolledBack
	}
	return run, nil
}

// load replays a run. Its State is empty where no end was written.
func load(runs, id string, with ...sealed.Identity) (*Run, error) {
	if filepath.Base(id) != id {
		return nil, fmt.Errorf("%w: %q", ErrNoRun, id)
	}
	path := filepath.Join(runs, id, journalFile)
	text, err := contents(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %q", ErrNoRun, id)
	}
	if err != nil {
		return nil, fmt.Errorf("reading journal: %w", err)
	}
	s, err := secretOf(path, text, with)
	if err != nil {
		return nil, err
	}
	run, err := replay(path, text, s)
	if err == nil {
		run.with = with
		run.RunID = id // a copy of a run goes by its folder's name, and what is done to it is done there
	}
	return run, err
}

// Plan reads the plan the run was made from.
func (r *Run) Plan(runs string) (*plan.Plan, error) {
	file, err := open(filepath.Join(runs, r.RunID, planFile))
	if err != nil {
		return nil, fmt.Errorf("reading the plan of run %s: %w", r.RunID, err)
	}
	defer file.Close()
	content := io.Reader(file)
	if r.secret != nil {
		if content, err = sealed.Open(file, r.with...); err != nil {
			return nil, fmt.Errorf("reading the plan of run %s: %w", r.RunID, err)
		}
	}
	p, err := plan.Decode(content)
	if err != nil {
		return nil, fmt.Errorf("reading the plan of run %s: %w", r.RunID, err)
	}
	if p.Digest != r.PlanDigest {
		return nil, fmt.Errorf("reading the plan of run %s: %w", r.RunID, &plan.EditedError{Want: r.PlanDigest, Got: p.Digest})
	}
	return p, nil
}

// replay folds the lines into a run.
func replay(path string, text []byte, s *secret) (*Run, error) {
	run := &Run{secret: s, outcomes: map[string]Outcome{}, intended: map[string]bool{}}
	for n := 1; len(text) > 0; n++ {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			break // torn: it was never finished
		}
		text = rest
		body, hash, ok := unchain(line)
		if n == 1 && s == nil {
			// A later version may chain its lines in another way.
			if err := readable(path, line); err != nil {
				return nil, err
			}
		}
		if !ok || chain(run.hash, body) != hash {
			return nil, &CorruptError{path, n, "the line does not fit the one before it"}
		}
		why := run.unseal(n, body)
		if why != "" {
			return nil, &CorruptError{path, n, why}
		}
		run.hash = hash
		run.whole += int64(len(line)) + 1
	}
	if run.RunID == "" {
		return nil, neverBegan(path)
	}
	run.Counts = run.count()
	return run, nil
}

func neverBegan(path string) error {
	return fmt.Errorf("%w: %q was cut off before its first line, and wrote nothing", ErrNoRun, filepath.Base(filepath.Dir(path)))
}

// unseal opens a line and folds it.
func (r *Run) unseal(n int, body []byte) string {
	if r.secret == nil {
		return r.take(n, body)
	}
	if n == 1 {
		return "" // in clear, and looked at before
	}
	line, ok := r.secret.open(r.hash, body)
	if !ok {
		return "the key of the run does not open the line"
	}
	return r.take(n-1, line)
}

// readable refuses the journal of another version by its first line.
func readable(path string, line []byte) error {
	var head Head
	if err := json.Unmarshal(line, &head); err != nil || head.FormatVersion == 0 || head.FormatVersion == FormatVersion {
		return nil // what is wrong with it is found where it is read
	}
	return &NewerError{path, head.FormatVersion, head.ToolVersion}
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
		Type    string   `json:"type"`
		Changes []string `json:"changes"`
		State   State    `json:"state"`
		Process Process  `json:"process"`
		Outcome          // its time is that of every line
	}
	if err := json.Unmarshal(body, &line); err != nil {
		return "not a line of a journal"
	}
	if (n == 1) != (line.Type == "run") {
		return "a journal has one run line, its first"
	}
	if r.State != "" && line.Type != "resume" {
		return "there is a line after the end"
	}
	switch line.Type {
	case "run":
		if err := json.Unmarshal(body, &r.Head); err != nil {
			return "not the first line of a journal"
		}
		r.begun = r.At
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
		if !r.intended[line.Change] && line.Result == Unknown {
			return "an outcome that belongs to no change"
		}
		r.outcomes[line.Change] = line.Outcome
	case "end":
		r.State, r.EndedAt = line.State, line.At
	case "resume":
		r.State, r.EndedAt = "", time.Time{}
		r.Process, r.begun = line.Process, line.At
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
