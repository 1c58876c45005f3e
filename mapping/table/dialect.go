package table

import (
	"bytes"
	"fmt"
	"slices"
)

// sampleRecords is how many records are looked at before the dialect of a text
// is settled.
const sampleRecords = 40

var delimiters = []byte{',', ';', '\t', '|'}

func delimiterName(delim byte) string {
	switch delim {
	case ',':
		return "a comma"
	case ';':
		return "a semicolon"
	case '\t':
		return "a tab"
	case '|':
		return "a pipe"
	}
	return fmt.Sprintf("a %q", delim)
}

// outline is one record of a sample.
type outline struct {
	at, size int  // in the window
	broken   bool // then size is that of its first line, and nothing else is known
	cells    int
	filled   int // cells up to the last that is not empty
	named    int // cells that are not empty
	quoted   int // of these, cells in quotes
}

// sample outlines the records a window begins with, blank lines left out.
type sample struct {
	dialect
	window  []byte
	final   bool // nothing follows the window
	records []outline
	whole   bool // the records are all there are
}

func sampleOf(window []byte, d dialect, final bool) sample {
	s := sample{dialect: d, window: window, final: final}
	var spans []span
	at := 0
	for at < len(window) && len(s.records) < sampleRecords {
		var rec record
		if rec, spans = scan(window[at:], d, final, maxColumns, spans[:0]); rec.short {
			return s
		}
		o := outline{at: at, size: rec.size, broken: rec.broken != "", cells: rec.cells, filled: rec.filled}
		if o.broken {
			o.size = lineSize(window[at:])
		}
		for _, cell := range spans {
			if cell.to > cell.from {
				o.named++
				if cell.quoted {
					o.quoted++
				}
			}
		}
		if len(bytes.TrimSpace(window[at:at+o.size])) > 0 {
			s.records = append(s.records, o)
		}
		at += o.size
	}
	s.whole = final && at == len(window)
	return s
}

// texts gives the cells of one of the records.
func (s *sample) texts(o outline) []string {
	rec, spans := scan(s.window[o.at:], s.dialect, s.final, maxColumns, nil)
	return texts(s.window[o.at:o.at+rec.size], s.quote, spans, nil)
}

// agreement counts the records that fit under the record at header and those
// that do not, and gives the width of those that do. Broken records say
// nothing.
func (s *sample) agreement(header int) (agreeing, others, width int) {
	h := s.records[header]
	for _, rec := range s.records[header+1:] {
		switch {
		case rec.broken:
		case h.over(rec):
			agreeing++
			width = max(width, rec.filled)
		default:
			others++
		}
	}
	return agreeing, others, width
}

// over reports whether a record can stand under a header.
func (o outline) over(rec outline) bool {
	return !o.broken && !rec.broken && rec.filled <= o.cells && rec.cells >= o.filled
}

// settle finds what is not known of the dialect, and where in the window the
// header begins; with titles false it begins where the window does.
//
// The delimiter is the one by which the records agree best with the first.
// Each record that agrees counts as many times as it has delimiters, so that a
// comma inside a name does not win over nine semicolons. Only if the first
// record heads no table by any delimiter are records above the header looked
// for.
func settle(window []byte, final bool, known dialect, titles bool) (dialect, int) {
	candidates := delimiters
	if known.delim != 0 {
		candidates = []byte{known.delim}
	}
	if known.quote == 0 {
		known.quote = quoteOf(window, final, candidates)
	}
	best, most := dialect{candidates[0], known.quote}, 0
	samples := make([]sample, len(candidates))
	for i, delim := range candidates {
		s := sampleOf(window, dialect{delim, known.quote}, final)
		samples[i] = s
		if len(s.records) == 0 || s.records[0].broken {
			continue
		}
		agreeing, _, _ := s.agreement(0)
		if score := (1 + agreeing) * (s.records[0].cells - 1); score > most {
			best, most = s.dialect, score
		}
		titles = titles && !s.headed()
	}
	if !titles {
		return best, 0
	}
	at := 0
	most = 0
	for _, s := range samples {
		if header, score := s.headerBelowTitles(); score > most {
			best, most, at = s.dialect, score, s.records[header].at
		}
	}
	return best, at
}

// headed reports whether the first record heads the table.
func (s *sample) headed() bool {
	agreeing, others, width := s.agreement(0)
	h := s.records[0]
	switch {
	case h.named < 2:
		return false
	case agreeing == 0:
		return others == 0
	}
	return h.over(s.records[1]) && agreeing >= 9*others && h.named*3 > width
}

// quoteOf tells ' from ". An apostrophe opens many a text that nothing closes:
// Excel's mark of a text is one, so are names such as 't Hooft. It is a quote
// only if it stands on both sides of every name in the header, or of nearly
// all cells below, or if delimiters inside it are all that keeps the records
// from the width of the header.
func quoteOf(window []byte, final bool, candidates []byte) byte {
	if bytes.IndexByte(window, '\'') < 0 {
		return '"'
	}
	for _, delim := range candidates {
		s := sampleOf(window, dialect{delim, '\''}, final)
		if s.quotes() {
			return '\''
		}
		if plain := sampleOf(window, dialect{delim, '"'}, final); s.mends(&plain) {
			return '\''
		}
	}
	return '"'
}

func (s *sample) quotes() bool {
	if len(s.records) == 0 || s.records[0].broken {
		return false
	}
	broken, rows, cells, quoted := 0, 0, 0, 0
	for _, rec := range s.records[1:] {
		switch {
		case rec.broken:
			broken++
		case rec.named > 1:
			rows, cells, quoted = rows+1, cells+rec.named, quoted+rec.quoted
		}
	}
	h := s.records[0]
	switch {
	case broken*10 > len(s.records):
		return false
	case h.named > 1 && h.quoted == h.named:
		return true
	}
	return rows > 1 && quoted >= 8 && quoted*10 >= cells*9
}

// mends reports whether every record has exactly the width of the header, and
// not without the quotes, at least twice.
func (s *sample) mends(plain *sample) bool {
	if len(s.records) < 3 || s.records[0].cells < 3 {
		return false
	}
	mended := 0
	for _, rec := range s.records {
		if rec.broken || rec.cells != s.records[0].cells {
			return false
		}
		if rec.quoted == 0 {
			continue
		}
		other := slices.IndexFunc(plain.records, func(o outline) bool { return o.at == rec.at })
		if other >= 0 && !plain.records[other].broken && plain.records[other].cells > rec.cells {
			mended++
		}
	}
	return mended >= 2
}

// lineSize is the number of bytes up to the end of a physical line, line end
// included.
func lineSize(window []byte) int {
	i := bytes.IndexAny(window, "\r\n")
	switch {
	case i < 0:
		return len(window)
	case window[i] == '\r' && i+1 < len(window) && window[i+1] == '\n':
		return i + 2
	}
	return i + 1
}
