package graph

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
	"authseed/mapping/authmethod"
)

// ended is a tenant whose service finds the token over in the middle of a
// batch: it answers 401 for the items of the first few batches that late takes.
type ended struct {
	client  *Client
	sim     *graphsim.Server
	fake    *fakeCredential
	creates []Request

	batches atomic.Int32 // begun
	late    func(batch int, person string) *graphsim.Fault
	sent    []string // the token of each round trip
}

func endedToken(t *testing.T, late func(batch int, person string) *graphsim.Fault) *ended {
	t.Helper()
	e := &ended{fake: &fakeCredential{life: time.Hour}, late: late}
	tenant := graphsim.Generate(4, 8)
	for i := range tenant.Users {
		tenant.Users[i].PhoneMethods = nil
		e.creates = append(e.creates, Request{
			Op: Create, User: tenant.Users[i].ID, Kind: authmethod.Mobile, Value: authmethod.ValueOf(fmt.Sprint("+44 770090012", i)),
		})
	}
	var err error
	e.sim, err = graphsim.New(graphsim.Options{Tenant: tenant, Fault: func(call graphsim.Call) *graphsim.Fault {
		if !call.Batched {
			return e.late(int(e.batches.Add(1)), "")
		}
		return e.late(int(e.batches.Load()), call.User)
	}})
	if err != nil {
		t.Fatal(err)
	}
	e.client, err = New(Options{Credential: e.fake, Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
		e.sent = append(e.sent, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		return e.sim.Transport().RoundTrip(r)
	})})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// statuses sends the creates and lists how they were answered.
func (e *ended) statuses(t *testing.T) ([]int, []Answer) {
	t.Helper()
	answers, err := e.client.Do(t.Context(), e.creates)
	if err != nil {
		t.Fatal(err)
	}
	var list []int
	for i, a := range answers {
		list = append(list, a.Status)
		if (a.Err == nil) != (a.Status/100 == 2) {
			t.Errorf("answer %d: %d, %v", i, a.Status, a.Err)
		}
		if a.Err == nil && !a.Have[authmethod.Mobile].Equal(e.creates[i].Value) {
			t.Errorf("answer %d is another's", i)
		}
	}
	return list, answers
}

func TestItemsAfterTheTokensEnd(t *testing.T) {
	over := &graphsim.Fault{Status: 401}
	for _, test := range []struct {
		name  string
		fault func(batch int, first, last bool) *graphsim.Fault // of an item, or of a batch: neither
		same  bool
		want  []int
		sent  string
		asked int
	}{
		{"two of four", func(batch int, first, last bool) *graphsim.Fault {
			if batch == 1 && (first || last) {
				return over
			}
			return nil
		}, false, []int{201, 201, 201, 201}, "t1 t2", 2},
		{"the same token again", func(batch int, first, last bool) *graphsim.Fault {
			if last {
				return over
			}
			return nil
		}, true, []int{201, 201, 201, 401}, "t1", 2},
		{"refused again", func(batch int, first, last bool) *graphsim.Fault {
			if first {
				return over
			}
			return nil
		}, false, []int{401, 201, 201, 201}, "t1 t2", 2},
		{"the batch first and an item then", func(batch int, first, last bool) *graphsim.Fault {
			if batch == 1 || first {
				return over
			}
			return nil
		}, false, []int{401, 201, 201, 201}, "t1 t2", 2},
		{"the second batch is throttled", func(batch int, first, last bool) *graphsim.Fault {
			switch {
			case batch == 1 && last:
				return over
			case batch == 2:
				return &graphsim.Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}}
			}
			return nil
		}, false, []int{201, 201, 201, 429}, "t1 t2", 2},
		{"the second batch is cut off", func(batch int, first, last bool) *graphsim.Fault {
			switch {
			case batch == 1 && last:
				return over
			case batch == 2 && !last:
				return &graphsim.Fault{Cut: true, After: true}
			}
			return nil
		}, false, []int{201, 201, 201, 0}, "t1 t2", 2},
		{"another refusal is not repeated", func(batch int, first, last bool) *graphsim.Fault {
			if batch == 1 && first {
				return &graphsim.Fault{Status: 403}
			}
			return nil
		}, false, []int{403, 201, 201, 201}, "t1", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			var e *ended
			e = endedToken(t, func(batch int, person string) *graphsim.Fault {
				return test.fault(batch, person == e.creates[0].User, person == e.creates[3].User)
			})
			e.fake.same = test.same
			got, answers := e.statuses(t)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("answers (-want +got)\n%s", diff)
			}
			if sent := strings.Join(e.sent, " "); sent != test.sent || e.fake.asked != test.asked {
				t.Errorf("sent with %s, want %s; asked %d times, want %d", sent, test.sent, e.fake.asked, test.asked)
			}
			if n := e.sim.Stats().DuplicateCreates; n != 0 {
				t.Errorf("%d created twice", n)
			}
			for i, a := range answers {
				switch {
				case a.Status == 401 && !IsSignIn(a.Err):
					t.Errorf("answer %d: %v does not end the run", i, a.Err)
				case a.Status == 429 && (a.RetryAfter != 7*time.Second || a.Err.RetryAfter != a.RetryAfter):
					t.Errorf("answer %d: to wait %v", i, a.RetryAfter)
				case a.Status == 0 && !a.Uncertain():
					t.Errorf("answer %d is not uncertain", i)
				}
			}
		})
	}
}

