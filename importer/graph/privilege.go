package graph

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"
	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/rolemanagement"
)

// RoleHolder is a role of somebody's, held or, by PIM, held on demand.
type RoleHolder struct {
	Role  string // id of the role definition
	ID    string // object id of the principal
	Group bool   // the principal is a group, whose members hold the role
	Scope string // "/" is the whole tenant
}

// RoleAssignments reads a page of who holds roles; next as in [Client.Users].
func (c *Client) RoleAssignments(ctx context.Context, next string) (page []RoleHolder, nextLink string, err error) {
	return roleHolders(listed[roleEntry](ctx, c, reading{"reading who holds roles", "RoleManagement.Read.Directory"}, next, func() (*abstractions.RequestInformation, error) {
		return rolemanagement.NewDirectoryRoleAssignmentsRequestBuilderInternal(relative(), c.adapter).ToGetRequestInformation(ctx,
			&rolemanagement.DirectoryRoleAssignmentsRequestBuilderGetRequestConfiguration{
				QueryParameters: &rolemanagement.DirectoryRoleAssignmentsRequestBuilderGetQueryParameters{Expand: expandPrincipal},
			})
	}))
}

// RoleEligibilities reads a page of who may activate roles. Without a P2 or a
// governance licence the service refuses it, see [IsUnlicensed].
func (c *Client) RoleEligibilities(ctx context.Context, next string) (page []RoleHolder, nextLink string, err error) {
	return roleHolders(listed[roleEntry](ctx, c, reading{"reading who may activate roles", "RoleEligibilitySchedule.Read.Directory"}, next, func() (*abstractions.RequestInformation, error) {
		return rolemanagement.NewDirectoryRoleEligibilitySchedulesRequestBuilderInternal(relative(), c.adapter).ToGetRequestInformation(ctx,
			&rolemanagement.DirectoryRoleEligibilitySchedulesRequestBuilderGetRequestConfiguration{
				QueryParameters: &rolemanagement.DirectoryRoleEligibilitySchedulesRequestBuilderGetQueryParameters{Expand: expandPrincipal},
			})
	}))
}

// The principal is what tells a group from a person. No $top is sent: the pages
// of both operations name $select, $filter and $expand only.
var expandPrincipal = []string{"principal"}

// roleEntry is the service's unifiedRoleAssignment or
// unifiedRoleEligibilitySchedule, as far as it is used.
type roleEntry struct {
	PrincipalID, RoleDefinitionID string
	DirectoryScopeID, AppScopeID  string
	Principal                     struct {
		Type string `json:"@odata.type"`
		ID   string
	}
}

// roleHolders takes what listed gives.
func roleHolders(entries []roleEntry, nextLink string, err error) ([]RoleHolder, string, error) {
	if err != nil {
		return nil, "", err
	}
	holders := make([]RoleHolder, 0, len(entries))
	for _, e := range entries {
		h := RoleHolder{Role: e.RoleDefinitionID, ID: e.PrincipalID, Scope: e.DirectoryScopeID}
		if h.ID == "" {
			h.ID = e.Principal.ID
		}
		if h.Scope == "" {
			h.Scope = e.AppScopeID
		}
		h.Group = strings.EqualFold(e.Principal.Type, typeGroup)
		if h.ID != "" {
			holders = append(holders, h)
		}
	}
	return holders, nextLink, nil
}

const typeGroup = "#microsoft.graph.group"

// Group is a group of the tenant.
type Group struct{ ID, DisplayName string }

// RoleAssignableGroups reads a page of the groups that roles may be given to.
func (c *Client) RoleAssignableGroups(ctx context.Context, next string) (page []Group, nextLink string, err error) {
	return withID(listed[Group](ctx, c, reading{"reading the groups that hold roles", needsGroups}, next, func() (*abstractions.RequestInformation, error) {
		return groupsWhere("isAssignableToRole eq true"), nil
	}))
}

// GroupsNamed finds groups by their exact display name, of which there may be
// several, or by object id. There may be none.
func (c *Client) GroupsNamed(ctx context.Context, nameOrID string) ([]Group, error) {
	what := reading{"finding the group", needsGroups}
	if _, err := uuid.Parse(nameOrID); err == nil && len(nameOrID) == 36 {
		g, err := single[Group](ctx, c, what, func() (*abstractions.RequestInformation, error) {
			return groupsRequest("/{group}", nameOrID, map[string]string{"select": "id,displayName"}), nil
		})
		var refused *Error
		switch {
		case err == nil:
			return []Group{g}, nil
		case errors.As(err, &refused) && refused.Status == http.StatusNotFound:
			return nil, nil
		}
		return nil, err
	}
	groups, err := every[Group](ctx, c, what, func() (*abstractions.RequestInformation, error) {
		return groupsWhere("displayName eq " + quote(nameOrID)), nil
	})
	groups, _, err = withID(groups, "", err)
	return groups, err
}

// needsGroups is the permission for groups and who is in them.
const needsGroups = "GroupMember.Read.All"

func groupsWhere(filter string) *abstractions.RequestInformation {
	return groupsRequest("", "", map[string]string{"filter": filter, "select": "id,displayName", "top": pageSizeText})
}

// withID leaves out what has no id and so cannot be named.
func withID(groups []Group, nextLink string, err error) ([]Group, string, error) {
	kept := groups[:0]
	for _, g := range groups {
		if g.ID != "" {
			kept = append(kept, g)
		}
	}
	return kept, nextLink, err
}

// GroupMembers reads a page of the object ids of the people in a group and in
// the groups in it.
func (c *Client) GroupMembers(ctx context.Context, group, next string) (ids []string, nextLink string, err error) {
	return memberIDs(listed[member](ctx, c, reading{"reading the members of a group", needsGroups}, next, func() (*abstractions.RequestInformation, error) {
		return peopleOfGroup(group, Scope{}, []string{"id"}), nil
	}))
}

// GroupOwners reads a page of the object ids of the people who own a group. A
// group has at most a hundred owners, applications among them (learn.microsoft.com,
// "Microsoft Entra service limits and restrictions"), so that they are told
// apart here and not by an advanced query.
func (c *Client) GroupOwners(ctx context.Context, group, next string) (ids []string, nextLink string, err error) {
	return memberIDs(listed[member](ctx, c, reading{"reading the owners of a group", needsGroups}, next, func() (*abstractions.RequestInformation, error) {
		return groupsRequest("/{group}/owners", group, map[string]string{"select": "id", "top": pageSizeText}), nil
	}))
}

type member struct {
	Type string `json:"@odata.type"` // absent behind a cast
	ID   string
}

const typeUser = "#microsoft.graph.user"

func memberIDs(members []member, nextLink string, err error) ([]string, string, error) {
	if err != nil {
		return nil, "", err
	}
	ids := make([]string, 0, len(members))
	for _, m := range members {
		if m.ID != "" && (m.Type == "" || strings.EqualFold(m.Type, typeUser)) {
			ids = append(ids, m.ID)
		}
	}
	return ids, nextLink, nil
}

// peopleOfGroup asks for the people in a group and in the groups in it. The
// cast to people is an advanced query (learn.microsoft.com, "List group
// transitive members").
func peopleOfGroup(group string, scope Scope, properties []string) *abstractions.RequestInformation {
	query := map[string]string{"count": "true", "select": strings.Join(properties, ","), "top": pageSizeText}
	if scope.Filter != "" {
		query["filter"] = scope.Filter
	}
	info := groupsRequest("/{group}/transitiveMembers/microsoft.graph.user", group, query)
	askEventual(info)
	return info
}
