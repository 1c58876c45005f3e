package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"authseed/importer"
	"authseed/importer/apply"
	"authseed/importer/ledger"
	"authseed/importer/plan"
	"authseed/importer/report"
	"authseed/importer/schedule"
	"authseed/importer/sealed"
	"authseed/importer/telemetry"
)

// The folders of jobs, beside that of the runs.
const (
	syncState        = "sync"
	syncSandboxState = "sync-sandbox"
)

// shared is standard error for several jobs.
type shared struct {
	sync.Mutex
	to io.Writer
}

// prefixed puts a job's name before each of its lines.
type prefixed struct {
	*shared
	name string
	part []byte
}

func (p *prefixed) Write(text []byte) (int, error) {
	p.Lock()
	defer p.Unlock()
	p.part = append(p.part, text...)
	for {
		line, rest, whole := bytes.Cut(p.part, []byte("\n"))
		if !whole {
			return len(text), nil
		}
		p.part = rest
		if _, err := fmt.Fprintf(p.to, "authseed: %s: %s\n", p.name, bytes.TrimPrefix(line, []byte("authseed: "))); err != nil {
			return len(text), err
		}
	}
}

// syncJob is one tenant's job on this command line: an app of its own, whose
// environment is the job's and whose talk has its name before it.
type syncJob struct {
	*app
	*schedule.Job
	flags   syncFlags
	plans   planFlags
	sealed  bool // the export was
	night   string
	folder  string
	fetched string // the download, which goes when the job ends
	secrets map[string]string
	webhook *telemetry.Webhook // the job's own; nil for none
	lock    *ledger.Lock       // against other hosts; nil where state is kept on this one
	memory  schedule.Shelf     // where other hosts find it; nil likewise
}

func (a *app) job(of *schedule.Job, flags syncFlags, talk *shared) *syncJob {
	own := *a
	j := &syncJob{app: &own, Job: of, flags: flags}
	own.Stderr, own.Stdin, own.noInput = &prefixed{shared: talk, name: of.Name}, strings.NewReader(""), true
	if a.log != nil {
		own.log = a.log.With("job", of.Name)
	}
	own.watch = &watch{Summary: telemetry.Summary{Version: a.Version, Command: "sync", Job: of.Name, TenantID: of.Tenant.ID}}
	own.Getenv = func(name string) string {
		if value, ok := j.secrets[name]; ok {
			return value
		}
		return a.Getenv(name)
	}
	return j
}

// run runs the job and tells what became of it.
func (j *syncJob) run(ctx context.Context) *schedule.Night {
	began := now().UTC()
	n, err := j.locked(ctx)
	err = j.inKeys(err)
	if n == nil {
		n = &schedule.Night{Job: j.Name, Tenant: j.Tenant.ID, Outcome: schedule.Failed}
	}
	status := exitStatus(ctx, err)
	switch {
	case status == exitInterrupted:
		n.Outcome = schedule.Interrupted
	case status == exitRefused:
		n.Outcome = schedule.Refused
	case err != nil:
		n.Outcome = schedule.Failed
	case n.Outcome == schedule.Refused:
		status = exitRefused
	case n.Outcome == schedule.Incomplete:
		status = exitIncomplete
	case j.Strict && n.Unusable > 0:
		status, n.Outcome = exitIncomplete, schedule.Incomplete
		j.say("note: %d rows are not usable, and the job is strict; authseed check lists them", n.Unusable)
	}
	n.StartedAt, n.EndedAt, n.ExitStatus = began, now().UTC(), int(status)
	j.tell(n, err)
	if err := j.keepNight(n); err != nil {
		j.explain(err, exitFailed)
		if n.ExitStatus == int(exitOK) {
			n.ExitStatus, n.Outcome, n.Error = int(exitFailed), schedule.Failed, err.Error()
		}
	}
	return n
}

// tell talks about what a person should know.
func (j *syncJob) tell(n *schedule.Night, err error) {
	if r := n.Resumed; r != nil && r.Problem != "" {
		j.say("note: run %s was cut off and cannot be gone on with: %s", r.RunID, r.Problem)
	}
	if err != nil {
		n.Error, n.Hint = err.Error(), hintFor(err)
		if errors.Is(err, context.Canceled) {
			n.Error, n.Hint = "interrupted", "the next run goes on"
		}
		j.explain(&hinted{errors.New(n.Error), n.Hint}, status(n.ExitStatus))
	}
	if a := n.Approved; a != nil && a.Problem != "" {
		j.say("note: the kept plan %s is not applied: %s", a.PlanID, a.Problem)
	}
	rails, signs := false, false
	for _, r := range n.Refusals {
		j.say("refused: %s", r.What)
		j.say("hint: %s", r.Hint)
		rails, signs = rails || r.Rule != "approvals", signs || r.Rule == "approvals"
	}
	if rails && n.Source != nil {
		j.say("plan and report are in %s; if the file is right, authseed sync --config %s --only %s --accept %.12s", n.Reports, j.flags.config, j.Name, n.Source.SHA256)
	}
	if signs {
		j.say("who may approve it: authseed approve %s --key FILE", filepath.Join(n.Reports, "plan.json"))
	}
}

