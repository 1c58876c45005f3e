package graphsim

import (
	"fmt"
	"reflect"
	"testing"
)

// TestPackingKeepsEveryField of a user, whatever they are called, but the
// methods; and what is no text at all.
func TestPackingKeepsEveryField(t *testing.T) {
	var full User
	v := reflect.ValueOf(&full).Elem()
	for i := range v.NumField() {
		switch name, f := v.Type().Field(i).Name, v.Field(i); {
		case name == "PhoneMethods" || name == "EmailMethods":
		case f.Kind() == reflect.String:
			f.SetString("text of " + name)
		case f.Kind() == reflect.Bool:
			f.SetBool(true)
		case f.Type() == reflect.TypeFor[*bool]():
			f.Set(reflect.ValueOf(new(bool)))
		case f.Type() == reflect.TypeFor[[]string]():
			f.Set(reflect.ValueOf([]string{name, "SMTP:text of Mail", "", ":", "a:b:" + name}))
		default:
			t.Fatalf("%s cannot be filled in here", name)
		}
	}
	enabled := true
	users := []User{full, {}, {OtherMails: []string{}, AccountEnabled: &enabled}, {ID: "a", Mail: "a", UserPrincipalName: "a@b"}}
	users = append(users, Generate(50, 3).Users...)
	for i, u := range users {
		u.PhoneMethods, u.EmailMethods = nil, nil
		packed, _ := packUser([]byte("spare"), &u)
		if got := packed.open(); !reflect.DeepEqual(*got, u) {
			t.Errorf("user %d comes back as\n%+v, want\n%+v", i, *got, u)
		}
		if id, name := packed.names(); id != u.ID || name != u.UserPrincipalName || packed.id() != id {
			t.Errorf("user %d has other names", i)
		}
	}
}

// TestNamesGrow with people who join and leave, and finds them by any letter
// case.
func TestNamesGrow(t *testing.T) {
	s, err := New(Options{Tenant: Generate(3, 1)})
	if err != nil {
		t.Fatal(err)
	}
	named := func(i int) User {
		return User{ID: fmt.Sprintf("%08d-0000-4000-8000-00000000000a", i), UserPrincipalName: fmt.Sprintf("Joined%d@contoso.example", i)}
	}
	for i := range 500 {
		if err := s.Join(named(i)); err != nil {
			t.Fatal(err)
		}
		if s.Join(named(i)) == nil {
			t.Fatal("joined twice")
		}
		if i%3 == 0 {
			if err := s.Leave(named(i).UserPrincipalName); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 500 {
		u := named(i)
		for _, name := range []string{u.ID, u.UserPrincipalName, fmt.Sprintf("JOINED%d@contoso.EXAMPLE", i)} {
			if p := s.people.find(name); (p == nil) != (i%3 == 0) || p != nil && p.user.id() != u.ID {
				t.Errorf("person %d is not who is found", i)
			}
		}
	}
	if err := s.Join(named(0)); err != nil {
		t.Errorf("who left cannot come back: %v", err)
	}
}
