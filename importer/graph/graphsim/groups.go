package graphsim

import (
	"net/http"
	"slices"
	"strings"
	"sync"
)

// group is a group and who is in it.
type group struct {
	Group
	members []*person
	groups  []*group
	owners  []*person

	once   sync.Once
	people []*person // transitively, in the directory's order
	nested []*group  // transitively, in the order of a walk
}

// resolve makes the groups of the tenant; its check has found every id known.
func resolve(groups []Group, people *directory) (byID map[string]*group, inOrder []*group) {
	byID = make(map[string]*group, len(groups))
	for i := range groups {
		g := &group{Group: groups[i]}
		byID[fold(g.ID)] = g
		inOrder = append(inOrder, g)
	}
	for _, g := range inOrder {
		for _, id := range g.Members {
			if nested := byID[fold(id)]; nested != nil {
				g.groups = append(g.groups, nested)
			} else {
				g.members = append(g.members, people.find(id))
			}
		}
		for _, id := range g.Owners {
			g.owners = append(g.owners, people.find(id))
		}
	}
	return byID, inOrder
}

// within gives everybody and every group that is in the group or in one that
// is. A group in a circle is in itself and, like on learn.microsoft.com, "List
// group transitive members", everything is there once; that it is then listed
// too is unverified.
func (g *group) within() ([]*person, []*group) {
	g.once.Do(func() {
		seen, have := map[*group]bool{}, map[*person]bool{}
		for left := []*group{g}; len(left) > 0; {
			one := left[len(left)-1]
			left = left[:len(left)-1]
			for _, p := range one.members {
				if !have[p] {
					have[p] = true
					g.people = append(g.people, p)
				}
			}
			for _, nested := range one.groups {
				if !seen[nested] {
					seen[nested] = true
					g.nested = append(g.nested, nested)
					left = append(left, nested)
				}
			}
		}
		slices.SortFunc(g.people, func(a, b *person) int { return a.position - b.position })
	})
	return g.people, g.nested
}

var groupProperties = withAbsent(map[string]property[Group]{
	"id":                 {append: func(dst []byte, g *Group) []byte { return appendString(dst, g.ID) }},
	"displayName":        {append: func(dst []byte, g *Group) []byte { return appendString(dst, g.DisplayName) }},
	"isAssignableToRole": {append: trueOrNull(func(g *Group) bool { return g.IsAssignableToRole })},
	"securityEnabled":    {append: func(dst []byte, _ *Group) []byte { return append(dst, "true"...) }},
	"mailEnabled":        {append: func(dst []byte, _ *Group) []byte { return append(dst, "false"...) }},
}, "", "createdDateTime description mail mailNickname membershipRule onPremisesSyncEnabled visibility", "groupTypes proxyAddresses")

// defaultGroupProperties are some of those that Graph gives without $select.
var defaultGroupProperties = []string{
	"id", "createdDateTime", "description", "displayName", "groupTypes", "isAssignableToRole", "mail", "mailEnabled",
	"mailNickname", "membershipRule", "onPremisesSyncEnabled", "proxyAddresses", "securityEnabled", "visibility",
}

// getGroup answers GET /groups/{id}.
func getGroup(_ *Server, rq *request) reply {
	params, refused := queryOf(rq, "$select")
	if refused != nil {
		return *refused
	}
	cols, refused := columns(groupProperties, defaultGroupProperties, params["$select"], whole)
	if refused != nil {
		return *refused
	}
	body := appendDirectoryContext(nil, rq, "groups", params["$select"], "/$entity")
	return reply{status: http.StatusOK, body: append(appendMembers(body, cols, &rq.group.Group), '}')}
}

// listGroups answers GET /groups.
func listGroups(s *Server, rq *request) reply {
	params, refused := queryOf(rq, "$select", "$top", "$skiptoken", "$filter")
	if refused != nil {
		return *refused
	}
	cols, refused := columns(groupProperties, defaultGroupProperties, params["$select"], whole)
	if refused != nil {
		return *refused
	}
	l := list{context: "groups", total: len(s.inOrder), width: 40 * len(cols)}
	if text, given := params["$filter"]; given {
		f, refused := parseGroupFilter(text)
		if refused != nil {
			return *refused
		}
		l.there = func(i int) bool { return f(&s.inOrder[i].Group) }
	}
	l.append = func(dst []byte, i int) []byte {
		return append(appendMembers(append(dst, '{'), cols, &s.inOrder[i].Group), '}')
	}
	return s.list(rq, params, l)
}

