//go:build ignore

// This program writes the sample exports beside it: the same invented people as
// each system would export them, the tenant they belong to and the README. Run it
// from the root: go run importer/testdata/exports/generate.go
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	utf "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

const root = "importer/testdata/exports"

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

// column is one column of an export.
type column struct {
	name string
	of   func(*person) string
}

// columns takes names and what stands below each: a text, the same for
// everybody, or a function.
func columns(spec ...any) []column {
	var all []column
	for i := 0; i < len(spec); i += 2 {
		c := column{name: spec[i].(string)}
		switch of := spec[i+1].(type) {
		case string:
			c.of = func(*person) string { return of }
		case func(*person) string:
			c.of = of
		}
		all = append(all, c)
	}
	return all
}

// What most systems have.
var (
	id        = func(p *person) string { return p.id }
	first     = func(p *person) string { return p.first }
	last      = func(p *person) string { return p.last }
	mobile    = func(p *person) string { return p.mobile }
	home      = func(p *person) string { return p.home }
	office    = func(p *person) string { return p.office }
	extension = func(p *person) string { return p.extension }
	email     = func(p *person) string { return p.email }
	iso       = func(p *person) string { return p.country }
	city      = func(p *person) string { return p.city }
)

func date(layout string) func(*person) string {
	return func(p *person) string { return p.date(layout) }
}
func left(layout, none string) func(*person) string {
	return func(p *person) string { return p.left(layout, none) }
}
func word(active, leave, left string) func(*person) string {
	return func(p *person) string { return p.word(active, leave, left) }
}
func nameOfCountry(tag language.Tag) func(*person) string {
	return func(p *person) string { return p.countryIn(tag) }
}

// export is one file.
type export struct {
	system, file, encoding string
	delimiter              string
	quote                  string // `"`, `'`, or "" for no quoting at all
	all                    bool   // every cell is quoted
	eol                    string
	above                  []string // lines above the header
	labels                 []string // the second header row
	columns                []column
	extra                  []string // lines below the people
	preset, odd            string
	body                   func([]*person) string // instead of all of this
}

var encodings = map[string]encoding.Encoding{
	"ascii": nil, "utf-8": encoding.Nop, "utf-8 (BOM)": utf.UTF8BOM, "utf-16le": utf.UTF16(utf.LittleEndian, utf.ExpectBOM),
	"windows-1252": charmap.Windows1252, "shift_jis": japanese.ShiftJIS, "cp949": korean.EUCKR,
}

func (e *export) bytes(all []*person) []byte {
	text := ""
	if e.body != nil {
		text = e.body(all)
	} else {
		text = e.table(all)
	}
	if e.encoding == "ascii" { // as Windows PowerShell does it
		return []byte(strings.Map(func(r rune) rune {
			if r > 126 {
				return '?'
			}
			return r
		}, text))
	}
	encoded, err := encodings[e.encoding].NewEncoder().Bytes([]byte(text))
	if err != nil {
		log.Fatalf("%s: %v", e.system, err)
	}
	return encoded
}

func (e *export) table(all []*person) string {
	var b strings.Builder
	for _, line := range e.above {
		b.WriteString(line + e.eol)
	}
	var names []string
	for _, c := range e.columns {
		names = append(names, c.name)
	}
	b.WriteString(e.line(names))
	if e.labels != nil {
		b.WriteString(e.line(e.labels))
	}
	for _, p := range all {
		p = e.writable(p)
		cells := make([]string, len(e.columns))
		for i, c := range e.columns {
			cells[i] = c.of(p)
		}
		b.WriteString(e.line(cells))
	}
	for _, line := range e.extra {
		b.WriteString(line + e.eol)
	}
	return b.String()
}

// writable gives the person in letters that the encoding has.
func (e *export) writable(p *person) *person {
	enc := encodings[e.encoding]
	if enc == nil {
		return p
	}
	q := *p
	if _, err := enc.NewEncoder().String(p.name() + p.city); err != nil {
		q.first, q.last, q.city = p.asciiFirst, p.asciiLast, map[string]string{"München": "Muenchen", "Zürich": "Zuerich", "東京": "Tokyo", "서울": "Seoul", "Kraków": "Krakow"}[p.city]
		if q.city == "" {
			q.city = p.city
		}
	}
	return &q
}

