package phone_test

import (
	"slices"
	"testing"

	"authseed/mapping/phone"
)

func TestRepairWords(t *testing.T) {
	if words := phone.Repair(0).Words(); words != nil {
		t.Errorf("%q of nothing", words)
	}
	seen := map[string]bool{}
	for r := phone.TextMark; r <= phone.LostPrefix; r <<= 1 {
		words := r.Words()
		if len(words) != 1 || words[0] == "" || seen[words[0]] || digitRun.MatchString(words[0]) {
			t.Errorf("%b: %q", r, words)
			continue
		}
		seen[words[0]] = true
	}
	got := (phone.BracketedZero | phone.TextMark).Words()
	if want := append(phone.TextMark.Words(), phone.BracketedZero.Words()...); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
