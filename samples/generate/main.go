// Command generate writes the sample scenarios, samples/contoso and
// samples/directory, from a fixed seed: the same bytes on every machine. Run it in
// the module's root:
//
//	go run ./samples/generate
//
// With -rows it writes a large export to standard output instead, to measure
// with; see samples.Crowd:
//
//	go run ./samples/generate -rows 1000000 > crowd.csv
package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gocarina/gocsv"

	"authseed/samples"
)

// seed makes the scenario what it is. Another one is another organisation.
const seed = 20261005

func main() {
	rows := flag.Int("rows", 0, "write an export of so many rows to standard output instead")
	flag.Parse()
	var err error
	if *rows > 0 {
		err = samples.Crowd(os.Stdout, *rows)
	} else {
		err = errors.Join(write("contoso", generate), write("directory", generateDirectory))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write(name string, generate func() (map[string][]byte, error)) error {
	dir := filepath.Join("samples", name)
	files, err := generate()
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate gives the files of the scenario contoso by name. Every topic has a random stream
// of its own, so that a change in one leaves the others as they were.
func generate() (map[string][]byte, error) {
	stream := func(topic uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, topic)) }
	d := newDirectory(stream(1))
	logins, privates := &registry{map[string]bool{}}, &registry{map[string]bool{}}

	people := newPeople(stream(2), d, logins, privates)
	m := &maker{rng: stream(3), d: d}
	if err := m.spread(people); err != nil {
		return nil, fmt.Errorf("making odd people: %w", err)
	}
	r := &registrar{rng: stream(4), d: d, logins: logins, accounts: &registry{map[string]bool{}}, privates: privates}
	t := r.tenant(people)
	if d.err != nil {
		return nil, d.err
	}

	rows := m.rows(people)
	workers, err := encodeRows(rows)
	if err != nil {
		return nil, fmt.Errorf("writing workers: %w", err)
	}
	document, err := encodeTenant(t)
	if err != nil {
		return nil, fmt.Errorf("writing tenant: %w", err)
	}
	return map[string][]byte{
		"workers.csv":  workers,
		"mapping.yaml": []byte(mapping),
		"tenant.json":  document,
		"README.md":    readme(rows, t),
	}, nil
}

// rows puts the second rows somewhere behind the first ones.
func (m *maker) rows(people []*person) []worker {
	after := map[int][]worker{}
	for i, p := range people {
		for _, extra := range m.extra {
			if extra.of == p {
				at := i + m.rng.IntN(len(people)-i)
				after[at] = append(after[at], extra.row)
			}
		}
	}
	var rows []worker
	for i, p := range people {
		rows = append(rows, p.row)
		rows = append(rows, after[i]...)
	}
	return rows
}

func encodeRows(rows []worker) ([]byte, error) {
	var out bytes.Buffer
	if err := gocsv.MarshalCSV(rows, gocsv.NewSafeCSVWriter(csv.NewWriter(&out))); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func encodeTenant(t tenant) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(t); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
