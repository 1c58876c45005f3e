package report

import (
	"strconv"
	"strings"
	"time"

	"authseed/importer/readiness"
)

// Counter is a view that shows how many people are covered too.
type Counter interface {
	Coverage(*readiness.Coverage) error
}

// topGroups is how many countries and departments a text lists.
const topGroups = 10

// Coverage shows the figures, what is in the way, and the largest groups. After
// a plan each is followed by what it becomes.
func (v *textView) Coverage(c *readiness.Coverage) error {
	t := c.Total
	v.line("%s", v.paint(bold, clean(c.Tenant.Label())+": "+v.count(t.People, "person", "people")+" who can sign in"))
	v.share("enabled for password reset", t.Enabled, t.Enabled, c)
	v.share("registered", t.Registered, t.After.Registered, c)
	v.share("capable: could reset today", t.Capable, t.After.Capable, c)
	for _, remark := range grounds(c) {
		v.wrapped("  ", v.english.Sprintf("%s", remark))
	}
	if len(c.Obstacles) > 0 {
		v.line("")
		v.line("%s", v.paint(bold, "What stops the others"))
	}
	for _, o := range c.Obstacles {
		v.line("  %s  %s", v.moved(o.Before, o.After, c), o.Meaning)
	}
	v.groups("Members and guests", c.Kinds, c)
	v.groups("Countries", c.Countries, c)
	v.groups("Departments", c.Departments, c)
	return v.flush()
}

// share is a figure and how much of everybody it is.
func (v *textView) share(label string, before, after int, c *readiness.Coverage) {
	text := v.english.Sprintf("  %-28s %8d  %4s", label, before, percent(before, c.Total.People))
	if c.PlanID != "" {
		text += v.english.Sprintf("  → %8d  %4s", after, percent(after, c.Total.People))
	}
	v.line("%s", text)
}

// moved is a number of today's, and what it becomes where there is a plan.
func (v *textView) moved(before, after int, c *readiness.Coverage) string {
	if c.PlanID == "" {
		return v.english.Sprintf("%8d", before)
	}
	return v.english.Sprintf("%8d → %-8d", before, after)
}

// percent rounds down, so that all but one is not everybody.
func percent(n, of int) string {
	if of == 0 {
		return "-"
	}
	whole := 100 * n / of
	if whole == 0 && n > 0 {
		return "<1 %"
	}
	return strconv.Itoa(whole) + " %"
}

func (v *textView) groups(title string, groups []readiness.Group, c *readiness.Coverage) {
	if len(groups) == 0 || len(groups) == 1 && groups[0].Name == "" {
		return
	}
	v.line("")
	head := v.english.Sprintf("%-30s %9s %9s %10s %8s", title, "people", "enabled", "registered", "capable")
	if c.PlanID != "" {
		head += "   after"
	}
	v.line("%s", v.paint(bold, head))
	shown := groups
	if !v.All {
		shown = groups[:min(len(groups), topGroups)]
	}
	for _, g := range shown {
		line := v.english.Sprintf("  %s %9d %9d %10d %8d", pad(fit(groupName(g), 28), 28), g.People, g.Enabled, g.Registered, g.Capable)
		if c.PlanID != "" {
			line += v.english.Sprintf(" %7d", g.After.Capable)
		}
		v.line("%s", line)
	}
	if more := len(groups) - len(shown); more > 0 {
		v.line("  ... and %d more: --all lists them", more)
	}
}

func groupName(g readiness.Group) string {
	if g.Name == "" {
		return "(not told)"
	}
	return clean(g.Name)
}

