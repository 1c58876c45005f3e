package readiness

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func names(list []Permission) string {
	var names []string
	for _, p := range list {
		names = append(names, p.Name)
	}
	return strings.Join(names, " ")
}

func TestLeast(t *testing.T) {
	for _, test := range []struct {
		features []Feature
		emails   bool
		want     string
	}{
		{[]Feature{Plan}, true, "User.Read.All UserAuthMethod-Phone.Read.All UserAuthMethod-Email.Read.All"},
		{[]Feature{Apply}, true, "User.Read.All UserAuthMethod-Phone.ReadWrite.All UserAuthMethod-Email.ReadWrite.All"},
		{[]Feature{Plan, Apply}, true, "User.Read.All UserAuthMethod-Phone.ReadWrite.All UserAuthMethod-Email.ReadWrite.All"},
		{[]Feature{Apply}, false, "User.Read.All UserAuthMethod-Phone.ReadWrite.All"},
		{[]Feature{Cover, Report}, true, "User.Read.All AuditLog.Read.All"},
		{[]Feature{Privileged}, true, "RoleManagement.Read.Directory GroupMember.Read.All"},
		{[]Feature{Policies}, true, "Policy.Read.AuthenticationMethod"},
		{[]Feature{Policies, Settings}, true, "Policy.Read.All Domain.Read.All LicenseAssignment.Read.All"},
	} {
		if got := names(Least(test.features, test.emails)); got != test.want {
			t.Errorf("%v: %s, want %s", test.features, got, test.want)
		}
	}
}

// What an app is made with has to be enough, and nothing of it broad.
func TestLeastIsEnough(t *testing.T) {
	all := Features()
	for set := 1; set < 1<<len(all); set++ {
		var features []Feature
		for i, f := range all {
			if set>>i&1 == 1 {
				features = append(features, f.Feature)
			}
		}
		for _, emails := range []bool{true, false} {
			held := strings.Fields(names(Least(features, emails)))
			needed := Needs(features, emails)
			if lacking := missing(needed, held); len(lacking) > 0 {
				t.Errorf("%v: made without %v", features, lacking)
			}
			if more := broad(needed, held); len(more) > 0 {
				t.Errorf("%v: made with %v, which is too much", features, more)
			}
			for _, p := range held {
				without := slices.DeleteFunc(slices.Clone(held), func(q string) bool { return q == p })
				if len(missing(needed, without)) == 0 {
					t.Errorf("%v: %s is not needed", features, p)
				}
			}
		}
	}
}

var guid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func TestEveryPermissionHasItsOwnID(t *testing.T) {
	seen := map[string]string{}
	for _, f := range Features() {
		for _, a := range Needs([]Feature{f.Feature}, true) {
			p := a.Least
			if !guid.MatchString(p.ID) {
				t.Errorf("%s has the id %q", p.Name, p.ID)
			}
			if other := seen[p.ID]; other != "" && other != p.Name {
				t.Errorf("%s and %s have one id", p.Name, other)
			}
			seen[p.ID] = p.Name
		}
	}
}

func TestBroad(t *testing.T) {
	needed := Needs([]Feature{Plan}, true)
	held := []string{
		"UserAuthMethod-Phone.ReadWrite.All", "User.Read.All", "Directory.Read.All", "Sites.FullControl.All",
		"Directory.AccessAsUser.All", "Mail.Send", "AuditLog.Read.All",
	}
	want := "Directory.AccessAsUser.All Mail.Send Sites.FullControl.All UserAuthMethod-Phone.ReadWrite.All"
	if got := strings.Join(broad(needed, held), " "); got != want {
		t.Errorf("too much is %s, want %s", got, want)
	}
}
