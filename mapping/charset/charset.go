// Package charset tells in which encoding a text file is, and decodes it.
//
// It promises: [Detect] is certain of an encoding only where the sample's bytes
// speak for it and against every other one it knows, among them seventeen it
// cannot decode; where two remain that would read the sample differently it
// names them and decides nothing. What it does not know it can mistake: the ISO
// 8859 parts that hardly anything writes (3, 4, 10, 14, 16) and old DOS pages
// (855, 860) for the Windows page next to them. A reader of [NewReader] turns bytes into
// UTF-8 as a stream, in bounded memory and however the bytes arrive, and each
// sequence that its encoding does not have becomes one byte 0xFF, which is
// never part of UTF-8: whoever checks a row with utf8.Valid loses that row and
// no other. It never writes U+FFFD or a question mark for what it cannot read,
// and an unreadable sequence never takes a line feed, a comma, a semicolon, a
// tab or a quote with it.
//
// Where the facts are from: what each byte sequence means is Microsoft's code
// pages 932, 936, 949, 1250, 1251 and 1252 as the WHATWG Encoding Standard
// writes them down (its indexes jis0208, gb18030, euc-kr and windows-125x, which
// golang.org/x/text carries) and GB 18030-2005 for four bytes. Names that mean
// an encoding are the standard's labels and Microsoft's code page numbers.
// Stricter than the standard: bytes that a code page leaves undefined are
// invalid here, not C1 controls, and so are 0x80 in Shift-JIS and the
// user-defined rows of code pages 932, 936 and 949, whose characters are known
// on one machine only. What was U+FFFD before the file was written stays U+FFFD; that
// damage is not ours to find.
package charset

import (
	"fmt"
	"strings"
)

// Encoding is the name of an encoding as mapping files write it. The empty
// Encoding is none.
type Encoding string

// The encodings.
const (
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252" // Western Europe, the Americas
	Windows1250 Encoding = "windows-1250" // Central Europe
	Windows1251 Encoding = "windows-1251" // Cyrillic
	ShiftJIS    Encoding = "shift-jis"    // code page 932
	EUCKR       Encoding = "euc-kr"       // code page 949, which holds EUC-KR
	GB18030     Encoding = "gb18030"      // holds GBK and GB 2312
)

// All gives every encoding, the usual ones first.
func All() []Encoding {
	return []Encoding{UTF8, UTF16LE, UTF16BE, Windows1252, Windows1250, Windows1251, ShiftJIS, EUCKR, GB18030}
}

// String gives the name.
func (e Encoding) String() string { return string(e) }

// aliases are other names that people and programs write, without what is
// between letters and digits. ISO 8859-2 and -15 are not among them: unlike
// ISO 8859-1 they have letters where the Windows page has others.
var aliases = map[Encoding]string{
	UTF8:        "utf8 utf8bom utf8sig utf8withbom cp65001 65001 ascii usascii",
	UTF16LE:     "utf16le utf16 utf16lebom unicode unicodetext ucs2 ucs2le cp1200 1200",
	UTF16BE:     "utf16be utf16bebom bigendianunicode ucs2be unicodefffe cp1201 1201",
	Windows1252: "windows1252 win1252 cp1252 1252 iso88591 latin1 l1 westerneuropean",
	Windows1250: "windows1250 win1250 cp1250 1250 centraleuropean",
	Windows1251: "windows1251 win1251 cp1251 1251 cyrillic",
	ShiftJIS:    "shiftjis sjis xsjis csshiftjis mskanji windows31j ms932 cp932 windows932 932",
	EUCKR:       "euckr cseuckr ksc56011987 ksc5601 ksc56011989 korean uhc cp949 ms949 windows949 949",
	GB18030:     "gb18030 gbk gb2312 gb231280 csgb2312 euccn chinese cp936 ms936 xgbk windows936 936 cp54936 54936",
}

// Parse gives the encoding that a person means by name. Letter case, white
// space around it and punctuation do not count. The error lists what there is.
func Parse(name string) (Encoding, error) {
	wanted := strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case strings.ContainsRune("-_ .:()", r):
			return -1
		}
		return r
	}, strings.TrimSpace(name))
	if wanted == "ansi" || wanted == "oem" || wanted == "windows" {
		return "", fmt.Errorf("%q is a different encoding on every machine; which is it: %s", name, list(All()[3:]))
	}
	for _, e := range All() {
		for alias := range strings.FieldsSeq(aliases[e]) {
			if alias == wanted {
				return e, nil
			}
		}
	}
	return "", fmt.Errorf("%q is none of the encodings %s", name, list(All()))
}

func list(encodings []Encoding) string {
	var b strings.Builder
	for i, e := range encodings {
		switch {
		case i > 0 && i == len(encodings)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(string(e))
	}
	return b.String()
}
