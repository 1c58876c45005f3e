package table

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func TestSheetHeader(t *testing.T) {
	names := []string{"Employee ID", "First Name", "Mobile", "Country"}
	ann, bo := []string{"1042", "Ann", "+44 7400 123456", "GB"}, []string{"1043", "Bo", "", "DE"}
	for _, test := range []struct {
		name     string
		rows     [][]string
		options  Options
		line     int
		rowsHead int
		preamble int
		first    string
		count    int
	}{
		{"no titles", [][]string{names, ann, bo}, Options{}, 1, 1, 0, "Employee ID", 2},
		{"titles", [][]string{{"Active Workers"}, {"Run on 2026-11-01"}, {}, names, ann, bo}, Options{}, 4, 1, 2, "Employee ID", 2},
		{"one row", [][]string{{"Active Workers"}, names, ann}, Options{}, 2, 1, 1, "Employee ID", 1},
		{"labels", [][]string{{"EMPLOYEEID", "FIRSTNAME", "MOBILE", "COUNTRY"}, names, ann, bo}, Options{}, 1, 2, 0, "EMPLOYEEID", 2},
		{"labels said to be there", [][]string{{"A", "B", "C", "D"}, names, ann}, Options{HeaderRows: 2}, 1, 2, 0, "A", 1},
		{"labels said not to be there", [][]string{{"EMPLOYEEID", "FIRSTNAME", "MOBILE", "COUNTRY"}, names, ann}, Options{HeaderRows: 1}, 1, 1, 0, "EMPLOYEEID", 2},
		{"titles and labels", [][]string{{"People"}, {"EMPLOYEEID", "FIRSTNAME", "MOBILE", "COUNTRY"}, names, ann}, Options{}, 2, 2, 1, "EMPLOYEEID", 1},
		{"said to be another row", [][]string{{"x", "y"}, names, ann}, Options{HeaderLine: 2}, 2, 1, 0, "Employee ID", 1},
		// A person is never taken for the header.
		{"a narrow header", [][]string{{"Employee ID", "First Name"}, ann, bo}, Options{}, 1, 1, 0, "Employee ID", 2},
		{"a title and no header", [][]string{{"People"}, ann, bo}, Options{}, 1, 1, 0, "People", 2},
		{"people without numbers", [][]string{{"Employee ID", "Name", "City"}, {"x", "Ann", "Leeds"}, {"y", "Bo", "Bonn"}}, Options{}, 1, 1, 0, "Employee ID", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			book := written(t, func(f *excelize.File) {
				for i, row := range test.rows {
					for j, cell := range row {
						at, err := excelize.CoordinatesToCellName(j+1, i+1)
						if err != nil {
							t.Fatal(err)
						}
						must(t)(f.SetCellStr("Sheet1", at, cell))
					}
				}
			})
			r, err := NewReader(bytes.NewReader(book), test.options)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for range r.Rows() {
				n++
			}
			got := []any{r.About().HeaderLine, r.About().HeaderRows, r.About().Preamble, r.Header()[0], n}
			if diff := cmp.Diff([]any{test.line, test.rowsHead, test.preamble, test.first, test.count}, got); diff != "" {
				t.Errorf("line, rows, preamble, first name, rows below: -want +got\n%s", diff)
			}
		})
	}
}
