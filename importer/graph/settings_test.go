package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/mapping/authmethod"
)

const aGroup = "dddddddd-0000-4000-8000-000000000004"

// pageOf is what the operations that give pages give.
type pageOf[T any] struct {
	Items []T
	Next  string
}

func asPage[T any](items []T, next string, err error) (any, error) {
	return pageOf[T]{items, next}, err
}

func has(kinds ...authmethod.Kind) (has [authmethod.Count]bool) {
	for _, k := range kinds {
		has[k] = true
	}
	return has
}

// settings are the operations that read what the tenant is like: what each
// asks for, and what it makes of an answer in which things are null, missing
// and spelled in other letter case.
var settings = []struct {
	name     string
	read     func(context.Context, *Client) (any, error)
	path     string // and query, without escapes
	eventual bool   // asks for ConsistencyLevel: eventual
	body     string
	want     any
	needs    string
}{
	{
		"registrations", func(ctx context.Context, c *Client) (any, error) { return asPage(c.Registrations(ctx, "")) },
		"/reports/authenticationMethods/userRegistrationDetails?$select=id,userPrincipalName,userType,isAdmin,isSsprEnabled,isSsprRegistered,isSsprCapable,methodsRegistered,lastUpdatedDateTime&$top=999", false,
		`{"@odata.nextLink":"https://graph.microsoft.com/v1.0/x","value":[
			{"id":"1","userPrincipalName":"kim@contoso.example","userType":"member","isAdmin":true,"isSsprEnabled":true,"isSsprRegistered":true,"isSsprCapable":true,
			 "methodsRegistered":["mobilePhone","email","microsoftAuthenticatorPush",null],"lastUpdatedDateTime":"2026-11-23T10:00:00.1234567Z"},
			{"id":"2","userType":"guest","isAdmin":null,"methodsRegistered":["AlternateMobilePhone","OFFICEPHONE"],"lastUpdatedDateTime":"soon"},
			{"id":"3","userType":null,"userPrincipalName":null,"methodsRegistered":null,"lastUpdatedDateTime":null},
			{"id":null},null]}`,
		pageOf[Registration]{[]Registration{
			{
				User: "1", UserPrincipalName: "kim@contoso.example", Admin: true, SSPREnabled: true, SSPRRegistered: true, SSPRCapable: true,
				Has: has(authmethod.Mobile, authmethod.Email), Others: []string{"microsoftAuthenticatorPush"}, Updated: time.Date(2026, 11, 23, 10, 0, 0, 123456700, time.UTC),
			},
			{User: "2", Guest: true, Has: has(authmethod.AlternateMobile, authmethod.Office)},
			{User: "3"},
		}, "https://graph.microsoft.com/v1.0/x"}, "AuditLog.Read.All",
	},
	{
		"role assignments", func(ctx context.Context, c *Client) (any, error) { return asPage(c.RoleAssignments(ctx, "")) },
		"/roleManagement/directory/roleAssignments?$expand=principal", false,
		`{"value":[
			{"id":"a","principalId":"1","roleDefinitionId":"r","directoryScopeId":"/","principal":{"@odata.type":"#microsoft.graph.user","id":"1","mail":7}},
			{"principalId":"2","roleDefinitionId":"r","directoryScopeId":null,"appScopeId":"/AccessPackageCatalog/x","principal":{"@odata.type":"#Microsoft.Graph.group","id":"2"}},
			{"principalId":"3","principal":null},{"principalId":null,"principal":{"id":"4"}},{"principal":{}}]}`,
		pageOf[RoleHolder]{[]RoleHolder{
			{Role: "r", ID: "1", Scope: "/"}, {Role: "r", ID: "2", Group: true, Scope: "/AccessPackageCatalog/x"}, {ID: "3"}, {ID: "4"},
		}, ""}, "RoleManagement.Read.Directory",
	},
	{
		"role eligibilities", func(ctx context.Context, c *Client) (any, error) { return asPage(c.RoleEligibilities(ctx, "")) },
		"/roleManagement/directory/roleEligibilitySchedules?$expand=principal", false,
		`{"value":[{"principalId":"1","roleDefinitionId":"r","directoryScopeId":"/","status":"Provisioned"}],"@odata.nextLink":null}`,
		pageOf[RoleHolder]{[]RoleHolder{{Role: "r", ID: "1", Scope: "/"}}, ""}, "RoleEligibilitySchedule.Read.Directory",
	},
	{
		"role-assignable groups", func(ctx context.Context, c *Client) (any, error) { return asPage(c.RoleAssignableGroups(ctx, "")) },
		"/groups?$filter=isAssignableToRole eq true&$select=id,displayName&$top=999", false,
		`{"value":[{"id":"1","displayName":"Admins"},{"id":"2","displayName":null},{"displayName":"nobody"}]}`,
		pageOf[Group]{[]Group{{"1", "Admins"}, {"2", ""}}, ""}, "GroupMember.Read.All",
	},
	{
		"groups by name", func(ctx context.Context, c *Client) (any, error) { return c.GroupsNamed(ctx, "R&D, O'Neil's #1") },
		"/groups?$filter=displayName eq 'R&D, O''Neil''s #1'&$select=id,displayName&$top=999", false,
		`{"value":[{"id":"1","displayName":"R&D, O'Neil's #1"},{"id":"2","displayName":"r&d, o'neil's #1"}]}`,
		[]Group{{"1", "R&D, O'Neil's #1"}, {"2", "r&d, o'neil's #1"}}, "GroupMember.Read.All",
	},
	{
		"groups by id", func(ctx context.Context, c *Client) (any, error) { return c.GroupsNamed(ctx, aGroup) },
		"/groups/" + aGroup + "?$select=id,displayName", false,
		`{"id":"` + aGroup + `","displayName":null}`, []Group{{ID: aGroup}}, "GroupMember.Read.All",
	},
	{
		"members", func(ctx context.Context, c *Client) (any, error) { return asPage(c.GroupMembers(ctx, aGroup, "")) },
		"/groups/" + aGroup + "/transitiveMembers/microsoft.graph.user?$count=true&$select=id&$top=999", true,
		`{"@odata.count":3,"value":[{"id":"1"},{"id":null},{"id":"2"}]}`, pageOf[string]{[]string{"1", "2"}, ""}, "GroupMember.Read.All",
	},
	{
		"owners", func(ctx context.Context, c *Client) (any, error) { return asPage(c.GroupOwners(ctx, aGroup, "")) },
		"/groups/" + aGroup + "/owners?$select=id&$top=999", false,
		`{"value":[{"@odata.type":"#microsoft.graph.user","id":"1"},{"@odata.type":"#microsoft.graph.servicePrincipal","id":"2"},{"id":"3"}]}`,
		pageOf[string]{[]string{"1", "3"}, ""}, "GroupMember.Read.All",
	},
	{
		"methods policy", func(ctx context.Context, c *Client) (any, error) { return c.MethodsPolicy(ctx) },
		"/policies/authenticationMethodsPolicy", false,
		`{"id":"authenticationMethodsPolicy","policyMigrationState":"premigration","authenticationMethodConfigurations":[
			{"@odata.type":"#microsoft.graph.smsAuthenticationMethodConfiguration","id":"Sms","state":"enabled",
			 "includeTargets":[{"targetType":"group","id":"all_users","isRegistrationRequired":false,"isUsableForSignIn":true},{"id":""}],"excludeTargets":[{"targetType":"User","id":"7"}]},
			{"id":"Voice","state":"disabled","isOfficePhoneAllowed":true,"includeTargets":null,"excludeTargets":null},
			{"id":"Email","state":null},{"id":null}]}`,
		MethodsPolicy{MigrationState: "preMigration", Methods: map[string]MethodConfiguration{
			"sms":   {Enabled: true, Include: []Target{{ID: AllUsers, UsableForSignIn: true}}, Exclude: []Target{{ID: "7", IsUser: true}}},
			"voice": {OfficePhoneAllowed: true},
			"email": {},
		}}, "Policy.Read.AuthenticationMethod",
	},
	{
		"administrators", func(ctx context.Context, c *Client) (any, error) { return c.AdminsMayReset(ctx) },
		"/policies/authorizationPolicy", false, `{"allowedToUseSSPR":false}`, false, "Policy.Read.All",
	},
	{
		"administrators, not said", func(ctx context.Context, c *Client) (any, error) { return c.AdminsMayReset(ctx) },
		"/policies/authorizationPolicy", false, `{"allowedToUseSSPR":null}`, true, "Policy.Read.All",
	},
	{
		"security defaults", func(ctx context.Context, c *Client) (any, error) { return c.SecurityDefaults(ctx) },
		"/policies/identitySecurityDefaultsEnforcementPolicy", false, `{"isEnabled":true}`, true, "Policy.Read.All",
	},
	{
		"domains", func(ctx context.Context, c *Client) (any, error) { return c.Domains(ctx) },
		"/domains", false,
		`{"value":[{"id":"contoso.example","isVerified":true,"isDefault":true,"authenticationType":"Managed"},
			{"id":"corp.example","isVerified":true,"isDefault":null,"authenticationType":"federated"},{"id":"new.example","authenticationType":null},{}]}`,
		[]Domain{{Name: "contoso.example", Verified: true, Default: true}, {Name: "corp.example", Verified: true, Federated: true}, {Name: "new.example"}},
		"Domain.Read.All",
	},
	{
		"service plans", func(ctx context.Context, c *Client) (any, error) { return c.ServicePlans(ctx) },
		"/subscribedSkus", false,
		`{"value":[
			{"capabilityStatus":"Enabled","servicePlans":[{"servicePlanName":"AAD_PREMIUM_P2","provisioningStatus":"Success"},{"servicePlanName":"AAD_PREMIUM","provisioningStatus":"Disabled"},{"servicePlanName":null,"provisioningStatus":"Success"}]},
			{"capabilityStatus":"Warning","servicePlans":[{"servicePlanName":"AAD_PREMIUM_P2","provisioningStatus":"Success"},{"servicePlanName":"AAD_BASIC","provisioningStatus":"success"}]},
			{"capabilityStatus":"Suspended","servicePlans":[{"servicePlanName":"AAD_PREMIUM","provisioningStatus":"Success"}]},
			{"servicePlans":null}]}`,
		[]string{"AAD_BASIC", PlanP2}, "LicenseAssignment.Read.All",
	},
	{
		"synchronization", func(ctx context.Context, c *Client) (any, error) { return c.Synchronization(ctx) },
		"/directory/onPremisesSynchronization", false,
		`{"value":[{"features":null},{"features":{"passwordWritebackEnabled":true}}]}`, Synchronization{PasswordWriteback: true},
		"OnPremDirectorySynchronization.Read.All",
	},
	{
		"no synchronization", func(ctx context.Context, c *Client) (any, error) { return c.Synchronization(ctx) },
		"/directory/onPremisesSynchronization", false, `{"value":[]}`, Synchronization{}, "OnPremDirectorySynchronization.Read.All",
	},
	{
		"organization", func(ctx context.Context, c *Client) (any, error) { return c.Organization(ctx) },
		"/organization?$select=id,displayName,verifiedDomains,tenantType,defaultUsageLocation,countryLetterCode,onPremisesSyncEnabled", false,
		`{"value":[{"id":"1","displayName":"Contoso","verifiedDomains":[{"name":"contoso.example"},{"name":null}],"tenantType":"AAD","defaultUsageLocation":null,"countryLetterCode":"de","onPremisesSyncEnabled":true}]}`,
		Organization{ID: "1", DisplayName: "Contoso", VerifiedDomains: []string{"contoso.example"}, Type: "AAD", Country: "DE", Synchronized: true}, "",
	},
	{
		"organization, little said", func(ctx context.Context, c *Client) (any, error) { return c.Organization(ctx) },
		"/organization?$select=id,displayName,verifiedDomains,tenantType,defaultUsageLocation,countryLetterCode,onPremisesSyncEnabled", false,
		`{"value":[{"id":"1","defaultUsageLocation":"GB","countryLetterCode":"DE","onPremisesSyncEnabled":null}]}`,
		Organization{ID: "1", Country: "GB"}, "",
	},
	{
		"count", func(ctx context.Context, c *Client) (any, error) { return c.CountUsers(ctx) },
		"/users/$count", true, "\ufeff100321\r\n", 100321, "User.ReadBasic.All",
	},
}

