package graphsim

import "strings"

// filterParser eats a filter from the left.
type filterParser struct {
	rest     string
	advanced bool // the request has the advanced query parameters

	brackets    int
	expressions int   // that were compared
	attributes  []int // that were used
	refused     *reply
}

// refuse keeps the first reason.
func (p *filterParser) refuse(rep *reply) {
	if p.refused == nil {
		p.refused = rep
	}
}

func (p *filterParser) spaces() { p.rest = strings.TrimLeft(p.rest, " ") }

// word eats a word and the end of it; a longer word is not eaten.
func (p *filterParser) word(want string) bool {
	rest, found := strings.CutPrefix(strings.TrimLeft(p.rest, " "), want)
	if !found || (rest != "" && isNameByte(rest[0])) {
		return false
	}
	p.rest = rest
	return true
}

func (p *filterParser) symbol(want byte) bool {
	p.spaces()
	if p.rest == "" || p.rest[0] != want {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// apart reports whether what follows is the end, a space or a bracket.
func (p *filterParser) apart() bool {
	return p.rest == "" || p.rest[0] == ' ' || p.rest[0] == ')'
}

// name eats a name, which may be a path, or nothing.
func (p *filterParser) name() string {
	p.spaces()
	end := 0
	for end < len(p.rest) && isNameByte(p.rest[end]) {
		end++
	}
	name := p.rest[:end]
	p.rest = p.rest[end:]
	return name
}

// values eats `('a','b')`.
func (p *filterParser) values() ([]string, bool) {
	if !p.symbol('(') {
		return nil, false
	}
	var values []string
	for {
		value, ok := p.literal()
		if !ok {
			return nil, false
		}
		values = append(values, value)
		if p.symbol(')') {
			return values, true
		}
		if !p.symbol(',') {
			return nil, false
		}
	}
}

// literal eats a quoted string, in which two quotes stand for one.
func (p *filterParser) literal() (string, bool) {
	if !p.symbol('\'') {
		return "", false
	}
	for i := 0; i < len(p.rest); i++ {
		if p.rest[i] != '\'' {
			continue
		}
		if i+1 < len(p.rest) && p.rest[i+1] == '\'' {
			i++
			continue
		}
		value := strings.ReplaceAll(p.rest[:i], "''", "'")
		p.rest = p.rest[i+1:]
		// What follows a string is the end, a space, a comma or a bracket.
		return value, p.rest == "" || strings.IndexByte(" ,)", p.rest[0]) >= 0
	}
	return "", false
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '/'
}
