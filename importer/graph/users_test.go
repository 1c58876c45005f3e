package graph

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/mapping/authmethod"
)

func keys(attribute authmethod.Attribute, values ...string) []authmethod.Key {
	var keys []authmethod.Key
	for _, value := range values {
		keys = append(keys, authmethod.Key{Attribute: attribute, Value: value})
	}
	return keys
}

func TestFindBatches(t *testing.T) {
	const id = "11111111-2222-3333-4444-555555555555"
	long := strings.Repeat("x", maxFilterValue) + "@example.com"
	for _, test := range []struct {
		name string
		keys []authmethod.Key
		want [][]authmethod.Key
	}{
		{"none", nil, nil},
		{
			"one attribute to a batch",
			append(append(keys(authmethod.Mail, "a@example.com"), keys(authmethod.EmployeeID, "1")...), keys(authmethod.Mail, "b@example.com")...),
			[][]authmethod.Key{keys(authmethod.Mail, "a@example.com", "b@example.com"), keys(authmethod.EmployeeID, "1")},
		},
		{
			"once", keys(authmethod.Mail, "a@example.com", " A@Example.com "),
			[][]authmethod.Key{keys(authmethod.Mail, "a@example.com")},
		},
		{
			"an immutable id has letter case", keys(authmethod.OnPremisesImmutableID, "QQ==", "qQ=="),
			[][]authmethod.Key{keys(authmethod.OnPremisesImmutableID, "QQ==", "qQ==")},
		},
		{
			"who cannot be named", append(keys(authmethod.ID, "7", id, "{"+id+"}", ""), keys(authmethod.Mail, " ")...),
			[][]authmethod.Key{keys(authmethod.ID, id)},
		},
		{
			"an address with its type and without", keys(authmethod.ProxyAddresses, "SMTP:a@example.com", " A@example.com", "smtp: a@example.com", "smtp:b@example.com", "smtp:", "x500:/cn=a"),
			[][]authmethod.Key{keys(authmethod.ProxyAddresses, "SMTP:a@example.com", "smtp:b@example.com", "x500:/cn=a")},
		},
		{
			"an address too long with its type", keys(authmethod.ProxyAddresses, strings.Repeat("x", maxFilterValue-5), strings.Repeat("x", maxFilterValue-4), "smtp:"+strings.Repeat("y", maxFilterValue-5)),
			[][]authmethod.Key{keys(authmethod.ProxyAddresses, strings.Repeat("x", maxFilterValue-5), "smtp:"+strings.Repeat("y", maxFilterValue-5))},
		},
		{
			"too long for anybody", keys(authmethod.Mail, "a@example.com", long, "b@example.com"),
			[][]authmethod.Key{keys(authmethod.Mail, "a@example.com", "b@example.com")},
		},
	} {
		if diff := cmp.Diff(test.want, FindBatches(test.keys)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.name, diff)
		}
	}
}

func TestFindBatchesFitAnAddress(t *testing.T) {
	c := clientOf(t, nil)
	for _, root := range []string{"é", "'", "a", "+", "漢"} {
		var all []authmethod.Key
		for _, attribute := range authmethod.Attributes()[1:] {
			for i := range 100 {
				all = append(all, authmethod.Key{Attribute: attribute, Value: fmt.Sprintf("%03d", i) + strings.Repeat(root, i%60)})
			}
		}
		found := 0
		for _, batch := range FindBatches(all) {
			found += len(batch)
			if len(batch) > MaxFindKeys {
				t.Errorf("%d keys in a batch", len(batch))
			}
			built, err := c.call(t.Context(), "0", Request{Op: Find, Keys: batch})
			if err != nil {
				t.Fatal(err)
			}
			if n := len(c.base.String() + built.URL); n > 2000 {
				t.Errorf("%d keys of %q make an address of %d", len(batch), root, n)
			}
		}
		if found != len(all) {
			t.Errorf("%d of %d keys", found, len(all))
		}
	}
}

