package address

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

const (
	invisibles  = "a line break or another invisible character in it"
	noLocal     = "the part before the @ has a character or a dot where none may be"
	noDomain    = "the domain has a character or a dot where none may be"
	brackets    = "a name or brackets round the address; keep the address alone"
	several     = "more than one address, or a comma or semicolon in it; keep one address per cell"
	outside     = "a letter outside ASCII before the @, which is not taken"
	hyphen      = "a part of the domain is too long or begins or ends with a hyphen"
	formula     = "a formula, not an address; format the column as text and export again"
	noIDN       = "the domain has a character outside ASCII where none may be"
	replaced    = "the domain has a character that stands for another; write it as it is registered"
	encodesNone = "the domain has a part that encodes no name"
	scripts     = "the domain mixes letters of several scripts, some of which may only look alike"
)

func TestParse(t *testing.T) {
	label := strings.Repeat("a", 63)
	long := label + "." + label + "." + label + "."
	for _, test := range []struct{ name, cell, want, fault string }{
		{"plain", "kim@example.com", "kim@example.com", ""},
		{"domain in lower case", "Kim.Lee@Example.COM", "Kim.Lee@example.com", ""},
		{"signs", "k+i_m'o-n#x@mail-1.example", "k+i_m'o-n#x@mail-1.example", ""},
		{"a percent sign", "kim%lee@example.com", "kim%lee@example.com", ""},
		{"spaces at the ends", " kim@example.com\t", "kim@example.com", ""},
		{"longest local part", strings.Repeat("k", 64) + "@example.com", strings.Repeat("k", 64) + "@example.com", ""},
		{"local part too long", strings.Repeat("k", 65) + "@example.com", "", tooLong},
		{"longest", strings.Repeat("k", 50) + "@" + long + "example.com", strings.Repeat("k", 50) + "@" + long + "example.com", ""},
		{"too long", strings.Repeat("k", 51) + "@" + long + "example.com", "", tooLong},
		{"far too long", "kim@example.com" + strings.Repeat(" ", 10_000), "", tooLong},
		{"placeholder", "n/a", "", "not an e-mail address: there is no @"},
		{"nothing", "", "", "not an e-mail address: there is no @"},
		{"two", "kim@example.com; lee@example.com", "", several},
		{"two without a sign", "kim@example.com lee@example.com", "", several},
		{"display name", "Kim <kim@example.com>", "", brackets},
		{"brackets alone", "<kim@example.com>", "", brackets},
		{"comment", "kim(work)@example.com", "", brackets},
		{"quoted local part", `"kim"@example.com`, "", brackets},
		{"quoted", `"kim@example.com"`, "", brackets},
		{"space", "kim @example.com", "", "a space in the address"},
		{"no-break space", "kim\u00a0lee@example.com", "", "a space in the address"},
		{"two lines", "kim@example.com\nlee@example.com", "", invisibles},
		{"right to left", "kim\u202e@example.com", "", invisibles},
		{"right to left at the start", "\u202emoc.elpmaxe@mik", "", invisibles},
		{"zero width", "kim@exam\u200bple.com", "", invisibles},
		{"line separator", "kim@example.com\u2028lee", "", invisibles},
		{"control character", "kim\x7f@example.com", "", invisibles},
		{"umlaut", "jürgen@example.com", "", outside},
		{"look-alike before the @", "k\u0456m@example.com", "", outside},
		{"no local part", "@example.com", "", "a part before or behind the @ is missing"},
		{"no domain", "kim@", "", "a part before or behind the @ is missing"},
		{"two dots", "kim..lee@example.com", "", noLocal},
		{"dot first", ".kim@example.com", "", noLocal},
		{"dot last in the local part", "kim.@example.com", "", noLocal},
		{"dot last", "kim@example.com.", "", noDomain},
		{"underscore in the domain", "kim@exa_mple.com", "", noDomain},
		{"number instead of a domain", "kim@[192.0.2.1]", "", noDomain},
		{"bare number", "kim@192.0.2.1", "", "the domain ends in a number"},
		{"one label", "kim@localhost", "", "the domain is not complete"},
		{"hyphen first", "kim@-example.com", "", hyphen},
		{"long label", "kim@a" + label + ".com", "", hyphen},
		{"link with a subject", "mailto:kim@example.com?subject=x", "", noDomain},
		{"escaped link", "mailto:kim%2Bx@example.com", "", "a link with escaped characters; keep the address alone"},
		{"link twice", "mailto:mailto:kim@example.com", "", noLocal},
		{"nothing but the scheme", "mailto:", "", "not an e-mail address: there is no @"},
		{"two apostrophes", "''kim@example.com", "", noLocal},
		{"apostrophe behind", "kim@example.com'", "", noDomain},
		{"full width with an umlaut", "ｊü@example.com", "", outside},
		{"full-width @ with a name outside ASCII", "taro＠日本.example", "", "not an e-mail address: there is no @"},
		{"raised digit", "kim²@example.com", "", outside},

		{"IDN", "kim@Bücher.example", "kim@xn--bcher-kva.example", ""},
		{"IDN in two parts", "kim@bu\u0308cher.example", "kim@xn--bcher-kva.example", ""},
		{"A-label", "kim@XN--bcher-kva.example", "kim@xn--bcher-kva.example", ""},
		{"sharp s", "kim@straße.example", "kim@xn--strae-oqa.example", ""},
		{"Japanese", "kim@例え.example", "kim@xn--r8jz45g.example", ""},
		{"Japanese with Latin", "kim@aドメイン.example", "kim@xn--a-jeu4e1dzd.example", ""},
		{"Hebrew", "kim@דוגמה.example", "kim@xn--6dbbec0c.example", ""},
		{"Cyrillic", "kim@пример.example", "kim@xn--e1afmkfd.example", ""},
		{"Cyrillic look-alike", "kim@ex\u0430mple.com", "", scripts},
		{"the same encoded", "kim@xn--exmple-4nf.com", "", scripts},
		{"Greek look-alike", "kim@example.c\u03bfm", "", scripts},
		{"raised digit in the domain", "kim@example².com", "", replaced},
		{"ligature in the domain", "kim@o\ufb00ice.example", "", replaced},
		{"full-width domain with another letter", "kim@ｂü.example", "", replaced},
		{"bidi rule", "kim@a\u05d0.example", "", noIDN},
		{"joiner out of place", "kim@xn--ab-m1t.example", "", encodesNone},
		{"sign", "kim@a☃b.example", "", "the domain has a sign that is no letter or digit"},
		{"the same encoded", "kim@xn--ab-fsx.example", "", "the domain has a sign that is no letter or digit"},
		{"Catalan", "kim@col·lecció.example", "kim@xn--collecci-ioa91d.example", ""},
		{"unassigned", "kim@\U000e0fff.example", "", noIDN},
		{"encodes nothing", "kim@xn--999999999.example", "", encodesNone},
		{"encodes ASCII", "kim@xn--example-.com", "", hyphen},
		{"encodes a capital letter", "kim@xn--Bcher-Kva8.example", "", encodesNone},
		{"underscore beside an umlaut", "kim@a_ü.example", "", noIDN},
		{"IDN of one label", "kim@bücher", "", "the domain is not complete"},
		{"IDN too long", strings.Repeat("k", 64) + "@" + long + strings.Repeat("ü", 10) + ".example", "", tooLong},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Parse(test.cell)
			fault := ""
			if err != nil {
				fault = err.Error()
			}
			if got.Text != test.want || fault != test.fault || got.Remark != "" {
				t.Errorf("got %q, %q, remark %q; want %q, %q", got.Text, fault, got.Remark, test.want, test.fault)
			}
		})
	}
}

