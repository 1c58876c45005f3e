package graph

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
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
		{"407", &Error{Status: 407, page: true}, hintProxy, false},
		{"a proxy's refusal", &Error{Status: 403, page: true}, hintPage, false},
		{"a proxy's sign-in", &Error{Status: 401, page: true}, hintPage, false},
		{"a page of the service's own", &Error{Status: 503, page: true}, "", false},
		{"a network's sign-in", &Error{Status: 511}, hintPage, false},
		{"a filter", &Error{Status: 400, Code: "Request_UnsupportedQuery"}, hintFilter, false},
		{"a filter of another form", &Error{Status: 400, Code: "BadRequest", Message: "Invalid filter clause: Syntax error at position 4."}, hintFilterForm, false},
		{"another bad request", &Error{Status: 400, Code: "BadRequest", Message: "no"}, "", false},
		{"a permission by name", &Error{Status: 403, needs: "Policy.Read.All"}, "needs Policy.Read.All,", true},
		{"no licence", &Error{Status: 403, Message: "Tenant is not a B2C tenant and doesn't have premium licenses"}, hintLicence, false},
		{"a proxy that asks", &url.Error{Op: "Get", URL: "https://x.example", Err: errors.New("Proxy Authentication Required")}, hintProxy, false},
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

// TestSignInHints goes by what azidentity says, as it says it.
func TestSignInHints(t *testing.T) {
	const refused = "ClientSecretCredential authentication failed. \nPOST https://login.microsoftonline.com/x/oauth2/v2.0/token\n-----\nRESPONSE 401: 401 Unauthorized\n-----\n{\n  \"error\": \"invalid_client\",\n  \"error_description\": \"%s Trace ID: 1 Correlation ID: 2 Timestamp: 3\"\n}\n-----\nTo troubleshoot, visit https://aka.ms/azsdk/go/identity/troubleshoot#client-secret"
	for _, test := range []struct{ said, hint string }{
		{"AADSTS90002: Tenant 'aaaaaaaa-0000-4000-8000-000000000001' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.", hintTenant},
		{"AADSTS900023: Specified tenant identifier 'x' is neither a valid DNS name, nor a valid external domain.", hintTenant},
		{"AADSTS900021: Requested tenant identifier '00000000-0000-0000-0000-000000000000' is not valid.", hintTenant},
		{"AADSTS900382: Confidential Client is not supported in Cross Cloud request.", hintCloud},
		{"AADSTS90038: Tenant 'x' request being redirected to the National Cloud 'MicrosoftOnline.US'.", hintCloud},
		{"AADSTS500011: The resource principal named https://graph.microsoft.us was not found in the tenant named Contoso.", hintCloud},
		{"AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.", "not its id"},
		{"AADSTS7000222: The provided client secret keys for app 'bbbbbbbb-0000-4000-8000-000000000002' are expired.", "has expired"},
		{"AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'.", "public client flows"},
		{"AADSTS700016: Application with identifier 'bbbbbbbb-0000-4000-8000-000000000002' was not found in the directory 'Contoso'.", envClient},
		{"AADSTS7000229: The client application bbbbbbbb-0000-4000-8000-000000000002 is missing service principal in the tenant aaaaaaaa-0000-4000-8000-000000000001.", "consent"},
		{"AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: 'AB'].", hintUnknownKey},
		{"AADSTS700027: Client assertion failed signature validation. [Reason - The key used is expired., Thumbprint of key used by client: 'AB'].", hintExpiredKey},
		{"AADSTS700024: Client assertion is not within its valid time range. Current time: 2026-11-27T10:00:00Z, assertion valid from 2026-11-27T11:00:00Z.", "clock"},
		{"AADSTS70021: No matching federated identity record found for presented assertion.", hintFederated},
		{"AADSTS53003: Access has been blocked by Conditional Access policies.", hintAccess},
		{"AADSTS53000: Device is not in required device state: compliant.", hintAccess},
		{"AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication.", hintFactor},
		{"AADSTS700082: The refresh token has expired due to inactivity.", hintStale},
		{"AADSTS50011: The redirect URI 'http://localhost:8400' specified in the request does not match.", hintRedirect},
		{"AADSTS50105: Your administrator has configured the application to block users unless they are specifically granted access.", "assign"},
		{"AADSTS65001: The user or administrator has not consented to use the application.", "consent"},
		{"AADSTS999999: Something new.", hintSignIn},
	} {
		err := asSignInError(fmt.Errorf(refused, test.said))
		if got := Hint(err); !strings.Contains(got, test.hint) {
			t.Errorf("%s: hint %q, want %q", test.said, got, test.hint)
		}
		if !IsSignIn(err) || err.Error() != "not signed in: "+test.said {
			t.Errorf("%s: %v", test.said, err)
		}
	}
	for _, test := range []struct{ said, problem, hint string }{
		{
			"ClientSecretCredential authentication failed. \nPOST https://login.microsoftonline.com/x/oauth2/v2.0/token\n-----\nRESPONSE 403: 403 Forbidden\n-----\n<!DOCTYPE html>\n<html><body>Blocked</body></html>",
			"a web page answers in place of the sign-in", hintPage,
		},
		{
			"ClientSecretCredential: unable to resolve an endpoint: json decode error: invalid character '<' looking for beginning of value\njson message bytes were: <h1>Welcome</h1>",
			"a web page answers in place of the sign-in", hintPage,
		},
		{`ClientSecretCredential: Post "https://login.microsoftonline.com/x": Proxy Authentication Required`, "Proxy Authentication Required", hintProxy},
		{`ClientSecretCredential: Post "https://login.microsoftonline.com/x": tls: failed to verify certificate: x509: certificate signed by unknown authority`, "unknown authority", hintCertificate},
		{`ClientSecretCredential: Post "https://login.microsoftonline.com/x": dial tcp: lookup login.microsoftonline.com: no such host`, "no such host", hintNetwork},
		{`ClientSecretCredential: Post "https://login.microsoftonline.com/x": proxyconnect tcp: dial tcp 192.0.2.1:3128: connect: connection refused`, "refused", hintNetwork},
		{`ClientSecretCredential: Post "https://login.microsoftonline.com/x": net/http: TLS handshake timeout`, "timeout", hintNetwork},
		{"invalid tenantID. You can locate your tenantID by following the instructions listed here: https://learn.microsoft.com/partner-center/find-ids-and-domain-names", "invalid tenantID", hintTenantForm},
	} {
		err := asSignInError(errors.New(test.said))
		if !IsSignIn(err) || Hint(err) != test.hint || !strings.Contains(err.Error(), test.problem) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: hint %q", err, Hint(err))
		}
	}
}

