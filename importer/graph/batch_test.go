package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"authseed/mapping/authmethod"
)

// capture is what went out in a batch.
type capture struct {
	Requests []struct {
		ID, Method, URL string
		Headers         map[string]string
		Body            map[string]any
	}
}

func TestItemsOnTheWire(t *testing.T) {
	const person = "11111111-2222-3333-4444-555555555555"
	for _, test := range []struct {
		request Request
		method  string
		path    string
		body    map[string]any
	}{
		{Request{Op: ReadMethods, User: person}, "GET", "/users/" + person + "/authentication/methods", nil},
		{Request{Op: ReadPhones, User: person}, "GET", "/users/" + person + "/authentication/phoneMethods", nil},
		{Request{Op: ReadEmails, User: person}, "GET", "/users/" + person + "/authentication/emailMethods", nil},
		{
			Request{Op: Create, User: person, Kind: authmethod.Mobile, Value: authmethod.ValueOf("+44 7700900123")},
			"POST", "/users/" + person + "/authentication/phoneMethods",
			map[string]any{"phoneNumber": "+44 7700900123", "phoneType": "mobile"},
		},
		{
			Request{Op: Update, User: person, Kind: authmethod.AlternateMobile, Value: authmethod.ValueOf("+44 7700900124")},
			"PATCH", "/users/" + person + "/authentication/phoneMethods/b6332ec1-7057-4abe-9331-3d72feddfe41",
			map[string]any{"phoneNumber": "+44 7700900124", "phoneType": "alternateMobile"},
		},
		{
			Request{Op: Update, User: person, Kind: authmethod.Office, Value: authmethod.ValueOf("+44 2079460123x12")},
			"PATCH", "/users/" + person + "/authentication/phoneMethods/e37fc753-ff3b-4958-9484-eaa9425c82bc",
			map[string]any{"phoneNumber": "+44 2079460123x12", "phoneType": "office"},
		},
		{
			Request{Op: Delete, User: person, Kind: authmethod.Mobile},
			"DELETE", "/users/" + person + "/authentication/phoneMethods/3179e48a-750b-4051-897c-87b9720928f7", nil,
		},
		{
			Request{Op: Create, User: person, Kind: authmethod.Email, Value: authmethod.ValueOf("o'neil+x@example.com")},
			"POST", "/users/" + person + "/authentication/emailMethods",
			map[string]any{"emailAddress": "o'neil+x@example.com"},
		},
		{
			Request{Op: Update, User: person, Kind: authmethod.Email, Value: authmethod.ValueOf("kim@example.com")},
			"PATCH", "/users/" + person + "/authentication/emailMethods/3ddfcfc8-9383-446f-83cc-3ab9be4be18f",
			map[string]any{"emailAddress": "kim@example.com"},
		},
		{
			Request{Op: Delete, User: person, Kind: authmethod.Email},
			"DELETE", "/users/" + person + "/authentication/emailMethods/3ddfcfc8-9383-446f-83cc-3ab9be4be18f", nil,
		},
		{
			Request{Op: ReadPhones, User: `o'neil_x.example#EXT#@contoso.example/?&"`}, "GET",
			"/users/o%27neil_x.example%23EXT%23%40contoso.example%2F%3F%26%22/authentication/phoneMethods", nil,
		},
	} {
		var sent capture
		c := clientOf(t, func(r *http.Request) (*http.Response, error) {
			if r.Method != "POST" || r.URL.String() != "https://graph.microsoft.com/v1.0/$batch" {
				t.Errorf("sent %s %s", r.Method, r.URL)
			}
			if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
				t.Error(err)
			}
			return respond(r, 200, emptyBatch), nil
		})
		requests := []Request{test.request}
		if _, err := c.Do(t.Context(), requests); err != nil {
			t.Errorf("%s: %v", test.path, err)
			continue
		}
		got := sent.Requests[0]
		if got.Method != test.method || got.URL != test.path {
			t.Errorf("sent %s %s, want %s %s", got.Method, got.URL, test.method, test.path)
		}
		if diff := cmp.Diff(test.body, got.Body); diff != "" {
			t.Errorf("%s: body (-want +got)\n%s", test.path, diff)
		}
		if uuid.Validate(got.Headers["client-request-id"]) != nil || requests[0].ID != "" {
			t.Errorf("%s: client-request-id %q made up, %q left behind", test.path, got.Headers["client-request-id"], requests[0].ID)
		}
		requests[0].ID = "given"
		if _, err := c.Do(t.Context(), requests); err != nil || sent.Requests[0].Headers["client-request-id"] != "given" {
			t.Errorf("%s: client-request-id %q, %v", test.path, sent.Requests[0].Headers["client-request-id"], err)
		}
		if got.Headers["Content-Type"] == "application/json" != (test.body != nil) {
			t.Errorf("%s: headers %v", test.path, got.Headers)
		}
	}
}

