package graph

import (
	"context"
	"net/http"
	"slices"
)

// again sends those requests once more that were refused because the token
// ended between the batch and its items, if the credential gives another one,
// and puts their answers in place of the refusals. Nothing was done for them, so
// a write may go out again; every other answer stays.
func (c *Client) again(ctx context.Context, requests []Request, answers []Answer, token, claims string) {
	var places []int
	var refused []Request
	for i, a := range answers {
		if a.Status == http.StatusUnauthorized {
			places, refused = append(places, i), append(refused, requests[i])
		}
	}
	if refused == nil {
		return
	}
	renewed, err := c.credential.renew(ctx, token, claims)
	if err != nil || renewed == token {
		why := c.credential.noRenewal()
		if err != nil && ctx.Err() == nil {
			why = err.Error()
		}
		for _, i := range places {
			answers[i].Err.add(why)
		}
		return
	}
	for i, a := range c.once(ctx, refused) {
		answers[places[i]] = a
	}
}

// once sends a batch without renewing a token. Where the batch as a whole got
// no answer or a refusal, each request did: its write may have left.
func (c *Client) once(ctx context.Context, requests []Request) []Answer {
	build, err := c.batch(ctx, requests)
	var r reply
	if err == nil {
		r, err = c.roundTrip(ctx, build)
	}
	var whole Answer
	switch {
	case err != nil:
		whole = unusable("no answer: the connection failed")
	case r.status/100 != 2:
		e := c.refusal(r)
		whole = Answer{Status: r.status, RequestID: e.RequestID, RetryAfter: e.RetryAfter, HasRetryAfter: e.HasRetryAfter, Err: e}
	default:
		answers, _ := c.answers(requests, r)
		return answers
	}
	return slices.Repeat([]Answer{whole}, len(requests))
}
