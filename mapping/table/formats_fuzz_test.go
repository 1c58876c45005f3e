package table

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// checkTable reads a table to its end and gives the bytes of its cells. What
// holds for every table has to hold for this one.
func checkTable(t *testing.T, data []byte, o Options) int {
	t.Helper()
	r, err := NewReader(bytes.NewReader(data), o)
	if err != nil {
		var refusal *Error
		if !errors.As(err, &refusal) || refusal.What == "" {
			t.Fatalf("got error %v", err)
		}
		return 0
	}
	last, size := 0, 0
	for row := range r.Rows() {
		if row.Line <= last {
			t.Fatalf("line %d after line %d", row.Line, last)
		}
		last = row.Line
		if (row.Err == nil) != (len(row.Cells) == len(r.Header())) || row.Err != nil && row.Cells != nil {
			t.Fatalf("line %d: %d cells under %d columns, error %v", row.Line, len(row.Cells), len(r.Header()), row.Err)
		}
		for _, cell := range row.Cells {
			if cell != strings.TrimSpace(cell) || len(cell) > maxCell {
				t.Fatalf("line %d has a cell that is not trimmed or too large", row.Line)
			}
			size += len(cell)
		}
	}
	if len(r.Header()) == 0 || len(r.Header()) > maxColumns {
		t.Fatalf("%d columns", len(r.Header()))
	}
	return size
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		"[\n{\"id\": \"0042\", \"a\": {\"b\": [1, null, true]}},\n{\"id\": 1e10, \"a.b\": \"\\ud83d\\ude00\"}]",
		"{\"value\": [{\"a\": 1}], \"count\": 1}", "{\"d\": {\"results\": [{\"a\": \"\\u0041\"}]}}",
		"{\"a\": 1}\n{\"a\": 2\n\n{\"b\": {}, \"b\": []}\r\n{\"a\": \"\\ud800\"}\n7\n", "{\"format_version\": 1, \"changes\": []}",
		"[{\"a\": 1} {\"a\": 2}]", "[{\"a\": \"\xff\"}]", "[{}, [], 7, {\"\": \" x \"}]", "\xff\xfe[\x00{\x00}\x00]\x00",
		strings.Repeat("[{\"a\":", 40), "{\"a\": [{\"a\": 1}], \"b\": [{\"a\": 1}]}",
	} {
		for _, format := range []string{"", "json", "jsonl"} {
			f.Add([]byte(seed), format)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, format string) {
		switch Format(format) {
		case JSON, JSONLines:
		case "":
			if recognise(data) != JSON {
				return
			}
		default:
			return
		}
		// UTF-16 is shorter than UTF-8 where it is East Asian.
		if size := checkTable(t, data, Options{Format: Format(format)}); size > 2*len(data) {
			t.Fatalf("%d bytes of cells from %d", size, len(data))
		}
	})
}

func FuzzHDL(f *testing.F) {
	for _, seed := range []string{
		"METADATA|PersonPhone|PersonNumber|PhoneNumber\nMERGE|PersonPhone|0042|12065550100\n",
		"COMMENT x\r\nSET X Y\r\nMETADATA|A|a|b\r\nMETADATA|B|b|Object\r\nMERGE|A|1\\|2|3\\n4\r\nMERGE|B|5|6\r\nDELETE|A|1|2\r\nMERGE|C|1",
		"METADATA|A|a|a\nMERGE|A|1|2\nMETADATA|\xff\nMERGE|A|\x00\n", "SET FILE_DELIMITER ,\nMETADATA|A\n", "METADATA||\nMERGE||x\n", "MERGE|A|\\",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if size := checkTable(t, data, Options{Format: HDL}); size > len(data) {
			t.Fatalf("%d bytes of cells from %d", size, len(data))
		}
	})
}

// FuzzWorkbook mutates whole archives and, where that is empty, the parts of
// one, which mutation of packed bytes hardly reaches.
func FuzzWorkbook(f *testing.F) {
	small := parts(headerAB + `<row r="2"><c r="A2" s="1"><v>45000</v></c><c r="B2" t="s"><v>2</v></c></row><row><c t="e"><f>x</f><v>#N/A</v></c><c t="b"><v>1</v></c></row>`)
	const sheet1, texts, styles, main = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"
	add := func(data []byte) { f.Add(data, small[sheet1], small[texts], small[styles], small[main]) }
	add(nil)
	add(archived(f, small))
	add(written(f, func(w *excelize.File) {
		must(f)(w.SetSheetRow("Sheet1", "A1", &[]any{"ID", "Phone", "Since"}))
		must(f)(w.SetSheetRow("Sheet1", "A2", &[]any{42, "+1 206 555 0100", 45000.5}))
		must(f)(w.SetCellStyle("Sheet1", "A2", "A2", styled(f, w, "00000")))
	}))
	f.Add([]byte(nil), `<x:sheetData><x:row><x:c t="inlineStr"><x:is><x:r><x:t>a_x000D_</x:t></x:r><x:rPh/></x:is></x:c></x:row><x:row r="7"><x:c r="B7" t="str"><x:f/><x:v/></x:c></x:row></x:sheetData>`,
		`<sst><si/><si><t>&amp;<![CDATA[x]]></t></si></sst>`, `<s><numFmts><numFmt numFmtId="164" formatCode="&quot;+&quot;0;[h]\"/></numFmts><cellXfs><xf numFmtId="164"/></cellXfs></s>`, small[main])
	f.Fuzz(func(t *testing.T, data []byte, inSheet, inTexts, inStyles, inMain string) {
		if len(data) == 0 {
			p := parts("")
			p[sheet1], p[texts], p[styles], p[main] = inSheet, inTexts, inStyles, inMain
			data = archived(t, p)
		}
		checkTable(t, data, Options{Format: XLSX})
	})
}

func FuzzCellFormat(f *testing.F) {
	for _, code := range []string{"00000", `"+"0`, "[$-407]d. mmmm yyyy;@", "h:mm AM/PM", "[h]:mm", `#,##0.00_);\(#\)`, "0\\", `0"`, "[", "*", ""} {
		f.Add(code, "45000.75", false)
		f.Add(code, "12065550100", true)
	}
	f.Fuzz(func(t *testing.T, code, raw string, date1904 bool) {
		plain := cellFormat{}.number(raw, date1904)
		got := parseFormat(code).number(raw, date1904)
		// A format that is not a date's may add zeros and a plus with digits, but
		// what the number itself is must end the text.
		keep := func(s string) string {
			return strings.TrimLeft(strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' {
					return r
				}
				return -1
			}, s), "0")
		}
		if format := parseFormat(code); format.date || format.clock {
			return
		}
		if got != plain && !strings.HasSuffix(keep(got), keep(plain)) {
			t.Fatalf("%q in format %q: %q", raw, code, got)
		}
	})
}
