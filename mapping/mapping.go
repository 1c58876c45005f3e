// Package mapping turns the rows of an HR export into entries: which person,
// and what is wished for each authentication method. A [Mapping] comes from a
// mapping file or is [Own], authseed's own column names.
//
// It promises: a row is never lost, it becomes an [Entry] with wishes, with
// problems or with the reason why it is left out; a value that cannot be read
// for certain is left out and said so; an empty cell asks nothing; an error in
// a mapping file names line and column. It never asks the tenant, never
// supplies a country that neither the row nor the mapping gives, and never puts
// the clear text of a cell into an error or a detail.
//
// The importer's use cases are its callers.
package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"authseed/mapping/authmethod"
	"authseed/mapping/phone"
	"authseed/mapping/table"
)

// Policy says which registered values a mapped method may touch.
type Policy string

// The policies. The zero Policy belongs to a method that is not mapped.
const (
	Fill    Policy = "fill"    // write only where nothing is registered
	Replace Policy = "replace" // also change what differs
	Owned   Policy = "own"     // also change what differs and authseed itself wrote
)

func policyWords() []string { return []string{string(Fill), string(Replace), string(Owned)} }

// Mapping says which columns hold what. It does not change after it was made
// and may be shared between goroutines.
//
// Every column it reads has a slot, its position in columns; keys, filters and
// methods name columns by slot, so that the rows of a file, the rows of the
// examples and authseed's own records all go through one [Mapping.entry].
type Mapping struct {
	name   string
	file   string // the mapping file's name, empty for Own
	digest string
	source table.Options

	columns    []column
	keys       []key
	filters    []filter
	country    homeRule
	department int // slot of the column a review is sorted by, or none
	methods    [authmethod.Count]method
	policy     [authmethod.Count]Policy
	examples   []example
}

// none is the slot of a column that is not mapped.
const none = -1

// column is a column the mapping reads, and where its file first names it.
type column struct {
	name string
	at   place
}

type key struct {
	attribute authmethod.Attribute
	slot      int
	domain    string // put behind a value without an @, or empty
}

type filter struct {
	slot int
	in   []string
}

// homeRule says where a row's country stands.
type homeRule struct {
	slot     int
	usage    bool   // where the row has none, it is the person's usageLocation
	lives    bool   // it is the person's usageLocation, else their country; see [OfDirectory]
	fallback string // as readCountry gives it, or empty
}

// method says where one method's values are. Each single slot may be none.
type method struct {
	slots      []int
	when       *filter // the rows that are about the method; nil: every row
	code, area int     // the other parts of a number that is split over columns
	extension  int
	separator  string // between several values in one cell, or empty
}

// split reports whether the parts of a number are in several columns.
func (m method) split() bool { return m.code != none || m.area != none }

var unmapped = method{code: none, area: none, extension: none}

// Name is the name the mapping file gives itself, or the file's own.
func (m *Mapping) Name() string { return m.name }

// Digest is the SHA-256 of the mapping file's bytes, in hexadecimal.
func (m *Mapping) Digest() string { return m.digest }

// Source is what the mapping file says of how its files are written.
func (m *Mapping) Source() table.Options { return m.source }

// Policy gives the policy of each method, indexed by kind; empty for a method
// that is not mapped.
func (m *Mapping) Policy() [authmethod.Count]Policy { return m.policy }

