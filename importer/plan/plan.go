// Package plan turns desired and current authentication methods into a Plan:
// the changes that would make the tenant what the file asks for, what is
// dangerous about each, what was left out and why.
//
// It promises that a plan is a value: [Build] depends on its input alone, the
// order of the input does not matter, and what [Encode] writes [Decode] reads
// back unchanged or refuses. It never does I/O beyond the reader or writer it
// is handed, never reads a clock and knows neither Graph nor the mapping file.
// A plan may be made by the importer and by tests; everything above floor 1 may
// read one.
package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"authseed/mapping/authmethod"
)

// Action is what a change does to one method.
type Action string

// The actions. An update is one PATCH: a working method is never taken away to
// put another in its place.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
)

// Hazard is the fixed word for what is dangerous about a change.
type Hazard string

// The hazards this version finds.
const (
	ReplacesRegistered Hazard = "replaces-registered"
	RemovesMethod      Hazard = "removes-method"
	PrivilegedUser     Hazard = "privileged-user"
	SharedNumber       Hazard = "shared-number"
	OwnDomainEmail     Hazard = "own-domain-email"
	NotAMobile         Hazard = "not-a-mobile"
	SignInClash        Hazard = "sign-in-clash"
)

// Hazards lists every hazard with its meaning, in the order they are shown in.
func Hazards() []HazardMeaning {
	return []HazardMeaning{
		{ReplacesRegistered, "overwrites a value that is registered today"},
		{RemovesMethod, "removes a registered method"},
		{PrivilegedUser, "the person holds a privileged role: whoever has the number may reset the password"},
		{SharedNumber, "one number or address for several people: each could reset the others"},
		{OwnDomainEmail, "an address of the tenant's own: nobody reads it while locked out"},
		{NotAMobile, "a fixed line as a mobile: no text message will arrive"},
		{SignInClash, "the number is another person's SMS sign-in name, or would be two people's"},
	}
}

// HazardMeaning is a hazard and what it means to a reader.
type HazardMeaning struct {
	Hazard  Hazard
	Meaning string
}

// Notes say what is good to know about a change and hold nothing back.
const (
	NotForReset             = "not-for-reset"
	ExtensionDroppedOnReset = "extension-dropped-on-reset"
	BecomesSignInName       = "becomes-sign-in-name"
	TwoGate                 = "two-gate"
	ReplacesOwn             = "replaces-own"
)

// Notes lists every note with its meaning.
func Notes() []NoteMeaning {
	return []NoteMeaning{
		{BecomesSignInName, "Graph makes the mobile a name to sign in with"},
		{NotForReset, "an alternate mobile does not reset passwords"},
		{ExtensionDroppedOnReset, "a password reset calls the number without its extension"},
		{TwoGate, "administrators need two methods to reset a password"},
		{ReplacesOwn, "authseed itself wrote the value that is replaced, and nobody has changed it since"},
	}
}

// NoteMeaning is a note and what it means to a reader.
type NoteMeaning struct{ Note, Meaning string }

// Rule is the policy of one method.
type Rule string

// The rules. A removal needs neither: it is asked for by name in the file.
const (
	Fill    Rule = "fill"    // writes only where nothing is registered
	Replace Rule = "replace" // also changes what differs
	Own     Rule = "own"     // also changes what differs and is what authseed itself wrote last
)

// Policy is what decided which changes are planned and which are held back.
type Policy struct {
	Rules    [authmethod.Count]Rule // empty for a method that is not mapped
	Allow    []Hazard               // hazards allowed by name
	AllowFor []Allowance            // hazards allowed for some people only
	Limits   Limits                 // those that were set
}

// Allowance is a hazard that is allowed for some people only. They are in the
// plan by id, so that it needs no other file to be judged by.
type Allowance struct {
	Hazard Hazard   `json:"hazard"`
	People []string `json:"people"` // object ids, in order, each once
}

// Tenant names the directory a plan is for.
type Tenant struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Cloud string `json:"cloud"`
}

// Source is the file a plan was made from, or [Directory], of which the hash is
// over what was read of its people.
type Source struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Rows   int    `json:"rows"`
}

// Mapping is the mapping file a plan was made with.
type Mapping struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Person is a user as documents and views show one. Its fields are in the order
// of their names in the document; see changeDocument.
type Person struct {
	DisplayName       string `json:"displayName"`
	ID                string `json:"id"`
	UserPrincipalName string `json:"userPrincipalName"`
}

// PersonOf takes what a plan shows of a user.
func PersonOf(u authmethod.User) Person {
	return Person{DisplayName: u.DisplayName, ID: u.ID, UserPrincipalName: u.UserPrincipalName}
}

// Origin is the row something came from. Line is the physical line, from 1.
type Origin struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

// Reading is how the row's cell became the value of a change: the country its
// number belongs to, how that was known, and what was undone or looks odd in it.
// Each is empty where there is nothing to say.
type Reading struct {
	Country     string                   `json:"country"` // ISO 3166 alpha-2
	CountryFrom authmethod.CountrySource `json:"country_from"`
	Department  string                   `json:"department,omitempty"` // as the row says it
	Remark      string                   `json:"remark"`
}

