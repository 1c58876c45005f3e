package graphsim_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
)

// names gives the short names of the people in a page.
func names(t testing.TB, page result) []string {
	t.Helper()
	list := []string{}
	for _, v := range page.body["value"].([]any) {
		name := v.(map[string]any)["userPrincipalName"].(string)
		list = append(list, name[:strings.IndexAny(name, "@_")])
	}
	return list
}

func TestFilter(t *testing.T) {
	in := func(n int, value string) string {
		return "('" + strings.Repeat(value+"','", n-1) + value + "')"
	}
	const advanced = "advanced"
	proxies := func(n int) string {
		return strings.Repeat("proxyAddresses/any(p:p eq 'smtp:zoe@contoso.example') or ", n-1) + "proxyAddresses/any(p:p eq 'smtp:ada@contoso.example')"
	}
	tests := []struct {
		name, filter, params string
		status               int
		found                string // names, or the code
	}{
		{"employeeId", "employeeId eq '000042'", "", 200, "ada"},
		{"employeeId is text", "employeeId eq '42'", "", 200, ""},
		{"id", "id eq '" + strings.ToUpper(bram) + "'", "", 200, "bram"},
		{"name in other letters", "userPrincipalName eq 'BRAM@Contoso.example'", "", 200, "bram"},
		{"guest", "userPrincipalName eq 'chiara_fabrikam.example#EXT#@contoso.example'", "", 200, "chiara"},
		{"mail in other letters", "mail eq 'ada.lindt@contoso.example'", "", 200, "ada"},
		{"quote", "employeeId eq 'O''7'", "", 200, "bram"},
		{"spaces", "  employeeId   eq   'O''7'  ", "", 200, "bram"},
		{"on-premises name", "onPremisesUserPrincipalName eq 'ada@corp.example'", "", 200, "ada"},
		{"in, directory order", "id in ('" + chiara + "', '" + ada + "')", "", 200, "ada chiara"},
		{"in without a space", "employeeId in('000042','O''7')", "", 200, "ada bram"},
		{"or", "employeeId eq 'O''7' or mail eq 'ada.lindt@contoso.example' or id in ('" + bram + "')", "", 200, "ada bram"},
		{"fifteen", "employeeId in " + in(15, "000042"), "", 200, "ada"},
		{"sixteen", "employeeId in " + in(16, "000042"), "", 400, "Request_UnsupportedQuery"},
		{"sixteen by or", "employeeId in " + in(15, "1") + " or employeeId eq '2'", "", 400, "Request_UnsupportedQuery"},
		{"sixteen, advanced", "employeeId in " + in(16, "000042"), advanced, 200, "ada"},
		{"too long, advanced", "employeeId in " + in(300, "000042"), advanced, 400, "Request_UnsupportedQuery"},
		{"120 characters", "mail eq '" + strings.Repeat("é", 120) + "'", "", 200, ""},
		{"121 characters", "mail eq '" + strings.Repeat("a", 121) + "'", "", 400, "Request_UnsupportedQuery"},
		{"121 characters in a list", "mail in ('a','" + strings.Repeat("a", 121) + "')", "", 400, "Request_UnsupportedQuery"},
		{"account name", "onPremisesSamAccountName eq 'ALindt'", "", 400, "Request_UnsupportedQuery"},
		{"account name, advanced", "onPremisesSamAccountName eq 'ALindt'", advanced, 200, "ada"},
		{"account name, header only", "onPremisesSamAccountName eq 'ALindt'", "header", 400, "Request_UnsupportedQuery"},
		{"account name, count only", "onPremisesSamAccountName eq 'ALindt'", "count", 400, "Request_UnsupportedQuery"},
		{"immutable id", "onPremisesImmutableId eq 'QWRhQWRhQWRh'", "", 400, "Request_UnsupportedQuery"},
		{"immutable id, advanced", "onPremisesImmutableId eq 'QWRhQWRhQWRh'", advanced, 200, "ada"},
		{"immutable id in other letters", "onPremisesImmutableId eq 'qwrhqwrhqwrh'", advanced, 200, ""},
		{"alias", "proxyAddresses/any(p:p eq 'smtp:ada@contoso.example')", "", 200, "ada"},
		{"primary address, as an alias and in other letters", "proxyAddresses/any(p:p eq 'smtp:ADA.lindt@contoso.example')", "", 200, "ada"},
		{"alias, as primary address", "proxyAddresses/any(p:p eq 'SMTP:ada@contoso.example')", "", 200, "ada"},
		{"another type", "proxyAddresses/any(p:p eq 'X500:/o=contoso/cn=ADA')", "", 200, "ada"},
		{"address without its type", "proxyAddresses/any(p:p eq 'ada@contoso.example')", "", 200, ""},
		{"address of another type", "proxyAddresses/any(p:p eq 'sip:ada@contoso.example')", "", 200, ""},
		{"alias with a quote", "proxyAddresses/any(p:p eq 'smtp:o''dorn@contoso.example')", "", 200, "bram"},
		{"another variable and spaces", " proxyAddresses/any( address : address   eq 'smtp:ada@contoso.example' ) ", "", 200, "ada"},
		{"address, advanced", "proxyAddresses/any(p:p eq 'smtp:ada@contoso.example')", advanced, 200, "ada"},
		{"addresses by or", "proxyAddresses/any(p:p eq 'smtp:bram@contoso.example') or proxyAddresses/any(x:x eq 'smtp:ada@contoso.example') or employeeId eq '1'", "", 200, "ada bram"},
		{"two addresses of one person", "proxyAddresses/any(p:p eq 'smtp:ada@contoso.example') or proxyAddresses/any(p:p eq 'smtp:ada.lindt@contoso.example')", "", 200, "ada"},
		{"fifteen addresses", proxies(15), "", 200, "ada"},
		{"sixteen addresses", proxies(16), "", 400, "Request_UnsupportedQuery"},
		{"address of 120 characters", "proxyAddresses/any(p:p eq 'smtp:" + strings.Repeat("a", 115) + "')", "", 200, ""},
		{"address of 121 characters", "proxyAddresses/any(p:p eq 'smtp:" + strings.Repeat("a", 116) + "')", "", 400, "Request_UnsupportedQuery"},
		{"bad id", "id eq 'ada'", "", 400, "Request_BadRequest"},
		{"bad id in a list", "id in ('" + ada + "','000042')", "", 400, "Request_BadRequest"},
	}
	for _, refused := range []string{
		"", " ", "employeeId", "employeeId eq", "employeeId eq 42", "employeeId eq null", "employeeId eq ''", "employeeId eq '000042",
		"employeeId eq '000042' or", "employeeId eq '000042' OR mail eq 'a'", "or employeeId eq '1'",
		"employeeId EQ '000042'", "employeeId eq'000042'", "employeeId eq'000042'or mail eq 'x'", "employeeId ne '000042'", "not employeeId eq '000042'",
		"employeeID eq '000042'", "mobilePhone eq '+44 7700900001'",
		"employeeId in ()", "employeeId in ('1'", "employeeId in ('1',)", "employeeId in ('1' '2')",
		"employeeId in '1'", "employeeId in ('1') mail eq 'a'", "employeeId in ('1')or mail eq 'a'", "employeeId eq '1''", `employeeId eq "1"`, "employeeId eq '1'; drop", "employeeIdeq '1'",
		"employeeId eqq '1'", "employeeId eq '1'2", "in ('1')",
		"proxyAddresses eq 'smtp:a'", "proxyAddresses in ('smtp:a')", "proxyAddresses", "proxyAddresses/any", "proxyAddresses/any()",
		"proxyAddresses/any(p:p in ('smtp:a'))", "proxyAddresses/any(p:startsWith(p,'smtp:a'))", "proxyAddresses/any(p:p ne 'smtp:a')",
		"proxyAddresses/any(p:q eq 'smtp:a')", "proxyAddresses/any(p:p/x eq 'smtp:a')", "proxyAddresses/any(p/x:p/x eq 'smtp:a')",
		"proxyAddresses/any(p eq 'smtp:a')", "proxyAddresses/any(:p eq 'smtp:a')", "proxyAddresses/any(: eq 'smtp:a')", "proxyAddresses/any(p p eq 'smtp:a')",
		"proxyAddresses/any(p:p eq 'smtp:a' or p eq 'smtp:b')", "proxyAddresses/any(p:p eq 'smtp:a'", "proxyAddresses/any(p:p eq 'smtp:a'))",
		"proxyAddresses/any(p:p eq'smtp:a')", "proxyAddresses/any(p:peq 'smtp:a')", "proxyAddresses/any(p:p eq null)", "proxyAddresses/any(p:p eq '')",
		"proxyAddresses/any p:p eq 'smtp:a'", "proxyAddresses/all(p:p eq 'smtp:a')", "proxyAddresses/Any(p:p eq 'smtp:a')", "proxyaddresses/any(p:p eq 'smtp:a')",
		"not proxyAddresses/any(p:p eq 'smtp:a')", "proxyAddresses/any(p:p eq 'smtp:a') mail eq 'a'",
		"proxyAddresses/any(p:p eq 'smtp:a')or mail eq 'a'", "proxyAddresses/$count eq 0", "proxyAddresses/any/any(p:p eq 'smtp:a')",
		"mail/any(p:p eq 'a')", "otherMails/any(p:p eq 'a')", "/any(p:p eq 'a')",
	} {
		tests = append(tests, struct {
			name, filter, params string
			status               int
			found                string
		}{"refused: " + refused, refused, "", 400, "Request_UnsupportedQuery"})
	}
	s := newServer(t, graphsim.Options{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := "/users?$select=userPrincipalName&$filter=" + url.QueryEscape(test.filter)
			var header []string
			if test.params == advanced || test.params == "count" {
				path += "&$count=true"
			}
			if test.params == advanced || test.params == "header" {
				header = append(header, "ConsistencyLevel: eventual")
			}
			got := send(t, s, "GET", path, "", header...)
			if test.status != 200 {
				want(t, got, test.status, test.found)
				return
			}
			if got.status != 200 {
				t.Fatalf("%d %s", got.status, got.raw)
			}
			found := strings.Join(names(t, got), " ")
			if found != test.found {
				t.Errorf("found %q, want %q", found, test.found)
			}
			count, counted := got.body["@odata.count"].(float64)
			if counted != (test.params == advanced) || int(count) != len(strings.Fields(test.found))*btoi(counted) {
				t.Errorf("@odata.count is %v", got.body["@odata.count"])
			}
		})
	}
	if got := send(t, s, "GET", "/users?$filter="+url.QueryEscape("employeeId in "+in(16, "1")), ""); errorField(got.body, "message") !=
		"Too many child clauses specified in search filter expression containing 'OR' operators: 16. Max allowed: 15" {
		t.Errorf("sixteen: %s", got.raw)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func FuzzFilter(f *testing.F) {
	for _, seed := range []string{"employeeId eq '000042'", "id in ('a','b') or mail eq 'O''7'", "employeeId in ('", "'", "mail eq '\xff'", "userPrincipalName eq ''''",
		"proxyAddresses/any(p:p eq 'smtp:a')", "proxyAddresses/any(p:p eq '"} {
		f.Add(seed, "x")
	}
	s := newServer(f, graphsim.Options{Tenant: graphsim.Generate(50, 1)})
	f.Fuzz(func(t *testing.T, filter, value string) {
		got := send(t, s, "GET", "/users?$filter="+url.QueryEscape(filter), "")
		if got.status != 200 && got.status != 400 {
			t.Fatalf("%d %s", got.status, got.raw)
		}
		// A quoted value is compared as it is, whatever it holds.
		if n := len([]rune(value)); n == 0 || n > 100 {
			return
		}
		quoted := "employeeId eq '" + strings.ReplaceAll(value, "'", "''") + "' or employeeId eq '000042'"
		if got := send(t, s, "GET", "/users?$select=employeeId&$filter="+url.QueryEscape(quoted), ""); !strings.Contains(got.raw, `"000042"`) {
			t.Fatalf("%d %s", got.status, got.raw)
		}
	})
}

func TestUsersQuery(t *testing.T) {
	tests := []struct {
		name, query string
		status      int
		code        string
	}{
		{"smallest page", "$top=1", 200, ""},
		{"largest page", "$top=999", 200, ""},
		{"no page", "$top=0", 400, "Request_UnsupportedQuery"},
		{"page too large", "$top=1000", 400, "Request_UnsupportedQuery"},
		{"page in words", "$top=ten", 400, "Request_UnsupportedQuery"},
		{"skip", "$skip=1", 400, "Request_UnsupportedQuery"},
		{"search", "$search=x", 400, "Request_UnsupportedQuery"},
		{"order", "$orderby=displayName", 400, "Request_UnsupportedQuery"},
		{"expand", "$expand=manager", 400, "Request_UnsupportedQuery"},
		{"unknown", "$selct=id", 400, "Request_UnsupportedQuery"},
		{"without dollar", "select=id", 400, "Request_UnsupportedQuery"},
		{"twice", "$top=1&$top=2", 400, "Request_UnsupportedQuery"},
		{"unknown property", "$select=id,shoeSize", 400, "Request_BadRequest"},
		{"property in other letters", "$select=Id", 400, "Request_BadRequest"},
		{"empty select", "$select=", 400, "Request_BadRequest"},
		{"count", "$count=true", 200, ""},
		{"odd count", "$count=yes", 400, "Request_BadRequest"},
		{"malformed", "$select=%zz", 400, "Request_BadRequest"},
		{"forged token", "$skiptoken=abcdefgh", 400, "Directory_ExpiredPageToken"},
		{"empty token", "$skiptoken=", 400, "Directory_ExpiredPageToken"},
	}
	s := newServer(t, graphsim.Options{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u, err := url.Parse(root + "/users")
			if err != nil {
				t.Fatal(err)
			}
			u.RawQuery = test.query
			want(t, send(t, s, "GET", u.String(), ""), test.status, test.code)
		})
	}
	got := send(t, s, "GET", "/users?$top=1000", "")
	if message := errorField(got.body, "message"); message != "Invalid page size specified: '1000'. Must be between 1 and 999 inclusive." {
		t.Errorf("message %q", message)
	}
}

