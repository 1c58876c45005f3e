package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	abstractions "github.com/microsoft/kiota-abstractions-go"
)

// The largest page that /users and the collections of groups give
// (learn.microsoft.com, "Paging Microsoft Graph data in your app").
const pageSize int32 = 999

var pageSizeText = strconv.Itoa(int(pageSize))

// requestFunc builds a request. It is called once for every time it is sent.
type requestFunc = func() (*abstractions.RequestInformation, error)

// reading is something that is read, for its errors.
type reading struct {
	did   string // what goes before each error
	needs string // the least application permission (learn.microsoft.com, "Microsoft Graph permissions reference")
}

// wrap puts what was read before an error, and the permission into a refusal.
func (r reading) wrap(err error) error {
	var refused *Error
	if errors.As(err, &refused) {
		refused.needs = r.needs
	}
	return fmt.Errorf("%s: %w", r.did, err)
}

// listed reads a page of a collection, the first of which is asked for with
// first.
func listed[T any](ctx context.Context, c *Client, what reading, next string, first requestFunc) (items []T, nextLink string, err error) {
	build := first
	if next != "" {
		if err := c.checkLink(next); err != nil {
			return nil, "", what.wrap(err)
		}
		build = func() (*abstractions.RequestInformation, error) { return linkRequest(next), nil }
	}
	body, err := c.get(ctx, build)
	if err == nil {
		items, nextLink, err = decodePage[T](body)
	}
	if err != nil {
		return nil, "", what.wrap(err)
	}
	return items, nextLink, nil
}

// every reads all pages of a collection that is short everywhere.
func every[T any](ctx context.Context, c *Client, what reading, first requestFunc) ([]T, error) {
	var all []T
	seen := map[string]bool{}
	for next := ""; ; {
		items, link, err := listed[T](ctx, c, what, next, first)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
		if link == "" {
			return all, nil
		}
		if seen[link] {
			return nil, what.wrap(errors.New("the service's next link leads back to a page that was read"))
		}
		seen[link], next = true, link
	}
}

// single reads one object.
func single[T any](ctx context.Context, c *Client, what reading, build requestFunc) (T, error) {
	var object *T
	body, err := c.get(ctx, build)
	if err == nil && (json.Unmarshal(body, &object) != nil || object == nil) {
		err = errors.New(problemBody)
	}
	if err != nil {
		var none T
		return none, what.wrap(err)
	}
	return *object, nil
}

// decodePage reads {"value":[...],"@odata.nextLink":"..."}. What is null or
// missing in an item is its zero value; an item that is null is none.
func decodePage[T any](body []byte) (items []T, nextLink string, err error) {
	var page struct {
		Value    *[]*T
		NextLink string `json:"@odata.nextLink"`
	}
	if err := json.Unmarshal(body, &page); err != nil || page.Value == nil {
		return nil, "", errors.New(problemBody)
	}
	items = make([]T, 0, len(*page.Value))
	for _, item := range *page.Value {
		if item != nil {
			items = append(items, *item)
		}
	}
	return items, page.NextLink, nil
}

// linkRequest follows a next link that was checked. A link repeats the query of
// an advanced one, not its header (learn.microsoft.com, "Advanced query
// capabilities on Microsoft Entra ID objects").
func linkRequest(next string) *abstractions.RequestInformation {
	info := abstractions.NewRequestInformationWithMethodAndUrlTemplateAndPathParameters(
		abstractions.GET, "{+baseurl}", map[string]string{"request-raw-url": next})
	info.Headers.TryAdd("Accept", jsonType)
	if strings.Contains(next, "count=true") {
		askEventual(info)
	}
	return info
}

const (
	consistencyLevel = "ConsistencyLevel"
	eventual         = "eventual"
)

// askEventual lets the service answer from the index that advanced queries
// need.
func askEventual(info *abstractions.RequestInformation) { info.Headers.Add(consistencyLevel, eventual) }

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

// groupsRequest asks for groups, or for what is in one where below is
// "/{group}/owners" or the like. The SDK's package for groups is as large as
// that for users and takes as long again to build, for three addresses; they
// are written here in the way its builders write theirs.
func groupsRequest(below, group string, query map[string]string) *abstractions.RequestInformation {
	names := make([]string, 0, len(query))
	for name := range query {
		names = append(names, "%24"+name)
	}
	slices.Sort(names)
	parameters := relative()
	parameters["group"] = group
	info := abstractions.NewRequestInformationWithMethodAndUrlTemplateAndPathParameters(
		abstractions.GET, "{+baseurl}/groups"+below+"{?"+strings.Join(names, ",")+"}", parameters)
	for name, value := range query {
		info.QueryParametersAny["%24"+name] = value
	}
	info.Headers.TryAdd("Accept", jsonType)
	return info
}
