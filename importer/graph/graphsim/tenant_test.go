package graphsim_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
)

func TestSaveAndLoadRoundTrip(t *testing.T) {
	for name, tenant := range map[string]*graphsim.Tenant{
		"small": smallTenant(), "generated": graphsim.Generate(300, 7),
		"empty": {ID: ada},
	} {
		t.Run(name, func(t *testing.T) {
			var first, second bytes.Buffer
			if err := tenant.Save(&first); err != nil {
				t.Fatal(err)
			}
			loaded, err := graphsim.Load(bytes.NewReader(first.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tenant, loaded); diff != "" {
				t.Errorf("Load(Save(t)) differs:\n%s", diff)
			}
			if err := loaded.Save(&second); err != nil {
				t.Fatal(err)
			}
			if first.String() != second.String() {
				t.Error("saving twice gives different bytes")
			}
		})
	}
}

func TestSaveOmitsEmptyMembers(t *testing.T) {
	var out bytes.Buffer
	tenant := &graphsim.Tenant{ID: ada, Users: []graphsim.User{{ID: bram, UserPrincipalName: "a&b@contoso.example"}}}
	if err := tenant.Save(&out); err != nil {
		t.Fatal(err)
	}
	want := `{
  "id": "` + ada + `",
  "users": [
    {
      "id": "` + bram + `",
      "userPrincipalName": "a&b@contoso.example"
    }
  ]
}
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestLoadRefuses(t *testing.T) {
	user := func(more string) string {
		return `{"id":"` + bram + `","userPrincipalName":"b@contoso.example"` + more + `}`
	}
	tests := []struct{ name, users, want string }{
		{"unknown member", user(`,"shoeSize":"44"`), "user 1:"},
		{"wrong type", user(`,"employeeId":42`), "user 1:"},
		{"no id", `{"userPrincipalName":"b@contoso.example"}`, "user 1: the id is not a GUID"},
		{"no name", `{"id":"` + bram + `"}`, "user 1: the userPrincipalName has no @"},
		{"same id", `{"id":"` + strings.ToUpper(ada) + `","userPrincipalName":"b@contoso.example"}`, "user 1: same id as user 0"},
		{"same name", `{"id":"` + bram + `","userPrincipalName":"A@contoso.example"}`, "user 1: same userPrincipalName as user 0"},
		{"user type", user(`,"userType":"guest"`), "user 1: the userType"},
		{"address without its type", user(`,"proxyAddresses":["SMTP:b@contoso.example","b@contoso.example"]`), "user 1: a proxyAddress has no type"},
		{"phone type", user(`,"phoneMethods":[{"phoneType":"fax","phoneNumber":"+44 7700900001"}]`), "user 1: a phone method has an unknown phoneType"},
		{"phone member", user(`,"phoneMethods":[{"phoneType":"office","phoneNumber":"+44 7700900001","id":"x"}]`), "user 1:"},
		{"no number", user(`,"phoneMethods":[{"phoneType":"office","phoneNumber":""}]`), "user 1: the office phone has no number"},
		{"two offices", user(`,"phoneMethods":[{"phoneType":"office","phoneNumber":"+44 1"},{"phoneType":"office","phoneNumber":"+44 2"}]`), "user 1: two office phones"},
		{"alternate alone", user(`,"phoneMethods":[{"phoneType":"alternateMobile","phoneNumber":"+44 1"}]`), "user 1: an alternateMobile phone without a mobile"},
		{"two addresses", user(`,"emailMethods":[{"emailAddress":"a@home.example"},{"emailAddress":"b@home.example"}]`), "user 1: more than one"},
		{"no address", user(`,"emailMethods":[{}]`), "user 1: the e-mail method has no address"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			document := `{"id":"` + ada + `","users":[{"id":"` + ada + `","userPrincipalName":"a@contoso.example"},` + test.users + `]}`
			_, err := graphsim.Load(strings.NewReader(document))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
	for name, document := range map[string]string{
		"unknown member of the tenant": `{"id":"` + ada + `","licence":"P1","users":[]}`,
		"tenant id":                    `{"id":"contoso","users":[]}`,
		"more behind it":               `{"id":"` + ada + `","users":[]} {}`,
		"rubbish behind it":            `{"id":"` + ada + `","users":[]} x`,
		"not JSON":                     `id: contoso`,
		"nothing":                      ``,
	} {
		if _, err := graphsim.Load(strings.NewReader(document)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestLoadAcceptsAlternateBeforeMobile(t *testing.T) {
	document := `{"id":"` + ada + `","users":[{"id":"` + ada + `","userPrincipalName":"a@contoso.example","phoneMethods":[
		{"phoneType":"alternateMobile","phoneNumber":"+44 7700900001"},{"phoneType":"mobile","phoneNumber":"+44 7700900002"}]}]}`
	if _, err := graphsim.Load(strings.NewReader(document)); err != nil {
		t.Error(err)
	}
}

func TestGenerate(t *testing.T) {
	const users = 3000
	tenant := graphsim.Generate(users, 1)
	if diff := cmp.Diff(tenant, graphsim.Generate(users, 1)); diff != "" {
		t.Errorf("same seed, another tenant:\n%s", diff)
	}
	if diff := cmp.Diff(tenant.Users[:20], graphsim.Generate(20, 1).Users); diff != "" {
		t.Errorf("a smaller tenant is not the start of a larger one:\n%s", diff)
	}
	if cmp.Equal(tenant, graphsim.Generate(users, 2)) {
		t.Error("another seed, same tenant")
	}
	newServer(t, graphsim.Options{Tenant: tenant}) // which checks it
	if u := tenant.Users[41]; u.EmployeeID != "000042" || u.UserPrincipalName != "person000042@contoso.example" {
		t.Errorf("user 41 is %s, %s", u.EmployeeID, u.UserPrincipalName)
	}
	if u := tenant.Users[43]; !slices.Equal(u.ProxyAddresses, []string{"SMTP:" + u.Mail, "smtp:p000044@contoso.example"}) {
		t.Errorf("user 43 has the addresses %q", u.ProxyAddresses)
	}
	registered, guests, disabled := 0, 0, 0
	for i := range tenant.Users {
		u := &tenant.Users[i]
		if len(u.PhoneMethods)+len(u.EmailMethods) > 0 {
			registered++
		}
		if u.ProxyAddresses[0] != "SMTP:"+u.Mail {
			t.Errorf("user %d has the primary address %q", i, u.ProxyAddresses[0])
		}
		if u.UserType == "Guest" {
			guests++
		}
		if !u.IsEnabled() {
			disabled++
		}
	}
	if registered < users*30/100 || registered > users*37/100 || guests != users/40 || disabled != users/25 {
		t.Errorf("%d registered, %d guests, %d disabled of %d", registered, guests, disabled, users)
	}
}

func TestGeneratedNumbersAreAccepted(t *testing.T) {
	tenant := graphsim.Generate(2500, 3)
	s := newServer(t, graphsim.Options{Tenant: &graphsim.Tenant{ID: tenant.ID, Users: []graphsim.User{{ID: ada, UserPrincipalName: "ada@contoso.example"}}}})
	for _, u := range tenant.Users {
		for _, m := range u.PhoneMethods {
			if m.PhoneType != "office" {
				continue
			}
			want(t, send(t, s, "POST", phones(ada), phoneJSON(m.PhoneType, m.PhoneNumber)), 201, "")
			want(t, send(t, s, "DELETE", phones(ada)+"/"+officeID, ""), 204, "")
		}
	}
}

func TestNewRefuses(t *testing.T) {
	broken := smallTenant()
	broken.Users[2].ID = broken.Users[0].ID
	for name, options := range map[string]graphsim.Options{
		"no tenant":           {},
		"broken tenant":       {Tenant: broken},
		"unknown cloud":       {Tenant: smallTenant(), Cloud: "germany"},
		"negative page limit": {Tenant: smallTenant(), PageLimit: -1},
	} {
		if _, err := graphsim.New(options); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestTenantIsADeepCopy(t *testing.T) {
	given := smallTenant()
	s := newServer(t, graphsim.Options{Tenant: given})
	given.Users[0].OtherMails[0], given.Users[0].ProxyAddresses[0] = "changed@mail.example", "SMTP:changed@contoso.example"
	*given.Users[1].AccountEnabled = true
	given.VerifiedDomains[0] = "changed.example"
	first := s.Tenant()
	if diff := cmp.Diff(smallTenant(), first); diff != "" {
		t.Errorf("the server shares what it was given:\n%s", diff)
	}
	first.Users[0].OtherMails[0] = "changed@mail.example"
	*first.Users[1].AccountEnabled = true
	first.Users[1].PhoneMethods[0].PhoneNumber = "changed"
	if diff := cmp.Diff(smallTenant(), s.Tenant()); diff != "" {
		t.Errorf("the server shares what it gave:\n%s", diff)
	}
}
