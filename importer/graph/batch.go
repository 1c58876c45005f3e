package graph

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	abstractions "github.com/microsoft/kiota-abstractions-go"

	"authseed/mapping/authmethod"
)

// MaxBatch is how many requests one batch takes.
const MaxBatch = 20

// Op is what a [Request] does.
type Op uint8

// The operations.
const (
	ReadMethods Op = iota + 1 // everything a person has registered
	ReadPhones
	ReadEmails
	Create
	Update
	Delete
	Find // people by key
)

// IsWrite reports whether the operation changes the tenant.
func (o Op) IsWrite() bool { return o == Create || o == Update || o == Delete }

// Request is one request of a batch.
type Request struct {
	ID    string // the client-request-id; Do makes one up where it is empty
	Op    Op
	User  string           // object id; not for Find
	Kind  authmethod.Kind  // Create, Update, Delete
	Value authmethod.Value // Create, Update
	Keys  []authmethod.Key // Find: one of FindBatches' lists
	Want  Wanted           // Find: what is read of whom it finds
}

// Answer is what came of one [Request].
type Answer struct {
	// Status is the service's, or 0 where there is no usable answer: whatever
	// the request was to do, nobody knows whether it did.
	Status    int
	RequestID string // the service's name for the request

	RetryAfter    time.Duration // whole seconds, rounded up
	HasRetryAfter bool

	// Pressure is the share of a limit that is used, of this request's or of the
	// whole batch's: 0.8 to 1.8, and 0 where the service says nothing of it.
	Pressure float64

	Have  authmethod.Set    // reads: what is registered; Create: what was stored, where the service says it
	Users []authmethod.User // Find
	Next  string            // Find: where [Client.Users] reads on, if the service gave the answer in pages

	Err *Error // nil for a success
}

// What is known about /authentication/methods.
const (
	methodsUntried uint32 = iota
	methodsAllowed
	methodsRefused
)

// Reads gives the operations that together tell what a person has registered
// of the kinds. One is enough where /authentication/methods may be read; a
// sign-in with only the narrow permissions may not, which shows when it is
// first tried.
func (c *Client) Reads(kinds []authmethod.Kind) []Op {
	phones := slices.ContainsFunc(kinds, authmethod.Kind.IsPhone)
	emails := slices.Contains(kinds, authmethod.Email) && c.cloud.Supports(authmethod.Email)
	switch {
	case phones && emails && c.cloud.listsMethods() && c.methods.Load() != methodsRefused:
		return []Op{ReadMethods}
	case phones && emails:
		return []Op{ReadPhones, ReadEmails}
	case phones:
		return []Op{ReadPhones}
	case emails:
		return []Op{ReadEmails}
	}
	return nil
}

// Do sends up to [MaxBatch] requests in one round trip and gives their answers
// in the same order. The requests stay as they are.
//
// Requests that are answered 401 go out once more, alone, if the credential
// then gives another token: they were refused, so nothing was done for them.
//
// An error means there are no answers: an [*Error] where the service refused
// the batch as a whole, and otherwise that it was not sent, or was cut off. A
// batch that was cut off or answered 5xx may have done its writes; one with an
// error for which [IsSignIn] holds did none.
func (c *Client) Do(ctx context.Context, requests []Request) ([]Answer, error) {
	if len(requests) == 0 {
		return nil, nil
	}
	if len(requests) > MaxBatch {
		return nil, fmt.Errorf("sending a batch: %d requests, of at most %d", len(requests), MaxBatch)
	}
	build, err := c.batch(ctx, requests)
	if err != nil {
		return nil, err
	}
	r, err := c.send(ctx, build)
	if err != nil {
		return nil, fmt.Errorf("sending a batch: %w", err)
	}
	if r.status/100 != 2 {
		return nil, fmt.Errorf("sending a batch: %w", c.refusal(r))
	}
	if isPage(r.body) {
		return nil, fmt.Errorf("sending a batch: %w", &pageError{c.base.Host})
	}
	answers, claims := c.answers(requests, r)
	if !r.renewed {
		c.again(ctx, requests, answers, r.token, claims)
	}
	return answers, nil
}

