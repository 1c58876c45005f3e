package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// postgres keeps ledgers in a database, all tenants in the same tables. It makes
// them itself, in the first schema of the search path.
type postgres struct {
	url, tenant string
	secret      Key

	mu   sync.Mutex
	conn *pgx.Conn // nil until it is needed, and after it failed
}

// schema is version 1. A book is that of the embedded ledger; people and tenant
// have short keys, so that a person takes some 150 bytes with the index.
const schema = `
CREATE TABLE authseed_version (version integer NOT NULL);
INSERT INTO authseed_version VALUES (1);
CREATE TABLE authseed_tenant (
	number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	tenant text NOT NULL UNIQUE, mark bytea NOT NULL, begun timestamptz NOT NULL
);
CREATE TABLE authseed_ledger (
	tenant integer NOT NULL REFERENCES authseed_tenant, person uuid NOT NULL, book bytea NOT NULL,
	PRIMARY KEY (tenant, person)
);
CREATE TABLE authseed_job (
	tenant text NOT NULL, job text NOT NULL, memory bytea NOT NULL, changed timestamptz NOT NULL,
	PRIMARY KEY (tenant, job)
);
CREATE TABLE authseed_lock (
	tenant text PRIMARY KEY, host text NOT NULL, process integer NOT NULL, since timestamptz NOT NULL
);`

const (
	// patienceThere is how long one question to the database may take.
	patienceThere = time.Minute
	// partingThere is how long it may take to let go of it: that is no more than
	// polite, and whoever does it may be about to be killed.
	partingThere = time.Second / 2
	// people of one question or transaction.
	batchThere = 10_000
)

// config reads the address. Its error shows no secret.
func config(address string) (*pgx.ConnConfig, error) {
	c, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, errors.New("not the address of a PostgreSQL database")
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 10 * time.Second
	}
	c.RuntimeParams["application_name"] = "authseed"
	// A host that is gone is noticed within two minutes, and its lock free again.
	for name, value := range map[string]string{"tcp_keepalives_idle": "60", "tcp_keepalives_interval": "15", "tcp_keepalives_count": "4"} {
		if _, given := c.RuntimeParams[name]; !given {
			c.RuntimeParams[name] = value
		}
	}
	return c, nil
}

func (p *postgres) key(bool) (Key, error) { return p.secret, nil }

// with lends the connection to one user at a time, and makes a new one after an
// error that it did not survive.
func (p *postgres) with(ctx context.Context, do func(*pgx.Conn) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conn == nil || p.conn.IsClosed() {
		var err error
		if p.conn, err = p.connect(ctx); err != nil {
			return err
		}
	}
	return p.away(do(p.conn))
}

func (p *postgres) connect(ctx context.Context) (*pgx.Conn, error) {
	c, err := config(p.url)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return nil, p.away(err)
	}
	return conn, nil
}

// away says what it means that the database does not answer.
func (p *postgres) away(err error) error {
	var lost *LostError
	var busy *BusyError
	if err == nil || errors.As(err, &lost) || errors.As(err, &busy) || errors.Is(err, context.Canceled) {
		return err
	}
	hint := "see that the database of AUTHSEED_STATE runs and can be reached from here"
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		hint = "see what the database of AUTHSEED_STATE says; its user needs to create tables once, and to read and write them"
	}
	return &LostError{"the ledger in PostgreSQL cannot be used", hint, err}
}

// ours reports whether the tables are there, in a version that can be used.
func ours(ctx context.Context, conn *pgx.Conn) (bool, error) {
	var there bool
	if err := conn.QueryRow(ctx, `SELECT to_regclass('authseed_version') IS NOT NULL`).Scan(&there); err != nil || !there {
		return false, err
	}
	var is int
	if err := conn.QueryRow(ctx, `SELECT version FROM authseed_version`).Scan(&is); err != nil {
		return false, err
	}
	if is != version {
		return false, newer("in PostgreSQL", is)
	}
	return true, nil
}

