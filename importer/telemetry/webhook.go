package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Format is what a webhook is sent.
type Format string

// The formats.
const (
	JSON  Format = "json"  // the summary as one object
	Teams Format = "teams" // an Adaptive Card, as a Teams workflow takes it
)

// Event is what somebody may be told of.
type Event string

// The events. Every run is one of them.
const (
	Refusal Event = "refusal" // a guard rail, a missing approval or a stale plan
	Failure Event = "failure" // whatever else is not as it should be
	Success Event = "success"
)

// Event tells what a run is.
func (s *Summary) Event() Event {
	switch {
	case s.Outcome == Refused:
		return Refusal
	case s.Outcome.Good():
		return Success
	}
	return Failure
}

// Webhook is where a run is told. Its address may be a secret: whoever knows that
// of a workflow may post to it.
type Webhook struct {
	address *url.URL
	format  Format
}

// ErrAddress is an address that is not posted to.
var ErrAddress = errors.New("a webhook's address begins with https://, or with http:// on this machine")

// NewWebhook checks the address; an error does not repeat it.
func NewWebhook(address string, format Format) (*Webhook, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, ErrAddress
	}
	if format != JSON && format != Teams {
		return nil, fmt.Errorf("there is no format of a notification called %q", format)
	}
	return &Webhook{u, format}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

const (
	tryTime = 10 * time.Second
	tries   = 3
)

// Notify posts the run, at most three times of 10 seconds each, with a pause
// between, until the context ends. Tried again is what brought no answer, 429 and
// 5xx.
func (w *Webhook) Notify(ctx context.Context, s *Summary) error {
	body, err := w.body(s)
	if err != nil {
		return w.failed(err)
	}
	for try := 1; ; try++ {
		again, err := w.post(ctx, body, s.Version)
		if err == nil {
			return nil
		}
		if !again || try == tries {
			return w.failed(err)
		}
		select {
		case <-ctx.Done():
			return w.failed(err)
		case <-time.After(time.Duration(try) * time.Second):
		}
	}
}

// failed names the host alone: the rest of the address may be a secret.
func (w *Webhook) failed(err error) error {
	return fmt.Errorf("notifying %s: %w", w.address.Host, brief(err))
}

// brief takes the address out of an error.
func brief(err error) error {
	var whole *url.Error
	if errors.As(err, &whole) {
		err = whole.Err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("no answer in time")
	case errors.Is(err, context.Canceled):
		return errors.New("interrupted before there was an answer")
	}
	return err
}

func (w *Webhook) post(ctx context.Context, body []byte, version string) (again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.address.String(), bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "authseed/"+version)
	client := &http.Client{
		// A redirect would carry the message somewhere nobody named.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(request)
	if err != nil {
		return true, err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<16))
	if answer.StatusCode/100 == 2 {
		return false, nil
	}
	return answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode >= 500, fmt.Errorf("the answer was %d", answer.StatusCode)
}

func (w *Webhook) body(s *Summary) ([]byte, error) {
	if w.format == Teams {
		return json.Marshal(card(s))
	}
	return json.Marshal(struct {
		FormatVersion int   `json:"format_version"`
		Event         Event `json:"event"`
		*Summary
		Duration float64 `json:"duration_seconds"`
		Waited   float64 `json:"wait_seconds"`
	}{1, s.Event(), s, s.Duration().Seconds(), s.Waited.Seconds()})
}
