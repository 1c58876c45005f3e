package survey_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph"
	"authseed/importer/graph/graphsim"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

const tenantID = "c0ffee00-0000-4000-8000-000000000000"

// odd is a small tenant whose people have unusual keys.
func odd() *graphsim.Tenant {
	return &graphsim.Tenant{ID: tenantID, VerifiedDomains: []string{"contoso.example"}, Users: []graphsim.User{
		{ID: "0a000000-0000-4000-8000-00000000000a", UserPrincipalName: "ada@contoso.example", Mail: "Ada.Dorn@contoso.example", EmployeeID: "42",
			OnPremisesSamAccountName: "adorn", OnPremisesImmutableID: "b2JqZWN0QQ==", OnPremisesUserPrincipalName: "adorn@corp.example",
			ProxyAddresses: []string{"SMTP:Ada.Dorn@contoso.example", "smtp:ada@contoso.example", "X500:/o=Contoso/cn=adorn", "sip:sip.ada@contoso.example"}},
		{ID: "0b000000-0000-4000-8000-00000000000b", UserPrincipalName: "bram@contoso.example", Mail: "bram@contoso.example", EmployeeID: "43",
			OnPremisesSamAccountName: "o'bram", OnPremisesImmutableID: "B2JqZWN0QQ==", OnPremisesUserPrincipalName: "o'bram@corp.example",
			ProxyAddresses: []string{"smtp:o'bram@contoso.example", "SMTP:bram@contoso.example", "smtp:team@contoso.example"}},
		{ID: "0c000000-0000-4000-8000-00000000000c", UserPrincipalName: "o'connor_fabrikam.example#EXT#@contoso.example", Mail: "shared@contoso.example", EmployeeID: "K 17/2+3&4=5%6"},
		{ID: "0d000000-0000-4000-8000-00000000000d", UserPrincipalName: "dilan@contoso.example", Mail: "shared@contoso.example", EmployeeID: "43", OnPremisesSamAccountName: "twin",
			ProxyAddresses: []string{"SMTP:shared@contoso.example", "smtp:Team@contoso.example"}},
		{ID: "0e000000-0000-4000-8000-00000000000e", UserPrincipalName: "esra@contoso.example", EmployeeID: "ä-ß-日本", OnPremisesSamAccountName: "TWIN"},
	}}
}

// lookups are keys and who has them.
var lookups = []struct {
	name string
	key  authmethod.Key
	want []string
}{
	{"id", key(authmethod.ID, "0a000000-0000-4000-8000-00000000000a"), []string{"ada@contoso.example"}},
	{"id in capitals", key(authmethod.ID, "0B000000-0000-4000-8000-00000000000B"), []string{"bram@contoso.example"}},
	{"id of nobody", key(authmethod.ID, "0f000000-0000-4000-8000-00000000000f"), nil},
	{"id that is none", key(authmethod.ID, "42"), nil},
	{"id in braces", key(authmethod.ID, "{0a000000-0000-4000-8000-00000000000a}"), nil},
	{"userPrincipalName", key(authmethod.UserPrincipalName, "ADA@Contoso.example"), []string{"ada@contoso.example"}},
	{"a guest's, with quote and #", key(authmethod.UserPrincipalName, "o'connor_fabrikam.example#EXT#@contoso.example"), []string{"o'connor_fabrikam.example#EXT#@contoso.example"}},
	{"mail", key(authmethod.Mail, "ada.dorn@contoso.example"), []string{"ada@contoso.example"}},
	{"mail of two", key(authmethod.Mail, "shared@contoso.example"), []string{"dilan@contoso.example", "o'connor_fabrikam.example#EXT#@contoso.example"}},
	{"primary address", key(authmethod.ProxyAddresses, "ada.dorn@contoso.example"), []string{"ada@contoso.example"}},
	{"alias with its type", key(authmethod.ProxyAddresses, "SMTP:ada@contoso.example"), []string{"ada@contoso.example"}},
	{"alias with a quote", key(authmethod.ProxyAddresses, " O'Bram@contoso.example"), []string{"bram@contoso.example"}},
	{"alias of two", key(authmethod.ProxyAddresses, "team@contoso.example"), []string{"bram@contoso.example", "dilan@contoso.example"}},
	{"address for another use", key(authmethod.ProxyAddresses, "sip.ada@contoso.example"), nil},
	{"address for another use, with its type", key(authmethod.ProxyAddresses, "sip:sip.ada@contoso.example"), nil},
	{"type without an address", key(authmethod.ProxyAddresses, "smtp:"), nil},
	{"200 characters of an address", key(authmethod.ProxyAddresses, strings.Repeat("a", 200)), nil},
	{"employeeId", key(authmethod.EmployeeID, " 42 "), []string{"ada@contoso.example"}},
	{"employeeId of two", key(authmethod.EmployeeID, "43"), []string{"bram@contoso.example", "dilan@contoso.example"}},
	{"employeeId of nobody", key(authmethod.EmployeeID, "044"), nil},
	{"employeeId with everything", key(authmethod.EmployeeID, "K 17/2+3&4=5%6"), []string{"o'connor_fabrikam.example#EXT#@contoso.example"}},
	{"employeeId outside ASCII", key(authmethod.EmployeeID, "ä-ß-日本"), []string{"esra@contoso.example"}},
	{"samAccountName", key(authmethod.OnPremisesSamAccountName, "ADORN"), []string{"ada@contoso.example"}},
	{"samAccountName with a quote", key(authmethod.OnPremisesSamAccountName, "o'bram"), []string{"bram@contoso.example"}},
	{"samAccountName of two forests", key(authmethod.OnPremisesSamAccountName, "twin"), []string{"dilan@contoso.example", "esra@contoso.example"}},
	{"immutableId", key(authmethod.OnPremisesImmutableID, "b2JqZWN0QQ=="), []string{"ada@contoso.example"}},
	{"immutableId, another by its case", key(authmethod.OnPremisesImmutableID, "B2JqZWN0QQ=="), []string{"bram@contoso.example"}},
	{"on-premises name", key(authmethod.OnPremisesUserPrincipalName, "o'bram@corp.example"), []string{"bram@contoso.example"}},
	{"200 characters", key(authmethod.EmployeeID, strings.Repeat("9", 200)), nil},
	{"200 characters of an advanced attribute", key(authmethod.OnPremisesSamAccountName, strings.Repeat("é", 200)), nil},
	{"a filter of its own", key(authmethod.EmployeeID, "' or employeeId ne '"), nil},
	{"nothing", key(authmethod.EmployeeID, ""), nil},
	{"spaces", key(authmethod.Mail, "   "), nil},
}

