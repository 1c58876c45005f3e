package table

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"authseed/mapping/charset"
)

// sampleBytes is how much of a text is looked at to tell its encoding.
const sampleBytes = 1 << 20

// decode finds out in which encoding a text is, unless that is given, and gives
// it as UTF-8 without a byte order mark. A byte that is not of the encoding
// stays invalid.
func decode(r io.Reader, given charset.Encoding) (text io.Reader, found charset.Encoding, bom bool, err error) {
	sample, failed := io.ReadAll(io.LimitReader(r, sampleBytes))
	whole := failed == nil && len(sample) < sampleBytes
	if refusal := notATable(sample); refusal != nil {
		return nil, "", false, refusal
	}
	rest := r
	if failed != nil {
		rest = &interrupted{failed}
	}
	marked, mark := charset.BOM(sample)
	all := io.MultiReader(bytes.NewReader(sample[mark:]), rest)
	if given != "" {
		if marked != "" && marked != given {
			return nil, "", false, &Error{
				What: fmt.Sprintf("the file says by its first bytes that it is %s, and the mapping says %s", marked, given),
				Hint: "leave encoding out, and it is found out",
			}
		}
		return charset.NewReader(all, given), given, mark > 0, nil
	}
	guess := charset.Detect(sample, whole)
	if len(guess.Candidates) == 0 && !guess.Certain && spoiled(sample) {
		guess = charset.Guess{Encoding: charset.UTF8, Certain: true}
	}
	if !guess.Certain {
		return nil, "", false, uncertain(guess)
	}
	return guess.NewReader(all), guess.Encoding, mark > 0, nil
}

// spoiled reports whether a sample is UTF-8 with a few bytes in it that are no
// text: their rows cannot be used, and that is no reason to refuse the others.
func spoiled(sample []byte) bool {
	const few = 10 // times as many good characters
	good, bad := 0, 0
	for rest := sample; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			bad++
		case size > 1:
			good++
		}
		rest = rest[size:]
	}
	return bad*few <= good && bytes.Count(sample, []byte{0}) <= bytes.Count(sample, []byte{'\n'})+1
}

// interrupted goes on with an error that came while a sample was read.
type interrupted struct{ err error }

func (i *interrupted) Read([]byte) (int, error) { return 0, i.err }

func uncertain(guess charset.Guess) error {
	if len(guess.Candidates) == 0 {
		return &Error{What: "the file is in no encoding that is known here: " + guess.Why, Hint: exportHint}
	}
	names := make([]string, len(guess.Candidates))
	for i, e := range guess.Candidates {
		names[i] = e.String()
	}
	return &Error{
		What: fmt.Sprintf("the encoding of the file is not certain, it may be %s: %s", strings.Join(names, " or "), guess.Why),
		Hint: fmt.Sprintf("name it in a mapping file, source: {encoding: %s}; or %s", names[0], exportHint),
	}
}
