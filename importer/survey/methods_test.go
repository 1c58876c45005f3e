package survey_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// checkMethods compares what was read with what the tenant was made with.
func (w *world) checkMethods(m *survey.Methods, kinds ...authmethod.Kind) {
	w.Helper()
	for _, u := range w.tenant.Users {
		have, read := m.Of[u.ID]
		if _, refused := m.Refused[u.ID]; read == refused {
			w.Errorf("%s: read %v, refused %v", u.UserPrincipalName, read, refused)
		}
		for _, kind := range kinds {
			if want := registered(u)[kind]; read && !have[kind].Equal(want) {
				w.Errorf("%s: %s is %s, want %s", u.UserPrincipalName, kind, have[kind], want)
			}
		}
	}
}

func TestReadMethods(t *testing.T) {
	all := authmethod.Kinds()
	for _, test := range []struct {
		name    string
		options graphsim.Options
		kinds   []authmethod.Kind
		items   int64
		refused int
	}{
		{"all at once", graphsim.Options{}, all[:], 300, 0},
		{"phones alone", graphsim.Options{}, all[:3], 300, 0},
		{"the address alone", graphsim.Options{}, all[3:], 300, 0},
		// One refusal teaches that each person takes two reads.
		{"narrow permissions", graphsim.Options{Permissions: []string{"User.Read.All", "UserAuthMethod-Phone.Read.All", "UserAuthMethod-Email.Read.All"}}, all[:], 601, 1},
		{"narrow permissions, phones alone", graphsim.Options{Permissions: []string{"UserAuthMethod-Phone.Read.All"}}, all[:3], 300, 0},
		{"a cloud without the common path", graphsim.Options{Cloud: "china"}, all[:3], 300, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.options.Tenant = graphsim.Generate(300, 7)
				w := newWorld(t, test.options)
				m, err := w.methods(w.ids(), test.kinds...)
				if err != nil {
					t.Fatal(err)
				}
				w.checkMethods(m, test.kinds...)
				stats := w.sim.Stats()
				if stats.Items != test.items || stats.Refused[403] != test.refused || len(m.Refused) > 0 {
					t.Errorf("%d items, %d people refused, %+v", stats.Items, len(m.Refused), stats)
				}
				if most := test.items/20 + 20; stats.RoundTrips > most {
					t.Errorf("%d round trips for %d items", stats.RoundTrips, test.items)
				}
				if stats.Writes > 0 {
					t.Errorf("%d writes", stats.Writes)
				}
			})
		})
	}
}

func TestNobodyToRead(t *testing.T) {
	w := newWorld(t, graphsim.Options{Tenant: odd()})
	m, err := w.methods(nil)
	if err != nil || len(m.Of)+len(m.Refused) != 0 || w.sim.Stats().RoundTrips != 0 {
		t.Errorf("%+v, %v", m, err)
	}
	m, err = survey.ReadMethods(t.Context(), w, w.ids(), nil, w.options())
	if err != nil || len(m.Of) != len(w.ids()) || w.sim.Stats().RoundTrips != 0 {
		t.Errorf("no kinds: %+v, %v", m, err)
	}
}

// TestPeopleOutOfReach leaves some out and reads the rest, whoever goes first.
func TestPeopleOutOfReach(t *testing.T) {
	for _, status := range []int{403, 404} {
		for _, out := range [][]int{{0}, {5}, {0, 1, 2}, {59}} {
			t.Run(fmt.Sprint(status, out), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, graphsim.Options{Tenant: graphsim.Generate(60, 3)})
					refused := map[string]bool{}
					for _, i := range out {
						refused[w.tenant.Users[i].ID] = true
					}
					w.fault = always(func(c graphsim.Call) bool { return refused[c.User] }, graphsim.Fault{Status: status})
					m, err := w.methods(w.ids())
					if err != nil {
						t.Fatal(err)
					}
					w.checkMethods(m, authmethod.Mobile, authmethod.Office, authmethod.Email)
					for id := range refused {
						if e := m.Refused[id]; e == nil || e.Status != status {
							t.Errorf("refused by %v", e)
						}
					}
					if len(m.Refused) != len(refused) {
						t.Errorf("%d people refused", len(m.Refused))
					}
				})
			})
		}
	}
}

func TestSomebodyWhoIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: odd()})
		gone := "0f000000-0000-4000-8000-00000000000f"
		m, err := w.methods(append(w.ids(), gone))
		if err != nil || m.Refused[gone] == nil || m.Refused[gone].Status != 404 || len(m.Of) != len(w.ids()) {
			t.Errorf("%+v, %v", m, err)
		}
	})
}

func TestMayNotReadMethods(t *testing.T) {
	for _, test := range []struct {
		name    string
		options graphsim.Options
		fault   graphsim.Fault
	}{
		{"no permission", graphsim.Options{Permissions: []string{"User.Read.All"}}, graphsim.Fault{}},
		{"another token", graphsim.Options{Token: "another"}, graphsim.Fault{}},
		{"401 of items", graphsim.Options{}, graphsim.Fault{Status: 401}},
		{"403 of items", graphsim.Options{}, graphsim.Fault{Status: 403}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.options.Tenant = graphsim.Generate(50, 3)
				w := newWorld(t, test.options)
				if test.fault.Status != 0 {
					w.fault = always(isItem, test.fault)
				}
				if _, err := w.methods(w.ids()); !graph.IsSignIn(err) {
					t.Errorf("read with %v", err)
				}
			})
		})
	}
}

// TestMasked: what a signed-in Authentication Administrator sees cannot be
// compared.
func TestMasked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant := graphsim.Generate(40, 3)
		tenant.Users[33].PhoneMethods = []graphsim.PhoneMethod{{PhoneType: "mobile", PhoneNumber: "+44 XXXXXXX900"}}
		w := newWorld(t, graphsim.Options{Tenant: tenant})
		if _, err := w.methods(w.ids()); err != nil {
			t.Errorf("letters are no mask: %v", err)
		}
		tenant.Users[33].PhoneMethods[0].PhoneNumber = "+44 *******900"
		w = newWorld(t, graphsim.Options{Tenant: tenant})
		_, err := w.methods(w.ids())
		if !errors.Is(err, survey.ErrMasked) || strings.Contains(fmt.Sprint(err), "900") {
			t.Errorf("read with %v", err)
		}
	})
}
