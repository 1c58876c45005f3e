package graphsim

import (
	"strings"
	"unicode/utf8"
)

// attribute is a property of a user that $filter can compare: a text, a flag or
// a collection of texts.
type attribute struct {
	name string
	of   func(*User) string
	all  func(*User) []string // of a collection, instead
	flag func(*User) bool     // of a flag, instead

	exact    bool // letter case counts
	advanced bool // only with ConsistencyLevel: eventual and $count=true
	starts   bool // startsWith is supported
	null     bool // eq null is, with the advanced query parameters
	indexed  bool // people are found by it without looking at everybody
}

// filterable lists the attributes. What each supports, and which need the
// advanced query parameters, is as learn.microsoft.com, "Advanced query
// capabilities on Microsoft Entra ID objects", has it in its table for users.
var filterable = [...]attribute{
	{name: "id", of: func(u *User) string { return u.ID }, indexed: true},
	{name: "userPrincipalName", of: func(u *User) string { return u.UserPrincipalName }, starts: true, indexed: true},
	{name: "mail", of: func(u *User) string { return u.Mail }, starts: true, indexed: true},
	{name: "employeeId", of: func(u *User) string { return u.EmployeeID }, starts: true, null: true, indexed: true},
	{name: "onPremisesSamAccountName", of: func(u *User) string { return u.OnPremisesSamAccountName }, advanced: true, starts: true, indexed: true},
	{name: "onPremisesImmutableId", of: func(u *User) string { return u.OnPremisesImmutableID }, exact: true, advanced: true, indexed: true},
	{name: "onPremisesUserPrincipalName", of: func(u *User) string { return u.OnPremisesUserPrincipalName }, starts: true, indexed: true},
	{name: "proxyAddresses", all: func(u *User) []string { return u.ProxyAddresses }, indexed: true},

	{name: "displayName", of: func(u *User) string { return u.DisplayName }, starts: true, null: true},
	{name: "department", of: func(u *User) string { return u.Department }, starts: true, null: true},
	{name: "country", of: func(u *User) string { return u.Country }, starts: true, null: true},
	{name: "companyName", of: func(u *User) string { return u.CompanyName }, advanced: true, starts: true, null: true},
	{name: "usageLocation", of: func(u *User) string { return u.UsageLocation }, starts: true},
	{name: "userType", of: (*User).kind, null: true},
	{name: "creationType", of: func(u *User) string { return u.CreationType }},
	{name: "mobilePhone", of: func(u *User) string { return u.MobilePhone }, advanced: true, starts: true, null: true},
	{name: "accountEnabled", flag: (*User).IsEnabled},
	{name: "onPremisesSyncEnabled", flag: func(u *User) bool { return u.OnPremisesSyncEnabled }},
}

// values are the texts of an indexed attribute.
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

func (a *attribute) equal(x, y string) bool { return x == y || !a.exact && strings.EqualFold(x, y) }

// clause is one comparison of an indexed attribute: it has one of the values.
type clause struct {
	attribute int // position in filterable
	values    []string
}

// expression is a filter, or a part of one.
type expression struct {
	match   func(*User) bool
	clauses []clause // the same, where it is nothing but indexed comparisons joined by or
}

const (
	maxExpressions = 15   // without the advanced query parameters
	maxValueLength = 120  // characters of one compared value
	maxURLLength   = 2048 // with the advanced query parameters, instead of maxExpressions
	maxBrackets    = 20   // within each other; unverified
)

// filter is a parsed $filter.
type filter struct {
	expression
	attributes []int // positions in filterable
}

// parseFilter reads the part of OData's $filter that is served: comparisons by
// eq, ne and in with texts, flags and null, startsWith, for collections
// `names/any(x:x eq 'value')`, joined by and, or and not, with brackets.
// Everything else is refused with Request_UnsupportedQuery, also what Graph
// would take, such as ge, endsWith, operators in capital letters and an `or`
// inside any: a client that needs more should not find out in production. That
// the limit on `or` counts everything that is compared is unverified.
func parseFilter(text string, advanced bool) (filter, *reply) {
	p := filterParser{rest: text, advanced: advanced}
	whole, ok := p.or()
	if p.refused == nil && (!ok || strings.Trim(p.rest, " ") != "") {
		p.refused = invalidFilter()
	}
	if p.refused != nil {
		return filter{}, p.refused
	}
	if p.expressions > maxExpressions && !advanced {
		rep := unsupportedQuery("Too many child clauses specified in search filter expression containing 'OR' operators: %d. Max allowed: %d",
			p.expressions, maxExpressions)
		return filter{}, &rep
	}
	return filter{whole, p.attributes}, nil
}

