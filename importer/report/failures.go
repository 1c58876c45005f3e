package report

import (
	"fmt"
	"io"
	"regexp"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/mapping"
	"authseed/mapping/authmethod"
	"authseed/mapping/table"
)

// Failures writes what a run of p left open as a CSV file, to be mended and
// planned again: a row for each pending change that is not done, in the order of
// the plan, in authseed's own columns with the reason and the service's name for
// the request behind them. Its values are clear, and it is safe to open in a
// spreadsheet. The writer should lead to a file that its owner alone can read.
func Failures(w io.Writer, r *journal.Run, p *plan.Plan) error {
	var rows []mapping.Failure
	for _, c := range p.Pending() {
		result := r.Result(c.ID)
		if result == journal.Done {
			continue
		}
		row := mapping.Failure{Record: recordOf(c, c.After.Reveal())}
		o, _ := r.Outcome(c.ID)
		row.Reason, row.RequestID = reason(result, o), clean(o.RequestID)
		rows = append(rows, row)
	}
	if err := table.EncodeGuarded(w, rows); err != nil {
		return fmt.Errorf("writing the failures: %w", err)
	}
	return nil
}

// recordOf is the row that asks for a change, with the value as it is shown. A
// name or value that is no more than a trick names nobody, and is none, any more.
func recordOf(c plan.Change, value string) mapping.Record {
	r := mapping.Record{UserPrincipalName: cell(c.User.UserPrincipalName), Country: cell(c.Reading.Country), Department: cell(c.Reading.Department)}
	if c.Action == plan.Delete {
		value = mapping.ClearMark
	}
	value = cell(value)
	switch c.Method {
	case authmethod.Mobile:
		r.Mobile = value
	case authmethod.AlternateMobile:
		r.AlternateMobile = value
	case authmethod.Office:
		r.Office = value
	case authmethod.Email:
		r.Email = value
	}
	return r
}

// midway is where a spreadsheet whose list separator is a semicolon would begin
// a cell with a formula, quotes or not.
var midway = regexp.MustCompile(`(;\s*)([=+@-])`)

// reason says why a change is not done. The request has a column of its own.
func reason(result journal.Result, o journal.Outcome) string {
	o.RequestID = ""
	text := why(o)
	switch {
	case text != "":
	case result == journal.Pending:
		text = "not written yet"
	case result == journal.Unknown:
		text = "the run was cut off while it was written"
	default:
		return string(result)
	}
	return cell(fmt.Sprintf("%s: %s", result, text))
}
