package graphtest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// witness stands between the client and the service. It changes nothing, and
// remembers of every request, those inside of a batch too, what the description
// has to say.
type witness struct {
	to       http.RoundTripper
	describe *description // nil where there is none

	mu      sync.Mutex
	seen    map[string]int // answers without fault, by operation and class of status
	faults  []fault
	headers map[string]int  // those of open question 1, by header, operation and status
	links   map[string]bool // next links the service gave
	last    *http.Request   // to ask once as the client asked
}

func newWitness(to http.RoundTripper, d *description) *witness {
	return &witness{to: to, describe: d, seen: map[string]int{}, headers: map[string]int{}, links: map[string]bool{}}
}

// RoundTrip implements http.RoundTripper.
func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
		sent := r.Clone(r.Context()) // a transport leaves its request alone
		sent.Body = io.NopCloser(bytes.NewReader(body))
		r = sent
	}
	response, err := w.to.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	_ = response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(answer))

	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = r
	_, below, found := strings.Cut(r.URL.EscapedPath(), "/v1.0")
	if !found {
		w.fault(true, "an address outside of /v1.0")
		return response, nil
	}
	if r.URL.RawQuery != "" {
		below += "?" + r.URL.RawQuery
	}
	x := exchange{
		method: r.Method, url: below, header: r.Header, body: body,
		status: response.StatusCode, answerHeader: response.Header, answer: answer,
		followed: w.links[r.URL.String()],
	}
	if below == "/$batch" {
		w.batch(x)
	} else {
		w.one(x)
	}
	return response, nil
}

func (w *witness) fault(ours bool, format string, args ...any) {
	w.faults = append(w.faults, fault{ours, fmt.Sprintf(format, args...)})
}

// one takes in an exchange that is not a batch.
func (w *witness) one(x exchange) {
	var page struct {
		Next string `json:"@odata.nextLink"`
	}
	if json.Unmarshal(x.answer, &page) == nil && page.Next != "" {
		w.links[page.Next] = true
	}
	operation := x.method + " " + shapeOf(strings.SplitN(x.url, "?", 2)[0])
	if w.describe != nil && !undescribed.MatchString(x.method+" "+strings.SplitN(x.url, "?", 2)[0]) {
		named, faults := w.describe.check(x)
		for _, f := range faults {
			w.faults = append(w.faults, fault{f.ours, strings.TrimPrefix(named+": "+f.text, ": ")})
		}
		if len(faults) == 0 {
			w.seen[fmt.Sprintf("%s %dxx", named, x.status/100)]++
		}
		operation = named
	}
	for name := range x.answerHeader {
		lower := strings.ToLower(name)
		if lower == "retry-after" || lower == "x-ms-resource-unit" || strings.HasPrefix(lower, "x-ms-throttle") {
			w.headers[fmt.Sprintf("%s of %s, status %d", lower, operation, x.status)]++
		}
	}
}

// batchItem is one request of a batch, or one answer.
type batchItem struct {
	ID        *string
	Method    string
	URL       string
	Status    json.RawMessage
	Headers   map[string]string
	Body      json.RawMessage
	DependsOn []string
}

func (i batchItem) header() http.Header {
	header := http.Header{}
	for name, value := range i.Headers {
		header.Set(name, value)
	}
	return header
}

