package country

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

func TestFind(t *testing.T) {
	for want, cells := range map[string]string{
		"DE": "DE|de|De|DEU|deu|Germany|GERMANY|germany| Germany |Federal Republic of Germany|Germany, Federal Republic of|" +
			"Deutschland|Bundesrepublik Deutschland|BRD|Allemagne|Alemania|Germania|Alemanha|Duitsland|Niemcy|Tyskland|Saksa|Německo|Nemecko|Németország|" +
			"Almanya|ALMANYA|Германия|ГЕРМАНИЯ|Німеччина|Γερμανία|ΓΕΡΜΑΝΙΑ|ドイツ|독일|德国|德國|ألمانيا|المانيا|גרמניה|" +
			"Germany (DE)|DE - Germany|DE-Germany|Germany, DE|Germany/Deutschland|DE / DEU / Germany|Germany [DEU]|DE: Germany|(DE)|'Germany|\"Germany\"|='DE'|" +
			"Ｇｅｒｍａｎｙ|ＤＥ|ｄｅ|\ufeffDE\u200b|\u00a0Germany\u00a0|Ger\u00admany|de-DE",
		"GB": "GB|gb|UK|uk|U.K.|u.k.|GBR|United Kingdom|The United Kingdom|United Kingdom of Great Britain and Northern Ireland|" +
			"United Kingdom of Great Britain & Northern Ireland|United Kingdom (UK)|UK - United Kingdom|Great Britain|England|ENGLAND|Scotland|Wales|Northern Ireland|Ireland, Northern|England, UK|" +
			"Vereinigtes Königreich|Großbritannien|GROSSBRITANNIEN|Royaume-Uni|Reino Unido|Regno Unito|Verenigd Koninkrijk|Wielka Brytania|Storbritannien|Великобритания|英国|イギリス|영국",
		"US": "US|us|USA|usa|U.S.|U.S.A.|U. S. A.|The USA|United States|United States of America|The United States of America|Vereinigte Staaten|États-Unis|ETATS-UNIS|Etats Unis|" +
			"Estados Unidos|EE. UU.|EE.UU.|Stati Uniti|Stany Zjednoczone|USA - United States|США|美国|アメリカ合衆国|미국|Amerika Birleşik Devletleri",
		"KR": "KR|KOR|South Korea|Korea, South|Korea (South)|Republic of Korea|Korea, Republic of|Korea (the Republic of)|Korea, Rep.|Südkorea|Suedkorea|Corée du Sud|SUEDKOREA|대한민국|韓国|韩国",
		"KP": "KP|PRK|North Korea|Korea, North|DPRK|Korea, Democratic People's Republic of|Korea (the Democratic People's Republic of)|Korea (Democratic People’s Republic of)|Nordkorea",
		"CZ": "CZ|CZE|Czechia|Czech Republic|Czech Rep.|The Czech Republic|Tschechien|Tschechische Republik|Česko|Česká republika|CESKA REPUBLIKA",
		"VN": "Vietnam|Viet Nam|VIET-NAM|Viêt Nam|Socialist Republic of Viet Nam",
		"RU": "Russia|Russian Federation|The Russian Federation|Russland|Rußland|Россия",
		"NL": "Netherlands|The Netherlands|Netherlands, The|Netherlands (the)|Netherlands (Kingdom of the)|Holland|Niederlande|Pays-Bas|Países Bajos|Nederland",
		"TW": "Taiwan|TWN|Taiwan, Province of China|Taiwan (Province of China)|Taiwan, China|Taiwan (R.O.C.)|台湾|臺灣|台灣",
		"HK": "Hong Kong|Hongkong|HONG KONG SAR|Hong Kong SAR, China|Hong Kong SAR China|Hong Kong, China|China, Hong Kong SAR|香港",
		"CI": "Ivory Coast|Côte d'Ivoire|Cote d’Ivoire|COTE D IVOIRE|Cote dIvoire|Elfenbeinküste",
		"AT": "Austria|Österreich|OESTERREICH|Oesterreich|Osterreich|Autriche|Republik Österreich",
		"TR": "Turkey|Türkiye|TURKIYE|TÜRKİYE|Turkiye|Türkei|Tuerkei",
		"AE": "UAE|U.A.E.|United Arab Emirates|The United Arab Emirates (UAE)|VAE|Emirates|Vereinigte Arabische Emirate",
		"BA": "Bosnia|Bosnia and Herzegovina|Bosnia & Herzegovina|BOSNIA-HERZEGOVINA|Bosnia Herzegovina|Bosnien und Herzegowina|BIH",
		"CD": "CD|COD|Democratic Republic of the Congo|Congo, The Democratic Republic of the|Congo (the Democratic Republic of the)|Congo, Dem. Rep.|Congo-Kinshasa|Congo - Kinshasa|Congo (DRC)|DR Congo|DRC|" +
			"Congo (Democratic Republic of the) - CD",
		"CG": "CG|Republic of the Congo|Congo, Republic of the|Congo, Rep.|Congo-Brazzaville|Congo (Brazzaville)",
		"GE": "Georgia|GEO|Republic of Georgia|Géorgie",
		"GS": "South Georgia and the South Sandwich Islands|South Georgia",
		"IE": "Ireland|Republic of Ireland|Ireland, Republic of|Eire|Éire|Irland",
		"JE": "Jersey|Bailiwick of Jersey",
		"NE": "Niger|The Niger",
		"NG": "Nigeria",
		"DM": "Dominica",
		"DO": "Dominican Republic|Dominican Rep.|República Dominicana",
		"GN": "GN|Guinea (GN)|GN - Guinea|Guinea/GIN|GIN|Republic of Guinea|Guinea-Conakry|Guinée",
		"GW": "Guinea-Bissau|Guinea Bissau|GW - Guinea-Bissau|Guinea-Bissau (GW)|Republic of Guinea-Bissau",
		"GQ": "Equatorial Guinea|Guinea, Equatorial",
		"PG": "Papua New Guinea|PNG",
		"MK": "North Macedonia|Macedonia|The former Yugoslav Republic of Macedonia|Macedonia, the former Yugoslav Republic of|Nordmazedonien",
		"SZ": "Eswatini|Swaziland|eSwatini",
		"CN": "China|People's Republic of China|Peoples Republic of China|PRC|P.R. China|中国|中國",
		"MF": "MF|St. Martin (MF)|Saint Martin (French part)|St. Martin (French part)",
		"SX": "SX|Sint Maarten|Sint Maarten (Dutch part)",
		"VG": "British Virgin Islands|Virgin Islands (British)|Virgin Islands, British",
		"VI": "U.S. Virgin Islands|US Virgin Islands|Virgin Islands (U.S.)|Virgin Islands, U.S.",
		"BQ": "Bonaire, Sint Eustatius and Saba|Bonaire, Sint Eustatius and Saba (BQ)",
		"LC": "Saint Lucia|St. Lucia|St Lucia|St.Lucia",
		"LA": "Laos|Lao People's Democratic Republic (the)|Lao PDR",
		"VA": "Holy See (Vatican City State)|Holy See (Vatican City State) - VA|Vatican City",
		"XK": "XK|Kosovo|KOSOVO",
		"AQ": "Antarctica",
		"NA": "NA|NAM|Namibia",
		"NO": "NO|no|Norway|Norwegen",
	} {
		for cell := range strings.SplitSeq(cells, "|") {
			if got, ok := Find(cell); !ok || got != want {
				t.Errorf("%q: got %q, %v; want %s", cell, got, ok, want)
			}
		}
	}
}

