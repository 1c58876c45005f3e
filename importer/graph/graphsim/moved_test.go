package graphsim_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"authseed/importer/graph/graphsim"
)

// moves follows a delta to its end and gives who is in it, in order of names,
// and the last link.
func moves(t *testing.T, w way, path string) (told []string, since string) {
	t.Helper()
	for path != "" {
		got := w.send(t, "GET", path, "")
		want(t, got, 200, "")
		for _, v := range got.body["value"].([]any) {
			p := v.(map[string]any)
			if _, removed := p["@removed"]; removed {
				told = append(told, "-"+p["id"].(string)[:8])
			} else {
				told = append(told, fmt.Sprint(p["userPrincipalName"]))
			}
		}
		next, _ := got.body["@odata.nextLink"].(string)
		since, _ = got.body["@odata.deltaLink"].(string)
		if (next == "") == (since == "") {
			t.Fatalf("two links or none: %s", got.raw)
		}
		path = below(t, next)
	}
	slices.Sort(told)
	return told, below(t, since)
}

// below is a link's path and query below /v1.0.
func below(t *testing.T, link string) string {
	if link == "" {
		return ""
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(u.RequestURI(), "/v1.0")
}

func TestMoves(t *testing.T) {
	const latest = "/users/delta?$deltatoken=latest&$select=id,userPrincipalName,employeeId"
	var c *clock
	eachWay(t, func() graphsim.Options {
		c = newClock()
		return graphsim.Options{Tenant: wideTenant(), Now: c.now, PageLimit: 2}
	}, func(t *testing.T, s *graphsim.Server, w way) {
		told, since := moves(t, w, latest)
		if len(told) != 0 {
			t.Errorf("latest names %v", told)
		}
		if told, _ = moves(t, w, since); len(told) != 0 {
			t.Errorf("nothing has happened: %v", told)
		}
		for i := range 3 {
			id := fmt.Sprintf("99999999-0000-4000-8000-%012d", i)
			if err := s.Join(graphsim.User{ID: id, UserPrincipalName: fmt.Sprintf("new%d@contoso.example", i)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Leave("new1@contoso.example"); err != nil {
			t.Fatal(err)
		}
		if err := s.Alter(ada, func(u *graphsim.User) { u.UserPrincipalName = "countess@contoso.example" }); err != nil {
			t.Fatal(err)
		}
		told, later := moves(t, w, since)
		// Whoever came and went between two pages is on both.
		if got := slices.Compact(told); !slices.Equal(got, []string{"-99999999", "countess@contoso.example", "new0@contoso.example", "new2@contoso.example"}) {
			t.Errorf("%v", got)
		}
		if told, _ = moves(t, w, later); len(told) != 0 {
			t.Errorf("told again: %v", told)
		}
		if again, _ := moves(t, w, since); len(slices.Compact(again)) != 4 {
			t.Errorf("a link may be followed twice: %v", again)
		}
		// What is registered is kept under the new name, and is no move.
		if err := s.Drift("countess@contoso.example", func(u *graphsim.User) { u.PhoneMethods = nil }); err != nil {
			t.Fatal(err)
		}
		if told, _ = moves(t, w, later); len(told) != 0 {
			t.Errorf("methods are no move: %v", told)
		}
		for _, bad := range []string{
			"/users/delta?$select=id", "/users/delta?$deltatoken=AAAA&$select=id", strings.Replace(later, "employeeId", "mail", 1),
			latest + "&$skiptoken=x",
		} {
			want(t, w.send(t, "GET", bad, ""), 400, "Request_BadRequest")
		}
		c.pass(8 * 24 * time.Hour)
		want(t, w.send(t, "GET", later, ""), 410, "syncStateNotFound")
	})
}

func TestAlter(t *testing.T) {
	s := newServer(t, graphsim.Options{Tenant: wideTenant()})
	before := s.Tenant()
	for name, edit := range map[string]func(*graphsim.User){
		"another id":           func(u *graphsim.User) { u.ID = nobody },
		"somebody else's name": func(u *graphsim.User) { u.UserPrincipalName = before.Users[1].UserPrincipalName },
		"no name":              func(u *graphsim.User) { u.UserPrincipalName = "" },
	} {
		if err := s.Alter(before.Users[0].ID, edit); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if err := s.Alter("nobody@contoso.example", func(*graphsim.User) {}); err == nil {
		t.Error("nobody was altered")
	}
	if got := s.Tenant(); len(got.Users) != len(before.Users) {
		t.Errorf("%d of %d people", len(got.Users), len(before.Users))
	}
	was := before.Users[0]
	if err := s.Alter(was.ID, func(u *graphsim.User) { u.Department = "Elsewhere" }); err != nil {
		t.Fatal(err)
	}
	now := s.Tenant().Users
	i := slices.IndexFunc(now, func(u graphsim.User) bool { return u.ID == was.ID })
	if len(now) != len(before.Users) || i < 0 || now[i].Department != "Elsewhere" || len(now[i].PhoneMethods) != len(was.PhoneMethods) {
		t.Errorf("%+v", now)
	}
}
