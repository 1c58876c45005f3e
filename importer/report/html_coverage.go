package report

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"

	"authseed/importer/readiness"
)

// Coverage writes the figures as a page with a picture. It has no script, so
// that its policy lets none in, and a plan's masking does not come up: it has no
// value and no name of a person in it.
func (v *htmlView) Coverage(c *readiness.Coverage) error {
	sum := sha256.Sum256([]byte(style))
	title := v.Say("title-coverage", c.Tenant.Label())
	v.put("<!doctype html>\n<html lang=\"", markup(v.Lang()), "\">\n<head>\n<meta charset=\"utf-8\">\n",
		tag("meta", at("http-equiv", "Content-Security-Policy", "content",
			"default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
				"'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'")), "\n",
		tag("meta", at("name", "viewport", "content", "width=device-width, initial-scale=1")), "\n",
		tag("meta", at("name", "color-scheme", "content", "light dark")), "\n",
		tag("meta", at("name", "referrer", "content", "no-referrer")), "\n",
		tag("meta", at("name", "robots", "content", "noindex")), "\n",
		tag("title", nil, text(title)), "\n<style>", markup(style), "</style>\n</head>\n<body>\n<main>\n")
	for _, section := range []markup{
		v.coverageHead(c, title), v.coveragePicture(c), v.obstacles(c),
		v.groups("kinds", c.Kinds, c), v.groups("countries", c.Countries, c), v.groups("departments", c.Departments, c),
	} {
		v.put(section, "\n")
	}
	v.put("</main>\n</body>\n</html>\n")
	if err := v.out.Flush(); err != nil {
		return fmt.Errorf("writing HTML: %w", err)
	}
	return nil
}

func (v *htmlView) coverageHead(c *readiness.Coverage, title string) markup {
	lead := v.Say("coverage-lead", c.Total.People, c.Total.Capable)
	if c.PlanID != "" {
		lead += " " + v.Say("coverage-after", c.PlanID, c.Total.After.Capable)
	}
	facts := map[string]string{
		"given": v.Say("required-given", c.Required), "told": v.Say("required-told", c.Required), "assumed": v.Say("required-assumed", c.Required),
	}[c.Assumed]
	if !c.ReportedAt.IsZero() {
		facts += " · " + v.Say("reported-at", v.Moment(c.ReportedAt))
	}
	if c.Disabled > 0 {
		facts += " · " + v.Say("not-counted", c.Disabled)
	}
	if c.Synced > 0 && !c.Writeback.Known {
		facts += " · " + v.Say("writeback-assumed", c.Synced)
	}
	return tag("header", nil, tag("h1", nil, text(title)), tag("p", at("class", "lead"), text(lead)),
		tag("p", at("class", "facts"), text(facts)), tag("p", at("class", "badge"), text(v.Say("counted"))))
}

// coveragePicture is the bars of everybody, and of the members and the guests.
func (v *htmlView) coveragePicture(c *readiness.Coverage) markup {
	t := c.Total
	if t.People == 0 {
		return ""
	}
	rows := []markup{
		v.bars("enabled", t.Enabled, t.Enabled, t.People, c),
		v.bars("registered", t.Registered, t.After.Registered, t.People, c),
		v.bars("capable", t.Capable, t.After.Capable, t.People, c),
	}
	return section("summary", "", v.Say("summary"), tag("p", nil, text(v.Say("coverage-text"))), tag("div", at("class", "picture"), rows...))
}

func (v *htmlView) bars(label string, before, after, of int, c *readiness.Coverage) markup {
	parts := []markup{tag("h4", nil, text(v.Say(label)))}
	if c.PlanID == "" {
		parts = append(parts, v.coverageBar("after", "today", before, of))
	} else {
		parts = append(parts, v.bar("before", before, of), v.bar("after", after, of))
	}
	return tag("div", at("class", "bars"), parts...)
}

// coverageBar is a bar under another word than its class.
func (v *htmlView) coverageBar(class, label string, n, of int) markup {
	return tag("div", at("class", "bar "+class),
		tag("span", at("class", "when"), text(v.Say(label))), drawing(n, of),
		tag("span", at("class", "count"), text(v.Say("of-people", n, of))))
}

// drawing is a bar that is filled as far as n goes, in the colours of the style.
func drawing(n, of int) markup {
	return tag("svg", at("viewBox", "0 0 100 10", "preserveAspectRatio", "none", "aria-hidden", "true", "focusable", "false"),
		tag("rect", at("class", "track", "width", "100", "height", "10")),
		tag("rect", at("class", "fill", "width", share100(n, of), "height", "10")))
}

// spark is a small bar for a cell of a table, in the colour of its text. The
// number stands beside it, so that nobody has to see it.
func spark(n, of int) markup {
	return tag("svg", at("viewBox", "0 0 100 10", "width", "100", "height", "10", "aria-hidden", "true", "focusable", "false"),
		tag("rect", at("width", "100", "height", "10", "fill", "currentColor", "fill-opacity", "0.15")),
		tag("rect", at("width", share100(n, of), "height", "10", "fill", "currentColor", "fill-opacity", "0.7")))
}

func share100(n, of int) string {
	if of == 0 {
		return "0"
	}
	return strconv.FormatFloat(100*float64(n)/float64(of), 'f', 2, 64)
}

func (v *htmlView) obstacles(c *readiness.Coverage) markup {
	if len(c.Obstacles) == 0 {
		return section("obstacles", "", v.Say("obstacles"), tag("p", nil, text(v.Say("obstacles-none"))))
	}
	head := []string{v.Say("obstacles"), v.Say("today")}
	if c.PlanID != "" {
		head = append(head, v.Say("after"))
	}
	var rows [][]markup
	for _, o := range c.Obstacles {
		row := []markup{text(v.Meaning("obstacle", string(o.Obstacle), o.Meaning)), v.number(o.Before)}
		if c.PlanID != "" {
			row = append(row, v.number(o.After))
		}
		rows = append(rows, row)
	}
	return section("obstacles", "", v.Say("obstacles"), grid(v.Say("obstacles"), head, rows, true))
}

// groups is a table with a bar a group, so that who is behind is seen.
func (v *htmlView) groups(title string, groups []readiness.Group, c *readiness.Coverage) markup {
	if len(groups) == 0 || len(groups) == 1 && groups[0].Name == "" {
		return ""
	}
	heading := map[string]string{"kinds": v.Say("kinds"), "countries": v.Say("countries"), "departments": v.Say("departments")}[title]
	head := []string{v.Say("group"), v.Say("everybody"), v.Say("enabled"), v.Say("registered"), v.Say("capable")}
	if c.PlanID != "" {
		head = append(head, v.Say("capable-after"))
	}
	var rows [][]markup
	for _, g := range groups[:min(len(groups), pageLimit)] {
		name := text(g.Name)
		switch {
		case g.Name == "":
			name = tag("span", at("class", "facts"), text(v.Say("not-told")))
		case title == "kinds":
			name = text(v.Meaning("kind", g.Name, g.Name))
		}
		row := []markup{name, v.number(g.People), v.number(g.Enabled), v.number(g.Registered), v.number(g.Capable)}
		if c.PlanID != "" {
			row = append(row, v.number(g.After.Capable))
		}
		rows = append(rows, append(row, spark(g.After.Capable, g.People)))
	}
	parts := []markup{grid(heading, append(head, ""), rows, true)}
	if more := len(groups) - len(rows); more > 0 {
		parts = append(parts, tag("p", nil, text(v.Say("more", more))))
	}
	return section(title, "", heading, parts...)
}
