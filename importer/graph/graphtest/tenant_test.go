package graphtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"authseed/importer/graph"
	"authseed/importer/pace"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// The environment of a real tenant; see the package's documentation.
const (
	envAuth   = "AUTHSEED_TEST_AUTH"
	envTenant = "AUTHSEED_TEST_TENANT"
	envUser   = "AUTHSEED_TEST_USER"
	envCloud  = "AUTHSEED_CLOUD"
)

// settings name a real tenant, and whom of it may be touched.
type settings struct {
	auth, tenant, user string
	cloud              graph.Cloud
}

// settingsFrom reads the environment: nil where nothing is set.
func settingsFrom(getenv func(string) string) (*settings, error) {
	var missing []string
	for _, name := range []string{envAuth, envTenant, envUser} {
		if getenv(name) == "" {
			missing = append(missing, name)
		}
	}
	switch len(missing) {
	case 0:
	case 3:
		return nil, nil
	default:
		return nil, fmt.Errorf("a real tenant needs %s as well", strings.Join(missing, " and "))
	}
	s := &settings{auth: getenv(envAuth), tenant: getenv(envTenant), user: getenv(envUser), cloud: graph.Global}
	if name := getenv(envCloud); name != "" {
		var err error
		if s.cloud, err = graph.ParseCloud(name); err != nil {
			return nil, err
		}
	}
	if !s.cloud.Supports(authmethod.Email) {
		return nil, fmt.Errorf("the cloud %s lacks methods that the suite writes", s.cloud)
	}
	return s, nil
}

// TestTenant puts the suite to a real tenant.
func TestTenant(t *testing.T) {
	set, err := settingsFrom(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	if set == nil {
		t.Skipf("no real tenant: set %s, %s and %s", envAuth, envTenant, envUser)
	}
	credential, err := graph.SignIn(graph.SignInOptions{Mode: set.auth, Cloud: set.cloud, Getenv: os.Getenv, Prompt: os.Stderr})
	if err != nil {
		t.Fatalf("%v: %s", err, graph.Hint(err))
	}
	w := newWitness(http.DefaultTransport, described(t))
	client, err := graph.New(graph.Options{Cloud: set.cloud, Credential: credential, Transport: w, Version: "contract"})
	if err != nil {
		t.Fatal(err)
	}
	contract(t, set, &subject{client: client, witness: w, pacer: pace.NewPacer(pace.Limits{})})
}

// tidyTime is what is kept for leaving a tenant as it was.
const tidyTime = 2 * time.Minute

// contract puts the suite to a tenant of which it knows the client alone, and
// reports what it saw.
func contract(t *testing.T, set *settings, s *subject) {
	s.seen = &findings{}
	if deadline, limited := t.Deadline(); limited {
		s.until = deadline.Add(-tidyTime)
	}
	if err := s.admit(s.within(t), set); err != nil {
		t.Fatalf("nothing was touched: %v", err)
	}
	t.Cleanup(func() {
		s.pacing()
		t.Logf("what the tenant was seen to do:\n%s", s.seen.table())
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), tidyTime)
		defer cancel()
		if err := s.clear(ctx, s.person()); err != nil {
			t.Errorf("the person %s names still has something registered: %v\n%s", envUser, err, byHand)
		}
	})
	if err := s.clear(s.within(t), s.person()); err != nil {
		t.Fatalf("removing what another run left: %v", err)
	}
	if !s.seesClear(t) {
		t.Fatal("the rest needs numbers in clear: sign in as an application, or with the role Privileged Authentication Administrator")
	}
	s.registration(t)
	s.seen.add("2", "not asked: a disabled user, a user in a restricted unit; only one person is touched")
	suite(t, s)
}

const byHand = `By hand: Entra admin center, Users, the person, Authentication methods, remove phones and e-mail, the alternate before the mobile; or

	Connect-MgGraph -Scopes UserAuthenticationMethod.ReadWrite.All
	Get-MgUserAuthenticationPhoneMethod -UserId $user | Sort-Object { $_.PhoneType -eq 'mobile' } |
	    ForEach-Object { Remove-MgUserAuthenticationPhoneMethod -UserId $user -PhoneAuthenticationMethodId $_.Id }
	Get-MgUserAuthenticationEmailMethod -UserId $user |
	    ForEach-Object { Remove-MgUserAuthenticationEmailMethod -UserId $user -EmailAuthenticationMethodId $_.Id }`