// TestFindAddress holds the lookup of each attribute to its exact filter.
func TestFindAddress(t *testing.T) {
	const id = "11111111-2222-3333-4444-555555555555"
	for _, test := range []struct {
		keys     []authmethod.Key
		filter   string
		advanced bool
	}{
		{keys(authmethod.ID, id), "id in ('" + id + "')", false},
		{
			keys(authmethod.UserPrincipalName, "o'neil&co@contoso.example", "g_x.example#EXT#@contoso.example", "a+b=c/d?e@contoso.example"),
			`userPrincipalName in ('o''neil&co@contoso.example','g_x.example#EXT#@contoso.example','a+b=c/d?e@contoso.example')`, false,
		},
		{keys(authmethod.Mail, "kim@contoso.example", "o'neil@contoso.example"), `mail in ('kim@contoso.example','o''neil@contoso.example')`, false},
		{keys(authmethod.ProxyAddresses, "kim@contoso.example"), `proxyAddresses/any(p:p eq 'smtp:kim@contoso.example')`, false},
		{
			keys(authmethod.ProxyAddresses, "SMTP:o'neil@contoso.example", "a#b+c@contoso.example", "smtp: kim@contoso.example"),
			`proxyAddresses/any(p:p eq 'smtp:o''neil@contoso.example') or proxyAddresses/any(p:p eq 'smtp:a#b+c@contoso.example')` +
				` or proxyAddresses/any(p:p eq 'smtp:kim@contoso.example')`, false,
		},
		{keys(authmethod.EmployeeID, "0042", "O'7", " 42 "), `employeeId in ('0042','O''7','42')`, false},
		{keys(authmethod.OnPremisesSamAccountName, "kim", "o'neil"), `onPremisesSamAccountName in ('kim','o''neil')`, true},
		{keys(authmethod.OnPremisesImmutableID, "aB+/cD==", "ab+/cd=="), `onPremisesImmutableId in ('aB+/cD==','ab+/cd==')`, true},
		{keys(authmethod.OnPremisesUserPrincipalName, "o'neil#1@corp.example"), `onPremisesUserPrincipalName in ('o''neil#1@corp.example')`, false},
	} {
		attribute := test.keys[0].Attribute
		built, err := clientOf(t, nil).call(t.Context(), "0", Request{Op: Find, Keys: test.keys})
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(built.URL, "#'+ ") {
			t.Errorf("not escaped: %s", built.URL)
		}
		address, err := url.Parse(built.URL)
		if err != nil {
			t.Fatal(err)
		}
		query := address.Query()
		selected := "id,userPrincipalName,displayName,userType,accountEnabled,isManagementRestricted,creationType,onPremisesSyncEnabled"
		if attribute != authmethod.ID && attribute != authmethod.UserPrincipalName {
			selected += "," + string(attribute)
		}
		want := url.Values{"$filter": {test.filter}, "$top": {"999"}, "$select": {selected}}
		if test.advanced {
			want.Set("$count", "true")
		}
		if diff := cmp.Diff(want, query); diff != "" || built.Method != "GET" || address.Path != "/users" {
			t.Errorf("%s %s (-want +got)\n%s", built.Method, address.Path, diff)
		}
		if (built.Headers.ConsistencyLevel == "eventual") != test.advanced {
			t.Errorf("%s: headers %v", attribute, built.Headers)
		}
	}
}

// TestPagesHoldWhatIsWanted holds the $select of everybody to exactly what is
// used, and reads each property back.
func TestPagesHoldWhatIsWanted(t *testing.T) {
	const always = "id,userPrincipalName,displayName,userType,accountEnabled,isManagementRestricted,creationType,onPremisesSyncEnabled"
	const body = `{"value":[{"id":"1","userPrincipalName":"kim@contoso.example","accountEnabled":true,"isManagementRestricted":true,
		"creationType":"LocalAccount","onPremisesSyncEnabled":true,"proxyAddresses":["SMTP:kim@contoso.example","smtp:k@contoso.example"],
		"usageLocation":"GB","department":"Sales","country":"France","mobilePhone":"+44 7700900123","businessPhones":["+44 2079460123"],"otherMails":["kim@example.com"]},
		{"id":"2","isManagementRestricted":null,"creationType":null,"onPremisesSyncEnabled":null,"businessPhones":[],"otherMails":null},
		{"id":"3","creationType":"Invitation"}]}`
	people := []authmethod.User{
		{
			ID: "1", UserPrincipalName: "kim@contoso.example", AccountEnabled: true, EnabledKnown: true, Restricted: true, Local: true, Synced: true,
			ProxyAddresses: []string{"SMTP:kim@contoso.example", "smtp:k@contoso.example"}, UsageLocation: "GB", Department: "Sales", Country: "France",
			MobilePhone: "+44 7700900123", BusinessPhones: []string{"+44 2079460123"}, OtherMails: []string{"kim@example.com"},
		},
		{ID: "2", BusinessPhones: []string{}},
		{ID: "3"},
	}
	for _, test := range []struct {
		want Wanted
		more string
	}{
		{Wanted{}, ""},
		{Wanted{By: []authmethod.Attribute{authmethod.EmployeeID, authmethod.Mail, authmethod.ID, authmethod.EmployeeID}}, ",employeeId,mail"},
		{Wanted{By: []authmethod.Attribute{authmethod.ProxyAddresses, authmethod.UserPrincipalName}}, ",proxyAddresses"},
		{Wanted{Location: true}, ",usageLocation"},
		{Wanted{Place: true}, ",department,country"},
		{Wanted{Directory: true}, ",mobilePhone,businessPhones,otherMails"},
		{
			Wanted{By: authmethod.Attributes(), Location: true, Place: true, Directory: true},
			",mail,proxyAddresses,employeeId,onPremisesSamAccountName,onPremisesImmutableId,onPremisesUserPrincipalName,usageLocation,department,country,mobilePhone,businessPhones,otherMails",
		},
	} {
		c := clientOf(t, func(r *http.Request) (*http.Response, error) {
			want := url.Values{"$select": {always + test.more}, "$top": {"999"}}
			if diff := cmp.Diff(want, r.URL.Query()); diff != "" || r.Header.Get("ConsistencyLevel") != "" {
				t.Errorf("%+v, %q (-want +got)\n%s", test.want, r.Header.Get("ConsistencyLevel"), diff)
			}
			return respond(r, 200, body), nil
		})
		got, _, err := c.Users(t.Context(), "", Scope{}, test.want)
		if diff := cmp.Diff(people, got); diff != "" || err != nil {
			t.Errorf("%+v: %v (-want +got)\n%s", test.want, err, diff)
		}
	}
}

