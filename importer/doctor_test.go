package importer_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"authseed/importer"
	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/readiness"
)

func checkOf(t *testing.T, d *readiness.Diagnosis, name string) readiness.Check {
	t.Helper()
	for _, c := range d.Checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("there is no check %s", name)
	return readiness.Check{}
}

func (w *world) examine(features ...readiness.Feature) *readiness.Diagnosis {
	w.Helper()
	f, err := importer.Doctor(w.Context(), w.client, features, today)
	if err != nil {
		w.Fatal(err)
	}
	return readiness.Examine(f)
}

// states are the checks that are not ok, with the words of each.
func states(d *readiness.Diagnosis) map[string]string {
	found := map[string]string{}
	for _, c := range d.Checks {
		if c.State != readiness.OK {
			found[c.Name] = string(c.State) + ": " + strings.Join([]string{c.Found, c.Means, c.Next}, "; ")
		}
	}
	return found
}

// A tenant is told as it is.
func TestDoctorReadsTheTenant(t *testing.T) {
	no := false
	tenant := people()
	tenant.OnPremisesSyncEnabled, tenant.SecurityDefaults, tenant.AllowedToUseSSPR = true, true, &no
	tenant.ServicePlans = []string{}
	tenant.Domains = []graphsim.Domain{{ID: tenant.VerifiedDomains[0], AuthenticationType: "Federated"}}
	tenant.MethodsPolicy = &graphsim.MethodsPolicy{
		PolicyMigrationState: "preMigration", Email: &graphsim.MethodConfiguration{State: "disabled"},
		SMS: &graphsim.MethodConfiguration{IncludeTargets: []graphsim.Target{{ID: "all_users", IsUsableForSignIn: true}}},
	}
	w := newWorld(t, graphsim.Options{Tenant: tenant})
	d := w.examine(readiness.Cover)
	for name, want := range map[string]string{
		"licence":           "failed: the registration report was refused",
		"methods":           "off: e-mail; a number is a name to sign in with",
		"migration":         "warning: not begun",
		"administrators":    "warning: may not reset",
		"security-defaults": "warning: on",
		"synchronization":   "without password writeback",
		"federation":        "warning: federated: " + tenant.VerifiedDomains[0],
		"permissions":       "unknown: the token cannot be read here",
	} {
		if got := states(d)[name]; !strings.Contains(got, want) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if w.sim.Stats().RoundTrips > 14 || w.sim.Stats().Writes > 0 {
		t.Errorf("%d round trips, %d writes", w.sim.Stats().RoundTrips, w.sim.Stats().Writes)
	}
}

// A missing permission is a check that is unknown and names it, and no stack of
// refusals.
func TestDoctorWithoutPermissions(t *testing.T) {
	w := newWorld(t, graphsim.Options{Tenant: people(), Permissions: []string{"User.Read.All"}})
	d := w.examine(readiness.Apply)
	found := states(d)
	for name, grant := range map[string]string{
		"licence": "LicenseAssignment.Read.All", "methods": "Policy.Read.AuthenticationMethod", "migration": "Policy.Read.AuthenticationMethod",
		"administrators": "Policy.Read.All", "security-defaults": "Policy.Read.All", "federation": "Domain.Read.All",
	} {
		if want := "unknown: may not be read; ; grant " + grant; found[name] != want {
			t.Errorf("%s is %q, want %q", name, found[name], want)
		}
	}
	if want := "it reads people; not registration report, roles"; !strings.Contains(found["permissions"], want) {
		t.Errorf("permissions are %q, want %q", found["permissions"], want)
	}
	for name, text := range found {
		if strings.Contains(text, "403") {
			t.Errorf("%s shows the refusal: %s", name, text)
		}
	}
}

// broken is a sign-in that gives no token.
type broken struct{ error }

func (b broken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{}, b.error
}

// lasting is a sign-in that gives a token and could give another.
type lasting struct{}

func (lasting) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "t0ken", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(status int, body string) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}, Request: r}, nil
	}
}

