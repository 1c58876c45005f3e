package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// decodedResponse is a response with the tags of its members' names.
type decodedResponse struct {
	ID, Status, Body json.RawMessage
	Headers          struct {
		RequestID     json.RawMessage `json:"request-id"`
		RetryAfter    json.RawMessage `json:"retry-after"`
		Date          json.RawMessage
		ThrottleShare json.RawMessage `json:"x-ms-throttle-limit-percentage"`
		Challenge     json.RawMessage `json:"www-authenticate"`
	}
}

// decodedResponses is eachResponse as the standard library reads.
func decodedResponses(body []byte, visit func(r response, wrong bool)) error {
	d := json.NewDecoder(bytes.NewReader(body))
	if err := expect(d, '{'); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		if text, ok := name.(string); !ok || !strings.EqualFold(text, "responses") {
			var skipped json.RawMessage
			if err := d.Decode(&skipped); err != nil {
				return err
			}
			continue
		}
		if err := expect(d, '['); err != nil {
			return err
		}
		for d.More() {
			var r decodedResponse
			err := d.Decode(&r)
			var wrong *json.UnmarshalTypeError // of one value: the decoder goes on behind it
			if err != nil && !errors.As(err, &wrong) {
				return err
			}
			visit(response{r.ID, r.Status, r.Body, responseHeaders(r.Headers)}, wrong != nil)
		}
		if err := expect(d, ']'); err != nil {
			return err
		}
	}
	return expect(d, '}')
}

func expect(d *json.Decoder, delimiter json.Delim) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	if token != delimiter {
		return errors.New("not the form of a batch's answer")
	}
	return nil
}

// FuzzWalk holds the walk to what the standard library reads of the same bytes,
// whole or broken off anywhere.
func FuzzWalk(f *testing.F) {
	const whole = ` {"@odata.context" : null, "Responses" : [ {"id":"0","status":200,"headers":{"Request-ID":"r","retry-after":1.5,"DATE":["d"],"x":{}},"body":{"value":[{"a":"]}\\\"{"}]}} ,
		{"i\u0064":1,"status":"201","headers":null}, null, 7, "x", [], {"id":3,"headers":[]}, {"id":4,"headers":{"x-ms-throttle-limit-percentage":"0.9","www-authenticate":"Bearer"},"headers":{"date":"e"}}, {"id":1,"id":2} ], "z":[1,{"a":[]}] } more`
	for n := range len(whole) + 1 {
		f.Add([]byte(whole[:n]))
	}
	for _, odd := range []string{
		`{"responses":null}`, `{"responses":[1,]}`, `{"responses":[,1]}`, `{"responses":[{"id":1}{"id":2}]}`, `{"responses":[{"id":1]}]}`,
		`{"responses":[{"id":01}]}`, `{"responses":[{"id":1,}]}`, `{"responses":[tru]}`, `{"responses":[1]]`, `{"a":1,}`, `{,"a":1}`, `{"a"}`, `{"a":}`,
		`{"\x":1}`, `{"responses":[1],"responses":[2]}`, `{"":1}`, `{7:1}`, `{"a":1 "responses":[1]}`, `[]`, `null`, `"`, `{"re\u017fponses":[1]}`,
	} {
		f.Add([]byte(odd))
	}
	type read struct {
		Response response
		Wrong    bool
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		// One without an id is nobody's answer.
		var want, got []read
		into := func(list *[]read) func(response, bool) {
			return func(r response, wrong bool) {
				if r.ID != nil {
					*list = append(*list, read{r, wrong})
				}
			}
		}
		wantErr := decodedResponses(body, into(&want))
		gotErr := eachResponse(body, into(&got))
		if diff := cmp.Diff(want, got); diff != "" || (wantErr == nil) != (gotErr == nil) {
			t.Errorf("%q: error %v, the standard library's %v (-standard +walk)\n%s", body, gotErr, wantErr, diff)
		}
	})
}