// TestScope holds the first page of a scope, and the one behind it, to what
// the service needs for them.
func TestScope(t *testing.T) {
	const group = "dddddddd-0000-4000-8000-000000000001"
	for _, test := range []struct {
		scope    Scope
		path     string
		advanced bool
	}{
		{Scope{}, "/v1.0/users", false},
		{Scope{Filter: "department ne 'R&D+é' and startsWith(displayName,'o''neil')"}, "/v1.0/users", true},
		{Scope{Group: group}, "/v1.0/groups/" + group + "/transitiveMembers/microsoft.graph.user", true},
		{Scope{Group: group, Filter: "accountEnabled eq true"}, "/v1.0/groups/" + group + "/transitiveMembers/microsoft.graph.user", true},
		{Scope{Group: "a/b?c"}, "/v1.0/groups/a%2Fb%3Fc/transitiveMembers/microsoft.graph.user", true},
	} {
		asked := 0
		c := clientOf(t, func(r *http.Request) (*http.Response, error) {
			asked++
			want := url.Values{"$select": {strings.Join(Wanted{}.properties(), ",")}, "$top": {"999"}}
			if test.scope.Filter != "" {
				want.Set("$filter", test.scope.Filter)
			}
			if test.advanced {
				want.Set("$count", "true")
			}
			if asked == 2 {
				want.Set("$skiptoken", "x")
			}
			if diff := cmp.Diff(want, r.URL.Query()); diff != "" || r.URL.EscapedPath() != test.path {
				t.Errorf("page %d of %+v: %s (-want +got)\n%s", asked, test.scope, r.URL.EscapedPath(), diff)
			}
			if got := r.Header.Get("ConsistencyLevel"); (got == "eventual") != test.advanced {
				t.Errorf("page %d of %+v: ConsistencyLevel %q", asked, test.scope, got)
			}
			link, err := json.Marshal(r.URL.String() + "&$skiptoken=x")
			if err != nil {
				t.Error(err)
			}
			return respond(r, 200, `{"value":[{"id":"1"}],"@odata.nextLink":`+string(link)+`}`), nil
		})
		_, next, err := c.Users(t.Context(), "", test.scope, Wanted{})
		if err != nil {
			t.Fatal(err)
		}
		if people, _, err := c.Users(t.Context(), next, test.scope, Wanted{}); err != nil || len(people) != 1 || asked != 2 {
			t.Errorf("%+v: %v, %v", test.scope, people, err)
		}
	}
}

