package charset

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// class is what a character of two bytes is to its encoding.
type class int

const (
	rare     class = iota
	common         // in the block that the standard keeps for what is in daily use
	frequent       // one of the few that most names and addresses have
	half           // katakana of one byte
	neutral        // punctuation, and wide forms of ASCII
	foreign        // letters that the encoding has for quoting other languages
)

// Characters that are in most names, addresses and departments. A wrong reading
// hits one by chance, once in thirty to fifty characters; a right one has them
// in every second word.
const (
	japaneseFrequent = "田中山木村本佐藤鈴高橋渡辺伊小林加吉井上松野川子美一郎太京東大阪市区町県部課社株式会人事総務営業開発北南西"
	koreanFrequent   = "김이박최정강조윤장임한오서신권황안송전홍유민수지영현준은경성미진희자호숙순주연우원울산부구대인천광동시도로사팀"
	chineseFrequent  = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗市省区县路号京上海广州深圳公司部国中大人一明华伟芳娜敏静丽强磊军洋勇艳杰娟涛超霞平刚桂英文建玉红志小东南北"
	chineseOld       = "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅市區縣路號京上海台北公司部國中大人一明華偉芳敏靜麗強軍勇傑文建玉志小東南美淑惠雅"
)

// twoByte is a reading of one of the encodings with pairs.
func twoByte(name string, e Encoding, table *pairs, classify func(r rune, pair []byte) class) reading {
	return reading{name: name, encoding: e, read: func(token []byte) (string, level) {
		var count [foreign + 1]int
		var text strings.Builder
		ascii, small := 0, 0
		for i := 0; i < len(token); {
			b := token[i]
			if b < utf8.RuneSelf {
				text.WriteByte(b)
				i++
				if unicode.IsLower(rune(b)) {
					small++
				} else if unicode.IsUpper(rune(b)) {
					ascii++
				}
				continue
			}
			r, size := table.next(token[i:], true)
			if r == 0 {
				return "", impossible
			}
			count[classify(r, token[i:i+size])]++
			text.WriteRune(r)
			i += size
		}
		return text.String(), weigh(count, ascii, small)
	}}
}

// weigh judges a word by the classes of its characters and how many ASCII
// letters, capital and small, are joined to them: an accented letter that is
// taken for half of a pair stands among them.
func weigh(count [foreign + 1]int, capital, small int) level {
	known := count[common] + count[frequent]
	all := known + count[rare]
	switch {
	case all+count[half]+count[foreign] == 0:
		return possible
	case count[foreign] > 0:
		return odd
	case count[half] > 0 && (all > 0 || capital+small > 0 || count[half] < 2):
		return odd
	case count[half] > 0:
		return possible
	case capital+small > 0 && count[rare] > 0, small > 0 && count[frequent] < 2:
		return impossible
	case count[rare] > known, small > 0:
		return odd
	case count[frequent] > 0 && count[frequent]*6 >= all:
		return usual
	}
	return possible
}

// classifyShiftJIS knows JIS X 0208: rows 16 to 47 are level 1, the kanji in
// daily use; kana are in rows 4 and 5.
func classifyShiftJIS(r rune, pair []byte) class {
	switch {
	case len(pair) == 1:
		return half
	case r == 'ー', r == '々', unicode.In(r, unicode.Hiragana, unicode.Katakana), strings.ContainsRune(japaneseFrequent, r):
		return frequent
	case unicode.Is(unicode.Han, r) && pair[0] < 0x99 && (pair[0] < 0x98 || pair[1] < 0x73):
		return common
	case unicode.Is(unicode.Han, r):
		return rare
	case unicode.In(r, unicode.Greek, unicode.Cyrillic):
		return foreign
	}
	return neutral
}

// classifyEUCKR knows KS X 1001: rows 16 to 40 are the Hangul syllables in use.
// Those that code page 949 adds are next to none of any text. Hanja are used,
// and not in one word with Hangul.
func classifyEUCKR(r rune, pair []byte) class {
	switch {
	case strings.ContainsRune(koreanFrequent, r):
		return frequent
	case unicode.Is(unicode.Hangul, r) && pair[1] >= 0xA1 && r >= 0xAC00:
		return common
	case unicode.In(r, unicode.Hangul, unicode.Han):
		return rare
	case unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Greek, unicode.Cyrillic, unicode.Latin) && r < 0xFF00:
		return foreign
	}
	return neutral
}

