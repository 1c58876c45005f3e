package pace

import (
	"sync"
	"time"
)

// Pacer is a [State] that several callers may share. It keeps no clock: every
// caller says what time it is.
type Pacer struct {
	mu    sync.Mutex
	state State
}

// NewPacer gives a Pacer that knows nothing of the service yet.
func NewPacer(l Limits) *Pacer { return &Pacer{state: Start(l)} }

// Take says how many of want items may leave now, 1 to want of them. When none
// may, it gives 0 and how long to wait before asking again. What is granted
// counts as sent.
func (p *Pacer) Take(now time.Time, want int) (granted int, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state, granted, wait = p.state.Take(now, want)
	return granted, wait
}

// Tell reports what the service answered.
func (p *Pacer) Tell(sig Signal, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = Next(p.state, sig, now)
}

// Report is what a progress line says about pacing.
type Report struct {
	Rate      float64   // items a second that may leave
	Until     time.Time // nothing leaves before; long past when nothing is held back
	Told      bool      // Until is the service's word, and no guess of ours
	Throttled int       // items refused for pace so far
}

// Report tells the present pace.
func (p *Pacer) Report() Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Report{Rate: p.state.rate, Until: p.state.notBefore, Told: p.state.told, Throttled: p.state.throttled}
}
