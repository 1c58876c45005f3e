package settled_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"authseed/importer/plan"
	"authseed/importer/settled"
	"authseed/mapping"
	"authseed/mapping/authmethod"
)

var about = settled.About{Tenant: "11111111-0000-4000-8000-000000000000", Inputs: "rules"}

func entry(i int) *mapping.Entry {
	e := &mapping.Entry{Line: i, Key: authmethod.Key{Attribute: authmethod.EmployeeID, Value: fmt.Sprintf("%06d", i)}}
	e.Wishes[authmethod.Email] = authmethod.Wish{Value: authmethod.ValueOf(fmt.Sprintf("p%d@home.example", i))}
	return e
}

func book(rows int) *settled.Book {
	b := settled.New(about, nil)
	b.At, b.RunID, b.Since = time.Date(2026, 11, 5, 9, 0, 0, 0, time.UTC), "run", "https://graph.example/delta"
	for i := range rows {
		row := settled.Row{Sum: b.SumOf(entry(i)), Location: settled.Locate("US")}
		if i > 0 {
			row.Person = uuid.MustParse(fmt.Sprintf("22222222-0000-4000-8000-%012d", i))
			row.Has = plan.Presence{authmethod.Email: true}
			row.Kept = plan.Presence{authmethod.Email: i%2 == 0}
		}
		b.Add(row)
	}
	return b
}

func TestBook(t *testing.T) {
	const rows = 100
	folder := t.TempDir()
	if b, err := settled.Recall(folder, about); b != nil || err != nil {
		t.Fatal(b, err)
	}
	if err := book(rows).Keep(folder); err != nil {
		t.Fatal(err)
	}
	b, err := settled.Recall(folder, about)
	if err != nil || b.Len() != rows || b.RunID != "run" || b.Since == "" || b.At.IsZero() {
		t.Fatalf("%+v, %v", b, err)
	}
	for i := range rows {
		row, found := b.Find(b.SumOf(entry(i)))
		if !found || row.Nobody() != (i == 0) || row.Has[authmethod.Email] != (i > 0) || row.Kept[authmethod.Email] != (i > 0 && i%2 == 0) || row.UsageLocation() != "US" {
			t.Errorf("%d: %+v, %v", i, row, found)
		}
	}
	if _, found := b.Find(b.SumOf(entry(rows))); found {
		t.Error("a row that was never there")
	}
	info, err := os.Stat(filepath.Join(folder, "settled"))
	if err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Error(info, err)
	}
	// The next book hashes alike, another job's does not.
	if next := settled.New(about, b); next.SumOf(entry(1)) != b.SumOf(entry(1)) {
		t.Error("another key")
	}
	if other := settled.New(about, nil); other.SumOf(entry(1)) == b.SumOf(entry(1)) {
		t.Error("the same key")
	}
}

