package report

import (
	"io"

	"authseed/importer/journal"
	"authseed/importer/plan"
)

// Failures is a placeholder on this branch.
func Failures(w io.Writer, r *journal.Run, p *plan.Plan) error { return nil }
