package approval_test

import "testing"

// TestAble: who could approve a plan is people, not lines.
func TestAble(t *testing.T) {
	a, b, c := newPair(t, ""), newPair(t, ""), newPair(t, "")
	for name, test := range map[string]struct {
		requester string
		lines     []string
		want      int
	}{
		"two people":          {"sync:contoso", []string{"bob " + a.line(), "carol " + b.line()}, 2},
		"one of two keys":     {"sync:contoso", []string{"bob " + a.line(), "bob@example.com " + b.line()}, 1},
		"one of two names":    {"sync:contoso", []string{"bob " + a.line(), "carol " + a.line()}, 1},
		"the requester":       {"bob@example.com", []string{"bob " + a.line(), "carol " + b.line()}, 1},
		"too late, too early": {"sync:contoso", []string{`bob valid-before="20260101Z" ` + a.line(), `carol valid-after="20270101Z" ` + b.line(), "dora " + c.line()}, 1},
		"of something else":   {"sync:contoso", []string{`bob namespaces="git" ` + a.line(), "carol " + b.line()}, 1},
	} {
		if got := allow(t, test.lines...).Able(test.requester, noon); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}
