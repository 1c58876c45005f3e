package graphsim_test

import (
	"net/url"
	"strings"
	"testing"

	"authseed/importer/graph/graphsim"
)

// TestPilotFilter filters as an administrator does to choose a pilot: each
// filter with and without the advanced query parameters.
func TestPilotFilter(t *testing.T) {
	const refused = "400"
	s := newServer(t, graphsim.Options{Tenant: wideTenant()})
	for _, test := range []struct{ filter, found, advanced string }{
		{"department eq 'sales'", "dora emil", "dora emil"},
		{"department ne 'Sales'", refused, "ada bram chiara"},
		{"not(department eq 'Sales')", refused, "ada bram chiara"},
		{"department eq 'Sales' and country eq 'Germany'", "dora", "dora"},
		{"department eq 'Sales' and not startswith(displayName,'D')", refused, "emil"},
		{"not (startsWith(displayName, 'd') or startsWith(displayName, 'E')) and userType eq 'Member'", refused, "ada bram"},
		{"not not (department eq 'Sales')", refused, refused},
		{"not department eq 'Sales'", refused, refused},
		{"department eq null", refused, "ada bram chiara"},
		{"department ne null", refused, "dora emil"},
		{"usageLocation eq null", refused, refused},
		{"country in ('Germany','France')", "dora", "dora"},
		{"companyName eq 'Contoso GmbH'", refused, "dora"},
		{"startswith(companyName,'contoso')", refused, "dora"},
		{"mobilePhone eq '+44 7700900001'", refused, "ada"},
		{"mobilePhone ne null", refused, "ada"},
		{"userType eq 'Guest'", "chiara", "chiara"},
		{"userType eq 'Member' and accountEnabled eq true", "ada dora emil", "ada dora emil"},
		{"accountEnabled eq false", "bram", "bram"},
		{"accountEnabled ne true", refused, "bram"},
		{"onPremisesSyncEnabled eq true", "dora", "dora"},
		{"creationType eq 'LocalAccount'", "emil", "emil"},
		{"usageLocation eq 'GB'", "ada", "ada"},
		{"startswith(displayName,'a')", "ada", "ada"},
		{"startsWith(userPrincipalName, 'Chiara')", "chiara", "chiara"},
		{"startswith(department,'Sal')", "dora emil", "dora emil"},
		{"displayName eq 'Bram O''Dorn'", "bram", "bram"},
		{"employeeId eq '000042' and mail eq 'a'", "", ""},
		{"(employeeId eq '000042')", "ada", "ada"},
		{"startsWith(employeeId,'0')", "ada", "ada"},
		{"proxyAddresses/any(p:p eq 'smtp:ada@contoso.example') and mail eq 'ada.lindt@contoso.example'", "ada", "ada"},
		{"not proxyAddresses/any(p:p eq 'smtp:ada@contoso.example')", refused, "bram chiara dora emil"},
		// and binds more tightly than or.
		{"department eq 'Sales' or userType eq 'Guest' and accountEnabled eq false", "dora emil", "dora emil"},
		{"(department eq 'Sales' or userType eq 'Member') and accountEnabled eq false", "bram", "bram"},
		{"( ( employeeId eq 'O''7' or id eq '" + ada + "' ) )", "ada bram", "ada bram"},
		{"employeeId eq '000042' or department eq 'Sales'", "ada dora emil", "ada dora emil"},

		{"startswith(userType,'M')", refused, refused},
		{"startswith(accountEnabled,'t')", refused, refused},
		{"startswith(displayName)", refused, refused},
		{"startswith(displayName,'')", refused, refused},
		{"startswith(displayName,'A') eq true", refused, refused},
		{"startswith(displayName,'A')and department eq 'x'", refused, refused},
		{"startswith('A',displayName)", refused, refused},
		{"endswith(mail,'example')", refused, refused},
		{"contains(displayName,'a')", refused, refused},
		{"accountEnabled eq 'true'", refused, refused},
		{"accountEnabled", refused, refused},
		{"accountEnabled in (true)", refused, refused},
		{"accountEnabled eq trueish", refused, refused},
		{"department eq true", refused, refused},
		{"department gt 'A'", refused, refused},
		{"department eq 'Sales' AND country eq 'Germany'", refused, refused},
		{"(department eq 'Sales'", refused, refused},
		{"department eq 'Sales')", refused, refused},
		{"()", refused, refused},
		{"department eq 'Sales' and", refused, refused},
		{"department eq 'Sales' and and country eq 'x'", refused, refused},
		{"jobTitle eq 'Clerk'", refused, refused},
		{strings.Repeat("(", 21) + "department eq 'Sales'" + strings.Repeat(")", 21), refused, refused},
		{strings.Repeat("department eq 'x' or ", 15) + "department eq 'Sales'", refused, "dora emil"},
	} {
		for _, advanced := range []bool{false, true} {
			path, want, header := "/users?$select=id&$filter="+url.QueryEscape(test.filter), test.found, []string(nil)
			if advanced {
				path, want, header = path+"&$count=true", test.advanced, []string{"ConsistencyLevel: eventual"}
			}
			got := send(t, s, "GET", path, "", header...)
			if want == refused {
				if got.status != 400 || got.code() != "Request_UnsupportedQuery" {
					t.Errorf("%s (advanced %v): %d %s", test.filter, advanced, got.status, got.raw)
				}
				continue
			}
			if found := shortNames(t, got); found != want {
				t.Errorf("%s (advanced %v): %q, want %q", test.filter, advanced, found, want)
			}
			if count, _ := got.body["@odata.count"].(float64); advanced && int(count) != len(strings.Fields(want)) {
				t.Errorf("%s: counted %v", test.filter, got.body["@odata.count"])
			}
		}
	}
	if got := send(t, s, "GET", "/users?$filter="+url.QueryEscape("department ne 'x'"), ""); !strings.HasPrefix(errorField(got.body, "message"),
		"Operator 'ne' is not supported because the required parameters might be missing.") {
		t.Error(got.raw)
	}
	basic := newServer(t, graphsim.Options{Tenant: wideTenant(), Permissions: []string{"User.ReadBasic.All"}})
	if got := shortNames(t, send(t, basic, "GET", "/users?$select=id&$filter="+url.QueryEscape("startswith(displayName,'D')"), "")); got != "dora" {
		t.Errorf("by a basic property: %q", got)
	}
	want(t, send(t, basic, "GET", "/users?$filter="+url.QueryEscape("startswith(displayName,'D') or department eq 'Sales'"), ""), 403, "Authorization_RequestDenied")

	// A filter that looks at everybody pages like any other.
	large := newServer(t, graphsim.Options{Tenant: graphsim.Generate(500, 3), PageLimit: 7})
	seen := 0
	for _, page := range walk(t, large, "/users?$select=id&$filter="+url.QueryEscape("usageLocation eq 'US' and accountEnabled eq true")) {
		seen += len(page)
	}
	if seen != 240 { // every second one; of every fifty odd ones two are disabled
		t.Errorf("%d people by a filter over pages", seen)
	}
}