func TestDamaged(t *testing.T) {
	for cell, want := range map[string]string{
		`=HYPERLINK("mailto:kim@example.com")`: formula,
		`="kim@example.com`:                    formula,
		`="kim"&"@example.com"`:                formula,
		"=kim@example.com":                     formula,
		"=A1":                                  formula,
		"#NAME?":                               "a spreadsheet shows hash marks or an error here in place of the address; export again",
		"####":                                 "a spreadsheet shows hash marks or an error here in place of the address; export again",
		"k\ufffdm@example.com":                 "a character was lost to a wrong encoding",
		"k\xecm@example.com":                   "a character was lost to a wrong encoding",
	} {
		_, err := Parse(cell)
		var refusal *Error
		if !errors.As(err, &refusal) || !refusal.Damaged || refusal.Detail != want {
			t.Errorf("%q: got %v, want %s", cell, err, want)
		}
	}
	if _, err := Parse("kim"); err == nil || err.(*Error).Damaged {
		t.Errorf("a word: %v", err)
	}
}

func TestUndone(t *testing.T) {
	const (
		padding    = "no-break spaces or invisible characters round it were taken off"
		width      = "full-width characters were made plain ones"
		quotes     = `a spreadsheet's =" " round it was taken off`
		apostrophe = "a spreadsheet's apostrophe before it was taken off"
		mailto     = "the word mailto before it was taken off"
	)
	for cell, want := range map[string][]string{
		"'kim@example.com":             {apostrophe},
		"'kim@example.com'":            {apostrophe},
		`="kim@example.com"`:           {quotes},
		"\u00a0kim@example.com\u200b":  {padding},
		"\ufeffkim@example.com \u200e": {padding},
		"\u202akim@example.com\u202c":  {padding},
		"mailto:kim@example.com":       {mailto},
		"MailTo: kim@example.com":      {mailto},
		"ｋｉｍ＠ｅｘａｍｐｌｅ．ｃｏｍ":              {width},
		"kim＠ＥＸＡＭＰＬＥ。com":              {width},
		"\u3000＝＂＇ｋｉｍ＠example.com＂":    {padding, width, quotes, apostrophe},
		"='":                                 nil,
		"\u200b=\"'mailto:kim@example.com\"": {padding, quotes, apostrophe, mailto},
	} {
		got, err := Parse(cell)
		if want == nil {
			if err == nil {
				t.Errorf("%q is read as %q", cell, got.Text)
			}
			continue
		}
		if err != nil || got.Text != "kim@example.com" || got.Remark != strings.Join(want, "; ") {
			t.Errorf("%q: got %+v, %v; want remark %q", cell, got, err, want)
		}
	}
}