func (e *export) line(cells []string) string {
	quoted := slices.Clone(cells)
	for i, cell := range cells {
		if e.quote != "" && (e.all || strings.Contains(cell, e.delimiter) || strings.ContainsAny(cell, e.quote+"\r\n")) {
			quoted[i] = e.quote + strings.ReplaceAll(cell, e.quote, e.quote+e.quote) + e.quote
		}
	}
	return strings.Join(quoted, e.delimiter) + e.eol
}

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

func hr() []export {
	employeeRow := func(p *person) string { return "E" + p.objectID()[:6] }
	return []export{
		{system: "workday", file: "export.csv", encoding: "utf-8", delimiter: ",", quote: `"`, eol: "\r\n",
			above: []string{"Contoso - Worker Contact Details", `Effective as of 2026-11-02,"Organization: Contoso, all"`},
			columns: columns("Worker", (*person).name, "Employee ID", id, "Worker Type", "Employee", "Worker Status", word("Active", "On Leave", "Terminated"),
				"Legal Name - First Name", first, "Legal Name - Last Name", last, "Email - Primary Work", (*person).upn, "Email - Primary Home", email,
				"Phone - Primary\r\nMobile", mobile, "Phone - Primary Home", home, "Phone - Primary Work", office, "Work Ext", extension,
				"Primary Home Address -\r\nCountry", (*person).countryEN, "Worker Physical Location", city, "Hire Date", date("yyyy-mm-dd"),
				"Termination Date", left("yyyy-mm-dd", ""), "Total Base Pay Annualized - Amount", (*person).salary),
			preset: "workday", odd: "two title rows; line breaks in two header cells"},
		{system: "successfactors", file: "export.csv", encoding: "utf-8 (BOM)", delimiter: ",", quote: `"`, eol: "\r\n",
			labels: strings.Split("STATUS,USERID,Username,First Name,Last Name,Middle Name,Gender,Email,Manager,Human Resource,Department,Job Code,Division,Location,Time Zone,Hire Date,Employee Id,Title,Business Phone,Country,Mobile,Private e-mail,Annual Salary", ","),
			columns: columns("STATUS", word("Active", "Inactive", "Inactive"), "USERID", employeeRow, "USERNAME", (*person).sam, "FIRSTNAME", first, "LASTNAME", last,
				"MI", "", "GENDER", "", "EMAIL", (*person).upn, "MANAGER", "NO_MGR", "HR", "NO_HR", "DEPARTMENT", "Sales", "JOBCODE", "SAL-2", "DIVISION", "Contoso",
				"LOCATION", city, "TIMEZONE", "GMT", "HIREDATE", date("mm/dd/yyyy"), "EMPID", id, "TITLE", "Specialist", "BIZ_PHONE", office, "COUNTRY", (*person).countryEN,
				"CELL_PHONE", mobile, "CUSTOM01", email, "CUSTOM02", (*person).salary),
			preset: "successfactors", odd: "a second header row with labels; who is on leave is Inactive; private addresses in CUSTOM01, unmapped"},
		{system: "bamboohr", file: "export.csv", encoding: "utf-8", delimiter: ",", quote: `"`, all: true, eol: "\n",
			columns: columns("id", func(p *person) string { return fmt.Sprint(200 + p.n) }, "employeeNumber", id, "firstName", first, "lastName", last, "displayName", (*person).name,
				"jobTitle", "Specialist", "department", "Research, Development", "supervisorEId", "201", "country", (*person).countryEN, "location", city,
				"workEmail", (*person).upn, "homeEmail", email, "bestEmail", (*person).upn, "mobilePhone", mobile, "homePhone", home, "workPhone", office, "workPhoneExtension", extension,
				"status", word("Active", "Active", "Inactive"), "payRate", func(p *person) string { return p.salary() + " USD" }, "hireDate", date("yyyy-mm-dd"),
				"terminationDate", left("yyyy-mm-dd", "0000-00-00")),
			preset: "bamboohr", odd: "every cell quoted; an id column that is no employee number"},
		{system: "adp", file: "export.csv", encoding: "utf-8", delimiter: ",", quote: `"`, eol: "\r\n",
			columns: columns("Legal Last Name", last, "Legal First Name", first, "Associate ID", id, "Position ID", func(p *person) string { return fmt.Sprintf("CTS%06d", p.n) },
				"Position Status", word("Active", "Leave", "Terminated"), "Work Contact: Work Email", (*person).upn, "Work Contact: Work Phone", office, "Work Contact: Work Mobile", "",
				"Personal Contact: Personal Email", email, "Personal Contact: Personal Mobile", mobile, "Personal Contact: Home Phone", home, "Primary Address: Country Code", iso,
				"Home Department Code", "004100", "Reports To Associate ID", "001001", "Hire Date", date("mm/dd/yyyy"), "Termination Date", left("mm/dd/yyyy", ""), "Annual Salary", (*person).salary),
			preset: "adp", odd: "colons in the names"},
		{system: "ukg", file: "export.csv", encoding: "utf-8", delimiter: ";", quote: "'", eol: "\n", columns: ukg(),
			preset: "ukg", odd: "41 columns, no status"},
		{system: "oracle-hcm", file: "Worker.dat", encoding: "utf-8", body: hdl,
			preset: "oracle-hcm", odd: "one row for each phone and address; phones in three columns; work mobile (WM) and home phone (H1) besides; nobody without a number"},
		{system: "orangehrm", file: "export.csv", encoding: "utf-8", delimiter: ",", quote: `"`, eol: "\n",
			columns: columns("first_name", first, "middle_name", "", "last_name", last, "employee_id", id, "other_id", "", "driver's_license_no", "", "license_expiry_date", "",
				"gender", "", "marital_status", "", "nationality", "", "date_of_birth", "", "address_street_1", "", "address_street_2", "", "city", city, "state/province", "",
				"zip/postal_code", "", "country", (*person).countryEN, "home_telephone", home, "mobile", mobile, "work_telephone", office, "work_email", (*person).upn, "other_email", email),
			preset: "orangehrm", odd: "an apostrophe in a name; no status"},
		{system: "personio-de", file: "export.csv", encoding: "windows-1252", delimiter: ";", quote: `"`, eol: "\r\n",
			columns: columns("Personalnummer", id, "Vorname", first, "Nachname", last, "E-Mail", (*person).upn, "Status", word("Aktiv", "Abwesend", "Inaktiv"), "Beschäftigungsart", "Intern",
				"Abteilung", "Vertrieb", "Büro", city, "Vorgesetzter", "Jörg Böttcher", "Einstellungsdatum", date("dd.mm.yyyy"), "Kündigungsdatum", left("dd.mm.yyyy", ""),
				"Land", nameOfCountry(language.German), "Mobil (privat)", mobile, "Telefon (geschäftlich)", office, "Private E-Mail", email,
				"Festgehalt", func(p *person) string { return strings.Replace(p.salary(), ".", ",", 1) + " €" }),
			preset: "personio-de", odd: "names of countries in German"},
	}
}