// walk follows the next links from a path and gives the ids page by page.
func walk(t *testing.T, s *graphsim.Server, path string) (pages [][]string) {
	t.Helper()
	for link := path; link != ""; {
		page := send(t, s, "GET", link, "")
		if page.status != 200 {
			t.Fatalf("%s: %d %s", link, page.status, page.raw)
		}
		var ids []string
		for _, v := range page.body["value"].([]any) {
			ids = append(ids, v.(map[string]any)["id"].(string))
		}
		pages = append(pages, ids)
		link, _ = page.body["@odata.nextLink"].(string)
	}
	return pages
}

func TestPaging(t *testing.T) {
	for _, users := range []int{0, 1, 99, 100, 101, 257, 1000} {
		tenant := graphsim.Generate(users, uint64(users))
		var all []string
		for _, u := range tenant.Users {
			all = append(all, u.ID)
		}
		for _, test := range []struct {
			query       string
			limit, size int
		}{{"", 0, 100}, {"$top=999", 0, 999}, {"$top=30", 0, 30}, {"", 7, 7}, {"$top=5", 7, 5}, {"$top=999", 64, 64}} {
			s := newServer(t, graphsim.Options{Tenant: tenant, PageLimit: test.limit})
			pages := walk(t, s, "/users?$select=id&"+strings.TrimPrefix(test.query+"&$count=true", "&"))
			if diff := cmp.Diff(all, slices.Concat(pages...)); diff != "" {
				t.Fatalf("%d users, %q, limit %d:\n%s", users, test.query, test.limit, diff)
			}
			if wanted := max(1, (users+test.size-1)/test.size); len(pages) != wanted {
				t.Errorf("%d users, %q, limit %d: %d pages, want %d", users, test.query, test.limit, len(pages), wanted)
			}
		}
	}
}

