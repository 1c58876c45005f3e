package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// FileProblem is one thing that is wrong with a mapping file.
type FileProblem struct {
	Line, Column int    // 1-based, columns in characters
	What         string // a sentence without a full stop
	Hint         string // what to do about it; may be empty
}

// FileError lists what is wrong with a mapping file, in the order of the file.
type FileError struct {
	Name     string
	Problems []FileProblem
}

// Error gives every problem on a line of its own, with the place before it and
// without the hint.
func (e *FileError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = fmt.Sprintf("%s:%d:%d: %s", e.Name, p.Line, p.Column, p.What)
	}
	return strings.Join(lines, "\n")
}

// maxProblems is enough to see that a file is of another kind altogether.
const maxProblems = 50

// place is a position in a mapping file, both 1-based.
type place struct{ line, column int }

// full reports whether further problems would not be listed.
func (e *FileError) full() bool { return len(e.Problems) >= maxProblems }

func (e *FileError) add(at place, what, hint string) {
	if !e.full() {
		e.Problems = append(e.Problems, FileProblem{at.line, at.column, what, hint})
	}
}

// orNil is the error, sorted, or nil if it lists nothing.
func (e *FileError) orNil() error {
	if len(e.Problems) == 0 {
		return nil
	}
	slices.SortStableFunc(e.Problems, func(a, b FileProblem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return e
}
