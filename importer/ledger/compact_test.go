package ledger

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"authseed/mapping/authmethod"
)

// TestCompact: what many runs have written here and there takes about as much
// room as what one has, and is all there.
func TestCompact(t *testing.T) {
	defer func(was int64) { roomy = was }(roomy)
	roomy = 1 << 20
	const people, runs = 20_000, 10
	size := func(times int) int64 {
		dir := t.TempDir()
		l, err := Place{Dir: dir}.Open("11111111-0000-4000-8000-000000000001")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		claim := func(i int) Claim {
			return Claim{Person: fmt.Sprintf("%08x-0000-4000-8000-000000000000", i), Kind: authmethod.Email, Value: authmethod.ValueOf(fmt.Sprintf("p%d@example.com", i))}
		}
		for run := range times {
			var entries []Entry
			for i := run; i < people; i += times {
				entries = append(entries, Entry{Claim: claim(i), At: time.Unix(int64(1+run), 0)})
			}
			if err := l.Record(t.Context(), entries); err != nil {
				t.Fatal(err)
			}
		}
		var claims []Claim
		for i := range people {
			claims = append(claims, claim(i))
		}
		verdicts, err := l.Compare(t.Context(), claims)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range verdicts {
			if v != Same {
				t.Fatalf("%d: verdict %v", i, v)
			}
		}
		left, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range left {
			if filepath.Ext(path) == ".compact" {
				t.Errorf("%s is left", path)
			}
			if filepath.Ext(path) == ".db" {
				info, err := os.Stat(path)
				if err != nil {
					t.Fatal(err)
				}
				return info.Size()
			}
		}
		t.Fatalf("no ledger in %v", left)
		return 0
	}
	once, often := size(1), size(runs)
	t.Logf("%d bytes in one run, %d in %d", once, often, runs)
	if often > 2*once+(1<<20) {
		t.Errorf("%d bytes in one run, %d in %d", once, often, runs)
	}
}
