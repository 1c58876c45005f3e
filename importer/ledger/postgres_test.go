package ledger_test

import (
	"context"
	"crypto/rand"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"authseed/importer/ledger"
	"authseed/mapping/authmethod"
)

// database is a schema of its own in the database of AUTHSEED_TEST_POSTGRES.
func database(t testing.TB) ledger.Place {
	t.Helper()
	address := os.Getenv("AUTHSEED_TEST_POSTGRES")
	if address == "" {
		t.Skip("no PostgreSQL to test with: AUTHSEED_TEST_POSTGRES=postgres://... names one that may be written to")
	}
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	schema := "authseed_test_" + strings.ToLower(rand.Text())
	if _, err := conn.Exec(t.Context(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := t.Context()
		if ctx.Err() != nil {
			ctx = context.Background()
		}
		if _, err := conn.Exec(ctx, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Error(err)
		}
		_ = conn.Close(ctx)
	})
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return ledger.Place{URL: u.String(), Key: &ledger.Key{42}}
}

// line is a connection to the database that can be cut.
type line struct {
	net.Listener
	to string

	mu    sync.Mutex
	cut   bool
	conns []net.Conn
}

// through gives the place by way of a line.
func through(t *testing.T, place ledger.Place) (ledger.Place, *line) {
	t.Helper()
	u, err := url.Parse(place.URL)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{Listener: listener, to: u.Host}
	t.Cleanup(func() { _ = listener.Close(); l.set(true) })
	go l.serve()
	u.Host = listener.Addr().String()
	place.URL = u.String()
	return place, l
}

func (l *line) serve() {
	for {
		near, err := l.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", l.to)
		l.mu.Lock()
		if err != nil || l.cut {
			_ = near.Close()
		} else {
			l.conns = append(l.conns, near, far)
			go func() { _, _ = io.Copy(near, far); _ = near.Close() }()
			go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
		}
		l.mu.Unlock()
	}
}

// set cuts the line, or mends it.
func (l *line) set(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	if cut {
		for _, c := range l.conns {
			_ = c.Close()
		}
		l.conns = nil
	}
}

// A database that goes away is a ledger that is lost, with a hint, and one that
// comes back goes on.
func TestDatabaseGoesAway(t *testing.T) {
	place, line := through(t, database(t))
	l := open(t, place, tenant)
	m1 := claim(ada, authmethod.Mobile, "+1 2065550101")
	record(t, l, ledger.Entry{Claim: m1, At: night})

	line.set(true)
	for range 2 {
		_, err := l.Compare(t.Context(), []ledger.Claim{m1})
		isLost(t, err, "in PostgreSQL cannot be used")
		isLost(t, l.Record(t.Context(), []ledger.Entry{{Claim: m1, At: night}}), "in PostgreSQL cannot be used")
	}
	if _, err := l.Lock(t.Context(), 0); err == nil {
		t.Error("a lock without a database")
	}

	line.set(false)
	compare(t, l, []ledger.Verdict{ledger.Same}, m1)
}

// A lock whose connection is cut is no lock any more, and says so.
func TestLockGoesAway(t *testing.T) {
	place, line := through(t, database(t))
	lock, err := open(t, place, tenant).Lock(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.Held(t.Context()); err != nil {
		t.Fatal(err)
	}
	line.set(true)
	isLost(t, lock.Held(t.Context()), "in PostgreSQL cannot be used")
	line.set(false)
	// The server takes the lock back by itself.
	next, err := open(t, place, tenant).Lock(t.Context(), patience)
	if err != nil {
		t.Fatal(err)
	}
	if err := next.Unlock(); err != nil {
		t.Error(err)
	}
}

func TestNewerSchema(t *testing.T) {
	place := database(t)
	l := open(t, place, tenant)
	m1 := claim(ada, authmethod.Mobile, "+1 2065550101")
	record(t, l, ledger.Entry{Claim: m1, At: night})
	conn, err := pgx.Connect(t.Context(), place.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "UPDATE authseed_version SET version = 2"); err != nil {
		t.Fatal(err)
	}
	_, err = l.Compare(t.Context(), []ledger.Claim{m1})
	isLost(t, err, "has version 2")
	isLost(t, l.Record(t.Context(), []ledger.Entry{{Claim: m1, At: night}}), "has version 2")
}