func TestPageTokens(t *testing.T) {
	tenant := graphsim.Generate(30, 1)
	filter := url.QueryEscape("employeeId in ('000001','000009','000017')")
	s := newServer(t, graphsim.Options{Tenant: tenant, PageLimit: 2})
	page := send(t, s, "GET", "http://localhost:8080/v1.0/users?$select=id,mail&$filter="+filter, "")
	link, _ := page.body["@odata.nextLink"].(string)
	prefix := "http://localhost:8080/v1.0/users?$filter=" + filter + "&$select=id%2Cmail&$skiptoken="
	if !strings.HasPrefix(link, prefix) {
		t.Fatalf("next link %q, want %q...", link, prefix)
	}
	if got := send(t, s, "GET", link, ""); got.status != 200 || len(got.body["value"].([]any)) != 1 || got.body["@odata.nextLink"] != nil {
		t.Errorf("second page: %d %s", got.status, got.raw)
	}
	token := strings.TrimPrefix(link, prefix)
	forged := []byte(token)
	forged[0] ^= 1
	other := newServer(t, graphsim.Options{Tenant: tenant, PageLimit: 2})
	for name, got := range map[string]result{
		"forged":        send(t, s, "GET", prefix+string(forged), ""),
		"cut":           send(t, s, "GET", link[:len(link)-1], ""),
		"other query":   send(t, s, "GET", "/users?$skiptoken="+token, ""),
		"other select":  send(t, s, "GET", strings.Replace(link, "id%2Cmail", "id", 1), ""),
		"other server":  send(t, other, "GET", link, ""),
		"single person": send(t, s, "GET", "/users/"+tenant.Users[0].ID+"?$skiptoken="+token, ""),
	} {
		if got.status != 400 {
			t.Errorf("%s: %d %s", name, got.status, got.raw)
		}
	}
}

