// Package telemetry tells monitoring and people what a run came to: as a
// Prometheus text file, by OTLP, and by a webhook.
//
// It promises that what it sends is counts, times, ids and the words of errors,
// which mask people; that it holds nobody up for longer than it says; that no
// address it posts to, which may be a secret, is in an error; and that what goes
// wrong here is an error for its caller to mention and never decides about a run.
// It knows neither plans nor journals: a [Summary] is plain values.
package telemetry

import "time"

// Outcome is how a run ended, in one word that dashboards may rely on.
type Outcome string

// The outcomes.
const (
	Done        Outcome = "done"       // or there was nothing to do
	Pending     Outcome = "pending"    // a plan, and there are changes
	Incomplete  Outcome = "incomplete" // some people failed or were left open, or rows are unusable
	Refused     Outcome = "refused"    // by a guard rail, a missing approval or a stale plan
	Failed      Outcome = "failed"     // and nothing more was done
	NotSignedIn Outcome = "not-signed-in"
	Interrupted Outcome = "interrupted" // and resumable
)

// Outcomes lists the outcomes.
func Outcomes() []Outcome {
	return []Outcome{Done, Pending, Incomplete, Refused, Failed, NotSignedIn, Interrupted}
}

// Good reports whether nobody has to look.
func (o Outcome) Good() bool { return o == Done || o == Pending }

// Summary is what a run came to. What is not known, because the run did not get
// so far, is zero.
type Summary struct {
	Version    string  `json:"tool_version"`
	Command    string  `json:"command"` // plan, apply, resume, rollback, sync
	Job        string  `json:"job"`     // the name the operator gave it
	TenantID   string  `json:"tenant_id"`
	Tenant     string  `json:"tenant"` // its name
	RunID      string  `json:"run_id"`
	PlanID     string  `json:"plan_id"`
	Outcome    Outcome `json:"outcome"`
	ExitStatus int     `json:"exit_status"`
	Error      string  `json:"error"` // masked
	Hint       string  `json:"hint"`

	Started time.Time `json:"started_at"`
	Ended   time.Time `json:"ended_at"`
	Phases  []Phase   `json:"phases"` // in their order

	Changes  Changes        `json:"changes"`
	Created  int            `json:"created"` // planned: what kind of changes they are
	Updated  int            `json:"updated"`
	Deleted  int            `json:"deleted"`
	HeldBack int            `json:"held_back"`
	Skipped  map[string]int `json:"skipped"` // by reason
	Rows     int            `json:"rows"`

	Requests  int           `json:"requests"`  // round trips; a batch is one
	Throttled int           `json:"throttled"` // items that were refused for pace
	Waits     int           `json:"waits"`     // how often the service was waited for
	Waited    time.Duration `json:"-"`
}

// Changes is what became of the changes: Planned is the sum of the others.
type Changes struct {
	Planned int `json:"planned"`
	Done    int `json:"done"`
	Failed  int `json:"failed"`
	Stale   int `json:"stale"`
	Unknown int `json:"unknown"`
	Pending int `json:"pending"`
}

// Phase is one part of a run, such as plan or apply.
type Phase struct {
	Name    string    `json:"name"`
	Started time.Time `json:"started_at"`
	Ended   time.Time `json:"ended_at"` // zero: it did not get to its end
}

// Duration is how long the run took.
func (s *Summary) Duration() time.Duration { return s.Ended.Sub(s.Started) }

// results gives the changes by what became of them, which add up to Planned.
func (c Changes) results() []count {
	return []count{{"done", c.Done}, {"failed", c.Failed}, {"stale", c.Stale}, {"unknown", c.Unknown}, {"pending", c.Pending}}
}

func (s *Summary) actions() []count {
	return []count{{"create", s.Created}, {"update", s.Updated}, {"delete", s.Deleted}}
}

// count is one number of several that share a name.
type count struct {
	label string
	n     int
}
