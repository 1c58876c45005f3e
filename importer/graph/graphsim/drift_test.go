package graphsim_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
)

// shownOf is what a client reads of a person, in all the ways there are.
func shownOf(t *testing.T, w way, user string) string {
	t.Helper()
	var all []string
	for _, path := range []string{"/users/" + user + "/authentication/methods", phones(user), emails(user),
		phones(user) + "/" + mobileID, phones(user) + "/" + officeID, emails(user) + "/" + emailID} {
		got := w.send(t, "GET", path, "")
		list, _ := got.body["value"].([]any)
		if list == nil {
			list = []any{got.body}
		}
		var values []string
		for _, v := range list {
			for _, name := range []string{"phoneNumber", "emailAddress"} {
				if value, has := v.(map[string]any)[name].(string); has {
					values = append(values, value[max(0, len(value)-3):])
				}
			}
		}
		all = append(all, strings.Join(values, ","))
	}
	return strings.Join(all, "|")
}

func TestStaleReads(t *testing.T) {
	const lag = 3 * time.Second
	var c *clock
	eachWay(t, func() graphsim.Options {
		c = newClock()
		return graphsim.Options{Now: c.now, Levers: graphsim.Levers{Stale: lag}}
	}, func(t *testing.T, _ *graphsim.Server, w way) {
		see := func(when, expected string) {
			t.Helper()
			if got := shownOf(t, w, ada); got != expected {
				t.Errorf("%s: %s, want %s", when, got, expected)
			}
		}
		mobile := phoneJSON("mobile", "+44 7700900100")
		want(t, w.send(t, "POST", phones(ada), mobile), 201, "")
		see("right after a write", "|||||")
		want(t, w.send(t, "POST", phones(ada), mobile), 400, "badRequest") // the truth decides
		want(t, w.send(t, "POST", emails(ada), `{"emailAddress":"ada@home.example"}`), 201, "")
		c.pass(2 * time.Second)
		want(t, w.send(t, "PATCH", phones(ada)+"/"+mobileID, phoneJSON("mobile", "+44 7700900101")), 204, "")
		see("two seconds after the first", "|||||")
		c.pass(time.Second)
		see("three seconds after the first", "100,ple|100|ple|100||ple")
		want(t, w.send(t, "DELETE", emails(ada)+"/"+emailID, ""), 204, "")
		want(t, w.send(t, "DELETE", emails(ada)+"/"+emailID, ""), 404, "resourceNotFound")
		c.pass(2 * time.Second)
		see("after the second is there", "101,ple|101|ple|101||ple")
		c.pass(time.Second)
		see("after all", "101|101||101||")
		// Another person is not behind.
		if got := shownOf(t, w, bram); !strings.HasPrefix(got, "002,003,x12,ple|") {
			t.Errorf("somebody else: %s", got)
		}
	})
}

