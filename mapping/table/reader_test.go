package table

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"authseed/mapping/charset"
)

// dump prints what a reader makes of a text: delimiter, header and rows.
func dump(t *testing.T, src io.Reader, o Options) string {
	t.Helper()
	r, err := NewReader(src, o)
	if err != nil {
		var refusal *Error
		if errors.As(err, &refusal) {
			return "refused: " + refusal.What
		}
		return "error: " + err.Error()
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%q %d: %q\n", r.About().Delimiter, r.About().HeaderLine, r.Header())
	for row := range r.Rows() {
		switch {
		case row.Err != nil:
			fmt.Fprintf(&out, "%d! %v\n", row.Line, row.Err)
			continue
		case row.Aside != "":
			fmt.Fprintf(&out, "%d- %s\n", row.Line, row.Aside)
			continue
		}
		fmt.Fprintf(&out, "%d: %q\n", row.Line, row.Cells)
	}
	if r.Err() != nil {
		fmt.Fprintf(&out, "err: %v\n", r.Err())
	}
	return out.String()
}

func TestRows(t *testing.T) {
	for _, test := range []struct {
		name, in string
		options  Options
		want     string
	}{
		{"plain", "a,b\n1,2\n3,4\n", Options{}, "',' 1: [\"a\" \"b\"]\n2: [\"1\" \"2\"]\n3: [\"3\" \"4\"]\n"},
		{"no last line end", "a,b\n1,2", Options{}, "',' 1: [\"a\" \"b\"]\n2: [\"1\" \"2\"]\n"},
		{"header only", "a,b", Options{}, "',' 1: [\"a\" \"b\"]\n"},
		{"crlf and bom", "\ufeffa,b\r\n1,2\r\n", Options{}, "',' 1: [\"a\" \"b\"]\n2: [\"1\" \"2\"]\n"},
		{"bom before a quote", "\ufeff\"a\",b\n1,2\n", Options{}, "',' 1: [\"a\" \"b\"]\n2: [\"1\" \"2\"]\n"},
		{"lone cr", "a,b\r1,2\r\r3,4\r", Options{}, "',' 1: [\"a\" \"b\"]\n2: [\"1\" \"2\"]\n4: [\"3\" \"4\"]\n"},
		{"blank lines", "\n \t\na,b\n\n1,2\n   \n3,4\n\n", Options{}, "',' 3: [\"a\" \"b\"]\n5: [\"1\" \"2\"]\n7: [\"3\" \"4\"]\n"},
		{"trimmed", " a ;\u00a0b\u00a0\n  1\t; 2 \n", Options{}, "';' 1: [\"a\" \"b\"]\n2: [\"1\" \"2\"]\n"},
		{"tab keeps empty cells", "a\tb\tc\n\t\tx\n1\t\t\n", Options{}, "'\\t' 1: [\"a\" \"b\" \"c\"]\n2: [\"\" \"\" \"x\"]\n3: [\"1\" \"\" \"\"]\n"},
		{"pipe", "a|b\n1|2\n", Options{}, "'|' 1: [\"a\" \"b\"]\n2: [\"1\" \"2\"]\n"},
		{"one column", "a\n1\n2\n", Options{}, "',' 1: [\"a\"]\n2: [\"1\"]\n3: [\"2\"]\n"},
		{"quotes", "a,b\n\"x, \"\"y\"\"\",\" z \"\n\"\",2\n", Options{}, "',' 1: [\"a\" \"b\"]\n2: [\"x, \\\"y\\\"\" \"z\"]\n3: [\"\" \"2\"]\n"},
		{"white space round quotes", "a,b\n \"1\" , \"2\"\t\n", Options{}, "',' 1: [\"a\" \"b\"]\n2: [\"1\" \"2\"]\n"},
		{"line breaks in quotes", "a,b\n\"1\n2\r\n3\r4\",x\n5,6\n", Options{}, "',' 1: [\"a\" \"b\"]\n2: [\"1\\n2\\r\\n3\\r4\" \"x\"]\n6: [\"5\" \"6\"]\n"},
		{"line breaks in the header", "\"a\nb\",c\n1,2\n", Options{}, "',' 1: [\"a\\nb\" \"c\"]\n3: [\"1\" \"2\"]\n"},
		{"ragged", "a,b,c\n1,2\n1,2,3,4\n1,2,3\n", Options{}, "',' 1: [\"a\" \"b\" \"c\"]\n2! 2 cells where the header has 3\n3! 4 cells where the header has 3; perhaps a comma inside a value is not in quotes\n4: [\"1\" \"2\" \"3\"]\n"},
		{"ragged over lines", "a,b,c\n1,\"2\n3,4\"\n5,6,7\n", Options{}, "',' 1: [\"a\" \"b\" \"c\"]\n2! 2 cells where the header has 3; the record ends in line 3\n4: [\"5\" \"6\" \"7\"]\n"},
		{"empty cells too many", "a,b\n1,2,,\n1,2,,3\n", Options{}, "',' 1: [\"a\" \"b\"]\n2! 4 cells where the header has 2; perhaps a comma inside a value is not in quotes; if every row ends in a comma, the header has to as well\n3! 4 cells where the header has 2; perhaps a comma inside a value is not in quotes\n"},
		{"columns without a name", "a,b,,\n1,2\n1,2,3\n1\n", Options{}, "',' 1: [\"a\" \"b\" \"\" \"\"]\n2: [\"1\" \"2\" \"\" \"\"]\n3: [\"1\" \"2\" \"3\" \"\"]\n4! 1 cell where the header has 4\n"},
		{"bare quote", "a,b\n5\" pipe,2\n3,4\n", Options{}, "',' 1: [\"a\" \"b\"]\n2! a quote in the middle of cell 1\n3: [\"3\" \"4\"]\n"},
		{"text after a quote", "a,b\n1,\"2\"x\n3,4\n", Options{}, "',' 1: [\"a\" \"b\"]\n2! text after the closing quote of cell 2\n3: [\"3\" \"4\"]\n"},
		{"open quote at the end", "a,b\n1,\"2\n3,4\n5,6\n", Options{}, "',' 1: [\"a\" \"b\"]\n2! the quote that opens cell 2 is not closed\n3: [\"3\" \"4\"]\n4: [\"5\" \"6\"]\n"},
		{"open quote before quoted rows", "a,b\n\"1\",\"2\n\"3\",\"4\"\n\"5\",\"6\"\n", Options{}, "',' 1: [\"a\" \"b\"]\n2! text after the closing quote of cell 2\n3: [\"3\" \"4\"]\n4: [\"5\" \"6\"]\n"},
		{"nul and latin-1", "a,b\n1,\x00\n1,M\xfcller\n1,äöüäöüäöüß\n", Options{}, "',' 1: [\"a\" \"b\"]\n2! the row holds a NUL byte\n3! the row holds bytes that cannot be read as utf-8; source: {encoding: NAME} in a mapping file says what the file is in\n4: [\"1\" \"äöüäöüäöüß\"]\n"},
		{"latin-1", "a,b\n1,M\xfcller\n1,Stra\xdfe\n", Options{}, "',' 1: [\"a\" \"b\"]\n2: [\"1\" \"Müller\"]\n3: [\"1\" \"Straße\"]\n"},
		{"latin-1, named", "a,b\n1,\x81\n1,\x8a\n", Options{Encoding: charset.Windows1252}, "',' 1: [\"a\" \"b\"]\n2! the row holds bytes that cannot be read as windows-1252; source: {encoding: NAME} in a mapping file says what the file is in\n3: [\"1\" \"Š\"]\n"},
		{"utf-16", "\xff\xfea\x00,\x00b\x00\n\x001\x00,\x002\x00", Options{}, "',' 1: [\"a\" \"b\"]\n2: [\"1\" \"2\"]\n"},
		{"utf-16 without a mark", "a\x00,\x00b\x00\n\x001\x00,\x002\x00\n\x00", Options{}, "',' 1: [\"a\" \"b\"]\n2: [\"1\" \"2\"]\n"},
		{"semicolons with commas in the cells", "Last, First;Phone;Mail\nPoe, Ann;1;2\nRoe, Bo;3;4\nDoe, Cy;5\n", Options{}, "';' 1: [\"Last, First\" \"Phone\" \"Mail\"]\n2: [\"Poe, Ann\" \"1\" \"2\"]\n3: [\"Roe, Bo\" \"3\" \"4\"]\n4! 2 cells where the header has 3\n"},
		{"delimiter in quotes does not count", "\"a;b;c\",d\n\"1;2;3\",4\n", Options{}, "',' 1: [\"a;b;c\" \"d\"]\n2: [\"1;2;3\" \"4\"]\n"},
		{"delimiter given", "a;b,c\n1;2,3\n", Options{Delimiter: ';'}, "';' 1: [\"a\" \"b,c\"]\n2: [\"1\" \"2,3\"]\n"},
		{"header line given", "Report, \"of\n\na,b\n1,2\n", Options{HeaderLine: 3}, "',' 3: [\"a\" \"b\"]\n4: [\"1\" \"2\"]\n"},
		{"names repeat", "a,a\n1,2\n", Options{}, "',' 1: [\"a\" \"a\"]\n2: [\"1\" \"2\"]\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, dump(t, strings.NewReader(test.in), test.options)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if diff := cmp.Diff(test.want, dump(t, iotest.OneByteReader(strings.NewReader(test.in)), test.options)); diff != "" {
				t.Errorf("byte by byte: -want +got\n%s", diff)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		name, in string
		options  Options
		want     Error
	}{
		{"empty", "", Options{}, Error{"the file is empty", "a CSV file with a header row is expected; export it again"}},
		{"bom only", "\ufeff", Options{}, Error{"the file is empty", "a CSV file with a header row is expected; export it again"}},
		{"blank", "\n \r\n\t\n", Options{}, Error{"the file holds only blank lines", "a CSV file with a header row is expected; export it again"}},
		{"xls", "\xd0\xcf\x11\xe0\xa1\xb1", Options{}, Error{"the file is an old Excel workbook, not CSV", "in Excel: Save As, CSV UTF-8"}},
		{"pdf", "%PDF-1.7\n", Options{}, Error{"the file is a PDF, not CSV", "export it as CSV UTF-8"}},
		{"utf-16, but the mapping says otherwise", "\xff\xfea\x00,\x00b\x00", Options{Encoding: charset.UTF8}, Error{"the file says by its first bytes that it is utf-16le, and the mapping says utf-8", "leave encoding out, and it is found out"}},
		{"html", "\n<!DOCTYPE html><html>", Options{}, Error{"the file is a web page, not CSV", "a download may have ended at a sign-in page; export it as CSV UTF-8"}},
		{"xml", "<?xml version=\"1.0\"?>", Options{}, Error{"the file is XML, not CSV", "export it as CSV UTF-8"}},
		{"latin-1 header", "Stra\xdfe,Telefon\n1,2\n", Options{}, Error{"the encoding of the file is not certain, it may be windows-1252 or windows-1250: it reads as windows-1252, and might be shift-jis", "name it in a mapping file, source: {encoding: windows-1252}; or export it as CSV UTF-8"}},
		{"broken header", "a,\"b\n1,2\n", Options{}, Error{"the header row in line 1 cannot be read: the quote that opens cell 2 is not closed", "export it as CSV UTF-8"}},
		{"too many columns", strings.Repeat(",", maxColumns) + "a\n", Options{}, Error{"the header row has 16385 columns; the most is 16384", "export it as CSV UTF-8"}},
		{"header line blank", "a,b\n\n1,2\n", Options{HeaderLine: 2}, Error{"line 2, the header row, is blank", "correct header_row, or leave it out"}},
		{"header line beyond the end", "a,b\n1,2\n", Options{HeaderLine: 9}, Error{"the header row is said to be line 9, and the file has 2", "correct header_row, or leave it out"}},
		{"delimiter", "a,b\n", Options{Delimiter: '"'}, Error{"'\"' cannot be a delimiter", "use a comma, a semicolon, a tab or a pipe"}},
		{"apostrophe as delimiter", "a,b\n", Options{Delimiter: '\''}, Error{"'\\'' cannot be a delimiter", "use a comma, a semicolon, a tab or a pipe"}},
		{"quote", "a,b\n", Options{Quote: '|'}, Error{"'|' cannot be a quote", "use \" or '"}},
		{"header rows", "a,b\n", Options{HeaderRows: 3}, Error{"the header cannot have 3 rows", "use 1 or 2"}},
		{"nul in the header", "Employee ID,Mob\x00ile,E-Mail\n0042,,\n", Options{}, Error{"the header row in line 1 holds a NUL byte", "delete it in a text editor, or export the file again"}},
		{"nul in the second line of the header", "Employee ID,\"Mobile\nPh\x00one\"\n0042,\n", Options{}, Error{"the header row in line 1 holds a NUL byte", "delete it in a text editor, or export the file again"}},
		{"only first lines", "version:v1.0\n\n", Options{}, Error{"the file holds no table, only what stands above one", "a CSV file with a header row is expected; export it again"}},
		{"no second header row", "a,b\n\n", Options{HeaderRows: 2}, Error{"the header is said to have two rows, and the file ends after the first", "correct header_rows, or leave it out"}},
		{"broken second header row", "a,b\n\n\"c,d\n", Options{HeaderRows: 2}, Error{"the second header row in line 3 cannot be used: the quote that opens cell 1 is not closed", "export it as CSV UTF-8"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := NewReader(strings.NewReader(test.in), test.options)
			var got *Error
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want a refusal", err)
			}
			if diff := cmp.Diff(test.want, *got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	lines := func(n int, line string) string { return strings.Repeat(line+"\n", n) }
	for _, test := range []struct {
		name, in string
		bad      map[int]string
		good     int
	}{
		{"open quote, then many rows", "a,b\n1,\"x\n" + lines(300_000, "3,4"), map[int]string{2: "the record is longer than 1 MiB; perhaps a quote is not closed"}, 300_000},
		{"open quote, then few rows", "a,b\n1,\"x\n" + lines(1000, "3,4"), map[int]string{2: "the quote that opens cell 2 is not closed"}, 1000},
		{"large cell", "a,b\n1,\"" + strings.Repeat("x", maxCell+1) + "\"\n3,4\n", map[int]string{2: "cell 2 is larger than 64 KiB"}, 1},
		// The lines of a cell that is closed properly never become rows.
		{"many line breaks", "a,b\n1,\"" + lines(200, "3,4") + "\"\n5,6\n", map[int]string{2: "the record spans 201 lines; perhaps a quote is not closed"}, 1},
		{"line longer than a record", "a,b\n" + strings.Repeat("x", 3*maxRecord) + "\n3,4\n", map[int]string{2: "the record is longer than 1 MiB; perhaps a quote is not closed"}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := NewReader(strings.NewReader(test.in), Options{})
			if err != nil {
				t.Fatal(err)
			}
			bad, good := map[int]string{}, 0
			for row := range r.Rows() {
				if row.Err != nil {
					bad[row.Line] = row.Err.Error()
				} else {
					good++
				}
			}
			if diff := cmp.Diff(test.bad, bad); diff != "" || good != test.good {
				t.Errorf("%d good rows, want %d; bad rows -want +got\n%s", good, test.good, diff)
			}
			if cap(r.source.(*text).buf) > maxRecord {
				t.Errorf("the buffer grew to %d bytes", cap(r.source.(*text).buf))
			}
		})
	}
}

// A number cut off by a failing disk or network must not become a row.
func TestReadErrorDropsTheRest(t *testing.T) {
	failed := errors.New("network is gone")
	src := io.MultiReader(strings.NewReader("a,b\n1,2\n3,+44 7700 9001"), iotest.ErrReader(failed))
	r, err := NewReader(src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for row := range r.Rows() {
		lines = append(lines, row.Line)
	}
	if diff := cmp.Diff([]int{2}, lines); diff != "" {
		t.Errorf("rows -want +got\n%s", diff)
	}
	if !errors.Is(r.Err(), failed) || r.Err().Error() != "reading line 3: network is gone" {
		t.Errorf("got error %v", r.Err())
	}
	if _, err := NewReader(io.MultiReader(strings.NewReader("a,b"), iotest.ErrReader(failed)), Options{}); !errors.Is(err, failed) {
		t.Errorf("in the header: got error %v", err)
	}
}

func TestRowsGoOn(t *testing.T) {
	r, err := NewReader(strings.NewReader("a,b\n1,2\n3,4\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range r.Rows() {
		break
	}
	for row := range r.Rows() {
		if row.Line != 3 {
			t.Errorf("went on in line %d", row.Line)
		}
		return
	}
	t.Error("no second row")
}

func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "\ufeffa;b\r\n\"1\n2\";3\r\n", "a\tb\r1\t\"x\r", "a|b\n\"\"\"|2\n", "\n\n \na,b,,\n1\n1,2,,,\n",
		"PK\x03\x04", "\xff\xfea\x00", "a,b\n\xff,\x00\n", "\"a\n\",b\n5\" x,y\n", "{", "\"",
	} {
		f.Add([]byte(seed), byte(0), 0)
	}
	f.Add([]byte("x\ny;z\n1;2\n"), byte(';'), 2)
	f.Fuzz(func(t *testing.T, data []byte, delim byte, headerLine int) {
		r, err := NewReader(strings.NewReader(string(data)), Options{Delimiter: rune(delim), HeaderLine: headerLine})
		if err != nil {
			var refusal *Error
			if !errors.As(err, &refusal) || refusal.What == "" {
				t.Fatalf("got error %v", err)
			}
			return
		}
		last, size := r.About().HeaderLine, 0
		for row := range r.Rows() {
			if row.Line <= last {
				t.Fatalf("line %d after line %d", row.Line, last)
			}
			last = row.Line
			checkRow(t, row, len(r.Header()))
			for _, cell := range row.Cells {
				size += len(cell)
			}
		}
		csv, plain := r.source.(*text)
		if !plain {
			return // the other formats have targets of their own
		}
		// No byte of an encoding becomes more than three of UTF-8.
		if size > 3*len(data) || cap(csv.buf) > maxRecord {
			t.Fatalf("%d bytes of cells from %d, a buffer of %d", size, len(data), cap(csv.buf))
		}
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
	})
}

// endlessCell is a header and a row of one cell that does not end.
type endlessCell struct{ read int64 }

func (e *endlessCell) Read(p []byte) (int, error) {
	n := copy(p, "a,b\n")
	if e.read > 0 {
		n = 0
	}
	for i := n; i < len(p); i++ {
		p[i] = 'x'
	}
	e.read += int64(len(p))
	return len(p), nil
}

// TestEndlessCell gives up on a cell of any size, in bounded memory and time.
func TestEndlessCell(t *testing.T) {
	src := &endlessCell{}
	r, err := NewReader(src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for range r.Rows() {
		rows++
	}
	var refused *Error
	if !errors.As(r.Err(), &refused) || refused != errLongLine || rows > 1 {
		t.Errorf("%d rows, then %v", rows, r.Err())
	}
	if src.read > 2*maxLine || cap(r.source.(*text).buf) > maxRecord {
		t.Errorf("%d bytes were read, into a buffer of %d", src.read, cap(r.source.(*text).buf))
	}
}
