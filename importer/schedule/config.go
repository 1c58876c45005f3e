// Package schedule is what a job needs that runs every night with nobody there:
// its configuration, the memory of its last good run, the guard rails that hold
// tonight's file against that, the lock that keeps a second run out, and an end to
// the nights that are kept.
//
// It promises that a configuration is read strictly, with the place of every
// problem, that no secret stands in one and that no message repeats what stands
// where a secret was looked for; that [Judge] is pure and gives its numbers and the way
// out; that a memory is there whole or not at all, 0600, and holds no value of a
// person. It asks no tenant, reads no export and never looks at the clock. The
// use cases importer.Sync and importer.Prune and the command line may call it.
package schedule

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// File is a configuration file of version 1: what [Parse] reads and [Schema]
// describes. Names of files in it begin at its own folder.
type File struct {
	Version  int   `json:"version" jsonschema:"version of this format: 1"`
	Parallel int   `json:"parallel,omitempty" jsonschema:"how many tenants are worked on at once, 4 where it is not said"`
	Defaults *Job  `json:"defaults,omitempty" jsonschema:"what a tenant gets that does not say otherwise; all keys but name"`
	Tenants  []Job `json:"tenants" jsonschema:"the jobs, one a tenant"`
}

// Job is one tenant's nightly run.
type Job struct {
	Name          string        `json:"name,omitempty" jsonschema:"names the job and its state: letters, digits, dot, dash and underscore"`
	Tenant        Tenant        `json:"tenant,omitempty" jsonschema:"which tenant, and how to sign in"`
	Source        Source        `json:"source,omitempty" jsonschema:"where the export comes from: exactly one of file, newest, url and directory"`
	Mapping       string        `json:"mapping,omitempty" jsonschema:"mapping file; without it and a preset what the header says for certain"`
	Preset        string        `json:"preset,omitempty" jsonschema:"the mapping of a system's export, such as workday"`
	Scope         Scope         `json:"scope,omitempty" jsonschema:"whom to plan; everybody where it is not said"`
	Allow         []string      `json:"allow,omitempty" jsonschema:"hazards whose changes are applied too: NAME, or NAME:FILE for the people of the file"`
	Include       []string      `json:"include,omitempty" jsonschema:"people to plan too: guest, disabled or privileged"`
	Never         string        `json:"never,omitempty" jsonschema:"file of people who are never planned, such as break-glass accounts"`
	Policy        Policy        `json:"policy,omitempty" jsonschema:"which registered values may be touched, in place of what the mapping says; nothing for a method that is not mapped"`
	Limits        Limits        `json:"limits,omitempty" jsonschema:"what refuses a run whole"`
	Strict        bool          `json:"strict,omitempty" jsonschema:"true: rows that are not usable make the exit status 3"`
	Approvals     Approvals     `json:"approvals,omitempty" jsonschema:"whose signatures a night needs before it writes; none where it is not said"`
	Notifications Notifications `json:"notifications,omitempty" jsonschema:"who is told of the night, beside the one who started it"`
	Reports       Reports       `json:"reports,omitempty" jsonschema:"what is kept of each night"`
	Reads         string        `json:"reads,omitempty" jsonschema:"how to find out what people have: auto, report or full"`
	EncryptTo     []string      `json:"encrypt_to,omitempty" jsonschema:"public keys, or files of them, that plans and journals are encrypted to"`
	FullEvery     int           `json:"full_every,omitempty" jsonschema:"everybody is asked about, and a file that has not changed is run, every so many runs; 7 where it is not said"`

	file   string           // the configuration's name
	places map[string]place // where the job's values stand, by their path in the job
}

