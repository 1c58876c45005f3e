package graph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/microsoft/kiota-abstractions-go/authentication"
	azureauth "github.com/microsoft/kiota-authentication-azure-go"
)

const (
	// tokenMargin is how long before its end a token is renewed, unless the
	// credential names an earlier time or the token lives too short for it.
	tokenMargin = 5 * time.Minute

	// renewalPause is how long a token that is still good is used on after it
	// could not be renewed: as long as azcore's own cache waits.
	renewalPause = 30 * time.Second
)

// cachedCredential keeps the token of a credential, because not all do: the
// Azure CLI's starts a process, of a second or more, for every request. It asks
// for another in good time before the end, and while it gets none the one it
// has is used, to its end.
type cachedCredential struct {
	inner   azcore.TokenCredential
	options policy.TokenRequestOptions

	// turn holds the one place of whoever may ask, so that a person is not
	// prompted by twenty requests at once.
	turn chan struct{}

	mu   sync.Mutex
	kept keptToken
}

// keptToken is a token and when to ask for another.
type keptToken struct {
	azcore.AccessToken
	claims string    // the challenge it was the answer to
	due    time.Time // zero: not before it is refused
}

// good reports whether the token may be used. One that does not say when it
// ends may be until it is refused.
func (k keptToken) good() bool {
	return k.Token != "" && (k.ExpiresOn.IsZero() || time.Now().Before(k.ExpiresOn))
}

// answers reports whether there is no reason to ask for another token. Claims
// are a challenge by the service, which a token has just failed unless it was
// made for that challenge.
func (k keptToken) answers(claims string) bool {
	if !k.good() {
		return false
	}
	return claims == k.claims && claims != "" || claims == "" && (k.due.IsZero() || time.Now().Before(k.due))
}

func newCachedCredential(inner azcore.TokenCredential, cloud Cloud) *cachedCredential {
	return &cachedCredential{
		inner:   inner,
		options: policy.TokenRequestOptions{Scopes: []string{cloud.scope()}, EnableCAE: true},
		turn:    make(chan struct{}, 1),
	}
}

// GetToken implements azcore.TokenCredential.
func (c *cachedCredential) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	kept := c.look()
	if kept.answers(o.Claims) {
		return kept.AccessToken, nil
	}
	if kept.good() && o.Claims == "" {
		select {
		case c.turn <- struct{}{}:
		default:
			return kept.AccessToken, nil // somebody else is asking
		}
	} else {
		select {
		case c.turn <- struct{}{}:
		case <-ctx.Done():
			return azcore.AccessToken{}, fmt.Errorf("waiting for sign-in: %w", ctx.Err())
		}
	}
	defer func() { <-c.turn }()
	// Whoever had the turn before may have asked for the same.
	if kept := c.look(); kept.answers(o.Claims) {
		return kept.AccessToken, nil
	}
	token, err := c.inner.GetToken(ctx, o)
	switch {
	case err == nil:
		c.keep(token, o.Claims)
		return token, nil
	case ctx.Err() != nil:
		return azcore.AccessToken{}, fmt.Errorf("signing in: %w", ctx.Err())
	}
	if kept := c.look(); kept.good() && o.Claims == "" {
		c.postpone()
		return kept.AccessToken, nil
	}
	return azcore.AccessToken{}, asSignInError(err)
}

func (c *cachedCredential) look() keptToken {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept
}

// keep keeps a token that the credential gave, perhaps the one that is kept.
func (c *cachedCredential) keep(token azcore.AccessToken, claims string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	same := token.Token == c.kept.Token
	c.kept = keptToken{AccessToken: token, claims: claims}
	if token.ExpiresOn.IsZero() {
		return
	}
	now := time.Now()
	due := token.ExpiresOn.Add(-min(tokenMargin, token.ExpiresOn.Sub(now)/2))
	if on := token.RefreshOn; !on.IsZero() && on.Before(due) {
		due = on
	}
	if earliest := now.Add(renewalPause); (same || !due.After(now)) && due.Before(earliest) {
		due = earliest
	}
	c.kept.due = due
}

// postpone puts the next renewal off.
func (c *cachedCredential) postpone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept.due = time.Now().Add(renewalPause)
}

func (c *cachedCredential) token(ctx context.Context) (string, error) {
	token, err := c.GetToken(ctx, c.options)
	return token.Token, err
}

// renew asks the credential again if what is kept is the token that failed,
// with the claims of the challenge where there was one, and gives what is kept
// afterwards: perhaps the same.
func (c *cachedCredential) renew(ctx context.Context, failed, claims string) (string, error) {
	o := c.options
	c.mu.Lock()
	if c.kept.Token == failed {
		c.kept, o.Claims = keptToken{}, claims
	}
	c.mu.Unlock()
	token, err := c.GetToken(ctx, o)
	return token.Token, err
}

// noRenewal says why a 401 stands, where the credential is one that has only
// ever one token.
func (c *cachedCredential) noRenewal() string {
	if _, given := c.inner.(givenToken); given {
		return "the token in " + envAccessToken + " cannot be renewed"
	}
	return ""
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

// challengeOf reads the claims of a WWW-Authenticate header as the SDK does:
// empty where there are none. It is not ok where the SDK cannot: it panics when
// they are not quoted, and a bad base64 would hide the 401 behind an error
// about encoding.
func challengeOf(header string) (claims string, ok bool) {
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
			return "", false
		}
		decoded, err := base64.StdEncoding.DecodeString(quoted[1])
		if err != nil {
			return "", false
		}
		claims = string(decoded)
	}
	return claims, true
}

// tokenClaims is what authseed reads of an access token that is a JWT. The
// service alone checks tokens; these only spare it requests that cannot succeed.
type tokenClaims struct {
	Tenant  string  `json:"tid"`
	Expires float64 `json:"exp"`

	Kind   string `json:"idtyp"` // "app" or "user"
	Object string `json:"oid"`
	App    string `json:"appid"`
	Party  string `json:"azp"` // appid, in tokens of version 2

	AppName       string `json:"app_displayname"`
	UserName      string `json:"upn"`
	PreferredName string `json:"preferred_username"` // upn, in tokens of version 2
	UniqueName    string `json:"unique_name"`

	Scopes        string   `json:"scp"`
	Permissions   []string `json:"roles"`
	RoleTemplates []string `json:"wids"`
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
