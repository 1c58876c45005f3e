package survey_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// fillers are keys of nobody, and so many that the directory is paged.
func fillers() (keys []authmethod.Key) {
	for i := range 301 {
		keys = append(keys, key(authmethod.OnPremisesUserPrincipalName, fmt.Sprintf("nobody%d@corp.example", i)))
	}
	return keys
}

// numbered is a tenant of people with these employee ids, in this order.
func numbered(ids ...string) *graphsim.Tenant {
	t := &graphsim.Tenant{ID: tenantID, VerifiedDomains: []string{"contoso.example"}}
	for i, id := range ids {
		t.Users = append(t.Users, graphsim.User{
			ID:                fmt.Sprintf("%08x-0000-4000-8000-000000000000", i+1),
			UserPrincipalName: fmt.Sprintf("%d@contoso.example", i), EmployeeID: id,
		})
	}
	return t
}

// said puts a match in words: the positions of people, and how sure it is.
func said(t *graphsim.Tenant, m survey.Match) string {
	var words []string
	for i, u := range t.Users {
		if slices.ContainsFunc(m.Users, func(found *authmethod.User) bool { return found.ID == u.ID }) {
			words = append(words, fmt.Sprint(i))
		}
	}
	if len(words) != len(m.Users) {
		words = append(words, "somebody twice")
	}
	if m.Tolerated {
		words = append(words, "tolerated")
	}
	if m.Contested {
		words = append(words, "contested")
	}
	return strings.Join(words, " ")
}

// bothWays finds keys by looking them up and by paging.
func bothWays(t *testing.T, tenant *graphsim.Tenant, keys []authmethod.Key, check func(how string, found *survey.People)) {
	t.Helper()
	for _, how := range []string{"looked up", "paged"} {
		w := newWorld(t, graphsim.Options{Tenant: tenant, PageLimit: 3})
		asked := keys
		if how == "paged" {
			asked = slices.Concat(keys, fillers())
		}
		found, err := w.find(asked...)
		if err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		stats := w.sim.Stats()
		if (stats.Items == 0) != (how == "paged") || len(stats.Refused) > 0 {
			t.Errorf("%s: %+v", how, stats)
		}
		check(how, found)
	}
}

func TestLeadingZeros(t *testing.T) {
	type want map[string]string // said, by the employee id of the file
	for _, test := range []struct {
		name   string
		tenant []string
		want   want
	}{
		{"exact", []string{"0042", "7"}, want{"0042": "0"}},
		{"the file lost them", []string{"0042", "7"}, want{"42": "0 tolerated"}},
		{"the directory lost them", []string{"42", "7"}, want{"0042": "0 tolerated"}},
		{"some are missing", []string{"00042", "7"}, want{"042": "0 tolerated"}},
		{"as many as there is room for", []string{"0000000000000042"}, want{"42": "0 tolerated"}},
		{"more than there is room for", []string{"42"}, want{"00000000000000000042": "0 tolerated"}},
		{"sixteen digits", []string{"1234567890123456"}, want{"01234567890123456": "0 tolerated"}},
		{"seventeen digits", []string{"1234567890123456"}, want{"12345678901234567": ""}},
		{"exact goes first", []string{"42", "0042", "00042"}, want{"42": "0"}},
		{"exact goes first, whoever comes first", []string{"0042", "42"}, want{"42": "1"}},
		{"two have it exactly", []string{"42", "42", "0042"}, want{"42": "0 1"}},
		{"two have it with zeros", []string{"0042", "42"}, want{"042": "0 1 tolerated"}},
		{"two have the same with zeros", []string{"0042", "0042"}, want{"42": "0 1 tolerated"}},
		{"nobody", []string{"43"}, want{"42": ""}},
		{"another number that ends alike", []string{"142", "420"}, want{"42": "", "0420": "1 tolerated"}},
		{"each its own", []string{"042", "7"}, want{"42": "0 tolerated", "0007": "1 tolerated"}},

		{"the file has two such ids, and nobody has either", []string{"00042"}, want{"42": "contested", "0042": "contested"}},
		{"the file has two, one exact", []string{"0042"}, want{"42": "contested", "0042": "0"}},
		{"the file has two, both exact", []string{"0042", "42"}, want{"42": "1", "0042": "0"}},
		{"the file has three, one exact", []string{"0042", "7"}, want{"42": "contested", "0042": "0", "042": "contested", "07": "1 tolerated"}},
		{"the file has two, and so has the directory", []string{"00042", "000042"}, want{"42": "contested", "0042": "contested"}},
		{"the file has two, and there is nobody", []string{"43"}, want{"42": "", "0042": ""}},
		{"the file has one twice", []string{"0042"}, want{"42": "0 tolerated", " 42 ": "0 tolerated"}},

		{"zeros alone", []string{"000", "0"}, want{"0": "1", "00": ""}},
		{"zeros alone, of one person", []string{"000"}, want{"0": ""}},
		{"letters", []string{"0K42"}, want{"K42": "", "00K42": ""}},
		{"a sign", []string{"-042", "+42"}, want{"-42": "", "42": ""}},
		{"a space", []string{"0 42"}, want{"42": "", " 42": ""}},
		{"other digits", []string{"0४२"}, want{"४२": "", "42": ""}},
		{"no id", []string{"", ""}, want{"0": ""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tenant := numbered(test.tenant...)
				var keys []authmethod.Key
				for id := range test.want {
					keys = append(keys, key(authmethod.EmployeeID, id))
				}
				bothWays(t, tenant, keys, func(how string, found *survey.People) {
					for id, want := range test.want {
						if got := said(tenant, found.Find(key(authmethod.EmployeeID, id))); got != want {
							t.Errorf("%s, %q is %q, want %q", how, id, got, want)
						}
					}
				})
			})
		})
	}
}

