package graph

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// fakeCredential gives t1, t2 and so on, each in its time.
type fakeCredential struct {
	mu      sync.Mutex
	asked   int
	claims  []string      // of every time it was asked
	takes   time.Duration // to answer
	life    time.Duration // of a token; 0: it does not say
	refresh time.Duration // after which a token asks to be renewed; 0: it does not
	same    bool          // every token is t1
	fails   error
}

func (f *fakeCredential) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	time.Sleep(f.takes)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	f.claims = append(f.claims, o.Claims)
	if f.fails != nil {
		return azcore.AccessToken{}, f.fails
	}
	token := azcore.AccessToken{Token: fmt.Sprint("t", f.asked)}
	if f.same {
		token.Token = "t1"
	}
	if f.life != 0 {
		token.ExpiresOn = time.Now().Add(f.life)
	}
	if f.refresh != 0 {
		token.RefreshOn = time.Now().Add(f.refresh)
	}
	return token, nil
}

func wantToken(t *testing.T, c *cachedCredential, want string) {
	t.Helper()
	if token, err := c.token(t.Context()); token != want || err != nil {
		t.Errorf("token %q, want %q; %v", token, want, err)
	}
}

func TestTokenIsRenewedInTime(t *testing.T) {
	for _, test := range []struct {
		name string
		fake *fakeCredential
		due  time.Duration
	}{
		{"an hour", &fakeCredential{life: time.Hour}, time.Hour - tokenMargin},
		{"an hour, to be renewed after half of it", &fakeCredential{life: time.Hour, refresh: time.Hour / 2}, time.Hour / 2},
		{"to be renewed later than is safe", &fakeCredential{life: time.Hour, refresh: 59 * time.Minute}, time.Hour - tokenMargin},
		{"to be renewed at once", &fakeCredential{life: time.Hour, refresh: -time.Second}, renewalPause},
		{"shorter than the margin", &fakeCredential{life: 4 * time.Minute}, 2 * time.Minute},
		{"a few seconds", &fakeCredential{life: 10 * time.Second}, 5 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := test.fake
				c := newCachedCredential(fake, Global)
				for range 3 {
					wantToken(t, c, "t1")
				}
				time.Sleep(test.due - time.Millisecond)
				wantToken(t, c, "t1")
				time.Sleep(time.Millisecond)
				wantToken(t, c, "t2")
				wantToken(t, c, "t2")
			})
		})
	}
}

// A credential with a cache of its own may have nothing newer to give.
func TestSameTokenIsNotAskedForAllTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &fakeCredential{life: time.Hour, same: true}
		c := newCachedCredential(fake, Global)
		wantToken(t, c, "t1")
		time.Sleep(time.Hour - tokenMargin)
		fake.life = tokenMargin
		for range 60 {
			wantToken(t, c, "t1")
			time.Sleep(time.Second)
			fake.life -= time.Second
		}
		if fake.asked > 4 {
			t.Errorf("asked %d times in a minute", fake.asked)
		}
	})
}

func TestTokenWithoutAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &fakeCredential{}
		c := newCachedCredential(fake, Global)
		wantToken(t, c, "t1")
		time.Sleep(24 * time.Hour)
		wantToken(t, c, "t1")
		if token, err := c.renew(t.Context(), "t1", ""); token != "t2" || err != nil {
			t.Errorf("renewed to %q, %v", token, err)
		}
	})
}

// While a renewal fails the token that is still good goes on, to its end.
func TestOldTokenIsUsedToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &fakeCredential{life: time.Hour}
		c := newCachedCredential(fake, Global)
		wantToken(t, c, "t1")
		time.Sleep(time.Hour - tokenMargin)
		fake.fails = errors.New("dial tcp: no route to host")
		for range tokenMargin / time.Second {
			wantToken(t, c, "t1")
			time.Sleep(time.Second)
		}
		if asked := fake.asked - 1; asked < 2 || asked > int(tokenMargin/renewalPause) {
			t.Errorf("asked %d times for another in %v", asked, tokenMargin)
		}
		if token, err := c.token(t.Context()); token != "" || !IsSignIn(err) || Hint(err) != hintNetwork {
			t.Errorf("after its end: %q, %v, hint %q", token, err, Hint(err))
		}
		fake.fails = nil
		wantToken(t, c, fmt.Sprint("t", fake.asked+1))
	})
}

func TestRenewedOnceForAll(t *testing.T) {
	const answering = 10 * time.Second
	synctest.Test(t, func(t *testing.T) {
		fake := &fakeCredential{life: time.Hour, takes: answering}
		c := newCachedCredential(fake, Global)
		// all asks from many places at once and says how many had to wait.
		all := func(ask func() (string, error), want string) (waited int) {
			var mu sync.Mutex
			var group sync.WaitGroup
			began := time.Now()
			for range 20 {
				group.Go(func() {
					token, err := ask()
					mu.Lock()
					defer mu.Unlock()
					if time.Since(began) > 0 {
						waited++
					} else if token == "t1" {
						return
					}
					if token != want || err != nil {
						t.Errorf("got %q, want %q; %v", token, want, err)
					}
				})
			}
			group.Wait()
			return waited
		}
		ask := func() (string, error) { return c.token(t.Context()) }
		if waited := all(ask, "t1"); waited != 20 || fake.asked != 1 {
			t.Errorf("at first %d waited, asked %d times", waited, fake.asked)
		}
		time.Sleep(time.Hour - tokenMargin)
		if waited := all(ask, "t2"); waited != 1 || fake.asked != 2 {
			t.Errorf("while the old one is good %d waited, asked %d times", waited, fake.asked)
		}
		time.Sleep(time.Hour)
		if waited := all(ask, "t3"); waited != 20 || fake.asked != 3 {
			t.Errorf("after the end %d waited, asked %d times", waited, fake.asked)
		}
		refused := func() (string, error) { return c.renew(t.Context(), "t3", "") }
		if waited := all(refused, "t4"); waited != 20 || fake.asked != 4 {
			t.Errorf("after a refusal %d waited, asked %d times", waited, fake.asked)
		}
		o := c.options
		o.Claims = "{}"
		challenged := func() (string, error) {
			token, err := c.GetToken(t.Context(), o)
			return token.Token, err
		}
		if waited := all(challenged, "t5"); waited != 20 || fake.asked != 5 || fake.claims[4] != "{}" {
			t.Errorf("after a challenge %d waited, asked %d times, with %q", waited, fake.asked, fake.claims)
		}
		if token, err := c.renew(t.Context(), "t3", ""); token != "t5" || err != nil || fake.asked != 5 {
			t.Errorf("a refusal of long ago: %q, %v, asked %d times", token, err, fake.asked)
		}
	})
}