func TestSettings(t *testing.T) {
	for _, test := range settings {
		c := clientOf(t, func(r *http.Request) (*http.Response, error) {
			asked := strings.TrimPrefix(r.URL.Path, "/v1.0")
			var query []string
			for _, name := range []string{"$count", "$expand", "$filter", "$select", "$top"} {
				if r.URL.Query().Has(name) {
					query = append(query, name+"="+r.URL.Query().Get(name))
				}
			}
			if len(query) > 0 {
				asked += "?" + strings.Join(query, "&")
			}
			if diff := cmp.Diff(test.path, asked); diff != "" || len(query) != len(r.URL.Query()) || r.Method != http.MethodGet {
				t.Errorf("%s: %s %s (-want +got)\n%s", test.name, r.Method, r.URL.RawQuery, diff)
			}
			if got := r.Header.Get("ConsistencyLevel"); (got == "eventual") != test.eventual {
				t.Errorf("%s: ConsistencyLevel %q", test.name, got)
			}
			return respond(r, 200, test.body), nil
		})
		got, err := test.read(t.Context(), c)
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", test.name, err, diff)
		}
	}
}

// TestSettingsThatCannotBeRead: a body of another form is an error, and a
// refusal names the permission.
func TestSettingsThatCannotBeRead(t *testing.T) {
	for _, test := range settings {
		for _, body := range []string{``, `7`, `null`, `[]`, `"x"`, `{"value":7}`, `{"value":[7]}`, `{"value":null}`, `{"isEnabled":"x","allowedToUseSSPR":7,"authenticationMethodConfigurations":{}}`, `-1`, `<html>`} {
			if test.name == "count" && body == "7" || test.name == "groups by id" && body[:min(2, len(body))] == `{"` || !strings.Contains(test.body, `"value"`) && strings.HasPrefix(body, `{"value"`) {
				continue // the form it has, or members it does not look at
			}
			c := clientOf(t, func(r *http.Request) (*http.Response, error) { return respond(r, 200, body), nil })
			if got, err := test.read(t.Context(), c); err == nil {
				t.Errorf("%s of %s: %+v", test.name, body, got)
			}
		}
		c := clientOf(t, func(r *http.Request) (*http.Response, error) {
			return respond(r, 403, `{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}`), nil
		})
		_, err := test.read(t.Context(), c)
		if !IsForbidden(err) || !IsSignIn(err) || test.needs != "" && !strings.Contains(Hint(err), test.needs+",") {
			t.Errorf("%s: %v, hint %q", test.name, err, Hint(err))
		}
	}
}