// TestZerosOfOtherAttributes count.
func TestZerosOfOtherAttributes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant := numbered("")
		tenant.Users[0].OnPremisesSamAccountName, tenant.Users[0].OnPremisesImmutableID = "0042", "0042"
		keys := []authmethod.Key{key(authmethod.OnPremisesSamAccountName, "42"), key(authmethod.OnPremisesImmutableID, "42"), key(authmethod.EmployeeID, "42")}
		bothWays(t, tenant, keys, func(how string, found *survey.People) {
			for _, k := range keys {
				if m := found.Find(k); len(m.Users) > 0 || m.Contested {
					t.Errorf("%s, %s: %+v", how, k.Attribute, m)
				}
			}
		})
	})
}

// person makes somebody up whose values are few, so that people share them and
// keys meet them.
func person(random *rand.Rand, i int) graphsim.User {
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	u := graphsim.User{
		ID:                          fmt.Sprintf("%08x-0000-4000-8000-00000000000a", i+1),
		UserPrincipalName:           fmt.Sprintf("%s%d%s@contoso.example", pick("ada", "O'Brien", "Kim"), i, pick("", "_fabrikam.example#EXT#", "&+=?/")),
		Mail:                        pick("", "kim@contoso.example", "Kim@contoso.example", "o'neil@contoso.example", "a#b@contoso.example"),
		EmployeeID:                  randomID(random),
		OnPremisesSamAccountName:    pick("", "kim", "KIM", "o'neil", "kim#2"),
		OnPremisesImmutableID:       pick("", "b2JqZWN0QQ==", "B2JqZWN0QQ==", "a+/B"),
		OnPremisesUserPrincipalName: pick("", "kim@corp.example", "O'Neil@corp.example"),
	}
	for range random.IntN(3) {
		u.ProxyAddresses = append(u.ProxyAddresses, pick("SMTP:", "smtp:", "sip:", "x500:/cn=", "smtp:smtp:")+pick("kim", "Kim", "o'neil", " kim", "k#m")+"@contoso.example")
	}
	return u
}

func randomID(random *rand.Rand) string {
	switch random.IntN(8) {
	case 0:
		return ""
	case 1:
		return []string{"K7", "0K7", "o'7", " 7", "0 7"}[random.IntN(5)]
	}
	return strings.Repeat("0", random.IntN(4)) + fmt.Sprint(random.IntN(8))
}

// keyOf makes up what a file says of somebody, perhaps of nobody.
func keyOf(random *rand.Rand) authmethod.Key {
	attributes := append(authmethod.Attributes(), authmethod.EmployeeID, authmethod.EmployeeID)
	u := person(random, random.IntN(10))
	k := key(attributes[random.IntN(len(attributes))], "")
	switch k.Attribute {
	case authmethod.ID:
		k.Value = u.ID
	case authmethod.UserPrincipalName:
		k.Value = u.UserPrincipalName
	case authmethod.Mail:
		k.Value = u.Mail
	case authmethod.ProxyAddresses:
		if k.Value = u.Mail; len(u.ProxyAddresses) > 0 {
			k.Value = u.ProxyAddresses[0]
		}
	case authmethod.EmployeeID:
		k.Value = u.EmployeeID
	case authmethod.OnPremisesSamAccountName:
		k.Value = u.OnPremisesSamAccountName
	case authmethod.OnPremisesImmutableID:
		k.Value = u.OnPremisesImmutableID
	case authmethod.OnPremisesUserPrincipalName:
		k.Value = u.OnPremisesUserPrincipalName
	}
	if k.Attribute != authmethod.OnPremisesImmutableID && random.IntN(3) == 0 {
		k.Value = strings.ToUpper(k.Value)
	}
	return k
}