// locked runs the job while nobody else does.
func (j *syncJob) locked(ctx context.Context) (n *schedule.Night, err error) {
	if err := j.ready(); err != nil {
		return nil, err
	}
	host, _ := os.Hostname()
	release, err := schedule.Acquire(ctx, j.folder, j.Name, j.flags.lockWait, schedule.Holder{PID: os.Getpid(), Host: host, Since: now().UTC()})
	if err != nil {
		return nil, stateHint(err)
	}
	defer func() { err = errors.Join(err, release()) }()
	unlock, err := j.lockElsewhere(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err := unlock(); err != nil {
			j.say("warning: the database went away during the night, and with it the lock against other hosts: %v", err)
			j.sayLedgerHint(err)
		}
	}()
	if err := j.sweep(); err != nil {
		return nil, err
	}
	s, err := j.begin(j.plans.tenantFlags, j.plans.lookFlags)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	o, done, err := j.options(ctx, s)
	if err != nil {
		return nil, err
	}
	defer done()
	n, err = importer.Sync(ctx, s.client, o)
	if n.Resumed != nil {
		j.compress(n.Resumed.RunID)
	}
	j.compress(n.RunID)
	if j.fetched != "" {
		err = errors.Join(err, os.Remove(j.fetched))
	}
	return n, stateHint(err)
}

// lockElsewhere keeps jobs on other hosts away, where they share a database.
func (j *syncJob) lockElsewhere(ctx context.Context) (unlock func() error, err error) {
	place, err := j.ledgerPlace()
	if err != nil || place.URL == "" || j.flags.sandbox != "" {
		return func() error { return nil }, err
	}
	book, err := place.Open(j.Tenant.ID)
	if err != nil {
		return nil, err
	}
	memory, err := place.Memory(j.Tenant.ID, j.Name)
	if err == nil {
		j.lock, err = book.Lock(ctx, j.flags.lockWait)
	}
	if err != nil {
		return nil, errors.Join(err, book.Close())
	}
	j.memory = schedule.Shared{Here: schedule.Folder(j.folder), There: memory}
	return func() error { return errors.Join(memory.Close(), j.lock.Unlock(), book.Close()) }, nil
}

