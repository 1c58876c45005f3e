package graphsim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
)

// responses reads a batch's answer, by id.
func responses(t testing.TB, got result) map[string]map[string]any {
	t.Helper()
	if got.status != 200 {
		t.Fatalf("batch: %d %s", got.status, got.raw)
	}
	byID := map[string]map[string]any{}
	for _, v := range got.body["responses"].([]any) {
		item := v.(map[string]any)
		byID[item["id"].(string)] = item
	}
	return byID
}

func batch(items ...string) string { return `{"requests":[` + strings.Join(items, ",") + `]}` }

func get(id, url string) string {
	return fmt.Sprintf(`{"id":%q,"method":"GET","url":%q}`, id, url)
}

func post(id, url, body string, dependsOn ...string) string {
	after, _ := json.Marshal(dependsOn)
	return fmt.Sprintf(`{"id":%q,"method":"POST","url":%q,"headers":{"content-type":"application/json"},"body":%s,"dependsOn":%s}`, id, url, body, after)
}

func TestBatchRefuses(t *testing.T) {
	many := func(n int) string {
		var items []string
		for i := range n {
			items = append(items, get(fmt.Sprint(i), "/users/"+ada))
		}
		return batch(items...)
	}
	item := func(members string) string { return batch(`{"id":"1","method":"GET","url":"/users",` + members + `}`) }
	chain := func(dependencies ...string) string {
		var items []string
		for i, d := range dependencies {
			items = append(items, post(fmt.Sprint(i), emails(ada), `{}`, strings.Fields(d)...))
		}
		return batch(items...)
	}
	tests := []struct {
		name, body string
		status     int
		message    string
	}{
		{"twenty", many(20), 200, ""},
		{"twenty-one", many(21), 400, "holds 21 requests"},
		{"none", batch(), 400, "Invalid batch payload format."},
		{"no list", `{}`, 400, "Invalid batch payload format."},
		{"not JSON", `{"requests":[`, 400, "Invalid batch payload format."},
		{"list of words", `{"requests":["GET /users"]}`, 400, "Invalid batch payload format."},
		{"more behind it", many(1) + `{}`, 400, "Invalid batch payload format."},
		{"no id", batch(`{"method":"GET","url":"/users"}`), 400, "needs an id"},
		{"empty id", batch(`{"id":"","method":"GET","url":"/users"}`), 400, "needs an id"},
		{"numeric id", batch(`{"id":1,"method":"GET","url":"/users"}`), 400, "Invalid batch payload format."},
		{"same id", batch(get("a", "/users"), get("a", "/users")), 400, "Request Id a has to be unique in a batch."},
		{"same id in other letters", batch(get("a", "/users"), get("A", "/users")), 400, "Request Id A has to be unique in a batch."},
		{"no url", batch(`{"id":"1","method":"GET"}`), 400, "has no url"},
		{"absolute url", batch(get("1", root+"/users")), 400, "Invalid request URL"},
		{"url of another host", batch(get("1", "//graph.example/v1.0/users")), 400, "Invalid request URL"},
		{"url with slash", batch(get("1", "/users")), 200, ""},
		{"url without slash", batch(get("1", "users")), 200, ""},
		{"no method", batch(`{"id":"1","url":"/users"}`), 400, "invalid HTTP method"},
		{"method in small letters", batch(`{"id":"1","method":"get","url":"/users"}`), 400, "invalid HTTP method"},
		{"numeric header", item(`"headers":{"Retry-After":1}`), 400, "Invalid batch payload format."},
		{"headers in a list", item(`"headers":[]`), 400, "Invalid batch payload format."},
		{"null headers", item(`"headers":null`), 200, ""},
		{"body without type", item(`"body":{}`), 400, "no Content-Type header"},
		{"body with type", item(`"body":{},"headers":{"Content-Type":"application/json"}`), 200, ""},
		{"write without type", batch(`{"id":"7","method":"POST","url":"` + emails(ada) + `","body":{}}`), 400, "Write request id : 7 does not contain Content-Type header or body."},
		{"write without body", batch(`{"id":"7","method":"POST","url":"` + emails(ada) + `","headers":{"Content-Type":"application/json"}}`), 400, "Write request id : 7 does not contain Content-Type header or body."},
		{"atomicityGroup is ignored", item(`"atomicityGroup":"g"`), 200, ""},
		{"batch in a batch", batch(post("1", "/$batch", many(1))), 400, "batch within a batch"},
		{"batch in a batch, escaped", batch(post("1", "%24batch", many(1))), 400, "batch within a batch"},

		{"parallel", chain("", "", ""), 200, ""},
		{"sequential", chain("", "0", "1", "2"), 200, ""},
		{"one shared", chain("", "", "1", "1"), 200, ""},
		{"one shared, named twice", chain("", "0 0"), 200, ""},
		{"two chains", chain("", "", "0", "1"), 400, "fully sequential or fully parallel"},
		{"chain and a free one", chain("", "0", "1", ""), 400, "fully sequential or fully parallel"},
		{"two dependencies", chain("", "", "0 1"), 400, "fully sequential or fully parallel"},
		{"unknown dependency", chain("", "9"), 400, "Invalid dependency for request Id 1."},
		{"later dependency", chain("1", ""), 400, "Invalid dependency for request Id 0."},
		{"own dependency", chain("0"), 400, "Invalid dependency for request Id 0."},
	}
	s := newServer(t, graphsim.Options{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := send(t, s, "POST", "/$batch", test.body)
			code := ""
			if test.status != 200 {
				code = "BadRequest"
			}
			want(t, got, test.status, code)
			if message := errorField(got.body, "message"); !strings.Contains(message, test.message) {
				t.Errorf("message %q, want %q in it", message, test.message)
			}
		})
	}
	want(t, send(t, s, "GET", "/$batch", ""), 405, "BadRequest")
	want(t, send(t, s, "POST", "/$batch", many(1), "Content-Type: text/plain"), 415, "UnsupportedMediaType")
	want(t, send(t, s, "POST", "/$batch", many(1), "Content-Encoding: gzip"), 415, "UnsupportedMediaType")
	want(t, send(t, s, "POST", "/$batch", many(1), "Authorization:"), 401, "InvalidAuthenticationToken")
	want(t, send(t, s, "POST", "/$batch", batch(get("1", "/"+strings.Repeat("x", 4<<20)))), 413, "RequestEntityTooLarge")
}