// Tenant says whose directory it is and how to sign in to it.
type Tenant struct {
	ID                  string     `json:"id,omitempty" jsonschema:"the tenant's id; a sign-in to another is refused"`
	Cloud               string     `json:"cloud,omitempty" jsonschema:"global, usgov, dod or china"`
	Auth                string     `json:"auth,omitempty" jsonschema:"default, managed-identity, workload-identity, certificate, secret, token or cli; the others need a person"`
	ClientID            string     `json:"client_id,omitempty" jsonschema:"the application's or the managed identity's client id"`
	ClientSecret        *Reference `json:"client_secret,omitempty" jsonschema:"with auth secret: where the secret is kept"`
	Certificate         string     `json:"certificate,omitempty" jsonschema:"with auth certificate: the file with certificate and key"`
	CertificatePassword *Reference `json:"certificate_password,omitempty" jsonschema:"where that file's password is kept"`
	AccessToken         *Reference `json:"access_token,omitempty" jsonschema:"with auth token: where a ready token is kept"`
	GraphURL            string     `json:"graph_url,omitempty" jsonschema:"service root instead of the cloud's"`
	Rate                float64    `json:"rate,omitempty" jsonschema:"requests a second at most"`
	Concurrency         int        `json:"concurrency,omitempty" jsonschema:"batches in flight at most, 8 where it is not said"`
}

// Reference says where a secret is kept. The secret itself has no place in a
// configuration.
type Reference struct {
	Env  string `json:"env,omitempty" jsonschema:"environment variable that holds it"`
	File string `json:"file,omitempty" jsonschema:"file that holds it, such as one of systemd's credentials"`
}

// Source is where the export comes from.
type Source struct {
	File          string     `json:"file,omitempty" jsonschema:"one file, on a mounted path too"`
	Newest        string     `json:"newest,omitempty" jsonschema:"the newest of the files of this pattern, such as in/hr-*.csv"`
	URL           string     `json:"url,omitempty" jsonschema:"https address; http only on loopback"`
	Authorization *Reference `json:"authorization,omitempty" jsonschema:"with url: where the value of the header Authorization is kept"`
	Query         *Reference `json:"query,omitempty" jsonschema:"with url: where what follows its question mark is kept, such as a shared access signature"`
	MaxMiB        int        `json:"max_mib,omitempty" jsonschema:"with url: the largest download, 512 where it is not said"`
	Directory     bool       `json:"directory,omitempty" jsonschema:"true: mobilePhone, businessPhones and otherMails of the tenant's own users"`
	MaxAge        Duration   `json:"max_age,omitempty" jsonschema:"refuse a file that was written longer ago, such as 36h"`
}

// Scope restricts a job to some people.
type Scope struct {
	Group  string `json:"group,omitempty" jsonschema:"only people in this group, by object id or whole display name"`
	Filter string `json:"filter,omitempty" jsonschema:"only people whom this OData $filter of users lets through"`
}

// Policy is the rule of each method that has another than the mapping's.
type Policy struct {
	Mobile          plan.Rule `json:"mobile,omitempty" jsonschema:"fill, replace or own"`
	AlternateMobile plan.Rule `json:"alternateMobile,omitempty" jsonschema:"fill, replace or own"`
	Office          plan.Rule `json:"office,omitempty" jsonschema:"fill, replace or own"`
	Email           plan.Rule `json:"email,omitempty" jsonschema:"fill, replace or own"`
}

// Rules are those of each method, empty where the mapping's holds.
func (p Policy) Rules() [authmethod.Count]plan.Rule {
	return [authmethod.Count]plan.Rule{
		authmethod.Mobile: p.Mobile, authmethod.AlternateMobile: p.AlternateMobile, authmethod.Office: p.Office, authmethod.Email: p.Email,
	}
}

// Approvals say whose signatures a night needs before it writes.
type Approvals struct {
	Required  *int   `json:"required,omitempty" jsonschema:"how many people have to sign, 1 where it is not said; 0 for nobody, in place of what defaults say"`
	Signers   string `json:"signers,omitempty" jsonschema:"allowed_signers file of OpenSSH: who may"`
	Over      int    `json:"over,omitempty" jsonschema:"so many pending changes need no signature, unless one of them replaces or removes something; 0 where it is not said"`
	Requester string `json:"requester,omitempty" jsonschema:"who answers for the export, by the name in signers, and so cannot sign; sync:NAME of the job where it is not said"`
}