func TestFindRefuses(t *testing.T) {
	for name, cells := range map[string][]string{
		"nothing":              {"", " ", "-", "--", "()", "\u200b", "?", "."},
		"no country's code":    {"EU", "EUR", "XX", "ZZ", "AA", "EN", "ENG", "EL", "AC", "AN", "SU", "YU", "DD", "XXX", "D", "G", "GER", "SUI"},
		"digits":               {"49", "+49", "0049", "276", "004", "DE 276", "1", "٤٩"},
		"not there":            {"n/a", "N/A", "N.A.", "n.a.", "none", "null", "unknown", "#N/A", "#REF!", "TBD", "0", "-1"},
		"ambiguous":            {"Guinea", "Guiné", "Congo", "The Congo", "Kongo", "Конго", "Korea", "America", "Virgin Islands", "St. Martin", "Saint-Martin", "Republic of China"},
		"more than a country":  {"Europe", "Asia", "Africa", "Scandinavia", "Benelux", "DACH", "World", "EMEA", "Latin America"},
		"no country any more":  {"Yugoslavia", "Czechoslovakia", "USSR", "Soviet Union", "Serbia and Montenegro", "Netherlands Antilles", "GDR", "Zaire"},
		"disagreeing":          {"Germany (AT)", "DE - France", "Germany, FR", "DE/FR", "DE, FR", "US-CA", "DE-BY", "Georgia, US", "Georgia, USA", "Ireland, UK", "Guinea (DE)", "Congo (GN)", "Korea (CD)", "de-AT", "DE / DEU / FR", "Hong Kong (CN) - TW"},
		"with something else":  {"Germany, Bavaria", "Paris, France", "Germany 1", "Germany*", "Germany?", "Germany!", "West Germany", "en-US", "Germany (+49)", "Jane Germany", "DE Germany"},
		"a part":               {"Bavaria", "California", "Catalonia", "London", "Berlin"},
		"misspelled":           {"Germny", "Deutschlnd", "Untied Kingdom", "Swizerland"},
		"lost letters":         {"T?rkei", "T\ufffdrkei", "\xffDE", "Osterreich\xff", "D\xe4nemark"},
		"accent makes a code":  {"Áo", "Bỉ", "ÁO", "dé", "ÚS"},
		"far too long":         {strings.Repeat("Germany ", 40), strings.Repeat("DE-", 60) + "DE", strings.Repeat("x", 10_000)},
		"more than three ways": {"DE-DE-DE-DE-DE-DE-DE-DE-DE"},
	} {
		for _, cell := range cells {
			if got, ok := Find(cell); ok || got != "" {
				t.Errorf("%s: %q is read as %s", name, cell, got)
			}
		}
	}
}