func everyKey() (keys []authmethod.Key) {
	for _, l := range lookups {
		keys = append(keys, l.key)
	}
	return keys
}

// TestLookups asks for every key alone, for all together, and by paging.
func TestLookups(t *testing.T) {
	for _, l := range lookups {
		t.Run(l.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, graphsim.Options{Tenant: odd()})
				found, err := w.find(l.key)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(append([]string{}, l.want...), names(found, l.key)); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		})
	}
	for _, test := range []struct {
		name  string
		more  int // keys of nobody
		pages int // their size; 0 for the service's own
	}{{"together", 0, 0}, {"together, in pages", 0, 1}, {"by paging", 300, 2}} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, graphsim.Options{Tenant: odd(), PageLimit: test.pages})
				found, err := w.find(append(everyKey(), employees(upTo(test.more)...)...)...)
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range lookups {
					if diff := cmp.Diff(append([]string{}, l.want...), names(found, l.key)); diff != "" {
						t.Errorf("%s (-want +got)\n%s", l.name, diff)
					}
				}
				if stats := w.sim.Stats(); (stats.Items == 0) != (test.more > 0) || len(stats.Refused) > 0 {
					t.Errorf("%+v", stats)
				}
			})
		})
	}
}

// TestFoundAsAskedFor: of whoever is found it is told what the file's keys and
// the caller need, whichever the way, and nothing else is asked for.
func TestFoundAsAskedFor(t *testing.T) {
	want := authmethod.User{
		ID: "0b000000-0000-4000-8000-00000000000b", UserPrincipalName: "bram@contoso.example", EmployeeID: "43",
		OnPremisesSamAccountName: "o'bram", UserType: "Member", AccountEnabled: true, EnabledKnown: true,
	}
	sam := key(authmethod.OnPremisesSamAccountName, "o'bram")
	for _, more := range []int{1, 300} {
		for _, location := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				tenant := odd()
				for i := range tenant.Users {
					tenant.Users[i].UsageLocation = "NL"
				}
				w := newWorld(t, graphsim.Options{Tenant: tenant})
				keys := append(employees(upTo(more)...), sam)
				found, err := survey.FindPeople(t.Context(), w, keys, nil, graph.Wanted{Location: location}, w.options())
				if err != nil {
					t.Fatal(err)
				}
				if want.UsageLocation = ""; location {
					want.UsageLocation = "NL"
				}
				if diff := cmp.Diff([]*authmethod.User{&want}, found.Find(sam).Users); diff != "" {
					t.Errorf("with %d more keys (-want +got)\n%s", more, diff)
				}
			})
		}
	}
}

