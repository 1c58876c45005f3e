package graphsim_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
)

func TestGatekeeping(t *testing.T) {
	tests := []struct {
		name, method, path, body string
		header                   []string
		status                   int
		code                     string
	}{
		{"no token", "GET", "/users", "", []string{"Authorization:"}, 401, "InvalidAuthenticationToken"},
		{"wrong token", "GET", "/users", "", []string{"Authorization: Bearer other"}, 401, "InvalidAuthenticationToken"},
		{"other scheme", "GET", "/users", "", []string{"Authorization: Basic token"}, 401, "InvalidAuthenticationToken"},
		{"right token", "GET", "/users", "", nil, 200, ""},
		{"no token on an unknown path", "GET", "/me", "", []string{"Authorization:"}, 401, "InvalidAuthenticationToken"},
		{"unknown path", "GET", "/me", "", nil, 404, "ResourceNotFound"},
		{"below a user", "GET", "/users/" + ada + "/manager", "", nil, 404, "ResourceNotFound"},
		{"authentication alone", "GET", "/users/" + ada + "/authentication", "", nil, 404, "ResourceNotFound"},
		{"another method", "GET", "/users/" + ada + "/authentication/fido2Methods", "", nil, 404, "ResourceNotFound"},
		{"SMS sign-in", "POST", phones(bram) + "/" + mobileID + "/enableSmsSignIn", `{}`, nil, 404, "ResourceNotFound"},
		{"path in other letters", "GET", "/Users", "", nil, 404, "ResourceNotFound"},
		{"trailing slash", "GET", "/users/", "", nil, 404, "ResourceNotFound"},
		{"beta", "GET", "https://graph.example/beta/users", "", nil, 404, "ResourceNotFound"},
		{"root", "GET", "https://graph.example/v1.0", "", nil, 404, "ResourceNotFound"},
		{"create a user", "POST", "/users", `{}`, nil, 405, "Request_BadRequest"},
		{"change a user", "PATCH", "/users/" + ada, `{}`, nil, 405, "Request_BadRequest"},
		{"head", "HEAD", "/users", "", nil, 405, "Request_BadRequest"},
		{"no type", "POST", phones(ada), phoneJSON("mobile", "+44 7700900100"), []string{"Content-Type:"}, 415, "unsupportedMediaType"},
		{"other type", "POST", phones(ada), phoneJSON("mobile", "+44 7700900100"), []string{"Content-Type: text/json"}, 415, "unsupportedMediaType"},
		{"other characters", "POST", phones(ada), phoneJSON("mobile", "+44 7700900100"), []string{"Content-Type: application/json; charset=utf-16"}, 415, "unsupportedMediaType"},
		{"type with parameters", "POST", phones(ada), phoneJSON("mobile", "+44 7700900100"), []string{"Content-Type: Application/JSON; charset=UTF-8"}, 201, ""},
		{"gzip", "PATCH", phones(bram) + "/" + mobileID, phoneJSON("mobile", "+44 7700900100"), []string{"Content-Encoding: gzip"}, 415, "unsupportedMediaType"},
		{"identity", "PATCH", phones(bram) + "/" + mobileID, phoneJSON("mobile", "+44 7700900100"), []string{"Content-Encoding: identity"}, 204, ""},
		{"no body", "POST", emails(ada), "", []string{"Content-Type: application/json"}, 400, "badRequest"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, graphsim.Options{Token: "token"})
			got := send(t, s, test.method, test.path, test.body, test.header...)
			want(t, got, test.status, test.code)
			if test.status == 405 && got.header.Get("Allow") != "GET" {
				t.Errorf("Allow is %q", got.header.Get("Allow"))
			}
			if test.status >= 400 && s.Stats().Refused[test.status] != 1 {
				t.Errorf("counted %v", s.Stats().Refused)
			}
		})
	}
}

