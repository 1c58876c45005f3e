package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Memory is what a job knows of its nights, in the database of jobs that move
// between hosts: without it every host would take tonight's export for the first.
// It is kept as it is given; no value of a person has a place in it.
type Memory struct {
	store *postgres
	job   string
}

// Memory gives the memory of a job. The place has to be a database.
func (p Place) Memory(tenant, job string) (*Memory, error) {
	l, err := p.Open(tenant)
	if err != nil {
		return nil, err
	}
	store, ok := l.store.(*postgres)
	if !ok {
		return nil, errors.New("opening a job's memory: the place is no database")
	}
	return &Memory{store, job}, nil
}

// Place names it in messages.
func (m *Memory) Place() string { return fmt.Sprintf("of job %s in PostgreSQL", m.job) }

// Read gives what was written last, nil where there is nothing yet. A database
// that cannot be asked is a [*LostError].
func (m *Memory) Read(ctx context.Context) (text []byte, err error) {
	err = m.store.with(ctx, func(conn *pgx.Conn) error {
		return within(ctx, func(ctx context.Context) error {
			if err := migrate(ctx, conn); err != nil {
				return err
			}
			err := conn.QueryRow(ctx, `SELECT memory FROM authseed_job WHERE tenant = $1 AND job = $2`, m.store.tenant, m.job).Scan(&text)
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			return err
		})
	})
	return text, err
}

// Write keeps the text, whole or not at all.
func (m *Memory) Write(ctx context.Context, text []byte) error {
	return m.store.with(ctx, func(conn *pgx.Conn) error {
		return within(ctx, func(ctx context.Context) error {
			if err := migrate(ctx, conn); err != nil {
				return err
			}
			_, err := conn.Exec(ctx, `INSERT INTO authseed_job VALUES ($1, $2, $3, now())
				ON CONFLICT (tenant, job) DO UPDATE SET memory = excluded.memory, changed = excluded.changed`, m.store.tenant, m.job, text)
			return err
		})
	})
}

// Close ends the connection.
func (m *Memory) Close() error { return m.store.close() }
