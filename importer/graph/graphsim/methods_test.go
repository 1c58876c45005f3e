package graphsim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
)

func TestMethodRules(t *testing.T) {
	const newMobile = "+44 7700900100"
	tests := []struct {
		name, method, path, body string
		status                   int
		code                     string
	}{
		{"create mobile", "POST", phones(ada), phoneJSON("mobile", newMobile), 201, ""},
		{"create by name", "POST", phones("ADA@contoso.example"), phoneJSON("mobile", newMobile), 201, ""},
		{"create office", "POST", phones(ada), phoneJSON("office", "+44 2079460100x9"), 201, ""},
		{"create email", "POST", emails(ada), `{"emailAddress":"ada@home.example"}`, 201, ""},
		{"create for a guest", "POST", emails("chiara_fabrikam.example%23EXT%23@contoso.example"), `{"emailAddress":"chiara@home.example"}`, 201, ""},
		{"create with its class", "POST", phones(ada), `{"@odata.type":"#microsoft.graph.phoneAuthenticationMethod","phoneType":"mobile","phoneNumber":"+44 7700900100"}`, 201, ""},

		{"create existing mobile", "POST", phones(bram), phoneJSON("mobile", newMobile), 400, "badRequest"},
		{"create existing email", "POST", emails(bram), `{"emailAddress":"bram@home.example"}`, 400, "badRequest"},
		{"alternate before mobile", "POST", phones(ada), phoneJSON("alternateMobile", newMobile), 400, "badRequest"},
		{"alternate after mobile", "POST", phones(chiara), phoneJSON("alternateMobile", newMobile), 201, ""},

		{"unknown type", "POST", phones(ada), phoneJSON("fax", newMobile), 400, "badRequest"},
		{"type in other letters", "POST", phones(ada), phoneJSON("Mobile", newMobile), 400, "badRequest"},
		{"no type", "POST", phones(ada), `{"phoneNumber":"+44 7700900100"}`, 400, "badRequest"},
		{"no number", "POST", phones(ada), `{"phoneType":"mobile"}`, 400, "badRequest"},
		{"null number", "POST", phones(ada), `{"phoneType":"mobile","phoneNumber":null}`, 400, "badRequest"},
		{"numeric number", "POST", phones(ada), `{"phoneType":"mobile","phoneNumber":447700900100}`, 400, "badRequest"},
		{"member in other letters", "POST", phones(ada), `{"phonetype":"mobile","phoneNumber":"+44 7700900100"}`, 400, "badRequest"},
		{"smsSignInState", "POST", phones(ada), `{"phoneType":"mobile","phoneNumber":"+44 7700900100","smsSignInState":"ready"}`, 400, "badRequest"},
		{"null smsSignInState", "POST", phones(ada), `{"phoneType":"mobile","phoneNumber":"+44 7700900100","smsSignInState":null}`, 400, "badRequest"},
		{"own id", "POST", phones(ada), `{"phoneType":"mobile","phoneNumber":"+44 7700900100","id":"` + mobileID + `"}`, 400, "badRequest"},
		{"unknown member", "POST", phones(ada), `{"phoneType":"mobile","phoneNumber":"+44 7700900100","country":"GB"}`, 400, "badRequest"},
		{"member twice", "POST", phones(ada), `{"phoneType":"mobile","phoneNumber":"+44 7700900100","phoneType":"mobile"}`, 400, "badRequest"},
		{"escaped letters", "POST", phones(ada), `{ "\u0070honeType" : "mob\u0069le" , "phoneNumber" : "\u002b44 7700900100" }`, 201, ""},
		{"nested member", "POST", phones(ada), `{"phoneType":"mobile","x":{"a":["}",{"b":"\""}]},"phoneNumber":"+44 7700900100"}`, 400, "badRequest"},
		{"other class", "POST", phones(ada), `{"@odata.type":"#microsoft.graph.emailAuthenticationMethod","phoneType":"mobile","phoneNumber":"+44 7700900100"}`, 400, "badRequest"},
		{"not an object", "POST", phones(ada), `[]`, 400, "badRequest"},
		{"null body", "POST", phones(ada), `null`, 400, "badRequest"},
		{"not JSON", "POST", phones(ada), `phoneType=mobile`, 400, "badRequest"},
		{"two bodies", "POST", phones(ada), phoneJSON("mobile", newMobile) + `{}`, 400, "badRequest"},
		{"no address", "POST", emails(ada), `{}`, 400, "badRequest"},
		{"phone as email", "POST", emails(ada), phoneJSON("mobile", newMobile), 400, "badRequest"},

		{"update mobile", "PATCH", phones(bram) + "/" + mobileID, phoneJSON("mobile", newMobile), 204, ""},
		{"update by id in capitals", "PATCH", phones(bram) + "/" + strings.ToUpper(mobileID), phoneJSON("mobile", newMobile), 204, ""},
		{"update email", "PATCH", emails(bram) + "/" + emailID, `{"emailAddress":"new@home.example"}`, 204, ""},
		{"update absent phone", "PATCH", phones(ada) + "/" + mobileID, phoneJSON("mobile", newMobile), 404, "resourceNotFound"},
		{"update absent email", "PATCH", emails(ada) + "/" + emailID, `{"emailAddress":"new@home.example"}`, 404, "resourceNotFound"},
		{"update unknown id", "PATCH", phones(bram) + "/" + nobody, phoneJSON("mobile", newMobile), 404, "resourceNotFound"},
		{"update email by another id", "PATCH", emails(bram) + "/" + mobileID, `{"emailAddress":"new@home.example"}`, 404, "resourceNotFound"},
		{"change the type", "PATCH", phones(bram) + "/" + mobileID, phoneJSON("office", newMobile), 400, "badRequest"},
		{"update without type", "PATCH", phones(bram) + "/" + mobileID, `{"phoneNumber":"+44 7700900100"}`, 400, "badRequest"},
		{"update without number", "PATCH", phones(bram) + "/" + mobileID, `{"phoneType":"mobile"}`, 400, "badRequest"},
		{"update to a bad number", "PATCH", phones(bram) + "/" + mobileID, phoneJSON("mobile", "07700 900100"), 400, "badRequest"},
		{"update to a bad address", "PATCH", emails(bram) + "/" + emailID, `{"emailAddress":"bram"}`, 400, "badRequest"},

		{"delete office", "DELETE", phones(bram) + "/" + officeID, "", 204, ""},
		{"delete alternate", "DELETE", phones(bram) + "/" + alternateID, "", 204, ""},
		{"delete mobile before alternate", "DELETE", phones(bram) + "/" + mobileID, "", 400, "badRequest"},
		{"delete lone mobile", "DELETE", phones(chiara) + "/" + mobileID, "", 204, ""},
		{"delete email", "DELETE", emails(bram) + "/" + emailID, "", 204, ""},
		{"delete absent phone", "DELETE", phones(ada) + "/" + officeID, "", 404, "resourceNotFound"},
		{"delete absent email", "DELETE", emails(ada) + "/" + emailID, "", 404, "resourceNotFound"},
		{"delete email by another id", "DELETE", emails(bram) + "/" + mobileID, "", 404, "resourceNotFound"},

		{"get phone", "GET", phones(bram) + "/" + mobileID, "", 200, ""},
		{"get absent phone", "GET", phones(ada) + "/" + mobileID, "", 404, "resourceNotFound"},
		{"get unknown phone", "GET", phones(bram) + "/mobile", "", 404, "resourceNotFound"},
		{"get email", "GET", emails(bram) + "/" + emailID, "", 200, ""},
		{"get absent email", "GET", emails(ada) + "/" + emailID, "", 404, "resourceNotFound"},
		{"methods of nobody", "GET", phones(nobody), "", 404, "resourceNotFound"},
		{"write to nobody", "POST", phones(nobody), phoneJSON("mobile", newMobile), 404, "resourceNotFound"},
		{"filter phones", "GET", phones(bram) + "?$filter=phoneType%20eq%20'mobile'", "", 400, "badRequest"},
		{"select of phones", "GET", phones(bram) + "?$select=phoneNumber", "", 400, "badRequest"},
		{"top of emails", "GET", emails(bram) + "?$top=1", "", 400, "badRequest"},
		{"put", "PUT", phones(bram) + "/" + mobileID, phoneJSON("mobile", newMobile), 405, "badRequest"},
		{"delete all phones", "DELETE", phones(bram), "", 405, "badRequest"},
		{"post to methods", "POST", "/users/" + ada + "/authentication/methods", `{}`, 405, "badRequest"},
		{"delete by the untyped collection", "DELETE", "/users/" + bram + "/authentication/methods/" + mobileID, "", 404, "ResourceNotFound"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, graphsim.Options{})
			got := send(t, s, test.method, test.path, test.body)
			want(t, got, test.status, test.code)
			if unchanged := cmp.Equal(smallTenant(), s.Tenant()); unchanged != (test.status >= 400 || test.method == "GET") {
				t.Errorf("answered %d, and the tenant unchanged: %v", got.status, unchanged)
			}
			if strings.Contains(errorField(got.body, "message"), "7700900") {
				t.Error("the message shows a number")
			}
		})
	}
}