// ukg gives the 41 positions; after the documented ones their names are ours.
func ukg() []column {
	all := columns("organization_code", "CONTOSO", "registration_reference", id, "technical_id", id, "lastname", last, "firstname", first, "middle_name", "", "maiden_name", "",
		"birthdate", "", "address_1", func(p *person) string { return fmt.Sprintf("Example Street %d; 2nd floor", p.n) }, "address_2", "", "zip_code", "", "city", city,
		"country_code", iso, "professional_email", (*person).upn, "personal_email", email, "mobile_phone_number", mobile, "home_phone_number", home,
		"professional_phone_number", office, "starting_date", date("yyyy-mm-dd"), "departure_date", left("yyyy-mm-dd", ""), "salary", (*person).salary)
	for len(all) < 41 {
		all = append(all, columns(fmt.Sprintf("attribute_%d", len(all)+1), "")...)
	}
	return all
}

// hdl writes a file of HCM Data Loader.
func hdl(all []*person) string {
	var worker, names, phones, mails strings.Builder
	worker.WriteString("METADATA|Worker|SourceSystemOwner|SourceSystemId|EffectiveStartDate|EffectiveEndDate|PersonNumber|StartDate|ActionCode\n")
	names.WriteString("METADATA|PersonName|SourceSystemOwner|SourceSystemId|PersonNumber|EffectiveStartDate|EffectiveEndDate|LegislationCode|NameType|FirstName|LastName\n")
	phones.WriteString("METADATA|PersonPhone|SourceSystemOwner|SourceSystemId|PersonId(SourceSystemId)|PhoneType|DateFrom|DateTo|PersonNumber|LegislationCode|CountryCodeNumber|AreaCode|PhoneNumber|PrimaryFlag\n")
	mails.WriteString("METADATA|PersonEmail|SourceSystemOwner|SourceSystemId|PersonId(SourceSystemId)|EmailType|EmailAddress|DateFrom|DateTo|PersonNumber|PrimaryFlag\n")
	for _, p := range all {
		if p.id == "" {
			continue
		}
		from, key := p.date("yyyy/mm/dd"), "CONTOSO_"+p.id
		fmt.Fprintf(&worker, "MERGE|Worker|CONTOSO|%s|%s|4712/12/31|%s|%[2]s|HIRE\n", key, from, p.id)
		fmt.Fprintf(&names, "MERGE|PersonName|CONTOSO|%s_NAME|%s|%s|4712/12/31|%s|GLOBAL|%s|%s\n", key, p.id, from, p.country, p.first, p.last)
		phone := func(kind, typed, flag string) {
			if typed != "" {
				fmt.Fprintf(&phones, "MERGE|PersonPhone|CONTOSO|%s_%s|%[1]s|%[2]s|%s|4712/12/31|%s|%s|%s|%s\n", key, kind, from, p.id, p.country, p.parts(kind, typed), flag)
			}
		}
		phone("HM", p.mobile, "Y")
		phone("H1", p.home, "N")
		phone("W1", p.office, "N")
		if p.n%8 == 1 {
			phone("WM", p.mobile[:len(p.mobile)-1]+"9", "N")
		}
		mail := func(kind, address string) {
			if address != "" {
				fmt.Fprintf(&mails, "MERGE|PersonEmail|CONTOSO|%s_%s|%[1]s|%[2]s|%s|%s|4712/12/31|%s|N\n", key, kind, address, from, p.id)
			}
		}
		mail("W1", p.upn())
		mail("H1", p.email)
	}
	return "COMMENT Contoso, extract of 2026/11/02\n" + worker.String() + names.String() + phones.String() + mails.String()
}

