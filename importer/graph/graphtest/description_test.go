package graphtest_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// description is Microsoft's OpenAPI description of what authseed calls, made
// exact by the corrections below.
type description struct {
	doc    *openapi3.T
	router routers.Router
}

// The description is no part of the project; it lies beside the repository.
var descriptionFile = filepath.Join("..", "..", "..", "..", "shared", "data", "graph-openapi-subset.yaml")

var loadDescription = sync.OnceValues(func() (*description, error) {
	text, err := os.ReadFile(descriptionFile)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("reading the description: %w", err)
	}
	doc.Servers = nil // paths are given below the service root
	for _, c := range corrections {
		if err := c.make(doc); err != nil {
			return nil, fmt.Errorf("correcting the description, %s: %w", c.name, err)
		}
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("reading the description: %w", err)
	}
	return &description{doc, router}, nil
})

// described gives the description, or nil and one line where it is absent.
func described(t *testing.T) *description {
	t.Helper()
	d, err := loadDescription()
	if errors.Is(err, fs.ErrNotExist) {
		t.Log("not held against the OpenAPI description: shared/data/graph-openapi-subset.yaml is not beside the repository")
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// corrections are where the description is known to be wider or narrower than
// the service's reference pages. Each is about one thing; what none of them
// names is held to the letter. (That "@odata.type" is required, as the official
// description has it, this extract has left out already.)
var corrections = []struct {
	name string
	make func(*openapi3.T) error
}{
	// A success is "2XX" with the object, of an update and a removal too; the
	// pages give one status each, and 204 has no body. x-documented-status is
	// the page's; where the extract has none, the operation is a GET, and all
	// pages of those say 200.
	{"one status for a success", oneSuccess},

	// Schemas are open, so that a wrong name would pass, and split over allOf,
	// so that they cannot be closed as they are. An item of a list of methods is
	// what its @odata.type says.
	{"no other members", closeSchemas},

	// OData puts the context into the answer, of which no schema knows.
	{"@odata.context in an answer", contextInAnswers},

	// The authentication-method service repeats the message in innerError, and
	// its date has no zone.
	{"innerError as it is sent", innerErrors},

	// Every list claims $top, $filter and others. The page of phoneMethods says
	// that none is supported; of the other lists of methods nobody knows.
	{"no query for methods", noQueryForMethods},

	// The whole object is the body of a write. The pages name the members that
	// are needed, and the others are read-only.
	{"what a write says", writtenMembers},
}

const methodsPath = "/users/{user-id}/authentication/"

// documented visits what the description has and some page documents.
func documented(doc *openapi3.T, visit func(path, method string, o *openapi3.Operation) error) error {
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			if o.Extensions["x-undocumented-operation"] != nil {
				item.SetOperation(method, nil)
				continue
			}
			if err := visit(path, method, o); err != nil {
				return fmt.Errorf("%s %s: %w", method, path, err)
			}
		}
	}
	return nil
}

func oneSuccess(doc *openapi3.T) error {
	return documented(doc, func(_, method string, o *openapi3.Operation) error {
		status := http.StatusOK
		switch documented := o.Extensions["x-documented-status"].(type) {
		case nil:
			if method != http.MethodGet {
				return nil // nothing that authseed calls
			}
		case float64:
			status = int(documented)
		case int:
			status = documented
		case uint64:
			status = int(documented)
		default:
			return fmt.Errorf("x-documented-status is a %T", documented)
		}
		success := o.Responses.Value("2XX")
		if success == nil {
			success = o.Responses.Value(fmt.Sprint(status))
		}
		if success == nil {
			return errors.New("no success to correct")
		}
		o.Responses.Delete("2XX")
		if status == http.StatusNoContent {
			success = &openapi3.ResponseRef{Value: openapi3.NewResponse().WithDescription("no content")}
		}
		o.Responses.Set(fmt.Sprint(status), success)
		return nil
	})
}

