//go:build unix

package apply_test

import (
	"bytes"
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"authseed/importer/apply"
	"authseed/importer/graph"
	"authseed/importer/journal"
	"authseed/importer/pace"
	"authseed/importer/plan"
)

// applyAndRead applies as the program does: the plan is written down with its
// run, made true, and the run read back.
func applyAndRead(ctx context.Context, c *graph.Client, pacer *pace.Pacer, p *plan.Plan, runs string) (*journal.Run, error) {
	j, err := journal.Create(runs, run1, "test", p)
	if err != nil {
		return nil, err
	}
	counts, err := apply.Run(ctx, p, c, j, apply.Options{Pacer: pacer, Concurrency: concurrency})
	if err != nil {
		return nil, err
	}
	if counts.Open() > 0 {
		return nil, fmt.Errorf("the run ended with %+v", counts)
	}
	if err := j.End(journal.Finished, counts); err != nil {
		return nil, err
	}
	return journal.Read(runs, run1)
}

// BenchmarkClient is what 10,000 changes cost the client alone: the tenant is
// in another process, the journal on disk.
func BenchmarkClient(b *testing.B) {
	for _, c := range []clientCase{
		{name: "creates", want: "office=1 email=p#"},
		{name: "creates, read and planned", want: "office=1 email=p#", reads: true},
		{name: "updates", have: "office=1 email=p#", want: "office=2 email=q#"},
		{name: "deletes", have: "office=1 email=p#", want: "office=clear email=clear"},
		{name: "creates at 50 ms", want: "office=1 email=p#", latency: 50 * time.Millisecond},
		{name: "creates, read and planned at 50 ms", want: "office=1 email=p#", reads: true, latency: 50 * time.Millisecond},
	} {
		b.Run(c.name, func(b *testing.B) {
			var sum clientCost
			for b.Loop() {
				sum.add(c.run(b))
			}
			b.ReportMetric(float64(sum.items)/float64(sum.trips), "items/trip")
			b.ReportMetric(sum.wall.Seconds()/float64(b.N), "wall-s")
			b.ReportMetric(float64(sum.processor.Microseconds())/float64(b.N*2*tenThousand), "cpu-µs/change")
			b.ReportMetric(0, "ns/op") // it would count the tenant's start
		})
	}
}

// clientCase is two changes for each of 5,000 people, from a saved plan, or
// from one that is made of what is read first.
type clientCase struct {
	name, have, want string
	reads            bool
	latency          time.Duration
}

type clientCost struct {
	processor, wall time.Duration
	trips, items    int64
}

func (c *clientCost) add(o clientCost) {
	c.processor += o.processor
	c.wall += o.wall
	c.trips += o.trips
	c.items += o.items
}

func (c clientCase) run(b *testing.B) clientCost {
	tenant := serve(b, serveJob{tenThousand, c.have, c.latency})
	client, err := signedIn(graph.Options{URL: tenant.url})
	if err != nil {
		b.Fatal(err)
	}
	in := inputOf(peopleOf(tenantOf(crowd(tenThousand, c.have))), crowd(tenThousand, c.want))
	var saved bytes.Buffer
	if err := plan.Encode(&saved, plan.Build(in)); err != nil {
		b.Fatal(err)
	}
	runs, pacer := b.TempDir(), pace.NewPacer(pace.Limits{})

	before, start := processorTime(b), time.Now()
	var p *plan.Plan
	if c.reads {
		p, err = readAndPlan(b.Context(), client, pacer, in)
	} else {
		p, err = plan.Decode(&saved)
	}
	if err != nil {
		b.Fatal(err)
	}
	run, err := applyAndRead(b.Context(), client, pacer, p, runs)
	if err != nil {
		b.Fatal(err)
	}
	if run.Counts.Done != 2*tenThousand {
		b.Fatalf("%+v", run.Counts)
	}
	wall, processor := time.Since(start), processorTime(b)-before

	stats := tenant.end()
	return clientCost{processor, wall, stats.RoundTrips, stats.Items}
}

// processorTime is what this process has used, in the system too.
func processorTime(t testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