func TestDriftByTheCaller(t *testing.T) {
	eachWay(t, func() graphsim.Options {
		return graphsim.Options{Permissions: []string{"UserAuthenticationMethod.Read.All"}, Levers: graphsim.Levers{Throttle: graphsim.Throttle{Rate: 1000, Burst: 1000}}}
	}, func(t *testing.T, s *graphsim.Server, w way) {
		err := s.Drift("BRAM@contoso.example", func(u *graphsim.User) {
			u.DisplayName = "Somebody Else" // has no say
			u.PhoneMethods = append(u.PhoneMethods[:0], graphsim.PhoneMethod{PhoneType: "mobile", PhoneNumber: "+44 7700900109"}, u.PhoneMethods[2])
			u.EmailMethods = nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := shownOf(t, w, bram); got != "109,x12|109,x12||109|x12|" {
			t.Errorf("shows %s", got)
		}
		if got := s.Stats(); got.Writes != 0 || got.Drifted != 1 {
			t.Errorf("%+v", got)
		}
		before := s.Tenant()
		if before.Users[1].DisplayName != "Bram O'Dorn" {
			t.Error("a name has changed")
		}
		for problem, drift := range map[string]error{
			"no such person": s.Drift(nobody, func(*graphsim.User) { t.Error("asked about nobody") }),
			"has no number":  s.Drift(bram, func(u *graphsim.User) { u.PhoneMethods[0].PhoneNumber = "" }),
			"without a mobile": s.Drift(ada, func(u *graphsim.User) {
				u.PhoneMethods = []graphsim.PhoneMethod{{PhoneType: "alternateMobile", PhoneNumber: "+44 7700900109"}}
			}),
		} {
			if drift == nil || !strings.Contains(drift.Error(), problem) {
				t.Errorf("%v, want %q", drift, problem)
			}
		}
		if diff := cmp.Diff(before, s.Tenant()); diff != "" {
			t.Error("a drift that failed changed something")
		}
	})
}

// drifted is who of a tenant drifts, told apart by what two reads show.
func drifted(t *testing.T, w way, users []graphsim.User) (who string) {
	for i, u := range users {
		first := w.send(t, "GET", "/users/"+u.ID+"/authentication/methods", "").raw
		second := w.send(t, "GET", "/users/"+u.ID+"/authentication/methods", "").raw
		if first != second {
			who += fmt.Sprint(i, " ")
		}
		if third := w.send(t, "GET", "/users/"+u.ID+"/authentication/methods", "").raw; third != second {
			t.Errorf("user %d drifted twice", i)
		}
	}
	return who
}

func TestDriftByItself(t *testing.T) {
	tenant := graphsim.Generate(400, 1)
	seen := map[uint64]string{}
	for _, seed := range []uint64{1, 2, 1} {
		eachWay(t, func() graphsim.Options {
			return graphsim.Options{Tenant: tenant, Now: newClock().now, Levers: graphsim.Levers{Seed: seed, Drift: 0.2}}
		}, func(t *testing.T, s *graphsim.Server, w way) {
			w.send(t, "GET", "/users?$top=999", "") // does not read methods
			who := drifted(t, w, tenant.Users)
			if before, known := seen[seed]; known && before != who {
				t.Errorf("seed %d: %s and %s", seed, before, who)
			}
			seen[seed] = who
			if n := len(strings.Fields(who)); n < 55 || n > 105 || s.Stats().Drifted != int64(n) || s.Stats().Writes != 0 {
				t.Errorf("%d of 400 drifted, %+v", n, s.Stats())
			}
			for i, u := range s.Tenant().Users {
				if one := strings.Contains(" "+who, fmt.Sprintf(" %d ", i)); one != !cmp.Equal(u, tenant.Users[i]) {
					t.Errorf("user %d: drifted %v", i, one)
				}
			}
		})
	}
	if seen[1] == seen[2] {
		t.Error("two seeds, the same people")
	}
}

// TestDriftIsBehindToo: a read right after shows the old number, as after any
// other write.
func TestDriftIsBehindToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, graphsim.Options{Levers: graphsim.Levers{Drift: 1, Stale: time.Minute}})
		w := way{root: root, via: s.Transport()}
		first := shownOf(t, w, chiara)
		time.Sleep(time.Minute)
		if second := shownOf(t, w, chiara); first != "004|004||004||" || second == first || strings.Count(second, "|") != 5 {
			t.Errorf("%s, then %s", first, second)
		}
	})
}

// TestDriftLeavesTheRest as it was, its date as well.
func TestDriftLeavesTheRest(t *testing.T) {
	s := newServer(t, graphsim.Options{})
	want(t, send(t, s, "POST", emails(ada), `{"emailAddress":"ada@home.example"}`), 201, "")
	before := send(t, s, "GET", emails(ada), "").raw
	if err := s.Drift(ada, func(u *graphsim.User) {
		u.PhoneMethods = []graphsim.PhoneMethod{{PhoneType: "office", PhoneNumber: "+44 2079460109"}}
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, send(t, s, "GET", emails(ada), "").raw); diff != "" || len(s.Tenant().Users[0].PhoneMethods) != 1 {
		t.Error(diff)
	}
}
