package plan_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// known is a tenant about which everything is known and nothing special.
func known() plan.Facts {
	return plan.Facts{
		VerifiedDomains: []string{"contoso.example"}, SignedIn: "app", Privileged: map[string]string{},
		SMSSignIn: &plan.SMSSignIn{Names: map[string]string{}}, Forbidden: map[authmethod.Kind]plan.Ban{},
	}
}

func number(short string) string { return value(authmethod.Mobile, short).Folded() }

// TestFacts: each row is what one fact makes of a plan, for id0000 who is
// planned alone unless another person wants the same.
func TestFacts(t *testing.T) {
	for _, tc := range []struct {
		name, want, have  string
		other, othersHave string // of id0001; with othersHave nothing is changed for them
		fact              func(*plan.Facts)
		printed           []string
		notes             []string
	}{
		{name: "nothing special", want: "mobile=1 email=a", printed: []string{"create mobile 1", "create email a"}, notes: []string{"", ""}},
		{name: "privileged", want: "mobile=1 office=2", have: "office=2",
			fact:    func(f *plan.Facts) { f.Privileged["id0000"] = "Helpdesk Administrator" },
			printed: []string{"create mobile 1 !privileged-user held", "office unchanged"}, notes: []string{plan.TwoGate}},
		{name: "privileged, removing", want: "email=clear", have: "email=a",
			fact:    func(f *plan.Facts) { f.Privileged["id0000"] = "Helpdesk Administrator" },
			printed: []string{"delete email a !removes-method !privileged-user held"}, notes: []string{plan.TwoGate}},
		{name: "somebody else is privileged", want: "mobile=1",
			fact:    func(f *plan.Facts) { f.Privileged["id0001"] = "Helpdesk Administrator" },
			printed: []string{"create mobile 1"}, notes: []string{""}},
		{name: "own domain", want: "email=a office=1",
			fact:    func(f *plan.Facts) { f.VerifiedDomains = []string{"contoso.example", "Example.COM"} },
			printed: []string{"create office 1", "create email a !own-domain-email held"}, notes: []string{"", ""}},
		{name: "own domain, removing", want: "email=clear", have: "email=a",
			fact:    func(f *plan.Facts) { f.VerifiedDomains = []string{"example.com"} },
			printed: []string{"delete email a !removes-method held"}, notes: []string{""}},
		{name: "a domain below is another", want: "email=a",
			fact:    func(f *plan.Facts) { f.VerifiedDomains = []string{"com", "mail.example.com"} },
			printed: []string{"create email a"}, notes: []string{""}},
		{name: "in scope of SMS sign-in", want: "mobile=1 office=2 alternateMobile=3",
			fact:    func(f *plan.Facts) { f.SMSSignIn.InScope = map[string]bool{"id0000": true} },
			printed: []string{"create mobile 1", "create office 2", "create alternateMobile 3"}, notes: []string{plan.BecomesSignInName, "", plan.NotForReset}},
		{name: "everybody in scope", want: "mobile=1", fact: func(f *plan.Facts) { f.SMSSignIn.Everybody = true },
			printed: []string{"create mobile 1"}, notes: []string{plan.BecomesSignInName}},
		{name: "two notes", want: "office=1x2", fact: func(f *plan.Facts) { f.Privileged["id0000"] = "Helpdesk Administrator" },
			printed: []string{"create office 1x2 !privileged-user held"}, notes: []string{plan.ExtensionDroppedOnReset + ", " + plan.TwoGate}},
		{name: "another's sign-in name", want: "mobile=1 office=1", fact: func(f *plan.Facts) { f.SMSSignIn.Names[number("1")] = "id0007" },
			printed: []string{"create mobile 1 !sign-in-clash held", "create office 1"}, notes: []string{"", ""}},
		{name: "one's own sign-in name", want: "mobile=1", fact: func(f *plan.Facts) { f.SMSSignIn.Names[number("1")] = "id0000" },
			printed: []string{"create mobile 1"}, notes: []string{""}},
		{name: "twice a sign-in name", want: "mobile=1", other: "mobile=1", fact: func(f *plan.Facts) { f.SMSSignIn.Everybody = true },
			printed: []string{"create mobile 1 !shared-number !sign-in-clash held", "create mobile 1 !shared-number !sign-in-clash held"},
			notes:   []string{plan.BecomesSignInName, plan.BecomesSignInName}},
		{name: "once a sign-in name", want: "mobile=1", other: "mobile=1", fact: func(f *plan.Facts) { f.SMSSignIn.InScope = map[string]bool{"id0000": true} },
			printed: []string{"create mobile 1 !shared-number held", "create mobile 1 !shared-number held"},
			notes:   []string{plan.BecomesSignInName, ""}},
		{name: "twice a sign-in name, once for having it today", want: "mobile=1", other: "mobile=2", othersHave: "mobile=1",
			fact:    func(f *plan.Facts) { f.SMSSignIn.Everybody = true },
			printed: []string{"create mobile 1 !sign-in-clash held"}, notes: []string{plan.BecomesSignInName}},
		{name: "what somebody out of scope has today is no sign-in name", want: "mobile=1", other: "mobile=2", othersHave: "mobile=1",
			fact: func(f *plan.Facts) {
				f.SMSSignIn.Everybody, f.SMSSignIn.Excluded = true, map[string]bool{"id0001": true}
			},
			printed: []string{"create mobile 1"}, notes: []string{plan.BecomesSignInName}},
		{name: "excluded from SMS sign-in", want: "mobile=1", fact: func(f *plan.Facts) {
			f.SMSSignIn.Everybody, f.SMSSignIn.Excluded = true, map[string]bool{"id0000": true}
		}, printed: []string{"create mobile 1"}, notes: []string{""}},
		{name: "tenant's policy, for others", want: "mobile=1 office=2", fact: func(f *plan.Facts) {
			f.Forbidden[authmethod.Office] = plan.Ban{Why: "for others", Except: []plan.Audience{{In: map[string]bool{"id0001": true}}, {Everybody: true, Out: map[string]bool{"id0000": true}}}}
		}, printed: []string{"create mobile 1", "skip office tenant-policy"}, notes: []string{""}},
		{name: "tenant's policy, for some", want: "office=2", fact: func(f *plan.Facts) {
			f.Forbidden[authmethod.Office] = plan.Ban{Why: "for others", Except: []plan.Audience{{}, {In: map[string]bool{"id0000": true}}}}
		}, printed: []string{"create office 2"}, notes: []string{""}},
		{name: "tenant's policy, of an administrator", want: "office=2", fact: func(f *plan.Facts) {
			f.Forbidden[authmethod.Office] = plan.Ban{Why: "off"}
			f.Privileged["id0000"] = "Helpdesk Administrator"
		}, printed: []string{"create office 2 !privileged-user held"}, notes: []string{plan.TwoGate}},
		{name: "tenant's policy", want: "mobile=1 office=2", fact: func(f *plan.Facts) { f.Forbidden[authmethod.Office] = plan.Ban{Why: "office phones are off"} },
			printed: []string{"create mobile 1", "skip office tenant-policy"}, notes: []string{""}},
		{name: "tenant's policy and what is there", want: "office=2 email=clear", have: "office=2 email=a",
			fact: func(f *plan.Facts) {
				f.Forbidden[authmethod.Office], f.Forbidden[authmethod.Email] = plan.Ban{Why: "off"}, plan.Ban{Why: "off"}
			},
			printed: []string{"delete email a !removes-method held", "office unchanged"}, notes: []string{""}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := input(person(0, wishes(t, tc.want)))
			if tc.other != "" {
				in.Desired = append(in.Desired, person(1, wishes(t, tc.other)))
			}
			in.Current["id0000"] = set(t, tc.have)
			if tc.othersHave != "" {
				in.Current["id0001"] = set(t, tc.othersHave)
				tc.printed = append(tc.printed, "skip mobile kept-existing")
			}
			in.Facts = known()
			if tc.fact != nil {
				tc.fact(&in.Facts)
			}
			p := plan.Build(in)
			if diff := cmp.Diff(tc.printed, printed(p)); diff != "" {
				t.Error(diff)
			}
			var notes []string
			for _, c := range p.Changes {
				notes = append(notes, c.Note)
			}
			if diff := cmp.Diff(tc.notes, notes); diff != "" {
				t.Error(diff)
			}
			if len(p.Unchecked) > 0 {
				t.Errorf("unchecked %v", p.Unchecked)
			}
		})
	}
}

