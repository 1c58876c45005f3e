package graphsim

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const (
	defaultPage = 100
	largestPage = 999
)

// getOrganization answers GET /organization: a collection of one.
func getOrganization(s *Server, rq *request) reply {
	params, refused := queryOf(rq, "$select")
	if refused != nil {
		return *refused
	}
	cols, refused := columns(organizationProperties, defaultOrganizationProperties, params["$select"], whole)
	if refused != nil {
		return *refused
	}
	body := appendDirectoryContext(nil, rq, "organization", params["$select"], "")
	body = append(body, `"value":[{`...)
	body = appendMembers(body, cols, &s.tenant)
	return reply{status: http.StatusOK, body: append(body, "}]}"...)}
}

// getUser answers GET /users/{id or userPrincipalName}.
func getUser(s *Server, rq *request) reply {
	params, refused := queryOf(rq, "$select")
	if refused != nil {
		return *refused
	}
	cols, refused := columns(userProperties, defaultUserProperties, params["$select"], s.sight())
	if refused != nil {
		return *refused
	}
	body := appendDirectoryContext(nil, rq, "users", params["$select"], "/$entity")
	body = appendMembers(body, cols, rq.person.user.open())
	return reply{status: http.StatusOK, body: append(body, '}')}
}

// listUsers answers GET /users, a page at a time.
func listUsers(s *Server, rq *request) reply {
	params, refused := queryOf(rq, "$select", "$top", "$skiptoken", "$filter", "$count")
	if refused != nil {
		return *refused
	}
	cols, refused := columns(userProperties, defaultUserProperties, params["$select"], s.sight())
	if refused != nil {
		return *refused
	}
	l, refused := s.found(rq, params)
	if refused != nil {
		return *refused
	}
	l.context, l.width = "users", 40*len(cols)
	l.append = func(dst []byte, i int) []byte {
		return append(appendMembers(append(dst, '{'), cols, l.of(i)), '}')
	}
	l.turned = s.churn
	return s.list(rq, params, l)
}

// countUsers answers GET /users/$count, with a number as text. Without the header
// it is refused (learn.microsoft.com, "Advanced query capabilities on Microsoft
// Entra ID objects").
func countUsers(s *Server, rq *request) reply {
	params, refused := queryOf(rq, "$filter")
	if refused != nil {
		return *refused
	}
	if !strings.EqualFold(rq.consistency, "eventual") {
		return badRequest(directories, "$count is not currently supported.")
	}
	params["$count"] = "true"
	l, refused := s.found(rq, params)
	if refused != nil {
		return *refused
	}
	return reply{status: http.StatusOK, text: true, body: strconv.AppendInt(nil, int64(l.count()), 10)}
}

// found is the list of the users a $filter leaves, ready but for its looks. A
// count is there with the advanced query parameters only: without the header
// Graph silently ignores $count.
func (s *Server) found(rq *request, params map[string]string) (l list, refused *reply) {
	switch params["$count"] {
	case "", "false", "true":
	default:
		rep := badRequest(directories, "Invalid value for $count: true or false is expected.")
		return l, &rep
	}
	advanced := rq.advanced(params)
	if advanced && len(rq.base)+len("/v1.0")+len(rq.target) > maxURLLength {
		rep := unsupportedQuery("The URL is longer than %d characters.", maxURLLength)
		return l, &rep
	}
	l, refused = s.filtered(params, advanced)
	if refused == nil && advanced {
		l.count = func() int { return l.number() }
	}
	return l, refused
}

// filtered is who is left. Whoever left the directory is not.
func (s *Server) filtered(params map[string]string, advanced bool) (l list, refused *reply) {
	all := s.people.all()
	one := new(opened)
	l = list{total: len(all), there: func(i int) bool { return !all[i].gone.Load() }, of: func(i int) *User { return one.of(all[i]) }}
	text, given := params["$filter"]
	if !given {
		return l, nil
	}
	f, refused := parseFilter(text, advanced)
	if refused != nil {
		return l, refused
	}
	if s.sight() != whole {
		// Unverified, and the strictest: what may not be read may not be
		// asked for either.
		for _, i := range f.attributes {
			if !userProperties[filterable[i].name].basic {
				rep := denied(directories)
				return l, &rep
			}
		}
	}
	if f.clauses == nil {
		l.there = func(i int) bool { return !all[i].gone.Load() && f.match(one.of(all[i])) }
	} else {
		found := s.people.matching(f.clauses)
		// Who joined after all was taken may be among them.
		for len(found) > 0 && found[len(found)-1] >= len(all) {
			found = found[:len(found)-1]
		}
		l.total = len(found)
		l.there = func(i int) bool { return !all[found[i]].gone.Load() }
		l.of = func(i int) *User { return one.of(all[found[i]]) }
	}
	return l, nil
}

func (s *Server) pageSize(params map[string]string) (int, *reply) {
	size := defaultPage
	if top, given := params["$top"]; given {
		n, err := strconv.Atoi(top)
		if err != nil || n < 1 || n > largestPage {
			rep := unsupportedQuery("Invalid page size specified: '%s'. Must be between 1 and %d inclusive.", top, largestPage)
			return 0, &rep
		}
		size = n
	}
	if limit := s.options.PageLimit; limit > 0 && limit < size {
		size = limit
	}
	return size, nil
}

// sight is what the caller sees of users: by User.ReadBasic.All alone only the
// basic properties. That others then come back as null is unverified.
func (s *Server) sight() sight {
	switch {
	case s.holdsOne(readUsers):
		return whole
	case s.holdsOne(readBasicUsers):
		return basics
	}
	return bare
}

// queryOf reads the query. Whatever is not allowed is refused: $skip, which
// Graph does not support for users, $orderby, $expand and $search, which it
// does but this does not, and names that Graph would overlook.
func queryOf(rq *request, allowed ...string) (map[string]string, *reply) {
	params := make(map[string]string, len(allowed))
	if rq.query == "" {
		return params, nil
	}
	values, err := url.ParseQuery(rq.query)
	if err != nil {
		rep := badRequest(rq.service(), "The query string is malformed.")
		return nil, &rep
	}
	for _, name := range allowed {
		if given, found := values[name]; found && len(given) == 1 {
			params[name] = given[0]
			delete(values, name)
		}
	}
	for name := range values {
		rep := unsupportedQuery("The query parameter '%s' is given twice or not supported.", name)
		return nil, rep.of(rq.service())
	}
	if selected, given := params["$select"]; given && selected == "" {
		rep := badRequest(rq.service(), "Parsing OData Select and Expand failed: $select is empty.")
		return nil, &rep
	}
	return params, nil
}

// appendDirectoryContext opens the answer with its @odata.context.
func appendDirectoryContext(dst []byte, rq *request, collection, selected, suffix string) []byte {
	context := rq.base + "/v1.0/$metadata#" + collection
	if selected != "" {
		context += "(" + selected + ")"
	}
	dst = append(dst, `{"@odata.context":`...)
	return append(appendString(dst, context+suffix), ',')
}
