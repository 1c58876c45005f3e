package report

import (
	"fmt"
	"io"
	"strings"

	"authseed/importer/plan"
	"authseed/importer/schedule"
	"authseed/mapping/authmethod"
)

// JobsJSON writes what nights would be run with, format_version 1: each tenant as
// the configuration has it, with all that holds where it says nothing. Of secrets
// it has where they are kept.
func JobsJSON(w io.Writer, jobs []*schedule.Job) error {
	return indented(w, struct {
		FormatVersion int             `json:"format_version"`
		Tenants       []*schedule.Job `json:"tenants"`
	}{1, jobs})
}

// Jobs writes it for people, a paragraph a tenant. The jobs are whole:
// [schedule.Job.Whole].
func Jobs(w io.Writer, config string, jobs []*schedule.Job) error {
	v := Text(w, TextOptions{}).(*textView)
	v.line("%s: right, %d tenants", clean(config), len(jobs))
	for _, j := range jobs {
		v.line("\n%s", j.Name)
		for _, line := range []struct{ key, text string }{
			{"tenant", fmt.Sprintf("%s, %s, sign-in by %s", j.Tenant.ID, j.Tenant.Cloud, j.Tenant.Auth)},
			{"source", sourceOf(&j.Source)},
			{"mapping", mappingOf(j)},
			{"policy", policyOf(j.Policy)},
			{"scope", scopeOf(j.Scope)},
			{"allow", otherwise(strings.Join(j.Allow, ", "), "no hazard")},
			{"include", otherwise(strings.Join(j.Include, ", "), "nobody more")},
			{"never", otherwise(j.Never, "nobody by name")},
			{"limits", limitsOf(j.Limits)},
			{"strict", fmt.Sprint(j.Strict)},
			{"approvals", approvalsOf(j.Approvals)},
			{"notifications", notificationsOf(j.Notifications)},
			{"reports", reportsOf(j.Reports)},
			{"encrypt_to", otherwise(strings.Join(j.EncryptTo, ", "), "nobody: in clear")},
			{"reads", fmt.Sprintf("%s, and everybody every %d nights", j.Reads, j.FullEvery)},
		} {
			v.hanging("  "+pad(line.key, 15), clean(line.text))
		}
	}
	return v.flush()
}

func otherwise(text, empty string) string {
	if text == "" {
		return empty
	}
	return text
}

func sourceOf(s *schedule.Source) string {
	text := "file " + s.File
	switch {
	case s.Newest != "":
		text = "the newest of " + s.Newest
	case s.URL != "":
		text = fmt.Sprintf("%s, %d MiB at most", s.URL, s.MaxMiB)
	case s.Directory:
		text = "the directory"
	}
	if s.MaxAge != 0 {
		text += fmt.Sprintf(", %s old at most", s.MaxAge)
	}
	return text
}

func mappingOf(j *schedule.Job) string {
	switch {
	case j.Mapping != "":
		return j.Mapping
	case j.Preset != "":
		return "preset " + j.Preset
	case j.Source.Directory:
		return "the properties of its users"
	}
	return "what the header says for certain"
}

func policyOf(p schedule.Policy) string {
	var list []string
	rules := p.Rules()
	for _, kind := range authmethod.Kinds() {
		if rule := rules[kind]; rule != "" {
			list = append(list, fmt.Sprintf("%s: %s", kind, rule))
		}
	}
	return otherwise(strings.Join(list, ", "), "the mapping's")
}

func scopeOf(s schedule.Scope) string {
	var list []string
	if s.Group != "" {
		list = append(list, "group "+s.Group)
	}
	if s.Filter != "" {
		list = append(list, "filter "+s.Filter)
	}
	return otherwise(strings.Join(list, ", "), "everybody")
}

func limitsOf(l schedule.Limits) string {
	var list []string
	add := func(key string, value any) { list = append(list, fmt.Sprintf("%s=%v", key, value)) }
	number := func(key string, n *int) {
		if n != nil {
			add(key, *n)
		}
	}
	quota := func(key string, q *plan.Quota) {
		if q != nil {
			add(key, *q)
		}
	}
	percent := func(key string, p *schedule.Percent) {
		if p != nil {
			add(key, *p)
		}
	}
	number("max_changes", l.MaxChanges)
	percent("max_change_percent", l.MaxChangePercent)
	quota("max_replace", l.MaxReplace)
	number("max_remove", l.MaxRemove)
	quota("min_rows", l.MinRows)
	percent("max_lost_percent", l.MaxLostPercent)
	percent("max_unmatched_percent", l.MaxUnmatchedPercent)
	return strings.Join(list, ", ")
}

func approvalsOf(a schedule.Approvals) string {
	if a.Need() == 0 {
		return "none"
	}
	text := fmt.Sprintf("%d of %s, not %s, for every change", a.Need(), a.Signers, a.Requester)
	if a.Over > 0 {
		text = fmt.Sprintf("%d of %s, not %s, for more than %d changes and for every replacement and removal", a.Need(), a.Signers, a.Requester, a.Over)
	}
	return text
}

func notificationsOf(n schedule.Notifications) string {
	var list []string
	if n.URL != nil {
		kept := "variable " + n.URL.Env
		if n.URL.File != "" {
			kept = "file " + n.URL.File
		}
		list = append(list, fmt.Sprintf("%s to the address in %s on %s", n.Format, kept, strings.Join(n.On, ", ")))
	}
	if n.MetricsFile != "" {
		list = append(list, "metrics in "+n.MetricsFile)
	}
	return otherwise(strings.Join(list, ", "), "none")
}

func reportsOf(r schedule.Reports) string {
	text := otherwise(r.Folder, "in the state of the job")
	if r.HTML {
		text += ", with plan.html"
	}
	return text
}