// TestUnchecked: what is not known is not "no".
func TestUnchecked(t *testing.T) {
	in := input(person(0, wishes(t, "mobile=1")))
	want := []string{"own-account", "own-domain-email", "privileged-user", "sign-in-clash", "tenant-policy"}
	if diff := cmp.Diff(want, plan.Build(in).Unchecked); diff != "" {
		t.Error(diff)
	}
	for check, forget := range map[string]func(*plan.Facts){
		"own-account":      func(f *plan.Facts) { f.SignedIn = "" },
		"own-domain-email": func(f *plan.Facts) { f.VerifiedDomains = nil },
		"privileged-user":  func(f *plan.Facts) { f.Privileged = nil },
		"sign-in-clash":    func(f *plan.Facts) { f.SMSSignIn = &plan.SMSSignIn{Everybody: true} },
		"tenant-policy":    func(f *plan.Facts) { f.Forbidden = nil },
	} {
		in.Facts = known()
		forget(&in.Facts)
		if diff := cmp.Diff([]string{check}, plan.Build(in).Unchecked); diff != "" {
			t.Error(diff)
		}
	}
}

func TestOutOfReach(t *testing.T) {
	facts := known()
	facts.Privileged["admin"] = "Global Administrator"
	facts.SignedIn = "ME"
	facts.Never = plan.Never{
		authmethod.Key{Attribute: authmethod.ID, Value: "Glass"}.Folded():                                     true,
		authmethod.Key{Attribute: authmethod.UserPrincipalName, Value: "Breakglass@contoso.example"}.Folded(): true,
	}
	for _, tc := range []struct {
		name    string
		user    authmethod.User
		facts   plan.Facts
		include authmethod.Reason
		want    authmethod.Reason
	}{
		{"never, by id", authmethod.User{ID: "glass"}, facts, authmethod.Privileged, authmethod.Privileged},
		{"never, by name", authmethod.User{ID: "x", UserPrincipalName: "breakglass@CONTOSO.example"}, facts, authmethod.Privileged, authmethod.Privileged},
		{"never goes before everything", authmethod.User{ID: "glass", UserType: "Guest", EnabledKnown: true, Restricted: true, Local: true}, facts, authmethod.Guest, authmethod.Privileged},
		{"restricted", authmethod.User{ID: "x", Restricted: true}, facts, "", authmethod.Restricted},
		{"restricted, nothing includes it", authmethod.User{ID: "admin", Restricted: true, UserType: "Guest"}, facts, authmethod.Restricted, authmethod.Restricted},
		{"local", authmethod.User{ID: "x", Local: true}, facts, authmethod.OutOfScope, authmethod.OutOfScope},
		{"local and restricted", authmethod.User{ID: "x", Local: true, Restricted: true}, facts, "", authmethod.OutOfScope},
		{"a guest who is an administrator and disabled", authmethod.User{ID: "admin", UserType: "Guest", EnabledKnown: true}, facts, "", authmethod.Guest},
		{"the same, guests included", authmethod.User{ID: "admin", UserType: "Guest", EnabledKnown: true}, facts, authmethod.Guest, authmethod.Disabled},
		{"a disabled administrator, included", authmethod.User{ID: "admin", EnabledKnown: true}, facts, authmethod.Disabled, authmethod.Privileged},
		{"anybody", authmethod.User{ID: "x"}, facts, "", ""},
		{"guest", authmethod.User{ID: "x", UserType: "Guest"}, facts, "", authmethod.Guest},
		{"guest, included", authmethod.User{ID: "x", UserType: "Guest"}, facts, authmethod.Guest, ""},
		{"guest, another included", authmethod.User{ID: "x", UserType: "Guest"}, facts, authmethod.Disabled, authmethod.Guest},
		{"disabled", authmethod.User{ID: "x", EnabledKnown: true}, facts, "", authmethod.Disabled},
		{"disabled, included", authmethod.User{ID: "x", EnabledKnown: true}, facts, authmethod.Disabled, ""},
		{"privileged", authmethod.User{ID: "admin"}, facts, "", authmethod.Privileged},
		{"privileged, included", authmethod.User{ID: "admin"}, facts, authmethod.Privileged, ""},
		{"privileged, nobody knows", authmethod.User{ID: "admin"}, plan.Facts{}, "", ""},
		{"signed in", authmethod.User{ID: "me"}, facts, "", authmethod.OwnAccount},
		{"signed in, nothing includes it", authmethod.User{ID: "me"}, facts, authmethod.OwnAccount, authmethod.OwnAccount},
		{"signed in, nobody knows", authmethod.User{}, plan.Facts{}, "", ""},
	} {
		reason, detail := plan.OutOfReach(tc.user, tc.facts, []authmethod.Reason{tc.include})
		if reason != tc.want || (detail == "") != (reason == "") {
			t.Errorf("%s: %q %q, want %q", tc.name, reason, detail, tc.want)
		}
	}
}