func TestNotSent(t *testing.T) {
	phone := authmethod.ValueOf("+44 7700900123")
	email := authmethod.ValueOf("kim@example.com")
	for name, test := range map[string]struct {
		cloud    Cloud
		requests []Request
	}{
		"too many":         {Global, make([]Request, MaxBatch+1)},
		"nobody":           {Global, []Request{{Op: Create, Value: phone}}},
		"no operation":     {Global, []Request{{User: "u"}}},
		"no value":         {Global, []Request{{Op: Create, User: "u"}}},
		"masked":           {Global, []Request{{Op: Update, User: "u", Value: authmethod.ValueOf("+44 ********23")}}},
		"unknown kind":     {Global, []Request{{Op: Create, User: "u", Kind: authmethod.Count, Value: phone}}},
		"email in China":   {China, []Request{{Op: Create, User: "u", Kind: authmethod.Email, Value: email}}},
		"no keys":          {Global, []Request{{Op: Find}}},
		"too many keys":    {Global, []Request{{Op: Find, Keys: make([]authmethod.Key, MaxFindKeys+1)}}},
		"good one and bad": {Global, []Request{{Op: ReadPhones, User: "u"}, {Op: Delete}}},
	} {
		c := clientOf(t, func(r *http.Request) (*http.Response, error) {
			t.Errorf("%s: sent", name)
			return respond(r, 200, emptyBatch), nil
		}, func(o *Options) { o.Cloud = test.cloud })
		if _, err := c.Do(t.Context(), test.requests); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	c := clientOf(t, func(*http.Request) (*http.Response, error) { panic("sent") })
	if answers, err := c.Do(t.Context(), nil); answers != nil || err != nil {
		t.Errorf("nothing to do: %v, %v", answers, err)
	}
}

// odd is an answer to one read, one create and one delete of three people.
func odd(t *testing.T, body string, headers ...string) []Answer {
	t.Helper()
	c := clientOf(t, func(r *http.Request) (*http.Response, error) {
		return respond(r, 200, body, headers...), nil
	})
	answers, err := c.Do(t.Context(), []Request{
		{Op: ReadPhones, User: "a"},
		{Op: Create, User: "b", Kind: authmethod.Mobile, Value: authmethod.ValueOf("+44 7700900123")},
		{Op: Delete, User: "c", Kind: authmethod.Email},
	})
	if err != nil {
		t.Fatalf("%.100s: %v", body, err)
	}
	if len(answers) != 3 {
		t.Fatalf("%.100s: %d answers", body, len(answers))
	}
	for i, a := range answers {
		if (a.Err == nil) != (a.Status/100 == 2) {
			t.Errorf("%.100s: answer %d has status %d and error %v", body, i, a.Status, a.Err)
		}
	}
	return answers
}

func statuses(answers []Answer) string {
	var s []string
	for _, a := range answers {
		s = append(s, fmt.Sprint(a.Status))
	}
	return strings.Join(s, " ")
}

func TestOddAnswers(t *testing.T) {
	const (
		read   = `{"id":"0","status":200,"headers":{"request-id":"r0"},"body":{"value":[{"phoneType":"mobile","phoneNumber":"+44 7700900123"}]}}`
		create = `{"id":"1","status":201,"body":{"phoneType":"mobile","phoneNumber":"+44 7700 900123"}}`
		remove = `{"id":"2","status":204}`
	)
	for _, test := range []struct{ name, body, want string }{
		{"in order", `{"responses":[` + read + `,` + create + `,` + remove + `]}`, "200 201 204"},
		{"shuffled", `{"responses":[` + remove + `,` + read + `,` + create + `]}`, "200 201 204"},
		{"more beside it", `{"@odata.context":{"x":[1]},"responses":[` + read + `],"z":null}`, "200 0 0"},
		{"one missing", `{"responses":[` + remove + `,` + read + `]}`, "200 0 204"},
		{"none", emptyBatch, "0 0 0"},
		{"null", `{"responses":null}`, "0 0 0"},
		{"an object", `{"responses":{}}`, "0 0 0"},
		{"a list", `[` + read + `]`, "0 0 0"},
		{"nothing", ``, "0 0 0"},
		{"broken off between", `{"responses":[` + read + `,` + create + `,`, "200 201 0"},
		{"broken off within", `{"responses":[` + read + `,` + create[:40], "200 0 0"},
		{"strangers", `{"responses":[{"id":"3","status":200},{"id":"-1","status":200},{"id":"00","status":200},{"status":200},7,null,"x",` + remove + `]}`, "0 0 204"},
		{"a number as id", `{"responses":[{"id":2,"status":204}]}`, "0 0 204"},
		{"twice", `{"responses":[` + remove + `,{"id":"2","status":404}]}`, "0 0 0"},
		{"three times", `{"responses":[` + remove + `,` + remove + `,` + remove + `]}`, "0 0 0"},
		{"no status", `{"responses":[{"id":"1"},{"id":"2","status":null},{"id":"0","status":"abc"}]}`, "0 0 0"},
		{"status as text", `{"responses":[{"id":"2","status":"204"}]}`, "0 0 204"},
		{"odd status", `{"responses":[{"id":"0","status":-200},{"id":"1","status":1e9},{"id":"2","status":204.5}]}`, "0 0 0"},
		{"other cases", `{"Responses":[{"ID":"2","Status":204,"Headers":{"REQUEST-ID":"x"}}]}`, "0 0 204"},
		{"odd headers", `{"responses":[{"id":"0","status":200,"headers":7},{"id":"1","status":201,"headers":[]},{"id":"2","status":204,"headers":null}]}`, "0 0 204"},
		{"a read without a body", `{"responses":[{"id":"0","status":200},{"id":"1","status":201}]}`, "0 201 0"},
		{"a read with another body", `{"responses":[{"id":"0","status":200,"body":"PGh0bWw+"}]}`, "0 0 0"},
		{"a read of no list", `{"responses":[{"id":"0","status":200,"body":{"value":null}}]}`, "0 0 0"},
		{"a read of odd phones", `{"responses":[{"id":"0","status":200,"body":{"value":[{"phoneNumber":{}}]}}]}`, "0 0 0"},
		{"an error without message", `{"responses":[{"id":"0","status":404,"body":{"error":{"code":"x"}}},{"id":"1","status":400,"body":{"error":null}},{"id":"2","status":500}]}`, "404 400 500"},
		{"an error as text", `{"responses":[{"id":"0","status":403,"body":{"error":"denied"}},{"id":"1","status":502,"body":"<html>"},{"id":"2","status":503,"body":{"error":{"code":7,"message":["a"]}}}]}`, "403 502 503"},
	} {
		if got := statuses(odd(t, test.body)); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// TestPageInPlaceOfAnAnswer: whoever signs a network in answers with success.
func TestPageInPlaceOfAnAnswer(t *testing.T) {
	for _, page := range []string{"<html><body>Sign in to the guest network</body></html>", "\ufeff\r\n <!DOCTYPE html>", "<?xml?>"} {
		c := clientOf(t, func(r *http.Request) (*http.Response, error) { return respond(r, 200, page), nil })
		_, err := c.Do(t.Context(), readPhones)
		_, whole := c.Organization(t.Context())
		for _, err := range []error{err, whole} {
			if err == nil || IsSignIn(err) || refusal(err) != nil || Hint(err) != hintPage || !strings.HasSuffix(err.Error(), ": a web page answers in place of graph.microsoft.com") {
				t.Errorf("%q: %v, hint %q", page, err, Hint(err))
			}
		}
	}
}

func TestAnswerKeepsWhatTheTenantWrote(t *testing.T) {
	answers := odd(t, `{"responses":[
		{"id":"1","status":201,"headers":{"Request-Id":"r1"},"body":{"id":"x","phoneType":"mobile","phoneNumber":"+44 7700 900123"}},
		{"id":"0","status":200,"headers":{"request-id":"r0"},"body":{"value":[
			{"phoneType":"office","phoneNumber":"+44 20 7946 0123x9"},
			{"phoneType":"satellite","phoneNumber":"+44 7700900999"},
			{"phoneType":"mobile","phoneNumber":"+44 ********23"}]}}]}`, "request-id", "envelope")
	want := authmethod.Set{}
	want[authmethod.Office] = authmethod.ValueOf("+44 20 7946 0123x9")
	want[authmethod.Mobile] = authmethod.ValueOf("+44 ********23")
	if answers[0].Have != want || answers[0].RequestID != "r0" {
		t.Errorf("read %v, request %s", answers[0].Have, answers[0].RequestID)
	}
	if got := answers[1].Have[authmethod.Mobile].Reveal(); got != "+44 7700 900123" || answers[1].RequestID != "r1" {
		t.Errorf("stored something else, request %s", answers[1].RequestID)
	}
	if answers[2].Status != 0 || answers[2].RequestID != "envelope" || answers[2].Err.RequestID != "envelope" {
		t.Errorf("missing: %+v", answers[2])
	}
	if IsSignIn(answers[2].Err) {
		t.Error("a missing answer blamed on the sign-in")
	}
}

func TestItemRetryAfter(t *testing.T) {
	answers := odd(t, `{"responses":[
		{"id":"0","status":429,"headers":{"retry-AFTER":2.128},"body":{"error":{"code":"TooManyRequests","message":"slow"}}},
		{"id":"1","status":503,"headers":{"Retry-After":["7"]}},
		{"id":"2","status":429,"headers":{"Retry-After":{"x":1}}}]}`)
	for i, want := range []time.Duration{3 * time.Second, 7 * time.Second, 0} {
		a := answers[i]
		if a.RetryAfter != want || a.HasRetryAfter != (want > 0) || a.Err.RetryAfter != want || a.Err.HasRetryAfter != a.HasRetryAfter {
			t.Errorf("answer %d: %v %v, error %v", i, a.RetryAfter, a.HasRetryAfter, a.Err.RetryAfter)
		}
	}
}

// TestItemRetryAfterDate counts from the batch's date where the item has none.
func TestItemRetryAfterDate(t *testing.T) {
	c := clientOf(t, func(r *http.Request) (*http.Response, error) {
		return respond(r, 200, `{"responses":[{"id":"0","status":429,"headers":{"Retry-After":"Mon, 23 Nov 2026 10:01:00 GMT"}}]}`,
			"Date", "Mon, 23 Nov 2026 10:00:00 GMT"), nil
	})
	answers, err := c.Do(t.Context(), readPhones)
	if err != nil || answers[0].RetryAfter != time.Minute {
		t.Errorf("%+v, %v", answers, err)
	}
}

// TestAnswerPressure is an item's own or the batch's, whichever is higher.
func TestAnswerPressure(t *testing.T) {
	c := clientOf(t, func(r *http.Request) (*http.Response, error) {
		return respond(r, 200, `{"responses":[
			{"id":"0","status":204,"headers":{"X-MS-Throttle-Limit-Percentage":1.1}},
			{"id":"1","status":429,"headers":{"x-ms-throttle-limit-percentage":["1.4"]}},
			{"id":"2","status":204,"headers":{"x-ms-throttle-limit-percentage":"0.8"}},
			{"id":"3","status":204}]}`, throttleShare, "0.9"), nil
	})
	answers, err := c.Do(t.Context(), slices.Repeat([]Request{{Op: Delete, User: "u", Kind: authmethod.Mobile}}, 4))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{1.1, 1.4, 0.9, 0.9} {
		if answers[i].Pressure != want {
			t.Errorf("answer %d: %v, want %v", i, answers[i].Pressure, want)
		}
	}
}

func TestEnvelopeErrors(t *testing.T) {
	for _, test := range []struct {
		name    string
		status  int
		body    string
		headers []string
		want    Error
		text    string
		signIn  bool
	}{
		{
			"throttled until a date", 429, `{"error":{"code":"TooManyRequests","message":"slow down"}}`,
			[]string{"Retry-After", "Mon, 23 Nov 2026 10:00:30 GMT", "Date", "Mon, 23 Nov 2026 10:00:00 GMT", "request-id", "r1"},
			Error{Status: 429, Code: "TooManyRequests", Message: "slow down", RequestID: "r1", RetryAfter: 30 * time.Second, HasRetryAfter: true},
			"429 TooManyRequests: slow down (request r1)", false,
		},
		{
			"a proxy's page", 502, "<html><title>Bad gateway</title></html>", nil,
			Error{Status: 502, Message: "Bad Gateway, in a page that is not Microsoft Graph's", page: true},
			"502: Bad Gateway, in a page that is not Microsoft Graph's", false,
		},
		{
			"nothing said", 503, "", nil, Error{Status: 503}, "503: Service Unavailable", false,
		},
		{
			"no message", 403, `{"error":{"code":"Authorization_RequestDenied","innerError":{"request-id":"r2"}}}`, nil,
			Error{Status: 403, Code: "Authorization_RequestDenied", RequestID: "r2"},
			"403 Authorization_RequestDenied: Forbidden (request r2)", true,
		},
		{
			"terminal commands", 400, `{"error":{"code":"a\u001b[2Jb","message":"x\u001b]0;y\u0007 \r\n\u202ez","innerError":{"request-id":"\u0008"}}}`, nil,
			Error{Status: 400, Code: "a[2Jb", Message: "x]0;y z"}, "400 a[2Jb: x]0;y z", false,
		},
	} {
		c := clientOf(t, func(r *http.Request) (*http.Response, error) {
			return respond(r, test.status, test.body, test.headers...), nil
		})
		_, err := c.Do(t.Context(), readPhones)
		var got *Error
		if !errors.As(err, &got) {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if diff := cmp.Diff(test.want, *got, cmp.AllowUnexported(Error{})); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.name, diff)
		}
		if err.Error() != "sending a batch: "+test.text {
			t.Errorf("%s: %v", test.name, err)
		}
		if IsSignIn(err) != test.signIn || test.signIn && Hint(err) == "" {
			t.Errorf("%s: sign-in %v, hint %q", test.name, IsSignIn(err), Hint(err))
		}
	}
}

func TestCutAndHugeBodies(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"responses":[{"id":"0","status":200,"body":{"value":[]}},{"id":"1",`))
	})
	requests := []Request{{Op: ReadPhones, User: "a"}, {Op: Delete, User: "b"}}
	answers, err := c.Do(t.Context(), requests)
	if err != nil || statuses(answers) != "200 0" || !strings.Contains(answers[1].Err.Error(), "broke off") {
		t.Errorf("cut: %v, %v", answers, err)
	}
	c = serve(t, func(w http.ResponseWriter, r *http.Request) {
		padding := strings.Repeat(" ", maxBody)
		page := `{"value":[]` + padding + `}`
		if r.Method == http.MethodPost {
			page = `{"responses":[{"id":"1","status":204},` + padding + `{"id":"0","status":200,"body":{"value":[]}}]}`
		}
		_, _ = w.Write([]byte(page))
	})
	if answers, err := c.Do(t.Context(), requests); err != nil || statuses(answers) != "0 204" {
		t.Errorf("huge: %v, %v", answers, err)
	}
	if _, _, err := c.Users(t.Context(), "", Scope{}, Wanted{}); err == nil {
		t.Error("huge page of users: no error")
	}
}

func TestReads(t *testing.T) {
	all := authmethod.Kinds()
	for _, test := range []struct {
		cloud   Cloud
		kinds   []authmethod.Kind
		learned []int
		want    []Op
	}{
		{Global, nil, nil, nil},
		{Global, []authmethod.Kind{authmethod.Email}, nil, []Op{ReadEmails}},
		{Global, []authmethod.Kind{authmethod.Office, authmethod.Mobile}, nil, []Op{ReadPhones}},
		{Global, all[:], nil, []Op{ReadMethods}},
		{Global, all[:], []int{404, 429, 0}, []Op{ReadMethods}},
		{Global, all[:], []int{403}, []Op{ReadPhones, ReadEmails}},
		{Global, all[:], []int{200, 403}, []Op{ReadMethods}},
		{Global, all[:], []int{403, 200}, []Op{ReadMethods}},
		{China, all[:], nil, []Op{ReadPhones}},
		{China, []authmethod.Kind{authmethod.Email}, nil, nil},
	} {
		status := 0
		c := clientOf(t, func(r *http.Request) (*http.Response, error) {
			return respond(r, 200, fmt.Sprintf(`{"responses":[{"id":"0","status":%d,"body":{"value":[]}}]}`, status)), nil
		}, func(o *Options) { o.Cloud = test.cloud })
		for _, status = range test.learned {
			if _, err := c.Do(t.Context(), []Request{{Op: ReadMethods, User: "u"}}); err != nil {
				t.Fatal(err)
			}
		}
		if got := c.Reads(test.kinds); !cmp.Equal(got, test.want) {
			t.Errorf("%s %v after %v: %v, want %v", test.cloud, test.kinds, test.learned, got, test.want)
		}
	}
}

func TestIsWrite(t *testing.T) {
	for op := ReadMethods; op <= Find; op++ {
		if want := op == Create || op == Update || op == Delete; op.IsWrite() != want {
			t.Errorf("operation %d: %v", op, op.IsWrite())
		}
	}
}
