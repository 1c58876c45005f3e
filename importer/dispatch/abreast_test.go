package dispatch_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"authseed/importer/dispatch"
)

func TestAbreast(t *testing.T) {
	for _, c := range []struct{ n, limit, most int }{{0, 4, 0}, {1, 4, 1}, {9, 4, 4}, {3, 0, 1}} {
		synctest.Test(t, func(t *testing.T) {
			var now, most, calls atomic.Int64
			seen := make([]bool, c.n)
			dispatch.Abreast(c.n, c.limit, func(i int) {
				at := now.Add(1)
				for old := most.Load(); at > old && !most.CompareAndSwap(old, at); old = most.Load() {
				}
				time.Sleep(time.Second)
				calls.Add(1)
				seen[i] = true
				now.Add(-1)
			})
			if int(calls.Load()) != c.n || int(most.Load()) != c.most {
				t.Errorf("%+v: %d calls, at most %d at once", c, calls.Load(), most.Load())
			}
			for i, called := range seen {
				if !called {
					t.Errorf("%+v: not %d", c, i)
				}
			}
		})
	}
}
