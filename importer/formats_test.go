package importer_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	utf "golang.org/x/text/encoding/unicode"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/plan"
	"authseed/mapping/preset"
)

// staff is 500 people as an HR system of some language would export them: the
// names and cities, which nobody maps, are what tells the encoding.
func staff(words []string) [][]string {
	rows := [][]string{{"Employee ID", "Status", "Name", "City", "Personal Mobile", "Personal Email", "Country"}}
	for i := range 500 {
		status := "Active"
		if i%17 == 0 {
			status = "Terminated"
		}
		row := []string{
			fmt.Sprintf("%06d", i+1), status, words[i%len(words)] + " " + words[(i*7+3)%len(words)], words[(i*3+1)%len(words)],
			fmt.Sprintf("0171 39%05d", i), fmt.Sprintf("person%d@example.com", i), "DE",
		}
		switch i % 25 {
		case 3:
			row[4] = ""
		case 7:
			row[4] = "12"
		case 11:
			row[4], row[6] = "+44 7400 12"+fmt.Sprintf("%04d", i), "Vereinigtes Königreich"
		}
		if i%25 == 11 && !strings.Contains(words[0], "ö") {
			row[6] = "United Kingdom"
		}
		rows = append(rows, row)
	}
	return rows
}

// tenantOf has everybody in it.
func tenantOf(rows [][]string) *graphsim.Tenant {
	t := &graphsim.Tenant{ID: "c0ffee00-0000-4000-8000-000000000000", VerifiedDomains: []string{"contoso.example"}}
	for i, row := range rows[1:] {
		t.Users = append(t.Users, graphsim.User{
			ID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", i), UserPrincipalName: fmt.Sprintf("p%d@contoso.example", i), EmployeeID: row[0],
		})
	}
	return t
}

