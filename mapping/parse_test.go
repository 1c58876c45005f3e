package mapping

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/mapping/authmethod"
	"authseed/mapping/charset"
	"authseed/mapping/table"
)

const workday = `version: 1
name: Contoso, Workday report
source: {format: auto, encoding: auto, delimiter: auto, header_row: auto}
match: # first key with a value decides
  - {attribute: employeeId, column: Employee ID}
  - {attribute: userPrincipalName, column: Email - Primary Work}
where:
  - {column: Status, in: [Active, On Leave]}
country: {column: Country, default: DE}
methods:
  mobile: {columns: [Personal Mobile, Home Phone]}
  office: {columns: [Work Phone], extension: Work Ext}
  email:  {columns: [Personal Email]}
policy: {mobile: fill, email: replace}
examples:
  - row: {Employee ID: 0042, Status: Active, Country: DE, Personal Mobile: 0171 3920001}
    want: {mobile: +49 1713920001, office: null}
`

func mustParse(t *testing.T, text string) *Mapping {
	t.Helper()
	m, err := Parse("hr.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestParse(t *testing.T) {
	m := mustParse(t, workday)
	if m.Name() != "Contoso, Workday report" {
		t.Errorf("name %q", m.Name())
	}
	if len(m.Digest()) != 64 || m.Digest() == mustParse(t, workday+"\n").Digest() {
		t.Errorf("digest %q", m.Digest())
	}
	if diff := cmp.Diff([]authmethod.Kind{authmethod.Mobile, authmethod.Office, authmethod.Email}, m.Kinds()); diff != "" {
		t.Errorf("kinds -want +got\n%s", diff)
	}
	if diff := cmp.Diff([authmethod.Count]Policy{Fill, "", Fill, Replace}, m.Policy()); diff != "" {
		t.Errorf("policy -want +got\n%s", diff)
	}
	if m.source != (table.Options{}) {
		t.Errorf("source %+v", m.source)
	}
	if failures := m.RunExamples(); failures != nil {
		t.Errorf("examples: %v", failures)
	}
}

const least = "version: 1\nmatch: [{attribute: id, column: ID}]\nmethods: {mobile: {columns: [Phone]}}\n"

func TestParseSource(t *testing.T) {
	for source, want := range map[string]table.Options{
		"{}":                                     {},
		"{delimiter: tab}":                       {Delimiter: '\t'},
		`{delimiter: "\t"}`:                      {Delimiter: '\t'},
		`{delimiter: ","}`:                       {Delimiter: ','},
		"{delimiter: ;, header_row: 3}":          {Delimiter: ';', HeaderLine: 3},
		"{format: csv, encoding: utf-8}":         {Format: table.CSV, Encoding: charset.UTF8},
		"{format: xlsx, sheet: People}":          {Format: table.XLSX, Sheet: "People"},
		"{encoding: cp1252, quote: single}":      {Encoding: charset.Windows1252, Quote: '\''},
		"{quote: double, header_rows: 2}":        {Quote: '"', HeaderRows: 2},
		"{quote: auto, header_rows: auto}":       {},
		"{delimiter: '|', header_row: auto}":     {Delimiter: '|'},
		"{delimiter: auto, header_row: \"007\"}": {HeaderLine: 7},
	} {
		if got := mustParse(t, least+"source: "+source+"\n").source; got != want {
			t.Errorf("%s: got %+v, want %+v", source, got, want)
		}
	}
	if name := mustParse(t, "\ufeff"+strings.ReplaceAll(least, "\n", "\r\n")).Name(); name != "hr.yaml" {
		t.Errorf("without a name: %q", name)
	}
}

func TestParseErrors(t *testing.T) {
	// with puts lines below the least file, from line 4 on.
	with := func(lines string) string { return least + lines }
	for _, test := range []struct{ name, in, want string }{
		{"empty", "", "1:1: the mapping file is empty | begin with `version: 1`"},
		{"comment only", "# nothing\n", "1:1: the mapping file is empty | begin with `version: 1`"},
		{"a CSV file", "a;b\n1;2\n", "1:1: the mapping file is a text; a block of keys with values is expected | "},
		{"a list", "- a\n", "1:1: the mapping file is a list; a block of keys with values is expected | "},
		{"large", strings.Repeat("#", maxFile+1), "1:1: the mapping file is larger than 1 MiB | give the mapping file here, and the export where it belongs"},
		{"long", "version: 1\nname: x\n" + strings.Repeat("a: b\n", 200_000), "6667:4: the mapping file is far too long | it says which columns to read; the rows belong into the export"},
		{"long in brackets", "version: 1\nname: {" + strings.Repeat("a,", 500_000) + "}\n", "2:20002: the mapping file is far too long | it says which columns to read; the rows belong into the export"},
		{"latin-1", "version: 1\nname: M\xfcller\n", "2:8: the mapping file is not UTF-8 | save the mapping file as UTF-8 text"},
		{"control character", "version: 1\nname: \x1b[2J\n", "2:7: the mapping file holds a control character | save the mapping file as UTF-8 text"},
		{"syntax", "version: 1\nname: [a\n", "2:7: the YAML breaks here: sequence end token ']' not found | texts with : # or quotes in them are best put in quotes"},
		{"two documents", least + "---\nversion: 1\n", "4:1: a second document begins here | keep one mapping in a file"},
		{"anchor and alias", with("name: &a x\npolicy: *a\n"), "4:7: anchors and aliases have no place in a mapping file | put the text in quotes if it is one\n5:9: anchors and aliases have no place in a mapping file | put the text in quotes if it is one"},
		{"merge", with("<<: {name: x}\n"), "4:1: anchors and aliases have no place in a mapping file | put the text in quotes if it is one"},
		{"tag", with("name: !!str 1\n"), "4:7: tags have no place in a mapping file | put the text in quotes if it is one"},
		{"directive", "%YAML 1.2\n---\n" + least, "1:1: directives have no place in a mapping file | put the text in quotes if it is one"},
		{"question mark", with("? name\n: x\n"), "4:1: a key cannot begin with a question mark | put the text in quotes if it is one"},
		{"deep brackets", with("name: " + strings.Repeat("[", 1000) + "\n"), "4:23: nested too deeply for a mapping file | "},
		{"deep dashes", with(strings.Repeat("- ", 1000) + "\n"), "4:33: nested too deeply for a mapping file | "},

		{"no version", "match: []\n", "1:1: missing key `version` | begin with `version: 1`"},
		{"newer version", "version: 2\nsomething: new\n", "1:10: version 2 of the mapping file is newer than this authseed, which reads version 1 | use a newer authseed"},
		{"no number", "version: one\n", "1:10: version `one` is not a version | write `version: 1`"},
		{"version zero", "version: 0\n", "1:10: version `0` is not a version | write `version: 1`"},
		{"version is a list", "version: [1]\n", "1:10: version is a list; a text is expected | "},

		{"nothing else", "version: 1\n", "1:1: the mapping file lacks the key `match` | authseed help mapping shows a whole one\n1:1: the mapping file lacks the key `methods` | authseed help mapping shows a whole one"},
		{"unknown key", with("polcy: {}\nx: 1\n"), "4:1: unknown key `polcy`; did you mean `policy`? | it can be `version`, `name`, `source`, `match`, `where`, `country`, `department`, `methods`, `policy`, `examples`\n5:1: unknown key `x` | it can be `version`, `name`, `source`, `match`, `where`, `country`, `department`, `methods`, `policy`, `examples`"},
		{"key twice", with("name: a\nname: b\n"), "5:1: `name` is given twice | keep one of them"},
		{"version twice", with("version: 1\n"), "4:1: `version` is given twice | keep one of them"},
		{"empty name", with("name:\n"), "4:7: name is empty | "},
		{"null name", with("name: ~\n"), "4:7: name is empty | "},
		{"name with a colon", with("name: {a: b}\n"), "4:7: name is a block of keys; a text is expected | put the text in quotes if it holds a colon"},

		{"source", with("source: {format: xls, encoding: utf-9, delimiter: tabs, quote: triple, header_row: 0, header_rows: 3, sheet: , page: x}\n"),
			"4:18: unknown format `xls` | it can be `auto`, `csv`, `xlsx`, `json`, `jsonl`, `hdl`\n" +
				"4:33: \"utf-9\" is none of the encodings utf-8, utf-16le, utf-16be, windows-1252, windows-1250, windows-1251, shift-jis, euc-kr or gb18030 | \n" +
				"4:51: unknown delimiter `tabs` | it can be `auto`, `tab`, `,`, `;`, `|`\n" +
				"4:64: unknown quote `triple` | it can be `auto`, `double`, `single`\n" +
				"4:84: header_row `0` is not a number that it can be | count lines from 1, or write auto\n" +
				"4:100: header_rows `3` is not a number that it can be | write 1, 2 or auto\n" +
				"4:109: sheet is empty | \n" +
				"4:112: unknown key `page` | it can be `format`, `encoding`, `delimiter`, `quote`, `header_row`, `header_rows`, `sheet`"},
		{"source is a text", with("source: csv\n"), "4:9: source is a text; a block of keys with values is expected | "},

		{"match", "version: 1\nmatch:\n  - {attribute: employeeID, column: A}\n  - {attribute: id}\n  - id\n  - {attribute: id, column: , colunm: B}\nmethods: {mobile: {columns: [Phone]}}\n",
			"3:17: unknown attribute `employeeID`; did you mean `employeeId`? | it can be `id`, `userPrincipalName`, `mail`, `proxyAddresses`, `employeeId`, `onPremisesSamAccountName`, `onPremisesImmutableId`, `onPremisesUserPrincipalName`\n" +
				"4:5: an entry of match lacks the key `column` | authseed help mapping shows a whole one\n" +
				"5:5: an entry of match is a text; a block of keys with values is expected | \n" +
				"6:28: a column is empty | \n" +
				"6:31: unknown key `colunm`; did you mean `column`? | it can be `attribute`, `column`, `domain`"},
		{"empty lists", "version: 1\nmatch: []\nwhere: []\nmethods: {mobile: {columns: []}}\nexamples: []\n",
			"2:8: match is an empty list | fill it in, or leave it out\n3:8: where is an empty list | fill it in, or leave it out\n4:29: columns is an empty list | fill it in, or leave it out\n5:11: examples is an empty list | fill it in, or leave it out"},
		{"empty blocks", "version: 1\nmatch: {}\nwhere:\nmethods: {}\ncountry: {}\n",
			"2:8: match is a block of keys; a list is expected | \n3:7: where is empty; a list is expected | \n4:10: methods maps nothing | \n5:10: country names neither a column nor a default | "},

		{"where", with("where:\n  - {column: Status, in: Active}\n  - {column: Status, not_in: [x]}\n  - {column: Status, in: [Active, [x]]}\n"),
			"5:26: in is a text; a list is expected | \n" +
				"6:5: an entry of where lacks the key `in` | authseed help mapping shows a whole one\n" +
				"6:22: unknown key `not_in` | it can be `column`, `in`\n" +
				"7:35: a value of in is a list; a text is expected | "},
		{"country", with("country: {default: Germny}\n"), "4:20: default `Germny` is not understood | write a country such as GB or Germany"},
		{"country without phones", with("country: {default: Antarctica}\n"), "4:20: default `Antarctica` has no phone numbers of its own | write a country such as GB or Germany"},

		{"methods", "version: 1\nmatch: [{attribute: id, column: ID}]\nmethods:\n  mobil: {columns: [A]}\n  mobile: Phone\n  office: {column: [A]}\n  email: {columns: [A, B, A], extension: E}\n",
			"4:3: unknown key `mobil`; did you mean `mobile`? | it can be `mobile`, `alternateMobile`, `office`, `email`\n" +
				"5:11: mobile is a text; a block of keys with values is expected | \n" +
				"6:11: office lacks the key `columns` | authseed help mapping shows a whole one\n" +
				"6:12: unknown key `column`; did you mean `columns`? | it can be `columns`, `when`, `country_code`, `area_code`, `extension`, `separator`\n" +
				"7:27: column `A` is listed twice | keep one of them\n" +
				"7:31: only an office phone has an extension | "},
		{"column with a colon", "version: 1\nmatch: [{attribute: id, column: ID}]\nmethods: {mobile: {columns: [Work: Phone]}}\n",
			"3:30: a column is a block of keys; a text is expected | put the text in quotes if it holds a colon"},

		{"policy", with("policy: {mobile: own, email: fill, office: overwrite, x: fill}\n"),
			"4:23: a policy for email, which is not mapped | map it under methods, or leave its policy out\n" +
				"4:44: unknown policy `overwrite` | it can be `fill`, `replace`, `own`\n" +
				"4:55: unknown key `x` | it can be `mobile`, `alternateMobile`, `office`, `email`"},
		{"policy before methods", "version: 1\npolicy: {mobile: replace, email: fill}\nmatch: [{attribute: id, column: ID}]\nmethods: {mobile: {columns: [Phone]}}\n",
			"2:27: a policy for email, which is not mapped | map it under methods, or leave its policy out"},

		{"shapes", "version: 1\nmatch: [{attribute: employeeId, column: ID, domain: contoso.com}, {attribute: mail, column: ID, domain: contoso}]\ncountry: {from: here}\nmethods:\n  mobile: {columns: [A, B], area_code: C, when: {column: D}}\n  email: {columns: [A], country_code: B}\n  office: {columns: [A], separator: '+', code: B}\n",
			"2:45: a domain goes with an address, and employeeId is none | leave the domain out\n" +
				"2:105: domain `contoso` is not a domain | write it as in contoso.com\n" +
				"3:17: unknown from `here` | it can be `usageLocation`\n" +
				"5:3: mobile is split over columns, so it has one column of numbers and no separator | keep one of its columns\n" +
				"5:49: when lacks the key `in` | authseed help mapping shows a whole one\n" +
				"6:25: email has no country_code | leave it out\n" +
				"7:37: a separator cannot hold what a value is made of | write what stands between the values, such as \";\" or \"\\n\"\n" +
				"7:42: unknown key `code` | it can be `columns`, `when`, `country_code`, `area_code`, `extension`, `separator`"},
		{"examples", with("examples:\n  - row: {ID: 1, Phnoe: 2, Phone: [3]}\n    want: {mobile: 070-1740605, email: null}\n  - row: {ID: 1}\n  - row: {ID: 1}\n    want: {}\n  - row: {ID: 1}\n    want: {mobile: invalid-fone}\n  - {row: 1, want: {mobile: [a]}, why: x}\n"),
			"5:18: unknown column `Phnoe`; did you mean `Phone`? | it can be `ID`, `Phone`\n" +
				"5:35: a cell is a list; a text is expected | \n" +
				"6:20: what mobile wants cannot be registered: national number, and what is wanted is the form with a plus; write it with a plus and its country code | \n" +
				"6:33: an example wants email, which is not mapped | map it under methods, or leave it out here\n" +
				"7:5: an example lacks the key `want` | authseed help mapping shows a whole one\n" +
				"9:11: want says nothing | name a method and what is to come of it, null for nothing\n" +
				"11:20: mobile wants neither a value nor a word that is known here | write a number with a plus, an address, null, <clear> or invalid-phone, invalid-email, country-unknown, spreadsheet-damage, no-match, out-of-scope\n" +
				"12:11: row is a text; a block of keys with values is expected | \n" +
				"12:29: mobile is a list; a text is expected | \n" +
				"12:35: unknown key `why` | it can be `row`, `want`"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("hr.yaml", []byte(test.in))
			var file *FileError
			if !errors.As(err, &file) {
				t.Fatalf("got %v, want a file error", err)
			}
			var want, hints []string
			for line := range strings.SplitSeq(test.want, "\n") {
				what, hint, _ := strings.Cut(line, " | ")
				want, hints = append(want, "hr.yaml:"+what), append(hints, hint)
			}
			if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			for i, problem := range file.Problems {
				if i < len(hints) && problem.Hint != hints[i] {
					t.Errorf("hint %d: got %q, want %q", i, problem.Hint, hints[i])
				}
			}
		})
	}
}