func TestSlips(t *testing.T) {
	for want, domains := range map[string][]string{
		"gmail.com":      {"gmial.com", "gmal.com", "gmail.con", "gamil.com", "gmail.co", "gmail.cm", "gmial.con", "gmaill.com", "gmai.com", "gmil.com", "gnail.com", "gmail.comm", "mgail.com", "gmail.vom"},
		"hotmail.com":    {"hotmial.com", "hotmail.con", "hotmai.com", "hotmal.com", "hotmail.co", "homtail.com", "hotmaill.con"},
		"hotmail.fr":     {"hotmial.fr"},
		"hotmail.co.uk":  {"hotmal.co.uk"},
		"yahoo.com":      {"yaho.com", "yahooo.com", "yahoo.con", "yhaoo.com", "ayhoo.com"},
		"yahoo.co.jp":    {"yaho.co.jp"},
		"outlook.com":    {"outlok.com", "outloook.com", "outlook.om", "otulook.com"},
		"icloud.com":     {"icloud.con", "iclod.com", "icoud.com"},
		"gmx.de":         {"gmx.d"},
		"gmx.net":        {"gmx.nte", "gmx.nett"},
		"web.de":         {"web.d", "web.ed"},
		"t-online.de":    {"t-onlin.de", "tonline.de", "t-online.d", "t-onlien.de"},
		"live.com":       {"live.con"},
		"me.com":         {"me.con"},
		"freenet.de":     {"frenet.de"},
		"comcast.net":    {"comcat.net"},
		"protonmail.com": {"protonmial.com"},
		"googlemail.com": {"googelmail.com", "goglemail.com"},
		"btinternet.com": {"btinternet.con"},
		"laposte.net":    {"lapost.net"},
		"": {
			"gmail.com", "ymail.com", "mail.com", "email.com", "googlemail.com", "gmx.net", "gmx.de", "gmx.at", "gmx.ch", "gmx.co.uk", "live.nl", "live.com.au",
			"hotmail.fr", "hotmail.co.uk", "hotmail.es", "yahoo.co.jp", "yahoo.com.br", "yahoo.de", "outlook.de", "aol.com", "aol.de", "msn.com", "mac.com", "me.com",
			"icloud.com", "cloud.com", "love.com", "aim.com", "web.de", "web.dev", "web.dk", "web.id", "t-online.de", "online.de", "proton.me", "pm.me", "mail.ru", "bk.ru", "qq.com", "163.com", "126.com",
			"rocketmail.com", "fastmail.com", "fastmail.fm", "hey.com", "range.fr", "grange.fr", "orange.be", "orange.net", "gmail.de", "example.com", "contoso.example", "mail.example.com", "me.co", "wex.de", "lime.com",
			"gmx.gmx.de", "mail.gmail.com", "a.b", "a.de", "xx.com", "hmail.com",
		},
	} {
		remark := ""
		if want != "" {
			remark = "the domain looks like a slip of " + want
		}
		for _, domain := range domains {
			got, err := Parse("kim@" + domain)
			if err != nil || got.Text != "kim@"+domain || got.Remark != remark {
				t.Errorf("%s: got %+v, %v; want remark %q", domain, got, err, remark)
			}
		}
	}
	for _, p := range providers {
		if domain := p.name + "." + p.ending; slip(domain) != "" {
			t.Errorf("%s looks like a slip of %s", domain, slip(domain))
		}
	}
}