func asCSV(t *testing.T, rows [][]string, delimiter rune) []byte {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = delimiter
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encoded(t *testing.T, text []byte, e encoding.Encoding) []byte {
	t.Helper()
	out, err := e.NewEncoder().Bytes(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func asWorkbook(t *testing.T, rows [][]string) []byte {
	t.Helper()
	book := excelize.NewFile()
	for i, row := range rows {
		for j, cell := range row {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := book.SetCellStr("Sheet1", at, cell); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asJSON(t *testing.T, rows [][]string, lines bool) []byte {
	t.Helper()
	var b bytes.Buffer
	var all []map[string]string
	for _, row := range rows[1:] {
		object := map[string]string{}
		for j, cell := range row {
			object[rows[0][j]] = cell
		}
		all = append(all, object)
		if lines {
			if err := json.NewEncoder(&b).Encode(object); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !lines {
		if err := json.NewEncoder(&b).Encode(map[string]any{"value": all}); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func asHDL(rows [][]string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "COMMENT the same people\nMETADATA|Person|%s\n", strings.Join(rows[0], "|"))
	for _, row := range rows[1:] {
		fmt.Fprintf(&b, "MERGE|Person|%s\n", strings.Join(row, "|"))
	}
	return b.Bytes()
}

func zipped(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSamePeople plans the same people out of nine encodings and every format,
// without being told which: the changes and what is left out are the same but
// for the lines.
func TestSamePeople(t *testing.T) {
	german := []string{"Jörg", "Böttcher", "Käthe", "Nußbaum", "Änne", "Müller", "Lindenau", "Straße", "Köln", "Düsseldorf", "Größe", "Übersee"}
	czech := []string{"Jiří", "Dvořák", "Zdeněk", "Růžička", "Šárka", "Čapková", "Łukasz", "Wiśniewski", "Kraków", "Příbram", "Ústí", "Żywiec"}
	russian := []string{"Иван", "Петров", "Ольга", "Смирнова", "Москва", "Екатерина", "Кузнецов", "Новгород", "Сергей", "Васильева",
		"Дмитрий", "Соколова", "Анна", "Михайлов", "Татьяна", "Фёдоров", "Казань", "Челябинск", "Юрий", "Щербакова", "Хабаровск", "Жуков"}
	japanese1 := []string{"山田太郎", "佐藤花子", "東京都", "すずき", "大阪市", "たかはし", "渡辺", "カトウ", "名古屋", "よしだ"}
	korean1 := []string{"김서연", "박지훈", "서울", "이민준", "부산", "최수진", "대전", "정하은", "강원도", "한지민"}
	chinese := []string{"王小明", "李娜", "北京", "张伟", "上海", "刘洋", "广州", "陈静", "深圳", "杨帆"}
	base := staff(german)
	files := map[string][]byte{
		"utf-8":              asCSV(t, base, ','),
		"utf-8 with a mark":  append([]byte("\ufeff"), asCSV(t, base, ',')...),
		"utf-16le with mark": encoded(t, asCSV(t, base, ','), utf.UTF16(utf.LittleEndian, utf.UseBOM)),
		"utf-16be with mark": encoded(t, asCSV(t, base, ','), utf.UTF16(utf.BigEndian, utf.UseBOM)),
		"utf-16le":           encoded(t, asCSV(t, base, ','), utf.UTF16(utf.LittleEndian, utf.IgnoreBOM)),
		"utf-16be":           encoded(t, asCSV(t, base, ','), utf.UTF16(utf.BigEndian, utf.IgnoreBOM)),
		"windows-1252":       encoded(t, asCSV(t, base, ','), charmap.Windows1252),
		"windows-1250":       encoded(t, asCSV(t, staff(czech), ','), charmap.Windows1250),
		"windows-1251":       encoded(t, asCSV(t, staff(russian), ','), charmap.Windows1251),
		"shift-jis":          encoded(t, asCSV(t, staff(japanese1), ','), japanese.ShiftJIS),
		"euc-kr":             encoded(t, asCSV(t, staff(korean1), ','), korean.EUCKR),
		"gb18030":            encoded(t, asCSV(t, staff(chinese), ','), simplifiedchinese.GB18030),
		"semicolons":         asCSV(t, base, ';'),
		"tabs":               asCSV(t, base, '\t'),
		"pipes":              asCSV(t, base, '|'),
		"xlsx":               asWorkbook(t, base),
		"json":               asJSON(t, base, false),
		"json lines":         asJSON(t, base, true),
		"hdl":                asHDL(base),
		"csv.gz":             zipped(t, asCSV(t, base, ',')),
		"xlsx.gz":            zipped(t, asWorkbook(t, base)),
		"jsonl.gz":           zipped(t, asJSON(t, base, true)),
	}
	planned := func(t *testing.T, content io.Reader) (lines []string) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, graphsim.Options{Tenant: tenantOf(base)})
			p := w.mustPlan(importer.File{Name: "hr", Content: content}, func(o *importer.PlanOptions) {
				o.Chosen = func(c *preset.Choice) { lines = append(lines, "preset "+c.Preset.Name) }
			})
			lines = append(lines, fmt.Sprintf("%+v", p.Summary))
			for _, c := range p.Changes {
				c.Origin = plan.Origin{}
				lines = append(lines, fmt.Sprintf("%+v %s", c, c.After.Folded()))
			}
			for _, s := range p.Skipped {
				lines = append(lines, fmt.Sprintf("%v %s %s", s.Method, s.Reason, s.Detail))
			}
		})
		for i, line := range lines {
			if strings.HasPrefix(line, "0x") { // the address of a skip's method
				_, lines[i], _ = strings.Cut(line, " ")
			}
		}
		return lines
	}
	want := planned(t, bytes.NewReader(files["utf-8"]))
	if len(want) < 900 {
		t.Fatalf("%d lines planned: %q", len(want), want[:min(3, len(want))])
	}
	for name, content := range files {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, planned(t, bytes.NewReader(content))); diff != "" {
				t.Errorf("-want +got\n%.3000s", diff)
			}
		})
	}
}