// Kinds lists the mapped methods in the order they are shown in.
func (m *Mapping) Kinds() []authmethod.Kind {
	var kinds []authmethod.Kind
	for _, kind := range authmethod.Kinds() {
		if m.methods[kind].slots != nil {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Record is a row in authseed's own columns. userPrincipalName and at least one
// column of a method must be in the header.
type Record struct {
	UserPrincipalName string `csv:"userPrincipalName"`
	Mobile            string `csv:"mobile,omitempty"`
	AlternateMobile   string `csv:"alternateMobile,omitempty"`
	Office            string `csv:"office,omitempty"`
	Email             string `csv:"email,omitempty"`
	Country           string `csv:"country,omitempty"`    // how national numbers are read; see country.Find
	Department        string `csv:"department,omitempty"` // for the review alone
}

// cells gives the record's cells in the order of ownColumns.
func (r Record) cells(slots []string) []string {
	return append(slots, r.UserPrincipalName, r.Mobile, r.AlternateMobile, r.Office, r.Email, r.Country, r.Department)
}

// Failure is a wish that was not carried out, as a row of a failure list. [Own]
// reads the [Record] in it again, and takes a file with both other columns for
// one that [table.EncodeGuarded] wrote.
type Failure struct {
	Record
	Reason    string `csv:"reason"`
	RequestID string `csv:"request_id"` // the service's name for the request
}

// Planned is a change of a plan as a row. [Own] reads the [Record] in it again,
// and takes a file with all its other columns for one that [table.EncodeGuarded]
// wrote. Where its values are masked, each is refused as what it is.
type Planned struct {
	Record
	Action   string `csv:"action"` // create, update or delete
	Method   string `csv:"method"`
	Before   string `csv:"before"`  // what is registered, empty for a create
	Known    string `csv:"known"`   // how that is known: read, or by the registration report
	Hazards  string `csv:"hazards"` // with a space between
	HeldBack bool   `csv:"held_back"`
	File     string `csv:"file"`
	Line     int    `csv:"line"` // physical line, from 1
	Note     string `csv:"note"`
	Remark   string `csv:"remark"`
}

// Ran is a change of a run as a row: what was planned, and what became of it.
type Ran struct {
	Planned
	Result    string `csv:"result"` // done, failed, stale, unknown or pending
	Status    string `csv:"status"` // of the answer, empty where none came
	Code      string `csv:"code"`
	Message   string `csv:"message"`
	RequestID string `csv:"request_id"`
}

// Exported is what somebody has registered as a row. [Own] reads the [Record] in
// it again, and takes a file with all its other columns for one that
// [table.EncodeGuarded] wrote. Where its values are masked, each is refused as
// what it is.
type Exported struct {
	Record
	ID          string `csv:"id"` // object id
	DisplayName string `csv:"displayName"`
	Export      string `csv:"export"` // "clear" or "masked", and why there are no values where they are not shown
}

// What authseed adds to its own columns where it writes them itself.
var (
	exportColumns  = []string{"id", "displayName", "export"}
	failureColumns = []string{"reason", "request_id"}
	plannedColumns = []string{"action", "method", "before", "known", "hazards", "held_back", "file", "line", "note", "remark"}
	ranColumns     = []string{"result", "status", "code", "message", "request_id"}
)

// written gives the columns of a header that say nothing to [Own] because
// authseed wrote them about its rows; none where it is somebody else's file.
func written(header []string) []string {
	has := func(columns []string) bool {
		return !slices.ContainsFunc(columns, func(name string) bool { return !slices.Contains(header, name) })
	}
	switch {
	case has(plannedColumns) && has(ranColumns):
		return slices.Concat(plannedColumns, ranColumns)
	case has(plannedColumns):
		return plannedColumns
	case has(failureColumns):
		return failureColumns
	case has(exportColumns):
		return exportColumns
	}
	return nil
}

var ownColumns = [...]string{"userPrincipalName", "mobile", "alternateMobile", "office", "email", "country", "department"}

// OwnColumns lists authseed's own columns.
func OwnColumns() []string { return ownColumns[:] }

// AsksPerson reports whether national numbers may have to wait for the person's
// usageLocation; see [Mapping.At].
func (m *Mapping) AsksPerson() bool { return m.country.usage }

// ownText is what the digest of [Own] covers. It changes with what Own means.
const ownText = "authseed columns, version 1: userPrincipalName; mobile, alternateMobile, office, email: fill; country; department; reason, request_id, action, method, before, hazards, held_back, file, line, note, remark, result, status, code, message, export, id, displayName: nothing\n"

// Own is the mapping of authseed's own columns; see [Record]. Its policy is
// fill for every method.
func Own() *Mapping {
	m := &Mapping{
		name:       "authseed columns",
		digest:     digest([]byte(ownText)),
		keys:       []key{{attribute: authmethod.UserPrincipalName}},
		country:    homeRule{slot: len(ownColumns) - 2},
		department: len(ownColumns) - 1,
	}
	for _, name := range ownColumns {
		m.columns = append(m.columns, column{name: name})
	}
	for i, kind := range authmethod.Kinds() {
		m.methods[kind] = unmapped
		m.methods[kind].slots = []int{i + 1}
		m.policy[kind] = Fill
	}
	return m
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// use is what the phone reader is told a number is for.
func use(kind authmethod.Kind) phone.Use {
	if kind == authmethod.Office {
		return phone.Office
	}
	return phone.Personal
}
