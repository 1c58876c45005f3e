package graphsim

import "strings"

// phoneType is Graph's authenticationPhoneType.
type phoneType uint8

const (
	mobile phoneType = iota
	alternateMobile
	office

	phoneTypes = 3
)

var phoneTypeNames = [phoneTypes]string{"mobile", "alternateMobile", "office"}

// The ids of the methods are the same for everybody in every tenant
// (learn.microsoft.com, phoneAuthenticationMethod and emailAuthenticationMethod
// resources; the password's from the sample of "List methods").
var phoneIDs = [phoneTypes]string{
	"3179e48a-750b-4051-897c-87b9720928f7",
	"b6332ec1-7057-4abe-9331-3d72feddfe41",
	"e37fc753-ff3b-4958-9484-eaa9425c82bc",
}

const (
	emailID    = "3ddfcfc8-9383-446f-83cc-3ab9be4be18f"
	passwordID = "28c10230-6103-485e-b985-444c60001490"
)

func (k phoneType) String() string { return phoneTypeNames[k] }

// parsePhoneType reads a type by its exact name.
func parsePhoneType(name string) (phoneType, bool) {
	for k, n := range phoneTypeNames {
		if n == name {
			return phoneType(k), true
		}
	}
	return 0, false
}

// phoneTypeOf gives the type a method id stands for.
func phoneTypeOf(id string) (phoneType, bool) {
	for k, known := range phoneIDs {
		if strings.EqualFold(known, id) {
			return phoneType(k), true
		}
	}
	return 0, false
}

// validPhone reports whether a number has the documented form
// "+{country code} {number}x{extension}" (learn.microsoft.com,
// phoneAuthenticationMethod resource). The space may be missing, as callers in
// production leave it out and are served. Unverified: no other space, hyphen or
// bracket; 7 to 15 digits, of which E.164 allows the most and the shortest
// numbers in use have the fewest; an extension of 1 to 10 digits, on office only.
func validPhone(number string, kind phoneType) bool {
	number, extension, extended := strings.Cut(number, "x")
	if extended && (kind != office || !digits(extension, 1, 10)) {
		return false
	}
	number, plus := strings.CutPrefix(number, "+")
	if !plus || number == "" || number[0] == '0' {
		return false
	}
	code, national, spaced := strings.Cut(number, " ")
	if !spaced {
		return digits(code, 7, 15)
	}
	return digits(code, 1, 3) && digits(national, 4, 15-len(code)) && len(code)+len(national) >= 7
}

func digits(text string, least, most int) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return len(text) >= least && len(text) <= most
}

// validEmail reports whether the text looks like one plain address. Unverified:
// ASCII only, no quoted local part, a domain of at least two labels.
func validEmail(address string) bool {
	local, domain, found := strings.Cut(address, "@")
	if !found || len(address) > 254 || len(local) > 64 || !dotted(local, "!#$%&'*+-/=?^_`{|}~") {
		return false
	}
	if !strings.Contains(domain, ".") || !dotted(domain, "-") {
		return false
	}
	for label := range strings.SplitSeq(domain, ".") {
		if len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return true
}

// dotted reports whether the text is one or more runs of letters, digits and
// the extra characters, with single dots between them.
func dotted(text, extra string) bool {
	before := byte('.')
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte(extra, c) >= 0:
		case c == '.' && before != '.':
		default:
			return false
		}
		before = c
	}
	return before != '.'
}
