package apply_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
)

func TestOnePersonRefused(t *testing.T) {
	for _, first := range []int{1, 30, 60} {
		synctest.Test(t, func(t *testing.T) {
			const people = 60
			w := newWorld(t, crowd(people, "mobile=500")...)
			w.fault = always(of(first, isItem), graphsim.Fault{Status: 403})
			p := w.plan(crowd(people, "mobile=# email=p#"))
			run := w.mustApply(p)
			if run.Counts.Failed != 2 || run.Counts.Done != run.Counts.Planned-2 {
				t.Errorf("person %d refused: %+v", first, run.Counts)
			}
			w.checkDone(p, run)
		})
	}
}

// TestEverybodyRefused has a sign-in that lacks something: the run stops early
// and says that it is the sign-in.
func TestEverybodyRefused(t *testing.T) {
	const people = 1000
	for _, test := range []struct {
		name       string
		options    graphsim.Options
		fault      lever
		have, want string
		most       int64 // items that may have been tried
	}{
		{"may only read", graphsim.Options{Permissions: []string{"UserAuthenticationMethod.Read.All"}}, nil, "", "mobile=# email=p#", 100},
		{"may only read, to update", graphsim.Options{Permissions: []string{"UserAuthenticationMethod.Read.All"}}, nil, "mobile=500", "mobile=#", 200},
		{"may nothing", graphsim.Options{Permissions: []string{}}, nil, "mobile=500", "mobile=#", 100},
		{"403 of items", graphsim.Options{}, always(isItem, graphsim.Fault{Status: 403}), "", "mobile=#", 100},
		{"403 of the batch", graphsim.Options{}, always(isWhole, graphsim.Fault{Status: 403}), "", "mobile=#", 0},
		{"401 of items", graphsim.Options{}, always(isItem, graphsim.Fault{Status: 401}), "", "mobile=#", 100},
		{"401 of the batch", graphsim.Options{}, always(isWhole, graphsim.Fault{Status: 401}), "", "mobile=#", 0},
		{"another token", graphsim.Options{Token: "another"}, nil, "", "mobile=#", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorldWith(t, test.options, crowd(people, test.have)...)
				w.fault = test.fault
				p := w.plan(crowd(people, test.want))
				run, err := w.applied(t.Context(), p)
				if !graph.IsSignIn(err) {
					t.Errorf("the run ended with %v", err)
				}
				if stats := w.sim.Stats(); stats.Items > test.most || stats.Writes != 0 {
					t.Errorf("%d items tried, %d written", stats.Items, stats.Writes)
				}
				if run.State != journal.Interrupted || run.Counts.Done != 0 || run.Counts.Unknown != 0 {
					t.Errorf("%s %+v", run.State, run.Counts)
				}
			})
		})
	}
}

// TestFewAndAllRefused is a plan too small to be stopped on the way.
func TestFewAndAllRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldWith(t, graphsim.Options{Permissions: []string{"UserAuthenticationMethod.Read.All"}}, crowd(3, "")...)
		run, err := w.applied(t.Context(), w.plan(crowd(3, "mobile=#")))
		if !graph.IsSignIn(err) || run.Counts.Pending != 3 {
			t.Errorf("%v, %+v", err, run.Counts)
		}
	})
}

// TestPermissionWithdrawn loses a permission in mid-run: the run stops soon, the
// people refused are as pending as those never tried, and the other family's
// permission is nobody's proof.
func TestPermissionWithdrawn(t *testing.T) {
	const people = 300
	for _, test := range []struct {
		name    string
		granted int // writes before
		match   func(graphsim.Call) bool
	}{
		{"all of them", 100, isWrite},
		{"phones", 100, func(c graphsim.Call) bool { return isWrite(c) && strings.Contains(c.Path, "phoneMethods") }},
		{"e-mail", 100, func(c graphsim.Call) bool { return isWrite(c) && strings.Contains(c.Path, "emailMethods") }},
		{"the last few", 2*people - 8, isWrite},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, crowd(people, "")...)
				left := test.granted
				w.fault = func(c graphsim.Call) *graphsim.Fault {
					if isWrite(c) {
						left--
					}
					if left >= 0 || !test.match(c) {
						return nil
					}
					return &graphsim.Fault{Status: 403}
				}
				p := w.plan(crowd(people, "mobile=# email=p#"))
				run, err := w.applied(t.Context(), p)
				if !graph.IsSignIn(err) || run.State != journal.Interrupted {
					t.Errorf("%s, %v", run.State, err)
				}
				if run.Counts.Failed > 0 || run.Counts.Unknown > 0 || run.Counts.Done != w.writes() {
					t.Errorf("%+v, %d writes", run.Counts, w.writes())
				}
				w.checkDone(p, run)
			})
		})
	}
}

// TestTokenThatCannotBeRenewed ends by itself, and nothing leaves without one: no
// change is unknown for that.
func TestTokenThatCannotBeRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, crowd(2000, "")...)
		w.concurrency = 1
		claims := fmt.Sprintf(`{"exp":%d}`, time.Now().Add(3*time.Second).Unix())
		token := "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".e30"
		credential, err := graph.SignIn(graph.SignInOptions{Mode: "token", Getenv: func(string) string { return token }})
		if err != nil {
			t.Fatal(err)
		}
		if w.client, err = graph.New(graph.Options{Credential: credential, Transport: w.sim.Transport()}); err != nil {
			t.Fatal(err)
		}
		p := w.plan(crowd(2000, "email=p#"))
		run, err := w.applied(t.Context(), p)
		if !graph.IsSignIn(err) || run.Counts.Done == 0 || run.Counts.Done != w.writes() || run.Counts.Unknown > 0 {
			t.Errorf("%v, %+v, %d writes", err, run.Counts, w.writes())
		}
		w.checkDone(p, run)
	})
}

// TestTokenThatRunsOut is taken by the service for a while and then no more.
func TestTokenThatRunsOut(t *testing.T) {
	for _, match := range []func(graphsim.Call) bool{isWhole, isItem} {
		synctest.Test(t, func(t *testing.T) {
			const people = 400
			w := newWorld(t, crowd(people, "")...)
			good := 5
			w.fault = func(c graphsim.Call) *graphsim.Fault {
				if isWhole(c) {
					good--
				}
				if good >= 0 || !match(c) {
					return nil
				}
				return &graphsim.Fault{Status: 401}
			}
			p := w.plan(crowd(people, "mobile=#"))
			run, err := w.applied(t.Context(), p)
			if !graph.IsSignIn(err) || run.Counts.Done == 0 || run.Counts.Pending == 0 || run.Counts.Unknown > 0 {
				t.Errorf("%v, %+v", err, run.Counts)
			}
			w.checkDone(p, run)
		})
	}
}
