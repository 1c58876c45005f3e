package importer_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/plan"
	"authseed/mapping"
	"authseed/mapping/authmethod"
)

// inboundMapping reads the sample file that Microsoft publishes for inbound
// provisioning.
const inboundMapping = `
version: 1
name: inbound sample
match: [{attribute: employeeId, column: WorkerID}]
country: {column: CountryCode}
methods:
  office: {columns: [OfficePhone]}
`

// inbound is the file, which lies beside the module and not in it.
func inbound(t *testing.T) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for !exists(t, filepath.Join(dir, "go.mod")) {
		if dir == filepath.Dir(dir) {
			t.Fatal("no module above the test")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", "data", "entra-inbound-1000.csv")
	if !exists(t, path) {
		t.Skip("../shared/data/entra-inbound-1000.csv is not beside the module")
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func exists(t *testing.T, path string) bool {
	t.Helper()
	_, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return err == nil
}

// workers is a tenant with everybody the file names.
func workers() *graphsim.Tenant {
	t := &graphsim.Tenant{ID: "c0ffee00-0000-4000-8000-000000000000", VerifiedDomains: []string{"contoso.example"}}
	for n := 1000; n < 2000; n++ {
		t.Users = append(t.Users, graphsim.User{
			ID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", n), UserPrincipalName: fmt.Sprintf("w%d@contoso.example", n), EmployeeID: fmt.Sprint(n),
		})
	}
	return t
}

// TestInboundFile reads a file of seven invented numbers that were dealt out
// without regard to countries, to 624 people of whom many have several rows.
// What is made of it is exactly what the rows say; nothing is guessed.
func TestInboundFile(t *testing.T) {
	content := inbound(t)
	read := func() importer.File {
		return importer.File{Name: "entra-inbound-1000.csv", Content: bytes.NewReader(content), Mapping: parse(t, inboundMapping)}
	}
	const account = "1000 read, 59 used, 1 merged, 242 conflicting-rows, 530 invalid-phone, 168 spreadsheet-damage"
	in, err := importer.Check(t.Context(), read(), importer.Notices{})
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, in.Rows)
	if got := rows(in.Rows); got != account || in.People != 59 || in.Values[authmethod.Office] != 59 {
		t.Errorf("checked: %s; %d people", got, in.People)
	}
	cells, ids := inboundCells(t, content)
	if len(cells) != 1000 || ids != 624 {
		t.Errorf("%d rows of %d people", len(cells), ids)
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: workers()})
		p := w.mustPlan(read())
		if got := rows(p.Summary.Rows); got != account {
			t.Errorf("planned: %s", got)
		}
		// Seven numbers for so many people: all of them are held back.
		if s := p.Summary; s.Pending() != 0 || s.HeldBack != 59 || s.Hazards[plan.SharedNumber] != 59 {
			t.Errorf("%+v", s)
		}
		codes := map[string]string{"US": "+1", "UK": "+44", "DE": "+49", "FR": "+33", "IN": "+91"}
		planned := map[string]int{}
		for _, c := range p.Changes {
			cell := cells[c.Origin.Line]
			if want := codes[cell.country] + strings.ReplaceAll(cell.phone, "-", ""); c.After.Folded() != want {
				t.Errorf("line %d: %s is not what the row says", c.Origin.Line, c.After)
			}
			planned[cell.country]++
		}
		if diff := cmp.Diff(map[string]int{"IN": 41, "UK": 11, "US": 7}, planned); diff != "" {
			t.Errorf("countries (-want +got)\n%s", diff)
		}
	})
}

// inboundCell is what a row says, read without the program's own reader.
type inboundCell struct{ country, phone string }

// inboundCells gives the cells by line, and the number of people.
func inboundCells(t *testing.T, content []byte) (cells map[int]inboundCell, people int) {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	id, country, phone := slices.Index(records[0], "WorkerID"), slices.Index(records[0], "CountryCode"), slices.Index(records[0], "OfficePhone")
	cells, ids := map[int]inboundCell{}, map[string]bool{}
	for i, record := range records[1:] {
		cells[i+2] = inboundCell{record[country], record[phone]}
		ids[record[id]] = true
	}
	return cells, len(ids)
}

// TestUnitedKingdom understands the file's UK, which is not the country's code.
func TestUnitedKingdom(t *testing.T) {
	entries, err := parse(t, inboundMapping).Open(strings.NewReader(
		"WorkerID,CountryCode,OfficePhone\n1000,UK,020 7946 0123\n1001,GB,020 7946 0123\n1002,XK9,020 7946 0123\n1003,,020 7946 0123\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []mapping.Entry
	for e := range entries.All() {
		got = append(got, e)
	}
	london := authmethod.ValueOf("+44 2079460123")
	if !got[0].Wishes[authmethod.Office].Value.Equal(london) || !got[1].Wishes[authmethod.Office].Value.Equal(london) {
		t.Errorf("UK: %v, GB: %v", got[0].Wishes, got[1].Wishes)
	}
	for _, e := range got[2:] {
		if !e.Wishes.IsZero() || e.Problems[0].Reason != authmethod.CountryUnknown {
			t.Errorf("line %d: %+v", e.Line, e)
		}
	}
}
