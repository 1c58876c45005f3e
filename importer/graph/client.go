// Package graph speaks Microsoft Graph, and is the only package that does.
//
// It turns the nouns of [authmethod] into requests built by Microsoft's SDK and
// the service's answers back into nouns. It promises that every request carries
// Authorization and goes to one host only, that every item of a batch gets its
// own answer or is called unknown, that nothing the service sends makes it
// panic, and that no text it returns shows a clear phone number or address.
//
// It never repeats a write whose outcome is unknown, never waits, and keeps no
// queue: pacing and retrying are its caller's business. A [Client] may be used
// by any number of goroutines.
package graph

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/google/uuid"
	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoft/kiota-abstractions-go/authentication"
	kiotahttp "github.com/microsoft/kiota-http-go"
	kiotajson "github.com/microsoft/kiota-serialization-json-go"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"authseed/mapping/authmethod"
)

const (
	// The service gives up after 60 s (learn.microsoft.com, "Microsoft Entra
	// authentication methods API overview"), so what takes longer than this was
	// lost on the way.
	roundTripLimit = 100 * time.Second

	// A page of 999 people or a batch of 20 stays far below.
	maxBody = 32 << 20
)

// Options say where the tenant is and who asks.
type Options struct {
	Cloud Cloud

	// URL replaces the service root, with its version: "http://127.0.0.1:8080/v1.0".
	// Plain http is taken for loopback hosts only.
	URL string

	Credential azcore.TokenCredential

	// Transport carries the requests; nil means one of the client's own.
	Transport http.RoundTripper

	// Version is what the User-Agent says after "authseed/".
	Version string
}

// Client is a connection to one tenant.
type Client struct {
	cloud      Cloud
	base       *url.URL
	adapter    *kiotahttp.NetHttpRequestAdapter
	credential *cachedCredential
	methods    atomic.Uint32 // what is known about /authentication/methods
	shapes     [Find][authmethod.Count]atomic.Pointer[shape]
	leave      func()      // closes the connections that nothing is under way on
	unwelcome  atomic.Bool // an answer was 503 since leave was called
	vitals     vitals
	sent       *atomic.Int64
}

// New makes a client. It sends nothing; the first request signs in. A URL that
// cannot be used is a [*URLError].
func New(o Options) (*Client, error) {
	if o.Credential == nil {
		return nil, errors.New("no credential to sign in with")
	}
	if o.Cloud == "" {
		o.Cloud = Global
	}
	if _, err := ParseCloud(string(o.Cloud)); err != nil {
		return nil, err
	}
	base, err := serviceRoot(o)
	if err != nil {
		return nil, err
	}
	credential := newCachedCredential(o.Credential, o.Cloud)
	tokens, err := newTokenProvider(credential, o.Cloud, base)
	if err != nil {
		return nil, fmt.Errorf("preparing sign-in: %w", err)
	}
	if o.Transport == nil {
		o.Transport = newTransport()
	}
	sent := new(atomic.Int64)
	// The handler list is explicit because the default one has a random order,
	// retries by itself and compresses bodies the service then refuses. The
	// serialisers are given to the adapter, so none has to be registered in the
	// SDK's global registry.
	adapter, err := kiotahttp.NewNetHttpRequestAdapterWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(
		authentication.NewBaseBearerTokenAuthenticationProvider(tokens),
		kiotajson.NewJsonParseNodeFactory(),
		kiotajson.NewJsonSerializationWriterFactory(),
		&http.Client{
			Transport: kiotahttp.NewCustomTransportWithParentTransport(o.Transport, newTelemetry(o.Version, sent)),
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		})
	if err != nil {
		return nil, fmt.Errorf("preparing the Graph client: %w", err)
	}
	adapter.SetBaseUrl(strings.TrimSuffix(base.String(), "/"))
	c := &Client{cloud: o.Cloud, base: base, adapter: adapter, credential: credential, leave: func() {}, sent: sent}
	if t, ok := o.Transport.(interface{ CloseIdleConnections() }); ok {
		c.leave = t.CloseIdleConnections
	}
	return c, nil
}

// Requests is how many requests were sent so far; a batch is one.
func (c *Client) Requests() int { return int(c.sent.Load()) }

// Cloud is the cloud the client was made for.
func (c *Client) Cloud() Cloud { return c.cloud }

// CheckURL says whether a service root can be used, as a [*URLError]; empty is
// the cloud's own. It is for whoever wants to know before signing in.
func CheckURL(text string) error {
	_, err := serviceRoot(Options{Cloud: Global, URL: text})
	return err
}

func serviceRoot(o Options) (*url.URL, error) {
	text := o.URL
	if text == "" {
		text = o.Cloud.root() + "/v1.0"
	}
	root, err := url.Parse(text)
	if err != nil {
		return nil, &URLError{Problem: "not a URL"}
	}
	shown := root.Redacted()
	switch {
	case root.Hostname() == "":
		return nil, &URLError{shown, "has no host"}
	case root.User != nil || root.RawQuery != "" || root.Fragment != "":
		return nil, &URLError{shown, "is more than scheme, host and path"}
	case root.Scheme == "http" && !isLoopback(root.Hostname()):
		return nil, &URLError{shown, "is plain http, which would send the token in clear"}
	case root.Scheme != "http" && root.Scheme != "https":
		return nil, &URLError{shown, "is not https"}
	}
	return root, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func newTransport() http.RoundTripper {
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        64,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second,
	}
}

