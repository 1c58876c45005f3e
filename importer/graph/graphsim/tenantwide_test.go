package graphsim_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
)

const (
	dora = "00000000-0000-4000-8000-00000000000d"
	emil = "00000000-0000-4000-8000-00000000000e"

	sales  = "00000000-0000-4000-8000-0000000000a1"
	europe = "00000000-0000-4000-8000-0000000000a2"
	admins = "00000000-0000-4000-8000-0000000000a3"
	robot  = "00000000-0000-4000-8000-0000000000b1"

	globalAdministrator = "62e90394-69f5-4237-9190-012177145e10"
	helpdesk            = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
)

// wideTenant is smallTenant with Dora and Emil, groups that go round in a
// circle, roles and a policy.
func wideTenant() *graphsim.Tenant {
	t, no := smallTenant(), false
	t.TenantType, t.CountryLetterCode, t.DefaultUsageLocation = "AAD", "DE", "GB"
	t.OnPremisesSyncEnabled, t.PasswordWriteback, t.SecurityDefaults = true, true, true
	t.SSPREnabled, t.MethodsRequired, t.AllowedToUseSSPR = sales, 2, &no
	t.Domains = []graphsim.Domain{{ID: "contoso.test", AuthenticationType: "Federated"}, {ID: "new.example"}}
	t.Users = append(t.Users,
		graphsim.User{ID: dora, UserPrincipalName: "dora@contoso.example", DisplayName: "Dora Holm", Department: "Sales", Country: "Germany",
			CompanyName: "Contoso GmbH", OnPremisesSyncEnabled: true, OtherMethods: []string{"microsoftAuthenticatorPush"},
			EmailMethods: []graphsim.EmailMethod{{EmailAddress: "dora@home.example"}}},
		graphsim.User{ID: emil, UserPrincipalName: "emil@contoso.example", DisplayName: "Emil Ivers", Department: "Sales", IsManagementRestricted: true,
			CreationType: "LocalAccount", PhoneMethods: []graphsim.PhoneMethod{{PhoneType: "mobile", PhoneNumber: "+44 7700900005"},
				{PhoneType: "alternateMobile", PhoneNumber: "+44 7700900006"}}})
	t.Groups = []graphsim.Group{
		{ID: sales, DisplayName: "Sales", Members: []string{emil, europe}, Owners: []string{chiara, ada}},
		{ID: europe, DisplayName: "Sales Europe", Members: []string{dora, sales, emil}},
		{ID: admins, DisplayName: "Admins", IsAssignableToRole: true, Members: []string{ada}, Owners: []string{emil}},
	}
	t.RoleAssignments = []graphsim.Role{
		{PrincipalID: admins, RoleDefinitionID: globalAdministrator},
		{PrincipalID: chiara, RoleDefinitionID: helpdesk, DirectoryScopeID: "/administrativeUnits/00000000-0000-4000-8000-0000000000c1"},
		{PrincipalID: robot, PrincipalType: "servicePrincipal", RoleDefinitionID: helpdesk},
	}
	t.RoleEligibilities = []graphsim.Role{{PrincipalID: dora, RoleDefinitionID: globalAdministrator}}
	t.MethodsPolicy = &graphsim.MethodsPolicy{PolicyMigrationState: "migrationInProgress",
		Email: &graphsim.MethodConfiguration{State: "disabled", IncludeTargets: []graphsim.Target{}},
		SMS: &graphsim.MethodConfiguration{IncludeTargets: []graphsim.Target{{ID: sales, IsUsableForSignIn: true}},
			ExcludeTargets: []graphsim.Target{{ID: dora, TargetType: "user"}}},
		Voice: &graphsim.MethodConfiguration{IsOfficePhoneAllowed: &no}}
	return t
}

