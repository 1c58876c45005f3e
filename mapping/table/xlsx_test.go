package table

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// written is the workbook that fill makes.
func written(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func must(t testing.TB) func(err error) {
	return func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// styled gives the style of a number format.
func styled(t testing.TB, f *excelize.File, code string) int {
	t.Helper()
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
	if err != nil {
		t.Fatal(err)
	}
	return style
}

func TestWorkbook(t *testing.T) {
	data := written(t, func(f *excelize.File) {
		ok := must(t)
		ok(f.SetSheetName("Sheet1", "Notes"))
		ok(f.SetCellValue("Notes", "A1", "not this one"))
		for _, name := range []string{"Empty", "Workers", "Leavers"} {
			_, err := f.NewSheet(name)
			ok(err)
		}
		f.SetActiveSheet(2)
		ok(f.SetSheetVisible("Notes", false))
		ok(f.SetSheetRow("Leavers", "A2", &[]any{"ID", "Phone"}))
		ok(f.SetSheetRow("Leavers", "A3", &[]any{"7", "+44 7700 900101"}))

		ok(f.SetSheetRow("Workers", "A2", &[]any{" ID ", "Phone", "Since", "Active", "Formula", "Note"}))
		ok(f.SetSheetRow("Workers", "A3", &[]any{42, "+1 206 555 0100", 45000, true, nil, " x "}))
		ok(f.SetSheetRow("Workers", "A5", &[]any{43, 12065550100, 45000.75, false}))
		ok(f.SetSheetRow("Workers", "A6", &[]any{44, 12065550101}))
		ok(f.SetSheetRow("Workers", "A7", &[]any{45, int64(123456789012345678)}))
		ok(f.SetSheetRow("Workers", "B8", &[]any{"8.2E+10", nil, nil, nil, nil, "one too many"}))
		ok(f.SetCellStyle("Workers", "A3", "A7", styled(t, f, "00000")))
		ok(f.SetCellStyle("Workers", "B6", "B6", styled(t, f, `"+"0`)))
		ok(f.SetCellStyle("Workers", "C3", "C3", styled(t, f, "dd.mm.yyyy")))
		ok(f.SetCellStyle("Workers", "C5", "C5", styled(t, f, "dd.mm.yyyy hh:mm")))
		ok(f.SetCellFormula("Workers", "E5", "A5+1")) // without its value
		ok(f.SetCellRichText("Workers", "F5", []excelize.RichTextRun{{Text: "bold ", Font: &excelize.Font{Bold: true}}, {Text: "text"}}))
		ok(f.MergeCell("Workers", "F5", "F6"))
	})
	for _, test := range []struct {
		name    string
		options Options
		want    string
	}{
		{"first visible with rows", Options{}, `xlsx ["ID" "Phone" "Since" "Active" "Formula" "Note"]
3: ["00042" "+1 206 555 0100" "2023-03-15" "TRUE" "" "x"]
5: ["00043" "12065550100" "2023-03-15T18:00:00" "FALSE" "#FORMULA" "bold text"]
6: ["00044" "+12065550101" "" "" "" ""]
7: ["00045" "1.2345678901234568E+17" "" "" "" ""]
8! 7 cells where the header has 6`},
		{"by name", Options{Sheet: "leavers"}, `xlsx ["ID" "Phone"]
3: ["7" "+44 7700 900101"]`},
		{"hidden, by name", Options{Sheet: "Notes"}, `xlsx ["not this one"]`},
		{"empty, by name", Options{Sheet: "Empty"}, "refused: the sheet is empty | the sheets are `Notes`, `Empty`, `Workers`, `Leavers`"},
		{"misspelt", Options{Sheet: "Worker"}, "refused: the workbook has no sheet `Worker`; did you mean `Workers`? | the sheets are `Notes`, `Empty`, `Workers`, `Leavers`"},
		{"header row", Options{HeaderLine: 6}, `xlsx ["00044" "+12065550101"]
7: ["00045" "1.2345678901234568E+17"]
8! 7 cells where the header has 2`},
		{"header row blank", Options{HeaderLine: 4}, "refused: row 4, the header row, is blank | correct header_row, or leave it out"},
		{"header row below", Options{HeaderLine: 9}, "refused: the header row is said to be row 9, and the sheet has 8 | correct header_row, or leave it out"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, printed(t, bytes.NewReader(data), test.options)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	r, err := NewReader(bytes.NewReader(data), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := About{Format: XLSX, HeaderLine: 2, HeaderRows: 1, Sheet: "Workers", Sheets: []string{"Notes", "Empty", "Workers", "Leavers"}}
	if diff := cmp.Diff(want, r.About()); diff != "" {
		t.Errorf("about -want +got\n%s", diff)
	}
}

func TestWorkbookEncrypted(t *testing.T) {
	f := excelize.NewFile()
	var out bytes.Buffer
	if err := f.Write(&out, excelize.Options{Password: "example"}); err != nil {
		t.Fatal(err)
	}
	want := "refused: the workbook is encrypted with a password | in Excel: File, Info, Protect Workbook, Encrypt with Password, and leave the password empty"
	if diff := cmp.Diff(want, printed(t, &out, Options{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// parts are those of a small workbook with the rows given, to be changed.
func parts(rows string) map[string]string {
	return map[string]string{
		"_rels/.rels":                `<Relationships><Relationship Id="r" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="x/sharedStrings" Target="/xl/sharedStrings.xml"/><Relationship Id="r3" Type="x/styles" Target="styles.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns:r="x"><sheets><sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/sharedStrings.xml":       `<sst><si><t>zero</t></si><si><t>one</t></si><si><r><t>tw</t></r><r><rPr><b/></rPr><t>o</t></r><rPh><t>TOO</t></rPh></si></sst>`,
		"xl/styles.xml":              `<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
		"xl/worksheets/sheet1.xml":   `<?xml version="1.0" encoding="UTF-8"?><worksheet><sheetData>` + rows + `</sheetData></worksheet>`,
	}
}

func archived(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		part, err := w.Create(name)
		must(t)(err)
		_, err = io.WriteString(part, parts[name])
		must(t)(err)
	}
	must(t)(w.Close())
	return out.Bytes()
}

const headerAB = `<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="str"><v>b</v></c></row>`

func TestWorkbookCells(t *testing.T) {
	const ended = "err: reading the sheet below row 2: "
	for _, test := range []struct{ name, rows, want string }{
		{"shared", `<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" t="s"><v>2</v></c></row><row><c t="s"><v>0</v></c></row>`, "2: [\"one\" \"two\"]\n3: [\"zero\" \"\"]"},
		{"no such shared text", `<row r="2"><c r="A2" t="s"><v>3</v></c></row><row r="3"><c r="A3" t="s"><v>x</v></c></row><row r="4"><c r="A4"><v>1</v></c></row>`, "2! a cell refers to a text that the workbook does not have\n3! a cell refers to a text that the workbook does not have\n4: [\"1\" \"\"]"},
		{"errors", `<row r="2"><c r="A2" t="e"><v>#N/A</v></c><c r="B2" t="e"><f>VLOOKUP(1,2)</f><v>#REF!</v></c></row>`, `2: ["#N/A" "#REF!"]`},
		{"formulas", `<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="str"><f>"x"</f><v>x</v></c></row><row r="3"><c r="A3"><f>1+1</f></c><c r="B3"><f t="shared" si="0"/><v></v></c></row>`, "2: [\"2\" \"x\"]\n3: [\"#FORMULA\" \"#FORMULA\"]"},
		{"formula that shows nothing", `<row r="2"><c r="A2" t="str"><f>""</f><v></v></c><c r="B2"><v>1</v></c></row><row r="3"><c r="A3" t="str"><f>""</f></c></row>`, "2: [\"\" \"1\"]\n3: [\"#FORMULA\" \"\"]"},
		{"booleans", `<row r="2"><c r="A2" t="b"><v>1</v></c><c r="B2" t="b"><v>0</v></c></row>`, `2: ["TRUE" "FALSE"]`},
		{"dates", `<row r="2"><c r="A2" s="1"><v>45000</v></c><c r="B2" t="d"><v>2023-03-15T00:00:00</v></c></row><row r="3"><c r="A3" t="d"><v>2023-03-15T18:00:00</v></c><c r="B3" s="9"><v>45000</v></c></row>`, "2: [\"2023-03-15\" \"2023-03-15\"]\n3: [\"2023-03-15T18:00:00\" \"45000\"]"},
		{"inline runs", `<row r="2"><c r="A2" t="inlineStr"><is><r><t>one </t></r><r><t xml:space="preserve">&amp; two </t></r><rPh sb="0"><t>NO</t></rPh></is></c></row>`, `2: ["one & two" ""]`},
		{"escapes", `<row r="2"><c r="A2" t="inlineStr"><is><t>a_x000D_b_x005F_x000A_c_x00</t></is></c><c r="B2" t="str"><v>_xD800__xZZZZ_</v></c></row><row r="3"><c r="A3" t="str"><v>_x0000_</v></c></row>`, "2: [\"a\\rb_x000A_c_x00\" \"_xD800__xZZZZ_\"]\n3! the row holds a NUL character"},
		{"blank rows and gaps", `<row r="3"/><row r="5"><c r="A5" s="1"/><c r="B5" t="str"><v> </v></c></row><row r="9"><c r="B9"><v>7</v></c><c r="E9"/></row>`, `9: ["" "7"]`},
		{"prefixes", `<x:row r="2"><x:c r="A2"><x:v>1</x:v></x:c></x:row>`, `2: ["1" ""]`},
		{"too many cells", `<row r="2"><c r="A2"><v>1</v></c><c r="D2"><v>1</v></c></row>`, `2! 4 cells where the header has 2`},
		{"large cell", `<row r="2"><c r="A2" t="str"><v>` + strings.Repeat("x", maxCell+1) + `</v></c></row>`, `2! cell 1 is larger than 64 KiB`},
		{"rows out of order", strings.Repeat(`<row r="2"><c r="A2"><v>1</v></c></row>`, 2), ended + "the rows are not in order"},
		{"cells out of order", `<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>`, ended + "the cells are not in order"},
		{"no reference", `<row r="2"><c r="12"><v>1</v></c></row>`, ended + "the sheet has more than 16384 columns"},
		{"column beyond the last", `<row r="2"><c r="XFE2"><v>1</v></c></row>`, ended + "the sheet has more than 16384 columns"},
		{"broken", `<row r="2"><c r="A2"><v>Smith &Jones;</v></c></row>`, ended + "its XML breaks in line 1"},
		{"token", `<row r="2"><c r="A2"><v>` + strings.Repeat("x", maxToken+1) + `</v></c></row>`, ended + "XML with a token larger than 1024 KiB"},
		{"nested", strings.Repeat("<row>", maxNesting), ended + "XML nested more than 64 levels deep"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := printed(t, bytes.NewReader(archived(t, parts(headerAB+test.rows))), Options{})
			if strings.HasPrefix(test.want, ended) {
				got = got[strings.LastIndex(got, "\n")+1:]
			} else {
				got = strings.TrimPrefix(got, "xlsx [\"a\" \"b\"]\n")
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestWorkbookRefused(t *testing.T) {
	const mend = " | open it in Excel and save it again, or copy it again from where it was made"
	row := headerAB + `<row r="2"><c r="A2"><v>1</v></c></row>`
	for _, test := range []struct {
		name   string
		change func(parts map[string]string)
		want   string
	}{
		{"stale", func(p map[string]string) {
			p["xl/workbook.xml"] = strings.Replace(p["xl/workbook.xml"], "</workbook>", `<calcPr fullCalcOnLoad="1"/></workbook>`, 1)
			p["xl/worksheets/sheet1.xml"] = strings.Replace(p["xl/worksheets/sheet1.xml"], "<v>1", "<f>7</f><v>0", 1)
		}, "xlsx [\"a\" \"b\"]\n2: [\"#FORMULA\" \"\"]"},
		{"1904", func(p map[string]string) {
			p["xl/workbook.xml"] = strings.Replace(p["xl/workbook.xml"], "<sheets>", `<workbookPr date1904="1"/><sheets>`, 1)
			p["xl/worksheets/sheet1.xml"] = strings.Replace(p["xl/worksheets/sheet1.xml"], `r="A2"><v>1<`, `r="A2" s="1"><v>43538<`, 1)
		}, "xlsx [\"a\" \"b\"]\n2: [\"2023-03-15\" \"\"]"},
		{"no workbook", func(p map[string]string) { clear(p); p["workers.csv"] = "a,b" }, "refused: the file is a ZIP archive and no Excel workbook | unpack it, and give the file with the rows"},
		{"empty archive", func(p map[string]string) { clear(p) }, "refused: the file is a ZIP archive and no Excel workbook | unpack it, and give the file with the rows"},
		{"a document", func(p map[string]string) { p["xl/workbook.xml"] = "<document/>" }, "refused: the file is a ZIP archive and no Excel workbook | unpack it, and give the file with the rows"},
		{"xlsb", func(p map[string]string) { p["xl/workbook.bin"] = "" }, "refused: the file is a binary Excel workbook (.xlsb) | in Excel: Save As, Excel Workbook (.xlsx)"},
		{"ods", func(p map[string]string) { clear(p); p["content.xml"] = "<x/>" }, "refused: the file is an OpenDocument file | save it as an Excel workbook (.xlsx), or as CSV UTF-8"},
		{"no sheets", func(p map[string]string) { p["xl/workbook.xml"] = "<workbook/>" }, "refused: the workbook has no sheet with cells | export it as CSV UTF-8"},
		{"chart only", func(p map[string]string) {
			p["xl/_rels/workbook.xml.rels"] = strings.Replace(p["xl/_rels/workbook.xml.rels"], "x/worksheet", "x/chartsheet", 1)
		}, "refused: the workbook has no sheet with cells | export it as CSV UTF-8"},
		{"hidden", func(p map[string]string) {
			p["xl/workbook.xml"] = strings.Replace(p["xl/workbook.xml"], "<sheet ", "<sheet state=\"veryHidden\" ", 1)
		}, "refused: all sheets of the workbook are hidden | name one; the sheets are `One`"},
		{"empty", func(p map[string]string) {
			p["xl/worksheets/sheet1.xml"] = `<worksheet><sheetData><row r="4"/></sheetData></worksheet>`
		}, "refused: the visible sheets of the workbook are empty | name another; the sheets are `One`"},
		{"sheet missing", func(p map[string]string) { delete(p, "xl/worksheets/sheet1.xml") }, "refused: the workbook is damaged: a sheet: the part is missing" + mend},
		{"sheet cut", func(p map[string]string) {
			p["xl/worksheets/sheet1.xml"], _, _ = strings.Cut(p["xl/worksheets/sheet1.xml"], "</sheetData>")
		}, "xlsx [\"a\" \"b\"]\n2: [\"1\" \"\"]\nerr: reading the sheet below row 2: unexpected EOF"},
		{"sheet cut in the header", func(p map[string]string) {
			p["xl/worksheets/sheet1.xml"], _, _ = strings.Cut(p["xl/worksheets/sheet1.xml"], "</c>")
		}, "refused: the workbook is damaged: a sheet: unexpected EOF" + mend},
		{"texts missing", func(p map[string]string) { delete(p, "xl/sharedStrings.xml") }, "refused: the workbook is damaged: its texts: the part is missing" + mend},
		{"texts broken", func(p map[string]string) { p["xl/sharedStrings.xml"] = "<sst><si>" }, "refused: the workbook is damaged: its texts: unexpected EOF" + mend},
		{"styles broken", func(p map[string]string) { p["xl/styles.xml"] = "<a></a></a>" }, "refused: the workbook is damaged: styles.xml: XML closes what it never opened" + mend},
		{"two names", func(p map[string]string) { p["XL/workbook.xml"] = "" }, "refused: the workbook is damaged: its ZIP archive: two entries have one name" + mend},
		{"header", func(p map[string]string) {
			p["xl/worksheets/sheet1.xml"] = `<worksheet><sheetData><row><c t="s"><v>9</v></c></row></sheetData></worksheet>`
		}, "refused: the header row, row 1, cannot be used: a cell refers to a text that the workbook does not have | export it as CSV UTF-8"},
		{"encoding", func(p map[string]string) {
			p["xl/worksheets/sheet1.xml"] = `<?xml version="1.0" encoding="latin1"?><worksheet/>`
		}, `refused: the workbook is damaged: a sheet: xml: encoding "latin1" declared but Decoder.CharsetReader is nil` + mend},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := parts(row)
			test.change(p)
			if diff := cmp.Diff(test.want, printed(t, bytes.NewReader(archived(t, p)), Options{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// A part that is damaged on the way is not taken for a shorter one.
func TestWorkbookChecksum(t *testing.T) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	p := parts(headerAB + `<row r="2"><c r="A2"><v>1</v></c></row>`)
	for _, name := range slices.Sorted(maps.Keys(p)) {
		part, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		must(t)(err)
		_, err = io.WriteString(part, p[name])
		must(t)(err)
	}
	must(t)(w.Close())
	data := bytes.Replace(out.Bytes(), []byte("<v>1</v>"), []byte("<v>2</v>"), 1)
	if got := printed(t, bytes.NewReader(data), Options{}); !strings.HasSuffix(got, "zip: checksum error") {
		t.Errorf("got %s", got)
	}
}

// lying writes an archive with a part that unpacks to more than it says.
func lying(t *testing.T, name string, packed []byte, claimed uint64) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	p := parts(headerAB)
	delete(p, name)
	for _, other := range slices.Sorted(maps.Keys(p)) {
		part, err := w.Create(other)
		must(t)(err)
		_, err = io.WriteString(part, p[other])
		must(t)(err)
	}
	part, err := w.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CompressedSize64: uint64(len(packed)), UncompressedSize64: claimed, CRC32: crc32.ChecksumIEEE(nil)})
	must(t)(err)
	_, err = part.Write(packed)
	must(t)(err)
	must(t)(w.Close())
	return out.Bytes()
}

func TestWorkbookBombs(t *testing.T) {
	const sheet1, texts = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
	const size = 20 << 20
	for _, test := range []struct {
		name, part, unit string
		claimed          uint64
		want             string
	}{
		{"honest", sheet1, "<row></row>", size, "refused: a part of the workbook unpacks to more than any table would"},
		{"honest texts", texts, "<si/>", size, "refused: a part of the workbook unpacks to more than any table would"},
		{"large", sheet1, "<row></row>", maxSheet + 1, "refused: a part of the workbook is larger than 512 MiB"},
		{"large texts", texts, "<si/>", maxStrings + 1, "refused: a part of the workbook is larger than 256 MiB"},
		{"lies", sheet1, "<row></row>", 4096, "refused: the workbook is damaged: a sheet: zip: not a valid zip file"},
		{"lies in texts", texts, "<si/>", 4096, "refused: the workbook is damaged: its texts: zip: not a valid zip file"},
		{"lies in styles", "xl/styles.xml", "<xf/>", 4096, "refused: the workbook is damaged: styles.xml: zip: not a valid zip file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := "<worksheet><sheetData>" + headerAB
			if test.part != sheet1 {
				root = "<x>"
			}
			packed := deflated(t, root, test.unit, size)
			if got := printed(t, bytes.NewReader(lying(t, test.part, packed, test.claimed)), Options{}); !strings.Contains(got, test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	many := bytes.Repeat([]byte("PK\x01\x02"), maxParts+1)
	want := "refused: the ZIP archive has more than 10000 entries and is no workbook of people | export it as CSV UTF-8"
	if got := printed(t, bytes.NewReader(append([]byte("PK\x03\x04"), many...)), Options{}); got != want {
		t.Errorf("got %s", got)
	}
}

// Rows of one cell in the last column cost a whole row each.
func TestWorkbookEmptyCells(t *testing.T) {
	var rows strings.Builder
	for i := range maxCells/maxColumns + 10 {
		fmt.Fprintf(&rows, `<row><c r="XFD%d"><v>1</v></c></row>`, i+2)
	}
	r, err := NewReader(bytes.NewReader(archived(t, parts(headerAB+rows.String()))), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for row := range r.Rows() {
		if row.Err == nil {
			t.Fatalf("row %d is good", row.Line)
		}
	}
	if r.Err() == nil || !strings.Contains(r.Err().Error(), "too many cells") {
		t.Errorf("got error %v", r.Err())
	}
}
