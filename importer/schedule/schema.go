package schedule

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"authseed/importer/plan"
)

// Schema is the JSON Schema of the configuration, for editors. It is made from
// the types that [Parse] reads into.
func Schema() ([]byte, error) {
	s, err := jsonschema.For[File](&jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[plan.Quota](): {Types: []string{"string", "integer"}, Pattern: `^[0-9]+$|^[0-9.]+ ?%$`},
		reflect.TypeFor[Percent]():    {Types: []string{"string", "number"}},
		reflect.TypeFor[Duration]():   {Type: "string"},
	}})
	if err != nil {
		return nil, fmt.Errorf("describing the configuration: %w", err)
	}
	withoutNull(s)
	choices(s.Properties["defaults"])
	choices(s.Properties["tenants"].Items)
	s.Properties["version"].Const = jsonschema.Ptr(any(fileVersion))
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.Title = "authseed sync configuration"
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describing the configuration: %w", err)
	}
	return append(text, '\n'), nil
}

// withoutNull takes null out, which Go's lists and pointers allow and the file
// does not.
func withoutNull(s *jsonschema.Schema) {
	s.Types = slices.DeleteFunc(s.Types, func(name string) bool { return name == "null" })
	if len(s.Types) == 1 {
		s.Type, s.Types = s.Types[0], nil
	}
	for _, part := range s.Properties {
		withoutNull(part)
	}
	if s.Items != nil {
		withoutNull(s.Items)
	}
}

// choices lists the words of keys that take one of a few.
func choices(job *jsonschema.Schema) {
	enum := func(s *jsonschema.Schema, words []string) {
		for _, word := range words {
			s.Enum = append(s.Enum, word)
		}
	}
	of := job.Properties
	enum(of["tenant"].Properties["cloud"], clouds)
	enum(of["tenant"].Properties["auth"], unattended)
	enum(of["include"].Items, includable())
	enum(of["reads"], reads)
	enum(of["notifications"].Properties["format"], formats)
	enum(of["notifications"].Properties["on"].Items, events)
	for _, rule := range of["policy"].Properties {
		enum(rule, rules())
	}
	of["allow"].Items.Pattern = "^(" + strings.Join(hazards(), "|") + ")(:.+)?$"
}
