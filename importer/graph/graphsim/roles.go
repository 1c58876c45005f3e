package graphsim

import (
	"cmp"
	"fmt"
	"strings"
)

// listAssignments answers GET /roleManagement/directory/roleAssignments
// (learn.microsoft.com, unifiedRoleAssignment resource type).
func listAssignments(s *Server, rq *request) reply {
	return listRoles(s, rq, "roleManagement/directory/roleAssignments", s.tenant.RoleAssignments, `"principalOrganizationId":`+string(appendString(nil, s.tenant.ID))+`,`)
}

// listEligibilities answers GET /roleManagement/directory/roleEligibilitySchedules
// (learn.microsoft.com, unifiedRoleEligibilitySchedule resource type).
func listEligibilities(s *Server, rq *request) reply {
	return listRoles(s, rq, "roleManagement/directory/roleEligibilitySchedules", s.tenant.RoleEligibilities,
		`"status":"Provisioned","memberType":"Direct","createdUsing":null,"createdDateTime":null,"modifiedDateTime":null,"scheduleInfo":null,`)
}

// listRoles answers a page of either; more are the members only one has. Pages
// are those of /users: how large the service's are is unverified.
func listRoles(s *Server, rq *request, context string, roles []Role, more string) reply {
	params, refused := queryOf(rq, "$top", "$skiptoken", "$expand")
	if refused != nil {
		return *refused
	}
	expand, given := params["$expand"]
	if given && expand != "principal" {
		return badRequest(directories, "Parsing OData Select and Expand failed: only principal is expanded here.")
	}
	if given {
		context += "(principal())"
	}
	l := list{context: context, total: len(roles), width: 400}
	l.there = func(i int) bool {
		id := roles[i].PrincipalID
		return roles[i].PrincipalType != "" || s.groups[fold(id)] != nil || s.people.find(id) != nil
	}
	l.append = func(dst []byte, i int) []byte {
		r := &roles[i]
		dst = append(dst, `{"id":`...)
		dst = appendString(dst, roleID(context, i))
		dst = append(append(dst, ','), more...)
		dst = appendString(append(dst, `"principalId":`...), r.PrincipalID)
		dst = appendString(append(dst, `,"roleDefinitionId":`...), r.RoleDefinitionID)
		dst = appendString(append(dst, `,"directoryScopeId":`...), cmp.Or(r.DirectoryScopeID, "/"))
		dst = append(dst, `,"appScopeId":null`...)
		if given {
			dst = s.appendPrincipal(append(dst, `,"principal":`...), r)
		}
		return append(dst, '}')
	}
	return s.list(rq, params, l)
}

// roleID invents the id of an assignment, which is opaque.
func roleID(context string, i int) string {
	kind := 'A'
	if strings.Contains(context, "Eligib") {
		kind = 'E'
	}
	return fmt.Sprintf("%cAAAAAAAAAAAAAAAAAAAAAAAA-%06d", kind, i+1)
}

// appendPrincipal writes whose the role is. Without the permission to read
// users there is their id alone, see bare.
func (s *Server) appendPrincipal(dst []byte, r *Role) []byte {
	if g := s.groups[fold(r.PrincipalID)]; g != nil {
		dst = appendString(append(dst, `{"@odata.type":"#microsoft.graph.group","id":`...), g.ID)
		dst = appendString(append(dst, `,"displayName":`...), g.DisplayName)
		return append(trueOrNull(func(g *Group) bool { return g.IsAssignableToRole })(append(dst, `,"isAssignableToRole":`...), &g.Group), '}')
	}
	if r.PrincipalType != "" {
		dst = appendString(append(dst, `{"@odata.type":"#microsoft.graph.servicePrincipal","id":`...), r.PrincipalID)
		return append(dst, `,"displayName":null}`...)
	}
	p := s.people.find(r.PrincipalID)
	if p == nil { // who left just now
		return append(dst, "null"...)
	}
	cols, _ := columns(userProperties, defaultUserProperties, "id,displayName,userPrincipalName,userType,accountEnabled", s.sight())
	return append(appendMembers(append(dst, `{"@odata.type":"#microsoft.graph.user",`...), cols, p.user.open()), '}')
}
