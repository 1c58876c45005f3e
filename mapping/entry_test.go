package mapping

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"authseed/mapping/authmethod"
	"authseed/mapping/country"
	"authseed/mapping/table"
)

// show prints an entry in lines: its key, then what it wishes, then its
// problems, or why it is left out.
func show(e Entry) []string {
	lines := []string{fmt.Sprintf("%d %s=%s", e.Line, e.Key.Attribute, e.Key.Value)}
	for _, kind := range authmethod.Kinds() {
		wish := e.Wishes[kind]
		if wish.IsZero() {
			continue
		}
		line := fmt.Sprintf("%s: %s", kind, wish.Value.Reveal())
		if wish.Clear {
			line += "<clear>"
		}
		if wish.Fixed {
			line += " fixed"
		}
		lines = append(lines, line)
	}
	for _, p := range e.Problems {
		lines = append(lines, fmt.Sprintf("! %s, %s, %s: %s", p.Column, p.Kind, p.Reason, p.Detail))
	}
	if e.Skip != nil {
		lines = append(lines, fmt.Sprintf("skip %s: %s", e.Skip.Reason, e.Skip.Detail))
	}
	return lines
}

func entries(t *testing.T, m *Mapping, in string) []string {
	t.Helper()
	e, err := m.Open(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for entry := range e.All() {
		lines = append(lines, show(entry)...)
	}
	if e.Err() != nil {
		t.Fatal(e.Err())
	}
	return lines
}

const workdayHeader = "Employee ID,Email - Primary Work,Status,Country,Personal Mobile,Home Phone,Work Phone,Work Ext,Personal Email\n"

func TestEntries(t *testing.T) {
	m := mustParse(t, workday)
	for _, test := range []struct {
		name, row string
		want      []string
	}{
		{"whole row", "0042,kim@contoso.example,Active,DE,0171 3920001,,030 23125012,12,Kim@Example.COM",
			[]string{"2 employeeId=0042", "mobile: +49 1713920001", "office: +49 3023125012x12 fixed", "email: Kim@example.com"}},
		{"second key, status in another case", ",kim@contoso.example,on leave,se,070-1740605,,,,",
			[]string{"2 userPrincipalName=kim@contoso.example", "mobile: +46 701740605"}},
		{"empty country takes the default", "1,,Active,,0171 3920001,,,,", []string{"2 employeeId=1", "mobile: +49 1713920001"}},
		{"country by its name", "1,,Active,Allemagne,0171 3920001,,,,", []string{"2 employeeId=1", "mobile: +49 1713920001"}},
		{"country by name and code", "1,,Active,\"Korea, Republic of (KR)\",010-2000-0000,,,,", []string{"2 employeeId=1", "mobile: +82 1020000000"}},
		{"country not understood", "1,,Active,Germny,0171 3920001,,,,",
			[]string{"2 employeeId=1", "! Personal Mobile, mobile, country-unknown: national number, and the country in `Country` is not understood; it takes one such as GB or Germany; write it with a plus and its country code"}},
		{"country is ambiguous", "1,,Active,Germany (AT),0171 3920001,,,,",
			[]string{"2 employeeId=1", "! Personal Mobile, mobile, country-unknown: national number, and the country in `Country` is not understood; it takes one such as GB or Germany; write it with a plus and its country code"}},
		{"country without phones", "1,,Active,Antarctica,0171 3920001,,,,",
			[]string{"2 employeeId=1", "! Personal Mobile, mobile, country-unknown: national number, and the country in `Country` has no phone numbers of its own; it takes one such as GB or Germany; write it with a plus and its country code"}},
		{"country not understood, number with a plus", "1,,Active,Germny,+46 70 174 06 05,,,,", []string{"2 employeeId=1", "mobile: +46 701740605"}},
		{"fixed line", "1,,Active,GB,020 7946 0001,,,,", []string{"2 employeeId=1", "mobile: +44 2079460001 fixed"}},
		{"first column is empty", "1,,Active,SE,,070-1740605,,,", []string{"2 employeeId=1", "mobile: +46 701740605"}},
		{"first column is unusable", "1,,Active,SE,n/a,070-1740605,,,",
			[]string{"2 employeeId=1", "mobile: +46 701740605", "! Personal Mobile, mobile, invalid-phone: letters are not part of a phone number; `Home Phone` is used instead"}},
		{"no column is usable", "1,,Active,SE,n/a,4.41E+11,,,",
			[]string{"2 employeeId=1", "! Personal Mobile, mobile, invalid-phone: letters are not part of a phone number",
				"! Home Phone, mobile, spreadsheet-damage: a spreadsheet has turned the number into a power of ten and lost digits; format the column as text and export again"}},
		{"clear", "1,,Active,SE, <CLEAR> ,070-1740605,<clear>,12,<Clear>", []string{"2 employeeId=1", "mobile: <clear>", "office: <clear>", "email: <clear>"}},
		{"clear in the first that is not empty", "1,,Active,SE,,<clear>,,,", []string{"2 employeeId=1", "mobile: <clear>"}},
		{"clear behind something", "1,,Active,SE,n/a,<clear>,,,",
			[]string{"2 employeeId=1", "! Personal Mobile, mobile, invalid-phone: letters are not part of a phone number",
				"! Home Phone, mobile, invalid-phone: <clear> counts only in the first column that holds anything"}},
		{"bad extension", "1,,Active,GB,,,020 7946 0001,front desk,",
			[]string{"2 employeeId=1", "! Work Phone, office, invalid-phone: the extension column cannot be read; write digits only, seven at most"}},
		{"bad address", "1,,Active,SE,,,,,none", []string{"2 employeeId=1", "! Personal Email, email, invalid-email: not an e-mail address: there is no @"}},
		{"address to undo", "1,,Active,SE,,,,,mailto:Kim@Example.COM", []string{"2 employeeId=1", "email: Kim@example.com"}},
		{"damaged address", "1,,Active,SE,,,,,#NAME?",
			[]string{"2 employeeId=1", "! Personal Email, email, spreadsheet-damage: a spreadsheet shows hash marks or an error here in place of the address; export again"}},
		{"not in scope", "1,,Terminated,SE,070-1740605,,,,", []string{"2 employeeId=1", "skip out-of-scope: `Status` holds none of the values that count"}},
		{"nothing to say", "1,,Active,SE,,,,12,", []string{"2 employeeId=1", "skip out-of-scope: no value in any mapped column"}},
		{"nobody", ",,Active,SE,070-1740605,,,,", []string{"2 =", "skip no-match: no value in `Employee ID` or `Email - Primary Work` to find the person by"}},
		{"ragged", "1,,Active,SE,070-1740605", []string{"2 =", "skip spreadsheet-damage: 5 cells where the header has 9"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := entries(t, m, workdayHeader+test.row+"\n")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestEntriesWithoutCountry(t *testing.T) {
	for country, want := range map[string]string{
		"":                                   "the mapping names no country",
		"country: {column: Land}\n":          "`Land` holds no country",
		"country: {default: SE}\n":           "",
		"country: {default: se}\n":           "",
		"country: {default: Schweden}\n":     "",
		"where: [{column: Land, in: [x]}]\n": "-",
	} {
		got := entries(t, mustParse(t, least+country), "ID,Phone,Land\n1,070-1740605,\n")
		line := "! Phone, mobile, country-unknown: national number, and " + want + "; write it with a plus and its country code"
		switch want {
		case "":
			line = "mobile: +46 701740605"
		case "-":
			line = "skip out-of-scope: `Land` holds none of the values that count"
		}
		if diff := cmp.Diff([]string{"2 id=1", line}, got); diff != "" {
			t.Errorf("%q: -want +got\n%s", country, diff)
		}
	}
}

// Every country that can be found is one that the numbering plans know, but for
// those where nobody lives or where another country's plan is used.
func TestCountriesHavePhones(t *testing.T) {
	without := []string{"AQ", "BV", "GS", "HM", "PN", "TF", "UM"}
	var got []string
	found := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code, ok := country.Find(string(a) + string(b))
			if !ok {
				continue
			}
			found++
			region, fault := readCountry(country.Name(code) + ", " + code)
			switch {
			case fault == "has no phone numbers of its own":
				got = append(got, code)
			case fault != "" || region != code:
				t.Errorf("%s: got %q, %s", code, region, fault)
			}
		}
	}
	if diff := cmp.Diff(without, got); diff != "" || found != 251 {
		t.Errorf("%d codes found; without phones -want +got\n%s", found, diff)
	}
}

func TestOpenFindsColumns(t *testing.T) {
	m := mustParse(t, workday)
	// Another order, a name over two lines, columns that nobody asked for.
	header := "Notes;\"Work\nPhone\";Personal Email;Home Phone;Personal Mobile;Country;Status;Email - Primary Work;Employee ID;Work Ext;Notes\n"
	got := entries(t, m, header+"x;;;;+46 70 174 06 05;;Active;;7;;y\n")
	if diff := cmp.Diff([]string{"3 employeeId=7", "mobile: +46 701740605"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, test := range []struct{ header, want string }{
		{strings.Replace(workdayHeader, "Personal Mobile", "Persnal Mobile", 1), "hr.yaml:11:22: unknown column `Personal Mobile`; did you mean `Persnal Mobile`?"},
		{strings.Replace(workdayHeader, "Status,Country", "STATUS,Country,country,Country", 1),
			"hr.yaml:8:14: unknown column `Status`; did you mean `STATUS`?\nhr.yaml:9:19: column `Country` occurs more than once in the header"},
		{"Employee ID,x\n", "hr.yaml:6:44: unknown column `Email - Primary Work`\nhr.yaml:8:14: unknown column `Status`\nhr.yaml:9:19: unknown column `Country`\n" +
			"hr.yaml:11:22: unknown column `Personal Mobile`\nhr.yaml:11:39: unknown column `Home Phone`\nhr.yaml:12:22: unknown column `Work Phone`\n" +
			"hr.yaml:12:46: unknown column `Work Ext`\nhr.yaml:13:22: unknown column `Personal Email`"},
	} {
		_, err := m.Open(strings.NewReader(test.header))
		var file *FileError
		if !errors.As(err, &file) {
			t.Errorf("got %v, want a file error", err)
			continue
		}
		if diff := cmp.Diff(strings.Split(test.want, "\n"), strings.Split(err.Error(), "\n")); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	var refusal *table.Error
	if _, err := m.Open(strings.NewReader("PK\x03\x04")); !errors.As(err, &refusal) {
		t.Errorf("a workbook: got %v", err)
	}
}

func TestOpenUsesSource(t *testing.T) {
	m := mustParse(t, least+"source: {delimiter: ;, header_row: 3}\n")
	got := entries(t, m, "Report, 1\nof, all\nID;Phone\n1;+46 70 174 06 05\n")
	if diff := cmp.Diff([]string{"4 id=1", "mobile: +46 701740605"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestOwn(t *testing.T) {
	m := Own()
	if diff := cmp.Diff([authmethod.Count]Policy{Fill, Fill, Fill, Fill}, m.Policy()); diff != "" {
		t.Errorf("policy -want +got\n%s", diff)
	}
	if len(m.Kinds()) != authmethod.Count || len(m.Digest()) != 64 || m.Name() == "" || m.RunExamples() != nil {
		t.Errorf("own mapping %q: kinds %v, digest %s", m.Name(), m.Kinds(), m.Digest())
	}
	in := "country,email,userPrincipalName,office,alternateMobile,mobile,note\n" +
		"SE,kim@example.com,kim@contoso.example,+44 20 7946 0001 x12,070-1740606,070-1740605,x\n" +
		",,lee@contoso.example,,,070-1740605,x\n" +
		",,,,,070-1740605,x\n" +
		",,lou@contoso.example,,,,x\n" +
		"GB,ragged\n" +
		"GB,<clear>,sam@contoso.example,,,,\n"
	want := []string{
		"2 userPrincipalName=kim@contoso.example", "mobile: +46 701740605", "alternateMobile: +46 701740606", "office: +44 2079460001x12 fixed", "email: kim@example.com",
		"3 userPrincipalName=lee@contoso.example", "! mobile, mobile, country-unknown: national number, and `country` holds no country; write it with a plus and its country code",
		"4 =", "skip no-match: no value in `userPrincipalName` to find the person by",
		"5 userPrincipalName=lou@contoso.example", "skip out-of-scope: no value in any mapped column",
		"6 =", "skip spreadsheet-damage: 2 cells where the header has 7",
		"7 userPrincipalName=sam@contoso.example", "email: <clear>",
	}
	if diff := cmp.Diff(want, entries(t, m, in)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	e, err := m.Open(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"note"}, e.Unused()); diff != "" {
		t.Errorf("unused -want +got\n%s", diff)
	}
}

func TestOwnHeader(t *testing.T) {
	for header, want := range map[string]string{
		"userPrincipalName,mobile":        "",
		"userPrincipalName,country":       "no column of a method: none of mobile, alternateMobile, office and email",
		"mobile,email":                    "missing column `userPrincipalName`",
		"UserPrincipalName,moblie":        "unknown column `UserPrincipalName`; did you mean `userPrincipalName`?; unknown column `moblie`; did you mean `mobile`?",
		"userPrincipalName,mobile,mobile": "column `mobile` occurs twice",
	} {
		_, err := Own().Open(strings.NewReader(header + "\n"))
		got := ""
		var refusal *table.Error
		if errors.As(err, &refusal) {
			got = refusal.What
			if refusal.Hint == "" {
				t.Errorf("%s: no hint", header)
			}
		} else if err != nil {
			t.Errorf("%s: got %v, want a table error", header, err)
		}
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", header, got, want)
		}
	}
}

func TestEntriesStopAtReadError(t *testing.T) {
	failed := errors.New("network is gone")
	for _, m := range []*Mapping{Own(), mustParse(t, "version: 1\nmatch: [{attribute: id, column: userPrincipalName}]\nmethods: {mobile: {columns: [mobile]}}\n")} {
		src := io.MultiReader(strings.NewReader("userPrincipalName,mobile\nkim@contoso.example,+46 70 174 06 05\nlee@contoso.example,+46 7017"), iotest.ErrReader(failed))
		e, err := m.Open(src)
		if err != nil {
			t.Fatal(err)
		}
		var lines []int
		for entry := range e.All() {
			lines = append(lines, entry.Line)
		}
		if diff := cmp.Diff([]int{2}, lines); diff != "" || !errors.Is(e.Err(), failed) {
			t.Errorf("%s: error %v; lines -want +got\n%s", m.Name(), e.Err(), diff)
		}
	}
}

func TestExamples(t *testing.T) {
	m := mustParse(t, least+`country: {column: Land}
where: [{column: Land, in: [SE, DE]}]
examples:
  - row: {ID: 0042, Land: SE, Phone: 070-1740605}
    want: {mobile: +46 70 174 06 05}
  - row: {ID: 1, Land: SE, Phone: +46701740605}
    want: {mobile: +46701740605}
  - {row: {ID: 1, Land: DE, Phone: 8.2E+10}, want: {mobile: spreadsheet-damage}}
  - {row: {ID: 1, Land: SE, Phone: true}, want: {mobile: invalid-phone}}
  - {row: {ID: 1, Land: SE, Phone: 2026-01-01}, want: {mobile: spreadsheet-damage}}
  - {row: {ID: 1, Land: GB, Phone: "0701740605"}, want: {mobile: null}}
  - {row: {ID: 1, Land: GB, Phone: "0701740605"}, want: {mobile: out-of-scope}}
  - {row: {ID: 1, Land: SE, Phone: <CLEAR>}, want: {mobile: <clear>}}
  - {row: {Land: SE, Phone: 070-1740605}, want: {mobile: no-match}}
  - {row: {ID: 1, Phone: +46 70 174 06 05}, want: {mobile: +46 701740605}}
  - {row: {ID: 1, Land: , Phone: +46 70 174 06 05}, want: {mobile: out-of-scope}}
  - {row: {ID: , Land: SE, Phone: }, want: {mobile: }}
  - row: {ID: 1, Land: DE, Phone: 0171 3920005}
    want: {mobile: +49 17604069005}
  - {row: {ID: 1, Land: SE, Phone: 070-1740605}, want: {mobile: +46 701740606}}
  - {row: {ID: 1, Land: SE, Phone: 070-1740605}, want: {mobile: null}}
  - {row: {ID: 1, Land: SE, Phone: 070-1740605}, want: {mobile: <clear>}}
  - {row: {ID: 1, Land: SE, Phone: 070-1740605}, want: {mobile: invalid-phone}}
  - {row: {ID: 1, Land: SE, Phone: <clear>}, want: {mobile: +46 701740605}}
  - {row: {ID: 1, Land: SE, Phone: none}, want: {mobile: null}}
  - {row: {Land: SE, Phone: 070-1740605}, want: {mobile: +46 701740605}}
`)
	want := []string{
		"line 22: mobile: got +49 *** **05 (other digits or letters behind the mask), want +49 *** **05",
		"line 23: mobile: got +46 *** **05, want +46 *** **06",
		"line 24: mobile: got +46 *** **05, want nothing",
		"line 25: mobile: got +46 *** **05, want <clear>",
		"line 26: mobile: got +46 *** **05, want invalid-phone",
		"line 27: mobile: got <clear>, want +46 *** **05",
		"line 28: mobile: got invalid-phone (letters are not part of a phone number), want nothing",
		"line 29: mobile: got no-match (no value in `ID` to find the person by), want +46 *** **05",
	}
	var got []string
	for _, failure := range m.RunExamples() {
		got = append(got, failure.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// No detail may hold what a cell holds.
func TestDetailsHoldNoCells(t *testing.T) {
	m := mustParse(t, strings.Replace(workday, "columns: [Personal Email]", "columns: [Personal Email, Email - Primary Work]", 1))
	for _, cell := range []string{"secret 070-1740605 4711", "0049 secret", "secret@@4711", "Secret <a@example.com>", "secret", "4711secret@example", "+secret4711", "=secret4711", "#secret4711"} {
		quoted := `"` + cell + `"`
		for _, row := range []string{
			"1,," + "Active," + quoted + "," + quoted + "," + quoted + "," + quoted + "," + quoted + "," + quoted,
			"1,," + quoted + ",GB," + quoted + ",,,,",
			"," + ",Active,SE," + quoted + ",,,,",
			quoted + "," + quoted,
			quoted + "x",
		} {
			for _, line := range entries(t, m, workdayHeader+row+"\n") {
				if (strings.HasPrefix(line, "!") || strings.HasPrefix(line, "skip")) && (strings.Contains(strings.ToLower(line), "secret") || strings.Contains(line, "4711")) {
					t.Errorf("a detail holds the cell: %s", line)
				}
			}
		}
	}
}

func BenchmarkOwn(b *testing.B) {
	const rows = 100_000
	var in strings.Builder
	in.WriteString("userPrincipalName,mobile,email,country\n")
	for i := range rows {
		fmt.Fprintf(&in, "user%d@contoso.example,070-17406%02d,user%d@example.com,SE\n", i, 5+i%95, i)
	}
	for b.Loop() {
		e, err := Own().Open(strings.NewReader(in.String()))
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for entry := range e.All() {
			if !entry.Wishes[authmethod.Email].IsZero() {
				n++
			}
		}
		if n != rows || e.Err() != nil {
			b.Fatal(n, e.Err())
		}
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// TestRowsAreMappedInAnyOrder and as often as one likes: what Entry gives
// depends on the row alone, which nothing that is read later changes.
func TestRowsAreMappedInAnyOrder(t *testing.T) {
	for _, test := range []struct{ mapping, header, row string }{
		{workday, workdayHeader, "%[1]d,,Active,SE,070-17406%[2]02d,,,,user%[1]d@example.com\n"},
		{"", "userPrincipalName,mobile,email,country\n", "user%[1]d@contoso.example,070-17406%[2]02d,user%[1]d@example.com,SE\n"},
	} {
		m := Own()
		if test.mapping != "" {
			m = mustParse(t, test.mapping)
		}
		in := test.header
		for i := range 1000 {
			if i%100 == 50 {
				in += "short\n"
			}
			in += fmt.Sprintf(test.row, i, 5+i%95)
		}
		want := entries(t, m, in)
		e, err := m.Open(strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		rows := slices.Collect(e.Rows())
		got := make([][]string, len(rows))
		for i := range rows {
			at := i * 7 % len(rows)
			got[at] = show(e.Entry(rows[at]))
		}
		if diff := cmp.Diff(want, slices.Concat(got...)); diff != "" || len(rows) != 1010 {
			t.Errorf("%s, %d rows: in order (-), in another (+)\n%s", m.Name(), len(rows), diff)
		}
	}
}

func TestDepartment(t *testing.T) {
	const file = "ID,Department,Phone,Mail\n" +
		"1, Research  and\tDevelopment ,+49 1713920001,kim@example.com\n" +
		"2,,+49 1713920002,\n" +
		"3," + "Ä123456789Ä123456789Ä123456789Ä123456789Ä123456789Ä123456789Ä123456789" + ",+49 1713920003,\n"
	m := mustParse(t, least+"department: {column: Department}\n")
	m2 := strings.Replace(least, "mobile: {columns: [Phone]}", "mobile: {columns: [Phone]}, email: {columns: [Mail]}", 1)
	for _, test := range []struct {
		name string
		m    *Mapping
		want []string
	}{
		{"of the row", m, []string{"Research and Development", "", "Ä123456789Ä123456789Ä123456789Ä123456789Ä123456789Ä123456789Ä12…"}},
		{"not mapped", mustParse(t, m2), []string{"", "", ""}},
	} {
		entries, err := test.m.Open(strings.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for e := range entries.All() {
			got = append(got, e.Wishes[authmethod.Mobile].Department)
			if asked := e.Wishes[authmethod.Office].Department; asked != "" {
				t.Errorf("%s: a method that is not asked for has the department %q", test.name, asked)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.name, diff)
		}
	}
}
