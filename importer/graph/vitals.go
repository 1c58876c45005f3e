package graph

import (
	"net/http"
	"sync"
	"time"
)

// Vitals are what the answers so far said beside what was asked for.
type Vitals struct {
	Skew     time.Duration // this machine's clock ahead of the service's, in whole seconds; 0 until an answer said
	Told     bool          // an answer told the time
	Pressure float64       // the largest x-ms-throttle-limit-percentage seen; 0: none
}

// Vitals gives what has been seen since the client was made.
func (c *Client) Vitals() Vitals { return c.vitals.look() }

// vitals collects what answers say, of any number of goroutines.
type vitals struct {
	mu   sync.Mutex
	seen Vitals
	trip time.Duration // of the answer that told the skew
}

func (v *vitals) look() Vitals {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.seen
}

// take takes in the headers of an answer that was asked for and had at these
// times of the local clock. Of all that told the time the one with the shortest
// way counts: the time it took is what nobody knows the middle of.
func (v *vitals) take(header http.Header, sent, had time.Time) {
	v.press(pressure(header.Get(throttleShare)))
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	trip := had.Sub(sent)
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.seen.Told && trip > v.trip {
		return
	}
	v.seen.Told, v.trip = true, trip
	v.seen.Skew = skew(date, sent, trip)
}

// skew compares the service's time with the local one in the middle of the
// round trip, cut to seconds as the header is.
func skew(date, sent time.Time, trip time.Duration) time.Duration {
	return sent.Add(trip / 2).Truncate(time.Second).Sub(date)
}

// press notes a share of a limit, of a whole answer or of an item of a batch.
func (v *vitals) press(share float64) {
	if share == 0 {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seen.Pressure = max(v.seen.Pressure, share)
}
