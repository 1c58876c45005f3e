package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"authseed/mapping/charset"
)

// told is what a reader tells of a text: what it is, its header and its rows.
type told struct {
	About About
	Names []string
	Rows  []string // "line: cells joined by |", "line! error" or "line- aside"
}

func tell(t *testing.T, in string, o Options) told {
	t.Helper()
	var answers []told
	for _, slow := range []bool{false, true} {
		src := strings.NewReader(in)
		r, err := NewReader(src, o)
		if slow {
			r, err = NewReader(iotest.OneByteReader(strings.NewReader(in)), o)
		}
		if err != nil {
			t.Fatal(err)
		}
		answer := told{About: r.About(), Names: r.Header()}
		for row := range r.Rows() {
			checkRow(t, row, len(r.Header()))
			switch {
			case row.Err != nil:
				answer.Rows = append(answer.Rows, fmt.Sprintf("%d! %v", row.Line, row.Err))
			case row.Aside != "":
				answer.Rows = append(answer.Rows, fmt.Sprintf("%d- %s", row.Line, row.Aside))
			default:
				answer.Rows = append(answer.Rows, fmt.Sprintf("%d: %s", row.Line, strings.Join(row.Cells, "|")))
			}
		}
		answers = append(answers, answer)
	}
	if diff := cmp.Diff(answers[0], answers[1]); diff != "" {
		t.Errorf("byte by byte: -at once +byte by byte\n%s", diff)
	}
	return answers[0]
}

func checkRow(t *testing.T, row Row, columns int) {
	t.Helper()
	good := row.Err == nil && row.Aside == ""
	if good != (len(row.Cells) == columns) || !good && row.Cells != nil || row.Err != nil && row.Aside != "" {
		t.Fatalf("line %d: %d cells, error %v, aside %q", row.Line, len(row.Cells), row.Err, row.Aside)
	}
}

func checkAbout(t *testing.T, got About, want About) {
	t.Helper()
	want.Format = CSV
	want.Quote = max(want.Quote, '"')
	want.HeaderLine, want.HeaderRows = max(want.HeaderLine, 1), max(want.HeaderRows, 1)
	if want.Encoding == "" {
		want.Encoding = charset.UTF8
	}
	if want.Delimiter == 0 {
		want.Delimiter = ','
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("about: -want +got\n%s", diff)
	}
}

const (
	people  = "Employee ID,First Name,Last Name,Personal Mobile\n"
	tamsin  = "0042,Tamsin,Kettlewell,+44 7700 900123\n"
	preston = "0043,Preston,Larkspur,+1 212 555 0183\n"
)