// batch builds a batch, to be sent any number of times.
func (c *Client) batch(ctx context.Context, requests []Request) (func() (*abstractions.RequestInformation, error), error) {
	content := append(make([]byte, 0, len(requests)*usualItem), `{"requests":[`...)
	for i, request := range requests {
		if i > 0 {
			content = append(content, ',')
		}
		if request.ID == "" {
			request.ID = uuid.NewString()
		}
		var err error
		if content, err = c.appendItem(ctx, content, strconv.Itoa(i), request); err != nil {
			return nil, fmt.Errorf("building request %d of a batch: %w", i+1, err)
		}
	}
	content = append(content, "]}"...)
	return func() (*abstractions.RequestInformation, error) {
		info := abstractions.NewRequestInformationWithMethodAndUrlTemplateAndPathParameters(
			abstractions.POST, "{+baseurl}/$batch", relative())
		info.SetStreamContentAndContentType(content, jsonType)
		info.Headers.Add("Accept", jsonType)
		return info, nil
	}, nil
}

const jsonType = "application/json"

// answers reads a batch's answer. That it broke off shows in each answer that
// is missing; those that came whole are good. claims is the challenge of the
// last that was refused with one.
func (c *Client) answers(requests []Request, r reply) (answers []Answer, claims string) {
	outcomes, err := decodeBatch(r.body, len(requests))
	envelope := scrub(r.header.Get(requestID), maxCode)
	used := pressure(r.header.Get(throttleShare))
	answers = make([]Answer, len(requests))
	for i, o := range outcomes {
		if o.problem == problemMissing && (err != nil || r.cut != nil) {
			o.problem = "the batch's answer broke off"
		}
		answers[i] = answer(requests[i], o, r.header.Get("Date"))
		a := &answers[i]
		c.vitals.press(a.Pressure)
		a.Pressure = max(a.Pressure, used)
		a.RequestID = cmp.Or(a.RequestID, envelope)
		if a.Err != nil {
			a.Err.RequestID = a.RequestID
		}
		if requests[i].Op == ReadMethods {
			c.learn(a.Status)
		}
		if a.Status == http.StatusUnauthorized {
			if challenge, ok := challengeOf(text(o.headers.Challenge)); ok && challenge != "" {
				claims = challenge
			}
		}
	}
	return answers, claims
}

// learn remembers whether /authentication/methods may be read. Once it was, a
// refusal is about a person.
func (c *Client) learn(status int) {
	switch status {
	case http.StatusOK:
		c.methods.Store(methodsAllowed)
	case http.StatusForbidden:
		c.methods.CompareAndSwap(methodsUntried, methodsRefused)
	}
}

// answer reads one item. The date is the batch's, which items often leave to it.
func answer(request Request, o outcome, date string) Answer {
	if o.status == 0 {
		return unusable(o.problem)
	}
	a := Answer{Status: o.status, RequestID: scrub(text(o.headers.RequestID), maxCode)}
	a.RetryAfter, a.HasRetryAfter = retryAfter(text(o.headers.RetryAfter), cmp.Or(text(o.headers.Date), date))
	a.Pressure = pressure(text(o.headers.ThrottleShare))
	if o.status/100 != 2 {
		a.Err = decodeError(o.status, o.body, secretsOf(request)...)
		a.Err.item = true
		a.Err.RetryAfter, a.Err.HasRetryAfter = a.RetryAfter, a.HasRetryAfter
		a.RequestID = cmp.Or(a.RequestID, a.Err.RequestID)
		return a
	}
	var err error
	switch request.Op {
	case ReadMethods, ReadPhones, ReadEmails:
		a.Have, err = decodeMethods(request.Op, o.body)
	case Find:
		a.Users, a.Next, err = decodeUsers(o.body)
	case Create:
		// Success is a 201 with the object, but clients of other years saw 200
		// and 204 too: the status decides, the body is a courtesy.
		a.Have = decodeStored(request.Kind, o.body)
	}
	if err != nil {
		return unusable(err.Error())
	}
	return a
}

func unusable(problem string) Answer {
	return Answer{Err: &Error{Message: problem, item: true}}
}

// secretsOf is what the service might repeat in an error.
func secretsOf(request Request) []authmethod.Value {
	secrets := []authmethod.Value{request.Value}
	for _, key := range request.Keys {
		secrets = append(secrets, authmethod.ValueOf(key.Text()))
	}
	return secrets
}
