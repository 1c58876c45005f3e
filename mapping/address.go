package mapping

import (
	"strings"
	"unicode"
)

// Lengths in octets: RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.3, the latter
// with the angle brackets of a path taken off.
const (
	maxLocal   = 64
	maxAddress = 254
	maxLabel   = 63
)

// readAddress reads a cell that must hold one plain e-mail address. It returns
// the address with its domain in lower case, or what is wrong with the cell.
func readAddress(cell string) (address, fault string) {
	for _, r := range cell {
		switch {
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return "", "a line break or another invisible character in it"
		case r > unicode.MaxASCII:
			return "", "a character outside ASCII in it, which is not taken in an address"
		}
	}
	local, domain, found := strings.Cut(cell, "@")
	switch {
	case !found:
		return "", "not an e-mail address: there is no @"
	case strings.Contains(domain, "@"), strings.ContainsAny(cell, ",;"):
		return "", "more than one address, or a comma or semicolon in it; keep one address per cell"
	case strings.ContainsAny(cell, "<>\"()"):
		return "", "a name or brackets round the address; keep the address alone"
	case strings.Contains(cell, " "):
		return "", "a space in the address"
	case local == "", domain == "":
		return "", "a part before or behind the @ is missing"
	case len(local) > maxLocal, len(cell) > maxAddress:
		return "", "too long for an e-mail address"
	}
	if !dotted(local, isLocal) {
		return "", "the part before the @ has a character or a dot where none may be"
	}
	domain = strings.ToLower(domain)
	if fault := domainFault(domain); fault != "" {
		return "", fault
	}
	return local + "@" + domain, ""
}

// dotted reports whether a text is parts with single dots between them, each
// part of the allowed characters.
func dotted(text string, allowed func(c byte) bool) bool {
	last := byte('.')
	for i := range len(text) {
		c := text[i]
		if c == '.' && last == '.' || c != '.' && !allowed(c) {
			return false
		}
		last = c
	}
	return last != '.'
}

func isLocal(c byte) bool {
	return isDomain(c) || strings.IndexByte("!#$%&'*+/=?^_`{|}~", c) >= 0
}

func isDomain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-'
}

// domainFault says what is wrong with a domain in lower case.
func domainFault(domain string) string {
	if !dotted(domain, isDomain) {
		return "the domain has a character or a dot where none may be"
	}
	last, labels := "", 0
	for label := range strings.SplitSeq(domain, ".") {
		if len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return "a part of the domain is too long or begins or ends with a hyphen"
		}
		last = label
		labels++
	}
	switch {
	case labels < 2:
		return "the domain is not complete"
	case strings.Trim(last, "0123456789") == "":
		return "the domain ends in a number"
	}
	return ""
}
