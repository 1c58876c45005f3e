package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func generated(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestCommittedFilesAreGenerated(t *testing.T) {
	directory, err := generateDirectory()
	if err != nil {
		t.Fatal(err)
	}
	for scenario, files := range map[string]map[string][]byte{"contoso": generated(t), "directory": directory} {
		total := 0
		for name, want := range files {
			got, err := os.ReadFile(filepath.Join("..", scenario, name))
			if err != nil {
				t.Fatalf("%v: run go run ./samples/generate", err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("samples/%s/%s is not what the generator writes: run go run ./samples/generate", scenario, name)
			}
			total += len(want)
		}
		if total > 1<<20 {
			t.Errorf("the scenario %s has %d bytes, want at most 1 MB", scenario, total)
		}
	}
}

// row is a line of the report by column.
type row map[string]string

func readRows(t *testing.T, content []byte) []row {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	header := records[0]
	want := "Employee ID,Worker,Legal Name - First Name,Legal Name - Last Name,Worker Type,Status," +
		"Email - Primary Work,Email - Primary Home,Personal Mobile,Home Phone,Work Phone,Work Ext," +
		"Country,Location,Department,Hire Date"
	if diff := cmp.Diff(strings.Split(want, ","), header); diff != "" {
		t.Fatalf("header (-want +got):\n%s", diff)
	}
	var rows []row
	for _, record := range records[1:] {
		r := row{}
		for i, cell := range record {
			r[header[i]] = cell
		}
		rows = append(rows, r)
	}
	return rows
}

func readTenant(t *testing.T, content []byte) tenant {
	t.Helper()
	var document tenant
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&document); err != nil {
		t.Fatal(err)
	}
	return document
}

func TestPeopleWorkInManyCountries(t *testing.T) {
	countries := map[string]int{}
	for _, r := range readRows(t, generated(t)["workers.csv"]) {
		countries[r["Country"]]++
	}
	if len(countries) < 12 || countries["UK"] == 0 || countries["GB"] == 0 {
		t.Errorf("rows by country: %v, want 12 countries, and the United Kingdom by both names", countries)
	}
}

func TestTenantIsSound(t *testing.T) {
	document := readTenant(t, generated(t)["tenant.json"])
	ids, names := map[string]bool{document.ID: true}, map[string]bool{}
	registered := 0
	for i, u := range document.Users {
		if ids[u.ID] || names[strings.ToLower(u.UserPrincipalName)] || len(u.ID) != 36 {
			t.Errorf("user %d: id or name occurs twice, or the id is no GUID", i)
		}
		ids[u.ID], names[strings.ToLower(u.UserPrincipalName)] = true, true

		var types []string
		for _, method := range u.PhoneMethods {
			if slices.Contains(types, method.PhoneType) {
				t.Errorf("user %d has two phones of type %s", i, method.PhoneType)
			}
			types = append(types, method.PhoneType)
		}
		if slices.Contains(types, "alternateMobile") && !slices.Contains(types, "mobile") {
			t.Errorf("user %d has an alternate mobile and no mobile", i)
		}
		if len(u.EmailMethods) > 1 {
			t.Errorf("user %d has %d e-mail methods", i, len(u.EmailMethods))
		}
		if len(u.PhoneMethods)+len(u.EmailMethods) > 0 {
			registered++
		}
	}
	if share := 100 * registered / len(document.Users); share < 30 || share > 37 {
		t.Errorf("%d %% of the users have a method registered, want about a third", share)
	}
}

// TestTenantAgreesInPart checks that what is registered already is equal to
// the row, equal but written another way, or different, each of them often.
func TestTenantAgreesInPart(t *testing.T) {
	files := generated(t)
	registered := map[string]user{}
	for _, u := range readTenant(t, files["tenant.json"]).Users {
		registered[u.UserPrincipalName] = u
	}
	phones, emails := map[string]int{}, map[string]int{}
	for _, r := range readRows(t, files["workers.csv"]) {
		u := registered[r["Email - Primary Work"]]
		if want, kind := classify(r["Personal Mobile"], r["Country"]); kind == ordinary && want != "" {
			for _, method := range u.PhoneMethods {
				if method.PhoneType == "mobile" {
					phones[agreement(canonicalText(want), method.PhoneNumber, withoutSpaces)]++
				}
			}
		}
		if want := r["Email - Primary Home"]; isAddress(want) {
			for _, method := range u.EmailMethods {
				emails[agreement(lowerDomain(want), method.EmailAddress, strings.ToLower)]++
			}
		}
	}
	for _, way := range []string{"equal", "written another way", "different"} {
		if phones[way] < 20 || emails[way] < 20 {
			t.Errorf("%s: %d mobiles, %d addresses, want at least 20 of each", way, phones[way], emails[way])
		}
	}
}

func agreement(want, got string, fold func(string) string) string {
	switch {
	case want == got:
		return "equal"
	case fold(want) == fold(got):
		return "written another way"
	}
	return "different"
}

func withoutSpaces(s string) string { return strings.ReplaceAll(s, " ", "") }

func lowerDomain(address string) string {
	name, domain, _ := strings.Cut(address, "@")
	return name + "@" + strings.ToLower(domain)
}

func TestEveryDomainIsReserved(t *testing.T) {
	files := generated(t)
	var addresses []string
	for _, r := range readRows(t, files["workers.csv"]) {
		addresses = append(addresses, r["Email - Primary Work"])
		if isAddress(r["Email - Primary Home"]) {
			addresses = append(addresses, r["Email - Primary Home"])
		}
	}
	for _, u := range readTenant(t, files["tenant.json"]).Users {
		addresses = append(addresses, u.UserPrincipalName, u.Mail)
		for _, method := range u.EmailMethods {
			addresses = append(addresses, method.EmailAddress)
		}
	}
	for i, address := range addresses {
		name, domain, _ := strings.Cut(strings.ToLower(address), "@")
		ascii := strings.IndexFunc(name, func(r rune) bool { return r > 127 || r == ' ' }) < 0
		reserved := slices.Contains([]string{"example.com", "example.net", "example.org"}, domain) || strings.HasSuffix(domain, ".example")
		if !ascii || !reserved {
			t.Errorf("address %d is not plain ASCII at a reserved domain", i)
		}
	}
}
