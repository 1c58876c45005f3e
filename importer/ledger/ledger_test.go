package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"authseed/importer/ledger"
	"authseed/mapping/authmethod"
)

const (
	tenant = "c0ffee00-0000-4000-8000-000000000000"
	ada    = "00000001-0000-4000-8000-000000000000"
	bram   = "00000002-0000-4000-8000-000000000000"
)

var night = time.Date(2026, 11, 5, 2, 0, 0, 0, time.UTC)

func claim(person string, kind authmethod.Kind, value string) ledger.Claim {
	return ledger.Claim{Person: person, Kind: kind, Value: authmethod.ValueOf(value)}
}

func wrote(at time.Time, person string, kind authmethod.Kind, value string) ledger.Entry {
	return ledger.Entry{Claim: claim(person, kind, value), At: at}
}

// stores runs a test on every store there is.
func stores(t *testing.T, test func(t *testing.T, place ledger.Place)) {
	t.Run("file", func(t *testing.T) { test(t, ledger.Place{Dir: filepath.Join(t.TempDir(), "ledger")}) })
	t.Run("postgres", func(t *testing.T) { test(t, database(t)) })
}

func open(t testing.TB, place ledger.Place, tenant string) *ledger.Ledger {
	t.Helper()
	l, err := place.Open(tenant)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func record(t testing.TB, l *ledger.Ledger, entries ...ledger.Entry) {
	t.Helper()
	if err := l.Record(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}

func compare(t testing.TB, l *ledger.Ledger, want []ledger.Verdict, claims ...ledger.Claim) {
	t.Helper()
	got, err := l.Compare(t.Context(), claims)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the verdicts are %v, want %v", got, want)
	}
}

func TestCompare(t *testing.T) {
	const mobile, office, email = authmethod.Mobile, authmethod.Office, authmethod.Email
	const m1, m2, e1 = "+1 2065550101", "+1 2065550102", "one@example.com"
	later := night.Add(24 * time.Hour)
	for _, test := range []struct {
		name    string
		records [][]ledger.Entry
		claim   ledger.Claim
		want    ledger.Verdict
	}{
		{"its own", [][]ledger.Entry{{wrote(night, ada, mobile, m1)}}, claim(ada, mobile, m1), ledger.Same},
		{"its own, as Graph spaces it", [][]ledger.Entry{{wrote(night, ada, mobile, m1)}}, claim(ada, mobile, "+1 206-555-0101"), ledger.Same},
		{"its own, in other letters", [][]ledger.Entry{{wrote(night, ada, email, e1)}}, claim(ada, email, "One@Example.com"), ledger.Same},
		{"of a person in other letters", [][]ledger.Entry{{wrote(night, "ABCD0001-0000-4000-8000-000000000000", mobile, m1)}},
			claim("abcd0001-0000-4000-8000-000000000000", mobile, m1), ledger.Same},
		{"another value", [][]ledger.Entry{{wrote(night, ada, mobile, m1)}}, claim(ada, mobile, m2), ledger.Other},
		{"another method", [][]ledger.Entry{{wrote(night, ada, mobile, m1)}}, claim(ada, office, m1), ledger.Nothing},
		{"another person", [][]ledger.Entry{{wrote(night, ada, mobile, m1)}}, claim(bram, mobile, m1), ledger.Nothing},
		{"beside another method", [][]ledger.Entry{{wrote(night, ada, mobile, m1), wrote(night, ada, email, e1)}}, claim(ada, email, e1), ledger.Same},
		{"written over", [][]ledger.Entry{{wrote(night, ada, mobile, m1)}, {wrote(later, ada, mobile, m2)}}, claim(ada, mobile, m2), ledger.Same},
		{"what it was before", [][]ledger.Entry{{wrote(night, ada, mobile, m1)}, {wrote(later, ada, mobile, m2)}}, claim(ada, mobile, m1), ledger.Other},
		{"told twice", [][]ledger.Entry{{wrote(night, ada, mobile, m1)}, {wrote(night, ada, mobile, m1)}}, claim(ada, mobile, m1), ledger.Same},
		{"told late", [][]ledger.Entry{{wrote(later, ada, mobile, m2)}, {wrote(night, ada, mobile, m1)}}, claim(ada, mobile, m2), ledger.Same},
		{"removed", [][]ledger.Entry{{wrote(night, ada, mobile, m1)}, {wrote(later, ada, mobile, "")}}, claim(ada, mobile, m1), ledger.Nothing},
		{"removed, told late", [][]ledger.Entry{{wrote(later, ada, mobile, "")}, {wrote(night, ada, mobile, m1)}}, claim(ada, mobile, m1), ledger.Nothing},
		{"removed and written again", [][]ledger.Entry{{wrote(night, ada, mobile, "")}, {wrote(later, ada, mobile, m1)}}, claim(ada, mobile, m1), ledger.Same},
	} {
		t.Run(test.name, func(t *testing.T) {
			stores(t, func(t *testing.T, place ledger.Place) {
				l := open(t, place, tenant)
				for _, entries := range test.records {
					record(t, l, entries...)
				}
				compare(t, open(t, place, tenant), []ledger.Verdict{test.want}, test.claim)
			})
		})
	}
}

// person is one of many.
func person(i int) string { return fmt.Sprintf("%08x-0000-4000-8000-000000000000", i) }

// number is one of those kept for fiction, with more digits for many people.
func number(i int) string { return fmt.Sprintf("+1 20655501%07d", i) }

func TestManyPeopleKeepTheirOrder(t *testing.T) {
	stores(t, func(t *testing.T, place ledger.Place) {
		l := open(t, place, tenant)
		const n = 25_000 // several transactions
		var entries []ledger.Entry
		var claims []ledger.Claim
		var want []ledger.Verdict
		for i := range n {
			p := person(i * 7919 % n)
			switch i % 3 {
			case 0:
				entries = append(entries, wrote(night, p, authmethod.Mobile, number(i)))
				want = append(want, ledger.Same)
			case 1:
				entries = append(entries, wrote(night, p, authmethod.Mobile, number(i+1)))
				want = append(want, ledger.Other)
			default:
				want = append(want, ledger.Nothing)
			}
			claims = append(claims, claim(p, authmethod.Mobile, number(i)))
		}
		record(t, l, entries...)
		compare(t, l, want, claims...)
	})
}

func TestTenantsAreApart(t *testing.T) {
	stores(t, func(t *testing.T, place ledger.Place) {
		other := "beef0000-0000-4000-8000-000000000000"
		record(t, open(t, place, tenant), wrote(night, ada, authmethod.Mobile, "+1 2065550101"))
		_, err := open(t, place, other).Compare(t.Context(), []ledger.Claim{claim(ada, authmethod.Mobile, "+1 2065550101")})
		isLost(t, err, "there is no ledger")
		record(t, open(t, place, other), wrote(night, bram, authmethod.Mobile, "+1 2065550102"))
		compare(t, open(t, place, other), []ledger.Verdict{ledger.Nothing}, claim(ada, authmethod.Mobile, "+1 2065550101"))
		compare(t, open(t, place, tenant), []ledger.Verdict{ledger.Same}, claim(ada, authmethod.Mobile, "+1 2065550101"))
	})
}

func TestBegun(t *testing.T) {
	stores(t, func(t *testing.T, place ledger.Place) {
		l := open(t, place, tenant)
		_, err := l.Begun(t.Context())
		isLost(t, err, "there is no ledger")
		before := time.Now().Truncate(time.Second)
		record(t, l, wrote(night, ada, authmethod.Mobile, "+1 2065550101"))
		record(t, l, wrote(night, bram, authmethod.Mobile, "+1 2065550101"))
		begun, err := l.Begun(t.Context())
		if err != nil || begun.Before(before) || begun.After(time.Now()) {
			t.Errorf("begun %v, %v", begun, err)
		}
	})
}

// What was written last counts, though a clock that was wrong has dated what was
// before it a year ahead; told once more, and late, both change nothing.
func TestFresh(t *testing.T) {
	stores(t, func(t *testing.T, place ledger.Place) {
		l := open(t, place, tenant)
		const m1, m2, m3 = "+1 2065550101", "+1 2065550102", "+1 2065550103"
		fresh := func(e ledger.Entry) ledger.Entry { e.Fresh = true; return e }
		ahead := wrote(night.AddDate(1, 0, 0), ada, authmethod.Mobile, m1)
		right := wrote(night.AddDate(0, 0, 1), ada, authmethod.Mobile, m2)
		behind := wrote(night.AddDate(-1, 0, 0), ada, authmethod.Mobile, m3)
		claims := []ledger.Claim{ahead.Claim, right.Claim, behind.Claim}
		record(t, l, fresh(ahead))
		compare(t, l, []ledger.Verdict{ledger.Same, ledger.Other, ledger.Other}, claims...)
		record(t, l, right)
		compare(t, l, []ledger.Verdict{ledger.Same, ledger.Other, ledger.Other}, claims...)
		record(t, l, fresh(right))
		compare(t, l, []ledger.Verdict{ledger.Other, ledger.Same, ledger.Other}, claims...)
		record(t, l, fresh(behind))
		for range 2 {
			compare(t, l, []ledger.Verdict{ledger.Other, ledger.Other, ledger.Same}, claims...)
			record(t, l, ahead, right, behind)
			record(t, l, fresh(behind))
		}
	})
}

func TestAnotherKeyIsNoAnswer(t *testing.T) {
	stores(t, func(t *testing.T, place ledger.Place) {
		first, second := ledger.Key{1}, ledger.Key{2}
		place.Key = &first
		record(t, open(t, place, tenant), wrote(night, ada, authmethod.Mobile, "+1 2065550101"))
		place.Key = &second
		l := open(t, place, tenant)
		_, err := l.Compare(t.Context(), []ledger.Claim{claim(ada, authmethod.Mobile, "+1 2065550101")})
		isLost(t, err, "another key")
		isLost(t, l.Record(t.Context(), []ledger.Entry{wrote(night, ada, authmethod.Mobile, "+1 2065550102")}), "another key")
		place.Key = &first
		compare(t, open(t, place, tenant), []ledger.Verdict{ledger.Same}, claim(ada, authmethod.Mobile, "+1 2065550101"))
	})
}

func TestRecordersSideBySide(t *testing.T) {
	stores(t, func(t *testing.T, place ledger.Place) {
		const n = 8
		errs := make(chan error, n)
		for i := range n {
			go func() {
				l, err := place.Open(tenant)
				if err == nil {
					// All of them change one person's book, a method each two.
					err = errors.Join(l.Record(context.Background(), []ledger.Entry{
						wrote(night, ada, authmethod.Kinds()[i%authmethod.Count], number(i%authmethod.Count)), wrote(night, person(100+i), authmethod.Mobile, number(i)),
					}), l.Close())
				}
				errs <- err
			}()
		}
		for range n {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		var claims []ledger.Claim
		for i, kind := range authmethod.Kinds() {
			claims = append(claims, claim(ada, kind, number(i)))
		}
		for i := range n {
			claims = append(claims, claim(person(100+i), authmethod.Mobile, number(i)))
		}
		compare(t, open(t, place, tenant), slices.Repeat([]ledger.Verdict{ledger.Same}, len(claims)), claims...)
	})
}

func TestInterrupted(t *testing.T) {
	stores(t, func(t *testing.T, place ledger.Place) {
		l := open(t, place, tenant)
		record(t, l, wrote(night, ada, authmethod.Mobile, "+1 2065550101"))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := l.Record(ctx, []ledger.Entry{wrote(night, ada, authmethod.Mobile, "+1 2065550102")}); !errors.Is(err, context.Canceled) {
			t.Errorf("recording gives %v", err)
		}
		if _, err := l.Compare(ctx, []ledger.Claim{claim(ada, authmethod.Mobile, "+1 2065550101")}); !errors.Is(err, context.Canceled) {
			t.Errorf("comparing gives %v", err)
		}
		compare(t, l, []ledger.Verdict{ledger.Same}, claim(ada, authmethod.Mobile, "+1 2065550101"))
	})
}

// isLost wants a ledger that is lost and a hint, and no value of anybody.
func isLost(t testing.TB, err error, what string) {
	t.Helper()
	var lost *ledger.LostError
	if !errors.As(err, &lost) {
		t.Fatalf("the error is %v, want a ledger that is lost: %s", err, what)
	}
	if !strings.Contains(err.Error(), what) || lost.Hint == "" {
		t.Errorf("the error is %q with the hint %q, want %q", err, lost.Hint, what)
	}
	if strings.Contains(err.Error(), "2065550") {
		t.Errorf("the error shows a value: %q", err)
	}
}

func TestPlaces(t *testing.T) {
	key := ledger.Key{1}
	for _, test := range []struct {
		place ledger.Place
		want  string
	}{
		{ledger.Place{}, "no ledger is kept here"},
		{ledger.Place{URL: "postgres://localhost/x"}, "needs a key"},
		{ledger.Place{URL: "mysql://u:s3cret@localhost/x", Key: &key}, "not the address of a PostgreSQL database"},
		{ledger.Place{URL: "postgres://u:s3cret@localhost:port/x", Key: &key}, "not the address of a PostgreSQL database"},
		{ledger.Place{URL: "postgres://u:s3cret@localhost/x?connect_timeout=soon", Key: &key}, "not the address of a PostgreSQL database"},
	} {
		_, err := test.place.Open(tenant)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("opening gives %v, want %s", err, test.want)
		}
	}
	if _, err := (ledger.Place{Dir: t.TempDir()}).Open("../" + tenant); err == nil {
		t.Error("a tenant is named by a path")
	}
}

func TestKey(t *testing.T) {
	key, err := ledger.ParseKey("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n")
	if err != nil || string(key[:]) != "0123456789abcdef0123456789abcdef" {
		t.Errorf("the key is read as %x, %v", key[:], err)
	}
	if shown := fmt.Sprintf("%v %+v %#v %s", key, key, key, ledger.Place{Key: &key}.Key); strings.Contains(shown, "0123") || strings.Contains(shown, "48") {
		t.Errorf("the key shows: %s", shown)
	}
	for _, text := range []string{"", "s3cret", "czNjcmV0"} {
		if _, err := ledger.ParseKey(text); err == nil || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("a key of %d letters gives %v", len(text), err)
		}
	}
}

// Nothing in the files tells a number, an address or a person.
func TestFilesTellNothing(t *testing.T) {
	place := ledger.Place{Dir: filepath.Join(t.TempDir(), "ledger")}
	record(t, open(t, place, tenant), wrote(night, ada, authmethod.Mobile, "+1 2065550101"), wrote(night, ada, authmethod.Email, "one@example.com"))
	files, err := os.ReadDir(place.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(place.Dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, clear := range []string{"2065550101", "one@example.com", ada} {
			if strings.Contains(string(text), clear) {
				t.Errorf("%s has %s", f.Name(), clear)
			}
		}
		if info, err := f.Info(); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
			t.Errorf("%s has the mode %v, %v", f.Name(), info.Mode(), err)
		}
	}
}
