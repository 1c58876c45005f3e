package journal_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/sealed"
)

// big is how many changes make files that are worth packing.
const big = 120

// large makes a run of many changes. Of the first the outcome is the given one, the
// others are done. Without an end it is cut off.
func large(t testing.TB, runs, id string, first journal.Outcome, end journal.State, p *plan.Plan, to ...sealed.Recipient) {
	t.Helper()
	j, err := journal.Create(runs, id, "test", p, to...)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, len(p.Changes))
	for i, c := range p.Changes {
		ids[i] = c.ID
	}
	if err := j.Intend(ids); err != nil {
		t.Fatal(err)
	}
	for i, c := range p.Changes {
		o := journal.Outcome{Change: c.ID, Result: journal.Done, Status: 201, RequestID: fmt.Sprintf("8b9e0f2c-0000-4000-8000-%012d", i)}
		if i == 0 && first.Result != "" {
			o = first
			o.Change = c.ID
		}
		if err := j.Record(o); err != nil {
			t.Fatal(err)
		}
	}
	if end == "" {
		err = j.Abandon()
	} else {
		err = j.End(end, journal.Counts{Planned: len(p.Changes)})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// files are the names in a run's folder, without its lock.
func files(t testing.TB, runs, id string) string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(runs, id))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.Name() != "lock" {
			names = append(names, e.Name())
		}
	}
	return strings.Join(names, " ")
}

// told is all that a run tells, to be compared.
type told struct {
	State    journal.State
	Head     journal.Head
	Counts   journal.Counts
	Ended    time.Time
	Outcomes []journal.Outcome
	Digest   string
}