// sweep removes what a job that was killed has downloaded.
func (j *syncJob) sweep() error {
	left, err := filepath.Glob(filepath.Join(j.folder, "download-*"))
	for _, path := range left {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// stateHint says where state is kept, where that is what failed.
func stateHint(err error) error {
	var path *fs.PathError
	if err != nil && hintFor(err) == "" && errors.As(err, &path) {
		return &hinted{err, "see whether the folder is there, writable and has room; --state-dir says where state is kept"}
	}
	return err
}

// ready turns the job into flags and checks them: nothing is asked of a tenant
// before all that it names is there.
func (j *syncJob) ready() error {
	untold := j.readWebhook() // first: it is told of whatever else is wrong
	runs, err := j.runs()
	if err != nil {
		return err
	}
	states := syncState
	if j.flags.sandbox != "" {
		states = syncSandboxState
	}
	j.folder = filepath.Join(filepath.Dir(runs), states, j.Name)
	j.plans = planFlags{
		sourceFlags:  sourceFlags{j.Mapping, j.Job.Preset},
		scopeFlags:   scopeFlags{group: j.Scope.Group, filter: j.Scope.Filter},
		tenantFlags:  tenantFlags{j.flags.sandbox, j.Tenant.Auth, j.Tenant.Cloud, j.Tenant.GraphURL, j.Tenant.Rate, j.Tenant.Concurrency, false},
		encryptFlags: encryptFlags{j.EncryptTo}, readsFlags: readsFlags{j.Reads}, neverFlags: neverFlags{neverFile: j.Never},
		allow: j.Allow, include: j.Include,
	}
	t := &j.plans.tenantFlags
	defaults(&t.auth, "default")
	defaults(&t.cloud, "global")
	defaults(&t.concurrency, schedule.DefaultConcurrency)
	defaults(&j.plans.reads, string(importer.ReadsAuto))
	if t.sandbox != "" {
		t.auth, t.url = "default", ""
	} else if err := j.readSecrets(); err != nil {
		return err
	}
	_, err = j.file()
	err = errors.Join(j.placed("mapping", err), t.check(), j.plans.check(), j.readSigners(), untold)
	return j.inKeys(err)
}

func defaults[T comparable](to *T, value T) {
	var none T
	if *to == none {
		*to = value
	}
}

// file is the export without its content, read as the job says.
func (j *syncJob) file() (importer.File, error) {
	if j.Source.Directory {
		return j.plans.ofDirectory()
	}
	return j.plans.file("", nil)
}

// check is ready, and a look at whether the export is there.
func (j *syncJob) check() error {
	if err := j.ready(); err != nil {
		return err
	}
	if _, err := j.secret("source.authorization", j.Source.Authorization); err != nil {
		return err
	}
	if _, err := j.secret("source.query", j.Source.Query); err != nil {
		return err
	}
	if err := j.checkSigners(); err != nil {
		return err
	}
	path, err := j.local()
	if err != nil || path == "" {
		return err
	}
	file, err := openFile(path)
	if err != nil {
		return err
	}
	return file.Close()
}

// options are what the job runs with.
func (j *syncJob) options(ctx context.Context, s *session) (o importer.SyncOptions, done func(), err error) {
	to, err := j.plans.recipients(false)
	if err != nil {
		return o, nil, err
	}
	applies, appliesDone, err := s.applyOptions(writeFlags{verify: string(apply.VerifyUncertain), encryptTo: to})
	if err != nil {
		return o, nil, err
	}
	plans, plansDone := s.planOptions()
	f := &j.plans
	plans.Allow, plans.AllowFor, plans.Include, plans.Never = f.allowed, f.allowedFor, f.included, f.never
	if plans.Ledger, err = j.ledgerPlace(); err != nil {
		return o, nil, err
	}
	plans.Reads, plans.Scope = importer.Reads(f.reads), f.scope()
	plans.Rules, plans.Requester = j.Policy.Rules(), j.Requester()
	applies.Never, applies.Unrecorded = f.never, j.sayOwed
	j.night = schedule.NightFolder(j.folder, plans.Now)
	if j.Reports.Folder != "" {
		j.night = filepath.Join(j.Reports.Folder, j.Name, filepath.Base(j.night))
	}
	inputs, err := j.inputs()
	o = importer.SyncOptions{
		Job: j.Job, Tenant: j.Tenant.ID, Folder: j.folder, Memory: j.memory, Inputs: inputs, Full: j.flags.full, Accept: j.flags.accept,
		Source: j.arrival, Keep: j.keep(ctx, to), Plan: plans, Apply: applies,
		Unspared: func(err error) { j.say("note: everybody is asked about: %v", err) },
	}
	if j.flags.sandbox != "" {
		o.Tenant = ""
	}
	if j.Approvals.Need() > 0 {
		o.Consent = j.consent
	}
	return o, func() { appliesDone(); plansDone() }, err
}

// inputs stands for all that decides but the export: the job, the version, and
// what the files hold that the job names.
func (j *syncJob) inputs() (string, error) {
	more := []string{j.Version}
	names := []string{j.Mapping, j.Never}
	for _, text := range j.Allow {
		_, file, _ := strings.Cut(text, ":")
		names = append(names, file)
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return "", fileError("file", err)
		}
		more = append(more, string(text))
	}
	return j.Digest(more...), nil
}

// keep keeps what was planned, before anything is written.
func (j *syncJob) keep(ctx context.Context, to []sealed.Recipient) func(*plan.Plan, *schedule.Night) error {
	return func(p *plan.Plan, n *schedule.Night) error {
		if _, err := j.plans.recipients(j.sealed); err != nil {
			return err
		}
		if j.lock != nil {
			if err := j.lock.Held(ctx); err != nil {
				return err
			}
		}
		if j.Reports.Folder == "" && p.Summary.Pending() == 0 && n.Outcome != schedule.Refused {
			return nil
		}
		if err := os.MkdirAll(j.night, 0o700); err != nil {
			return fmt.Errorf("keeping the report: %w", err)
		}
		n.Reports = j.night
		s := &session{app: j.app}
		err := s.savePlan(filepath.Join(j.night, "plan.json"), p, to)
		if err == nil && j.Reports.HTML {
			err = s.savePage(filepath.Join(j.night, "plan.html"), p)
		}
		return err
	}
}

// keepNight keeps what became of the night beside its plan.
func (j *syncJob) keepNight(n *schedule.Night) error {
	if n.Reports == "" {
		return nil
	}
	return replaceFile(filepath.Join(n.Reports, "run.json"), func(w io.Writer) error { return report.NightJSON(w, n) })
}
