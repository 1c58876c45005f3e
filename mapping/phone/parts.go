package phone

import "strings"

// readNumberPart reads a cell as [Parse] does, and finds amounts that are too
// small for a whole number.
func readNumberPart(text string) (cell, error) {
	c, err := readCell(text)
	if err != nil {
		return cell{}, err
	}
	text, _ = fold(text)
	if text, _, err = undamaged(text); err != nil || isAmount(text) {
		return cell{}, refuse(Damaged, "written as an amount with decimals; format the column as text and export again")
	}
	return c, nil
}

// isAmount finds a part with the decimals of an amount: 121.0.
func isAmount(text string) bool {
	n := leadingDigits(text)
	rest := text[n:]
	return n > 0 && len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') && strings.Trim(rest[1:], "0") == ""
}

// readPart reads a column that holds digits and no whole number. It returns ""
// for an empty one.
func readPart(text string) (string, Repair, error) {
	if oversized(text) {
		return "", 0, refuse(NotPossible, "far too long for a part of a phone number")
	}
	text, folded := fold(text)
	text, unmarked, err := undamaged(text)
	switch {
	case err != nil:
		return "", 0, err
	case text == "":
		return "", folded | unmarked, nil
	case isAmount(text):
		return "", 0, refuse(Damaged, "a part written as an amount with decimals; format its column as text and export again")
	}
	number, extension, err := cutExtension(text)
	if err != nil || extension != "" {
		return "", 0, refuse(Letters, "letters are neither a country code nor an area code; write the digits that are dialled")
	}
	return number, folded | unmarked, nil
}

// readCountryCode returns nil for an empty column.
func readCountryCode(column string) (*callingCode, Repair, error) {
	text, repaired, err := readPart(column)
	if err != nil || text == "" {
		return nil, repaired, err
	}
	text = strings.Trim(text, " ()")
	digits, plus := strings.CutPrefix(text, "+")
	if !plus {
		var prefix bool
		if digits, prefix = strings.CutPrefix(text, "00"); prefix {
			repaired |= DialPrefix
		}
	}
	if !allDigits(digits) {
		return nil, 0, refuse(NotPossible, "the country code cannot be read; write the digits of one calling code")
	}
	code, rest := cutCode(digits)
	switch {
	case code == nil, rest != "":
		return nil, 0, refuse(NotPossible, "no country has its country code")
	case code.global:
		return nil, 0, refuse(NotValid, serviceNumber)
	}
	return code, repaired, nil
}

// readAreaCode returns the body of an area code, "" for none.
func readAreaCode(column string) (string, Repair, error) {
	text, repaired, err := readPart(column)
	if err != nil || text == "" {
		return "", repaired, err
	}
	// The number follows, in a column of its own.
	w, err := shape(strings.TrimRight(text, " -/."))
	switch {
	case err != nil:
		return "", 0, err
	case w.plus:
		return "", 0, refuse(NotPossible, "an area code with a plus; the country code has its own column")
	}
	return w.body, repaired, nil
}