// The table of codes is compared with the library's, which has others besides.
func TestCodes(t *testing.T) {
	if len(codes) != 250*wide {
		t.Fatalf("%d bytes of codes", len(codes))
	}
	for i := range len(codes) / wide {
		code, long := alpha2(i), codes[i*wide+2:(i+1)*wide]
		region, err := language.ParseRegion(code)
		if err != nil || region.String() != code || region.Canonicalize() != region || !region.IsCountry() {
			t.Errorf("%s is no country", code)
		}
		if code != "XK" && region.ISO3() != long {
			t.Errorf("%s: %s, want %s", code, long, region.ISO3())
		}
		if i > 0 && alpha2(i-1) >= code {
			t.Errorf("%s is not in order", code)
		}
		for _, cell := range []string{code, strings.ToLower(code), long, strings.ToLower(long), Name(code), strings.ToUpper(Name(code)), Name(code) + " (" + code + ")", code + " - " + Name(code)} {
			got, ok := Find(cell)
			if bare := strings.EqualFold(cell, Name(code)); bare && (code == "GN" || code == "MF") {
				if ok {
					t.Errorf("%q is read as %s", cell, got)
				}
				continue
			}
			if !ok || got != code {
				t.Errorf("%q: got %q, %v; want %s", cell, got, ok, code)
			}
		}
	}
	for _, code := range []string{"", "de", "UK", "EU", "XX", "DEU", "GERMANY", "\xff\xff"} {
		if name := Name(code); name != "" {
			t.Errorf("%q is called %s", code, name)
		}
	}
}

func TestFurtherNames(t *testing.T) {
	last := ""
	for line := range strings.Lines(further) {
		code, list, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if _, ok := index(code); !ok || len(code) != 2 || code <= last {
			t.Errorf("line %q is not in order, or of no country", line)
		}
		last = code
		for name := range strings.SplitSeq(list, "|") {
			if got, ok := Find(name); !ok || got != code {
				t.Errorf("%q: got %q, %v; want %s", name, got, ok, code)
			}
		}
	}
}

// dropped are the names in the languages that are read which mean no country
// for certain.
var dropped = []string{"Guinea", "Guiné", "Kongo", "Saint Martin", "Saint-Martin", "St Martin", "St. Martin", "لتونی"}

// Every name in every language that is read is read back, and no language of the
// data at all, read or not, has that name for another country. What looks like a
// code is one: the Vietnamese name of Russia is Nigeria's.
func TestNamesMeanOneCountry(t *testing.T) {
	var missed []string
	for _, tag := range display.Supported.Tags() {
		namer := display.Regions(tag)
		if namer == nil {
			continue
		}
		reads := slices.Contains(strings.Fields(languages), tag.String())
		for i := range len(codes) / wide {
			name := namer.Name(language.MustParseRegion(alpha2(i)))
			got, ok := Find(name)
			_, isCode := findCode(name)
			switch {
			case ok && !isCode && got != alpha2(i):
				t.Errorf("%s: %q is %s, and read as %s", tag, name, alpha2(i), got)
			case !ok && reads && name != "" && !slices.Contains(missed, name):
				missed = append(missed, name)
			}
		}
	}
	slices.Sort(missed)
	if !slices.Equal(missed, dropped) {
		t.Errorf("not read: %q\n    want: %q", missed, dropped)
	}
}

