package main

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// person is somebody of the 24. Phones are as they were typed.
type person struct {
	id, first, last      string // in their own script
	asciiFirst           string
	asciiLast            string
	country, city        string
	mobile, home, office string
	extension, email     string
	status               string // Active, Leave or Left
	oddity               string
	n                    int
}

// people invents them. Numbers are from ranges kept for fiction or from beside
// libphonenumber's example number, as in samples/contoso.
func people() []*person {
	all := []*person{
		{"001001", "Jörg", "Böttcher", "Joerg", "Boettcher", "DE", "Berlin", "0171 3920010", "", "030 23125010", "110", "joerg.boettcher@example.com", "Active", "has registered this mobile already", 0},
		{"001002", "Käthe", "Nußbaum", "Kaethe", "Nussbaum", "DE", "München", "+49 (0)171 3920011", "", "", "", "kaethe.nussbaum@example.net", "Active", "trunk zero in parentheses", 0},
		{"001003", "Alice", "Ashdown", "Alice", "Ashdown", "US", "Seattle", "(206) 555-0103", "", "(213) 555-0153", "153", "alice.ashdown@example.com", "Active", "the row occurs twice", 0},
		{"001007", "Preston", "Larkspur", "Preston", "Larkspur", "US", "Denver", "1.30356E+10", "", "(213) 555-0154", "", "preston.larkspur@example.org", "Active", "a spreadsheet has taken the mobile's digits", 0},
		{"001012", "Imogen", "Fairweather", "Imogen", "Fairweather", "GB", "London", "07400 123105", "", "020 7946 0105", "", "imogen.fairweather@example.com", "Active", "has registered another mobile", 0},
		{"001013", "Finlay", "MacAllan", "Finlay", "MacAllan", "GB", "Leeds", "+44 7400 123106", "", "", "", "", "Active", "", 0},
		{"001018", "Amélie", "Beauchêne", "Amelie", "Beauchene", "FR", "Paris", "06 12 34 56 07", "", "01 99 00 01 07", "", "amelie.beauchene@example.net", "Active", "has registered this address already", 0},
		{"001019", "Jérôme", "d'Aubrac", "Jerome", "d'Aubrac", "FR", "Lyon", "06.12.34.56.08", "", "", "", "jerome.daubrac@example.com", "Left", "has left, disabled in the tenant", 0},
		{"001024", "Maaike", "van den Akker", "Maaike", "van den Akker", "NL", "Rotterdam", "06-12345609", "", "010-1234509", "209", "maaike.vandenakker@example.org", "Active", "", 0},
		{"001025", "Joost", "Beukenhorst", "Joost", "Beukenhorst", "NL", "Rotterdam", "06-1234", "", "", "", "joost.beukenhorst@example.com", "Active", "mobile is cut off", 0},
		{"001031", "Renate", "Tannhof", "Renate", "Tannhof", "CH", "Zürich", "078 123 45 11", "", "021 234 56 11", "", "", "Active", "", 0},
		{"", "Götz", "Lindenau", "Goetz", "Lindenau", "AT", "Wien", "0664 1234012", "", "", "", "goetz.lindenau@example.net", "Active", "no employee id, found by work address", 0},
		{"001036", "María", "Zúñiga Prado", "Maria", "Zuniga Prado", "ES", "Madrid", "612 345 613", "", "", "", "maria.zunigaprado@example.com", "Active", "", 0},
		{"001037", "Íñigo", "Ibáñez Roble", "Inigo", "Ibanez Roble", "ES", "Madrid", "612 345 614", "", "", "", "inigo.ibanezroble@example.com", "Left", "has left, still enabled in the tenant", 0},
		{"001041", "健", "佐藤", "Ken", "Sato", "JP", "東京", "090-1234-5615", "", "03-1234-5615", "", "ken.sato@example.com", "Active", "", 0},
		{"001042", "美咲", "高橋", "Misaki", "Takahashi", "JP", "東京", "", "", "", "", "misaki.takahashi@example.net", "Active", "no phone", 0},
		{"001047", "서연", "김", "Seoyeon", "Kim", "KR", "서울", "010-2000-0017", "", "02-2123-4517", "317", "seoyeon.kim@example.com", "Active", "", 0},
		{"001048", "지훈", "박", "Jihoon", "Park", "KR", "서울", "010-2000-0018", "", "", "", "jihoon.park@example.org", "Leave", "is on leave; has registered a mobile and an alternate one", 0},
		{"001053", "Wesley", "O'Shaughnessy", "Wesley", "O'Shaughnessy", "CA", "Toronto", "(416) 555-0119", "", "(613) 555-0119", "", "wesley.oshaughnessy@example.com", "Active", "", 0},
		{"001054", "Chloe \"Coco\"", "Carraway", "Chloe \"Coco\"", "Carraway", "US", "Chicago", "n/a", "(312) 555-0120", "", "", "chloe.carraway@example.com", "Active", "mobile is n/a, the home phone is a mobile", 0},
		{"001059", "Agnieszka", "Źródlak", "Agnieszka", "Zrodlak", "PL", "Kraków", "512 345 621", "", "", "", "agnieszka.zrodlak@example.net", "Active", "not in the tenant", 0},
		{"001060", "Brendan", "Ironmonger", "Brendan", "Ironmonger", "US", "Austin", "512-555-0122", "", "", "", "", "Active", "not in the tenant", 0},
		{"001065", "Ulrike", "Rößler", "Ulrike", "Roessler", "DE", "Hamburg", "0176 04069023", "", "040 66969023", "", "ulrike.roessler@example.com", "Active", "two people in the tenant have the employee id", 0},
		{"001066", "Odette", "Quarmby", "Odette", "Quarmby", "GB", "London", "020 7946 0124", "", "", "", "odette.quarmby@contoso.example", "Active", "mobile is a fixed line, private address is the work address", 0},
	}
	for i, p := range all {
		p.n = i + 1
	}
	return all
}

