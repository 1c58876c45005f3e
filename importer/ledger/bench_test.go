package ledger_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"authseed/importer/ledger"
	"authseed/mapping/authmethod"
)

const million = 1_000_000

// BenchmarkMillion records three methods of a million people, in one go and in
// twenty nights, and looks all of them up. MB is what it takes on disk, heap-MB
// what the process has grown by at its highest.
func BenchmarkMillion(b *testing.B) {
	kinds := []authmethod.Kind{authmethod.Mobile, authmethod.Office, authmethod.Email}
	entries := make([]ledger.Entry, 0, 3*million)
	for i := range million {
		p := fmt.Sprintf("%08x-%04x-4000-8000-%012x", uint32(i*2654435761), i&0xffff, i)
		for _, kind := range kinds {
			entries = append(entries, wrote(night, p, kind, number(i)))
		}
	}
	for _, nights := range []int{1, 20} {
		b.Run(fmt.Sprintf("file/nights=%d", nights), func(b *testing.B) {
			for b.Loop() {
				dir := filepath.Join(b.TempDir(), "ledger")
				measure(b, ledger.Place{Dir: dir}, entries, nights)
				info, err := os.Stat(filepath.Join(dir, tenant+".db"))
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(info.Size())/1e6, "MB")
			}
		})
	}
	b.Run("postgres/nights=1", func(b *testing.B) {
		for b.Loop() {
			place := database(b)
			measure(b, place, entries, 1)
			conn, err := pgx.Connect(b.Context(), place.URL)
			if err != nil {
				b.Fatal(err)
			}
			var size int64
			if err := conn.QueryRow(b.Context(), "SELECT pg_total_relation_size('authseed_ledger')").Scan(&size); err != nil {
				b.Fatal(err)
			}
			_ = conn.Close(b.Context())
			b.ReportMetric(float64(size)/1e6, "MB")
		}
	})
}

// A tight collector, or half of what is seen is garbage of the claims' own.
func measure(b *testing.B, place ledger.Place, entries []ledger.Entry, nights int) {
	claims := make([]ledger.Claim, len(entries))
	for i, e := range entries {
		claims[i] = e.Claim
	}
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	l := open(b, place, tenant)
	highest := heap(b)
	start := time.Now()
	for night := range nights {
		from, to := night*million/nights*3, (night+1)*million/nights*3
		record(b, l, entries[from:to]...)
	}
	b.ReportMetric(time.Since(start).Seconds(), "record-s")
	start = time.Now()
	verdicts, err := l.Compare(b.Context(), claims)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(time.Since(start).Seconds(), "compare-s")
	b.ReportMetric(highest(), "heap-MB")
	for i, v := range verdicts {
		if v != ledger.Same {
			b.Fatalf("claim %d: %v", i, v)
		}
	}
}

// heap watches the heap until it is asked, and gives by how many MB it has grown
// at most.
func heap(b *testing.B) func() float64 {
	b.Helper()
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, highest, done, ended := m.HeapInuse, m.HeapInuse, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				highest = max(highest, m.HeapInuse)
			}
		}
	}()
	return func() float64 {
		close(done)
		<-ended
		return float64(highest-before) / 1e6
	}
}
