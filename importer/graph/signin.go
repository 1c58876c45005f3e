package graph

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// The ways to sign in.
const (
	modeDefault          = "default"
	modeCLI              = "cli"
	modeManagedIdentity  = "managed-identity"
	modeWorkloadIdentity = "workload-identity"
	modeCertificate      = "certificate"
	modeSecret           = "secret"
	modeDeviceCode       = "device-code"
	modeBrowser          = "browser"
	modeToken            = "token"
)

// The environment variables sign-in reads. All but the last are Azure's own
// (learn.microsoft.com, "Azure Identity client module for Go").
const (
	envTenant      = "AZURE_TENANT_ID"
	envClient      = "AZURE_CLIENT_ID"
	envSecret      = "AZURE_CLIENT_SECRET"
	envCertificate = "AZURE_CLIENT_CERTIFICATE_PATH"
	envPassword    = "AZURE_CLIENT_CERTIFICATE_PASSWORD"
	envSendChain   = "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"
	envFederated   = "AZURE_FEDERATED_TOKEN_FILE"
	envAccessToken = "AUTHSEED_ACCESS_TOKEN"
)

// SignInModes lists the ways to sign in.
func SignInModes() []string {
	return []string{
		modeDefault, modeCLI, modeManagedIdentity, modeWorkloadIdentity, modeCertificate,
		modeSecret, modeDeviceCode, modeBrowser, modeToken,
	}
}

// SignInOptions say how to sign in.
type SignInOptions struct {
	Mode   string // one of SignInModes; empty is the first
	Cloud  Cloud
	Getenv func(string) string
	Prompt io.Writer // where a person is told what to do
}

// SignIn makes the credential of a mode. It asks for no token yet, but a
// variable the mode needs and does not find, a certificate that cannot be read
// and a given token that is over are errors at once, for which [IsSignIn] holds
// and [Hint] has something to say; an unknown mode is plain wrong usage. azidentity reads some variables itself, from
// the environment of the process.
func SignIn(o SignInOptions) (azcore.TokenCredential, error) {
	if o.Mode == "" {
		o.Mode = modeDefault
	}
	if !slices.Contains(SignInModes(), o.Mode) {
		return nil, fmt.Errorf("unknown way to sign in %q: one of %s", o.Mode, strings.Join(SignInModes(), ", "))
	}
	if missing := missingVariables(o); len(missing) > 0 {
		return nil, &signInError{
			problem: fmt.Sprintf("signing in by %s needs %s", o.Mode, strings.Join(missing, " and ")),
			hint:    "set " + strings.Join(missing, " and ") + ", or choose another way with --auth",
		}
	}
	credential, err := newCredential(o)
	if err != nil {
		return nil, asSignInError(err)
	}
	return credential, nil
}

// missingVariables lists what the mode needs and the environment lacks. The
// browser and the device code need an application, though azidentity has one
// for developers: nobody can consent to authentication methods for that.
func missingVariables(o SignInOptions) []string {
	var missing []string
	for _, name := range map[string][]string{
		modeWorkloadIdentity: {envTenant, envClient, envFederated},
		modeCertificate:      {envTenant, envClient, envCertificate},
		modeSecret:           {envTenant, envClient, envSecret},
		modeDeviceCode:       {envClient},
		modeBrowser:          {envClient},
		modeToken:            {envAccessToken},
	}[o.Mode] {
		if o.Getenv(name) == "" {
			missing = append(missing, name)
		}
	}
	return missing
}

func newCredential(o SignInOptions) (azcore.TokenCredential, error) {
	client := azcore.ClientOptions{Cloud: o.Cloud.login()}
	tenant, app := o.Getenv(envTenant), o.Getenv(envClient)
	switch o.Mode {
	case modeCLI:
		return azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: tenant})
	case modeManagedIdentity:
		options := &azidentity.ManagedIdentityCredentialOptions{ClientOptions: client}
		if app != "" {
			options.ID = azidentity.ClientID(app)
		}
		return azidentity.NewManagedIdentityCredential(options)
	case modeWorkloadIdentity:
		return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
			ClientOptions: client, TenantID: tenant, ClientID: app, TokenFilePath: o.Getenv(envFederated)})
	case modeCertificate:
		return certificateCredential(o, client)
	case modeSecret:
		return azidentity.NewClientSecretCredential(tenant, app, o.Getenv(envSecret),
			&azidentity.ClientSecretCredentialOptions{ClientOptions: client})
	case modeDeviceCode:
		return azidentity.NewDeviceCodeCredential(&azidentity.DeviceCodeCredentialOptions{
			ClientOptions: client, TenantID: tenant, ClientID: app,
			UserPrompt: func(_ context.Context, m azidentity.DeviceCodeMessage) error {
				_, err := fmt.Fprintln(o.Prompt, m.Message)
				return err
			}})
	case modeBrowser:
		return azidentity.NewInteractiveBrowserCredential(&azidentity.InteractiveBrowserCredentialOptions{
			ClientOptions: client, TenantID: tenant, ClientID: app})
	case modeToken:
		return newGivenToken(o.Getenv(envAccessToken))
	}
	return azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{
		ClientOptions: client, TenantID: tenant})
}

func certificateCredential(o SignInOptions, client azcore.ClientOptions) (azcore.TokenCredential, error) {
	data, err := os.ReadFile(o.Getenv(envCertificate))
	if err != nil {
		return nil, fmt.Errorf("reading the certificate %s names: %w", envCertificate, err)
	}
	chain, key, err := azidentity.ParseCertificates(data, []byte(o.Getenv(envPassword)))
	if err != nil {
		return nil, fmt.Errorf("reading the certificate %s names: %w", envCertificate, err)
	}
	send := strings.ToLower(o.Getenv(envSendChain))
	return azidentity.NewClientCertificateCredential(o.Getenv(envTenant), o.Getenv(envClient), chain, key,
		&azidentity.ClientCertificateCredentialOptions{
			ClientOptions: client, SendCertificateChain: send == "1" || send == "true"})
}

// givenToken is a token somebody else asked for. It cannot be renewed.
type givenToken struct{ token azcore.AccessToken }

func newGivenToken(text string) (azcore.TokenCredential, error) {
	text = strings.TrimSpace(text)
	// Copied from a request's header, it brings the scheme along.
	if scheme, rest, spaced := strings.Cut(text, " "); spaced && strings.EqualFold(scheme, "Bearer") {
		text = strings.TrimSpace(rest)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("the text in " + envAccessToken + " is not an access token")
	}
	given := givenToken{azcore.AccessToken{Token: text}}
	if claims, ok := claimsOf(text); ok && claims.Expires > 0 {
		given.token.ExpiresOn = time.Unix(int64(claims.Expires), 0)
	}
	_, err := given.GetToken(context.Background(), policy.TokenRequestOptions{})
	return given, err
}

// GetToken implements azcore.TokenCredential.
func (g givenToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if end := g.token.ExpiresOn; !end.IsZero() && !time.Now().Before(end) {
		return azcore.AccessToken{}, &signInError{
			problem: "the token in " + envAccessToken + " expired at " + end.UTC().Format(time.RFC3339) + " and cannot be renewed",
			hint:    hintGiven,
		}
	}
	return g.token, nil
}
