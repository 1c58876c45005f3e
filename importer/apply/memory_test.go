//go:build unix

package apply_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"authseed/importer/graph"
	"authseed/importer/journal"
	"authseed/importer/pace"
	"authseed/importer/plan"
)

// memoryJob does one part of an apply in a process of its own and prints what
// it took, in MB.
type memoryJob struct {
	Do         string // one of the parts
	Plan, Runs string
	URL        string
}

// The parts.
const (
	nothing   = "nothing"
	holdPlan  = "hold the plan" // decoded, and the garbage of that given back
	applyPlan = "apply"
	readRun   = "read the run" // of the part before
)

func (m memoryJob) run() error {
	var p *plan.Plan
	var err error
	if m.Do == holdPlan || m.Do == applyPlan {
		if p, err = m.plan(); err != nil {
			return err
		}
	}
	measure := "VmHWM" // the peak; what getrusage says on Linux may be the parent's
	switch m.Do {
	case holdPlan:
		debug.FreeOSMemory()
		measure = "VmRSS"
	case applyPlan:
		client, err := signedIn(graph.Options{URL: m.URL})
		if err != nil {
			return err
		}
		if _, err := applyAndRead(context.Background(), client, pace.NewPacer(pace.Limits{}), p, m.Runs); err != nil {
			return err
		}
	case readRun:
		if _, err := journal.Read(m.Runs, run1); err != nil {
			return err
		}
	}
	megabytes, err := memory(measure)
	if err != nil {
		return err
	}
	runtime.KeepAlive(p)
	return json.NewEncoder(os.Stdout).Encode(megabytes)
}

func (m memoryJob) plan() (*plan.Plan, error) {
	file, err := os.Open(m.Plan)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return plan.Decode(file)
}

const status = "/proc/self/status"

// memory is a line of this process's status, in MB.
func memory(line string) (float64, error) {
	text, err := os.ReadFile(status)
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), line+":")
	var kilobytes float64
	_, err = fmt.Sscan(rest, &kilobytes)
	return kilobytes / 1024, err
}

// BenchmarkMemory is what an apply of 100,000 changes holds at its peak, run and
// journal read back included, beyond a process that does nothing but hold the
// plan; and what it takes to read the journal alone, beyond one that does
// nothing at all.
func BenchmarkMemory(b *testing.B) {
	const people = 50_000
	if _, err := os.Stat(status); err != nil {
		b.Skip("only Linux tells the peak of one process")
	}
	part := func(m memoryJob) (megabytes float64) {
		out, err := process(b, job{Memory: &m}).Output()
		if err == nil {
			err = json.Unmarshal(out, &megabytes)
		}
		if err != nil {
			b.Fatal(m.Do, err)
		}
		return megabytes
	}
	for b.Loop() {
		tenant := serve(b, serveJob{People: people})
		m := memoryJob{Plan: filepath.Join(b.TempDir(), "plan.json"), Runs: b.TempDir(), URL: tenant.url}
		file, err := os.Create(m.Plan)
		if err != nil {
			b.Fatal(err)
		}
		if err := plan.Encode(file, plan.Build(inputOf(nil, crowd(people, "office=1 email=p#")))); err != nil {
			b.Fatal(err)
		}
		if err := file.Close(); err != nil {
			b.Fatal(err)
		}
		took := map[string]float64{}
		for _, m.Do = range []string{nothing, holdPlan, applyPlan, readRun} {
			took[m.Do] = part(m)
		}
		tenant.end()
		b.ReportMetric(took[holdPlan], "plan-MB")
		b.ReportMetric(took[applyPlan]-took[holdPlan], "beyond-plan-MB")
		b.ReportMetric(took[readRun]-took[nothing], "journal-read-MB")
		b.ReportMetric(0, "ns/op")
	}
}
