package charset

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

func read(t testing.TB, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// chunked reads b in different ways, which must not matter.
func chunked(t testing.TB, b []byte, e Encoding) string {
	t.Helper()
	got := read(t, NewReader(bytes.NewReader(b), e))
	for name, r := range map[string]io.Reader{
		"one byte": iotest.OneByteReader(bytes.NewReader(b)),
		"half":     iotest.HalfReader(bytes.NewReader(b)),
		"data err": iotest.DataErrReader(bytes.NewReader(b)),
	} {
		if other := read(t, NewReader(r, e)); other != got {
			t.Errorf("%s, read by %s: %q, else %q", e, name, other, got)
		}
	}
	if other := read(t, iotest.OneByteReader(NewReader(bytes.NewReader(b), e))); other != got {
		t.Errorf("%s, handed out by one byte: %q, else %q", e, other, got)
	}
	return got
}

func TestRoundTrip(t *testing.T) {
	for _, s := range samples(t, 1000) {
		if got := chunked(t, s.bytes, s.encoding); got != s.text {
			t.Errorf("%s: the text is another", s.encoding)
		}
	}
}

// Every character that an encoding has comes back.
func TestEveryRune(t *testing.T) {
	for e, coder := range coders {
		if e == UTF8 {
			continue
		}
		var in []byte
		var want []rune
		encoder := coder.NewEncoder()
		newline, _ := encoder.Bytes([]byte("\n"))
		for r := rune(0); r <= utf8.MaxRune; r++ {
			if !utf8.ValidRune(r) {
				continue
			}
			b, err := encoder.Bytes([]byte(string(r)))
			if err != nil {
				encoder.Reset()
				continue
			}
			if e == GB18030 && 0xE000 <= r && r < 0xE865 && len(b) == 4 {
				// golang.org/x/text does not have the user-defined rows, and
				// writes these as the four bytes of other characters.
				continue
			}
			in = append(append(in, b...), newline...)
			want = append(want, r, '\n')
		}
		got := read(t, NewReader(bytes.NewReader(in), e))
		for _, r := range want {
			is, size := utf8.DecodeRuneInString(got)
			if is != r || is == utf8.RuneError && size == 1 {
				t.Errorf("%s: %U became %U", e, r, is)
			}
			got = got[size:]
		}
		if got != "" {
			t.Errorf("%s: %d bytes too many", e, len(got))
		}
		t.Logf("%s: %d characters", e, len(want)/2)
	}
}

func TestStrict(t *testing.T) {
	for _, test := range []struct {
		encoding Encoding
		in, want string
	}{
		{UTF8, "a\xff\xc3\n", "a\xff\xc3\n"},
		{Windows1252, "\x80\x81\x8d\x8f\x90\x9d\xff", "€\xff\xff\xff\xff\xffÿ"},
		{Windows1250, "\x81\x83\x88\x90\x98\xf8", "\xff\xff\xff\xff\xffř"},
		{Windows1251, "\x98\xcf,\"", "\xffП,\""},

		{UTF16LE, "a\x00\x00\xd8\n\x00", "a\xff\n"},
		{UTF16LE, "\x00\xdc,\x00", "\xff,"},
		{UTF16LE, "\x3d\xd8\x3d\xd8\x00\xde", "\xff😀"},
		{UTF16LE, "\x3d\xd8", "\xff"},
		{UTF16LE, "\x3d\xd8\x00", "\xff\xff"},
		{UTF16LE, "\xfd\xff", "\ufffd"},
		{UTF16BE, "\x00a\xd8\x3d\xde\x00\x00", "a😀\xff"},
		{UTF16BE, "\xdc\x00\xd8\x00", "\xff\xff"},
		{UTF16BE, "", ""},

		{ShiftJIS, "\x93\x63\x92\x86,\xc0\xc5\xb6", "田中,ﾀﾅｶ"},
		{ShiftJIS, "\x5c\x7e\x81\x5f", "\\~＼"},
		{ShiftJIS, "\x80\xa0\xfd\xfe\xff", "\xff\xff\xff\xff\xff"},
		{ShiftJIS, "\x93\n\x93,\x93\"\x93;\x93\t\x93\r\x93 ", "\xff\n\xff,\xff\"\xff;\xff\t\xff\r\xff "},
		{ShiftJIS, "\x81\xad\x85|x", "\xff\xff|x"},
		{ShiftJIS, "\xf0\x40\x93", "\xff@\xff"},

		{EUCKR, "\xb1\xe8\xc3\xb6\xbc\xf6", "김철수"},
		{EUCKR, "\x8c\x63\x80\xff", "똠\xff\xff"},
		{EUCKR, "\xb1\n\xb1,\xc9\xa1\xfe\xfe\xb1", "\xff\n\xff,\xff\xff\xff"},

		{GB18030, "\xcd\xf5\xce\xb0\x80", "王伟€"},
		{GB18030, "\x81\x30\x81\x30\x95\x32\x82\x36", "\u0080𠀀"},
		{GB18030, "\x84\x31\xa4\x37", "\ufffd"},
		{GB18030, "\xff\xcd\n\xcd,\xcd\"\xcd|\xcd", "\xff\xff\n\xff,\xff\"蛗\xff"},
		{GB18030, "\x81\x30\n\x81\x30\x81,\x81\x30\x81", "\xff0\n\xff0\xff,\xff0\xff"},
		{GB18030, "\xe3\x32\x9a\x35\xe3\x32\x9a\x36,\xfe\x39\xfe\x39", "\U0010ffff\xff2\xff6,\xff9\xff9"},
	} {
		if got := chunked(t, []byte(test.in), test.encoding); got != test.want {
			t.Errorf("%s %q: got %q, want %q", test.encoding, test.in, got, test.want)
		}
	}
}

// No byte sequence takes what a table is made of with it.
func TestStructure(t *testing.T) {
	for _, e := range []Encoding{ShiftJIS, EUCKR, GB18030, Windows1250} {
		var in []byte
		marks := "\n\r,;\t\" "
		for b := range 256 {
			for _, mark := range marks {
				for _, prefix := range []string{"", "\xb0", "\x81\x30", "\x81\x30\x81"} {
					in = append(append(append(in, prefix...), byte(b)), byte(mark))
				}
			}
		}
		got := chunked(t, in, e)
		for _, mark := range marks {
			if want := bytes.Count(in, []byte(string(mark))); strings.Count(got, string(mark)) != want {
				t.Errorf("%s: %d of %q, want %d", e, strings.Count(got, string(mark)), mark, want)
			}
		}
		if strings.Contains(got, "\ufffd") {
			t.Errorf("%s: U+FFFD out of nothing", e)
		}
	}
}

func TestReaderErrors(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, e := range All() {
		in, err := coders[e].NewEncoder().String("Name\nAnna\n")
		if err != nil {
			t.Fatal(err)
		}
		src := io.MultiReader(strings.NewReader(in), iotest.ErrReader(broken))
		got, err := io.ReadAll(NewReader(src, e))
		if string(got) != "Name\nAnna\n" || !errors.Is(err, broken) {
			t.Errorf("%s: %q, %v", e, got, err)
		}
	}
	// Half a character before an error is no invalid one.
	got, err := io.ReadAll(NewReader(io.MultiReader(strings.NewReader("a\x93"), iotest.ErrReader(broken)), ShiftJIS))
	if string(got) != "a" || !errors.Is(err, broken) {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := io.ReadAll(NewReader(idle{}, EUCKR)); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("an idle reader: %v", err)
	}
	if _, err := io.ReadAll(NewReader(strings.NewReader("a"), "")); err == nil {
		t.Error("no encoding, and no error")
	}
	if _, err := io.ReadAll(Guess{}.NewReader(strings.NewReader("a"))); err == nil {
		t.Error("a guess that is not certain reads")
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func FuzzDecode(f *testing.F) {
	for i, s := range samples(f, 6) {
		f.Add(uint8(i), s.bytes)
	}
	f.Add(uint8(8), []byte("\x81\x30\x81\x30\x84\x31\xa4\x37\xcd|\xcd\n"))
	f.Add(uint8(6), []byte("\x93\n\x80\xa0\xfd,\x81\xad"))
	f.Add(uint8(1), []byte("\x3d\xd8\x3d\xd8\x00\xde\x00"))
	f.Fuzz(func(t *testing.T, which uint8, in []byte) {
		e := All()[int(which)%len(All())]
		got := chunked(t, in, e)
		if e == UTF8 {
			if got != string(in) {
				t.Error("utf-8 is changed")
			}
			return
		}
		if !utf8.ValidString(strings.ReplaceAll(got, "\xff", "")) {
			t.Errorf("%s: %q is more than UTF-8 and 0xFF", e, got)
		}
		if len(got) > growth*len(in) {
			t.Errorf("%s: %d bytes became %d", e, len(in), len(got))
		}
		if e != UTF16LE && e != UTF16BE && strings.Count(got, "\n") != bytes.Count(in, []byte("\n")) {
			t.Errorf("%s: %q has other line ends than %q", e, got, in)
		}
	})
}

func FuzzDetect(f *testing.F) {
	for _, s := range samples(f, 6) {
		f.Add(s.bytes, true)
		f.Add(s.bytes[:len(s.bytes)-3], false)
	}
	f.Fuzz(func(t *testing.T, in []byte, whole bool) {
		g := Detect(in, whole)
		if g.Certain != (g.Encoding != "") || g.Certain && g.Candidates != nil || g.Why == "" || g.BOM > len(in) {
			t.Errorf("%+v", g)
		}
		if !g.Certain {
			return
		}
		// What the sample was told by is read.
		text := read(t, g.NewReader(bytes.NewReader(in[g.BOM:])))
		if g.ASCII && whole && text != string(in) {
			t.Errorf("ASCII became %q", text)
		}
		if whole && g.BOM == 0 && g.Encoding == UTF8 && !strings.Contains(g.Why, "words") && !utf8.ValidString(text) {
			t.Errorf("utf-8 that is not: %q", text)
		}
	})
}