// grounds say what the figures stand on.
func grounds(c *readiness.Coverage) []string {
	list := []string{map[string]string{
		"given":   "counted as if %s were required",
		"told":    "%s seems to be required: Graph does not tell, the report suggests it",
		"assumed": "how many methods the tenant requires is not known; %s is assumed",
	}[c.Assumed]}
	list[0] = strings.ReplaceAll(list[0], "%s", plural(c.Required, "method"))
	if !c.ReportedAt.IsZero() {
		list = append(list, "the report is of "+c.ReportedAt.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if c.Disabled > 0 {
		list = append(list, "not counted: "+plural(c.Disabled, "disabled account"))
	}
	if c.Synced > 0 && !c.Writeback.Known {
		list = append(list, plural(c.Synced, "synchronised account")+" counted as if passwords were written back, which is not known: --writeback=false if they are not")
	}
	return list
}

type groupDocument struct {
	Name string `json:"name"`
	readiness.Figures
}

type obstacleDocument struct {
	Obstacle readiness.Obstacle `json:"obstacle"`
	Meaning  string             `json:"meaning"`
	Before   int                `json:"before"`
	After    int                `json:"after"`
}

// Coverage writes the figures. An empty name is those of whom it is not known;
// without a plan, what is after is what is before. writeback is null where it is
// not known.
func (v *jsonView) Coverage(c *readiness.Coverage) error {
	document := struct {
		FormatVersion int                `json:"format_version"`
		Tenant        tenantDocument     `json:"tenant"`
		PlanID        string             `json:"plan_id,omitempty"`
		ReportedAt    *time.Time         `json:"reported_at"`
		Required      int                `json:"required"`
		RequiredIs    string             `json:"required_is"`
		Writeback     *bool              `json:"writeback"`
		Disabled      int                `json:"disabled"`
		Synced        int                `json:"synchronized"`
		Total         readiness.Figures  `json:"total"`
		Obstacles     []obstacleDocument `json:"obstacles"`
		Kinds         []groupDocument    `json:"kinds"`
		Countries     []groupDocument    `json:"countries"`
		Departments   []groupDocument    `json:"departments"`
	}{
		FormatVersion: FormatVersion, Tenant: tenantDocument{c.Tenant.ID, c.Tenant.Name, c.Cloud}, PlanID: c.PlanID,
		Required: c.Required, RequiredIs: c.Assumed, Disabled: c.Disabled, Synced: c.Synced, Total: c.Total,
		Obstacles: []obstacleDocument{}, Kinds: documents(c.Kinds), Countries: documents(c.Countries), Departments: documents(c.Departments),
	}
	if !c.ReportedAt.IsZero() {
		document.ReportedAt = &c.ReportedAt
	}
	if c.Writeback.Known {
		document.Writeback = &c.Writeback.Value
	}
	for _, o := range c.Obstacles {
		document.Obstacles = append(document.Obstacles, obstacleDocument{o.Obstacle, o.Meaning, o.Before, o.After})
	}
	return v.write(document)
}

func documents(groups []readiness.Group) []groupDocument {
	list := []groupDocument{}
	for _, g := range groups {
		list = append(list, groupDocument{g.Name, g.Figures})
	}
	return list
}

type coverageRow struct {
	By          string `csv:"by"`
	Name        string `csv:"name"`
	People      int    `csv:"people"`
	Enabled     int    `csv:"enabled"`
	Registered  int    `csv:"registered"`
	Capable     int    `csv:"capable"`
	PeopleAfter int    `csv:"people_after"`
	RegAfter    int    `csv:"registered_after"`
	CapAfter    int    `csv:"capable_after"`
}

// Coverage has a row for everybody, for each group and for each obstacle, of
// which people and people_after are how many it stops, and the rest is 0.
func (v *csvView) Coverage(c *readiness.Coverage) error {
	rows := []coverageRow{rowOf("all", readiness.Group{Figures: c.Total})}
	for _, by := range []struct {
		name   string
		groups []readiness.Group
	}{{"kind", c.Kinds}, {"country", c.Countries}, {"department", c.Departments}} {
		for _, g := range by.groups {
			rows = append(rows, rowOf(by.name, g))
		}
	}
	for _, o := range c.Obstacles {
		rows = append(rows, coverageRow{By: "obstacle", Name: string(o.Obstacle), People: o.Before, PeopleAfter: o.After})
	}
	return encodeRows(v.w, rows)
}

func rowOf(by string, g readiness.Group) coverageRow {
	return coverageRow{by, cell(g.Name), g.People, g.Enabled, g.Registered, g.Capable, g.People, g.After.Registered, g.After.Capable}
}
