package ledger_test

import (
	"path/filepath"
	"testing"

	"authseed/importer/ledger"
)

// TestMemory: two hosts know of the same nights, of each job its own.
func TestMemory(t *testing.T) {
	place := database(t)
	on := func(tenant, job string) *ledger.Memory {
		m, err := place.Memory(tenant, job)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = m.Close() })
		return m
	}
	here, there := on(tenant, "nightly"), on(tenant, "nightly")
	if text, err := there.Read(t.Context()); text != nil || err != nil {
		t.Fatalf("%q, %v", text, err)
	}
	for _, text := range []string{"one", "another"} {
		if err := here.Write(t.Context(), []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := there.Read(t.Context()); string(got) != text || err != nil {
			t.Errorf("%q, %v, want %q", got, err, text)
		}
	}
	for _, m := range []*ledger.Memory{on(tenant, "other"), on("11111111-0000-4000-8000-000000000000", "nightly")} {
		if text, err := m.Read(t.Context()); text != nil || err != nil {
			t.Errorf("%s: %q, %v", m.Place(), text, err)
		}
	}
}

func TestMemoryNeedsADatabase(t *testing.T) {
	if m, err := (ledger.Place{Dir: filepath.Join(t.TempDir(), "ledger")}).Memory(tenant, "nightly"); err == nil {
		t.Errorf("%v", m)
	}
}

func TestMemoryGoesAway(t *testing.T) {
	place := database(t)
	place.URL = "postgres://authseed@127.0.0.1:1/postgres?connect_timeout=1"
	m, err := place.Memory(tenant, "nightly")
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Read(t.Context())
	isLost(t, err, "cannot be used")
	isLost(t, m.Write(t.Context(), []byte("x")), "cannot be used")
}
