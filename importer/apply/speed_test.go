//go:build unix

package apply_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
	"authseed/importer/pace"
	"authseed/importer/plan"
	"authseed/importer/survey"
	"authseed/mapping/authmethod"
)

// read plans as the importer does: what people have is read through Graph.
func (w *world) read(ctx context.Context, pacer *pace.Pacer, people int) *plan.Plan {
	w.Helper()
	ids := make([]string, people)
	in := plan.Input{
		About: about(),
	}
	for i := range ids {
		ids[i] = id(i + 1)
		d := plan.Desired{User: authmethod.User{ID: ids[i], UserPrincipalName: fmt.Sprintf("person%05d@contoso.example", i+1)}}
		d.Wishes[authmethod.Mobile].Value = authmethod.ValueOf(fmt.Sprintf("+1 206555%04d", i))
		d.Wishes[authmethod.Email].Value = authmethod.ValueOf(fmt.Sprintf("p%d@example.com", i))
		in.Desired = append(in.Desired, d)
	}
	have, err := survey.ReadMethods(ctx, w.client, ids, []authmethod.Kind{authmethod.Mobile, authmethod.Email},
		survey.Options{Pacer: pacer, Concurrency: w.concurrency})
	if err != nil {
		w.Fatal(err)
	}
	in.Current = have.Of
	return plan.Build(in)
}

// BenchmarkTenThousandCreates reads, plans and applies against the simulator,
// with the journal on disk.
func BenchmarkTenThousandCreates(b *testing.B) {
	const changes = 2 * tenThousand
	var reads, writes int64
	var planned, applied, processor time.Duration
	for b.Loop() {
		b.StopTimer()
		w := newWorldWith(b, graphsim.Options{}, crowd(tenThousand, "")...)
		pacer := pace.NewPacer(pace.Limits{})
		before, start := processorTime(b), time.Now()
		b.StartTimer()
		p := w.read(b.Context(), pacer, tenThousand)
		planned += time.Since(start)
		reads += w.sim.Stats().RoundTrips
		start = time.Now()
		j, err := journal.Create(w.runs, run1, "test", p)
		if err != nil {
			b.Fatal(err)
		}
		counts, err := w.runWith(b.Context(), p, j, pacer)
		if err != nil || counts.Done != changes {
			b.Fatal(err, counts)
		}
		if err := j.End(journal.Finished, counts); err != nil {
			b.Fatal(err)
		}
		applied += time.Since(start)
		processor += processorTime(b) - before
		writes += w.sim.Stats().RoundTrips
	}
	n := float64(b.N * changes)
	b.ReportMetric(float64(writes)/n, "trips/change")
	b.ReportMetric(float64(writes-reads)/n, "applytrips/change")
	b.ReportMetric(n/(planned+applied).Seconds(), "changes/s")
	b.ReportMetric(n/applied.Seconds(), "applied/s")
	b.ReportMetric(float64(processor.Microseconds())/n, "cpu-µs/change")
}

// processorTime is what this process has used.
func processorTime(t testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