// TestWhatRefusesAndWhy tells a licence, a permission and a person apart.
func TestWhatRefusesAndWhy(t *testing.T) {
	const report = "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
	for _, test := range []struct {
		err                   *Error
		unlicensed, forbidden bool
	}{
		{&Error{Status: 403, Message: "Neither tenant is B2C or tenant doesn't have premium license"}, true, false},
		{&Error{Status: 403, Message: "Tenant is not a B2C tenant and doesn't have premium licenses"}, true, false},
		{&Error{Status: 403, Code: report}, true, false},
		{&Error{Status: 400, Code: "AadPremiumLicenseRequired", Message: "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license."}, true, false},
		{&Error{Status: 500, Code: report}, false, false},
		{&Error{Status: 403, Code: "Authorization_RequestDenied", Message: "Insufficient privileges to complete the operation."}, false, true},
		{&Error{Status: 403, Code: "accessDenied", Message: "Request Authorization failed"}, false, true},
		{&Error{Status: 403, item: true}, false, false},
		{&Error{Status: 403, page: true}, false, false},
		{&Error{Status: 401}, false, false},
	} {
		err := fmt.Errorf("reading: %w", test.err)
		if IsUnlicensed(err) != test.unlicensed || IsForbidden(err) != test.forbidden {
			t.Errorf("%v: unlicensed %v, forbidden %v", err, IsUnlicensed(err), IsForbidden(err))
		}
		if test.unlicensed && (IsSignIn(err) || Hint(err) != hintLicence) {
			t.Errorf("%v: sign-in %v, hint %q", err, IsSignIn(err), Hint(err))
		}
	}
	if IsUnlicensed(nil) || IsForbidden(nil) || IsUnlicensed(errors.New("premium license")) {
		t.Error("what is no refusal is one")
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
