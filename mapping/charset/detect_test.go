package charset

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// agrees compares a text with the true one: every character is right or is
// refused, and how many are. Line ends are never refused.
func agrees(got, want string) (refused int, ok bool) {
	for want != "" && got != "" {
		right, n := utf8.DecodeRuneInString(want)
		is, m := utf8.DecodeRuneInString(got)
		switch {
		case got[0] == invalid:
			refused++
		case is != right:
			return refused, false
		}
		got, want = got[m:], want[n:]
	}
	return refused, got == want
}

// certainty detects tables of n words and gives how many of tries are certain.
// Each of those has to be right.
func certainty(t *testing.T, name string, coder encoding.Encoding, vocabulary []string, n, tries int) int {
	t.Helper()
	certain := 0
	for seed := range uint64(tries) {
		sample := table(vocabulary, n, seed)
		g := Detect(sample, true)
		if !g.Certain {
			if g.Encoding != "" || g.Why == "" {
				t.Errorf("%s: a guess that is not certain: %+v", name, g)
			}
			continue
		}
		certain++
		want, err := coder.NewDecoder().Bytes(sample)
		if err != nil {
			t.Fatal(err)
		}
		refused, ok := agrees(read(t, g.NewReader(bytes.NewReader(sample))), string(want))
		if !ok || refused > 1+n/10 {
			t.Errorf("%s, %d words: taken for %s (%s), %d characters refused", name, n, g.Encoding, g.Why, refused)
		}
	}
	if testing.Verbose() {
		t.Logf("%-24s %4d words: %3d%% certain", name, n, certain*100/tries)
	}
	return certain
}

// Whatever is certain is right: the text that comes out is the one that went
// in, or characters of it are refused. With enough words all that can be read
// is certain.
func TestNeverWrong(t *testing.T) {
	const tries = 8
	for _, w := range written {
		for language := range strings.FieldsSeq(w.languages) {
			vocabulary := encode(strings.Fields(words[language]), w.coder)
			for _, n := range []int{1, 3, 10, 30, 100, 400} {
				certain := certainty(t, w.name+" "+language, w.coder, vocabulary, n, tries)
				if w.encoding != "" && n == 400 && certain < tries {
					t.Errorf("%s in %s: of %d samples of %d words, %d are certain", language, w.name, tries, n, certain)
				}
			}
		}
		for tag := range strings.FieldsSeq(w.tags) {
			vocabulary := encode(named(tag), w.coder)
			for _, n := range []int{3, 30, 300} {
				certainty(t, w.name+" CLDR "+tag, w.coder, vocabulary, n, tries)
			}
		}
	}
}

func TestDetect(t *testing.T) {
	long := func(coder encoding.Encoding, languages ...string) string {
		var list []string
		for _, language := range languages {
			list = append(list, encode(strings.Fields(words[language]), coder)...)
		}
		return string(table(list, 200, 1))
	}
	ascii := string(table([]string{"Springfield", "Shelbyville"}, 40, 1))
	utf8Text := long(encoding.Nop, "german", "czech")
	for _, test := range []struct {
		name, in string
		want     string // encoding, mark and whether ASCII; or what Why holds
	}{
		{"empty", "", "utf-8 0 true"},
		{"ascii", ascii, "utf-8 0 true"},
		{"utf-8", "Name\nMüller\n", "utf-8 0 false"},
		{"utf-8 with a mark", "\xef\xbb\xbf" + ascii, "utf-8 3 false"},
		{"utf-8 with a mark and an invalid byte", "\xef\xbb\xbfName\nM\xfcller\n", "utf-8 3 false"},
		{"utf-8 but for a row", utf8Text + "1,M\xfcller\n", "utf-8 0 false"},
		{"utf-8 of one word in a script of its own", "Name\nИванов\n", "utf-8 0 false"},
		{"utf-16le with a mark", "\xff\xfeN\x00a\x00", "utf-16le 2 false"},
		{"utf-16be with a mark", "\xfe\xff\x00N\x00a", "utf-16be 2 false"},
		{"utf-16le", "N\x00a\x00\n\x00", "utf-16le 0 false"},
		{"utf-16be", "\x00N\x00a\x00\n", "utf-16be 0 false"},
		{"utf-16le of Chinese", "\x0dT\x0cT,\x00\x8bN\x1fO\n\x00", "utf-16le 0 false"},
		{"gb18030 with a mark", "\x84\x31\x95\x33a", "gb18030 4 false"},
		{"three umlauts", ascii + "1,M\xfcller,K\xf6ln\n2,J\xfcrgen,Ulm\n", "windows-1252 0 false"},
		{"one umlaut", ascii + "1,M\xfcller\n", "windows-1252 0 false"},
		{"a typographic apostrophe", ascii + "1,O\x92Brien\n", "windows-1252 0 false"},
		{"a dash and a euro", ascii + "1,Smith \x96 Jones,5 \x80\n", "might be"},
		{"Turkish", long(charmap.Windows1254, "turkish"), "words with other than ASCII"},
		{"utf-32le", "\xff\xfe\x00\x00a\x00\x00\x00", "UTF-32"},
		{"utf-32be", "\x00\x00\xfe\xff\x00\x00\x00a", "UTF-32"},
		{"iso-2022-jp", "Name\n\x1b$B;3ED\x1b(B\n", "ISO-2022"},
		{"an image", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x00\x00\x00\x02\x00\x08\x06", "NUL bytes"},
		{"a stray NUL", ascii + "1,a\x00b\n", "NUL bytes"},
		{"compressed", "\x1f\x8b\x08\x08\x01\x02\x03\x04\x05\x06\x0e\x0f\x10\x11\xff\xee", "control characters"},
		{"what nobody writes", "a\xffb,\xfe\xfd\xfcx\xfb,\x81\x8d\x90\n", "in no encoding that is read"},
		{"utf-8 and windows-1252 joined", utf8Text + long(charmap.Windows1252, "german", "french"), "in no encoding that is read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := Detect([]byte(test.in), true)
			got := g.Why
			if g.Certain {
				got = fmt.Sprintf("%s %d %v", g.Encoding, g.BOM, g.ASCII)
				if g.Candidates != nil {
					t.Errorf("certain, and may be %s", g.Candidates)
				}
			}
			if g.Certain && got != test.want || !strings.Contains(got, test.want) {
				t.Errorf("got %q %v, want %q", got, g.Candidates, test.want)
			}
			if g.Certain != (g.Encoding != "") {
				t.Errorf("certain is %v, the encoding %q", g.Certain, g.Encoding)
			}
		})
	}
}