// closeSchemas merges what a schema is made of and allows nothing else.
func closeSchemas(doc *openapi3.T) error {
	schemas := doc.Components.Schemas
	merged := map[string]*openapi3.Schema{}
	for name, ref := range schemas {
		if s := mergeParts(ref.Value); len(s.Properties) > 0 {
			merged[name] = s
		}
	}
	for name, s := range merged {
		own := ownDiscriminator(schemas[name].Value)
		target := schemas[name].Value
		target.AllOf, target.Properties, target.Required = nil, s.Properties, s.Required
		target.Type = &openapi3.Types{openapi3.TypeObject}
		target.AdditionalProperties = openapi3.BoolSchema{Has: new(false)}
		target.Discriminator = nil
		if own == nil || len(own.Mapping) == 0 {
			continue
		}
		// The base of several types: whatever comes is one of them.
		*target = openapi3.Schema{Discriminator: own}
		for _, kind := range slices.Sorted(maps.Keys(own.Mapping)) {
			ref := own.Mapping[kind].Ref
			of := schemas[strings.TrimPrefix(ref, "#/components/schemas/")]
			if of == nil {
				return fmt.Errorf("%s: no schema for %s", name, kind)
			}
			target.OneOf = append(target.OneOf, &openapi3.SchemaRef{Ref: ref, Value: of.Value})
		}
	}
	return nil
}

// mergeParts collects the members of a schema and of all it is made of.
func mergeParts(s *openapi3.Schema) *openapi3.Schema {
	all := &openapi3.Schema{Properties: openapi3.Schemas{}}
	for _, part := range s.AllOf {
		of := mergeParts(part.Value)
		maps.Copy(all.Properties, of.Properties)
		all.Required = append(all.Required, of.Required...)
	}
	maps.Copy(all.Properties, s.Properties)
	all.Required = append(all.Required, s.Required...)
	return all
}

// ownDiscriminator is the schema's, not that of one it is made of.
func ownDiscriminator(s *openapi3.Schema) *openapi3.Discriminator {
	for _, part := range s.AllOf {
		if part.Ref == "" && part.Value.Discriminator != nil {
			return part.Value.Discriminator
		}
	}
	return s.Discriminator
}

func contextInAnswers(doc *openapi3.T) error {
	return documented(doc, func(_, _ string, o *openapi3.Operation) error {
		for status, response := range o.Responses.Map() {
			media := response.Value.Content.Get("application/json")
			if status[0] != '2' || media == nil || len(media.Schema.Value.Properties) == 0 {
				continue
			}
			// A copy: the same schema describes requests.
			s := *media.Schema.Value
			s.Properties = maps.Clone(s.Properties)
			s.Properties["@odata.context"] = openapi3.NewStringSchema().NewRef()
			answer := *response.Value
			answer.Content = openapi3.NewContentWithJSONSchema(&s)
			o.Responses.Set(status, &openapi3.ResponseRef{Value: &answer})
		}
		return nil
	})
}

func innerErrors(doc *openapi3.T) error {
	inner := doc.Components.Schemas["microsoft.graph.ODataErrors.InnerError"]
	if inner == nil {
		return errors.New("the description has no InnerError")
	}
	inner.Value.Properties["message"] = openapi3.NewStringSchema().NewRef()
	inner.Value.Properties["date"] = openapi3.NewStringSchema().
		WithPattern(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?$`).NewRef()
	return nil
}

func noQueryForMethods(doc *openapi3.T) error {
	return documented(doc, func(path, _ string, o *openapi3.Operation) error {
		if strings.HasPrefix(path, methodsPath) {
			o.Parameters = slices.DeleteFunc(o.Parameters, func(p *openapi3.ParameterRef) bool {
				return p.Value.In == openapi3.ParameterInQuery
			})
		}
		return nil
	})
}

func writtenMembers(doc *openapi3.T) error {
	for name, needed := range map[string][]string{
		"microsoft.graph.phoneAuthenticationMethod": {"phoneNumber", "phoneType"},
		"microsoft.graph.emailAuthenticationMethod": {"emailAddress"},
	} {
		s := doc.Components.Schemas[name]
		if s == nil {
			return fmt.Errorf("the description has no %s", name)
		}
		for member, of := range s.Value.Properties {
			if member == "@odata.type" || slices.Contains(needed, member) {
				continue
			}
			readOnly := *of.Value
			readOnly.ReadOnly = true
			s.Value.Properties[member] = readOnly.NewRef()
		}
		s.Value.Required = needed
	}
	return nil
}
