package report

import (
	"io"

	"authseed/importer/plan"
	"authseed/mapping"
	"authseed/mapping/authmethod"
)

// What a row of an export says of its values.
const (
	exportClear  = "clear"
	exportMasked = "masked"
)

// ExportCSV writes what people have registered, a row a person in authseed's own
// columns, which plan reads back, safe to open in a spreadsheet. Masked, each
// value is refused when it is planned.
func ExportCSV(w io.Writer, in *plan.Inventory, reveal bool) error {
	rows := make([]mapping.Exported, 0, len(in.People))
	for _, h := range in.People {
		value := func(kind authmethod.Kind) string { return cell(shown(h.Have[kind], reveal)) }
		row := mapping.Exported{
			Record: mapping.Record{
				UserPrincipalName: cell(h.User.UserPrincipalName),
				Mobile:            value(authmethod.Mobile), AlternateMobile: value(authmethod.AlternateMobile),
				Office: value(authmethod.Office), Email: value(authmethod.Email),
			},
			ID: cell(h.User.ID), DisplayName: cell(h.User.DisplayName), Export: exportMasked,
		}
		switch {
		case h.Unread != "":
			row.Export = cell(h.Unread)
		case reveal:
			row.Export = exportClear
		}
		rows = append(rows, row)
	}
	return encodeRows(w, rows)
}

// ExportJSON writes the same as one document: {format_version, tenant, scope,
// masked, asked, known, people: [{user, mobile, alternateMobile, office, email,
// unread}]}. A method that is not there is null; unread says why nobody knows.
func ExportJSON(w io.Writer, in *plan.Inventory, reveal bool) error {
	type person struct {
		User            plan.Person `json:"user"`
		Mobile          *string     `json:"mobile"`
		AlternateMobile *string     `json:"alternateMobile"`
		Office          *string     `json:"office"`
		Email           *string     `json:"email"`
		Unread          string      `json:"unread,omitempty"`
	}
	people := make([]person, 0, len(in.People))
	for _, h := range in.People {
		value := func(kind authmethod.Kind) *string {
			if h.Have[kind].IsZero() {
				return nil
			}
			text := shown(h.Have[kind], reveal)
			return &text
		}
		people = append(people, person{
			h.User, value(authmethod.Mobile), value(authmethod.AlternateMobile), value(authmethod.Office), value(authmethod.Email), h.Unread,
		})
	}
	return newJSON(w, reveal).write(struct {
		FormatVersion int            `json:"format_version"`
		Tenant        plan.Tenant    `json:"tenant"`
		Scope         plan.Scope     `json:"scope,omitzero"`
		Masked        bool           `json:"masked"`
		Asked         int            `json:"asked"`
		Known         plan.Knowledge `json:"known"`
		People        []person       `json:"people"`
	}{FormatVersion, in.Tenant, in.Scope, !reveal, in.Asked, in.Known, people})
}