// TestPagesOfSettings: each collection with pages follows a link of the
// service's own host, with the header where the link is of an advanced query.
func TestPagesOfSettings(t *testing.T) {
	for name, read := range map[string]func(context.Context, *Client, string) error{
		"registrations": func(ctx context.Context, c *Client, next string) error {
			_, _, err := c.Registrations(ctx, next)
			return err
		},
		"role assignments": func(ctx context.Context, c *Client, next string) error {
			_, _, err := c.RoleAssignments(ctx, next)
			return err
		},
		"role eligibilities": func(ctx context.Context, c *Client, next string) error {
			_, _, err := c.RoleEligibilities(ctx, next)
			return err
		},
		"groups": func(ctx context.Context, c *Client, next string) error {
			_, _, err := c.RoleAssignableGroups(ctx, next)
			return err
		},
		"members": func(ctx context.Context, c *Client, next string) error {
			_, _, err := c.GroupMembers(ctx, aGroup, next)
			return err
		},
		"owners": func(ctx context.Context, c *Client, next string) error {
			_, _, err := c.GroupOwners(ctx, aGroup, next)
			return err
		},
	} {
		for link, advanced := range map[string]bool{
			"https://graph.microsoft.com/v1.0/x?$skiptoken=a%2Bb":         false,
			"https://graph.microsoft.com/v1.0/x?$count=true&$skiptoken=a": true,
		} {
			asked := 0
			c := clientOf(t, func(r *http.Request) (*http.Response, error) {
				asked++
				if r.URL.String() != link || (r.Header.Get("ConsistencyLevel") == "eventual") != advanced {
					t.Errorf("%s: %s, headers %v", name, r.URL, r.Header)
				}
				return respond(r, 200, `{"value":[]}`), nil
			})
			if err := read(t.Context(), c, link); err != nil || asked != 1 {
				t.Errorf("%s: %v", name, err)
			}
			if err := read(t.Context(), c, "https://graph.microsoft.com.example/"); err == nil || asked != 1 {
				t.Errorf("%s: another host: %v", name, err)
			}
		}
	}
}

