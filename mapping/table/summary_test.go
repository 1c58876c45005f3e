package table

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestSummaryLine(t *testing.T) {
	for _, last := range []string{
		"Total,,,", "Total", "TOTAL:,1,,", "Totals,1", "Grand Total,1,,", "Grand total: 1,,,", "Total Active Workers,\"1,042\"", "Total,,,999999", "Subtotal,,,5",
		"Total general,1,,", "Summe,1,,", "Gesamt: 1", "Gesamtanzahl,1,,", "Insgesamt,1", "Totale,1,,", "Totaal,1,,", "Итого,1", "合計,1,,",
		"Total,1,1", "Total,,",
		"Count,1,,", "Count: 1", "Count of Employees,1", "Rows,1,,", "Rows: 1042,,,", "Row count = 1", "Records exported: 1", "Number of records,1", "Anzahl,1", "Anzahl Datensätze: 1", "Nombre de lignes,1",
		"(1 row affected)", "(1000 rows affected)", "1000 rows selected.", "1'042 Datensätze", "1 042 lignes,,,",
		"End of Report,,,", "*** end ***", "*** END OF REPORT ***,,,", "-- Ende --", "Ende der Liste", "Fin du fichier", "End of file - Contoso", "EOF", "<EOF>",
		",Total,1,", "\"*** end\n***\"",
	} {
		for _, below := range []string{"", "\n", "\n\n \n"} {
			got := tell(t, people+tamsin+last+below, Options{})
			if diff := cmp.Diff([]string{"2: 0042|Tamsin|Kettlewell|+44 7700 900123", "3- a summary line below the table"}, got.Rows); diff != "" {
				t.Errorf("%q: -want +got\n%s", last+below, diff)
			}
		}
		// It sums up only what is above it.
		got := tell(t, people+last+"\n"+tamsin, Options{})
		if len(got.Rows) != 2 || strings.Contains(got.Rows[0], "- a summary") || got.Rows[1][:2] == "3-" {
			t.Errorf("%q above a person: %q", last, got.Rows)
		}
	}
}

func TestNoSummaryLine(t *testing.T) {
	for _, last := range []string{
		"Total,Terry,Kettlewell,+44 7700 900123", "Total,Terry,Kettlewell,", "Count,Victor,,", "Count,Victor", "Ende,Michaela,,", "Ende,Michaela", "Fine,,,", "Fin", "Slut,Eva,,",
		"Total,,,+44 7700 900123", "Total,,,07700 900123", "total,total@example.net,,", "total@example.net,,,", "Totalis,1,,", "total.recall,1,,", "total-1,,,", "Sum,Lin,,", "Suma,Rao", "Rows,,,",
		"Records,,,", "Records Office,12,,", "Record,Ann,,", "Employee 12,Ann,,", "1042,Rows,,", "1042,,,", "Kettlewell,Total,,", "Summer,1,,", "Endeavour,1,,", "EOFX,,,", "---", ",,,",
	} {
		got := tell(t, people+tamsin+last+"\n", Options{})
		if len(got.Rows) != 2 || strings.Contains(got.Rows[1], "- a summary") {
			t.Errorf("%q: got %q", last, got.Rows)
		}
	}
	for _, in := range []string{"Name,Mobile\nTotal,5\n", "Name\nTotal\n", "a,b,c\nTotal,\x00,\n", "a,b,c\nTotal,äöüäöüäöüä\xff,\n", "a,b,c\nTotal,\"5,\n"} {
		got := tell(t, in, Options{})
		if len(got.Rows) != 1 || strings.Contains(got.Rows[0], "- a summary") {
			t.Errorf("%q: got %q", in, got.Rows)
		}
	}
}

func TestSummaryLinePeeked(t *testing.T) {
	r, err := NewReader(strings.NewReader(people+tamsin+"Total,1,,\n"+preston+"Total,2,,\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var asides []int
	for _, row := range r.Peek(9) {
		if row.Aside != "" {
			asides = append(asides, row.Line)
		}
	}
	for range r.Rows() {
		break
	}
	var lines []int
	for row := range r.Rows() {
		lines = append(lines, row.Line)
		if row.Aside != "" {
			asides = append(asides, row.Line)
		}
	}
	if diff := cmp.Diff([][]int{{5, 5}, {3, 4, 5}}, [][]int{asides, lines}); diff != "" {
		t.Errorf("asides, lines: -want +got\n%s", diff)
	}
}

// Below a line at which reading failed there may be more.
func TestSummaryLineAtFailure(t *testing.T) {
	src := io.MultiReader(strings.NewReader(people+"Total,1,,\nTotal,1\n"), iotest.ErrReader(errors.New("network is gone")))
	r, err := NewReader(src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for row := range r.Rows() {
		n++
		if row.Aside != "" {
			t.Errorf("line %d is left aside", row.Line)
		}
	}
	if n != 2 || r.Err() == nil {
		t.Errorf("%d rows, error %v", n, r.Err())
	}
}

func TestDecodeSummaryLine(t *testing.T) {
	r, err := NewReader(strings.NewReader("name,floor,phone\nAnn,1,\nTotal,1\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	records, err := Decode[seat](r)
	if err != nil {
		t.Fatal(err)
	}
	var got []Record[seat]
	for record := range records.All() {
		got = append(got, record)
	}
	want := []Record[seat]{{Line: 2, Value: seat{Name: "Ann", Floor: 1}}, {Line: 3, Aside: summaryLine}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
