package graph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"authseed/mapping/authmethod"
)

// credentialFunc is a credential that counts nothing and keeps nothing.
type credentialFunc func(policy.TokenRequestOptions) (azcore.AccessToken, error)

func (f credentialFunc) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return f(o)
}

func fixedToken(token string) azcore.TokenCredential {
	return credentialFunc(func(policy.TokenRequestOptions) (azcore.AccessToken, error) {
		return azcore.AccessToken{Token: token, ExpiresOn: time.Now().Add(time.Hour)}, nil
	})
}

// transportFunc answers requests without a network.
type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func respond(r *http.Request, status int, body string, headers ...string) *http.Response {
	w := httptest.NewRecorder()
	for i := 0; i < len(headers); i += 2 {
		w.Header().Set(headers[i], headers[i+1])
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
	response := w.Result()
	response.Request = r
	return response
}

// clientOf is a client whose service is the function.
func clientOf(t testing.TB, answer transportFunc, change ...func(*Options)) *Client {
	t.Helper()
	o := Options{Credential: fixedToken("t0ken"), Transport: answer, Version: "1.2.3"}
	for _, c := range change {
		c(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// serve is a client of a server on loopback, over plain http.
func serve(t testing.TB, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := New(Options{Credential: fixedToken("t0ken"), URL: server.URL + "/v1.0"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var readPhones = []Request{{Op: ReadPhones, User: "u"}}

const emptyBatch = `{"responses":[]}`

func TestEveryRequestIsAuthorized(t *testing.T) {
	for _, address := range []string{
		"", "https://graph.example/v1.0", "https://graph.example:8443/v1.0",
		"http://127.0.0.1:8080/v1.0", "http://127.0.0.2:8080/v1.0", "http://localhost:8080/v1.0",
		"http://LOCALHOST/v1.0", "http://[::1]:8080/v1.0", "https://127.0.0.1/v1.0",
	} {
		for _, cloud := range Clouds() {
			seen := map[string]bool{}
			c := clientOf(t, func(r *http.Request) (*http.Response, error) {
				seen[r.URL.Path] = true
				if got := r.Header.Get("Authorization"); got != "Bearer t0ken" {
					t.Errorf("%s %s: Authorization %q", r.Method, r.URL, got)
				}
				if got := r.Header.Get("User-Agent"); got != "authseed/1.2.3" {
					t.Errorf("%s: User-Agent %q", r.URL, got)
				}
				if r.Header.Get("Client-Request-Id") == "" {
					t.Errorf("%s: no client-request-id", r.URL)
				}
				if r.Header.Get("Content-Encoding") != "" {
					t.Errorf("%s: compressed", r.URL)
				}
				if r.Body != nil && r.ContentLength <= 0 {
					t.Errorf("%s: body without length", r.URL)
				}
				switch r.URL.Path {
				case "/v1.0/$batch":
					return respond(r, 200, emptyBatch), nil
				case "/v1.0/organization":
					return respond(r, 200, `{"value":[{"id":"x","displayName":"Contoso"}]}`), nil
				}
				return respond(r, 200, `{"value":[]}`), nil
			}, func(o *Options) { o.URL, o.Cloud = address, cloud })
			ctx := t.Context()
			if _, err := c.Do(ctx, readPhones); err != nil {
				t.Errorf("%s: %v", address, err)
			}
			if _, _, err := c.Users(ctx, "", Scope{}, Wanted{}); err != nil {
				t.Errorf("%s: %v", address, err)
			}
			if _, _, err := c.Users(ctx, c.base.String()+"/users?$skiptoken=x", Scope{}, Wanted{}); err != nil {
				t.Errorf("%s: %v", address, err)
			}
			if _, err := c.Organization(ctx); err != nil {
				t.Errorf("%s: %v", address, err)
			}
			if len(seen) != 3 {
				t.Errorf("%s: saw %v", address, seen)
			}
		}
	}
}

func TestScopeIsTheClouds(t *testing.T) {
	want := map[Cloud]string{
		Global: "https://graph.microsoft.com", USGov: "https://graph.microsoft.us",
		DoD: "https://dod-graph.microsoft.us", China: "https://microsoftgraph.chinacloudapi.cn",
	}
	for cloud, root := range want {
		var asked []string
		c := clientOf(t, func(r *http.Request) (*http.Response, error) {
			if got := r.URL.Scheme + "://" + r.URL.Host; got != root {
				t.Errorf("%s: asked %s", cloud, got)
			}
			return respond(r, 200, emptyBatch), nil
		}, func(o *Options) {
			o.Cloud = cloud
			o.Credential = credentialFunc(func(p policy.TokenRequestOptions) (azcore.AccessToken, error) {
				asked = p.Scopes
				return azcore.AccessToken{Token: "x", ExpiresOn: time.Now().Add(time.Hour)}, nil
			})
		})
		if _, err := c.Do(t.Context(), readPhones); err != nil {
			t.Fatal(err)
		}
		if len(asked) != 1 || asked[0] != root+"/.default" {
			t.Errorf("%s: scopes %q", cloud, asked)
		}
	}
}

func TestEmptyTokenHoldsTheRequestBack(t *testing.T) {
	c := clientOf(t, func(r *http.Request) (*http.Response, error) {
		t.Error("a request went out without a token")
		return respond(r, 200, emptyBatch), nil
	}, func(o *Options) { o.Credential = fixedToken("") })
	if _, err := c.Do(t.Context(), readPhones); err == nil {
		t.Error("no error")
	}
}

func TestURL(t *testing.T) {
	for address, problem := range map[string]string{
		"http://graph.microsoft.com/v1.0": "plain http",
		"http://127.0.0.1.example/v1.0":   "plain http",
		"http://10.0.0.1/v1.0":            "plain http",
		"ftp://graph.example/v1.0":        "not https",
		"graph.example/v1.0":              "no host",
		"https://u:p@graph.example/v1.0":  "more than",
		"https://graph.example/v1.0?x=1":  "more than",
		"https://graph.example:no/v1.0":   "not a URL",
	} {
		_, err := New(Options{Credential: fixedToken("x"), URL: address})
		var wrong *URLError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if Hint(fmt.Errorf("starting: %w", err)) == "" {
			t.Errorf("%s: no hint", address)
		}
		if strings.Contains(err.Error(), "u:p") {
			t.Errorf("%s: %v shows a password", address, err)
		}
	}
	if _, err := New(Options{}); err == nil {
		t.Error("no credential: no error")
	}
	if _, err := New(Options{Credential: fixedToken("x"), Cloud: "moon"}); err == nil {
		t.Error("no such cloud: no error")
	}
}

func TestTokenIsKeptAndRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		c := clientOf(t, func(r *http.Request) (*http.Response, error) {
			return respond(r, 200, emptyBatch), nil
		}, func(o *Options) {
			o.Credential = credentialFunc(func(policy.TokenRequestOptions) (azcore.AccessToken, error) {
				asked++
				return azcore.AccessToken{Token: fmt.Sprint("t", asked), ExpiresOn: time.Now().Add(time.Hour)}, nil
			})
		})
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				if _, err := c.Do(t.Context(), readPhones); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if asked != 1 {
			t.Errorf("asked %d times for one token", asked)
		}
		time.Sleep(time.Hour - tokenMargin)
		if _, err := c.Do(t.Context(), readPhones); err != nil || asked != 2 {
			t.Errorf("after an hour: asked %d times, %v", asked, err)
		}
	})
}

func TestUnauthorized(t *testing.T) {
	var tokens []string
	next := 0
	client := func(credential func() string) *Client {
		tokens, next = nil, 0
		return clientOf(t, func(r *http.Request) (*http.Response, error) {
			tokens = append(tokens, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
			if tokens[len(tokens)-1] == "good" {
				return respond(r, 200, emptyBatch), nil
			}
			return respond(r, 401, `{"error":{"code":"InvalidAuthenticationToken","message":"Lifetime validation failed"}}`,
				"WWW-Authenticate", `Bearer realm="", error="invalid_token"`), nil
		}, func(o *Options) {
			o.Credential = credentialFunc(func(policy.TokenRequestOptions) (azcore.AccessToken, error) {
				next++
				return azcore.AccessToken{Token: credential(), ExpiresOn: time.Now().Add(time.Hour)}, nil
			})
		})
	}
	for _, test := range []struct {
		name       string
		credential func() string
		sent       string
		signIn     bool
	}{
		{"another token is tried once", func() string { return []string{"", "old", "good"}[next] }, "old good", false},
		{"two bad ones are enough", func() string { return fmt.Sprint("bad", next) }, "bad1 bad2", true},
		{"the same is not tried again", func() string { return "same" }, "same", true},
	} {
		c := client(test.credential)
		_, err := c.Do(t.Context(), readPhones)
		if got := strings.Join(tokens, " "); got != test.sent {
			t.Errorf("%s: sent %s, want %s", test.name, got, test.sent)
		}
		if IsSignIn(err) != test.signIn || test.signIn && Hint(err) == "" {
			t.Errorf("%s: %v, hint %q", test.name, err, Hint(err))
		}
	}
}

func TestClaimsChallenge(t *testing.T) {
	challenge := `{"access_token":{"nbf":{"essential":true,"value":"1"}}}`
	encoded := base64.StdEncoding.EncodeToString([]byte(challenge))
	for header, answered := range map[string]bool{
		`Bearer error="insufficient_claims", claims="` + encoded + `"`: true,
		`Bearer claims=unquoted`:   false,
		`Bearer realm="", claims=`: false,
		`Bearer claims="%%%"`:      false,
		`Bearer`:                   false,
		`Basic claims=x`:           false,
	} {
		c := clientOf(t, func(r *http.Request) (*http.Response, error) {
			if r.Header.Get("Authorization") == "Bearer answered" {
				return respond(r, 200, emptyBatch), nil
			}
			return respond(r, 401, "", "WWW-Authenticate", header), nil
		}, func(o *Options) {
			o.Credential = credentialFunc(func(p policy.TokenRequestOptions) (azcore.AccessToken, error) {
				token := "plain"
				if p.Claims == challenge {
					token = "answered"
				}
				return azcore.AccessToken{Token: token, ExpiresOn: time.Now().Add(time.Hour)}, nil
			})
		})
		_, err := c.Do(t.Context(), readPhones)
		var refused *Error
		if answered && err != nil {
			t.Errorf("%s: %v", header, err)
		}
		if !answered && (!errors.As(err, &refused) || refused.Status != 401) {
			t.Errorf("%s: %v, want a plain 401", header, err)
		}
	}
}

func TestCredentialFailure(t *testing.T) {
	c := clientOf(t, func(r *http.Request) (*http.Response, error) {
		t.Error("a request went out")
		return respond(r, 200, emptyBatch), nil
	}, func(o *Options) {
		o.Credential = credentialFunc(func(policy.TokenRequestOptions) (azcore.AccessToken, error) {
			return azcore.AccessToken{}, errors.New("Please run 'az login'\nfor kim@contoso.example")
		})
	})
	_, err := c.Do(t.Context(), readPhones)
	if !IsSignIn(err) || Hint(err) == "" {
		t.Errorf("%v, hint %q", err, Hint(err))
	}
	if text := fmt.Sprint(err); strings.Contains(text, "\n") || strings.Contains(text, "kim@") {
		t.Errorf("printed as %q", text)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Do(ctx, readPhones); IsSignIn(err) || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestRoundTripHasADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clientOf(t, func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		start := time.Now()
		_, err := c.Do(t.Context(), readPhones)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != roundTripLimit {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		if IsSignIn(err) || Hint(err) == "" {
			t.Errorf("hint %q for %v", Hint(err), err)
		}
	})
}

func TestRedirectIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s followed", r.Method, r.URL)
	}))
	defer elsewhere.Close()
	for _, status := range []int{302, 307} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, status)
		})
		_, err := c.Do(t.Context(), readPhones)
		var refused *Error
		if !errors.As(err, &refused) || refused.Status != status || !strings.Contains(err.Error(), "redirected to 127.0.0.1") {
			t.Errorf("%d: %v", status, err)
		}
		if _, _, err := c.Users(t.Context(), "", Scope{}, Wanted{}); !errors.As(err, &refused) {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// TestNewConnectionAfter503, and the same one after every other answer.
func TestNewConnectionAfter503(t *testing.T) {
	var from []string
	statuses := []int{200, 429, 500, 503, 200, 200}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		from = append(from, r.RemoteAddr)
		w.WriteHeader(statuses[len(from)-1])
		_, _ = io.WriteString(w, emptyBatch)
	})
	for range statuses {
		_, _ = c.Do(t.Context(), readPhones)
	}
	for i := 1; i < len(from); i++ {
		if renewed := from[i] != from[i-1]; renewed != (statuses[i-1] == 503) {
			t.Errorf("after %d: a new connection %v", statuses[i-1], renewed)
		}
	}
	if len(from) != len(statuses) {
		t.Errorf("%d requests", len(from))
	}
}

