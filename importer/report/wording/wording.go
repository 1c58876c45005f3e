// Package wording is the catalogue of what the review page and the Markdown view
// say: one file per language, every text in each.
//
// It promises that a text is there in every language or in none, which its test
// holds, and that numbers and plurals are those of the language, by
// golang.org/x/text. It never reads the environment: who calls hands the locale
// in. The fixed words of the program (hazards, reasons, methods) stay as they
// are in every language, because a person types them; here is what they mean.
// A further language is one more file and one more line in [languages].
package wording

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

// text is one entry: other alone, or a plural that its first argument decides.
type text struct{ one, other string }

var languages = []struct {
	tag   language.Tag
	name  string // BCP 47, as --lang takes it
	texts map[string]text
}{
	{language.English, "en", english},
	{language.Korean, "ko", korean},
}

// Words says things in one language.
type Words struct {
	lang    string
	texts   map[string]text
	printer *message.Printer
}

// Languages lists what [In] knows; the first is for those who speak no other.
func Languages() []string {
	var names []string
	for _, l := range languages {
		names = append(names, l.name)
	}
	return names
}

// In gives the words of the language with this name.
func In(name string) (*Words, bool) {
	i := slices.Index(Languages(), name)
	if i < 0 {
		return nil, false
	}
	l := languages[i]
	c := catalog.NewBuilder(catalog.Fallback(l.tag))
	for key, t := range l.texts {
		message := catalog.Message(catalog.String(t.other))
		if t.one != "" {
			message = plural.Selectf(1, "%d", plural.One, t.one, plural.Other, t.other)
		}
		if err := c.Set(l.tag, key, message); err != nil {
			panic("wording: " + key + ": " + err.Error())
		}
	}
	return &Words{l.name, l.texts, message.NewPrinter(l.tag, message.Catalog(c))}, true
}

// Near names the language that fits a locale such as ko_KR.UTF-8, and the first
// of [Languages] where none does.
func Near(locale string) string {
	name, _, _ := strings.Cut(locale, ".")
	tag, err := language.Parse(strings.ReplaceAll(name, "_", "-"))
	if err != nil {
		return languages[0].name
	}
	base, _ := tag.Base()
	if i := slices.Index(Languages(), base.String()); i >= 0 {
		return languages[i].name
	}
	return languages[0].name
}

// Lang is the language's name, as HTML's lang attribute takes it.
func (w *Words) Lang() string { return w.lang }

// Say gives the text with the arguments in their places.
func (w *Words) Say(key string, args ...any) string { return w.printer.Sprintf(key, args...) }

// Number writes a number with the language's separators.
func (w *Words) Number(n int) string { return w.printer.Sprintf("%d", n) }

// Moment writes a time, which x/text does not: the order of ISO 8601 is read in
// every language.
func (w *Words) Moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// Meaning says what a fixed word means: of is its list, such as "hazard", and
// otherwise what it means where the catalogue does not know it.
func (w *Words) Meaning(of, word, otherwise string) string {
	if _, ok := w.texts[of+"."+word]; ok {
		return w.Say(of + "." + word)
	}
	return otherwise
}