// TestCheckNotes: what is to be said of a check is in the document and its
// digest, and a plan owns its copy.
func TestCheckNotes(t *testing.T) {
	in := input(person(0, wishes(t, "mobile=1")))
	in.Facts = known()
	plain := plan.Build(in)
	if plain.CheckNotes != nil || bytes.Contains(encoded(t, plain), []byte("check_notes")) {
		t.Error("there is something to say of no check")
	}
	in.Facts.Notes = map[string]string{"privileged-user": "by the report", "sign-in-clash": "in part"}
	p := plan.Build(in)
	in.Facts.Notes["privileged-user"] = "changed"
	if p.Digest == plain.Digest || p.CheckNotes["privileged-user"] != "by the report" {
		t.Errorf("%v", p.CheckNotes)
	}
	text := encoded(t, p)
	back, err := plan.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p.CheckNotes, back.CheckNotes); diff != "" {
		t.Error(diff)
	}
	if _, err := plan.Decode(strings.NewReader(strings.Replace(string(text), "by the report", "by nobody", 1))); err == nil {
		t.Error("a note was changed unseen")
	}
}

// TestAllowedForSome: the hazard holds back everybody else.
func TestAllowedForSome(t *testing.T) {
	in := input(person(0, wishes(t, "mobile=1f")), person(1, wishes(t, "mobile=2f")), person(2, wishes(t, "email=a")), person(3, wishes(t, "email=a")))
	in.Policy.AllowFor = []plan.Allowance{
		{Hazard: plan.SharedNumber, People: []string{"id0003"}},
		{Hazard: plan.NotAMobile, People: []string{"id0001", "id0003", "id0001"}},
		{Hazard: plan.NotAMobile, People: []string{"id0002"}},
	}
	p := plan.Build(in)
	want := []string{
		"create mobile 1 !not-a-mobile held", "create mobile 2 !not-a-mobile",
		"create email a !shared-number held", "create email a !shared-number",
	}
	if diff := cmp.Diff(want, printed(p)); diff != "" {
		t.Error(diff)
	}
	allowed := []plan.Allowance{
		{Hazard: plan.NotAMobile, People: []string{"id0001", "id0002", "id0003"}},
		{Hazard: plan.SharedNumber, People: []string{"id0003"}},
	}
	if diff := cmp.Diff(allowed, p.Policy.AllowFor); diff != "" {
		t.Error(diff)
	}
	back, err := plan.Decode(bytes.NewReader(encoded(t, p)))
	if err != nil {
		t.Fatal(err)
	}
	if !back.Policy.Allows(plan.SharedNumber, "id0003") || back.Policy.Allows(plan.SharedNumber, "id0002") {
		t.Error("who is allowed what is not in the document")
	}
	edited := strings.Replace(string(encoded(t, p)), `"id0003"`, `"id0004"`, 1)
	if _, err := plan.Decode(strings.NewReader(edited)); err == nil {
		t.Error("somebody was allowed a hazard unseen")
	}
}

