package graph

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
	"authseed/mapping/authmethod"
)

// simulate is a client of a simulated tenant, inside the process.
func simulate(t testing.TB, cloud Cloud, o graphsim.Options) (*Client, *graphsim.Server) {
	t.Helper()
	o.Cloud = string(cloud)
	sim, err := graphsim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{Cloud: cloud, Credential: fixedToken("t0ken"), Transport: sim.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	return c, sim
}

// do sends one request.
func do(t *testing.T, c *Client, request Request) Answer {
	t.Helper()
	answers, err := c.Do(t.Context(), []Request{request})
	if err != nil {
		t.Fatal(err)
	}
	return answers[0]
}

func everybody(t *testing.T, c *Client) []authmethod.User {
	t.Helper()
	var all []authmethod.User
	next := ""
	for pages := 0; pages == 0 || next != ""; pages++ {
		people, link, err := c.Users(t.Context(), next, Scope{}, Wanted{By: authmethod.Attributes(), Location: true})
		if err != nil {
			t.Fatal(err)
		}
		all, next = append(all, people...), link
	}
	return all
}

func TestPagesOfASimulatedTenant(t *testing.T) {
	tenant := graphsim.Generate(2500, 1)
	c, sim := simulate(t, Global, graphsim.Options{Tenant: tenant, Token: "t0ken"})
	all := everybody(t, c)
	want := map[string]graphsim.User{}
	for _, u := range tenant.Users {
		want[u.ID] = u
	}
	if len(all) != len(want) {
		t.Errorf("%d of %d people", len(all), len(want))
	}
	for _, got := range all {
		u := want[got.ID]
		enabled := u.IsEnabled()
		as := authmethod.User{
			ID: u.ID, UserPrincipalName: u.UserPrincipalName, DisplayName: u.DisplayName, Mail: u.Mail,
			EmployeeID: u.EmployeeID, OnPremisesSamAccountName: u.OnPremisesSamAccountName,
			OnPremisesImmutableID: u.OnPremisesImmutableID, OnPremisesUserPrincipalName: u.OnPremisesUserPrincipalName,
			ProxyAddresses: u.ProxyAddresses, UserType: got.UserType, UsageLocation: u.UsageLocation, AccountEnabled: enabled, EnabledKnown: true,
		}
		if diff := cmp.Diff(as, got); diff != "" {
			t.Fatal(diff)
		}
	}
	if trips := sim.Stats().RoundTrips; trips != 3 {
		t.Errorf("%d round trips for three pages", trips)
	}
	o, err := c.Organization(t.Context())
	if err != nil || o.ID != tenant.ID || o.DisplayName != tenant.DisplayName || !slices.Equal(o.VerifiedDomains, tenant.VerifiedDomains) {
		t.Errorf("organization %+v, %v", o, err)
	}
}

func TestFindInASimulatedTenant(t *testing.T) {
	tenant := graphsim.Generate(60, 2)
	tenant.Users[0].UserPrincipalName = "o'neil_fabrikam.example#EXT#@" + tenant.VerifiedDomains[0]
	c, _ := simulate(t, Global, graphsim.Options{Tenant: tenant})
	all := everybody(t, c)
	for _, attribute := range authmethod.Attributes() {
		var asked []authmethod.Key
		want := map[string]bool{}
		for _, u := range all {
			for _, key := range authmethod.KeysOf(attribute, u) {
				asked = append(asked, key)
				want[u.ID] = true
			}
		}
		asked = append(asked, authmethod.Key{Attribute: attribute, Value: "nobody"})
		var requests []Request
		for _, batch := range FindBatches(asked) {
			requests = append(requests, Request{Op: Find, Keys: batch})
		}
		answers, err := c.Do(t.Context(), requests)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, a := range answers {
			if a.Err != nil {
				t.Errorf("%s: %v", attribute, a.Err)
			}
			for _, u := range a.Users {
				got[u.ID] = true
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", attribute, diff)
		}
	}
}

func TestMethodsOfASimulatedPerson(t *testing.T) {
	tenant := graphsim.Generate(1, 3)
	tenant.Users[0].PhoneMethods, tenant.Users[0].EmailMethods = nil, nil
	tenant.Users[0].UserType = "Member"
	user := tenant.Users[0].ID
	for _, cloud := range Clouds() {
		c, sim := simulate(t, cloud, graphsim.Options{Tenant: tenant})
		want := authmethod.Set{}
		values := authmethod.Set{
			authmethod.Mobile:          authmethod.ValueOf("+44 7700900123"),
			authmethod.AlternateMobile: authmethod.ValueOf("+44 7700900124"),
			authmethod.Office:          authmethod.ValueOf("+44 2079460123x12"),
			authmethod.Email:           authmethod.ValueOf("kim@example.com"),
		}
		check := func(did string) {
			t.Helper()
			kinds := authmethod.Kinds()
			got := authmethod.Set{}
			for _, op := range c.Reads(kinds[:]) {
				a := do(t, c, Request{Op: op, User: user})
				if a.Status != 200 || a.RequestID == "" {
					t.Errorf("%s, %s: read %d, request %q, %v", cloud, did, a.Status, a.RequestID, a.Err)
				}
				for kind, value := range a.Have {
					if !value.IsZero() {
						got[kind] = value
					}
				}
			}
			for kind := range want {
				if !got[kind].Equal(want[kind]) {
					t.Errorf("%s, %s: %s is %v, want %v", cloud, did, authmethod.Kind(kind), got[kind], want[kind])
				}
			}
		}
		order := authmethod.WriteOrder()
		for _, kind := range order {
			if !cloud.Supports(kind) {
				continue
			}
			a := do(t, c, Request{Op: Create, User: user, Kind: kind, Value: values[kind]})
			if a.Status != 201 || !a.Have[kind].Equal(values[kind]) {
				t.Errorf("%s: create %s: %d, stored %v, %v", cloud, kind, a.Status, a.Have[kind], a.Err)
			}
			want[kind] = values[kind]
			check("created " + kind.String())
		}
		if a := do(t, c, Request{Op: Create, User: user, Kind: authmethod.Mobile, Value: values[authmethod.Mobile]}); a.Status != 400 || a.Err.Code == "" || a.Err.Message == "" {
			t.Errorf("%s: created twice: %+v", cloud, a)
		}
		want[authmethod.Office] = authmethod.ValueOf("+44 2079460124")
		if a := do(t, c, Request{Op: Update, User: user, Kind: authmethod.Office, Value: want[authmethod.Office]}); a.Err != nil {
			t.Errorf("%s: update: %v", cloud, a.Err)
		}
		check("updated")
		for i := len(order) - 1; i >= 0; i-- {
			if kind := order[i]; cloud.Supports(kind) {
				if a := do(t, c, Request{Op: Delete, User: user, Kind: kind}); a.Err != nil {
					t.Errorf("%s: delete %s: %v", cloud, kind, a.Err)
				}
				want[kind] = authmethod.Value{}
				check("deleted " + kind.String())
			}
		}
		if a := do(t, c, Request{Op: ReadPhones, User: "99999999-0000-4000-8000-000000000000"}); a.Status != 404 || a.Err == nil {
			t.Errorf("%s: nobody: %+v", cloud, a)
		}
		if n := sim.Stats().DuplicateCreates; n != 1 {
			t.Errorf("%s: %d duplicate creates", cloud, n)
		}
	}
}

func TestNarrowPermissions(t *testing.T) {
	tenant := graphsim.Generate(3, 4)
	c, sim := simulate(t, Global, graphsim.Options{Tenant: tenant, Permissions: []string{
		"User.Read.All", "UserAuthMethod-Phone.ReadWrite.All", "UserAuthMethod-Email.ReadWrite.All",
	}})
	kinds := authmethod.Kinds()
	for _, op := range c.Reads(kinds[:]) {
		if a := do(t, c, Request{Op: op, User: tenant.Users[0].ID}); a.Status != 403 || IsSignIn(a.Err) {
			t.Errorf("all methods at once: %+v", a)
		}
	}
	for _, op := range c.Reads(kinds[:]) {
		if a := do(t, c, Request{Op: op, User: tenant.Users[0].ID}); a.Status != 200 {
			t.Errorf("operation %d: %+v", op, a)
		}
	}
	if n := sim.Stats().Refused[403]; n != 1 {
		t.Errorf("refused %d times", n)
	}
}

func TestOverHTTP(t *testing.T) {
	sim, err := graphsim.New(graphsim.Options{Tenant: graphsim.Generate(250, 5), PageLimit: 100, Token: "t0ken"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	defer server.Close()
	c, err := New(Options{Credential: fixedToken("t0ken"), URL: server.URL + "/v1.0/"})
	if err != nil {
		t.Fatal(err)
	}
	if all := everybody(t, c); len(all) != 250 {
		t.Errorf("%d people", len(all))
	}
	c, err = New(Options{Credential: fixedToken("another"), URL: server.URL + "/v1.0"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Do(t.Context(), readPhones); !IsSignIn(err) {
		t.Errorf("with another token: %v", err)
	}
}

func TestSimulatedFaults(t *testing.T) {
	fault := &graphsim.Fault{}
	batch := false
	tenant := graphsim.Generate(1, 6)
	c, _ := simulate(t, Global, graphsim.Options{Tenant: tenant, Fault: func(call graphsim.Call) *graphsim.Fault {
		if call.Batched == batch {
			return nil
		}
		return fault
	}})
	request := Request{Op: ReadPhones, User: tenant.Users[0].ID}
	*fault = graphsim.Fault{Status: 429, Header: http.Header{"Retry-After": {"10"}}}
	if a := do(t, c, request); a.Status != 429 || a.RetryAfter != 10*time.Second || a.Err.Code == "" {
		t.Errorf("throttled item: %+v", a)
	}
	batch = true
	_, err := c.Do(t.Context(), []Request{request})
	if refused := refusal(err); refused == nil || refused.Status != 429 || refused.RetryAfter != 10*time.Second {
		t.Errorf("throttled batch: %v", err)
	}
	*fault = graphsim.Fault{Status: 502, HTML: true}
	_, err = c.Do(t.Context(), []Request{request})
	if refused := refusal(err); refused == nil || refused.Status != 502 {
		t.Errorf("a page: %v", err)
	}
	*fault = graphsim.Fault{Cut: true}
	_, err = c.Do(t.Context(), []Request{request})
	if err == nil || refusal(err) != nil {
		t.Errorf("cut: %v", err)
	}
}

func BenchmarkCreates(b *testing.B) {
	tenant := graphsim.Generate(MaxBatch, 7)
	for i := range tenant.Users {
		tenant.Users[i].PhoneMethods = nil
	}
	c, _ := simulate(b, Global, graphsim.Options{Tenant: tenant})
	creates := make([]Request, MaxBatch)
	deletes := make([]Request, MaxBatch)
	for i, u := range tenant.Users {
		creates[i] = Request{Op: Create, User: u.ID, Kind: authmethod.Mobile, Value: authmethod.ValueOf("+44 7700900123")}
		deletes[i] = Request{Op: Delete, User: u.ID, Kind: authmethod.Mobile}
	}
	b.ReportAllocs()
	for b.Loop() {
		answers, err := c.Do(b.Context(), creates)
		if err != nil || answers[0].Status != 201 {
			b.Fatal(err, answers)
		}
		b.StopTimer()
		if _, err := c.Do(b.Context(), deletes); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.N*MaxBatch)/b.Elapsed().Seconds(), "items/s")
}

func refusal(err error) *Error {
	var refused *Error
	errors.As(err, &refused)
	return refused
}

// TestWhatATenantLacks: a licence and a permission are told apart, by each
// operation that needs them.
func TestWhatATenantLacks(t *testing.T) {
	tenant := graphsim.Generate(3, 8)
	tenant.ServicePlans = []string{}
	poor, _ := simulate(t, Global, graphsim.Options{Tenant: tenant})
	tenant = graphsim.Generate(3, 8)
	narrow, _ := simulate(t, Global, graphsim.Options{Tenant: tenant, Permissions: []string{"User.ReadBasic.All"}})
	for _, test := range settings {
		_, err := test.read(t.Context(), poor)
		licensed := test.name != "registrations" && test.name != "role eligibilities"
		if notFound := refusal(err) != nil && refusal(err).Status == 404; IsUnlicensed(err) == licensed || licensed && err != nil && !notFound {
			t.Errorf("%s without a licence: %v", test.name, err)
		}
		_, err = test.read(t.Context(), narrow)
		if permitted := test.name == "count"; IsForbidden(err) == permitted {
			t.Errorf("%s without a permission: %v", test.name, err)
		}
	}
}

// TestFilterThatCannotBe: what the directory refuses to compare has a hint.
func TestFilterThatCannotBe(t *testing.T) {
	c, _ := simulate(t, Global, graphsim.Options{Tenant: graphsim.Generate(3, 8)})
	for _, filter := range []string{"displayName has 'x'", "nobodysProperty eq 'x'", "department eq Sales", "accountEnabled"} {
		_, _, err := c.Users(t.Context(), "", Scope{Filter: filter}, Wanted{})
		if refusal(err) == nil || refusal(err).Status != 400 || Hint(err) != hintFilter && Hint(err) != hintFilterForm {
			t.Errorf("%s: %v, hint %q", filter, err, Hint(err))
		}
	}
}
