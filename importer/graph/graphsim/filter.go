package graphsim

import (
	"strings"
	"unicode/utf8"
)

// attribute is a property of a user that $filter can compare: text with eq and
// in, a collection of texts with any and eq.
type attribute struct {
	name     string
	of       func(*User) string
	all      func(*User) []string // of a collection, instead
	exact    bool                 // letter case counts
	advanced bool                 // only with ConsistencyLevel: eventual and $count=true
}

// filterable lists the attributes. Which of them need the advanced query
// parameters is as learn.microsoft.com, "Advanced query capabilities on
// Microsoft Entra ID objects", has it in its table for users.
var filterable = [...]attribute{
	{name: "id", of: func(u *User) string { return u.ID }},
	{name: "userPrincipalName", of: func(u *User) string { return u.UserPrincipalName }},
	{name: "mail", of: func(u *User) string { return u.Mail }},
	{name: "employeeId", of: func(u *User) string { return u.EmployeeID }},
	{name: "onPremisesSamAccountName", of: func(u *User) string { return u.OnPremisesSamAccountName }, advanced: true},
	{name: "onPremisesImmutableId", of: func(u *User) string { return u.OnPremisesImmutableID }, exact: true, advanced: true},
	{name: "onPremisesUserPrincipalName", of: func(u *User) string { return u.OnPremisesUserPrincipalName }},
	{name: "proxyAddresses", all: func(u *User) []string { return u.ProxyAddresses }},
}

func (a *attribute) values(u *User) []string {
	if a.all != nil {
		return a.all(u)
	}
	return []string{a.of(u)}
}

func (a *attribute) key(value string) string {
	if a.exact {
		return value
	}
	return fold(value)
}

// clause is one comparison: the attribute has one of the values.
type clause struct {
	attribute int // position in filterable
	values    []string
}

const (
	maxExpressions = 15   // in `in` and `or`, without the advanced query parameters
	maxValueLength = 120  // characters of one compared value
	maxURLLength   = 2048 // with the advanced query parameters, instead of maxExpressions
)

// parseFilter reads the part of OData's $filter that is served: `name eq
// 'value'`, `name in ('a','b')` and, for collections, `names/any(x:x eq
// 'value')`, joined by `or`. Everything else is refused with
// Request_UnsupportedQuery, also what Graph would take, such as brackets,
// startsWith and an `or` inside any: a client that needs more should not find
// out in production.
func parseFilter(text string, advanced bool) ([]clause, *reply) {
	p := filterParser{rest: text}
	var clauses []clause
	expressions := 0
	for {
		c, refused := p.clause(advanced)
		if refused != nil {
			return nil, refused
		}
		clauses = append(clauses, c)
		expressions += len(c.values)
		if strings.TrimLeft(p.rest, " ") == "" {
			break
		}
		if p.rest[0] != ' ' || !p.word("or") {
			return nil, invalidFilter()
		}
	}
	if expressions > maxExpressions && !advanced {
		rep := unsupportedQuery("Too many child clauses specified in search filter expression containing 'OR' operators: %d. Max allowed: %d",
			expressions, maxExpressions)
		return nil, &rep
	}
	return clauses, nil
}

func invalidFilter() *reply {
	rep := unsupportedQuery("Invalid filter clause: only eq, in and any, joined by or, are supported here.")
	return &rep
}

// filterParser eats a filter from the left.
type filterParser struct{ rest string }

func (p *filterParser) spaces() { p.rest = strings.TrimLeft(p.rest, " ") }

// word eats a word and the end of it; a longer word is not eaten.
func (p *filterParser) word(want string) bool {
	p.spaces()
	rest, found := strings.CutPrefix(p.rest, want)
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

func (p *filterParser) clause(advanced bool) (clause, *reply) {
	name, lambda := strings.CutSuffix(p.name(), "/any")
	position := -1
	for i := range filterable {
		if filterable[i].name == name {
			position = i
		}
	}
	if position < 0 || (filterable[position].advanced && !advanced) || (filterable[position].all != nil) != lambda {
		if name == "" {
			return clause{}, invalidFilter()
		}
		rep := unsupportedQuery("Unsupported or invalid query filter clause specified for property '%s' of resource 'User'.", name)
		return clause{}, &rep
	}
	compare := p.comparison
	if lambda {
		compare = p.any
	}
	values, ok := compare()
	if !ok {
		return clause{}, invalidFilter()
	}
	for _, v := range values {
		if refused := checkFilterValue(name, v); refused != nil {
			return clause{}, refused
		}
	}
	return clause{position, values}, nil
}

// comparison eats `eq 'value'` or `in ('a','b')`.
func (p *filterParser) comparison() ([]string, bool) {
	// An operator stands apart from the name before it.
	if p.rest == "" || p.rest[0] != ' ' {
		return nil, false
	}
	if p.word("eq") {
		return p.equal()
	}
	if !p.word("in") || !p.symbol('(') {
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

// any eats `(x:x eq 'value')`, whatever the variable is called.
func (p *filterParser) any() ([]string, bool) {
	if !p.symbol('(') {
		return nil, false
	}
	variable := p.name()
	if variable == "" || strings.Contains(variable, "/") || !p.symbol(':') || p.name() != variable {
		return nil, false
	}
	if !strings.HasPrefix(p.rest, " ") || !p.word("eq") {
		return nil, false
	}
	value, ok := p.equal()
	return value, ok && p.symbol(')')
}

// equal eats the value behind eq.
func (p *filterParser) equal() ([]string, bool) {
	if !strings.HasPrefix(p.rest, " ") {
		return nil, false
	}
	value, ok := p.literal()
	return []string{value}, ok
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

// checkFilterValue refuses what cannot be compared. That an empty value is
// refused, and that one bad id refuses the whole filter, is unverified.
func checkFilterValue(name, value string) *reply {
	var rep reply
	switch {
	case value == "":
		rep = unsupportedQuery("Unsupported or invalid query filter clause specified for property '%s' of resource 'User'.", name)
	case utf8.RuneCountInString(value) > maxValueLength:
		rep = unsupportedQuery("The value compared with property '%s' is longer than %d characters.", name, maxValueLength)
	case name == "id" && !isGUID(value):
		rep = badRequest(directories, "Invalid object identifier.")
	default:
		return nil
	}
	return &rep
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '/'
}
