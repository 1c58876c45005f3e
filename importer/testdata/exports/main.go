// This program writes the sample exports beside it: the same invented people as
// each system would export them, the tenant they belong to and the README. Run it
// from the root: go run ./importer/testdata/exports
package main

import (
	"log"
	"os"
	"path/filepath"
	"slices"
)

const root = "importer/testdata/exports"

func main() {
	log.SetFlags(0)
	all := people()
	rows := slices.Insert(slices.Clone(all), 3, all[2])
	systems := slices.Concat(hr(), directories(), tools(), anything())
	for i := range systems {
		e := &systems[i]
		write(filepath.Join(e.system, e.file), e.bytes(rows))
	}
	write("tenant.json", tenant(all))
	write("README.md", readme(systems, all))
}

func write(name string, data []byte) {
	name = filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		log.Fatal(err)
	}
}
