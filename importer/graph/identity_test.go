package graph

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestIdentity(t *testing.T) {
	const person = "cccccccc-0000-4000-8000-000000000003"
	for _, test := range []struct {
		name, claims string
		want         Identity
	}{
		{
			"an application",
			`{"oid":"` + person + `","appid":"` + anApp + `","app_displayname":"Seeding","idtyp":"app","roles":["User.Read.All","AuditLog.Read.All"],"tid":"` + aTenant + `","exp":1795687200}`,
			Identity{Known: true, App: true, ID: person, Name: "Seeding", AppID: anApp, Tenant: aTenant, Permissions: []string{"AuditLog.Read.All", "User.Read.All"}, Expires: time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)},
		},
		{
			"an application that does not say so",
			`{"oid":"` + person + `","appid":"` + anApp + `","roles":["User.Read.All"]}`,
			Identity{Known: true, App: true, ID: person, AppID: anApp, Permissions: []string{"User.Read.All"}},
		},
		{
			"a person",
			`{"oid":"` + person + `","appid":"` + anApp + `","app_displayname":"Seeding","upn":"kim@contoso.example","unique_name":"other","scp":"User.Read.All  AuditLog.Read.All","wids":["62e90394-69f5-4237-9190-012177145e10"],"tid":"` + aTenant + `"}`,
			Identity{Known: true, ID: person, Name: "kim@contoso.example", AppID: anApp, Tenant: aTenant, Permissions: []string{"AuditLog.Read.All", "User.Read.All"}, Roles: []string{"62e90394-69f5-4237-9190-012177145e10"}},
		},
		{
			"a person without scopes, of a token of version 2",
			`{"idtyp":"user","oid":"` + person + `","azp":"` + anApp + `","preferred_username":"kim@contoso.example","roles":["of.the.application"]}`,
			Identity{Known: true, ID: person, Name: "kim@contoso.example", AppID: anApp, Permissions: []string{}},
		},
		{"odd claims", `{"oid":7}`, Identity{}},
	} {
		c := clientOf(t, nil, func(o *Options) { o.Credential = fixedToken(jwt(t, test.claims)) })
		got, err := c.Identity(t.Context())
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", test.name, err, diff)
		}
	}
	c := clientOf(t, nil)
	if got, err := c.Identity(t.Context()); err != nil || !cmp.Equal(got, Identity{}) {
		t.Errorf("an opaque token: %+v, %v", got, err)
	}
}
