package mapping

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"

	"authseed/mapping/authmethod"
	"authseed/mapping/charset"
)

// tidy takes null out, which Go's lists and pointers allow and a mapping file
// does not, and wants lists and blocks to hold something.
func tidy(s *jsonschema.Schema) {
	one := 1
	switch {
	case slices.Equal(s.Types, []string{"null", "array"}):
		s.Types, s.Type, s.MinItems = nil, "array", &one
	case slices.Equal(s.Types, []string{"null", "object"}):
		s.Types, s.Type = nil, "object"
	}
	for _, part := range s.Properties {
		tidy(part)
	}
	for _, part := range []*jsonschema.Schema{s.Items, s.AdditionalProperties} {
		if part != nil {
			tidy(part)
		}
	}
}

func encodingWords() []string {
	words := []string{auto}
	for _, e := range charset.All() {
		words = append(words, e.String())
	}
	return words
}

func anys(words []string) []any {
	list := make([]any, len(words))
	for i, word := range words {
		list[i] = word
	}
	return list
}

// Schema is the JSON Schema of the mapping file, for editors. It is made from
// the types of [File].
func Schema() ([]byte, error) {
	words := func(texts ...string) *jsonschema.Schema { return &jsonschema.Schema{Type: "string", Enum: anys(texts)} }
	s, err := jsonschema.For[File](&jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[authmethod.Attribute](): words(attributeWords()...),
		reflect.TypeFor[Policy]():               words(policyWords()...),
		reflect.TypeFor[Word]():                 {Types: []string{"string", "number", "boolean", "null"}},
	}})
	if err != nil {
		return nil, fmt.Errorf("describing the mapping file: %w", err)
	}
	tidy(s)
	s.Properties["version"].Const = jsonschema.Ptr(any(fileVersion))
	for name, words := range map[string][]string{"format": formatWords(), "encoding": encodingWords(), "delimiter": delimiterWords, "quote": quoteWords} {
		s.Properties["source"].Properties[name].Enum = anys(words)
	}
	s.Properties["country"].Properties["from"].Enum = anys([]string{usageLocation})
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.Title = "authseed mapping file"
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describing the mapping file: %w", err)
	}
	return append(text, '\n'), nil
}
