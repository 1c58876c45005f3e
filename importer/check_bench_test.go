package importer_test

import (
	"bytes"
	"io"
	"runtime"
	"runtime/metrics"
	"slices"
	"testing"

	"authseed/importer"
	"authseed/mapping"
	"authseed/samples"
)

// crowdMapping reads samples.Crowd by a mapping file.
const crowdMapping = `
version: 1
name: crowd
match: [{attribute: userPrincipalName, column: userPrincipalName}]
country: {column: country}
methods:
  mobile: {columns: [mobile]}
  office: {columns: [office]}
  email: {columns: [email]}
`

// BenchmarkCheck reads 200,000 rows, each with an address and two numbers. A row
// costs B/row of memory for as long as the file is read; what is collected on
// the way comes on top, by the collector's settings.
func BenchmarkCheck(b *testing.B) {
	const rows = 200_000
	var crowd bytes.Buffer
	if err := samples.Crowd(&crowd, rows); err != nil {
		b.Fatal(err)
	}
	// What is loaded once, such as numbering plans, is no row's cost.
	few := bytes.Join(slices.Collect(bytes.Lines(crowd.Bytes()))[:1000], nil)
	if _, err := importer.Check(b.Context(), importer.File{Name: "few.csv", Content: bytes.NewReader(few), Mapping: mapping.Own()}, importer.Notices{}); err != nil {
		b.Fatal(err)
	}
	for name, m := range map[string]*mapping.Mapping{"own": mapping.Own(), "mapped": parse(b, crowdMapping)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var kept int64
			for b.Loop() {
				content := &weighed{Reader: bytes.NewReader(crowd.Bytes()), before: liveHeap()}
				in, err := importer.Check(b.Context(), importer.File{Name: "crowd.csv", Content: content, Mapping: m}, importer.Notices{})
				if err != nil || in.Rows.Used != rows || in.People != rows {
					b.Fatalf("%+v, %v", in, err)
				}
				kept = max(kept, content.kept)
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(kept)/rows, "B/row")
		})
	}
}

// weighed looks at the end of a file how much more memory is held than before.
type weighed struct {
	io.Reader
	before, kept int64
}

func (w *weighed) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err == io.EOF {
		w.kept = max(w.kept, liveHeap()-w.before)
	}
	return n, err
}

func liveHeap() int64 {
	runtime.GC()
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return int64(live[0].Value.Uint64())
}
