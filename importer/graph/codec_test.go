package graph

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"authseed/mapping/authmethod"
)

func TestRetryAfter(t *testing.T) {
	const date = "Mon, 23 Nov 2026 10:00:00 GMT"
	for _, test := range []struct {
		header string
		want   time.Duration
		has    bool
	}{
		{"10", 10 * time.Second, true},
		{" 10 ", 10 * time.Second, true},
		{"0", 0, true},
		{"0.9", time.Second, true},
		{"2.128", 3 * time.Second, true},
		{"Mon, 23 Nov 2026 10:01:00 GMT", time.Minute, true},
		{"Mon, 23 Nov 2026 09:00:00 GMT", 0, true},
		{"90000", 25 * time.Hour, true}, // more than a day is waited as well
		{"1e300", longestWait, true},
		{"Inf", longestWait, true},
		{"", 0, false},
		{"-1", 0, false},
		{"NaN", 0, false},
		{"soon", 0, false},
	} {
		if got, has := retryAfter(test.header, date); got != test.want || has != test.has {
			t.Errorf("%q: %v %v", test.header, got, has)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		in := time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat)
		if got, has := retryAfter(in, ""); !has || got != 90*time.Second {
			t.Errorf("without a date: %v %v", got, has)
		}
	})
}

func TestPressure(t *testing.T) {
	for header, want := range map[string]float64{
		"0.8": 0.8, " 1.25 ": 1.25, "1.8": 1.8, "1": 1,
		"": 0, "high": 0, "80": 0, "-1": 0, "NaN": 0, "Inf": 0,
	} {
		if got := pressure(header); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}

func TestReadMethodsTakesPhonesAndAddresses(t *testing.T) {
	set, err := decodeMethods(ReadMethods, json.RawMessage(`{"value":[
		{"@odata.type":"#microsoft.graph.passwordAuthenticationMethod","id":"28c10230-6103-485e-b985-444c60001490","password":null},
		{"@odata.type":"#microsoft.graph.emailAuthenticationMethod","emailAddress":"kim@example.com"},
		{"@odata.type":"#microsoft.graph.fido2AuthenticationMethod","phoneNumber":7},
		{"phoneType":"office","phoneNumber":"+44 2079460000"},
		{"@odata.type":"#microsoft.graph.phoneAuthenticationMethod","phoneType":"alternateMobile","phoneNumber":"+44 7700900123"},
		{"@odata.type":"#microsoft.graph.phoneAuthenticationMethod","phoneType":"email","phoneNumber":"+44 7700900124"}]}`))
	want := authmethod.Set{}
	want[authmethod.Email] = authmethod.ValueOf("kim@example.com")
	want[authmethod.AlternateMobile] = authmethod.ValueOf("+44 7700900123")
	if err != nil || set != want {
		t.Errorf("read %v, %v", set, err)
	}
}

func TestStoredIsOfTheKindAskedFor(t *testing.T) {
	if set := decodeStored(authmethod.Mobile, json.RawMessage(`{"phoneType":"office","phoneNumber":"+44 2079460000"}`)); set != (authmethod.Set{}) {
		t.Errorf("stored %v", set)
	}
	set := decodeStored(authmethod.Email, json.RawMessage(`{"emailAddress":"kim@example.com"}`))
	if set[authmethod.Email].Reveal() != "kim@example.com" {
		t.Errorf("stored %v", set)
	}
	if set := decodeStored(authmethod.Email, nil); set != (authmethod.Set{}) {
		t.Errorf("stored %v", set)
	}
}

// FuzzBatchAnswer holds the decoder to what the package promises of a
// stranger's bytes: no panic, one outcome for each request, printable errors.
func FuzzBatchAnswer(f *testing.F) {
	f.Add([]byte(`{"responses":[{"id":"0","status":200,"headers":{"Retry-After":"1"},"body":{"value":[{"phoneType":"mobile","phoneNumber":"+44 7700900123"}]}}]}`))
	f.Add([]byte(`{"responses":[{"id":1,"status":"201","headers":null,"body":{"emailAddress":"kim@example.com"}},{"id":"1"}]}`))
	f.Add([]byte(`{"responses":[{"id":"2","status":403,"body":{"error":{"code":"accessDenied","message":"for kim@example.com +447700900123","innerError":{"request-id":7}}}},`))
	f.Add([]byte(`{"responses":[{"id":"3","status":200,"body":{"value":[{"id":"x","accountEnabled":null}],"@odata.nextLink":"y"}}]}`))
	f.Add([]byte(`{"responses":[{"id":"2","status":403,"body":{"error":{"code":"accessDenied for robin@example.com +447700900124","innerError":{"request-id":"77009\u000000123"}}}}]}`))
	f.Add([]byte(`[[[[`))
	requests := []Request{
		{Op: ReadMethods, User: "a"},
		{Op: Create, User: "b", Kind: authmethod.Email, Value: authmethod.ValueOf("kim@example.com")},
		{Op: Update, User: "c", Kind: authmethod.Mobile, Value: authmethod.ValueOf("+44 7700900123")},
		{Op: Find, Keys: []authmethod.Key{{Attribute: authmethod.Mail, Value: "kim@example.com"}}},
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		answers, _ := (&Client{}).answers(requests, reply{status: 200, body: body})
		if len(answers) != len(requests) {
			t.Fatalf("%d answers", len(answers))
		}
		for i, a := range answers {
			if (a.Err == nil) != (a.Status/100 == 2) && requests[i].Op != Find {
				t.Errorf("answer %d: status %d, error %v", i, a.Status, a.Err)
			}
			if a.Status != 0 && (a.Status < 100 || a.Status > 599) {
				t.Errorf("answer %d: status %d", i, a.Status)
			}
			if a.RetryAfter < 0 || a.RetryAfter > longestWait || math.Mod(a.RetryAfter.Seconds(), 1) != 0 {
				t.Errorf("answer %d: retry after %v", i, a.RetryAfter)
			}
			if a.Err == nil {
				continue
			}
			text := fmt.Sprint(a.Err)
			if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) || len([]rune(text)) > 600 {
				t.Errorf("answer %d: %q", i, text)
			}
			// What a request said is known in any form, other people's values by
			// the way they are written.
			if said := strings.TrimPrefix(requests[i].Value.Reveal(), "+44 "); said != "" && strings.Contains(text, said) {
				t.Errorf("answer %d shows what was asked: %q", i, text)
			}
			if number := phonePattern.FindString(text); number != "" {
				t.Errorf("answer %d shows a number, %q: %q", i, number, text)
			}
			for _, address := range addressPattern.FindAllString(text, -1) {
				if !strings.Contains(address, "***") {
					t.Errorf("answer %d shows an address, %q: %q", i, address, text)
				}
			}
		}
	})
}
