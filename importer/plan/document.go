package plan

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"authseed/mapping/authmethod"
)

// FormatVersion is the version of the plan document that [Encode] writes.
//
// The document is one JSON object:
//
//	format_version, tool_version, plan_id
//	created_at, valid_until    RFC 3339, UTC
//	tenant     {id, name, cloud}
//	source     {name, sha256, rows}
//	mapping    {name, sha256}
//	scope      {group {id, name}, filter, users, limit}: whom the plan was restricted to,
//	           without what was not given; absent where nobody was left out
//	undoes     the run a rollback undoes; absent in any other plan
//	requester  who made it, as they said; absent where nobody said
//	policy     a rule for each mapped method; allow: the hazards allowed by name;
//	           allow_for [{hazard, people: object ids}]: those allowed for some people
//	           only; limits: those that were set. The last two are absent when empty
//	unchanged  how many people have what is desired already, by method
//	summary    counts of rows, people, changes, hazards and skips
//	coverage   {before, after}, each {people, with_one, with_two}: of the people in
//	           scope, those with methods that reset a password; absent without people
//	known      {read, report, report_at}: of how many people in scope it was read what
//	           they have registered, and of how many only the tenant's registration
//	           report tells, made at report_at; absent without people
//	unchecked  the checks that could not be made, by the word of their hazard or skip;
//	           absent when empty
//	check_notes
//	           by the same words: why a check could not be made and which permission
//	           to grant for it, or how far it reaches that was made; absent when empty
//	changes[]  {id, user {id, userPrincipalName, displayName}, method, action,
//	           before, after (text or null), known, hazards[], held_back,
//	           origin {file, line}, note,
//	           reading {country, country_from, department where the row says one, remark}};
//	           known is how before is known: "read", or "report" of a create that the
//	           registration report calls one
//	skipped[]  {origin, user and method where known, reason, detail, known}; known as
//	           above, absent where the reason has nothing to do with what is registered
//	digest     hex SHA-256 over everything else in canonical form: members in the
//	           order of their names, no white space, texts escaped as little as JSON
//	           allows
//	masked     true in a view with masked values; not part of the digest
const FormatVersion = 1

// DocumentError says why a document is not a plan this version can use.
type DocumentError struct {
	What string
	Hint string
}

func (e *DocumentError) Error() string { return e.What }

// EditedError is the refusal of a plan that is no longer what was made: its
// contents do not give its digest.
type EditedError struct{ Want, Got string }

func (e *EditedError) Error() string {
	return fmt.Sprintf("the plan was changed after it was made: its contents have digest %.12s, it says %.12s", e.Got, e.Want)
}

// head is the document without its two long lists. The order of the fields is
// the order people read them in.
type head struct {
	FormatVersion int            `json:"format_version"`
	ToolVersion   string         `json:"tool_version"`
	PlanID        string         `json:"plan_id"`
	CreatedAt     time.Time      `json:"created_at"`
	ValidUntil    time.Time      `json:"valid_until"`
	Tenant        Tenant         `json:"tenant"`
	Source        Source         `json:"source"`
	Mapping       Mapping        `json:"mapping"`
	Scope         Scope          `json:"scope,omitzero"`
	Undoes        string         `json:"undoes,omitempty"`
	Requester     string         `json:"requester,omitempty"`
	Policy        policyDocument `json:"policy"`
	Unchanged     map[string]int `json:"unchanged"`
	Summary       Summary        `json:"summary"`
	Coverage      Coverage       `json:"coverage,omitzero"`
	Known         Knowledge      `json:"known,omitzero"`
	Unchecked     []string       `json:"unchecked,omitempty"`

	CheckNotes map[string]string `json:"check_notes,omitempty"`
}

