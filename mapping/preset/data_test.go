package preset

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"authseed/mapping/authmethod"
	"authseed/mapping/table"
)

func TestWords(t *testing.T) {
	for _, d := range All() {
		name := d.Name
		if d.Title == "" || strings.Contains(d.Title, "\n") {
			t.Errorf("%s: title %q is not one line", name, d.Title)
		}
		if lines := strings.Count(d.About, "\n"); d.About == "" || lines > 3 {
			t.Errorf("%s: about has %d lines", name, lines)
		}
		if (len(d.Recognize) == 0) != (name == generic) {
			t.Errorf("%s: %d alternatives of recognize", name, len(d.Recognize))
		}
		for _, caveat := range d.Caveats {
			if !strings.HasSuffix(caveat, ".") {
				t.Errorf("%s: caveat %q is no sentence", name, caveat)
			}
		}
		if of := d.Options(); (d.Source == source{}) != (of == table.Options{}) {
			t.Errorf("%s: source %+v", name, d.Source)
		}
		checkMatch(t, name, d.Match)
		for _, c := range d.Where {
			checkCondition(t, name+" where", c)
		}
		if d.Country != nil {
			checkColumns(t, name+" country", d.Country.Columns)
		}
		checkMethods(t, name, &d.Methods)
	}
}

func checkMatch(t *testing.T, name string, match []match) {
	t.Helper()
	if len(match) == 0 {
		t.Errorf("%s: no match", name)
	}
	seen := map[authmethod.Attribute]bool{}
	for _, k := range match {
		if !slices.Contains(authmethod.Attributes(), k.Attribute) || seen[k.Attribute] {
			t.Errorf("%s: attribute %q is unknown or there twice", name, k.Attribute)
		}
		seen[k.Attribute] = true
		checkColumns(t, name+" "+string(k.Attribute), k.Columns)
	}
}

func checkMethods(t *testing.T, name string, of *methods) {
	t.Helper()
	mapped := 0
	for _, kind := range authmethod.Kinds() {
		m := of.of(kind)
		if m == nil {
			continue
		}
		mapped++
		at := name + " " + kind.String()
		checkColumns(t, at, m.Columns)
		if m.When != nil {
			checkCondition(t, at+" when", *m.When)
		}
		for part, of := range map[string][]string{"extension": m.Extension, "country_code": m.CountryCode, "area_code": m.AreaCode} {
			if of != nil {
				checkColumns(t, at+" "+part, of)
			}
		}
		if m.Extension != nil && kind != authmethod.Office {
			t.Errorf("%s: only an office phone has an extension", at)
		}
	}
	if mapped == 0 {
		t.Errorf("%s: no methods", name)
	}
}

func checkCondition(t *testing.T, at string, c cells) {
	t.Helper()
	checkColumns(t, at, c.Columns)
	if len(c.In) == 0 || slices.Contains(c.In, "") {
		t.Errorf("%s: in %q", at, c.In)
	}
}

// checkColumns finds empty lists, names of nothing and names that are there
// twice once they are folded.
func checkColumns(t *testing.T, at string, names []string) {
	t.Helper()
	if len(names) == 0 {
		t.Errorf("%s: no columns", at)
	}
	seen := map[string]string{}
	for _, name := range names {
		folded := table.Fold(name)
		if folded == "" || seen[folded] != "" {
			t.Errorf("%s: column %q says nothing or the same as %q", at, name, seen[folded])
		}
		seen[folded] = name
	}
}

// TestRoles finds a column that a preset takes for two things: for two keys,
// for two methods that are not told apart by a condition, or for a key and a
// method.
func TestRoles(t *testing.T) {
	for _, d := range All() {
		name := d.Name
		roles := map[string]string{}
		claim := func(role string, names []string) {
			for _, n := range names {
				if other, taken := roles[table.Fold(n)]; taken && other != role {
					t.Errorf("%s: column %q is %s and %s", name, n, other, role)
				}
				roles[table.Fold(n)] = role
			}
		}
		for _, k := range d.Match {
			claim(string(k.Attribute), k.Columns)
		}
		for _, kind := range authmethod.Kinds() {
			if m := d.Methods.of(kind); m != nil && m.When == nil {
				claim(kind.String(), m.Columns)
				claim("extension", m.Extension)
			}
		}
		if d.Country != nil {
			claim("country", d.Country.Columns)
		}
	}
}

// TestWorkAddresses keeps the addresses that a person locked out cannot read
// out of every e-mail method.
func TestWorkAddresses(t *testing.T) {
	known := []string{"work", "business", "company", "corporate", "office", "best", "dienstlich", "geschäftlich", "firma", "firmen",
		"professionnel", "corporativo", "trabajo", "zakelijk", "werk", "회사", "업무", "会社", "勤務先", "社用"}
	alone := []string{"email", "mail", "emailaddress", "courriel", "correo", "이메일", "メール"}
	for _, d := range All() {
		name := d.Name
		if d.Methods.Email == nil || d.Methods.Email.When != nil {
			continue // none, or told apart by its type
		}
		for _, column := range d.Methods.Email.Columns {
			folded := table.Fold(column)
			if slices.Contains(alone, folded) {
				t.Errorf("%s: nobody knows whose %q is", name, column)
			}
			for _, word := range known {
				if strings.Contains(folded, word) {
					t.Errorf("%s: %q is a work address", name, column)
				}
			}
		}
	}
}

const exports = "../../importer/testdata/exports"

// export is a row of the table in the exports' README.
type export struct {
	system, file, format, encoding, delimiter, quote string
	preset                                           string
	headerLine, headerRows                           string
}

func readExports(t *testing.T) []export {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(exports, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var all []export
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "pipe"), "|")
		for i := range cells {
			cells[i] = strings.Trim(strings.TrimSpace(cells[i]), "`")
		}
		all = append(all, export{system: cells[1], file: cells[2], format: cells[3], encoding: cells[4], delimiter: cells[5], quote: cells[6],
			headerLine: cells[7], headerRows: cells[8], preset: cells[9]})
	}
	if len(all) < 20 {
		t.Fatalf("%d exports in the table", len(all))
	}
	return all
}