func TestQuotes(t *testing.T) {
	for _, test := range []struct {
		name, in string
		options  Options
		quote    rune
		delim    rune
		rows     []string
	}{
		{"single quotes everywhere", "'Reference';'John''s ID';'Phone'\n'0042';'O''Brien; Pat';'+44 7700 900123'\n'0043';'';'say \"hi\"'\n", Options{}, '\'', ';',
			[]string{"2: 0042|O'Brien; Pat|+44 7700 900123", "3: 0043||say \"hi\""}},
		{"single quotes over lines", "'Reference','Note'\n'0042','two\nlines'\n", Options{}, '\'', ',', []string{"2: 0042|two\nlines"}},
		{"in the header only", "'Reference';'Name';'Phone'\n0042;Kettlewell;+44 7700 900123\n", Options{}, '\'', ';', []string{"2: 0042|Kettlewell|+44 7700 900123"}},
		{"in the rows only", "Reference;Name;Phone\n" + strings.Repeat("'0042';'Poe; Ann';'+44 7700 900123'\n", 3), Options{}, '\'', ';',
			[]string{"2: 0042|Poe; Ann|+44 7700 900123", "3: 0042|Poe; Ann|+44 7700 900123", "4: 0042|Poe; Ann|+44 7700 900123"}},
		{"an apostrophe that nothing doubles", "'Reference';'Name'\n0042;O'Brien\n" + strings.Repeat("'0043';'Larkspur'\n", 25) + "'0044';'D'Arcy'\n", Options{}, '\'', ';',
			append(append([]string{"2! a quote in the middle of cell 2"}, numbered(3, 25, "0043|Larkspur")...), "28! text after the closing quote of cell 2")},
		{"only where they are needed", "Reference;Street;Note\n0042;'Example Street 1; 2nd floor';\n0043;Example Street 2;5\" pipe\n0044;'Example Street 3; left';\n", Options{}, '\'', ';',
			[]string{"2: 0042|Example Street 1; 2nd floor|", "3: 0043|Example Street 2|5\" pipe", "4: 0044|Example Street 3; left|"}},
		{"needed once", "Reference;Street;Note\n0042;'Example Street 1; 2nd floor';\n0043;Example Street 2;\n", Options{}, '"', ';',
			[]string{"2! 4 cells where the header has 3; perhaps a semicolon inside a value is not in quotes; if every row ends in a semicolon, the header has to as well", "3: 0043|Example Street 2|"}},
		{"given", "Reference;Name\n'0042';'Poe; Ann'\n", Options{Quote: '\''}, '\'', ';', []string{"2: 0042|Poe; Ann"}},
		{"given otherwise", "'Reference';'Name'\n'0042';'Poe'\n", Options{Quote: '"'}, '"', ';', []string{"2: '0042'|'Poe'"}},

		{"names with apostrophes", "Employee ID,Driver's License,Name\n0042,'t Hooft,O'Brien\n0043,'n Roll','Ndrangheta\n", Options{}, '"', ',',
			[]string{"2: 0042|'t Hooft|O'Brien", "3: 0043|'n Roll'|'Ndrangheta"}},
		{"marks of a text", "'Employee ID,'Mobile\n'0042,'+447700900123\n'0043,'+12125550183\n", Options{}, '"', ',',
			[]string{"2: '0042|'+447700900123", "3: '0043|'+12125550183"}},
		{"one column in apostrophes", "ID,Nickname,Phone,City\n" + strings.Repeat("42,'Tam',+44 7700 900123,London\n", 4), Options{}, '"', ',',
			numbered(2, 4, "42|'Tam'|+44 7700 900123|London")},
		{"one row in apostrophes", "ID,Name,Phone,City\n'1','2','3','4'\n0042,Tam,+44 7700 900123,London\n", Options{}, '"', ',',
			[]string{"2: '1'|'2'|'3'|'4'", "3: 0042|Tam|+44 7700 900123|London"}},
		{"one long row in apostrophes", "A,B,C,D,E,F,G,H,I\n'1','2','3','4','5','6','7','8','9'\n", Options{}, '"', ',', []string{"2: '1'|'2'|'3'|'4'|'5'|'6'|'7'|'8'|'9'"}},
		{"few cells in apostrophes", "A,B,C\n'1','2','3'\n'4','5','6'\n", Options{}, '"', ',', []string{"2: '1'|'2'|'3'", "3: '4'|'5'|'6'"}},
		{"one name in apostrophes", "'ID',Name\n0042,Tam\n", Options{}, '"', ',', []string{"2: 0042|Tam"}},
		{"names that quotes would break", "'ID';'Name'\n0042;O'Brien\n0043;D'Arcy\n", Options{}, '"', ';', []string{"2: 0042|O'Brien", "3: 0043|D'Arcy"}},
		{"apostrophes inside quotes", "\"'ID'\",\"'Name'\"\n\"'0042'\",\"'Tam'\"\n", Options{}, '"', ',', []string{"2: '0042'|'Tam'"}},
		{"numbers without quotes", "ID,Name,Age,Phone\n" + strings.Repeat("42,'Tam',33,'+44 7700 900123'\n", 4), Options{}, '"', ',',
			numbered(2, 4, "42|'Tam'|33|'+44 7700 900123'")},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := tell(t, test.in, test.options)
			checkAbout(t, got.About, About{Quote: test.quote, Delimiter: test.delim})
			if diff := cmp.Diff(test.rows, got.Rows); diff != "" {
				t.Errorf("rows: -want +got\n%s", diff)
			}
		})
	}
}

func numbered(from, n int, cells string) []string {
	var rows []string
	for i := range n {
		rows = append(rows, fmt.Sprintf("%d: %s", from+i, cells))
	}
	return rows
}

