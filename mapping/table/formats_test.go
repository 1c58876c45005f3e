package table

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// printed is what a reader makes of a file, or of what it refuses.
func printed(t *testing.T, src io.Reader, o Options) string {
	t.Helper()
	r, err := NewReader(src, o)
	if err != nil {
		var refusal *Error
		if !errors.As(err, &refusal) {
			return "error: " + err.Error()
		}
		return "refused: " + refusal.What + " | " + refusal.Hint
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s %q\n", r.About().Format, r.Header())
	for row := range r.Rows() {
		if row.Err != nil {
			fmt.Fprintf(&out, "%d! %v\n", row.Line, row.Err)
			continue
		}
		fmt.Fprintf(&out, "%d: %q\n", row.Line, row.Cells)
	}
	if r.Err() != nil {
		fmt.Fprintf(&out, "err: %v\n", r.Err())
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// text16 is a text as Windows PowerShell writes it.
func text16(text string, bigEndian bool) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		if bigEndian {
			out = append(out, byte(unit>>8), byte(unit))
		} else {
			out = append(out, byte(unit), byte(unit>>8))
		}
	}
	return out
}

func zipped(t testing.TB, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestFormatGiven(t *testing.T) {
	for _, test := range []struct {
		name, in string
		format   Format
		want     string
	}{
		{"csv", "a,b\n1,2\n", CSV, "csv [\"a\" \"b\"]\n2: [\"1\" \"2\"]"},
		{"json, and one line", `{"a": 1, "b": [{"c": 2}]}`, JSON, "json [\"c\"]\n1: [\"2\"]"},
		{"json lines, and one line", `{"a": 1, "b": [{"c": 2}]}`, JSONLines, "jsonl [\"a\" \"b.0.c\"]\n1: [\"1\" \"2\"]"},
		{"hdl, and pipes", "a|b\n1|2\n", HDL, "refused: the file has no METADATA line | export it again from Oracle HCM, or as CSV UTF-8"},
		{"xlsx, and text", "a,b\n", XLSX, "refused: the workbook is damaged: its ZIP archive: zip: not a valid zip file | open it in Excel and save it again, or copy it again from where it was made"},
		{"json, and text", "a,b\n", JSON, "refused: the file is not JSON | an array of objects is expected, an object that holds one such array, or one object in each line"},
		{"unknown", "a,b\n", "tsv", "refused: `tsv` is not a format | use csv, xlsx, json, jsonl or hdl, or leave it out"},
	} {
		if diff := cmp.Diff(test.want, printed(t, strings.NewReader(test.in), Options{Format: test.format})); diff != "" {
			t.Errorf("%s: -want +got\n%s", test.name, diff)
		}
	}
}

func TestGzip(t *testing.T) {
	csv := "a,b\n" + strings.Repeat("1,2\n", 3)
	whole := zipped(t, csv)
	long := zipped(t, "id,phone\n"+strings.Repeat("0042,+12065550100\n", 20_000))
	var many strings.Builder
	many.WriteString("id,phone\n")
	for i := range 20_000 {
		fmt.Fprintf(&many, "%d,+1206555%04d\n", i, i*7919%10_000)
	}
	cut := zipped(t, many.String())
	for _, test := range []struct {
		name string
		in   []byte
		want string
	}{
		{"csv", whole, "csv [\"a\" \"b\"]\n2: [\"1\" \"2\"]\n3: [\"1\" \"2\"]\n4: [\"1\" \"2\"]"},
		{"members", append(zipped(t, "a,b\n1,"), zipped(t, "2\n")...), "csv [\"a\" \"b\"]\n2: [\"1\" \"2\"]"},
		{"json", zipped(t, `[{"a": 1}]`), "json [\"a\"]\n1: [\"1\"]"},
		{"hdl", zipped(t, "METADATA|P|A\nMERGE|P|1\n"), "hdl [\"Object\" \"A\"]\n2: [\"P\" \"1\"]"},
		{"twice", zipped(t, string(whole)), "refused: the file is compressed with gzip twice | decompress it once"},
		{"no gzip", []byte("\x1f\x8b\x08"), "refused: the file begins like gzip and is not | copy it again from where it was made"},
		{"nothing inside", zipped(t, ""), "refused: the file is empty | a CSV file with a header row is expected; export it again"},
		{"cut in the header", whole[:14], "refused: the file is compressed with gzip and damaged: reading header: unpacking gzip: unexpected EOF | copy it again from where it was made"},
		{"json cut", zipped(t, `[{"a": 1}]`)[:len(zipped(t, `[{"a": 1}]`))-4], "refused: the file is compressed with gzip and damaged: reading the file: unpacking gzip: unexpected EOF | copy it again from where it was made"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, printed(t, iotest.OneByteReader(bytes.NewReader(test.in)), Options{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	corrupt := bytes.Clone(long)
	corrupt[len(corrupt)-6] ^= 1 // in the checksum
	for _, test := range []struct {
		name string
		in   []byte
		want string
		rows int
	}{
		{"whole", long, "", 20_000},
		{"checksum", corrupt, "gzip: invalid checksum", 20_000},
		{"garbage behind", append(bytes.Clone(long), "garbage behind it"...), "gzip: invalid header", 20_000},
		{"cut", cut[:len(cut)/2], "unexpected EOF", 10_000},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := NewReader(bytes.NewReader(test.in), Options{})
			if err != nil {
				t.Fatal(err)
			}
			rows := 0
			for row := range r.Rows() {
				if row.Err != nil || len(row.Cells) != 2 || test.name == "cut" && len(row.Cells[1]) != 12 && len(row.Cells[1]) != 11 {
					t.Fatalf("%d: %q %v", row.Line, row.Cells, row.Err)
				}
				rows++
			}
			if !r.About().Gzip || r.About().Format != CSV {
				t.Errorf("about %+v", r.About())
			}
			if test.want == "" && r.Err() != nil || test.want != "" && (r.Err() == nil || !strings.Contains(r.Err().Error(), test.want)) {
				t.Errorf("got error %v, want %q", r.Err(), test.want)
			}
			// What the stream holds before it fails is read, but for a last row cut in two.
			if rows > test.rows*11/10 || rows < test.rows*9/10 {
				t.Errorf("%d rows, want %d", rows, test.rows)
			}
		})
	}
}

// The error of the disk is no fault of the gzip stream.
func TestGzipReadError(t *testing.T) {
	failed := errors.New("network is gone")
	whole := zipped(t, "a,b\n1,2\n")
	for _, size := range []int{5, 14} {
		_, err := NewReader(io.MultiReader(bytes.NewReader(whole[:size]), iotest.ErrReader(failed)), Options{})
		if !errors.Is(err, failed) {
			t.Errorf("after %d bytes: got error %v", size, err)
		}
	}
}

// zeros is a reader without an end.
type zeros struct{ left int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.left)
	for i := range p[:n] {
		p[i] = ','
		if (z.left-int64(i))%(4<<20) == 0 {
			p[i] = '\n' // rows, however long
		}
	}
	z.left -= n
	return int(n), nil
}

func TestGzipBomb(t *testing.T) {
	var bomb bytes.Buffer
	w, err := gzip.NewWriterLevel(&bomb, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, io.MultiReader(strings.NewReader("a,b\n"), &zeros{left: maxGzip + 1<<20})); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(&bomb, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for row := range r.Rows() {
		if row.Err == nil {
			t.Errorf("row %d is good", row.Line)
		}
	}
	if r.Err() == nil || !strings.Contains(r.Err().Error(), "is no table") {
		t.Errorf("got error %v", r.Err())
	}
}

// deflated packs a text that goes on with unit up to size.
func deflated(t *testing.T, start, unit string, size int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	chunk := strings.Repeat(unit, 4096)
	for _, err = io.WriteString(w, start); size > 0 && err == nil; size -= len(chunk) {
		_, err = io.WriteString(w, chunk)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
