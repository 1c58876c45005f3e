// Package journal is the record of a run: what was intended before it left,
// and what became of it. A run can be cut off at any byte and its journal still
// tells, for every change of its plan, done, failed, stale, unknown or pending.
//
// # Format, version 1
//
// A run is a folder named by its id. It holds plan.json, the plan with clear
// values; the signatures that approved it, if any were asked for (plan.json.*.sig);
// journal.jsonl; and lock, held while a process writes. Files are 0600 in folders
// of 0700.
//
// Once nobody will write to it any more, journal and plan of a run may be packed
// ([Run.Compress]): journal.jsonl.gz and plan.json.gz are gzip of the same bytes
// (RFC 1952). Where a file is there in both forms the plain one counts. A folder
// without a journal in either form is a run that never began, or one whose removal
// was cut off: nobody lists it. What begins with .part- was not finished.
//
// journal.jsonl has one JSON object a line. Every line ends in a member "hash":
// the first 16 bytes, in hex, of SHA-256 over the previous line's hash and this
// line without that member, so that no line can be changed, dropped or moved
// unseen. The member "type" tells the lines apart:
//
//	run      first: format_version, run_id, plan_id, plan_digest, tool_version, tenant, planned,
//	         undoes (the run a rollback undoes, else absent), process {pid, host}, at
//	intent   changes (ids) that are about to leave in one batch, at; on disk before the batch leaves
//	refused  changes (ids) whose intent counts no longer: turned away undone, at
//	outcome  change (id), result, at and, from the service: status, code, message, request_id
//	end      state, counts, at; only a resume may follow
//	resume   tool_version, process {pid, host}, at: the run is taken up again
//
// An intent without an outcome is unknown: the write may have happened. Of
// several outcomes of a change the last counts. A last line that is torn was
// never finished and is dropped; anything else that does not fit is an error.
//
// # Sealed, version 2
//
// A run that is sealed to recipients has one file more: key.age, an age file with
// {"key": 32 random bytes, "recipients": [...]}. plan.json and the list of
// failures are age files to the same recipients. journal.jsonl begins with one
// line in clear,
//
//	sealed  format_version (2), run_id, tool_version, undoes, at
//
// and every later line has beside "hash" one member, "sealed": base64 of a random
// nonce of 12 bytes, a line of version 1 without its hash under AES-256-GCM with
// the run's key, and the tag of 16 bytes. Authenticated with it is the hash of the
// line before. The running hash goes over the lines as they are in the file, so
// that the rules about torn, changed, dropped and moved lines are those of version
// 1. Without the key a run tells that it is there, since when, how many lines it
// has and how long they are, and whether it undoes another. Whoever takes it up
// again needs an identity, goes on with the same key and seals to the same
// recipients. Like the running hash, sealing does not prove who wrote a run.
//
// A run is rolled-back when a later one that undoes it has come to its end with
// nothing left open; that is read off the later one, so that there is no moment
// at which the two could disagree.
//
// The package knows the plan and nothing of Graph. It never changes a line it
// wrote, and holds no value of a person: those are in the plan, and in clear in
// the list of failures that [Journal.WriteFailures] keeps beside it, both 0600.
package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"authseed/importer/plan"
	"authseed/importer/private"
	"authseed/importer/sealed"
)

// FormatVersion is the version of the journal this package writes.
const FormatVersion = 1

// Result is what became of one change.
type Result string

// The results. Pending is a change nothing was intended for yet; it is never
// written down.
const (
	Done    Result = "done"    // the tenant holds what was planned
	Failed  Result = "failed"  // refused, and the tenant is as it was
	Stale   Result = "stale"   // the person has moved since the plan, and was left alone
	Unknown Result = "unknown" // the write left and nobody can say what it did
	Pending Result = "pending"
)

// State is where a run stands.
type State string

// The states. Only Finished and Incomplete are written down: a journal without
// an end is Running while a process holds its lock and Interrupted afterwards.
const (
	Running     State = "running"
	Finished    State = "done"
	Incomplete  State = "incomplete" // finished, and some changes failed or were left open
	Interrupted State = "interrupted"
	RolledBack  State = "rolled-back" // a later run has undone it
	Encrypted   State = "encrypted"   // no identity opens it: nothing is known but what its first line tells
)

// Outcome is one line about one change. Message comes from the service with
// personal data masked. Status is 0 where no answer came, and 424 where the
// change was not tried because another that it depends on has failed.
type Outcome struct {
	Change    string    `json:"change"`
	Result    Result    `json:"result"`
	Status    int       `json:"status,omitempty"`
	Code      string    `json:"code,omitempty"`
	Message   string    `json:"message,omitempty"`
	RequestID string    `json:"request_id,omitempty"`
	At        time.Time `json:"at"`
}

