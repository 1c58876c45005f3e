package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// worker is a row of the HR report.
type worker struct {
	EmployeeID string `csv:"Employee ID"`
	Worker     string `csv:"Worker"`
	FirstName  string `csv:"Legal Name - First Name"`
	LastName   string `csv:"Legal Name - Last Name"`
	WorkerType string `csv:"Worker Type"`
	Status     string `csv:"Status"`
	WorkEmail  string `csv:"Email - Primary Work"`
	HomeEmail  string `csv:"Email - Primary Home"`
	Mobile     string `csv:"Personal Mobile"`
	HomePhone  string `csv:"Home Phone"`
	WorkPhone  string `csv:"Work Phone"`
	WorkExt    string `csv:"Work Ext"`
	Country    string `csv:"Country"`
	Location   string `csv:"Location"`
	Department string `csv:"Department"`
	HireDate   string `csv:"Hire Date"`
}

// person is somebody of the organisation: the row, and what it means.
type person struct {
	row     worker
	oddity  oddity // ordinary for most
	country string // ISO code, also where the row says UK or nothing
	login   string // local part of the work address

	// What the row asks for; zero where its cell is empty or unusable.
	mobile, office number
	extension      string
	email          string
}

// country is a place people work at.
type country struct {
	iso    string
	people int
	naming naming
	cities []string
}

// headcount is the number of people in the report; the countries add up to it.
const headcount = 1000

func countries() []country {
	return []country{
		{"DE", 210, german(), list("Berlin,Frankfurt am Main,Hamburg,München")},
		{"US", 220, english(), list("Seattle,Chicago,Denver,Austin")},
		{"GB", 100, english(), list("London,Leeds")},
		{"FR", 80, french(), list("Paris,Lyon")},
		{"SE", 70, swedish(), list("Göteborg,Malmö")},
		{"CA", 60, english(), list("Toronto,Vancouver,Montréal")},
		{"NL", 40, dutch(), list("Rotterdam")},
		{"AT", 35, german(), list("Wien")},
		{"CH", 30, german(), list("Zürich,Lausanne")},
		{"PL", 30, polish(), list("Kraków")},
		{"ES", 25, spanish(), list("Madrid")},
		{"IT", 25, italian(), list("Milano")},
		{"JP", 25, japanese(), list("東京")},
		{"AU", 20, english(), list("Sydney,Melbourne")},
		{"IN", 20, indian(), list("Bengaluru")},
		{"BR", 10, brazilian(), list("São Paulo")},
	}
}

func departments() []string {
	return []string{"Sales", "Finance", "Engineering", "Operations", "People & Culture", "Legal", "Customer Care", "Research, Development"}
}

// registry keeps what must not be given out twice.
type registry struct{ taken map[string]bool }

// unique gives the text, or with the first number behind it that makes it new.
func (r *registry) unique(text string) string {
	candidate := text
	for n := 2; r.taken[candidate]; n++ {
		candidate = fmt.Sprintf("%s%d", text, n)
	}
	r.taken[candidate] = true
	return candidate
}

// newPeople invents everybody in the report with an ordinary row, in the order
// of their employee ids.
func newPeople(rng *rand.Rand, d *directory, logins, privates *registry) []*person {
	var places []country
	for _, c := range countries() {
		for range c.people {
			places = append(places, c)
		}
	}
	rng.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })

	people := make([]*person, len(places))
	id := 1040
	for i, place := range places {
		id += 1 + rng.IntN(9)
		p := newPerson(rng, place, logins)
		p.row.EmployeeID = fmt.Sprintf("%06d", id)
		p.giveContacts(rng, d, privates)
		people[i] = p
	}
	return people
}

func newPerson(rng *rand.Rand, c country, logins *registry) *person {
	first, latinFirst := split(pick(rng, c.naming.first))
	last, latinLast := split(pick(rng, c.naming.last))
	p := &person{country: c.iso, login: logins.unique(address(latinFirst + "." + latinLast))}
	p.row = worker{
		Worker:     first + " " + last,
		FirstName:  first,
		LastName:   last,
		WorkerType: "Employee",
		Status:     "Active",
		WorkEmail:  p.login + "@contoso.example",
		Country:    c.iso,
		Location:   pick(rng, c.cities),
		Department: pick(rng, departments()),
		HireDate:   time.Date(2006, 1, 1+rng.IntN(7500), 0, 0, 0, 0, time.UTC).Format(time.DateOnly),
	}
	if c.naming.familyFirst {
		p.row.Worker = last + " " + first
	}
	if c.iso == "GB" && rng.IntN(4) == 0 {
		p.row.Country = "UK"
	}
	if rng.IntN(8) == 0 {
		p.row.WorkerType = "Contingent Worker"
	}
	return p
}

// giveContacts fills the cells authseed reads. Not everybody has everything.
func (p *person) giveContacts(rng *rand.Rand, d *directory, privates *registry) {
	mix := rng.IntN(100)
	hasMobile := mix < 75
	hasOffice := mix >= 40 && mix < 68 || mix >= 88
	hasEmail := mix < 60 || mix >= 75 && mix < 96

	if hasMobile {
		p.giveMobile(d)
		switch roll := rng.IntN(100); {
		case roll < 5: // people type their mobile where the form asks for a home phone
			p.row.Mobile, p.row.HomePhone = "", p.row.Mobile
		case roll < 25:
			p.row.HomePhone = d.typedFixed(d.newFixed(p.country))
		}
	}
	if hasOffice {
		p.office = d.newFixed(p.country)
		p.row.WorkPhone = d.typedFixed(p.office)
		if rng.IntN(3) == 0 {
			p.extension = fmt.Sprint(100 + rng.IntN(4900))
			p.row.WorkExt = p.extension
		}
	}
	if hasEmail {
		p.giveEmail(rng, privates)
	}
}

func (p *person) giveMobile(d *directory) {
	p.mobile = d.newMobile(p.country)
	p.row.Mobile = d.typedMobile(p.mobile)
}

func (p *person) giveEmail(rng *rand.Rand, privates *registry) {
	name := p.login
	if rng.IntN(3) == 0 {
		name = strings.ReplaceAll(name, ".", "")
	}
	domain := pick(rng, list("example.com,example.com,example.net,example.org"))
	p.email = privates.unique(name) + "@" + domain
	p.row.HomeEmail = p.email
	if rng.IntN(20) == 0 {
		p.row.HomeEmail = strings.TrimSuffix(p.email, domain) + strings.ToUpper(domain[:1]) + domain[1:]
	}
}

// dropMobile empties both cells a mobile is read from.
func (p *person) dropMobile() {
	p.mobile = number{}
	p.row.Mobile, p.row.HomePhone = "", ""
}