func TestErrorEnvelope(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 11, 23, 9, 8, 7, 0, time.FixedZone("", 3600)) }
	s := newServer(t, graphsim.Options{Now: now})
	for path, repeated := range map[string]bool{"/users/" + nobody: false, phones(nobody): true} {
		got := send(t, s, "GET", path, "", "client-request-id: mine")
		id := got.header.Get("request-id")
		inner := map[string]any{"date": "2026-11-23T08:08:07", "request-id": id, "client-request-id": "mine"}
		if repeated {
			inner["message"] = errorField(got.body, "message")
		}
		expected := map[string]any{"error": map[string]any{"code": got.code(), "message": errorField(got.body, "message"), "innerError": inner}}
		if diff := cmp.Diff(expected, got.body); diff != "" || len(id) != 36 {
			t.Errorf("%s (request-id %q):\n%s", path, id, diff)
		}
		if got.header.Get("client-request-id") != "mine" || got.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: header %v", path, got.header)
		}
	}
	first, second := send(t, s, "GET", "/users", ""), send(t, s, "GET", "/users", "")
	if id := first.header.Get("request-id"); id == second.header.Get("request-id") || id != first.header.Get("client-request-id") {
		t.Errorf("headers %v and %v", first.header, second.header)
	}
}

func TestPermissions(t *testing.T) {
	requests := map[string][3]string{
		"organization": {"GET", "/organization"},
		"users":        {"GET", "/users"},
		"user":         {"GET", "/users/" + bram},
		"methods":      {"GET", "/users/" + bram + "/authentication/methods"},
		"read phones":  {"GET", phones(bram)},
		"write phones": {"POST", phones(ada), phoneJSON("mobile", "+44 7700900100")},
		"edit phones":  {"PATCH", phones(bram) + "/" + mobileID, phoneJSON("mobile", "+44 7700900100")},
		"drop phones":  {"DELETE", phones(bram) + "/" + officeID},
		"read emails":  {"GET", emails(bram)},
		"write emails": {"POST", emails(ada), `{"emailAddress":"ada@home.example"}`},
		"edit emails":  {"PATCH", emails(bram) + "/" + emailID, `{"emailAddress":"b@home.example"}`},
		"drop emails":  {"DELETE", emails(bram) + "/" + emailID},
	}
	const writesPhones, writesEmails = ",write phones,edit phones,drop phones", ",write emails,edit emails,drop emails"
	for held, allowed := range map[string]string{
		"":                                       "",
		"Mail.Read":                              "",
		"AuditLog.Read.All":                      "",
		"Organization.Read.All":                  "organization",
		"User.ReadBasic.All":                     "users,user",
		"User.Read.All":                          "organization,users,user",
		"Directory.Read.All":                     "organization,users,user",
		"UserAuthMethod-Phone.Read.All":          "read phones",
		"UserAuthMethod-Phone.ReadWrite.All":     "read phones" + writesPhones,
		"UserAuthMethod-Email.Read.All":          "read emails",
		"UserAuthMethod-Email.ReadWrite.All":     "read emails" + writesEmails,
		"UserAuthenticationMethod.Read.All":      "methods,read phones,read emails",
		"UserAuthenticationMethod.ReadWrite.All": "methods,read phones,read emails" + writesPhones + writesEmails,
	} {
		permissions := []string{}
		if held != "" {
			permissions = append(permissions, held)
		}
		for name, r := range requests {
			s := newServer(t, graphsim.Options{Permissions: permissions})
			got := send(t, s, r[0], r[1], r[2])
			switch may := strings.Contains(","+allowed+",", ","+name+","); {
			case may && got.status >= 300:
				t.Errorf("%q, %s: %d %s", held, name, got.status, got.raw)
			case !may && strings.Contains(r[1], "/authentication/"):
				want(t, got, 403, "accessDenied")
			case !may:
				want(t, got, 403, "Authorization_RequestDenied")
			}
		}
	}
}

func TestChina(t *testing.T) {
	s := newServer(t, graphsim.Options{Cloud: "china"})
	for path, status := range map[string]int{
		"/users": 200, phones(bram): 200, phones(bram) + "/" + mobileID: 200,
		emails(bram): 404, emails(bram) + "/" + emailID: 404, "/users/" + bram + "/authentication/methods": 404,
	} {
		if got := send(t, s, "GET", path, ""); got.status != status {
			t.Errorf("%s: %d, want %d", path, got.status, status)
		}
	}
	want(t, send(t, s, "POST", emails(ada), `{"emailAddress":"ada@home.example"}`), 404, "ResourceNotFound")
	for _, cloud := range []string{"", "global", "usgov", "dod"} {
		if got := send(t, newServer(t, graphsim.Options{Cloud: cloud}), "GET", emails(bram), ""); got.status != 200 {
			t.Errorf("%q: %d", cloud, got.status)
		}
	}
}

