package journal_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/journal"
	"authseed/importer/sealed"
)

func TestParseKeep(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		text string
		want journal.Keep
		said string // how it is written; empty: as it was
	}{
		{"30d", journal.Keep{For: 30 * day}, ""},
		{"3d", journal.Keep{For: 3 * day}, ""},
		{"12w", journal.Keep{For: 84 * day}, ""},
		{"14d", journal.Keep{For: 14 * day}, "2w"},
		{"720h", journal.Keep{For: 720 * time.Hour}, "30d"},
		{"73h", journal.Keep{For: 73 * time.Hour}, ""},
		{"0090d", journal.Keep{For: 90 * day}, "90d"},
		{"36600d", journal.Keep{For: 36600 * day}, ""},
		{"1", journal.Keep{Newest: 1}, ""},
		{"100", journal.Keep{Newest: 100}, ""},
	} {
		got, err := journal.ParseKeep(c.text)
		if c.said == "" {
			c.said = c.text
		}
		if err != nil || got != c.want || got.String() != c.said {
			t.Errorf("%s: %+v %s, %v", c.text, got, got, err)
		}
	}
	for text, want := range map[string]string{
		"": "neither", "d": "neither", "-30d": "neither", "+30d": "neither", "30": "", "30D": "neither", "30 d": "neither", "1.5d": "neither",
		"30dd": "neither", "3m": "neither", "30d12h": "neither", "1e3": "neither", "٣d": "neither", "0x1d": "neither",
		"0": "nothing would be kept", "0d": "nothing would be kept", "000w": "nothing would be kept",
		"2d": "less than three days", "71h": "less than three days",
		"36601d": "a hundred years", "9223372036854775807h": "a hundred years", "99999999999999999999d": "a hundred years",
		"2147483648": "more than there can be", "99999999999999999999": "more than there can be",
	} {
		got, err := journal.ParseKeep(text)
		if want == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) || got != (journal.Keep{}) {
			t.Errorf("%q: %+v, %v, want %s", text, got, err, want)
		}
	}
}

func FuzzParseKeep(f *testing.F) {
	for _, text := range []string{"30d", "12w", "720h", "100", "0", "-1d", "d", "9223372036854775807h"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		k, err := journal.ParseKeep(text)
		if err != nil {
			return
		}
		if (k.For > 0) == (k.Newest > 0) || k.For > 0 && k.For < journal.LeastKept || k.For < 0 || k.Newest < 0 {
			t.Errorf("%q: %+v", text, k)
		}
		if again, err := journal.ParseKeep(k.String()); err != nil || again != k {
			t.Errorf("%q is written %s: %+v, %v", text, k, again, err)
		}
		if now := time.Now(); now.Sub(k.Since(now)) < journal.LeastKept {
			t.Errorf("%q keeps less than there has to be", text)
		}
	})
}

// shelf is a folder of runs with a clock of its own, see synctest.
type shelf struct {
	*testing.T
	runs string
}

func onShelf(t *testing.T, test func(s shelf)) {
	synctest.Test(t, func(t *testing.T) { test(shelf{t, filepath.Join(t.TempDir(), "runs")}) })
}

// add adds a run of now, which ended as said and may undo another, and gives its
// id. A day passes.
func (s shelf) add(end journal.State, first journal.Outcome, undoes string, to ...sealed.Recipient) string {
	s.Helper()
	p := aPlanUntil(3, time.Now().UTC().Add(72*time.Hour))
	p.Undoes = undoes
	id := time.Now().UTC().Format("20060102T150405.000") + "-ab12"
	large(s, s.runs, id, first, end, p, to...)
	time.Sleep(24 * time.Hour)
	return id
}

func (s shelf) done() string { return s.add(journal.Finished, journal.Outcome{}, "") }