func TestNear(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"", "", false}, {"", "a", true}, {"a", "", true}, {"a", "a", false}, {"a", "b", true}, {"ab", "ba", true}, {"ab", "cd", false},
		{"abc", "ab", true}, {"abc", "bc", true}, {"abc", "ac", true}, {"abc", "a", false}, {"abc", "acb", true}, {"abc", "bca", false},
		{"abcd", "abdc", true}, {"abcd", "badc", false}, {"abcd", "abxcd", true}, {"abcd", "axcde", false}, {"aab", "ab", true},
	} {
		if near(test.a, test.b) != test.want || near(test.b, test.a) != test.want {
			t.Errorf("%q and %q: want %v", test.a, test.b, test.want)
		}
	}
}

func TestOddAddresses(t *testing.T) {
	const (
		nobodys = "it looks like a placeholder, not like the address of a person"
		inside  = "no mail from outside reaches a domain with that ending"
	)
	for text, want := range map[string]string{
		"noreply@example.com":          nobodys,
		"No-Reply@example.com":         nobodys,
		"none@none.com":                nobodys,
		"none@example.com":             nobodys,
		"test@test.com":                nobodys,
		"Test@test.de":                 nobodys,
		"n/a@example.com":              nobodys,
		"na@na.com":                    nobodys,
		"x@x.com":                      nobodys,
		"noemail@noemail.com":          nobodys,
		"unknown@gmial.com":            nobodys,
		"kim@contoso.local":            inside,
		"kim@mail.contoso.internal":    inside,
		"kim@nowhere.invalid":          inside,
		"test@example.com":             "",
		"kim@test.com":                 "",
		"na@example.com":               "",
		"a@example.com":                "",
		"muller@muller.example":        "",
		"nora.reply@example.com":       "",
		"nonex@example.com":            "",
		"info@info.example":            "",
		"kim@local.example":            "",
		"xx@x.example":                 "",
		"kim.none@unknown.example.com": "",
	} {
		got, err := Parse(text)
		if err != nil || got.Text != text || got.Remark != want {
			t.Errorf("%s: got %+v, %v; want remark %q", text, got, err, want)
		}
	}
	got, err := Parse("'kim@gmial.com")
	if want := "a spreadsheet's apostrophe before it was taken off; the domain looks like a slip of gmail.com"; err != nil || got.Remark != want {
		t.Errorf("two remarks: got %+v, %v", got, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, cell := range []string{
		"kim@example.com", "Kim.Lee+x@Example.COM", "'kim@example.com'", `="kim@example.com"`, "mailto:kim@example.com", "ｋｉｍ＠ｅｘａｍｐｌｅ．ｃｏｍ", "kim@bücher.example",
		"kim@xn--bcher-kva.example", "kim@straße.example", "kim@例え。example", "Kim <kim@example.com>", "kim@[192.0.2.1]", "\u202ekim@example.com", "\u00a0'mailto:'=\"k@a.b",
		"kim@xn--ab-m1t.example", "kim@a\u200db.example", "kim@\u05d0a.example", "k@gmial.con", "n/a@n.a", "kim@contoso.local", "\xff@\xff.\xff", "@", "#@a.b", "=@a.b",
	} {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		got, err := Parse(cell)
		if err != nil {
			var refusal *Error
			if !errors.As(err, &refusal) || refusal.Detail == "" || got != (Address{}) {
				t.Fatalf("%q: got %+v, %v", cell, got, err)
			}
			return
		}
		if local, domain, ok := plain(cell); ok {
			text, undone, _ := undo(cell)
			slowLocal, slowDomain, err := parts(text)
			if err != nil || undone != "" || slowLocal != local || slowDomain != domain {
				t.Fatalf("%q is not as plain as it looks: %v", cell, err)
			}
		}
		local, domain, found := strings.Cut(got.Text, "@")
		switch {
		case !found || strings.Contains(domain, "@") || !ascii(got.Text) || strings.ContainsAny(got.Text, " \"<>()[],;:\\"):
			t.Fatalf("%q: %q is not plain", cell, got.Text)
		case len(local) == 0 || len(local) > 64 || len(got.Text) > 254 || domain != strings.ToLower(domain):
			t.Fatalf("%q: %q is not canonical", cell, got.Text)
		case slices.ContainsFunc(strings.Split(domain, "."), func(label string) bool { return label == "" || len(label) > 63 }):
			t.Fatalf("%q: %q has an impossible label", cell, got.Text)
		case !strings.Contains(domain, "."):
			t.Fatalf("%q: %q is not complete", cell, got.Text)
		}
		again, err := Parse(got.Text)
		if err != nil || again.Text != got.Text {
			t.Fatalf("%q: %q read again: %q, %v", cell, got.Text, again.Text, err)
		}
		if again.Remark != "" && !strings.HasSuffix(got.Remark, again.Remark) {
			t.Fatalf("%q: remark %q, read again %q", cell, got.Remark, again.Remark)
		}
		if got.Text == cell && got.Remark != again.Remark {
			t.Fatalf("%q: remarks %q and %q", cell, got.Remark, again.Remark)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, bench := range []struct{ name, cell string }{
		{"plain", "kim.lee@example.com"}, {"provider", "kim.lee@gmail.com"}, {"capitals", "Kim.Lee@Example.COM"}, {"slip", "kim.lee@gmial.com"},
		{"undone", "'kim.lee@example.com"}, {"full width", "ｋｉｍ＠ｅｘａｍｐｌｅ．ｃｏｍ"}, {"IDN", "kim@bücher.example"}, {"refused", "n/a"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Parse(bench.cell)
			}
		})
	}
}