// Need is how many people have to sign, 0 for nobody.
func (a Approvals) Need() int {
	switch {
	case a.Signers == "":
		return 0
	case a.Required == nil:
		return 1
	}
	return *a.Required
}

// Demand reports whether a plan needs signatures.
func (a Approvals) Demand(p *plan.Plan) bool {
	s := p.Summary
	return a.Need() > 0 && s.Pending() > 0 && (s.Pending() > a.Over || s.Updates+s.Deletes > 0)
}

// Requester is who makes the job's plans, as they say themselves; empty where
// nobody has to sign them.
func (j *Job) Requester() string {
	switch {
	case j.Approvals.Need() == 0:
		return ""
	case j.Approvals.Requester == "":
		return "sync:" + j.Name
	}
	return j.Approvals.Requester
}

// Notifications say who is told.
type Notifications struct {
	URL         *Reference `json:"url,omitempty" jsonschema:"where the address to post to is kept: whoever knows that of a workflow may post to it"`
	Format      string     `json:"format,omitempty" jsonschema:"json, or teams for a card; json where it is not said"`
	On          []string   `json:"on,omitempty" jsonschema:"what to post: refusal, failure, success; the first two where it is not said"`
	MetricsFile string     `json:"metrics_file,omitempty" jsonschema:"what the night came to, for node_exporter's textfile collector, which reads *.prom; tenants that name one file share it"`
}

// Limits are the guard rails. Shares do not bite under 10.
type Limits struct {
	MaxChanges          *int        `json:"max_changes,omitempty" jsonschema:"pending changes"`
	MaxChangePercent    *Percent    `json:"max_change_percent,omitempty" jsonschema:"people with a pending change, of those in scope; 10 where it is not said"`
	MaxReplace          *plan.Quota `json:"max_replace,omitempty" jsonschema:"people who get another value for a registered one: a number, or 5% of those in scope"`
	MaxRemove           *int        `json:"max_remove,omitempty" jsonschema:"pending removals"`
	MinRows             *plan.Quota `json:"min_rows,omitempty" jsonschema:"rows of the file: a number, or a share of those of the last good run; 80% where it is not said"`
	MaxLostPercent      *Percent    `json:"max_lost_percent,omitempty" jsonschema:"values of one method that the last good run's file had and this one has not; 20 where it is not said"`
	MaxUnmatchedPercent *Percent    `json:"max_unmatched_percent,omitempty" jsonschema:"rows whose person is not in the tenant, of those that were looked for; 50 where it is not said"`
}

// Reports say what is kept of a night, in a folder of its own for each.
type Reports struct {
	Folder string `json:"folder,omitempty" jsonschema:"where plan.json, plan.html and run.json of each night go; without it in the state of the job"`
	HTML   bool   `json:"html,omitempty" jsonschema:"true: the page for review too, masked"`
}

// Percent is a share, with or without its sign.
type Percent float64

// UnmarshalText reads a percentage from 0 to 100.
func (p *Percent) UnmarshalText(text []byte) error {
	q, err := plan.ParseQuota(strings.TrimSuffix(strings.TrimSpace(string(text)), "%") + "%")
	*p = Percent(q.Percent)
	return err
}

func (p Percent) String() string { return strconv.FormatFloat(float64(p), 'f', -1, 64) }

// Duration is a time span such as 36h.
type Duration time.Duration

// UnmarshalText reads a span above 0.
func (d *Duration) UnmarshalText(text []byte) error {
	span, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil || span <= 0 {
		return fmt.Errorf("not a span of time above 0")
	}
	*d = Duration(span)
	return nil
}

