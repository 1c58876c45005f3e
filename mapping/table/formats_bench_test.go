package table

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

const benchRows = 20_000

// people gives so many rows of eight cells, three of which hardly repeat.
func workforce(rows int, row func(i int, cells [8]string)) {
	for i := range rows {
		row(i, [8]string{
			fmt.Sprintf("%05d", i), fmt.Sprintf("Person %d", i), fmt.Sprintf("+1206555%04d", i%10_000), fmt.Sprintf("p%d@example.com", i),
			"US", "Active", fmt.Sprint(45000 + i%1000), "Sales, West",
		})
	}
}

var benchColumns = [8]string{"ID", "Name", "Mobile", "Mail", "Country", "Status", "Since", "Team"}

// benchWorkbook is as Excel writes it: texts in one part, numbers in place.
func benchWorkbook(b *testing.B) []byte {
	var rows, texts strings.Builder
	numbers := map[string]int{}
	shared := func(text string) int {
		n, known := numbers[text]
		if !known {
			n = len(numbers)
			numbers[text] = n
			fmt.Fprintf(&texts, "<si><t>%s</t></si>", text)
		}
		return n
	}
	write := func(row int, cells [8]string) {
		fmt.Fprintf(&rows, `<row r="%d" spans="1:8">`, row)
		for i, cell := range cells {
			if i == 6 && row > 1 {
				fmt.Fprintf(&rows, `<c r="%c%d" s="1"><v>%s</v></c>`, 'A'+i, row, cell)
			} else {
				fmt.Fprintf(&rows, `<c r="%c%d" t="s"><v>%d</v></c>`, 'A'+i, row, shared(cell))
			}
		}
		rows.WriteString("</row>")
	}
	write(1, benchColumns)
	workforce(benchRows, func(i int, cells [8]string) { write(i+2, cells) })
	p := parts(rows.String())
	p["xl/sharedStrings.xml"] = "<sst>" + texts.String() + "</sst>"
	return archived(b, p)
}

func benchTable(b *testing.B, data []byte) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		r, err := NewReader(bytes.NewReader(data), Options{})
		if err != nil {
			b.Fatal(err)
		}
		rows := 0
		for row := range r.Rows() {
			if row.Err != nil {
				b.Fatal(row.Err)
			}
			rows++
		}
		if rows != benchRows || r.Err() != nil {
			b.Fatal(rows, r.Err())
		}
	}
	b.ReportMetric(float64(benchRows*b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(len(data))/benchRows, "bytes/row")
}

func BenchmarkWorkbook(b *testing.B) { benchTable(b, benchWorkbook(b)) }

func benchJSON(start, between, end string) []byte {
	var out bytes.Buffer
	out.WriteString(start)
	workforce(benchRows, func(i int, cells [8]string) {
		if i > 0 {
			out.WriteString(between)
		}
		fmt.Fprintf(&out, `{"id": %q, "name": %q, "phones": [{"type": "mobile", "number": %q}], "emails": {"home": %q}, "country": %q, "active": true, "since": %s}`, cells[0], cells[1], cells[2], cells[3], cells[4], cells[6])
	})
	out.WriteString(end)
	return out.Bytes()
}

func BenchmarkJSON(b *testing.B) { benchTable(b, benchJSON("{\"value\": [\n", ",\n", "\n]}\n")) }

func BenchmarkJSONLines(b *testing.B) { benchTable(b, benchJSON("", "\n", "\n")) }

func BenchmarkHDL(b *testing.B) {
	var out bytes.Buffer
	out.WriteString("METADATA|Person|" + strings.Join(benchColumns[:], "|") + "\n")
	workforce(benchRows, func(_ int, cells [8]string) {
		out.WriteString("MERGE|Person|" + strings.Join(cells[:], "|") + "\n")
	})
	benchTable(b, out.Bytes())
}

func BenchmarkGzip(b *testing.B) {
	var out strings.Builder
	out.WriteString(strings.Join(benchColumns[:], ";") + "\n")
	workforce(benchRows, func(_ int, cells [8]string) { out.WriteString(strings.Join(cells[:], ";") + "\n") })
	benchTable(b, zipped(b, out.String()))
}
