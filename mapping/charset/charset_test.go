package charset

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for name, want := range map[string]Encoding{
		"UTF-8": UTF8, "utf8": UTF8, "utf-8-bom": UTF8, "utf-8-sig": UTF8, "us-ascii": UTF8, "65001": UTF8,
		"UTF-16": UTF16LE, "unicode": UTF16LE, "utf-16LE": UTF16LE, "UTF_16_BE": UTF16BE,
		"latin1": Windows1252, "ISO-8859-1": Windows1252, "cp1252": Windows1252, " Windows-1252 ": Windows1252,
		"cp1250": Windows1250, "win-1251": Windows1251,
		"Shift_JIS": ShiftJIS, "sjis": ShiftJIS, "cp932": ShiftJIS, "Windows-31J": ShiftJIS,
		"ks_c_5601-1987": EUCKR, "cp949": EUCKR, "uhc": EUCKR, "EUC-KR": EUCKR,
		"gbk": GB18030, "GB2312": GB18030, "cp936": GB18030, "GB_2312-80": GB18030,
	} {
		if got, err := Parse(name); got != want || err != nil {
			t.Errorf("%q: got %q, %v", name, got, err)
		}
	}
	for _, e := range All() {
		if got, err := Parse(e.String()); got != e || err != nil {
			t.Errorf("%q: got %q, %v", e, got, err)
		}
	}
	for name, want := range map[string]string{
		"":            "none of the encodings utf-8, utf-16le,",
		"iso-8859-2":  "none of the encodings",
		"iso-8859-15": "none of the encodings",
		"big5":        "euc-kr or gb18030",
		"latin":       "none of the encodings",
		"ANSI":        "which is it: windows-1252, windows-1250, windows-1251, shift-jis, euc-kr or gb18030",
	} {
		if got, err := Parse(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %q, %v", name, got, err)
		}
	}
}

func TestBOM(t *testing.T) {
	for start, want := range map[string]struct {
		encoding Encoding
		size     int
	}{
		"":                 {"", 0},
		"\xef\xbb":         {"", 0},
		"\xef\xbb\xbfa":    {UTF8, 3},
		"\xff\xfea\x00":    {UTF16LE, 2},
		"\xff\xfe\x00\x00": {"", 0},
		"\xfe\xff\x00a":    {UTF16BE, 2},
		"\x84\x31\x95\x33": {GB18030, 4},
	} {
		if e, size := BOM([]byte(start)); e != want.encoding || size != want.size {
			t.Errorf("%q: got %q %d", start, e, size)
		}
	}
}
