package dispatch

import (
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"sync"
)

// chunk is how many elements travel together, so many that what the channels
// cost does not count beside the work on them.
const chunk = 256

// Map yields f of every element of in, in the order of in. It calls f on
// workers goroutines at once, at least one, and ranges over in on another, a
// few hundred elements a worker ahead of the consumer and no more. When the
// consumer stops, or in ends, none of these goroutines is left, and what in did
// happened before the consumer goes on; a consumer that stops waits for the
// element that in is about to give. A panic of f or in reaches the consumer
// after the elements before it.
func Map[A, B any](in iter.Seq[A], workers int, f func(A) B) iter.Seq[B] {
	return func(yield func(B) bool) {
		workers := max(1, workers)
		m := mapper[A, B]{f: f, stop: make(chan struct{})}
		m.provide(2*workers + 2)
		defer m.group.Wait()
		defer close(m.stop)
		m.group.Go(func() { m.read(in) })
		for range workers {
			m.group.Go(m.work)
		}
		for l := range m.order {
			<-l.done
			for _, b := range l.out {
				if !yield(b) {
					return
				}
			}
			if l.fault != nil {
				panic(l.fault)
			}
			m.free <- l.emptied()
		}
	}
}

// mapper is one Map under way. A load goes from free to the reader, from there
// to the workers and to the consumer at once, and back to free. No channel but
// free ever blocks: each has room for all the loads there are.
type mapper[A, B any] struct {
	f                   func(A) B
	free, queued, order chan *load[A, B]
	stop                chan struct{} // closed: the consumer has stopped
	group               sync.WaitGroup
}

// load is a chunk with what became of it. It is used again, so that a million
// elements cost no more memory than those under way.
type load[A, B any] struct {
	in    []A
	out   []B           // of the first elements of in
	fault *panicError   // after them
	done  chan struct{} // takes one: out and fault are there
}

func (l *load[A, B]) emptied() *load[A, B] {
	clear(l.in)
	clear(l.out)
	l.in, l.out = l.in[:0], l.out[:0]
	return l
}

func (m *mapper[A, B]) provide(loads int) {
	// One more than the loads: the reader's own, for its panic.
	m.free = make(chan *load[A, B], loads)
	m.queued = make(chan *load[A, B], loads)
	m.order = make(chan *load[A, B], loads+1)
	for range loads {
		m.free <- &load[A, B]{in: make([]A, 0, chunk), out: make([]B, 0, chunk), done: make(chan struct{}, 1)}
	}
}

// read cuts in into loads.
func (m *mapper[A, B]) read(in iter.Seq[A]) {
	defer close(m.order)
	defer close(m.queued)
	var l *load[A, B]
	hand := func() {
		m.order <- l
		m.queued <- l
		l = nil
	}
	last := &load[A, B]{done: make(chan struct{}, 1)}
	defer func() {
		if l != nil {
			hand()
		}
		if last.fault != nil {
			last.done <- struct{}{}
			m.order <- last
		}
	}()
	ended := false
	defer catch(&ended, &last.fault)
	for a := range in {
		if l == nil {
			if l = m.take(); l == nil {
				break
			}
		}
		if l.in = append(l.in, a); len(l.in) == chunk {
			hand()
		}
	}
	ended = true
}

// take waits for a load to fill, and gives none when the consumer has stopped.
func (m *mapper[A, B]) take() *load[A, B] {
	select {
	case l := <-m.free:
		if !m.stopped() {
			return l
		}
	case <-m.stop:
	}
	return nil
}

func (m *mapper[A, B]) stopped() bool {
	select {
	case <-m.stop:
		return true
	default:
		return false
	}
}

func (m *mapper[A, B]) work() {
	for l := range m.queued {
		m.fill(l)
	}
}

func (m *mapper[A, B]) fill(l *load[A, B]) {
	defer func() { l.done <- struct{}{} }()
	ended := false
	defer catch(&ended, &l.fault)
	for _, a := range l.in {
		if m.stopped() {
			break
		}
		l.out = append(l.out, m.f(a))
	}
	ended = true
}

// catch is deferred. It takes up the panic, or the runtime.Goexit, of what has
// not ended.
func catch(ended *bool, fault **panicError) {
	if *ended {
		return
	}
	value := recover()
	if value == nil {
		value = errors.New("runtime.Goexit was called")
	}
	*fault = &panicError{value, debug.Stack()}
}

// panicError carries a panic from one goroutine to another, with the stack that
// would be lost on the way.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("%v\n\n%s", e.value, e.stack) }

// Unwrap gives the value of the panic where it is an error.
func (e *panicError) Unwrap() error {
	err, _ := e.value.(error)
	return err
}
