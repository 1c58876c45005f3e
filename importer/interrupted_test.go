package importer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/mapping"
)

// endless is an export without an end, which cancels a context on its way.
type endless struct {
	rows   bytes.Buffer
	count  int
	at     int // cancel at this row
	cancel context.CancelCauseFunc
}

var errEnough = errors.New("somebody pressed Ctrl-C")

func (e *endless) Read(p []byte) (int, error) {
	if e.count == 0 {
		e.rows.WriteString("userPrincipalName,mobile\n")
	}
	for e.rows.Len() < len(p) {
		if e.count++; e.count == e.at {
			e.cancel(errEnough)
		}
		fmt.Fprintf(&e.rows, "somebody%d@contoso.example,+1 2065550101\n", e.count)
	}
	return e.rows.Read(p)
}

// TestInterruptedReading: a cancelled context ends the reading of a file soon,
// and nothing is asked of the tenant.
func TestInterruptedReading(t *testing.T) {
	for name, run := range map[string]func(ctx context.Context, w *world, f importer.File) error{
		"check": func(ctx context.Context, _ *world, f importer.File) error {
			_, err := importer.Check(ctx, f, importer.Notices{})
			return err
		},
		"plan": func(ctx context.Context, w *world, f importer.File) error {
			_, err := importer.Plan(ctx, w.client, f, importer.PlanOptions{Now: today})
			return err
		},
	} {
		for _, at := range []int{1, 5000} {
			t.Run(fmt.Sprintf("%s at row %d", name, at), func(t *testing.T) {
				w := newWorld(t, graphsim.Options{Tenant: people()})
				ctx, cancel := context.WithCancelCause(t.Context())
				content := &endless{at: at, cancel: cancel}
				err := run(ctx, w, importer.File{Name: "hr.csv", Content: content, Mapping: mapping.Own()})
				if !errors.Is(err, errEnough) {
					t.Errorf("ended with %v", err)
				}
				if content.count > at+20_000 {
					t.Errorf("%d rows were read", content.count)
				}
				if n := w.sim.Stats().RoundTrips; n != 0 {
					t.Errorf("%d round trips", n)
				}
			})
		}
	}
}

// TestInterruptedAtTheEnd: also when all rows are read.
func TestInterruptedAtTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	f := ledger("1,,Active,m1,,")
	f.Mapping = parse(t, hrMapping)
	f.Content = io.MultiReader(f.Content, &ending{func() { cancel(errEnough) }})
	if in, err := importer.Check(ctx, f, importer.Notices{}); !errors.Is(err, errEnough) {
		t.Errorf("%+v, ended with %v", in, err)
	}
}

// ending does something when everything before it has been read.
type ending struct{ do func() }

func (e *ending) Read([]byte) (int, error) {
	e.do()
	return 0, io.EOF
}