func TestSettingsAreSavedAndLoaded(t *testing.T) {
	tenant := wideTenant()
	tenant.ServicePlans = []string{}
	var saved strings.Builder
	if err := tenant.Save(&saved); err != nil {
		t.Fatal(err)
	}
	loaded, err := graphsim.Load(strings.NewReader(saved.String()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tenant, loaded); diff != "" {
		t.Errorf("loaded:\n%s", diff)
	}
	s := newServer(t, graphsim.Options{Tenant: loaded})
	if diff := cmp.Diff(tenant, s.Tenant()); diff != "" {
		t.Errorf("served:\n%s", diff)
	}
	loaded.Groups[0].Members[0], loaded.MethodsPolicy.SMS.IncludeTargets[0].ID, *loaded.AllowedToUseSSPR = "x", "x", true
	if diff := cmp.Diff(tenant, s.Tenant()); diff != "" {
		t.Errorf("the server's copy changed:\n%s", diff)
	}
}

func TestSettingsThatCannotBe(t *testing.T) {
	for want, edit := range map[string]func(*graphsim.Tenant){
		"methodsRequired":                      func(t *graphsim.Tenant) { t.MethodsRequired = 3 },
		"ssprEnabled":                          func(t *graphsim.Tenant) { t.SSPREnabled = "selected" },
		"countryLetterCode":                    func(t *graphsim.Tenant) { t.CountryLetterCode = "Germany" },
		"domain 0":                             func(t *graphsim.Tenant) { t.Domains[0].AuthenticationType = "managed" },
		"domain 1":                             func(t *graphsim.Tenant) { t.Domains[1].ID = "CONTOSO.test" },
		"service plan":                         func(t *graphsim.Tenant) { t.ServicePlans = []string{""} },
		"group 1: same id as group 0":          func(t *graphsim.Tenant) { t.Groups[1].ID = sales },
		"group 2: same id as a user":           func(t *graphsim.Tenant) { t.Groups[2].ID = strings.ToUpper(ada) },
		"group 0: member 1":                    func(t *graphsim.Tenant) { t.Groups[0].Members[1] = nobody },
		"group 1: member 2":                    func(t *graphsim.Tenant) { t.Groups[1].Members[2] = dora },
		"group 0: owner 0":                     func(t *graphsim.Tenant) { t.Groups[0].Owners[0] = europe },
		"no displayName":                       func(t *graphsim.Tenant) { t.Groups[0].DisplayName = "" },
		"roleAssignments 0: the principalId":   func(t *graphsim.Tenant) { t.RoleAssignments[0].PrincipalID = nobody },
		"roleAssignments 2: the principalId":   func(t *graphsim.Tenant) { t.RoleAssignments[2].PrincipalID = ada },
		"roleAssignments 1: the principalType": func(t *graphsim.Tenant) { t.RoleAssignments[1].PrincipalType = "user" },
		"roleEligibilities 0: the directory":   func(t *graphsim.Tenant) { t.RoleEligibilities[0].DirectoryScopeID = "all" },
		"methodsPolicy: the policyMigration":   func(t *graphsim.Tenant) { t.MethodsPolicy.PolicyMigrationState = "done" },
		"methodsPolicy: email: the state":      func(t *graphsim.Tenant) { t.MethodsPolicy.Email.State = "on" },
		"methodsPolicy: sms: isOfficePhone":    func(t *graphsim.Tenant) { t.MethodsPolicy.SMS.IsOfficePhoneAllowed = new(bool) },
		"methodsPolicy: voice: isUsable": func(t *graphsim.Tenant) {
			t.MethodsPolicy.Voice.IncludeTargets = []graphsim.Target{{ID: sales, IsUsableForSignIn: true}}
		},
		"methodsPolicy: sms: a targetType": func(t *graphsim.Tenant) { t.MethodsPolicy.SMS.IncludeTargets[0].TargetType = "all" },
		"methodsPolicy: sms: a target is":  func(t *graphsim.Tenant) { t.MethodsPolicy.SMS.ExcludeTargets[0].TargetType = "" },
		"user 3: an otherMethod":           func(t *graphsim.Tenant) { t.Users[3].OtherMethods[0] = "mobilePhone" },
	} {
		tenant := wideTenant()
		edit(tenant)
		if _, err := graphsim.New(graphsim.Options{Tenant: tenant}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for _, document := range []string{`{"id":"` + ada + `","groups":[{"id":"` + sales + `","displayname":"x","colour":1}],"users":[]}`,
		`{"id":"` + ada + `","methodsPolicy":{"fido2":{}},"users":[]}`} {
		if _, err := graphsim.Load(strings.NewReader(document)); err == nil {
			t.Errorf("an unknown member is taken: %s", document)
		}
	}
}

// shortNames are the people and groups of a list.
func shortNames(t testing.TB, got result) string {
	t.Helper()
	if got.status != 200 {
		t.Fatalf("%d %s", got.status, got.raw)
	}
	known := map[string]string{ada: "ada", bram: "bram", chiara: "chiara", dora: "dora", emil: "emil", sales: "sales", europe: "europe", admins: "admins"}
	var names []string
	for _, v := range got.body["value"].([]any) {
		names = append(names, known[v.(map[string]any)["id"].(string)])
	}
	return strings.Join(names, " ")
}

func TestGroups(t *testing.T) {
	const eventual = "ConsistencyLevel: eventual"
	cast := "/transitiveMembers/microsoft.graph.user"
	s := newServer(t, graphsim.Options{Tenant: wideTenant()})
	for _, test := range []struct{ path, found string }{
		{"/groups", "sales europe admins"},
		{"/groups?$filter=displayName%20eq%20'sales'&$select=id", "sales"},
		{"/groups?$filter=displayName%20eq%20'Sal'", ""},
		{"/groups?$filter=isAssignableToRole%20eq%20true", "admins"},
		{"/groups/" + sales + "/owners?$select=displayName", "chiara ada"},
		{"/groups/" + sales + "/transitiveMembers", "dora emil europe sales"},
		{"/groups/" + sales + "/transitiveMembers?$select=id,userPrincipalName", "dora emil europe sales"},
		{"/groups/" + sales + cast + "?$count=true&$select=id,department", "dora emil"},
		{"/groups/" + admins + cast + "?$count=true&$top=999", "ada"},
		{"/groups/" + strings.ToUpper(europe) + cast + "?$count=true", "dora emil"},
	} {
		if got := shortNames(t, send(t, s, "GET", test.path, "", eventual)); got != test.found {
			t.Errorf("%s: %q, want %q", test.path, got, test.found)
		}
	}
	for path, code := range map[string]string{
		"/groups?$filter=displayName%20eq%20''":                     "Request_UnsupportedQuery",
		"/groups?$filter=mail%20eq%20'x'":                           "Request_UnsupportedQuery",
		"/groups?$filter=isAssignableToRole%20eq%20'true'":          "Request_UnsupportedQuery",
		"/groups?$orderby=displayName":                              "Request_UnsupportedQuery",
		"/groups/Sales":                                             "Request_BadRequest",
		"/groups/" + sales + cast + "?$select=id":                   "Request_UnsupportedQuery",
		"/groups/" + sales + "/transitiveMembers?$select=shoeSize":  "Request_BadRequest",
		"/groups/" + sales + "/transitiveMembers?$expand=manager":   "Request_UnsupportedQuery",
		"/groups/" + sales + cast + "?$count=true&$top=1000":        "Request_UnsupportedQuery",
		"/groups/" + sales + cast + "?$count=true&$skiptoken=xxxxx": "Directory_ExpiredPageToken",
	} {
		want(t, send(t, s, "GET", path, "", eventual), 400, code)
	}
	want(t, send(t, s, "GET", "/groups/"+sales+cast+"?$count=true", ""), 400, "Request_UnsupportedQuery")
	want(t, send(t, s, "GET", "/groups/"+ada, ""), 404, "Request_ResourceNotFound")
	want(t, send(t, s, "GET", "/groups/"+sales+"/members", ""), 404, "ResourceNotFound")
	if got := send(t, s, "GET", "/groups/"+admins+"?$select=id,displayName,isAssignableToRole", ""); !strings.Contains(got.raw, `"isAssignableToRole":true`) {
		t.Error(got.raw)
	}

	paged := newServer(t, graphsim.Options{Tenant: wideTenant(), PageLimit: 1})
	if got := walk(t, paged, "/groups/"+sales+"/transitiveMembers?$select=id"); len(got) != 4 || got[3][0] != sales {
		t.Errorf("page by page: %v", got)
	}
	first := send(t, paged, "GET", "/groups/"+sales+cast+"?$count=true&$select=id", "", eventual)
	link, _ := first.body["@odata.nextLink"].(string)
	if first.body["@odata.count"] != 2.0 || shortNames(t, send(t, paged, "GET", link, "", eventual)) != "emil" {
		t.Errorf("%s then %s", first.raw, link)
	}
	want(t, send(t, paged, "GET", strings.Replace(link, sales, europe, 1), "", eventual), 400, "Directory_ExpiredPageToken")

	bare := newServer(t, graphsim.Options{Tenant: wideTenant(), Permissions: []string{"GroupMember.Read.All"}})
	got := send(t, bare, "GET", "/groups/"+admins+cast+"?$count=true&$select=id,userPrincipalName,businessPhones", "", eventual)
	if diff := cmp.Diff([]any{map[string]any{"id": ada, "userPrincipalName": nil, "businessPhones": []any{}}}, got.body["value"]); diff != "" {
		t.Errorf("without the permission to read users:\n%s", diff)
	}
}

const report = "/reports/authenticationMethods/userRegistrationDetails"

func TestReport(t *testing.T) {
	now := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	s := newServer(t, graphsim.Options{Tenant: wideTenant(), Now: func() time.Time { return now }})
	line := func(id, name, methods, flags string) map[string]any {
		return object(t, `{"id":"`+id+`","userPrincipalName":"`+name+`","methodsRegistered":[`+methods+`],"flags":"`+flags+`"}`)
	}
	// Flags: administrator, SSPR enabled, registered, capable, MFA registered.
	want := []any{
		line(ada, "ada@contoso.example", "", "a...."),
		line(chiara, "chiara_fabrikam.example#EXT#@contoso.example", `"mobilePhone"`, "a...m"),
		line(dora, "dora@contoso.example", `"email","microsoftAuthenticatorPush"`, ".ercm"),
		line(emil, "emil@contoso.example", `"mobilePhone","alternateMobilePhone"`, ".e..m"),
	}
	if diff := cmp.Diff(want, flagged(send(t, s, "GET", report+"?$top=999", ""))); diff != "" {
		t.Errorf("report:\n%s", diff)
	}
	for name, test := range map[string]struct {
		edit func(*graphsim.Tenant)
		want string
	}{
		"one method":          {func(t *graphsim.Tenant) { t.MethodsRequired = 0 }, "a.... a...m .ercm .ercm"},
		"nobody":              {func(t *graphsim.Tenant) { t.SSPREnabled = "none" }, "a.... a...m ..r.m ....m"},
		"everybody":           {func(t *graphsim.Tenant) { t.SSPREnabled = "" }, "a.... a...m .ercm .e..m"},
		"administrators too":  {func(t *graphsim.Tenant) { t.AllowedToUseSSPR = nil }, "ae... ae..m .ercm .e..m"},
		"no roles":            {func(t *graphsim.Tenant) { t.RoleAssignments = nil }, "..... ....m .ercm .e..m"},
		"notification, alone": {func(t *graphsim.Tenant) { t.MethodsRequired = 1; t.Users[3].EmailMethods = nil }, "a.... a...m .e..m .ercm"},
		"nothing left but an authenticator": {func(t *graphsim.Tenant) {
			t.MethodsRequired = 1
			t.Users[3].EmailMethods, t.Users[3].OtherMethods = nil, []string{"softwareOneTimePasscode"}
		}, "a.... a...m .ercm .ercm"},
	} {
		tenant := wideTenant()
		test.edit(tenant)
		var got []string
		for _, v := range flagged(send(t, newServer(t, graphsim.Options{Tenant: tenant}), "GET", report, "")) {
			got = append(got, v.(map[string]any)["flags"].(string))
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: %v, want %s", name, got, test.want)
		}
	}
	one := send(t, s, "GET", report+"/"+chiara+"?$select=userType,userDisplayName,lastUpdatedDateTime", "")
	if diff := cmp.Diff(object(t, `{"@odata.context":"`+root+`/$metadata#reports/authenticationMethods/userRegistrationDetails(userType,userDisplayName,lastUpdatedDateTime)/$entity",
		"userType":"guest","userDisplayName":null,"lastUpdatedDateTime":"2026-11-01T08:00:00.0000000Z"}`), one.body); diff != "" {
		t.Errorf("one line:\n%s", diff)
	}
	if pages := walk(t, newServer(t, graphsim.Options{Tenant: wideTenant(), PageLimit: 3}), report+"?$select=id"); len(pages) != 2 || pages[1][0] != emil {
		t.Errorf("page by page: %v", pages)
	}
	for path, status := range map[string]int{report + "/" + bram: 404, report + "/" + nobody: 404, report + "?$top=1000": 400,
		report + "?$count=true": 400, report + "?$select=shoeSize": 400, report + "?$select=": 400} {
		if got := send(t, s, "GET", path, ""); got.status != status || strings.HasPrefix(got.code(), "Request_") {
			t.Errorf("%s: %d %s", path, got.status, got.raw)
		}
	}
}

// flagged reads a report for a comparison.
func flagged(got result) (lines []any) {
	for _, v := range got.body["value"].([]any) {
		all, flags := v.(map[string]any), []byte(".....")
		for i, name := range []string{"isAdmin", "isSsprEnabled", "isSsprRegistered", "isSsprCapable", "isMfaRegistered"} {
			if all[name] == true {
				flags[i] = "aercm"[i]
			}
		}
		lines = append(lines, map[string]any{"id": all["id"], "userPrincipalName": all["userPrincipalName"],
			"methodsRegistered": all["methodsRegistered"], "flags": string(flags)})
	}
	return lines
}

func TestReportAge(t *testing.T) {
	now := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	s := newServer(t, graphsim.Options{Now: func() time.Time { return now }, Levers: graphsim.Levers{ReportAge: time.Hour}})
	shows := func() string {
		got := send(t, s, "GET", report+"/"+ada+"?$select=methodsRegistered,lastUpdatedDateTime", "")
		return strings.TrimPrefix(got.raw[strings.Index(got.raw, `"methods`):], `"methodsRegistered":`)
	}
	send(t, s, "POST", phones(ada), phoneJSON("mobile", "+44 7700900100"))
	if got := shows(); got != `[],"lastUpdatedDateTime":"2026-11-01T08:00:00.0000000Z"}` {
		t.Errorf("at once: %s", got)
	}
	now = now.Add(time.Hour - time.Second)
	if got := shows(); !strings.HasPrefix(got, "[],") {
		t.Errorf("within the hour: %s", got)
	}
	now = now.Add(time.Second)
	if got := shows(); got != `["mobilePhone"],"lastUpdatedDateTime":"2026-11-01T09:00:00.0000000Z"}` {
		t.Errorf("after it: %s", got)
	}
}

func TestLicence(t *testing.T) {
	const premium, eligible = report, "/roleManagement/directory/roleEligibilitySchedules"
	for _, test := range []struct {
		plans            []string
		report, eligible int
	}{{nil, 200, 200}, {[]string{}, 403, 403}, {[]string{"AAD_PREMIUM"}, 200, 403}, {[]string{"AAD_PREMIUM_P2"}, 200, 200}} {
		tenant := wideTenant()
		tenant.ServicePlans = test.plans
		s := newServer(t, graphsim.Options{Tenant: tenant})
		if got := send(t, s, "GET", premium, ""); got.status != test.report || got.status == 403 && (got.code() != "Authentication_RequestFromNonPremiumTenantOrB2CTenant" ||
			errorField(got.body, "message") != "Neither tenant is B2C or tenant doesn't have premium license") {
			t.Errorf("%q: %s", test.plans, got.raw)
		}
		if got := send(t, s, "GET", eligible, ""); got.status != test.eligible || got.status == 403 && got.code() != "AadPremiumLicenseRequired" {
			t.Errorf("%q: %s", test.plans, got.raw)
		}
		raw := send(t, s, "GET", "/subscribedSkus", "").raw
		for _, plan := range []string{"AAD_PREMIUM", "AAD_PREMIUM_P2"} {
			if strings.Contains(raw, `"servicePlanName":"`+plan+`","provisioningStatus":"Success"`) != (test.plans == nil || slices.Contains(test.plans, plan)) {
				t.Errorf("%q: %s", test.plans, raw)
			}
		}
	}
}

func TestSettingsAreServed(t *testing.T) {
	wide, absent := newServer(t, graphsim.Options{Tenant: wideTenant()}), newServer(t, graphsim.Options{})
	target := func(id, kind, more string) string {
		return `{"targetType":"` + kind + `","id":"` + id + `"` + more + `}`
	}
	const asked = `,"isRegistrationRequired":false`
	email := func(state, include string) string {
		return `{"@odata.type":"#microsoft.graph.emailAuthenticationMethodConfiguration","id":"Email","state":"` + state +
			`","allowExternalIdToUseEmailOtp":"default","excludeTargets":[],"includeTargets":[` + include + `]}`
	}
	voice := func(office string) string {
		return `{"@odata.type":"#microsoft.graph.voiceAuthenticationMethodConfiguration","id":"Voice","state":"enabled","isOfficePhoneAllowed":` + office +
			`,"excludeTargets":[],"includeTargets":[` + target("all_users", "group", asked) + `]}`
	}
	sms := func(exclude, include string) string {
		return `{"@odata.type":"#microsoft.graph.smsAuthenticationMethodConfiguration","id":"Sms","state":"enabled","excludeTargets":[` + exclude + `],"includeTargets":[` + include + `]}`
	}
	all := `[` + email("disabled", "") + `,` + sms(target(dora, "user", ""), target(sales, "group", asked+`,"isUsableForSignIn":true`)) + `,` + voice("false") + `]`
	usual := `[` + email("enabled", target("all_users", "group", asked)) + `,` + sms("", target("all_users", "group", asked+`,"isUsableForSignIn":false`)) + `,` + voice("true") + `]`
	domain := func(name, kind, verified, first string) string {
		return `{"id":"` + name + `","authenticationType":"` + kind + `","isVerified":` + verified + `,"isDefault":` + first + `}`
	}
	const policy, configurations = "/policies/authenticationMethodsPolicy", "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations"
	for _, test := range []struct {
		server              *graphsim.Server
		path, member, value string // "" is all but the context
	}{
		{wide, policy, "authenticationMethodConfigurations", all},
		{absent, policy, "authenticationMethodConfigurations", usual},
		{wide, policy, "policyMigrationState", `"migrationInProgress"`},
		{absent, policy, "policyMigrationState", `"migrationComplete"`},
		{wide, configurations, "value", all},
		{wide, configurations + "/voice", "", voice("false")},
		{absent, configurations + "/Email", "", email("enabled", target("all_users", "group", asked))},
		{wide, "/policies/authorizationPolicy", "allowedToUseSSPR", "false"},
		{absent, "/policies/authorizationPolicy", "allowedToUseSSPR", "true"},
		{wide, "/policies/identitySecurityDefaultsEnforcementPolicy", "isEnabled", "true"},
		{absent, "/policies/identitySecurityDefaultsEnforcementPolicy", "isEnabled", "false"},
		{wide, "/domains?$select=id,authenticationType,isVerified,isDefault", "value", `[` + domain("contoso.example", "Managed", "true", "true") + `,` +
			domain("contoso.test", "Federated", "true", "false") + `,` + domain("new.example", "Managed", "false", "false") + `]`},
		{wide, "/directory/onPremisesSynchronization", "value", `[{"id":"00000000-0000-4000-8000-000000000001","configuration":{},
			"features":{"passwordSyncEnabled":true,"passwordWritebackEnabled":true}}]`},
		{absent, "/directory/onPremisesSynchronization", "value", `[]`},
		{wide, "/organization?$select=tenantType,countryLetterCode,defaultUsageLocation,onPremisesSyncEnabled", "value",
			`[{"tenantType":"AAD","countryLetterCode":"DE","defaultUsageLocation":"GB","onPremisesSyncEnabled":true}]`},
		{absent, "/organization?$select=tenantType,countryLetterCode,defaultUsageLocation,onPremisesSyncEnabled", "value",
			`[{"tenantType":"AAD","countryLetterCode":null,"defaultUsageLocation":null,"onPremisesSyncEnabled":null}]`},
		{wide, "/users/" + dora + "?$select=department,country,companyName,onPremisesSyncEnabled,isManagementRestricted,creationType", "",
			`{"department":"Sales","country":"Germany","companyName":"Contoso GmbH","onPremisesSyncEnabled":true,"isManagementRestricted":null,"creationType":null}`},
		{wide, "/users/" + emil + "?$select=isManagementRestricted,creationType", "", `{"isManagementRestricted":true,"creationType":"LocalAccount"}`},
	} {
		got := send(t, test.server, "GET", test.path, "")
		if got.status != 200 {
			t.Errorf("%s: %d %s", test.path, got.status, got.raw)
			continue
		}
		delete(got.body, "@odata.context")
		var have, want any = got.body, nil
		if test.member != "" {
			have = got.body[test.member]
		}
		if err := json.Unmarshal([]byte(test.value), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s:\n%s", test.path, diff)
		}
	}
	want(t, send(t, wide, "GET", configurations+"/fido2", ""), 404, "resourceNotFound")
}

func TestRoles(t *testing.T) {
	s := newServer(t, graphsim.Options{Tenant: wideTenant(), PageLimit: 2})
	const assignments, eligible = "/roleManagement/directory/roleAssignments", "/roleManagement/directory/roleEligibilitySchedules"
	list := func(s *graphsim.Server, path string) (lines []string) {
		for link := path; link != ""; {
			got := send(t, s, "GET", link, "")
			if got.status != 200 {
				t.Fatalf("%s: %d %s", link, got.status, got.raw)
			}
			for _, v := range got.body["value"].([]any) {
				r := v.(map[string]any)
				line := r["principalId"].(string) + " " + r["roleDefinitionId"].(string) + " " + r["directoryScopeId"].(string)
				if p, _ := r["principal"].(map[string]any); p != nil {
					name, _ := p["displayName"].(string)
					line += " " + p["@odata.type"].(string) + " " + name
				}
				lines = append(lines, line)
			}
			link, _ = got.body["@odata.nextLink"].(string)
		}
		return lines
	}
	const unit = "/administrativeUnits/00000000-0000-4000-8000-0000000000c1"
	if diff := cmp.Diff([]string{admins + " " + globalAdministrator + " /", chiara + " " + helpdesk + " " + unit, robot + " " + helpdesk + " /"},
		list(s, assignments)); diff != "" {
		t.Errorf("assignments:\n%s", diff)
	}
	if diff := cmp.Diff([]string{admins + " " + globalAdministrator + " / #microsoft.graph.group Admins", chiara + " " + helpdesk + " " + unit + " #microsoft.graph.user ",
		robot + " " + helpdesk + " / #microsoft.graph.servicePrincipal "}, list(s, assignments+"?$expand=principal")); diff != "" {
		t.Errorf("expanded:\n%s", diff)
	}
	if diff := cmp.Diff([]string{dora + " " + globalAdministrator + " / #microsoft.graph.user Dora Holm"}, list(s, eligible+"?$expand=principal")); diff != "" {
		t.Errorf("eligible:\n%s", diff)
	}
	want(t, send(t, s, "GET", assignments+"?$expand=roleDefinition", ""), 400, "Request_BadRequest")
}

// tenantWide are the paths that need a permission of their own.
var tenantWide = map[string]string{
	"/groups": "GroupMember.Read.All Group.Read.All Directory.Read.All", "/groups/" + sales: "GroupMember.Read.All Group.Read.All Directory.Read.All",
	"/groups/" + sales + "/owners":            "GroupMember.Read.All Group.Read.All Directory.Read.All",
	"/groups/" + sales + "/transitiveMembers": "GroupMember.Read.All Group.Read.All Directory.Read.All",
	report:             "AuditLog.Read.All UserAuthenticationMethod.Read.All UserAuthenticationMethod.ReadWrite.All",
	report + "/" + ada: "AuditLog.Read.All UserAuthenticationMethod.Read.All UserAuthenticationMethod.ReadWrite.All",
	"/roleManagement/directory/roleAssignments":                                    "RoleManagement.Read.Directory Directory.Read.All",
	"/roleManagement/directory/roleEligibilitySchedules":                           "RoleEligibilitySchedule.Read.Directory RoleManagement.Read.Directory",
	"/policies/authenticationMethodsPolicy":                                        "Policy.Read.AuthenticationMethod Policy.Read.All",
	"/policies/authenticationMethodsPolicy/authenticationMethodConfigurations":     "Policy.Read.AuthenticationMethod Policy.Read.All",
	"/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/sms": "Policy.Read.AuthenticationMethod Policy.Read.All",
	"/policies/authorizationPolicy":                                                "Policy.Read.All",
	"/policies/identitySecurityDefaultsEnforcementPolicy":                          "Policy.Read.All",
	"/domains":                             "Domain.Read.All Directory.Read.All",
	"/subscribedSkus":                      "LicenseAssignment.Read.All Organization.Read.All Directory.Read.All",
	"/directory/onPremisesSynchronization": "OnPremDirectorySynchronization.Read.All",
}

func TestTenantWidePaths(t *testing.T) {
	held := map[string]bool{"User.Read.All": true}
	for _, p := range tenantWide {
		for p := range strings.FieldsSeq(p) {
			held[p] = true
		}
	}
	for permission := range held {
		if !slices.Contains(graphsim.Permissions(), permission) {
			t.Errorf("Permissions does not list %s", permission)
		}
		s := newServer(t, graphsim.Options{Tenant: wideTenant(), Permissions: []string{permission}})
		for path, allowed := range tenantWide {
			got := send(t, s, "GET", path, "")
			if wanted := slices.Contains(strings.Fields(allowed), permission); (got.status == 200) != wanted || !wanted && got.status != 403 {
				t.Errorf("%s with %s: %d %s", path, permission, got.status, got.raw)
			}
		}
	}
	s, china := newServer(t, graphsim.Options{Tenant: wideTenant()}), newServer(t, graphsim.Options{Tenant: wideTenant(), Cloud: "china"})
	for path := range tenantWide {
		if got := send(t, s, "GET", path+"?$orderby=id", ""); got.status != 400 {
			t.Errorf("%s: %d %s", path, got.status, got.raw)
		}
		if got := send(t, s, "POST", path, "{}"); got.status != 405 {
			t.Errorf("%s: %d %s", path, got.status, got.raw)
		}
		absent := strings.HasPrefix(path, "/policies/authenticationMethods")
		if got := send(t, china, "GET", path, ""); (got.status == 404) != absent || !absent && got.status != 200 {
			t.Errorf("%s in China: %d %s", path, got.status, got.raw)
		}
	}
	paths := slices.Sorted(maps.Keys(tenantWide))
	var items []string
	for i, path := range paths {
		items = append(items, `{"id":"`+string(rune('a'+i))+`","method":"GET","url":"`+path+`"}`)
	}
	got := send(t, s, "POST", "/$batch", `{"requests":[`+strings.Join(items, ",")+`]}`)
	for _, v := range got.body["responses"].([]any) {
		if r := v.(map[string]any); r["status"] != 200.0 || r["body"].(map[string]any)["@odata.context"] == nil {
			t.Errorf("in a batch: %v", r)
		}
	}
}
