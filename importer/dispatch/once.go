package dispatch

import (
	"context"
	"fmt"
	"time"

	"authseed/importer/pace"
)

// onceTries is how many times Once tries again what failed without being
// throttled.
const onceTries = 4

// Once makes one call at the pace of p, and again for as long as its Verdict
// says so: without limit when throttled, four times otherwise; then it returns
// what the last try returned. A cancelled context ends the waiting with its
// cause; a wait told that is longer than maxWait ends it with a [*WaitError],
// unless maxWait is 0.
func Once[A any](ctx context.Context, p *pace.Pacer, maxWait time.Duration, try func(context.Context) (A, Verdict, error)) (A, error) {
	tries := 0
	for {
		if err := leave(ctx, p); err != nil {
			var none A
			return none, err
		}
		sent := time.Now()
		a, v, err := try(ctx)
		switch {
		case v.Throttled:
			p.Tell(pace.Signal{Throttled: 1, RetryAfter: v.RetryAfter, Sent: sent}, time.Now())
		case err == nil && !v.Again:
			p.Tell(pace.Signal{Answered: 1, Sent: sent}, time.Now())
		}
		if !v.Again {
			return a, err
		}
		if maxWait > 0 && v.RetryAfter > maxWait {
			return a, waitError(v.RetryAfter)
		}
		if v.Throttled {
			if err := sleep(ctx, v.RetryAfter); err != nil {
				return a, err
			}
			continue
		}
		if tries == onceTries {
			return a, err
		}
		if err := sleep(ctx, patience(v, tries)); err != nil {
			return a, err
		}
		tries++
	}
}

// leave waits until p lets one item go.
func leave(ctx context.Context, p *pace.Pacer) error {
	for {
		if ctx.Err() != nil {
			return fmt.Errorf("waiting to send: %w", context.Cause(ctx))
		}
		granted, wait := p.Take(time.Now(), 1)
		if granted > 0 {
			return nil
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting to send: %w", context.Cause(ctx))
	}
}