func TestBatchItems(t *testing.T) {
	s := newServer(t, graphsim.Options{})
	got := send(t, s, "POST", "/$batch", batch(
		post("1", phones(ada), phoneJSON("mobile", "+44 7700900100")),
		`{"id":"Two","method":"GET","url":"users/`+ada+`?$select=id","headers":{"Client-Request-Id":"mine"}}`,
		`{"id":"3","method":"DELETE","url":"`+phones(bram)+"/"+officeID+`"}`,
		post("4", emails(bram), `{"emailAddress":"b@home.example"}`),
		get("5", "/me"),
		`{"id":"6","method":"PATCH","url":"`+emails(bram)+"/"+emailID+`","headers":{"Content-Type":"text/plain"},"body":{"emailAddress":"b@home.example"}}`,
		`{"id":"7","method":"PATCH","url":"`+emails(bram)+"/"+emailID+`","headers":{"Content-Type":"application/json","Content-Encoding":"gzip"},"body":{"emailAddress":"b@home.example"}}`,
		`{"id":"8","method":"PATCH","url":"`+emails(bram)+"/"+emailID+`","headers":{"Content-Type":"application/json"},"body":"eyJlbWFpbEFkZHJlc3MiOiJhQGIuYyJ9"}`,
		get("9", "/v1.0/users"),
		get("10", "/users/chiara_fabrikam.example#EXT#@contoso.example"),
		`{"id":"11","method":"GET","url":"/users?$count=true&$filter=onPremisesSamAccountName%20eq%20'alindt'","headers":{"consistencylevel":"eventual"}}`,
	), "client-request-id: whole")
	var order []string
	for _, v := range got.body["responses"].([]any) {
		order = append(order, v.(map[string]any)["id"].(string))
	}
	if diff := cmp.Diff([]string{"11", "10", "9", "8", "7", "6", "5", "4", "3", "Two", "1"}, order); diff != "" {
		t.Errorf("order:\n%s", diff)
	}
	items := responses(t, got)
	for id, expected := range map[string]struct {
		status int
		code   string
	}{
		"1": {201, ""}, "Two": {200, ""}, "3": {204, ""}, "4": {400, "badRequest"}, "5": {404, "ResourceNotFound"},
		"6": {415, "unsupportedMediaType"}, "7": {415, "unsupportedMediaType"}, "8": {400, "badRequest"},
		"9": {404, "ResourceNotFound"}, "10": {404, "Request_ResourceNotFound"}, "11": {200, ""},
	} {
		item := items[id]
		body, _ := item["body"].(map[string]any)
		if item["status"] != float64(expected.status) || errorField(body, "code") != expected.code {
			t.Errorf("item %s: %v", id, item)
		}
		headers := item["headers"].(map[string]any)
		client := "whole"
		if id == "Two" {
			client = "mine"
		}
		if headers["client-request-id"] != client || headers["request-id"] == "" || headers["request-id"] == got.header.Get("request-id") {
			t.Errorf("item %s: headers %v", id, headers)
		}
		if expected.code != "" {
			inner := body["error"].(map[string]any)["innerError"].(map[string]any)
			if inner["request-id"] != headers["request-id"] || inner["client-request-id"] != client {
				t.Errorf("item %s: inner error %v, headers %v", id, inner, headers)
			}
		}
	}
	if _, has := items["3"]["body"]; has {
		t.Error("a 204 has a body")
	}
	if body := items["1"]["body"].(map[string]any); body["phoneNumber"] != "+44 7700900100" {
		t.Errorf("created %v", body)
	}
}

