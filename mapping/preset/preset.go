// Package preset knows the exports of the systems people use: which columns
// tell one, and the mapping that reads it. It looks at a file and says what it
// is, which mapping it would choose and how sure that is.
//
// It promises that a choice is called certain only where the header says which
// system made the file, or names every column it uses without room for another
// reading, and the rows look as the header says; that a choice is a mapping
// file, written out, that a person can read and change; and that nothing of a
// column is shown which the mapping does not use. It never supplies a country,
// never takes a work address for a private one, and asks no tenant.
//
// The importer's use cases are its callers.
package preset

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"authseed/mapping"
	"authseed/mapping/authmethod"
	"authseed/mapping/table"
)

//go:embed presets/*.yaml
var files embed.FS

// generic is the preset that knows no system, only what columns are called.
const generic = "any"

// Preset is one system's export: the same as a mapping file, but each column
// may be called by several names, and may be missing.
type Preset struct {
	Name  string `yaml:"-"`
	Title string `yaml:"title"`
	About string `yaml:"about"`

	Recognize  [][]string `yaml:"recognize"` // all columns of one line tell the system
	Source     source     `yaml:"source"`
	Match      []match    `yaml:"match"`
	Where      []cells    `yaml:"where"`
	Country    *countryOf `yaml:"country"`
	Department *columns   `yaml:"department"`
	Methods    methods    `yaml:"methods"`
	Caveats    []string   `yaml:"caveats"`
}

// source is what a system always does, as a mapping file says it.
type source struct {
	Format     string `yaml:"format"`
	Delimiter  string `yaml:"delimiter"`
	Quote      string `yaml:"quote"`
	HeaderRows string `yaml:"header_rows"`
}

// mapping is the same in a mapping file, nil where there is nothing to say.
func (s source) mapping(sheet string) *mapping.Source {
	of := mapping.Source{Format: s.Format, Delimiter: s.Delimiter, Quote: s.Quote, Sheet: sheet}
	if s.HeaderRows != "" {
		rows := mapping.Word(s.HeaderRows)
		of.HeaderRows = &rows
	}
	if of == (mapping.Source{}) {
		return nil
	}
	return &of
}

type match struct {
	Attribute authmethod.Attribute `yaml:"attribute"`
	Columns   []string             `yaml:"columns"`
}

type cells struct {
	Columns []string `yaml:"columns"`
	In      []string `yaml:"in"`
}

type countryOf struct {
	Columns []string `yaml:"columns"`
	From    string   `yaml:"from"`
}

// columns are names of one column that a mapping can be without.
type columns struct {
	Columns []string `yaml:"columns"`
}

type methods struct {
	Mobile          *method `yaml:"mobile"`
	AlternateMobile *method `yaml:"alternateMobile"`
	Office          *method `yaml:"office"`
	Email           *method `yaml:"email"`
}

func (m *methods) of(kind authmethod.Kind) *method {
	return [authmethod.Count]*method{m.Mobile, m.AlternateMobile, m.Office, m.Email}[kind]
}

type method struct {
	Columns     []string `yaml:"columns"`
	When        *cells   `yaml:"when"`
	CountryCode []string `yaml:"country_code"`
	AreaCode    []string `yaml:"area_code"`
	Extension   []string `yaml:"extension"`
	Separator   string   `yaml:"separator"`
}

// All gives every preset in the order of their names, the generic one last.
var All = sync.OnceValue(func() []*Preset {
	paths, err := fs.Glob(files, "presets/*.yaml")
	if err != nil {
		panic("preset: " + err.Error()) // the pattern is a constant
	}
	var all []*Preset
	for _, path := range paths {
		text, err := files.ReadFile(path)
		if err != nil {
			panic("preset: " + err.Error()) // it was listed a line above
		}
		p := &Preset{Name: strings.TrimSuffix(strings.TrimPrefix(path, "presets/"), ".yaml")}
		if err := yaml.UnmarshalWithOptions(text, p, yaml.Strict()); err != nil {
			panic(fmt.Sprintf("preset: %s: %v", path, err)) // embedded, and read by a test
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b *Preset) int {
		switch {
		case a.Name == generic && b.Name != generic:
			return 1
		case b.Name == generic && a.Name != generic:
			return -1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all
})

// Find gives a preset by its name, or an error that lists what there is.
func Find(name string) (*Preset, error) {
	var names []string
	for _, p := range All() {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	hint := ""
	if near, ok := table.Nearest(name, names); ok {
		hint = fmt.Sprintf("; did you mean %s?", near)
	}
	return nil, fmt.Errorf("there is no preset %q%s (there are %s)", name, hint, strings.Join(names, ", "))
}

// Options are what the preset knows of how its files are written.
func (p *Preset) Options() table.Options {
	if of := p.Source.mapping(""); of != nil {
		return of.Options()
	}
	return table.Options{}
}
