package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"authseed/mapping/authmethod"
)

// Decode reads a document and refuses what it cannot vouch for: a text that is
// cut off or no plan, a masked view, a newer version ([DocumentError]) and
// contents that do not give the digest ([EditedError]).
func Decode(r io.Reader) (*Plan, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("reading plan: %w", err)
	}
	if err := vouch(text); err != nil {
		return nil, err
	}
	p, err := read(text)
	if err != nil {
		return nil, &DocumentError{"not a plan: " + strings.TrimPrefix(err.Error(), "json: "), planAgain}
	}
	if got := digest(p); got != p.Digest {
		return nil, &EditedError{Want: p.Digest, Got: got}
	}
	return p, nil
}

// read takes each change as it comes, so that a plan of a million is not in
// memory as a document too. What it does not know is an error.
func read(text []byte) (*Plan, error) {
	p := &Plan{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	rest := map[string]json.RawMessage{}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch name {
		case "changes":
			err = elements(d, &p.Changes, changeDocument.change)
		case "skipped":
			err = elements(d, &p.Skipped, skipDocument.skip)
		default:
			var value json.RawMessage
			err = d.Decode(&value)
			rest[fmt.Sprint(name)] = value
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "json: "))
		}
	}
	var top struct {
		head
		Digest string `json:"digest"`
	}
	d = json.NewDecoder(bytes.NewReader(plain(rest)))
	d.DisallowUnknownFields()
	if err := d.Decode(&top); err != nil {
		return nil, err
	}
	p.fill(top.head)
	p.Digest = top.Digest
	return p, nil
}

// elements reads a list into one that has to be empty: a member that is there
// twice is read as one thing by some and as another by others.
func elements[D, T any](d *json.Decoder, list *[]T, from func(D) (T, error)) error {
	if open, err := d.Token(); err != nil || open != json.Delim('[') || *list != nil {
		return errors.Join(errors.New("not one list"), err)
	}
	for d.More() {
		var document D
		if err := d.Decode(&document); err != nil {
			return err
		}
		item, err := from(document)
		if err != nil {
			return fmt.Errorf("number %d: %w", len(*list)+1, err)
		}
		*list = append(*list, item)
	}
	_, err := d.Token()
	return err
}

const planAgain = "make it again with authseed plan -o"

// vouch looks at the outside of a document before its contents are read, so
// that a newer document is called newer and not wrong.
func vouch(text []byte) error {
	var outside struct {
		FormatVersion *int `json:"format_version"`
		Masked        bool `json:"masked"`
	}
	var syntax *json.SyntaxError
	switch err := json.Unmarshal(text, &outside); {
	case len(bytes.TrimSpace(text)) == 0:
		return &DocumentError{"the plan is empty", planAgain}
	case errors.As(err, &syntax) && int(syntax.Offset) >= len(text) && text[0] == '{':
		return &DocumentError{fmt.Sprintf("the plan is cut off after %d bytes", len(text)), planAgain}
	case err != nil:
		return &DocumentError{"not a plan: " + err.Error(), planAgain}
	case outside.FormatVersion == nil:
		return &DocumentError{"not a plan: it has no format_version", planAgain}
	case *outside.FormatVersion != FormatVersion:
		return &DocumentError{
			fmt.Sprintf("the plan has format_version %d, this authseed reads %d", *outside.FormatVersion, FormatVersion),
			"use the authseed that made it, or plan again with this one",
		}
	case outside.Masked:
		return &DocumentError{"a masked view of a plan cannot be applied", "save the plan with authseed plan -o plan.json"}
	}
	return nil
}

// fill is what headOf takes.
func (p *Plan) fill(h head) {
	p.About = About{
		ToolVersion: h.ToolVersion, ID: h.PlanID, CreatedAt: h.CreatedAt, ValidUntil: h.ValidUntil,
		Tenant: h.Tenant, Source: h.Source, Mapping: h.Mapping, Scope: h.Scope, Undoes: h.Undoes, Requester: h.Requester,
	}
	p.Summary, p.Coverage, p.Known, p.Unchecked, p.CheckNotes = h.Summary, h.Coverage, h.Known, h.Unchecked, h.CheckNotes
	p.Policy = Policy{Allow: h.Policy.Allow, AllowFor: h.Policy.AllowFor, Limits: h.Policy.Limits, Rules: [authmethod.Count]Rule{
		authmethod.Mobile: h.Policy.Mobile, authmethod.AlternateMobile: h.Policy.AlternateMobile,
		authmethod.Office: h.Policy.Office, authmethod.Email: h.Policy.Email,
	}}
	for _, kind := range authmethod.Kinds() {
		p.Unchanged[kind] = h.Unchanged[kind.String()]
	}
}

func (s skipDocument) skip() (Skip, error) { return Skip(s), s.Known.check() }

// check refuses a word for how something is known that means nothing here. None
// is that of a plan of an earlier version, which read everything.
func (k Known) check() error {
	switch k {
	case "", ByRead, ByReport:
		return nil
	}
	return fmt.Errorf("known: %q is neither %s nor %s", string(k), ByRead, ByReport)
}

// change reads one change and refuses one that no Build would have made.
func (c changeDocument) change() (Change, error) {
	value := func(text *string) authmethod.Value {
		if text == nil {
			return authmethod.Value{}
		}
		return authmethod.ValueOf(*text)
	}
	out := Change{
		ID: c.ID, User: c.User, Method: c.Method, Action: c.Action, Before: value(c.Before), After: value(c.After), Known: c.Known,
		Hazards: c.Hazards, HeldBack: c.HeldBack, Origin: c.Origin, Reading: c.Reading, Note: c.Note,
	}
	hasBefore, hasAfter := !out.Before.IsZero(), !out.After.IsZero()
	if err := c.Known.check(); err != nil {
		return Change{}, err
	}
	switch {
	case c.User.ID == "":
		return Change{}, errors.New("no user id")
	case c.Known == ByReport && c.Action != Create:
		return Change{}, fmt.Errorf("%q of a value that was never read", c.Action)
	case c.Action == Create && !hasBefore && hasAfter,
		c.Action == Update && hasBefore && hasAfter,
		c.Action == Delete && hasBefore && !hasAfter:
		return out, nil
	}
	return Change{}, fmt.Errorf("%q does not go with its before and after", c.Action)
}
