package phone

// Repair is what was undone to read a number, a bit for each kind, zero for
// nothing. Every one is certain. Spaces, dashes, dots and brackets are how
// people write numbers; to leave them out is no repair.
type Repair uint16

// The repairs.
const (
	TextMark      Repair = 1 << iota // ="..." or =+ around digits, which keep or make a text in a spreadsheet
	Apostrophe                       // before the number, which does the same
	HiddenMarks                      // no-break and other special spaces, characters without width
	ForeignDigits                    // full-width or Arabic-Indic
	LookAlikes                       // characters that look like a plus, a dash or another sign
	BracketedZero                    // the (0) of +44 (0)20, dialled only inside the country
	DialPrefix                       // an international prefix such as 00 or 011, read as the plus
	LostPrefix                       // the national prefix, a zero mostly, that the number must have had
)

var repairWords = [...]string{
	"a spreadsheet's text mark left out",
	"a leading apostrophe left out",
	"no-break spaces or invisible characters left out",
	"digits of another script read as digits",
	"look-alike characters read as what they stand for",
	"the zero in brackets left out",
	"the international prefix read as a plus",
	"the lost national prefix, a leading zero mostly, allowed for",
}

// Words says each repair in a short sentence fragment, in a fixed order, nil
// for none. No fragment holds a digit.
func (r Repair) Words() []string {
	var words []string
	for i, w := range repairWords {
		if r&(1<<i) != 0 {
			words = append(words, w)
		}
	}
	return words
}