// parseGroupFilter reads the two comparisons that are served.
func parseGroupFilter(text string) (func(*Group) bool, *reply) {
	p := filterParser{rest: text}
	name := p.name()
	spaced := strings.HasPrefix(p.rest, " ") && p.word("eq") && strings.HasPrefix(p.rest, " ")
	switch {
	case spaced && name == "displayName":
		if value, ok := p.literal(); ok && strings.Trim(p.rest, " ") == "" && value != "" {
			return func(g *Group) bool { return strings.EqualFold(g.DisplayName, value) }, nil
		}
	case spaced && name == "isAssignableToRole":
		// That it can only be asked for is unverified.
		if p.word("true") && strings.Trim(p.rest, " ") == "" {
			return func(g *Group) bool { return g.IsAssignableToRole }, nil
		}
	}
	rep := unsupportedQuery("Unsupported or invalid query filter clause specified for property '%s' of resource 'Group'.", name)
	return nil, &rep
}

// advanced reports whether a request has both advanced query parameters.
func (rq *request) advanced(params map[string]string) bool {
	return params["$count"] == "true" && strings.EqualFold(rq.consistency, "eventual")
}

// listPeopleOf answers GET /groups/{id}/transitiveMembers/microsoft.graph.user.
// The cast needs the advanced query parameters (learn.microsoft.com, "List group
// transitive members").
func listPeopleOf(s *Server, rq *request) reply {
	params, refused := queryOf(rq, "$select", "$top", "$skiptoken", "$count")
	if refused != nil {
		return *refused
	}
	if !rq.advanced(params) {
		return unsupportedQuery("The OData cast is not supported because the required parameters might be missing." +
			" Try adding $count=true query parameter and ConsistencyLevel:eventual header.")
	}
	people, _ := rq.group.within()
	return s.listPeople(rq, params, people)
}

// listPeople answers a page of the people, who are all of one kind.
func (s *Server) listPeople(rq *request, params map[string]string, people []*person) reply {
	cols, refused := columns(userProperties, defaultUserProperties, params["$select"], s.sight())
	if refused != nil {
		return *refused
	}
	l := list{context: "users", total: len(people), width: 40 * len(cols), there: func(i int) bool { return !people[i].gone.Load() }}
	l.append = func(dst []byte, i int) []byte {
		return append(appendMembers(append(dst, '{'), cols, people[i].user.open()), '}')
	}
	if rq.advanced(params) {
		l.count = l.number
	}
	return s.list(rq, params, l)
}

// listOwners answers GET /groups/{id}/owners.
func listOwners(s *Server, rq *request) reply {
	return listObjects(s, rq, rq.group.owners, nil)
}

// listMembers answers GET /groups/{id}/transitiveMembers: people, then groups.
func listMembers(s *Server, rq *request) reply {
	people, nested := rq.group.within()
	return listObjects(s, rq, people, nested)
}

// listObjects answers a page of people and groups, each with its class.
func listObjects(s *Server, rq *request, people []*person, groups []*group) reply {
	params, refused := queryOf(rq, "$select", "$top", "$skiptoken", "$count")
	if refused != nil {
		return *refused
	}
	ofUsers, ofGroups, refused := s.objectColumns(params["$select"])
	if refused != nil {
		return *refused
	}
	l := list{context: "directoryObjects", total: len(people) + len(groups), width: 40 * len(ofUsers)}
	l.there = func(i int) bool { return i >= len(people) || !people[i].gone.Load() }
	l.append = func(dst []byte, i int) []byte {
		if i < len(people) {
			return append(appendMembers(append(dst, `{"@odata.type":"#microsoft.graph.user",`...), ofUsers, people[i].user.open()), '}')
		}
		g := &groups[i-len(people)].Group
		return append(appendMembers(append(dst, `{"@odata.type":"#microsoft.graph.group",`...), ofGroups, g), '}')
	}
	if rq.advanced(params) {
		l.count = l.number
	}
	return s.list(rq, params, l)
}

// objectColumns reads a $select of directory objects: a property is left out of
// the kind that does not have it, and has to be one's at least. The id is there
// in any case, which is unverified.
func (s *Server) objectColumns(selected string) ([]column[User], []column[Group], *reply) {
	var users, groups []string
	for name := range strings.SplitSeq(selected, ",") {
		name = strings.TrimSpace(name)
		_, ofUser := userProperties[name]
		_, ofGroup := groupProperties[name]
		if ofUser {
			users = append(users, name)
		}
		if ofGroup {
			groups = append(groups, name)
		}
		if selected != "" && !ofUser && !ofGroup {
			rep := badRequest(directories, "Parsing OData Select and Expand failed: Could not find a property named '%s'.", name)
			return nil, nil, &rep
		}
	}
	if selected != "" {
		users, groups = append(users, "id"), append(groups, "id")
	}
	ofUsers, refused := columns(userProperties, defaultUserProperties, strings.Join(users, ","), s.sight())
	if refused != nil {
		return nil, nil, refused
	}
	ofGroups, refused := columns(groupProperties, defaultGroupProperties, strings.Join(groups, ","), whole)
	return ofUsers, ofGroups, refused
}