// TestShortCollections are read to their end, and not in a circle.
func TestShortCollections(t *testing.T) {
	const root = "https://graph.microsoft.com/v1.0/groups?$skiptoken="
	asked := 0
	c := clientOf(t, func(r *http.Request) (*http.Response, error) {
		asked++
		next := ""
		if asked < 3 {
			next = `,"@odata.nextLink":"` + root + fmt.Sprint(asked) + `"`
		}
		return respond(r, 200, fmt.Sprintf(`{"value":[{"id":"%d"}]%s}`, asked, next)), nil
	})
	groups, err := c.GroupsNamed(t.Context(), "Pilot")
	if err != nil || len(groups) != 3 || groups[2].ID != "3" {
		t.Errorf("%v, %v", groups, err)
	}
	c = clientOf(t, func(r *http.Request) (*http.Response, error) {
		return respond(r, 200, `{"value":[],"@odata.nextLink":"`+root+`1"}`), nil
	})
	if groups, err := c.GroupsNamed(t.Context(), "Pilot"); err == nil || !strings.Contains(err.Error(), "leads back") {
		t.Errorf("in a circle: %v, %v", groups, err)
	}
}

func TestNoGroupOfThatID(t *testing.T) {
	for body, fails := range map[string]bool{
		`{"error":{"code":"Request_ResourceNotFound","message":"Resource does not exist."}}`: false,
		`{"error":{"code":"Request_BadRequest"}}`:                                            true,
	} {
		c := clientOf(t, func(r *http.Request) (*http.Response, error) {
			return respond(r, map[bool]int{false: 404, true: 400}[fails], body), nil
		})
		if groups, err := c.GroupsNamed(t.Context(), aGroup); len(groups) > 0 || (err != nil) != fails {
			t.Errorf("%v, %v", groups, err)
		}
	}
}

