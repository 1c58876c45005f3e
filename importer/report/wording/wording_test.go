package wording

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// meanings are lists whose words are put together with the word they explain.
var meanings = []string{"hazard.", "reason.", "note.", "method.", "rule.", "result.", "run-state.", "kind.", "obstacle."}

func meaning(key string) bool {
	return slices.ContainsFunc(meanings, func(of string) bool { return strings.HasPrefix(key, of) })
}

var verbs = regexp.MustCompile(`%(\[\d\])?[ds]|\{\d\}`)

// slots lists what a text has places for, numbered, in order.
func slots(t text) string {
	var list []string
	for i, verb := range verbs.FindAllString(t.other, -1) {
		if !strings.ContainsAny(verb, "[{") {
			verb = "%[" + string(rune('1'+i)) + "]" + verb[1:]
		}
		list = append(list, verb)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// A text is there in every language, with the same places for values. Meanings
// of hazards and reasons are English where they are defined.
func TestEveryLanguageSaysEverything(t *testing.T) {
	for _, l := range languages {
		for key, en := range english {
			other, ok := l.texts[key]
			if !ok || other.other == "" {
				t.Errorf("%s has no %q", l.name, key)
			} else if slots(en) != slots(other) {
				t.Errorf("%s: %q has places for %s, in English for %s", l.name, key, slots(other), slots(en))
			}
		}
		for key := range l.texts {
			if _, ok := english[key]; !ok && !slices.ContainsFunc([]string{"hazard.", "reason.", "obstacle."}, func(of string) bool { return strings.HasPrefix(key, of) }) {
				t.Errorf("%s has %q, which is not in English", l.name, key)
			}
		}
		if l.name == "en" {
			continue
		}
		for _, m := range plan.Hazards() {
			if _, ok := l.texts["hazard."+string(m.Hazard)]; !ok {
				t.Errorf("%s does not say what %s means", l.name, m.Hazard)
			}
		}
		for _, m := range authmethod.Reasons() {
			if _, ok := l.texts["reason."+string(m.Reason)]; !ok {
				t.Errorf("%s does not say what %s means", l.name, m.Reason)
			}
		}
	}
	for _, kind := range authmethod.Kinds() {
		if _, ok := english["method."+kind.String()]; !ok {
			t.Errorf("%s has no name", kind)
		}
	}
}

// Every text is said somewhere, and everything that is said is there.
func TestNoWordIsUnused(t *testing.T) {
	var source strings.Builder
	for _, pattern := range []string{"../html*.go", "../markdown*.go", "../page/*.js"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			source.Write(content)
		}
	}
	// Actions and results name their words themselves.
	named := []string{"create", "update", "delete", "done", "failed", "stale", "unknown", "pending"}
	for key := range english {
		if !meaning(key) && !slices.Contains(named, key) && !strings.Contains(source.String(), `"`+key+`"`) {
			t.Errorf("nobody says %q", key)
		}
	}
	for _, said := range regexp.MustCompile(`Say\("([^"]+)"`).FindAllStringSubmatch(source.String(), -1) {
		if _, ok := english[said[1]]; !ok {
			t.Errorf("%q is said and is in no catalogue", said[1])
		}
	}
	for _, said := range regexp.MustCompile(`\bW\.([a-z]+)|\bW\["([a-z-]+)"\]`).FindAllStringSubmatch(source.String(), -1) {
		if _, ok := english[said[1]+said[2]]; !ok {
			t.Errorf("the page says %q, which is in no catalogue", said[1]+said[2])
		}
	}
}

func TestSay(t *testing.T) {
	en, _ := In("en")
	ko, _ := In("ko")
	for _, test := range []struct{ got, want string }{
		{en.Say("conclusion", 1, 1, 1, 0, 0), "1 change: 1 to create, 0 to update, 0 to remove. People: 1."},
		{en.Say("conclusion", 1234, 900, 1234, 0, 0), "1,234 changes: 1,234 to create, 0 to update, 0 to remove. People: 900."},
		{en.Say("from-file", 1, "hr.csv"), "From hr.csv, 1 row"},
		{ko.Say("from-file", 1234, "hr.csv"), "원본 hr.csv, 1,234행"},
		{ko.Say("of-people", 3, 12000), "12,000명 중 3명"},
		{ko.Meaning("hazard", "shared-number", "x"), "여러 사람이 같은 번호나 주소를 사용: 서로의 암호를 재설정할 수 있음"},
		{en.Meaning("hazard", "shared-number", "as defined"), "as defined"},
		{Near("ko_KR.UTF-8"), "ko"}, {Near("ko"), "ko"}, {Near("C.UTF-8"), "en"}, {Near("POSIX"), "en"}, {Near("de_DE@euro"), "en"}, {Near("en_GB.UTF-8"), "en"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
	if _, ok := In("tlh"); ok {
		t.Error("a language that nobody wrote")
	}
}
