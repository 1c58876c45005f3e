package graphtest_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// exchange is a request and its answer: a round trip, or an item of a batch.
type exchange struct {
	method string
	url    string // below the service root, with the slash
	header http.Header
	body   []byte // nil for none

	status       int
	answerHeader http.Header
	answer       []byte

	followed bool // the address is a next link the service gave
}

// fault is something the description does not allow. Its text holds no value.
type fault struct {
	ours bool // of the request, not of the answer
	text string
}

func (f fault) String() string {
	if f.ours {
		return "request: " + f.text
	}
	return "answer: " + f.text
}

// check holds an exchange against the description. It gives the operation as the
// description names it, "GET /users/{user-id}", which is empty where there is
// none.
func (d *description) check(x exchange) (operation string, faults []fault) {
	request, err := http.NewRequest(x.method, x.url, bytes.NewReader(x.body))
	if err != nil {
		return "", []fault{{true, "no address that can be read"}}
	}
	request.Header = x.header
	route, params, err := d.router.FindRoute(request)
	if err != nil {
		return "", []fault{{true, "no such operation: " + x.method + " " + shapeOf(request.URL.Path)}}
	}
	operation = route.Method + " " + route.Path
	options := &openapi3filter.Options{
		AuthenticationFunc:                openapi3filter.NoopAuthenticationFunc,
		RejectWhenRequestBodyNotSpecified: true,
		SkipSettingDefaults:               true,
		MultiError:                        true,
		SchemaValidationOptions:           []openapi3.SchemaValidationOption{openapi3.DisableSchemaErrorDetails()},
	}
	input := &openapi3filter.RequestValidationInput{Request: request, PathParams: params, Route: route, Options: options}
	for _, text := range explain(openapi3filter.ValidateRequest(request.Context(), input)) {
		faults = append(faults, fault{true, text})
	}
	for _, name := range undeclared(request, route.Operation) {
		// What a next link holds is the service's own affair.
		if !x.followed {
			faults = append(faults, fault{true, "undocumented query parameter " + name})
		}
	}
	return operation, append(faults, d.checkAnswer(x, input)...)
}

func (d *description) checkAnswer(x exchange, input *openapi3filter.RequestValidationInput) []fault {
	documented := input.Route.Operation.Responses.Status(x.status)
	switch {
	case documented == nil: // of some redirections kin-openapi says nothing
		return []fault{{false, fmt.Sprintf("undocumented status %d", x.status)}}
	case len(documented.Value.Content) == 0 && len(x.answer) > 0:
		return []fault{{false, fmt.Sprintf("status %d: a body where none is documented", x.status)}}
	}
	var faults []fault
	for _, text := range explain(openapi3filter.ValidateResponse(input.Request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: x.status, Header: x.answerHeader, Options: input.Options,
		Body: io.NopCloser(bytes.NewReader(x.answer)),
	})) {
		faults = append(faults, fault{false, fmt.Sprintf("status %d: %s", x.status, text)})
	}
	return faults
}

// shapeOf is a path without whom it names.
func shapeOf(path string) string {
	parts := strings.Split(path, "/")
	if len(parts) > 2 && parts[1] == "users" {
		parts[2] = "{}"
	}
	return strings.Join(parts, "/")
}

// undeclared lists the query parameters that the operation does not have, of
// which kin-openapi says nothing, and those that are there twice.
func undeclared(r *http.Request, o *openapi3.Operation) []string {
	var names []string
	for name, values := range r.URL.Query() {
		if o.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil || len(values) > 1 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// explain tells what kin-openapi found, a line each. With the details off, only
// what it could not parse would be in its words.
func explain(err error) []string {
	if err == nil {
		return nil
	}
	if several, ok := err.(openapi3.MultiError); ok {
		var lines []string
		for _, one := range several {
			lines = append(lines, explain(one)...)
		}
		return lines
	}
	var unread *openapi3filter.ParseError
	if !errors.As(err, &unread) {
		return []string{strings.ReplaceAll(err.Error(), "\n", " ")}
	}
	var request *openapi3filter.RequestError
	if errors.As(err, &request) && request.Parameter != nil {
		return []string{fmt.Sprintf("parameter %q cannot be read", request.Parameter.Name)}
	}
	return []string{"body cannot be read"}
}
