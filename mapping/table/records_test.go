package table

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type seat struct {
	Name  string `csv:"name"`
	Floor int    `csv:"floor"`
	Phone string `csv:"phone,omitempty"`
}

func decodeAll(t *testing.T, in string) (*Records[seat], []string) {
	t.Helper()
	r, err := NewReader(strings.NewReader(in), Options{})
	if err != nil {
		t.Fatal(err)
	}
	records, err := Decode[seat](r)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for record := range records.All() {
		if record.Err != nil {
			got = append(got, fmt.Sprintf("%d! %v", record.Line, record.Err))
			continue
		}
		got = append(got, fmt.Sprintf("%d: %+v", record.Line, record.Value))
	}
	return records, got
}

func TestDecode(t *testing.T) {
	records, got := decodeAll(t, "team;floor;name\nred;1;Ann\nred;second;Bo\nred;3\n\nblue;4;Cy\nblue;;Di\n")
	want := []string{
		"2: {Name:Ann Floor:1 Phone:}",
		"3! column `floor` does not hold a value of type int",
		"4! 2 cells where the header has 3",
		"6: {Name:Cy Floor:4 Phone:}",
		"7: {Name:Di Floor:0 Phone:}",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"team"}, records.Unused()); diff != "" {
		t.Errorf("unused -want +got\n%s", diff)
	}
	if records.Has("phone") || !records.Has("floor") {
		t.Error("Has does not tell the columns of the header")
	}
}

// Rows cross the batches in which they are decoded, in order, bad ones too.
func TestDecodeManyRows(t *testing.T) {
	var in strings.Builder
	in.WriteString("name,floor\n")
	const n = 3*batch + 7
	for i := range n {
		if i%batch < 3 || i%5 == 0 {
			in.WriteString("x,up\n")
		} else {
			fmt.Fprintf(&in, "p%d,%d\n", i, i)
		}
	}
	_, got := decodeAll(t, in.String())
	if len(got) != n {
		t.Fatalf("%d records, want %d", len(got), n)
	}
	for i, line := range got {
		want := fmt.Sprintf("%d: {Name:p%d Floor:%d Phone:}", i+2, i, i)
		if i%batch < 3 || i%5 == 0 {
			want = fmt.Sprintf("%d! column `floor` does not hold a value of type int", i+2)
		}
		if line != want {
			t.Fatalf("got %s, want %s", line, want)
		}
	}
}

func TestDecodeHeader(t *testing.T) {
	for _, test := range []struct {
		header string
		want   Error
	}{
		{"name,phone", Error{"missing column `floor`", "the columns are name, floor, phone; their names must be written exactly so"}},
		{"Name,floor", Error{"unknown column `Name`; did you mean `name`?", "rename the column, or remove it if it is something else"}},
		{"name,floor,Phone", Error{"unknown column `Phone`; did you mean `phone`?", "rename the column, or remove it if it is something else"}},
		{"name,flor,x", Error{"missing column `floor`", "the columns are name, floor, phone; their names must be written exactly so"}},
		{"name,floors,x", Error{"unknown column `floors`; did you mean `floor`?", "rename the column, or remove it if it is something else"}},
		{"name,floor,floor", Error{"column `floor` occurs twice", "keep one of them"}},
		{"NAME,phonee,floor,floor", Error{
			"column `floor` occurs twice; unknown column `NAME`; did you mean `name`?; unknown column `phonee`; did you mean `phone`?",
			"keep one of them; rename the column, or remove it if it is something else",
		}},
	} {
		r, err := NewReader(strings.NewReader(test.header+"\n"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Decode[seat](r)
		var got *Error
		if !errors.As(err, &got) {
			t.Errorf("%s: got %v, want a refusal", test.header, err)
			continue
		}
		if diff := cmp.Diff(test.want, *got); diff != "" {
			t.Errorf("%s: -want +got\n%s", test.header, diff)
		}
	}
}

func TestDecodeNeedsTags(t *testing.T) {
	r, err := NewReader(strings.NewReader("Name\nx\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decode[struct{ Name string }](r); err == nil {
		t.Error("a field without a tag was taken")
	}
	if _, err := Decode[string](r); err == nil {
		t.Error("a string was taken for a struct")
	}
}

func TestEncode(t *testing.T) {
	seats := []seat{{"Ann, \"A\"", 1, "+44 7700 900001"}, {"Bo\nB", 2, ""}}
	for _, records := range [][]seat{seats, nil} {
		var out strings.Builder
		if err := Encode(&out, records); err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(strings.NewReader(out.String()), Options{})
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := Decode[seat](r)
		if err != nil {
			t.Fatal(err)
		}
		var got []seat
		for record := range decoded.All() {
			if record.Err != nil {
				t.Fatal(record.Err)
			}
			got = append(got, record.Value)
		}
		if diff := cmp.Diff(records, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"Personal Mobile", "Home Phone", "Work Phone", "email", "office", "country"}
	for name, want := range map[string]string{
		"Persnal Mobile":  "Personal Mobile",
		"personal_mobile": "Personal Mobile",
		"Home Phoen":      "Home Phone",
		"E-Mail":          "email",
		"ofice":           "office",
		"mail":            "",
		"Status":          "",
		"":                "",
		"?":               "",
	} {
		if got, _ := Nearest(name, names); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func BenchmarkRows(b *testing.B) {
	in := "name,floor,phone\n" + strings.Repeat("\"Poe, Ann\",4,+44 7700 900001\n", 10_000)
	for b.Loop() {
		r, err := NewReader(strings.NewReader(in), Options{})
		if err != nil {
			b.Fatal(err)
		}
		for row := range r.Rows() {
			if row.Err != nil {
				b.Fatal(row.Err)
			}
		}
	}
	b.ReportMetric(10_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