func TestCount(t *testing.T) {
	s := newServer(t, graphsim.Options{Tenant: wideTenant()})
	const eventual = "ConsistencyLevel: eventual"
	for path, number := range map[string]string{"/users/$count": "5", "/users/$count?$filter=department%20eq%20'Sales'": "2",
		"/users/%24count?$filter=department%20ne%20'Sales'": "3"} {
		got := send(t, s, "GET", path, "", eventual)
		if got.status != 200 || got.raw != number || got.header.Get("Content-Type") != "text/plain" {
			t.Errorf("%s: %d %q %s", path, got.status, got.raw, got.header.Get("Content-Type"))
		}
	}
	got := send(t, s, "GET", "/users/$count", "")
	want(t, got, 400, "Request_BadRequest")
	want(t, send(t, s, "GET", "/users/$count?$top=1", "", eventual), 400, "Request_UnsupportedQuery")
	if err := s.Leave(ada); err != nil {
		t.Fatal(err)
	}
	if got := send(t, s, "GET", "/users/$count", "", eventual); got.raw != "4" {
		t.Errorf("after somebody left: %s", got.raw)
	}
	batch := send(t, s, "POST", "/$batch", `{"requests":[{"id":"1","method":"GET","url":"/users/$count","headers":{"ConsistencyLevel":"eventual"}}]}`)
	if !strings.Contains(batch.raw, `"Content-Type":"text/plain"`) || !strings.Contains(batch.raw, `"body":"NA=="`) {
		t.Error(batch.raw)
	}
}
