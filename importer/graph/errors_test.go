package graph

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"authseed/mapping/authmethod"
)

func TestMessagesShowNoValue(t *testing.T) {
	phone := authmethod.ValueOf("+44 7700900123")
	email := authmethod.ValueOf("Kim.Lee@example.com")
	key := authmethod.ValueOf("E-004711")
	for _, message := range []string{
		"number +44 7700900123 is taken",
		"number +447700900123 is taken",
		"number 447700900123 is taken",
		"number 7700900123 is taken",
		"'Kim.Lee@example.com' is taken",
		"kim.lee@example.com, +1 (206) 555-0100",
		"Invalid filter clause: employeeId in ('E-004711')",
		"other people: robin@contoso.example +33 639980012x7",
		"number 77009\u200b00123 is taken",
	} {
		body := fmt.Sprintf(`{"error":{"code":%[1]q,"message":%[1]q,"innerError":{"request-id":%[1]q}}}`, message)
		shown := decodeError(400, []byte(body), phone, email, key).Error()
		for _, secret := range []string{"7700900123", "lee@", "Lee@", "555-0100", "004711", "robin@", "63998"} {
			if strings.Contains(shown, secret) {
				t.Errorf("%q shows %q: %s", message, secret, shown)
			}
		}
	}
	plain := `{"error":{"code":"badRequest","message":"The id of [3179e48a-750b-4051-897c-87b9720928f7] matches 5 + 3 at 2026-11-23T10:00:00"}}`
	want := "400 badRequest: The id of [3179e48a-750b-4051-897c-87b9720928f7] matches 5 + 3 at 2026-11-23T10:00:00"
	if got := decodeError(400, []byte(plain), phone).Error(); got != want {
		t.Errorf("got %s", got)
	}
}

func TestMessagesAreBounded(t *testing.T) {
	long := fmt.Sprintf(`{"error":{"code":%q,"message":%q}}`, strings.Repeat("c", 5000), strings.Repeat("é", 5000))
	e := decodeError(400, []byte(long))
	if n := len([]rune(e.Message)); n != maxMessage {
		t.Errorf("message of %d runes", n)
	}
	if n := len([]rune(e.Code)); n != maxCode {
		t.Errorf("code of %d runes", n)
	}
}

func TestHintAndSignIn(t *testing.T) {
	dns := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "graph.microsoft.com"}}
	for _, test := range []struct {
		name   string
		err    error
		hint   string
		signIn bool
	}{
		{"401", &Error{Status: 401}, hintToken, true},
		{"401 of an item", &Error{Status: 401, item: true}, hintToken, true},
		{"403", &Error{Status: 403, Code: "Authorization_RequestDenied"}, hintPermissions, true},
		{"403 for a person", &Error{Status: 403, item: true}, "Privileged Authentication Administrator", false},
		{"a challenge", &Error{Status: 403, Code: "insufficient_claims"}, hintChallenge, true},
		{"404", &Error{Status: http.StatusNotFound}, "", false},
		{"no answer", &Error{}, "", false},
		{"no network", fmt.Errorf("reaching x: %w", dns), hintNetwork, false},
		{"interrupted", context.Canceled, "", false},
		{"another", errors.New("x"), "", false},
		{"nothing", nil, "", false},
		{"wrong tenant", asSignInError(errors.New("AADSTS90002: Tenant 'x' not found.")), envTenant, true},
		{"no route to sign-in", asSignInError(errors.New("ClientSecretCredential: dial tcp: lookup x: no such host")), hintNetwork, true},
		{"no way in the chain", asSignInError(errors.New("ManagedIdentityCredential: dial tcp 169.254.169.254:80: i/o timeout\nAzureCLICredential: Please run 'az login'")), "az login", true},
	} {
		if got := Hint(test.err); !strings.Contains(got, test.hint) || (test.hint == "") != (got == "") {
			t.Errorf("%s: hint %q, want %q", test.name, got, test.hint)
		}
		if got := IsSignIn(test.err); got != test.signIn {
			t.Errorf("%s: sign-in %v", test.name, got)
		}
	}
}

func TestSignInErrorsAreShort(t *testing.T) {
	for message, want := range map[string]string{
		"ClientSecretCredential authentication failed. \nPOST https://login.microsoftonline.com/x/oauth2/v2.0/token\n-----\nRESPONSE 401: 401 Unauthorized\n-----\n{\n  \"error\": \"invalid_client\",\n  \"error_description\": \"AADSTS7000215: Invalid client secret provided. Ensure it is the value. Trace ID: 1 Correlation ID: 2 Timestamp: 3\"\n}": "not signed in: AADSTS7000215: Invalid client secret provided. Ensure it is the value.",
		"AzureCLICredential: Azure CLI not found on path. To troubleshoot, visit https://aka.ms/azsdk/go/identity/troubleshoot#azure-cli": "not signed in: AzureCLICredential: Azure CLI not found on path",
		"A: failed.\nTried:\n\tB: one.\n\tC: two":                                          "not signed in: A: failed; Tried:; B: one; C: two",
		"AADSTS50020: User account 'kim@contoso.example' does not exist.\\r\\nTrace ID: 1": "not signed in: AADSTS50020: User account 'k***@contoso.example' does not exist.",
	} {
		if got := asSignInError(errors.New(message)).Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestItemErrorsHideWhatTheRequestSaid(t *testing.T) {
	for _, test := range []struct {
		request Request
		message string
		secret  string
	}{
		{Request{Op: Create, User: "u", Value: authmethod.ValueOf("+44 7700900123")}, "7700900123 exists", "7700900123"},
		{Request{Op: Find, Keys: keys(authmethod.EmployeeID, "E-004711")}, "invalid E-004711", "004711"},
	} {
		a := answer(test.request, outcome{status: 400, body: fmt.Appendf(nil, `{"error":{"message":%q}}`, test.message)}, "")
		if a.Err == nil || a.Err.Message == "" || strings.Contains(a.Err.Message, test.secret) {
			t.Errorf("shows %q: %v", test.secret, a.Err)
		}
	}
}
