package samples

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// numbering is where [Crowd] takes one country's numbers from: the first digits
// of libphonenumber's example numbers, which a counter of five digits follows.
type numbering struct{ country, code, trunk, mobile, office string }

var numberings = []numbering{
	{"DE", "49", "0", "151234", "30123"},
	{"GB", "44", "0", "74001", "12123"},
	{"FR", "33", "0", "6123", "1234"},
	{"NL", "31", "0", "6123", "1012"},
	{"CH", "41", "0", "7812", "2123"},
	{"AT", "43", "0", "6641", "12345"},
	{"IT", "39", "", "31234", "02123"},
	{"PL", "48", "", "5123", "1234"},
	{"JP", "81", "0", "90123", "3123"},
	{"BR", "55", "", "119612", "11234"},
}

// counters is how many numbers stand behind the same first digits.
const counters = 100_000

// MostRows is how many rows [Crowd] knows without a number in two of them.
var MostRows = counters * len(numberings)

// crowdNames make addresses as long as those of people.
var crowdNames = [...]string{
	"ada.birchwood", "bram.vandenberg", "chiara.fontana", "dilan.yilmaz", "esra.lindqvist", "femi.okafor",
	"greta.holm", "hugo.marchand", "ines.ferreira", "jonas.aldridge", "kaori.minami", "lena.zawadzka", "mateo.ruiz",
}

// Crowd writes a large export in authseed's own columns: rows people in ten
// countries, each with an address and two numbers of their own, written in
// several ways. The rows are the same ones every time, and every value in them
// can be registered. It is for measuring: beside an example number is not kept
// for fiction, so nothing of it may reach a tenant.
func Crowd(w io.Writer, rows int) error {
	if rows < 0 || rows > MostRows {
		return fmt.Errorf("a crowd has 0 to %d rows", MostRows)
	}
	out := bufio.NewWriterSize(w, 64<<10)
	_, _ = out.WriteString("userPrincipalName,mobile,office,email,country\n")
	for i := range rows {
		n, count := numberings[i%len(numberings)], i/len(numberings)
		name := crowdNames[i%len(crowdNames)]
		_, _ = fmt.Fprintf(out, "%s%d@contoso.example,%s,%s,%s.%d@example.com,%s\n",
			name, i, n.written(n.mobile, count, i/7), n.written(n.office, count, i/3), name, i, n.country)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing a crowd: %w", err)
	}
	return nil
}

// written gives the number in one of the ways people write it.
func (n numbering) written(start string, count, way int) string {
	digits := fmt.Sprintf("%s%05d", start, count)
	switch way % 4 {
	case 0:
		return "+" + n.code + " " + digits
	case 1:
		return n.trunk + digits
	case 2:
		return strings.Join([]string{n.trunk + digits[:3], digits[3:6], digits[6:]}, " ")
	}
	return n.trunk + digits[:3] + "-" + digits[3:]
}
