// Package phone turns what people type into a phone column into the form
// Microsoft Graph stores, or says why it does not. [Parse] reads one cell,
// [Join] a number that is kept in several columns; [Split] only cuts a cell that
// holds several.
//
// It promises to read a cell only where there is one reading. It never supplies
// a country or an area code, adds or drops a digit only where the numbering
// plan turns the national form into the international one that way, and never
// accepts a number that the plan of its country does not hold. What it returns,
// it reads again as the same, whatever the country. Where it undid something to
// read a number, a spreadsheet's mark or the zero in brackets, it says so in
// [Number.Repaired]; what cannot be undone for certain is [Damaged].
//
// It knows nothing of files, people or tenants. Texts and results are clear
// phone numbers: the caller wraps a result at once. Errors and repairs hold no
// digit at all. Every function may be called from several goroutines.
//
// The plans are libphonenumber's. They are read from the library once and kept
// as tables, each when its country is first met, which answer as the library
// does in a fraction of its time.
package phone

import "strings"

// Line is what the numbering plan says a number reaches.
type Line uint8

// The lines. In some plans, the North American one for instance, mobile and
// fixed numbers look the same: LineEither. Internet, personal and company
// numbers are LineUnknown.
const (
	LineUnknown Line = iota
	LineMobile
	LineFixed
	LineEither
)

// String names the line in words.
func (l Line) String() string {
	switch l {
	case LineMobile:
		return "mobile"
	case LineFixed:
		return "fixed line"
	case LineEither:
		return "mobile or fixed line"
	}
	return "unknown"
}

// Number is one phone number, read for certain.
type Number struct {
	// Text is "+CC NATIONAL", on an office phone perhaps with "xEXT", for
	// example "+49 3012345678x12": the form in learn.microsoft.com,
	// phoneAuthenticationMethod resource. It is a clear number.
	Text string

	Country  string // ISO 3166 alpha-2 of the country the number belongs to
	Line     Line
	Repaired Repair // what was undone to read it
	National bool   // the country it was read in decided which one it belongs to
}

// Use is what the number is for.
type Use uint8

// The uses. Only an office phone may have an extension.
const (
	Personal Use = iota // mobile and alternateMobile
	Office
)

// Problem is the kind of reason for which a cell was not read.
type Problem uint8

// The problems.
const (
	CountryUnknown Problem = iota + 1 // national, and no country is given
	NotPossible                       // no number has this shape or length
	NotValid                          // not in the country's numbering plan, or not a person's phone
	Letters                           // letters that are not an extension's
	TrunkZero                         // the national prefix follows the country code
	SeveralNumbers                    // more than one number
	Extension                         // on a personal phone, unreadable, or given twice
	Damaged                           // changed by a spreadsheet beyond certain repair
	PartsDisagree                     // the parts of a split number are no one number
)

// Error says why a cell was not read. Every error of this package is one.
type Error struct {
	Problem  Problem
	Detail   string // a sentence fragment without any digit, with what to do where there is something to do
	LostPlus bool   // of CountryUnknown: as it stands it would be a whole number but for a plus
}

// Error is the detail.
func (e *Error) Error() string { return e.Detail }

func refuse(problem Problem, detail string) error { return &Error{Problem: problem, Detail: detail} }

// Parse reads one cell. extension is what a separate column for extensions
// holds, "" for nothing; only [Office] may have one. country is what [Region]
// returned, "" where it is unknown: a number with a plus does not need it, and
// may belong to another country. The error is always an [*Error].
func Parse(text, extension, country string, use Use) (Number, error) {
	c, err := readCell(text)
	if err != nil {
		return Number{}, err
	}
	ext, repaired, err := oneExtension(c.extension, extension, use)
	if err != nil {
		return Number{}, err
	}
	r, err := read(c.written, numbering().regions[country])
	if err != nil {
		return Number{}, err
	}
	return r.number(ext, c.repaired|repaired, c.written.plus), nil
}

// number is the reading as it is stored. coded says that its country code was
// given with it.
func (r reading) number(extension string, repaired Repair, coded bool) Number {
	text := "+" + r.code + " " + r.national
	if extension != "" {
		text += "x" + extension
	}
	repaired |= r.repaired
	return Number{text, r.region.id, r.line, repaired, !coded && repaired&DialPrefix == 0}
}

// oneExtension brings together what follows the number in its own cell and
// what a column of its own holds.
func oneExtension(inCell, column string, use Use) (string, Repair, error) {
	own, repaired, err := readExtension(column)
	switch {
	case err != nil:
		return "", 0, err
	case inCell == "" && own == "":
		return "", 0, nil
	case use != Office:
		return "", 0, refuse(Extension, "only an office phone can have an extension")
	case inCell != "" && own != "":
		return "", 0, refuse(Extension, "the extension is given twice, after the number and in its own column; keep one")
	}
	return inCell + own, repaired, nil
}

// Region reads a cell that holds a country: an ISO 3166 alpha-2 code in any
// letter case, and UK for the United Kingdom. It returns the code in upper
// case, and false for anything else.
func Region(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if len(text) != 2 {
		return "", false
	}
	code := strings.ToUpper(text)
	if code == "UK" {
		code = "GB"
	}
	if numbering().regions[code] == nil {
		return "", false
	}
	return code, true
}
