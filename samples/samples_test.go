package samples_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"authseed/importer/graph/graphsim"
	"authseed/mapping"
	"authseed/mapping/authmethod"
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
			if (len(s.Workers) == 0) != (len(s.Mapping) == 0) || name == samples.Default && len(s.Workers) == 0 {
				t.Error("workers or a mapping, and not both")
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

// TestCrowd: every row is usable as it is, and no two rows share a number.
func TestCrowd(t *testing.T) {
	const rows = 2000
	var crowd, again bytes.Buffer
	if err := errors.Join(samples.Crowd(&crowd, rows), samples.Crowd(&again, rows)); err != nil || !bytes.Equal(crowd.Bytes(), again.Bytes()) {
		t.Fatalf("%v, or another crowd the second time", err)
	}
	read, err := mapping.Own().Open(&crowd)
	if err != nil {
		t.Fatal(err)
	}
	seen, n := map[string]bool{}, 0
	for e := range read.All() {
		n++
		if e.Skip != nil || e.Problems != nil {
			t.Fatalf("line %d: %+v %+v", e.Line, e.Skip, e.Problems)
		}
		for _, kind := range []authmethod.Kind{authmethod.Mobile, authmethod.Office, authmethod.Email} {
			value := e.Wishes[kind].Value.Reveal()
			if value == "" || seen[value] {
				t.Fatalf("line %d: %s is empty or another row's", e.Line, kind)
			}
			seen[value] = true
		}
	}
	if n != rows {
		t.Errorf("%d rows", n)
	}
	for _, rows := range []int{-1, samples.MostRows + 1} {
		if samples.Crowd(io.Discard, rows) == nil {
			t.Errorf("%d rows were written", rows)
		}
	}
}