// prune gives what was removed, in order, and what was kept and why.
func (s shelf) prune(keep string, with ...sealed.Identity) (gone []string, held map[journal.Hold]int) {
	s.Helper()
	k, err := journal.ParseKeep(keep)
	if err != nil {
		s.Fatal(err)
	}
	before := s.there()
	dry, err := journal.Prune(s.Context(), s.runs, k, time.Now(), true, with...)
	if err != nil {
		s.Fatal(err)
	}
	if diff := cmp.Diff(before, s.there()); diff != "" {
		s.Fatal("dry, and changed:", diff)
	}
	p, err := journal.Prune(s.Context(), s.runs, k, time.Now(), false, with...)
	if err != nil || len(p.Stuck) > 0 {
		s.Fatal(err, p.Stuck)
	}
	for _, r := range p.Removed {
		gone = append(gone, r.RunID)
		if r.Bytes < 1000 || r.At.IsZero() || r.State == "" {
			s.Errorf("removed %+v", r)
		}
	}
	var would []string
	for _, r := range dry.Removed {
		would = append(would, r.RunID)
	}
	if diff := cmp.Diff(would, gone); diff != "" || dry.Bytes != p.Bytes || dry.Recent != p.Recent || dry.Remains != p.Remains || !cmp.Equal(dry.Kept, p.Kept) {
		s.Errorf("dry %+v, and then %+v", dry, p)
	}
	for _, id := range gone {
		before = slices.DeleteFunc(before, func(name string) bool { return name == id })
	}
	if p.Remains == 0 {
		if got := s.there(); !slices.Equal(before, got) {
			s.Errorf("there are %v, want %v", got, before)
		}
	}
	return gone, p.Kept
}

