package graph

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/organization"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"authseed/mapping/authmethod"
)

const (
	// MaxFindKeys is how many values the service takes in one "in" filter
	// (developer.microsoft.com/graph/known-issues, 13635).
	MaxFindKeys = 15

	// The same page: a longer value makes the whole filter invalid.
	maxFilterValue = 120

	// Graph refuses addresses of more than 2,048 characters; this is what the
	// values may take of it, encoded, beside the path and the $select.
	maxFilterText = 1500
)

// Wanted is what is read of people beside their names and whether they may be
// written to at all. Everything else of [authmethod.User] stays empty: a page
// carries 999 people, and what nobody uses is not asked for.
type Wanted struct {
	By        []authmethod.Attribute // what they are matched by
	Location  bool                   // usageLocation
	Place     bool                   // department and country
	Directory bool                   // mobilePhone, businessPhones and otherMails
}

// Scope is whom a page of people is of; the zero value is everybody.
type Scope struct {
	Filter string // an OData $filter as the administrator gave it
	Group  string // object id: only members of the group, those of groups in it too
}

// properties are those of Graph's user resource that fill what is wanted; by
// default /users gives others.
func (w Wanted) properties() []string {
	properties := []string{
		"id", "userPrincipalName", "displayName", "userType", "accountEnabled",
		"isManagementRestricted", "creationType", "onPremisesSyncEnabled",
	}
	for _, a := range w.By {
		if !slices.Contains(properties, string(a)) {
			properties = append(properties, string(a))
		}
	}
	if w.Location {
		properties = append(properties, "usageLocation")
	}
	if w.Place {
		properties = append(properties, "department", "country")
	}
	if w.Directory {
		properties = append(properties, "mobilePhone", "businessPhones", "otherMails")
	}
	return properties
}

// Users reads one page of people. next is empty for the first page and
// otherwise the nextLink the page before gave, and then the scope and what is
// wanted are those of the first page; nextLink is empty on the last.
func (c *Client) Users(ctx context.Context, next string, scope Scope, want Wanted) (people []authmethod.User, nextLink string, err error) {
	what := reading{did: "reading users"}
	if scope.Group != "" {
		what = reading{"reading the people of a group", "User.Read.All and " + needsGroups}
	}
	page, nextLink, err := listed[person](ctx, c, what, next, func() (*abstractions.RequestInformation, error) {
		return c.scopeRequest(ctx, scope, want)
	})
	if err == nil {
		people, err = usersOf(page)
	}
	if err != nil {
		return nil, "", err
	}
	return people, nextLink, nil
}

// scopeRequest asks for the first page of a scope. A filter of somebody's own
// is sent as an advanced query: some need it, and those that do not may be one
// (learn.microsoft.com, "Advanced query capabilities on Microsoft Entra ID
// objects"). Tenants of Azure AD B2C have no advanced queries, and no methods
// that could be written either.
func (c *Client) scopeRequest(ctx context.Context, scope Scope, want Wanted) (*abstractions.RequestInformation, error) {
	if scope.Group != "" {
		return peopleOfGroup(scope.Group, scope, want.properties()), nil
	}
	top, count := pageSize, true
	query := &users.UsersRequestBuilderGetQueryParameters{Select: want.properties(), Top: &top}
	if scope.Filter != "" {
		query.Filter, query.Count = &scope.Filter, &count
	}
	info, err := c.usersBuilder().ToGetRequestInformation(ctx,
		&users.UsersRequestBuilderGetRequestConfiguration{QueryParameters: query})
	if err == nil && scope.Filter != "" {
		askEventual(info)
	}
	return info, err
}

