package graph

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	abstractions "github.com/microsoft/kiota-abstractions-go"

	"authseed/mapping/authmethod"
)

// Moved is somebody who has joined, left, or changed in what is asked for. Of
// who left there is the object id alone; of others, at least what has changed
// (learn.microsoft.com, "Use delta query to track changes in Microsoft Graph
// data").
type Moved struct {
	User authmethod.User
	Left bool
}

// Moves is a page of what has happened to the directory. One of the links is
// empty: Next leads to the page behind it, and Since, on the last, to whatever
// happens from here on.
type Moves struct {
	People      []Moved
	Next, Since string
}

// ForgottenError is a link of [Moves] that the service does not know any more:
// what has happened since is not to be found out. It keeps them for seven days
// (the page named above).
type ForgottenError struct{ Err *Error }

func (e *ForgottenError) Error() string {
	return "the service no longer knows what has changed since the last time"
}

func (e *ForgottenError) Unwrap() error { return e.Err }

// UsersMoved reads a page of who has moved since a link of an earlier answer, by
// what they are matched by, their location, type and whether they may sign in.
// Without link it is an answer that names nobody, whose Since is this moment.
// What people have registered is no part of it.
func (c *Client) UsersMoved(ctx context.Context, link string, want Wanted) (Moves, error) {
	what := reading{did: "reading what has changed in the directory", needs: "User.Read.All"}
	build := func() (*abstractions.RequestInformation, error) { return movedRequest(want.tracked()), nil }
	if link != "" {
		if err := c.checkLink(link); err != nil {
			return Moves{}, what.wrap(err)
		}
		build = func() (*abstractions.RequestInformation, error) { return linkRequest(link), nil }
	}
	body, err := c.get(ctx, build)
	var refused *Error
	if errors.As(err, &refused) && link != "" && forgotten(refused) {
		return Moves{}, &ForgottenError{refused}
	}
	var moves Moves
	if err == nil {
		moves, err = decodeMoves(body)
	}
	if err != nil {
		return Moves{}, what.wrap(err)
	}
	return moves, nil
}

// forgotten reports an answer to a link that is too old, or whose state the
// service has lost (the page named above, synchronization reset and token
// duration).
func forgotten(e *Error) bool {
	return e.Status == http.StatusGone || e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound
}

// tracked are the properties whose change is a move: what people are matched by,
// where they live, and whether they are planned at all. That the others of
// [Wanted] can be tracked is not said anywhere, and none of them is needed.
func (w Wanted) tracked() []string {
	properties := []string{"id", "userPrincipalName", "userType", "accountEnabled"}
	for _, a := range w.By {
		if !slices.Contains(properties, string(a)) {
			properties = append(properties, string(a))
		}
	}
	if w.Location {
		properties = append(properties, "usageLocation")
	}
	return properties
}

// movedRequest asks for a link alone. The SDK's builder knows no $deltatoken.
func movedRequest(properties []string) *abstractions.RequestInformation {
	info := abstractions.NewRequestInformationWithMethodAndUrlTemplateAndPathParameters(
		abstractions.GET, "{+baseurl}/users/delta{?%24deltatoken,%24select}", relative())
	info.QueryParametersAny["%24deltatoken"] = "latest"
	info.QueryParametersAny["%24select"] = strings.Join(properties, ",")
	info.Headers.TryAdd("Accept", jsonType)
	return info
}

func decodeMoves(body []byte) (m Moves, err error) {
	type moved struct {
		person
		Removed json.RawMessage `json:"@removed"`
	}
	page, next, err := decodePage[moved](body)
	if err != nil {
		return m, err
	}
	var end struct {
		Since string `json:"@odata.deltaLink"`
	}
	if json.Unmarshal(body, &end) != nil || (next == "") == (end.Since == "") {
		return m, errors.New(problemBody)
	}
	m.Next, m.Since = next, end.Since
	for _, p := range page {
		if p.ID == "" {
			return m, errors.New("the answer holds a person without an id")
		}
		m.People = append(m.People, Moved{p.user(), p.Removed != nil})
	}
	return m, nil
}
