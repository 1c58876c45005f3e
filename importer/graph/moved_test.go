package graph

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"authseed/importer/graph/graphsim"
	"authseed/mapping/authmethod"
)

func TestUsersMoved(t *testing.T) {
	now := time.Date(2026, 11, 5, 9, 0, 0, 0, time.UTC)
	c, sim := simulate(t, Global, graphsim.Options{Tenant: graphsim.Generate(20, 1), Now: func() time.Time { return now }, PageLimit: 2})
	want := Wanted{By: authmethod.Attributes(), Location: true}
	first, err := c.UsersMoved(t.Context(), "", want)
	if err != nil || len(first.People) != 0 || first.Since == "" || first.Next != "" {
		t.Fatalf("%+v, %v", first, err)
	}
	for i := range 3 {
		err := sim.Join(graphsim.User{ID: fmt.Sprintf("99999999-0000-4000-8000-%012d", i), UserPrincipalName: fmt.Sprintf("new%d@contoso.example", i), UsageLocation: "US"})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := sim.Leave("new1@contoso.example"); err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	link := first.Since
	for link != "" {
		page, err := c.UsersMoved(t.Context(), link, want)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.People {
			told[fmt.Sprint(p.User.ID[len(p.User.ID)-1:], p.User.UserPrincipalName, p.User.UsageLocation, p.Left)] = true
		}
		link = page.Next
	}
	for _, one := range []string{"0new0@contoso.exampleUSfalse", "1true", "2new2@contoso.exampleUSfalse"} {
		if !told[one] {
			t.Errorf("%s is not among %v", one, told)
		}
	}
	now = now.Add(8 * 24 * time.Hour)
	var forgotten *ForgottenError
	if _, err := c.UsersMoved(t.Context(), first.Since, want); !errors.As(err, &forgotten) || forgotten.Err.Status != 410 {
		t.Errorf("after eight days: %v", err)
	}
	if _, err := c.UsersMoved(t.Context(), "https://elsewhere.example/v1.0/users/delta?$deltatoken=x", want); err == nil || !strings.Contains(err.Error(), "leads away") {
		t.Errorf("a link that leads elsewhere: %v", err)
	}
	if _, err := c.UsersMoved(t.Context(), strings.Replace(first.Since, "deltatoken=", "deltatoken=x", 1), want); !errors.As(err, &forgotten) {
		t.Errorf("a link that was made up: %v", err)
	}
}

func TestDecodeMoves(t *testing.T) {
	for body, wrong := range map[string]bool{
		`{"value":[],"@odata.deltaLink":"d"}`:                                          false,
		`{"value":[{"id":"x","@removed":{"reason":"deleted"}}],"@odata.nextLink":"n"}`: false,
		`{"value":[]}`: true, // whoever believed it would lose what happens next
		`{"value":[],"@odata.deltaLink":"d","@odata.nextLink":"n"}`: true,
		`{"value":[{"displayName":"x"}],"@odata.deltaLink":"d"}`:    true,
		`{"@odata.deltaLink":"d"}`:                                  true,
		`<html>`:                                                    true,
	} {
		if m, err := decodeMoves([]byte(body)); (err != nil) != wrong {
			t.Errorf("%s: %+v, %v", body, m, err)
		}
	}
	m, err := decodeMoves([]byte(`{"value":[{"id":"x","@removed":{"reason":"deleted"}},{"id":"y"},null],"@odata.deltaLink":"d"}`))
	if err != nil || len(m.People) != 2 || !m.People[0].Left || m.People[1].Left || m.Since != "d" {
		t.Errorf("%+v, %v", m, err)
	}
}