// admit finds the person and refuses what the run was not meant for. It writes
// nothing.
func (s *subject) admit(ctx context.Context, set *settings) error {
	o, err := survey.Organization(ctx, s.client, 0)
	if err != nil {
		return err
	}
	if !strings.EqualFold(o.ID, set.tenant) {
		return fmt.Errorf("signed in to the tenant %s, and %s names another", o.ID, envTenant)
	}
	s.tenant = o.ID
	key := authmethod.Key{Attribute: authmethod.UserPrincipalName, Value: set.user}
	if uuid.Validate(set.user) == nil {
		key.Attribute = authmethod.ID
	}
	u, err := s.one(ctx, key)
	if err != nil {
		return err
	}
	s.people = []authmethod.User{u}
	have, err := s.have(ctx, u)
	if err != nil {
		return err
	}
	for kind, v := range have[u.ID] {
		if !v.IsZero() && !isOurs(v, u) {
			return fmt.Errorf("the person %s names has a method registered that is not this test's: %s", envUser, authmethod.Kind(kind))
		}
	}
	return nil
}

// one is who has the key, with every key there is.
func (s *subject) one(ctx context.Context, key authmethod.Key) (authmethod.User, error) {
	var people []authmethod.User
	for _, keys := range graph.FindBatches([]authmethod.Key{key}) {
		answers, err := s.send(ctx, []graph.Request{{Op: graph.Find, Keys: keys, Want: graph.Wanted{By: authmethod.Attributes()}}})
		if err != nil {
			return authmethod.User{}, err
		}
		if answers[0].Err != nil {
			return authmethod.User{}, answers[0].Err
		}
		people = append(people, answers[0].Users...)
	}
	if len(people) != 1 {
		return authmethod.User{}, fmt.Errorf("%s names %d people of the tenant", envUser, len(people))
	}
	return people[0], nil
}

// seesClear answers open question 6 as far as this sign-in can, and reports
// whether numbers can be compared at all.
func (s *subject) seesClear(t *testing.T) bool {
	t.Helper()
	a := s.do(t, graph.Request{Op: graph.Create, User: s.person().ID, Kind: authmethod.Mobile, Value: valueOf(authmethod.Mobile, "1")})
	if a.Err != nil && a.Status != 409 {
		t.Fatalf("registering a mobile: %v", a.Err)
	}
	var shown authmethod.Value
	_, err := s.eventually(s.within(t), func() (bool, error) {
		shown = s.do(t, graph.Request{Op: graph.ReadPhones, User: s.person().ID}).Have[authmethod.Mobile]
		return !shown.IsZero(), nil
	})
	switch {
	case err != nil || shown.IsZero():
		t.Fatalf("a mobile that was registered does not show: %v", err)
	case shown.Masked():
		s.seen.add("6", "this sign-in sees numbers as %s", digitsHidden(shown))
		return false
	}
	s.seen.add("6", "this sign-in sees numbers in clear, as %s", digitsHidden(shown))
	if err := s.clear(s.within(t), s.person()); err != nil {
		t.Fatal(err)
	}
	return true
}

// registration logs what the registration report says of the person: open
// question 3. The report lags by hours, so that it tells of the time before this
// run. The client has no such operation; it is asked as the client asked last.
func (s *subject) registration(t *testing.T) {
	t.Helper()
	s.witness.mu.Lock()
	last := s.witness.last
	s.witness.mu.Unlock()
	root, _, _ := strings.Cut(last.URL.String(), "/v1.0")
	r, err := http.NewRequestWithContext(s.within(t), http.MethodGet,
		root+"/v1.0/reports/authenticationMethods/userRegistrationDetails/"+s.person().ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", last.Header.Get("Authorization"))
	response, err := s.witness.to.RoundTrip(r)
	if err != nil {
		s.seen.add("3", "not answered: the connection failed")
		return
	}
	defer response.Body.Close()
	var details struct {
		IsSsprRegistered    *bool
		LastUpdatedDateTime string
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	switch {
	case response.StatusCode == http.StatusForbidden:
		s.seen.add("3", "not asked: the sign-in lacks AuditLog.Read.All, or the tenant a licence")
	case response.StatusCode != http.StatusOK:
		s.seen.add("3", "the report says nothing of the person: status %d", response.StatusCode)
	case errors.Join(err, json.Unmarshal(text, &details)) != nil || details.IsSsprRegistered == nil:
		s.seen.add("3", "the report cannot be read")
	default:
		s.seen.add("3", "isSsprRegistered is %t in the report of %s", *details.IsSsprRegistered, details.LastUpdatedDateTime)
	}
}

// pacing reports open question 1.
func (s *subject) pacing() {
	report := s.pacer.Report()
	s.seen.add("1", "%d refused for pace; the pace at the end was %.1f requests a second", report.Throttled, report.Rate)
	s.witness.mu.Lock()
	defer s.witness.mu.Unlock()
	if len(s.witness.headers) == 0 {
		s.seen.add("1", "no Retry-After, x-ms-throttle-* or x-ms-resource-unit in any answer")
	}
	for _, what := range slices.Sorted(maps.Keys(s.witness.headers)) {
		s.seen.add("1", "%4d x %s", s.witness.headers[what], what)
	}
}