func TestParseListsNotWithoutEnd(t *testing.T) {
	_, err := Parse("hr.yaml", []byte(least+strings.Repeat("x: 1\n", 5000)))
	var file *FileError
	if !errors.As(err, &file) || len(file.Problems) != maxProblems {
		t.Fatalf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(workday))
	f.Add([]byte(least))
	f.Add([]byte("version: 1\nmatch:\n- attribute: id\n  column: |\n    ID\nmethods: {office: {columns: ['a''b', \"c\\n\"], extension: 0x1F}}\n"))
	f.Add([]byte("? a\n: &b [*b, {<<: !!x y}]\n--- >-\n x\n...\n%TAG ! x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse("f", data)
		if err != nil {
			var file *FileError
			if !errors.As(err, &file) || len(file.Problems) == 0 {
				t.Fatalf("got error %v", err)
			}
			for _, p := range file.Problems {
				if p.Line < 1 || p.Column < 1 || p.What == "" {
					t.Fatalf("problem %+v", p)
				}
			}
			return
		}
		if len(m.Kinds()) == 0 || len(m.Digest()) != 64 {
			t.Fatal("a mapping that maps nothing")
		}
		m.RunExamples()
		if _, err := m.Open(strings.NewReader("ID,Phone\n1,2\n")); err != nil && err.Error() == "" {
			t.Fatal("an error without words")
		}
	})
}
