package graphtest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

const (
	someone   = "11111111-0000-4000-8000-000000000000"
	phones    = "/users/" + someone + "/authentication/phoneMethods"
	emails    = "/users/" + someone + "/authentication/emailMethods"
	allOfThem = "/users/" + someone + "/authentication/methods"
	mobileID  = "/3179e48a-750b-4051-897c-87b9720928f7"

	aPhone    = `"id":"3179e48a-750b-4051-897c-87b9720928f7","createdDateTime":null,"phoneNumber":"+44 7700900101","phoneType":"mobile","smsSignInState":"notAllowedByPolicy"`
	newOne    = `{"phoneNumber":"+44 7700900101","phoneType":"mobile"}`
	errorBody = `{"error":{"code":"badRequest","message":"no","innerError":{"message":"no","date":"2026-11-05T09:00:00","request-id":"1","client-request-id":"1"}}}`
)

// exchanges are right and wrong ones.
var exchanges = []struct {
	name            string
	method, url     string
	body            string
	status          int
	answer          string
	want            string // part of the one fault; empty for none
	followed, plain bool
}{
	{name: "list", method: "GET", url: phones, status: 200, answer: `{"@odata.context":"x","value":[{` + aPhone + `}]}`},
	{name: "all methods", method: "GET", url: allOfThem, status: 200, answer: `{"@odata.context":"x","value":[{"@odata.type":"#microsoft.graph.phoneAuthenticationMethod",` + aPhone + `}]}`},
	{name: "create", method: "POST", url: phones, body: newOne, status: 201, answer: `{"@odata.context":"x",` + aPhone + `}`},
	{name: "update", method: "PATCH", url: phones + mobileID, body: newOne, status: 204},
	{name: "delete", method: "DELETE", url: phones + mobileID, status: 204},
	{name: "users", method: "GET", url: "/users?$select=id,mail&$top=999&$count=true&$filter=id%20in%20('1')", status: 200, answer: `{"@odata.context":"x","@odata.count":1,"@odata.nextLink":"y","value":[{"id":"1","mail":null}]}`},
	{name: "refusal", method: "POST", url: phones, body: newOne, status: 400, answer: errorBody},
	{name: "next link", method: "GET", url: "/users?$skiptoken=1", status: 200, answer: `{"value":[]}`, followed: true},

	{name: "unknown path", method: "GET", url: "/users/" + someone + "/authentication/requirements", status: 200, want: "request: no such operation: GET /users/{}/authentication/requirements"},
	{name: "method no page has", method: "POST", url: allOfThem, body: newOne, status: 201, answer: `{}`, want: "request: no such operation"},
	{name: "undocumented parameter", method: "GET", url: "/users?$skiptoken=1", status: 200, answer: `{"value":[]}`, want: "request: undocumented query parameter $skiptoken"},
	{name: "parameter twice", method: "GET", url: "/users?$top=1&$top=2", status: 200, answer: `{"value":[]}`, want: "request: undocumented query parameter $top"},
	{name: "parameter of the wrong type", method: "GET", url: "/users?$top=many", status: 200, answer: `{"value":[]}`, want: `request: parameter "$top" cannot be read`},
	{name: "query for methods", method: "GET", url: phones + "?$top=1", status: 200, answer: `{"value":[]}`, want: "request: undocumented query parameter $top"},
	{name: "unknown member sent", method: "POST", url: phones, body: `{"phoneNumber":"+44 7700900101","phoneType":"mobile","phone":"1"}`, status: 201, answer: `{` + aPhone + `}`, want: `request: .*"phone" is unsupported`},
	{name: "read-only member sent", method: "POST", url: phones, body: `{"phoneNumber":"+44 7700900101","phoneType":"mobile","smsSignInState":"ready"}`, status: 201, answer: `{` + aPhone + `}`, want: `request: .*readOnly property "smsSignInState"`},
	{name: "member missing", method: "PATCH", url: phones + mobileID, body: `{"phoneNumber":"+44 7700900101"}`, status: 204, want: `request: .*"phoneType" is missing`},
	{name: "no body", method: "POST", url: emails, status: 400, answer: errorBody, want: "request: request body has an error: value is required but missing"},
	{name: "body of a removal", method: "DELETE", url: phones + mobileID, body: `{}`, status: 204, want: "request: request body not allowed"},
	{name: "body that is no JSON", method: "POST", url: emails, body: `{"emailAddress`, status: 400, answer: errorBody, want: "request: body cannot be read"},
	{name: "word no enum has", method: "POST", url: phones, body: `{"phoneNumber":"+44 7700900101","phoneType":"home"}`, status: 400, answer: errorBody, want: `request: .*phoneType`},
	{name: "context sent", method: "POST", url: emails, body: `{"emailAddress":"a@example.com","@odata.context":"x"}`, status: 400, answer: errorBody, want: `request: .*"@odata.context" is unsupported`},

	{name: "another success", method: "POST", url: phones, body: newOne, status: 200, answer: `{` + aPhone + `}`, want: "answer: undocumented status 200"},
	{name: "success of another era", method: "PATCH", url: phones + mobileID, body: newOne, status: 200, answer: `{` + aPhone + `}`, want: "answer: undocumented status 200"},
	{name: "body of 204", method: "PATCH", url: phones + mobileID, body: newOne, status: 204, answer: `{` + aPhone + `}`, want: "answer: status 204: a body where none is documented"},
	{name: "status 302", method: "GET", url: phones, status: 302, want: "answer: undocumented status 302"},
	{name: "status 304", method: "GET", url: phones, status: 304, want: "answer: undocumented status 304"},
	{name: "unknown member", method: "GET", url: phones, status: 200, answer: `{"value":[{` + aPhone + `,"verified":true}]}`, want: `answer: .*/value/0.*"verified" is unsupported`},
	{name: "unknown member of a person", method: "GET", url: "/users", status: 200, answer: `{"value":[{"id":"1","shoeSize":1}]}`, want: `answer: .*"shoeSize" is unsupported`},
	{name: "method without its type", method: "GET", url: allOfThem, status: 200, answer: `{"value":[{` + aPhone + `}]}`, want: `answer: .*@odata.type`},
	{name: "method of a type nobody has", method: "GET", url: allOfThem, status: 200, answer: `{"value":[{"@odata.type":"#microsoft.graph.faxAuthenticationMethod","id":"1"}]}`, want: `answer: .*@odata.type`},
	{name: "member of another type of method", method: "GET", url: allOfThem, status: 200, answer: `{"value":[{"@odata.type":"#microsoft.graph.emailAuthenticationMethod",` + aPhone + `}]}`, want: `answer: .*phoneNumber`},
	{name: "member of the wrong type", method: "GET", url: emails, status: 200, answer: `{"value":[{"emailAddress":7}]}`, want: `answer: .*emailAddress.*string`},
	{name: "refusal without a code", method: "GET", url: phones, status: 404, answer: `{"error":{"message":"no"}}`, want: `answer: .*"code" is missing`},
	{name: "page of a proxy", method: "GET", url: phones, status: 502, answer: `<html>`, plain: true, want: `answer: status 502: .*Content-Type`},
}

