package graphsim_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
)

func TestJoinAndLeave(t *testing.T) {
	s := newServer(t, graphsim.Options{Tenant: wideTenant()})
	newcomer := graphsim.User{ID: nobody, UserPrincipalName: "nils@contoso.example", EmployeeID: "000042", Department: "Sales",
		EmailMethods: []graphsim.EmailMethod{{EmailAddress: "nils@home.example"}}}
	// The index is made before they come.
	byNumber := "/users?$select=userPrincipalName&$filter=" + url.QueryEscape("employeeId eq '000042'")
	if got := names(t, send(t, s, "GET", byNumber, "")); len(got) != 1 {
		t.Fatal(got)
	}
	if err := s.Join(newcomer); err != nil {
		t.Fatal(err)
	}
	if got := names(t, send(t, s, "GET", byNumber, "")); !slices.Equal(got, []string{"ada", "nils"}) {
		t.Errorf("two with one employeeId: %v", got)
	}
	if got := send(t, s, "GET", report+"/"+nobody, ""); !strings.Contains(got.raw, `"methodsRegistered":["email"]`) {
		t.Error(got.raw)
	}
	for _, bad := range []graphsim.User{newcomer, {ID: sales, UserPrincipalName: "x@contoso.example"}, {ID: "x", UserPrincipalName: "x@contoso.example"},
		{ID: robot, UserPrincipalName: "NILS@contoso.example"}} {
		if err := s.Join(bad); err == nil {
			t.Errorf("%s joined", bad.ID)
		}
	}
	for _, who := range []string{"ADA@contoso.example", chiara, dora, emil} {
		if err := s.Leave(who); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Leave(ada); err == nil {
		t.Error("left twice")
	}
	want(t, send(t, s, "GET", "/users/"+ada, ""), 404, "Request_ResourceNotFound")
	want(t, send(t, s, "POST", phones(ada), phoneJSON("mobile", "+44 7700900100")), 404, "resourceNotFound")
	for path, left := range map[string]string{
		"/users?$select=id": "bram nils",
		"/groups/" + sales + "/transitiveMembers?$top=999": "europe sales",
		"/groups/" + sales + "/owners":                     "",
		report + "?$select=id":                             "nils",
	} {
		got := strings.TrimSpace(strings.ReplaceAll(shortNames(t, send(t, s, "GET", path, ""))+" ", " ", " "))
		if got != strings.TrimSpace(strings.ReplaceAll(left, "nils", "")) {
			t.Errorf("%s: %q, want %q", path, got, left)
		}
	}
	if got := send(t, s, "GET", "/roleManagement/directory/roleAssignments", ""); strings.Contains(got.raw, chiara) || !strings.Contains(got.raw, admins) {
		t.Error(got.raw)
	}
	tenant := s.Tenant()
	if len(tenant.Users) != 2 || len(tenant.Groups[0].Members) != 1 || len(tenant.RoleEligibilities) != 0 {
		t.Errorf("%+v", tenant)
	}
	if _, err := graphsim.New(graphsim.Options{Tenant: tenant}); err != nil {
		t.Errorf("what is left could not exist: %v", err)
	}
}

func TestChurn(t *testing.T) {
	tenant := graphsim.Generate(300, 4)
	for _, query := range []string{"$select=id", "$select=id&$top=7", "$select=id&$filter=" + url.QueryEscape("accountEnabled eq true or accountEnabled eq false")} {
		s := newServer(t, graphsim.Options{Tenant: tenant, PageLimit: 10, Levers: graphsim.Levers{Seed: 5, Churn: 2}})
		seen := map[string]int{}
		for _, id := range slices.Concat(walk(t, s, "/users?"+query)...) {
			seen[id]++
		}
		stayed, left := map[string]bool{}, 0
		for _, u := range s.Tenant().Users {
			stayed[u.ID] = true
		}
		for _, u := range tenant.Users {
			if stayed[u.ID] && seen[u.ID] != 1 {
				t.Fatalf("%s: somebody who stayed was seen %d times", query, seen[u.ID])
			}
			if !stayed[u.ID] {
				left++
			}
		}
		if left < 20 || len(stayed) <= 300-left {
			t.Errorf("%s: %d left and %d joined", query, left, len(stayed)-300+left)
		}
		again := newServer(t, graphsim.Options{Tenant: tenant, PageLimit: 10, Levers: graphsim.Levers{Seed: 5, Churn: 2}})
		walk(t, again, "/users?"+query)
		if diff := cmp.Diff(s.Tenant(), again.Tenant()); diff != "" {
			t.Errorf("%s: another run:\n%s", query, diff)
		}
	}
	if _, err := graphsim.New(graphsim.Options{Tenant: tenant, Levers: graphsim.Levers{Churn: -1}}); err == nil {
		t.Error("a negative churn is taken")
	}
}

func TestPagingWhileOthersJoinAndLeave(t *testing.T) {
	tenant := graphsim.Generate(400, 4)
	s := newServer(t, graphsim.Options{Tenant: tenant, PageLimit: 20})
	var others sync.WaitGroup
	others.Go(func() {
		for i := range 200 {
			if i%2 == 0 {
				if err := s.Leave(tenant.Users[i].ID); err != nil {
					t.Error(err)
				}
			}
			name := fmt.Sprintf("extra%d@contoso.example", i)
			if err := s.Join(graphsim.User{ID: fmt.Sprintf("00000000-0000-4000-9000-%012x", i), UserPrincipalName: name}); err != nil {
				t.Error(err)
			}
		}
	})
	for range 5 {
		seen := map[string]bool{}
		for _, id := range slices.Concat(walk(t, s, "/users?$select=id")...) {
			if seen[id] {
				t.Error("somebody twice")
			}
			seen[id] = true
		}
		for i, u := range tenant.Users {
			if (i%2 == 1 || i >= 200) && !seen[u.ID] {
				t.Fatal("somebody who stayed is missing")
			}
		}
		send(t, s, "GET", "/users?$filter="+url.QueryEscape("employeeId eq '000300'"), "")
		send(t, s, "GET", report, "")
	}
	others.Wait()
}