// parts splits a number into country code, area code with its trunk zero, and
// the rest; a cell that is no number goes into the rest as it is.
func (p *person) parts(kind, typed string) string {
	s, plan := p.spaced(typed), plans[p.country]
	if s == "" {
		return plan.code + "||" + typed
	}
	_, national, _ := strings.Cut(s, " ")
	digits := plan.mobile
	if kind == "W1" || kind == "H1" {
		digits = plan.area
	}
	if digits == 0 {
		return plan.code + "||" + plan.trunk + national
	}
	area, rest := plan.trunk+national[:digits], national[digits:]
	return plan.code + "|" + area + "|" + rest[:3] + "-" + rest[3:]
}

func directories() []export {
	userNames := func(p *person) string { return strings.ReplaceAll(p.upn(), "@", "@ad.") }
	dn := func(p *person) string {
		return "CN=" + p.asciiName() + ",OU=" + p.country + ",DC=ad,DC=contoso,DC=example"
	}
	bit := word("True", "True", "False")
	international := func(p *person) string { return p.e164(p.mobile) }
	// What only recovery has is the part that is E.164; the console refuses the rest.
	recovery := func(p *person) string {
		if p.spaced(p.mobile) == "" || p.n%2 == 1 {
			return ""
		}
		return p.e164(p.mobile)
	}
	registered := func(n int, number string) func(*person) string {
		return func(p *person) string {
			if p.n == n {
				return number
			}
			return ""
		}
	}
	entra := func(idName, officeName, mobileName string, more ...any) []column {
		return slices.Concat(columns("userPrincipalName", (*person).upn, "displayName", (*person).name, "surname", last, "mail", (*person).upn, "givenName", first,
			idName, (*person).objectID, "userType", "Member", "jobTitle", "Specialist", "department", func(p *person) string {
				if p.n == 9 {
					return "Research, Development"
				}
				return "Sales"
			}, "accountEnabled", bit, "usageLocation", iso, "streetAddress", "", "state", "", "country", (*person).countryEN,
			officeName, city, "city", city, "postalCode", "", "telephoneNumber", office, mobileName, mobile), columns(more...))
	}
	return []export{
		{system: "google-workspace", file: "export.csv", encoding: "utf-8", delimiter: ",", quote: `"`, eol: "\n",
			columns: columns("First Name [Required]", first, "Last Name [Required]", last, "Email Address [Required]", (*person).upn, "Password [Required]", "****",
				"Password Hash Function [UPLOAD ONLY]", "", "Org Unit Path [Required]", "/", "New Primary Email [UPLOAD ONLY]", "", "Status [READ ONLY]", word("Active", "Active", "Suspended"),
				"Last Sign In [READ ONLY]", date("yyyy/mm/dd 08:14:13"), "Recovery Email", email, "Home Secondary Email", "", "Work Secondary Email", (*person).upn,
				"Recovery Phone [MUST BE IN THE E.164 FORMAT]", recovery, "Work Phone", office, "Home Phone", home, "Mobile Phone", mobile, "Work Address", "", "Home Address", "",
				"Employee ID", id, "Employee Type", "", "Employee Title", "", "Manager Email", "", "Department", "", "Cost Center", "", "2sv Enrolled [READ ONLY]", "False",
				"2sv Enforced [READ ONLY]", "False", "Building ID", "", "Floor Name", "", "Floor Section", "", "Email Usage [READ ONLY]", "0.04GB", "Drive Usage [READ ONLY]", "1.21GB",
				"Total Storage [READ ONLY]", "Unlimited", "Change Password at Next Sign-In", "False", "New Status [UPLOAD ONLY]", ""),
			preset: "google-workspace", odd: "hints in brackets; no country; half of the people have a recovery phone"},
		{system: "entra-users", file: "export.csv", encoding: "utf-8", delimiter: ",", eol: "\r\n",
			columns: entra("id", "officeLocation", "mobilePhone", "alternateEmailAddress", email, "ageGroup", "", "consentProvidedForMinor", "", "legalAgeGroupClassification", "",
				"companyName", "Contoso", "creationType", "", "directorySynced", "True", "invitationState", "", "identityIssuer", "contoso.example", "createdDateTime", func(p *person) string { return fmt.Sprintf("%d/%d/%d 8:14:13 AM", 1+p.n%12, 1+p.n, 2004+p.n%20) }),
			preset: "entra-users", odd: "nothing is quoted: one row has a comma too many, one cell quotation marks"},
		{system: "entra-users-old", file: "export.csv", encoding: "utf-8", delimiter: ",", quote: `"`, eol: "\n",
			columns: entra("objectId", "physicalDeliveryOfficeName", "mobile", "authenticationPhoneNumber", registered(5, otherMobile), "authenticationAlternativePhoneNumber", registered(18, alternateMobile), "authenticationEmail", "",
				"alternateEmailAddress", email, "ageGroup", "", "consentProvidedForMinor", "", "legalAgeGroupClassification", ""),
			preset: "entra-users", odd: "the older columns; registered phones in some cells"},
		{system: "entra-bulk-template", file: "UserCreateTemplate.csv", encoding: "utf-8 (BOM)", delimiter: ",", quote: `"`, eol: "\r\n", above: []string{"version:v1.0" + strings.Repeat(",", 16)},
			columns: columns("Name [displayName] Required", (*person).name, "User name [userPrincipalName] Required", (*person).upn, "Initial password [passwordProfile] Required", (*person).password,
				"Block sign in (Yes/No) [accountEnabled] Required", word("No", "No", "Yes"), "First name [givenName]", first, "Last name [surname]", last, "Job title [jobTitle]", "",
				"Department [department]", "", "Usage location [usageLocation]", iso, "Street address [streetAddress]", "", "State or province [state]", "", "Country or region [country]", (*person).countryEN,
				"Office [physicalDeliveryOfficeName]", city, "City [city]", city, "ZIP or postal code [postalCode]", "", "Office phone [telephoneNumber]", office, "Mobile phone [mobile]", mobile),
			preset: "entra-bulk-template", odd: "a version line with commas; passwords"},
		{system: "m365-template", file: "Import_User_Template_en.csv", encoding: "utf-8", delimiter: ",", quote: `"`, eol: "\r\n",
			columns: columns("User Name", (*person).upn, "First Name", first, "Last Name", last, "Display Name", (*person).name, "Job Title", "Specialist", "Department", "Sales",
				"Office Number", func(p *person) string { return fmt.Sprint(123450 + p.n) }, "Office Phone", office, "Mobile Phone", mobile, "Fax", "", "Alternate email address", email,
				"Address", "", "City", city, "State or Province", "", "ZIP or Postal Code", "", "Country or Region", (*person).countryEN),
			preset: "m365-template", odd: "Office Number is a room"},
		{system: "ad-users", file: "export.csv", encoding: "ascii", delimiter: ",", quote: `"`, all: true, eol: "\r\n", above: []string{"#TYPE Microsoft.ActiveDirectory.Management.ADUser"},
			columns: columns("c", iso, "Country", iso, "DistinguishedName", dn, "EmailAddress", (*person).upn, "EmployeeID", id, "Enabled", bit, "GivenName", first, "HomePhone", home,
				"MemberOf", "Microsoft.ActiveDirectory.Management.ADPropertyValueCollection", "mobile", mobile, "MobilePhone", mobile, "Name", (*person).name, "ObjectClass", "user",
				"ObjectGUID", (*person).objectID, "OfficePhone", office, "otherMobile", "Microsoft.ActiveDirectory.Management.ADPropertyValueCollection", "SamAccountName", (*person).sam,
				"SID", func(p *person) string { return fmt.Sprintf("S-1-5-21-1004336348-1177238915-682003330-%d", 1100+p.n) }, "Surname", last, "telephoneNumber", office, "UserPrincipalName", userNames),
			preset: "ad-users", odd: "a #TYPE line; ? for letters that are not ASCII; columns under both names; types instead of values"},
		{system: "ad-users-ldap", file: "export.csv", encoding: "utf-8 (BOM)", delimiter: ";", quote: `"`, all: true, eol: "\r\n",
			columns: columns("sAMAccountName", (*person).sam, "userPrincipalName", userNames, "enabled", bit, "displayName", (*person).name, "mail", (*person).upn, "telephoneNumber", office,
				"mobile", mobile, "homePhone", home, "co", (*person).countryEN),
			preset: "ad-users", odd: "LDAP names in another letter case; names of countries"},
		{system: "csvde", file: "export.csv", encoding: "utf-16le", delimiter: ",", quote: `"`, eol: "\r\n",
			columns: columns("DN", dn, "objectClass", "user", "cn", (*person).name, "sn", last, "c", iso, "telephoneNumber", office, "givenName", first, "distinguishedName", dn,
				"whenCreated", date("yyyymmdd081413.0Z"), "displayName", (*person).name, "co", (*person).countryEN, "objectGUID", func(p *person) string { return "X'" + strings.ReplaceAll(p.objectID(), "-", "") + "'" },
				"userAccountControl", func(p *person) string { return p.word([]string{"512", "66048"}[p.n%2], "544", "514") }, "sAMAccountName", (*person).sam, "userPrincipalName", userNames,
				"homePhone", home, "mail", (*person).upn, "mobile", mobile, "otherMobile", func(p *person) string { return international(p) + ";" + international(p) }),
			preset: "csvde", odd: "UTF-16 with a byte order mark; status is a sum of flags"},
	}
}