// migrate makes the tables where they are missing.
func migrate(ctx context.Context, conn *pgx.Conn) error {
	if there, err := ours(ctx, conn); there || err != nil {
		return err
	}
	// Of two that find nothing, one makes it. The lock is not the transaction's:
	// only a new one is sure to see the tables of another.
	const once = `(hashtextextended('authseed schema', 0))`
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock`+once); err != nil {
		return err
	}
	there, err := ours(ctx, conn)
	if err == nil && !there {
		err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, schema)
			return err
		})
	}
	_, unlockErr := conn.Exec(ctx, `SELECT pg_advisory_unlock`+once)
	return errors.Join(err, unlockErr)
}

// row finds the tenant's row, whose mark has to be this one.
func (p *postgres) row(ctx context.Context, conn *pgx.Conn, mark sum) (number int, begun time.Time, err error) {
	var kept []byte
	err = conn.QueryRow(ctx, `SELECT number, mark, begun FROM authseed_tenant WHERE tenant = $1`, p.tenant).Scan(&number, &kept, &begun)
	if err == nil && string(kept) != string(mark[:]) {
		err = otherKey("in PostgreSQL", "set AUTHSEED_STATE_KEY to the key it was kept with; with that lost for good, delete the tenant's rows in authseed_ledger and authseed_tenant to begin a new one")
	}
	return number, begun.UTC(), err
}

func (p *postgres) read(ctx context.Context, mark sum, people []id, see func(int, []byte) error) (begun time.Time, err error) {
	none := &LostError{What: "there is no ledger of this tenant in PostgreSQL yet", Hint: "the first run that writes begins one; if there was one before, see that AUTHSEED_STATE names the right database"}
	err = p.with(ctx, func(conn *pgx.Conn) error {
		number := 0
		err := within(ctx, func(ctx context.Context) error {
			there, err := ours(ctx, conn)
			if err == nil && !there {
				return none
			}
			if err == nil {
				number, begun, err = p.row(ctx, conn, mark)
			}
			if errors.Is(err, pgx.ErrNoRows) {
				return none
			}
			return err
		})
		for from := 0; from < len(people) && err == nil; from += batchThere {
			err = within(ctx, func(ctx context.Context) error {
				return books(ctx, conn, number, people[from:min(from+batchThere, len(people))], func(i int, text []byte) error { return see(from+i, text) })
			})
		}
		return err
	})
	return begun, err
}

// within bounds one question, so that a database that hangs is one that is away.
func within(ctx context.Context, do func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, patienceThere)
	defer cancel()
	return do(bounded)
}

// books reads the books of some people, by their place.
func books(ctx context.Context, q interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}, tenant int, people []id, see func(int, []byte) error) error {
	// A list with its places saves looking every answer up again.
	rows, err := q.Query(ctx, `SELECT asked.place::int - 1, l.book
		FROM unnest($2::uuid[]) WITH ORDINALITY AS asked (person, place)
		JOIN authseed_ledger l ON l.tenant = $1 AND l.person = asked.person`, tenant, uuids(people))
	if err != nil {
		return err
	}
	var place int
	var text []byte
	_, err = pgx.ForEachRow(rows, []any{&place, &text}, func() error { return see(place, text) })
	return err
}

func uuids(people []id) [][16]byte {
	list := make([][16]byte, len(people))
	for i, p := range people {
		list[i] = p
	}
	return list
}

func (p *postgres) merge(ctx context.Context, mark sum, people []id, change func(int, []byte) ([]byte, error)) error {
	return p.with(ctx, func(conn *pgx.Conn) error {
		number := 0
		err := within(ctx, func(ctx context.Context) (err error) {
			if err = migrate(ctx, conn); err != nil {
				return err
			}
			_, err = conn.Exec(ctx, `INSERT INTO authseed_tenant (tenant, mark, begun) VALUES ($1, $2, date_trunc('second', now())) ON CONFLICT DO NOTHING`, p.tenant, mark[:])
			if err == nil {
				number, _, err = p.row(ctx, conn, mark)
			}
			return err
		})
		for from := 0; from < len(people) && err == nil; from += batchThere {
			err = within(ctx, func(ctx context.Context) error {
				part := people[from:min(from+batchThere, len(people))]
				return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
					return mergeThere(ctx, tx, number, part, func(i int, was []byte) ([]byte, error) { return change(from+i, was) })
				})
			})
		}
		return err
	})
}

// mergeThere changes the books of some people in a transaction.
func mergeThere(ctx context.Context, tx pgx.Tx, tenant int, people []id, change func(int, []byte) ([]byte, error)) error {
	// Two that record at once would each change the book the other has not
	// written yet.
	if _, err := tx.Exec(ctx, `SELECT 1 FROM authseed_tenant WHERE number = $1 FOR UPDATE`, tenant); err != nil {
		return err
	}
	was := make([][]byte, len(people))
	if err := books(ctx, tx, tenant, people, func(i int, text []byte) error {
		was[i] = append([]byte(nil), text...)
		return nil
	}); err != nil {
		return err
	}
	var changed [][]any
	for i := range people {
		is, err := change(i, was[i])
		if err != nil {
			return err
		}
		if string(is) != string(was[i]) {
			changed = append(changed, []any{[16]byte(people[i]), is})
		}
	}
	if len(changed) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `CREATE TEMPORARY TABLE authseed_new (person uuid, book bytea) ON COMMIT DROP`); err != nil {
		return err
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"authseed_new"}, []string{"person", "book"}, pgx.CopyFromRows(changed)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO authseed_ledger (tenant, person, book) SELECT $1, person, book FROM authseed_new
		ON CONFLICT (tenant, person) DO UPDATE SET book = excluded.book`, tenant)
	return err
}

