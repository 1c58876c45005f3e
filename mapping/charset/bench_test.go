package charset

import (
	"bytes"
	"io"
	"testing"
)

func BenchmarkNewReader(b *testing.B) {
	for _, w := range samples(b, 20000) {
		b.Run(string(w.encoding), func(b *testing.B) {
			b.SetBytes(int64(len(w.bytes)))
			for b.Loop() {
				if _, err := io.Copy(io.Discard, struct{ io.Reader }{NewReader(bytes.NewReader(w.bytes), w.encoding)}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDetect(b *testing.B) {
	for _, w := range samples(b, 2000) {
		b.Run(string(w.encoding), func(b *testing.B) {
			sample := w.bytes[:min(len(w.bytes), 64<<10)]
			b.SetBytes(int64(len(sample)))
			for b.Loop() {
				if g := Detect(sample, false); g.Encoding != w.encoding {
					b.Fatal(g)
				}
			}
		})
	}
}