// The candidates hold the encoding that it is.
func TestCandidates(t *testing.T) {
	for _, test := range []struct {
		coder encoding.Encoding
		word  string
		want  Encoding
	}{
		{coders[Windows1250], "Bartoš,Březina", Windows1250},
		{coders[EUCKR], "김철수", EUCKR},
		{coders[GB18030], "王伟", GB18030},
		{coders[ShiftJIS], "佐藤", ShiftJIS},
		{coders[Windows1251], "Иванов", Windows1251},
		{charmap.Windows1252, "Håkan", Windows1252},
	} {
		in, err := test.coder.NewEncoder().String("Name\n" + test.word + "\n")
		if err != nil {
			t.Fatal(err)
		}
		g := Detect([]byte(in), true)
		if !slices.Contains(append(g.Candidates, g.Encoding), test.want) {
			t.Errorf("%s: %+v", test.want, g)
		}
	}
}

// A sample may end anywhere, and what it could not show is refused later.
func TestCutAnywhere(t *testing.T) {
	for _, s := range samples(t, 26) {
		t.Run(string(s.encoding), func(t *testing.T) {
			certain := 0
			for cut := range s.bytes {
				g := Detect(s.bytes[:cut], false)
				if !g.Certain || g.ASCII {
					continue
				}
				certain++
				if _, ok := agrees(read(t, g.NewReader(bytes.NewReader(s.bytes))), s.text); !ok {
					t.Errorf("the first %d bytes are taken for %s: %s", cut, g.Encoding, g.Why)
				}
			}
			if whole := Detect(s.bytes, true); whole.Encoding != s.encoding {
				t.Errorf("the whole is %+v", whole)
			}
			if certain == 0 {
				t.Error("no part is enough")
			}
		})
	}
}

// 64 KiB of names are enough for each encoding.
func TestFirst64KiB(t *testing.T) {
	for _, s := range samples(t, 4000) {
		for cut := 64 << 10; cut > 64<<10-5; cut-- {
			g := Detect(s.bytes[:cut], false)
			if g.Encoding != s.encoding {
				t.Fatalf("%s: %+v", s.encoding, g)
			}
			if refused, ok := agrees(read(t, g.NewReader(bytes.NewReader(s.bytes))), s.text); !ok || refused > 0 {
				t.Errorf("%s: %d refused", s.encoding, refused)
			}
		}
	}
}

// What the sample cannot tell from another encoding is refused behind it.
func TestAlike(t *testing.T) {
	head := "Name\nM\xfcller\nSch\xe4fer\nB\xf6hm\n"
	g := Detect([]byte(head), false)
	if g.Encoding != Windows1252 || !slices.Contains(g.Alike, Windows1250) {
		t.Fatalf("got %+v", g)
	}
	got := read(t, g.NewReader(strings.NewReader(head+"\xa3ukasz\nGro\xdf\n")))
	if want := "Name\nMüller\nSchäfer\nBöhm\n\xffukasz\nGroß\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRandomBytes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 600 {
		b := make([]byte, 64+rng.IntN(1000))
		high := rng.IntN(2) == 0
		for i := range b {
			if b[i] = byte(rng.UintN(256)); high {
				b[i] = " ,;\nabcXYZ09"[rng.IntN(12)]
				if rng.IntN(2) == 0 {
					b[i] = byte(0x80 + rng.UintN(128))
				}
			}
		}
		if g := Detect(b, true); g.Certain && g.BOM == 0 {
			t.Errorf("%s in %q: %s", g.Encoding, b, g.Why)
		}
	}
}
