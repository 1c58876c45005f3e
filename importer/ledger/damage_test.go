package ledger_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authseed/importer/ledger"
	"authseed/mapping/authmethod"
)

// Whatever became of its files, a ledger answers what it was told or says that
// it is lost. It never ends the process and never says that a value is its own
// that is not.
func TestDamagedFiles(t *testing.T) {
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, db, key string)
		what   string
	}{
		{"the database is gone", func(t *testing.T, db, _ string) { remove(t, db) }, "there is no ledger in"},
		{"the key is gone", func(t *testing.T, _, key string) { remove(t, key) }, "is gone"},
		{"both are gone", func(t *testing.T, db, key string) { remove(t, db); remove(t, key) }, "there is no ledger in"},
		{"it is empty", func(t *testing.T, db, _ string) { put(t, db, nil) }, "cannot be read: it is empty"},
		{"it is something else", func(t *testing.T, db, _ string) { put(t, db, []byte(strings.Repeat("no ledger\n", 1000))) }, "cannot be read"},
		{"its first page alone is there", func(t *testing.T, db, _ string) { put(t, db, get(t, db)[:4096]) }, "cannot be read"},
		{"half of it is there", func(t *testing.T, db, _ string) { text := get(t, db); put(t, db, text[:len(text)/2]) }, "cannot be read"},
		{"it is zeros after its head", func(t *testing.T, db, _ string) { text := get(t, db); clear(text[8192:]); put(t, db, text) }, "cannot be read"},
		{"the key is no key", func(t *testing.T, _, key string) { put(t, key, []byte("open sesame\n")) }, "a key is 32 bytes"},
		{"the key is another", func(t *testing.T, _, key string) {
			put(t, key, []byte("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n"))
		}, "another key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			place := ledger.Place{Dir: filepath.Join(t.TempDir(), "ledger")}
			l := open(t, place, tenant)
			var entries []ledger.Entry
			for i := range 2000 {
				entries = append(entries, wrote(night, person(i), authmethod.Mobile, number(i)))
			}
			record(t, l, entries...)
			db, key := filepath.Join(place.Dir, tenant+".db"), filepath.Join(place.Dir, "key")
			test.damage(t, db, key)
			var claims []ledger.Claim
			for _, e := range entries {
				claims = append(claims, e.Claim)
			}
			for range 2 { // a second time no lock is left over from the first
				_, err := l.Compare(t.Context(), claims)
				isLost(t, err, test.what)
			}
		})
	}
}

// A bit that flipped makes a value unknown, or the ledger lost; it never makes
// somebody's own value authseed's.
func TestFlippedBits(t *testing.T) {
	place := ledger.Place{Dir: filepath.Join(t.TempDir(), "ledger")}
	var entries []ledger.Entry
	var theirs []ledger.Claim
	for i := range 300 {
		entries = append(entries, wrote(night, person(i), authmethod.Mobile, number(i)))
		theirs = append(theirs, claim(person(i), authmethod.Mobile, number(i+1)))
	}
	record(t, open(t, place, tenant), entries...)
	db := filepath.Join(place.Dir, tenant+".db")
	whole := get(t, db)
	lost, told := 0, 0
	for at := 0; at < len(whole); at += 131 {
		text := append([]byte(nil), whole...)
		text[at] ^= 0x40
		put(t, db, text)
		verdicts, err := open(t, place, tenant).Compare(t.Context(), theirs)
		if err != nil {
			isLost(t, err, "")
			lost++
			continue
		}
		told++
		for i, v := range verdicts {
			if v == ledger.Same {
				t.Fatalf("with byte %d flipped, the value of person %d is authseed's", at, i)
			}
		}
	}
	if lost == 0 || told == 0 {
		t.Errorf("%d times lost, %d times told", lost, told)
	}
}

// What is lost is not written over: it may be given back yet.
func TestRecordingLeavesDamageAlone(t *testing.T) {
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, db, key string)
	}{
		{"something else", func(t *testing.T, db, _ string) { put(t, db, []byte(strings.Repeat("no ledger\n", 1000))) }},
		{"no key", func(t *testing.T, _, key string) { remove(t, key) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			place := ledger.Place{Dir: filepath.Join(t.TempDir(), "ledger")}
			l := open(t, place, tenant)
			record(t, l, wrote(night, ada, authmethod.Mobile, "+1 2065550101"))
			db, key := filepath.Join(place.Dir, tenant+".db"), filepath.Join(place.Dir, "key")
			test.damage(t, db, key)
			before := string(get(t, db))
			isLost(t, l.Record(t.Context(), []ledger.Entry{wrote(night, bram, authmethod.Mobile, "+1 2065550102")}), "")
			if string(get(t, db)) != before {
				t.Error("the ledger was changed")
			}
			if _, err := os.Stat(key); test.name == "no key" && err == nil {
				t.Error("another key was made")
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func put(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