func tools() []export {
	return []export{
		{system: "identityman", file: "AuthMethodsImport.csv", encoding: "utf-8", delimiter: ",", quote: `"`, eol: "\r\n",
			columns: columns("UPN", (*person).upn, "Mobile", func(p *person) string {
				if p.n == 9 {
					return "+310612345609"
				}
				return p.e164(p.mobile)
			}, "OfficePhone", func(p *person) string { return p.e164(p.office) }, "AlternateMobile", func(p *person) string { return p.e164(p.home) },
				"ForcedUpdate", func(p *person) string { return []string{"True", "False"}[p.n%2] }, "ForcedRemoval", "False"),
			preset: "identityman", odd: "numbers with +; one keeps its trunk zero behind the country code; flags of consent"},
		{system: "prefillinator", file: "users.csv", encoding: "utf-8", delimiter: ",", quote: `"`, all: true, eol: "\r\n",
			columns: columns("EmployeeNumber", id, "UserName", (*person).sam, "SecondaryEmail", email, "PhoneNumber", func(p *person) string {
				if p.country == "US" || p.country == "CA" {
					return p.mobile
				}
				return p.spaced(p.mobile)
			}, "HomePhoneNumber", home),
			preset: "prefillinator", odd: "every cell quoted; North American numbers without country code, and no country"},
	}
}