func (s shelf) there() (names []string) {
	entries, err := os.ReadDir(s.runs)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func (s shelf) want(gone []string, held map[journal.Hold]int, wantGone []string, wantHeld map[journal.Hold]int) {
	s.Helper()
	if wantHeld == nil {
		wantHeld = map[journal.Hold]int{}
	}
	if diff := cmp.Diff(wantGone, gone); diff != "" {
		s.Errorf("removed (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(wantHeld, held); diff != "" {
		s.Errorf("held (-want +got)\n%s", diff)
	}
}

func TestPruneByAge(t *testing.T) {
	onShelf(t, func(s shelf) {
		gone, held := s.prune("30d")
		s.want(gone, held, nil, nil) // there is not even a folder
		var all []string
		for range 40 {
			all = append(all, s.done())
		}
		gone, held = s.prune("30d")
		s.want(gone, held, all[:10], nil) // the last began a day ago, the eleventh 30 days
		gone, held = s.prune("30d")
		s.want(gone, held, nil, nil)
		gone, held = s.prune("3d")
		s.want(gone, held, all[10:37], nil)
	})
}

func TestPruneByNumber(t *testing.T) {
	onShelf(t, func(s shelf) {
		var all []string
		for range 10 {
			all = append(all, s.done())
		}
		gone, held := s.prune("8")
		s.want(gone, held, all[:2], nil)
		gone, held = s.prune("1") // and the last three days
		s.want(gone, held, all[2:7], nil)
	})
}

// What is not over stays, however old it is.
func TestPruneHolds(t *testing.T) {
	to, id := keys(t)
	onShelf(t, func(s shelf) {
		failed := s.add(journal.Incomplete, journal.Outcome{Result: journal.Failed, Status: 400}, "")
		s.add("", journal.Outcome{}, "")
		expired := s.add(journal.Incomplete, journal.Outcome{Result: journal.Failed, Status: 503}, "")
		sealedOne := s.add(journal.Finished, journal.Outcome{}, "", to...)
		s.add("", journal.Outcome{}, "", to...)
		running, err := journal.Create(s.runs, time.Now().UTC().Format("20060102T150405.000")+"-cd34", "test", aPlan(1))
		if err != nil {
			s.Fatal(err)
		}
		time.Sleep(100 * 24 * time.Hour)
		gone, held := s.prune("30d")
		s.want(gone, held, []string{failed, expired}, map[journal.Hold]int{journal.HoldInterrupted: 1, journal.HoldEncrypted: 2, journal.HoldRunning: 1})
		gone, held = s.prune("30d", id)
		s.want(gone, held, []string{sealedOne}, map[journal.Hold]int{journal.HoldInterrupted: 2, journal.HoldRunning: 1})
		if err := running.Abandon(); err != nil {
			s.Fatal(err)
		}
	})
	onShelf(t, func(s shelf) { // whose plan is good for longer than what is kept
		s.add(journal.Incomplete, journal.Outcome{Result: journal.Unknown, Status: 503}, "")
		time.Sleep(47 * time.Hour)
		s.done()
		p := aPlanUntil(3, time.Now().UTC().Add(50*24*time.Hour))
		large(s, s.runs, "20000104T000000.000-ab12", journal.Outcome{Result: journal.Failed}, journal.Incomplete, p)
		time.Sleep(40 * 24 * time.Hour)
		_, held := s.prune("30d")
		if diff := cmp.Diff(map[journal.Hold]int{journal.HoldResumable: 1}, held); diff != "" {
			s.Error(diff)
		}
		time.Sleep(11 * 24 * time.Hour)
		gone, held := s.prune("30d")
		s.want(gone, held, []string{"20000104T000000.000-ab12"}, nil)
	})
}

// A run that says it began in the future, because a clock was wrong, stays until
// that time has passed.
func TestPruneFuture(t *testing.T) {
	onShelf(t, func(s shelf) {
		old := s.done()
		s.add(journal.Finished, journal.Outcome{}, "")
		p, err := journal.Prune(s.Context(), s.runs, journal.Keep{For: 72 * time.Hour}, time.Now().Add(-10*24*time.Hour), false)
		if err != nil || len(p.Removed) != 0 || p.Recent != 2 {
			s.Errorf("%+v, %v", p, err)
		}
		p, err = journal.Prune(s.Context(), s.runs, journal.Keep{Newest: 1}, time.Now().Add(-10*24*time.Hour), false)
		if err != nil || len(p.Removed) != 0 {
			s.Errorf("%+v, %v", p, err)
		}
		// A name of the future alone is enough.
		future := "20991231T000000.000-ab12"
		if err := os.Rename(filepath.Join(s.runs, old), filepath.Join(s.runs, future)); err != nil {
			s.Fatal(err)
		}
		time.Sleep(100 * 24 * time.Hour)
		s.prune("30d")
		if got := s.there(); len(got) != 1 || got[0] != future {
			s.Errorf("there are %v", got)
		}
	})
}

// A run and those that undo it stay and go together, and the undone one goes first:
// at no moment is it one that was not undone.
func TestPruneTied(t *testing.T) {
	const days = 24 * time.Hour
	onShelf(t, func(s shelf) {
		first := s.done()
		other := s.done()
		time.Sleep(30 * days)
		back := s.add(journal.Finished, journal.Outcome{}, first)
		time.Sleep(10 * days)
		again := s.add(journal.Finished, journal.Outcome{}, back) // undoes the undoing
		time.Sleep(25 * days)
		gone, held := s.prune("30d") // back alone is old enough
		s.want(gone, held, []string{other}, map[journal.Hold]int{journal.HoldLinked: 2})
		time.Sleep(10 * days)
		gone, held = s.prune("30d")
		s.want(gone, held, []string{first, back, again}, nil)
	})
	onShelf(t, func(s shelf) { // an undoing that was cut off
		first := s.done()
		back := s.add("", journal.Outcome{}, first)
		time.Sleep(100 * days)
		gone, held := s.prune("30d")
		s.want(gone, held, nil, map[journal.Hold]int{journal.HoldLinked: 1, journal.HoldInterrupted: 1})
		last := s.add(journal.Finished, journal.Outcome{}, first)
		time.Sleep(100 * days)
		gone, held = s.prune("30d")
		s.want(gone, held, nil, map[journal.Hold]int{journal.HoldLinked: 2, journal.HoldInterrupted: 1})
		j, _, err := journal.Open(s.runs, back)
		if err != nil {
			s.Fatal(err)
		}
		if err := j.End(journal.Finished, journal.Counts{}); err != nil {
			s.Fatal(err)
		}
		time.Sleep(100 * days)
		gone, held = s.prune("30d")
		s.want(gone, held, []string{first, back, last}, nil)
	})
	onShelf(t, func(s shelf) { // a cut-off run that was undone is over
		first := s.add("", journal.Outcome{}, "")
		back := s.add(journal.Finished, journal.Outcome{}, first)
		path := filepath.Join(s.runs, first, "journal.jsonl")
		if err := os.Truncate(path, int64(len(read(s.T, path))-3)); err != nil { // its last line is torn
			s.Fatal(err)
		}
		time.Sleep(100 * days)
		gone, held := s.prune("30d")
		s.want(gone, held, []string{first, back}, nil)
	})
	onShelf(t, func(s shelf) { // by their names the undoing came first: a clock went back
		back := s.add(journal.Finished, journal.Outcome{}, "20000105T000000.000-ab12")
		p := aPlan(3)
		large(s, s.runs, "20000105T000000.000-ab12", journal.Outcome{}, journal.Finished, p)
		time.Sleep(100 * days)
		gone, held := s.prune("30d")
		s.want(gone, held, []string{"20000105T000000.000-ab12", back}, nil)
	})
}

// A run that cannot be read is not removed: nobody knows what it is.
func TestPruneUnreadable(t *testing.T) {
	onShelf(t, func(s shelf) {
		first, second := s.done(), s.done()
		back := s.add(journal.Finished, journal.Outcome{}, first)
		path := filepath.Join(s.runs, first, "journal.jsonl")
		text := read(s.T, path)
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), `"done"`, `"stale"`, 1)), 0o600); err != nil {
			s.Fatal(err)
		}
		time.Sleep(100 * 24 * time.Hour)
		p, err := journal.Prune(s.Context(), s.runs, journal.Keep{For: 72 * time.Hour}, time.Now(), false)
		var corrupt *journal.CorruptError
		if err != nil || len(p.Stuck) != 1 || p.Stuck[0].ID != first || !errors.As(p.Stuck[0].Err, &corrupt) {
			s.Errorf("%+v, %v", p, err)
		}
		if len(p.Removed) != 1 || p.Removed[0].RunID != second || p.Kept[journal.HoldLinked] != 1 {
			s.Errorf("%+v", p)
		}
		if diff := cmp.Diff([]string{first, back}, s.there()); diff != "" {
			s.Error(diff)
		}
	})
}