// TestEveryWordIsExplained keeps the lists whole: whoever adds a word gives it a
// meaning.
func TestEveryWordIsExplained(t *testing.T) {
	var hazards, notes []string
	for _, m := range plan.Hazards() {
		hazards = append(hazards, string(m.Hazard))
		if m.Meaning == "" {
			t.Errorf("%s has no meaning", m.Hazard)
		}
	}
	for _, m := range plan.Notes() {
		notes = append(notes, m.Note)
		if m.Meaning == "" {
			t.Errorf("%s has no meaning", m.Note)
		}
	}
	slices.Sort(hazards)
	slices.Sort(notes)
	if diff := cmp.Diff([]string{
		"not-a-mobile", "own-domain-email", "privileged-user", "removes-method", "replaces-registered", "shared-number", "sign-in-clash",
	}, hazards); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"becomes-sign-in-name", "extension-dropped-on-reset", "not-for-reset", "replaces-own", "two-gate"}, notes); diff != "" {
		t.Error(diff)
	}
}

func TestCoverage(t *testing.T) {
	in := input(
		person(0, wishes(t, "mobile=1 email=a")),  // none, then two
		person(1, wishes(t, "alternateMobile=2")), // stays at one: an alternate does not count
		person(2, wishes(t, "mobile=3f")),         // held back
		person(3, wishes(t, "email=clear")),       // two, then one
		person(4, wishes(t, "office=5")),          // unchanged
	)
	in.Current = map[string]authmethod.Set{
		"id0001": set(t, "mobile=9"), "id0003": set(t, "mobile=4 email=d"), "id0004": set(t, "office=5"),
		"id0099": set(t, "mobile=7"), // not in the file
	}
	in.Policy.Allow = []plan.Hazard{plan.RemovesMethod}
	want := plan.Coverage{
		Before: plan.Reach{People: 5, WithOne: 3, WithTwo: 1},
		After:  plan.Reach{People: 5, WithOne: 4, WithTwo: 1},
	}
	if diff := cmp.Diff(want, plan.Build(in).Coverage); diff != "" {
		t.Error(diff)
	}
}

