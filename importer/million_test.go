package importer_test

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"authseed/importer/graph/graphsim"
	"authseed/importer/plan"
)

var million = flag.Int("million", 0, "plan so many people in one process with the simulator, such as 1000000, and measure")

// TestMillion plans a file that names everybody of a tenant of a million, in
// real time: under 3 minutes and 2 GB with the simulator in the same process.
func TestMillion(t *testing.T) {
	if *million == 0 {
		t.Skip("it takes minutes and 2 GB: give -million 1000000")
	}
	debug.SetGCPercent(50) // as main does
	defer debug.SetGCPercent(100)
	began := time.Now()
	w := newWorld(t, graphsim.Options{Tenant: graphsim.Generate(*million, 1)})
	debug.FreeOSMemory()
	simulator := memory(t, "VmRSS")
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // the peak counts from here on
	start := time.Now()
	f := addresses(t, 0, plan.Fill)
	f.Content = manyAddresses(*million)
	p := w.mustPlan(f)
	took, stats := time.Since(start), w.sim.Stats()
	peak := memory(t, "VmHWM")
	runtime.GC()
	t.Logf("%d people: %d pending, %+v", *million, p.Summary.Pending(), p.Known)
	t.Logf("the simulator holds %.0f MB and took %v; with the plan the peak is %.0f MB, after it %.0f MB in use; planned in %v with %d round trips",
		simulator, start.Sub(began), peak, heap(), took, stats.RoundTrips)
	if took > 3*time.Minute || peak > 2000 {
		t.Errorf("it took %v and %.0f MB", took, peak)
	}
	runtime.KeepAlive(w)
}

func heap() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// memory is a line of this process's status, in MB.
func memory(t *testing.T, line string) (megabytes float64) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("only Linux tells the peak of one process")
	}
	_, rest, _ := strings.Cut(string(text), line+":")
	if _, err := fmt.Sscan(rest, &megabytes); err != nil {
		t.Fatal(err)
	}
	return megabytes / 1024
}

// manyAddresses is the file of [addresses], made as it is read.
func manyAddresses(rows int) io.Reader {
	r, w := io.Pipe()
	go func() {
		var b strings.Builder
		b.WriteString("Employee ID,Personal Email\n")
		for i := range rows {
			fmt.Fprintf(&b, "%06d,new%d@home.example\n", i+1, i)
			if b.Len() > 1<<16 {
				if _, err := io.WriteString(w, b.String()); err != nil {
					return
				}
				b.Reset()
			}
		}
		_, _ = io.WriteString(w, b.String())
		_ = w.Close()
	}()
	return r
}