func TestBatchDependencies(t *testing.T) {
	create := func(user string) []string {
		return []string{
			post("m", phones(user), phoneJSON("mobile", "+44 7700900100")),
			post("a", phones(user), phoneJSON("alternateMobile", "+44 7700900101"), "M"),
			post("o", phones(user), phoneJSON("office", "+44 2079460100"), "a"),
		}
	}
	for user, statuses := range map[string][3]float64{ada: {201, 201, 201}, bram: {400, 424, 424}, chiara: {400, 424, 424}} {
		asked := 0
		s := newServer(t, graphsim.Options{Fault: func(c graphsim.Call) *graphsim.Fault {
			if c.Batched {
				asked++
			}
			return nil
		}})
		items := responses(t, send(t, s, "POST", "/$batch", batch(create(user)...)))
		attempted := 0
		for i, id := range []string{"m", "a", "o"} {
			if items[id]["status"] != statuses[i] {
				t.Errorf("%s, item %s: %v", user, id, items[id])
			}
			if statuses[i] != http.StatusFailedDependency {
				attempted++
			}
		}
		if asked != attempted {
			t.Errorf("the lever was asked of %d items, %d were attempted", asked, attempted)
		}
	}
}

func FuzzBatch(f *testing.F) {
	f.Add(batch(get("1", "/users"), post("2", phones(ada), phoneJSON("mobile", "+44 7700900100"))))
	f.Add(batch(post("1", emails(bram), `{}`, "1")))
	f.Add(`{"requests":[{"id":"1","method":"DELETE","url":"/users/%/authentication//"},{"id":"2","method":"GET","url":"?"}]}`)
	f.Add(`{"requests":[null,{"id":"\ud800","method":"GET","url":"#","headers":{"a":null},"body":null,"dependsOn":[null]}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		s := newServer(t, graphsim.Options{})
		if body == "" {
			return
		}
		got := send(t, s, "POST", "/$batch", body)
		if got.status == 400 || got.status == 413 {
			return
		}
		var sent struct{ Requests []json.RawMessage }
		if err := json.Unmarshal([]byte(body), &sent); err != nil {
			t.Fatalf("answered %d to what is not JSON", got.status)
		}
		if n := len(got.body["responses"].([]any)); n != len(sent.Requests) {
			t.Fatalf("%d answers to %d requests", n, len(sent.Requests))
		}
	})
}