func anything() []export {
	return []export{
		{system: "any-de", file: "export.csv", encoding: "utf-8 (BOM)", delimiter: ";", quote: `"`, eol: "\r\n",
			columns: columns("Personal-Nr.", id, "Name", last, "Vorname", first, "Dienstliche E-Mail", (*person).upn, "Private E-Mail-Adresse", email, "Telefon", home, "Handy", mobile,
				"Bürotelefon", office, "Nebenstelle", extension, "Land", iso, "Eintritt", date("dd.mm.yyyy"), "Gehalt", func(p *person) string { return strings.Replace(p.salary(), ".", ",", 1) }),
			preset: "any", odd: "a column Telefon, unmapped"},
		{system: "any-fr", file: "export.csv", encoding: "windows-1252", delimiter: ";", quote: `"`, eol: "\r\n",
			columns: columns("Matricule", id, "Nom", last, "Prénom", first, "E-mail professionnel", (*person).upn, "E-mail personnel", email, "Téléphone portable", mobile,
				"Téléphone professionnel", office, "Poste téléphonique", extension, "Pays", nameOfCountry(language.French), "Date d'entrée", date("dd/mm/yyyy"), "Salaire", (*person).salary),
			preset: "any", odd: "names of countries in French"},
		{system: "any-ko", file: "export.csv", encoding: "cp949", delimiter: ",", quote: `"`, eol: "\r\n",
			columns: columns("사번", id, "성명", func(p *person) string { return p.last + p.first }, "회사 이메일", (*person).upn, "개인 이메일", email, "휴대전화", mobile, "사무실 전화", office,
				"내선번호", extension, "국가", nameOfCountry(language.Korean), "입사일", date("yyyy-mm-dd"), "연봉", (*person).salary),
			preset: "any", odd: "names of countries in Korean"},
		{system: "any-ja", file: "export.csv", encoding: "shift_jis", delimiter: ",", quote: `"`, eol: "\r\n",
			columns: columns("社員番号", id, "氏名", func(p *person) string { return p.last + " " + p.first }, "会社メールアドレス", (*person).upn, "個人メールアドレス", email, "携帯電話番号", mobile,
				"勤務先電話番号", office, "内線番号", extension, "国", nameOfCountry(language.Japanese), "入社日", date("yyyy/mm/dd"), "年収", (*person).salary),
			preset: "any", odd: "names of countries in Japanese"},
	}
}

