// Package address turns what stands in an e-mail column into one plain address,
// or says why it does not.
//
// It promises to undo only what is certain, such as a spreadsheet's leading
// apostrophe, and to say that it did. It never changes a letter of the local
// part, never corrects a domain that looks mistyped, and never picks one of two
// addresses. What it returns is ASCII, and it reads that again as the same.
//
// It knows nothing of files, people or tenants, and asks no name server.
// Results are clear addresses: the caller wraps them at once. Errors and remarks
// hold nothing of the cell. Every function may be called from several
// goroutines.
package address

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Address is one e-mail address, read for certain.
type Address struct {
	// Text is the local part as it was written and the domain in lower case, in
	// the form that name servers know (RFC 5890, A-labels). It is a clear address.
	Text string

	// Remark says what was undone and what looks odd, in sentence fragments with
	// semicolons between; mostly empty. It holds nothing of the cell, at most the
	// name of a large mail provider.
	Remark string
}

// Error says why a cell was not read. Every error of this package is one.
type Error struct {
	Damaged bool   // changed by a spreadsheet or a wrong encoding, rather than written so
	Detail  string // a sentence fragment without anything of the cell
}

// Error is the detail.
func (e *Error) Error() string { return e.Detail }

func refuse(detail string) error { return &Error{Detail: detail} }

func damaged(detail string) error { return &Error{Damaged: true, Detail: detail} }

// Lengths in octets: RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.3, the latter
// with the angle brackets of a path taken off, and RFC 1035, section 2.3.4.
const (
	maxLocal   = 64
	maxAddress = 254
	maxLabel   = 63
)

// maxCell bounds the work on one cell, in bytes: no address is longer, not even
// in characters of four bytes and with what can be undone round it.
const maxCell = 4*maxAddress + 64

// Parse reads a cell that must hold one plain e-mail address. The error is
// always an [*Error].
func Parse(cell string) (Address, error) {
	if len(cell) > maxCell {
		return Address{}, refuse(tooLong)
	}
	local, domain, ok := plain(cell)
	if ok {
		return finish(local, domain, "")
	}
	text, undone, err := undo(cell)
	if err != nil {
		return Address{}, err
	}
	if local, domain, err = parts(text); err != nil {
		return Address{}, err
	}
	return finish(local, domain, undone)
}

// plain takes apart what most cells hold: an address of which nothing is to be
// undone, and with nothing in it that [parts] would refuse.
func plain(cell string) (local, domain string, ok bool) {
	if cell == "" || cell[0] == '\'' || cell[0] == '=' {
		return "", "", false
	}
	local, domain, _ = strings.Cut(cell, "@")
	return local, domain, local != "" && len(local) <= maxLocal && domain != "" && dotted(local, inLocal) && dotted(domain, inDomain)
}

// finish checks the domain of an address and puts its parts together.
func finish(local, domain, undone string) (Address, error) {
	if strings.Contains(local, "***") {
		// Allowed by RFC 5322 all the same; nobody's, and a view's mask for certain.
		return Address{}, refuse("a masked address, as a view shows it; take the file with the clear ones")
	}
	domain, err := canonical(domain)
	if err != nil {
		return Address{}, err
	}
	if len(local)+1+len(domain) > maxAddress {
		return Address{}, refuse(tooLong)
	}
	return Address{Text: local + "@" + domain, Remark: joined(undone, note(local, domain))}, nil
}

const tooLong = "too long for an e-mail address"

// parts takes an address apart and checks its local part.
func parts(text string) (local, domain string, err error) {
	if err := invisible(text); err != nil {
		return "", "", err
	}
	local, domain, found := strings.Cut(text, "@")
	switch {
	case strings.HasPrefix(text, "="):
		return "", "", damaged("a formula, not an address; format the column as text and export again")
	case !found && strings.HasPrefix(text, "#"):
		return "", "", damaged("a spreadsheet shows hash marks or an error here in place of the address; export again")
	case !found:
		return "", "", refuse("not an e-mail address: there is no @")
	case strings.Contains(domain, "@"), strings.ContainsAny(text, ",;"):
		return "", "", refuse("more than one address, or a comma or semicolon in it; keep one address per cell")
	case strings.ContainsAny(text, "<>\"()"):
		return "", "", refuse("a name or brackets round the address; keep the address alone")
	case strings.Contains(text, " "):
		return "", "", refuse("a space in the address")
	case local == "", domain == "":
		return "", "", refuse("a part before or behind the @ is missing")
	case !ascii(local):
		return "", "", refuse("a letter outside ASCII before the @, which is not taken")
	case len(local) > maxLocal:
		return "", "", refuse(tooLong)
	case local[0] == '\'', !dotted(local, inLocal):
		return "", "", refuse("the part before the @ has a character or a dot where none may be")
	}
	return local, domain, nil
}

// invisible refuses what nobody can see in an address, and what was lost.
func invisible(text string) error {
	for _, r := range text {
		switch {
		case r == utf8.RuneError:
			return damaged("a character was lost to a wrong encoding")
		case r < utf8.RuneSelf && r >= ' ' && r != 0x7f:
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			return refuse("a line break or another invisible character in it")
		case unicode.Is(unicode.Zs, r):
			return refuse("a space in the address")
		}
	}
	return nil
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Where a character may stand.
const (
	inDomain = 1 << iota
	inLocal
)

// places says of every byte where it may stand: RFC 5322, section 3.2.3, and RFC
// 1123, section 2.1.
var places = func() (places [256]uint8) {
	for c := range places {
		switch c := byte(c); {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-':
			places[c] = inDomain | inLocal
		case strings.IndexByte("!#$%&'*+/=?^_`{|}~", c) >= 0:
			places[c] = inLocal
		}
	}
	return places
}()

// dotted reports whether a text is parts with single dots between them, each
// part of characters that may stand in a place.
func dotted(text string, place uint8) bool {
	last := byte('.')
	for i := range len(text) {
		c := text[i]
		if c == '.' && last == '.' || c != '.' && places[c]&place == 0 {
			return false
		}
		last = c
	}
	return last != '.'
}

// joined brings remarks together.
func joined(remarks ...string) string {
	all := ""
	for _, remark := range remarks {
		if all != "" && remark != "" {
			all += "; "
		}
		all += remark
	}
	return all
}