// What a killed removal leaves is no run to anybody, and the next one removes it,
// wherever it was killed. Before the journal is gone it is the whole run.
func TestPruneCutOff(t *testing.T) {
	order := []string{"journal.jsonl.gz", "journal.jsonl", "failed.csv", "plan.json.gz", "lock"}
	for n := range len(order) + 1 {
		onShelf(t, func(s shelf) {
			id := time.Now().UTC().Format("20060102T150405.000") + "-ab12"
			large(s, s.runs, id, journal.Outcome{}, journal.Finished, aPlan(big))
			path := filepath.Join(s.runs, id, "journal.jsonl")
			text := read(s.T, path)
			err := errors.Join(journal.Compress(s.runs, id), os.WriteFile(path, text, 0o600),
				os.WriteFile(journal.FailuresPath(s.runs, id), []byte("id\n"), 0o600))
			if err != nil {
				s.Fatal(err)
			}
			time.Sleep(time.Hour)
			young := s.done()
			time.Sleep(72 * time.Hour)
			for _, name := range order[:n] {
				if err := os.Remove(filepath.Join(s.runs, id, name)); err != nil {
					s.Fatal(err)
				}
			}
			want := 1
			if n < 2 {
				want = 2
			}
			list, err := journal.List(s.runs)
			if err != nil || len(list) != want {
				s.Errorf("after %d files: %d runs, %v", n, len(list), err)
			}
			if last, err := journal.Read(s.runs, journal.Last); err != nil || last.RunID != young {
				s.Errorf("after %d files: the last is %+v, %v", n, last, err)
			}
			if _, err := journal.Read(s.runs, id); (err == nil) != (n < 2) || err != nil && !errors.Is(err, journal.ErrNoRun) {
				s.Errorf("after %d files: %v", n, err)
			}
			if n >= 2 {
				if _, _, err := journal.Open(s.runs, id); !errors.Is(err, journal.ErrNoRun) {
					s.Errorf("after %d files: taken up again, %v", n, err)
				}
			}
			p, err := journal.Prune(s.Context(), s.runs, journal.Keep{For: 4 * 24 * time.Hour}, time.Now(), false)
			if err != nil || len(p.Stuck) > 0 || len(p.Removed)+p.Remains != 1 || p.Remains == 1 != (n >= 2) {
				s.Errorf("after %d files: %+v, %v", n, p, err)
			}
			if got := s.there(); len(got) != 1 || got[0] != young {
				s.Errorf("after %d files there are %v", n, got)
			}
		})
	}
}

