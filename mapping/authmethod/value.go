package authmethod

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Value is what a method holds: a phone number "+CC NATIONAL", on an office
// phone perhaps with "xEXT", or an e-mail address with its domain in lower
// case. The zero Value is "nothing registered".
//
// A Value read from the tenant is kept as the tenant wrote it, so that what is
// put back by a rollback is what was there; [Value.Equal] compares on meaning.
type Value struct{ text string }

// ValueOf wraps a text that is canonical already or that Graph stores.
func ValueOf(text string) Value { return Value{text} }

// IsZero reports whether there is no value.
func (v Value) IsZero() bool { return v.text == "" }

// Reveal gives the clear text. It is the one way there: a search for its
// callers is the list of places where personal data leaves the program or is
// stored.
func (v Value) Reveal() string { return v.text }

// Equal compares what two values mean: neither the spacing and punctuation of
// a number nor the letter case of an address counts, because Graph gives
// numbers back spaced its own way.
func (v Value) Equal(other Value) bool { return v.Folded() == other.Folded() }

// Folded is the text two equal values share. It is a clear value: use it as a
// map key, never to show or store.
func (v Value) Folded() string {
	if strings.Contains(v.text, "@") {
		return strings.ToLower(strings.TrimSpace(v.text))
	}
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '-', '.', '(', ')', '/':
			return -1
		case 'X':
			return 'x'
		}
		return r
	}, v.text)
}

// Masked reports whether the text was already masked by the service, as it is
// for a signed-in Authentication Administrator (learn.microsoft.com, "List
// phoneMethods"). Such a value cannot be compared.
func (v Value) Masked() bool { return strings.ContainsAny(v.text, "*•") }

// String masks: a phone keeps its country code and its last two digits, an
// address its first letter and its domain.
func (v Value) String() string {
	switch {
	case v.text == "":
		return ""
	case strings.Contains(v.text, "@"):
		return maskAddress(v.text)
	default:
		return maskPhone(v.text)
	}
}

func maskAddress(text string) string {
	at := strings.LastIndexByte(text, '@')
	first := ""
	for _, r := range text[:at] {
		first = string(r)
		break
	}
	return first + "***" + text[at:]
}

func maskPhone(text string) string {
	number, extension, _ := strings.Cut(text, "x")
	code, national, spaced := strings.Cut(number, " ")
	const longest = len("+999") // no country code has more digits (ITU-T E.164)
	if !spaced || !strings.HasPrefix(code, "+") || len(code) > longest {
		// Nobody can say where the country code ends.
		code, national = "+", number
	} else {
		code += " "
	}
	digits := make([]byte, 0, len(national))
	for i := range len(national) {
		if c := national[i]; c >= '0' && c <= '9' {
			digits = append(digits, c)
		}
	}
	masked := code + "*** **"
	if len(digits) > 4 {
		masked += string(digits[len(digits)-2:])
	} else {
		masked += "**"
	}
	if extension != "" {
		masked += "x**"
	}
	return masked
}

// Format masks under every verb and flag, %#v and %x included.
func (v Value) Format(f fmt.State, verb rune) {
	text := v.String()
	if verb == 'q' {
		text = fmt.Sprintf("%q", text)
	}
	_, _ = io.WriteString(f, text)
}

// LogValue masks in structured logs.
func (v Value) LogValue() slog.Value { return slog.StringValue(v.String()) }

// MarshalText masks in every encoding that honours it, JSON included. A
// document that has to keep the clear text says so by calling Reveal.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText always fails: what MarshalText wrote is a mask, and reading a
// mask as a value would register it.
func (v *Value) UnmarshalText([]byte) error {
	return errors.New("a masked value cannot be read back")
}

// Set is what one person has registered, indexed by [Kind].
type Set [Count]Value

// Wish is what a row asks of one method. The zero Wish asks nothing: an empty
// cell is never a removal.
type Wish struct {
	Value Value
	Clear bool // the row says <clear>
	Fixed bool // the number is known to be a fixed line

	// For the review; they are no part of what is asked.
	Line        int           // physical line of the row that asks
	Country     string        // ISO 3166 alpha-2 of the country the number belongs to
	CountryFrom CountrySource // how a number was known to belong to it
	Department  string        // of the row, as it says it; only to sort a review by
	Remark      string        // what was undone in the cell, or looks odd in it; never the value
}

// CountrySource says where the country of a number comes from.
type CountrySource string

// The sources of a country.
const (
	CountryOfNumber  CountrySource = "number"        // written with its country code
	CountryOfRow     CountrySource = "row"           // the row's country
	CountryOfPerson  CountrySource = "usageLocation" // the person's, in the tenant
	CountryOfMapping CountrySource = "default"       // the mapping's default
)

// IsZero reports whether nothing is asked.
func (w Wish) IsZero() bool { return w.Value.IsZero() && !w.Clear }

// Equal reports whether two wishes ask the same.
func (w Wish) Equal(other Wish) bool {
	return w.Clear == other.Clear && w.Value.Equal(other.Value)
}

// Wishes is what a row asks of one person, indexed by [Kind].
type Wishes [Count]Wish

// IsZero reports whether nothing is asked of any method.
func (w Wishes) IsZero() bool {
	for _, wish := range w {
		if !wish.IsZero() {
			return false
		}
	}
	return true
}
