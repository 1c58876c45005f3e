package graph

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"authseed/mapping/authmethod"
)

// call is one request of a batch on its way out
// (learn.microsoft.com, "Combine multiple HTTP requests using JSON batching").
type call struct {
	ID      string          `json:"id"`
	Method  string          `json:"method"`
	URL     string          `json:"url"`
	Headers callHeaders     `json:"headers"`
	Body    json.RawMessage `json:"body,omitempty"`
}

type callHeaders struct {
	ClientRequestID  string `json:"client-request-id"`
	ContentType      string `json:"Content-Type,omitempty"`
	ConsistencyLevel string `json:"ConsistencyLevel,omitempty"`
}

// response is one answer of a batch as it comes, in fields that take anything.
type response struct {
	ID, Status, Body json.RawMessage
	Headers          responseHeaders
}

// responseHeaders are the ones that are used.
type responseHeaders struct {
	RequestID, RetryAfter, Date, ThrottleShare, Challenge json.RawMessage
}

// outcome is one answer of a batch. Status 0 means there was none that could
// be used, and problem says why.
type outcome struct {
	status  int
	headers responseHeaders
	body    json.RawMessage
	problem string
}

const (
	problemMissing = "the batch's answer leaves this request out"
	problemTwice   = "the batch's answer has this request twice"
	problemStatus  = "the batch's answer has no status for this request"
	problemHeaders = "the batch's answer has unreadable headers for this request"
	problemBody    = "the answer cannot be read"
)

// decodeBatch reads the answer to a batch whose ids are "0" to count-1. Each
// item is read by itself, so a broken one costs no other its answer; items
// before the place where an answer breaks off are kept. The error tells that it
// broke off.
func decodeBatch(body []byte, count int) ([]outcome, error) {
	outcomes := make([]outcome, count)
	for i := range outcomes {
		outcomes[i].problem = problemMissing
	}
	ids := make(map[string]int, count)
	for i := range count {
		ids[strconv.Itoa(i)] = i
	}
	err := eachResponse(body, func(r response, wrong bool) {
		i, known := ids[strings.TrimSpace(text(r.ID))]
		switch {
		case !known:
		case outcomes[i].problem == problemMissing:
			outcomes[i] = decodeOutcome(r, wrong)
		default:
			outcomes[i] = outcome{problem: problemTwice}
		}
	})
	return outcomes, err
}

// eachResponse walks {"responses":[...]} as far as it goes, and says of each
// whether it, or its headers, are no object.
func eachResponse(body []byte, visit func(r response, wrong bool)) error {
	w := walk(body)
	if !w.take('{') {
		return errBatchForm
	}
	for first := true; !w.take('}'); first = false {
		if !first && !w.take(',') {
			return errBatchForm
		}
		name := w.name()
		switch {
		case !json.Valid(name):
			return errBatchForm
		case !isNamed(name, "responses"):
			if !json.Valid(w.value()) {
				return errBatchForm
			}
			continue
		case !w.take('['):
			return errBatchForm
		}
		for first := true; !w.take(']'); first = false {
			if !first && !w.take(',') {
				return errBatchForm
			}
			item := w.value()
			if !json.Valid(item) {
				return errBatchForm
			}
			visit(readResponse(item))
		}
	}
	return nil
}

var errBatchForm = errors.New("not the form of a batch's answer")

func readResponse(item json.RawMessage) (r response, wrong bool) {
	isObject := members(item, func(name, value json.RawMessage) {
		switch {
		case isNamed(name, "id"):
			r.ID = value
		case isNamed(name, "status"):
			r.Status = value
		case isNamed(name, "body"):
			r.Body = value
		case isNamed(name, "headers"):
			wrong = !members(value, r.Headers.read) || wrong
		}
	})
	return r, wrong || !isObject
}

func (h *responseHeaders) read(name, value json.RawMessage) {
	switch {
	case isNamed(name, "request-id"):
		h.RequestID = value
	case isNamed(name, "retry-after"):
		h.RetryAfter = value
	case isNamed(name, "date"):
		h.Date = value
	case isNamed(name, throttleShare):
		h.ThrottleShare = value
	case isNamed(name, "www-authenticate"):
		h.Challenge = value
	}
}

func decodeOutcome(r response, wrong bool) outcome {
	status, err := strconv.Atoi(strings.TrimSpace(text(r.Status)))
	switch {
	case err != nil || status < 100 || status > 599:
		return outcome{problem: problemStatus}
	case wrong:
		return outcome{problem: problemHeaders}
	}
	return outcome{status: status, headers: r.Headers, body: r.Body}
}

const (
	typePhone = "#microsoft.graph.phoneAuthenticationMethod"
	typeEmail = "#microsoft.graph.emailAuthenticationMethod"
)

// method is a phone or an e-mail method, as far as it is used.
type method struct {
	Type         json.RawMessage `json:"@odata.type"`
	PhoneNumber  string
	PhoneType    string
	EmailAddress string
}

// put stores the method in its kind; a type of phone that is not known is
// left alone.
func (m method) put(set *authmethod.Set, isPhone bool) {
	if !isPhone {
		set[authmethod.Email] = authmethod.ValueOf(m.EmailAddress)
		return
	}
	if kind, err := authmethod.ParseKind(m.PhoneType); err == nil && kind.IsPhone() {
		set[kind] = authmethod.ValueOf(m.PhoneNumber)
	}
}

