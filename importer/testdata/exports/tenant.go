package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"slices"
	"strings"
)

// What people 5 and 18 have registered and no HR system knows.
const otherMobile, alternateMobile = "+44 7400123199", "+82 1020000098"

// tenant writes the document the simulator loads.
func tenant(all []*person) []byte {
	type phone struct {
		PhoneType   string `json:"phoneType"`
		PhoneNumber string `json:"phoneNumber"`
	}
	type address struct {
		EmailAddress string `json:"emailAddress"`
	}
	type user struct {
		ID                          string    `json:"id"`
		UserPrincipalName           string    `json:"userPrincipalName"`
		DisplayName                 string    `json:"displayName"`
		Mail                        string    `json:"mail"`
		EmployeeID                  string    `json:"employeeId,omitempty"`
		OnPremisesSamAccountName    string    `json:"onPremisesSamAccountName"`
		OnPremisesUserPrincipalName string    `json:"onPremisesUserPrincipalName"`
		AccountEnabled              *bool     `json:"accountEnabled,omitempty"`
		UsageLocation               string    `json:"usageLocation"`
		PhoneMethods                []phone   `json:"phoneMethods,omitempty"`
		EmailMethods                []address `json:"emailMethods,omitempty"`
	}
	registered := map[int]func(p *person, u *user){
		1: func(p *person, u *user) { u.PhoneMethods = []phone{{"mobile", p.spaced(p.mobile)}} },
		5: func(p *person, u *user) { u.PhoneMethods = []phone{{"mobile", otherMobile}} },
		7: func(p *person, u *user) { u.EmailMethods = []address{{p.email}} },
		8: func(p *person, u *user) { u.AccountEnabled = new(bool) },
		18: func(p *person, u *user) {
			u.PhoneMethods = []phone{{"mobile", p.spaced(p.mobile)}, {"alternateMobile", alternateMobile}}
		},
	}
	var users []user
	add := func(p *person) {
		u := user{ID: p.objectID(), UserPrincipalName: p.upn(), DisplayName: p.name(), Mail: p.upn(), EmployeeID: p.id, OnPremisesSamAccountName: p.sam(),
			OnPremisesUserPrincipalName: p.login() + "@ad.contoso.example", UsageLocation: p.country}
		if register := registered[p.n]; register != nil {
			register(p, &u)
		}
		users = append(users, u)
	}
	for _, p := range all {
		if p.oddity != "not in the tenant" {
			add(p)
		}
	}
	add(&person{id: "001065", first: "Björn", last: "Ahlers", asciiFirst: "Bjoern", asciiLast: "Ahlers", country: "DE"})
	slices.SortFunc(users, func(a, b user) int { return strings.Compare(a.UserPrincipalName, b.UserPrincipalName) })
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	document := map[string]any{"id": "b5ac21a7-3c0b-4d5e-9f21-6d1a8b1c0e55", "displayName": "Contoso", "verifiedDomains": []string{"contoso.example"}, "users": users}
	if err := encoder.Encode(document); err != nil {
		log.Fatal(err)
	}
	return b.Bytes()
}

func readme(systems []export, all []*person) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# Sample exports\n\nThe same %d invented people as each system exports them, and `tenant.json`, the tenant they belong to.\n"+
		"Written by `go run ./importer/testdata/exports`, this page too. Where the headers come from, and what about\n"+
		"them is not verified, stands in `mapping/preset/presets`.\n\n"+
		"No output may ever show what no mapping uses: every password begins with `Zauber!`, every salary ends in `.77` or `,77`.\n\n"+
		"| system | file | format | encoding | delimiter | quote | header line | header rows | preset | what is odd |\n|---|---|---|---|---|---|--:|--:|---|---|\n", len(all))
	for _, e := range systems {
		format, delimiter, quote, rows, line := "csv", e.delimiter, e.quote, 1, 1+len(e.above)
		if e.body != nil {
			format, delimiter, line = "hdl", `\|`, 2
		}
		if quote == "" {
			quote = "none"
		}
		if e.labels != nil {
			rows = 2
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | `%s` | `%s` | %d | %d | `%s` | %s |\n", e.system, e.file, format, e.encoding, delimiter, quote, line, rows, e.preset, e.odd)
	}
	b.WriteString("\n## The people\n\n| person | employee id | country | what is odd |\n|--:|---|---|---|\n")
	for _, p := range all {
		if p.oddity != "" {
			fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", p.n, p.id, p.country, p.oddity)
		}
	}
	b.WriteString("\nPeople stand in this order in every file, person 3 twice. In the tenant people synchronized from Active Directory have another sign-in name there,\n" +
		"`@ad.contoso.example`. Two of the people are in no tenant, and one of the tenant's is in no file.\n")
	return []byte(b.String())
}
