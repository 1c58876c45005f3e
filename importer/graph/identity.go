package graph

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// Identity is who is signed in, as the access token says. A token that cannot
// be read gives the zero value: nothing is known.
type Identity struct {
	Known       bool
	App         bool   // no person is signed in
	ID          string // object id of the person or of the app's service principal
	Name        string // userPrincipalName or the app's display name
	AppID       string
	Tenant      string
	Permissions []string // application permissions, or the scopes that were delegated; sorted
	Roles       []string // template ids of the directory roles of a person
	Expires     time.Time
}

// Identity signs in and reads the token. Clients are asked not to look into
// tokens for Graph, whose form may change (learn.microsoft.com, "Access tokens
// in the Microsoft identity platform"): that none can be read is no error.
func (c *Client) Identity(ctx context.Context) (Identity, error) {
	token, err := c.credential.token(ctx)
	if err != nil {
		return Identity{}, err
	}
	claims, ok := claimsOf(token)
	if !ok {
		return Identity{}, nil
	}
	return claims.identity(), nil
}

// identity tells an application by idtyp, which tokens for Graph carry, and
// where it is missing by the scopes that only a person's token has
// (learn.microsoft.com, "Access token claims reference").
func (t tokenClaims) identity() Identity {
	scopes := strings.Fields(t.Scopes)
	id := Identity{
		Known: true, App: strings.EqualFold(t.Kind, "app") || t.Kind == "" && len(scopes) == 0,
		ID: t.Object, AppID: cmp.Or(t.App, t.Party), Tenant: t.Tenant,
	}
	if id.App {
		id.Name, id.Permissions = t.AppName, slices.Clone(t.Permissions)
	} else {
		id.Name, id.Permissions = cmp.Or(t.UserName, t.PreferredName, t.UniqueName), scopes
		id.Roles = slices.Clone(t.RoleTemplates)
	}
	slices.Sort(id.Permissions)
	if t.Expires > 0 {
		id.Expires = time.Unix(int64(t.Expires), 0).UTC()
	}
	return id
}
