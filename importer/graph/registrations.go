package graph

import (
	"context"
	"strings"
	"time"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/reports"

	"authseed/mapping/authmethod"
)

// Registration is a line of the tenant's registration report: which kinds of
// methods a person has, never their values. It is hours old and leaves disabled
// accounts out (learn.microsoft.com, userRegistrationDetails resource type).
type Registration struct {
	User              string // object id
	UserPrincipalName string
	Guest             bool
	Admin             bool // holds an administrator's role, as the report sees it

	SSPREnabled    bool // the tenant's policy lets the person reset a password
	SSPRRegistered bool // has as many methods as the tenant requires
	SSPRCapable    bool // both

	Has     [authmethod.Count]bool // of the four kinds
	Others  []string               // methods of other kinds, as the service spells them
	Updated time.Time              // when the report was made, not when somebody registered; zero where it does not say
}

// Registrations reads a page of the report; next as in [Client.Users]. Without
// a P1 or P2 licence the service refuses it, see [IsUnlicensed].
func (c *Client) Registrations(ctx context.Context, next string) (page []Registration, nextLink string, err error) {
	details, nextLink, err := c.registrations(ctx, next, nil, registrationProperties)
	if err != nil {
		return nil, "", err
	}
	page = make([]Registration, 0, len(details))
	for _, d := range details {
		if d.ID != "" { // of a person that has left since, perhaps
			page = append(page, d.registration())
		}
	}
	return page, nextLink, nil
}

// Administrators reads of the report a page of the object ids of those who hold
// an administrator's role, as the report sees it; next and licence as in
// [Client.Registrations].
func (c *Client) Administrators(ctx context.Context, next string) (ids []string, nextLink string, err error) {
	filter := "isAdmin eq true"
	details, nextLink, err := c.registrations(ctx, next, &filter, []string{"id"})
	if err != nil {
		return nil, "", err
	}
	for _, d := range details {
		if d.ID != "" {
			ids = append(ids, d.ID)
		}
	}
	return ids, nextLink, nil
}

func (c *Client) registrations(ctx context.Context, next string, filter *string, properties []string) ([]registrationDetails, string, error) {
	// The page of the operation names neither $top nor $select, but both work in
	// what others run; that $top does is a tenth of the requests.
	top := pageSize
	return listed[registrationDetails](ctx, c, reading{"reading the registration report", "AuditLog.Read.All"}, next, func() (*abstractions.RequestInformation, error) {
		return reports.NewAuthenticationMethodsUserRegistrationDetailsRequestBuilderInternal(relative(), c.adapter).ToGetRequestInformation(ctx,
			&reports.AuthenticationMethodsUserRegistrationDetailsRequestBuilderGetRequestConfiguration{
				QueryParameters: &reports.AuthenticationMethodsUserRegistrationDetailsRequestBuilderGetQueryParameters{
					Top: &top, Select: properties, Filter: filter,
				},
			})
	})
}

var registrationProperties = []string{
	"id", "userPrincipalName", "userType", "isAdmin",
	"isSsprEnabled", "isSsprRegistered", "isSsprCapable", "methodsRegistered", "lastUpdatedDateTime",
}

// registrationDetails is the service's userRegistrationDetails, as far as it
// is used.
type registrationDetails struct {
	ID, UserPrincipalName, UserType string

	IsAdmin                                        bool
	IsSSPREnabled, IsSSPRRegistered, IsSSPRCapable bool
	MethodsRegistered                              []string
	LastUpdatedDateTime                            string
}

func (d registrationDetails) registration() Registration {
	r := Registration{
		User: d.ID, UserPrincipalName: d.UserPrincipalName,
		Guest: strings.EqualFold(d.UserType, "guest"), Admin: d.IsAdmin,
		SSPREnabled: d.IsSSPREnabled, SSPRRegistered: d.IsSSPRRegistered, SSPRCapable: d.IsSSPRCapable,
	}
	// A time that cannot be read is one that is not said.
	r.Updated, _ = time.Parse(time.RFC3339, d.LastUpdatedDateTime)
	for _, name := range d.MethodsRegistered {
		if kind, known := registeredKinds[strings.ToLower(name)]; known {
			r.Has[kind] = true
		} else if name != "" {
			r.Others = append(r.Others, name)
		}
	}
	return r
}

// registeredKinds reads methodsRegistered, in lower case. The page of the
// resource shows mobilePhone and email; of the others no list is given. How an
// alternate mobile and an office phone are spelled is unverified, so that each
// way they are called elsewhere in Graph and in the portal is taken.
var registeredKinds = map[string]authmethod.Kind{
	"email":        authmethod.Email,
	"emailaddress": authmethod.Email,

	"mobilephone": authmethod.Mobile,
	"mobile":      authmethod.Mobile,

	"alternatemobilephone":   authmethod.AlternateMobile,
	"alternatemobile":        authmethod.AlternateMobile,
	"alternatephone":         authmethod.AlternateMobile,
	"alternativemobilephone": authmethod.AlternateMobile,

	"officephone":   authmethod.Office,
	"office":        authmethod.Office,
	"businessphone": authmethod.Office,
}
