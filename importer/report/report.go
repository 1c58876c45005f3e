// Package report shows what a file is, what was planned and what was done: every
// view is a fold over an inspection, a plan or a journal, and decides nothing.
//
// It promises that values are masked unless the view was made to reveal them or
// is the list of failures, which is to be fed back; and that text from outside (names, details, messages of the service) cannot
// steer a terminal. Views own all formatting; they never read a clock, a tenant
// or a file.
package report

import (
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/mapping"
)

// Handler is a view. Each method shows one kind of result, whole.
type Handler interface {
	Inspection(*mapping.Inspection) error
	Intake(*plan.Intake) error
	Plan(*plan.Plan) error
	// Run shows a run and the plan it came from. A nil run means that nothing
	// was pending.
	Run(*journal.Run, *plan.Plan) error
	Runs([]*journal.Run) error
}

// Differ is a view that shows what changed between two plans too.
type Differ interface {
	Diff(*plan.Comparison) error
}
