package readiness

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/mapping/authmethod"
)

// line is a report's line: what is registered, as letters.
func line(registered bool, has ...authmethod.Kind) *Registered {
	r := &Registered{Enabled: true, Registered: registered}
	for _, kind := range has {
		r.Has[kind] = true
	}
	return r
}

func (r *Registered) with(change func(*Registered)) *Registered { change(r); return r }

func admin(r *Registered) { r.Admin = true }
func app(r *Registered) {
	r.TakeOther("microsoftAuthenticatorPush")
	r.TakeOther("softwareOneTimePasscode")
}
func question(r *Registered) { r.TakeOther("securityQuestion") }
func off(r *Registered)      { r.Enabled = false }

func TestObstacles(t *testing.T) {
	const mobile, alternate, office, email = authmethod.Mobile, authmethod.AlternateMobile, authmethod.Office, authmethod.Email
	for _, test := range []struct {
		name      string
		person    Person
		require   int
		writeback Answer[bool]
		want      Obstacle
	}{
		{"capable", Person{Line: line(true, mobile)}, 0, Answer[bool]{}, ""},
		{"not in the report", Person{}, 0, Answer[bool]{}, NotInReport},
		{"not enabled goes first", Person{Line: line(false).with(off)}, 0, Answer[bool]{}, NotEnabled},
		{"nothing", Person{Line: line(false)}, 0, Answer[bool]{}, NoMethod},
		{"a key alone", Person{Line: line(false).with(func(r *Registered) { r.TakeOther("fido2") })}, 0, Answer[bool]{}, NoMethod},
		{"alternate alone", Person{Line: line(false, alternate)}, 0, Answer[bool]{}, OnlyAlternate},
		{"alternate is no second", Person{Line: line(true, mobile, alternate)}, 2, Answer[bool]{}, SecondMethod},
		{"one of two", Person{Line: line(true, email)}, 2, Answer[bool]{}, SecondMethod},
		{"two of two", Person{Line: line(false, email, office)}, 2, Answer[bool]{}, ""},
		{"an app is one", Person{Line: line(true).with(app)}, 2, Answer[bool]{}, SecondMethod},
		{"an app and a phone", Person{Line: line(true, mobile).with(app)}, 2, Answer[bool]{}, ""},
		{"an app and questions", Person{Line: line(true).with(app).with(question)}, 2, Answer[bool]{}, ""},
		{"an admin with one", Person{Line: line(false, mobile).with(admin)}, 1, Answer[bool]{}, AdminTwoGate},
		{"questions are not for admins", Person{Line: line(false, mobile).with(admin).with(question)}, 1, Answer[bool]{}, AdminTwoGate},
		{"an admin with two", Person{Line: line(true, mobile, email).with(admin)}, 1, Answer[bool]{}, ""},
		{"enough, says the count, not the report", Person{Line: line(false, mobile)}, 0, Answer[bool]{}, NotAccepted},
		{"the report is believed", Person{Line: line(true)}, 0, Answer[bool]{}, ""},
		{"no writeback", Person{Synced: true, Line: line(true, mobile)}, 0, Know(false), NoWriteback},
		{"no writeback, nor a method", Person{Synced: true, Line: line(false)}, 0, Know(false), NoMethod},
		{"writeback", Person{Synced: true, Line: line(true, mobile)}, 0, Know(true), ""},
		{"writeback unknown", Person{Synced: true, Line: line(true, mobile)}, 0, Answer[bool]{Denied: true}, ""},
		{"cloud only", Person{Line: line(true, mobile)}, 0, Know(false), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			census := Begin(Coverage{Writeback: test.writeback}, test.require, Requirement{})
			census.Add(test.person)
			c := census.Coverage()
			var got Obstacle
			if len(c.Obstacles) > 0 {
				got = c.Obstacles[0].Obstacle
			}
			if got != test.want || c.Total.Capable != one(test.want == "") || c.Total.Capable+len(c.Obstacles) != 1 {
				t.Errorf("stopped by %q, capable %d; want %q", got, c.Total.Capable, test.want)
			}
		})
	}
}

func TestRequirement(t *testing.T) {
	for _, test := range []struct {
		lines []*Registered
		want  int
	}{
		{nil, 0},
		{[]*Registered{line(false), line(true, authmethod.Mobile, authmethod.Email)}, 0},
		{[]*Registered{line(true, authmethod.Mobile)}, 1},
		{[]*Registered{line(false, authmethod.Mobile)}, 2},
		{[]*Registered{line(false, authmethod.Mobile), line(false, authmethod.Email), line(true, authmethod.Office)}, 2},
		{[]*Registered{line(false, authmethod.Mobile).with(admin)}, 0},
		{[]*Registered{line(false, authmethod.Mobile).with(off)}, 0},
	} {
		var r Requirement
		for _, l := range test.lines {
			r.Add(*l)
		}
		if got := r.Methods(); got != test.want {
			t.Errorf("%d lines suggest %d, want %d", len(test.lines), got, test.want)
		}
	}
}

