package mapping

import (
	"fmt"
	"slices"
	"strings"

	"authseed/mapping/authmethod"
	"authseed/mapping/phone"
	"authseed/mapping/table"
)

// Directory reads the people of a tenant as rows: the properties of a user are
// the columns. It may be shared between goroutines.
//
// Password reset once took a number from mobilePhone and an address from
// otherMails; since October 2026 only registered methods count (Microsoft 365
// message center, MC1325414). This is the way from the one to the other.
type Directory struct {
	mapping *Mapping
	columns []directoryColumn // by slot
}

// directoryColumn is a property of a user that a mapping may name as a column.
type directoryColumn struct {
	name string // as Graph spells it
	one  func(authmethod.User) string
	many func(authmethod.User) []string // of a collection, instead
}

func (c directoryColumn) cell(u authmethod.User) string {
	if c.many != nil {
		return strings.Join(c.many(u), several)
	}
	return c.one(u)
}

// several stands between the values of a collection. No value has it inside.
const several = "\n"

var directoryColumns = []directoryColumn{
	{name: "mobilePhone", one: func(u authmethod.User) string { return u.MobilePhone }},
	{name: "businessPhones", many: func(u authmethod.User) []string { return u.BusinessPhones }},
	{name: "otherMails", many: func(u authmethod.User) []string { return u.OtherMails }},
	{name: "usageLocation", one: func(u authmethod.User) string { return u.UsageLocation }},
	{name: "country", one: func(u authmethod.User) string { return u.Country }},
	{name: "department", one: func(u authmethod.User) string { return u.Department }},
	{name: "id", one: func(u authmethod.User) string { return u.ID }},
	{name: "userPrincipalName", one: func(u authmethod.User) string { return u.UserPrincipalName }},
	{name: "displayName", one: func(u authmethod.User) string { return u.DisplayName }},
	{name: "mail", one: func(u authmethod.User) string { return u.Mail }},
	{name: "employeeId", one: func(u authmethod.User) string { return u.EmployeeID }},
}

// DirectoryColumns lists the columns of [Directory].
func DirectoryColumns() []string {
	names := make([]string, len(directoryColumns))
	for i, c := range directoryColumns {
		names[i] = c.name
	}
	return names
}

// directoryText is what the digest of [OfDirectory] covers. It changes with what
// that means.
const directoryText = "authseed directory, version 1: mobile mobilePhone, office businessPhones, email otherMails: fill; country usageLocation, else country; department\n"

// OfDirectory is the mapping of what password reset once read in the directory:
// mobilePhone, businessPhones and otherMails, the first usable value of each. A
// national number is one of the person's usageLocation, else of their country.
// Its policy is fill for every method.
func OfDirectory() *Mapping {
	m := &Mapping{name: "directory attributes", digest: digest([]byte(directoryText)), country: homeRule{slot: none}}
	for i, kind := range []authmethod.Kind{authmethod.Mobile, authmethod.Office, authmethod.Email} {
		m.columns = append(m.columns, column{name: directoryColumns[i].name})
		m.methods[kind] = unmapped
		m.methods[kind].slots = []int{i}
		m.policy[kind] = Fill
	}
	m.department = len(m.columns)
	m.columns = append(m.columns, column{name: "department"})
	m.country.lives = true
	return m
}

// Directory finds the mapping's columns among the properties of a user. What is
// none, and a separator where a property is a collection by itself, is a
// [*FileError]. Whom a row is of is known, so that match is not used.
func (m *Mapping) Directory() (*Directory, error) {
	own := *m
	own.keys = nil
	d := &Directory{mapping: &own}
	problems := &FileError{Name: m.file}
	h := newHeader(DirectoryColumns())
	for _, c := range m.columns {
		at := h.find(c.name)
		if len(at) != 1 {
			what := fmt.Sprintf("unknown column `%s`", c.name)
			if meant, ok := table.Nearest(c.name, h.names); ok {
				what += fmt.Sprintf("; did you mean `%s`?", meant)
			}
			problems.add(c.at, what, "read from the directory, a column is a property of the user: "+strings.Join(h.names, ", "))
			continue
		}
		d.columns = append(d.columns, directoryColumns[at[0]])
	}
	if err := problems.orNil(); err != nil {
		return nil, err
	}
	for kind := range d.mapping.methods {
		d.split(&d.mapping.methods[kind], problems)
	}
	return d, problems.orNil()
}

