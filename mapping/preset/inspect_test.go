package preset

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"authseed/mapping"
	"authseed/mapping/charset"
	"authseed/mapping/table"
)

func (e export) open(t *testing.T) *table.Reader {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(exports, e.system, e.file))
	if err != nil {
		t.Fatal(err)
	}
	r, err := table.NewReader(bytes.NewReader(content), table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// delimiterText undoes what the table of the README needs.
func (e export) delimiterText() string {
	if e.delimiter == "pipe" {
		return "|"
	}
	return e.delimiter
}

// TestInspect finds out what every system's export is, without being told
// anything, and shows nothing that the mapping does not use.
func TestInspect(t *testing.T) {
	for _, e := range readExports(t) {
		t.Run(e.system, func(t *testing.T) {
			r := e.open(t)
			choice := Choose(r)
			in, err := Inspect(e.file, r, choice)
			if err != nil {
				t.Fatal(err)
			}
			encoding, bom := strings.CutSuffix(e.encoding, " (BOM)")
			if e.encoding == "ascii" {
				encoding = "utf-8"
			}
			wanted, err := charset.Parse(encoding)
			if err != nil {
				t.Fatal(err)
			}
			about := in.About
			if e.format == "csv" && (about.Encoding != wanted || bom && !about.BOM) {
				t.Errorf("encoding %s, mark %v; want %s", about.Encoding, about.BOM, e.encoding)
			}
			if string(about.Format) != e.format || e.format == "csv" && string(about.Delimiter) != e.delimiterText() || e.quote != "none" && string(about.Quote) != e.quote {
				t.Errorf("%s %q %q; want %s %q %q", about.Format, about.Delimiter, about.Quote, e.format, e.delimiter, e.quote)
			}
			if e.format == "csv" && (strconv.Itoa(about.HeaderLine) != e.headerLine || strconv.Itoa(about.HeaderRows) != e.headerRows) {
				t.Errorf("header in line %d, %d rows; want %s, %s", about.HeaderLine, about.HeaderRows, e.headerLine, e.headerRows)
			}
			if in.Preset != e.preset || !in.Certain {
				t.Errorf("preset %s, certain %v (%s); want %s for certain", in.Preset, in.Certain, strings.Join(in.Why, "; "), e.preset)
			}
			if in.Rows < 24 {
				t.Errorf("%d rows", in.Rows)
			}
			for _, c := range in.Columns {
				for _, sample := range c.Samples {
					if strings.Contains(sample, "Zauber!") || strings.HasSuffix(sample, ".77") || strings.HasSuffix(sample, ",77") {
						t.Errorf("%s shows %q", c.Name, sample)
					}
				}
				if c.Use == "" && c.Samples != nil {
					t.Errorf("%s is not used and shows samples", c.Name)
				}
			}
			if text := string(in.Mapping); strings.Contains(text, "Zauber!") {
				t.Errorf("the mapping holds a password:\n%s", text)
			}
			m, err := mapping.Parse("written.yaml", in.Mapping)
			if err != nil {
				t.Fatalf("%v\n%s", err, in.Mapping)
			}
			if failures := m.RunExamples(); failures != nil {
				t.Errorf("its examples: %v\n%s", failures, in.Mapping)
			}
		})
	}
}

// TestMask shows the shape of what a mapped column holds, and nothing else.
func TestMask(t *testing.T) {
	in := &inspecting{looks: make([]looks, 2), uses: map[int]string{0: "mobile", 1: "email"}}
	in.looks[0].phones = 1
	for _, test := range []struct {
		at         int
		cell, want string
	}{
		{0, "+4474001 23456", "+*** **56"}, {0, "(07400) 123456", "*** **56"}, {0, "='+447400123456", "+*** **56"}, {0, "1234", "*** ****"}, {0, "n/a", "*** ****"},
		{1, "ann@example.com", "a***@example.com"}, {1, "ann@example.com, born 1970", "a***"}, {1, "Ann <ann@example.com>", "A***"},
		{1, "a@b@example.com", "a***"}, {1, "李娜", "李***"},
	} {
		if got := in.mask(test.at, test.cell); got != test.want {
			t.Errorf("%q: %q, want %q", test.cell, got, test.want)
		}
	}
}

// TestDepartmentsThatAreNone: a column that is called a department and holds
// something else is masked like any other.
func TestDepartmentsThatAreNone(t *testing.T) {
	for cell, want := range map[string]string{
		"Customer Care": "Customer Care", "kim.lee@example.com": "k***@example.com", "Kim <kim.lee@example.com>": "K***",
	} {
		file := "User Principal Name,Personal Mobile,Department\nkim@contoso.example,+49 1713920001," + cell + "\n"
		reader, err := table.NewReader(strings.NewReader(file), table.Options{})
		if err != nil {
			t.Fatal(err)
		}
		in, err := Inspect("people.csv", reader, Choose(reader))
		if err != nil {
			t.Fatal(err)
		}
		if shown := strings.Join(in.Columns[2].Samples, " "); !strings.Contains(shown, want) || strings.Contains(shown, "kim.lee") {
			t.Errorf("%q is shown as %s", cell, shown)
		}
	}
}
