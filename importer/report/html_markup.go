package report

import (
	"html"
	"strings"
)

// markup is finished HTML. It is made by [text] and [tag] and of constants
// alone, so that text from outside cannot become markup by being forgotten.
// html/template would escape by context too, and costs 3 MB of program; here
// there are two contexts, text and quoted attributes, and one rule for both.
type markup string

// text is text from outside, inert.
func text(s string) markup { return markup(html.EscapeString(clean(s))) }

// at lists attributes: names and values in turn.
func at(pairs ...string) []string { return pairs }

// void elements have no end.
var void = map[string]bool{"meta": true, "input": true}

func tag(name string, attributes []string, children ...markup) markup {
	var b strings.Builder
	b.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		b.WriteString(" " + attributes[i] + `="` + string(text(attributes[i+1])) + `"`)
	}
	b.WriteByte('>')
	if void[name] {
		return markup(b.String())
	}
	for _, c := range children {
		b.WriteString(string(c))
	}
	b.WriteString("</" + name + ">")
	return markup(b.String())
}

func join(parts ...markup) markup {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(string(p))
	}
	return markup(b.String())
}

// section is a part of the page under a heading that names it.
func section(id, class, heading string, children ...markup) markup {
	return tag("section", at("id", id, "class", class, "aria-labelledby", id+"-title"),
		tag("h2", at("id", id+"-title"), text(heading)), join(children...))
}

// grid is a plain table: the first cell of a row names it, the others are right
// where they are numbers.
func grid(label string, head []string, rows [][]markup, numbers bool) markup {
	class := "grid"
	if numbers {
		class = "grid numbers"
	}
	var top, body []markup
	for _, h := range head {
		top = append(top, tag("th", at("scope", "col"), text(h)))
	}
	for _, row := range rows {
		cells := []markup{tag("th", at("scope", "row"), row[0])}
		for _, c := range row[1:] {
			cells = append(cells, tag("td", nil, c))
		}
		body = append(body, tag("tr", nil, cells...), "\n")
	}
	return tag("div", at("class", "wide", "tabindex", "0", "role", "group", "aria-label", label),
		tag("table", at("class", class), tag("thead", nil, tag("tr", nil, top...)), tag("tbody", nil, body...)))
}

// pairs is a list of names and what they stand for.
func pairs(list ...[2]markup) markup {
	var parts []markup
	for _, p := range list {
		if p[1] != "" {
			parts = append(parts, tag("dt", nil, p[0]), tag("dd", nil, p[1]))
		}
	}
	return tag("dl", nil, parts...)
}
