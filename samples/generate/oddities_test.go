package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/nyaruka/phonenumbers"
)

var (
	scientificNotation = regexp.MustCompile(`^\d[.,]\d+E\+\d+$`)
	trunkBehindCode    = regexp.MustCompile(`^\+\d\d \(?0`)
	plainAddress       = regexp.MustCompile(`^[a-z0-9.-]+@[A-Za-z]+\.[a-z]+$`)
)

func isAddress(cell string) bool { return plainAddress.MatchString(cell) }

func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

// parse reads a cell in a country, nil where it is not a valid number there.
func parse(cell, country string) *phonenumbers.PhoneNumber {
	if country == "UK" {
		country = "GB"
	}
	n, err := phonenumbers.Parse(cell, country)
	if err != nil || !phonenumbers.IsValidNumberForRegion(n, country) {
		return nil
	}
	return n
}

func isMobile(n *phonenumbers.PhoneNumber) bool {
	kind := phonenumbers.GetNumberType(n)
	return kind == phonenumbers.MOBILE || kind == phonenumbers.FIXED_LINE_OR_MOBILE
}

// canonicalText turns E.164 of classify into the form authseed writes.
func canonicalText(e164 string) string {
	n, err := phonenumbers.Parse(e164, "ZZ")
	if err != nil {
		return ""
	}
	national := phonenumbers.GetNationalSignificantNumber(n)
	return strings.TrimSuffix(e164, national) + " " + national
}

// classify says what is odd about a cell for a mobile number, and its E.164
// where that can be read. An empty cell is ordinary.
func classify(cell, country string) (e164 string, kind oddity) {
	if n := parse(cell, country); n != nil {
		e164 = phonenumbers.Format(n, phonenumbers.E164)
		if !isMobile(n) {
			return e164, fixedLine
		}
	}
	digits := digitsOf(cell)
	switch {
	case cell == "":
		return "", ordinary
	case cell == "<clear>":
		return "", cleared
	case digits == "":
		return "", placeholder
	case scientificNotation.MatchString(cell):
		return "", scientific
	case strings.HasPrefix(cell, "'"):
		return e164, apostrophe
	case strings.HasPrefix(cell, "="):
		return e164, formula
	case strings.ContainsFunc(cell, unicode.IsLetter):
		return "", letters
	case len(digits) > 17:
		return "", twoNumbers
	case country == "" && !strings.HasPrefix(cell, "+"):
		return "", noCountry
	case len(digits) < 7:
		return "", tooShort
	case e164 == "":
		return "", fictional
	case trunkBehindCode.MatchString(cell):
		return e164, trunkZero
	case country == "DE" && !strings.HasPrefix(cell, "+") && digits[0] != '0':
		return e164, lostZero
	case strings.Contains(cell, "\u00a0"):
		return e164, noBreakSpaces
	case strings.TrimSpace(cell) != cell:
		return e164, outerSpaces
	}
	return e164, ordinary
}

// identity is what tells people apart: the work address, which everybody has.
func identity(r row) string { return r["Email - Primary Work"] }

// census finds everybody with each oddity in the files alone.
func census(t *testing.T, files map[string][]byte) map[oddity]map[string]bool {
	t.Helper()
	found := map[oddity]map[string]bool{}
	note := func(kind oddity, who string) {
		if found[kind] == nil {
			found[kind] = map[string]bool{}
		}
		found[kind][who] = true
	}
	byID, byName := map[string][]user{}, map[string]user{}
	for _, u := range readTenant(t, files["tenant.json"]).Users {
		byID[u.EmployeeID] = append(byID[u.EmployeeID], u)
		byName[u.UserPrincipalName] = u
	}
	seen, holders := map[string]row{}, map[string][]string{}
	for _, r := range readRows(t, files["workers.csv"]) {
		who := identity(r)
		if first, again := seen[who]; again {
			kind := conflicting
			if cmp.Equal(first, r) {
				kind = repeated
			}
			note(kind, who)
			continue
		}
		seen[who] = r
		for _, kind := range oddCells(r) {
			note(kind, who)
		}
		if e164, _ := classify(r["Personal Mobile"], r["Country"]); e164 != "" {
			holders[e164] = append(holders[e164], who)
		}
		matches := byID[r["Employee ID"]]
		if r["Employee ID"] == "" {
			matches = []user{byName[who]}
		}
		for _, kind := range oddMatches(r, matches) {
			note(kind, who)
		}
	}
	for _, people := range holders {
		if len(people) > 1 {
			for _, who := range people {
				note(shared, who)
			}
		}
	}
	found[ordinary] = maps.Collect(func(yield func(string, bool) bool) {
		for who := range seen {
			odd := slices.ContainsFunc(slices.Collect(maps.Values(found)), func(people map[string]bool) bool { return people[who] })
			if !odd && !yield(who, true) {
				return
			}
		}
	})
	return found
}

