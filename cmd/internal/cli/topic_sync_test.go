package cli

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"

	"authseed/importer/schedule"
	"authseed/importer/telemetry"
)

// TestTopicSync: every key that the configuration can have is in the schema, which
// is made from its types, and in the topic.
func TestTopicSync(t *testing.T) {
	text, err := schedule.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	properties(schema, found)
	if len(found) < 60 {
		t.Errorf("the schema has %d keys", len(found))
	}
	for key := range found {
		if !regexp.MustCompile(`(^|[\s{])` + regexp.QuoteMeta(key) + `:`).MatchString(syncTopic) {
			t.Errorf("help nightly does not have the key %s", key)
		}
	}
}

func properties(schema any, found map[string]bool) {
	switch s := schema.(type) {
	case map[string]any:
		if of, ok := s["properties"].(map[string]any); ok {
			for key := range of {
				found[key] = true
			}
		}
		for _, part := range s {
			properties(part, found)
		}
	case []any:
		for _, part := range s {
			properties(part, found)
		}
	}
}

// TestNotificationWords: the words of the configuration are those that are told by.
func TestNotificationWords(t *testing.T) {
	text, err := schedule.Schema()
	if err != nil {
		t.Fatal(err)
	}
	type node struct {
		Properties map[string]node
		Items      *node
		Enum       []string
	}
	var schema node
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	n := schema.Properties["tenants"].Items.Properties["notifications"].Properties
	if want := []string{string(telemetry.JSON), string(telemetry.Teams)}; !slices.Equal(n["format"].Enum, want) {
		t.Errorf("formats %q, want %q", n["format"].Enum, want)
	}
	if want := []string{string(telemetry.Refusal), string(telemetry.Failure), string(telemetry.Success)}; !slices.Equal(n["on"].Items.Enum, want) {
		t.Errorf("events %q, want %q", n["on"].Items.Enum, want)
	}
}
