package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// plan is what the samples need of a country's numbering plan.
type plan struct {
	code  string // country calling code
	trunk string // what is dialled before a national number, and left out after the code

	// Blocks of national numbers without the trunk; each # is any digit.
	mobile, fixed []string

	// The ways people type a number. # takes one digit, * the rest; a form
	// that starts with + or 00 takes them without the trunk.
	mobileForms, fixedForms []string

	// stored is how the service might space the number behind the code.
	stored string
}

// Reserved for fiction: DE by Bundesnetzagentur, GB by Ofcom, FR fixed lines by
// ARCEP, SE by PTS, AU by ACMA, US and CA 555-0100 to 555-0199 by NANPA.
// The mobile ranges of Ofcom (07700 900000) and ARCEP (06 39 98 00 00) are not
// valid numbers to libphonenumber, so they serve as an oddity only. Where no
// range is reserved or valid, a block holds libphonenumber's own example number.
var plans = map[string]plan{
	"DE": {"49", "0", []string{"17139200##", "176040690##"}, []string{"3023125###", "6990009###", "4066969###", "8999998###"},
		[]string{"#### *", "#### *", "####/*", "####-*", "*", "#### ### ## *", "+49 ### *", "+49*", "0049 ### *"},
		[]string{"### *", "### ##### *", "(###) *", "###/*", "+49 ## *"}, "### *"},
	"US": {"1", "", area("206,212,312,415,512,617,303,404,702,503"), area("213,305,602,713,215"),
		[]string{"(###) ###-####", "(###) ###-####", "###-###-####", "###.###.####", "### ### ####", "+1 ### ### ####", "1-###-###-####"},
		[]string{"(###) ###-####", "###-###-####", "+1 (###) ###-####"}, "### ### ####"},
	"CA": {"1", "", area("416,604,514"), area("613,403"),
		[]string{"(###) ###-####", "###-###-####", "### ###-####", "+1 ###-###-####"},
		[]string{"(###) ###-####", "###.###.####"}, "### ### ####"},
	"GB": {"44", "0", []string{"7400123###"}, []string{"2079460###"},
		[]string{"##### ######", "##### ### ###", "*", "#####-######", "+44 #### ######", "+44*"},
		[]string{"### #### ####", "#### ### ####", "(###) #### ####", "+44 ## #### ####"}, "#### ######"},
	"FR": {"33", "0", []string{"6123456##"}, []string{"199000###", "465710###", "536490###"},
		[]string{"## ## ## ## ##", "## ## ## ## ##", "##.##.##.##.##", "##-##-##-##-##", "*", "+33 # ## ## ## ##", "0033 # ## ## ## ##"},
		[]string{"## ## ## ## ##", "##.##.##.##.##", "+33 # ## ## ## ##"}, "# ## ## ## ##"},
	"SE": {"46", "0", []string{"70174061#", "70174062#", "70174063#", "70174064#", "70174065#", "70174066#", "70174067#", "70174068#", "70174069#"}, []string{"3139006##", "4062804##"},
		[]string{"###-### ## ##", "### ### ## ##", "###-*", "+46 ## ### ## ##", "+46*"},
		[]string{"###-### ## ##", "###-*", "+46 ## ### ## ##"}, "## ### ## ##"},
	"AU": {"61", "0", list("491570006,491570156,491570157,491570158,491570159,491570110,491570313,491570737,491571266,491571491,491571804,491572549,491572665,491572983,491573770,491573087,491574118,491574632,491575254,491575789,491576398,491576801,491577426,491577644,491578957,491578148"), []string{"255500###", "370100###"},
		[]string{"#### ### ###", "####-###-###", "*", "+61 ### ### ###"},
		[]string{"(##) #### ####", "## #### ####"}, "### ### ###"},
	"NL": {"31", "0", []string{"6123456##"}, []string{"1012345##"},
		[]string{"##-########", "## ## ## ## ##", "## ########", "+31 # ########", "+31*"},
		[]string{"###-#######", "+31 ## ### ####"}, "# ########"},
	"CH": {"41", "0", []string{"7812345##"}, []string{"2123456##"},
		[]string{"### ### ## ##", "### *", "###/### ## ##", "+41 ## ### ## ##"},
		[]string{"### ### ## ##", "+41 ## ### ## ##"}, "## ### ## ##"},
	"AT": {"43", "0", []string{"6641234##"}, []string{"12345678##"},
		[]string{"#### *", "####/*", "####-*", "+43 ### *", "0043 ### *"},
		[]string{"## *", "+43 # *"}, "### *"},
	"ES": {"34", "", []string{"6123456##"}, []string{"8101234##"},
		[]string{"### ### ###", "### ## ## ##", "*", "+34 ### ### ###"},
		[]string{"### ### ###"}, "### ### ###"},
	"IT": {"39", "", []string{"31234567##"}, []string{"02123456##"},
		[]string{"### #######", "###-#######", "### ### ####", "+39 ### #######"},
		[]string{"## ########", "+39 ## ########"}, "### #######"},
	"PL": {"48", "", []string{"5123456##"}, []string{"1234567##"},
		[]string{"### ### ###", "###-###-###", "*", "+48 ### ### ###"},
		[]string{"## ### ## ##", "+48 ## ### ## ##"}, "### ### ###"},
	"JP": {"81", "0", []string{"90123456##"}, []string{"3123456##"},
		[]string{"###-####-####", "*", "+81 ## #### ####", "+81-##-####-####"},
		[]string{"##-####-####"}, "## #### ####"},
	"IN": {"91", "0", []string{"81234567##"}, []string{"74104101##"},
		[]string{"##### ######", "+91 ##### #####", "+91-##########"},
		[]string{"##### ######"}, "##### #####"},
	"BR": {"55", "", []string{"119612345##"}, []string{"11234567##"},
		[]string{"(##) #####-####", "## ##### ####", "+55 ## #####-####"},
		[]string{"(##) ####-####"}, "## ##### ####"},
}

