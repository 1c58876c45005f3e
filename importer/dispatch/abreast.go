package dispatch

import "golang.org/x/sync/errgroup"

// Abreast calls f with every number from 0 to n-1, on goroutines of their own and
// at most limit at once, at least one, and returns when all have returned. The
// calls share nothing: a tenant each, with its own client and its own pacer.
func Abreast(n, limit int, f func(i int)) {
	var group errgroup.Group
	group.SetLimit(max(1, limit))
	for i := range n {
		group.Go(func() error {
			f(i)
			return nil
		})
	}
	_ = group.Wait()
}