// The description itself has to be able to fail: what is wrong is found, and
// what is right is not.
func TestDescriptionRefuses(t *testing.T) {
	d := described(t)
	if d == nil {
		t.Skip("shared/data/graph-openapi-subset.yaml is not beside the repository, so there is no description to try")
	}
	for _, tc := range exchanges {
		header := http.Header{}
		if tc.body != "" {
			header.Set("Content-Type", "application/json")
		}
		answered := http.Header{}
		if tc.answer != "" {
			answered.Set("Content-Type", "application/json;odata.metadata=minimal;charset=utf-8")
		}
		if tc.plain {
			answered.Set("Content-Type", "text/html")
		}
		_, faults := d.check(exchange{
			method: tc.method, url: tc.url, header: header, body: []byte(tc.body),
			status: tc.status, answerHeader: answered, answer: []byte(tc.answer), followed: tc.followed,
		})
		expectFaults(t, tc.name, faults, tc.want)
	}
}

func expectFaults(t *testing.T, name string, faults []fault, want string) {
	t.Helper()
	switch {
	case want == "" && len(faults) > 0:
		t.Errorf("%s: %v", name, faults)
	case want == "":
	case len(faults) != 1 || !strings.HasPrefix(faults[0].String(), want[:strings.Index(want, ":")]) || !matches(want, faults[0].String()):
		t.Errorf("%s: %q, want %q alone", name, faults, want)
	case strings.Contains(faults[0].String(), "7700900"):
		t.Errorf("%s: a value shows in %q", name, faults[0])
	}
}

// matches reads ".*" as anything between and nothing else as special.
func matches(pattern, text string) bool {
	for part := range strings.SplitSeq(pattern, ".*") {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return true
}

// answering answers every round trip with the same.
type answering struct {
	status int
	body   string
}

func (a answering) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: a.status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(a.body)),
	}, nil
}