// CountUsers asks how many people the tenant has, guests and disabled ones
// too. The count comes from an index, and is a little behind.
func (c *Client) CountUsers(ctx context.Context) (int, error) {
	body, err := c.get(ctx, func() (*abstractions.RequestInformation, error) {
		info, err := c.usersBuilder().Count().ToGetRequestInformation(ctx, nil)
		if err == nil {
			askEventual(info)
		}
		return info, err
	})
	counting := reading{"counting users", "User.ReadBasic.All"}
	if err != nil {
		return 0, counting.wrap(err)
	}
	// The answer is plain text, which may begin with a byte order mark.
	count, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(string(body), "\ufeff")))
	if err != nil || count < 0 {
		return 0, counting.wrap(errors.New(problemBody))
	}
	return count, nil
}

// findRequest asks for whoever has one of the keys.
func (c *Client) findRequest(ctx context.Context, keys []authmethod.Key, want Wanted) (*abstractions.RequestInformation, error) {
	want.By = append(slices.Clip(want.By), keys[0].Attribute)
	top, filter := pageSize, filterOf(keys)
	query := &users.UsersRequestBuilderGetQueryParameters{Select: want.properties(), Top: &top, Filter: &filter}
	if isAdvanced(keys) {
		count := true
		query.Count = &count
	}
	return c.usersBuilder().ToGetRequestInformation(ctx,
		&users.UsersRequestBuilderGetRequestConfiguration{QueryParameters: query})
}

// Organization is the tenant that is signed in to.
type Organization struct {
	ID, DisplayName string
	// VerifiedDomains are the names of its domains. None means that they are not
	// known: every tenant has one (learn.microsoft.com, organization resource type).
	VerifiedDomains []string
	Type            string // "AAD", "AAD B2C", ...; empty where it is not known
	Country         string // ISO 3166 alpha-2: the tenant's default usage location, else its own country; may be empty
	Synchronized    bool   // with an on-premises directory
}

// Organization tells which tenant is signed in to. Without the permission to
// read it, the id comes from the access token, where that can be read, and the
// rest stays empty.
func (c *Client) Organization(ctx context.Context) (Organization, error) {
	page, _, err := listed[organizationAnswer](ctx, c, reading{did: "reading the organization"}, "", func() (*abstractions.RequestInformation, error) {
		return organization.NewOrganizationRequestBuilderInternal(relative(), c.adapter).ToGetRequestInformation(ctx,
			&organization.OrganizationRequestBuilderGetRequestConfiguration{
				QueryParameters: &organization.OrganizationRequestBuilderGetQueryParameters{Select: []string{
					"id", "displayName", "verifiedDomains", "tenantType", "defaultUsageLocation", "countryLetterCode", "onPremisesSyncEnabled",
				}},
			})
	})
	switch {
	case err != nil:
		if id := c.tenantOfToken(ctx, err); id != "" {
			return Organization{ID: id}, nil
		}
		return Organization{}, err
	case len(page) == 0 || page[0].ID == "":
		return Organization{}, errors.New("reading the organization: the answer names none")
	}
	return page[0].organization(), nil
}

// organizationAnswer is the service's organization, as far as it is used.
type organizationAnswer struct {
	ID, DisplayName                         string
	VerifiedDomains                         []struct{ Name string }
	TenantType                              string
	DefaultUsageLocation, CountryLetterCode string
	OnPremisesSyncEnabled                   bool // null where it never was
}

func (a organizationAnswer) organization() Organization {
	o := Organization{
		ID: a.ID, DisplayName: a.DisplayName, Type: a.TenantType,
		Country:      strings.ToUpper(cmp.Or(a.DefaultUsageLocation, a.CountryLetterCode)),
		Synchronized: a.OnPremisesSyncEnabled,
	}
	for _, domain := range a.VerifiedDomains {
		if domain.Name != "" {
			o.VerifiedDomains = append(o.VerifiedDomains, domain.Name)
		}
	}
	return o
}

func (c *Client) tenantOfToken(ctx context.Context, cause error) string {
	var refused *Error
	if !errors.As(cause, &refused) || refused.Status != http.StatusForbidden {
		return ""
	}
	token, err := c.credential.token(ctx)
	if err != nil {
		return ""
	}
	claims, _ := claimsOf(token)
	return claims.Tenant
}

