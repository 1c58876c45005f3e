package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"authseed/importer/schedule"
)

// NightsJSON writes the summary of a sync, format_version 1:
// [schedule.Nights] describes it.
func NightsJSON(w io.Writer, all *schedule.Nights) error { return indented(w, all) }

// NightJSON writes one job's night, as its run.json.
func NightJSON(w io.Writer, n *schedule.Night) error {
	return indented(w, struct {
		FormatVersion int `json:"format_version"`
		*schedule.Night
	}{1, n})
}

func indented(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(value)
}

// Nights writes the summary of a sync as a table, a line a tenant, and what there
// is to say of some of them below it.
func Nights(w io.Writer, all *schedule.Nights) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "tenant\toutcome\trows\tchanges\tdone\tfailed\topen\theld back")
	for _, n := range all.Tenants {
		rows := "-"
		if n.Rows != nil {
			rows = fmt.Sprint(n.Rows.Read)
		}
		c := n.Counts
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\n", shorten(n.Job), n.Outcome, rows, c.Planned, c.Done, c.Failed, c.Stale+c.Unknown+c.Pending, n.HeldBack)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, n := range all.Tenants {
		for _, line := range remarks(n) {
			fmt.Fprintf(&b, "\n%s: %s", n.Job, line)
		}
	}
	_, err := io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

// shorten keeps the table within 80 columns.
func shorten(name string) string {
	const widest = 20
	if len(name) > widest {
		return name[:widest-3] + "..."
	}
	return name
}

// remarks is what the table has no column for.
func remarks(n *schedule.Night) (lines []string) {
	if r := n.Resumed; r != nil && r.Problem == "" {
		lines = append(lines, fmt.Sprintf("went on with run %s first: %s, %d of %d done", r.RunID, r.State, r.Counts.Done, r.Counts.Planned))
	}
	if a := n.Approved; a != nil && a.Problem == "" {
		line := fmt.Sprintf("plan %s was signed by %s", a.PlanID, strings.Join(a.By, ", "))
		if a.Counts != nil {
			line += fmt.Sprintf(" and applied first: %d of %d done", a.Counts.Done, a.Counts.Planned)
		}
		if a.Gone > 0 {
			line += fmt.Sprintf("; %d of its changes are not in tonight's plan any more", a.Gone)
		}
		lines = append(lines, line)
	}
	switch {
	case n.Outcome == schedule.Unchanged:
		lines = append(lines, "the file is that of the last good run; the tenant was not asked")
	case n.Error != "":
		lines = append(lines, strings.ReplaceAll(n.Error, "\n", "; "))
	}
	if n.Settled > 0 {
		lines = append(lines, fmt.Sprintf("%d people not asked about: row as in the last good run, and not moved since", n.Settled))
	}
	for _, r := range n.Refusals {
		lines = append(lines, "refused: "+r.What)
	}
	for _, r := range n.Accepted {
		lines = append(lines, "accepted: "+r.What)
	}
	if n.RunID != "" {
		lines = append(lines, "run "+n.RunID)
	}
	return lines
}
