package table

import (
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for _, test := range []struct{ name, plain, hint, fold string }{
		{"Employee ID", "Employee ID", "", "employeeid"},
		{"Name [displayName] Required", "Name", "displayName", "name"},
		{"User name [userPrincipalName] Required", "User name", "userPrincipalName", "username"},
		{"Block sign in (Yes/No) [accountEnabled] Required", "Block sign in (Yes/No)", "accountEnabled", "blocksigninyesno"},
		{"Office phone [telephoneNumber]", "Office phone", "telephoneNumber", "officephone"},
		{"Recovery Phone [MUST BE IN THE E.164 FORMAT]", "Recovery Phone", "MUST BE IN THE E.164 FORMAT", "recoveryphone"},
		{"Personal\r\nMobile\n[ E.164\nonly ]", "Personal Mobile", "E.164 only", "personalmobile"},
		{"[Required] Email [Work]", "Email", "Required", "email"},
		{"[displayName]", "[displayName]", "", "displayname"},
		{"Phone [work", "Phone [work", "", "phonework"},
		{"Phone ]work[", "Phone ]work[", "", "phonework"},
		{"PersonId(SourceSystemId)", "PersonId(SourceSystemId)", "", "personidsourcesystemid"},
		{"Employee #", "Employee #", "", "employeenumber"},
		{"Employee Number", "Employee Number", "", "employeenumber"},
		{"Employee", "Employee", "", "employee"},
		{"e_mail", "e_mail", "", "email"},
		{"E-Mail", "E-Mail", "", "email"},
		{"Work Contact: Work Phone", "Work Contact: Work Phone", "", "workcontactworkphone"},
		{"Country/Region", "Country/Region", "", "countryregion"},
		{"driver's_license_no.", "driver's_license_no.", "", "driverslicenseno"},
		{"Phone 1", "Phone 1", "", "phone1"},
		{"Ｐｈｏｎｅ　１［携帯］", "Ｐｈｏｎｅ １［携帯］", "", "phone1"},
		{"Téléphone", "Téléphone", "", "téléphone"},
		{"Te\u0301le\u0301phone", "Te\u0301le\u0301phone", "", "téléphone"},
		{"İŞ TELEFONU", "İŞ TELEFONU", "", "iştelefonu"},
		{"i\u0307ş telefonu", "i\u0307ş telefonu", "", "iştelefonu"},
		{"ΤΗΛΈΦΩΝΟ", "ΤΗΛΈΦΩΝΟ", "", "τηλέφωνο"},
		{"फ़ोन", "फ़ोन", "", "फ़ोन"},
		{"\u200bMobile\u00ad\u00a0Phone", "\u200bMobile\u00ad Phone", "", "mobilephone"},
		{"%", "%", "", ""},
		{" ", "", "", ""},
		{"", "", "", ""},
	} {
		if plain, hint, fold := Plain(test.name), Hint(test.name), Fold(test.name); plain != test.plain || hint != test.hint || fold != test.fold {
			t.Errorf("%q: got %q, %q and %q, want %q, %q and %q", test.name, plain, hint, fold, test.plain, test.hint, test.fold)
		}
	}
}

func FuzzNames(f *testing.F) {
	f.Add("Name [displayName] Required")
	f.Add("[[a]b]#\u0130")
	f.Add("\u0117\u0327 #") // a dot that gives way to a cedilla
	f.Fuzz(func(t *testing.T, name string) {
		folded := Fold(name)
		if Fold(folded) != folded {
			t.Errorf("folded twice: %q, then %q", folded, Fold(folded))
		}
		plain, hint := Plain(name), Hint(name)
		if strings.ContainsAny(plain+hint, "\r\n\t") || len(plain)+len(hint) > len(name) || plain == "" && strings.TrimSpace(name) != "" {
			t.Errorf("%q: plain %q, hint %q", name, plain, hint)
		}
	})
}
