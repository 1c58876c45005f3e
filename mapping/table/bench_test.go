package table

import (
	"bytes"
	"fmt"
	"io"
	"testing"
)

// export is an HR export of n people in eight columns, about 120 bytes each.
func export(n int, quoted bool) []byte {
	var out bytes.Buffer
	row := "%s,%s,%s,%s,%s,%s,%s,%s\r\n"
	if quoted {
		row = "\"%s\",\"%s\",\"%s\",\"%s\",\"%s\",\"%s\",\"%s\",\"%s\"\r\n"
	}
	fmt.Fprintf(&out, row, "Employee ID", "First Name", "Last Name", "Status", "Email - Primary Work", "Email - Primary Home", "Personal Mobile", "Country")
	for i := range n {
		fmt.Fprintf(&out, row, fmt.Sprintf("%06d", i), "Tamsin", "Kettlewell", "Active",
			fmt.Sprintf("tamsin.kettlewell%d@contoso.example", i), fmt.Sprintf("tamsin%d@example.net", i), "+44 7700 900123", "GB")
	}
	return out.Bytes()
}

// BenchmarkExport reads a file of a million rows a piece at a time: what one
// row costs does not depend on their number.
func BenchmarkExport(b *testing.B) {
	const n = 20_000
	for _, bench := range []struct {
		name   string
		quoted bool
	}{{"plain", false}, {"quoted", true}} {
		in := export(n, bench.quoted)
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				r, err := NewReader(io.MultiReader(bytes.NewReader(in)), Options{})
				if err != nil {
					b.Fatal(err)
				}
				for row := range r.Rows() {
					if row.Err != nil {
						b.Fatal(row.Err)
					}
				}
			}
			b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