func TestFirstLines(t *testing.T) {
	semicolons := strings.NewReplacer(",", ";")
	for _, test := range []struct {
		name, in string
		options  Options
		want     About
		first    string // column
		rows     int
	}{
		{"powershell", "#TYPE Microsoft.ActiveDirectory.Management.ADUser\r\n\"SamAccountName\",\"mobile\"\r\n\"tkettlewell\",\"+44 7700 900123\"\r\n", Options{}, About{HeaderLine: 2, Preamble: 1}, "SamAccountName", 1},
		{"powershell, saved again", "#TYPE Selected.System.Management.Automation.PSCustomObject,,,\n" + people + tamsin, Options{}, About{HeaderLine: 2, Preamble: 1}, "Employee ID", 1},
		{"entra template", "version:v1.0\nName [displayName] Required,User name [userPrincipalName] Required,Office phone [telephoneNumber]\nTamsin,tamsin@contoso.example,+44 20 7946 0123\n", Options{}, About{HeaderLine: 2, Preamble: 1}, "Name [displayName] Required", 1},
		{"entra template, filled up", "version:v1.0,,,\n\n" + people + tamsin, Options{}, About{HeaderLine: 3, Preamble: 1}, "Employee ID", 1},
		{"excel's hint", "sep=;\r\n" + semicolons.Replace(people+tamsin), Options{}, About{Delimiter: ';', HeaderLine: 2, Preamble: 1}, "Employee ID", 1},
		{"excel's hint decides", "sep=|\na,b,c|d\n1,2,3|4\n", Options{}, About{Delimiter: '|', HeaderLine: 2, Preamble: 1}, "a,b,c", 1},
		{"excel's hint of another delimiter", "SEP=^\na^b\n1^2\n", Options{}, About{Delimiter: '^', HeaderLine: 2, Preamble: 1}, "a", 1},
		{"excel's hint of a tab", "\ufeff\"sep=\t\"\na,b\tc\n1\t2\n", Options{}, About{BOM: true, Delimiter: '\t', HeaderLine: 2, Preamble: 1}, "a,b", 1},
		{"options win", "sep=;\na;b,c\n1,2\n", Options{Delimiter: ','}, About{HeaderLine: 2, Preamble: 1}, "a;b", 1},
		{"above a given header line", "sep=|\nReport, \"of\n\na,b|c\n1|2\n", Options{HeaderLine: 4}, About{Delimiter: '|', HeaderLine: 4, Preamble: 2}, "a,b", 1},
		{"all of them", "sep=,\n#TYPE Contoso.Person\nversion:v1.0\n" + people + tamsin, Options{}, About{HeaderLine: 4, Preamble: 3}, "Employee ID", 1},

		{"a column of that name", "version:v1.0,mobile\n1,2\n", Options{}, About{}, "version:v1.0", 1},
		{"a number sign", "#TYPE of worker,mobile\n1,2\n", Options{}, About{}, "#TYPE of worker", 1},
		{"a separator of letters", "sep=a\nsep=b\n", Options{}, About{}, "sep=a", 1},
		{"a separator and more", "sep=;x;y\n1;2;3\n", Options{}, About{Delimiter: ';'}, "sep=", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := tell(t, test.in, test.options)
			checkAbout(t, got.About, test.want)
			if got.Names[0] != test.first || len(got.Rows) != test.rows {
				t.Errorf("first column %q, rows %q", got.Names[0], got.Rows)
			}
		})
	}
}