type policyDocument struct {
	Mobile          Rule        `json:"mobile,omitempty"`
	AlternateMobile Rule        `json:"alternateMobile,omitempty"`
	Office          Rule        `json:"office,omitempty"`
	Email           Rule        `json:"email,omitempty"`
	Allow           []Hazard    `json:"allow"`
	AllowFor        []Allowance `json:"allow_for,omitempty"`
	Limits          Limits      `json:"limits,omitzero"`
}

// changeDocument has its fields in the order of their names, those of its parts
// too, so that encoding/json writes its canonical form by itself: the digest of
// a million changes should not take a minute.
type changeDocument struct {
	Action   Action          `json:"action"`
	After    *string         `json:"after"`
	Before   *string         `json:"before"`
	Hazards  []Hazard        `json:"hazards"`
	HeldBack bool            `json:"held_back"`
	ID       string          `json:"id"`
	Known    Known           `json:"known,omitempty"`
	Method   authmethod.Kind `json:"method"`
	Note     string          `json:"note"`
	Origin   Origin          `json:"origin"`
	Reading  Reading         `json:"reading"`
	User     Person          `json:"user"`
}

type skipDocument struct {
	Origin Origin            `json:"origin"`
	User   *Person           `json:"user,omitempty"`
	Method *authmethod.Kind  `json:"method,omitempty"`
	Reason authmethod.Reason `json:"reason"`
	Detail string            `json:"detail"`
	Known  Known             `json:"known,omitempty"`
}

func headOf(p *Plan) head {
	h := head{
		FormatVersion: FormatVersion, ToolVersion: p.ToolVersion, PlanID: p.ID,
		CreatedAt: p.CreatedAt, ValidUntil: p.ValidUntil,
		Tenant: p.Tenant, Source: p.Source, Mapping: p.Mapping, Scope: p.Scope, Undoes: p.Undoes, Requester: p.Requester,
		Policy: policyDocument{
			Mobile: p.Policy.Rules[authmethod.Mobile], AlternateMobile: p.Policy.Rules[authmethod.AlternateMobile],
			Office: p.Policy.Rules[authmethod.Office], Email: p.Policy.Rules[authmethod.Email],
			Allow: orEmpty(p.Policy.Allow), AllowFor: p.Policy.AllowFor, Limits: p.Policy.Limits,
		},
		Unchanged: map[string]int{}, Summary: p.Summary, Coverage: p.Coverage, Known: p.Known, Unchecked: p.Unchecked,
		CheckNotes: p.CheckNotes,
	}
	for _, kind := range authmethod.Kinds() {
		h.Unchanged[kind.String()] = p.Unchanged[kind]
	}
	return h
}

// show is how a document writes a value: clear where it is kept, masked where
// it is only looked at.
type show func(authmethod.Value) string

func (s show) text(v authmethod.Value) *string {
	if v.IsZero() {
		return nil
	}
	text := s(v)
	return &text
}

func changeOf(c Change, s show) changeDocument {
	return changeDocument{
		ID: c.ID, User: c.User, Method: c.Method, Action: c.Action,
		Before: s.text(c.Before), After: s.text(c.After), Known: c.Known,
		Hazards: orEmpty(c.Hazards), HeldBack: c.HeldBack, Origin: c.Origin, Reading: c.Reading, Note: c.Note,
	}
}

func skipOf(s Skip) skipDocument { return skipDocument(s) }

// orEmpty keeps null out of the document: a list is a list for its readers.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// MarshalJSON writes a skip as the document does. Its detail is masked already.
func (s Skip) MarshalJSON() ([]byte, error) { return marshal(skipOf(s)) }

// Encode writes the document whole, with the clear values an apply needs. The
// caller keeps it where only its owner can read it.
func Encode(w io.Writer, p *Plan) error { return encode(w, p, authmethod.Value.Reveal, false) }

// EncodeMasked writes the document to look at: values are masked and a member
// "masked" says so. Its digest is that of the whole document; [Decode] refuses
// it.
func EncodeMasked(w io.Writer, p *Plan) error { return encode(w, p, authmethod.Value.String, true) }