// Of a batch every item is held against the description, and the batch itself
// against its page.
func TestWitnessRefuses(t *testing.T) {
	d := described(t)
	if d == nil {
		t.Skip("shared/data/graph-openapi-subset.yaml is not beside the repository, so there is no description to try")
	}
	const (
		read    = `{"id":"1","method":"GET","url":"` + phones + `","headers":{}}`
		write   = `{"id":"2","method":"POST","url":"` + phones + `","headers":{"Content-Type":"application/json"},"body":` + newOne + `}`
		empty   = `{"id":"1","status":200,"headers":{"Content-Type":"application/json"},"body":{"value":[]}}`
		created = `{"id":"2","status":201,"headers":{"Content-Type":"application/json"},"body":{` + aPhone + `}}`
	)
	for _, tc := range []struct {
		name, requests, responses string
		want                      string
	}{
		{"both", read + "," + write, created + "," + empty, ""},
		{"answer of another item", read + "," + write, strings.Replace(created, "201", "200", 1) + "," + empty, "answer: POST /users/{user-id}/authentication/phoneMethods: undocumented status 200"},
		{"wrong item", strings.Replace(write, "phoneType", "type", 1), created, `request: POST /users/{user-id}/authentication/phoneMethods: .*"type" is unsupported`},
		{"query of an item", strings.Replace(read, "phoneMethods", "phoneMethods?$top=1", 1), empty, "request: GET /users/{user-id}/authentication/phoneMethods: undocumented query parameter $top"},
		{"id twice", read + "," + read, empty, "request: $batch: an id twice"},
		{"no id", strings.Replace(read, `"id":"1",`, "", 1), "", "request: $batch: a request without an id"},
		{"absolute address", strings.Replace(read, `"/users`, `"//graph.example/users`, 1), empty, "request: $batch: an address that is not relative"},
		{"unknown member of an item", strings.Replace(read, `"headers"`, `"header"`, 1), "", "request: $batch: cannot be read"},
		{"body without its type", strings.Replace(write, `"Content-Type":"application/json"`, "", 1), created, "request: $batch: a body without its Content-Type"},
		{"no request", "", "", "request: $batch: 0 requests, of 1 to 20"},
		{"no answer", read + "," + write, created, "answer: $batch: a request without an answer"},
		{"two answers", read, empty + "," + empty, "answer: $batch: two answers to one request"},
		{"answer to nothing", read, empty + "," + created, "answer: $batch: an answer to no request"},
		{"status in words", read, strings.Replace(empty, "200", `"OK"`, 1), "answer: $batch: a status that is no number"},
	} {
		w := newWitness(answering{200, `{"responses":[` + tc.responses + `]}`}, d)
		r, err := http.NewRequest(http.MethodPost, "https://graph.microsoft.com/v1.0/$batch", strings.NewReader(`{"requests":[`+tc.requests+`]}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if _, err := w.RoundTrip(r); err != nil {
			t.Fatal(err)
		}
		faults := w.told()
		if tc.name == "no request" || strings.Contains(tc.want, "cannot be read") || tc.name == "body without its type" {
			faults = faults[:min(1, len(faults))] // what follows from it is another fault
		}
		expectFaults(t, tc.name, faults, tc.want)
	}
}

// What was seen only at fault, or not at all, is missing; what nobody listed is
// told.
func TestCoverageRefuses(t *testing.T) {
	d := described(t)
	if d == nil {
		t.Skip("shared/data/graph-openapi-subset.yaml is not beside the repository, so there is no description to try")
	}
	for _, tc := range []struct {
		path, body        string
		missing, unlisted int
	}{
		{"/users", `{"value":[]}`, len(used) - 1, 0},
		{"/users", `{"value":{}}`, len(used), 0},
		{"/policies/authenticationMethodsPolicy/authenticationMethodConfigurations", `{"value":[]}`, len(used), 1},
	} {
		w := newWitness(answering{200, tc.body}, d)
		r, err := http.NewRequest(http.MethodGet, "https://graph.microsoft.com/v1.0"+tc.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.RoundTrip(r); err != nil {
			t.Fatal(err)
		}
		if _, missing, unlisted := w.coverage(); len(missing) != tc.missing || len(unlisted) != tc.unlisted {
			t.Errorf("%s %s: %d missing, %d unlisted, want %d and %d", tc.path, tc.body, len(missing), len(unlisted), tc.missing, tc.unlisted)
		}
	}
}