// What people 5 and 18 have registered and no HR system knows.
const otherMobile, alternateMobile = "+44 7400123199", "+82 1020000098"

// tenant writes the document the simulator loads.
func tenant(all []*person) []byte {
	type phone struct {
		PhoneType   string `json:"phoneType"`
		PhoneNumber string `json:"phoneNumber"`
	}
	type address struct {
		EmailAddress string `json:"emailAddress"`
	}
	type user struct {
		ID                          string    `json:"id"`
		UserPrincipalName           string    `json:"userPrincipalName"`
		DisplayName                 string    `json:"displayName"`
		Mail                        string    `json:"mail"`
		EmployeeID                  string    `json:"employeeId,omitempty"`
		OnPremisesSamAccountName    string    `json:"onPremisesSamAccountName"`
		OnPremisesUserPrincipalName string    `json:"onPremisesUserPrincipalName"`
		AccountEnabled              *bool     `json:"accountEnabled,omitempty"`
		UsageLocation               string    `json:"usageLocation"`
		PhoneMethods                []phone   `json:"phoneMethods,omitempty"`
		EmailMethods                []address `json:"emailMethods,omitempty"`
	}
	registered := map[int]func(p *person, u *user){
		1: func(p *person, u *user) { u.PhoneMethods = []phone{{"mobile", p.spaced(p.mobile)}} },
		5: func(p *person, u *user) { u.PhoneMethods = []phone{{"mobile", otherMobile}} },
		7: func(p *person, u *user) { u.EmailMethods = []address{{p.email}} },
		8: func(p *person, u *user) { u.AccountEnabled = new(bool) },
		18: func(p *person, u *user) {
			u.PhoneMethods = []phone{{"mobile", p.spaced(p.mobile)}, {"alternateMobile", alternateMobile}}
		},
	}
	var users []user
	add := func(p *person) {
		u := user{ID: p.objectID(), UserPrincipalName: p.upn(), DisplayName: p.name(), Mail: p.upn(), EmployeeID: p.id, OnPremisesSamAccountName: p.sam(),
			OnPremisesUserPrincipalName: p.login() + "@ad.contoso.example", UsageLocation: p.country}
		if register := registered[p.n]; register != nil {
			register(p, &u)
		}
		users = append(users, u)
	}
	for _, p := range all {
		if p.oddity != "not in the tenant" {
			add(p)
		}
	}
	add(&person{id: "001065", first: "Björn", last: "Ahlers", asciiFirst: "Bjoern", asciiLast: "Ahlers", country: "DE"})
	slices.SortFunc(users, func(a, b user) int { return strings.Compare(a.UserPrincipalName, b.UserPrincipalName) })
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	document := map[string]any{"id": "b5ac21a7-3c0b-4d5e-9f21-6d1a8b1c0e55", "displayName": "Contoso", "verifiedDomains": []string{"contoso.example"}, "users": users}
	if err := encoder.Encode(document); err != nil {
		log.Fatal(err)
	}
	return b.Bytes()
}

