package graph

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"authseed/mapping/authmethod"
)

const (
	clientRequestID = "client-request-id"
	requestID       = "request-id"

	maxMessage = 300
	maxSignIn  = 800 // room for the command a challenge asks to type
	maxCode    = 80
)

// Error is the service's refusal, or the lack of a usable answer when Status
// is 0. Its texts are fit to print: personal data is masked, control characters
// are gone, and they are short. Branch on Status and Code; the message is no
// contract (learn.microsoft.com, "Microsoft Graph error responses").
type Error struct {
	Status    int
	Code      string
	Message   string
	RequestID string // the service's name for the request, for its support

	RetryAfter    time.Duration // whole seconds, rounded up
	HasRetryAfter bool

	item  bool   // about one item of a batch, so perhaps about one person only
	page  bool   // a web page in place of an answer: not Microsoft Graph's
	needs string // the permission without which this is refused, where one is known
}

// Error gives "403 accessDenied: Request Authorization failed (request 1234-...)".
func (e *Error) Error() string {
	text := "no usable answer"
	if e.Status != 0 {
		text = fmt.Sprintf("%d %s", e.Status, e.Code)
	}
	text = strings.TrimSpace(text) + ": " + cmp.Or(e.Message, http.StatusText(e.Status), "no message")
	if e.RequestID != "" {
		text += " (request " + e.RequestID + ")"
	}
	return text
}

// add puts behind the message what the service does not know.
func (e *Error) add(text string) {
	if text == "" {
		return
	}
	if e.Message = strings.TrimRight(e.Message, "."); e.Message != "" {
		e.Message += "; "
	}
	e.Message += text
}

// pageError is a success that somebody else than Microsoft Graph announces: a
// proxy, or a network that wants a sign-in of its own.
type pageError struct{ host string }

// Error says whom the page answers for.
func (e *pageError) Error() string { return "a web page answers in place of " + e.host }

// isPage reports that a body is HTML or XML, which no answer of Graph is.
func isPage(body []byte) bool {
	body = bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), " \t\r\n")
	return len(body) > 0 && body[0] == '<'
}

// URLError is a service root that cannot be used.
type URLError struct {
	URL     string // without a password
	Problem string
}

// Error names the URL and what is wrong with it.
func (e *URLError) Error() string {
	if e.URL == "" {
		return "graph url is " + e.Problem
	}
	return fmt.Sprintf("graph url %q %s", e.URL, e.Problem)
}

// envelopeError reads an answer that refuses all of a request.
func envelopeError(r reply) *Error {
	e := decodeError(r.status, r.body)
	e.RequestID = cmp.Or(scrub(r.header.Get(requestID), maxCode), e.RequestID)
	e.RetryAfter, e.HasRetryAfter = retryAfter(r.header.Get("Retry-After"), r.header.Get("Date"))
	if target, err := url.Parse(r.header.Get("Location")); err == nil && target.Host != "" && r.status/100 == 3 {
		e.Message = "redirected to " + clean(target.Host, maxCode) + ", which is not followed"
	}
	return e
}

// decodeError reads {"error":{"code","message","innerError":{"request-id"}}},
// of which the service leaves out any part, and pages of proxies in its place.
// The secrets are what the request said, in clear.
func decodeError(status int, body []byte, secrets ...authmethod.Value) *Error {
	e := &Error{Status: status}
	var envelope struct{ Error json.RawMessage }
	if err := json.Unmarshal(body, &envelope); err != nil {
		if len(body) > 0 {
			e.page = isPage(body)
			e.Message = cmp.Or(http.StatusText(status), "no message") + ", in a page that is not Microsoft Graph's"
		}
		return e
	}
	// Field by field: one of the wrong type must not lose the others.
	fields := object(envelope.Error)
	inner := object(fields["innererror"])
	e.Code = scrub(text(fields["code"]), maxCode, secrets...)
	e.Message = scrub(text(fields["message"]), maxMessage, secrets...)
	e.RequestID = scrub(text(inner[requestID]), maxCode, secrets...)
	return e
}

// object reads a JSON object by its names in lower case, anything else as
// empty.
func object(raw json.RawMessage) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return nil
	}
	lower := make(map[string]json.RawMessage, len(fields))
	for name, value := range fields {
		lower[strings.ToLower(name)] = value
	}
	return lower
}

// text reads a JSON string, a number as its digits, the first of a list, and
// anything else as empty.
func text(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	// Most are strings with nothing to decode in them.
	if inner, ok := bytes.CutPrefix(raw, []byte(`"`)); ok && !bytes.ContainsRune(raw, '\\') && utf8.Valid(raw) {
		return string(bytes.TrimSuffix(inner, []byte(`"`)))
	}
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return ""
	}
	if list, ok := value.([]any); ok && len(list) > 0 {
		value = list[0]
	}
	switch value := value.(type) {
	case string:
		return value
	case float64:
		return strings.Trim(string(raw), "[] \t\r\n")
	}
	return ""
}

var (
	addressPattern = regexp.MustCompile(`[^\s"'<>(),;:]+@[^\s"'<>(),;:]+`)
	phonePattern   = regexp.MustCompile(`\+\d[\d ().-]{4,}\d(?:x\d+)?`)
)

// scrub makes a text of the service fit to print. It is cleaned first: what a
// terminal does not show could stand in the middle of a value and hide it.
func scrub(message string, limit int, secrets ...authmethod.Value) string {
	message = clean(message, len(message))
	for _, secret := range secrets {
		clear := secret.Reveal()
		joined := strings.Join(strings.Fields(clear), "")
		_, national, _ := strings.Cut(clear, " ")
		for _, form := range []string{clear, joined, strings.TrimPrefix(joined, "+"), national} {
			if len(form) >= 4 {
				message = strings.ReplaceAll(message, form, secret.String())
			}
		}
	}
	if strings.ContainsAny(message, "@+") { // few texts are worth the patterns
		mask := func(found string) string { return authmethod.ValueOf(found).String() }
		message = addressPattern.ReplaceAllStringFunc(message, mask)
		message = phonePattern.ReplaceAllStringFunc(message, mask)
	}
	return bounded(message, limit)
}

// clean drops what a terminal would act on and bounds the text.
func clean(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	return bounded(strings.Join(strings.Fields(s), " "), limit)
}

func bounded(s string, limit int) string {
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return s
}

// IsUnlicensed reports that what was asked for needs Microsoft Entra ID P1 or
// P2, which the tenant does not have.
func IsUnlicensed(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.unlicensed()
}

// unlicensed goes by the words. The report's message is known from what others
// match it by; its code ("Authentication_RequestFromNonPremiumTenantOrB2CTenant")
// and all of the roles' ("AadPremiumLicenseRequired", perhaps with 400) are
// unverified.
func (e *Error) unlicensed() bool {
	if e.Status != http.StatusForbidden && e.Status != http.StatusBadRequest {
		return false
	}
	said := strings.ToLower(e.Code + " " + e.Message)
	return strings.Contains(said, "nonpremiumtenant") || strings.Contains(said, "premium") && strings.Contains(said, "licen")
}

// IsForbidden reports that a permission is missing for what was asked for as a
// whole. A refusal for want of a licence is none, nor is one about a person.
func IsForbidden(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.forbidden()
}

func (e *Error) forbidden() bool {
	return e.Status == http.StatusForbidden && !e.item && !e.page && !e.unlicensed()
}
