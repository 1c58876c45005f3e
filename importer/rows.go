package importer

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"authseed/importer/dispatch"
	"authseed/importer/plan"
	"authseed/importer/roster"
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
	cells    []string // of a row that waits for the person's usageLocation
	place    int      // of the one row in the roster, or severalRows
}

// severalRows is no place of a row.
const severalRows = -1

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

// personOf is what one row says.
func personOf(e *mapping.Entry) *person {
	p := &person{}
	p.become(e)
	return p
}

// become makes the person new, and what the entry of one row says.
func (p *person) become(e *mapping.Entry) {
	*p = person{key: e.Key, lines: []int{e.Line}, place: severalRows}
	p.take(e)
}

// take makes a row's entry what the person says.
func (p *person) take(e *mapping.Entry) {
	p.wishes, p.problems, p.cells = e.Wishes, nil, e.Cells
	for kind := range p.wishes {
		if !p.wishes[kind].IsZero() {
			p.wishes[kind].Line = e.Line
		}
	}
	for _, x := range e.Problems {
		p.problems = append(p.problems, problem{e.Line, x})
	}
}

// ledger accounts for every row and collects what is left out.
type ledger struct {
	file    string
	rows    plan.Rows
	skipped []plan.Skip
	details map[string]string // of skips, each kept once however many rows have it

	remarks map[remarkKey]*plan.Remark

	aside []authmethod.Key // employee ids of rows that are left out: they name somebody too
}

func newLedger(file string) *ledger {
	return &ledger{file: file, rows: plan.Rows{LeftOut: map[authmethod.Reason]int{}}, details: map[string]string{}, remarks: map[remarkKey]*plan.Remark{}}
}

// remarkKey is what remarks are counted by.
type remarkKey struct {
	kind authmethod.Kind
	text string
}

// remark counts what there is to say of a value.
func (l *ledger) remark(kind authmethod.Kind, wish authmethod.Wish) {
	const shown = 5
	if wish.Remark == "" {
		return
	}
	key := remarkKey{kind, wish.Remark}
	r := l.remarks[key]
	if r == nil {
		r = &plan.Remark{Method: kind, Text: wish.Remark}
		l.remarks[key] = r
	}
	r.Count++
	if len(r.Lines) < shown {
		r.Lines = append(r.Lines, wish.Line)
	}
}

func (l *ledger) sortedRemarks() []plan.Remark {
	var list []plan.Remark
	for _, r := range l.remarks {
		list = append(list, *r)
	}
	slices.SortFunc(list, func(a, b plan.Remark) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Method, b.Method), cmp.Compare(a.Text, b.Text))
	})
	return list
}

// once gives the one copy of a detail that many rows may have.
func (l *ledger) once(detail string) string {
	kept, known := l.details[detail]
	if !known {
		kept, l.details[detail] = detail, detail
	}
	return kept
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
			Reason: x.Reason, Detail: l.once(x.Column + ": " + x.Detail),
		})
	}
}

// use counts the rows of people the plan is made for.
func (l *ledger) use(p *person) {
	l.rows.Used++
	l.rows.Merged += len(p.lines) - 1
}

// read takes the rows in. They are mapped on all processors; a cancelled context
// ends the reading with its cause.
func (l *ledger) read(ctx context.Context, entries *mapping.Entries) (*roster.Roster, error) {
	said := roster.New()
	for e := range dispatch.Map(entries.Rows(), runtime.GOMAXPROCS(0), entries.Entry) {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		l.rows.Read++
		if e.Skip != nil {
			l.leaveOut([]int{e.Line}, nil, e.Skip.Reason, func(int) string { return l.once(e.Skip.Detail) })
			if e.Key.Attribute == authmethod.EmployeeID {
				l.aside = append(l.aside, e.Key)
			}
			continue
		}
		if err := said.Add(&e); err != nil {
			return nil, err
		}
	}
	return said, entries.Err()
}

// people gives those the rows name, in the order of their first rows. Rows that
// name the same person by the same key are one person when they agree and
// nobody when they do not. With later, rows that wait for their person are each
// a person by themselves: nobody knows yet what they say.
func (l *ledger) people(said *roster.Roster, later bool) iter.Seq[*person] {
	return func(yield func(*person) bool) {
		var rows []*person
		for place, group := range said.Groups() {
			rows = rows[:0]
			for i := range group {
				rows = append(rows, personOf(&group[i]))
			}
			if len(rows) == 1 {
				rows[0].place = place
			}
			if later && slices.ContainsFunc(rows, func(p *person) bool { return p.cells != nil }) {
				for _, p := range rows {
					if !yield(p) {
						return
					}
				}
				continue
			}
			if p := l.agreed(rows); p != nil && !l.empty(p) && !yield(p) {
				return
			}
		}
	}
}

// empty leaves a person out for whom no value is left. The row counts under its
// first reason.
func (l *ledger) empty(p *person) bool {
	if !p.wishes.IsZero() {
		return false
	}
	l.leaveOutCells(known(p), p.problems)
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

// agreed makes one person of several, or leaves all of them out, and gives
// nobody, where they disagree.
func (l *ledger) agreed(group []*person) *person {
	if len(group) == 1 {
		return group[0]
	}
	if differing := disagreement(group); len(differing) > 0 {
		l.conflict(group, differing)
		return nil
	}
	return join(group)
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

// others names the lines but one, and no more of them than a person reads: a key
// such as "n/a" may be in every row of a long file.
func others(lines []int, but int) string {
	const most = 5
	var names []string
	for _, line := range lines {
		if len(names) == most {
			break
		}
		if line != but {
			names = append(names, strconv.Itoa(line))
		}
	}
	text := strings.Join(names, ", ")
	switch more := len(lines) - 1 - len(names); {
	case more > 0:
		return fmt.Sprintf("lines %s and %d more", text, more)
	case len(names) == 1:
		return "line " + text
	}
	return "lines " + text
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
