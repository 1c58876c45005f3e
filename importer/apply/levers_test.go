package apply_test

import (
	"fmt"
	"net/http"
	"strings"

	"authseed/importer/graph/graphsim"
)

// lever breaks what the simulator is asked, or not.
type lever = func(graphsim.Call) *graphsim.Fault

func isWrite(c graphsim.Call) bool { return c.Batched && c.Method != http.MethodGet }
func isRead(c graphsim.Call) bool  { return c.Batched && c.Method == http.MethodGet }
func isItem(c graphsim.Call) bool  { return c.Batched }
func isWhole(c graphsim.Call) bool { return !c.Batched }

// first breaks the first n calls that match; always all of them.
func first(n int, match func(graphsim.Call) bool, f graphsim.Fault) lever {
	return func(c graphsim.Call) *graphsim.Fault {
		if n == 0 || !match(c) {
			return nil
		}
		n--
		return &f
	}
}

func always(match func(graphsim.Call) bool, f graphsim.Fault) lever { return first(-1, match, f) }

// either asks the levers in turn.
func either(levers ...lever) lever {
	return func(c graphsim.Call) *graphsim.Fault {
		for _, l := range levers {
			if f := l(c); f != nil {
				return f
			}
		}
		return nil
	}
}

func of(person int, match func(graphsim.Call) bool) func(graphsim.Call) bool {
	return func(c graphsim.Call) bool { return c.User == id(person) && match(c) }
}

// crowd is n people with the same line, in which # is their number.
func crowd(n int, line string) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = strings.ReplaceAll(line, "#", fmt.Sprint(i+1))
	}
	return lines
}
