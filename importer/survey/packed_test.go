package survey

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/mapping/authmethod"
)

// TestPackingKeepsEveryUserField fills every field a user has, whatever they are
// called, each boolean by itself, and wants all of them back.
func TestPackingKeepsEveryUserField(t *testing.T) {
	var full authmethod.User
	users := []authmethod.User{{}}
	v := reflect.ValueOf(&full).Elem()
	for i := range v.NumField() {
		var one authmethod.User
		for _, f := range []reflect.Value{v.Field(i), reflect.ValueOf(&one).Elem().Field(i)} {
			switch name := v.Type().Field(i).Name; f.Kind() {
			case reflect.String:
				f.SetString("text of " + name)
			case reflect.Bool:
				f.SetBool(true)
			case reflect.Slice:
				f.Set(reflect.ValueOf([]string{name, "text of Mail", ""}))
			default:
				t.Fatalf("%s cannot be filled in here", name)
			}
		}
		users = append(users, one)
	}
	users = append(users, full, authmethod.User{ID: "a", Mail: "a", UserPrincipalName: "a"})
	var packed Users
	for i := range users {
		if place := packed.add(&users[i]); place != i {
			t.Fatalf("place %d, want %d", place, i)
		}
	}
	for i, want := range users {
		if diff := cmp.Diff(want, packed.At(i)); diff != "" {
			t.Errorf("packed (-) and opened (+)\n%s", diff)
		}
	}
}
