package survey

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph"
	"authseed/importer/plan"
)

// TestUnexplainedAdmin: whom the report calls an administrator and no list
// explains is privileged, and who holds a harmless role is explained.
func TestUnexplainedAdmin(t *testing.T) {
	const directoryReaders, helpdesk = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "729827e3-9c14-49f7-bb1b-9608f156bbb8"
	book := newRoleBook()
	book.rolesOf([]graph.RoleHolder{{Role: directoryReaders, ID: "reader"}, {Role: helpdesk, ID: "helper"}}, held, map[string]holding{})
	k := Known{Facts: plan.Facts{Privileged: book.words(), Notes: map[string]string{}}, roles: book}
	k.addAdmins([]string{"stranger", "reader", "helper", "stranger"})
	want := map[string]string{"helper": "Helpdesk Administrator", "stranger": "an administrator's role, as the registration report says"}
	if diff := cmp.Diff(want, k.Privileged); diff != "" || len(k.Notes) > 0 {
		t.Error(diff, k.Notes)
	}
}
