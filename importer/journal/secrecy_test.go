package journal_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"authseed/importer/journal"
	"authseed/importer/sealed"
)

// keys gives somebody to seal to and what opens it.
func keys(t testing.TB) ([]sealed.Recipient, sealed.Identity) {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key.txt")
	if err := os.WriteFile(path, []byte(key.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	to, err := sealed.ParseRecipients([]string{key.Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	id, err := sealed.ReadIdentity(path)
	if err != nil {
		t.Fatal(err)
	}
	return to, id
}

func read(t *testing.T, elements ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(elements...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSealedRunIsReadWithItsKeyAlone(t *testing.T) {
	to, id := keys(t)
	_, other := keys(t)
	runs, p := written(t, journal.Incomplete, to...)
	run, err := journal.Read(runs, journal.Last, id)
	if err != nil || run.State != journal.Incomplete || run.Result(p.Changes[0].ID) != journal.Done || run.Counts.Planned != 6 {
		t.Fatalf("%+v, %v", run, err)
	}
	if back, err := run.Plan(runs); err != nil || back.Digest != p.Digest {
		t.Errorf("its plan: %v", err)
	}
	if got, err := journal.Recipients(runs, journal.Last, id); err != nil || len(got) != 1 || got[0].String() != to[0].String() {
		t.Errorf("recipients %v, %v", got, err)
	}
	for _, with := range [][]sealed.Identity{nil, {{}}, {other}} {
		if _, err := journal.Read(runs, "run-1", with...); !sealed.Locked(err) {
			t.Errorf("read: %v", err)
		}
		if _, _, err := journal.Open(runs, "run-1", with...); !sealed.Locked(err) {
			t.Errorf("opened: %v", err)
		}
		if _, err := journal.Recipients(runs, "run-1", with...); !sealed.Locked(err) {
			t.Errorf("recipients: %v", err)
		}
	}
	if got, err := journal.Recipients(func() (string, string) { r, _ := written(t, ""); return r, "run-1" }()); err != nil || got != nil {
		t.Errorf("recipients of a run in clear: %v, %v", got, err)
	}
}

// The files of a sealed run hold no person, no change, no tenant and no outcome.
func TestSealedRunTellsNothing(t *testing.T) {
	to, _ := keys(t)
	runs, p := written(t, journal.Incomplete, to...)
	names, err := filepath.Glob(filepath.Join(runs, "run-1", "*"))
	if err != nil || len(names) != 4 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text := read(t, name)
		for _, word := range []string{"private0", p.Changes[0].ID, p.ID, p.Digest, "tenant-1", "Contoso", "done", "badRequest", "r-0", "intent", to[0].String()} {
			if bytes.Contains(text, []byte(word)) {
				t.Errorf("%s tells %q", filepath.Base(name), word)
			}
		}
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v", name, info.Mode())
		}
	}
	for _, name := range []string{"plan.json", "key.age"} {
		if !sealed.Is(read(t, runs, "run-1", name)) {
			t.Errorf("%s is no age file", name)
		}
	}
}

// A sealed journal is read wherever it is cut, and edits are seen, as with one in
// clear: at the bytes of its first lines and its last one, and at some between.
func TestSealedPrefixesAndEdits(t *testing.T) {
	to, id := keys(t)
	runs, _ := written(t, journal.Incomplete, to...)
	path := filepath.Join(runs, "run-1", "journal.jsonl")
	whole := read(t, path)
	put := func(text []byte) (*journal.Run, error) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return journal.Read(runs, "run-1", id)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	begun := len(lines[0]) + len(lines[1])
	for n := range len(whole) {
		if n > begun && n < len(whole)-len(lines[len(lines)-2]) && n%7 > 0 {
			continue // of the middle not every one
		}
		run, err := put(whole[:n])
		switch {
		case n < begun && !errors.Is(err, journal.ErrNoRun):
			t.Fatalf("%d bytes without a whole first line: %v", n, err)
		case n >= begun && (err != nil || run.State != journal.Interrupted || run.Counts.Planned != 6):
			t.Fatalf("cut after %d bytes: %+v, %v", n, run, err)
		}
	}
	seen := func(name string, text []byte) {
		t.Helper()
		var corrupt *journal.CorruptError
		var newer *journal.NewerError
		if _, err := put(text); !errors.As(err, &corrupt) && !errors.As(err, &newer) {
			t.Fatalf("%s: read with %v", name, err)
		}
	}
	for i := 0; i < len(whole)-1; i += 7 { // each costs an opening of the key
		edited := bytes.Clone(whole)
		edited[i] ^= 1
		seen(fmt.Sprintf("byte %d", i), edited)
	}
	order := func(at ...int) (text []byte) {
		for _, i := range at {
			text = append(text, lines[i]...)
		}
		return text
	}
	seen("line dropped", order(0, 1, 3, 4))
	seen("lines swapped", order(0, 1, 3, 2))
	seen("line repeated", order(0, 1, 2, 2))
	seen("head repeated", order(0, 0, 1))
	seen("no head", order(1, 2, 3))
	seen("line after the end", append(bytes.Clone(whole), lines[2]...))
	// Another run's line, and another run's key.
	others, _ := written(t, journal.Incomplete, to...)
	theirs := bytes.SplitAfter(read(t, others, "run-1", "journal.jsonl"), []byte("\n"))
	seen("another run's line", append(order(0, 1), theirs[2]...))
	if err := os.WriteFile(filepath.Join(runs, "run-1", "key.age"), read(t, others, "run-1", "key.age"), 0o600); err != nil {
		t.Fatal(err)
	}
	seen("another run's key", whole)
	if err := os.Remove(filepath.Join(runs, "run-1", "key.age")); err != nil {
		t.Fatal(err)
	}
	if _, err := put(whole); err == nil || errors.Is(err, journal.ErrNoRun) {
		t.Errorf("without its key: %v", err)
	}
}

// The running hash needs no key. Whoever can compute it and has none can still not
// move, drop, repeat or make up a line of a sealed journal.
func TestSealedLinesStayWhereTheyAre(t *testing.T) {
	to, id := keys(t)
	runs, _ := written(t, journal.Incomplete, to...)
	path := filepath.Join(runs, "run-1", "journal.jsonl")
	whole := read(t, path)
	lines := bytes.Split(bytes.TrimSpace(whole), []byte("\n"))
	made := []byte(`{"type":"outcome","change":"x","result":"done","at":"2026-11-05T09:00:00Z"}`)
	for name, order := range map[string][][]byte{
		"moved": {lines[0], lines[1], lines[3], lines[2]}, "dropped": {lines[0], lines[1], lines[3]},
		"repeated": {lines[0], lines[1], lines[2], lines[2]}, "in clear": {lines[0], lines[1], made},
		"nothing sealed": {lines[0], lines[1], []byte(`{"sealed":""}`)}, "as written": lines,
	} {
		var text []byte
		hash := ""
		for _, line := range order {
			if at := bytes.LastIndex(line, []byte(`,"hash":"`)); at > 0 {
				line = append(bytes.Clone(line[:at]), '}')
			}
			sum := sha256.Sum256(append([]byte(hash), line...))
			hash = hex.EncodeToString(sum[:16])
			text = fmt.Appendf(text, "%s,\"hash\":%q}\n", line[:len(line)-1], hash)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := journal.Read(runs, "run-1", id)
		var corrupt *journal.CorruptError
		if name == "as written" {
			if err != nil || !bytes.Equal(text, whole) {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.As(err, &corrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whoever takes a sealed run up again seals with the same key, to the same
// recipients, and never twice with the same nonce.
func TestSealedRunGoesOn(t *testing.T) {
	to, id := keys(t)
	runs, p := written(t, "", to...)
	path := filepath.Join(runs, "run-1", "journal.jsonl")
	torn := read(t, path)
	var nonces [][]byte
	for range 3 {
		if err := os.WriteFile(path, torn[:len(torn)-7], 0o600); err != nil {
			t.Fatal(err)
		}
		j, past, err := journal.Open(runs, "run-1", id)
		if err != nil {
			t.Fatal(err)
		}
		if past.Result(p.Changes[4].ID) != journal.Unknown {
			t.Errorf("the torn outcome counts: %s", past.Result(p.Changes[4].ID))
		}
		err = errors.Join(
			j.Resume("test"),
			j.Record(journal.Outcome{Change: p.Changes[4].ID, Result: journal.Done}),
			j.WriteFailures(func(w io.Writer) error { _, err := io.WriteString(w, "private0"); return err }),
			j.End(journal.Incomplete, journal.Counts{}),
		)
		if err != nil {
			t.Fatal(err)
		}
		if run, err := j.Read(); err != nil || run.Result(p.Changes[4].ID) != journal.Done || run.State != journal.Incomplete {
			t.Errorf("read by who wrote it: %+v, %v", run, err)
		}
		for line := range bytes.Lines(read(t, path)[bytes.LastIndexByte(torn[:len(torn)-1], '\n')+1:]) {
			var l struct{ Sealed []byte }
			if err := json.Unmarshal(line, &l); err != nil {
				t.Fatal(err)
			}
			nonces = append(nonces, l.Sealed[:12])
		}
	}
	slices.SortFunc(nonces, bytes.Compare)
	if got := len(slices.CompactFunc(slices.Clone(nonces), bytes.Equal)); got != 9 || got != len(nonces) {
		t.Errorf("%d nonces for %d lines", got, len(nonces))
	}
	list := read(t, journal.FailuresPath(runs, "run-1"))
	r, err := sealed.Open(bytes.NewReader(list), id)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); string(text) != "private0" || err != nil {
		t.Errorf("the list of failures: %q, %v", text, err)
	}
}

// The list tells of a sealed run what is known without its key, and a run that
// may have been undone by one is not shown as if it were not.
func TestListWithoutTheKey(t *testing.T) {
	to, id := keys(t)
	runs := filepath.Join(t.TempDir(), "runs")
	begin := func(run, undoes string, to ...sealed.Recipient) *journal.Journal {
		p := aPlan(1)
		p.Undoes = undoes
		j, err := journal.Create(runs, run, "test", p, to...)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	end := func(j *journal.Journal) {
		if err := j.End(journal.Finished, journal.Counts{}); err != nil {
			t.Fatal(err)
		}
	}
	end(begin("20261101T090000Z-aa", ""))
	end(begin("20261102T090000Z-bb", "20261101T090000Z-aa", to...))
	j := begin("20261103T090000Z-cc", "", to...)
	defer end(j)
	states := func(with ...sealed.Identity) (all []string) {
		list, err := journal.List(runs, with...)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			if r.At.IsZero() {
				t.Errorf("%s has no time", r.RunID)
			}
			all = append(all, r.RunID[16:]+" "+string(r.State))
		}
		return all
	}
	if diff := cmp.Diff([]string{"-cc running", "-bb done", "-aa rolled-back"}, states(id)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"-cc running", "-bb encrypted", "-aa done"}, states()); diff != "" {
		t.Error(diff)
	}
	if _, err := journal.Read(runs, "20261101T090000Z-aa"); !sealed.Locked(err) {
		t.Errorf("a run that a sealed one may have undone: %v", err)
	}
	if run, err := journal.Read(runs, "20261101T090000Z-aa", id); err != nil || run.State != journal.RolledBack {
		t.Errorf("%+v, %v", run, err)
	}
}
