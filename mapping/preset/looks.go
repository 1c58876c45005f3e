package preset

import (
	"regexp"
	"strings"
	"unicode"

	"authseed/mapping/country"
)

// looks counts what the cells of a column look like. Nothing of a cell is kept.
type looks struct {
	filled    int
	seen      int // of these, looked at
	phones    int // written like a phone number, the next three included
	plain     int // digits alone, as many as a phone number has
	abroad    int // begins with a plus or a double zero
	damaged   int // a spreadsheet has been at it
	addresses int // holds one @
	ids       int // a GUID, or digits and letters without a space
	countries int
	states    int
	dates     int
	amounts   int
	domains   map[string]int
}

var (
	date    = regexp.MustCompile(`^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T].*)?$`)
	amount  = regexp.MustCompile(`^-?\d+(?:[.,]\d{3})*[.,]\d{1,2}$`)
	power   = regexp.MustCompile(`^\d+(?:[.,]\d+)?[eE]\+?\d+$`)
	guid    = regexp.MustCompile(`^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)
	states  = regexp.MustCompile(`(?i)^(?:active|inactive|on leave|leave|terminated|suspended|enabled|disabled|true|false|yes|no|aktiv|inaktiv|actif|inactif|activo|inactivo|actief|inactief|재직|퇴직|휴직|在籍|退職|休職|[ai])$`)
	telWord = strings.NewReplacer("tel:", "", "ext.", "", "ext", "", "x", "", "#", "")
)

// longestState is the longest of the states, in bytes.
const longestState = 10

// shortest and longest are the digits of a phone number, extension included.
const (
	shortest = 7
	longest  = 22
)

// count takes note of a cell without looking at it, except for its domain.
func (l *looks) count(cell string) {
	if cell == "" {
		return
	}
	l.filled++
	if at := strings.IndexByte(cell, '@'); at >= 0 {
		l.domain(cell[at+1:])
	}
}

// see takes note of a cell and looks at it.
func (l *looks) see(cell string) {
	l.count(cell)
	if cell == "" {
		return
	}
	l.seen++
	numeric := cell[0] == '-' || cell[0] >= '0' && cell[0] <= '9'
	switch {
	case strings.Count(cell, "@") == 1 && !strings.ContainsAny(cell, " "):
		l.addresses++
	case len(cell) <= longestState && states.MatchString(cell):
		l.states++
	case numeric && power.MatchString(cell):
		l.phones++
		l.damaged++
	case len(cell) == len("00000000-0000-0000-0000-000000000000") && guid.MatchString(cell):
		l.ids++
	case numeric && date.MatchString(cell):
		l.dates++
	case numeric && amount.MatchString(cell):
		l.amounts++
	case l.phone(cell):
	case !strings.ContainsAny(cell, " \t") && strings.ContainsFunc(cell, unicode.IsDigit):
		l.ids++
	default:
		if _, ok := country.Find(cell); ok {
			l.countries++
		}
	}
}

// maxDomains bounds what is remembered of addresses.
const maxDomains = 50

func (l *looks) domain(domain string) {
	if l.domains == nil {
		l.domains = map[string]int{}
	}
	domain = strings.ToLower(domain)
	if _, there := l.domains[domain]; there || len(l.domains) < maxDomains {
		l.domains[domain]++
	}
}

func (l *looks) phone(cell string) bool {
	text := telWord.Replace(strings.ToLower(cell))
	digits := 0
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			digits++
		case strings.ContainsRune("+()/.-='\"\u00a0\u200b\u2010\u2011\u2012\u2013\u2014\u2212＋－（）", r), unicode.IsSpace(r):
		default:
			return false
		}
	}
	if digits < shortest || digits > longest {
		return false
	}
	l.phones++
	switch {
	case strings.HasPrefix(strings.TrimLeft(text, "='\"( "), "+"), strings.HasPrefix(text, "00"):
		l.abroad++
	case digits == len(text):
		l.plain++
	}
	return true
}

// mostly reports whether n is nearly all of what was looked at.
func (l *looks) mostly(n int) bool { return l.seen > 0 && n*5 >= l.seen*4 }

// word names what a column looks like.
func (l *looks) word() string {
	switch {
	case l.filled == 0:
		return "empty"
	case l.mostly(l.addresses):
		return "e-mail"
	case l.mostly(l.states):
		return "status"
	case l.mostly(l.countries):
		return "country"
	case l.mostly(l.dates):
		return "date"
	case l.mostly(l.amounts):
		return "amount"
	case l.mostly(l.phones) && l.plain < l.phones:
		return "phone"
	case l.mostly(l.ids + l.plain):
		return "key"
	}
	return "text"
}
