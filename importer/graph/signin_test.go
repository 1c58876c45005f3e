package graph

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

const (
	aTenant = "aaaaaaaa-0000-4000-8000-000000000001"
	anApp   = "bbbbbbbb-0000-4000-8000-000000000002"
)

func signIn(mode string, env map[string]string) error {
	_, err := SignIn(SignInOptions{
		Mode: mode, Cloud: Global, Prompt: io.Discard,
		Getenv: func(name string) string { return env[name] },
	})
	return err
}

// selfSigned writes a certificate with its key, and each of them alone.
func selfSigned(t *testing.T) (both, keyOnly, certificateOnly string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authseed"}}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	both = filepath.Join(t.TempDir(), "both.pem")
	keyOnly = filepath.Join(t.TempDir(), "key.pem")
	certificateOnly = filepath.Join(t.TempDir(), "certificate.pem")
	certificatePEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	for path, content := range map[string][]byte{both: append(certificatePEM, keyPEM...), keyOnly: keyPEM, certificateOnly: certificatePEM} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return both, keyOnly, certificateOnly
}

func TestSignInModesCanBeMade(t *testing.T) {
	certificate, _, _ := selfSigned(t)
	env := map[string]string{
		envTenant: aTenant, envClient: anApp, envSecret: "s", envFederated: "/run/token",
		envCertificate: certificate, envAccessToken: "opaque",
	}
	for _, mode := range append(SignInModes(), "") {
		if err := signIn(mode, env); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
	}
	if err := signIn("carrier-pigeon", env); err == nil || IsSignIn(err) {
		t.Errorf("unknown mode: %v", err)
	}
}

func TestSignInNamesWhatIsMissing(t *testing.T) {
	for _, test := range []struct {
		mode string
		env  map[string]string
		want string
	}{
		{"secret", nil, "AZURE_TENANT_ID and AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"},
		{"secret", map[string]string{envTenant: aTenant, envClient: anApp}, "AZURE_CLIENT_SECRET"},
		{"certificate", map[string]string{envTenant: aTenant, envClient: anApp}, "AZURE_CLIENT_CERTIFICATE_PATH"},
		{"workload-identity", map[string]string{envTenant: aTenant, envClient: anApp}, "AZURE_FEDERATED_TOKEN_FILE"},
		{"device-code", nil, "AZURE_CLIENT_ID"},
		{"browser", nil, "AZURE_CLIENT_ID"},
		{"token", nil, "AUTHSEED_ACCESS_TOKEN"},
	} {
		err := signIn(test.mode, test.env)
		if !IsSignIn(err) || !strings.HasSuffix(fmt.Sprint(err), "needs "+test.want) || !strings.Contains(Hint(err), test.want) {
			t.Errorf("%s: %v, hint %q", test.mode, err, Hint(err))
		}
	}
}

func TestCertificateProblems(t *testing.T) {
	_, keyOnly, certificateOnly := selfSigned(t)
	malformed := filepath.Join(t.TempDir(), "malformed.pem")
	if err := os.WriteFile(malformed, []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"malformed": malformed,
		"absent":    filepath.Join(t.TempDir(), "no.pem"), "key alone": keyOnly, "certificate alone": certificateOnly,
	} {
		err := signIn("certificate", map[string]string{envTenant: aTenant, envClient: anApp, envCertificate: path})
		if !IsSignIn(err) || !strings.Contains(err.Error(), envCertificate) || Hint(err) != hintPEM {
			t.Errorf("%s: %v, hint %q", name, err, Hint(err))
		}
	}
}

func TestTenantThatCannotBe(t *testing.T) {
	err := signIn("secret", map[string]string{envTenant: "contoso example", envClient: anApp, envSecret: "s"})
	if !IsSignIn(err) || Hint(err) != hintTenantForm {
		t.Errorf("%v, hint %q", err, Hint(err))
	}
}

// jwt is a signed token, of which only the claims matter here.
func jwt(t *testing.T, claims string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	signature, err := ecdsa.SignASN1(rand.Reader, key, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestGivenToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := jwt(t, fmt.Sprintf(`{"tid":%q,"exp":%d}`, aTenant, time.Now().Add(time.Minute).Unix()))
		for _, text := range []string{good, " Bearer " + good + "\n", "bearer " + good} {
			credential, err := SignIn(SignInOptions{Mode: "token", Getenv: func(string) string { return text }})
			if err != nil {
				t.Fatal(err)
			}
			token, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{})
			if err != nil || token.Token != good {
				t.Errorf("%q: %v", text[:8], err)
			}
		}
		credential, err := newGivenToken(good)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if _, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{}); !IsSignIn(err) || !strings.Contains(err.Error(), "expired at 2000-01-01T00:01:00Z") {
			t.Errorf("a minute later: %v", err)
		}
		if err := signIn("token", map[string]string{envAccessToken: good}); !IsSignIn(err) || Hint(err) == "" {
			t.Errorf("given too late: %v", err)
		}
	})
	for _, text := range []string{"two words", "line\nbreak", "ümlaut"} {
		if err := signIn("token", map[string]string{envAccessToken: text}); err == nil || strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"a.b.c", "a.e30.c", "a." + base64.RawURLEncoding.EncodeToString([]byte(`{"exp":"soon"}`)) + ".c"} {
		if err := signIn("token", map[string]string{envAccessToken: text}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestOrganizationFromTheToken(t *testing.T) {
	client := func(token string, status int) *Client {
		return clientOf(t, func(r *http.Request) (*http.Response, error) {
			return respond(r, status, `{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges"}}`), nil
		}, func(o *Options) { o.Credential = fixedToken(token) })
	}
	readable := jwt(t, `{"tid":"`+aTenant+`"}`)
	if o, err := client(readable, 403).Organization(t.Context()); o.ID != aTenant || o.DisplayName != "" || o.VerifiedDomains != nil || err != nil {
		t.Errorf("got %+v %v", o, err)
	}
	if _, err := client(readable, 500).Organization(t.Context()); err == nil {
		t.Error("a 500 hidden by the token")
	}
	if _, err := client("opaque", 403).Organization(t.Context()); !IsSignIn(err) || Hint(err) != hintPermissions {
		t.Errorf("opaque token: %v", err)
	}
}