// Counts adds up a run: Planned is the sum of the others.
type Counts struct {
	Planned int `json:"planned"`
	Done    int `json:"done"`
	Failed  int `json:"failed"`
	Stale   int `json:"stale"`
	Unknown int `json:"unknown"`
	Pending int `json:"pending"`
}

// Open is the number of changes that are not as planned.
func (c Counts) Open() int { return c.Planned - c.Done }

// Head is the first line of a journal.
type Head struct {
	FormatVersion int         `json:"format_version"`
	RunID         string      `json:"run_id"`
	PlanID        string      `json:"plan_id"`
	PlanDigest    string      `json:"plan_digest"`
	ToolVersion   string      `json:"tool_version"`
	Tenant        plan.Tenant `json:"tenant"`
	Planned       int         `json:"planned"`
	Undoes        string      `json:"undoes,omitempty"`
	Process       Process     `json:"process"`
	At            time.Time   `json:"at"`
}

// Process is who writes, or wrote, a journal.
type Process struct {
	PID  int    `json:"pid"`
	Host string `json:"host"`
}

func thisProcess() Process {
	host, _ := os.Hostname() // a name to tell people, nothing relies on it
	return Process{os.Getpid(), host}
}

// The lines, as written.
type (
	runLine struct {
		Type string `json:"type"`
		Head
	}
	changesLine struct {
		Type    string    `json:"type"`
		Changes []string  `json:"changes"`
		At      time.Time `json:"at"`
	}
	resumeLine struct {
		Type        string    `json:"type"`
		ToolVersion string    `json:"tool_version"`
		Process     Process   `json:"process"`
		At          time.Time `json:"at"`
	}
	outcomeLine struct {
		Type string `json:"type"`
		Outcome
	}
	endLine struct {
		Type   string    `json:"type"`
		State  State     `json:"state"`
		Counts Counts    `json:"counts"`
		At     time.Time `json:"at"`
	}
)

const (
	planFile    = "plan.json"
	journalFile = "journal.jsonl"
	lockFile    = "lock"
	keyFile     = "key.age"
)

// Journal is a run that is being written. Its methods may be called from
// several goroutines.
type Journal struct {
	runs, id string
	secret   *secret

	mu     sync.Mutex
	file   *os.File
	lock   *flock.Flock
	hash   string
	broken error // the first write that failed: nothing may follow it
}

// Create begins the run with the given id under the folder runs: it saves the
// plan, writes and syncs the first line and takes the lock. The run is sealed to
// the recipients; without any it is in clear.
func Create(runs, id, toolVersion string, p *plan.Plan, to ...sealed.Recipient) (_ *Journal, err error) {
	dir := filepath.Join(runs, id)
	if err := private.Folder(dir); err != nil {
		return nil, fmt.Errorf("creating run folder: %w", err)
	}
	j := &Journal{runs: runs, id: id}
	if err := j.take(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = j.release()
		}
	}()
	err = create(filepath.Join(dir, planFile), to, func(w io.Writer) error { return plan.Encode(w, p) })
	if err != nil {
		return nil, fmt.Errorf("saving plan: %w", err)
	}
	if j.secret, err = makeSecret(dir, to); err != nil {
		return nil, err
	}
	j.file, err = os.OpenFile(filepath.Join(dir, journalFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("creating journal: %w", err)
	}
	if err := j.announce(toolVersion, p.Undoes); err != nil {
		return nil, err
	}
	err = j.append(true, runLine{"run", Head{
		FormatVersion: FormatVersion, RunID: id, PlanID: p.ID, PlanDigest: p.Digest, ToolVersion: toolVersion,
		Tenant: p.Tenant, Planned: p.Summary.Pending(), Undoes: p.Undoes, Process: thisProcess(), At: now(),
	}})
	if err != nil {
		return nil, err
	}
	// The names of the new files have to be on disk as well as their contents.
	return j, errors.Join(syncDir(dir), syncDir(runs))
}