// split has a collection read value by value.
func (d *Directory) split(of *method, problems *FileError) {
	for _, slot := range of.slots {
		if d.columns[slot].many == nil {
			continue
		}
		at, name := d.mapping.columns[slot].at, d.columns[slot].name
		switch {
		case of.split():
			problems.add(at, fmt.Sprintf("`%s` is several numbers, of which none can be split over columns", name), "leave country_code and area_code out")
		case of.separator != "" && of.separator != several:
			problems.add(at, fmt.Sprintf("`%s` is several values already", name), "leave the separator out")
		default:
			of.separator = several
		}
	}
}

// Columns lists the properties that are read, each once, those that say where a
// person lives included.
func (d *Directory) Columns() []string {
	names := make([]string, 0, len(d.columns)+2)
	add := func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, c := range d.columns {
		add(c.name)
	}
	if d.mapping.country.usage || d.mapping.country.lives {
		add("usageLocation")
	}
	if d.mapping.country.lives {
		add("country")
	}
	return names
}

// Row is everything that is read of a person, in an order that does not change:
// it begins with id and userPrincipalName. It holds clear values, and is there to
// be hashed.
func (d *Directory) Row(u authmethod.User) []string {
	row := []string{u.ID, u.UserPrincipalName}
	wanted := d.Columns()
	for _, c := range directoryColumns {
		if slices.Contains(wanted, c.name) {
			row = append(row, c.cell(u))
		}
	}
	return row
}

// Entry maps one person, of whom the line is a running number. Its key is the
// object id. Nothing in the directory asks for a removal.
func (d *Directory) Entry(line int, u authmethod.User) Entry {
	cells := make([]string, len(d.columns))
	for slot, c := range d.columns {
		cells[slot] = strings.TrimSpace(c.cell(u))
	}
	e := Entry{Line: line, Key: authmethod.Key{Attribute: authmethod.ID, Value: u.ID}}
	if e.Skip = d.mapping.skip(cells, e.Key); e.Skip != nil {
		return e
	}
	e.read(d.mapping, cells, d.home(cells, u))
	for kind := range e.Wishes {
		if e.Wishes[kind].Clear {
			of := authmethod.Kind(kind)
			e.Wishes[kind] = authmethod.Wish{}
			e.Problems = append(e.Problems, Problem{
				Column: d.columns[d.mapping.methods[kind].slots[0]].name, Kind: of, Reason: invalid(of), Detail: "<clear> means nothing in the directory",
			})
		}
	}
	return e
}

// home is where the person's national numbers are read; nothing has to wait for
// the tenant here.
func (d *Directory) home(cells []string, u authmethod.User) home {
	m := d.mapping
	if !m.country.lives {
		if h := m.home(cells); !h.later {
			return h
		}
		return m.lives(u.UsageLocation)
	}
	switch {
	case u.UsageLocation != "":
		if region, ok := phone.Region(u.UsageLocation); ok {
			return home{region: region, from: authmethod.CountryOfPerson}
		}
		return home{unknown: "the person's usageLocation has no phone numbers of its own"}
	case strings.TrimSpace(u.Country) != "":
		region, fault := readCountry(u.Country)
		if fault != "" {
			return home{unknown: fmt.Sprintf("the person's country %s, and there is no usageLocation", fault)}
		}
		return home{region: region, from: authmethod.CountryOfRow}
	}
	return home{unknown: "the person has neither usageLocation nor country"}
}
