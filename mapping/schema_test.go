package mapping

import (
	"encoding/json"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/jsonschema-go/jsonschema"
)

// TestSchema holds the schema against what the parser takes and refuses.
func TestSchema(t *testing.T) {
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var schema jsonschema.Schema
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	whole := File{
		Version: 1, Name: "x", Source: &Source{Format: "hdl", Encoding: "gb18030", Delimiter: "tab", Quote: "double"},
		Match: []Match{{"proxyAddresses", "A", ""}}, Where: []Cells{{"B", []Word{"1"}}}, Country: &CountryOf{From: usageLocation},
		Methods: Methods{Office: &Method{Columns: []string{"C"}, Extension: "D"}}, Policy: &Policies{Office: Replace},
	}
	for _, test := range []struct {
		name, in string
		ok       bool
	}{
		{"the whole", string(whole.Text("")), true},
		{"workday", workday, true},
		{"least", least, true},
		{"numbers", least + "source: {header_row: 3, header_rows: auto}\nwhere: [{column: A, in: [1, true, x]}]\n", true},
		{"an unknown key", least + "contry: {}\n", false},
		{"a department", least + "department: {column: Department}\n", true},
		{"a department without a column", least + "department: {}\n", false},
		{"an unknown key inside", least + "country: {colum: A}\n", false},
		{"another version", "version: 2\nmatch: [{attribute: id, column: ID}]\nmethods: {mobile: {columns: [Phone]}}\n", false},
		{"no match", "version: 1\nmethods: {mobile: {columns: [Phone]}}\n", false},
		{"an empty list", "version: 1\nmatch: []\nmethods: {mobile: {columns: [Phone]}}\n", false},
		{"an unknown attribute", "version: 1\nmatch: [{attribute: name, column: ID}]\nmethods: {mobile: {columns: [Phone]}}\n", false},
		{"policy own", least + "policy: {mobile: own}\n", true},
		{"an unknown policy", least + "policy: {mobile: overwrite}\n", false},
		{"an unknown format", least + "source: {format: xls}\n", false},
		{"an unknown source of the country", least + "country: {from: here}\n", false},
		{"null", "version: 1\nmatch: [{attribute: id, column: ID}]\nmethods: null\n", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			var value any
			if err := yaml.Unmarshal([]byte(test.in), &value); err != nil {
				t.Fatal(err)
			}
			asJSON, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			var instance any
			if err := json.Unmarshal(asJSON, &instance); err != nil {
				t.Fatal(err)
			}
			if err := resolved.Validate(instance); (err == nil) != test.ok {
				t.Errorf("schema: %v", err)
			}
			if _, err := Parse("x.yaml", []byte(test.in)); (err == nil) != test.ok {
				t.Errorf("parser: %v", err)
			}
		})
	}
}