// encode writes one change a line, so that two plans can be compared by line
// and a plan of a million changes needs no copy of itself in memory.
func encode(w io.Writer, p *Plan, s show, masked bool) error {
	out := bufio.NewWriterSize(w, 1<<16)
	top, err := marshal(headOf(p))
	if err != nil {
		return fmt.Errorf("encoding plan: %w", err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, top, "", "  "); err != nil {
		return fmt.Errorf("encoding plan: %w", err)
	}
	_, _ = out.WriteString(strings.TrimSuffix(pretty.String(), "\n}"))
	if masked {
		_, _ = out.WriteString(",\n  \"masked\": true")
	}
	if err := lines(out, "changes", p.Changes, func(c Change) any { return changeOf(c, s) }); err != nil {
		return err
	}
	if err := lines(out, "skipped", p.Skipped, func(s Skip) any { return skipOf(s) }); err != nil {
		return err
	}
	fmt.Fprintf(out, ",\n  \"digest\": %q\n}\n", p.Digest)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing plan: %w", err)
	}
	return nil
}

func lines[T any](out *bufio.Writer, name string, list []T, document func(T) any) error {
	fmt.Fprintf(out, ",\n  %q: [", name)
	for i, item := range list {
		text, err := marshal(document(item))
		if err != nil {
			return fmt.Errorf("encoding plan: %w", err)
		}
		if i > 0 {
			_ = out.WriteByte(',')
		}
		_, _ = out.WriteString("\n    ")
		_, _ = out.Write(text)
	}
	if len(list) > 0 {
		_, _ = out.WriteString("\n  ")
	}
	return out.WriteByte(']')
}

// marshal is json.Marshal without the escapes meant for HTML pages.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// digest is the SHA-256 over the clear document without its digest, in
// canonical form: members in the order of their names, no white space, texts
// unescaped where JSON allows it.
func digest(p *Plan) string {
	sum := sha256.New()
	parts := headParts(headOf(p))
	list := func(name string, n int, item func(int) []byte) {
		parts[name] = func(h hash.Hash) {
			_, _ = h.Write([]byte{'['})
			for i := range n {
				if i > 0 {
					_, _ = h.Write([]byte{','})
				}
				_, _ = h.Write(item(i))
			}
			_, _ = h.Write([]byte{']'})
		}
	}
	list("changes", len(p.Changes), func(i int) []byte { return plain(changeOf(p.Changes[i], authmethod.Value.Reveal)) })
	list("skipped", len(p.Skipped), func(i int) []byte { return canonical(skipOf(p.Skipped[i])) })
	_, _ = sum.Write([]byte{'{'})
	for i, name := range slices.Sorted(maps.Keys(parts)) {
		if i > 0 {
			_, _ = sum.Write([]byte{','})
		}
		fmt.Fprintf(sum, "%q:", name)
		parts[name](sum)
	}
	_, _ = sum.Write([]byte{'}'})
	return hex.EncodeToString(sum.Sum(nil))
}

func headParts(h head) map[string]func(hash.Hash) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(plain(h), &raw); err != nil {
		panic("plan: what was encoded does not decode: " + err.Error())
	}
	out := make(map[string]func(hash.Hash), len(raw))
	for name, value := range raw {
		out[name] = func(h hash.Hash) { _, _ = h.Write(canonical(value)) }
	}
	return out
}

// canonical re-encodes through a map, which encoding/json writes in the order
// of the names.
func canonical(v any) []byte {
	var tree any
	d := json.NewDecoder(bytes.NewReader(plain(v)))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		panic("plan: what was encoded does not decode: " + err.Error())
	}
	return plain(tree)
}

// plain encodes what cannot fail to: texts, numbers and lists of them.
func plain(v any) []byte {
	text, err := marshal(v)
	if err != nil {
		panic("plan: a document of plain fields does not encode: " + err.Error())
	}
	return text
}
