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
	Refused     Outcome = "refused"       // by a guard rail or for want of approval; nothing was written but what Approved tells
	Incomplete  Outcome = "incomplete"    // some changes failed or were left open; where the job is strict, or rows are unusable
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
	Unusable   int                       `json:"unusable,omitempty"` // rows
	PlanID     string                    `json:"plan_id,omitempty"`
	RunID      string                    `json:"run_id,omitempty"`
	Resumed    *Resumed                  `json:"resumed,omitempty"`  // the run of an earlier night that was gone on with
	Approved   *Approved                 `json:"approved,omitempty"` // a plan of an earlier night that people were to sign
	Settled    int                       `json:"settled"`            // people whose rows are as in the last good run and who have not moved since: nothing was read of them
	People     int                       `json:"people"`             // with a pending change
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

// Approved is a plan that was kept for people to sign. Where they have, it was made
// true, but for what tonight's plan does not have any more. Problem says why that
// could not be.
type Approved struct {
	PlanID  string   `json:"plan_id"`
	By      []string `json:"by,omitempty"`   // who signed it, by their names in the list of signers
	Gone    int      `json:"gone,omitempty"` // changes that tonight's plan does not have any more, and that were left alone
	RunID   string   `json:"run_id,omitempty"`
	Counts  *Tally   `json:"counts,omitempty"` // these are absent where they are the night's own: nothing else was planned
	Creates int      `json:"creates,omitempty"`
	Updates int      `json:"updates,omitempty"`
	Deletes int      `json:"deletes,omitempty"`
	Problem string   `json:"problem,omitempty"`
}

// Nights is the summary of a sync: format_version 1.
type Nights struct {
	FormatVersion int       `json:"format_version"`
	StartedAt     time.Time `json:"started_at"`
	EndedAt       time.Time `json:"ended_at"`
	ExitStatus    int       `json:"exit_status"` // the worst
	Tenants       []*Night  `json:"tenants"`     // in the order of the configuration
}
