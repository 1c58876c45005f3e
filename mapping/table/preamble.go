package table

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
)

// maxTitles is how many records may stand above the header.
const maxTitles = 20

// separator gives the delimiter that Excel's own first line, such as sep=;
// names; 0 if the line is no such one.
func separator(line []byte) byte {
	const key = "sep="
	line = bytes.Trim(line, ` "`)
	if len(line) <= len(key) || !strings.EqualFold(string(line[:len(key)]), key) {
		return 0
	}
	d := line[len(key)]
	if d != '\t' && !solid(d) || unicode.IsLetter(rune(d)) || unicode.IsDigit(rune(d)) || d == '\'' {
		return 0
	}
	if len(bytes.Trim(line[len(key):], string(d))) > 0 {
		return 0
	}
	return d
}

// overheads are first lines that are never a header: the type line of
// PowerShell's Export-Csv, and the version of Entra's bulk templates, to which
// a spreadsheet may have added delimiters.
var overheads = []*regexp.Regexp{
	regexp.MustCompile("^\"?#TYPE [\\w.+`]+(\\[\\[.*|[\\s,;|\"]*)$"),
	regexp.MustCompile(`^"?(?i:version) ?: ?v\d+(\.\d+)*[\s,;|"]*$`),
}

// overhead reports whether a line is for certain neither header nor data.
func overhead(line []byte) bool {
	for _, pattern := range overheads {
		if pattern.Match(line) {
			return true
		}
	}
	return separator(line) != 0
}

// headerBelowTitles finds the header below records that are titles. The score
// is 0 when there is none for certain.
func (s *sample) headerBelowTitles() (header, score int) {
	for i := 1; i < len(s.records) && i <= maxTitles; i++ {
		if s.records[i-1].broken {
			break
		}
		if s.headsBelow(i) {
			agreeing, _, _ := s.agreement(i)
			return i, (1 + agreeing) * (s.records[i].cells - 1)
		}
	}
	return 0, 0
}

// headsBelow reports whether a record is the header for certain, and all above
// it titles. When it is not certain the first record stays the header: a title
// taken for the header is refused later, a person taken for it is lost.
func (s *sample) headsBelow(header int) bool {
	h, last := s.records[header], s.records[len(s.records)-1]
	agreeing, others, width := s.agreement(header)
	if agreeing == 0 || width < 3 || h.named < width {
		return false
	}
	summary := others == 1 && s.whole && !last.broken && !h.over(last)
	if others*4 > agreeing && !summary {
		return false
	}
	for _, above := range s.records[:header] {
		if above.named > max(1, width/3) || s.headsOtherwise(above, width) {
			return false
		}
	}
	return s.namesColumns(header)
}

// headsOtherwise reports whether a record might be the header of a table of
// that width, its names between other delimiters than the cells below.
func (s *sample) headsOtherwise(o outline, width int) bool {
	for _, delim := range delimiters {
		between := bytes.Count(s.window[o.at:o.at+o.size], []byte{delim})
		if delim != s.delim && between > 1 && 3*(between+1) >= 2*width {
			return true
		}
	}
	return false
}

// namesColumns reports whether a record reads like the names of the columns
// below it.
func (s *sample) namesColumns(header int) bool {
	h := s.records[header]
	var below [][]string
	for _, rec := range s.records[header+1:] {
		if h.over(rec) {
			below = append(below, s.texts(rec))
		} else {
			below = append(below, nil)
		}
	}
	return namesColumns(s.texts(h), below)
}

// namesColumns reports whether none of the names looks like data, by itself or
// because it occurs again in its column. Rows that say nothing are nil.
func namesColumns(names []string, below [][]string) bool {
	for _, name := range names {
		if likeData(name) || !strings.ContainsFunc(name, unicode.IsLetter) && strings.ContainsFunc(name, unicode.IsDigit) {
			return false
		}
	}
	named := named(names)
	for i, cells := range below {
		if i == 0 && sameNames(names, cells) > 2 {
			continue // labels
		}
		again := 0
		for i, cell := range cells {
			if i < len(names) && cell != "" && strings.EqualFold(cell, names[i]) {
				again++
			}
		}
		// Some reports repeat the whole header on every page.
		if again > 0 && again < named {
			return false
		}
	}
	return true
}

// named counts the cells that are not empty.
func named(cells []string) int {
	n := 0
	for _, cell := range cells {
		if cell != "" {
			n++
		}
	}
	return n
}

// likeData reports whether a cell looks like an address or a number, as no name
// of a column does.
func likeData(cell string) bool {
	run, digits := 0, 0
	for _, r := range cell {
		switch {
		case r == '@':
			return true
		case unicode.IsDigit(r):
			run++
			digits++
			if run == 5 || digits == 7 {
				return true
			}
		default:
			run = 0
		}
	}
	return false
}