// usersBuilder starts a request for people or their methods. One is made for
// every request: a builder shared by goroutines writes to a shared map. The
// empty base makes the addresses relative, as a batch wants them; the adapter
// puts its own base in when it sends.
func (c *Client) usersBuilder() *users.UsersRequestBuilder {
	return users.NewUsersRequestBuilderInternal(relative(), c.adapter)
}

func relative() map[string]string { return map[string]string{"baseurl": ""} }

// reply is an answer as it came off the wire.
type reply struct {
	status int
	header http.Header
	body   []byte
	cut    error // the body ended early, or was larger than maxBody

	token   string // what send signed in with at first
	renewed bool   // the answer is to another token: send has renewed it
}

// send makes one round trip. A 401 is a request that was refused, so it is
// sent again, once, if the credential then gives another token.
func (c *Client) send(ctx context.Context, build func() (*abstractions.RequestInformation, error)) (reply, error) {
	// Signing in comes before the deadline of the round trip: a person may be
	// typing a code.
	token, err := c.credential.token(ctx)
	if err != nil {
		return reply{}, err
	}
	r, err := c.roundTrip(ctx, build)
	if r.token = token; err != nil || r.status != http.StatusUnauthorized {
		return r, err
	}
	renewed, err := c.credential.renew(ctx, token, "")
	if err != nil {
		return reply{}, err
	}
	if renewed == token {
		return r, nil
	}
	r, err = c.roundTrip(ctx, build)
	r.renewed = true
	return r, err
}

func (c *Client) roundTrip(ctx context.Context, build func() (*abstractions.RequestInformation, error)) (reply, error) {
	info, err := build()
	if err != nil {
		return reply{}, fmt.Errorf("building the request: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, roundTripLimit)
	defer cancel()

	// After a 503 the service wants a new connection (learn.microsoft.com, "Best
	// practices for working with Microsoft Graph"). Only now, after the wait, is
	// nothing under way on the old ones.
	if c.unwelcome.Swap(false) {
		c.leave()
	}
	var r reply
	var sent time.Time
	raw := abstractions.NewRequestHandlerOption()
	raw.SetResponseHandler(func(response any, _ abstractions.ErrorMappings) (any, error) {
		answer, ok := response.(*http.Response)
		if !ok || answer == nil {
			return nil, errors.New("no response")
		}
		defer func() { _ = answer.Body.Close() }()
		c.vitals.take(answer.Header, sent, time.Now())
		r.status, r.header = answer.StatusCode, answer.Header
		if r.status == http.StatusServiceUnavailable {
			c.unwelcome.Store(true)
		}
		r.body, r.cut = io.ReadAll(answer.Body)
		return nil, nil
	})
	info.AddRequestOptions([]abstractions.RequestOption{raw})
	if len(info.Content) > 0 {
		// Without it the adapter sends the body chunked.
		info.Headers.TryAdd("Content-Length", strconv.Itoa(len(info.Content)))
	}
	sent = time.Now()
	err = c.adapter.SendNoContent(ctx, info, nil)
	var transport *url.Error
	if errors.As(err, &transport) {
		// The address is left out: a next link in it may hold a person's name.
		err = fmt.Errorf("reaching %s: %w", c.base.Host, transport.Err)
	}
	return r, err
}

// get makes a round trip that has to give a JSON body.
func (c *Client) get(ctx context.Context, build func() (*abstractions.RequestInformation, error)) ([]byte, error) {
	r, err := c.send(ctx, build)
	switch {
	case err != nil:
		return nil, err
	case r.status != http.StatusOK:
		return nil, c.refusal(r)
	case r.cut != nil:
		return nil, fmt.Errorf("reading the answer: %w", r.cut)
	case isPage(r.body):
		return nil, &pageError{c.base.Host}
	}
	return r.body, nil
}

// refusal is what an answer says that refuses all of a request.
func (c *Client) refusal(r reply) *Error {
	e := envelopeError(r)
	if r.status == http.StatusUnauthorized {
		e.add(c.credential.noRenewal())
	}
	return e
}

// telemetry is the whole handler list: what Microsoft asks clients to send
// (learn.microsoft.com, "Best practices for working with Microsoft Graph"),
// and two guards for what the SDK reads unguarded.
type telemetry struct {
	userAgent string
	sent      *atomic.Int64 // requests
}

func newTelemetry(version string, sent *atomic.Int64) telemetry {
	if version == "" {
		return telemetry{"authseed", sent}
	}
	return telemetry{"authseed/" + version, sent}
}

// Intercept implements the SDK's middleware.
func (t telemetry) Intercept(pipeline kiotahttp.Pipeline, next int, r *http.Request) (*http.Response, error) {
	r.Header.Set("User-Agent", t.userAgent)
	if r.Header.Get(clientRequestID) == "" {
		r.Header.Set(clientRequestID, uuid.NewString())
	}
	if r.Header.Get("Authorization") == "" {
		return nil, errors.New("a request without authorization was held back")
	}
	t.sent.Add(1)
	response, err := pipeline.Next(r, next)
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusUnauthorized {
		if _, usable := challengeOf(response.Header.Get("WWW-Authenticate")); !usable {
			response.Header.Del("WWW-Authenticate")
		}
	}
	if response.Body != nil {
		response.Body = http.MaxBytesReader(nil, response.Body, maxBody)
	}
	return response, nil
}
