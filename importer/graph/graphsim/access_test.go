package graphsim_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
)

func TestTokenLife(t *testing.T) {
	for _, inItems := range []bool{false, true} {
		var c *clock
		eachWay(t, func() graphsim.Options {
			c = newClock()
			return graphsim.Options{Now: c.now, Levers: graphsim.Levers{TokenLife: 5 * time.Minute, TokenInItems: inItems}}
		}, func(t *testing.T, s *graphsim.Server, w way) {
			items := []string{get("1", phones(ada)), get("2", "/organization"), post("3", phones(ada), phoneJSON("mobile", "+44 7700900100"))}
			w.send(t, "GET", "/users", "")
			c.pass(5*time.Minute - 1)
			if got := w.statuses(t, items[:2]...); !slices.Equal(got, []int{200, 200}) {
				t.Errorf("before the end: %v", got)
			}
			c.pass(1)
			got := w.send(t, "GET", "/users", "")
			want(t, got, 401, "InvalidAuthenticationToken")
			if !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer ") {
				t.Errorf("header %v", got.header)
			}
			want(t, w.send(t, "GET", phones(ada), ""), 401, "unauthenticated")
			got = w.send(t, "POST", "/$batch", batch(items...))
			if !inItems {
				want(t, got, 401, "InvalidAuthenticationToken")
				if !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer ") {
					t.Errorf("header %v", got.header)
				}
			} else {
				for id, answer := range responses(t, got) {
					challenge, _ := answer["headers"].(map[string]any)["Www-Authenticate"].(string)
					if answer["status"] != 401.0 || !strings.HasPrefix(challenge, "Bearer ") {
						t.Errorf("item %s: %v", id, answer)
					}
				}
			}
			checkWritten(t, s, false)
			// Another token is another life.
			if got := send(t, s, "GET", "/users", "", "Authorization: Bearer renewed"); got.status != 200 {
				t.Errorf("the next token: %d", got.status)
			}
		})
	}
	// A token that never was one stays outside.
	s := newServer(t, graphsim.Options{Token: "token", Levers: graphsim.Levers{TokenLife: time.Hour, TokenInItems: true}})
	want(t, send(t, s, "POST", "/$batch", batch(reads(1)...), "Authorization: Bearer other"), 401, "InvalidAuthenticationToken")
}

// TestRevoke asks all there is after a permission was lost.
func TestRevoke(t *testing.T) {
	const (
		phonesRW = "UserAuthMethod-Phone.ReadWrite.All"
		emailsRW = "UserAuthMethod-Email.ReadWrite.All"
		allRW    = "UserAuthenticationMethod.ReadWrite.All"
	)
	names := []string{"users", "methods", "phones", "emails", "write phone", "write email"}
	items := []string{
		get("1", "/users"), get("2", "/users/"+bram+"/authentication/methods"), get("3", phones(bram)), get("4", emails(bram)),
		post("5", phones(ada), phoneJSON("mobile", "+44 7700900100")), post("6", emails(ada), `{"emailAddress":"ada@home.example"}`),
	}
	everything := []string(nil)
	for _, test := range []struct {
		held, lost []string
		refused    string
	}{
		{everything, nil, ""},
		{everything, []string{phonesRW}, "write phone"},
		{everything, []string{emailsRW}, "write email"},
		{everything, []string{phonesRW, emailsRW}, "write phone, write email"},
		{everything, []string{"UserAuthMethod-Phone.Read.All"}, "methods, phones, write phone"}, // no wider one is left
		{everything, []string{"User.ReadBasic.All"}, "users"},
		{everything, []string{"User.Read.All"}, ""}, // basic reads are left
		{[]string{"User.Read.All", phonesRW, emailsRW}, []string{phonesRW}, "methods, phones, write phone"},
		{[]string{"User.Read.All", phonesRW, emailsRW, allRW}, []string{phonesRW}, ""},
		{[]string{"User.Read.All", allRW}, []string{allRW}, "methods, phones, emails, write phone, write email"},
		{[]string{"User.Read.All", allRW}, []string{"Directory.Read.All"}, ""},
	} {
		options := graphsim.Options{Permissions: test.held}
		late := newServer(t, options)
		late.Revoke(test.lost...)
		for _, p := range test.lost {
			options.Levers.Revoke = append(options.Levers.Revoke, graphsim.Revocation{Permission: p})
		}
		for name, s := range map[string]*graphsim.Server{"a method": late, "a lever": newServer(t, options)} {
			answers := responses(t, send(t, s, "POST", "/$batch", batch(items...)))
			var refused []string
			for i, what := range names {
				answer := answers[object(t, items[i])["id"].(string)]
				if answer["status"] == 403.0 {
					refused = append(refused, what)
					if code := errorField(answer["body"].(map[string]any), "code"); code != map[bool]string{true: "Authorization_RequestDenied", false: "accessDenied"}[i == 0] {
						t.Errorf("%s: %s", what, code)
					}
				}
			}
			if diff := cmp.Diff(test.refused, strings.Join(refused, ", ")); diff != "" {
				t.Errorf("by %s, %v lost of %v:\n%s", name, test.lost, test.held, diff)
			}
		}
	}
}

func TestRevokeInTheMiddle(t *testing.T) {
	eachWay(t, func() graphsim.Options {
		return graphsim.Options{Tenant: graphsim.Generate(10, 1), Levers: graphsim.Levers{
			Throttle: graphsim.Throttle{Rate: 0.001, Burst: 7},
			Revoke:   []graphsim.Revocation{{"UserAuthMethod-Phone.ReadWrite.All", 3}, {"UserAuthMethod-Email.ReadWrite.All", 5}},
		}}
	}, func(t *testing.T, s *graphsim.Server, w way) {
		var items []string
		for i, u := range s.Tenant().Users[:4] {
			items = append(items, post("p"+string(rune('0'+i)), phones(u.ID), `{}`), post("e"+string(rune('0'+i)), emails(u.ID), `{}`))
		}
		if diff := cmp.Diff([]int{400, 400, 400, 400, 403, 403, 403, 429}, w.statuses(t, items...)); diff != "" {
			t.Error(diff)
		}
	})
}
