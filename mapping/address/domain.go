package address

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// names is how a domain outside ASCII is checked: the rules of RFC 5891 to 5893
// as Unicode Technical Standard 46 has them, with capital letters allowed.
var names = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.ValidateLabels(true), idna.StrictDomainName(true),
	idna.BidiRule(), idna.CheckJoiners(true), idna.CheckHyphens(true), idna.VerifyDNSLength(true))

// canonical gives a domain in lower case and in A-labels.
func canonical(domain string) (string, error) {
	if !ascii(domain) {
		var err error
		if domain, err = encoded(domain); err != nil {
			return "", err
		}
	}
	domain = strings.ToLower(domain)
	hidden, err := labels(domain)
	if err == nil && hidden {
		err = encodedFault(domain)
	}
	return domain, err
}

// encoded gives the A-labels of a domain. The rules replace many characters,
// such as a raised two by a two; here no character but a capital letter may be
// replaced.
func encoded(domain string) (string, error) {
	plain, err := names.ToASCII(domain)
	if err != nil {
		return "", refuse("the domain has a character outside ASCII where none may be")
	}
	shown, err := names.ToUnicode(plain)
	if err != nil || shown != norm.NFC.String(strings.ToLower(domain)) {
		return "", refuse("the domain has a character that stands for another; write it as it is registered")
	}
	return plain, nil
}

// encodedFault says what is wrong with a domain in A-labels.
func encodedFault(domain string) error {
	shown, err := names.ToUnicode(domain)
	if err != nil {
		return refuse("the domain has a part that encodes no name")
	}
	if again, err := names.ToASCII(shown); err != nil || again != domain {
		return refuse("the domain has a part that encodes no name")
	}
	for label := range strings.SplitSeq(shown, ".") {
		if strings.ContainsFunc(label, isSign) {
			return refuse("the domain has a sign that is no letter or digit")
		}
		if mixed(label) {
			return refuse("the domain mixes letters of several scripts, some of which may only look alike")
		}
	}
	return nil
}

// isSign holds for symbols, which RFC 5892 forbids and the older rules allow.
// The two dots belong to Catalan and Japanese words.
func isSign(r rune) bool {
	return !unicode.In(r, unicode.L, unicode.M, unicode.Nd) && r != '-' && r != '·' && r != '・'
}

// together are the scripts that one word may be written in: Unicode Technical
// Standard 39, section 5.2, highly restrictive.
var together = [][]string{
	{"Latin", "Han", "Hiragana", "Katakana"},
	{"Latin", "Han", "Bopomofo"},
	{"Latin", "Han", "Hangul"},
}

// mixed reports whether letters of scripts stand together that no language
// writes together.
func mixed(label string) bool {
	var scripts []string
	for _, r := range label {
		if script := scriptOf(r); script != "" && !slices.Contains(scripts, script) {
			scripts = append(scripts, script)
		}
	}
	if len(scripts) < 2 {
		return false
	}
	return !slices.ContainsFunc(together, func(allowed []string) bool {
		return !slices.ContainsFunc(scripts, func(script string) bool { return !slices.Contains(allowed, script) })
	})
}

// scriptOf is "" for digits, hyphens and marks that belong to every script.
func scriptOf(r rune) string {
	for script, letters := range unicode.Scripts {
		if script != "Common" && script != "Inherited" && unicode.Is(letters, r) {
			return script
		}
	}
	return ""
}

// labels checks the labels of a domain in lower case, and reports whether one of
// them stands for a name outside ASCII.
func labels(domain string) (hidden bool, err error) {
	if !dotted(domain, inDomain) {
		return false, refuse("the domain has a character or a dot where none may be")
	}
	last, n := "", 0
	for label := range strings.SplitSeq(domain, ".") {
		if len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false, refuse("a part of the domain is too long or begins or ends with a hyphen")
		}
		hidden = hidden || strings.HasPrefix(label, "xn--")
		last = label
		n++
	}
	switch {
	case n < 2:
		return false, refuse("the domain is not complete")
	case !strings.ContainsFunc(last, notDigit):
		return false, refuse("the domain ends in a number")
	}
	return hidden, nil
}

func notDigit(r rune) bool { return r < '0' || r > '9' }
