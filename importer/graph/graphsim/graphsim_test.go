package graphsim_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"authseed/importer/graph/graphsim"
)

const (
	root = "https://graph.example/v1.0"

	ada    = "00000000-0000-4000-8000-00000000000a"
	bram   = "00000000-0000-4000-8000-00000000000b"
	chiara = "00000000-0000-4000-8000-00000000000c"
	nobody = "00000000-0000-4000-8000-0000000000ff"

	mobileID    = "3179e48a-750b-4051-897c-87b9720928f7"
	alternateID = "b6332ec1-7057-4abe-9331-3d72feddfe41"
	officeID    = "e37fc753-ff3b-4958-9484-eaa9425c82bc"
	emailID     = "3ddfcfc8-9383-446f-83cc-3ab9be4be18f"
	passwordID  = "28c10230-6103-485e-b985-444c60001490"
)

// smallTenant is Ada with nothing registered, Bram with everything, and the
// guest Chiara with a mobile.
func smallTenant() *graphsim.Tenant {
	disabled := false
	return &graphsim.Tenant{
		ID: "00000000-0000-4000-8000-000000000001", DisplayName: "Contoso", VerifiedDomains: []string{"contoso.example", "contoso.test"},
		Users: []graphsim.User{
			{ID: ada, UserPrincipalName: "ada@contoso.example", DisplayName: "Ada Lindt", Mail: "Ada.Lindt@contoso.example", EmployeeID: "000042",
				OnPremisesSamAccountName: "alindt", OnPremisesImmutableID: "QWRhQWRhQWRh", OnPremisesUserPrincipalName: "ada@corp.example",
				UsageLocation: "GB", MobilePhone: "+44 7700900001", BusinessPhones: []string{"+44 2079460001"}, OtherMails: []string{"ada@mail.example"},
				ProxyAddresses: []string{"SMTP:Ada.Lindt@contoso.example", "smtp:ada@contoso.example", "x500:/o=Contoso/cn=ada"}},
			{ID: bram, UserPrincipalName: "bram@contoso.example", DisplayName: "Bram O'Dorn", EmployeeID: "O'7", AccountEnabled: &disabled,
				ProxyAddresses: []string{"SMTP:bram@contoso.example", "smtp:o'dorn@contoso.example"},
				PhoneMethods: []graphsim.PhoneMethod{{PhoneType: "mobile", PhoneNumber: "+44 7700900002"},
					{PhoneType: "alternateMobile", PhoneNumber: "+44 7700900003"}, {PhoneType: "office", PhoneNumber: "+44 2079460002x12"}},
				EmailMethods: []graphsim.EmailMethod{{EmailAddress: "bram@home.example"}}},
			{ID: chiara, UserPrincipalName: "chiara_fabrikam.example#EXT#@contoso.example", UserType: "Guest",
				PhoneMethods: []graphsim.PhoneMethod{{PhoneType: "mobile", PhoneNumber: "+447700900004"}}},
		},
	}
}

func newServer(t testing.TB, options graphsim.Options) *graphsim.Server {
	t.Helper()
	if options.Tenant == nil {
		options.Tenant = smallTenant()
	}
	s, err := graphsim.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// result is an answer, read.
type result struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// code is the error code, "" when there is none.
func (r result) code() string { return errorField(r.body, "code") }

func errorField(body map[string]any, name string) string {
	inner, _ := body["error"].(map[string]any)
	text, _ := inner[name].(string)
	return text
}

// send sends one request with a token; header lines are "Name: value".
func send(t testing.TB, s *graphsim.Server, method, path, body string, header ...string) result {
	t.Helper()
	url := path
	if strings.HasPrefix(path, "/") {
		url = root + path
	}
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, url, reader)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer token")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ":")
		if value = strings.TrimSpace(value); value == "" {
			r.Header.Del(name)
		} else {
			r.Header.Set(name, value)
		}
	}
	response, err := s.Transport().RoundTrip(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return read(t, response)
}

func read(t testing.TB, response *http.Response) result {
	t.Helper()
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := result{status: response.StatusCode, header: response.Header, raw: string(raw)}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(raw, &out.body); err != nil {
			t.Fatalf("answer is not JSON: %v\n%s", err, raw)
		}
	}
	return out
}

// object re-reads a JSON text, for comparisons that do not mind the order.
func object(t testing.TB, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func want(t *testing.T, got result, status int, code string) {
	t.Helper()
	if got.status != status || got.code() != code {
		t.Errorf("got %d %q, want %d %q\n%s", got.status, got.code(), status, code, got.raw)
	}
}

func phones(u string) string { return "/users/" + u + "/authentication/phoneMethods" }
func emails(u string) string { return "/users/" + u + "/authentication/emailMethods" }

func phoneJSON(kind, number string) string {
	return fmt.Sprintf(`{"phoneType":%q,"phoneNumber":%q}`, kind, number)
}