func invalidFilter() *reply {
	rep := unsupportedQuery("Invalid filter clause: only eq, ne, in, startsWith and any, joined by and, or and not, are supported here.")
	return &rep
}

// needsAdvanced refuses what is there with the advanced query parameters only.
func needsAdvanced(operator string) *reply {
	rep := unsupportedQuery("Operator '%s' is not supported because the required parameters might be missing."+
		" Try adding $count=true query parameter and ConsistencyLevel:eventual header."+
		" Refer to https://aka.ms/graph-docs/advanced-queries for more information", operator)
	return &rep
}

func unsupportedProperty(name string) *reply {
	rep := unsupportedQuery("Unsupported or invalid query filter clause specified for property '%s' of resource 'User'.", name)
	return &rep
}

// or, and, unary and primary read an expression each; ok is false where there is
// none. What is refused for more than its form is in refused.
func (p *filterParser) or() (expression, bool) {
	left, ok := p.and()
	for ok && p.joint("or") {
		var right expression
		if right, ok = p.and(); ok {
			a, b := left, right
			left = expression{match: func(u *User) bool { return a.match(u) || b.match(u) }}
			if a.clauses != nil && b.clauses != nil {
				left.clauses = append(a.clauses, b.clauses...)
			}
		}
	}
	return left, ok
}

func (p *filterParser) and() (expression, bool) {
	left, ok := p.unary()
	for ok && p.joint("and") {
		var right expression
		if right, ok = p.unary(); ok {
			a, b := left, right
			left = expression{match: func(u *User) bool { return a.match(u) && b.match(u) }}
		}
	}
	return left, ok
}

// joint eats an operator that stands apart from what is before it.
func (p *filterParser) joint(word string) bool {
	return strings.HasPrefix(p.rest, " ") && p.word(word)
}

// unary reads what may be denied. Of a comparison not denies only the name, so
// it needs brackets.
func (p *filterParser) unary() (expression, bool) {
	if !p.word("not") {
		return p.primary(false)
	}
	if !p.advanced {
		p.refuse(needsAdvanced("not"))
	}
	of, ok := p.primary(true)
	return expression{match: func(u *User) bool { return !of.match(u) }}, ok
}

func (p *filterParser) primary(denied bool) (expression, bool) {
	if p.symbol('(') {
		if p.brackets++; p.brackets > maxBrackets {
			return expression{}, false
		}
		inner, ok := p.or()
		p.brackets--
		return inner, ok && p.symbol(')') && p.apart()
	}
	name := p.name()
	if name == "startswith" || name == "startsWith" {
		return p.startsWith()
	}
	collection, lambda := strings.CutSuffix(name, "/any")
	if lambda {
		return p.any(collection)
	}
	if denied {
		return expression{}, false
	}
	return p.comparison(name)
}

// attribute finds the attribute and notes its use.
func (p *filterParser) attribute(name string, fits func(*attribute) bool) (*attribute, int, bool) {
	for i := range filterable {
		if a := &filterable[i]; a.name == name {
			if a.advanced && !p.advanced || !fits(a) {
				break
			}
			p.attributes = append(p.attributes, i)
			return a, i, true
		}
	}
	if name != "" {
		p.refuse(unsupportedProperty(name))
	}
	return nil, 0, false
}

func (p *filterParser) startsWith() (expression, bool) {
	if !p.symbol('(') {
		return expression{}, false
	}
	a, _, ok := p.attribute(p.name(), func(a *attribute) bool { return a.starts })
	if !ok || !p.symbol(',') {
		return expression{}, false
	}
	prefix, ok := p.literal()
	if !ok || !p.symbol(')') || !p.apart() || !p.accept(a, prefix) {
		return expression{}, false
	}
	p.expressions++
	prefix = a.key(prefix)
	return expression{match: func(u *User) bool { return strings.HasPrefix(a.key(a.of(u)), prefix) }}, true
}

