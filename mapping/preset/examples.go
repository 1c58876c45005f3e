package preset

import (
	"strings"
	"unicode"

	"authseed/mapping"
	"authseed/mapping/authmethod"
	"authseed/mapping/country"
	"authseed/mapping/phone"
	"authseed/mapping/table"
)

// examples makes one example in the shape of the file: its columns, a row's
// country as it is written there, and numbers of that country written like the
// row's, but the ones that the numbering plan itself gives as examples. Nothing
// of a person is in it.
func (c *Choice) examples(r *table.Reader) []mapping.Example {
	h := newHeader(r.Header())
	for _, row := range r.Peek(sampleRows) {
		if row.Cells == nil {
			continue
		}
		cell := func(name string) string { return row.Cells[h.position(name)] }
		if ex, ok := c.example(cell); ok {
			return []mapping.Example{ex}
		}
	}
	return nil
}

// example makes an example of one row, if the row has what one takes.
func (c *Choice) example(cell func(string) string) (mapping.Example, bool) {
	ex := mapping.Example{Row: map[string]mapping.Word{}}
	key := c.File.Match[0].Column
	if cell(key) == "" {
		return ex, false
	}
	ex.Row[key] = mapping.Word(shape(cell(key)))
	for _, condition := range c.File.Where {
		ex.Row[condition.Column] = condition.In[0]
	}
	region := ""
	if of := c.File.Country; of != nil && of.Column != "" {
		code, ok := country.Find(cell(of.Column))
		if !ok {
			return ex, false
		}
		region = code
		ex.Row[of.Column] = mapping.Word(cell(of.Column))
	}
	for kind, want := range map[authmethod.Kind]**mapping.Word{
		authmethod.Mobile: &ex.Want.Mobile, authmethod.Office: &ex.Want.Office, authmethod.Email: &ex.Want.Email,
	} {
		m := c.File.Methods.Of(kind)
		if m == nil || m.When != nil || m.CountryCode != "" || m.AreaCode != "" || cell(m.Columns[0]) == "" {
			continue
		}
		written, meant, ok := sampleValue(kind, cell(m.Columns[0]), region)
		if !ok {
			return ex, false
		}
		if _, taken := ex.Row[m.Columns[0]]; taken {
			continue
		}
		ex.Row[m.Columns[0]] = mapping.Word(written)
		word := mapping.Word(meant)
		*want = &word
	}
	return ex, ex.Want != (mapping.Wants{})
}

// sampleValue is a value that belongs to nobody, written like the cell.
func sampleValue(kind authmethod.Kind, cell, region string) (written, meant string, ok bool) {
	if !kind.IsPhone() {
		return "someone@example.com", "someone@example.com", true
	}
	number, err := phone.Parse(cell, "", region, phone.Personal)
	if err != nil {
		return "", "", false
	}
	national, meant, ok := phone.Example(number.Country, kind != authmethod.Office)
	if !ok {
		return "", "", false
	}
	if number.National {
		return national, meant, true
	}
	return meant, meant, true
}

// shape keeps how a key is written and nothing of what it says.
func shape(key string) string {
	if strings.Contains(key, "@") {
		return "someone@example.com"
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '0':
			return r
		case unicode.IsDigit(r):
			return '1'
		case unicode.IsLetter(r):
			return 'x'
		}
		return r
	}, key)
}