// A plan moves whom it changes, and nobody else.
func TestAfterAPlan(t *testing.T) {
	add := func(kind authmethod.Kind) []Step { return []Step{{kind, true}} }
	for _, test := range []struct {
		name   string
		person Person
		before int
		after  int
	}{
		{"a first method", Person{Line: line(false), Planned: add(authmethod.Email)}, 0, 1},
		{"an alternate", Person{Line: line(false), Planned: add(authmethod.AlternateMobile)}, 0, 0},
		{"an update", Person{Line: line(true, authmethod.Email), Planned: add(authmethod.Email)}, 1, 1},
		{"a removal", Person{Line: line(true, authmethod.Email), Planned: []Step{{authmethod.Email, false}}}, 1, 0},
		{"an admin's first", Person{Line: line(false).with(admin), Planned: add(authmethod.Email)}, 0, 0},
		{"an admin's two", Person{Line: line(false).with(admin), Planned: append(add(authmethod.Email), add(authmethod.Mobile)...)}, 0, 1},
		{"not enabled", Person{Line: line(false).with(off), Planned: add(authmethod.Email)}, 0, 0},
		{"not in the report", Person{Planned: add(authmethod.Email)}, 0, 0},
		{"believed, and not moved", Person{Line: line(true)}, 1, 1},
	} {
		census := Begin(Coverage{}, 0, Requirement{})
		census.Add(test.person)
		if got := census.Coverage().Total; got.Capable != test.before || got.After.Capable != test.after {
			t.Errorf("%s: %d, then %d; want %d, then %d", test.name, got.Capable, got.After.Capable, test.before, test.after)
		}
	}
}

func TestGroups(t *testing.T) {
	census := Begin(Coverage{}, 0, Requirement{})
	for _, p := range []Person{
		{Country: "Germany", Department: " Sales "}, {Country: "Deutschland", Department: "Sales"}, {Location: "DE"},
		{Country: "Atlantis", Location: "FR"}, {}, {}, {Guest: true, Country: "FR"}, {Disabled: true, Country: "DE"},
	} {
		census.Add(p)
	}
	c := census.Coverage()
	list := func(groups []Group) string {
		var text string
		for _, g := range groups {
			text += fmt.Sprintf("%s=%d ", g.Name, g.People)
		}
		return text
	}
	got := []string{list(c.Countries), list(c.Departments), list(c.Kinds), fmt.Sprint(c.Disabled)}
	if diff := cmp.Diff([]string{"DE=3 Atlantis=1 FR=1 =2 ", "Sales=2 =5 ", "member=6 guest=1 ", "1"}, got); diff != "" {
		t.Error(diff)
	}
}

// Whoever is counted is in every breakdown once, whatever the order.
func TestCensusAddsUp(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var people []Person
		for range random.IntN(60) {
			p := Person{
				Guest: random.IntN(4) == 0, Disabled: random.IntN(5) == 0, Synced: random.IntN(2) == 0,
				Country: []string{"", "DE", "Germany", "FR"}[random.IntN(4)], Department: []string{"", "a", "b"}[random.IntN(3)],
			}
			if random.IntN(5) > 0 {
				r := Registered{Enabled: random.IntN(3) > 0, Registered: random.IntN(2) == 0, Admin: random.IntN(6) == 0, App: random.IntN(4) == 0}
				for kind := range r.Has {
					r.Has[kind] = random.IntN(3) == 0
				}
				p.Line = &r
			}
			for range random.IntN(3) {
				p.Planned = append(p.Planned, Step{authmethod.Kind(random.IntN(int(authmethod.Count))), random.IntN(3) > 0})
			}
			people = append(people, p)
		}
		about, require := Coverage{Writeback: Know(random.IntN(2) == 0)}, random.IntN(3)
		c := count(about, require, people)
		random.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
		if diff := cmp.Diff(c, count(about, require, people)); diff != "" {
			t.Fatalf("the order counts: %s", diff)
		}
		if c.Total.People+c.Disabled != len(people) {
			t.Fatalf("%d and %d disabled of %d", c.Total.People, c.Disabled, len(people))
		}
		for _, groups := range [][]Group{c.Kinds, c.Countries, c.Departments} {
			var sum Figures
			for _, g := range groups {
				sum.add(g.Figures)
			}
			if sum != c.Total {
				t.Fatalf("the groups make %+v, all are %+v", sum, c.Total)
			}
		}
		before, after := c.Total.Capable, c.Total.After.Capable
		for _, o := range c.Obstacles {
			before, after = before+o.Before, after+o.After
		}
		if before != c.Total.People || after != c.Total.People {
			t.Fatalf("capable and stopped are %d before and %d after, of %d", before, after, c.Total.People)
		}
	}
}

func count(about Coverage, require int, people []Person) *Coverage {
	census := Begin(about, require, Requirement{})
	for _, p := range people {
		census.Add(p)
	}
	return census.Coverage()
}