func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c, err := New(Options{Credential: fixedToken("x"), URL: server.URL + "/v1.0"})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = c.Users(t.Context(), server.URL+"/v1.0/users?$skiptoken=kim", Scope{}, Wanted{})
	if err == nil || strings.Contains(err.Error(), "kim") || Hint(err) != hintNetwork || IsSignIn(err) {
		t.Errorf("%v, hint %q", err, Hint(err))
	}
}

func TestOneClientForManyGoroutines(t *testing.T) {
	c := clientOf(t, func(r *http.Request) (*http.Response, error) {
		var sent struct{ Requests []call }
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			return nil, err
		}
		var answers []string
		for _, item := range sent.Requests {
			number := strings.Split(item.URL, "/")[2]
			answers = append(answers, fmt.Sprintf(`{"id":%q,"status":200,"body":{"value":[{"phoneType":"mobile","phoneNumber":%q}]}}`, item.ID, number))
		}
		return respond(r, 200, `{"responses":[`+strings.Join(answers, ",")+`]}`), nil
	})
	var wait sync.WaitGroup
	for g := range 16 {
		wait.Go(func() {
			requests := make([]Request, MaxBatch)
			for i := range requests {
				requests[i] = Request{Op: ReadPhones, User: fmt.Sprintf("%d-%d", g, i)}
			}
			answers, err := c.Do(t.Context(), requests)
			if err != nil {
				t.Error(err)
				return
			}
			for i, a := range answers {
				if got := a.Have[authmethod.Mobile].Reveal(); got != requests[i].User {
					t.Errorf("person %s got the answer of another", requests[i].User)
				}
			}
		})
	}
	wait.Wait()
}