// batch unpacks a batch, of which the description says nothing. Its form is that
// of learn.microsoft.com, "Combine multiple HTTP requests using JSON batching".
func (w *witness) batch(x exchange) {
	sent, faults := requestsOf(x)
	w.faults = append(w.faults, faults...)
	if x.status != http.StatusOK {
		if x.status < 400 {
			w.fault(false, "$batch: undocumented status %d", x.status)
		}
		return // refused as a whole: there are no items
	}
	answered, faults := answersOf(x)
	w.faults = append(w.faults, faults...)
	for _, id := range slices.Sorted(maps.Keys(answered)) {
		if _, asked := sent[id]; !asked {
			w.fault(false, "$batch: an answer to no request")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(sent)) {
		q, a := sent[id], answered[id]
		if a.ID == nil {
			w.fault(false, "$batch: a request without an answer")
			continue
		}
		var status int
		if json.Unmarshal(a.Status, &status) != nil {
			w.fault(false, "$batch: a status that is no number")
			continue
		}
		w.one(exchange{
			method: q.Method, url: q.URL, header: q.header(), body: q.Body,
			status: status, answerHeader: a.header(), answer: a.Body,
		})
	}
}

// requestsOf reads the requests of a batch by their ids.
func requestsOf(x exchange) (map[string]batchItem, []fault) {
	var faults []fault
	wrong := func(text string) { faults = append(faults, fault{true, "$batch: " + text}) }
	if x.method != http.MethodPost || x.header.Get("Content-Type") != "application/json" {
		wrong("not a POST of JSON")
	}
	var batch struct{ Requests []batchItem }
	decoder := json.NewDecoder(bytes.NewReader(x.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&batch); err != nil {
		wrong("cannot be read")
	}
	if n := len(batch.Requests); n == 0 || n > 20 {
		wrong(fmt.Sprintf("%d requests, of 1 to 20", n))
	}
	sent := map[string]batchItem{}
	for _, item := range batch.Requests {
		if item.ID == nil || *item.ID == "" {
			wrong("a request without an id")
			continue
		}
		id := strings.ToLower(*item.ID)
		if _, twice := sent[id]; twice {
			wrong("an id twice")
		}
		if !strings.HasPrefix(item.URL, "/") || strings.HasPrefix(item.URL, "//") {
			wrong("an address that is not relative")
		}
		if strings.Contains(item.URL, "#") {
			wrong("an address that ends at a #")
		}
		if (item.Body != nil) != (item.header().Get("Content-Type") != "") {
			wrong("a body without its Content-Type, or the other way round")
		}
		if item.Status != nil {
			wrong("a request with a status")
		}
		sent[id] = item
	}
	return sent, faults
}

// answersOf reads the answers of a batch by their ids.
func answersOf(x exchange) (map[string]batchItem, []fault) {
	var faults []fault
	wrong := func(text string) { faults = append(faults, fault{false, "$batch: " + text}) }
	if !strings.HasPrefix(x.answerHeader.Get("Content-Type"), "application/json") {
		wrong("the answer is no JSON")
	}
	var batch struct{ Responses []batchItem }
	if err := json.Unmarshal(x.answer, &batch); err != nil {
		wrong("the answer cannot be read")
	}
	answered := map[string]batchItem{}
	for _, item := range batch.Responses {
		if item.ID == nil {
			wrong("an answer without an id")
			continue
		}
		if _, twice := answered[strings.ToLower(*item.ID)]; twice {
			wrong("two answers to one request")
		}
		answered[strings.ToLower(*item.ID)] = item
	}
	return answered, faults
}

// told gives the faults since the last time, each once.
func (w *witness) told() []fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	var told []fault
	for _, f := range w.faults {
		if !slices.Contains(told, f) {
			told = append(told, f)
		}
	}
	w.faults = nil
	return told
}

// used is every operation of the client: what Read, Do, Users, Organization and
// the operations for the tenant as a whole can send, as far as the description
// has it.
var used = slices.Concat(optional, []string{
	"GET /organization",
	"GET /users",
	"GET /users/{user-id}/authentication/methods",
	"GET /users/{user-id}/authentication/phoneMethods",
	"POST /users/{user-id}/authentication/phoneMethods",
	"PATCH /users/{user-id}/authentication/phoneMethods/{phoneAuthenticationMethod-id}",
	"DELETE /users/{user-id}/authentication/phoneMethods/{phoneAuthenticationMethod-id}",
	"GET /users/{user-id}/authentication/emailMethods",
	"POST /users/{user-id}/authentication/emailMethods",
	"PATCH /users/{user-id}/authentication/emailMethods/{emailAuthenticationMethod-id}",
	"DELETE /users/{user-id}/authentication/emailMethods/{emailAuthenticationMethod-id}",
})

// optional are those that a tenant answers with a licence, or a sign-in with a
// permission, that this test does not ask for.
var optional = []string{
	"GET /domains",
	"GET /policies/authenticationMethodsPolicy",
	"GET /policies/authorizationPolicy",
	"GET /reports/authenticationMethods/userRegistrationDetails",
	"GET /roleManagement/directory/roleAssignments",
	"GET /roleManagement/directory/roleEligibilitySchedules",
	"GET /subscribedSkus",
}

// undescribed are the operations that the description leaves out: an extract
// has only what was called when it was made.
var undescribed = regexp.MustCompile(`^GET /(users/\$count|users/delta|groups|groups/[^/]+|groups/[^/]+/owners|groups/[^/]+/transitiveMembers/microsoft\.graph\.user` +
	`|policies/identitySecurityDefaultsEnforcementPolicy|directory/onPremisesSynchronization)$`)

// coverage is how often each operation was seen, without fault, to succeed and
// to be refused: the lines of a table, the operations that never succeeded, and
// those that nobody listed.
func (w *witness) coverage() (table, missing, unlisted []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, operation := range used {
		done, refused := w.seen[operation+" 2xx"], w.seen[operation+" 4xx"]
		table = append(table, fmt.Sprintf("%5d done %5d refused  %s", done, refused, operation))
		if done == 0 {
			missing = append(missing, operation)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(w.seen)) {
		if operation := key[:strings.LastIndexByte(key, ' ')]; !slices.Contains(used, operation) {
			unlisted = append(unlisted, operation)
		}
	}
	return table, missing, unlisted
}