func TestNextLinkStaysOnTheHost(t *testing.T) {
	asked := 0
	c := clientOf(t, func(r *http.Request) (*http.Response, error) {
		asked++
		return respond(r, 200, `{"value":[],"@odata.nextLink":"https://graph.microsoft.com.example/v1.0/users?$skiptoken=x"}`), nil
	})
	_, next, err := c.Users(t.Context(), "", Scope{}, Wanted{})
	if err != nil || next == "" {
		t.Fatalf("first page: %q, %v", next, err)
	}
	for _, link := range []string{
		next, "http://graph.microsoft.com/v1.0/users", "https://graph.microsoft.com:444/v1.0/users",
		"//graph.microsoft.com/v1.0/users", "/v1.0/users", "https://graph.microsoft.com@x.example/", "https://u@graph.microsoft.com/", "%",
	} {
		if _, _, err := c.Users(t.Context(), link, Scope{}, Wanted{}); err == nil || !strings.Contains(err.Error(), "next link") {
			t.Errorf("%s: %v", link, err)
		}
	}
	if asked != 1 {
		t.Errorf("%d requests", asked)
	}
	if _, _, err := c.Users(t.Context(), "https://GRAPH.microsoft.com/v1.0/users?$skiptoken=x", Scope{}, Wanted{}); err != nil {
		t.Errorf("the host in capitals: %v", err)
	}
}

func TestUserPages(t *testing.T) {
	for body, want := range map[string]string{
		`{"value":[{"id":"1","userPrincipalName":"a@contoso.example","accountEnabled":false,"mail":null},{"id":"2","userType":"Guest","employeeId":"7","onPremisesImmutableId":"QQ=="}]}`: "2",
		`{"value":[]}`:          "0",
		`{}`:                    "error",
		`{"value":null}`:        "error",
		`{"value":[{"id":""}]}`: "error",
		`{"value":[{"id":7}]}`:  "error",
		`{"value":[{"id":"1"},`: "error",
		``:                      "error",
		`{"value":[{"id":"1","accountEnabled":1}]}`:                                              "error",
		`{"value":[{"id":"1","proxyAddresses":"SMTP:kim@contoso.example"}]}`:                     "error",
		`{"value":[{"id":"1","proxyAddresses":null},{"id":"2","proxyAddresses":[]},{"id":"3"}]}`: "3",
	} {
		c := clientOf(t, func(r *http.Request) (*http.Response, error) { return respond(r, 200, body), nil })
		people, _, err := c.Users(t.Context(), "", Scope{}, Wanted{})
		got := fmt.Sprint(len(people))
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%s: %s (%v)", body, got, err)
		}
		if len(people) == 2 {
			if !people[0].IsDisabled() || people[1].EnabledKnown || !people[1].IsGuest() || people[1].EmployeeID != "7" || people[1].OnPremisesImmutableID != "QQ==" {
				t.Errorf("read %+v", people)
			}
		}
	}
	for _, body := range []string{`{}`, `{"value":[]}`, `{"value":[{"displayName":"x"}]}`, `[]`} {
		c := clientOf(t, func(r *http.Request) (*http.Response, error) { return respond(r, 200, body), nil })
		if o, err := c.Organization(t.Context()); err == nil {
			t.Errorf("organization %s: %+v", body, o)
		}
	}
}

func TestFoundInPages(t *testing.T) {
	c := clientOf(t, func(r *http.Request) (*http.Response, error) {
		return respond(r, 200, `{"responses":[{"id":"0","status":200,"body":{"value":[{"id":"1"}],"@odata.nextLink":"https://graph.microsoft.com/x"}}]}`), nil
	})
	answers, err := c.Do(t.Context(), []Request{{Op: Find, Keys: keys(authmethod.EmployeeID, "1")}})
	if err != nil || answers[0].Err != nil || len(answers[0].Users) != 1 || answers[0].Next != "https://graph.microsoft.com/x" {
		t.Errorf("%+v, %v", answers, err)
	}
}

func TestClouds(t *testing.T) {
	for _, cloud := range Clouds() {
		if parsed, err := ParseCloud(string(cloud)); err != nil || parsed != cloud {
			t.Errorf("%s: %v", cloud, err)
		}
		for _, kind := range authmethod.Kinds() {
			if want := !(cloud == China && kind == authmethod.Email); cloud.Supports(kind) != want {
				t.Errorf("%s supports %s: %v", cloud, kind, !want)
			}
		}
	}
	if _, err := ParseCloud("GLOBAL"); err == nil || !strings.Contains(err.Error(), "usgov") {
		t.Errorf("unknown cloud: %v", err)
	}
	login := map[Cloud]string{
		Global: "https://login.microsoftonline.com/", USGov: "https://login.microsoftonline.us/",
		DoD: "https://login.microsoftonline.us/", China: "https://login.chinacloudapi.cn/",
	}
	for cloud, want := range login {
		if got := cloud.login().ActiveDirectoryAuthorityHost; got != want {
			t.Errorf("%s signs in at %s", cloud, got)
		}
	}
}