// Change is one write. Before is zero for a create, After for a delete.
type Change struct {
	ID            string // stable over re-planning: person, method, action
	User          Person
	Method        authmethod.Kind
	Action        Action
	Before, After authmethod.Value
	Known         Known // how Before is known
	Hazards       []Hazard
	HeldBack      bool // carries a hazard that was not allowed: shown, never applied
	Origin        Origin
	Reading       Reading
	Note          string // of Notes, a comma and a space between two
}

// changeID names a change by what it does to whom. 64 bits of a SHA-256 keep a
// million-person plan free of collisions and short enough to say aloud.
func changeID(user string, method authmethod.Kind, action Action) string {
	sum := sha256.Sum256([]byte(user + "\x00" + method.String() + "\x00" + string(action)))
	return hex.EncodeToString(sum[:8])
}

// Skip is something left out: a whole row, or one method of it.
type Skip struct {
	Origin Origin
	User   *Person          // where the person is known
	Method *authmethod.Kind // where it is one method's
	Reason authmethod.Reason
	Detail string
	Known  Known // how it is known what is registered, where the reason is about that
}

// Rows accounts for every row of the file: Read is the sum of the others.
type Rows struct {
	Read    int                       `json:"read"`
	Used    int                       `json:"used"`
	Merged  int                       `json:"merged"` // agree with a used row of the same person
	LeftOut map[authmethod.Reason]int `json:"left_out"`
}

// Unusable counts the rows that are left out for a fault of their own.
func (r Rows) Unusable() int {
	n := 0
	for reason, count := range r.LeftOut {
		if reason.Unusable() {
			n += count
		}
	}
	return n
}

// Remark is something to be said of usable values: what was undone in their
// cells, or looks odd in them.
type Remark struct {
	Method authmethod.Kind `json:"method"`
	Text   string          `json:"text"`
	Count  int             `json:"count"`
	Lines  []int           `json:"lines"` // the first few
}

// Intake is what a file says before any tenant is asked.
type Intake struct {
	Source  Source
	Mapping Mapping
	Rows    Rows
	Named   int                   // different people the rows name
	People  int                   // of them, those with a usable value
	Values  [authmethod.Count]int // usable values, removals included
	Skipped []Skip                // by line
	Remarks []Remark              // on usable values, the most frequent first
}

// Summary counts a plan. Creates, Updates and Deletes are pending changes;
// HeldBack counts the rest of the changes.
type Summary struct {
	Rows     Rows                      `json:"rows"`
	People   int                       `json:"people"` // with a pending change
	Creates  int                       `json:"creates"`
	Updates  int                       `json:"updates"`
	Deletes  int                       `json:"deletes"`
	HeldBack int                       `json:"held_back"`
	Hazards  map[Hazard]int            `json:"hazards"` // changes that carry it, allowed or not
	Skipped  map[authmethod.Reason]int `json:"skipped"` // entries of skipped
}

// Pending is the number of changes that an apply would write.
func (s Summary) Pending() int { return s.Creates + s.Updates + s.Deletes }

// About says by what a plan was made, when, from what and for whom. Times count
// in whole seconds.
type About struct {
	ToolVersion string
	ID          string
	CreatedAt   time.Time
	ValidUntil  time.Time
	Tenant      Tenant
	Source      Source
	Mapping     Mapping
	Scope       Scope  // whom it was restricted to; zero: nobody was left out
	Undoes      string // the run a rollback undoes; empty for any other plan
	Requester   string // who says to have made it, and so cannot approve it; may be empty
}

// Plan is a whole plan. Its digest covers everything else in it.
type Plan struct {
	About
	Policy    Policy
	Changes   []Change // by person, in the order they are written in
	Skipped   []Skip   // by line
	Unchanged [authmethod.Count]int
	Summary   Summary
	Coverage  Coverage
	Known     Knowledge
	Unchecked []string // checks that could not be made: a hazard or the reason of a skip
	// CheckNotes say of a check, by that word, why it could not be made and which
	// permission to grant for it, or how far it reaches that was made.
	CheckNotes map[string]string
	Digest     string // hex SHA-256
}

// Pending gives the changes that an apply would write, in order.
func (p *Plan) Pending() []Change {
	pending := make([]Change, 0, len(p.Changes))
	for _, c := range p.Changes {
		if !c.HeldBack {
			pending = append(pending, c)
		}
	}
	return pending
}

// Allows reports whether the hazard was allowed for the person when the plan was
// made, by name or by being one of some.
func (p Policy) Allows(h Hazard, user string) bool {
	return slices.Contains(p.Allow, h) || slices.ContainsFunc(p.AllowFor, func(a Allowance) bool {
		_, found := slices.BinarySearch(a.People, user)
		return a.Hazard == h && found
	})
}

// canonical puts the allowances in order, so that what was given in another
// order is the same plan.
func (p Policy) canonical() Policy {
	p.Allow = slices.Compact(slices.Sorted(slices.Values(p.Allow)))
	of := map[Hazard][]string{}
	for _, a := range p.AllowFor {
		of[a.Hazard] = append(of[a.Hazard], a.People...)
	}
	p.AllowFor = nil
	for _, h := range slices.Sorted(maps.Keys(of)) {
		slices.Sort(of[h])
		p.AllowFor = append(p.AllowFor, Allowance{h, orEmpty(slices.Compact(of[h]))})
	}
	return p
}
