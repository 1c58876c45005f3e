package table

import (
	"regexp"
	"strings"
	"unicode"
)

// summaryLine is why the last row of a report is left aside.
const summaryLine = "a summary line below the table"

// read takes the next row from the source. Whether a row that looks like a
// summary line is one shows only when nothing follows it.
func (r *Reader) read() (Row, bool) {
	row, ok := r.fetch()
	if !ok || !(row.Err != nil && row.Aside != "" || row.Cells != nil && closesTable(row.Cells, len(row.Cells))) {
		return row, ok
	}
	row.Aside = ""
	if next, more := r.fetch(); more {
		r.held = append(r.held, next)
	} else if r.source.err() == nil {
		row = Row{Line: row.Line, Aside: summaryLine}
	}
	return row, true
}

func (r *Reader) fetch() (Row, bool) {
	if len(r.held) > 0 {
		row := r.held[0]
		r.held = r.held[:0]
		return row, true
	}
	return r.source.row()
}

// The words a summary line begins with. Those that are also names of people
// or of their accounts count only with a number or a decoration.
var (
	totalWords = regexp.MustCompile(`^(?:(?:grand|sub|overall|general|end)[ -]?)?` +
		`(?:totals?|totale|totaal|totalt|totalsumme|summe|gesamt|gesamtsumme|gesamtzahl|gesamtanzahl|insgesamt|итого|всего|合計|总计|合计|총계)` +
		`(?:$|[ :=(].*)`)
	countWords = regexp.MustCompile(`^(?:count|sum|rows?|records?|lines?|entries|employees|number|` +
		`anzahl|zeilen|datensätze|einträge|mitarbeiter|` +
		`somme|nombre|lignes?|enregistrements|suma|filas|registros|recuento|somma|righe|soma|linhas|` +
		`aantal|rijen|regels|antal|rader|rækker|summa|razem|liczba|wiersze)` +
		`(?: (?:of|in|de|di|der|av|total|count|rows|records|lines|employees|workers|users|people|` +
		`file|report|affected|exported|selected|returned|zeilen|datensätze|mitarbeiter|lignes|filas|righe))*` +
		`\s*[:=]?\s*(\d[\d.,' ]*)?$`)
	countedWords = regexp.MustCompile(`^\d[\d.,' ]* (?:rows?|records?|lines?|entries|employees|workers|users|people|` +
		`zeilen?|datensätze|einträge|mitarbeiter|lignes?|enregistrements|filas|registros|righe|linhas|rijen|regels|rader|rækker|wierszy)` +
		`(?:$| .*)`)
	endWords = regexp.MustCompile(`^(?:eof|(?:end|ende|fin|fine|fim|einde|slut|koniec)(?: of| the| der| des| du| de| la| del| do| van| het| av)* ` +
		`(?:report|file|data|list|export|table|output|document|berichts?|datei|liste|tabelle|exports|` +
		`rapport|fichier|informe|archivo|lista|rapporto|elenco|relatório|arquivo|bestand|lijst)(?:$|[ :,-].*))$`)
	bareEnds = regexp.MustCompile(`^(?:end|ende|fin|fine|fim|einde|slut|koniec)$`)
)

// closesTable reports whether cells that stand last in a table of so many
// columns are for certain no person but the line that sums the table up. A row
// that fills its columns is a person whatever it is called.
func closesTable(cells []string, columns int) bool {
	filled, first := 0, 0
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		if filled++; filled == 1 {
			first = i
		}
		if filled > 2 && len(cells) >= columns {
			return false
		}
	}
	if filled == 0 || filled >= columns {
		return false
	}
	var others []string
	for _, cell := range cells[first+1:] {
		if reaches(cell) {
			return false
		}
		if cell != "" {
			others = append(others, cell)
		}
	}
	return sumsUp(cells[first], others)
}

// reaches reports whether a cell may hold an address or a phone number.
func reaches(cell string) bool {
	digits := 0
	for _, r := range cell {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return strings.HasPrefix(cell, "+") || strings.ContainsRune(cell, '@') || digits > 6
}

// sumsUp reports whether a cell begins a summary line.
func sumsUp(first string, others []string) bool {
	if len(first) > 200 || strings.ContainsRune(first, '@') {
		return false
	}
	text := strings.ToLower(strings.Join(strings.Fields(first), " "))
	bare := strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	decorated := !strings.HasPrefix(text, bare) && !strings.HasSuffix(text, bare)
	switch {
	case totalWords.MatchString(bare), countedWords.MatchString(bare), endWords.MatchString(bare):
		return true
	case bareEnds.MatchString(bare):
		return decorated
	}
	m := countWords.FindStringSubmatch(bare)
	if m == nil {
		return false
	}
	if len(others) == 0 {
		return decorated || m[1] != "" || strings.HasSuffix(text, ":")
	}
	return len(others) == 1 && number(others[0])
}

func number(cell string) bool {
	return strings.Trim(cell, "0123456789., ") == "" && strings.ContainsAny(cell, "0123456789")
}