// A name that is also a code would be read as the code.
func TestNamesAreNoCodes(t *testing.T) {
	for name, i := range names() {
		if code, ok := index(strings.ToUpper(name)); ok && code != int(i) {
			t.Errorf("%q names %s and is the code of %s", name, alpha2(int(i)), alpha2(code))
		}
		if i == ambiguous && !slices.ContainsFunc(strings.Split(neither, "|"), func(n string) bool { return string(fold(nil, n)) == name }) {
			t.Errorf("%q means two countries, and is not listed", name)
		}
		if int(i) >= len(codes)/wide && i != ambiguous {
			t.Errorf("%q names country %d", name, i)
		}
	}
}

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		" The  Gambia ":                "gambia",
		"Gambia, The":                  "gambia",
		"Korea, the Republic of":       "korea,republic of",
		"Bosnia & Herzegovina":         "bosnia herzegovina",
		"St. Kitts and Nevis":          "saint kitts nevis",
		"U.S.A.":                       "u s a",
		"Falkland Islands (Malvinas)":  "falkland islands,malvinas",
		"(a) - - [b]":                  "a,b",
		"Àéîøüßæœłđþ ÐİIı":             "aeioussaeoeldth diii",
		"Ελλάς":                        "ελλασ",
		"ガーナ":                          "カ\u3099ーナ",
		"й ё":                          "и\u0306 е",
		"Ｇｅｒｍａｎｙ（ＤＥ）":                  "germany,de",
		"and the":                      "",
		"a, and the, b":                "a,b",
		"Cote d’Ivoire":                "cote d ivoire",
		"x\ufffdy?":                    "x\ufffdy?",
		"dem. rep. st. republic saint": "democratic republic saint republic saint",
	} {
		if got := string(fold(nil, text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got := string(fold([]byte("x"), "Ü")); got != "xu" {
		t.Errorf("appended: %q", got)
	}
}

func FuzzFind(f *testing.F) {
	for _, cell := range []string{
		"DE", "uk", "U.S.A.", "Germany (DE)", "DE - Germany", "Korea, Republic of", "Côte d’Ivoire", "Åland", "大韓民国", "ΕΛΛΆΔΑ", "ＵＫ", "Áo",
		"the the", "- - -", "st rep dem and", "A-the-the-B", "\xff", "\ufffd", "İ", "ﷺ", "a\u0308\u0323", "DE/DE/DE/DE/DE/DE/DE", "Guinea-Bissau (GW)", "\u1d2c\u02bc",
	} {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		once := string(fold(nil, cell))
		if twice := string(fold(nil, once)); twice != once {
			t.Fatalf("%q folds to %q and on to %q", cell, once, twice)
		}
		code, ok := Find(cell)
		if !ok {
			if code != "" {
				t.Fatalf("%q: refused, with %q", cell, code)
			}
			return
		}
		if _, assigned := index(code); !assigned || len(code) != 2 || Name(code) == "" {
			t.Fatalf("%q is read as %q, which is no country", cell, code)
		}
		for _, other := range []string{"XX " + cell, cell + " ?", cell + " 1"} {
			if again, ok := Find(other); ok {
				t.Fatalf("%q is read as %q", other, again)
			}
		}
		agreed := cell + " (" + code + ")"
		if again, ok := Find(agreed); ok && again != code {
			t.Fatalf("%q is read as %q", agreed, again)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	for _, bench := range []struct{ name, cell string }{
		{"first code", "AD"}, {"last code", "zwe"}, {"no code", "XX"}, {"name", "Germany"}, {"long name", "United Kingdom of Great Britain and Northern Ireland"},
		{"accents", "Côte d’Ivoire"}, {"Cyrillic", "Великобритания"}, {"Japanese", "アメリカ合衆国"}, {"list order", "Korea, Republic of"}, {"twice", "DE - Germany"}, {"unknown", "Bavaria"},
	} {
		Find(bench.cell)
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Find(bench.cell)
			}
		})
	}
}

func BenchmarkNames(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		t := table{names: make(map[string]uint8)}
		t.addFurther()
		t.addForeign()
	}
}