// lock takes the tenant's advisory lock, on a connection of its own: the server
// takes it back when that ends.
func (p *postgres) lock(ctx context.Context, wait time.Duration) (_ *Lock, err error) {
	conn, err := p.connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("locking tenant %s: %w", p.tenant, err)
	}
	defer func() {
		if err != nil {
			_ = conn.Close(context.WithoutCancel(ctx))
			err = fmt.Errorf("locking tenant %s: %w", p.tenant, p.away(err))
		}
	}()
	if err := migrate(ctx, conn); err != nil {
		return nil, err
	}
	locked, err := await(ctx, wait, func() (locked bool, err error) {
		err = conn.QueryRow(ctx, `SELECT pg_try_advisory_lock(hashtextextended('authseed tenant ' || $1, 0))`, p.tenant).Scan(&locked)
		return locked, err
	})
	if err != nil {
		return nil, err
	}
	if !locked {
		busy := &BusyError{Tenant: p.tenant}
		by := &busy.By
		_ = conn.QueryRow(ctx, `SELECT host, process, since FROM authseed_lock WHERE tenant = $1`, p.tenant).Scan(&by.Host, &by.Process, &by.Since)
		by.Since = by.Since.UTC()
		return nil, busy
	}
	h := thisProcess()
	_, err = conn.Exec(ctx, `INSERT INTO authseed_lock VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant) DO UPDATE SET host = excluded.host, process = excluded.process, since = excluded.since`, p.tenant, h.Host, h.Process, h.Since)
	if err != nil {
		return nil, err
	}
	return &Lock{
		held:   func(ctx context.Context) error { return p.away(within(ctx, conn.Ping)) },
		unlock: func() error { return p.unlock(conn) },
	}, nil
}

// unlock closes the lock's connection, which is what gives it back; what is
// said of its holder means nothing without it.
func (p *postgres) unlock(conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.Background(), partingThere)
	defer cancel()
	_, err := conn.Exec(ctx, `DELETE FROM authseed_lock WHERE tenant = $1`, p.tenant)
	return p.away(errors.Join(err, conn.Close(ctx)))
}

func (p *postgres) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conn == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), partingThere)
	defer cancel()
	err := p.conn.Close(ctx)
	p.conn = nil
	return err
}
