package graphsim_test

import (
	"strings"
	"testing"

	"authseed/importer/graph/graphsim"
)

// signInTenant is wideTenant where Sales sign in with their numbers, Dora
// included, and Ada, who is not in Sales, does not.
func signInTenant() *graphsim.Tenant {
	tenant := wideTenant()
	tenant.MethodsPolicy.SMS.ExcludeTargets = nil
	return tenant
}

func TestSignInNames(t *testing.T) {
	const emils, other = "+44 7700900005", "+44 7700900100"
	s := newServer(t, graphsim.Options{Tenant: signInTenant()})
	state := func(who string) string {
		got := send(t, s, "GET", phones(who)+"/"+mobileID, "").body
		if got["phoneNumber"] == nil {
			return "none"
		}
		return got["phoneNumber"].(string) + " " + got["smsSignInState"].(string)
	}
	for i, step := range []struct {
		method, who, number string
		status              int
		code, then          string
	}{
		{"GET", emil, "", 200, "", emils + " ready"},
		{"GET", chiara, "", 200, "", "+447700900004 notAllowedByPolicy"},
		{"POST", dora, "+447700900005", 409, "phoneNumberNotUnique", "+447700900005 phoneNumberNotUnique"}, // stored all the same
		{"POST", dora, emils, 400, "badRequest", "+447700900005 phoneNumberNotUnique"},
		{"PATCH", dora, other, 204, "", other + " ready"},
		{"PATCH", dora, other, 204, "", other + " ready"},
		{"PATCH", dora, emils, 409, "phoneNumberNotUnique", emils + " phoneNumberNotUnique"},
		{"PATCH", emil, other, 204, "", other + " ready"}, // Dora's name was given back
		{"PATCH", dora, emils, 204, "", emils + " ready"},
		{"DELETE", dora, "", 204, "", "none"},
		{"PATCH", emil, emils, 204, "", emils + " ready"},
		{"POST", ada, emils, 201, "", emils + " notAllowedByPolicy"}, // out of scope: nobody's name
	} {
		path, body := phones(step.who), ""
		if step.method != "POST" {
			path += "/" + mobileID
		}
		if step.number != "" {
			body = phoneJSON("mobile", step.number)
		}
		got := send(t, s, step.method, path, body)
		if got.status != step.status || got.code() != step.code {
			t.Fatalf("step %d: %d %s, want %d %s", i, got.status, got.raw, step.status, step.code)
		}
		if then := state(step.who); then != step.then {
			t.Fatalf("step %d: then %s, want %s", i, then, step.then)
		}
	}
	if writes := s.Stats().Writes; writes != 9 {
		t.Errorf("%d writes were counted: the clashes wrote too", writes)
	}
	if got := send(t, s, "GET", "/users/"+emil+"/authentication/methods", ""); !strings.Contains(got.raw, `"phoneType":"alternateMobile","smsSignInState":"notSupported"`) {
		t.Error(got.raw)
	}
}

func TestWhoSignsInWithANumber(t *testing.T) {
	everybody := func(t *graphsim.Tenant) {
		t.MethodsPolicy.SMS.IncludeTargets = []graphsim.Target{{ID: "all_users", IsUsableForSignIn: true}}
	}
	for name, test := range map[string]struct {
		edit       func(*graphsim.Tenant)
		dora, emil string
	}{
		"a group and its groups": {func(t *graphsim.Tenant) {}, "ready", "ready"},
		"everybody":              {everybody, "ready", "ready"},
		"everybody, switched off": {func(t *graphsim.Tenant) { everybody(t); t.MethodsPolicy.SMS.State = "disabled" },
			"notAllowedByPolicy", "notAllowedByPolicy"},
		"without her": {func(t *graphsim.Tenant) {
			t.MethodsPolicy.SMS.ExcludeTargets = []graphsim.Target{{ID: dora, TargetType: "user"}}
		}, "notAllowedByPolicy", "ready"},
		"her alone": {func(t *graphsim.Tenant) {
			t.MethodsPolicy.SMS.IncludeTargets = []graphsim.Target{{ID: dora, TargetType: "user", IsUsableForSignIn: true}, {ID: "all_users"}}
		}, "ready", "notAllowedByPolicy"},
		"no policy": {func(t *graphsim.Tenant) { t.MethodsPolicy = nil }, "notAllowedByPolicy", "notAllowedByPolicy"},
		"of two the first": {func(t *graphsim.Tenant) {
			t.Users[3].PhoneMethods, t.Users[4].PhoneMethods = t.Users[4].PhoneMethods, t.Users[4].PhoneMethods[:1]
		},
			"ready", "phoneNumberNotUnique"},
	} {
		tenant := signInTenant()
		tenant.Users[3].PhoneMethods = []graphsim.PhoneMethod{{PhoneType: "mobile", PhoneNumber: "+44 7700900200"}}
		test.edit(tenant)
		s := newServer(t, graphsim.Options{Tenant: tenant})
		for who, want := range map[string]string{dora: test.dora, emil: test.emil} {
			if got := send(t, s, "GET", phones(who)+"/"+mobileID, "").body["smsSignInState"]; got != want {
				t.Errorf("%s: %s has %v, want %s", name, who[34:], got, want)
			}
		}
	}
}

// TestSignInNameOfSomebodyElse drifts into, and leaves behind, a name.
func TestSignInNameOfSomebodyElse(t *testing.T) {
	s := newServer(t, graphsim.Options{Tenant: signInTenant()})
	drift := func(who, number string) {
		if err := s.Drift(who, func(u *graphsim.User) { u.PhoneMethods[0].PhoneNumber = number }); err != nil {
			t.Fatal(err)
		}
	}
	drift(emil, "+44 7700900300")
	want(t, send(t, s, "POST", phones(dora), phoneJSON("mobile", "+44 7700900005")), 201, "")
	if err := s.Leave(emil); err != nil {
		t.Fatal(err)
	}
	// The number of somebody who was deleted stays taken.
	want(t, send(t, s, "PATCH", phones(dora)+"/"+mobileID, phoneJSON("mobile", "+44 7700900300")), 409, "phoneNumberNotUnique")
}
