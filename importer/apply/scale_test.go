package apply_test

import (
	"testing"
	"testing/synctest"

	"authseed/importer/plan"
)

// tenThousand is 5,000 people, each of whom is to get a mobile and an address.
const tenThousand = 5000

// TestRoundTrips counts what a large apply costs.
func TestRoundTrips(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, crowd(tenThousand, "")...)
		p := w.plan(crowd(tenThousand, "office=1 email=p#"), plan.RemovesMethod)
		if p.Summary.Creates != 2*tenThousand {
			t.Fatalf("%+v", p.Summary)
		}
		run := w.mustApply(p)
		trips := int(w.sim.Stats().RoundTrips)
		t.Logf("%d changes in %d round trips", run.Counts.Done, trips)
		if most := 2 * tenThousand / 15; run.Counts.Done != 2*tenThousand || trips > most {
			t.Errorf("%+v in %d round trips, want at most %d", run.Counts, trips, most)
		}
	})
}