// TestOlderDocument: what a plan of an earlier version does not say is not
// made up.
func TestOlderDocument(t *testing.T) {
	const older = `{"format_version":1,"tool_version":"test","plan_id":"plan","created_at":"2026-11-01T09:00:00Z","valid_until":"2026-11-04T09:00:00Z",` +
		`"tenant":{"id":"tenant","name":"Contoso","cloud":"global"},"source":{"name":"","sha256":"","rows":0},"mapping":{"name":"","sha256":""},` +
		`"policy":{"mobile":"fill","alternateMobile":"fill","office":"fill","email":"fill","allow":[]},` +
		`"unchanged":{"mobile":0,"alternateMobile":0,"office":0,"email":0},` +
		`"summary":{"rows":{"read":0,"used":0,"merged":0,"left_out":{}},"people":1,"creates":1,"updates":0,"deletes":0,"held_back":0,"hazards":{},"skipped":{}},` +
		`"changes":[{"action":"create","after":"+44 7700900001","before":null,"hazards":[],"held_back":false,"id":"3336b647e9acad6e","method":"mobile","note":"",` +
		`"origin":{"file":"hr.csv","line":2},"reading":{"country":"","country_from":"","remark":""},` +
		`"user":{"displayName":"Person","id":"id0000","userPrincipalName":"person0000@contoso.example"}}],"skipped":[],` +
		`"digest":"10918f5926594560f32556b35e39d545c175a883bc326ec3ebafe297e30ae892"}`
	p, err := plan.Decode(strings.NewReader(older))
	if err != nil {
		t.Fatal(err)
	}
	if p.Summary.Pending() != 1 || p.Coverage != (plan.Coverage{}) || p.Unchecked != nil || p.Policy.AllowFor != nil || p.Policy.Limits != (plan.Limits{}) {
		t.Errorf("%+v", p)
	}
}
