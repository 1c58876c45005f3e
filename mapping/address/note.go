package address

import (
	"slices"
	"strings"
)

// note says what looks odd about an address that is written correctly.
func note(local, domain string) string {
	switch {
	case placeholder(local, domain):
		return "it looks like a placeholder, not like the address of a person"
	case private(domain):
		return "no mail from outside reaches a domain with that ending"
	}
	if meant := slip(domain); meant != "" {
		return "the domain looks like a slip of " + meant
	}
	return ""
}

// nobody reports whether a local part in lower case is no person's at any
// domain.
func nobody(local string) bool {
	switch local {
	case "donotreply", "do-not-reply", "do.not.reply", "do_not_reply", "noreply", "no-reply", "no.reply", "no_reply",
		"n/a", "noaddress", "noemail", "no-email", "no.email", "no_email", "nomail", "no-mail", "none", "notavailable", "null", "unknown":
		return true
	}
	return false
}

// twice are words that nobody but a placeholder has on both sides of the @.
var twice = []string{"a", "aa", "aaa", "asdf", "email", "na", "no", "test", "x", "xx", "xxx"}

func placeholder(local, domain string) bool {
	local = strings.ToLower(local)
	if nobody(local) {
		return true
	}
	name, _, _ := strings.Cut(domain, ".")
	return name == local && slices.Contains(twice, name)
}

// private reports whether a domain ends in a name that is kept from public use:
// RFC 6761, RFC 6762 and ICANN's resolution on .internal, and two that routers
// make up.
func private(domain string) bool {
	switch domain[strings.LastIndexByte(domain, '.')+1:] {
	case "internal", "invalid", "lan", "local", "localdomain", "localhost":
		return true
	}
	return false
}

// provider is a large mail provider's domain. A family has, or may have, the
// same name in every country.
type provider struct {
	name, ending string
	family       bool
}

var providers = []provider{
	{"gmail", "com", false}, {"googlemail", "com", false}, {"icloud", "com", false}, {"me", "com", false}, {"mac", "com", false},
	{"hotmail", "com", true}, {"outlook", "com", true}, {"live", "com", true}, {"msn", "com", true}, {"yahoo", "com", true}, {"aol", "com", true},
	{"protonmail", "com", false}, {"btinternet", "com", false}, {"comcast", "net", false}, {"verizon", "net", false},
	{"gmx", "de", true}, {"gmx", "net", true}, {"gmx", "com", true}, {"web", "de", false}, {"t-online", "de", false}, {"freenet", "de", false},
	{"orange", "fr", false}, {"wanadoo", "fr", false}, {"laposte", "net", false}, {"libero", "it", false}, {"bluewin", "ch", false},
	{"yandex", "ru", true}, {"mail", "ru", false}, {"seznam", "cz", false}, {"naver", "com", false}, {"qq", "com", false},
}

// byFirst is the providers by the first letter of their name.
var byFirst = func() (first ['z' + 1][]*provider) {
	for i := range providers {
		letter := providers[i].name[0]
		first[letter] = append(first[letter], &providers[i])
	}
	return first
}()

// slip is the provider that a domain seems to be a mistyped form of, or "". Only
// the first two letters of a name say whose it may be.
func slip(domain string) string {
	name, ending, _ := strings.Cut(domain, ".")
	for i := range min(len(name), 2) {
		meant := ""
		for _, p := range byFirst[name[i]] {
			switch {
			case name == p.name:
				if ending == p.ending || p.family && national(ending) {
					return ""
				}
				if meant == "" && p.slippedEnding(ending) {
					meant = p.name + "." + p.ending
				}
			case meant != "" || !p.slippedName(name):
			case ending == p.ending || p.slippedEnding(ending):
				meant = p.name + "." + p.ending
			case p.family && national(ending):
				meant = p.name + "." + ending
			}
		}
		if meant != "" {
			return meant
		}
	}
	return ""
}

// shortName is the length up to which other names are as short, and a letter
// apart.
const shortName = 4

// slippedName reports whether a name is one slip away. Whoever mistypes the
// first letter sees it; another one there is another name, as in ymail.com.
func (p *provider) slippedName(name string) bool {
	switch {
	case len(p.name) <= shortName, len(name) < len(p.name)-1, len(name) > len(p.name)+1:
		return false
	case name[0] == p.name[0], len(name) == len(p.name) && name[0] == p.name[1] && name[1] == p.name[0]:
		return near(p.name, name)
	}
	return false
}

// slippedEnding reports whether an ending is one slip away and none itself.
// Every two letters may be a country, but these endings of com are typed far
// more often than meant.
func (p *provider) slippedEnding(ending string) bool {
	switch {
	case !near(p.ending, ending):
		return false
	case len(p.ending) == 2:
		return len(ending) == 1 || ending[0] == p.ending[1] && ending[1] == p.ending[0]
	case len(ending) == 2:
		return len(p.name) > 2 && isCommonSlip(ending)
	}
	return true
}

func isCommonSlip(ending string) bool { return ending == "co" || ending == "cm" || ending == "om" }

// national reports whether an ending has the form of a country's.
func national(ending string) bool {
	country, ok := strings.CutPrefix(ending, "co.")
	if !ok {
		country = strings.TrimPrefix(ending, "com.")
	}
	return len(country) == 2 && !isCommonSlip(country)
}

// near reports whether one text is the other with one letter more, one less,
// another one, or two neighbours swapped.
func near(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || a == b {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