func TestPreamble(t *testing.T) {
	semicolons := strings.NewReplacer(",", ";")
	wide := "ID,First,Last,Mail,Mobile,City,Dept,Team,Status\n"
	wideRows := "1,Tam,Kettlewell,tam@example.net,+44 7700 900123,London,Legal,A,Active\n2,Pres,Larkspur,pres@example.net,+1 212 555 0183,Reno,IT,B,Active\n"
	for _, test := range []struct {
		name, in string
		want     About
		first    string
		rows     int
		bad      int
	}{
		{"workday", "Active Workers\nRun on 2026-11-01\n\n" + people + tamsin + preston, About{HeaderLine: 4, Preamble: 2}, "Employee ID", 2, 0},
		{"one row", "Active Workers\n" + people + tamsin, About{HeaderLine: 2, Preamble: 1}, "Employee ID", 1, 0},
		{"saved again", "Active Workers,,,\n,,,\n" + people + tamsin + preston, About{HeaderLine: 3, Preamble: 2}, "Employee ID", 2, 0},
		{"semicolons below commas", "Workers, active, Contoso\n\n" + semicolons.Replace(wide+wideRows), About{Delimiter: ';', HeaderLine: 3, Preamble: 1}, "ID", 2, 0},
		{"parameters", "Company,Contoso\nAs of,2026-11-01\nPrepared by,Workday,HR\n\n" + wide + wideRows, About{HeaderLine: 5, Preamble: 3}, "ID", 2, 0},
		{"groups of columns", ",Person,,,Contact,,,,\n" + wide + wideRows, About{HeaderLine: 2, Preamble: 1}, "ID", 2, 0},
		{"a title over lines", "\"Active Workers\nContoso\"\n" + people + tamsin, About{HeaderLine: 3, Preamble: 2}, "Employee ID", 1, 0},
		{"names over lines", "Active Workers\nID,\"Personal\nMobile\",City\n1,+44 7700 900123,London\n", About{HeaderLine: 2, Preamble: 1}, "ID", 1, 0},
		{"columns without values", "Active Workers\nID,City,Mobile,Phone,Note\n1,London,+44 7700 900123,,\n2,Reno,+1 212 555 0183,,\n", About{HeaderLine: 2, Preamble: 1}, "ID", 2, 0},
		{"one ragged row in many", "Active Workers\n" + people + strings.Repeat(tamsin, 5) + "0043,Preston\n", About{HeaderLine: 2, Preamble: 1}, "Employee ID", 5, 1},
		{"a summary below", "Active Workers\n" + people + tamsin + "Total: 1\n", About{HeaderLine: 2, Preamble: 1}, "Employee ID", 2, 0},
		{"header on every page", "Active Workers\n" + people + tamsin + people + preston, About{HeaderLine: 2, Preamble: 1}, "Employee ID", 3, 0},
		{"below first lines", "sep=;\nActive Workers\n" + semicolons.Replace(people+tamsin), About{Delimiter: ';', HeaderLine: 3, Preamble: 2}, "Employee ID", 1, 0},
		{"single quotes below a title", "Active Workers\n" + strings.Repeat("'Employee ID';'First Name';'Mobile'\n", 1) + strings.Repeat("'0042';'Tam';'+44 7700 900123'\n", 4), About{Delimiter: ';', Quote: '\'', HeaderLine: 2, Preamble: 1}, "Employee ID", 4, 0},

		// What must not be taken for titles above the header.
		{"the header is odd", "ID,Name,,\n1,Tam,+44 7700 900123,London\n2,Pres,+1 212 555 0183,Reno\n", About{}, "ID", 2, 0},
		{"a header of one name", "Staff,,,\n0042,Tam,+44 7700 900123,London\n0043,Pres,+1 212 555 0183,Reno\n", About{}, "Staff", 2, 0},
		{"rows without a header", "Active Workers\nTam,Legal,tam@example.net\nPres,IT,pres@example.net\n", About{}, "Active Workers", 0, 2},
		{"rows without numbers or a header", "Active Workers\nTam,Legal,Active\nPres,IT,Active\n", About{}, "Active Workers", 0, 2},
		{"names between other delimiters", "Name,Department,Status\nTam;Legal;Active\nPres;IT;Leave\n", About{}, "Name", 0, 2},
		{"one column with commas", "name\nPoe, Ann\nRoe, Bo\n", About{}, "name", 0, 2},
		{"two columns with semicolons in their cells", "Name,Groups\nann,a;b;c;d\nbo,e;f;g;h\n", About{}, "Name", 2, 0},
		{"rows too wide", "ID,Name,Mobile\n1,Poe, Ann,+44 7700 900123\n2,Roe, Bo,+1 212 555 0183\n", About{}, "ID", 0, 2},
		{"first row too wide", "ID,Name,Mobile\n1,Poe, Ann,+44 7700 900123\n2,Roe,+1 212 555 0183\n", About{}, "ID", 1, 1},
		{"a title and nothing else", "Active Workers\n\n" + people, About{}, "Active Workers", 0, 1},
		{"names of years", "Headcount\nTeam,2025,2026\nA,1,2\n", About{}, "Headcount", 0, 2},
		{"a row of legends", "Legend,Active,Leave,Left,Other\n\n" + wide + wideRows, About{}, "Legend", 0, 3},
		{"half of the rows ragged", "Active Workers\n" + people + tamsin + preston + "0044,A\n0045,B\n", About{}, "Active Workers", 0, 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := tell(t, test.in, Options{})
			checkAbout(t, got.About, test.want)
			bad := 0
			for _, row := range got.Rows {
				if strings.Contains(row, "! ") {
					bad++
				}
			}
			if got.Names[0] != test.first || len(got.Rows) != test.rows+test.bad || bad != test.bad {
				t.Errorf("first column %q, rows %q", got.Names[0], got.Rows)
			}
		})
	}
}