func TestItemsAndNoOtherToken(t *testing.T) {
	e := endedToken(t, func(batch int, person string) *graphsim.Fault { return nil })
	e.late = func(batch int, person string) *graphsim.Fault {
		if person != e.creates[1].User {
			return nil
		}
		e.fake.fails = errors.New("AADSTS700082: The refresh token has expired due to inactivity.")
		return &graphsim.Fault{Status: 401}
	}
	got, answers := e.statuses(t)
	if diff := cmp.Diff([]int{201, 401, 201, 201}, got); diff != "" {
		t.Errorf("answers (-want +got)\n%s", diff)
	}
	if text := answers[1].Err.Error(); !strings.Contains(text, "unauthenticated: ") || !strings.Contains(text, "; not signed in: AADSTS700082") {
		t.Errorf("said %q", text)
	}
	if _, err := e.client.Do(t.Context(), e.creates); !IsSignIn(err) {
		t.Errorf("and then: %v", err)
	}
}

func TestItemsWithAChallenge(t *testing.T) {
	challenge := `{"access_token":{"nbf":{"essential":true,"value":"1"}}}`
	header := `Bearer realm="", error="insufficient_claims", claims="` + base64.StdEncoding.EncodeToString([]byte(challenge)) + `"`
	for header, want := range map[string]string{header: challenge, "Bearer claims=unquoted": "", "": ""} {
		e := endedToken(t, func(batch int, person string) *graphsim.Fault {
			if batch > 1 || person == "" {
				return nil
			}
			return &graphsim.Fault{Status: 401, Header: http.Header{"Www-Authenticate": {header}}}
		})
		if got, _ := e.statuses(t); !cmp.Equal(got, []int{201, 201, 201, 201}) {
			t.Errorf("%q: answers %v", header, got)
		}
		if diff := cmp.Diff([]string{"", want}, e.fake.claims); diff != "" {
			t.Errorf("%q: claims (-want +got)\n%s", header, diff)
		}
	}
}

// A given token ends the run when it ends, and what is said leads somewhere.
func TestGivenTokenEndsInMidRun(t *testing.T) {
	credential, err := SignIn(SignInOptions{Mode: "token", Getenv: func(string) string { return "opaque" }})
	if err != nil {
		t.Fatal(err)
	}
	for name, whole := range map[string]bool{"of a batch": true, "of an item": false} {
		sim, err := graphsim.New(graphsim.Options{Tenant: graphsim.Generate(1, 9), Fault: func(call graphsim.Call) *graphsim.Fault {
			if call.Batched == whole {
				return nil
			}
			return &graphsim.Fault{Status: 401}
		}})
		if err != nil {
			t.Fatal(err)
		}
		c, err := New(Options{Credential: credential, Transport: sim.Transport()})
		if err != nil {
			t.Fatal(err)
		}
		answers, err := c.Do(t.Context(), readPhones)
		if !whole {
			err = answers[0].Err
		}
		if !IsSignIn(err) || Hint(err) != hintGiven || !strings.Contains(err.Error(), "; the token in AUTHSEED_ACCESS_TOKEN cannot be renewed") {
			t.Errorf("%s: %v, hint %q", name, err, Hint(err))
		}
		if n := sim.Stats().RoundTrips; n != 1 {
			t.Errorf("%s: %d round trips", name, n)
		}
	}
}