func TestPhoneFormat(t *testing.T) {
	tests := []struct {
		kind, number string
		good         bool
	}{
		{"mobile", "+44 7700900100", true},
		{"mobile", "+447700900100", true},
		{"mobile", "+44 07700900100", true}, // the service does not know numbering plans
		{"mobile", "+1 2065550100", true},
		{"mobile", "+683 4000", true},
		{"mobile", "+44 1234567890123", true},
		{"mobile", "+44 12345678901234", false},
		{"mobile", "+1234567890123456", false},
		{"mobile", "+123456", false},
		{"mobile", "+44 7700 900100", false},
		{"mobile", "+44  7700900100", false},
		{"mobile", "+44-7700900100", false},
		{"mobile", "+44 (0)7700900100", false},
		{"mobile", "+0 7700900100", false},
		{"mobile", "+4477 00900100", false},
		{"mobile", "0044 7700900100", false},
		{"mobile", "07700900100", false},
		{"mobile", " +44 7700900100", false},
		{"mobile", "+44 7700900100 ", false},
		{"mobile", "+44 77009001OO", false},
		{"mobile", "+", false},
		{"mobile", "", false},
		{"mobile", "+44 7700900100x1", false},
		{"alternateMobile", "+44 7700900100x1", false},
		{"office", "+44 2079460100x1", true},
		{"office", "+442079460100x1234567890", true},
		{"office", "+44 2079460100x12345678901", false},
		{"office", "+44 2079460100x", false},
		{"office", "+44 2079460100 x1", false},
		{"office", "+44 2079460100X1", false},
		{"office", "+44 2079460100x1x2", false},
	}
	for _, test := range tests {
		tenant := smallTenant()
		tenant.Users[0].PhoneMethods = nil
		tenant.Users[2].PhoneMethods = []graphsim.PhoneMethod{{PhoneType: "mobile", PhoneNumber: "+44 7700900004"}}
		user := ada
		if test.kind == "alternateMobile" {
			user = chiara
		}
		s := newServer(t, graphsim.Options{Tenant: tenant})
		got := send(t, s, "POST", phones(user), phoneJSON(test.kind, test.number))
		if (got.status == 201) != test.good {
			t.Errorf("%s %q: %d", test.kind, test.number, got.status)
		}
		if test.good && got.body["phoneNumber"] != test.number {
			t.Errorf("%q came back as %q", test.number, got.body["phoneNumber"])
		}
	}
}