func TestHeaderRows(t *testing.T) {
	keys := "STATUS,USERID,FIRSTNAME,LASTNAME,EMAIL,BIZ_PHONE,CUSTOM01\n"
	labels := "Status,User ID,First Name,Last Name,Email,Business Phone,Cost Centre\n"
	row := "Active,0042,Tamsin,Kettlewell,tamsin@contoso.example,+44 20 7946 0123,7\n"
	for _, test := range []struct {
		name, in string
		options  Options
		labels   []string
		rows     int
	}{
		{"successfactors", keys + labels + row + row, Options{}, []string{"Status", "User ID", "First Name", "Last Name", "Email", "Business Phone", "Cost Centre"}, 2},
		{"no rows", keys + labels, Options{}, []string{"Status", "User ID", "First Name", "Last Name", "Email", "Business Phone", "Cost Centre"}, 0},
		{"fewer labels", "userId,firstName,lastName,cellPhone\n\"User\nID\",First Name,Last Name\n0042,Tam,Kettlewell,+44 7700 900123\n", Options{}, []string{"User\nID", "First Name", "Last Name", ""}, 1},
		{"header twice", people + people + tamsin, Options{}, []string{"Employee ID", "First Name", "Last Name", "Personal Mobile"}, 1},
		{"below titles", "Active Workers\n" + keys + labels + row, Options{}, []string{"Status", "User ID", "First Name", "Last Name", "Email", "Business Phone", "Cost Centre"}, 1},
		{"said to be two", "ID,Mobile\n\nPersonalnummer\n0042,+44 7700 900123\n", Options{HeaderRows: 2}, []string{"Personalnummer", ""}, 1},
		{"said to be two, one too many", "ID,Mobile\nA,B,C\n0042,+44 7700 900123\n", Options{HeaderRows: 2}, []string{"A", "B"}, 1},

		{"said to be one", keys + labels + row, Options{HeaderRows: 1}, nil, 2},
		{"one", people + tamsin + preston, Options{}, nil, 2},
		{"two the same only", "A1,B1,Status,Note\nx,y,status,note\nz,z,Active,\n", Options{}, nil, 2},
		{"less than 40 %", "Email,Mobile,Office,A,B,C,D,E\nemail,mobile,office,1,2,3,4,5\n", Options{}, nil, 1},
		{"an address among them", "First Name,Last Name,Status,Email\nFirst Name,Last Name,Status,status@contoso.example\n", Options{}, nil, 1},
		{"a number among them", "Email,Mobile,Office,Phone\nemail,mobile,office,+447700900123\n", Options{}, nil, 1},
		{"a postcode among them", "Email,Mobile,Office,ZIP\nemail,mobile,office,10115\n", Options{}, nil, 1},
		{"a spaced number among them", "Email,Mobile,Office,Phone\nemail,mobile,office,(212) 555-0183\n", Options{}, nil, 1},
		{"values like their columns", "User,Email,Mobile,Office\ntam,email,mobile,office\npres,email,mobile,office\n", Options{}, nil, 2},
		{"numbered columns", "1,2,3,4\n1,2,3,4\n", Options{}, nil, 1},
		{"too wide", "Email,Mobile,Office\nEmail,Mobile,Office,Tam\n", Options{}, nil, 1},
		{"below a blank line", keys + "\n" + labels + row, Options{}, nil, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := tell(t, test.in, test.options)
			rows := 1
			if test.labels != nil {
				rows = 2
			}
			if diff := cmp.Diff(test.labels, got.About.HeaderLabels); diff != "" || got.About.HeaderRows != rows || len(got.Rows) != test.rows {
				t.Errorf("%d header rows, rows %q, labels -want +got\n%s", got.About.HeaderRows, got.Rows, diff)
			}
		})
	}
}

