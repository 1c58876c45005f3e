package importer_test

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"authseed/importer/graph/graphsim"
	"authseed/importer/plan"
)

var million = flag.Int("million", 0, "plan so many people in one process with the simulator, such as 1000000, and measure")

// Figure 3 of what planning may take. Two cores have twice three minutes of
// processor time to give, however busy the machine is with something else.
const (
	millionMB        = 2000
	millionProcessor = 2 * 3 * time.Minute
)

// TestMillion plans a file that names everybody of a tenant of a million, in
// real time: under 3 minutes of two cores and 2 GB, the simulator in the same
// process.
func TestMillion(t *testing.T) {
	if *million == 0 {
		t.Skip("it takes minutes and 2 GB: give -million 1000000")
	}
	debug.SetGCPercent(50) // as main does
	defer debug.SetGCPercent(100)
	w := newWorld(t, graphsim.Options{Tenant: graphsim.Generate(*million, 1)})
	debug.FreeOSMemory()
	simulator := memory(t, "VmRSS")
	start, before := time.Now(), processor(t)
	f := addresses(t, 0, plan.Fill)
	f.Content = manyAddresses(*million)
	p := w.mustPlan(f)
	took, worked, stats := time.Since(start), processor(t)-before, w.sim.Stats()
	peak := memory(t, "VmHWM")
	runtime.GC()
	t.Logf("%d people: %d pending, %+v", *million, p.Summary.Pending(), p.Known)
	t.Logf("the simulator holds %.0f MB; the peak of all is %.0f MB, after it %.0f MB in use; planned in %v of processor time, %v in all, with %d round trips",
		simulator, peak, heap(), worked, took, stats.RoundTrips)
	if worked > millionProcessor || peak > millionMB {
		t.Errorf("it took %v of processor time and %.0f MB, more than %v and %d MB", worked, peak, millionProcessor, millionMB)
	}
	runtime.KeepAlive(p)
	runtime.KeepAlive(w)
}

// processor is the time this process has computed, on all cores, by the 14th and
// 15th field of its stat, in hundredths of a second (proc_pid_stat(5)).
func processor(t *testing.T) time.Duration {
	text, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		t.Skip("only Linux tells the processor time of one process")
	}
	_, behindName, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(behindName) // from the 3rd on
	var sum time.Duration
	for _, field := range fields[11:13] {
		ticks, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		sum += time.Duration(ticks) * 10 * time.Millisecond
	}
	return sum
}

func heap() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
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
	return megabytes * 1024 / 1e6 // it is in KiB
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
