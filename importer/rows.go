package importer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"authseed/importer/plan"
	"authseed/mapping"
	"authseed/mapping/authmethod"
)

// person is what the file says about one person: one row, or several that
// agree.
type person struct {
	key      authmethod.Key
	user     authmethod.User // once the tenant has answered the key
	lines    []int
	wishes   authmethod.Wishes
	problems []problem
}

// problem is a cell that was left out.
type problem struct {
	line int
	mapping.Problem
}

// unusable reports whether the rows say something about a method that cannot be
// used, and nothing that can.
func (p *person) unusable(kind authmethod.Kind) bool {
	return p.wishes[kind].IsZero() && slices.ContainsFunc(p.problems, func(x problem) bool { return x.Kind == kind })
}

// ledger accounts for every row and collects what is left out.
type ledger struct {
	file    string
	rows    plan.Rows
	named   int // different keys
	skipped []plan.Skip
}

func newLedger(file string) *ledger {
	return &ledger{file: file, rows: plan.Rows{LeftOut: map[authmethod.Reason]int{}}}
}

// leaveOut skips whole rows.
func (l *ledger) leaveOut(lines []int, user *plan.Person, reason authmethod.Reason, detail func(line int) string) {
	for _, line := range lines {
		l.rows.LeftOut[reason]++
		l.skipped = append(l.skipped, plan.Skip{
			Origin: plan.Origin{File: l.file, Line: line}, User: user, Reason: reason, Detail: detail(line),
		})
	}
}

// leaveOutCells skips single cells of rows.
func (l *ledger) leaveOutCells(user *plan.Person, problems []problem) {
	for _, x := range problems {
		kind := x.Kind
		l.skipped = append(l.skipped, plan.Skip{
			Origin: plan.Origin{File: l.file, Line: x.line}, User: user, Method: &kind,
			Reason: x.Reason, Detail: x.Column + ": " + x.Detail,
		})
	}
}

// use counts the rows of people the plan is made for.
func (l *ledger) use(p *person) {
	l.rows.Used++
	l.rows.Merged += len(p.lines) - 1
}

// read takes the rows in and gives the people they name. Rows that name the
// same person by the same key are one person when they agree and nobody when
// they do not.
func (l *ledger) read(entries *mapping.Entries) ([]*person, error) {
	var people []*person
	for e := range entries.All() {
		l.rows.Read++
		if e.Skip != nil {
			l.leaveOut([]int{e.Line}, nil, e.Skip.Reason, func(int) string { return e.Skip.Detail })
			continue
		}
		p := &person{key: e.Key, lines: []int{e.Line}, wishes: e.Wishes}
		for _, x := range e.Problems {
			p.problems = append(p.problems, problem{e.Line, x})
		}
		people = append(people, p)
	}
	if err := entries.Err(); err != nil {
		return nil, err
	}
	keys := make(map[string]bool, len(people))
	for _, p := range people {
		keys[p.key.Folded()] = true
	}
	l.named = len(keys)
	people = l.merge(people, func(p *person) string { return p.key.Folded() })
	return slices.DeleteFunc(people, l.empty), nil
}

// empty leaves a person out for whom no value is left. The row counts under its
// first reason.
func (l *ledger) empty(p *person) bool {
	if !p.wishes.IsZero() {
		return false
	}
	l.leaveOutCells(nil, p.problems)
	for _, line := range p.lines {
		first := p.problems[0].Reason
		for _, x := range p.problems {
			if x.line == line {
				first = x.Reason
				break
			}
		}
		l.rows.LeftOut[first]++
	}
	return true
}

// merge makes one person of those with the same identity, in the order of their
// first rows.
func (l *ledger) merge(people []*person, identity func(*person) string) []*person {
	groups := make(map[string][]*person, len(people))
	var order []string
	for _, p := range people {
		id := identity(p)
		if groups[id] == nil {
			order = append(order, id)
		}
		groups[id] = append(groups[id], p)
	}
	merged := people[:0]
	for _, id := range order {
		group := groups[id]
		if differing := disagreement(group); len(differing) > 0 {
			l.conflict(group, differing)
			continue
		}
		merged = append(merged, join(group))
	}
	return merged
}

// disagreement lists the methods about which the people say different things.
// An empty cell says nothing; a cell that cannot be used disagrees with one
// that can, because nobody knows which of the two is meant.
func disagreement(group []*person) []authmethod.Kind {
	var kinds []authmethod.Kind
	for _, kind := range authmethod.Kinds() {
		var said *authmethod.Wish
		usable, unusable, differs := false, false, false
		for _, p := range group {
			unusable = unusable || p.unusable(kind)
			if wish := p.wishes[kind]; !wish.IsZero() {
				usable = true
				differs = differs || said != nil && !said.Equal(wish)
				said = &wish
			}
		}
		if differs || usable && unusable {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func (l *ledger) conflict(group []*person, differing []authmethod.Kind) {
	var lines []int
	for _, p := range group {
		lines = append(lines, p.lines...)
	}
	slices.Sort(lines)
	names := make([]string, len(differing))
	for i, kind := range differing {
		names[i] = kind.String()
	}
	what := strings.Join(names, ", ")
	l.leaveOut(lines, known(group[0]), authmethod.ConflictingRows, func(line int) string {
		return fmt.Sprintf("the same person with another %s in %s", what, others(lines, line))
	})
}

// others names the lines but one, and no more of them than a person reads.
func others(lines []int, but int) string {
	const most = 5
	var names []string
	for _, line := range lines {
		if line != but {
			names = append(names, strconv.Itoa(line))
		}
	}
	switch {
	case len(names) == 1:
		return "line " + names[0]
	case len(names) > most:
		return fmt.Sprintf("lines %s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return "lines " + strings.Join(names, ", ")
}

// known gives the person for the plan once the tenant has told who it is.
func known(p *person) *plan.Person {
	if p.user.ID == "" {
		return nil
	}
	shown := plan.PersonOf(p.user)
	return &shown
}

// join makes one person of several that agree.
func join(group []*person) *person {
	first := group[0]
	for _, p := range group[1:] {
		first.lines = append(first.lines, p.lines...)
		first.problems = append(first.problems, p.problems...)
		for kind, wish := range p.wishes {
			if first.wishes[kind].IsZero() {
				first.wishes[kind] = wish
			}
		}
	}
	return first
}