func TestTooManyCells(t *testing.T) {
	for in, want := range map[string]string{
		"id,displayName,mail\n1,Doe, Jane,jane@contoso.example\n": "4 cells where the header has 3; perhaps a comma inside a value is not in quotes",
		"id;displayName;mail\n1;Doe; Jane;jane@contoso.example\n": "4 cells where the header has 3; perhaps a semicolon inside a value is not in quotes",
		"id\tname\n1\tDoe\tJane\n":                                "3 cells where the header has 2; perhaps a tab inside a value is not in quotes",
		"id|name\n1|Doe|Jane\n":                                   "3 cells where the header has 2; perhaps a pipe inside a value is not in quotes",
		"sep=:\nid:name\n1:Doe:Jane\n":                            "3 cells where the header has 2; perhaps a ':' inside a value is not in quotes",
		"id,name,mail\n1,\"Doe\n\", Jane,x\n":                     "4 cells where the header has 3; the record ends in line 3; perhaps a comma inside a value is not in quotes",
		"id,name,mail\n1,2\n":                                     "2 cells where the header has 3",
	} {
		r, err := NewReader(strings.NewReader(in), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for row := range r.Rows() {
			if row.Err == nil || row.Err.Error() != want {
				t.Errorf("%q: got %v, want %s", in, row.Err, want)
			}
		}
	}
}

func TestUnterminated(t *testing.T) {
	for in, want := range map[string]bool{
		"a,b\n1,2\n": false, "a,b\r1,2\r": false, "a,b\r\n1,2\r\n": false, "a,b\n": false,
		"a,b": true, "a,b\n1,2": true, "a,b\n1,\"2": true, "a,b\n1,2\n\n3": true,
	} {
		for _, slow := range []bool{false, true} {
			r, err := NewReader(strings.NewReader(in), Options{})
			if slow {
				r, err = NewReader(iotest.OneByteReader(strings.NewReader(in)), Options{})
			}
			if err != nil {
				t.Fatal(err)
			}
			for range r.Rows() {
			}
			if r.Unterminated() != want {
				t.Errorf("%q: got %t", in, !want)
			}
		}
	}
}

// The cells of rows share memory; a caller may still append to them.
func TestCellsAreApart(t *testing.T) {
	r, err := NewReader(strings.NewReader("a,b\n1,2\n3,4\n5,6\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for row := range r.Rows() {
		rows = append(rows, row.Cells)
	}
	_ = append(rows[0], "x")
	if diff := cmp.Diff([][]string{{"1", "2"}, {"3", "4"}, {"5", "6"}}, rows); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// What encoding/csv writes is read back, whatever the cells hold: no row of a
// plain table is lost to a title, to labels, to another quote or to a summary.
func TestPlainTables(t *testing.T) {
	pieces := []string{
		"", "", "Tamsin", "O'Brien", "'Ndrangheta", "'+447700900123", "'quoted'", "say \"hi\"", "Poe, Ann", "x;y", "a|b|c", "tab\tbed",
		"two\nlines", "+44 7700 900123", "tam@example.net", "Total", "count", "1000", "sep=;", "#TYPE A.B", "version:v1.0", "=\"0042\"", "Zoë", "—",
	}
	for seed := range uint64(1500) {
		rng := rand.New(rand.NewPCG(seed, 7))
		delim := rune(",;\t|"[rng.IntN(4)])
		columns := 2 + rng.IntN(8)
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		w.Comma, w.UseCRLF = delim, rng.IntN(2) == 0
		header := make([]string, columns)
		for i := range header {
			header[i] = []string{"Employee ID", "First Name", "Last Name", "Status", "E-Mail", "Mobile", "O'Phone", "City", "Team"}[i]
		}
		want := [][]string{}
		for range rng.IntN(60) {
			row := make([]string, columns)
			for i := range row {
				row[i] = pieces[rng.IntN(len(pieces))]
			}
			if rng.IntN(3) == 0 || strings.Join(row, "") == "" {
				row[rng.IntN(columns)] = fmt.Sprintf("%04d", rng.IntN(10_000))
			}
			want = append(want, row)
		}
		if n := len(want); n > 0 {
			want[n-1][0] = "0042" // a person in any case
		}
		if err := w.WriteAll(append([][]string{header}, want...)); err != nil {
			t.Fatal(err)
		}
		for _, o := range []Options{{}, {Delimiter: delim}, {Quote: '"', HeaderRows: 1, HeaderLine: 1}} {
			r, err := NewReader(bytes.NewReader(text.Bytes()), o)
			if err != nil {
				t.Fatal(err)
			}
			got := [][]string{}
			for row := range r.Rows() {
				for i, cell := range row.Cells {
					row.Cells[i] = strings.ReplaceAll(cell, "\r\n", "\n")
				}
				got = append(got, row.Cells)
			}
			if !slices.EqualFunc(want, got, slices.Equal) || r.About().HeaderLine != 1 {
				t.Fatalf("seed %d: %q: header in line %d, -want +got\n%s", seed, text.String(), r.About().HeaderLine, cmp.Diff(want, got))
			}
		}
	}
}

func FuzzDialect(f *testing.F) {
	for _, seed := range []string{
		"sep=;\na;b\n1;2", "#TYPE A.B\n\"a\",\"b\"\n\"1\",\"2\"\n", "version:v1.0,,\r\na,b\r\n", "Active Workers\n\n" + people + tamsin + preston + "Total: 2\n",
		"USERID,FIRSTNAME,EMAIL\nUser ID,First Name,Email\n0042,Tam,tam@example.net\n", "'a';'b''c'\n'1';'2\n3'\n", "a,b,c\n1,2,3\n(1 row affected)",
		"\"x\ny\"\ra,b,c\r1,2,3\rEOF\r", "a,b,c\nTotal,5\nTotal,6\n", "A\n'b','c','d'\n",
	} {
		f.Add([]byte(seed), byte(0), byte(0), byte(0), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, delim, quote, headerRows byte, peek bool) {
		o := Options{Delimiter: rune(delim), Quote: []rune{0, '"', '\''}[quote%3], HeaderRows: int(headerRows % 3)}
		r, err := NewReader(bytes.NewReader(data), o)
		if err != nil {
			var refusal *Error
			if !errors.As(err, &refusal) || refusal.What == "" {
				t.Fatalf("got error %v", err)
			}
			return
		}
		about := r.About()
		if about.HeaderRows == 2 && len(about.HeaderLabels) != len(r.Header()) || about.HeaderRows == 1 && about.HeaderLabels != nil {
			t.Fatalf("%d header rows with %d labels", about.HeaderRows, len(about.HeaderLabels))
		}
		if peek {
			r.Peek(3)
		}
		ends := bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r"))
		last, asides, size := about.HeaderLine+about.HeaderRows-1, 0, 0
		if about.Preamble >= about.HeaderLine {
			t.Fatalf("%d lines above line %d", about.Preamble, about.HeaderLine)
		}
		for row := range r.Rows() {
			checkRow(t, row, len(r.Header()))
			if row.Line <= last || row.Line > ends+1 || asides > 0 {
				t.Fatalf("line %d after line %d of %d, %d asides", row.Line, last, ends+1, asides)
			}
			last = row.Line
			if row.Aside != "" {
				asides++
			}
			for _, cell := range row.Cells {
				size += len(cell)
			}
		}
		// No byte of an encoding becomes more than three of UTF-8.
		if size > 3*len(data) || r.Err() != nil {
			t.Fatalf("%d bytes of cells from %d, error %v", size, len(data), r.Err())
		}
	})
}
