package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

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
	answers, claims := c.answers(requests, r)
	if !r.renewed {
		c.again(ctx, requests, answers, r.token, claims)
	}
	return answers, nil
}

// batch builds a batch, to be sent any number of times.
func (c *Client) batch(ctx context.Context, requests []Request) (func() (*abstractions.RequestInformation, error), error) {
	calls := make([]call, len(requests))
	for i, request := range requests {
		request.ID = cmp.Or(request.ID, uuid.NewString())
		var err error
		if calls[i], err = c.call(ctx, i, request); err != nil {
			return nil, fmt.Errorf("building request %d of a batch: %w", i+1, err)
		}
	}
	content, err := json.Marshal(struct {
		Requests []call `json:"requests"`
	}{calls})
	if err != nil {
		return nil, fmt.Errorf("building a batch: %w", err)
	}
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
	envelope := clean(r.header.Get(requestID), maxCode)
	used := pressure(r.header.Get(throttleShare))
	answers = make([]Answer, len(requests))
	for i, o := range outcomes {
		if o.problem == problemMissing && (err != nil || r.cut != nil) {
			o.problem = "the batch's answer broke off"
		}
		answers[i] = answer(requests[i], o, r.header.Get("Date"))
		a := &answers[i]
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
	a := Answer{Status: o.status, RequestID: clean(text(o.headers.RequestID), maxCode)}
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

// call builds one request of a batch.
func (c *Client) call(ctx context.Context, i int, request Request) (call, error) {
	info, err := c.information(ctx, request)
	if err != nil {
		return call{}, err
	}
	address, err := info.GetUri()
	if err != nil {
		return call{}, err
	}
	built := call{
		ID:      strconv.Itoa(i),
		Method:  info.Method.String(),
		URL:     address.String(),
		Headers: callHeaders{ClientRequestID: request.ID},
		Body:    info.Content,
	}
	if len(info.Content) > 0 {
		built.Headers.ContentType = jsonType
	}
	if isAdvanced(request.Keys) {
		built.Headers.ConsistencyLevel = "eventual"
	}
	return built, nil
}

// information has the SDK build one request. What would be refused by every
// tenant, or harm one, is not built.
func (c *Client) information(ctx context.Context, request Request) (*abstractions.RequestInformation, error) {
	if request.Op == Find {
		if len(request.Keys) == 0 || len(request.Keys) > MaxFindKeys {
			return nil, fmt.Errorf("%d keys to find, of 1 to %d", len(request.Keys), MaxFindKeys)
		}
		return c.usersRequest(ctx, request.Keys)
	}
	if request.User == "" {
		return nil, errors.New("no person named")
	}
	person := c.usersBuilder().ByUserId(request.User).Authentication()
	switch request.Op {
	case ReadMethods:
		return person.Methods().ToGetRequestInformation(ctx, nil)
	case ReadPhones:
		return person.PhoneMethods().ToGetRequestInformation(ctx, nil)
	case ReadEmails:
		return person.EmailMethods().ToGetRequestInformation(ctx, nil)
	case Create, Update:
		if request.Value.IsZero() || request.Value.Masked() {
			return nil, errors.New("no value to write, or a masked one")
		}
	case Delete:
	default:
		return nil, fmt.Errorf("unknown operation %d", request.Op)
	}
	if !c.cloud.Supports(request.Kind) {
		return nil, fmt.Errorf("the cloud %s has no %s", c.cloud, request.Kind)
	}
	if request.Kind == authmethod.Email {
		return emailWrite(ctx, person.EmailMethods(), request)
	}
	return phoneWrite(ctx, person.PhoneMethods(), request)
}

// The ids of the methods are the same in every tenant (learn.microsoft.com,
// phoneAuthenticationMethod and emailAuthenticationMethod resource types).
const (
	idMobile          = "3179e48a-750b-4051-897c-87b9720928f7"
	idAlternateMobile = "b6332ec1-7057-4abe-9331-3d72feddfe41"
	idOffice          = "e37fc753-ff3b-4958-9484-eaa9425c82bc"
	idEmail           = "3ddfcfc8-9383-446f-83cc-3ab9be4be18f"
)

func phoneWrite(ctx context.Context, phones *users.ItemAuthenticationPhoneMethodsRequestBuilder, request Request) (*abstractions.RequestInformation, error) {
	var id string
	var kind models.AuthenticationPhoneType
	switch request.Kind {
	case authmethod.Mobile:
		id, kind = idMobile, models.MOBILE_AUTHENTICATIONPHONETYPE
	case authmethod.AlternateMobile:
		id, kind = idAlternateMobile, models.ALTERNATEMOBILE_AUTHENTICATIONPHONETYPE
	case authmethod.Office:
		id, kind = idOffice, models.OFFICE_AUTHENTICATIONPHONETYPE
	default:
		return nil, fmt.Errorf("unknown method %s", request.Kind)
	}
	if request.Op == Delete {
		return phones.ByPhoneAuthenticationMethodId(id).ToDeleteRequestInformation(ctx, nil)
	}
	// The type goes into an update as well: Graph recalculates what is left out.
	number := request.Value.Reveal()
	phone := models.NewPhoneAuthenticationMethod()
	phone.SetOdataType(nil)
	phone.SetPhoneNumber(&number)
	phone.SetPhoneType(&kind)
	if request.Op == Update {
		return phones.ByPhoneAuthenticationMethodId(id).ToPatchRequestInformation(ctx, phone, nil)
	}
	return phones.ToPostRequestInformation(ctx, phone, nil)
}

func emailWrite(ctx context.Context, emails *users.ItemAuthenticationEmailMethodsRequestBuilder, request Request) (*abstractions.RequestInformation, error) {
	if request.Op == Delete {
		return emails.ByEmailAuthenticationMethodId(idEmail).ToDeleteRequestInformation(ctx, nil)
	}
	address := request.Value.Reveal()
	email := models.NewEmailAuthenticationMethod()
	email.SetOdataType(nil)
	email.SetEmailAddress(&address)
	if request.Op == Update {
		return emails.ByEmailAuthenticationMethodId(idEmail).ToPatchRequestInformation(ctx, email, nil)
	}
	return emails.ToPostRequestInformation(ctx, email, nil)
}