// oddCells lists what is odd about a row by itself.
func oddCells(r row) []oddity {
	var kinds []oddity
	_, kind := classify(r["Personal Mobile"], r["Country"])
	if _, home := classify(r["Home Phone"], r["Country"]); kind == tooShort && home == ordinary && r["Home Phone"] != "" {
		kind = homeInstead
	}
	if kind != ordinary {
		kinds = append(kinds, kind)
	}
	switch r["Status"] {
	case "Terminated":
		kinds = append(kinds, terminated)
	case "On Leave":
		kinds = append(kinds, onLeave)
	}
	switch email := r["Email - Primary Home"]; {
	case email == "<clear>":
		kinds = append(kinds, cleared)
	case strings.HasSuffix(email, "@contoso.example"):
		kinds = append(kinds, ownDomainEmail)
	case email != "" && !isAddress(email):
		kinds = append(kinds, brokenEmail)
	}
	if r["Personal Mobile"]+r["Home Phone"]+r["Work Phone"]+r["Email - Primary Home"] == "" {
		kinds = append(kinds, nothing)
	}
	if strings.Contains(r["Worker"], `"`) {
		kinds = append(kinds, quotes)
	}
	if strings.Contains(r["Location"], "\n") {
		kinds = append(kinds, lineBreak)
	}
	if r["Employee ID"] == "" {
		kinds = append(kinds, noEmployeeID)
	}
	return kinds
}

// oddMatches lists what is odd about the users a row in scope leads to.
func oddMatches(r row, matches []user) []oddity {
	switch {
	case r["Status"] == "Terminated":
		return nil
	case len(matches) == 0:
		return []oddity{notInTenant}
	case len(matches) > 1:
		return []oddity{twiceInTenant}
	case matches[0].UserType == "Guest":
		return []oddity{guest}
	case matches[0].AccountEnabled != nil:
		return []oddity{disabled}
	}
	return nil
}

func TestOdditiesAreAsManyAsTheTableSays(t *testing.T) {
	found := census(t, generated(t))
	want, got := map[string]int{}, map[string]int{}
	odd := 0
	for kind, o := range oddities {
		if oddity(kind) == ordinary {
			continue
		}
		odd += o.people
		want[o.meaning], got[o.meaning] = o.people, len(found[oddity(kind)])
	}
	// The ordinary add up only when nobody has two oddities.
	want["ordinary"], got["ordinary"] = headcount-odd, len(found[ordinary])
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("people by oddity (-table +files):\n%s", diff)
	}
}

func TestLeaversAreDisabledOrGone(t *testing.T) {
	files := generated(t)
	byID := map[string]user{}
	for _, u := range readTenant(t, files["tenant.json"]).Users {
		byID[u.EmployeeID] = u
	}
	gone := 0
	for _, r := range readRows(t, files["workers.csv"]) {
		if r["Status"] != "Terminated" {
			continue
		}
		if u, there := byID[r["Employee ID"]]; !there {
			gone++
		} else if u.AccountEnabled == nil {
			t.Errorf("row %s has left and is enabled", r["Employee ID"])
		}
	}
	if gone != leaversGone {
		t.Errorf("%d leavers are gone, want %d", gone, leaversGone)
	}
}

func TestClearedCellsHaveSomethingToClear(t *testing.T) {
	files := generated(t)
	registered := map[string]user{}
	for _, u := range readTenant(t, files["tenant.json"]).Users {
		registered[u.UserPrincipalName] = u
	}
	for _, r := range readRows(t, files["workers.csv"]) {
		u := registered[identity(r)]
		hasMobile := slices.ContainsFunc(u.PhoneMethods, func(m phoneMethod) bool { return m.PhoneType == "mobile" })
		if r["Personal Mobile"] == "<clear>" && !hasMobile || r["Email - Primary Home"] == "<clear>" && len(u.EmailMethods) == 0 {
			t.Errorf("row %s has nothing to clear", r["Employee ID"])
		}
	}
}

// TestNumbersAreValidAndDistinct checks every cell and every registered method:
// outside the oddities a number is valid in its country, a mobile is one, and
// no number is two people's.
func TestNumbersAreValidAndDistinct(t *testing.T) {
	files := generated(t)
	found := census(t, files)
	owners := map[string]string{}
	own := func(where, who, e164 string) {
		if other := owners[e164]; other != "" && other != who && !found[shared][who] {
			t.Errorf("%s of %s: somebody else has the number", where, who)
		}
		owners[e164] = who
	}
	for _, r := range readRows(t, files["workers.csv"]) {
		who := r["Employee ID"] + "/" + identity(r)
		for _, column := range []string{"Personal Mobile", "Home Phone", "Work Phone"} {
			if e164, _ := classify(r[column], r["Country"]); e164 != "" {
				own(column, identity(r), e164)
			} else if column != "Personal Mobile" && r[column] != "" {
				t.Errorf("%s of %s is not valid", column, who)
			}
		}
		if e164, kind := classify(r["Home Phone"], r["Country"]); r["Personal Mobile"] == "" && e164 != "" && kind != ordinary {
			t.Errorf("row %s has a home phone alone that is no mobile", who)
		}
	}
	for _, u := range readTenant(t, files["tenant.json"]).Users {
		for _, method := range u.PhoneMethods {
			text, _, _ := strings.Cut(method.PhoneNumber, "x")
			n := parse(text, u.UsageLocation)
			if n == nil || method.PhoneType != "office" && !isMobile(n) {
				if !found[fixedLine][u.UserPrincipalName] {
					t.Errorf("%s of user %s is not valid", method.PhoneType, u.ID)
				}
				continue
			}
			own(method.PhoneType, u.UserPrincipalName, phonenumbers.Format(n, phonenumbers.E164))
		}
	}
}