// The packed journal goes before the plain one, which counts, and both before all
// else: where the first cannot be removed the run is what it was.
func TestPruneOrder(t *testing.T) {
	onShelf(t, func(s shelf) {
		id := s.done()
		before := tell(s.T, s.runs, id)
		inTheWay := filepath.Join(s.runs, id, "journal.jsonl"+journal.Packed, "x")
		if err := os.MkdirAll(inTheWay, 0o700); err != nil {
			s.Fatal(err)
		}
		time.Sleep(100 * 24 * time.Hour)
		p, err := journal.Prune(s.Context(), s.runs, journal.Keep{For: 72 * time.Hour}, time.Now(), false)
		if err != nil || len(p.Stuck) != 1 || len(p.Removed) != 0 {
			s.Errorf("%+v, %v", p, err)
		}
		if diff := cmp.Diff(before, tell(s.T, s.runs, id)); diff != "" {
			s.Error(diff)
		}
		if err := os.RemoveAll(filepath.Dir(inTheWay)); err != nil {
			s.Fatal(err)
		}
		gone, held := s.prune("3d")
		s.want(gone, held, []string{id}, nil)
	})
}

// A copy of a run that somebody has made is a run by its own name: what becomes of
// it does not become of the other.
func TestPruneCopy(t *testing.T) {
	onShelf(t, func(s shelf) {
		id, copied := s.done(), "20000101T000000.000-copy"
		if err := os.CopyFS(filepath.Join(s.runs, copied), os.DirFS(filepath.Join(s.runs, id))); err != nil {
			s.Fatal(err)
		}
		time.Sleep(100 * 24 * time.Hour)
		j, _, err := journal.Open(s.runs, id)
		if err := errors.Join(err, j.Resume("test"), j.End(journal.Finished, journal.Counts{})); err != nil {
			s.Fatal(err)
		}
		gone, held := s.prune("30d")
		s.want(gone, held, []string{copied}, nil)
		if _, _, err := journal.Open(s.runs, copied); !errors.Is(err, journal.ErrNoRun) {
			s.Errorf("the copy: %v", err)
		}
	})
}

// Somebody goes on with a run, or undoes it, between the look at it and its
// removal.
func TestPruneLooksAgain(t *testing.T) {
	for _, meanwhile := range []string{"goes on", "undoes"} {
		onShelf(t, func(s shelf) {
			id := s.done()
			s.done()
			time.Sleep(100 * 24 * time.Hour)
			ctx := &meddled{Context: s.Context(), after: 3, do: func() {
				if meanwhile == "undoes" {
					s.add(journal.Finished, journal.Outcome{}, id)
					return
				}
				j, _, err := journal.Open(s.runs, id)
				if err := errors.Join(err, j.Resume("test"), j.Abandon()); err != nil {
					s.Fatal(err)
				}
			}}
			p, err := journal.Prune(ctx, s.runs, journal.Keep{For: 72 * time.Hour}, time.Now(), false)
			want := map[string]journal.Hold{"goes on": journal.HoldRunning, "undoes": journal.HoldLinked}[meanwhile]
			if err != nil || len(p.Removed) != 1 || p.Kept[want] != 1 {
				s.Errorf("%s: %+v, %v", meanwhile, p, err)
			}
			if _, err := journal.Read(s.runs, id); err != nil {
				s.Errorf("%s: %v", meanwhile, err)
			}
		})
	}
}

