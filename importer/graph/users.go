package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
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

	// The largest page /users gives (learn.microsoft.com, "List users").
	pageSize int32 = 999
)

// selected are the properties authmethod.User needs; by default /users gives
// others. The proxy addresses of everybody would double the answer, so they are
// there only where somebody is matched by them.
func selected(by ...authmethod.Attribute) []string {
	properties := []string{
		"id", "userPrincipalName", "displayName", "mail", "employeeId",
		"onPremisesSamAccountName", "onPremisesImmutableId", "onPremisesUserPrincipalName",
		"userType", "accountEnabled", "usageLocation",
	}
	if slices.Contains(by, authmethod.ProxyAddresses) {
		properties = append(properties, string(authmethod.ProxyAddresses))
	}
	return properties
}

// Users reads one page of everybody. next is empty for the first page and
// otherwise the nextLink the page before gave; nextLink is empty on the last.
// The attributes are those people will be matched by: the first page decides,
// for all of them, whether proxy addresses are read.
func (c *Client) Users(ctx context.Context, next string, by ...authmethod.Attribute) (people []authmethod.User, nextLink string, err error) {
	if next != "" {
		if err := c.checkLink(next); err != nil {
			return nil, "", fmt.Errorf("reading users: %w", err)
		}
	}
	body, err := c.get(ctx, func() (*abstractions.RequestInformation, error) {
		if next == "" {
			return c.usersRequest(ctx, nil, by...)
		}
		info, err := users.NewUsersRequestBuilder(next, c.adapter).ToGetRequestInformation(ctx, nil)
		if err == nil && strings.Contains(next, "count=true") {
			// A link repeats the query of an advanced one, not its header.
			info.Headers.Add("ConsistencyLevel", "eventual")
		}
		return info, err
	})
	if err != nil {
		return nil, "", fmt.Errorf("reading users: %w", err)
	}
	people, nextLink, err = decodeUsers(body)
	if err != nil {
		return nil, "", fmt.Errorf("reading users: %w", err)
	}
	return people, nextLink, nil
}

// usersRequest asks for everybody, or for whoever has one of the keys.
func (c *Client) usersRequest(ctx context.Context, keys []authmethod.Key, by ...authmethod.Attribute) (*abstractions.RequestInformation, error) {
	top := pageSize
	query := &users.UsersRequestBuilderGetQueryParameters{Select: selected(by...), Top: &top}
	if len(keys) > 0 {
		query.Select = selected(keys[0].Attribute)
		filter := filterOf(keys)
		query.Filter = &filter
	}
	if isAdvanced(keys) {
		count := true
		query.Count = &count
	}
	return c.usersBuilder().ToGetRequestInformation(ctx,
		&users.UsersRequestBuilderGetRequestConfiguration{QueryParameters: query})
}

// checkLink refuses a next link that would take the token somewhere else.
func (c *Client) checkLink(next string) error {
	link, err := url.Parse(next)
	if err != nil {
		return errors.New("the service's next link is not a URL")
	}
	if link.Scheme != c.base.Scheme || !strings.EqualFold(link.Host, c.base.Host) || link.User != nil {
		return fmt.Errorf("the service's next link leads away from %s, to %q", c.base.Host, clean(link.Host, 80))
	}
	return nil
}

// Organization is the tenant that is signed in to.
type Organization struct {
	ID, DisplayName string
	// VerifiedDomains are the names of its domains. None means that they are not
	// known: every tenant has one (learn.microsoft.com, organization resource type).
	VerifiedDomains []string
}

// Organization tells which tenant is signed in to. Without the permission to
// read it, the id comes from the access token, where that can be read, and the
// rest stays empty.
func (c *Client) Organization(ctx context.Context) (Organization, error) {
	body, err := c.get(ctx, func() (*abstractions.RequestInformation, error) {
		return organization.NewOrganizationRequestBuilderInternal(relative(), c.adapter).ToGetRequestInformation(ctx,
			&organization.OrganizationRequestBuilderGetRequestConfiguration{
				QueryParameters: &organization.OrganizationRequestBuilderGetQueryParameters{
					Select: []string{"id", "displayName", "verifiedDomains"},
				},
			})
	})
	if err != nil {
		if id := c.tenantOfToken(ctx, err); id != "" {
			return Organization{ID: id}, nil
		}
		return Organization{}, fmt.Errorf("reading the organization: %w", err)
	}
	var page struct {
		Value []struct {
			ID, DisplayName string
			VerifiedDomains []struct{ Name string }
		}
	}
	if err := json.Unmarshal(body, &page); err != nil || len(page.Value) == 0 || page.Value[0].ID == "" {
		return Organization{}, errors.New("reading the organization: the answer names none")
	}
	answer := page.Value[0]
	o := Organization{ID: answer.ID, DisplayName: answer.DisplayName}
	for _, domain := range answer.VerifiedDomains {
		o.VerifiedDomains = append(o.VerifiedDomains, domain.Name)
	}
	return o, nil
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
