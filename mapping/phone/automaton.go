package phone

import (
	"encoding/binary"
	"fmt"
	"math"
	"regexp/syntax"
	"slices"
)

// automaton tells in one pass which of several patterns a run of digits
// matches as a whole. The numbering plans are regular expressions over digits
// and nothing else, a dozen for each country, and trying one after the other is
// nearly all that reading a number costs.
type automaton struct {
	next    [][10]uint16 // by state and digit; nothing leads out of state 0
	matched []uint64     // by state, one bit for each pattern
}

// maxPatterns is how many patterns one automaton takes.
const maxPatterns = 64

// start is the state in which nothing has been read.
const start = 1

// match returns the bits of the patterns that match. It takes digits only.
func (a *automaton) match(digits string) uint64 {
	state := uint16(start)
	for i := 0; i < len(digits) && state != 0; i++ {
		state = a.next[state][digits[i]-'0']
	}
	return a.matched[state]
}

// newAutomaton fails on a pattern that looks around, "$" for instance.
func newAutomaton(patterns []string) (*automaton, error) {
	if len(patterns) == 0 || len(patterns) > maxPatterns {
		return nil, fmt.Errorf("%d patterns for one automaton", len(patterns))
	}
	b := &subsets{states: map[string]uint16{"": 0}}
	b.add(nil)
	var begin []node
	for i, pattern := range patterns {
		tree, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			return nil, err
		}
		prog, err := syntax.Compile(tree.Simplify())
		if err != nil {
			return nil, err
		}
		b.progs = append(b.progs, prog)
		begin = append(begin, node{uint32(i), uint32(prog.Start)})
	}
	if _, err := b.state(begin); err != nil {
		return nil, err
	}
	for s := start; s < len(b.sets); s++ {
		for digit := range 10 {
			next, err := b.state(b.step(b.sets[s], rune('0'+digit)))
			if err != nil {
				return nil, err
			}
			b.next[s][digit] = next
		}
	}
	return &automaton{b.next, b.matched}, nil
}

// node is an instruction of one pattern's program.
type node struct{ prog, pc uint32 }

// subsets builds an automaton: each of its states is a set of nodes, those the
// programs may be at after the same digits.
type subsets struct {
	progs   []*syntax.Prog
	states  map[string]uint16 // by the nodes, written out
	sets    [][]node
	next    [][10]uint16
	matched []uint64
}

func (b *subsets) add(set []node) {
	var matched uint64
	for _, n := range set {
		if b.progs[n.prog].Inst[n.pc].Op == syntax.InstMatch {
			matched |= 1 << n.prog
		}
	}
	b.sets, b.next, b.matched = append(b.sets, set), append(b.next, [10]uint16{}), append(b.matched, matched)
}

// state finds or makes the state in which the programs are at the nodes.
func (b *subsets) state(at []node) (uint16, error) {
	set, err := b.closure(at)
	if err != nil {
		return 0, err
	}
	var key []byte
	for _, n := range set {
		key = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(key, n.prog), n.pc)
	}
	if s, known := b.states[string(key)]; known {
		return s, nil
	}
	if len(b.sets) > math.MaxUint16 {
		return 0, fmt.Errorf("more than %d states", len(b.sets))
	}
	s := uint16(len(b.sets))
	b.states[string(key)] = s
	b.add(set)
	return s, nil
}

// closure follows every instruction that reads nothing.
func (b *subsets) closure(at []node) ([]node, error) {
	seen, set := map[node]bool{}, []node(nil)
	for len(at) > 0 {
		n := at[len(at)-1]
		at = at[:len(at)-1]
		if seen[n] {
			continue
		}
		seen[n] = true
		switch inst := b.progs[n.prog].Inst[n.pc]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			at = append(at, node{n.prog, inst.Out}, node{n.prog, inst.Arg})
		case syntax.InstCapture, syntax.InstNop:
			at = append(at, node{n.prog, inst.Out})
		case syntax.InstEmptyWidth:
			return nil, fmt.Errorf("pattern %d looks around", n.prog)
		case syntax.InstFail:
		default:
			set = append(set, n)
		}
	}
	slices.SortFunc(set, func(a, b node) int {
		if a.prog != b.prog {
			return int(a.prog) - int(b.prog)
		}
		return int(a.pc) - int(b.pc)
	})
	return set, nil
}

func (b *subsets) step(set []node, r rune) []node {
	var out []node
	for _, n := range set {
		if inst := &b.progs[n.prog].Inst[n.pc]; inst.Op != syntax.InstMatch && inst.MatchRune(r) {
			out = append(out, node{n.prog, inst.Out})
		}
	}
	return out
}
