package preset

import (
	"fmt"
	"slices"
	"strings"

	"authseed/mapping"
	"authseed/mapping/authmethod"
	"authseed/mapping/table"
)

// sampleRows is how many rows are looked at before a choice. They stay with the
// reader.
const sampleRows = 200

// Choice is the mapping that would be used for a file.
type Choice struct {
	Preset  *Preset
	File    mapping.File
	Certain bool
	Why     []string // what speaks for the choice, or what keeps it from being certain
	Missing []string // what the file does not say and the mapping could

	uses    map[int]string // by column, what it is used for
	unclear []string       // columns that are there more than once
}

// Choose finds the mapping for a file by its header and its first rows, which
// it does not use up. The choice may be uncertain, or impossible: then File
// names no key or no method, and Why says what is missing.
func Choose(r *table.Reader) *Choice {
	h := newHeader(r.Header())
	var best *Preset
	most, tied := 0, false
	for _, p := range All() {
		n := p.recognized(h)
		switch {
		case n > most:
			best, most, tied = p, n, false
		case n == most && n > 0:
			tied = true
		}
	}
	if best == nil {
		best, _ = Find(generic)
	}
	c := best.Choose(r)
	switch {
	case tied:
		c.Certain = false
		c.Why = append(c.Why, "the header is that of more than one system; --preset says which")
	case most > 0 && c.Certain:
		c.Why = append(c.Why, fmt.Sprintf("the header has the %d columns that mark this export", most))
	case c.Certain:
		c.Why = append(c.Why, "every column is named without room for another reading")
	}
	return c
}

// Own reports whether a file is in authseed's own columns, or nearly so: then it
// is read as that, or refused as that.
func Own(r *table.Reader) bool {
	h := r.Header()
	own := mapping.OwnColumns()
	known, near := 0, 0
	for _, name := range h {
		if slices.Contains(own, name) {
			known++
		} else if _, ok := table.Nearest(name, own); ok && name != "" {
			near++
		}
	}
	columns := newHeader(h)
	for _, p := range All() {
		if p.recognized(columns) > 0 {
			return slices.Contains(h, own[0]) && known == len(h)
		}
	}
	return slices.Contains(h, own[0]) && known > 1 || known+near == len(h)
}

// Error refuses to read a file without a mapping.
type Error struct{ What, Hint string }

// Error gives what is wrong.
func (e *Error) Error() string { return e.What }

// Refusal says why the choice is not used, nil if it is. A preset that was asked
// for by name need not be certain, only possible.
func (c *Choice) Refusal(asked bool, file string) error {
	hint := "authseed inspect " + file + " shows the columns, and "
	if c.possible() {
		hint += "--write-mapping FILE writes a mapping to change"
	} else {
		hint += "authseed help mapping how to write a mapping for them"
	}
	switch {
	case c.Certain, asked && c.possible() && len(c.unclear) == 0:
		return nil
	case asked:
		return &Error{What: fmt.Sprintf("preset %s does not fit: %s", c.Preset.Name, strings.Join(c.Why, "; ")), Hint: hint}
	}
	return &Error{What: "no mapping fits for certain: " + strings.Join(c.Why, "; "), Hint: hint + "; or name the system with --preset"}
}

// possible reports whether the choice names people and a method: a mapping can
// be made of it, certain or not.
func (c *Choice) possible() bool {
	return len(c.File.Match) > 0 && c.File.Methods != (mapping.Methods{})
}

// Choose reads a file with this preset, whether its header tells the system or
// not.
func (p *Preset) Choose(r *table.Reader) *Choice {
	f := p.fit(newHeader(r.Header()), r.About())
	c := &Choice{Preset: p, File: f.file, uses: f.uses, unclear: f.unclear}
	c.Why = append(append(c.Why, f.missing...), f.unclear...)
	if len(f.missing) == 0 {
		c.look(f, sample(r))
	}
	c.Certain = len(c.Why) == 0
	if c.possible() {
		c.File.Examples = c.examples(r)
	}
	return c
}