func readme(systems []export, all []*person) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# Sample exports\n\nThe same %d invented people as each system exports them, and `tenant.json`, the tenant they belong to.\n"+
		"Written by `go run importer/testdata/exports/generate.go`, this page too. Where the headers come from, and what about\n"+
		"them is not verified, stands in `mapping/preset/presets`.\n\n"+
		"No output may ever show what no mapping uses: every password begins with `Zauber!`, every salary ends in `.77` or `,77`.\n\n"+
		"| system | file | format | encoding | delimiter | quote | header line | header rows | preset | what is odd |\n|---|---|---|---|---|---|--:|--:|---|---|\n", len(all))
	for _, e := range systems {
		format, delimiter, quote, rows, line := "csv", e.delimiter, e.quote, 1, 1+len(e.above)
		if e.body != nil {
			format, delimiter, line = "hdl", `\|`, 2
		}
		if quote == "" {
			quote = "none"
		}
		if e.labels != nil {
			rows = 2
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | `%s` | `%s` | %d | %d | `%s` | %s |\n", e.system, e.file, format, e.encoding, delimiter, quote, line, rows, e.preset, e.odd)
	}
	b.WriteString("\n## The people\n\n| person | employee id | country | what is odd |\n|--:|---|---|---|\n")
	for _, p := range all {
		if p.oddity != "" {
			fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", p.n, p.id, p.country, p.oddity)
		}
	}
	b.WriteString("\nPeople stand in this order in every file, person 3 twice. In the tenant people synchronized from Active Directory have another sign-in name there,\n" +
		"`@ad.contoso.example`. Two of the people are in no tenant, and one of the tenant's is in no file.\n")
	return []byte(b.String())
}
