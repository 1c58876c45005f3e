package survey

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"authseed/importer/dispatch"
	"authseed/importer/graph"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// Settings is the side of a tenant that tells what it is set to, and to whom.
type Settings interface {
	Identity(ctx context.Context) (graph.Identity, error)
	Domains(ctx context.Context) ([]graph.Domain, error)
	MethodsPolicy(ctx context.Context) (graph.MethodsPolicy, error)
	RoleAssignments(ctx context.Context, next string) ([]graph.RoleHolder, string, error)
	RoleEligibilities(ctx context.Context, next string) ([]graph.RoleHolder, string, error)
	RoleAssignableGroups(ctx context.Context, next string) ([]graph.Group, string, error)
	GroupMembers(ctx context.Context, group, next string) ([]string, string, error)
	GroupOwners(ctx context.Context, group, next string) ([]string, string, error)
	Administrators(ctx context.Context, next string) ([]string, string, error)
}

// Known is what a tenant tells about itself. What it does not tell this sign-in
// is nil in Facts, and its Notes say which permission is missing.
type Known struct {
	plan.Facts
	roles *roleBook
}

// ReadFacts reads what only the tenant's settings tell: five requests, two more
// for each group that roles may be given to, and one for each group that the
// methods policy names, where each has one page. A permission or a licence that is
// missing, and what the cloud does not have, make that fact unknown and no
// error; a sign-in or a network that fails ends it.
func ReadFacts(ctx context.Context, s Settings, organization graph.Organization, o Options) (*Known, error) {
	r := &factsReader{
		Settings: s, options: o, members: map[string]groupPeople{},
		known: &Known{Facts: plan.Facts{Notes: map[string]string{}}},
	}
	for _, read := range []func(context.Context, graph.Organization) error{r.identity, r.domains, r.policy, r.privileged} {
		if err := read(ctx, organization); err != nil {
			return nil, fmt.Errorf("reading the tenant's settings: %w", err)
		}
	}
	return r.known, nil
}

type factsReader struct {
	Settings
	options Options
	known   *Known
	members map[string]groupPeople // of the groups that were read, by id
	read    int
}

// groupPeople is who is in a group, or why that is not known.
type groupPeople struct {
	ids     []string
	unknown string
}

// note says something of a check.
func (r *factsReader) note(check, text string) {
	notes := r.known.Notes
	if before := notes[check]; before != "" {
		text = before + "; " + text
	}
	notes[check] = text
}

func (r *factsReader) identity(ctx context.Context, _ graph.Organization) error {
	id, err := r.Identity(ctx)
	if err != nil {
		return err
	}
	switch {
	case id.App:
		// An app has no methods; any id but a person's says so.
		r.known.SignedIn = cmp.Or(id.ID, id.AppID, "an app")
	case id.ID != "":
		r.known.SignedIn = id.ID
	default:
		r.note(string(authmethod.OwnAccount), "the access token does not say who is signed in")
	}
	return nil
}

// domains come with the organization, for whoever may read that.
func (r *factsReader) domains(ctx context.Context, organization graph.Organization) error {
	if r.known.VerifiedDomains = organization.VerifiedDomains; len(organization.VerifiedDomains) > 0 {
		return nil
	}
	list, err := ask(ctx, r, func(ctx context.Context) ([]graph.Domain, error) { return r.Domains(ctx) })
	unknown, err := unknown(err, "Organization.Read.All or Domain.Read.All")
	if err != nil {
		return err
	}
	for _, domain := range list {
		if domain.Verified {
			r.known.VerifiedDomains = append(r.known.VerifiedDomains, domain.Name)
		}
	}
	if unknown == "" && r.known.VerifiedDomains == nil {
		unknown = "the service names no domain of the tenant"
	}
	if unknown != "" {
		r.note(string(plan.OwnDomainEmail), unknown)
	}
	return nil
}

// ask makes one call, again where the service was too busy for it.
func ask[A any](ctx context.Context, r *factsReader, call func(context.Context) (A, error)) (A, error) {
	r.read++
	r.options.tell(Progress{Stage: "settings", Done: r.read})
	return dispatch.Once(ctx, r.options.Pacer, r.options.MaxWait, func(ctx context.Context) (A, dispatch.Verdict, error) {
		a, err := call(ctx)
		verdict := judgeFailure(err)
		if isMissing(err) {
			verdict = dispatch.Verdict{}
		}
		return a, verdict, err
	})
}

// askAll reads all pages of a list. A page that was read before ends it: a
// service that leads in a circle must not hold a plan up.
func askAll[A any](ctx context.Context, r *factsReader, page func(ctx context.Context, next string) ([]A, string, error)) ([]A, error) {
	type pageOf struct {
		items []A
		next  string
	}
	var all []A
	seen := map[string]bool{}
	for next := ""; ; {
		p, err := ask(ctx, r, func(ctx context.Context) (pageOf, error) {
			items, following, err := page(ctx, next)
			return pageOf{items, following}, err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, p.items...)
		if p.next == "" || seen[p.next] {
			return all, nil
		}
		seen[p.next], next = true, p.next
	}
}

// isMissing reports an error that makes one fact unknown: a permission or a
// licence is missing, or the cloud has nothing like it. An address that a cloud
// does not know it calls a bad request.
func isMissing(err error) bool {
	var refused *graph.Error
	switch {
	case err == nil:
		return false
	case graph.IsForbidden(err), graph.IsUnlicensed(err), errors.Is(err, errors.ErrUnsupported):
		return true
	case !errors.As(err, &refused):
		return false
	}
	switch refused.Status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	}
	return false
}

// unknown says in words why something cannot be known, which the permission
// would change, and gives back an error that is another.
func unknown(err error, permission string) (why string, other error) {
	var refused *graph.Error
	switch {
	case !isMissing(err):
		return "", err
	case graph.IsUnlicensed(err):
		return "the tenant's licence does not have it", nil
	case graph.IsForbidden(err):
		return "the sign-in lacks " + permission, nil
	case errors.As(err, &refused):
		return strings.TrimSpace(fmt.Sprintf("the service does not tell here: %d %s", refused.Status, refused.Code)), nil
	}
	return "this cloud does not have it", nil
}

// groupPermission is what reading the members and owners of groups takes
// (learn.microsoft.com, "List group transitive members").
const groupPermission = "GroupMember.Read.All"

// membersOf reads who is in a group and in those within it, once. A group that
// is gone has nobody in it.
func (r *factsReader) membersOf(ctx context.Context, id string) (groupPeople, error) {
	if people, read := r.members[id]; read {
		return people, nil
	}
	people, err := r.peopleOf(ctx, id, r.GroupMembers)
	if err == nil {
		r.members[id] = people
	}
	return people, err
}

func (r *factsReader) peopleOf(ctx context.Context, id string, page func(ctx context.Context, group, next string) ([]string, string, error)) (groupPeople, error) {
	ids, err := askAll(ctx, r, func(ctx context.Context, next string) ([]string, string, error) { return page(ctx, id, next) })
	var refused *graph.Error
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		return groupPeople{}, nil
	}
	why, err := unknown(err, groupPermission)
	return groupPeople{ids, why}, err
}
