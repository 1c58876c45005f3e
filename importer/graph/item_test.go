package graph

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/mapping/authmethod"
)

// FuzzItem holds an item to what the SDK builds for it, whoever the person and
// whatever the value. Each is written twice, so that the shape is used that the
// first one leaves.
func FuzzItem(f *testing.F) {
	person := "11111111-2222-3333-4444-555555555555"
	f.Add(person, "+44 7700900123", "0f0f0f0f-0000-4000-8000-000000000000")
	f.Add(person, "kim.o_neil-1+x@example.com", "")
	f.Add("mark-id", "mark-number", "mark-value")
	for b := range rune(0x80) {
		// Each byte in one word alone: a word that has to be escaped takes the
		// others with it.
		f.Add("a"+string(b)+"41", "+44 7700900123", "given")
		f.Add("kim", "o"+string(b)+"neil@example.com", "given")
		f.Add("kim", "kim@example.com", string(b))
	}
	f.Add(`o'neil_x.example#EXT#@contoso.example/?&"`, "\u00e9\u2028\xff", "\u00e9\xff")
	c := clientOf(f, nil)
	f.Fuzz(func(t *testing.T, user, value, id string) {
		for op := ReadMethods; op < Find; op++ {
			for _, kind := range authmethod.Kinds() {
				request := Request{ID: id, Op: op, User: user, Kind: kind, Value: authmethod.ValueOf(value)}
				if c.check(request) != nil {
					continue
				}
				built, err := c.call(t.Context(), "7", request)
				if err != nil {
					t.Fatal(err)
				}
				want, err := json.Marshal(built)
				if err != nil {
					t.Fatal(err)
				}
				for range 2 {
					got, err := c.appendItem(t.Context(), nil, "7", request)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(string(want), string(got)); diff != "" {
						t.Errorf("operation %d, %s (-SDK +written)\n%s", op, kind, diff)
					}
				}
			}
		}
	})
}
