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
	cols, refused := columns(organizationProperties, defaultOrganizationProperties, params["$select"], false)
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
	cols, refused := columns(userProperties, defaultUserProperties, params["$select"], s.basicOnly())
	if refused != nil {
		return *refused
	}
	body := appendDirectoryContext(nil, rq, "users", params["$select"], "/$entity")
	body = appendMembers(body, cols, &rq.person.user)
	return reply{status: http.StatusOK, body: append(body, '}')}
}

// listUsers answers GET /users, a page at a time.
func listUsers(s *Server, rq *request) reply {
	params, refused := queryOf(rq, "$select", "$top", "$skiptoken", "$filter", "$count")
	if refused != nil {
		return *refused
	}
	cols, refused := columns(userProperties, defaultUserProperties, params["$select"], s.basicOnly())
	if refused != nil {
		return *refused
	}
	size, refused := s.pageSize(params)
	if refused != nil {
		return *refused
	}
	found, advanced, refused := s.found(rq, params)
	if refused != nil {
		return *refused
	}
	total := len(s.people.all)
	if found != nil {
		total = len(*found)
	}
	from := 0
	if token, given := params["$skiptoken"]; given {
		if from, refused = s.parsePage(token, params, total); refused != nil {
			return *refused
		}
	}
	to := min(from+size, total)

	body := appendDirectoryContext(make([]byte, 0, 256+(to-from)*len(cols)*40), rq, "users", params["$select"], "")
	if advanced && from == 0 {
		body = append(strconv.AppendInt(append(body, `"@odata.count":`...), int64(total), 10), ',')
	}
	if to < total {
		body = append(body, `"@odata.nextLink":`...)
		body = append(appendString(body, s.nextPage(rq, params, to)), ',')
	}
	body = append(body, `"value":[`...)
	for i := from; i < to; i++ {
		position := i
		if found != nil {
			position = (*found)[i]
		}
		if i > from {
			body = append(body, ',')
		}
		body = appendMembers(append(body, '{'), cols, &s.people.all[position].user)
		body = append(body, '}')
	}
	return reply{status: http.StatusOK, body: append(body, "]}"...)}
}

// found gives the positions a $filter leaves, nil when there is no filter, and
// whether the request uses the advanced query parameters.
func (s *Server) found(rq *request, params map[string]string) (found *[]int, advanced bool, refused *reply) {
	switch params["$count"] {
	case "", "false":
	case "true":
		// Without the header Graph silently ignores $count.
		advanced = strings.EqualFold(rq.consistency, "eventual")
	default:
		rep := badRequest(directories, "Invalid value for $count: true or false is expected.")
		return nil, false, &rep
	}
	if advanced && len(rq.base)+len("/v1.0")+len(rq.target) > maxURLLength {
		rep := unsupportedQuery("The URL is longer than %d characters.", maxURLLength)
		return nil, false, &rep
	}
	filter, given := params["$filter"]
	if !given {
		return nil, advanced, nil
	}
	clauses, refused := parseFilter(filter, advanced)
	if refused != nil {
		return nil, false, refused
	}
	if s.basicOnly() {
		// Unverified, and the strictest: what may not be read may not be
		// asked for either.
		for _, c := range clauses {
			if !userProperties[filterable[c.attribute].name].basic {
				rep := denied(directories)
				return nil, false, &rep
			}
		}
	}
	positions := s.people.matching(clauses)
	return &positions, advanced, nil
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

// basicOnly reports whether the caller reads users by User.ReadBasic.All alone.
// That other properties then come back as null is unverified.
func (s *Server) basicOnly() bool { return !s.holdsOne(readUsers) }

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
		rep := badRequest(directories, "The query string is malformed.")
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
		return nil, &rep
	}
	if selected, given := params["$select"]; given && selected == "" {
		rep := badRequest(directories, "Parsing OData Select and Expand failed: $select is empty.")
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
