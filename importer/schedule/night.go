package schedule

import (
	"time"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// Outcome is what a night came to.
type Outcome string

// The outcomes.
const (
	Applied     Outcome = "applied"       // the plan is true
	NothingToDo Outcome = "nothing-to-do" // the plan was empty
	Unchanged   Outcome = "unchanged"     // the file is that of the last good run, and the tenant was not asked
	Refused     Outcome = "refused"       // by a guard rail; nothing was written
	Incomplete  Outcome = "incomplete"    // some changes failed or were left open
	Interrupted Outcome = "interrupted"   // the next run goes on
	Failed      Outcome = "failed"
)

// Night is one job's run, as the summary and run.json tell it. It holds no value
// of a person.
type Night struct {
	Job        string                    `json:"job"`
	Tenant     string                    `json:"tenant"` // id
	Outcome    Outcome                   `json:"outcome"`
	ExitStatus int                       `json:"exit_status"` // as if the job had been alone
	StartedAt  time.Time                 `json:"started_at"`
	EndedAt    time.Time                 `json:"ended_at"`
	Source     *Export                   `json:"source,omitempty"`
	Rows       *plan.Rows                `json:"rows,omitempty"`
	PlanID     string                    `json:"plan_id,omitempty"`
	RunID      string                    `json:"run_id,omitempty"`
	Resumed    *Resumed                  `json:"resumed,omitempty"` // the run of an earlier night that was gone on with
	People     int                       `json:"people"`            // with a pending change
	Creates    int                       `json:"creates"`
	Updates    int                       `json:"updates"`
	Deletes    int                       `json:"deletes"`
	HeldBack   int                       `json:"held_back"`
	Counts     Tally                     `json:"counts"` // what became of creates, updates and deletes
	Skipped    map[authmethod.Reason]int `json:"skipped,omitempty"`
	Refusals   []Refusal                 `json:"refusals,omitempty"`
	Accepted   []Refusal                 `json:"accepted,omitempty"` // what would have refused a file that was accepted by name
	Reports    string                    `json:"reports,omitempty"`  // folder
	Error      string                    `json:"error,omitempty"`
	Hint       string                    `json:"hint,omitempty"`
}

// Tally is what became of a run's changes. Planned is the sum of the others.
type Tally struct {
	Planned int `json:"planned"`
	Done    int `json:"done"`
	Failed  int `json:"failed"`
	Stale   int `json:"stale"`
	Unknown int `json:"unknown"`
	Pending int `json:"pending"`
}

// Resumed is a run of an earlier night. Problem says why it could not be gone on
// with; tonight's plan then shows what is still to do.
type Resumed struct {
	RunID   string `json:"run_id"`
	State   string `json:"state,omitempty"`
	Counts  Tally  `json:"counts"`
	Problem string `json:"problem,omitempty"`
}

// Nights is the summary of a sync: format_version 1.
type Nights struct {
	FormatVersion int       `json:"format_version"`
	StartedAt     time.Time `json:"started_at"`
	EndedAt       time.Time `json:"ended_at"`
	ExitStatus    int       `json:"exit_status"` // the worst
	Tenants       []*Night  `json:"tenants"`     // in the order of the configuration
}
