package schedule_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/schedule"
)

func TestMemory(t *testing.T) {
	folder := t.TempDir()
	m, err := schedule.Recall(t.Context(), schedule.Folder(folder), "contoso", id)
	if err != nil || m.Good != nil {
		t.Fatalf("%+v, %v", m, err)
	}
	m.Unchanged, m.OpenRun = 2, "20261105T030000.000-ab12"
	m.Waiting = []schedule.Waiting{{PlanID: "w", Digest: "d", ValidUntil: time.Date(2026, 11, 8, 3, 0, 0, 0, time.UTC), File: "/reports/plan.json"}}
	m.Good = &schedule.Good{
		At: time.Date(2026, 11, 5, 3, 0, 0, 0, time.UTC), PlanID: "p",
		Sight:  schedule.Sight{Source: schedule.Export{Name: "hr.csv", SHA256: "s", Rows: 3}, Header: []string{"id"}, Values: map[string]int{"mobile": 3}},
		Inputs: "i", Unusable: 2, Counts: schedule.Counts{Planned: 3, Done: 2, Open: 1},
	}
	if err := m.Keep(t.Context(), schedule.Folder(folder)); err != nil {
		t.Fatal(err)
	}
	again, err := schedule.Recall(t.Context(), schedule.Folder(folder), "contoso", id)
	if diff := cmp.Diff(m, again); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := schedule.Recall(t.Context(), schedule.Folder(folder), "contoso", strings.ToUpper(id)); err != nil {
		t.Errorf("an id in capitals: %v", err)
	}
	path := filepath.Join(folder, "memory.json")
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, want string }{
		"cut off":     {string(text[:len(text)/2]), "is damaged"},
		"empty":       {"", "is damaged"},
		"unknown key": {strings.Replace(string(text), `"unchanged"`, `"unchnged"`, 1), "is damaged"},
		"newer":       {strings.Replace(string(text), `"format_version": 1`, `"format_version": 2`, 1), "has format_version 2, and this authseed reads 1"},
		"another job": {strings.Replace(string(text), `"contoso"`, `"fabrikam"`, 1), "is of job fabrikam in tenant " + id},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := schedule.Recall(t.Context(), schedule.Folder(folder), "contoso", id)
		var unusable *schedule.MemoryError
		if !errors.As(err, &unusable) || !strings.HasSuffix(err.Error(), c.want) || unusable.Hint() == "" {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestLock(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "sync", "contoso")
	me := schedule.Holder{PID: 4711, Host: "batch01", Since: time.Date(2026, 11, 5, 3, 0, 0, 0, time.UTC)}
	release, err := schedule.Acquire(t.Context(), folder, "contoso", 0, me)
	if err != nil {
		t.Fatal(err)
	}
	_, err = schedule.Acquire(t.Context(), folder, "contoso", 0, me)
	var busy *schedule.BusyError
	if !errors.As(err, &busy) || err.Error() != "job contoso is running already, in process 4711 on batch01 since 2026-11-05T03:00:00Z" {
		t.Errorf("%v", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := schedule.Acquire(stopped, folder, "contoso", time.Hour, me); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting after an interrupt: %v", err)
	}
	waited := make(chan error)
	go func() {
		again, err := schedule.Acquire(context.Background(), folder, "contoso", time.Minute, me)
		if err == nil {
			err = again()
		}
		waited <- err
	}()
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err != nil {
		t.Errorf("waiting for it: %v", err)
	}
}

// board is a shelf that may be away.
type board struct {
	text []byte
	away bool
}

func (b *board) Place() string { return "board" }

func (b *board) Read(context.Context) ([]byte, error) {
	if b.away {
		return nil, errors.New("away")
	}
	return b.text, nil
}

func (b *board) Write(_ context.Context, text []byte) error {
	if b.away {
		return errors.New("away")
	}
	b.text = text
	return nil
}

// TestShared: two hosts and what they share, which is away at times. Whoever wrote
// last is read.
func TestShared(t *testing.T) {
	common := &board{}
	told := 0
	host := func() schedule.Shared {
		return schedule.Shared{Here: schedule.Folder(t.TempDir()), There: common, Away: func(error) { told++ }}
	}
	one, two := host(), host()
	reads := func(at string, s schedule.Shared, want string) {
		t.Helper()
		if got, err := s.Read(t.Context()); string(got) != want || (got == nil) != (want == "") || err != nil {
			t.Errorf("%s: %q, %v, want %q", at, got, err, want)
		}
	}
	writes := func(s schedule.Shared, text string) {
		t.Helper()
		if err := s.Write(t.Context(), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	reads("nothing yet", one, "")
	common.away = true
	writes(one, "first") // the night in which it went away
	if _, err := one.Read(t.Context()); err == nil {
		t.Error("what another host did is not known")
	}
	common.away = false
	reads("what is here alone", one, "first")
	reads("another host", two, "")
	writes(two, "second")
	reads("what another host wrote since", one, "second")
	writes(one, "third")
	reads("what everybody has", two, "third")
	common.away = true
	writes(two, "fourth")
	common.away = false
	reads("what is here alone", two, "fourth")
	reads("whoever does not know", one, "third")
	writes(one, "fifth")
	reads("the shared one goes before", two, "fifth")
	common.text = nil
	reads("a database that is new", one, "fifth")
	if told != 2 {
		t.Errorf("told %d times", told)
	}
}
