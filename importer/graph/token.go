package graph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/microsoft/kiota-abstractions-go/authentication"
	azureauth "github.com/microsoft/kiota-authentication-azure-go"
)

// tokenMargin is how long before its end a token is no longer used.
const tokenMargin = 5 * time.Minute

// cachedCredential keeps the token of a credential, because not all do: the
// Azure CLI's starts a process, of a second or more, for every request.
type cachedCredential struct {
	inner   azcore.TokenCredential
	options policy.TokenRequestOptions

	// turn holds the one place of whoever may ask, so that a person is not
	// prompted by twenty requests at once. It guards kept.
	turn chan struct{}
	kept azcore.AccessToken
}

func newCachedCredential(inner azcore.TokenCredential, cloud Cloud) *cachedCredential {
	return &cachedCredential{
		inner:   inner,
		options: policy.TokenRequestOptions{Scopes: []string{cloud.scope()}, EnableCAE: true},
		turn:    make(chan struct{}, 1),
	}
}

// GetToken implements azcore.TokenCredential. Claims are a challenge by the
// service, which a kept token has just failed.
func (c *cachedCredential) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return azcore.AccessToken{}, fmt.Errorf("waiting for sign-in: %w", ctx.Err())
	}
	if o.Claims == "" && time.Now().Before(c.kept.ExpiresOn.Add(-tokenMargin)) {
		return c.kept, nil
	}
	token, err := c.inner.GetToken(ctx, o)
	if err != nil {
		if ctx.Err() != nil {
			return azcore.AccessToken{}, fmt.Errorf("signing in: %w", ctx.Err())
		}
		return azcore.AccessToken{}, asSignInError(err)
	}
	c.kept = token
	return token, nil
}

func (c *cachedCredential) token(ctx context.Context) (string, error) {
	token, err := c.GetToken(ctx, c.options)
	return token.Token, err
}

// renew asks the credential again if what is kept is the token that failed,
// and gives what is kept afterwards: perhaps the same.
func (c *cachedCredential) renew(ctx context.Context, failed string) (string, error) {
	select {
	case c.turn <- struct{}{}:
		if c.kept.Token == failed {
			c.kept = azcore.AccessToken{}
		}
		<-c.turn
	case <-ctx.Done():
		return "", fmt.Errorf("waiting for sign-in: %w", ctx.Err())
	}
	return c.token(ctx)
}

// tokenProvider is Microsoft's provider, for this one host. That one knows
// three names of the loopback; the others are shown to it as the first.
type tokenProvider struct {
	*azureauth.AzureIdentityAccessTokenProvider
}

func newTokenProvider(c *cachedCredential, cloud Cloud, base *url.URL) (authentication.AccessTokenProvider, error) {
	hosts := []string{base.Hostname()}
	if isLoopback(base.Hostname()) {
		hosts = []string{"localhost"}
	}
	provider, err := azureauth.NewAzureIdentityAccessTokenProviderWithScopesAndValidHosts(c, []string{cloud.scope()}, hosts)
	if err != nil {
		return nil, err
	}
	return tokenProvider{provider}, nil
}

// GetAuthorizationToken implements the SDK's token provider. For a host that
// is not allowed it gives no token and no error; [telemetry] then holds the
// request back.
func (p tokenProvider) GetAuthorizationToken(ctx context.Context, u *url.URL, more map[string]any) (string, error) {
	if isLoopback(u.Hostname()) {
		u = &url.URL{Scheme: u.Scheme, Host: "localhost", Path: u.Path}
	}
	return p.AzureIdentityAccessTokenProvider.GetAuthorizationToken(ctx, u, more)
}

var challengeClaims = regexp.MustCompile(`"([^"]*)"`)

// usableChallenge reports whether the SDK can read the claims of a
// WWW-Authenticate header: it panics when they are not quoted, and a bad
// base64 would hide the 401 behind an error about encoding.
func usableChallenge(header string) bool {
	for i, part := range strings.Split(header, ",") {
		part = strings.TrimSpace(part)
		if i == 0 && len(part) >= 7 {
			part = strings.TrimSpace(part[len("Bearer "):])
		}
		if !strings.HasPrefix(part, "claims") {
			continue
		}
		quoted := challengeClaims.FindStringSubmatch(part)
		if quoted == nil {
			return false
		}
		if _, err := base64.StdEncoding.DecodeString(quoted[1]); err != nil {
			return false
		}
	}
	return true
}

// tokenClaims is what authseed reads of an access token that is a JWT. The
// service alone checks tokens; these only spare it requests that cannot succeed.
type tokenClaims struct {
	Tenant  string  `json:"tid"`
	Expires float64 `json:"exp"`
}

func claimsOf(token string) (tokenClaims, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return tokenClaims{}, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return tokenClaims{}, false
	}
	var claims tokenClaims
	if err := json.Unmarshal(payload, &claims); err != nil {
		return tokenClaims{}, false
	}
	return claims, true
}