func TestEmailFormat(t *testing.T) {
	for address, good := range map[string]bool{
		"ada@home.example":                          true,
		"Ada.Lindt+reset@Home.Example":              true,
		"a_b-c'd@sub.home-net.example":              true,
		"ada":                                       false,
		"ada@":                                      false,
		"@home.example":                             false,
		"ada@home":                                  false,
		"ada@home..example":                         false,
		"ada@.example":                              false,
		"ada@home.example.":                         false,
		"ada@-home.example":                         false,
		"a..b@home.example":                         false,
		".a@home.example":                           false,
		"a b@home.example":                          false,
		"ada@home.example ":                         false,
		"Ada <ada@home.example>":                    false,
		"ada@home.example, b@home.example":          false,
		"ada@home@home.example":                     false,
		"ädä@home.example":                          false,
		strings.Repeat("a", 65) + "@home.example":   false,
		"a@" + strings.Repeat("b", 64) + ".example": false,
		"": false,
	} {
		s := newServer(t, graphsim.Options{})
		got := send(t, s, "POST", emails(ada), `{"emailAddress":"`+address+`"}`)
		if (got.status == 201) != good {
			t.Errorf("%q: %d", address, got.status)
		}
	}
}

func TestMethodObjects(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 11, 23, 9, 8, 7, 0, time.UTC) }
	s := newServer(t, graphsim.Options{Now: now})
	context := root + "/$metadata#users('" + bram + "')/authentication/"
	mobile := `"id":"` + mobileID + `","createdDateTime":null,"phoneNumber":"+44 7700900002","phoneType":"mobile","smsSignInState":"notAllowedByPolicy"`
	alternate := `"id":"` + alternateID + `","createdDateTime":null,"phoneNumber":"+44 7700900003","phoneType":"alternateMobile","smsSignInState":"notSupported"`
	office := `"id":"` + officeID + `","createdDateTime":null,"phoneNumber":"+44 2079460002x12","phoneType":"office","smsSignInState":"notSupported"`
	email := `"id":"` + emailID + `","createdDateTime":null,"emailAddress":"bram@home.example"`
	phone := `"@odata.type":"#microsoft.graph.phoneAuthenticationMethod",`
	for path, body := range map[string]string{
		phones(bram):                  `{"@odata.context":"` + context + `phoneMethods","value":[{` + mobile + `},{` + alternate + `},{` + office + `}]}`,
		phones(bram) + "/" + officeID: `{"@odata.context":"` + context + `phoneMethods/$entity",` + office + `}`,
		emails(bram):                  `{"@odata.context":"` + context + `emailMethods","value":[{` + email + `}]}`,
		emails(bram) + "/" + emailID:  `{"@odata.context":"` + context + `emailMethods/$entity",` + email + `}`,
		"/users/" + bram + "/authentication/methods": `{"@odata.context":"` + context + `methods","value":[
			{"@odata.type":"#microsoft.graph.passwordAuthenticationMethod","id":"` + passwordID + `","createdDateTime":null,"password":null},
			{` + phone + mobile + `},{` + phone + alternate + `},{` + phone + office + `},
			{"@odata.type":"#microsoft.graph.emailAuthenticationMethod",` + email + `}]}`,
	} {
		got := send(t, s, "GET", path, "")
		if diff := cmp.Diff(object(t, body), got.body); diff != "" || got.status != 200 {
			t.Errorf("%s: %d\n%s", path, got.status, diff)
		}
		if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json;odata.metadata=minimal;") {
			t.Errorf("%s: Content-Type %q", path, kind)
		}
	}
	if got := send(t, s, "GET", phones(ada), ""); len(got.body["value"].([]any)) != 0 {
		t.Errorf("Ada has %s", got.raw)
	}
	created := send(t, s, "POST", emails(ada), `{"emailAddress":"ada@home.example"}`)
	if created.body["createdDateTime"] != "2026-11-23T09:08:07Z" || created.body["id"] != emailID {
		t.Errorf("created %s", created.raw)
	}
	if updated := send(t, s, "PATCH", emails(ada)+"/"+emailID, `{"emailAddress":"new@home.example"}`); updated.raw != "" || updated.header.Get("Content-Type") != "" {
		t.Errorf("a 204 with content: %q", updated.raw)
	}
	if got := send(t, s, "GET", emails(ada)+"/"+emailID, ""); got.body["emailAddress"] != "new@home.example" {
		t.Errorf("after the update: %s", got.raw)
	}
}
