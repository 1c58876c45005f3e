package roster

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/mapping"
	"authseed/mapping/authmethod"
)

// clearly compares what values are, not their masks.
var clearly = cmp.Comparer(func(a, b authmethod.Value) bool { return a.Reveal() == b.Reveal() })

// TestPackingKeepsEveryField fills every field an entry has, whatever they are
// called, and wants all of them back.
func TestPackingKeepsEveryField(t *testing.T) {
	var e mapping.Entry
	n := 0
	fillIn(t, reflect.ValueOf(&e).Elem(), &n)
	e.Skip = nil // such rows are not packed
	var p packing
	for range 3 { // the second time, all words are known
		got := p.unpack(p.pack([]byte(nil), &e))
		if diff := cmp.Diff(e, got, clearly); diff != "" {
			t.Fatalf("packed (-) and unpacked (+)\n%s", diff)
		}
	}
	if n < 20 {
		t.Errorf("only %d fields were filled in", n)
	}
}

// fillIn gives every field a value of its own.
func fillIn(t *testing.T, v reflect.Value, n *int) {
	*n++
	if v.Type() == reflect.TypeFor[authmethod.Value]() {
		v.Set(reflect.ValueOf(authmethod.ValueOf(fmt.Sprintf("value %d", *n))))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint8, reflect.Uint32:
		v.SetUint(uint64(*n))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillIn(t, v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fillIn(t, v.Index(i), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				t.Fatalf("%s.%s cannot be filled in here", v.Type(), v.Type().Field(i).Name)
			}
			fillIn(t, v.Field(i), n)
		}
	default:
		t.Fatalf("a %s cannot be filled in here", v.Type())
	}
}

// grouped is what Groups is to give, by way of a map.
func grouped(entries []mapping.Entry) [][]mapping.Entry {
	groups := map[string][]mapping.Entry{}
	var order []string
	for _, e := range entries {
		key := e.Key.Folded()
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], e)
	}
	all := [][]mapping.Entry{}
	for _, key := range order {
		all = append(all, groups[key])
	}
	return all
}

func checkGroups(t *testing.T, r *Roster, entries []mapping.Entry) {
	t.Helper()
	got := [][]mapping.Entry{}
	for place, group := range r.Groups() {
		got = append(got, slices.Clone(group))
		if diff := cmp.Diff(group[0], r.At(place), clearly); diff != "" {
			t.Errorf("group (-) and the row at its place (+)\n%s", diff)
		}
	}
	want := grouped(entries)
	if diff := cmp.Diff(want, got, clearly); diff != "" || r.People() != len(want) {
		t.Errorf("%d people, want %d; -want +got\n%s", r.People(), len(want), diff)
	}
}

func entryOf(line int, key string, values ...string) mapping.Entry {
	e := mapping.Entry{Line: line, Key: authmethod.Key{Attribute: authmethod.UserPrincipalName, Value: key}}
	for kind, value := range values {
		e.Wishes[kind].Value = authmethod.ValueOf(value)
	}
	return e
}

// TestRosterGrows past its table, its chunks of rows and its chunks of bytes,
// with keys that come again near and far.
func TestRosterGrows(t *testing.T) {
	r := New()
	var entries []mapping.Entry
	for i := range 3 * rowsChunk {
		key := fmt.Sprintf("Person%d@contoso.example", i)
		switch {
		case i%5 == 1:
			key = fmt.Sprintf("PERSON%d@contoso.example", i-1)
		case i%1000 == 999:
			key = "person7@contoso.example"
		}
		entries = append(entries, entryOf(i+2, key, "", "", "", strings.Repeat("a", i%200)+"@example.com"))
	}
	entries = append(entries, entryOf(1_000_000, "large", strings.Repeat("b", arenaChunk+1)), entryOf(1_000_001, "small"))
	for i := range entries {
		if err := r.Add(&entries[i]); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.table) == firstTable || len(r.bytes.chunks) < 4 {
		t.Errorf("a table of %d, %d chunks of bytes: too small to see anything", len(r.table), len(r.bytes.chunks))
	}
	checkGroups(t, r, entries)

	kept := entryOf(9, "person7@contoso.example", "", "+1 2065550101")
	place, err := r.Keep(&kept)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(kept, r.At(place), clearly); diff != "" {
		t.Errorf("kept (-) and what is at its place (+)\n%s", diff)
	}
	checkGroups(t, r, entries) // it is in none
}

// TestRosterTellsHashesFromKeys: all keys have one hash here.
func TestRosterTellsHashesFromKeys(t *testing.T) {
	r := New()
	var entries []mapping.Entry
	for i := range firstTable { // enough to grow
		e := entryOf(i+2, fmt.Sprint("k", i%900))
		r.insert(0xffffffff, e.Key.Folded(), r.packing.pack(nil, &e))
		entries = append(entries, e)
	}
	checkGroups(t, r, entries)
}

// TestRosterStops when its reader does.
func TestRosterStops(t *testing.T) {
	r := New()
	for i := range 10 {
		e := entryOf(i+2, fmt.Sprint("k", i/2))
		if err := r.Add(&e); err != nil {
			t.Fatal(err)
		}
	}
	var lines []int
	for _, group := range r.Groups() {
		lines = append(lines, group[0].Line)
		if len(lines) == 2 {
			break
		}
	}
	if !slices.Equal(lines, []int{2, 4}) {
		t.Errorf("groups at lines %v", lines)
	}
}

// FuzzRoster puts one odd entry among others and wants all of them back.
func FuzzRoster(f *testing.F) {
	f.Add("ada@contoso.example", "+1 2065550101", "ada@example.com", "Mobile", "no digits in it", 17, uint8(0))
	f.Add(" ADA@contoso.example ", "", "", "", "", 1, uint8(1))
	f.Add("\x00", "\xff", "é", "x\x80", "\u200b", 1<<31-1, uint8(255))
	f.Add(strings.Repeat("k", 300), strings.Repeat("9", 200), "", "a", "b", 0, uint8(16))
	f.Fuzz(func(t *testing.T, key, phone, address, column, detail string, line int, how uint8) {
		if line < 0 {
			return // there is no such line
		}
		e := entryOf(line, key, phone, "", phone, address)
		e.Key.Attribute = authmethod.Attributes()[how%7]
		for kind := range e.Wishes {
			e.Wishes[kind].Clear, e.Wishes[kind].Fixed = how>>kind&1 == 1, how>>(kind+1)&1 == 1
		}
		for i := range int(how % 4) {
			e.Problems = append(e.Problems, mapping.Problem{
				Column: column, Kind: authmethod.Kind(i), Reason: authmethod.InvalidPhone, Detail: detail,
			})
		}
		again := e
		again.Line++
		entries := []mapping.Entry{entryOf(2, "first"), e, entryOf(3, strings.ToUpper(key)), entryOf(4, key, phone), entryOf(5, "first"), again}
		r := New()
		for i := range entries {
			if err := r.Add(&entries[i]); err != nil {
				t.Fatal(err)
			}
		}
		checkGroups(t, r, entries)
	})
}