// decodeMethods reads what a person has registered. A list of all methods says
// of each what it is, and holds others than phones and addresses. The body was
// found valid with the batch's answer.
func decodeMethods(op Op, body json.RawMessage) (authmethod.Set, error) {
	var list walk
	members(body, func(name, value json.RawMessage) {
		if isNamed(name, "value") {
			list = walk(value)
		}
	})
	if !list.take('[') {
		return authmethod.Set{}, errors.New(problemBody)
	}
	var set authmethod.Set
	for !list.take(']') {
		list.take(',')
		raw := list.value()
		if len(raw) == 0 {
			return authmethod.Set{}, errors.New(problemBody)
		}
		var m method
		err := json.Unmarshal(raw, &m)
		isPhone, isEmail := op == ReadPhones, op == ReadEmails
		if op == ReadMethods {
			kind := text(m.Type)
			isPhone, isEmail = strings.EqualFold(kind, typePhone), strings.EqualFold(kind, typeEmail)
		}
		switch {
		case !isPhone && !isEmail:
		case err != nil:
			return authmethod.Set{}, errors.New(problemBody)
		default:
			m.put(&set, isPhone)
		}
	}
	return set, nil
}

// decodeStored reads what a create says it stored, nothing where it does not.
func decodeStored(kind authmethod.Kind, body json.RawMessage) authmethod.Set {
	var set, stored authmethod.Set
	var m method
	if json.Unmarshal(body, &m) == nil {
		m.put(&stored, kind.IsPhone())
	}
	set[kind] = stored[kind]
	return set
}

// person is the service's user, as far as it is used.
type person struct {
	ID, UserPrincipalName, DisplayName, Mail, EmployeeID string

	OnPremisesSamAccountName, OnPremisesImmutableID, OnPremisesUserPrincipalName string

	ProxyAddresses         []string
	UserType, CreationType string
	UsageLocation          string
	AccountEnabled         *bool
	IsManagementRestricted bool
	OnPremisesSyncEnabled  bool // null where the person never was synchronised

	Department, Country, MobilePhone string
	BusinessPhones, OtherMails       []string
}

// decodeUsers reads a page of people.
func decodeUsers(body []byte) (people []authmethod.User, nextLink string, err error) {
	page, nextLink, err := decodePage[person](body)
	if err == nil {
		people, err = usersOf(page)
	}
	if err != nil {
		return nil, "", err
	}
	return people, nextLink, nil
}

func usersOf(page []person) ([]authmethod.User, error) {
	people := make([]authmethod.User, 0, len(page))
	for _, p := range page {
		if p.ID == "" {
			return nil, errors.New("the answer holds a person without an id")
		}
		people = append(people, p.user())
	}
	return people, nil
}

// localAccount is the creationType of who signs in to an Azure AD B2C tenant
// with a name of their own (learn.microsoft.com, user resource type).
const localAccount = "LocalAccount"

func (p person) user() authmethod.User {
	return authmethod.User{
		ID: p.ID, UserPrincipalName: p.UserPrincipalName, DisplayName: p.DisplayName,
		Mail: p.Mail, EmployeeID: p.EmployeeID,
		OnPremisesSamAccountName:    p.OnPremisesSamAccountName,
		OnPremisesImmutableID:       p.OnPremisesImmutableID,
		OnPremisesUserPrincipalName: p.OnPremisesUserPrincipalName,
		ProxyAddresses:              p.ProxyAddresses,
		UserType:                    p.UserType,
		UsageLocation:               p.UsageLocation,
		AccountEnabled:              p.AccountEnabled != nil && *p.AccountEnabled,
		EnabledKnown:                p.AccountEnabled != nil,
		Restricted:                  p.IsManagementRestricted,
		Local:                       strings.EqualFold(p.CreationType, localAccount),
		Synced:                      p.OnPremisesSyncEnabled,
		Department:                  p.Department,
		Country:                     p.Country,
		MobilePhone:                 p.MobilePhone,
		BusinessPhones:              p.BusinessPhones,
		OtherMails:                  p.OtherMails,
	}
}

// throttleShare tells what share of a limit is used: "a percentage" of 0.8 to
// 1.8, and only from 0.8 on (learn.microsoft.com, "Microsoft Graph
// service-specific throttling limits"). Documented for directory objects;
// whether authentication methods have it is unverified.
const throttleShare = "x-ms-throttle-limit-percentage"

// pressure reads that share. What is far off the range is no share.
func pressure(header string) float64 {
	if header == "" {
		return 0 // as it nearly always is, and an error is dearer
	}
	share, err := strconv.ParseFloat(strings.TrimSpace(header), 64)
	if err != nil || !(share >= 0 && share <= 10) {
		return 0
	}
	return share
}

// longestWait bounds what a header can ask, so that nonsense does not overflow.
// It is so long because the wait is kept: less would be an earlier request.
const longestWait = 365 * 24 * time.Hour

// retryAfter reads a Retry-After of seconds, which the service also gives as a
// fraction, or of a date, which counts from the answer's own date because
// clocks differ. It is rounded up: to wait less is to be refused again.
func retryAfter(header, date string) (time.Duration, bool) {
	header = strings.TrimSpace(header)
	if header == "" {
		return 0, false
	}
	var seconds float64
	if until, err := http.ParseTime(header); err == nil {
		from, err := http.ParseTime(date)
		if err != nil {
			from = time.Now()
		}
		seconds = max(0, until.Sub(from).Seconds())
	} else if seconds, err = strconv.ParseFloat(header, 64); err != nil || math.IsNaN(seconds) || seconds < 0 {
		return 0, false
	}
	if seconds > longestWait.Seconds() {
		return longestWait, true
	}
	return time.Duration(math.Ceil(seconds)) * time.Second, true
}