// What keeps everything from working is one failed check with one sentence and a
// next step, after one request at most.
func TestDoctorOfBadInput(t *testing.T) {
	const page = "<!DOCTYPE html><html><body>Please sign in to the network</body></html>"
	given, err := graph.SignIn(graph.SignInOptions{Mode: "token", Getenv: func(string) string { return "t0ken" }})
	if err != nil {
		t.Fatal(err)
	}
	entra := func(text string) broken {
		return broken{errors.New("ClientSecretCredential authentication failed.\n" + text + " Trace ID: 0\r\nCorrelation ID: 0\n" +
			"To troubleshoot, visit https://aka.ms/azsdk/go/identity/troubleshoot#client-secret")}
	}
	none := answer(500, "never asked")
	for _, test := range []struct {
		name       string
		credential azcore.TokenCredential
		transport  roundTrip
		check      string
		found      string
		next       string
	}{
		{"wrong tenant id", entra("AADSTS90002: Tenant 'x' not found."), none, "sign-in", "AADSTS90002", "AZURE_TENANT_ID"},
		{"wrong cloud", entra("AADSTS900432: Confidential Client is not supported in Cross Cloud request."), none, "sign-in", "AADSTS900432", "--cloud"},
		{"expired secret", entra("AADSTS7000222: The provided client secret keys for app 'x' are expired."), none, "sign-in", "expired", "AZURE_CLIENT_SECRET"},
		{"no network to sign in", broken{errors.New("dial tcp: lookup login.microsoftonline.com: no such host")}, none, "sign-in", "no such host", "check the network"},
		{"a page in place of the sign-in", broken{errors.New("json: invalid character '<' looking for beginning of value")}, none, "sign-in", "web page", "HTTPS_PROXY"},
		{"a token of another cloud", lasting{}, answer(401, `{"error":{"code":"InvalidAuthenticationToken","message":"Access token validation failure. Invalid audience."}}`), "sign-in", "401 InvalidAuthenticationToken", "--cloud"},
		{"no network", given, func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "graph.microsoft.com"}}
		}, "tenant", "no such host", "check the network"},
		{"a page", given, answer(200, page), "tenant", "page", "HTTPS_PROXY"},
		{"a page that refuses", given, answer(403, page), "tenant", "403", "HTTPS_PROXY"},
		{"a page that fails", given, answer(502, page), "tenant", "502", "try again later"},
		{"a proxy's certificate", given, func(*http.Request) (*http.Response, error) {
			return nil, &tls.CertificateVerificationError{Err: unknownAuthority()}
		}, "tenant", "certificate", "not trusted here"},
	} {
		t.Run(test.name, func(t *testing.T) {
			asked := 0
			client, err := graph.New(graph.Options{Credential: test.credential, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				asked++
				return test.transport(r)
			})})
			if err != nil {
				t.Fatal(err)
			}
			f, err := importer.Doctor(t.Context(), client, []readiness.Feature{readiness.Apply}, today)
			if err != nil {
				t.Fatal(err)
			}
			d := readiness.Examine(f)
			c := checkOf(t, d, test.check)
			if c.State != readiness.Failed || !strings.Contains(c.Found, test.found) || !strings.Contains(c.Next, test.next) {
				t.Errorf("%s is %s: %q, next %q; want %q, next %q", c.Name, c.State, c.Found, c.Next, test.found, test.next)
			}
			if strings.ContainsAny(c.Found+c.Next, "\r\n") || strings.Contains(c.Found, "<") || strings.Contains(c.Found, "aka.ms") {
				t.Errorf("not a sentence: %q, %q", c.Found, c.Next)
			}
			for _, other := range d.Checks {
				if other.Name != test.check && other.Name != "sign-in" && !other.Unasked() {
					t.Errorf("%s is %s too: %s", other.Name, other.State, other.Found)
				}
			}
			if d.Barred() != (test.check == "sign-in") || asked > 1 {
				t.Errorf("barred %t, %d requests", d.Barred(), asked)
			}
		})
	}
}

// A certificate without its key makes no client at all.
func TestDoctorOfACertificateWithoutItsKey(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "certificate.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}), 0o600); err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{"AZURE_TENANT_ID": "contoso.example", "AZURE_CLIENT_ID": "x", "AZURE_CLIENT_CERTIFICATE_PATH": file}
	_, err = graph.SignIn(graph.SignInOptions{Mode: "certificate", Getenv: func(name string) string { return environment[name] }})
	if !graph.IsSignIn(err) {
		t.Fatalf("signing in ended with %v", err)
	}
	d := readiness.Examine(importer.NotSignedIn(graph.USGov, []readiness.Feature{readiness.Plan}, err, today))
	c := checkOf(t, d, "sign-in")
	if c.State != readiness.Failed || !strings.Contains(c.Next, "private key") || !d.Barred() || d.Cloud != "usgov" {
		t.Errorf("%s: %q, next %q", c.State, c.Found, c.Next)
	}
}

// A look that is interrupted is no diagnosis.
func TestDoctorInterrupted(t *testing.T) {
	w := newWorld(t, graphsim.Options{Tenant: people()})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := importer.Doctor(ctx, w.client, []readiness.Feature{readiness.Apply}, today); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

// The clock and the pressure are told by the answers.
func TestDoctorOfVitals(t *testing.T) {
	w := newWorld(t, graphsim.Options{Tenant: people()})
	behind := roundTrip(func(r *http.Request) (*http.Response, error) {
		response, err := w.sim.Transport().RoundTrip(r)
		if err == nil {
			response.Header.Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
			response.Header.Set("x-ms-throttle-limit-percentage", "0.9")
		}
		return response, err
	})
	given, err := graph.SignIn(graph.SignInOptions{Mode: "token", Getenv: func(string) string { return "t0ken" }})
	if err != nil {
		t.Fatal(err)
	}
	if w.client, err = graph.New(graph.Options{Credential: given, Transport: behind}); err != nil {
		t.Fatal(err)
	}
	found := states(w.examine(readiness.Plan))
	if !strings.Contains(found["clock"], "behind the service's") || !strings.Contains(found["throttling"], "90 % of a limit") {
		t.Errorf("clock %q, throttling %q", found["clock"], found["throttling"])
	}
}

func unknownAuthority() error { return x509.UnknownAuthorityError{} }