func TestNoMethodsPolicyInChina(t *testing.T) {
	c := clientOf(t, func(r *http.Request) (*http.Response, error) { return nil, errors.New("was asked") }, func(o *Options) { o.Cloud = China })
	if _, err := c.MethodsPolicy(t.Context()); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
}

// FuzzSettings holds the decoders to what the package promises of a stranger's
// bytes: no panic, and nothing without a name.
func FuzzSettings(f *testing.F) {
	for _, s := range settings {
		f.Add([]byte(s.body))
	}
	f.Add([]byte(`{"value":[null,{},{"id":"","principal":[]},{"features":{"passwordWritebackEnabled":"yes"}}],"@odata.nextLink":7}`))
	f.Add([]byte(`{"VALUE":[{"ID":"1","methodsRegistered":["\u212Aey",""],"lastUpdatedDateTime":"9999-99-99T99:99:99Z"}]}`))
	f.Add([]byte("{\"value\":[{\"id\":\"\xff\"}]}"))
	f.Add([]byte(`[[[[`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c := clientOf(t, func(r *http.Request) (*http.Response, error) { return respond(r, 200, string(body)), nil })
		for _, s := range settings {
			got, err := s.read(t.Context(), c)
			if err != nil {
				continue // next links of this body lead where nothing more comes
			}
			switch got := got.(type) {
			case pageOf[Registration]:
				for _, r := range got.Items {
					if r.User == "" {
						t.Error("a registration of nobody")
					}
				}
			case pageOf[RoleHolder]:
				for _, h := range got.Items {
					if h.ID == "" {
						t.Error("a role of nobody")
					}
				}
			case MethodsPolicy:
				for id, m := range got.Methods {
					if id == "" || id != strings.ToLower(id) {
						t.Errorf("a method named %q", id)
					}
					for _, target := range append(m.Include, m.Exclude...) {
						if target.ID == "" {
							t.Error("a target without a name")
						}
					}
				}
			}
		}
	})
}