// classifyGB18030 knows GB 2312: rows 16 to 55 are level 1, the hanzi in daily
// use, and rows up to 87 level 2, which given names like.
func classifyGB18030(r rune, pair []byte) class {
	switch {
	case strings.ContainsRune(chineseFrequent, r):
		return frequent
	case unicode.Is(unicode.Han, r) && len(pair) == 2 && 0xB0 <= pair[0] && pair[0] <= 0xD7 && pair[1] >= 0xA1:
		return common
	case unicode.Is(unicode.Han, r):
		return rare
	case unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Greek, unicode.Cyrillic, unicode.Latin) && r < 0xFF00:
		return foreign
	}
	return neutral
}

// classifyEUCJP knows JIS X 0208 by its rows.
func classifyEUCJP(r rune, pair []byte) class {
	switch {
	case pair[0] == 0x8E:
		return half
	case unicode.Is(unicode.Han, r) && pair[0] < 0xD0 && !strings.ContainsRune(japaneseFrequent, r):
		return common
	}
	return classifyShiftJIS(r, []byte{0xFF, 0xFF})
}

// classifyBig5 knows the level in daily use, up to 0xC67E.
func classifyBig5(r rune, pair []byte) class {
	switch {
	case strings.ContainsRune(chineseOld, r):
		return frequent
	case unicode.Is(unicode.Han, r) && 0xA4 <= pair[0] && pair[0] <= 0xC6:
		return common
	case unicode.Is(unicode.Han, r):
		return rare
	}
	return neutral
}

// readings are the encodings the detection weighs: those of [All] with words to
// weigh, in its order, then those that are only known, because people have them
// and their words can look like those of another.
var readings = sync.OnceValue(func() []reading {
	list := []reading{
		{name: string(UTF8), encoding: UTF8, read: readUTF8},
		alphabetic(string(Windows1252), Windows1252, charmapOf(Windows1252), latin(western)),
		alphabetic(string(Windows1250), Windows1250, charmapOf(Windows1250), latin(central)),
		alphabetic(string(Windows1251), Windows1251, charmapOf(Windows1251), cyrillic),
		twoByte(string(ShiftJIS), ShiftJIS, pairsOf(ShiftJIS), classifyShiftJIS),
		twoByte(string(EUCKR), EUCKR, pairsOf(EUCKR), classifyEUCKR),
		twoByte(string(GB18030), GB18030, pairsOf(GB18030), classifyGB18030),
		twoByte("EUC-JP", "", pairsFrom(japanese.EUCJP), classifyEUCJP),
		twoByte("Big5", "", pairsFrom(traditionalchinese.Big5), classifyBig5),
	}
	for _, other := range []struct {
		name string
		page *charmap.Charmap
		word func([]rune) level
	}{
		{"ISO 8859-2", charmap.ISO8859_2, latin(central)},
		{"ISO 8859-15", charmap.ISO8859_15, latin(western)},
		{"windows-1254", charmap.Windows1254, latin(turkic)},
		{"windows-1257", charmap.Windows1257, latin(baltic)},
		{"Mac OS Roman", charmap.Macintosh, latin(western)},
		{"code page 850", charmap.CodePage850, latin(western)},
		{"code page 852", charmap.CodePage852, latin(central)},
		{"KOI8-R", charmap.KOI8R, cyrillic},
		{"KOI8-U", charmap.KOI8U, cyrillic},
		{"ISO 8859-5", charmap.ISO8859_5, cyrillic},
		{"code page 866", charmap.CodePage866, cyrillic},
		{"Mac OS Cyrillic", charmap.MacintoshCyrillic, cyrillic},
		{"windows-1253", charmap.Windows1253, greek},
		{"windows-1255", charmap.Windows1255, script(unicode.Hebrew)},
		{"windows-1256", charmap.Windows1256, script(unicode.Arabic)},
	} {
		list = append(list, alphabetic(other.name, "", singleOf(other.page), other.word))
	}
	return list
})