func tell(t testing.TB, runs, id string, with ...sealed.Identity) told {
	t.Helper()
	run, err := journal.Read(runs, id, with...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := run.Plan(runs)
	if err != nil {
		t.Fatal(err)
	}
	all := told{run.State, run.Head, run.Counts, run.EndedAt, nil, p.Digest}
	for _, c := range p.Changes {
		o, _ := run.Outcome(c.ID)
		all.Outcomes = append(all.Outcomes, o)
	}
	return all
}

func TestCompress(t *testing.T) {
	const plain, both = "journal.jsonl plan.json", "journal.jsonl.gz plan.json.gz"
	no := journal.Outcome{Result: journal.Failed, Status: 400, Code: "badRequest"}
	busy := journal.Outcome{Result: journal.Failed, Status: 503}
	to, id := keys(t)
	for _, c := range []struct {
		name  string
		n     int
		first journal.Outcome
		end   journal.State
		to    []sealed.Recipient
		keep  string // beside the plan
		want  string
	}{
		{"done", big, journal.Outcome{}, journal.Finished, nil, "", both},
		{"nothing to go on with", big, no, journal.Incomplete, nil, "", both},
		{"left alone", big, journal.Outcome{Result: journal.Stale}, journal.Incomplete, nil, "", both},
		{"unanswered", big, busy, journal.Incomplete, nil, "", plain},
		{"unknown", big, journal.Outcome{Result: journal.Unknown, Status: 503}, journal.Incomplete, nil, "", plain},
		{"cut off", big, journal.Outcome{}, "", nil, "", plain},
		{"small", 2, journal.Outcome{}, journal.Finished, nil, "", plain},
		{"signed", big, journal.Outcome{}, journal.Finished, nil, ".bob.sig", "journal.jsonl.gz plan.json plan.json.bob.sig"},
		{"sealed", big, journal.Outcome{}, journal.Finished, to, "", "journal.jsonl key.age plan.json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			runs := filepath.Join(t.TempDir(), "runs")
			large(t, runs, "run-1", c.first, c.end, aPlan(c.n), c.to...)
			if c.keep != "" {
				if err := journal.KeepBeside(runs, "run-1", c.keep, []byte("signature")); err != nil {
					t.Fatal(err)
				}
			}
			path := filepath.Join(runs, "run-1", "journal.jsonl")
			before := tell(t, runs, "run-1", id)
			then := time.Now().Add(-100 * time.Hour).Truncate(time.Second)
			if err := os.Chtimes(path, then, then); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := journal.Compress(runs, "run-1"); err != nil {
					t.Fatal(err)
				}
				if got := files(t, runs, "run-1"); got != c.want {
					t.Errorf("there are %s, want %s", got, c.want)
				}
				if diff := cmp.Diff(before, tell(t, runs, journal.Last, id)); diff != "" {
					t.Error(diff)
				}
			}
			for since, want := range map[time.Time]int{then: 1, then.Add(time.Hour): 0, {}: 1} {
				if list, err := journal.Since(runs, since, id); err != nil || len(list) != want {
					t.Errorf("since %v: %d runs, %v, want %d", since, len(list), err, want)
				}
			}
			err := filepath.WalkDir(runs, func(name string, d fs.DirEntry, err error) error {
				if info, _ := d.Info(); err == nil && !d.IsDir() && info.Mode().Perm() != 0o600 {
					t.Errorf("%s is %v", d.Name(), info.Mode())
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// A run that was rolled back is at its end, though its own journal has none.
func TestCompressRolledBack(t *testing.T) {
	runs := filepath.Join(t.TempDir(), "runs")
	large(t, runs, "run-1", journal.Outcome{}, "", aPlan(big))
	back := aPlan(big)
	back.Undoes = "run-1"
	large(t, runs, "run-2", journal.Outcome{}, journal.Finished, back)
	for _, id := range []string{"run-2", "run-1"} {
		if err := journal.Compress(runs, id); err != nil {
			t.Fatal(err)
		}
		if got := files(t, runs, id); !strings.HasPrefix(got, "journal.jsonl.gz") {
			t.Errorf("%s: %s", id, got)
		}
	}
	if run, err := journal.Read(runs, "run-1"); err != nil || run.State != journal.RolledBack {
		t.Errorf("%+v, %v", run, err)
	}
	list, err := journal.List(runs)
	if err != nil || len(list) != 2 || list[1].State != journal.RolledBack {
		t.Errorf("%+v, %v", list, err)
	}
	if err := journal.Compress(runs, "nobody"); !errors.Is(err, journal.ErrNoRun) {
		t.Errorf("no run: %v", err)
	}
}

// Whoever has read a run and takes long to say that it may be packed does not pack
// what others write meanwhile.
func TestCompressLeavesWhatHasGoneOn(t *testing.T) {
	runs := filepath.Join(t.TempDir(), "runs")
	large(t, runs, "run-1", journal.Outcome{}, journal.Finished, aPlan(big))
	run, err := journal.Read(runs, "run-1")
	if err != nil {
		t.Fatal(err)
	}
	j, _, err := journal.Open(runs, "run-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Compress(runs); err != nil { // locked
		t.Fatal(err)
	}
	if err := errors.Join(j.Resume("test"), j.Abandon(), run.Compress(runs)); err != nil {
		t.Fatal(err)
	}
	if got := files(t, runs, "run-1"); got != "journal.jsonl plan.json" {
		t.Errorf("there are %s", got)
	}
	if run, err := journal.Read(runs, "run-1"); err != nil || run.State != journal.Interrupted {
		t.Errorf("%+v, %v", run, err)
	}
}

// A packed run is taken up again as any other, and its journal is plain from then
// on, whatever a cut-off change of form has left.
func TestOpenPacked(t *testing.T) {
	for _, left := range []string{"packed", "both", "part"} {
		runs := filepath.Join(t.TempDir(), "runs")
		large(t, runs, "run-1", journal.Outcome{}, journal.Finished, aPlan(big))
		path := filepath.Join(runs, "run-1", "journal.jsonl")
		text := read(t, path)
		if err := journal.Compress(runs, "run-1"); err != nil {
			t.Fatal(err)
		}
		name := path
		switch left {
		case "part":
			name, text = filepath.Join(runs, "run-1", journal.Partial+"journal.jsonl"), text[:100]
			fallthrough
		case "both":
			if err := os.WriteFile(name, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		j, run, err := journal.Open(runs, "run-1")
		if err != nil || run.State != journal.Finished {
			t.Fatalf("%s: %+v, %v", left, run, err)
		}
		if err := j.Resume("test"); err != nil {
			t.Fatal(err)
		}
		if got := files(t, runs, "run-1"); got != "journal.jsonl plan.json.gz" {
			t.Errorf("%s: there are %s", left, got)
		}
		if err := j.End(journal.Finished, run.Counts); err != nil {
			t.Fatal(err)
		}
		if again, err := j.Read(); err != nil || again.State != journal.Finished {
			t.Errorf("%s: %v", left, err)
		}
		if err := journal.Compress(runs, "run-1"); err != nil {
			t.Fatal(err)
		}
		if again, err := j.Read(); err != nil || again.State != journal.Finished || again.Counts.Done != big {
			t.Errorf("%s: packed again: %v", left, err)
		}
	}
}

// TestReformingCutOff ends the process after every step of packing and unpacking,
// and at places of the part that is being written. The run tells the same at each,
// and both changes of form come to their end the next time.
func TestReformingCutOff(t *testing.T) {
	first := filepath.Join(t.TempDir(), "runs")
	large(t, first, "run-1", journal.Outcome{}, journal.Finished, aPlan(big))
	for _, name := range []string{"journal.jsonl", "plan.json"} {
		for _, packing := range []bool{true, false} {
			place := 0
			for ended := false; !ended; place++ {
				runs := filepath.Join(t.TempDir(), "runs")
				if err := os.CopyFS(runs, os.DirFS(first)); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(runs, "run-1", name)
				before := tell(t, runs, "run-1")
				steps := journal.PackingSteps(path)
				if !packing {
					run(t, steps...)
					steps = journal.UnpackingSteps(path)
				}
				ended = place == len(steps)
				run(t, steps[:place]...)
				if diff := cmp.Diff(before, tell(t, runs, "run-1")); diff != "" {
					t.Fatalf("%s, packing %t, after %d steps: %s", name, packing, place, diff)
				}
				whole, err := filepath.Glob(filepath.Join(runs, "run-1", journal.Partial+"*"))
				if err != nil || (len(whole) == 1) != (place == 1 || place == 2) {
					t.Fatalf("%d parts after %d steps", len(whole), place)
				}
				for _, part := range whole {
					text := read(t, part)
					for n := 0; n < len(text); n += 1 + len(text)/7 {
						if err := os.Truncate(part, int64(len(text)-1-n)); err != nil {
							t.Fatal(err)
						}
						if diff := cmp.Diff(before, tell(t, runs, "run-1")); diff != "" {
							t.Fatalf("%s, packing %t, torn: %s", name, packing, diff)
						}
					}
				}
				if err := journal.Compress(runs, "run-1"); err != nil {
					t.Fatal(err)
				}
				if got := files(t, runs, "run-1"); got != "journal.jsonl.gz plan.json.gz" {
					t.Fatalf("%s, packing %t, after %d steps and once more: %s", name, packing, place, got)
				}
				if diff := cmp.Diff(before, tell(t, runs, "run-1")); diff != "" {
					t.Fatal(diff)
				}
				j, _, err := journal.Open(runs, "run-1")
				if err != nil {
					t.Fatal(err)
				}
				if err := j.Abandon(); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(before, tell(t, runs, "run-1")); diff != "" {
					t.Fatal(diff)
				}
			}
			if place < 6 {
				t.Errorf("only %d places", place)
			}
		}
	}
}

func run(t *testing.T, steps ...func() error) {
	t.Helper()
	for _, step := range steps {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
}

// What is read back must be what was there: a part that the disk has spoiled does
// not take the file's place.
func TestCompressReadsBack(t *testing.T) {
	runs := filepath.Join(t.TempDir(), "runs")
	large(t, runs, "run-1", journal.Outcome{}, journal.Finished, aPlan(big))
	path := filepath.Join(runs, "run-1", "journal.jsonl")
	part := filepath.Join(runs, "run-1", journal.Partial+"journal.jsonl.gz")
	steps := journal.PackingSteps(path)
	run(t, steps[0])
	good := read(t, part)
	var other bytes.Buffer
	zip := gzip.NewWriter(&other)
	_, err := zip.Write([]byte("another text, packed well\n"))
	if err := errors.Join(err, zip.Close()); err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 1
	for name, text := range map[string][]byte{"flipped": flipped, "cut short": good[:len(good)-1], "another": other.Bytes(), "empty": nil} {
		if err := os.WriteFile(part, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := steps[1](); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if err := os.WriteFile(part, good, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := steps[1](); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

// A disk that cannot take the packed file leaves the run as it was, and no part.
func TestCompressWithoutRoom(t *testing.T) {
	runs := filepath.Join(t.TempDir(), "runs")
	large(t, runs, "run-1", journal.Outcome{}, journal.Finished, aPlan(big))
	in := filepath.Join(runs, "run-1", "journal.jsonl"+journal.Packed)
	if err := errors.Join(os.Mkdir(in, 0o700), os.WriteFile(filepath.Join(in, "x"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	before := tell(t, runs, "run-1")
	if err := journal.Compress(runs, "run-1"); err == nil || !strings.HasPrefix(err.Error(), "compressing run run-1: ") {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(before, tell(t, runs, "run-1")); diff != "" {
		t.Error(diff)
	}
	if got := files(t, runs, "run-1"); got != "journal.jsonl journal.jsonl.gz plan.json" {
		t.Errorf("there are %s", got)
	}
}

// A packed journal that is damaged anywhere is told, and one that is a bomb is not
// unpacked.
func TestPackedEditsAreSeen(t *testing.T) {
	runs := filepath.Join(t.TempDir(), "runs")
	large(t, runs, "run-1", journal.Outcome{}, journal.Finished, aPlan(big))
	if err := journal.Compress(runs, "run-1"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(runs, "run-1", "journal.jsonl"+journal.Packed)
	whole := read(t, path)
	before := tell(t, runs, "run-1")
	look := func(name string, text []byte, same bool) {
		t.Helper()
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		var corrupt *journal.CorruptError
		_, err := journal.Read(runs, "run-1")
		if err == nil && same {
			if diff := cmp.Diff(before, tell(t, runs, "run-1")); diff != "" {
				t.Fatalf("%s: %s", name, diff)
			}
			return
		}
		if !errors.As(err, &corrupt) {
			t.Fatalf("%s: read with %v", name, err)
		}
	}
	for i := 0; i < len(whole); i += 1 + i/50 {
		edited := bytes.Clone(whole)
		edited[i] ^= 1
		look(fmt.Sprintf("byte %d", i), edited, i < 10) // of the header some say nothing about what is in it
		if i > 0 {
			look(fmt.Sprintf("cut to %d", i), whole[:i], false)
		}
	}
	look("empty", nil, false)
	look("rubbish behind", append(bytes.Clone(whole), "rubbish"...), false)

	var bomb bytes.Buffer
	zip := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 64 {
		if _, err := zip.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	look("bomb", bomb.Bytes(), false)
	if _, err := journal.Read(runs, "run-1"); err == nil || !strings.Contains(err.Error(), "more than 100 times its size") {
		t.Errorf("bomb: %v", err)
	}
	list, err := journal.List(runs)
	if len(list) != 0 || err == nil {
		t.Errorf("listed: %v, %v", list, err)
	}
}

// While a run changes its form again and again, it can be read.
func TestReadWhileReforming(t *testing.T) {
	runs := filepath.Join(t.TempDir(), "runs")
	large(t, runs, "run-1", journal.Outcome{}, journal.Finished, aPlan(big))
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if run, err := journal.Read(runs, "run-1"); err != nil || run.Counts.Done != big {
					t.Errorf("%+v, %v", run, err)
					return
				}
				if list, err := journal.List(runs); err != nil || len(list) != 1 {
					t.Errorf("%v, %v", list, err)
					return
				}
			}
		})
	}
	for range 12 {
		if err := journal.Compress(runs, "run-1"); err != nil {
			t.Error(err)
		}
		j, _, err := journal.Open(runs, "run-1")
		if err != nil {
			t.Error(err)
			continue
		}
		if err := j.Abandon(); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	readers.Wait()
}

// BenchmarkCompress tells what packing comes to.
func BenchmarkCompress(b *testing.B) {
	p := aPlan(5000)
	var plain, packed int64
	for b.Loop() {
		b.StopTimer()
		runs := filepath.Join(b.TempDir(), "runs")
		large(b, runs, "run-1", journal.Outcome{}, journal.Finished, p)
		plain = room(b, runs)
		b.StartTimer()
		if err := journal.Compress(runs, "run-1"); err != nil {
			b.Fatal(err)
		}
		packed = room(b, runs)
	}
	b.ReportMetric(float64(plain)/5000, "bytes/change")
	b.ReportMetric(float64(packed)/5000, "packed/change")
}

func room(t testing.TB, runs string) (n int64) {
	t.Helper()
	err := filepath.WalkDir(runs, func(_ string, d fs.DirEntry, err error) error {
		if info, _ := d.Info(); err == nil && !d.IsDir() {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