// TestSum: all that a row says counts, and not where it says it.
func TestSum(t *testing.T) {
	b := settled.New(about, nil)
	base := entry(1)
	for name, change := range map[string]func(*mapping.Entry){
		"another key":       func(e *mapping.Entry) { e.Key.Value = "000002" },
		"another attribute": func(e *mapping.Entry) { e.Key.Attribute = authmethod.Mail },
		"another value":     func(e *mapping.Entry) { e.Wishes[authmethod.Email].Value = authmethod.ValueOf("q@home.example") },
		"another method": func(e *mapping.Entry) {
			e.Wishes[authmethod.Email], e.Wishes[authmethod.Mobile] = authmethod.Wish{}, e.Wishes[authmethod.Email]
		},
		"to be removed": func(e *mapping.Entry) { e.Wishes[authmethod.Email] = authmethod.Wish{Clear: true} },
		"one more":      func(e *mapping.Entry) { e.Wishes[authmethod.Mobile].Value = authmethod.ValueOf("+1 2125550100") },
		"a cell nobody can use": func(e *mapping.Entry) {
			e.Problems = []mapping.Problem{{Kind: authmethod.Mobile, Reason: authmethod.InvalidPhone}}
		},
		"cells that wait":        func(e *mapping.Entry) { e.Cells = []string{"a", "b"} },
		"other cells that wait":  func(e *mapping.Entry) { e.Cells = []string{"ab", ""} },
		"cells parted elsewhere": func(e *mapping.Entry) { e.Cells = []string{"a", "", "b"} },
	} {
		changed := *base
		change(&changed)
		if b.SumOf(&changed) == b.SumOf(base) {
			t.Errorf("%s is the same row", name)
		}
	}
	// Values that are shown alike are not the same.
	one, other := entry(1), entry(1)
	for i, number := range []string{"+1 2125550100", "+1 3125550100"} {
		[]*mapping.Entry{one, other}[i].Wishes[authmethod.Mobile].Value = authmethod.ValueOf(number)
	}
	if one.Wishes[authmethod.Mobile].Value.String() != other.Wishes[authmethod.Mobile].Value.String() || b.SumOf(one) == b.SumOf(other) {
		t.Error("another number behind the same mask is the same row")
	}
	moved := *base
	moved.Line = 77
	moved.Wishes[authmethod.Email].Line = 77
	if b.SumOf(&moved) != b.SumOf(base) {
		t.Error("another line is another row")
	}
}

func TestUnusable(t *testing.T) {
	whole := func(t *testing.T) (folder string, text []byte) {
		folder = t.TempDir()
		if err := book(5).Keep(folder); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(folder, "settled"))
		if err != nil {
			t.Fatal(err)
		}
		return folder, text
	}
	unusable := func(t *testing.T, folder string, under settled.About) {
		t.Helper()
		b, err := settled.Recall(folder, under)
		var e *settled.UnusableError
		if b != nil || !errors.As(err, &e) {
			t.Errorf("%v, %v", b, err)
		}
	}
	folder, text := whole(t)
	other := about
	other.Tenant = "33333333-0000-4000-8000-000000000000"
	unusable(t, folder, other)
	other = about
	other.Inputs = "other rules"
	unusable(t, folder, other)
	for at := 0; at < len(text); at += 7 {
		bad := append([]byte(nil), text...)
		bad[at] ^= 0x20
		for _, bad := range [][]byte{bad, text[:at]} {
			if err := os.WriteFile(filepath.Join(folder, "settled"), bad, 0o600); err != nil {
				t.Fatal(err)
			}
			unusable(t, folder, about)
		}
	}
}

// TestTwice: two rows that say the same are no answer.
func TestTwice(t *testing.T) {
	folder := t.TempDir()
	b := book(3)
	b.Add(settled.Row{Sum: b.SumOf(entry(1)), Person: uuid.MustParse("22222222-0000-4000-8000-000000000009")})
	if err := b.Keep(folder); err != nil {
		t.Fatal(err)
	}
	b, err := settled.Recall(folder, about)
	if err != nil {
		t.Fatal(err)
	}
	if row, found := b.Find(b.SumOf(entry(1))); found {
		t.Errorf("%+v", row)
	}
	if _, found := b.Find(b.SumOf(entry(2))); !found {
		t.Error("the others are")
	}
}

func TestEnded(t *testing.T) {
	b := book(4)
	person := func(i int) uuid.UUID { return uuid.MustParse(fmt.Sprintf("22222222-0000-4000-8000-%012d", i)) }
	b = b.Ended(map[uuid.UUID]bool{person(2): true}, func(r *settled.Row) {
		if r.Person == person(3) {
			r.Has[authmethod.Mobile] = true
		}
	})
	folder := t.TempDir()
	if err := b.Keep(folder); err != nil {
		t.Fatal(err)
	}
	b, err := settled.Recall(folder, about)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range 4 {
		row, found := b.Find(b.SumOf(entry(i)))
		got = append(got, fmt.Sprint(i, found, row.Has[authmethod.Mobile]))
	}
	if diff := cmp.Diff([]string{"0 true false", "1 true false", "2 false false", "3 true true"}, got); diff != "" {
		t.Error(diff)
	}
}
