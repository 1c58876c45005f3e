package samples_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"authseed/importer/graph/graphsim"
	"authseed/samples"
)

func TestNamesHasTheDefault(t *testing.T) {
	if names := samples.Names(); !slices.Contains(names, samples.Default) || !slices.IsSorted(names) {
		t.Errorf("Names() = %q, want sorted, with %q", names, samples.Default)
	}
}

func TestOpenUnknown(t *testing.T) {
	for _, name := range []string{"", ".", "fabrikam", "../samples/contoso", "contoso/"} {
		_, err := samples.Open(name)
		if err == nil || !strings.Contains(err.Error(), samples.Default) {
			t.Errorf("Open(%q): error %v, want one that names the scenarios there are", name, err)
		}
	}
}

func TestOpenGivesCopies(t *testing.T) {
	first, err := samples.Open(samples.Default)
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Clone(first.Workers)
	clear(first.Workers)
	second, err := samples.Open(samples.Default)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(second.Workers, want) {
		t.Error("what a caller did to a scenario shows in the next one")
	}
}

// TestSimulatorTakesTenants checks that saving a tenant that nobody changed
// changes nothing.
func TestSimulatorTakesTenants(t *testing.T) {
	for _, name := range samples.Names() {
		t.Run(name, func(t *testing.T) {
			s, err := samples.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			tenant, err := graphsim.Load(bytes.NewReader(s.Tenant))
			if err != nil {
				t.Fatal(err)
			}
			var saved bytes.Buffer
			if err := tenant.Save(&saved); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(saved.Bytes(), s.Tenant) {
				t.Error("the simulator saves other bytes than it loaded")
			}
			if len(s.Workers) == 0 || len(s.Mapping) == 0 {
				t.Error("no workers or no mapping")
			}
		})
	}
}

func TestNumbersAreDistinctAndEnd(t *testing.T) {
	seen := map[string]bool{}
	for i := range samples.Numbers {
		number, ok := samples.Number(i)
		if !ok || seen[number] {
			t.Fatalf("number %d is missing or twice", i)
		}
		seen[number] = true
	}
	for _, i := range []int{-1, samples.Numbers} {
		if number, ok := samples.Number(i); ok || number != "" {
			t.Errorf("there is a number %d", i)
		}
	}
}
