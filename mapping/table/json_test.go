package table

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestJSON(t *testing.T) {
	deep := strings.Repeat(`{"a":`, maxDepth+1) + "1" + strings.Repeat("}", maxDepth+1)
	for _, test := range []struct{ name, in, want string }{
		{"array", "[\n  {\"id\": \"0042\", \"phone\": 12065550100},\n  {\"id\": 7}\n]\n", `json ["id" "phone"]
2: ["0042" "12065550100"]
3: ["7" ""]`},
		{"bom", "\ufeff[{\"a\": 1}]", `json ["a"]
1: ["1"]`},
		{"numbers as written", `[{"a": 1e10, "b": -0.50, "c": 12345678901234567890, "d": 1E+2}]`, `json ["a" "b" "c" "d"]
1: ["1e10" "-0.50" "12345678901234567890" "1E+2"]`},
		{"words", "[{\"a\": true, \"b\": false, \"c\": null, \"d\": \" x \"},\n{\"c\": \"\"}]", `json ["a" "b" "c" "d"]
1: ["true" "false" "" "x"]
2: ["" "" "" ""]`},
		{"escapes", `[{"a": "\u002b44 \"7700\"\t\/\\", "\u0062": "M\u00fcller \ud83d\ude00"}]`, `json ["a" "b"]
1: ["+44 \"7700\"\t/\\" "Müller 😀"]`},
		{"paths", "[{\"emails\": {\"work\": \"a@example.com\"}, \"phones\": [{\"number\": 1}, {\"number\": 2}]},\n{\"emails\": null, \"phones\": [], \"tags\": [\"x\", [\"y\"]]}]", `json ["emails.work" "phones.0.number" "phones.1.number" "emails" "tags.0" "tags.1.0"]
1: ["a@example.com" "1" "2" "" "" ""]
2: ["" "" "" "" "x" "y"]`},
		{"long array", "[{\"a\": [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17], \"b\": 1}]", `json ["a.0" "a.1" "a.2" "a.3" "a.4" "a.5" "a.6" "a.7" "a.8" "a.9" "a.10" "a.11" "a.12" "a.13" "a.14" "a.15" "b"]
1: ["0" "1" "2" "3" "4" "5" "6" "7" "8" "9" "10" "11" "12" "13" "14" "15" "1"]`},
		{"keys with dots", "[{\"a.b\": 1},\n{\"a\": {\"b\": 2}},\n{\"a.b\": 1, \"a\": {\"b\": 2}}]", `json ["a.b"]
1: ["1"]
2: ["2"]
3! a key occurs twice in the object`},
		{"duplicate keys", "[{\"a\": 1, \"a\": 1},\n{\"b\": {\"c\": 1}, \"b\": {\"d\": 2}},\n{\"x\": {\"a\": 1}, \"\\u0061\": 2}]", `json ["x.a" "a"]
1! a key occurs twice in the object
2! a key occurs twice in the object
3: ["1" "2"]`},
		{"unusable rows leave no columns", "[{\"a\": 1},\n{\"c\": \"\\ud800\"},\n{\"d\": \"\\u0000\"},\n{\"e\": \"\xff\"},\n{\"b\": \"\ufffd\"},\n7,\n[{\"f\": 1}]]", `json ["a" "b"]
1: ["1" ""]
2! half of a character's two escapes is missing
3! the row holds a NUL character
4! the row is not UTF-8
5: ["" "�"]
6! the element is not an object
7! the element is not an object`},
		{"elements counted", "[{\"a\": 1}, {\"a\": 2},\n{},\n{\"a\": 4}]", `json ["a"]
1: ["1"]
2: ["2"]
4: ["4"]`},
		{"odata", "{\"@odata.context\": \"x\", \"value\": [\n{\"a\": 1}\n]}", `json ["a"]
2: ["1"]`},
		{"odata, old", "{\"d\": {\"results\": [\n{\"a\": 1}\n], \"__count\": \"1\"}}", `json ["a"]
2: ["1"]`},
		{"workday", "{\n\"Report_Entry\": [{\"Worker\": \"Ann\"}\n]\n}\n", `json ["Worker"]
2: ["Ann"]`},
		{"other keys", `{"employees": [{"a": 1}], "count": 3, "none": [], "names": ["x"]}`, `json ["a"]
1: ["1"]`},
		{"utf-16", string(text16("[\r\n{\"a\": \"Jürgen 😀\"}\r\n]\r\n", false)), `json ["a"]
2: ["Jürgen 😀"]`},
		{"utf-16, the other way", string(text16("{\"a\": 1}\n{\"a\": 2}", true)), `jsonl ["a"]
1: ["1"]
2: ["2"]`},
		{"breaks", "[{\"a\": 1},\n{\"a\": 2},\n{\"a\": 3 \"b\": 4}, {\"a\": 5}]", `json ["a"]
1: ["1"]
2: ["2"]
err: line 3 is no longer JSON: a comma or a closing bracket is missing`},
		{"cut", "{\"value\": [{\"a\": 1},\n{\"a\": 2},\n{\"a\": \"+44 7700", `json ["a"]
1: ["1"]
2: ["2"]
err: line 3 is no longer JSON: the text ends too early`},
		{"cut between", "[{\"a\": 1},\n{\"a\": 2}", `json ["a"]
1: ["1"]
2: ["2"]
err: line 2 is no longer JSON: the text ends too early`},
		{"text behind", "[{\"a\": 1}]\n[{\"a\": 2}]", `json ["a"]
1: ["1"]
err: line 2 is no longer JSON: text follows the end of the array`},
		{"comma at the end", "[{\"a\": 1},\n]", `json ["a"]
1: ["1"]
err: line 2 is no longer JSON: a value is missing or misspelt`},
		{"deep", "[{\"b\": 1},\n" + deep + "]", `json ["b"]
1: ["1"]
err: line 2 is no longer JSON: nested more than 32 levels deep`},
		{"large value", "[{\"a\": 1},\n{\"a\": \"" + strings.Repeat("x", maxCell+1) + "\"},\n{\"" + strings.Repeat("k", maxPath+1) + "\": 1}]", `json ["a"]
1: ["1"]
2! a value is larger than 64 KiB
3! the path of a key is longer than 1024 bytes`},

		{"lines", "{\"a\": 1}\n\n{\"b\": {\"c\": 2}}\r\n{}\n{\"a\": 3}", `jsonl ["a" "b.c"]
1: ["1" ""]
3: ["" "2"]
5: ["3" ""]`},
		{"one line", "{\"a\": 1, \"phones\": []}\n", `jsonl ["a"]
1: ["1"]`},
		{"bad lines", "{\"a\": 1}\n{\"a\": 2\n{\"a\": 3} {\"a\": 4}\n7\n{\"x\": \"\\q\"}\n{\"a\": 5, \"a\": 6}\n" + deep + "\n{\"a\": 7}\n", `jsonl ["a"]
1: ["1"]
2! not JSON: the text ends too early
3! not JSON: text follows the object in its line
4! the line is not a JSON object
5! not JSON: a backslash that escapes nothing
6! a key occurs twice in the object
7! not JSON: nested more than 32 levels deep
8: ["7"]`},
		{"first line bad", "{\"a\": }\n{\"a\": 3}\n", `jsonl ["a"]
1! not JSON: a value is missing or misspelt
2: ["3"]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, printed(t, strings.NewReader(test.in), Options{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if diff := cmp.Diff(test.want, printed(t, iotest.HalfReader(strings.NewReader(test.in)), Options{})); diff != "" {
				t.Errorf("in halves: -want +got\n%s", diff)
			}
		})
	}
}

func TestJSONRefused(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"plan", `{"format_version": 1, "changes": [{"id": "x"}]}`, "the file is a plan of authseed, not an export | authseed apply plan.json"},
		{"plan over lines", "{\n\"format_version\": 1,\n\"changes\": []\n}\n", "the file is a plan of authseed, not an export | authseed apply plan.json"},
		{"several arrays", `{"workers": [{"a": 1}], "phones": [{"b": 1}], "count": 2}`, "the JSON holds several arrays of objects: `workers`, `phones` | keep the one with the people"},
		{"no objects", "[1, 2]", "the JSON is an array that does not begin with an object | " + jsonHint},
		{"empty", "[\n]", "the JSON is an array that does not begin with an object | " + jsonHint},
		{"object over lines", "{\n\"a\": 1\n}", "the JSON holds no array of objects | " + jsonHint},
		{"empty objects", "[{}, {}]", "the JSON holds no object with a value | " + jsonHint},
		{"breaks at once", "[{\"a\": +1}]", "line 1 is no longer JSON: a value is missing or misspelt | " + jsonHint},
		{"breaks before the array", "{\n\"a\" 1,\n\"value\": [{\"a\": 1}]}", "line 2 is no longer JSON: a colon is missing | " + jsonHint},
		{"text behind", "{\"value\": [{\"a\": 1}]\n} x", "line 2: text follows the end of the JSON | " + jsonHint},
		{"half a character", "\xff\xfe[\x00{\x00\x00\xd8", "the file is utf-16le and holds half a character | save it as UTF-8, or copy it again from where it was made"},
		{"half a unit", "\xff\xfe[\x00{\x00}", "the file is utf-16le and holds half a character | save it as UTF-8, or copy it again from where it was made"},
	} {
		format := Options{}
		if test.name == "no objects" || test.name == "empty" {
			format.Format = JSON // looks like CSV
		}
		if diff := cmp.Diff("refused: "+test.want, printed(t, strings.NewReader(test.in), format)); diff != "" {
			t.Errorf("%s: -want +got\n%s", test.name, diff)
		}
	}
}

func TestJSONAbout(t *testing.T) {
	for in, want := range map[string]bool{
		"[{\"a\": 1}]":                    false,
		"[{\"a\": 1},\n{\"a\": 2}]":       false,
		"[{\"a\": 1},{\"a\": 2},\n{}]":    true,
		"{\"a\": 1}\n{\"a\": 2}\n":        false,
		"{\"v\": [{\"a\": 1},{\"a\":2}]}": true,
	} {
		r, err := NewReader(strings.NewReader(in), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if r.About().Elements != want {
			t.Errorf("%s: elements counted %t", in, !want)
		}
	}
}

// The file's columns end where a spreadsheet's do; only the rows beyond are
// unusable.
func TestJSONColumns(t *testing.T) {
	var in bytes.Buffer
	for i := range 3 {
		in.WriteString("{\"first\": 1")
		for j := range maxColumns / 2 {
			fmt.Fprintf(&in, ",\"k%d.%d\": 1", i, j)
		}
		in.WriteString("}\n")
	}
	in.WriteString("{\"first\": 2}\n")
	r, err := NewReader(&in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for row := range r.Rows() {
		got = append(got, fmt.Sprint(row.Line, len(row.Cells), row.Err))
	}
	many := "0 with this row the file has more than 16384 columns"
	want := []string{"1 8193 <nil>", "2 " + many, "3 " + many, "4 8193 <nil>"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
