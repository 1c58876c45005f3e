package mapping

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/mapping/authmethod"
)

const head = "version: 1\nmatch: [{attribute: employeeId, column: ID}]\n"

func TestShapes(t *testing.T) {
	for _, test := range []struct {
		name, mapping, in string
		want              []string
	}{
		{
			"one row a phone",
			head + "country: {default: GB}\nmethods:\n  mobile: {columns: [Number], when: {column: Type, in: [HM, mobile]}}\n  office: {columns: [Number], when: {column: Type, in: [W1]}}\n",
			"ID,Type,Number\n1,HM,07700 900123\n1,W1,020 7946 0123\n1,MOBILE,\n1,Fax,020 7946 0124\n",
			[]string{
				"2 employeeId=1", "! Number, mobile, invalid-phone: not a number that its country has assigned; compare it with the original",
				"3 employeeId=1", "office: +44 2079460123 fixed",
				"4 employeeId=1", "skip out-of-scope: no value in any mapped column",
				"5 employeeId=1", "skip out-of-scope: the row is about none of the mapped methods",
			},
		},
		{
			"split over columns",
			head + "methods: {office: {columns: [Number], country_code: CC, area_code: Area, extension: Ext}}\n",
			"ID,CC,Area,Number,Ext\n1,44,020,7946 0123,12\n2,+49,30,23125012,\n3,44,020,+49 30 23125012,\n4,44,020,,\n5,,,020 7946 0123,\n",
			[]string{
				"2 employeeId=1", "office: +44 2079460123x12 fixed",
				"3 employeeId=2", "office: +49 3023125012 fixed",
				"4 employeeId=3", "! Number, office, invalid-phone: the country code, the area code and the number do not fit together; give each part once, or the whole number with a plus",
				"5 employeeId=4", "skip out-of-scope: no value in any mapped column",
				"6 employeeId=5", "! Number, office, country-unknown: national number, and the mapping names no country; write it with a plus and its country code",
			},
		},
		{
			"several in one cell",
			head + "methods:\n  mobile: {columns: [Phones], separator: \";\"}\n  email: {columns: [Mails], separator: \"\\n\"}\n",
			"ID,Phones,Mails\n1,n/a; +49 171 3920012;+49 171 3920013,\"a@example.com\nb@example.com\"\n2,+49 171 3920012 / +49 171 3920013,a@example.com b@example.com\n",
			[]string{
				"2 employeeId=1", "mobile: +49 1713920012", "email: a@example.com",
				"! Phones, mobile, invalid-phone: letters are not part of a phone number; `Phones` is used instead",
				"4 employeeId=2", "! Phones, mobile, invalid-phone: more than one number; keep one per cell", "! Mails, email, invalid-email: more than one address, or a comma or semicolon in it; keep one address per cell",
			},
		},
		{
			"a domain",
			"version: 1\nmatch: [{attribute: userPrincipalName, column: Login, domain: '@Contoso.example'}]\nmethods: {email: {columns: [Mail]}}\n",
			"Login,Mail\nann,ann@example.com\nbo@fabrikam.example,bo@example.com\n",
			[]string{
				"2 userPrincipalName=ann@contoso.example", "email: ann@example.com",
				"3 userPrincipalName=bo@fabrikam.example", "email: bo@example.com",
			},
		},
		{
			"columns of one name, and hints",
			head + "methods: {email: {columns: ['Mail#2', Private Mail]}}\n",
			"ID,Mail,Mail,Private  Mail [optional]\n1,a@example.com,b@example.com,c@example.com\n2,a@example.com,,c@example.com\n",
			[]string{"2 employeeId=1", "email: b@example.com", "3 employeeId=2", "email: c@example.com"},
		},
		{
			"a summary line",
			head + "methods: {email: {columns: [Mail]}}\n",
			"ID,Mail,Name\n1,a@example.com,Ann\nTotal,1,\n",
			[]string{"2 employeeId=1", "email: a@example.com", "3 =", "skip out-of-scope: a summary line below the table"},
		},
		{
			"names of countries",
			head + "country: {column: Land}\nmethods: {mobile: {columns: [Handy]}}\n",
			"ID,Land,Handy\n1,Deutschland,0171 3920012\n2,Vereinigtes Königreich,020 7946 0123\n3,Korea,010-1234-5678\n4,,0171 3920012\n",
			[]string{
				"2 employeeId=1", "mobile: +49 1713920012",
				"3 employeeId=2", "mobile: +44 2079460123 fixed",
				"4 employeeId=3", "! Handy, mobile, country-unknown: national number, and the country in `Land` is not understood; it takes one such as GB or Germany; write it with a plus and its country code",
				"5 employeeId=4", "! Handy, mobile, country-unknown: national number, and `Land` holds no country; write it with a plus and its country code",
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, entries(t, mustParse(t, test.mapping), test.in)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestUsageLocation reads a number only once the person is known, and then by
// the person's country and no other.
func TestUsageLocation(t *testing.T) {
	m := mustParse(t, head+"country: {column: Land, from: usageLocation, default: GB}\nmethods: {mobile: {columns: [Handy]}, email: {columns: [Mail]}}\n"+
		"examples:\n  - row: {ID: 1, Handy: 0171 3920012, usageLocation: DE}\n    want: {mobile: +49 1713920012}\n")
	if failures := m.RunExamples(); failures != nil {
		t.Errorf("examples: %v", failures)
	}
	if !m.AsksPerson() {
		t.Error("nobody is asked")
	}
	e, err := m.Open(strings.NewReader("ID,Land,Handy,Mail\n1,,0171 3920012,a@example.com\n2,DE,0171 3920012,\n3,,+49 171 3920012,\n4,Nowhere,0171 3920012,\n"))
	if err != nil {
		t.Fatal(err)
	}
	var all []Entry
	for entry := range e.All() {
		all = append(all, entry)
	}
	for i, waits := range []bool{true, false, false, false} {
		if (all[i].Cells != nil) != waits {
			t.Errorf("row %d: waits %v", i+1, !waits)
		}
	}
	wish := func(e Entry) authmethod.Wish { return e.Wishes[authmethod.Mobile] }
	if w := wish(all[0]); !w.IsZero() || len(all[0].Problems) != 1 || all[0].Wishes[authmethod.Email].IsZero() {
		t.Errorf("before: %+v", all[0])
	}
	for _, test := range []struct {
		location, value string
		from            authmethod.CountrySource
	}{{"DE", "+49 1713920012", authmethod.CountryOfPerson}, {"FR", "", ""}, {"", "", ""}} {
		got := m.At(all[0], test.location)
		if w := wish(got); w.Value.Reveal() != test.value || w.CountryFrom != test.from || got.Cells != nil || got.Line != 2 || got.Wishes[authmethod.Email].IsZero() {
			t.Errorf("%q: %+v", test.location, got)
		}
	}
	if w := wish(all[1]); w.CountryFrom != authmethod.CountryOfRow || w.Country != "DE" {
		t.Errorf("%+v", w)
	}
	if w := wish(all[2]); w.CountryFrom != authmethod.CountryOfNumber || w.Country != "DE" {
		t.Errorf("%+v", w)
	}
}

// TestTextComesBack holds that what Text writes, Parse reads as the same.
func TestTextComesBack(t *testing.T) {
	row, want := Word("0171 3920012"), Word("+49 1713920012")
	two := Word("2")
	f := File{
		Version: 1, Name: "Contoso: \"odd\" # names",
		Source:  &Source{Format: "csv", Encoding: "windows-1252", Delimiter: ";", Quote: "single", HeaderRows: &two},
		Match:   []Match{{authmethod.EmployeeID, "Employee #", ""}, {authmethod.UserPrincipalName, "Login: name", "contoso.example"}},
		Where:   []Cells{{"Status", []Word{"Active", "true", "1"}}},
		Country: &CountryOf{Column: "Land", From: "usageLocation", Default: "DE"},
		Methods: Methods{
			Mobile: &Method{Columns: []string{"Handy, privat", "- [x]", "사번"}, Separator: "\n"},
			Office: &Method{Columns: []string{"Büro"}, Extension: "Durchwahl", AreaCode: "Vorwahl", CountryCode: "Land #", When: &Cells{"Art", []Word{"W1"}}},
		},
		Policy:   &Policies{Office: Replace},
		Examples: []Example{{Row: map[string]Word{"Employee #": "0042", "Land": "DE", "Handy, privat": row, "Status": "Active"}, Want: Wants{Mobile: &want}}},
	}
	text := f.Text("About this.\nSecond line.")
	m, err := Parse("written.yaml", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if failures := m.RunExamples(); failures != nil {
		t.Errorf("examples: %v", failures)
	}
	if m.Name() != f.Name || m.Source() != f.Source.Options() || m.Policy() != [authmethod.Count]Policy{Fill, "", Replace, ""} {
		t.Errorf("%q %+v %v", m.Name(), m.Source(), m.Policy())
	}
	var names []string
	for _, c := range m.columns {
		names = append(names, c.name)
	}
	if diff := cmp.Diff([]string{"Employee #", "Login: name", "Status", "Land", "Handy, privat", "- [x]", "사번", "Büro", "Art", "Land #", "Vorwahl", "Durchwahl"}, names); diff != "" {
		t.Errorf("columns -want +got\n%s", diff)
	}
	if !strings.HasPrefix(string(text), "# About this.\n# Second line.\nversion: 1\n") {
		t.Errorf("%s", text)
	}
}

// TestManyGoroutines maps the same rows from several goroutines, each of which
// meets every country and every language first.
func TestManyGoroutines(t *testing.T) {
	m := mustParse(t, head+"country: {column: Land}\nmethods: {mobile: {columns: [Handy]}, email: {columns: [Mail]}}\n")
	in := "ID,Land,Handy,Mail\n"
	for i, land := range []string{"Deutschland", "Frankrijk", "イタリア", "대한민국", "ES", "GBR", "Польша", "Brasil"} {
		for _, number := range []string{"0171 3920012", "06 12 34 56 78", "+44 7400 123456", "010-2000-0000"} {
			in += strconv.Itoa(i) + "," + land + "," + number + ",a@bücher.example\n"
		}
	}
	e, err := m.Open(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	rows := slices.Collect(e.Rows())
	results := make([][]string, 8)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() {
			for _, row := range rows {
				results[i] = append(results[i], show(e.Entry(row))...)
			}
		})
	}
	all.Wait()
	for _, result := range results[1:] {
		if diff := cmp.Diff(results[0], result); diff != "" {
			t.Fatalf("-one +another\n%s", diff)
		}
	}
}