// area gives the block for fiction of each North American area code.
func area(codes string) []string {
	blocks := list(codes)
	for i, code := range blocks {
		blocks[i] = code + "55501##"
	}
	return blocks
}

// number is a phone number of a country's plan.
type number struct {
	country  string // key of plans
	national string // without the trunk
}

func (n number) isZero() bool { return n.national == "" }

// canonical is the form authseed writes.
func (n number) canonical() string { return "+" + plans[n.country].code + " " + n.national }

// spaced is the same number with the spaces the service might put into it.
func (n number) spaced() string {
	p := plans[n.country]
	return "+" + p.code + " " + fill(p.stored, n.national)
}

// typed is the number as somebody typed it in the given form.
func (n number) typed(form string) string {
	if strings.HasPrefix(form, "+") || strings.HasPrefix(form, "00") {
		return fill(form, n.national)
	}
	return fill(form, plans[n.country].trunk+n.national)
}

func fill(form, digits string) string {
	var b strings.Builder
	for _, r := range form {
		switch {
		case r == '*':
			b.WriteString(digits)
			digits = ""
		case r == '#' && digits != "":
			b.WriteByte(digits[0])
			digits = digits[1:]
		case r != '#':
			b.WriteRune(r)
		}
	}
	b.WriteString(digits)
	return b.String()
}

// directory hands out numbers, each of them once.
type directory struct {
	rng           *rand.Rand
	mobile, fixed map[string][]string
	err           error // the first block that ran dry
}

func newDirectory(rng *rand.Rand) *directory {
	d := &directory{rng: rng, mobile: map[string][]string{}, fixed: map[string][]string{}}
	for _, country := range countries() {
		p := plans[country.iso]
		d.mobile[country.iso] = d.shuffled(p.mobile)
		d.fixed[country.iso] = d.shuffled(p.fixed)
	}
	return d
}

func (d *directory) shuffled(blocks []string) []string {
	var numbers []string
	for _, block := range blocks {
		numbers = append(numbers, expand(block)...)
	}
	d.rng.Shuffle(len(numbers), func(i, j int) { numbers[i], numbers[j] = numbers[j], numbers[i] })
	return numbers
}

func expand(block string) []string {
	prefix, open, found := strings.Cut(block, "#")
	if !found {
		return []string{block}
	}
	var numbers []string
	for digit := range 10 {
		numbers = append(numbers, expand(fmt.Sprintf("%s%d%s", prefix, digit, open))...)
	}
	return numbers
}

func (d *directory) draw(from map[string][]string, country string) number {
	left := from[country]
	if len(left) == 0 {
		d.err = fmt.Errorf("no numbers left in %s", country)
		return number{country: country}
	}
	from[country] = left[1:]
	return number{country, left[0]}
}

func (d *directory) newMobile(country string) number { return d.draw(d.mobile, country) }
func (d *directory) newFixed(country string) number  { return d.draw(d.fixed, country) }

// typedMobile writes a mobile in one of its country's ways.
func (d *directory) typedMobile(n number) string {
	return n.typed(pick(d.rng, plans[n.country].mobileForms))
}

// typedNationally writes a mobile in one of the ways that need the country.
func (d *directory) typedNationally(n number) string {
	forms := slices.DeleteFunc(slices.Clone(plans[n.country].mobileForms), func(form string) bool {
		return strings.HasPrefix(form, "+") || strings.HasPrefix(form, "00")
	})
	return n.typed(pick(d.rng, forms))
}

func (d *directory) typedFixed(n number) string {
	return n.typed(pick(d.rng, plans[n.country].fixedForms))
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }
