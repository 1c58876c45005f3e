package dispatch

import (
	"errors"
	"iter"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// upTo yields the numbers below n and counts those it has given.
func upTo(n int, given *atomic.Int64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			given.Add(1)
			if !yield(i) {
				return
			}
		}
	}
}

// TestMapKeepsTheOrder, whatever an element takes. That all goroutines have
// ended is checked by the bubble.
func TestMapKeepsTheOrder(t *testing.T) {
	for _, workers := range []int{-1, 0, 1, 2, 7} {
		for _, n := range []int{0, 1, chunk - 1, chunk, chunk + 1, 10*chunk + 3} {
			synctest.Test(t, func(t *testing.T) {
				var given atomic.Int64
				doubled := Map(upTo(n, &given), workers, func(i int) int {
					time.Sleep(time.Duration((n-i)%5) * time.Millisecond)
					return 2 * i
				})
				next := 0
				for b := range doubled {
					if b != 2*next {
						t.Fatalf("%d workers: element %d is %d", workers, next, b)
					}
					next++
				}
				if next != n || given.Load() != int64(n) {
					t.Errorf("%d workers: %d elements of %d, %d read", workers, next, n, given.Load())
				}
			})
		}
	}
}

// TestMapWorksAtOnce: four workers take a quarter of the time.
func TestMapWorksAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var given atomic.Int64
		start := time.Now()
		for range Map(upTo(8*chunk, &given), 4, func(int) int { time.Sleep(time.Millisecond); return 0 }) {
		}
		if took := time.Since(start); took != 2*chunk*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
}

// TestMapReadsAheadALittle, and no further, however slow the consumer is.
func TestMapReadsAheadALittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var given atomic.Int64
		taken := 0
		for range Map(upTo(100*chunk, &given), 2, func(i int) int { return i }) {
			if taken%chunk == 0 {
				synctest.Wait() // all others wait for the consumer
				if ahead := int(given.Load()) - taken; ahead > 6*chunk+1 {
					t.Fatalf("%d elements ahead", ahead)
				}
			}
			taken++
		}
	})
}

// TestMapStops leaves nothing behind and reads no more, wherever the consumer
// stops.
func TestMapStops(t *testing.T) {
	for _, after := range []int{1, 2, chunk - 1, chunk, chunk + 1, 5 * chunk} {
		synctest.Test(t, func(t *testing.T) {
			var given atomic.Int64
			taken := 0
			for range Map(upTo(1_000_000, &given), 3, func(i int) int { time.Sleep(time.Millisecond); return i }) {
				if taken++; taken == after {
					break
				}
			}
			before := given.Load()
			synctest.Wait()
			if given.Load() != before || before > int64(after+10*chunk) {
				t.Errorf("stopped after %d: %d read, %d after that", after, before, given.Load()-before)
			}
		})
	}
}

// TestMapMayBeRangedOverAgain where in may.
func TestMapMayBeRangedOverAgain(t *testing.T) {
	squares := Map(slices.Values([]int{1, 2, 3}), 2, func(i int) int { return i * i })
	for range 2 {
		if got := slices.Collect(squares); !slices.Equal(got, []int{1, 4, 9}) {
			t.Errorf("%v", got)
		}
	}
}

var errBroken = errors.New("broken")

// TestMapPanics as a loop without goroutines would: after the elements before.
func TestMapPanics(t *testing.T) {
	const at = 2*chunk + 7
	for _, test := range []struct {
		name string
		in   func(i int)
		f    func(i int)
	}{
		{"f", nil, func(int) { panic(errBroken) }},
		{"in", func(int) { panic(errBroken) }, nil},
		{"f, ended", nil, func(int) { runtime.Goexit() }},
		{"in, ended", func(int) { runtime.Goexit() }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in := func(yield func(int) bool) {
					for i := range 10 * chunk {
						if i == at && test.in != nil {
							test.in(i)
						}
						if !yield(i) {
							return
						}
					}
				}
				f := func(i int) int {
					if i == at && test.f != nil {
						test.f(i)
					}
					return i
				}
				next := 0
				fault := panicOf(func() {
					for range Map(in, 2, f) {
						next++
					}
				})
				err, _ := fault.(error)
				if next != at || err == nil || (test.name == "f" || test.name == "in") != errors.Is(err, errBroken) {
					t.Errorf("%d elements, then %v", next, fault)
				}
			})
		})
	}
}

// TestMapConsumerPanics leaves nothing behind either.
func TestMapConsumerPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var given atomic.Int64
		fault := panicOf(func() {
			for range Map(upTo(100*chunk, &given), 2, func(i int) int { return i }) {
				panic(errBroken)
			}
		})
		if fault != errBroken {
			t.Errorf("panicked with %v", fault)
		}
	})
}

func panicOf(do func()) (fault any) {
	defer func() { fault = recover() }()
	do()
	return nil
}

// TestMapHandsOver what in and f wrote without a lock; the race detector looks.
func TestMapHandsOver(t *testing.T) {
	read, lines := 0, make([]int, 20*chunk)
	in := func(yield func(int) bool) {
		for i := range lines {
			read++
			if !yield(i) {
				return
			}
		}
	}
	for i := range Map(in, 4, func(i int) int { lines[i] = i; return i }) {
		if lines[i] != i {
			t.Fatalf("line %d is %d", i, lines[i])
		}
	}
	if read != len(lines) {
		t.Errorf("%d read", read)
	}
}

func BenchmarkMap(b *testing.B) {
	b.ReportAllocs()
	in := func(yield func(int) bool) {
		for i := range b.N {
			if !yield(i) {
				return
			}
		}
	}
	for range Map(in, runtime.GOMAXPROCS(0), func(i int) int { return i }) {
	}
}