// TestOverTheNetwork does what the transport does through a real connection.
func TestOverTheNetwork(t *testing.T) {
	s := newServer(t, graphsim.Options{PageLimit: 2, Fault: func(c graphsim.Call) *graphsim.Fault {
		if c.Method == "POST" {
			return &graphsim.Fault{Cut: true, After: true}
		}
		return nil
	}})
	web := httptest.NewServer(s)
	defer web.Close()
	do := func(method, url, body string) (*http.Response, error) {
		r, err := http.NewRequest(method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer token")
		r.Header.Set("Content-Type", "application/json")
		return web.Client().Do(r)
	}
	seen := 0
	for link := web.URL + "/v1.0/users"; link != ""; {
		response, err := do("GET", link, "")
		if err != nil {
			t.Fatal(err)
		}
		page := read(t, response)
		seen += len(page.body["value"].([]any))
		link, _ = page.body["@odata.nextLink"].(string)
	}
	if seen != 3 {
		t.Errorf("paged over %d people", seen)
	}
	if response, err := do("POST", web.URL+"/v1.0"+emails(ada), `{"emailAddress":"ada@home.example"}`); err == nil {
		t.Errorf("a cut connection answered %d", response.StatusCode)
	}
	if got := s.Tenant().Users[0].EmailMethods; len(got) != 1 {
		t.Errorf("written before the cut: %v", got)
	}
	response, err := do("DELETE", web.URL+"/v1.0"+emails(ada)+"/"+emailID, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, response); got.status != 204 || got.raw != "" {
		t.Errorf("delete: %d %q", got.status, got.raw)
	}
}

func BenchmarkBatchCreates(b *testing.B) {
	const users, size = 100_000, 20
	tenant := graphsim.Generate(users, 1)
	for i := range tenant.Users {
		tenant.Users[i].PhoneMethods, tenant.Users[i].EmailMethods = nil, nil
	}
	bodies := make([]string, users/size)
	for i := range bodies {
		items := make([]string, size)
		for j := range items {
			items[j] = post(fmt.Sprint(j+1), phones(tenant.Users[i*size+j].ID), phoneJSON("mobile", "+44 7700900100"))
		}
		bodies[i] = batch(items...)
	}
	b.ReportAllocs()
	items := 0
	for left := b.N; left > 0; {
		b.StopTimer()
		s := newServer(b, graphsim.Options{Tenant: tenant})
		client := http.Client{Transport: s.Transport()}
		b.StartTimer()
		for _, body := range bodies[:min(len(bodies), left)] {
			r, err := http.NewRequest("POST", root+"/$batch", strings.NewReader(body))
			if err != nil {
				b.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer token")
			r.Header.Set("Content-Type", "application/json")
			response, err := client.Do(r)
			if err != nil || response.StatusCode != 200 {
				b.Fatal(err, response)
			}
			response.Body.Close()
			items += size
			left--
		}
		if got := s.Stats(); int(got.Writes) != int(got.Items) {
			b.Fatalf("%+v", got)
		}
	}
	b.ReportMetric(float64(items)/b.Elapsed().Seconds(), "items/s")
}

func BenchmarkPage(b *testing.B) {
	s := newServer(b, graphsim.Options{Tenant: graphsim.Generate(100_000, 1)})
	for b.Loop() {
		if got := send(b, s, "GET", "/users?$top=999&$select=id,userPrincipalName,mail,employeeId,accountEnabled,userType", ""); got.status != 200 {
			b.Fatal(got.raw)
		}
	}
}

func BenchmarkReportPage(b *testing.B) {
	s := newServer(b, graphsim.Options{Tenant: graphsim.Generate(100_000, 1), Levers: graphsim.Levers{ReportAge: time.Hour}})
	for b.Loop() {
		if got := send(b, s, "GET", "/reports/authenticationMethods/userRegistrationDetails?$top=999", ""); got.status != 200 {
			b.Fatal(got.raw)
		}
	}
}
