package graph

import (
	"context"
	"errors"
	"net/http"
)

// Throttled reports a refusal for want of capacity: nothing was done, and
// RetryAfter says when to come again.
func (a Answer) Throttled() bool { return a.Status == http.StatusTooManyRequests }

// Uncertain reports that nobody can say whether the request was carried out:
// there was no answer, or one of the kind that comes after the fact as well.
func (a Answer) Uncertain() bool {
	return a.Status == 0 || a.Status == http.StatusRequestTimeout || a.Status >= 500
}

// Busy reports a service that asks for less without refusing by the book
// (learn.microsoft.com, Graph best practices: 503 is backed off from like 429).
func (a Answer) Busy() bool { return a.Status == http.StatusServiceUnavailable }

// Read is [Client.Do] for requests that change nothing. It refuses a write, so
// that who holds a client by its reading methods cannot make one.
func (c *Client) Read(ctx context.Context, requests []Request) ([]Answer, error) {
	for _, r := range requests {
		if r.Op.IsWrite() {
			return nil, errors.New("a reader was asked to write")
		}
	}
	return c.Do(ctx, requests)
}
