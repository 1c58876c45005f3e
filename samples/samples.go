// Package samples holds whole scenarios to try authseed with: an HR export, the
// mapping file that fits it, and the tenant it belongs to; or a tenant alone,
// whose directory is the source. The sandbox, the
// documentation and the tests all use the same ones.
//
// It promises that nobody in them exists: names are put together by chance,
// every mail domain is reserved (example.com, example.net, example.org and
// names under .example), and phone numbers come from ranges set aside for
// fiction or, where the country has none that its numbering plan accepts, from
// the neighbourhood of the example number in Google's libphonenumber.
// It promises that the bytes are the same in every build. It never touches the
// file system or the network, and imports nothing of this module, so that every
// package and test may use it.
//
// The files are written by "go run ./samples/generate"; a scenario's README.md
// counts what is inside.
package samples

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Default is the scenario that is used where none is named.
const Default = "contoso"

//go:embed */workers.csv */mapping.yaml */tenant.json
var files embed.FS

// Scenario is one sample organisation. Its slices belong to the caller.
type Scenario struct {
	Name    string
	Workers []byte // HR export: comma-separated, UTF-8, one header row; nil: the tenant's directory is the source
	Mapping []byte // mapping file for Workers, YAML; nil with them
	Tenant  []byte // the tenant before the first run, JSON as the simulator loads and saves it
}

// Names lists the scenarios in alphabetical order.
func Names() []string {
	entries, _ := fs.ReadDir(files, ".") // an embedded root is always readable
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// Open gives a scenario by its name, or an error that lists the names there are.
func Open(name string) (Scenario, error) {
	if !slices.Contains(Names(), name) {
		return Scenario{}, fmt.Errorf("no sample scenario %q, only %s", name, strings.Join(Names(), ", "))
	}
	s := Scenario{Name: name}
	for file, content := range map[string]*[]byte{"workers.csv": &s.Workers, "mapping.yaml": &s.Mapping, "tenant.json": &s.Tenant} {
		var err error
		*content, err = files.ReadFile(name + "/" + file)
		if err != nil && !(errors.Is(err, fs.ErrNotExist) && file != "tenant.json") {
			return Scenario{}, fmt.Errorf("opening sample scenario %s: %w", name, err)
		}
	}
	return s, nil
}
