package mapping

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"authseed/mapping/address"
	"authseed/mapping/authmethod"
	"authseed/mapping/phone"
	"authseed/mapping/table"
)

const failureHeader = "userPrincipalName,mobile,alternateMobile,office,email,country,reason,request_id\n"

// TestFailureList: what keeps the cells from a spreadsheet is taken off and not
// spoken of, in a failure list and nowhere else.
func TestFailureList(t *testing.T) {
	in := failureHeader +
		"'-kim@contoso.example,'+1 206-555-0101,,,,,failed: 400 badRequest: no,r1\n" +
		"-kim@contoso.example,,,,'+kim@example.com,,'=1+1,'=2\n" +
		"''-lee@contoso.example,,,'+44 20 7946 0123x12,,,,\n" +
		"o'lou@contoso.example,,<clear>,,,'GB,pending: not written yet,\n"
	want := []string{
		"2 userPrincipalName=-kim@contoso.example", "mobile: +1 2065550101",
		"3 userPrincipalName=-kim@contoso.example", "email: +kim@example.com",
		"4 userPrincipalName='-lee@contoso.example", "office: +44 2079460123x12 fixed",
		"5 userPrincipalName=o'lou@contoso.example", "alternateMobile: <clear>",
	}
	if diff := cmp.Diff(want, entries(t, Own(), in)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	e, err := Own().Open(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	if unused := e.Unused(); len(unused) > 0 {
		t.Errorf("unused: %q", unused)
	}
	for entry := range e.All() {
		for kind, wish := range entry.Wishes {
			if wish.Remark != "" {
				t.Errorf("line %d, %s: %s", entry.Line, authmethod.Kind(kind), wish.Remark)
			}
		}
	}
	// Who mends a list may drop a column. Then nobody knows who wrote the rest.
	e, err = Own().Open(strings.NewReader("userPrincipalName,mobile,reason,note\n'-kim@contoso.example,'+1 206-555-0101,x,y\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"note"}, e.Unused()); diff != "" {
		t.Errorf("unused -want +got\n%s", diff)
	}
	for entry := range e.All() {
		if entry.Key.Value != "'-kim@contoso.example" || entry.Wishes[authmethod.Mobile].Remark == "" {
			t.Errorf("another's file: %s, %q", entry.Key.Value, entry.Wishes[authmethod.Mobile].Remark)
		}
	}
}

// TestPlannedRows: what a view of a plan or of a run says of its rows is known
// and not read, where all of it is there. A mask is no value.
func TestPlannedRows(t *testing.T) {
	row := Planned{
		Record: Record{UserPrincipalName: "-kim@contoso.example", Mobile: "+1 2065550101", Country: "US"},
		Action: "create", Method: "mobile", Hazards: "shared-number not-a-mobile", HeldBack: true, File: "=hr.csv", Line: 2, Remark: "=1",
	}
	masked := row
	masked.Mobile, masked.Email = "+1 *** **01", "k***@example.com"
	var planned, ran strings.Builder
	if err := errors.Join(
		table.EncodeGuarded(&planned, []Planned{row, masked}),
		table.EncodeGuarded(&ran, []Ran{{Planned: row, Result: "failed", Status: "400", Code: "=c", Message: "=m", RequestID: "=r"}}),
	); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		in     string
		want   []string
		unused []string
	}{
		{planned.String(), []string{
			"2 userPrincipalName=-kim@contoso.example", "mobile: +1 2065550101",
			"3 userPrincipalName=-kim@contoso.example",
			"! mobile, mobile, invalid-phone: a masked number, as a view shows it; take the file with the clear ones",
			"! email, email, invalid-email: a masked address, as a view shows it; take the file with the clear ones",
		}, nil},
		{ran.String(), []string{"2 userPrincipalName=-kim@contoso.example", "mobile: +1 2065550101"}, nil},
		{"userPrincipalName,email,action,note\nkim@contoso.example,kim@example.com,create,x\n",
			[]string{"2 userPrincipalName=kim@contoso.example", "email: kim@example.com"}, []string{"action", "note"}},
	} {
		if diff := cmp.Diff(test.want, entries(t, Own(), test.in)); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		e, err := Own().Open(strings.NewReader(test.in))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.unused, e.Unused(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("unused -want +got\n%s", diff)
		}
	}
}

// FuzzFailureList: whatever a person is called, has and whatever the service
// says, a list reads back as it was, and no cell of it is a formula.
func FuzzFailureList(f *testing.F) {
	for _, seed := range [][4]string{
		{"kim@contoso.example", "+1 2065550101", "kim@example.com", "failed: 400 badRequest: The phone number is not valid."},
		{"'-kim@contoso.example", "+44 2079460123x12", "+kim@example.com", "=HYPERLINK(\"https://example.com\")"},
		{"o'neil_fabrikam.example#EXT#@contoso.example", "+1 2065550100", "-k=m@example.org", "stale: 'a', 'b'; \"c\""},
		{"-x", "+49 3023125012", "'x'@example.com", "総計; größer … | \t-"},
		{"totals", "+1 2065550101", "=x@example.com", "+"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, key, number, mail, reason string) {
		for _, text := range []string{key, reason} {
			if len(text) > 1000 || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
				t.Skip("the views never write such a thing")
			}
		}
		if key = strings.TrimSpace(key); key == "" || strings.TrimSpace(reason) == "" {
			t.Skip("every line of a list is somebody's and says why")
		}
		office, _ := phone.Parse(number, "", "", phone.Office)
		private, _ := address.Parse(mail)
		var rows []Failure
		for _, r := range []Record{{Office: office.Text}, {Email: private.Text}, {Mobile: ClearMark}} {
			if r != (Record{}) {
				r.UserPrincipalName = key
				rows = append(rows, Failure{r, reason, reason})
			}
		}
		var out strings.Builder
		if err := table.EncodeGuarded(&out, rows); err != nil {
			t.Fatal(err)
		}
		// What a spreadsheet sees.
		reader, err := table.NewReader(strings.NewReader(out.String()), table.Options{Delimiter: ',', Quote: '"', HeaderLine: 1, HeaderRows: 1})
		if err != nil {
			t.Fatal(err)
		}
		for row := range reader.Rows() {
			for _, cell := range row.Cells {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@") {
					t.Errorf("%q is a formula", cell)
				}
			}
		}
		e, err := Own().Open(strings.NewReader(out.String()))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for entry := range e.All() {
			wish := entry.Wishes
			if n == len(rows) || entry.Skip != nil || len(entry.Problems) > 0 || entry.Key.Value != key ||
				wish[authmethod.Office].Value.Reveal() != rows[n].Office || wish[authmethod.Email].Value.Reveal() != rows[n].Email ||
				wish[authmethod.Mobile].Clear != (rows[n].Mobile == ClearMark) {
				t.Fatalf("row %d came back as %+v, %+v", n, entry, entry.Skip)
			}
			n++
		}
		if n != len(rows) || e.Err() != nil || len(e.Unused()) > 0 {
			t.Errorf("%d of %d rows, %v, unused %q", n, len(rows), e.Err(), e.Unused())
		}
	})
}