// Open takes a run up again: it locks the run, replays its journal and cuts off
// a last line that is torn. It writes no line yet; [Journal.Resume] does. A run
// that another process is writing is a [*BusyError], one that is sealed and that
// the identity does not open a [*sealed.Error].
func Open(runs, id string, with ...sealed.Identity) (_ *Journal, _ *Run, err error) {
	if id == Last {
		if id, err = newest(runs); err != nil {
			return nil, nil, err
		}
	}
	// Not to make a folder for a run that is not there.
	if _, err := load(runs, id, with...); err != nil {
		return nil, nil, err
	}
	j := &Journal{runs: runs, id: id}
	if err := j.take(with...); err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			_ = j.release()
		}
	}()
	if err := j.unpack(); err != nil {
		return nil, nil, err
	}
	// Read once more: before the lock it may have been somebody's half line.
	run, err := load(runs, id, with...)
	if err != nil {
		return nil, nil, err
	}
	if run.State == "" {
		run.State = Interrupted
	}
	// Windows lets nobody truncate a file that is open for appending alone.
	path := filepath.Join(runs, run.RunID, journalFile)
	if err := os.Truncate(path, run.whole); err != nil {
		return nil, nil, fmt.Errorf("opening journal: %w", err)
	}
	j.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("opening journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return nil, nil, fmt.Errorf("opening journal: %w", err)
	}
	j.hash, j.secret = run.hash, run.secret
	return j, run, nil
}

// Resume writes down that the run goes on, and returns when that is on disk.
func (j *Journal) Resume(toolVersion string) error {
	return j.append(true, resumeLine{"resume", toolVersion, thisProcess(), now()})
}

// syncDir flushes a folder's entries. Some systems cannot, and their file
// systems do not need it: that is no error.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("syncing run folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) && !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("syncing run folder: %w", err)
	}
	return nil
}

func now() time.Time { return time.Now().UTC() }

// Intend writes down which changes are about to leave together and returns when
// that is on disk. After an error nothing may leave.
func (j *Journal) Intend(changes []string) error {
	return j.append(true, changesLine{"intent", changes, now()})
}

// Withdraw writes down that intents count no longer: the service turned the
// changes away without doing anything, or somebody else had done them. It is not
// synced: without the line they are unknown, which costs one read each.
func (j *Journal) Withdraw(changes []string) error {
	return j.append(false, changesLine{"refused", changes, now()})
}

// Record writes down what became of a change. It is not synced: after a power
// cut the change counts as unknown, which costs one read.
func (j *Journal) Record(o Outcome) error {
	o.At = now()
	return j.append(false, outcomeLine{"outcome", o})
}

// End writes the last line and closes the journal.
func (j *Journal) End(state State, counts Counts) error {
	return errors.Join(j.append(true, endLine{"end", state, counts, now()}), j.release())
}

// Read replays what was written, before or after the journal is closed. It needs
// no identity, for the journal has the key.
func (j *Journal) Read() (*Run, error) {
	path := filepath.Join(j.runs, j.id, journalFile)
	text, err := contents(path)
	if err != nil {
		return nil, fmt.Errorf("reading journal: %w", err)
	}
	run, err := replay(path, text, j.secret)
	if err != nil {
		return nil, err
	}
	run.settleState(j.runs)
	return run, nil
}

// Abandon closes the journal without a last line, as a cut-off run leaves it.
func (j *Journal) Abandon() error {
	return j.release()
}

func (j *Journal) release() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	var err error
	if j.file != nil {
		err = errors.Join(j.file.Sync(), j.file.Close())
		j.file = nil
	}
	if j.broken == nil {
		j.broken = errors.New("the journal is closed")
	}
	return errors.Join(err, j.lock.Unlock())
}

// announce writes the first line of a sealed journal.
func (j *Journal) announce(toolVersion, undoes string) error {
	if j.secret == nil {
		return nil
	}
	return j.write(false, nil, sealedHead{"sealed", sealedVersion, j.id, toolVersion, undoes, now()})
}

// append writes one line, sealed where the run is.
func (j *Journal) append(sync bool, line any) error { return j.write(sync, j.secret, line) }

// write writes one line. After one that failed the file may end in half a line,
// so no other may follow.
func (j *Journal) write(sync bool, s *secret, line any) error {
	text, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("writing journal: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken != nil {
		return fmt.Errorf("writing journal: %w", j.broken)
	}
	if text, err = s.seal(j.hash, text); err != nil {
		return fmt.Errorf("writing journal: %w", err)
	}
	hash := chain(j.hash, text)
	text = append(text[:len(text)-1], hashMember+hash+"\"}\n"...)
	if _, err = j.file.Write(text); err == nil && sync {
		err = j.file.Sync()
	}
	if err != nil {
		j.broken = err
		return fmt.Errorf("writing journal: %w", err)
	}
	j.hash = hash
	return nil
}

const hashMember = `,"hash":"`

// chain ties a line to all lines before it.
func chain(previous string, line []byte) string {
	h := sha256.New()
	h.Write([]byte(previous))
	h.Write(line)
	return hex.EncodeToString(h.Sum(nil)[:16])
}
