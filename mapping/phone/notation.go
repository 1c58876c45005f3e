package phone

import (
	"regexp"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// notation is how a plan writes national numbers in groups. The region that a
// calling code names first has it for all regions of the code.
type notation struct {
	forms    []form
	patterns *automaton // two for each form: the whole number, and its beginning
}

type form struct {
	groups   func() *regexp.Regexp
	template string // with the national prefix, in the notation of package regexp
	needs    bool   // the national prefix is never left out
}

var firstGroup = regexp.MustCompile(`\$\d`)

func newNotation(m *phonenumbers.PhoneMetadata) notation {
	n := notation{}
	var list []string
	for _, f := range m.GetNumberFormat() {
		template, rule := f.GetFormat(), f.GetNationalPrefixFormattingRule()
		if at := firstGroup.FindStringIndex(template); at != nil && rule != "" {
			template = template[:at[0]] + rule + template[at[1]:]
		}
		n.forms = append(n.forms, form{
			groups:   sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(f.GetPattern()) }),
			template: template,
			needs:    strings.Trim(rule, "()") != "$1" && rule != "" && !f.GetNationalPrefixOptionalWhenFormatting(),
		})
		begin := "" // the last pattern is the most exact
		if lead := f.GetLeadingDigitsPattern(); len(lead) > 0 {
			begin = lead[len(lead)-1]
		}
		list = append(list, f.GetPattern(), `(?:`+begin+`)\d*`)
	}
	n.patterns = must(list)
	return n
}

// choose returns the form for a number, nil where the plan has none.
func (n notation) choose(national string) *form {
	matched := n.patterns.match(national)
	for i := range n.forms {
		if matched>>(2*i)&3 == 3 {
			return &n.forms[i]
		}
	}
	return nil
}

// write writes a number in groups, as it is dialled inside its country.
func (n notation) write(national string) string {
	f := n.choose(national)
	if f == nil {
		return national
	}
	return f.groups().ReplaceAllString(national, f.template)
}

// bears reports whether a number may stand without a national prefix that it
// does not have, as its plan writes it.
func (r *region) bears(national string) bool {
	f := r.notation().choose(national)
	if f == nil || !f.needs {
		return true
	}
	_, has := r.strip(national)
	return has
}