// MarshalText writes the span as UnmarshalText reads it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String is the span as somebody writes it: 36h, and not 36h0m0s.
func (d Duration) String() string {
	text := time.Duration(d).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Where nothing is said.
const (
	DefaultParallel      = 4
	DefaultConcurrency   = 8
	defaultMaxMiB        = 512
	defaultFullEvery     = 7
	defaultChangePercent = 10
	defaultLostPercent   = 20
	defaultUnmatched     = 50
	defaultRowsPercent   = 80
)

// OfPlan are the limits that a plan is held against by itself.
func (l Limits) OfPlan() plan.Limits {
	share := plan.Quota{Percent: defaultChangePercent, Share: true}
	if l.MaxChangePercent != nil {
		share.Percent = float64(*l.MaxChangePercent)
	}
	return plan.Limits{MaxChanges: l.MaxChanges, MaxChangePercent: &share, MaxReplace: l.MaxReplace, MaxRemove: l.MaxRemove}
}

// unmatched is the share of rows that may name nobody of the tenant.
func (l Limits) unmatched() Percent {
	if l.MaxUnmatchedPercent == nil {
		return defaultUnmatched
	}
	return *l.MaxUnmatchedPercent
}

// Rules are what [Judge] holds a file against.
func (j *Job) Rules() Rules {
	r := Rules{MinRows: plan.Quota{Percent: defaultRowsPercent, Share: true}, MaxLost: defaultLostPercent, MaxAge: time.Duration(j.Source.MaxAge)}
	if j.Limits.MinRows != nil {
		r.MinRows = *j.Limits.MinRows
	}
	if j.Limits.MaxLostPercent != nil {
		r.MaxLost = *j.Limits.MaxLostPercent
	}
	return r
}

// Full is after how many runs that met an unchanged file one goes on all the same.
func (j *Job) Full() int {
	if j.FullEvery == 0 {
		return defaultFullEvery
	}
	return j.FullEvery
}

// MaxBytes is the largest download.
func (s Source) MaxBytes() int64 {
	if s.MaxMiB == 0 {
		return defaultMaxMiB << 20
	}
	return int64(s.MaxMiB) << 20
}

// Place is where the configuration says what a key of the job is, such as
// never or allow[1]: file, line and column, or nothing where it does not.
func (j *Job) Place(key string) string {
	at, ok := j.places[key]
	if !ok {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", j.file, at.line, at.column)
}

// Whole is the job with all that holds where nothing is said.
func (j *Job) Whole() *Job {
	w := *j
	or(&w.Tenant.Cloud, "global")
	or(&w.Tenant.Auth, "default")
	or(&w.Tenant.Concurrency, DefaultConcurrency)
	or(&w.Reads, reads[0])
	or(&w.FullEvery, defaultFullEvery)
	if w.Source.URL != "" {
		or(&w.Source.MaxMiB, defaultMaxMiB)
	}
	r := j.Rules()
	l := &w.Limits
	if l.MaxChangePercent == nil {
		share := Percent(defaultChangePercent)
		l.MaxChangePercent = &share
	}
	unmatched := l.unmatched()
	l.MinRows, l.MaxLostPercent, l.MaxUnmatchedPercent = &r.MinRows, &r.MaxLost, &unmatched
	if need := w.Approvals.Need(); need > 0 {
		w.Approvals.Required, w.Approvals.Requester = &need, j.Requester()
	} else {
		w.Approvals = Approvals{}
	}
	if n := &w.Notifications; n.URL != nil {
		or(&n.Format, formats[0])
		if n.On == nil {
			n.On = events[:2]
		}
	}
	return &w
}

func or[T comparable](to *T, value T) {
	var none T
	if *to == none {
		*to = value
	}
}

// Digest stands for everything of the job that decides what a file comes to;
// more is what files that it names hold. A file that has not changed is run
// again where this has.
func (j *Job) Digest(more ...string) string {
	decides := *j
	decides.Name, decides.Reports, decides.FullEvery, decides.EncryptTo = "", Reports{}, 0, nil
	decides.Strict, decides.Approvals, decides.Notifications = false, Approvals{}, Notifications{}
	decides.Tenant = Tenant{ID: j.Tenant.ID, Cloud: j.Tenant.Cloud}
	decides.Source = Source{Directory: j.Source.Directory}
	text, _ := json.Marshal(struct { // of texts and numbers: it cannot fail
		Job
		More []string
	}{decides, more})
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
