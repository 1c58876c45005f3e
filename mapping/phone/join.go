package phone

import "strings"

// Parts is one phone number that is kept in several columns, as HR systems do.
// Every part but the number may be empty.
type Parts struct {
	CountryCode string // a calling code: digits, perhaps behind a plus or a double zero
	AreaCode    string // with its national prefix or without
	Number      string // what is left, or the whole number again
	Extension   string
}

// Join reads a number from its parts. The country code decides whose plan is
// asked; without one, country does, as for [Parse]. Join accepts the one number
// that the parts can be: it leaves out the national prefix of an area code only
// where the plan has that prefix, and joins nothing to a number that already
// holds it. Where the parts can be two numbers, or do not fit together, it
// refuses. The error is always an [*Error].
func Join(p Parts, country string, use Use) (Number, error) {
	c, err := readNumberPart(p.Number)
	if err != nil {
		return Number{}, err
	}
	ext, repaired, err := oneExtension(c.extension, p.Extension, use)
	if err != nil {
		return Number{}, err
	}
	code, repair, err := readCountryCode(p.CountryCode)
	if err != nil {
		return Number{}, err
	}
	repaired |= repair
	area, repair, err := readAreaCode(p.AreaCode)
	if err != nil {
		return Number{}, err
	}
	repaired |= repair
	r, err := split{code, area, c.written, homeOf(code, country)}.read()
	if err != nil {
		return Number{}, err
	}
	return r.number(ext, c.repaired|repaired, code != nil || c.written.plus), nil
}

// homeOf is the country in which the parts are dialled: the given one, unless
// it does not have the country code.
func homeOf(code *callingCode, country string) *region {
	home := numbering().regions[country]
	if code != nil && (home == nil || home.code != code) {
		return code.main()
	}
	return home
}

const disagree = "the country code, the area code and the number do not fit together; give each part once, or the whole number with a plus"

// split is a number in parts that were each read by itself.
type split struct {
	code   *callingCode // nil for none
	area   string       // a body, "" for none
	number written
	home   *region // that of code, if there is one; nil for unknown
}

func (s split) read() (reading, error) {
	switch {
	case s.number.plus:
		return s.complete()
	case s.home == nil, s.area == "" && s.code == nil:
		return read(s.number, s.home)
	case s.area == "":
		return s.withoutArea()
	}
	return s.withArea()
}

// complete reads a number that is whole by itself, and holds the other parts
// against it.
func (s split) complete() (reading, error) {
	r, err := read(s.number, s.home)
	switch {
	case err != nil:
		return reading{}, err
	case s.code != nil && s.code.digits != r.code, !s.startsWithArea(r):
		return reading{}, refuse(PartsDisagree, disagree)
	}
	return r, nil
}

func (s split) startsWithArea(r reading) bool {
	return strings.HasPrefix(r.national, bare(s.area)) || strings.HasPrefix(r.national, withoutTrunk(bare(s.area), r.region))
}

// withoutTrunk is an area code without its national prefix. No area code of the
// North American plan has one.
func withoutTrunk(area string, home *region) string {
	if home.code.digits == northAmerica {
		return area
	}
	return strings.TrimPrefix(area, home.trunk)
}

// startsWithTrunk reports whether digits begin like a national number that is
// dialled with its prefix.
func (s split) startsWithTrunk(digits string) bool {
	digits = strings.Replace(digits, zeroMark, "0", 1)
	return s.home.trunk != "" && strings.HasPrefix(digits, s.home.trunk)
}

// withoutArea reads a country code and a number, which holds its area code.
func (s split) withoutArea() (reading, error) {
	abroad, err := withPlus(s.number, s.home)
	if err != nil {
		return reading{}, err
	}
	if abroad.plus {
		s.number = abroad
		r, err := s.complete()
		r.repaired |= DialPrefix
		return r, err
	}
	r, err := s.one(s.number)
	if err != nil {
		return reading{}, err
	}
	digits := s.number.digits()
	if !s.startsWithTrunk(digits) && mayBeLocal(r) {
		return reading{}, refuse(NotPossible, "the area code may be missing; give it too, or write the number with a plus")
	}
	if whole, err := international(digits); err == nil && whole.code == r.code && !whole.same(r) {
		return reading{}, refuse(PartsDisagree, disagree)
	}
	return r, nil
}

// mayBeLocal reports whether a number without national prefix may as well be
// one that is dialled inside an area.
func mayBeLocal(r reading) bool {
	if r.region.trunk == "" || len(r.national) > maxLocal {
		return false
	}
	notation := r.region.code.main().notation().write(r.national)
	return notation == r.national || bare(notation) != r.national
}

// withArea reads an area code and a number, which may hold that code again.
func (s split) withArea() (reading, error) {
	switch area := bare(s.area); {
	case area == s.home.trunk:
		return reading{}, refuse(NotPossible, "the area code is a national prefix alone")
	case s.home.code.digits == northAmerica && strings.HasPrefix(area, northAmerica):
		return reading{}, refuse(NotPossible, "the area code begins with the country code; give each part once")
	}
	joined := written{body: s.area + " " + s.number.body}
	var r reading
	var err error
	if s.code == nil {
		r, err = read(joined, s.home)
	} else {
		r, err = s.one(joined)
	}
	again, twice := s.again()
	switch {
	case err == nil && (!twice || again.same(r)):
		return r, nil
	case err == nil, twice && again.code != s.home.code.digits, twice && !s.startsWithArea(again):
		return reading{}, refuse(PartsDisagree, disagree)
	case twice && !s.fits():
		return again, nil
	}
	return reading{}, err
}

// fits reports whether area code and number make a number behind the country
// code, though not one that is read without it, for the zero that it lacks.
func (s split) fits() bool {
	return isAbroad(s.home.code.digits + withoutTrunk(bare(s.area), s.home) + bare(s.number.body))
}

// again reads the number without the area code beside it, where it looks as if
// it were whole: behind a national or international prefix, or where it begins
// with the area code or the country code itself.
func (s split) again() (reading, bool) {
	digits := bare(s.number.body)
	area := withoutTrunk(bare(s.area), s.home)
	var r reading
	var err error
	switch code := s.home.code.digits; {
	case strings.HasPrefix(digits, "0"), s.startsWithTrunk(digits):
		if r, err = read(s.number, s.home); err != nil && s.home.trunk == "" {
			r, err = international(code + digits)
		}
	case strings.HasPrefix(digits, area):
		r, err = international(code + digits)
	case strings.HasPrefix(digits, code+area):
		r, err = international(digits)
	default:
		return reading{}, false
	}
	return r, err == nil
}

// one reads digits behind the country code in the one way the plan allows: as
// they are, or as they are dialled inside the country.
func (s split) one(w written) (reading, error) {
	if several(w, s.home) {
		return reading{}, refuse(SeveralNumbers, "it can be read as more than one number; keep one per cell")
	}
	digits := w.digits()
	direct, err := international(s.code.digits + digits)
	if err == nil && mayLackZero(direct) {
		return reading{}, refuse(Damaged, lacksZero)
	}
	if !s.startsWithTrunk(digits) {
		if err != nil && s.home.trunk == "" && isAbroad(s.code.digits+"0"+digits) {
			return reading{}, refuse(Damaged, lacksZero)
		}
		return direct, err
	}
	dialled, why := national(digits, s.home)
	switch {
	case why == nil && dialled.code != s.code.digits, err == nil && why == nil && !dialled.same(direct):
		return reading{}, refuse(PartsDisagree, disagree)
	case err == nil:
		return direct, nil
	}
	return dialled, why
}