// FindBatches splits keys into lists that fit one [Find] request each: of one
// attribute, at most [MaxFindKeys], short enough for an address. A key that is
// there twice is asked for once, and one that can name nobody, empty, longer
// than anything the service compares or an object id that is no GUID, is not
// asked for at all: one such value would make Graph refuse the others with it.
func FindBatches(keys []authmethod.Key) [][]authmethod.Key {
	type open struct {
		keys []authmethod.Key
		size int
	}
	var batches [][]authmethod.Key
	var order []authmethod.Attribute
	pending := map[authmethod.Attribute]*open{}
	seen := map[string]bool{}
	for _, key := range keys {
		key.Value = strings.TrimSpace(key.Value)
		if seen[key.Folded()] || !canName(key) {
			continue
		}
		seen[key.Folded()] = true
		b := pending[key.Attribute]
		if b == nil {
			b = &open{}
			pending[key.Attribute] = b
			order = append(order, key.Attribute)
		}
		size := escapedLen(operand(key) + separator(key.Attribute))
		if len(b.keys) == MaxFindKeys || b.size+size > maxFilterText {
			batches = append(batches, b.keys)
			*b = open{}
		}
		b.keys = append(b.keys, key)
		b.size += size
	}
	for _, attribute := range order {
		batches = append(batches, pending[attribute].keys)
	}
	return batches
}

// escapedLen is the length of the text in an address, where a space takes as
// much as any other escaped byte.
func escapedLen(text string) int {
	return len(strings.ReplaceAll(url.QueryEscape(text), "+", "%20"))
}

func canName(key authmethod.Key) bool {
	if utf8.RuneCountInString(compared(key)) > maxFilterValue {
		return false
	}
	if key.Attribute == authmethod.ID {
		_, err := uuid.Parse(key.Value)
		return err == nil && len(key.Value) == 36
	}
	return key.Text() != ""
}

// isAdvanced reports whether Graph compares the keys' attribute only for those
// who send ConsistencyLevel: eventual and $count=true (learn.microsoft.com,
// "Advanced query capabilities on Microsoft Entra ID objects", properties of
// users).
func isAdvanced(keys []authmethod.Key) bool {
	if len(keys) == 0 {
		return false
	}
	a := keys[0].Attribute
	return a == authmethod.OnPremisesSamAccountName || a == authmethod.OnPremisesImmutableID
}

// filterOf writes the filter that finds whoever has one of the keys. A
// collection is not compared with "in", only with any and eq, for which no
// advanced query is needed (the page named above).
func filterOf(keys []authmethod.Key) string {
	attribute := keys[0].Attribute
	operands := make([]string, len(keys))
	for i, key := range keys {
		operands[i] = operand(key)
	}
	list := strings.Join(operands, separator(attribute))
	if attribute == authmethod.ProxyAddresses {
		return list
	}
	return string(attribute) + " in (" + list + ")"
}

// operand is a key's own part of a filter.
func operand(key authmethod.Key) string {
	value := quote(compared(key))
	if key.Attribute == authmethod.ProxyAddresses {
		return string(key.Attribute) + "/any(p:p eq " + value + ")"
	}
	return value
}

// separator stands between operands.
func separator(a authmethod.Attribute) string {
	if a == authmethod.ProxyAddresses {
		return " or "
	}
	return ","
}

// compared is what the service compares a key with. Proxy addresses hold their
// type, which tells a primary address by capitals that do not count here.
func compared(key authmethod.Key) string {
	if key.Attribute == authmethod.ProxyAddresses {
		return "smtp:" + key.Text()
	}
	return key.Text()
}

// quote writes an OData string, in which an apostrophe is doubled.
func quote(value string) string { return "'" + strings.ReplaceAll(value, "'", "''") + "'" }