// TestRequestsOfALookup counts what is asked.
func TestRequestsOfALookup(t *testing.T) {
	for _, test := range []struct {
		name         string
		keys         []authmethod.Key
		trips, items int64
		asked        int // keys
	}{
		{"nothing", nil, 0, 0, 0},
		{"one", employees(1), 1, 1, 1},
		{"one, many times", employees(1, 1, 1, 1), 1, 1, 1},
		{"sixteen", employees(upTo(16)...), 2, 2, 16},
		{"as many as are looked up", employees(upTo(300)...), 20, 20, 300},
		{"one more, and everybody is paged", employees(upTo(301)...), 3, 0, 0},
		// Lengths 1 to 16 but the one that was asked for.
		{"with other zeros", unpadded(7), 2, 2, 1 + 15},
		{"of nobody", unpadded(9999), 2, 2, 1 + 12},
		{"some with other zeros", append(employees(upTo(40)...), unpadded(100, 200, 300)...), 6, 3 + 3, 43 + 3*13},
		{"letters, of nobody", []authmethod.Key{key(authmethod.EmployeeID, "K17")}, 1, 1, 1},
		{"addresses", aliases(60), 4, 4, 60},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, graphsim.Options{Tenant: graphsim.Generate(2500, 1)})
				found, err := w.find(test.keys...)
				if err != nil {
					t.Fatal(err)
				}
				for _, k := range test.keys {
					who := found.Find(k).Users
					if strings.HasSuffix(test.name, "nobody") {
						if len(who) > 0 {
							t.Errorf("%d people have the key of nobody", len(who))
						}
						continue
					}
					number := strings.TrimLeft(strings.TrimSuffix(k.Value, "@contoso.example"), "p0")
					if len(who) != 1 || strings.TrimLeft(strings.TrimSuffix(who[0].UserPrincipalName, "@contoso.example"), "person0") != number {
						t.Errorf("%d people have a key of one", len(who))
					}
				}
				// The pacer starts gently, so that the first batches are not full.
				stats := w.sim.Stats()
				if stats.RoundTrips > test.trips || stats.Items != test.items || w.keys != test.asked {
					t.Errorf("%d keys in %d items and %d round trips, want %d, %d and at most %d",
						w.keys, stats.Items, stats.RoundTrips, test.asked, test.items, test.trips)
				}
			})
		})
	}
}

// moving is a directory that changes while it is paged: the last person of a
// page is the first of the next as well.
type moving struct {
	*world
	last []authmethod.User
}

func (m *moving) Users(ctx context.Context, next string, scope graph.Scope, want graph.Wanted) ([]authmethod.User, string, error) {
	people, following, err := m.world.Users(ctx, next, scope, want)
	if err == nil {
		people = slices.Concat(m.last, people)
		m.last = people[len(people)-1:]
	}
	return people, following, err
}

func TestPersonOnTwoPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: graphsim.Generate(400, 1), PageLimit: 50})
		keys := employees(upTo(400)...)
		found, err := survey.FindPeople(t.Context(), &moving{world: w}, keys, nil, graph.Wanted{}, w.options())
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if n := len(found.Find(k).Users); n != 1 {
				t.Errorf("%s is %d people", k.Value, n)
			}
		}
	})
}

// TestTwoKeysOfOnePerson finds somebody by both.
func TestTwoKeysOfOnePerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: odd()})
		keys := []authmethod.Key{key(authmethod.EmployeeID, "42"), key(authmethod.UserPrincipalName, "ada@contoso.example"), key(authmethod.EmployeeID, " 42")}
		found, err := w.find(keys...)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if diff := cmp.Diff([]string{"ada@contoso.example"}, names(found, k)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", k.Attribute, diff)
			}
		}
	})
}

// TestMayNotReadPeople is a sign-in that lacks the permission, not a person out
// of reach.
func TestMayNotReadPeople(t *testing.T) {
	for _, n := range []int{1, 30, 301} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, graphsim.Options{Tenant: odd(), Permissions: []string{"UserAuthenticationMethod.ReadWrite.All"}})
			found, err := w.find(employees(upTo(n)...)...)
			if !graph.IsSignIn(err) || found != nil {
				t.Errorf("%d keys: %v", n, err)
			}
			if err != nil && !strings.Contains(err.Error(), "403") {
				t.Errorf("%d keys: %v", n, err)
			}
		})
	}
}