func TestUserObjects(t *testing.T) {
	s := newServer(t, graphsim.Options{})
	everything := "id,userPrincipalName,mail,otherMails,proxyAddresses,employeeId,onPremisesSamAccountName,onPremisesUserPrincipalName," +
		"onPremisesImmutableId,onPremisesSyncEnabled,accountEnabled,userType,usageLocation,mobilePhone,businessPhones,isManagementRestricted,displayName"
	proxies := `["SMTP:Ada.Lindt@contoso.example","smtp:ada@contoso.example","x500:/o=Contoso/cn=ada"]`
	full := `"id":"` + ada + `","userPrincipalName":"ada@contoso.example","mail":"Ada.Lindt@contoso.example","otherMails":["ada@mail.example"],
		"proxyAddresses":` + proxies + `,"employeeId":"000042","onPremisesSamAccountName":"alindt","onPremisesUserPrincipalName":"ada@corp.example",
		"onPremisesImmutableId":"QWRhQWRhQWRh","onPremisesSyncEnabled":null,"accountEnabled":true,"userType":"Member","usageLocation":"GB",
		"mobilePhone":"+44 7700900001","businessPhones":["+44 2079460001"],"isManagementRestricted":null,"displayName":"Ada Lindt"`
	basic := `"id":"` + ada + `","userPrincipalName":"ada@contoso.example","mail":"Ada.Lindt@contoso.example","otherMails":[],
		"proxyAddresses":[],"employeeId":null,"onPremisesSamAccountName":null,"onPremisesUserPrincipalName":null,
		"onPremisesImmutableId":null,"onPremisesSyncEnabled":null,"accountEnabled":null,"userType":null,"usageLocation":null,
		"mobilePhone":null,"businessPhones":[],"isManagementRestricted":null,"displayName":"Ada Lindt"`
	defaults := `"businessPhones":["+44 2079460001"],"displayName":"Ada Lindt","givenName":null,"jobTitle":null,"mail":"Ada.Lindt@contoso.example",
		"mobilePhone":"+44 7700900001","officeLocation":null,"preferredLanguage":null,"surname":null,"userPrincipalName":"ada@contoso.example","id":"` + ada + `"`
	entity := func(selected, members string) string {
		return `{"@odata.context":"` + root + `/$metadata#users` + selected + `/$entity",` + members + `}`
	}
	onlyBasic := newServer(t, graphsim.Options{Permissions: []string{"User.ReadBasic.All"}})
	for _, test := range []struct {
		server     *graphsim.Server
		path, want string
	}{
		{s, "/users/" + ada, entity("", defaults)},
		{s, "/users/ADA@contoso.example", entity("", defaults)},
		{s, "/users/" + ada + "?$select=" + everything, entity("("+everything+")", full)},
		{s, "/users/" + bram + "?$select=accountEnabled,displayName,userType", entity("(accountEnabled,displayName,userType)",
			`"accountEnabled":false,"displayName":"Bram O'Dorn","userType":"Member"`)},
		{s, "/users/chiara_fabrikam.example%23EXT%23@contoso.example?$select=id,userType,id", entity("(id,userType,id)", `"id":"`+chiara+`","userType":"Guest"`)},
		{onlyBasic, "/users/" + ada + "?$select=" + everything, entity("("+everything+")", basic)},
		{s, "/users?$top=1", ""},
		{s, "/organization", `{"@odata.context":"` + root + `/$metadata#organization","value":[{"id":"00000000-0000-4000-8000-000000000001","displayName":"Contoso",
			"verifiedDomains":[{"isDefault":true,"name":"contoso.example"},{"isDefault":false,"name":"contoso.test"}]}]}`},
		{s, "/organization?$select=displayName", `{"@odata.context":"` + root + `/$metadata#organization(displayName)","value":[{"displayName":"Contoso"}]}`},
	} {
		got := send(t, test.server, "GET", test.path, "")
		if got.status != 200 {
			t.Errorf("%s: %d %s", test.path, got.status, got.raw)
			continue
		}
		if test.want == "" { // a page holds what the single object does
			value := got.body["value"].([]any)[0]
			if diff := cmp.Diff(object(t, "{"+defaults+"}"), value); diff != "" {
				t.Errorf("%s:\n%s", test.path, diff)
			}
			continue
		}
		if diff := cmp.Diff(object(t, test.want), got.body); diff != "" {
			t.Errorf("%s:\n%s", test.path, diff)
		}
	}
	got := send(t, s, "GET", "/users/"+nobody, "")
	want(t, got, 404, "Request_ResourceNotFound")
	if message := errorField(got.body, "message"); message !=
		fmt.Sprintf("Resource '%s' does not exist or one of its queried reference-property objects are not present.", nobody) {
		t.Errorf("message %q", message)
	}
	want(t, send(t, s, "GET", "/users/"+ada+"?$filter=id", ""), 400, "Request_UnsupportedQuery")
	want(t, send(t, s, "GET", "/organization?$top=1", ""), 400, "Request_UnsupportedQuery")
	want(t, send(t, onlyBasic, "GET", "/users?$filter="+url.QueryEscape("mail eq 'ada.lindt@contoso.example'"), ""), 200, "")
	for _, filter := range []string{"employeeId eq '000042'", "proxyAddresses/any(p:p eq 'smtp:ada@contoso.example')"} {
		want(t, send(t, onlyBasic, "GET", "/users?$filter="+url.QueryEscape(filter), ""), 403, "Authorization_RequestDenied")
	}
}
