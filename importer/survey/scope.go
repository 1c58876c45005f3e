package survey

import (
	"context"
	"fmt"

	"authseed/importer/dispatch"
	"authseed/importer/graph"
	"authseed/importer/pace"
	"authseed/mapping/authmethod"
)

// Everybody pages the people of a scope and gives each of them once, in the order
// of the service.
func Everybody(ctx context.Context, r Reader, scope graph.Scope, want graph.Wanted, o Options, take func(authmethod.User)) error {
	seen := map[string]bool{}
	_, err := pages(ctx, o, "", func(ctx context.Context, next string) ([]authmethod.User, string, error) {
		return r.Users(ctx, next, scope, want)
	}, func(page []authmethod.User) bool {
		for _, u := range page {
			// Somebody may be on two pages while the directory changes.
			if !seen[u.ID] {
				seen[u.ID] = true
				take(u)
			}
		}
		o.tell(Progress{Stage: "people", Done: len(seen)})
		return true
	})
	if err != nil {
		return fmt.Errorf("reading the tenant's users: %w", err)
	}
	return nil
}

// Grouper is the side of a tenant that knows its groups.
type Grouper interface {
	GroupsNamed(ctx context.Context, nameOrID string) ([]graph.Group, error)
}

// GroupsNamed finds the groups with this display name, of which there may be
// several, or with this object id.
func GroupsNamed(ctx context.Context, g Grouper, nameOrID string, o Options) ([]graph.Group, error) {
	groups, err := dispatch.Once(ctx, pace.NewPacer(pace.Limits{}), o.MaxWait, func(ctx context.Context) ([]graph.Group, dispatch.Verdict, error) {
		groups, err := g.GroupsNamed(ctx, nameOrID)
		return groups, judgeFailure(err), err
	})
	if err != nil {
		return nil, fmt.Errorf("looking the group up: %w", err)
	}
	return groups, nil
}