// sample is the looks of every column in the first rows.
func sample(r *table.Reader) []looks {
	columns := make([]looks, len(r.Header()))
	for _, row := range r.Peek(sampleRows) {
		for i, cell := range row.Cells {
			columns[i].see(cell)
		}
	}
	return columns
}

// look holds what the header says against what the rows look like.
func (c *Choice) look(f *fit, columns []looks) {
	at := func(name string) *looks { return &columns[f.header.position(name)] }
	c.lookAtKeys(at)
	national := ""
	for _, kind := range authmethod.Kinds() {
		m := c.File.Methods.Of(kind)
		if m == nil {
			continue
		}
		filled, fitting := 0, 0
		for _, name := range m.Columns {
			l := at(name)
			filled += l.filled
			if !kind.IsPhone() {
				fitting += l.addresses
				continue
			}
			fitting += l.phones
			if l.phones > l.abroad+l.damaged && m.CountryCode == "" {
				national = name
			}
		}
		if filled > 0 && fitting*2 < filled && m.AreaCode == "" && m.Separator == "" {
			c.Why = append(c.Why, fmt.Sprintf("`%s` seldom looks like the %s that its name promises", strings.Join(m.Columns, "`, `"), kind))
		}
	}
	if f.strict && len(c.File.Where) == 0 {
		c.lookForStatus(f, columns)
	}
	if national != "" && c.File.Country == nil {
		c.Missing = append(c.Missing, fmt.Sprintf("`%s` holds national numbers and no column a country: country: {default: DE} in a mapping file says how they are read", national))
	}
}

// lookForStatus points out that nothing leaves out who has left.
func (c *Choice) lookForStatus(f *fit, columns []looks) {
	what := "no column says who has left: their rows count like the others"
	for i := range columns {
		if f.uses[i] == "" && columns[i].word() == "status" && f.header.call(i) != "" {
			name := f.header.call(i)
			what += fmt.Sprintf("; `%s` looks like one, and where: [{column: %s, in: [the words that count]}] in a mapping file uses it", name, name)
			break
		}
	}
	c.Missing = append(c.Missing, what)
}

// lookAtKeys drops a key whose values cannot name anybody.
func (c *Choice) lookAtKeys(at func(string) *looks) {
	kept := c.File.Match[:0]
	for _, m := range c.File.Match {
		l := at(m.Column)
		address := m.Attribute == authmethod.UserPrincipalName || m.Attribute == authmethod.Mail
		if !address || l.filled == 0 || l.mostly(l.addresses) {
			kept = append(kept, m)
			continue
		}
		c.Missing = append(c.Missing, fmt.Sprintf("`%s` names people without a domain, and the file does not say which: {attribute: %s, column: %s, domain: your.domain} under match in a mapping file does", m.Column, m.Attribute, m.Column))
	}
	c.File.Match = kept
	if len(kept) == 0 {
		c.Why = append(c.Why, "no column names the people in full")
	} else if l := at(kept[0].Column); l.filled == 0 && len(kept) == 1 {
		c.Why = append(c.Why, fmt.Sprintf("`%s`, which names the people, is empty", kept[0].Column))
	}
}

// Mapping gives the choice as a mapping and as the file it would be saved in.
func (c *Choice) Mapping() (*mapping.Mapping, []byte, error) {
	text := c.File.Text(c.comment())
	m, err := mapping.Parse("preset "+c.Preset.Name, text)
	if err != nil {
		return nil, nil, fmt.Errorf("making a mapping of preset %s: %w", c.Preset.Name, err)
	}
	return m, text, nil
}

func (c *Choice) comment() string {
	lines := []string{fmt.Sprintf("Made from preset %s (%s).", c.Preset.Name, c.Preset.Title)}
	lines = append(lines, strings.Split(strings.TrimSpace(c.Preset.About), "\n")...)
	for _, caveat := range slices.Concat(c.Preset.Caveats, c.Missing) {
		lines = append(lines, "Note: "+caveat)
	}
	return strings.Join(lines, "\n")
}
