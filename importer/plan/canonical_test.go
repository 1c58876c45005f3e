package plan

import (
	"testing"

	"authseed/mapping/authmethod"
)

// The digest takes a change as encoding/json writes it, which is canonical only
// while the fields are in the order of their names.
func TestChangesAreWrittenCanonically(t *testing.T) {
	change := changeOf(Change{
		ID: "id", User: Person{DisplayName: "Ünal <x> & \u2028", ID: "user", UserPrincipalName: "u@contoso.example"},
		Method: authmethod.Office, Action: Update, Before: authmethod.ValueOf("+1 2065550100"), After: authmethod.ValueOf("+1 2065550101x1"),
		Hazards: []Hazard{ReplacesRegistered, SharedNumber}, HeldBack: true, Origin: Origin{File: "hr.csv", Line: 7}, Note: ExtensionDroppedOnReset,
	}, authmethod.Value.Reveal)
	if got, want := string(plain(change)), string(canonical(change)); got != want {
		t.Errorf("written as\n%s\ncanonical is\n%s", got, want)
	}
}
