package report_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"authseed/importer/readiness"
	"authseed/importer/report"
)

// theDiagnosis has a check of every state, and one that nobody came to.
func theDiagnosis(text string) *readiness.Diagnosis {
	return &readiness.Diagnosis{
		Tenant: readiness.Tenant{ID: "11111111-0000-4000-8000-000000000001", Name: text}, Cloud: "global",
		Features: []readiness.Feature{readiness.Apply, readiness.Cover},
		Checks: []readiness.Check{
			{Name: "sign-in", State: readiness.OK, Found: "as the app " + text, Means: "nothing to see"},
			{Name: "permissions", State: readiness.Failed, Found: "missing: UserAuthMethod-Phone.ReadWrite.All, UserAuthMethod-Email.ReadWrite.All, AuditLog.Read.All",
				Means: "for apply, coverage this is needed", Next: "an administrator grants it; authseed doctor --setup prints how"},
			{Name: "security-defaults", State: readiness.Unknown, Found: "may not be read", Next: "grant Policy.Read.All"},
			{Name: "federation", State: readiness.Warning, Found: "federated: " + text, Means: "people of these domains sign in elsewhere"},
			{Name: "clock", State: readiness.Unknown, Found: "not checked"},
		},
	}
}

func TestDiagnosisViews(t *testing.T) {
	for name, view := range map[string]func(*bytes.Buffer) report.Handler{
		"doctor.txt":  func(b *bytes.Buffer) report.Handler { return report.Text(b, report.TextOptions{}) },
		"doctor.json": func(b *bytes.Buffer) report.Handler { return report.JSON(b, false) },
		"doctor.csv":  func(b *bytes.Buffer) report.Handler { return report.CSV(b, false) },
	} {
		var out bytes.Buffer
		if err := view(&out).(report.Examiner).Diagnosis(theDiagnosis("Contoso")); err != nil {
			t.Fatal(err)
		}
		golden(t, name, out.Bytes())
	}
}

// A screen is 80 columns wide, whatever was found; a colour has no width.
func TestDiagnosisFits(t *testing.T) {
	var plain, coloured bytes.Buffer
	for out, colour := range map[*bytes.Buffer]bool{&plain: false, &coloured: true} {
		if err := report.Text(out, report.TextOptions{Color: colour}).(report.Examiner).Diagnosis(theDiagnosis(strings.Repeat("long words ", 30))); err != nil {
			t.Fatal(err)
		}
	}
	for line := range strings.Lines(plain.String()) {
		if utf8.RuneCountInString(line) > 81 {
			t.Errorf("%d columns: %s", utf8.RuneCountInString(line), line)
		}
	}
	stripped := coloured.String()
	for _, code := range []string{"0", "1", "31", "32", "33", "35"} {
		stripped = strings.ReplaceAll(stripped, "\x1b["+code+"m", "")
	}
	if stripped != plain.String() {
		t.Error("with colours the layout is another")
	}
}

func TestHostileDiagnosis(t *testing.T) {
	for _, evil := range hostile {
		var plain, document, sheet bytes.Buffer
		for _, h := range []report.Handler{report.Text(&plain, report.TextOptions{}), report.JSON(&document, false), report.CSV(&sheet, false)} {
			d := theDiagnosis(evil)
			for i := range d.Checks {
				d.Checks[i].Found, d.Checks[i].Next = evil, evil
			}
			if err := h.(report.Examiner).Diagnosis(d); err != nil {
				t.Fatal(err)
			}
		}
		inert(t, "text", plain.String())
		if strings.ContainsAny(document.String(), steering) || !json.Valid(document.Bytes()) {
			t.Errorf("JSON: %s", &document)
		}
		noFormulas(t, strings.TrimPrefix(sheet.String(), "\ufeff"))
	}
}

func TestSetup(t *testing.T) {
	all := []readiness.Feature{readiness.Apply, readiness.Report, readiness.Privileged, readiness.Policies}
	certificate := report.AppSetup{Name: "authseed", Cloud: "global", Features: all, Permissions: readiness.Least(all, true)}
	coverage := []readiness.Feature{readiness.Cover}
	federated := report.AppSetup{
		Name: `Seeder's "own" $(app)`, Cloud: "usgov", Features: coverage, Permissions: readiness.Least(coverage, true),
		Issuer: "https://token.actions.githubusercontent.com", Subject: "repo:contoso/it's:environment:production",
	}
	for name, s := range map[string]report.AppSetup{"certificate": certificate, "federated": federated} {
		for _, shell := range []report.Shell{report.AzureCLI, report.PowerShell} {
			var out bytes.Buffer
			if err := report.Setup(&out, shell, s); err != nil {
				t.Fatal(err)
			}
			golden(t, "setup-"+name+"."+string(shell), out.Bytes())
		}
	}
}

// What a shell makes of the quotes is what was quoted. The tools are functions
// that print what they are given.
func TestSetupIsQuoted(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh here")
	}
	for _, name := range append([]string{"it's", `a"b`, "$HOME `id` $(id) \\", "-x", "a;b&c|d>e"}, hostile...) {
		if strings.ContainsRune(name, 0) {
			continue // the command line refuses it
		}
		var out bytes.Buffer
		s := report.AppSetup{Name: name, Issuer: name, Subject: name, Features: []readiness.Feature{readiness.Plan}, Permissions: readiness.Least([]readiness.Feature{readiness.Plan}, true)}
		if err := report.Setup(&out, report.AzureCLI, s); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(out.String(), steering) {
			t.Errorf("%q steers a terminal: %q", name, &out)
		}
		stub := "az() { for a in \"$@\"; do printf '%s\\n' \"$a\" >&2; done; }\n"
		command := exec.CommandContext(t.Context(), shell, "-c", stub+out.String())
		var said bytes.Buffer
		command.Stderr = &said
		if err := command.Run(); err != nil {
			t.Fatalf("%q: %v\n%s", name, err, &said)
		}
		lines := strings.Split(said.String(), "\n")
		for i, line := range lines {
			switch line {
			case "--display-name":
				if !sameText(lines[i+1], name) {
					t.Errorf("%q became %q", name, lines[i+1])
				}
			case "--parameters":
				var federation struct{ Issuer, Subject string }
				if err := json.Unmarshal([]byte(lines[i+1]), &federation); err != nil || !sameText(federation.Subject, name) || federation.Issuer != federation.Subject {
					t.Errorf("%q became %q: %v", name, lines[i+1], err)
				}
			}
		}
		if !strings.Contains(said.String(), "--display-name") || !strings.Contains(said.String(), "--parameters") {
			t.Errorf("%q: not everything was run: %s", name, &said)
		}
	}
}

// sameText compares but for what makes a text inert.
func sameText(got, want string) bool {
	replaced := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r == utf8.RuneError || !unicode.IsGraphic(r) {
				return '?'
			}
			return r
		}, s)
	}
	return replaced(got) == replaced(want)
}

func TestPowerShellQuotes(t *testing.T) {
	var out bytes.Buffer
	s := report.AppSetup{Name: "a'b\u2018c\u2019d\u201ae\u201bf$g`h", Features: []readiness.Feature{readiness.Report}, Permissions: readiness.Least([]readiness.Feature{readiness.Report}, true)}
	if err := report.Setup(&out, report.PowerShell, s); err != nil {
		t.Fatal(err)
	}
	if want := "-DisplayName 'a''b\u2018\u2018c\u2019\u2019d\u201a\u201ae\u201b\u201bf$g`h' -Sign"; !strings.Contains(out.String(), want) {
		t.Errorf("no %s in\n%s", want, &out)
	}
}