// meddled does something when it is asked for the so-manieth time.
type meddled struct {
	context.Context
	after int
	do    func()
}

func (m *meddled) Err() error {
	if m.after--; m.after == 0 {
		m.do()
	}
	return nil
}

// A folder that is no run's stays, and so does one of a run that is just beginning.
func TestPruneLeavesOthers(t *testing.T) {
	onShelf(t, func(s shelf) {
		s.done()
		time.Sleep(100 * 24 * time.Hour)
		for _, name := range []string{"notes", time.Now().UTC().Format("20060102T150405.000") + "-ab12"} {
			if err := os.MkdirAll(filepath.Join(s.runs, name), 0o700); err != nil {
				s.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(s.runs, "20000101T000000.000-file"), nil, 0o600); err != nil {
			s.Fatal(err)
		}
		s.prune("30d")
		if got := s.there(); len(got) != 3 {
			s.Errorf("there are %v", got)
		}
	})
}

// Interrupted, it tells what it has done, and the next time goes on.
func TestPruneInterrupted(t *testing.T) {
	onShelf(t, func(s shelf) {
		for range 5 {
			s.done()
		}
		time.Sleep(100 * 24 * time.Hour)
		ctx, stop := context.WithCancel(s.Context())
		stop()
		if p, err := journal.Prune(ctx, s.runs, journal.Keep{Newest: 1}, time.Now(), false); !errors.Is(err, context.Canceled) || len(p.Removed) != 0 {
			s.Errorf("%+v, %v", p, err)
		}
		// The second run is asked for in the middle of it.
		counting := &counted{Context: s.Context(), left: 5 + 2}
		p, err := journal.Prune(counting, s.runs, journal.Keep{Newest: 1}, time.Now(), false)
		if !errors.Is(err, context.Canceled) || len(p.Removed) != 2 || len(s.there()) != 3 {
			s.Errorf("%+v, %v", p, err)
		}
		gone, held := s.prune("1")
		if len(gone) != 2 || len(held) != 0 {
			s.Errorf("%v, %v", gone, held)
		}
	})
}

// counted is a context that is over after it was asked so many times.
type counted struct {
	context.Context
	left int
}

func (c *counted) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

func (c *counted) Value(key any) any { return nil }

// A run that cannot be removed is told, those tied to it stay, and the rest goes.
func TestPruneStuck(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not everybody makes symbolic links there")
	}
	onShelf(t, func(s shelf) {
		first, second := s.done(), s.done()
		back := s.add(journal.Finished, journal.Outcome{}, first)
		time.Sleep(100 * 24 * time.Hour)
		lock := filepath.Join(s.runs, first, "lock") // one that nobody can take
		if err := errors.Join(os.Remove(lock), os.Symlink("lock", lock)); err != nil {
			s.Fatal(err)
		}
		p, err := journal.Prune(s.Context(), s.runs, journal.Keep{For: 72 * time.Hour}, time.Now(), false)
		if err != nil || len(p.Stuck) != 1 || p.Stuck[0].ID != first || len(p.Removed) != 1 || p.Removed[0].RunID != second || p.Kept[journal.HoldLinked] != 1 {
			s.Errorf("%+v, %v", p, err)
		}
		if diff := cmp.Diff([]string{first, back}, s.there()); diff != "" {
			s.Error(diff)
		}
	})
}

// BenchmarkPrune looks at a thousand runs.
func BenchmarkPrune(b *testing.B) {
	runs := filepath.Join(b.TempDir(), "runs")
	for i := range 1000 {
		large(b, runs, fmt.Sprintf("20261105T%06d.000-ab12", i), journal.Outcome{}, journal.Finished, aPlan(10))
	}
	for b.Loop() {
		if p, err := journal.Prune(b.Context(), runs, journal.Keep{Newest: 100}, time.Now(), true); err != nil || p.Recent != 1000 {
			b.Fatal(p, err)
		}
	}
}