func (p *person) login() string {
	first, _, _ := strings.Cut(p.asciiFirst, " ")
	return strings.ToLower(first + "." + strings.NewReplacer(" ", "", "'", "").Replace(p.asciiLast))
}
func (p *person) upn() string { return p.login() + "@contoso.example" }
func (p *person) sam() string {
	first, last, _ := strings.Cut(p.login(), ".")
	return first[:1] + last
}
func (p *person) name() string {
	if p.first != p.asciiFirst && (p.country == "JP" || p.country == "KR") {
		return p.last + " " + p.first
	}
	return p.first + " " + p.last
}
func (p *person) asciiName() string { return p.asciiFirst + " " + p.asciiLast }
func (p *person) objectID() string {
	h := fmt.Sprintf("%x", sha256.Sum256([]byte(p.upn())))
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:32]
}

// What no output may ever show: every password begins with Zauber!, every
// salary ends in 77 hundredths.
func (p *person) password() string { return fmt.Sprintf("Zauber!%d", 71000+p.n*37) }
func (p *person) salary() string   { return fmt.Sprintf("%d.77", 41000+p.n*1237) }

// date gives an invented date in a layout of y, m and d, or nothing for no date.
func (p *person) date(layout string) string {
	return strings.NewReplacer("yyyy", fmt.Sprint(2004+p.n%20), "mm", fmt.Sprintf("%02d", 1+p.n%12), "dd", fmt.Sprintf("%02d", 1+p.n)).Replace(layout)
}
func (p *person) left(layout, none string) string {
	if p.status != "Left" {
		return none
	}
	return strings.NewReplacer("yyyy", "2026", "mm", "09", "dd", "30").Replace(layout)
}

// word gives one of three by the person's status.
func (p *person) word(active, leave, left string) string {
	return map[string]string{"Active": active, "Leave": leave, "Left": left}[p.status]
}

func (p *person) countryIn(tag language.Tag) string {
	return display.Regions(tag).Name(language.MustParseRegion(p.country))
}
func (p *person) countryEN() string { return p.countryIn(language.English) }

// plans holds calling code, trunk prefix and how many digits the area codes of
// mobiles and of fixed lines have.
var plans = map[string]struct {
	code, trunk  string
	mobile, area int
}{
	"DE": {"49", "0", 3, 2}, "US": {"1", "", 3, 3}, "CA": {"1", "", 3, 3}, "GB": {"44", "0", 4, 2}, "FR": {"33", "0", 0, 0}, "NL": {"31", "0", 1, 2},
	"CH": {"41", "0", 2, 2}, "AT": {"43", "0", 3, 1}, "ES": {"34", "", 0, 0}, "JP": {"81", "0", 2, 1}, "KR": {"82", "0", 2, 1}, "PL": {"48", "", 0, 0},
}

// spaced is a typed number as the service stores it, or "" for one that is none.
func (p *person) spaced(typed string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, strings.Replace(typed, "(0)", "", 1))
	if len(digits) < 8 || strings.Contains(typed, "E+") {
		return ""
	}
	plan := plans[p.country]
	if strings.HasPrefix(typed, "+") {
		digits = strings.TrimPrefix(digits, plan.code)
	} else {
		digits = strings.TrimPrefix(digits, plan.trunk)
	}
	return "+" + plan.code + " " + digits
}

// e164 is the number without spaces, or what was typed if it is none.
func (p *person) e164(typed string) string {
	if s := p.spaced(typed); s != "" {
		return strings.ReplaceAll(s, " ", "")
	}
	return typed
}