// rule is what a key finds, by the words of the contract and by looking at
// everybody.
func rule(tenant *graphsim.Tenant, keys []authmethod.Key, k authmethod.Key) (m survey.Match) {
	has := func(u graphsim.User) []string {
		switch k.Attribute {
		case authmethod.ID:
			return []string{u.ID}
		case authmethod.UserPrincipalName:
			return []string{u.UserPrincipalName}
		case authmethod.Mail:
			return []string{u.Mail}
		case authmethod.ProxyAddresses:
			return u.ProxyAddresses
		case authmethod.EmployeeID:
			return []string{u.EmployeeID}
		case authmethod.OnPremisesSamAccountName:
			return []string{u.OnPremisesSamAccountName}
		case authmethod.OnPremisesImmutableID:
			return []string{u.OnPremisesImmutableID}
		}
		return []string{u.OnPremisesUserPrincipalName}
	}
	names := func(value string) bool {
		switch want := strings.TrimSpace(k.Value); {
		case want == "":
			return false
		case k.Attribute == authmethod.ProxyAddresses:
			// A cell begins with smtp: or does not; the directory's entry has to.
			if len(want) > 5 && strings.EqualFold(want[:5], "smtp:") {
				want = strings.TrimSpace(want[5:])
			}
			return strings.EqualFold(value, "smtp:"+want)
		case k.Attribute == authmethod.OnPremisesImmutableID:
			return value == want
		default:
			return strings.EqualFold(value, want)
		}
	}
	for _, u := range tenant.Users {
		if slices.ContainsFunc(has(u), names) {
			m.Users = append(m.Users, &authmethod.User{ID: u.ID})
		}
	}
	digits := func(id string) string {
		id = strings.TrimLeft(id, "0")
		if strings.Trim(id, "0123456789") != "" {
			return ""
		}
		return id
	}
	mine := digits(strings.TrimSpace(k.Value))
	if len(m.Users) > 0 || k.Attribute != authmethod.EmployeeID || mine == "" {
		return m
	}
	for _, u := range tenant.Users {
		if digits(u.EmployeeID) == mine {
			m.Users = append(m.Users, &authmethod.User{ID: u.ID})
			m.Tolerated = true
		}
	}
	for _, other := range keys {
		id := strings.TrimSpace(other.Value)
		if m.Tolerated && other.Attribute == authmethod.EmployeeID && id != strings.TrimSpace(k.Value) && digits(id) == mine {
			return survey.Match{Contested: true}
		}
	}
	return m
}

// TestBothWaysAgree: whatever a file asks of whichever tenant, looking people up
// and paging give the same answer, and it is the rule's.
func TestBothWaysAgree(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(300) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 42))
			tenant := &graphsim.Tenant{ID: tenantID, VerifiedDomains: []string{"contoso.example"}}
			for i := range random.IntN(10) {
				tenant.Users = append(tenant.Users, person(random, i))
			}
			var keys []authmethod.Key
			for range 1 + random.IntN(12) {
				keys = append(keys, keyOf(random))
			}
			// One that is always asked for, so that there is a lookup at all.
			keys = append(keys, key(authmethod.Mail, "zoe@contoso.example"))
			want, got := map[authmethod.Key]string{}, map[string]map[authmethod.Key]string{}
			for _, k := range keys {
				m := rule(tenant, keys, k)
				want[k] = said(tenant, m)
				seen[fmt.Sprintf("%s, %d people, tolerated %t, contested %t", k.Attribute, min(len(m.Users), 2), m.Tolerated, m.Contested)]++
			}
			bothWays(t, tenant, keys, func(how string, found *survey.People) {
				got[how] = map[authmethod.Key]string{}
				for _, k := range keys {
					got[how][k] = said(tenant, found.Find(k))
				}
				if diff := cmp.Diff(want, got[how]); diff != "" {
					t.Errorf("seed %d, %s (-want +got)\n%s", seed, how, diff)
				}
			})
		})
	}
	for _, attribute := range authmethod.Attributes() {
		for _, people := range []int{0, 1} {
			if seen[fmt.Sprintf("%s, %d people, tolerated false, contested false", attribute, people)] == 0 {
				t.Errorf("no case of %s finds %d people", attribute, people)
			}
		}
	}
	for _, rare := range []string{"1 people, tolerated true, contested false", "2 people, tolerated true, contested false", "0 people, tolerated false, contested true", "2 people, tolerated false, contested false"} {
		if seen["employeeId, "+rare] == 0 {
			t.Errorf("no case of employeeId with %s", rare)
		}
	}
}