// comparison eats `eq 'value'`, `ne 'value'` or `in ('a','b')`.
func (p *filterParser) comparison(name string) (expression, bool) {
	a, position, ok := p.attribute(name, func(a *attribute) bool { return a.all == nil })
	// An operator stands apart from the name before it.
	if !ok || !strings.HasPrefix(p.rest, " ") {
		return expression{}, false
	}
	var e expression
	switch {
	case p.word("eq"):
		return p.equal(a, position)
	case p.word("ne"):
		if !p.advanced {
			p.refuse(needsAdvanced("ne"))
		}
		// That it is true of who has no value is unverified.
		e, ok = p.equal(a, position)
		return expression{match: func(u *User) bool { return !e.match(u) }}, ok
	case p.word("in") && a.flag == nil:
		values, ok := p.values()
		if !ok {
			return expression{}, false
		}
		return p.oneOf(a, position, values)
	}
	return expression{}, false
}

// equal eats the value behind eq or ne.
func (p *filterParser) equal(a *attribute, position int) (expression, bool) {
	if !strings.HasPrefix(p.rest, " ") {
		return expression{}, false
	}
	if a.flag != nil {
		wanted := p.word("true")
		if !wanted && !p.word("false") {
			return expression{}, false
		}
		p.expressions++
		return expression{match: func(u *User) bool { return a.flag(u) == wanted }}, p.apart()
	}
	if a.null && p.word("null") {
		if !p.advanced {
			p.refuse(needsAdvanced("eq null"))
		}
		p.expressions++
		return expression{match: func(u *User) bool { return a.of(u) == "" }}, p.apart()
	}
	value, ok := p.literal()
	if !ok {
		return expression{}, false
	}
	return p.oneOf(a, position, []string{value})
}

// oneOf is true of who has one of the values.
func (p *filterParser) oneOf(a *attribute, position int, values []string) (expression, bool) {
	for _, v := range values {
		if !p.accept(a, v) {
			return expression{}, false
		}
	}
	p.expressions += len(values)
	e := expression{match: func(u *User) bool {
		if a.all == nil {
			return hasOne(a, a.of(u), values)
		}
		for _, have := range a.all(u) {
			if hasOne(a, have, values) {
				return true
			}
		}
		return false
	}}
	if a.indexed {
		e.clauses = []clause{{position, values}}
	}
	return e, true
}

func hasOne(a *attribute, have string, values []string) bool {
	for _, v := range values {
		if a.equal(have, v) {
			return true
		}
	}
	return false
}

// any eats `(x:x eq 'value')`, whatever the variable is called.
func (p *filterParser) any(name string) (expression, bool) {
	a, position, ok := p.attribute(name, func(a *attribute) bool { return a.all != nil })
	if !ok || !p.symbol('(') {
		return expression{}, false
	}
	variable := p.name()
	if variable == "" || strings.Contains(variable, "/") || !p.symbol(':') || p.name() != variable {
		return expression{}, false
	}
	if !strings.HasPrefix(p.rest, " ") || !p.word("eq") || !strings.HasPrefix(p.rest, " ") {
		return expression{}, false
	}
	value, ok := p.literal()
	if !ok || !p.symbol(')') {
		return expression{}, false
	}
	return p.oneOf(a, position, []string{value})
}

// accept refuses what cannot be compared. That an empty value is refused, and
// that one bad id refuses the whole filter, is unverified.
func (p *filterParser) accept(a *attribute, value string) bool {
	switch {
	case value == "":
		p.refuse(unsupportedProperty(a.name))
	case utf8.RuneCountInString(value) > maxValueLength:
		rep := unsupportedQuery("The value compared with property '%s' is longer than %d characters.", a.name, maxValueLength)
		p.refuse(&rep)
	case a.name == "id" && !isGUID(value):
		rep := badRequest(directories, "Invalid object identifier.")
		p.refuse(&rep)
	default:
		return true
	}
	return false
}
